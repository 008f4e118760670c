//! Counting what was sorted: the digest of each slice, and what is there twice. Years are counted side by side.

use std::{
    collections::BTreeMap,
    num::NonZero,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
};

use regtrade_model::{Period, SliceObservations};

use super::{
    Duplicates, ROWS_PER_WORD,
    codes::damaged,
    key::PackedKey,
    merge::{Merge, Sorted},
    run::Packed,
};
use crate::{
    LakeError,
    slices::{Counters, middle_of, tail_of},
};

/// More threads would take more memory than time.
const MOST_THREADS: usize = 4;

/// What is counted of a year.
type OfYear = (BTreeMap<Period, SliceObservations>, Duplicates);

/// Counts all rows.
pub(super) fn count(
    sorted: &Arc<Sorted>,
    rows: u64,
) -> Result<(BTreeMap<Period, SliceObservations>, Duplicates), LakeError> {
    let years: Vec<u16> = sorted.years().into_iter().collect();
    let found: Vec<_> = years.iter().map(|_| Mutex::new(None)).collect();
    let (next, counted) = (AtomicUsize::new(0), Counted::new(rows));
    let work = || {
        let mut counter = Counting::of(sorted, &counted);
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some((year, found)) = years.get(at).zip(found.get(at)) else {
                return;
            };
            let of_year = counter.year(*year);
            *found.lock().unwrap_or_else(PoisonError::into_inner) = Some(of_year);
        }
    };
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = processors.min(MOST_THREADS).min(years.len());
    thread::scope(|scope| {
        for _ in 1..threads {
            let thread = thread::Builder::new().name("count".to_owned());
            // Where there is none to be had, others have more to do.
            let _ = thread.spawn_scoped(scope, work);
        }
        work();
    });
    let (mut slices, mut duplicates) = (BTreeMap::new(), Duplicates::default());
    for of_year in found {
        let of_year = of_year.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (more, twice) = of_year.ok_or_else(damaged)??;
        slices.extend(more);
        duplicates.extend(twice);
    }
    Ok((slices, duplicates))
}

/// How many rows were counted so far, by all.
struct Counted {
    of: u64,
    rows: AtomicU64,
}

impl Counted {
    const fn new(of: u64) -> Self {
        let rows = AtomicU64::new(0);
        Self { of, rows }
    }

    fn add(&self, rows: u64) {
        let before = self.rows.fetch_add(rows, Ordering::Relaxed);
        let after = before + rows;
        if before / ROWS_PER_WORD != after / ROWS_PER_WORD {
            tracing::info!(rows = after, of = self.of, "observations sorted");
        }
    }
}

/// Counts years, one after the other.
struct Counting<'a> {
    sorted: &'a Arc<Sorted>,
    counted: &'a Counted,
    /// What lines say behind the value, by the number of the attributes.
    tails: Vec<String>,
    /// What they say between the frequency and the period.
    middle: String,
}

impl<'a> Counting<'a> {
    fn of(sorted: &'a Arc<Sorted>, counted: &'a Counted) -> Self {
        let attributes = sorted.vocabulary.attributes.iter();
        Self {
            sorted,
            counted,
            tails: attributes.map(tail_of).collect(),
            middle: String::new(),
        }
    }

    fn year(&mut self, year: u16) -> Result<OfYear, LakeError> {
        let (mut counters, mut duplicates) = (Counters::default(), Duplicates::default());
        let mut last: Option<Packed> = None;
        let mut merge = Merge::of(self.sorted, year);
        let mut batch = merge.batch()?;
        while !batch.is_empty() {
            self.counted.add(batch.len() as u64);
            for row in batch {
                self.go_to(row.key, last.map(|last| last.key))?;
                if let Some(last) = last.filter(|last| last.key == row.key) {
                    let (last, row) = (self.sorted.unpacked(&last)?, self.sorted.unpacked(&row)?);
                    duplicates.add(&last, &row);
                }
                let attributes = self.sorted.vocabulary.attributes(&row)?;
                let tail = self
                    .tails
                    .get(row.attributes as usize)
                    .ok_or_else(damaged)?;
                let counter = counters.of_part(year, row.key.part()).ok_or_else(damaged)?;
                let value = attributes.has_value.then_some(row.value);
                counter.add(&self.middle, value, tail, attributes.conf);
                last = Some(row);
            }
            batch = merge.batch()?;
        }
        Ok((counters.finish(), duplicates))
    }

    /// Makes the texts of a key, where it is of another cell than the one before.
    fn go_to(&mut self, key: PackedKey, last: Option<PackedKey>) -> Result<(), LakeError> {
        if last.is_some_and(|last| last.is_beside(key)) {
            return Ok(());
        }
        let texts = self.sorted.vocabulary.texts(key)?;
        self.middle.clear();
        middle_of(&texts, &mut self.middle);
        Ok(())
    }
}
