//! Sorted runs of rows, and what they come to together.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap, binary_heap::PeekMut},
    ops::Range,
    sync::Arc,
};

use regtrade_model::Observation;

use super::{
    Place, Spooled,
    codes::{COLUMNS, Vocabulary},
    key::PackedKey,
    run::{BYTES, Order, Packed, Run, Years},
};
use crate::{LakeError, scratch::Scratch};

/// How many rows of a run are read from the temporary folder at once.
const AT_ONCE: u64 = 1024;

/// How many rows are handed over at once.
const BATCH: usize = 4096;

/// Rows that are sorted: runs in the temporary folder, and one in memory.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    pub(super) scratch: Option<Scratch>,
    pub(super) spilled: Vec<Spilled>,
    /// Its codes are by their rank among all.
    pub(super) last: (Run, Years),
    pub(super) vocabulary: Arc<Vocabulary>,
}

/// A run in the temporary folder.
#[derive(Debug)]
pub(super) struct Spilled {
    /// The place of its first byte.
    pub(super) begin: u64,
    pub(super) years: Years,
    pub(super) ranks: Ranks,
}

/// The rank of a code among all codes, for each rank that it had when a run was sorted.
pub(super) type Ranks = [Vec<u32>; COLUMNS];

/// What makes ranks of a run to those among all codes.
pub(super) fn final_ranks(order: &Order, last: &Ranks) -> Ranks {
    std::array::from_fn(|column| {
        let numbers = order[column].iter();
        numbers
            .map(|number| last[column][*number as usize])
            .collect()
    })
}

impl Sorted {
    /// The years that there are rows of.
    pub(super) fn years(&self) -> BTreeSet<u16> {
        let spilled = self.spilled.iter().map(|run| &run.years);
        let years = spilled.chain([&self.last.1]).flatten();
        years.map(|(year, _)| *year).collect()
    }

    /// An observation out of a packed row.
    pub(super) fn unpacked(&self, row: &Packed) -> Result<Spooled, LakeError> {
        let vocabulary = &self.vocabulary;
        let attributes = vocabulary.attributes(row)?;
        Ok(Spooled {
            observation: Observation {
                key: vocabulary.key(row.key)?,
                value: attributes.has_value.then_some(row.value),
                decimals: attributes.decimals,
                unit_mult: attributes.unit_mult,
                status: attributes.status,
                conf: attributes.conf,
            },
            place: row.place,
        })
    }
}

/// The rows of a year of all runs by key. Rows of the same key come by their place.
pub(super) struct Merge {
    sorted: Arc<Sorted>,
    cursors: Vec<Cursor>,
    /// The first row of each run that is not taken yet: by its key and place.
    heads: BinaryHeap<Reverse<(PackedKey, Place, usize)>>,
    is_begun: bool,
}

/// A place in a run.
struct Cursor {
    /// The number of the run; the last one is in memory.
    run: usize,
    /// The rows that are still to be read.
    rows: Range<u64>,
    /// Those that were read, their codes by their rank among all, and how many of them are taken.
    read: Vec<Packed>,
    taken: usize,
}

impl Merge {
    pub(super) fn of(sorted: &Arc<Sorted>, year: u16) -> Self {
        let runs = sorted.spilled.iter().map(|run| &run.years);
        let runs = runs.chain([&sorted.last.1]).enumerate();
        let cursors = runs.filter_map(|(run, years)| {
            let at = years.binary_search_by_key(&year, |(year, _)| *year).ok()?;
            Some(Cursor {
                run,
                rows: years.get(at)?.1.clone(),
                read: vec![],
                taken: 0,
            })
        });
        Self {
            cursors: cursors.collect(),
            sorted: Arc::clone(sorted),
            heads: BinaryHeap::new(),
            is_begun: false,
        }
    }

    /// The next rows, as many as are handed over at once; none at the end.
    pub(super) fn batch(&mut self) -> Result<Vec<Packed>, LakeError> {
        if !self.is_begun {
            self.is_begun = true;
            for (at, cursor) in self.cursors.iter_mut().enumerate() {
                if let Some(row) = cursor.head(&self.sorted)? {
                    self.heads.push(Reverse((row.key, row.place, at)));
                }
            }
        }
        let mut rows = Vec::with_capacity(BATCH);
        while rows.len() < BATCH
            && let Some(mut head) = self.heads.peek_mut()
        {
            let at = head.0.2;
            let cursor = &mut self.cursors[at];
            rows.extend(cursor.read.get(cursor.taken));
            cursor.taken += 1;
            match cursor.head(&self.sorted)? {
                Some(row) => head.0 = (row.key, row.place, at),
                None => drop(PeekMut::pop(head)),
            }
        }
        Ok(rows)
    }
}

impl Cursor {
    /// The first row that is not taken.
    fn head(&mut self, sorted: &Sorted) -> Result<Option<&Packed>, LakeError> {
        if self.taken >= self.read.len() && !self.rows.is_empty() {
            self.read(sorted)?;
        }
        Ok(self.read.get(self.taken))
    }

    fn read(&mut self, sorted: &Sorted) -> Result<(), LakeError> {
        self.read.clear();
        self.taken = 0;
        let count = AT_ONCE.min(self.rows.end - self.rows.start);
        let (begin, end) = (self.rows.start, self.rows.start + count);
        self.rows.start = end;
        let spilled = sorted.spilled.get(self.run).zip(sorted.scratch.as_ref());
        let Some((run, scratch)) = spilled else {
            let (rows, _) = &sorted.last;
            let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
            let rows = rows.rows.get(place(begin)..place(end));
            self.read.extend_from_slice(rows.unwrap_or_default());
            return Ok(());
        };
        let size = usize::try_from(count).unwrap_or_default() * BYTES;
        let mut bytes = vec![0; size];
        let read = scratch.read_at(run.begin + begin * BYTES as u64, &mut bytes);
        read.map_err(LakeError::Temporary)?;
        let rows = bytes.as_chunks().0.iter();
        let rows = rows.map(|row| Packed::of_bytes(row).renumbered(&run.ranks));
        self.read.extend(rows);
        Ok(())
    }
}
