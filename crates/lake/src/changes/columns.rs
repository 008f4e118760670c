//! Rows of observations by column, as numbers that are equal where the rows are: what is compared is not taken apart.

use std::{cmp::Ordering, collections::HashMap, str::FromStr};

use arrow::array::{Array as _, Decimal128Array, RecordBatch};
use regtrade_model::{
    Area, Code, Concept, ConfStatus, FigureKey, Indicator, InvalidCode, Item, ObsStatus, Period,
    ReleaseId, Span,
};

use super::Said;
use crate::{
    LakeError,
    rows::{self, Texts},
    schema::OBS_VALUE,
};

/// A key as one number: what the vocabulary has of each of its parts.
pub(super) type Key = u128;

/// The parts of a key as it is sorted, each with how many bits its numbers have.
const ITEM: u32 = 8;
const AREA: u32 = 16;
const CODE: u32 = 24;
const CONCEPT: u32 = 4;
const INDICATOR: u32 = 8;
const PERIOD: u32 = 16;

/// What is said of a value as one number: DECIMALS in the lowest bits, then UNIT_MULT, each with 32 bits, CONF_STATUS and
/// OBS_STATUS.
const STATUS: u32 = 8;

/// The words of a column by number, in the order in which they came. What is not there is 0.
#[derive(Debug)]
struct Words<T> {
    column: &'static str,
    bits: u32,
    numbers: HashMap<Box<str>, u32>,
    words: Vec<T>,
}

/// All words of the rows of a year.
#[derive(Debug)]
pub(super) struct Vocabulary {
    item: Words<Item>,
    ref_area: Words<Area>,
    activity: Words<Code>,
    product: Words<Code>,
    counterpart_area: Words<Code>,
    concept: Words<Concept>,
    indicator: Words<Indicator>,
    period: Words<Span>,
    status: Words<ObsStatus>,
    conf: Words<ConfStatus>,
}

/// Some rows, of which the first ones were looked at.
pub(super) struct Columns {
    keys: Vec<Key>,
    values: [Decimal128Array; 2],
    /// What is said of the values.
    says: Vec<u128>,
    next: usize,
}

impl<T: FromStr<Err = InvalidCode> + Ord> Words<T> {
    fn of(column: &'static str, bits: u32) -> Self {
        Self {
            column,
            bits,
            numbers: HashMap::new(),
            words: vec![],
        }
    }

    fn number(&mut self, text: &str) -> Result<u32, LakeError> {
        if let Some(number) = self.numbers.get(text) {
            return Ok(*number);
        }
        let damaged = |why: String| LakeError::Damaged(format!("{}: {why}", self.column));
        let word = text.parse();
        let word: T = word.map_err(|error: InvalidCode| damaged(error.to_string()))?;
        let number = u32::try_from(self.words.len() + 1).unwrap_or(u32::MAX);
        if number >> self.bits != 0 {
            return Err(damaged("there are too many codes".to_owned()));
        }
        self.words.push(word);
        self.numbers.insert(text.into(), number);
        Ok(number)
    }

