//! Sorting observations in bounded memory, however many there are: runs of rows are sorted in memory, put into the
//! temporary folder, and merged. What fits into one run stays in memory.

mod bytes;
mod merge;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc};

use regtrade_model::{FigureKey, Observation, Period, SliceObservations, Span};

use crate::{
    LakeError,
    scratch::TemporaryFolder,
    slices::{Counter, Slices},
};
use merge::{Merge, Run, Sorted};

/// Rows that are sorted in memory at once: some twenty megabytes.
const ROWS_PER_RUN: usize = 1 << 18;

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
    /// The first 1,000 of them, by period and key.
    pub first: Vec<Duplicate>,
}

/// Takes observations in any order, and gives the slices that they are.
#[derive(Debug)]
pub struct SpoolWriter {
    folder: TemporaryFolder,
    rows_per_run: usize,
    run: Run,
    sorted: Sorted,
    rows: u64,
}

impl SpoolWriter {
    /// An empty one. Where there are more observations than are sorted in memory at once, they go to the folder.
    #[must_use]
    pub fn new(folder: TemporaryFolder) -> Self {
        Self {
            folder,
            rows_per_run: ROWS_PER_RUN,
            run: Run::default(),
            sorted: Sorted::default(),
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
        self.run.push(&Spooled { observation, place });
        self.rows += 1;
        if self.rows.is_multiple_of(ROWS_PER_WORD) {
            tracing::info!(rows = self.rows, "observations read");
        }
        Ok(())
    }

    fn spill(&mut self) -> Result<(), LakeError> {
        self.run.sort();
        let folder = &self.folder;
        let scratch = &mut self.sorted.scratch;
        let scratch = scratch.get_or_insert_with(|| folder.scratch(0));
        let run = self.run.spill(scratch).map_err(LakeError::Temporary)?;
        self.sorted.spilled.push(run);
        Ok(())
    }

    /// The slices of all that was taken, each counted and with its digest.
    ///
    /// # Errors
    /// Where the temporary folder cannot be read.
    pub fn finish(mut self) -> Result<Slices, LakeError> {
        self.run.sort();
        self.sorted.last = self.run;
        let sorted = Arc::new(self.sorted);
        let (mut summaries, mut duplicates) = (BTreeMap::new(), Duplicates::default());
        let mut open: Option<(Spooled, Counter)> = None;
        let mut close = |period: Period, counter: Counter| -> Option<SliceObservations> {
            summaries.insert(period, counter.finish())
        };
        for (row, number) in Merge::of(&sorted).zip(1u64..) {
            let row = row?;
            let period = row.observation.key.period.last();
            let mut counter = match open.take() {
                Some((last, counter)) if last.observation.key.period.last() == period => {
                    if last.observation.key == row.observation.key {
                        duplicates.add(&last, &row);
                    }
                    counter
                }
                Some((last, counter)) => {
                    close(last.observation.key.period.last(), counter);
                    Counter::default()
                }
                None => Counter::default(),
            };
            counter.count(&row.observation);
            open = Some((row, counter));
            if number.is_multiple_of(ROWS_PER_WORD) {
                tracing::info!(rows = number, of = self.rows, "observations sorted");
            }
        }
        if let Some((last, counter)) = open {
            close(last.observation.key.period.last(), counter);
        }
        Ok(Slices::sorted(Rows(sorted), summaries, duplicates))
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

/// Rows that are sorted by period and key, as often as they are asked for. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows(Arc<Sorted>);

impl Rows {
    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Result<Spooled, LakeError>> + use<> {
        Merge::of(&self.0)
    }
}
