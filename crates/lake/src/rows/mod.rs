//! Rows in and out of Arrow columns.

mod decimal;
mod figures;
mod observations;
mod records;

use std::sync::Arc;

use arrow::{
    array::{
        Array, ArrayRef, AsArray, Decimal128Array, Int32Array, RecordBatch, StringArray,
        StringBuilder,
    },
    datatypes::{Decimal128Type, Int32Type, Schema},
};
use regtrade_model::{Decimal, FigureKey, Release};

use crate::{
    LakeError,
    schema::{Content, PRECISION, SCALE, columns},
};

pub use decimal::fitting;
pub(crate) use decimal::{shortest, to_stored};
pub(crate) use figures::{of_bounds, of_published, to_bounds, to_published};
pub(crate) use observations::{
    KEY_COLUMNS, Level, OBSERVATION_COLUMNS, Row, each_level, to_observations, to_value,
};

pub(crate) use records::{Record, Stored, StoredFile, of_event, of_release, to_events, to_record};

/// A batch of the named columns, in the order of the schema. The others are not in the file, which reads as null.
fn batch(named: &[(&str, ArrayRef)]) -> Result<RecordBatch, LakeError> {
    let schema = columns();
    let chosen = schema.fields().iter().filter_map(|field| {
        let (_, array) = named.iter().find(|(name, _)| name == field.name())?;
        Some((Arc::clone(field), Arc::clone(array)))
    });
    let (fields, arrays): (Vec<_>, Vec<_>) = chosen.unzip();
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
}

fn constant(value: impl ToString, rows: usize) -> ArrayRef {
    let value = value.to_string();
    Arc::new(StringArray::from(vec![value.as_str(); rows]))
}

fn numbers(values: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    let small = values.map(|value| value.and_then(|value| i32::try_from(value).ok()));
    Arc::new(small.collect::<Int32Array>())
}

/// The columns of what a figure is, for rows of a content.
fn key_columns<'a>(
    content: Content,
    release: &Release,
    keys: impl Iterator<Item = &'a FigureKey> + Clone,
) -> Vec<(&'static str, ArrayRef)> {
    let rows = keys.clone().count();
    let part = |part: fn(&FigureKey) -> Option<&str>| -> ArrayRef {
        Arc::new(keys.clone().map(part).collect::<StringArray>())
    };
    vec![
        ("content", constant(content.as_str(), rows)),
        ("dataflow", constant(release.dataflow, rows)),
        ("release", constant(&release.id, rows)),
        ("freq", part(|key| Some(key.period.last().frequency()))),
        ("ref_area", part(|key| Some(key.ref_area.as_str()))),
        ("item", part(|key| Some(key.item.as_str()))),
        ("activity", part(|key| Some(key.activity.as_str()))),
        ("product", part(|key| Some(key.product.as_str()))),
        (
            "counterpart_area",
            part(|key| Some(key.counterpart_area.as_str())),
        ),
        (
            "concept",
            part(|key| key.concept.map(|concept| concept.as_str())),
        ),
        ("indicator", part(|key| Some(key.indicator.as_str()))),
        ("time_period", periods(keys.clone())),
        ("unit", part(|key| Some(key.indicator.unit().as_str()))),
    ]
}

/// The periods of keys. Most are those of the key before.
fn periods<'a>(keys: impl Iterator<Item = &'a FigureKey>) -> ArrayRef {
    let mut texts = StringBuilder::new();
    let mut last = None;
    for key in keys {
        let (of, text) = match last.take() {
            Some((of, text)) if of == key.period => (of, text),
            _ => (key.period, key.period.to_string()),
        };
        texts.append_value(&text);
        last = Some((of, text));
    }
    Arc::new(texts.finish())
}

fn decimals(values: impl Iterator<Item = Option<Decimal>>) -> Result<ArrayRef, LakeError> {
    let stored = values
        .map(|value| value.map(to_stored).transpose())
        .collect::<Result<Vec<_>, _>>()?;
    let stored = Decimal128Array::from(stored);
    Ok(Arc::new(stored.with_precision_and_scale(PRECISION, SCALE)?))
}

/// The keys of the figures of a batch.
pub(crate) fn to_keys(batch: &RecordBatch) -> Result<Vec<FigureKey>, LakeError> {
    let mut item = Parsed::of(batch, "item")?;
    let mut ref_area = Parsed::of(batch, "ref_area")?;
    let mut activity = Parsed::of(batch, "activity")?;
    let mut product = Parsed::of(batch, "product")?;
    let mut counterpart_area = Parsed::of(batch, "counterpart_area")?;
    let mut concept = Parsed::of(batch, "concept")?;
    let mut indicator = Parsed::of(batch, "indicator")?;
    let mut period = Parsed::of(batch, "time_period")?;
    let mut keys = Vec::with_capacity(batch.num_rows());
    for row in 0..batch.num_rows() {
        keys.push(FigureKey {
            item: item.at(row)?,
            ref_area: ref_area.at(row)?,
            activity: activity.at(row)?,
            product: product.at(row)?,
            counterpart_area: counterpart_area.at(row)?,
            concept: concept.if_any(row)?,
            indicator: indicator.at(row)?,
            period: period.at(row)?,
        });
    }
    Ok(keys)
}

/// A column of stored decimals; null where there is none.
pub(crate) fn decimals_of(batch: &RecordBatch, name: &str) -> Result<Decimal128Array, LakeError> {
    let values = column(batch, name)?;
    let values = values.as_primitive_opt::<Decimal128Type>().cloned();
    values.ok_or_else(|| damaged("a value is no decimal"))
}

fn to_decimals(batch: &RecordBatch, name: &str) -> Result<Vec<Option<i128>>, LakeError> {
    Ok(decimals_of(batch, name)?.iter().collect())
}

