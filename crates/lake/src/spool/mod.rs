//! Sorting observations in bounded memory, however many there are: runs of rows are sorted in memory, put into the
//! temporary folder, and merged. What fits into one run stays in memory.

mod ahead;
mod codes;
mod merge;
mod run;
#[cfg(test)]
mod tests;

use std::{ops::Range, sync::Arc};

use regtrade_model::{FigureKey, Observation, Span};

use crate::{
    LakeError,
    scratch::{Scratch, TemporaryFolder},
    slices::{Counters, Slices},
};
use ahead::Ahead;
pub(crate) use codes::{Attributes, PARTS, part};
use codes::{Codes, Parts, ranks};
use merge::{Sorted, Unpacking, final_ranks};
use run::{Order, Packed, Run};

/// Rows that are sorted in memory at once: some twenty megabytes, and half of that to sort them.
const ROWS_PER_RUN: usize = 1 << 19;

/// Duplicates that are told in full.
const MOST_DUPLICATES: usize = 1_000;

/// After how many rows a long work says how far it is.
pub(crate) const ROWS_PER_WORD: u64 = 1_000_000;

/// Where an observation was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Place {
    /// The number of the file.
    pub file: u32,
    /// The line in it.
    pub line: u32,
}

/// An observation, and where it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spooled {
    /// Which.
    pub observation: Observation,
    /// Where.
    pub place: Place,
}

/// An observation whose key was handed in before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The key.
    pub key: FigureKey,
    /// Where it was read first.
    pub first: Place,
    /// Where it was read again.
    pub again: Place,
}

/// The observations whose key was handed in before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Duplicates {
    /// How many there are.
    pub count: u64,
    /// The first 1,000 of them, by year and key.
    pub first: Vec<Duplicate>,
}

/// Takes observations in any order, and gives the slices that they are.
#[derive(Debug)]
pub struct SpoolWriter {
    folder: TemporaryFolder,
    rows_per_run: usize,
    codes: Codes,
    run: Run,
    scratch: Option<Scratch>,
    spilled: Vec<(Range<u64>, Order)>,
    rows: u64,
}

impl SpoolWriter {
    /// An empty one. Where there are more observations than are sorted in memory at once, they go to the folder.
    #[must_use]
    pub fn new(folder: TemporaryFolder) -> Self {
        Self {
            folder,
            rows_per_run: ROWS_PER_RUN,
            codes: Codes::default(),
            run: Run::default(),
            scratch: None,
            spilled: vec![],
            rows: 0,
        }
    }

    /// Takes one observation more.
    ///
    /// # Errors
    /// Where it is not of one period, or the temporary folder takes no more.
    pub fn push(&mut self, observation: Observation, place: Place) -> Result<(), LakeError> {
        if observation.key.period != Span::at(observation.key.period.last()) {
            let why = format!("{} is not of one period", observation.key);
            return Err(LakeError::Contradictory(why));
        }
        if self.run.len() >= self.rows_per_run {
            self.spill()?;
        }
        self.run.push(&observation, place, &mut self.codes)?;
        self.rows += 1;
        if self.rows.is_multiple_of(ROWS_PER_WORD) {
            tracing::info!(rows = self.rows, "observations read");
        }
        Ok(())
    }

    fn spill(&mut self) -> Result<(), LakeError> {
        let order = self.run.sort(&self.codes);
        let folder = &self.folder;
        let scratch = self.scratch.get_or_insert_with(|| folder.scratch(0));
        match self.run.spill(scratch) {
            Ok(range) => {
                self.spilled.push((range, order));
                Ok(())
            }
            Err(error) => {
                // The rows are still here, as if they had not been sorted.
                self.run.renumber(&order);
                Err(LakeError::Temporary(error))
            }
        }
    }

    /// The slices of all that was taken, each counted and with its digest.
    ///
    /// # Errors
    /// Where the temporary folder cannot be read.
    pub fn finish(mut self) -> Result<Slices, LakeError> {
        let order = self.run.sort(&self.codes);
        let last = self.codes.in_order().map(|order| ranks(&order));
        let spilled = self.spilled.into_iter();
        let sorted = Arc::new(Sorted {
            scratch: self.scratch,
            spilled: spilled
                .map(|(range, order)| (range, final_ranks(&order, &last)))
                .collect(),
            last: (self.run, final_ranks(&order, &last)),
            vocabulary: self.codes.finish(),
        });
        let (mut counters, mut duplicates) = (Counters::default(), Duplicates::default());
        let unpacking = Unpacking::of(&sorted);
        let vocabulary = &sorted.vocabulary;
        let damaged = || LakeError::Damaged("a row of the temporary folder".to_owned());
        let mut last: Option<Packed> = None;
        for (row, number) in Ahead::of(&sorted).zip(1u64..) {
            let row = row?;
            let parts = Parts::of(row.key).ok_or_else(damaged)?;
            if let Some(last) = last.filter(|last| last.key == row.key) {
                duplicates.add(&unpacking.row(&last)?, &unpacking.row(&row)?);
            }
            let value = vocabulary.attributes.get(row.attributes as usize);
            let value = value.ok_or_else(damaged)?;
            let key = vocabulary.texts(&parts).ok_or_else(damaged)?;
            let counter = counters.of(parts.period().ok_or_else(damaged)?);
            counter.add(key, value.has_value.then_some(row.value), value);
            last = Some(row);
            if number.is_multiple_of(ROWS_PER_WORD) {
                tracing::info!(rows = number, of = self.rows, "observations sorted");
            }
        }
        Ok(Slices::sorted(Rows(sorted), counters.finish(), duplicates))
    }
}

impl Duplicates {
    fn add(&mut self, before: &Spooled, row: &Spooled) {
        self.count += 1;
        if self.first.len() < MOST_DUPLICATES {
            let key = row.observation.key.clone();
            // Of three and more, each is told with the one that came first.
            let first = match self.first.last() {
                Some(last) if last.key == key => last.first,
                _ => before.place,
            };
            let again = row.place;
            self.first.push(Duplicate { key, first, again });
        }
    }
}

/// Rows that are sorted by year and key, as often as they are asked for. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows(Arc<Sorted>);

impl Rows {
    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Result<Spooled, LakeError>> + use<> {
        let unpacking = Unpacking::of(&self.0);
        Ahead::of(&self.0).map(move |row| unpacking.row(&row?))
    }
}
