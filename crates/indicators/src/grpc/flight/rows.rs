//! Figures as record batches: the columns of the long csv, values as decimals.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Decimal128Builder, Int32Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use regtrade_lake::Lake;
use regtrade_model::{Concept, Dataflow, Decimal, Figure, FigureKey, FigureValue, Period, Release};
use regtrade_proto::v1;
use regtrade_service::{Cause, Failure};

use crate::{
    error::of_lake, key_indicators::observed_figure, observations::Selection, vintage::Chosen,
};

/// The type of values, `decimal(38,10)`.
const PRECISION: u8 = 38;
const SCALE: i8 = 10;

const TEXTS_BEFORE: [&str; 7] = [
    "item",
    "ref_area",
    "activity",
    "product",
    "counterpart_area",
    "indicator",
    "period",
];
const VALUES: [&str; 3] = ["value", "lower", "upper"];
const INTEGERS: [&str; 2] = ["unit_mult", "decimals"];

/// The columns of the figures of a dataflow. What must be said wherever they are shown goes with them.
pub(super) fn schema(dataflow: Dataflow, about: &v1::ListObservationsResponse) -> SchemaRef {
    let text = |name: &str| Field::new(name, DataType::Utf8, false);
    let mut fields: Vec<Field> = TEXTS_BEFORE.map(text).into();
    let value = |name| Field::new(name, DataType::Decimal128(PRECISION, SCALE), true);
    fields.extend(VALUES.map(value));
    fields.push(text("unit"));
    fields.extend(INTEGERS.map(|name| Field::new(name, DataType::Int32, false)));
    fields.extend(["provenance", "status", "release"].map(text));
    if dataflow.has_concept() {
        fields.push(text("concept"));
    }
    let release = about.release.as_ref();
    let caveats = about.caveats.iter();
    let caveats: Vec<String> = caveats
        .map(|caveat| format!("{}: {}", caveat.id, caveat.text))
        .collect();
    let metadata = HashMap::from([
        ("dataflow".to_owned(), dataflow.to_string()),
        (
            "release".to_owned(),
            release
                .map(|release| release.release.clone())
                .unwrap_or_default(),
        ),
        ("caveats".to_owned(), caveats.join("\n")),
    ]);
    Arc::new(Schema::new_with_metadata(fields, metadata))
}

/// The chosen figures, by period, then key.
///
/// What covers all activities, products and partners is a few hundred figures, printed ones and bounds among them, and
/// is there before the first row. The rest is read as it is asked for, period by period.
pub(super) async fn figures(
    vintage: Chosen,
    lake: Lake,
    selection: Selection,
) -> Result<impl Stream<Item = Result<Vec<Figure>, Failure>> + Send + 'static, Failure> {
    let mut overall = vintage.known(&lake).await?.figures;
    overall.retain(|figure| figure.key.is_overall() && selection.chooses(figure));
    let mut of_period: HashMap<Period, Vec<Figure>> = HashMap::new();
    for figure in overall {
        of_period
            .entry(figure.key.period.last())
            .or_default()
            .push(figure);
    }
    let slices: HashMap<Period, Release> = vintage
        .slices()
        .into_iter()
        .map(|(period, release)| (period, release.clone()))
        .collect();
    let mut periods: Vec<Period> = of_period.keys().chain(slices.keys()).copied().collect();
    periods.sort();
    periods.dedup();
    periods.retain(|&period| selection.covers(period));
    let parts = periods.into_iter().map(move |period| {
        let known = of_period.remove(&period).unwrap_or_default();
        (period, known, slices.get(&period).cloned())
    });
    Ok(stream::iter(parts.collect::<Vec<_>>()).then(move |part| {
        let (lake, selection) = (lake.clone(), selection.clone());
        async move {
            let (period, mut figures, release) = part;
            if let Some(release) = release {
                let slice = [(period, &release)].into();
                let read = lake.observations(&slice).await;
                let read = read.map_err(|error| of_lake(&error))?;
                let detailed = read
                    .iter()
                    .filter(|(_, observation)| !observation.key.is_overall())
                    .map(|(writer, observation)| observed_figure((writer, observation)))
                    .filter(|figure| selection.chooses(figure));
                figures.extend(detailed);
            }
            figures.sort_by(|a, b| a.key.cmp(&b.key));
            Ok(figures)
        }
    }))
}

