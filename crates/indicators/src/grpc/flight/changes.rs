//! What changed between two vintages, as one stream: observations that are not what they were, and no others.
//!
//! The lake compares them, by column ([`Lake::changes`](regtrade_lake::Lake::changes)); here it is said what became of
//! each cell, some thousand at a time.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use arrow::array::{ArrayRef, Decimal128Builder, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use futures::{Stream, TryStreamExt as _};
use prost::Message as _;
use regtrade_lake::{Changed, Said};
use regtrade_model::{
    Concept, Dataflow, Decimal, Figure, FigureKey, FigureValue, Indicator, KeyPattern, Period,
    ReleaseId, RevisionClass,
};
use regtrade_proto::{IndicatorSet, key_pattern, v1};
use regtrade_service::{Failure, roles::Roles};

use super::{
    super::Reader,
    rows::{PRECISION, SCALE, TEXTS_BEFORE, periods, scaled},
};
use crate::{
    error::of_field,
    key_indicators::observed_figure,
    masked::{Stock, Written},
    revisions::{Held, Revision, compare},
    vintage::Chosen,
};

/// Two vintages, and which of their cells are compared.
pub(super) struct Changes {
    from: Chosen,
    to: Chosen,
    pattern: KeyPattern,
    classes: BTreeSet<RevisionClass>,
    has_levels: bool,
    about: v1::ListRevisionsResponse,
}

/// The request that a command or ticket is, where it is one for what changed.
pub(super) fn command(message: &[u8]) -> Result<Option<v1::ListRevisionsRequest>, Failure> {
    v1::ListRevisionsRequest::of_command(message, "ticket").map_err(|error| of_field(&error))
}

impl Reader {
    pub(super) async fn changes(
        &self,
        roles: &Roles,
        asked: &v1::ListRevisionsRequest,
    ) -> Result<Changes, Failure> {
        for (field, is_set) in [
            ("page_size", asked.page_size != 0),
            ("page_token", !asked.page_token.is_empty()),
        ] {
            if is_set {
                let description = "must be empty: bulk rows have no pages";
                return Err(Failure::invalid_field("INVALID_FIELD", field, description));
            }
        }
        let pattern = key_pattern("key", &asked.key).map_err(|error| of_field(&error))?;
        let indicators = IndicatorSet::read(&asked.indicators).map_err(|error| of_field(&error))?;
        let classes = asked.classes_asked().map_err(|error| of_field(&error))?;
        let (from, to) = asked.vintages_asked().map_err(|error| of_field(&error))?;
        let dataflow = asked.dataflow_asked();
        let from = self
            .vintage(roles, dataflow.clone(), "from", Ok(from))
            .await?;
        let to = self.vintage(roles, dataflow, "to", Ok(to)).await?;
        Ok(Changes {
            about: v1::ListRevisionsResponse {
                from: Some(self.shown(from.head(), roles)),
                to: Some(self.shown(to.head(), roles)),
                from_as_of: Some(v1::AsOf::from(&from.pinned())),
                to_as_of: Some(v1::AsOf::from(&to.pinned())),
                ..Default::default()
            },
            from,
            to,
            pattern,
            classes,
            has_levels: indicators.contains(Indicator::Level),
        })
    }
}

impl Changes {
    /// All of an answer but its rows.
    pub(super) fn about(&self) -> Vec<u8> {
        self.about.encode_to_vec()
    }

    /// The same request, good for these vintages, whatever is published or loaded in between.
    pub(super) fn ticket(&self, request: v1::ListRevisionsRequest) -> Vec<u8> {
        let request = v1::ListRevisionsRequest {
            from: self.about.from_as_of.clone(),
            to: self.about.to_as_of.clone(),
            ..request
        };
        request.to_command()
    }

