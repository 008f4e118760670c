//! Runs of packed rows: in memory as they come, then sorted, then in the temporary folder.

use std::io;

use regtrade_model::{Decimal, Observation};

use super::{
    Place,
    codes::{COLUMNS, Codes, PackedKey, ranks, renumbered},
};
use crate::{LakeError, scratch::Scratch};

/// How many bytes a row has in the temporary folder.
pub(super) const BYTES: usize = 16 + 16 + 4 + 4 + 4;

/// An observation in a few bytes, and where it was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packed {
    pub(super) key: PackedKey,
    pub(super) value: Decimal,
    pub(super) attributes: u32,
    pub(super) place: Place,
}

impl Packed {
    fn to_bytes(self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        bytes[..16].copy_from_slice(&self.key.to_be_bytes());
        bytes[16..32].copy_from_slice(&self.value.serialize());
        bytes[32..36].copy_from_slice(&self.attributes.to_be_bytes());
        bytes[36..40].copy_from_slice(&self.place.file.to_be_bytes());
        bytes[40..].copy_from_slice(&self.place.line.to_be_bytes());
        bytes
    }

    pub(super) fn of_bytes(bytes: &[u8; BYTES]) -> Self {
        let sixteen = |at: usize| std::array::from_fn(|place| bytes[at + place]);
        let four = |at: usize| u32::from_be_bytes(std::array::from_fn(|place| bytes[at + place]));
        Self {
            key: PackedKey::from_be_bytes(sixteen(0)),
            value: Decimal::deserialize(sixteen(16)),
            attributes: four(32),
            place: Place {
                file: four(36),
                line: four(40),
            },
        }
    }
}

/// Rows in memory. Codes are by the number that they got when they came first.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) rows: Vec<Packed>,
}

/// The order of the codes that a sorted run was sorted by: the number of each code, by its rank then.
pub(super) type Order = [Vec<u32>; COLUMNS];

impl Run {
    pub(super) const fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn push(
        &mut self,
        observation: &Observation,
        place: Place,
        codes: &mut Codes,
    ) -> Result<(), LakeError> {
        self.rows.push(Packed {
            key: codes.pack(&observation.key)?,
            value: observation.value.unwrap_or_default(),
            attributes: codes.attributes(observation),
            place,
        });
        Ok(())
    }

    /// Sorts the rows by year and key, and puts the rank of each code in the place of its number. Rows of the
    /// same key are in the order of their places.
    pub(super) fn sort(&mut self, codes: &Codes) -> Order {
        let order = codes.in_order();
        let ranks = [0, 1, 2, 3].map(|column: usize| ranks(&order[column]));
        self.renumber(&ranks);
        // Files are mostly sorted, in one way or another: stretches that are in order are only merged.
        self.rows.sort_by_key(|row| (row.key, row.place));
        order
    }

    /// Puts other numbers in the place of those of the codes.
    pub(super) fn renumber(&mut self, to: &Order) {
        for row in &mut self.rows {
            row.key = renumbered(row.key, to);
        }
    }

    /// Appends the rows, and is empty then.
    pub(super) fn spill(&mut self, into: &mut Scratch) -> io::Result<std::ops::Range<u64>> {
        const AT_ONCE: usize = 4096;
        let begin = into.bytes();
        let mut together = Vec::with_capacity(AT_ONCE * BYTES);
        for rows in self.rows.chunks(AT_ONCE) {
            together.clear();
            for row in rows {
                together.extend_from_slice(&row.to_bytes());
            }
            into.append(&together)?;
        }
        self.rows.clear();
        Ok(begin..into.bytes())
    }
}
