//! Figures as record batches: the columns of the long csv, values as decimals.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{
    ArrayRef, Decimal128Builder, Int32Array, RecordBatch, StringArray, StringBuilder,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use futures::{Stream, TryStreamExt as _, stream};
use regtrade_lake::fitting;
use regtrade_model::{
    Area, Concept, ConfStatus, Dataflow, Decimal, Figure, FigureKey, FigureValue, KeyPattern,
    Period, Span,
};
use regtrade_proto::v1;
use regtrade_service::{Cause, Failure};
use tokio::time::{Instant, timeout_at};

use crate::{
    key_indicators::observed_figure,
    masked::Stock,
    observations::Selection,
    vintage::{Chosen, Known},
};

/// The type of values, `decimal(38,10)`.
pub(super) const PRECISION: u8 = 38;
pub(super) const SCALE: i8 = 10;

pub(super) const TEXTS_BEFORE: [&str; 7] = [
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

/// A figure, and whether everyone may see its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) figure: Figure,
    pub(super) conf: ConfStatus,
}

/// The columns of the figures of a dataflow: those of the long csv, then CONF_STATUS. What must be said wherever they are shown goes with them.
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
    fields.push(text("conf_status"));
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

/// The chosen figures, by year, then key.
///
/// What covers all activities, products and partners is a few hundred figures, printed ones and bounds among them, and
/// is there before the first row. The rest is read as it is asked for, some at a time.
pub(super) async fn figures(
    vintage: &Chosen,
    stock: &Stock,
    selection: Selection,
) -> Result<impl Stream<Item = Result<Vec<Row>, Failure>> + Send + use<>, Failure> {
    let known = if selection.key.chooses_overall() {
        vintage.known(stock, &KeyPattern::overall()).await?
    } else {
        Known::default()
    };
    let observed = known
        .observations
        .iter()
        .map(|(_, observation)| observation);
    let confs: HashMap<&FigureKey, ConfStatus> = observed
        .map(|observation| (&observation.key, observation.conf))
        .collect();
    let closed: HashSet<(Area, Period)> = confs
        .iter()
        .filter(|(_, conf)| !conf.is_free())
        .map(|(key, _)| (key.ref_area, key.period.last()))
        .collect();
    let chosen = known.figures.into_iter();
    let chosen = chosen.filter(|figure| figure.key.is_overall() && selection.chooses(figure));
    let mut overall: Vec<Row> = chosen
        .map(|figure| {
            let key = &figure.key;
            // What is computed of levels that are not for everyone is not for everyone either.
            let is_closed = closed.contains(&(key.ref_area, key.period.last()));
            let derived = if is_closed {
                ConfStatus::N
            } else {
                ConfStatus::F
            };
            let conf = confs.get(key).copied().unwrap_or(derived);
            Row { figure, conf }
        })
        .collect();
    overall.sort_by(|a, b| place(a).cmp(&place(b)));
    let scan = vintage.scan(stock, selection.key.clone(), &|period| {
        selection.covers(period)
    });
    let detailed = scan.map_ok(|written| {
        let detailed = written
            .iter()
            .filter(|(_, observation)| !observation.key.is_overall());
        detailed
            .map(|(writer, observation)| Row {
                figure: observed_figure((writer, observation)),
                conf: observation.conf,
            })
            .collect()
    });
    Ok(merged(overall, detailed))
}

/// Where a figure stands among the rows.
fn place(row: &Row) -> (u16, &FigureKey) {
    (row.figure.key.period.last().year(), &row.figure.key)
}

/// Figures that are all there, and others that come part by part, both in their order: all of them in that order.
pub(super) fn merged(
    known: Vec<Row>,
    parts: impl Stream<Item = Result<Vec<Row>, Failure>> + Send + 'static,
) -> impl Stream<Item = Result<Vec<Row>, Failure>> + Send + 'static {
    let state = (known, Box::pin(parts));
    stream::try_unfold(state, async |(mut known, mut parts)| {
        loop {
            let Some(mut part) = parts.try_next().await? else {
                let rest = std::mem::take(&mut known);
                return Ok((!rest.is_empty()).then_some((rest, (known, parts))));
            };
            // What comes after the last one of a part may come before the first one of the next.
            if let Some(last) = part.last() {
                let later = known.partition_point(|row| place(row) < place(last));
                let rest = known.split_off(later);
                part.extend(std::mem::replace(&mut known, rest));
                part.sort_by(|a, b| place(a).cmp(&place(b)));
                return Ok(Some((part, (known, parts))));
            }
        }
    })
}

/// How long rows wait for more to come with them.
const PATIENCE: Duration = Duration::from_millis(50);

