//! Sorted runs of rows, and what they come to together.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, binary_heap::PeekMut},
    io::{BufReader, Read as _},
    ops::Range,
    sync::Arc,
};

use regtrade_model::Observation;

use super::{
    Place, Spooled,
    codes::{COLUMNS, PackedKey, Parts, Vocabulary, renumbered},
    run::{BYTES, Order, Packed, Run},
};
use crate::{
    LakeError,
    scratch::{Scratch, ScratchReader},
};

/// Rows that are sorted: runs in the temporary folder, and one in memory.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    pub(super) scratch: Option<Scratch>,
    pub(super) spilled: Vec<(Range<u64>, Ranks)>,
    pub(super) last: (Run, Ranks),
    pub(super) vocabulary: Vocabulary,
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

/// The rows of all runs by year and key. Rows of the same key come by their place.
pub(super) struct Merge {
    sorted: Arc<Sorted>,
    cursors: Vec<Cursor>,
    /// The first row of each run that is not taken yet: by its key and place.
    heads: BinaryHeap<Reverse<(PackedKey, Place, usize)>>,
    rows: Vec<Option<Packed>>,
    is_begun: bool,
}

enum Cursor {
    Disk(BufReader<ScratchReader>),
    Memory(usize),
}

impl Merge {
    pub(super) fn of(sorted: &Arc<Sorted>) -> Self {
        let spilled = sorted.scratch.iter().flat_map(|scratch| {
            let ranges = sorted.spilled.iter();
            ranges.map(|(range, _)| Cursor::Disk(scratch.reader(range.clone())))
        });
        let cursors: Vec<_> = spilled.chain([Cursor::Memory(0)]).collect();
        Self {
            sorted: Arc::clone(sorted),
            heads: BinaryHeap::with_capacity(cursors.len()),
            rows: vec![None; cursors.len()],
            cursors,
            is_begun: false,
        }
    }

    /// The next row of a run, its codes by their rank among all.
    fn advance(&mut self, at: usize) -> Result<Option<(PackedKey, Place)>, LakeError> {
        let sorted = &self.sorted;
        let ranks = match sorted.spilled.get(at) {
            Some((_, ranks)) => ranks,
            None => &sorted.last.1,
        };
        let next = self.cursors[at].next(sorted)?.map(|mut row| {
            row.key = renumbered(row.key, ranks);
            row
        });
        self.rows[at] = next;
        Ok(next.map(|row| (row.key, row.place)))
    }

    fn step(&mut self) -> Result<Option<Packed>, LakeError> {
        if !self.is_begun {
            self.is_begun = true;
            for at in 0..self.cursors.len() {
                if let Some((key, place)) = self.advance(at)? {
                    self.heads.push(Reverse((key, place, at)));
                }
            }
        }
        let Some(Reverse((_, _, at))) = self.heads.peek().copied() else {
            return Ok(None);
        };
        let row = self.rows[at].take();
        let next = self.advance(at)?;
        if let Some(mut head) = self.heads.peek_mut() {
            match next {
                Some((key, place)) => head.0 = (key, place, at),
                None => drop(PeekMut::pop(head)),
            }
        }
        Ok(row)
    }
}

impl Iterator for Merge {
    type Item = Result<Packed, LakeError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}

/// Makes observations out of packed rows.
pub(super) struct Unpacking {
    sorted: Arc<Sorted>,
}

impl Unpacking {
    pub(super) fn of(sorted: &Arc<Sorted>) -> Self {
        Self {
            sorted: Arc::clone(sorted),
        }
    }

    pub(super) fn row(&self, row: &Packed) -> Result<Spooled, LakeError> {
        self.unpacked(row)
            .ok_or_else(|| LakeError::Damaged("a row of the temporary folder".to_owned()))
    }

    fn unpacked(&self, row: &Packed) -> Option<Spooled> {
        let parts = Parts::of(row.key)?;
        let vocabulary = &self.sorted.vocabulary;
        let attributes = vocabulary.attributes.get(row.attributes as usize)?;
        Some(Spooled {
            observation: Observation {
                key: vocabulary.key(&parts, parts.period()?)?,
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

impl Cursor {
    /// The next row, its codes as its run has them.
    fn next(&mut self, sorted: &Sorted) -> Result<Option<Packed>, LakeError> {
        match self {
            Self::Memory(at) => {
                let row = sorted.last.0.rows.get(*at).copied();
                *at += 1;
                Ok(row)
            }
            Self::Disk(reader) => {
                let mut bytes = [0; BYTES];
                let first = reader.read(&mut bytes[..1]).map_err(LakeError::Temporary)?;
                if first == 0 {
                    return Ok(None);
                }
                let rest = reader.read_exact(&mut bytes[1..]);
                rest.map_err(LakeError::Temporary)?;
                Ok(Some(Packed::of_bytes(&bytes)))
            }
        }
    }
}