/// Figures in batches of at most `size` rows, each made when it is asked for.
pub(super) fn batches(
    figures: impl Stream<Item = Result<Vec<Figure>, Failure>> + Send + 'static,
    dataflow: Dataflow,
    schema: SchemaRef,
    size: usize,
) -> impl Stream<Item = Result<RecordBatch, Failure>> + Send + 'static {
    figures
        .map_ok(move |figures| {
            let schema = schema.clone();
            let starts = (0..figures.len()).step_by(size);
            stream::iter(starts).map(move |start| {
                let end = figures.len().min(start + size);
                batch(&figures[start..end], dataflow, schema.clone())
            })
        })
        .try_flatten()
}

fn batch(
    figures: &[Figure],
    dataflow: Dataflow,
    schema: SchemaRef,
) -> Result<RecordBatch, Failure> {
    let text = |of: &dyn Fn(&Figure) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(figures.iter().map(of)))
    };
    let decimal = |of: fn(&FigureValue) -> Option<Decimal>| -> Result<ArrayRef, Failure> {
        let mut builder = Decimal128Builder::with_capacity(figures.len())
            .with_precision_and_scale(PRECISION, SCALE)
            .map_err(|error| Failure::internal(&error))?;
        for figure in figures {
            let value = of(&figure.value).map(|value| scaled(&figure.key, value));
            builder.append_option(value.transpose()?);
        }
        Ok(Arc::new(builder.finish()))
    };
    let integer = |of: fn(&Figure) -> i32| -> ArrayRef {
        Arc::new(figures.iter().map(of).collect::<Int32Array>())
    };
    let mut columns = vec![
        text(&|figure| figure.key.item.to_string()),
        text(&|figure| figure.key.ref_area.to_string()),
        text(&|figure| figure.key.activity.to_string()),
        text(&|figure| figure.key.product.to_string()),
        text(&|figure| figure.key.counterpart_area.to_string()),
        text(&|figure| figure.key.indicator.to_string()),
        text(&|figure| figure.key.period.to_string()),
        decimal(|value| match value {
            FigureValue::Exact(value) => Some(*value),
            _ => None,
        })?,
        decimal(|value| match value {
            FigureValue::Between { lower, .. } => Some(*lower),
            _ => None,
        })?,
        decimal(|value| match value {
            FigureValue::Between { upper, .. } => Some(*upper),
            _ => None,
        })?,
        text(&|figure| figure.key.indicator.unit().to_string()),
        integer(|figure| figure.unit_mult),
        integer(|figure| figure.decimals),
        text(&|figure| figure.provenance.to_string()),
        text(&|figure| figure.status().to_owned()),
        text(&|figure| figure.release.to_string()),
    ];
    if dataflow.has_concept() {
        let concept = |figure: &Figure| figure.key.concept.map_or("", Concept::as_str).to_owned();
        columns.push(text(&concept));
    }
    RecordBatch::try_new(schema, columns).map_err(|error| Failure::internal(&error))
}

/// A decimal as a whole number of 10^-10.
fn scaled(key: &FigureKey, value: Decimal) -> Result<i128, Failure> {
    let value = value.normalize();
    let missing = u32::from(SCALE.unsigned_abs()).checked_sub(value.scale());
    let factor = missing.and_then(|missing| 10i128.checked_pow(missing));
    let stored = factor.and_then(|factor| value.mantissa().checked_mul(factor));
    stored
        .filter(|stored| stored.unsigned_abs() < 10u128.pow(PRECISION.into()))
        .ok_or_else(|| {
            Failure::new(
                Cause::FailedPrecondition,
                "VALUE_TOO_FINE",
                format!("{key} is {value}, which does not fit decimal(38,10); ask for it in pages"),
            )
        })
}
