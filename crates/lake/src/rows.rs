//! Rows in and out of Arrow columns.

use std::sync::Arc;

use arrow::{
    array::{
        Array, ArrayRef, AsArray, Decimal128Array, Int32Array, Int64Array, RecordBatch,
        StringArray, TimestampMicrosecondArray, new_null_array,
    },
    datatypes::{Decimal128Type, Int32Type, Int64Type},
};
use regtrade_model::{BoundedFigure, Decimal, FigureKey, Origin, PublishedFigure, Release, Unit};

use crate::{
    LakeError,
    schema::{PRECISION, SCALE, columns, content},
};

/// A batch of all columns of the lake, in which those not named are null.
fn batch(rows: usize, named: Vec<(&str, ArrayRef)>) -> Result<RecordBatch, LakeError> {
    let schema = columns();
    let arrays = schema.fields().iter().map(|field| {
        named
            .iter()
            .find(|(name, _)| name == field.name())
            .map_or_else(
                || new_null_array(field.data_type(), rows),
                |(_, array)| Arc::clone(array),
            )
    });
    Ok(RecordBatch::try_new(Arc::clone(&schema), arrays.collect())?)
}

fn texts<T: ToString>(values: impl IntoIterator<Item = T>) -> ArrayRef {
    Arc::new(
        values
            .into_iter()
            .map(|value| Some(value.to_string()))
            .collect::<StringArray>(),
    )
}

fn constant(value: impl ToString, rows: usize) -> ArrayRef {
    Arc::new(StringArray::from(vec![value.to_string(); rows]))
}

/// The record of a release, as its `sequence`-th of the dataflow.
pub(crate) fn of_release(release: &Release, sequence: i64) -> Result<RecordBatch, LakeError> {
    let document =
        serde_json::to_string(release).map_err(|error| LakeError::Damaged(error.to_string()))?;
    let instant = |at: regtrade_model::Instant| -> ArrayRef {
        Arc::new(TimestampMicrosecondArray::from(vec![at.timestamp_micros()]).with_timezone("UTC"))
    };
    batch(
        1,
        vec![
            ("content", constant(content::RELEASE, 1)),
            ("dataflow", constant(release.dataflow, 1)),
            ("release", constant(&release.id, 1)),
            ("edition", constant(&release.edition, 1)),
            ("published_at", instant(release.published_at)),
            ("loaded_at", instant(release.loaded_at)),
            ("digest", constant(release.digest, 1)),
            ("sequence", Arc::new(Int64Array::from(vec![sequence]))),
            ("document", constant(document, 1)),
        ],
    )
}

/// The columns of what a figure is, for rows of a content.
fn key_columns<'a>(
    content: &str,
    release: &Release,
    keys: impl Iterator<Item = &'a FigureKey> + Clone,
) -> Vec<(&'static str, ArrayRef)> {
    let rows = keys.clone().count();
    let part = |part: fn(&FigureKey) -> String| texts(keys.clone().map(part));
    vec![
        ("content", constant(content, rows)),
        ("dataflow", constant(release.dataflow, rows)),
        ("release", constant(&release.id, rows)),
        ("freq", part(|key| key.period.last().frequency().to_owned())),
        ("ref_area", part(|key| key.ref_area.to_string())),
        ("item", part(|key| key.item.to_string())),
        ("activity", part(|key| key.activity.to_string())),
        ("product", part(|key| key.product.to_string())),
        (
            "counterpart_area",
            part(|key| key.counterpart_area.to_string()),
        ),
        ("indicator", part(|key| key.indicator.to_string())),
        ("time_period", part(|key| key.period.to_string())),
        ("unit", part(|key| key.indicator.unit().to_string())),
    ]
}

fn decimals(values: impl Iterator<Item = Option<Decimal>>) -> Result<ArrayRef, LakeError> {
    let stored = values
        .map(|value| value.map(to_stored).transpose())
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Arc::new(
        Decimal128Array::from(stored).with_precision_and_scale(PRECISION, SCALE)?,
    ))
}

