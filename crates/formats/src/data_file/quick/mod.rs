//! The quick way through SDMX-CSV: lines of observations that are like the ones before them are read from their bytes, and
//! what differs in them alone is looked at. Whatever is in any way doubtful is read as every row is elsewhere, so that what
//! is wrong with it is found and said there alone.

mod cells;
mod lines;
mod plan;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::{
    csv::Block,
    issue::Issues,
    sdmx::{
        csv::{self, Reader},
        message::Source,
    },
};

use super::take::Taker;
use lines::{Lines, Parsed};
use plan::Plan;

/// How many bytes of lines are handed out at once.
const AT_ONCE: usize = 1 << 20;

/// Reads a message in SDMX-CSV.
pub(super) fn read(source: &dyn Source, taker: &mut Taker<'_>, issues: &mut Issues) {
    if taker.remembers() {
        // What remembers each key is not made for many.
        return csv::read(source, taker, issues);
    }
    read_in(source, AT_ONCE, taker, issues);
}

fn read_in(source: &dyn Source, at_once: usize, taker: &mut Taker<'_>, issues: &mut Issues) {
    let Some(reader) = Reader::open(source, taker, issues) else {
        return;
    };
    let mut reading = Reading {
        reader,
        taker,
        issues,
        lines: None,
    };
    loop {
        let is_read = match reading.reader.block(at_once) {
            Some(block) => reading.block(block),
            None => reading.reader.row(reading.taker, reading.issues),
        };
        if !is_read {
            break;
        }
    }
    reading.reader.finish(reading.issues);
}

struct Reading<'a, 's, 't> {
    reader: Reader<'s>,
    taker: &'a mut Taker<'t>,
    issues: &'a mut Issues,
    /// What reads lines, as far as a plan could be made.
    lines: Option<Lines>,
}

impl Reading<'_, '_, '_> {
    /// Reads lines; `false` where one of them cannot be read, and reading ends.
    fn block(&mut self, block: Block) -> bool {
        let (mut at, mut line) = (block.start, block.line);
        if !self.is_planned() {
            match self.slowly(&block, &mut at, &mut line) {
                Some(lines) => self.lines = lines,
                None => return false,
            }
        }
        match &mut self.lines {
            Some(lines) => {
                let parsed = lines.read(block, at, line);
                self.join(&parsed)
            }
            None => self.rest(&block, at, line),
        }
    }

    /// Whether lines are of the structure that their plan is of.
    fn is_planned(&self) -> bool {
        let is_of = |lines: &Lines| lines.plan.structures == self.reader.structures();
        self.lines.as_ref().is_some_and(is_of)
    }

    /// Reads a line in the slow way, and makes a plan of it where that can be done; `None` where reading ends.
    fn slowly(&mut self, block: &Block, at: &mut usize, number: &mut u32) -> Option<Option<Lines>> {
        let Some(line) = block.line(*at, *number) else {
            return Some(None);
        };
        self.taker.forget_last();
        if !self.reader.line(line, self.taker, self.issues) {
            return None;
        }
        (*at, *number) = (*at + line.bytes.len(), number.saturating_add(1));
        let plan = Plan::of(line, &self.reader, self.taker);
        Some(plan.map(|plan| Lines::new(Arc::new(plan))))
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
        let mut rows = parsed.rows.iter();
        for doubtful in &parsed.doubtful {
            for row in rows.by_ref().take(doubtful.rows) {
                self.taker.hand_on(row.observation(&parsed.codes), row.line);
            }
            let Some(line) = parsed.block.line(doubtful.at, doubtful.line) else {
                continue;
            };
            if !self.reader.line(line, self.taker, self.issues) {
                return false;
            }
            if parsed.plan.structures != self.reader.structures() {
                // Lines behind it may be of the structure that the plan is of: that has to be said anew.
                let (at, number) = (
                    doubtful.at + line.bytes.len(),
                    doubtful.line.saturating_add(1),
                );
                return self.rest(&parsed.block, at, number);
            }
        }
        for row in rows {
            self.taker.hand_on(row.observation(&parsed.codes), row.line);
        }
        true
    }
}
