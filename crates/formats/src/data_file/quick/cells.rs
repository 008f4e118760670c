//! Cells as bytes: where they end, whether they are what stood there before, and what was found out of them once.

use std::ops::Range;

use foldhash::{HashMap, HashMapExt as _};
use memchr::memchr;
use regtrade_model::Decimal;

use crate::csv::MARGIN;

/// Cells up to this length are compared as one number.
const SHORT: usize = MARGIN;

/// How many cells of a column are looked up by their number at once.
const SLOTS: usize = 1 << 12;

/// The digits of a number that is read at once.
const MOST_DIGITS: usize = 18;

const ONES: u128 = u128::from_ne_bytes([0x01; 16]);
const HIGHEST: u128 = u128::from_ne_bytes([0x80; 16]);

/// The bytes at a place as one number, the first of them the lowest.
fn head(bytes: &[u8], at: usize) -> u128 {
    let head = bytes.get(at..at + SHORT);
    head.and_then(|head| head.try_into().ok())
        .map_or(0, u128::from_le_bytes)
}

/// So many bytes of a number.
fn first(head: u128, length: usize) -> u128 {
    match u32::try_from(length * 8) {
        Ok(bits @ ..128) => head & !(u128::MAX << bits),
        _ => head,
    }
}

/// Where the cell ends that begins at a place; `None` where the line ends before it does.
pub(super) fn end_of(bytes: &[u8], at: usize, end: usize, mark: u8) -> Option<usize> {
    let differs = head(bytes, at) ^ (ONES * u128::from(mark));
    let found = differs.wrapping_sub(ONES) & !differs & HIGHEST;
    let found = match found.trailing_zeros() {
        128 => at + memchr(mark, bytes.get(at..end)?)?,
        bits => at + (bits / 8) as usize,
    };
    (found < end).then_some(found)
}

/// A cell, and its bytes as one number as far as it has not more of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell<'b> {
    pub(super) text: &'b [u8],
    short: u128,
}

impl<'b> Cell<'b> {
    pub(super) fn of(text: &'b [u8]) -> Self {
        let mut short = [0; SHORT];
        let length = text.len().min(SHORT);
        short[..length].copy_from_slice(&text[..length]);
        Self {
            text,
            short: u128::from_le_bytes(short),
        }
    }

    /// That which stands at a place of bytes, which have a margin behind them.
    pub(super) fn at(bytes: &'b [u8], place: Range<usize>) -> Option<Self> {
        let short = first(head(bytes, place.start), place.len());
        let text = bytes.get(place)?;
        Some(Self { text, short })
    }
}

/// The cell of a column in the line before.
#[derive(Debug, Default)]
pub(super) struct Last {
    text: Vec<u8>,
    short: u128,
    is_known: bool,
}

impl Last {
    pub(super) fn cell(&self) -> Cell<'_> {
        Cell {
            text: &self.text,
            short: self.short,
        }
    }

    /// Keeps a cell.
    pub(super) fn keep(&mut self, cell: Cell<'_>) {
        self.text.clear();
        self.text.extend_from_slice(cell.text);
        self.short = cell.short;
        self.is_known = true;
    }

    pub(super) fn forget(&mut self) {
        self.is_known = false;
    }

    /// Where the cell at a place would end were it the same; `None` where it begins differently.
    pub(super) fn same(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let length = self.text.len();
        let is_same = if length <= SHORT {
            first(head(bytes, at), length) == self.short
        } else {
            bytes.get(at..at + length) == Some(&self.text)
        };
        (self.is_known && is_same).then_some(at + length)
    }
}

/// What was found out of the cells of a column, by their bytes.
#[derive(Debug)]
pub(super) struct Known<T> {
    slots: Vec<Option<(u128, T)>>,
    all: HashMap<Vec<u8>, T>,
    wanted: Vec<u8>,
}

impl<T: Copy> Known<T> {
    pub(super) fn new() -> Self {
        Self {
            slots: vec![],
            all: HashMap::new(),
            wanted: vec![],
        }
    }

    /// What was found out of a cell under a condition, or is found out now.
    pub(super) fn get(
        &mut self,
        cell: Cell<'_>,
        condition: u8,
        find_out: impl FnOnce() -> Option<T>,
    ) -> Option<T> {
        // No cell has zeros in it, so that those behind it tell nothing else.
        let is_short = cell.text.len() < SHORT;
        let short = cell.short | u128::from(condition) << 120;
        let folded = (short ^ (short >> 64)) as u64;
        let hashed = folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52;
        let slot = usize::try_from(hashed).unwrap_or_default() % SLOTS;
        if is_short
            && let Some(Some((known, found))) = self.slots.get(slot)
            && *known == short
        {
            return Some(*found);
        }
        self.wanted.clear();
        self.wanted.push(condition);
        self.wanted.extend_from_slice(cell.text);
        let found = match self.all.get(&self.wanted) {
            Some(found) => *found,
            None => {
                let found = find_out()?;
                self.all.insert(self.wanted.clone(), found);
                found
            }
        };
        if is_short {
            if self.slots.is_empty() {
                self.slots.resize(SLOTS, None);
            }
            if let Some(slot) = self.slots.get_mut(slot) {
                *slot = Some((short, found));
            }
        }
        Some(found)
    }
}

/// A number of few digits, exact; `None` where it is written in another way, or is none.
pub(super) fn decimal(cell: &[u8]) -> Option<Decimal> {
    let digits = cell.strip_prefix(b"-").unwrap_or(cell);
    (digits.len() <= MOST_DIGITS).then_some(())?;
    let (mut value, mut count, mut scale) = (0_i64, 0, None);
    for byte in digits {
        match (byte, &mut scale) {
            (b'0'..=b'9', scale) => {
                value = value * 10 + i64::from(byte - b'0');
                count += 1;
                if let Some(scale) = scale {
                    *scale += 1;
                }
            }
            (b'.', None) => scale = Some(0),
            _ => return None,
        }
    }
    let value = if digits.len() < cell.len() {
        -value
    } else {
        value
    };
    (count > 0).then(|| Decimal::new(value, scale.unwrap_or_default()))
}
