//! The rows of a row group, packed as they were sorted, and the columns that they are.

use std::sync::Arc;

use regtrade_model::{Code, Concept, Decimal, FigureKey, Indicator, Item, Period, Release};

use super::{
    Place,
    codes::{Attributes, Codes, Vocabulary, damaged, ranks},
    key::{PARTS, PackedKey, part, period},
    run::Packed,
};
use crate::{
    LakeError,
    files::{Column, NOTHING, Numbers},
    rows::{Row, fitting, to_stored},
    schema::{Content, OBS_PRECISION, OBS_SCALE, OBS_VALUE},
};

/// Says of a row that it is deleted, and that its key is among the deleted ones, by the place where it was read.
const DELETED: u32 = u32::MAX;

/// Rows of a release, in the order in which they were given.
pub(crate) struct Group {
    content: Content,
    dataflow: String,
    release: String,
    rows: Vec<Packed>,
    /// The keys of rows that are deleted, which are of codes that the others may not have.
    deleted: Vec<FigureKey>,
    vocabulary: Arc<Vocabulary>,
    /// The first year, and the texts of the periods of it and of those up to the last one.
    first: u16,
    periods: Vec<String>,
}

/// What the keys of rows have in common, and what they say of their values.
struct Alike {
    first: PackedKey,
    /// The bits in which any other key differs; `None` where there is a row without a key.
    differing: Option<PackedKey>,
    /// The number of what all rows say of their values.
    attributes: Option<u32>,
}

impl Alike {
    fn of(rows: &[Packed]) -> Self {
        let first = rows.first().copied().unwrap_or_default();
        let (mut differing, mut is_other, mut is_deleted) = (PackedKey::default(), false, false);
        for row in rows {
            differing = differing.with(first.key.differing(row.key));
            is_other |= row.attributes != first.attributes;
            is_deleted |= row.attributes == DELETED;
        }
        Self {
            first: first.key,
            differing: (!is_deleted).then_some(differing),
            attributes: (!is_other && !is_deleted).then_some(first.attributes),
        }
    }

    /// A part of the keys, where it is the same in all of them. It is given as its bits stand: what is made of them may be 0
    /// where they differ.
    fn part(&self, part: impl Fn(PackedKey) -> u32) -> Option<u32> {
        let is_same = self.differing.is_some_and(|differing| part(differing) == 0);
        is_same.then(|| part(self.first))
    }
}

/// The columns of rows, by their names.
pub(crate) type Columns<'a> = Vec<(&'static str, Column<'a>)>;

impl Group {
    /// None yet, and room for so many, of a vocabulary.
    pub(crate) fn empty(
        content: Content,
        release: &Release,
        vocabulary: &Arc<Vocabulary>,
        room: usize,
    ) -> Self {
        Self {
            content,
            dataflow: release.dataflow.to_string(),
            release: release.id.to_string(),
            rows: Vec::with_capacity(room),
            deleted: vec![],
            vocabulary: Arc::clone(vocabulary),
            first: 0,
            periods: vec![],
        }
    }

    /// Rows that are at hand.
    pub(crate) fn of(
        content: Content,
        release: &Release,
        given: &[Row],
    ) -> Result<Self, LakeError> {
        let (mut codes, mut rows) = (Codes::default(), Vec::with_capacity(given.len()));
        for row in given {
            if let Row::There(row) = row {
                rows.push(Packed::of(row, Default::default(), &mut codes)?);
            }
        }
        let ranks = codes.in_order().map(|order| ranks(&order));
        let vocabulary = Arc::new(codes.finish());
        let mut group = Self::empty(content, release, &vocabulary, given.len());
        let mut rows = rows.into_iter();
        for row in given {
            match row {
                Row::There(_) => group
                    .rows
                    .extend(rows.next().map(|row| row.renumbered(&ranks))),
                Row::Deleted(key) => group.push_deleted(key.clone()),
            }
        }
        Ok(group.whole())
    }

    /// One row more, its codes by their rank in the vocabulary.
    pub(crate) fn push(&mut self, row: Packed) {
        self.rows.push(row);
    }

    /// One that is deleted.
    pub(crate) fn push_deleted(&mut self, key: FigureKey) {
        let line = u32::try_from(self.deleted.len()).unwrap_or(u32::MAX);
        self.rows.push(Packed {
            attributes: DELETED,
            place: Place { file: 0, line },
            ..Packed::default()
        });
        self.deleted.push(key);
    }

