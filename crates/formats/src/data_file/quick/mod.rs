//! The quick way through SDMX-CSV: lines of observations that are like the ones before them are read from their bytes, and
//! what differs in them alone is looked at. Whatever is in any way doubtful is read as every row is elsewhere, so that what
//! is wrong with it is found and said there alone.

mod cells;
mod crew;
mod lines;
mod plan;
mod stretches;
#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    num::NonZero,
    sync::Arc,
    thread::{self, Scope},
};

use crate::{
    csv::Block,
    issue::Issues,
    sdmx::{
        csv::{self, Reader},
        message::Source,
    },
};

use super::take::Taker;
use crew::{Crew, Pending};
use lines::{Lines, Parsed, Work};
use plan::Plan;

/// How lines are handed out.
#[derive(Debug, Clone, Copy)]
struct Share {
    /// How many bytes of them at once.
    bytes: usize,
    /// How many threads read them, beside the one that hands out and takes.
    threads: usize,
}

impl Share {
    /// For the machine that this is; more threads would wait for the one that takes.
    fn of_machine() -> Self {
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            bytes: 1 << 19,
            threads: if processors > 1 { processors.min(4) } else { 0 },
        }
    }
}

/// Reads a message in SDMX-CSV.
pub(super) fn read(source: &dyn Source, taker: &mut Taker<'_>, issues: &mut Issues) {
    if taker.remembers() {
        // What remembers each key is not made for many.
        return csv::read(source, taker, issues);
    }
    read_in(source, Share::of_machine(), taker, issues);
}

fn read_in(source: &dyn Source, share: Share, taker: &mut Taker<'_>, issues: &mut Issues) {
    let Some(reader) = Reader::open(source, taker, issues) else {
        return;
    };
    thread::scope(|scope| {
        let mut reading = Reading {
            reader,
            taker,
            issues,
            lines: None,
            share,
            crew: None,
            pending: VecDeque::new(),
        };
        while reading.step(scope) {}
        reading.reader.finish(reading.issues);
    });
}

struct Reading<'a, 's, 't> {
    reader: Reader<'s>,
    taker: &'a mut Taker<'t>,
    issues: &'a mut Issues,
    /// What reads lines here, and the plan of all who do, as far as one could be made.
    lines: Option<Lines>,
    share: Share,
    crew: Option<Crew>,
    /// What was handed out, in the order of the file.
    pending: VecDeque<Pending>,
}

impl Reading<'_, '_, '_> {
    /// Hands lines out, and takes what the first of them came to; `false` where reading ends.
    fn step<'scope>(&mut self, scope: &'scope Scope<'scope, '_>) -> bool {
        while let Some(plan) = self.plan()
            && self.pending.len() <= 2 * self.share.threads
            && let Some(block) = self.reader.block(self.share.bytes)
        {
            let is_small = block.end - block.start < self.share.bytes / 8;
            let work = Work::all(block, plan);
            if is_small && self.pending.is_empty() {
                return self.here(work);
            }
            let threads = self.share.threads;
            let crew = self.crew.get_or_insert_with(|| Crew::new(scope, threads));
            match crew.hand_out(work) {
                Ok(pending) => self.pending.push_back(pending),
                // Nobody takes it: there are no threads to be had.
                Err(work) => return self.here(work),
            }
        }
        if let Some(pending) = self.pending.pop_front() {
            // A thread that is gone has panicked, and the scope does so, too.
            return pending.recv().is_ok_and(|parsed| self.join(&parsed));
        }
        match self.reader.block(self.share.bytes) {
            Some(block) => self.block(block),
            None => self.reader.row(self.taker, self.issues),
        }
    }

    /// The plan of the lines that follow; `None` where there is none of their structure.
    fn plan(&self) -> Option<Arc<Plan>> {
        let plan = &self.lines.as_ref()?.plan;
        (plan.structures == self.reader.structures()).then(|| Arc::clone(plan))
    }

    /// Reads lines here, the first of them in the slow way, and makes a plan of it; `false` where one cannot be read, and
    /// reading ends.
    fn block(&mut self, block: Block) -> bool {
        let (mut at, mut number) = (block.start, block.line);
        if self.plan().is_none() {
            let Some(line) = block.line(at, number) else {
                return true;
            };
            self.taker.forget_last();
            if !self.reader.line(line, self.taker, self.issues) {
                return false;
            }
            (at, number) = (at + line.bytes.len(), number.saturating_add(1));
            let plan = Plan::of(line, &self.reader, self.taker);
            self.lines = plan.map(|plan| Lines::new(Arc::new(plan)));
        }
        match self.plan() {
            Some(plan) => self.here(Work {
                block,
                at,
                number,
                plan,
            }),
            None => self.rest(&block, at, number),
        }
    }

    /// Reads lines here.
    fn here(&mut self, work: Work) -> bool {
        match &mut self.lines {
            Some(lines) => {
                let parsed = lines.read(work);
                self.join(&parsed)
            }
            None => self.rest(&work.block, work.at, work.number),
        }
    }

    /// Reads all lines from a place on in the slow way.
    fn rest(&mut self, block: &Block, mut at: usize, mut number: u32) -> bool {
        while let Some(line) = block.line(at, number) {
            if !self.reader.line(line, self.taker, self.issues) {
                return false;
            }
            (at, number) = (at + line.bytes.len(), number.saturating_add(1));
        }
        true
    }

    /// Hands on what was read of lines, and reads the doubtful ones among them, in the order of the file.
    fn join(&mut self, parsed: &Parsed) -> bool {
        let Work {
            block,
            plan,
            at,
            number,
        } = &parsed.work;
        // Where lines before them were of another structure, that they are of this one has to be said anew.
        if plan.structures != self.reader.structures() {
            return self.rest(block, *at, *number);
        }
        let mut rows = parsed.rows.as_slice();
        for doubtful in &parsed.doubtful {
            let (before, after) = rows.split_at(doubtful.rows.min(rows.len()));
            self.taker.hand_on(before, &parsed.codes);
            rows = after;
            let Some(line) = block.line(doubtful.at, doubtful.line) else {
                continue;
            };
            if !self.reader.line(line, self.taker, self.issues) {
                return false;
            }
            if plan.structures != self.reader.structures() {
                let at = doubtful.at + line.bytes.len();
                return self.rest(block, at, doubtful.line.saturating_add(1));
            }
        }
        self.taker.hand_on(rows, &parsed.codes);
        true
    }
}
