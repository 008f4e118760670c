//! One page of a column: its bytes unpacked, which of its rows have a value, and where that is.

use std::{cell::RefCell, ops::Range};

use bytes::Bytes;
use zstd::bulk::Decompressor;

use super::{
    header::{Encoding, Header, Kind, header},
    runs::{Runs, Walk},
};

/// The most bytes of a page: far more than the lake writes, and little enough that a damaged header cannot take all memory.
const MOST: usize = 1 << 28;

thread_local! {
    /// To make the context of zstd takes as long as to unpack some pages, so each thread makes one.
    static UNPACKING: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// The values of a page.
#[derive(Debug)]
pub(super) struct Page {
    bytes: Bytes,
    /// Where the values begin.
    begin: usize,
    pub(super) encoding: Encoding,
    pub(super) kind: Kind,
    /// How many rows it has.
    pub(super) rows: usize,
    /// Which rows have a value; `None` where each row has one.
    there: Option<Vec<Stretch>>,
    /// How many values it has.
    values: usize,
}

/// Rows that stand together, all of which have a value, or none of which has one.
#[derive(Debug)]
struct Stretch {
    begin: usize,
    /// Where among the values that of the first row is; `None` where they have none.
    place: Option<usize>,
}

impl Page {
    /// The page at the beginning of some bytes, and how many of them it has. `None` where it cannot be read.
    pub(super) fn of(bytes: &Bytes, is_packed: bool, is_nullable: bool) -> Option<(Self, usize)> {
        let (header, begin) = header(bytes)?;
        let end = begin.checked_add(header.packed)?;
        let body = (end <= bytes.len()).then(|| bytes.slice(begin..end))?;
        let body = if is_packed {
            unpacked(&body, header.unpacked)?.into()
        } else {
            body
        };
        let has_levels = is_nullable && header.kind == Kind::Data;
        Some((Self::with(body, &header, has_levels)?, end))
    }

    fn with(bytes: Bytes, header: &Header, has_levels: bool) -> Option<Self> {
        let mut page = Self {
            bytes,
            begin: 0,
            encoding: header.encoding,
            kind: header.kind,
            rows: header.values,
            there: None,
            values: header.values,
        };
        if has_levels {
            let length = page
                .bytes
                .first_chunk()
                .map(|four| u32::from_le_bytes(*four))?;
            page.begin = 4_usize.checked_add(usize::try_from(length).ok()?)?;
            let levels = page.bytes.get(4..page.begin)?;
            let (there, values) = there(levels, header.values)?;
            (page.there, page.values) = (Some(there), values);
            if values == page.rows {
                page.there = None;
            }
        }
        Some(page)
    }

    /// Where among the values those of rows are, which are asked for in their order.
    pub(super) const fn places(&self) -> Places<'_> {
        Places { page: self, at: 0 }
    }

    /// Whether each row has a value.
    pub(super) const fn is_full(&self) -> bool {
        self.there.is_none()
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(self.begin..).unwrap_or_default()
    }

    /// The places in the dictionary that the values are.
    pub(super) fn numbers(&self) -> Option<Walk<'_>> {
        let bytes = self.bytes();
        let (width, numbers) = bytes.split_first().unwrap_or((&0, &[]));
        Some(Walk::along(Runs::of(numbers, *width)?))
    }

    /// Where each text is, of values that are texts one after the other.
    pub(super) fn texts(&self) -> Option<Vec<Range<usize>>> {
        let mut texts = Vec::with_capacity(self.values.min(self.bytes.len()));
        let mut at = self.begin;
        for _ in 0..self.values {
            let length = self.bytes.get(at..)?.first_chunk()?;
            let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
            let begin = at.checked_add(4)?;
            at = begin.checked_add(length)?;
            self.bytes.get(begin..at)?;
            texts.push(begin..at);
        }
        Some(texts)
    }

    /// The text at a place that [`Self::texts`] tells.
    pub(super) fn text(&self, place: &Range<usize>) -> Option<&str> {
        str::from_utf8(self.bytes.get(place.clone())?).ok()
    }

    /// The bytes of a value that has so many, in the order in which the file has them.
    #[inline]
    pub(super) fn fixed<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        let bytes = self.bytes();
        match self.encoding {
            Encoding::ByteStreamSplit => {
                let mut value = [0; N];
                for (part, byte) in value.iter_mut().enumerate() {
                    *byte = *bytes.get(part.checked_mul(self.values)?.checked_add(at)?)?;
                }
                Some(value)
            }
            Encoding::Plain => bytes.get(at.checked_mul(N)?..)?.first_chunk().copied(),
            Encoding::Dictionary => None,
        }
    }

    /// The bytes of values that have so many and stand together, as far as they are no places in the dictionary.
    pub(super) fn all_fixed<const N: usize>(&self, places: Range<usize>) -> Option<Vec<[u8; N]>> {
        let bytes = self.bytes();
        match self.encoding {
            Encoding::ByteStreamSplit => {
                let mut values = vec![[0; N]; places.len()];
                for part in 0..N {
                    let begin = part.checked_mul(self.values)?;
                    let of_part = bytes.get(begin..begin.checked_add(self.values)?)?;
                    let of_part = of_part.get(places.clone())?;
                    for (value, byte) in values.iter_mut().zip(of_part) {
                        value[part] = *byte;
                    }
                }
                Some(values)
            }
            Encoding::Plain => {
                let bytes = bytes.get(places.start.checked_mul(N)?..places.end.checked_mul(N)?)?;
                Some(bytes.as_chunks().0.to_vec())
            }
            Encoding::Dictionary => None,
        }
    }

    /// Where the values of some rows are, and of those between them: the rows are in order, each once, and `first` is the
    /// first one of the page. `None` where the first or the last of them has no value.
    pub(super) fn span(&self, first: usize, rows: &[u32]) -> Option<Range<usize>> {
        let row = |row: &u32| usize::try_from(*row).ok()?.checked_sub(first);
        let mut places = self.places();
        let mut place = |of: &u32| places.of(row(of)?)?;
        let (begin, last) = (place(rows.first()?)?, place(rows.last()?)?);
        (begin <= last).then_some(begin..last + 1)
    }

    /// A value of one bit.
    pub(super) fn bit(&self, at: usize) -> Option<bool> {
        let byte = self.bytes().get(at / 8)?;
        (self.encoding == Encoding::Plain).then_some(byte >> (at % 8) & 1 == 1)
    }
}