    fn word(&self, number: u32) -> Option<&T> {
        self.words
            .get(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    /// Puts the numbers of a column below those of the columns before it.
    fn put(&mut self, batch: &RecordBatch, into: &mut Numbers) -> Result<(), LakeError> {
        let texts = Texts::of(batch, self.column)?;
        into.shift(self.bits);
        if let Some(place) = texts.only_place() {
            let number = self.number(texts.text(place))?;
            into.same |= u128::from(number);
            return Ok(());
        }
        // Each text of the dictionary is looked up once.
        let mut known = vec![0; texts.len()];
        let mut column = Vec::with_capacity(batch.num_rows());
        for row in 0..batch.num_rows() {
            let Some(place) = texts.place(row) else {
                column.push(0);
                continue;
            };
            if known[place] == 0 {
                known[place] = self.number(texts.text(place))?;
            }
            column.push(known[place]);
        }
        into.columns.push((0, column));
        Ok(())
    }

    /// The same of a column that has a text in every row.
    fn put_all(&mut self, batch: &RecordBatch, into: &mut Numbers) -> Result<(), LakeError> {
        let before = into.columns.len();
        self.put(batch, into)?;
        let column = into.columns.get(before).into_iter();
        if column
            .flat_map(|(_, column)| column)
            .any(|number| *number == 0)
        {
            return Err(LakeError::Damaged(format!("{} is null", self.column)));
        }
        Ok(())
    }
}

/// Numbers of several columns that are put together, the first in the highest bits.
#[derive(Debug, Default)]
struct Numbers {
    /// Of the columns that are the same in every row.
    same: u128,
    /// The others, each with how far up it is.
    columns: Vec<(u32, Vec<u32>)>,
}

impl Numbers {
    fn shift(&mut self, bits: u32) {
        self.same <<= bits;
        self.columns.iter_mut().for_each(|(up, _)| *up += bits);
    }

    fn whole(&mut self, batch: &RecordBatch, column: &'static str) -> Result<(), LakeError> {
        let numbers = rows::to_numbers(batch, column)?.into_iter();
        let numbers = numbers.map(|number| number.map(i32::cast_unsigned));
        let numbers: Option<Vec<u32>> = numbers.collect();
        let null = || LakeError::Damaged(format!("{column} is null"));
        self.shift(u32::BITS);
        self.columns.push((0, numbers.ok_or_else(null)?));
        Ok(())
    }

    fn together(self, rows: usize) -> Vec<u128> {
        let mut all = vec![self.same; rows];
        for (up, column) in self.columns {
            for (all, number) in all.iter_mut().zip(column) {
                *all |= u128::from(number) << up;
            }
        }
        all
    }
}

impl Default for Vocabulary {
    fn default() -> Self {
        Self {
            item: Words::of("item", ITEM),
            ref_area: Words::of("ref_area", AREA),
            activity: Words::of("activity", CODE),
            product: Words::of("product", CODE),
            counterpart_area: Words::of("counterpart_area", CODE),
            concept: Words::of("concept", CONCEPT),
            indicator: Words::of("indicator", INDICATOR),
            period: Words::of("time_period", PERIOD),
            status: Words::of("obs_status", STATUS),
            conf: Words::of("conf_status", STATUS),
        }
    }
}

impl Vocabulary {
    /// How keys compare.
    pub(super) fn order(&self, a: Key, b: Key) -> Ordering {
        fn by<T: FromStr<Err = InvalidCode> + Ord>(
            words: &Words<T>,
            (a, b): (&mut Key, &mut Key),
        ) -> Ordering {
            let number = |key: &mut Key| {
                *key = key.rotate_left(words.bits);
                part(*key, words.bits)
            };
            let (a, b) = (number(a), number(b));
            if a == b {
                Ordering::Equal
            } else {
                words.word(a).cmp(&words.word(b))
            }
        }
        if a == b {
            return Ordering::Equal;
        }
        let unused = ITEM + AREA + 3 * CODE + CONCEPT + INDICATOR + PERIOD;
        let mut keys = [a, b].map(|key| key << (Key::BITS - unused));
        let [a, b] = &mut keys;
        by(&self.item, (a, b))
            .then_with(|| by(&self.ref_area, (a, b)))
            .then_with(|| by(&self.activity, (a, b)))
            .then_with(|| by(&self.product, (a, b)))
            .then_with(|| by(&self.counterpart_area, (a, b)))
            .then_with(|| by(&self.concept, (a, b)))
            .then_with(|| by(&self.indicator, (a, b)))
            .then_with(|| by(&self.period, (a, b)))
    }

    /// The number of the period of a key.
    pub(super) fn period_number(key: Key) -> u32 {
        part(key, PERIOD)
    }

    /// The period of a key.
    pub(super) fn period(&self, key: Key) -> Option<Period> {
        let word = self.period.word(Self::period_number(key));
        word.map(|span| span.last())
    }

    /// The key that a number is; `None` where it is none.
    pub(super) fn key(&self, mut key: Key) -> Option<FigureKey> {
        let mut next = |bits| {
            let number = part(key, bits);
            key >>= bits;
            number
        };
        let (period, indicator, concept) = (next(PERIOD), next(INDICATOR), next(CONCEPT));
        let (partner, product, activity) = (next(CODE), next(CODE), next(CODE));
        let (area, item) = (next(AREA), next(ITEM));
        Some(FigureKey {
            item: *self.item.word(item)?,
            ref_area: *self.ref_area.word(area)?,
            activity: self.activity.word(activity)?.clone(),
            product: self.product.word(product)?.clone(),
            counterpart_area: self.counterpart_area.word(partner)?.clone(),
            concept: self.concept.word(concept).copied(),
            indicator: *self.indicator.word(indicator)?,
            period: *self.period.word(period)?,
        })
    }

    fn keys(&mut self, batch: &RecordBatch) -> Result<Vec<Key>, LakeError> {
        let mut numbers = Numbers::default();
        self.item.put_all(batch, &mut numbers)?;
        self.ref_area.put_all(batch, &mut numbers)?;
        self.activity.put_all(batch, &mut numbers)?;
        self.product.put_all(batch, &mut numbers)?;
        self.counterpart_area.put_all(batch, &mut numbers)?;
        self.concept.put(batch, &mut numbers)?;
        self.indicator.put_all(batch, &mut numbers)?;
        self.period.put_all(batch, &mut numbers)?;
        Ok(numbers.together(batch.num_rows()))
    }

    fn says(&mut self, batch: &RecordBatch) -> Result<Vec<u128>, LakeError> {
        let mut numbers = Numbers::default();
        self.status.put_all(batch, &mut numbers)?;
        self.conf.put_all(batch, &mut numbers)?;
        numbers.whole(batch, "unit_mult")?;
        numbers.whole(batch, "decimals")?;
        Ok(numbers.together(batch.num_rows()))
    }
}

impl Columns {
    pub(super) fn of(batch: RecordBatch, words: &mut Vocabulary) -> Result<Self, LakeError> {
        Ok(Self {
            keys: words.keys(&batch)?,
            says: words.says(&batch)?,
            values: [
                rows::decimals_of(&batch, OBS_VALUE)?,
                rows::decimals_of(&batch, "value")?,
            ],
            next: 0,
        })
    }

    /// The key of the next row; `None` at the end.
    pub(super) fn key(&self) -> Option<Key> {
        self.keys.get(self.next).copied()
    }

    /// Whether the next row says what that of another one says.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let value = |of: &Self, at: usize| of.value(at, of.next);
        self.says.get(self.next) == other.says.get(other.next)
            && value(self, 0) == value(other, 0)
            && value(self, 1) == value(other, 1)
    }

    /// Goes on to the row after the next, and says which one it was.
    pub(super) fn pass(&mut self) -> usize {
        self.next += 1;
        self.next - 1
    }

    /// What is in one of the two columns of values.
    fn value(&self, at: usize, row: usize) -> Option<i128> {
        let values = &self.values[at];
        (!values.is_null(row)).then(|| values.value(row))
    }

    /// What a row, whose slice a release wrote, says of its cell.
    pub(super) fn said(
        &self,
        row: usize,
        release: ReleaseId,
        words: &Vocabulary,
    ) -> Result<Said, LakeError> {
        let says = self.says.get(row).copied().unwrap_or_default();
        let [decimals, unit_mult] = [says, says >> u32::BITS].map(|says| part(says, u32::BITS));
        let (conf, status) = (says >> (2 * u32::BITS), says >> (2 * u32::BITS + STATUS));
        let conf = words.conf.word(part(conf, STATUS));
        let status = words.status.word(part(status, STATUS));
        let nothing = || LakeError::Damaged("a row without a status".to_owned());
        let decimals = rows::count(Some(decimals.cast_signed()), "decimals")?;
        Ok(Said {
            release,
            value: rows::to_value([self.value(0, row), self.value(1, row)], decimals)?,
            decimals,
            unit_mult: unit_mult.cast_signed(),
            status: *status.ok_or_else(nothing)?,
            conf: *conf.ok_or_else(nothing)?,
        })
    }
}

/// The lowest bits of a number.
fn part(of: u128, bits: u32) -> u32 {
    u32::try_from(of & ((1 << bits) - 1)).unwrap_or_default()
}