    pub(super) fn schema(&self) -> SchemaRef {
        let dataflow = self.dataflow();
        let text = |name: &str, nullable| Field::new(name, DataType::Utf8, nullable);
        let mut fields: Vec<Field> = TEXTS_BEFORE.map(|name| text(name, false)).into();
        let value = |name| Field::new(name, DataType::Decimal128(PRECISION, SCALE), true);
        fields.extend(["from_value", "to_value", "change"].map(value));
        fields.push(text("class", false));
        fields.extend(["from_status", "to_status"].map(|name| text(name, true)));
        fields.extend(["from_release", "to_release"].map(|name| text(name, true)));
        if dataflow.has_concept() {
            fields.push(text("concept", false));
        }
        let metadata = HashMap::from([
            ("dataflow".to_owned(), dataflow.to_string()),
            ("from".to_owned(), self.from.head().id.to_string()),
            ("to".to_owned(), self.to.head().id.to_string()),
        ]);
        Arc::new(Schema::new_with_metadata(fields, metadata))
    }

    fn dataflow(&self) -> Dataflow {
        self.from.head().dataflow
    }

    /// The cells that changed, by year, key and period.
    pub(super) fn rows(
        self,
        stock: &Stock,
    ) -> impl Stream<Item = Result<Vec<Change>, Failure>> + Send + 'static {
        let (from, to) = (&self.from, &self.to);
        let [from, to] = [from, to].map(|vintage| vintage.masked(stock, &|_| self.has_levels));
        let cells = from.changes(to, self.pattern.clone());
        let slices = |vintage: &Chosen| vintage.slices().into_keys().collect();
        let comparing = Comparing {
            from_periods: slices(&self.from),
            to_periods: slices(&self.to),
            classes: self.classes,
        };
        cells.map_ok(move |cells| comparing.changes(cells))
    }
}

/// What is made of cells that two vintages do not have alike.
struct Comparing {
    from_periods: BTreeSet<Period>,
    to_periods: BTreeSet<Period>,
    classes: BTreeSet<RevisionClass>,
}

impl Comparing {
    /// Those that changed, and of the classes that are asked for.
    fn changes(&self, cells: Vec<Changed>) -> Vec<Change> {
        let changes = cells.into_iter();
        let changes = changes.filter_map(|cell| self.change(cell));
        let is_asked = |change: &Change| {
            change.class != RevisionClass::Unchanged
                && (self.classes.is_empty() || self.classes.contains(&change.class))
        };
        changes.filter(is_asked).collect()
    }

    /// What became of a cell, which one side has, or both have otherwise.
    fn change(&self, cell: Changed) -> Option<Change> {
        let Changed { key, sides } = cell;
        let period = key.period.last();
        let has_from = || self.from_periods.contains(&period);
        let has_to = || self.to_periods.contains(&period);
        if let Some((change, class)) = plain(&sides, has_from, has_to) {
            let [from, to] = sides.map(|said| said.map(Shown::from));
            return Some(Change {
                key,
                from,
                to,
                change,
                class,
            });
        }
        let held = |said: &Option<Said>, has_period: bool| {
            let rows = said
                .iter()
                .map(|said| (said.release.clone(), said.observation(&key)));
            let rows: Vec<Written> = rows.collect();
            let figures = rows
                .iter()
                .map(|(writer, row)| observed_figure((writer, row)));
            Held::of(figures.collect(), &rows, &[], has_period.then_some(period))
        };
        let [from, to] = &sides;
        let found = compare(&held(from, has_from()), &held(to, has_to()));
        found.into_iter().next().map(Change::from)
    }
}

