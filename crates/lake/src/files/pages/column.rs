//! Values out of pages: texts as places in a dictionary, decimals, numbers, truths.

use std::{collections::BTreeSet, ops::Range, sync::Arc};

use arrow::{
    array::{ArrayRef, BooleanArray, Decimal128Array, DictionaryArray, Int32Array, StringBuilder},
    buffer::{NullBuffer, ScalarBuffer},
    datatypes::{ArrowNativeType, DataType, Int32Type},
};

use super::{Chunk, header::Encoding, page::Page, runs::Walk};

/// How many values are put together at most for each that is wanted.
const MOST_BETWEEN: usize = 4;

/// Where texts are of a column.
struct Dictionary<'a> {
    page: Option<&'a Page>,
    texts: Vec<Range<usize>>,
}

impl<'a> Dictionary<'a> {
    fn of(chunk: &'a Chunk) -> Option<Self> {
        let page = chunk.dictionary.as_ref();
        let texts = page.map_or_else(|| Some(vec![]), Page::texts)?;
        Some(Self { page, texts })
    }

    fn text(&self, at: usize) -> Option<&'a str> {
        self.page?.text(self.texts.get(at)?)
    }
}

pub(super) fn leave_texts(
    chunk: &Chunk,
    rows: &mut Vec<u32>,
    texts: &BTreeSet<String>,
) -> Option<()> {
    let dictionary = Dictionary::of(chunk)?;
    // Each text of the dictionary is looked up at most once, and only where a row has it.
    let mut known: Vec<Option<bool>> = vec![None; dictionary.texts.len()];
    let mut is_wanted = |at: usize| match *known.get(at)? {
        Some(wanted) => Some(wanted),
        None => Some(
            *known
                .get_mut(at)?
                .insert(texts.contains(dictionary.text(at)?)),
        ),
    };
    let mut left = 0;
    for (first, page, part) in chunk.parts(rows)? {
        let within = |rows: &[u32], at: usize| usize::try_from(rows[at]).ok()?.checked_sub(first);
        let mut places = page.places();
        match page.encoding {
            Encoding::Dictionary => {
                let mut numbers = page.numbers()?;
                let mut at = part.start;
                while at < part.end {
                    let row = within(rows, at)?;
                    let Some(place) = places.of(row)? else {
                        rows[left] = rows[at];
                        (left, at) = (left + 1, at + 1);
                        continue;
                    };
                    let (number, end) = numbers.stretch(place)?;
                    let wanted = is_wanted(usize::try_from(number).ok()?)?;
                    // What follows has the same text, as far as rows and values are the same thing.
                    let end = if page.is_full() { end } else { row + 1 };
                    let next = after(rows, at..part.end, first.checked_add(end)?);
                    if wanted {
                        rows.copy_within(at..next, left);
                        left += next - at;
                    }
                    at = next;
                }
            }
            Encoding::Plain => {
                let of_page = page.texts()?;
                for at in part {
                    let wanted = match places.of(within(rows, at)?)? {
                        Some(place) => texts.contains(page.text(of_page.get(place)?)?),
                        None => true,
                    };
                    if wanted {
                        rows[left] = rows[at];
                        left += 1;
                    }
                }
            }
            Encoding::ByteStreamSplit => return None,
        }
    }
    rows.truncate(left);
    Some(())
}

/// The first of some rows from a place on that is not before `end`; the one at the place is.
fn after(rows: &[u32], places: Range<usize>, end: usize) -> usize {
    let is_before = |row: &u32| usize::try_from(*row).is_ok_and(|row| row < end);
    let rest = &rows[places.clone()];
    // Mostly the rows are a few, or stand together.
    let together = rest.first().map_or(0, |first| {
        end.saturating_sub(usize::try_from(*first).unwrap_or(end))
    });
    let is_together = rest.get(together.wrapping_sub(1)).is_some_and(is_before);
    let count = if is_together {
        together
    } else {
        rest.partition_point(is_before)
    };
    places.start + count.max(1)
}

pub(super) fn leave_truth(chunk: &Chunk, rows: &mut Vec<u32>, wanted: bool) -> Option<()> {
    let truths = truths(chunk, rows)?;
    let mut truths = truths.into_iter();
    rows.retain(|_| truths.next().flatten().unwrap_or_default() == wanted);
    Some(())
}

pub(super) fn column(chunk: &Chunk, rows: &[u32], of: &DataType) -> Option<ArrayRef> {
    match of {
        DataType::Dictionary(..) => texts(chunk, rows),
        DataType::Boolean => Some(Arc::new(BooleanArray::from(truths(chunk, rows)?))),
        DataType::Int32 => {
            let numbers = fixed::<4, _>(chunk, rows, i32::from_le_bytes)?;
            Some(Arc::new(numbers.column(Int32Array::new)))
        }
        // As many bytes as the digits want: eight, the last one first, or sixteen, the first one first.
        DataType::Decimal128(digits, scale) => {
            let values = if *digits <= 18 {
                fixed::<8, _>(chunk, rows, |bytes| i128::from(i64::from_le_bytes(bytes)))?
            } else {
                fixed::<16, _>(chunk, rows, i128::from_be_bytes)?
            };
            let values = values.column(Decimal128Array::new);
            let values = values.with_precision_and_scale(*digits, *scale).ok()?;
            Some(Arc::new(values))
        }
        _ => None,
    }
}

