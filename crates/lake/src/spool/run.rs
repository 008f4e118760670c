//! Runs of packed rows: in memory as they come, then sorted, then in the temporary folder.

use std::{io, ops::Range};

use regtrade_model::{CodedObservation, Decimal, Observation};

use super::{
    Place,
    codes::{Attributes, COLUMNS, Codes, Numbers},
    key::PackedKey,
};
use crate::{LakeError, scratch::Scratch};

/// How many bytes a row has in the temporary folder.
pub(super) const BYTES: usize = 16 + 16 + 4 + 4 + 4;

/// An observation in a few bytes, and where it was read.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Packed {
    pub(crate) key: PackedKey,
    pub(crate) value: Decimal,
    /// The number of what it says of its value.
    pub(crate) attributes: u32,
    pub(crate) place: Place,
}

impl Packed {
    /// An observation, with codes by the number that they got when they came first.
    pub(super) fn of(
        observation: &Observation,
        place: Place,
        codes: &mut Codes,
    ) -> Result<Self, LakeError> {
        Ok(Self {
            key: codes.pack(&observation.key)?,
            value: observation.value.unwrap_or_default(),
            attributes: codes.attributes(Attributes::of(observation)),
            place,
        })
    }

    /// The same of one whose codes are places in a list.
    pub(super) fn of_coded(
        row: &CodedObservation,
        place: Place,
        numbers: &mut Numbers<'_>,
        codes: &mut Codes,
    ) -> Result<Self, LakeError> {
        Ok(Self {
            key: codes.pack_coded(row, numbers)?,
            value: row.value.unwrap_or_default(),
            attributes: codes.attributes(Attributes {
                has_value: row.value.is_some(),
                decimals: row.decimals,
                unit_mult: row.unit_mult,
                status: row.status,
                conf: row.conf,
            }),
            place,
        })
    }

    /// The same with other numbers of its codes.
    pub(super) fn renumbered(self, to: &[Vec<u32>; COLUMNS]) -> Self {
        let key = self.key.renumbered(to);
        Self { key, ..self }
    }

    fn to_bytes(self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        bytes[..16].copy_from_slice(&self.key.to_bytes());
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
            key: PackedKey::of_bytes(sixteen(0)),
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

/// Where the rows of each year are in a sorted run.
pub(super) type Years = Vec<(u16, Range<u64>)>;

impl Run {
    pub(super) const EMPTY: Self = Self { rows: vec![] };

    pub(super) const fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn push(
        &mut self,
        observation: &Observation,
        place: Place,
        codes: &mut Codes,
    ) -> Result<(), LakeError> {
        self.rows.push(Packed::of(observation, place, codes)?);
        Ok(())
    }

    /// Sorts the rows by year and key, and puts the rank of each code in the place of its number. Rows of the
    /// same key are in the order of their places.
    pub(super) fn sort(&mut self, ranks: &Order) {
        self.renumber(ranks);
        // Files are mostly sorted, in one way or another: stretches that are in order are only merged.
        self.rows.sort_by_key(|row| (row.key, row.place));
    }

    /// Puts other numbers in the place of those of the codes.
    pub(super) fn renumber(&mut self, to: &Order) {
        for row in &mut self.rows {
            *row = row.renumbered(to);
        }
    }

    /// The years of the rows, which are sorted.
    pub(super) fn years(&self) -> Years {
        let mut years = Years::new();
        let mut begin = 0;
        for rows in self.rows.chunk_by(|a, b| a.key.year() == b.key.year()) {
            let end = begin + rows.len() as u64;
            years.extend(rows.first().map(|row| (row.key.year(), begin..end)));
            begin = end;
        }
        years
    }

    /// Appends the rows, and is empty then. Gives the place where they begin.
    pub(super) fn spill(&mut self, into: &mut Scratch) -> io::Result<u64> {
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
        Ok(begin)
    }
}