/// By how much a cell changed whose values are shown as they are, of a period that vintages have or have not, and what
/// became of it: what [`compare`] says, in no time. `None` where it has others.
fn plain(
    sides: &[Option<Said>; 2],
    has_from: impl Fn() -> bool,
    has_to: impl Fn() -> bool,
) -> Option<(Option<Decimal>, RevisionClass)> {
    let value = |said: &Said| {
        let is_shown = |value: &Decimal| said.unit_mult == 6 && value.scale() <= said.decimals;
        said.value.filter(is_shown)
    };
    let class = match sides {
        [Some(from), Some(to)] => {
            let change = value(to)?.checked_sub(value(from)?)?;
            let class = match (change.is_zero(), from.status == to.status) {
                (false, _) => RevisionClass::Changed,
                (true, false) => RevisionClass::StatusOnly,
                (true, true) => RevisionClass::Unchanged,
            };
            return Some((Some(change), class));
        }
        [Some(from), None] => {
            value(from)?;
            if has_to() {
                RevisionClass::Deleted
            } else {
                RevisionClass::NotPrinted
            }
        }
        [None, Some(to)] => {
            value(to)?;
            if has_from() {
                RevisionClass::Added
            } else {
                RevisionClass::NewPeriod
            }
        }
        [None, None] => return None,
    };
    Some((None, class))
}

/// A cell that is not what it was.
pub(super) struct Change {
    key: FigureKey,
    from: Option<Shown>,
    to: Option<Shown>,
    change: Option<Decimal>,
    class: RevisionClass,
}

/// What a vintage has of a cell.
struct Shown {
    value: Option<Decimal>,
    status: &'static str,
    release: ReleaseId,
}

impl From<Said> for Shown {
    fn from(said: Said) -> Self {
        Self {
            value: said.value,
            status: said.status.as_str(),
            release: said.release,
        }
    }
}

impl From<Revision> for Change {
    fn from(revision: Revision) -> Self {
        let shown = |figure: Figure| Shown {
            value: match figure.value {
                FigureValue::Exact(value) => Some(value),
                _ => None,
            },
            status: figure.status(),
            release: figure.release,
        };
        Self {
            key: revision.key,
            from: revision.from.map(shown),
            to: revision.to.map(shown),
            change: revision.change,
            class: revision.class,
        }
    }
}

/// Changes as a batch.
pub(super) fn batch(rows: &[Change], schema: SchemaRef) -> Result<RecordBatch, Failure> {
    let text = |of: fn(&Change) -> &str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(rows.iter().map(of)))
    };
    let optional = |of: fn(&Change) -> Option<&str>| -> ArrayRef {
        Arc::new(rows.iter().map(of).collect::<StringArray>())
    };
    let decimal = |of: fn(&Change) -> Option<Decimal>| -> Result<ArrayRef, Failure> {
        let mut builder = Decimal128Builder::with_capacity(rows.len())
            .with_precision_and_scale(PRECISION, SCALE)
            .map_err(|error| Failure::internal(&error))?;
        for row in rows {
            let value = of(row).map(|value| scaled(&row.key, value));
            builder.append_option(value.transpose()?);
        }
        Ok(Arc::new(builder.finish()))
    };
    let mut columns = vec![
        text(|row| row.key.item.as_str()),
        text(|row| row.key.ref_area.as_str()),
        text(|row| row.key.activity.as_str()),
        text(|row| row.key.product.as_str()),
        text(|row| row.key.counterpart_area.as_str()),
        text(|row| row.key.indicator.as_str()),
        periods(rows.iter().map(|row| row.key.period)),
        decimal(|row| row.from.as_ref()?.value)?,
        decimal(|row| row.to.as_ref()?.value)?,
        decimal(|row| row.change)?,
        text(|row| row.class.as_str()),
        optional(|row| Some(row.from.as_ref()?.status)),
        optional(|row| Some(row.to.as_ref()?.status)),
        optional(|row| Some(row.from.as_ref()?.release.as_str())),
        optional(|row| Some(row.to.as_ref()?.release.as_str())),
    ];
    if schema.column_with_name("concept").is_some() {
        columns.push(text(|row| row.key.concept.map_or("", Concept::as_str)));
    }
    RecordBatch::try_new(schema, columns).map_err(|error| Failure::internal(&error))
}