/// Goes along the rows of a page, to rows that only grow.
pub(super) struct Places<'p> {
    page: &'p Page,
    /// The stretch of the last row.
    at: usize,
}

impl Places<'_> {
    /// Where among the values that of a row is.
    #[inline]
    #[allow(clippy::option_option, reason = "no such row, and no value")]
    pub(super) fn of(&mut self, row: usize) -> Option<Option<usize>> {
        if row >= self.page.rows {
            return None;
        }
        let Some(there) = &self.page.there else {
            return Some(Some(row));
        };
        while there.get(self.at + 1).is_some_and(|of| of.begin <= row) {
            self.at += 1;
        }
        let of = there.get(self.at)?;
        let within = row.checked_sub(of.begin)?;
        Some(of.place.map(|place| place + within))
    }
}

/// Which rows have a value, by levels of 0 and 1, and how many values there are.
fn there(levels: &[u8], rows: usize) -> Option<(Vec<Stretch>, usize)> {
    let mut walk = Walk::along(Runs::of(levels, 1)?);
    let (mut stretches, mut values, mut row): (Vec<Stretch>, _, _) = (vec![], 0, 0);
    while row < rows {
        let (level, end) = walk.stretch(row)?;
        let (is_there, end) = (level == 1, end.min(rows));
        if stretches
            .last()
            .is_none_or(|last| last.place.is_some() != is_there)
        {
            stretches.push(Stretch {
                begin: row,
                place: is_there.then_some(values),
            });
        }
        if is_there {
            values += end - row;
        }
        row = end;
    }
    Some((stretches, values))
}

fn unpacked(packed: &[u8], length: usize) -> Option<Vec<u8>> {
    if length > MOST {
        return None;
    }
    let mut bytes = Vec::with_capacity(length);
    UNPACKING.with_borrow_mut(|kept| {
        let context = match kept {
            Some(context) => context,
            None => kept.insert(Decompressor::new().ok()?),
        };
        context.decompress_to_buffer(packed, &mut bytes).ok()
    })?;
    (bytes.len() == length).then_some(bytes)
}
