//! Sorted runs of rows, and what they come to together.

use std::{
    cmp::Ordering,
    collections::{BinaryHeap, binary_heap::PeekMut},
    io::{self, BufReader, Read as _},
    ops::Range,
    sync::Arc,
};

use super::{
    Spooled,
    bytes::{self, Decoder},
};
use crate::{
    LakeError,
    scratch::{Scratch, ScratchReader},
};

/// Rows in memory, one after the other.
#[derive(Debug, Default)]
pub(super) struct Run {
    rows: Vec<u8>,
    starts: Vec<u32>,
}

/// Rows that are sorted: runs in the temporary folder, and one in memory.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    pub(super) scratch: Option<Scratch>,
    pub(super) spilled: Vec<Range<u64>>,
    pub(super) last: Run,
}

impl Run {
    pub(super) const fn len(&self) -> usize {
        self.starts.len()
    }

    pub(super) fn push(&mut self, row: &Spooled) {
        let start = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        self.starts.push(start);
        bytes::encode(row, &mut self.rows);
    }

    pub(super) fn sort(&mut self) {
        let rows = &self.rows;
        self.starts
            .sort_unstable_by(|a, b| bytes::place(row(rows, *a)).cmp(bytes::place(row(rows, *b))));
    }

    /// Appends the rows in their order, and is empty then.
    pub(super) fn spill(&mut self, into: &mut Scratch) -> io::Result<Range<u64>> {
        const AT_ONCE: usize = 1 << 20;
        let begin = into.bytes();
        let mut together = Vec::with_capacity(AT_ONCE);
        for start in &self.starts {
            together.extend_from_slice(row(&self.rows, *start));
            if together.len() >= AT_ONCE / 2 {
                into.append(&together)?;
                together.clear();
            }
        }
        into.append(&together)?;
        self.rows.clear();
        self.starts.clear();
        Ok(begin..into.bytes())
    }
}

fn row(rows: &[u8], start: u32) -> &[u8] {
    let rest = rows.get(start as usize..).unwrap_or_default();
    &rest[..bytes::length(rest).unwrap_or(0)]
}

/// The rows of all runs by period and key. Rows of the same key come as they were handed in.
pub(super) struct Merge {
    sorted: Arc<Sorted>,
    cursors: Vec<Cursor>,
    heads: BinaryHeap<Head>,
    decoder: Decoder,
    is_begun: bool,
}

enum Cursor {
    Disk(BufReader<ScratchReader>),
    Memory(usize),
}

/// The first row of a run that is not taken yet.
struct Head {
    row: Vec<u8>,
    cursor: usize,
}

impl Merge {
    pub(super) fn of(sorted: &Arc<Sorted>) -> Self {
        let spilled = sorted.scratch.iter().flat_map(|scratch| {
            let ranges = sorted.spilled.iter();
            ranges.map(|range| Cursor::Disk(scratch.reader(range.clone())))
        });
        let cursors: Vec<_> = spilled.chain([Cursor::Memory(0)]).collect();
        Self {
            sorted: Arc::clone(sorted),
            heads: BinaryHeap::with_capacity(cursors.len()),
            cursors,
            decoder: Decoder::default(),
            is_begun: false,
        }
    }

    fn begin(&mut self) -> Result<(), LakeError> {
        for (at, cursor) in self.cursors.iter_mut().enumerate() {
            let mut row = vec![];
            if cursor.next(&self.sorted, &mut row)? {
                self.heads.push(Head { row, cursor: at });
            }
        }
        Ok(())
    }

    fn step(&mut self) -> Result<Option<Spooled>, LakeError> {
        if !self.is_begun {
            self.is_begun = true;
            self.begin()?;
        }
        let Some(mut head) = self.heads.peek_mut() else {
            return Ok(None);
        };
        let row = self.decoder.row(&head.row)?;
        let cursor = &mut self.cursors[head.cursor];
        if !cursor.next(&self.sorted, &mut head.row)? {
            PeekMut::pop(head);
        }
        Ok(Some(row))
    }
}

impl Iterator for Merge {
    type Item = Result<Spooled, LakeError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}

impl Cursor {
    /// Puts the next row into `into`; `false` where there is none.
    fn next(&mut self, sorted: &Sorted, into: &mut Vec<u8>) -> Result<bool, LakeError> {
        into.clear();
        match self {
            Self::Memory(at) => {
                let run = &sorted.last;
                let Some(start) = run.starts.get(*at) else {
                    return Ok(false);
                };
                into.extend_from_slice(row(&run.rows, *start));
                *at += 1;
                Ok(true)
            }
            Self::Disk(reader) => {
                let mut length = [0; 2];
                let read = reader
                    .read(&mut length[..1])
                    .map_err(LakeError::Temporary)?;
                if read == 0 {
                    return Ok(false);
                }
                reader
                    .read_exact(&mut length[1..])
                    .map_err(LakeError::Temporary)?;
                into.extend(length);
                let whole = bytes::length(into).unwrap_or_default();
                into.resize(whole, 0);
                reader
                    .read_exact(&mut into[length.len()..])
                    .map_err(LakeError::Temporary)?;
                Ok(true)
            }
        }
    }
}

/// The greatest head is the one that comes first, as a heap wants it.
impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        bytes::place(&other.row).cmp(bytes::place(&self.row))
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Head {}
