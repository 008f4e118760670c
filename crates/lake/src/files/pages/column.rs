//! Values out of pages: texts as places in a dictionary, decimals, numbers, truths.

use std::{collections::BTreeSet, ops::Range, sync::Arc};

use arrow::{
    array::{ArrayRef, BooleanArray, Decimal128Array, DictionaryArray, Int32Array, StringBuilder},
    datatypes::{DataType, Int32Type},
};

use super::{Chunk, header::Encoding, page::Page, runs::Walk};

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
    let mut leave = |rows: &mut Vec<u32>, at: usize| {
        rows[left] = rows[at];
        left += 1;
    };
    for (first, page, part) in chunk.parts(rows)? {
        let within = |rows: &[u32], at: usize| usize::try_from(rows[at]).ok()?.checked_sub(first);
        match page.encoding {
            Encoding::Dictionary => {
                let mut numbers = page.numbers()?;
                let mut at = part.start;
                while at < part.end {
                    let row = within(rows, at)?;
                    let Some(place) = page.place(row)? else {
                        leave(rows, at);
                        at += 1;
                        continue;
                    };
                    let (number, end) = numbers.stretch(place)?;
                    let wanted = is_wanted(usize::try_from(number).ok()?)?;
                    // What follows has the same text, as far as rows and values are the same thing.
                    let end = if page.is_full() { end } else { row + 1 };
                    while at < part.end && within(rows, at)? < end {
                        if wanted {
                            leave(rows, at);
                        }
                        at += 1;
                    }
                }
            }
            Encoding::Plain => {
                let of_page = page.texts()?;
                for at in part {
                    let wanted = match page.place(within(rows, at)?)? {
                        Some(place) => texts.contains(page.text(of_page.get(place)?)?),
                        None => true,
                    };
                    if wanted {
                        leave(rows, at);
                    }
                }
            }
            Encoding::ByteStreamSplit => return None,
        }
    }
    rows.truncate(left);
    Some(())
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
            Some(Arc::new(Int32Array::from(numbers)))
        }
        // As many bytes as the digits want: eight, the last one first, or sixteen, the first one first.
        DataType::Decimal128(digits, scale) => {
            let values = if *digits <= 18 {
                fixed::<8, _>(chunk, rows, |bytes| i128::from(i64::from_le_bytes(bytes)))?
            } else {
                fixed::<16, _>(chunk, rows, i128::from_be_bytes)?
            };
            let values = Decimal128Array::from(values);
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
    let mut keys: Vec<Option<i32>> = Vec::with_capacity(rows.len());
    for (first, page, part) in chunk.parts(rows)? {
        let place = |row: &u32| page.place(usize::try_from(*row).ok()?.checked_sub(first)?);
        let rows = rows.get(part)?;
        match page.encoding {
            Encoding::Dictionary => {
                let mut numbers = page.numbers()?;
                for row in rows {
                    let Some(place) = place(row)? else {
                        keys.push(None);
                        continue;
                    };
                    let number = usize::try_from(numbers.at(place)?).ok()?;
                    let key = match *taken.get(number)? {
                        Some(key) => key,
                        None => {
                            let key = take(dictionary.text(number)?);
                            *taken.get_mut(number)?.insert(key)
                        }
                    };
                    keys.push(Some(key));
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
        DictionaryArray::try_new(Int32Array::from(keys), Arc::new(texts.finish()));
    Some(Arc::new(column.ok()?))
}

/// Values of so many bytes.
fn fixed<const N: usize, T>(
    chunk: &Chunk,
    rows: &[u32],
    value: impl Fn([u8; N]) -> T,
) -> Option<Vec<Option<T>>> {
    let mut values = Vec::with_capacity(rows.len());
    for (first, page, part) in chunk.parts(rows)? {
        let mut numbers: Option<Walk<'_>> = match page.encoding {
            Encoding::Dictionary => Some(page.numbers()?),
            _ => None,
        };
        for row in rows.get(part)? {
            let place = page.place(usize::try_from(*row).ok()?.checked_sub(first)?)?;
            let bytes = match (place, &mut numbers) {
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

fn truths(chunk: &Chunk, rows: &[u32]) -> Option<Vec<Option<bool>>> {
    let mut truths = Vec::with_capacity(rows.len());
    for (first, page, part) in chunk.parts(rows)? {
        for row in rows.get(part)? {
            let place = page.place(usize::try_from(*row).ok()?.checked_sub(first)?)?;
            truths.push(match place {
                Some(place) => Some(page.bit(place)?),
                None => None,
            });
        }
    }
    Some(truths)
}