/// A column of whole numbers; null where there is none.
pub(crate) fn to_numbers(batch: &RecordBatch, name: &str) -> Result<Vec<Option<i32>>, LakeError> {
    let values = column(batch, name)?;
    let values = values
        .as_primitive_opt::<Int32Type>()
        .ok_or_else(|| LakeError::Damaged(format!("{name} is no number")))?;
    Ok(values.iter().collect())
}

fn present<T>(value: Option<T>, name: &str) -> Result<T, LakeError> {
    value.ok_or_else(|| LakeError::Damaged(format!("{name} is null")))
}

/// A whole number that is there, and not negative.
pub(crate) fn count(value: Option<i32>, name: &str) -> Result<u32, LakeError> {
    u32::try_from(present(value, name)?)
        .map_err(|_| LakeError::Damaged(format!("{name} is negative")))
}

fn damaged(what: &str) -> LakeError {
    LakeError::Damaged(what.to_owned())
}

fn column(batch: &RecordBatch, name: &str) -> Result<ArrayRef, LakeError> {
    batch
        .column_by_name(name)
        .cloned()
        .ok_or_else(|| LakeError::Damaged(format!("there is no column {name}")))
}

/// A text column.
pub(crate) struct Texts {
    name: &'static str,
    texts: StringArray,
    /// Which text each row has, where there are not as many texts as rows.
    places: Option<Int32Array>,
    /// Whether each row has one.
    is_full: bool,
}

impl Texts {
    pub(crate) fn of(batch: &RecordBatch, name: &'static str) -> Result<Self, LakeError> {
        let array = column(batch, name)?;
        let coded = array.as_dictionary_opt::<Int32Type>();
        let texts = coded.map_or(&array, |coded| coded.values());
        let texts = texts.as_string_opt::<i32>().cloned();
        let texts = texts.ok_or_else(|| LakeError::Damaged(format!("{name} is no text")))?;
        let places = coded.map(|coded| coded.keys().clone());
        let nulls = places.as_ref().map_or(0, Array::null_count) + texts.null_count();
        Ok(Self {
            name,
            texts,
            places,
            is_full: nulls == 0,
        })
    }

    /// How many texts there are.
    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }

    /// The text at a place that a row has.
    pub(crate) fn text(&self, place: usize) -> &str {
        self.texts.value(place)
    }

    /// The place of the text that all rows have, where they are seen to have the same.
    pub(crate) fn only_place(&self) -> Option<usize> {
        let places = self.places.as_ref().filter(|at| at.null_count() == 0)?;
        let (first, rest) = places.values().split_first()?;
        rest.iter().all(|at| at == first).then(|| self.place(0))?
    }

    /// Where the text of a row is among the texts.
    #[inline]
    pub(crate) fn place(&self, row: usize) -> Option<usize> {
        let place = match &self.places {
            Some(places) if self.is_full => {
                let place = usize::try_from(*places.values().get(row)?).ok();
                return place.filter(|place| *place < self.texts.len());
            }
            Some(places) if places.is_null(row) => None,
            Some(places) => usize::try_from(places.value(row)).ok(),
            None => Some(row),
        };
        place.filter(|place| *place < self.texts.len() && !self.texts.is_null(*place))
    }

    fn get(&self, row: usize) -> Option<&str> {
        self.place(row).map(|place| self.text(place))
    }

    fn at(&self, row: usize) -> Result<&str, LakeError> {
        present(self.get(row), self.name)
    }

    fn parsed<T: std::str::FromStr<Err = regtrade_model::InvalidCode>>(
        &self,
        row: usize,
    ) -> Result<T, LakeError> {
        self.at(row)?
            .parse()
            .map_err(|error| LakeError::Damaged(format!("{}: {error}", self.name)))
    }
}

/// A text column whose texts are codes. Each is parsed once, where the texts are those of a dictionary; else most codes are
/// those of the row before, since rows are sorted by key. They share their memory.
struct Parsed<T> {
    texts: Texts,
    last: Option<(usize, T)>,
    /// By the place of a text in the dictionary.
    known: Vec<Option<T>>,
}

impl<T: Clone + std::str::FromStr<Err = regtrade_model::InvalidCode>> Parsed<T> {
    fn of(batch: &RecordBatch, name: &'static str) -> Result<Self, LakeError> {
        let texts = Texts::of(batch, name)?;
        let coded = texts.places.as_ref().map_or(0, |_| texts.texts.len());
        Ok(Self {
            texts,
            last: None,
            known: vec![None; coded],
        })
    }

    fn at(&mut self, row: usize) -> Result<T, LakeError> {
        self.get(row).cloned()
    }

    /// `None` where a row has no text.
    fn if_any(&mut self, row: usize) -> Result<Option<T>, LakeError> {
        match self.texts.place(row) {
            Some(_) => self.at(row).map(Some),
            None => Ok(None),
        }
    }

    fn get(&mut self, row: usize) -> Result<&T, LakeError> {
        let null = |name| LakeError::Damaged(format!("{name} is null"));
        let place = self.texts.place(row).filter(|at| *at < self.known.len());
        if let Some(place) = place {
            if self.known[place].is_none() {
                self.known[place] = Some(self.texts.parsed(row)?);
            }
            return self.known[place]
                .as_ref()
                .ok_or_else(|| null(self.texts.name));
        }
        let text = self.texts.get(row);
        let same = self.last.as_ref();
        if same.is_none_or(|(last, _)| self.texts.get(*last) != text) {
            self.last = Some((row, self.texts.parsed(row)?));
        }
        let last = self.last.as_ref().map(|(_, parsed)| parsed);
        last.ok_or_else(|| null(self.texts.name))
    }
}
