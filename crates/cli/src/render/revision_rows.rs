//! Revisions and statistics of them for programs: columns, rows and JSON.

use regtrade_model::{Decimal, Figure, FigureValue};
use regtrade_proto::v1;
use serde_json::{Value, json};

use super::{csv, json};
use crate::commands::revisions::{Comparison, Review, Revision};
use crate::exit::Exit;

/// The columns of revisions, after those of the key.
const CHANGE_COLUMNS: [&str; 7] = [
    "from_value",
    "to_value",
    "change",
    "change_lower",
    "change_upper",
    "change_pct",
    "class",
];

/// The columns of statistics, after the dimensions and the indicator: the fields of the protocol, each interval as its
/// two ends.
const STATISTICS_COLUMNS: [&str; 14] = [
    "unit",
    "unit_mult",
    "count",
    "mean_revision",
    "mean_revision_lower",
    "mean_revision_upper",
    "mean_absolute_revision",
    "relative_mean_absolute_revision",
    "root_mean_square_revision",
    "minimum",
    "maximum",
    "upward_share",
    "within_rounding",
    "p_value",
];

/// The columns of revisions.
pub fn revision_columns() -> Vec<&'static str> {
    [csv::KEY_COLUMNS, CHANGE_COLUMNS].concat()
}

/// The columns of statistics, which are of all periods.
pub fn statistics_columns() -> Vec<&'static str> {
    let [key @ .., _period] = csv::KEY_COLUMNS;
    [key.as_slice(), &STATISTICS_COLUMNS].concat()
}

/// A revision by [`revision_columns`]; what it does not have is empty.
pub fn revision(revision: &Revision) -> Vec<String> {
    let change = [
        value(revision.from.as_ref()),
        value(revision.to.as_ref()),
        text(revision.change),
        text(revision.between.map(|(lower, _)| lower)),
        text(revision.between.map(|(_, upper)| upper)),
        text(revision.percent),
        revision.class.to_string(),
    ];
    [csv::key(&revision.key), change].concat()
}

/// Statistics by [`statistics_columns`]; what there is not is empty.
pub fn statistics(row: &v1::RevisionStatistics) -> Vec<String> {
    let (lower, upper) = match row.mean_revision_between.clone() {
        Some(v1::Interval { lower, upper }) => (lower, upper),
        None => Default::default(),
    };
    vec![
        row.item.clone(),
        row.ref_area.clone(),
        row.activity.clone(),
        row.product.clone(),
        row.counterpart_area.clone(),
        indicator(row),
        row.unit.clone(),
        row.unit_mult.to_string(),
        row.count.to_string(),
        row.mean_revision.clone(),
        lower,
        upper,
        row.mean_absolute_revision.clone(),
        row.relative_mean_absolute_revision.clone(),
        row.root_mean_square_revision.clone(),
        row.minimum.clone(),
        row.maximum.clone(),
        row.upward_share.clone(),
        row.within_rounding.to_string(),
        row.p_value.clone(),
    ]
}

/// Revisions with the releases that they are of, and how many cells there are of each class.
pub fn comparison_json(comparison: &Comparison) -> Value {
    let counts = comparison.counts.iter();
    let counts: serde_json::Map<_, _> = counts
        .map(|(class, cells)| (class.to_string(), json!(cells)))
        .collect();
    let revisions = comparison.revisions.iter().map(|revision| {
        let key = &revision.key;
        json!({
            "item": key.item,
            "ref_area": key.ref_area,
            "activity": key.activity,
            "product": key.product,
            "counterpart_area": key.counterpart_area,
            "indicator": key.indicator,
            "period": key.period,
            "from": revision.from.as_ref().map(json::figure),
            "to": revision.to.as_ref().map(json::figure),
            "change": revision.change.map(|change| change.to_string()),
            "change_lower": revision.between.map(|(lower, _)| lower.to_string()),
            "change_upper": revision.between.map(|(_, upper)| upper.to_string()),
            "change_pct": revision.percent.map(|percent| percent.to_string()),
            "class": revision.class,
        })
    });
    json!({
        "from": json::release(&comparison.from.0, comparison.from.1),
        "to": json::release(&comparison.to.0, comparison.to.1),
        "revisions": revisions.collect::<Vec<_>>(),
        "counts": counts,
    })
}

/// Statistics with the releases that they are of, and the periods that they are made of.
///
/// # Errors
/// Where a figure of the answer cannot be read.
pub fn review_json(review: &Review) -> Result<Value, Exit> {
    let optional = |text: &String| (!text.is_empty()).then(|| text.clone());
    let figure = |wire: Option<&v1::Figure>| {
        let figure = wire.cloned().map(Figure::try_from).transpose();
        let figure = figure.map(|figure| figure.as_ref().map(json::figure));
        figure.map_err(|error| Exit::Service(format!("the answer cannot be read: {error}")))
    };
    let period = |period: &v1::RevisionOfPeriod| -> Result<Value, Exit> {
        let between = period.change_between.as_ref();
        Ok(json!({
            "period": period.period,
            "first": figure(period.first.as_ref())?,
            "last": figure(period.last.as_ref())?,
            "change": optional(&period.change),
            "change_lower": between.map(|between| &between.lower),
            "change_upper": between.map(|between| &between.upper),
            "vintages": period.vintages,
        }))
    };
    let row = |row: &v1::RevisionStatistics| -> Result<Value, Exit> {
        let cells = statistics_columns().into_iter().zip(statistics(row));
        let mut object: serde_json::Map<String, Value> = cells
            .map(|(name, text)| (name.to_owned(), json!(optional(&text))))
            .collect();
        for (name, number) in [
            ("unit_mult", json!(row.unit_mult)),
            ("count", json!(row.count)),
            ("within_rounding", json!(row.within_rounding)),
        ] {
            object.insert(name.to_owned(), number);
        }
        let periods = row.periods.iter().map(period);
        let periods = periods.collect::<Result<Vec<_>, _>>()?;
        object.insert("periods".to_owned(), json!(periods));
        Ok(Value::Object(object))
    };
    let statistics = review.statistics.iter().map(row);
    let releases = review.releases.iter();
    let releases = releases.map(|(release, state)| json::release(release, *state));
    Ok(json!({
        "releases": releases.collect::<Vec<_>>(),
        "statistics": statistics.collect::<Result<Vec<_>, _>>()?,
    }))
}

/// The name of the indicator of a row.
fn indicator(row: &v1::RevisionStatistics) -> String {
    let known = v1::Indicator::read("indicator", row.indicator);
    known
        .ok()
        .flatten()
        .map(|indicator| indicator.to_string())
        .unwrap_or_default()
}

/// A value; `lower..upper` of one that is known by its bounds alone.
fn value(figure: Option<&Figure>) -> String {
    match figure.map(|figure| &figure.value) {
        Some(FigureValue::Exact(value)) => value.to_string(),
        Some(FigureValue::Between { lower, upper }) => format!("{lower}..{upper}"),
        Some(FigureValue::Undefined(_)) | None => String::new(),
    }
}

fn text(value: Option<Decimal>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