/// A column of texts, in which each is once.
fn texts(chunk: &Chunk, rows: &[u32]) -> Option<ArrayRef> {
    let dictionary = Dictionary::of(chunk)?;
    let mut taken: Vec<Option<i32>> = vec![None; dictionary.texts.len()];
    let (mut texts, mut count) = (StringBuilder::new(), 0);
    let mut take = |text: &str| {
        texts.append_value(text);
        count += 1;
        count - 1
    };
    let mut keys = Values::with_capacity(rows.len());
    for (first, page, part) in chunk.parts(rows)? {
        let mut places = page.places();
        let mut place = |row: &u32| places.of(usize::try_from(*row).ok()?.checked_sub(first)?);
        let rows = rows.get(part)?;
        match page.encoding {
            Encoding::Dictionary => {
                let mut numbers = page.numbers()?;
                let mut key = |number: u32| {
                    let number = usize::try_from(number).ok()?;
                    match *taken.get(number)? {
                        Some(key) => Some(key),
                        None => {
                            let key = take(dictionary.text(number)?);
                            Some(*taken.get_mut(number)?.insert(key))
                        }
                    }
                };
                let span = page.span(first, rows).filter(|of| of.len() == rows.len());
                if let Some(span) = span.filter(|_| page.is_full()) {
                    let mut at = span.start;
                    while at < span.end {
                        let (number, end) = numbers.stretch(at)?;
                        let end = end.min(span.end);
                        keys.extend(std::iter::repeat_n(key(number)?, end - at));
                        at = end;
                    }
                    continue;
                }
                for row in rows {
                    keys.push(match place(row)? {
                        Some(place) => Some(key(numbers.at(place)?)?),
                        None => None,
                    });
                }
            }
            Encoding::Plain => {
                let of_page = page.texts()?;
                for row in rows {
                    keys.push(match place(row)? {
                        Some(place) => Some(take(page.text(of_page.get(place)?)?)),
                        None => None,
                    });
                }
            }
            Encoding::ByteStreamSplit => return None,
        }
    }
    let column: Result<DictionaryArray<Int32Type>, _> =
        DictionaryArray::try_new(keys.column(Int32Array::new), Arc::new(texts.finish()));
    Some(Arc::new(column.ok()?))
}

/// Values of so many bytes.
fn fixed<const N: usize, T: Default>(
    chunk: &Chunk,
    rows: &[u32],
    value: impl Fn([u8; N]) -> T,
) -> Option<Values<T>> {
    let mut values = Values::with_capacity(rows.len());
    for (first, page, part) in chunk.parts(rows)? {
        let rows = rows.get(part)?;
        let mut numbers: Option<Walk<'_>> = match page.encoding {
            Encoding::Dictionary => Some(page.numbers()?),
            _ => None,
        };
        let mut places = page.places();
        let mut place = |row: &u32| places.of(usize::try_from(*row).ok()?.checked_sub(first)?);
        // Where those between them are not many more, all are put together, which is quicker than one by one.
        let together = match numbers {
            None => page.span(first, rows),
            Some(_) => None,
        };
        if let Some(span) = together.filter(|of| of.len() / MOST_BETWEEN < rows.len()) {
            let begin = span.start;
            let bytes = page.all_fixed(span)?;
            for row in rows {
                let bytes = match place(row)? {
                    Some(place) => Some(*bytes.get(place.checked_sub(begin)?)?),
                    None => None,
                };
                values.push(bytes.map(&value));
            }
            continue;
        }
        for row in rows {
            let bytes = match (place(row)?, &mut numbers) {
                (None, _) => None,
                (Some(place), None) => Some(page.fixed(place)?),
                (Some(place), Some(numbers)) => {
                    let at = usize::try_from(numbers.at(place)?).ok()?;
                    Some(chunk.dictionary.as_ref()?.fixed(at)?)
                }
            };
            values.push(bytes.map(&value));
        }
    }
    Some(values)
}

/// Values of rows, of which some may have none.
struct Values<T> {
    values: Vec<T>,
    /// Whether each row has one; only once a row has none.
    there: Option<Vec<bool>>,
}

impl<T: Default> Values<T> {
    fn with_capacity(rows: usize) -> Self {
        Self {
            values: Vec::with_capacity(rows),
            there: None,
        }
    }

    #[inline]
    fn push(&mut self, value: Option<T>) {
        if value.is_none() && self.there.is_none() {
            let mut there = Vec::with_capacity(self.values.capacity());
            there.resize(self.values.len(), true);
            self.there = Some(there);
        }
        if let Some(there) = &mut self.there {
            there.push(value.is_some());
        }
        self.values.push(value.unwrap_or_default());
    }

    fn extend(&mut self, values: impl Iterator<Item = T>) {
        self.values.extend(values);
        if let Some(there) = &mut self.there {
            there.resize(self.values.len(), true);
        }
    }

    /// The column that they are.
    fn column<C>(self, of: impl Fn(ScalarBuffer<T>, Option<NullBuffer>) -> C) -> C
    where
        T: ArrowNativeType,
    {
        of(self.values.into(), self.there.map(NullBuffer::from))
    }
}

fn truths(chunk: &Chunk, rows: &[u32]) -> Option<Vec<Option<bool>>> {
    let mut truths = Vec::with_capacity(rows.len());
    for (first, page, part) in chunk.parts(rows)? {
        let mut places = page.places();
        for row in rows.get(part)? {
            let place = places.of(usize::try_from(*row).ok()?.checked_sub(first)?)?;
            truths.push(match place {
                Some(place) => Some(page.bit(place)?),
                None => None,
            });
        }
    }
    Some(truths)
}