/// The published figures of a release.
pub(crate) fn of_published(
    release: &Release,
    figures: &[PublishedFigure],
) -> Result<RecordBatch, LakeError> {
    let number = |part: fn(&PublishedFigure) -> i64| -> ArrayRef {
        Arc::new(
            figures
                .iter()
                .map(|figure| i32::try_from(part(figure)).ok())
                .collect::<Int32Array>(),
        )
    };
    let mut named = key_columns(
        content::PUBLISHED,
        release,
        figures.iter().map(|figure| &figure.key),
    );
    named.extend([
        (
            "value",
            decimals(figures.iter().map(|figure| figure.value))?,
        ),
        ("unit_mult", number(|figure| figure.unit_mult.into())),
        ("decimals", number(|figure| figure.decimals.into())),
        ("line", number(|figure| figure.origin.line.into())),
        ("column", number(|figure| figure.origin.column.into())),
    ]);
    batch(figures.len(), named)
}

/// What the print of a release proves of figures; levels in millions of euro.
pub(crate) fn of_bounds(
    release: &Release,
    bounds: &[BoundedFigure],
) -> Result<RecordBatch, LakeError> {
    let mults: Int32Array = bounds
        .iter()
        .map(|bound| {
            Some(if bound.key.indicator.unit() == Unit::Euro {
                6
            } else {
                0
            })
        })
        .collect();
    let mut named = key_columns(
        content::BOUND,
        release,
        bounds.iter().map(|bound| &bound.key),
    );
    named.extend([
        (
            "lower",
            decimals(bounds.iter().map(|bound| Some(bound.lower)))?,
        ),
        (
            "upper",
            decimals(bounds.iter().map(|bound| Some(bound.upper)))?,
        ),
        ("unit_mult", Arc::new(mults) as ArrayRef),
    ]);
    batch(bounds.len(), named)
}

/// The release records of a batch, each with its sequence.
pub(crate) fn to_releases(batch: &RecordBatch) -> Result<Vec<(i64, Release)>, LakeError> {
    let documents = Texts::of(batch, "document")?;
    let sequences = column(batch, "sequence")?;
    let sequences = sequences
        .as_primitive_opt::<Int64Type>()
        .ok_or_else(|| damaged("sequence is no number"))?;
    (0..batch.num_rows())
        .map(|row| {
            let release = serde_json::from_str(documents.at(row)?)
                .map_err(|error| LakeError::Damaged(format!("the record of a release: {error}")))?;
            Ok((sequences.value(row), release))
        })
        .collect()
}

/// The keys of the figures of a batch.
fn to_keys(batch: &RecordBatch) -> Result<Vec<FigureKey>, LakeError> {
    let (item, ref_area) = (Texts::of(batch, "item")?, Texts::of(batch, "ref_area")?);
    let (activity, product) = (Texts::of(batch, "activity")?, Texts::of(batch, "product")?);
    let counterpart_area = Texts::of(batch, "counterpart_area")?;
    let (indicator, period) = (
        Texts::of(batch, "indicator")?,
        Texts::of(batch, "time_period")?,
    );
    let key = |row| {
        Ok(FigureKey {
            item: item.parsed(row)?,
            ref_area: ref_area.parsed(row)?,
            activity: activity.parsed(row)?,
            product: product.parsed(row)?,
            counterpart_area: counterpart_area.parsed(row)?,
            indicator: indicator.parsed(row)?,
            period: period.parsed(row)?,
        })
    };
    (0..batch.num_rows()).map(key).collect()
}

/// A column of stored decimals; null where there is none.
fn to_decimals(batch: &RecordBatch, name: &str) -> Result<Vec<Option<i128>>, LakeError> {
    let values = column(batch, name)?;
    let values = values
        .as_primitive_opt::<Decimal128Type>()
        .ok_or_else(|| damaged("a value is no decimal"))?;
    Ok(values.iter().collect())
}

