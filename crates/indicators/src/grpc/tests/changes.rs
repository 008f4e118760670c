//! What changed between two vintages as one stream, against the same in pages.

use arrow::array::{AsArray as _, RecordBatch};
use arrow::datatypes::Decimal128Type;
use arrow_flight::{
    FlightDescriptor, Ticket, decode::FlightRecordBatchStream,
    flight_service_server::FlightService as _,
};
use futures::TryStreamExt as _;
use proptest::prelude::*;
use prost::Message as _;
use regtrade_model::{Dataflow, Observation};
use regtrade_proto::v1::{self, indicator_service_server::IndicatorService as _};
use tonic::Request;

use super::support::*;
use crate::Reader;

const PRODUCTS: [&str; 4] = ["_T", "30021200", "30029000", "84011000"];
const PERIODS: [&str; 4] = ["2022-11", "2022-12", "2023-01", "2023-02"];
/// One that ends in c is confidential.
const VALUES: [&str; 4] = ["1.0", "2.5", "", "4.0c"];

type Cell = (usize, usize, usize, usize);

fn rows(cells: &[Cell]) -> Vec<Observation> {
    let rows = cells.iter().map(|(product, area, period, value)| {
        let area = ["BE2", "BE"][*area];
        let key = format!("P61.{area}..{}.FR.NAT", PRODUCTS[*product]);
        observation(&key, PERIODS[*period], VALUES[*value])
    });
    let rows: std::collections::BTreeMap<_, _> = rows.map(|row| (row.key.clone(), row)).collect();
    rows.into_values().collect()
}

fn asked(from: &Submission, to: &Submission, key: &str) -> v1::ListRevisionsRequest {
    v1::ListRevisionsRequest {
        dataflow: v1::Dataflow::Exttrade.into(),
        from: as_of(from),
        to: as_of(to),
        key: key.to_owned(),
        indicators: vec![v1::Indicator::Level.into()],
        ..Default::default()
    }
}

/// Each changed cell as a line.
fn lines(batches: &[RecordBatch]) -> Vec<String> {
    let line = |batch: &RecordBatch, row: usize| {
        let text = |name: &str| {
            let texts = batch[name].as_string::<i32>();
            let text = texts.iter().nth(row).flatten();
            text.unwrap_or_default().to_owned()
        };
        let decimal = |name: &str| {
            let values = batch[name].as_primitive::<Decimal128Type>();
            let value = values.iter().nth(row).flatten();
            value.map_or_else(String::new, |_| shown(&values.value_as_string(row)))
        };
        [
            text("product"),
            text("ref_area"),
            text("period"),
            decimal("from_value"),
            decimal("to_value"),
            decimal("change"),
            text("class"),
            text("from_release"),
            text("to_release"),
        ]
        .join(" ")
    };
    let of_batch = batches
        .iter()
        .flat_map(|batch| (0..batch.num_rows()).map(move |row| line(batch, row)));
    let mut lines: Vec<String> = of_batch.collect();
    lines.sort();
    lines
}

fn shown(decimal: &str) -> String {
    let value: regtrade_model::Decimal = decimal.parse().unwrap();
    value.normalize().to_string()
}

/// The same of an answer in pages.
fn lines_of_pages(answer: &v1::ListRevisionsResponse) -> Vec<String> {
    let exact = |figure: &Option<v1::Figure>| match figure.as_ref().and_then(|f| f.value.as_ref()) {
        Some(v1::figure::Value::Exact(value)) => shown(value),
        _ => String::new(),
    };
    let release = |figure: &Option<v1::Figure>| {
        figure
            .as_ref()
            .map_or_else(String::new, |figure| figure.release.clone())
    };
    let changed = answer.revisions.iter();
    let changed = changed.filter(|r| r.class() != v1::RevisionClass::Unchanged);
    let line = |r: &v1::Revision| {
        let class = r
            .class()
            .as_str_name()
            .trim_start_matches("REVISION_CLASS_")
            .to_lowercase();
        let change = if r.change.is_empty() {
            String::new()
        } else {
            shown(&r.change)
        };
        let (from, to) = (exact(&r.from), exact(&r.to));
        let (earlier, later) = (release(&r.from), release(&r.to));
        format!(
            "{} {} {} {from} {to} {change} {class} {earlier} {later}",
            r.product, r.ref_area, r.period
        )
    };
    let mut lines: Vec<String> = changed.map(line).collect();
    lines.sort();
    lines
}

async fn streamed(reader: &Reader, ticket: Request<Ticket>) -> Vec<RecordBatch> {
    let messages = reader.do_get(ticket).await.unwrap().into_inner();
    let messages = messages.map_err(arrow_flight::error::FlightError::from);
    FlightRecordBatchStream::new_from_flight_data(messages)
        .try_collect()
        .await
        .unwrap()
}

async fn check(first: &[Cell], second: &[Cell], key: &str) {
    let releases = [
        submission(Dataflow::Exttrade, 1, rows(first)),
        submission(Dataflow::Exttrade, 2, rows(second)),
    ];
    let reader = reader(&releases).await;
    let asked = asked(&releases[0], &releases[1], key);
    for is_public in [true, false] {
        let pages = if is_public {
            public(asked.clone())
        } else {
            trusted(asked.clone())
        };
        let pages = reader.list_revisions(pages).await.unwrap().into_inner();
        assert_eq!(pages.next_page_token, "");
        let ticket = Ticket::new(asked.to_command());
        let ticket = if is_public {
            public(ticket)
        } else {
            trusted(ticket)
        };
        let found = streamed(&reader, ticket).await;
        assert_eq!(lines(&found), lines_of_pages(&pages), "public: {is_public}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_stream_has_what_the_pages_have_but_for_what_did_not_change(
        first in prop::collection::vec((0..4usize, 0..2usize, 0..4usize, 0..4usize), 1..40),
        second in prop::collection::vec((0..4usize, 0..2usize, 0..4usize, 0..4usize), 1..40),
        key in prop::sample::select(vec![".....FR", ".BE2...30021200+84011000.FR", "....30029000"]),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(check(&first, &second, key));
    }
}

#[tokio::test]
async fn a_descriptor_gives_a_ticket_for_the_same_two_vintages_and_pages_are_refused() {
    let releases = [
        submission(Dataflow::Exttrade, 1, rows(&[(1, 0, 0, 0), (2, 0, 0, 0)])),
        submission(Dataflow::Exttrade, 2, rows(&[(1, 0, 0, 1), (2, 0, 0, 0)])),
    ];
    let reader = reader(&releases).await;
    let asked = asked(&releases[0], &releases[1], "");
    let descriptor = FlightDescriptor::new_cmd(asked.to_command());
    let info = reader
        .get_flight_info(public(descriptor))
        .await
        .unwrap()
        .into_inner();
    let about = v1::ListRevisionsResponse::decode(info.app_metadata.clone()).unwrap();
    assert_eq!(
        about.to.unwrap().release,
        releases[1].release.id.to_string()
    );
    let ticket = info.endpoint[0].ticket.clone().unwrap();
    let found = lines(&streamed(&reader, public(ticket)).await);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("30021200 BE2 2022-11 1 2.5 1.5 changed"),
        "{found:?}"
    );

    let paged = v1::ListRevisionsRequest {
        page_size: 1,
        ..asked
    };
    let refused = reader.do_get(public(Ticket::new(paged.to_command()))).await;
    assert!(refused.err().unwrap().message().contains("page_size"));
}
