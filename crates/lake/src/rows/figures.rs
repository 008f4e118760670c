//! Printed figures, and what a print proves.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use regtrade_model::{BoundedFigure, Origin, PublishedFigure, Release, Unit};

use super::{
    LakeError, Texts, batch, count, damaged, decimal::from_stored, decimals, key_columns, numbers,
    present, shortest, to_decimals, to_keys, to_numbers,
};
use crate::schema::{Content, SCALE};

/// The published figures of a release, by key.
pub(crate) fn of_published(
    release: &Release,
    figures: &[PublishedFigure],
) -> Result<RecordBatch, LakeError> {
    let mut figures: Vec<_> = figures.iter().collect();
    figures.sort_by(|a, b| (&a.key, a.origin).cmp(&(&b.key, b.origin)));
    let number = |part: fn(&PublishedFigure) -> i64| {
        numbers(figures.iter().map(|figure| Some(part(figure))))
    };
    let sources = figures.iter().map(|figure| figure.source.as_deref());
    let mut named = key_columns(
        Content::Published,
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
        (
            "source",
            Arc::new(sources.collect::<StringArray>()) as ArrayRef,
        ),
    ]);
    batch(&named)
}

/// What the print of a release proves of figures, by key; levels in millions of euro.
pub(crate) fn of_bounds(
    release: &Release,
    bounds: &[BoundedFigure],
) -> Result<RecordBatch, LakeError> {
    let mut bounds: Vec<_> = bounds.iter().collect();
    bounds.sort_by(|a, b| a.key.cmp(&b.key));
    let mults = bounds.iter().map(|bound| {
        let in_millions = bound.key.indicator.unit() == Unit::Euro;
        Some(if in_millions { 6 } else { 0 })
    });
    let mut named = key_columns(
        Content::Bound,
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
        ("unit_mult", numbers(mults)),
    ]);
    batch(&named)
}

/// The published figures of a batch.
pub(crate) fn to_published(batch: &RecordBatch) -> Result<Vec<PublishedFigure>, LakeError> {
    let (values, mults) = (
        to_decimals(batch, "value")?,
        to_numbers(batch, "unit_mult")?,
    );
    let (places, lines) = (to_numbers(batch, "decimals")?, to_numbers(batch, "line")?);
    let (columns, sources) = (to_numbers(batch, "column")?, Texts::of(batch, "source")?);
    let rows = to_keys(batch)?.into_iter().enumerate();
    rows.map(|(row, key)| {
        let decimals = count(places[row], "decimals")?;
        Ok(PublishedFigure {
            key,
            value: values[row]
                .map(|stored| from_stored(stored, decimals))
                .transpose()?,
            decimals,
            unit_mult: present(mults[row], "unit_mult")?,
            origin: Origin {
                line: count(lines[row], "line")?,
                column: count(columns[row], "column")?,
            },
            source: sources.get(row).map(str::to_owned),
        })
    })
    .collect()
}

/// The bounds of a batch.
pub(crate) fn to_bounds(batch: &RecordBatch) -> Result<Vec<BoundedFigure>, LakeError> {
    let end = |stored: Option<i128>| {
        let end = shortest(present(stored, "a bound")?, SCALE.unsigned_abs().into());
        end.ok_or_else(|| damaged("a bound has too many digits"))
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