/// The published figures of a batch.
pub(crate) fn to_published(batch: &RecordBatch) -> Result<Vec<PublishedFigure>, LakeError> {
    let number = |name: &'static str, row: usize| {
        let numbers = column(batch, name)?;
        let numbers = numbers
            .as_primitive_opt::<Int32Type>()
            .ok_or_else(|| damaged("a count is no number"))?;
        Ok::<i32, LakeError>(numbers.value(row))
    };
    let count = |name: &'static str, row: usize| {
        u32::try_from(number(name, row)?)
            .map_err(|_| LakeError::Damaged(format!("{name} is negative")))
    };
    let rows = to_keys(batch)?
        .into_iter()
        .zip(to_decimals(batch, "value")?)
        .enumerate();
    rows.map(|(row, (key, value))| {
        let decimals = count("decimals", row)?;
        Ok(PublishedFigure {
            key,
            value: value
                .map(|stored| from_stored(stored, decimals))
                .transpose()?,
            decimals,
            unit_mult: number("unit_mult", row)?,
            origin: Origin {
                line: count("line", row)?,
                column: count("column", row)?,
            },
        })
    })
    .collect()
}

/// The bounds of a batch.
pub(crate) fn to_bounds(batch: &RecordBatch) -> Result<Vec<BoundedFigure>, LakeError> {
    let end = |stored: Option<i128>| {
        let stored = stored.ok_or_else(|| damaged("a bound is null"))?;
        from_stored(stored, u32::from(SCALE.unsigned_abs())).map(|value| value.normalize())
    };
    let ends = to_decimals(batch, "lower")?
        .into_iter()
        .zip(to_decimals(batch, "upper")?);
    let rows = to_keys(batch)?.into_iter().zip(ends);
    rows.map(|(key, (lower, upper))| {
        Ok(BoundedFigure {
            key,
            lower: end(lower)?,
            upper: end(upper)?,
        })
    })
    .collect()
}

fn to_stored(value: Decimal) -> Result<i128, LakeError> {
    let fail = || LakeError::TooPrecise(value);
    let shift = u32::try_from(SCALE)
        .ok()
        .and_then(|scale| scale.checked_sub(value.scale()))
        .ok_or_else(fail)?;
    10i128
        .checked_pow(shift)
        .and_then(|factor| value.mantissa().checked_mul(factor))
        .filter(|stored| stored.unsigned_abs() < 10u128.pow(PRECISION.into()))
        .ok_or_else(fail)
}

fn from_stored(stored: i128, decimals: u32) -> Result<Decimal, LakeError> {
    let shift = u32::try_from(SCALE)
        .ok()
        .and_then(|scale| scale.checked_sub(decimals));
    let factor = shift
        .map(|shift| 10i128.pow(shift))
        .ok_or_else(|| damaged("more decimals than the lake keeps"))?;
    if stored % factor != 0 {
        return Err(damaged("a value has more decimals than it says"));
    }
    Decimal::try_from_i128_with_scale(stored / factor, decimals)
        .map_err(|error| LakeError::Damaged(error.to_string()))
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

/// A text column that has no nulls where it is read.
struct Texts {
    name: &'static str,
    array: ArrayRef,
}

impl Texts {
    fn of(batch: &RecordBatch, name: &'static str) -> Result<Self, LakeError> {
        let array = column(batch, name)?;
        if array.as_string_opt::<i32>().is_none() {
            return Err(LakeError::Damaged(format!("{name} is no text")));
        }
        Ok(Self { name, array })
    }

    fn at(&self, row: usize) -> Result<&str, LakeError> {
        if self.array.is_null(row) {
            return Err(LakeError::Damaged(format!("{} is null", self.name)));
        }
        Ok(self.array.as_string::<i32>().value(row))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_stored_exactly_and_come_back_with_their_decimals() {
        for text in [
            "62472.5",
            "-0.1",
            "100.0",
            "0",
            "12345678901234567.0000000001",
        ] {
            let value: Decimal = text.parse().unwrap();
            assert_eq!(
                from_stored(to_stored(value).unwrap(), value.scale())
                    .unwrap()
                    .to_string(),
                text
            );
        }
        assert!(
            to_stored("0.12345678901".parse().unwrap()).is_err(),
            "an eleventh decimal would be lost"
        );
        assert!(
            from_stored(1, 1).is_err(),
            "a stored value has a decimal that it does not claim"
        );
    }
}
