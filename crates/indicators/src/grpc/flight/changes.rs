//! What changed between two vintages, as one stream: observations that are not what they were, and no others.
//!
//! Slices that both vintages have alike are not read at all; the others are read side by side in the order of their
//! keys, and never more of them than a few thousand at once.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::Arc,
};

use arrow::array::{ArrayRef, Decimal128Builder, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use futures::{Stream, TryStreamExt as _, stream, stream::BoxStream};
use prost::Message as _;
use prost_types::Any;
use regtrade_model::{
    Concept, Dataflow, Decimal, Figure, FigureKey, FigureValue, Indicator, KeyPattern, Period,
    RevisionClass,
};
use regtrade_proto::{IndicatorSet, key_pattern, v1};
use regtrade_service::{Failure, roles::Roles};

use super::{
    super::Reader,
    rows::{PRECISION, SCALE, scaled},
};
use crate::{
    error::of_field,
    key_indicators::observed_figure,
    masked::{Stock, Written},
    revisions::{Held, Revision, compare},
    vintage::Chosen,
};

/// The type of a command for what changed.
const TYPE: &str = "regtrade.v1.ListRevisionsRequest";

const TEXTS: [&str; 7] = [
    "item",
    "ref_area",
    "activity",
    "product",
    "counterpart_area",
    "indicator",
    "period",
];

/// Two vintages, and which of their cells are compared.
pub(super) struct Changes {
    from: Chosen,
    to: Chosen,
    pattern: KeyPattern,
    classes: BTreeSet<RevisionClass>,
    has_levels: bool,
    about: v1::ListRevisionsResponse,
}

/// The request that a command or ticket is, where it is one for what changed: an Any of its type.
pub(super) fn command(message: &[u8]) -> Option<Result<v1::ListRevisionsRequest, Failure>> {
    let any = Any::decode(message).ok()?;
    let name = any.type_url.rsplit('/').next().unwrap_or_default();
    (name == TYPE).then(|| {
        v1::ListRevisionsRequest::decode(any.value.as_slice()).map_err(|_| {
            let expected = format!("must hold an encoded {TYPE}");
            Failure::invalid_field("INVALID_FIELD", "ticket", expected)
        })
    })
}

/// The ticket of a request for what changed.
fn packed(request: &v1::ListRevisionsRequest) -> Vec<u8> {
    let any = Any {
        type_url: format!("type.googleapis.com/{TYPE}"),
        value: request.encode_to_vec(),
    };
    any.encode_to_vec()
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
        packed(&v1::ListRevisionsRequest {
            from: self.about.from_as_of.clone(),
            to: self.about.to_as_of.clone(),
            ..request
        })
    }

    pub(super) fn schema(&self) -> SchemaRef {
        let dataflow = self.dataflow();
        let text = |name: &str, nullable| Field::new(name, DataType::Utf8, nullable);
        let mut fields: Vec<Field> = TEXTS.map(|name| text(name, false)).into();
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
    ) -> impl Stream<Item = Result<Vec<Revision>, Failure>> + Send + 'static {
        let differing: BTreeSet<Period> = self
            .from
            .differing(&self.to)
            .into_iter()
            .filter(|_| self.has_levels)
            .collect();
        let scan = |vintage: &Chosen| {
            let rows = vintage.scan(stock, self.pattern.clone(), &|p| differing.contains(&p));
            Side {
                rows: Box::pin(rows),
                read: VecDeque::new(),
                is_over: false,
            }
        };
        let slices = |vintage: &Chosen| vintage.slices().into_keys().collect();
        let state = Comparing {
            from: scan(&self.from),
            to: scan(&self.to),
            from_periods: slices(&self.from),
            to_periods: slices(&self.to),
            classes: self.classes,
        };
        stream::try_unfold(state, async |mut state| {
            Ok(state.next().await?.map(|found| (found, state)))
        })
    }
}

/// The rows of one vintage.
struct Side {
    rows: BoxStream<'static, Result<Vec<Written>, Failure>>,
    read: VecDeque<Written>,
    is_over: bool,
}

impl Side {
    async fn fill(&mut self) -> Result<(), Failure> {
        while self.read.is_empty() && !self.is_over {
            match self.rows.try_next().await? {
                Some(rows) => self.read.extend(rows),
                None => self.is_over = true,
            }
        }
        Ok(())
    }
}

/// Two vintages that are read side by side.
struct Comparing {
    from: Side,
    to: Side,
    from_periods: BTreeSet<Period>,
    to_periods: BTreeSet<Period>,
    classes: BTreeSet<RevisionClass>,
}

/// Where a row stands among all.
fn place(row: &Written) -> (u16, &FigureKey) {
    let key = &row.1.key;
    (key.period.last().year(), key)
}

