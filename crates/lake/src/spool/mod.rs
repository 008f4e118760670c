//! Sorting observations in bounded memory, however many there are: runs of rows are sorted in memory, put into the
//! temporary folder, and merged. What fits into one run stays in memory.

mod ahead;
mod codes;
mod counting;
mod group;
mod key;
mod merge;
mod run;
mod sorting;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use regtrade_model::{Code, CodedObservation, FigureKey, Observation, Span};

use crate::{LakeError, scratch::TemporaryFolder, slices::Slices};
use ahead::Ahead;
use codes::{Codes, Numbers, ranks};
use merge::{Sorted, Spilled, final_ranks};
use run::Run;
use sorting::Sorting;

pub(crate) use codes::{Attributes, Vocabulary, damaged};
pub(crate) use group::{Columns, Group};
pub(crate) use key::{PARTS, PackedKey, part, period};
pub(crate) use run::Packed;

/// Rows that are sorted in memory at once: some twenty megabytes, half of that to sort them, and as much again to fill in the
/// meantime.
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
    rows_per_run: usize,
    codes: Codes,
    run: Run,
    sorting: Sorting,
    rows: u64,
}

impl SpoolWriter {
    /// An empty one. Where there are more observations than are sorted in memory at once, they go to the folder.
    #[must_use]
    pub fn new(folder: TemporaryFolder) -> Self {
        Self {
            rows_per_run: ROWS_PER_RUN,
            codes: Codes::default(),
            run: Run::default(),
            sorting: Sorting::new(folder),
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
        self.pushed(1);
        Ok(())
    }

    /// Takes observations of a file, each with its line, whose codes are places in a list.
    ///
    /// # Errors
    /// As [`Self::push`]; and where a place is none of the list.
    pub fn push_together(
        &mut self,
        file: u32,
        rows: &[(u32, CodedObservation)],
        codes: &[Code],
    ) -> Result<(), LakeError> {
        let mut numbers = Numbers::of(codes);
        for (line, row) in rows {
            if self.run.len() >= self.rows_per_run {
                self.spill()?;
            }
            let place = Place { file, line: *line };
            let packed = Packed::of_coded(row, place, &mut numbers, &mut self.codes)?;
            self.run.rows.push(packed);
        }
        self.pushed(rows.len() as u64);
        Ok(())
    }

    fn pushed(&mut self, rows: u64) {
        let before = self.rows;
        self.rows += rows;
        if before / ROWS_PER_WORD != self.rows / ROWS_PER_WORD {
            tracing::info!(rows = self.rows, "observations read");
        }
    }

    fn spill(&mut self) -> Result<(), LakeError> {
        let spilled = self.sorting.spill(&mut self.run, &self.codes);
        spilled.map_err(LakeError::Temporary)
    }

    /// The slices of all that was taken, each counted and with its digest.
    ///
    /// # Errors
    /// Where the temporary folder cannot be read.
    pub fn finish(mut self) -> Result<Slices, LakeError> {
        let spilled = self.sorting.finish(&mut self.run);
        let (scratch, spilled) = spilled.map_err(LakeError::Temporary)?;
        let last = self.codes.in_order().map(|order| ranks(&order));
        self.run.sort(&last);
        let years = self.run.years();
        let sorted = Arc::new(Sorted {
            scratch,
            spilled: spilled
                .into_iter()
                .map(|(begin, years, order)| Spilled {
                    begin,
                    years,
                    ranks: final_ranks(&order, &last),
                })
                .collect(),
            last: (self.run, years),
            vocabulary: Arc::new(self.codes.finish()),
        });
        let (slices, duplicates) = counting::count(&sorted, self.rows)?;
        Ok(Slices::sorted(Rows(sorted), slices, duplicates))
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

    /// Those of a later year.
    fn extend(&mut self, more: Self) {
        self.count += more.count;
        let room = MOST_DUPLICATES - self.first.len();
        self.first.extend(more.first.into_iter().take(room));
    }
}

/// Rows that are sorted by year and key, as often as they are asked for. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows(Arc<Sorted>);

impl Rows {
    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Result<Spooled, LakeError>> + use<> {
        let sorted = Arc::clone(&self.0);
        let failed = |error| vec![Err(error)];
        Ahead::of(&self.0).flat_map(move |rows| {
            let unpacked =
                |rows: Vec<Packed>| rows.iter().map(|row| sorted.unpacked(row)).collect();
            rows.map_or_else(failed, unpacked)
        })
    }

    /// The same, as they were packed, many at a time and each time of one year: codes are by their rank in the
    /// vocabulary.
    pub(crate) fn packed(&self) -> impl Iterator<Item = Result<Vec<Packed>, LakeError>> + use<> {
        Ahead::of(&self.0)
    }

    /// The codes of all rows.
    pub(crate) fn vocabulary(&self) -> &Arc<Vocabulary> {
        &self.0.vocabulary
    }
}
