//! A row of the spool as bytes: first its place, which compares as period and key do, then the rest of it.

use std::collections::HashMap;

use regtrade_model::{
    Area, Code, Concept, ConfStatus, Decimal, FigureKey, Indicator, InvalidCode, Item, ObsStatus,
    Observation, Period, Span,
};

use super::{Place, Spooled};
use crate::LakeError;

/// Bytes of the length of a place.
const LENGTH: usize = 2;
/// Bytes of what comes after a place.
const REST: usize = 1 + 16 + 4 + 4 + 1 + 1;
/// Bytes of codes that the decoder remembers at most.
const REMEMBERED: usize = 1 << 20;

/// Appends a row. Its key must be of one period.
pub(super) fn encode(row: &Spooled, into: &mut Vec<u8>) {
    let Spooled { observation, place } = row;
    let key = &observation.key;
    let begin = into.len();
    into.extend([0; LENGTH]);
    let period = key.period.last();
    let text = period.to_string();
    let (year, part) = text.split_at(text.len().min(4));
    // Within a year the year itself comes first, then quarters, then months, as periods compare.
    let part_of_year: u8 = match period.frequency() {
        "A" => 1,
        "Q" => 2,
        _ => 3,
    };
    into.extend(year.as_bytes());
    into.push(part_of_year);
    push_text(part, into);
    into.push(number(Item::ALL, key.item));
    for text in [
        key.ref_area.as_str(),
        key.activity.as_str(),
        key.product.as_str(),
        key.counterpart_area.as_str(),
    ] {
        push_text(text, into);
    }
    into.push(key.concept.map_or(0, |c| number(Concept::ALL, c) + 1));
    into.push(number(Indicator::ALL, key.indicator));
    // Rows of the same key are in the order in which they were handed in.
    into.extend(place.file.to_be_bytes());
    into.extend(place.line.to_be_bytes());
    let length = into.len() - begin - LENGTH;
    // A place has four codes of 64 bytes at most.
    let length = u16::try_from(length).unwrap_or(u16::MAX);
    into[begin..begin + LENGTH].copy_from_slice(&length.to_be_bytes());
    into.push(observation.value.is_some().into());
    into.extend(observation.value.unwrap_or_default().serialize());
    into.extend(observation.decimals.to_be_bytes());
    into.extend(observation.unit_mult.to_be_bytes());
    into.push(number(ObsStatus::ALL, observation.status));
    into.push(number(ConfStatus::ALL, observation.conf));
}

/// How many bytes a row has, by its first ones; `None` where there are not enough of them.
pub(super) fn length(row: &[u8]) -> Option<usize> {
    let length = row.first_chunk::<LENGTH>()?;
    Some(LENGTH + usize::from(u16::from_be_bytes(*length)) + REST)
}

/// The place of a row.
pub(super) fn place(row: &[u8]) -> &[u8] {
    &row[LENGTH..row.len() - REST]
}

/// A text, and the end of it: no code has the byte 0, so a shorter one comes before the longer one that it begins.
fn push_text(text: &str, into: &mut Vec<u8>) {
    into.extend(text.as_bytes());
    into.push(0);
}

/// The number of a word in its list, which is sorted as the words compare.
fn number<T: PartialEq>(all: &[T], word: T) -> u8 {
    let at = all.iter().position(|known| *known == word);
    at.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
}

/// Makes rows out of bytes. Codes come again and again: they are parsed once, and share their memory.
#[derive(Default)]
pub(super) struct Decoder {
    codes: HashMap<Box<str>, Code>,
    remembered: usize,
    period: Option<(String, Period)>,
}

impl Decoder {
    /// The row of some bytes.
    pub(super) fn row(&mut self, row: &[u8]) -> Result<Spooled, LakeError> {
        let mut bytes = Bytes(&row[LENGTH..]);
        self.read(&mut bytes)
            .ok_or_else(|| LakeError::Damaged("a row of the temporary folder".to_owned()))
    }

    fn read(&mut self, bytes: &mut Bytes<'_>) -> Option<Spooled> {
        let year = bytes.take(4)?;
        bytes.byte()?;
        let period = self.period(year, bytes.text()?)?;
        let item = bytes.word(Item::ALL)?;
        let ref_area: Area = bytes.text()?.parse().ok()?;
        let activity = self.code(bytes.text()?).ok()?;
        let product = self.code(bytes.text()?).ok()?;
        let counterpart_area = self.code(bytes.text()?).ok()?;
        let concept = match bytes.byte()? {
            0 => None,
            at => Some(*Concept::ALL.get(usize::from(at) - 1)?),
        };
        let key = FigureKey {
            item,
            ref_area,
            activity,
            product,
            counterpart_area,
            concept,
            indicator: bytes.word(Indicator::ALL)?,
            period: Span::at(period),
        };
        let place = Place {
            file: u32::from_be_bytes(bytes.array()?),
            line: u32::from_be_bytes(bytes.array()?),
        };
        let has_value = bytes.byte()? != 0;
        let value = Decimal::deserialize(bytes.array()?);
        let observation = Observation {
            key,
            value: has_value.then_some(value),
            decimals: u32::from_be_bytes(bytes.array()?),
            unit_mult: i32::from_be_bytes(bytes.array()?),
            status: bytes.word(ObsStatus::ALL)?,
            conf: bytes.word(ConfStatus::ALL)?,
        };
        Some(Spooled { observation, place })
    }

    fn period(&mut self, year: &[u8], part: &str) -> Option<Period> {
        let year = std::str::from_utf8(year).ok()?;
        if let Some((text, period)) = &self.period
            && text.split_at_checked(4) == Some((year, part))
        {
            return Some(*period);
        }
        let text = format!("{year}{part}");
        let period = text.parse().ok()?;
        self.period = Some((text, period));
        Some(period)
    }

    fn code(&mut self, text: &str) -> Result<Code, InvalidCode> {
        if let Some(code) = self.codes.get(text) {
            return Ok(code.clone());
        }
        let code: Code = text.parse()?;
        if self.remembered > REMEMBERED {
            self.codes.clear();
            self.remembered = 0;
        }
        self.remembered += text.len();
        self.codes.insert(text.into(), code.clone());
        Ok(code)
    }
}

/// Bytes that are not read yet.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, number: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(number)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn text(&mut self) -> Option<&'a str> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let text = std::str::from_utf8(self.take(end)?).ok()?;
        self.take(1)?;
        Some(text)
    }

    fn word<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        all.get(usize::from(self.byte()?)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_listed_in_the_order_in_which_they_compare() {
        assert!(Item::ALL.is_sorted() && Indicator::ALL.is_sorted());
        assert!(Concept::ALL.is_sorted());
    }
}