/// Parts in batches of `size` rows, each made when it is asked for. Where parts are small several make one, unless the
/// next is long in coming: what is said of a batch beside its rows weighs as much as some hundred of them.
pub(super) fn batches<T: Send + 'static>(
    parts: impl Stream<Item = Result<Vec<T>, Failure>> + Send + 'static,
    size: usize,
    batch: impl Fn(&[T]) -> Result<RecordBatch, Failure> + Send + 'static,
) -> impl Stream<Item = Result<RecordBatch, Failure>> + Send + 'static {
    let state = (VecDeque::new(), Ok(Some(Box::pin(parts))), batch);
    stream::try_unfold(state, move |(mut rows, mut parts, batch)| async move {
        let mut until = None;
        while rows.len() < size
            && let Ok(Some(coming)) = &mut parts
        {
            let next = match until {
                Some(until) => timeout_at(until, coming.try_next()).await,
                None => Ok(coming.try_next().await),
            };
            match next {
                Ok(Ok(Some(part))) => rows.extend(part),
                Ok(Ok(None)) => parts = Ok(None),
                // The rows before it come first.
                Ok(Err(failure)) => parts = Err(failure),
                Err(_) => break,
            }
            if until.is_none() && !rows.is_empty() {
                until = Some(Instant::now() + PATIENCE);
            }
        }
        if rows.is_empty() {
            return parts.map(|_| None);
        }
        let of_batch: Vec<T> = rows.drain(..rows.len().min(size)).collect();
        Ok(Some((batch(&of_batch)?, (rows, parts, batch))))
    })
}

pub(super) fn batch(
    rows: &[Row],
    dataflow: Dataflow,
    schema: SchemaRef,
) -> Result<RecordBatch, Failure> {
    let figures = || rows.iter().map(|row| &row.figure);
    let text = |of: fn(&Figure) -> &str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(figures().map(of)))
    };
    let decimal = |of: fn(&FigureValue) -> Option<Decimal>| -> Result<ArrayRef, Failure> {
        let mut builder = Decimal128Builder::with_capacity(rows.len())
            .with_precision_and_scale(PRECISION, SCALE)
            .map_err(|error| Failure::internal(&error))?;
        for figure in figures() {
            let value = of(&figure.value).map(|value| scaled(&figure.key, value));
            builder.append_option(value.transpose()?);
        }
        Ok(Arc::new(builder.finish()))
    };
    let integer = |of: fn(&Figure) -> i32| -> ArrayRef {
        Arc::new(figures().map(of).collect::<Int32Array>())
    };
    let mut columns = vec![
        text(|figure| figure.key.item.as_str()),
        text(|figure| figure.key.ref_area.as_str()),
        text(|figure| figure.key.activity.as_str()),
        text(|figure| figure.key.product.as_str()),
        text(|figure| figure.key.counterpart_area.as_str()),
        text(|figure| figure.key.indicator.as_str()),
        periods(figures().map(|figure| figure.key.period)),
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
        text(|figure| figure.key.indicator.unit().as_str()),
        integer(|figure| figure.unit_mult),
        integer(|figure| figure.decimals),
        text(|figure| figure.provenance.as_str()),
        text(Figure::status),
        text(|figure| figure.release.as_str()),
    ];
    if dataflow.has_concept() {
        columns.push(text(|figure| {
            figure.key.concept.map_or("", Concept::as_str)
        }));
    }
    let confs = rows.iter().map(|row| row.conf.as_str());
    columns.push(Arc::new(StringArray::from_iter_values(confs)));
    RecordBatch::try_new(schema, columns).map_err(|error| Failure::internal(&error))
}

/// Periods as texts, of which few are in many rows, mostly in turn.
pub(super) fn periods(of: impl Iterator<Item = Span>) -> ArrayRef {
    let mut known: Vec<(Span, String)> = vec![];
    let (mut texts, mut next) = (StringBuilder::new(), 0);
    for period in of {
        let is_next = known.get(next).is_some_and(|(known, _)| *known == period);
        let at = if is_next {
            next
        } else {
            let at = known.iter().position(|(known, _)| *known == period);
            at.unwrap_or_else(|| {
                known.push((period, period.to_string()));
                known.len() - 1
            })
        };
        texts.append_value(&known[at].1);
        next = if at + 1 < known.len() { at + 1 } else { 0 };
    }
    Arc::new(texts.finish())
}

/// A decimal as a whole number of 10^-10.
pub(super) fn scaled(key: &FigureKey, value: Decimal) -> Result<i128, Failure> {
    fitting(value, PRECISION, SCALE).ok_or_else(|| {
        Failure::new(
            Cause::FailedPrecondition,
            "VALUE_TOO_FINE",
            format!("{key} is {value}, which does not fit decimal(38,10); ask for it in pages"),
        )
    })
}