    /// How many rows there are.
    pub(crate) const fn len(&self) -> usize {
        self.rows.len()
    }

    /// The group with all of its rows.
    pub(crate) fn whole(mut self) -> Self {
        let year = |row: &Packed| match row.attributes {
            DELETED => self.deleted[row.place.line as usize].period.last().year(),
            _ => row.key.year(),
        };
        let years = self.rows.iter().map(year);
        let (first, last) = years.fold((None, None), |(first, last), year| {
            let least = first.map_or(year, |first: u16| first.min(year));
            (Some(least), last.max(Some(year)))
        });
        self.first = first.unwrap_or_default();
        // What is no year has no text.
        let years = self.first..=last.unwrap_or_default();
        let periods = years.flat_map(|year| (0..PARTS as u8).map(move |part| period(year, part)));
        let texts = periods.map(|period| period.map_or_else(String::new, |of| of.to_string()));
        self.periods = texts.collect();
        self
    }

    /// The columns of the rows.
    pub(crate) fn columns(&self) -> Result<Columns<'_>, LakeError> {
        let of = &self.vocabulary;
        let same = |text| Column::Texts(vec![text], Numbers::Same(0, self.len()));
        let alike = Alike::of(&self.rows);
        let frequencies = self.texts(
            ["A", "Q", "M"].into_iter(),
            &alike,
            |key| key.part().into(),
            |part| match part {
                0 => 0,
                1..=4 => 1,
                _ => 2,
            },
            |key| Some(key.period.last().frequency()),
        );
        let periods = self.periods.iter().map(String::as_str).collect();
        let (first, parts) = (u32::from(self.first), PARTS as u32);
        let period = |year: u16, part: u8| (u32::from(year) - first) * parts + u32::from(part);
        let of_periods = self.numbers(
            |row| period(row.key.year(), row.key.part()),
            |at| {
                let of: Period = self.deleted[at].period.last();
                period(of.year(), part(of))
            },
        );
        let mut columns = vec![
            ("content", same(self.content.as_str())),
            ("dataflow", same(&self.dataflow)),
            ("release", same(&self.release)),
            ("freq", frequencies),
            (
                "ref_area",
                self.texts(
                    of.areas.iter().map(|area| area.as_str()),
                    &alike,
                    PackedKey::area,
                    |area| area,
                    |key| Some(key.ref_area.as_str()),
                ),
            ),
            (
                "item",
                self.texts(
                    Item::ALL.iter().map(|item| item.as_str()),
                    &alike,
                    PackedKey::item,
                    |item| item,
                    |key| Some(key.item.as_str()),
                ),
            ),
            (
                "activity",
                self.texts(
                    of.activities.iter().map(Code::as_str),
                    &alike,
                    PackedKey::activity,
                    |activity| activity,
                    |key| Some(key.activity.as_str()),
                ),
            ),
            (
                "product",
                self.texts(
                    of.products.iter().map(Code::as_str),
                    &alike,
                    PackedKey::product,
                    |product| product,
                    |key| Some(key.product.as_str()),
                ),
            ),
            (
                "counterpart_area",
                self.texts(
                    of.partners.iter().map(Code::as_str),
                    &alike,
                    PackedKey::partner,
                    |partner| partner,
                    |key| Some(key.counterpart_area.as_str()),
                ),
            ),
            (
                "concept",
                self.texts(
                    Concept::ALL.iter().map(|concept| concept.as_str()),
                    &alike,
                    PackedKey::concept_bits,
                    |bits| bits.checked_sub(1).unwrap_or(NOTHING),
                    |key| Some(key.concept?.as_str()),
                ),
            ),
            (
                "indicator",
                self.texts(
                    Indicator::ALL.iter().map(|indicator| indicator.as_str()),
                    &alike,
                    PackedKey::indicator,
                    |indicator| indicator,
                    |key| Some(key.indicator.as_str()),
                ),
            ),
            ("time_period", Column::Texts(periods, of_periods)),
        ];
        let (short, long) = self.values()?;
        columns.extend([
            (OBS_VALUE, Column::Short(short)),
            ("value", long),
            (
                "unit",
                self.texts(
                    Indicator::ALL.iter().map(|of| of.unit().as_str()),
                    &alike,
                    PackedKey::indicator,
                    |indicator| indicator,
                    |key| Some(key.indicator.unit().as_str()),
                ),
            ),
            ("unit_mult", self.counts(&alike, |of| Ok(of.unit_mult))?),
            (
                "decimals",
                self.counts(&alike, |of| {
                    i32::try_from(of.decimals).map_err(|_| damaged())
                })?,
            ),
            ("obs_status", self.statuses(&alike, |of| of.status.as_str())),
            ("conf_status", self.statuses(&alike, |of| of.conf.as_str())),
            (
                "deleted",
                Column::Truths(
                    self.rows
                        .iter()
                        .map(|row| row.attributes == DELETED)
                        .collect(),
                ),
            ),
        ]);
        Ok(columns)
    }

    /// The number of what each row has in a column.
    fn numbers(
        &self,
        there: impl Fn(&Packed) -> u32,
        of_deleted: impl Fn(usize) -> u32,
    ) -> Numbers {
        let number = |row: &Packed| match row.attributes {
            DELETED => of_deleted(row.place.line as usize),
            _ => there(row),
        };
        let numbers: Vec<u32> = self.rows.iter().map(number).collect();
        match numbers.split_first() {
            Some((first, rest)) if rest.iter().all(|number| number == first) => {
                Numbers::Same(*first, numbers.len())
            }
            _ => Numbers::Each(numbers),
        }
    }

    /// A column of texts: those that rows have by a number that is made of a part of the key, and behind them those of the
    /// deleted ones.
    fn texts<'a>(
        &'a self,
        all: impl Iterator<Item = &'a str>,
        alike: &Alike,
        part: impl Fn(PackedKey) -> u32,
        number: impl Fn(u32) -> u32,
        of_deleted: impl Fn(&'a FigureKey) -> Option<&'a str>,
    ) -> Column<'a> {
        let mut all: Vec<&str> = all.collect();
        if let Some(part) = alike.part(&part) {
            return Column::Texts(all, Numbers::Same(number(part), self.len()));
        }
        let mut deleted = vec![];
        for key in &self.deleted {
            deleted.push(match of_deleted(key) {
                Some(text) => {
                    all.push(text);
                    all.len() as u32 - 1
                }
                None => NOTHING,
            });
        }
        let rows = self.numbers(|row| number(part(row.key)), |at| deleted[at]);
        Column::Texts(all, rows)
    }

    /// A column of texts of what rows say of their values, which deleted ones do not.
    fn statuses<'a>(&'a self, alike: &Alike, text: impl Fn(&Attributes) -> &'a str) -> Column<'a> {
        let all = self.vocabulary.attributes.iter().map(text).collect();
        Column::Texts(all, self.attributes(alike))
    }

    /// The same of whole numbers.
    fn counts(
        &self,
        alike: &Alike,
        number: impl Fn(&Attributes) -> Result<i32, LakeError>,
    ) -> Result<Column<'_>, LakeError> {
        let all = self.vocabulary.attributes.iter().map(number);
        let all = all.collect::<Result<_, _>>()?;
        Ok(Column::Numbers(all, self.attributes(alike)))
    }

    fn attributes(&self, alike: &Alike) -> Numbers {
        match alike.attributes {
            Some(attributes) => Numbers::Same(attributes, self.len()),
            None => self.numbers(|row| row.attributes, |_| NOTHING),
        }
    }

    /// The values, and those of them that do not fit among the others.
    fn values(&self) -> Result<(Vec<Option<i64>>, Column<'_>), LakeError> {
        let (mut short, mut long) = (Vec::with_capacity(self.len()), vec![]);
        let mut of_long = vec![];
        for (at, row) in self.rows.iter().enumerate() {
            let value = self.value(row)?;
            let fits = value.and_then(|value| fitting(value, OBS_PRECISION, OBS_SCALE));
            if let Some(value) = value.filter(|_| fits.is_none()) {
                // Few have one, if any.
                of_long.resize(self.len(), NOTHING);
                of_long[at] = u32::try_from(long.len()).unwrap_or(NOTHING);
                long.push(to_stored(value)?);
            }
            short.push(fits.and_then(|value| i64::try_from(value).ok()));
        }
        let of_long = match long.len() {
            0 => Numbers::Same(NOTHING, self.len()),
            _ => Numbers::Each(of_long),
        };
        Ok((short, Column::Long(long, of_long)))
    }

    fn value(&self, row: &Packed) -> Result<Option<Decimal>, LakeError> {
        if row.attributes == DELETED {
            return Ok(None);
        }
        let attributes = self.vocabulary.attributes(row)?;
        Ok(attributes.has_value.then_some(row.value))
    }
}