impl Comparing {
    /// The next cells that changed; `None` at the end.
    async fn next(&mut self) -> Result<Option<Vec<Revision>>, Failure> {
        loop {
            self.from.fill().await?;
            self.to.fill().await?;
            if self.from.read.is_empty() && self.to.read.is_empty() {
                return Ok(None);
            }
            let (earlier, later) = self.step();
            let found = self.compared(earlier, later);
            if !found.is_empty() {
                return Ok(Some(found));
            }
        }
    }

    /// Goes on as far as both sides are read, and gives what is not the same on both.
    fn step(&mut self) -> (Vec<Written>, Vec<Written>) {
        let (mut earlier, mut later) = (vec![], vec![]);
        let (from, to) = (&mut self.from, &mut self.to);
        loop {
            match (from.read.front(), to.read.front()) {
                (Some(a), Some(b)) if place(a) == place(b) => {
                    let (a, b) = (from.read.pop_front(), to.read.pop_front());
                    let same = a.as_ref().map(|(_, row)| row) == b.as_ref().map(|(_, row)| row);
                    if !same {
                        earlier.extend(a);
                        later.extend(b);
                    }
                }
                (Some(a), Some(b)) if place(a) < place(b) => earlier.extend(from.read.pop_front()),
                (Some(_), Some(_)) => later.extend(to.read.pop_front()),
                (Some(_), None) if to.is_over => earlier.extend(from.read.pop_front()),
                (None, Some(_)) if from.is_over => later.extend(to.read.pop_front()),
                _ => return (earlier, later),
            }
        }
    }

    /// What became of cells, each of which one side has, or both have otherwise.
    fn compared(&self, earlier: Vec<Written>, later: Vec<Written>) -> Vec<Revision> {
        let held = |rows: &[Written], periods: &BTreeSet<Period>| {
            let figures = rows
                .iter()
                .map(|(writer, row)| observed_figure((writer, row)));
            Held::of(figures.collect(), rows, &[], periods.iter().copied())
        };
        let mut found = compare(
            &held(&earlier, &self.from_periods),
            &held(&later, &self.to_periods),
        );
        found.retain(|revision| {
            revision.class != RevisionClass::Unchanged
                && (self.classes.is_empty() || self.classes.contains(&revision.class))
        });
        found.sort_by(|a, b| {
            let place = |of: &Revision| of.key.period.last().year();
            (place(a), &a.key).cmp(&(place(b), &b.key))
        });
        found
    }
}

/// Changes as a batch.
pub(super) fn batch(rows: &[Revision], schema: SchemaRef) -> Result<RecordBatch, Failure> {
    let text = |of: &dyn Fn(&FigureKey) -> String| -> ArrayRef {
        let texts = rows.iter().map(|row| of(&row.key));
        Arc::new(StringArray::from_iter_values(texts))
    };
    let decimal = |of: fn(&Revision) -> Option<Decimal>| -> Result<ArrayRef, Failure> {
        let mut builder = Decimal128Builder::with_capacity(rows.len())
            .with_precision_and_scale(PRECISION, SCALE)
            .map_err(|error| Failure::internal(&error))?;
        for row in rows {
            let value = of(row).map(|value| scaled(&row.key, value));
            builder.append_option(value.transpose()?);
        }
        Ok(Arc::new(builder.finish()))
    };
    let optional = |of: &dyn Fn(&Revision) -> Option<String>| -> ArrayRef {
        Arc::new(rows.iter().map(of).collect::<StringArray>())
    };
    let mut columns = vec![
        text(&|key| key.item.to_string()),
        text(&|key| key.ref_area.to_string()),
        text(&|key| key.activity.to_string()),
        text(&|key| key.product.to_string()),
        text(&|key| key.counterpart_area.to_string()),
        text(&|key| key.indicator.to_string()),
        text(&|key| key.period.to_string()),
        decimal(|row| exact(row.from.as_ref()))?,
        decimal(|row| exact(row.to.as_ref()))?,
        decimal(|row| row.change)?,
        optional(&|row| Some(row.class.to_string())),
        optional(&|row| Some(row.from.as_ref()?.status().to_owned())),
        optional(&|row| Some(row.to.as_ref()?.status().to_owned())),
        optional(&|row| Some(row.from.as_ref()?.release.to_string())),
        optional(&|row| Some(row.to.as_ref()?.release.to_string())),
    ];
    if schema.column_with_name("concept").is_some() {
        columns.push(text(&|key| {
            key.concept.map_or("", Concept::as_str).to_owned()
        }));
    }
    RecordBatch::try_new(schema, columns).map_err(|error| Failure::internal(&error))
}

fn exact(figure: Option<&Figure>) -> Option<Decimal> {
    match figure?.value {
        FigureValue::Exact(value) => Some(value),
        _ => None,
    }
}
