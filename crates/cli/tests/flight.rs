//! Bulk rows over Arrow Flight from real servers, as a client of Arrow reads them and as the command writes them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/bulk.rs"]
mod bulk;
mod support;

use std::{collections::BTreeSet, convert::Infallible};

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use arrow_flight::{
    FlightDescriptor, Ticket, decode::FlightRecordBatchStream, error::FlightError,
    flight_service_client::FlightServiceClient,
};
use bulk::{detail, of_csv, rows, sorted};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use prost::Message as _;
use regtrade_formats::write::{Structure, sdmx_csv};
use regtrade_model::{ConfStatus, Dataflow, Span};
use regtrade_proto::v1::{
    ListObservationsRequest, ListObservationsResponse, as_of::At,
    indicator_service_client::IndicatorServiceClient,
};
use support::Server;
use tokio_stream::StreamExt as _;
use tonic::{Code, transport::Channel};

const RELEASE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/releases/regtrd-2024.tsv");
/// Services with the shipped table and, later, the detail.
fn served() -> (Server, usize) {
    let up = Server::up();
    up.client(&["ingest", RELEASE]).succeeds();
    let structure = Structure {
        dataflow: Dataflow::Regtrd,
        synthetic: false,
        prepared: "2026-01-01T00:00:00Z".parse().unwrap(),
    };
    let rows = detail();
    let mut bytes = vec![];
    sdmx_csv(
        &mut bytes,
        &structure,
        rows.iter().cloned().map(Ok::<_, Infallible>),
    )
    .unwrap();
    // A partial update of the table, so that what it prints and what that proves stands beside the detail.
    let text = String::from_utf8(bytes)
        .unwrap()
        .replace("(1.0),I,", "(1.0),A,");
    let file = up.file("detail.csv", text.as_bytes());
    let releases = up.client(&["releases", "--format", "csv"]).succeeds();
    let table = releases
        .output
        .lines()
        .nth(1)
        .unwrap()
        .split(',')
        .next()
        .unwrap()
        .to_owned();
    let update = [
        "ingest",
        &file,
        "--edition",
        "detail",
        "--builds-on",
        &table,
    ];
    up.client(&update).succeeds();
    (up, rows.len())
}

async fn flight(up: &Server) -> FlightServiceClient<Channel> {
    let channel = Channel::from_shared(up.address()).unwrap();
    FlightServiceClient::new(channel.connect().await.unwrap())
}

fn ticket(request: &ListObservationsRequest) -> Ticket {
    Ticket::new(request.encode_to_vec())
}

async fn batches(client: &mut FlightServiceClient<Channel>, ticket: Ticket) -> Vec<RecordBatch> {
    let messages = client.do_get(ticket).await.unwrap().into_inner();
    let messages = messages.map(|message| message.map_err(FlightError::from));
    let mut stream = FlightRecordBatchStream::new_from_flight_data(messages);
    let mut found = vec![];
    while let Some(batch) = stream.next().await {
        found.push(batch.unwrap());
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn bulk_rows_are_those_of_the_pages_whatever_is_chosen() {
    let (up, detailed) = served();
    let mut client = flight(&up).await;
    let mut pages = IndicatorServiceClient::connect(up.address()).await.unwrap();
    for (key, from, to) in [
        ("", "", ""),
        ("A.BE2+BE.P62+B112", "", "2022"),
        ("...C..NL+DE", "2020", "2021"),
        ("...C..NL", "1999", "1999"),
    ] {
        let request = ListObservationsRequest {
            key: key.into(),
            from: from.into(),
            to: to.into(),
            ..Default::default()
        };
        let found = batches(&mut client, ticket(&request)).await;
        assert!(found.iter().all(|batch| batch.num_rows() <= 10_000));
        let bulk: Vec<_> = found.iter().flat_map(rows).collect();
        assert!(bulk.iter().all(|row| row.last().unwrap() == "F"));
        let bulk: Vec<_> = bulk.iter().map(|row| row[..16].to_vec()).collect();
        let arguments = ["observations", "--format", "csv", "--key", key];
        let spans = [("--from", from), ("--to", to)].into_iter();
        let spans = spans.filter(|(_, period)| !period.is_empty());
        let spans: Vec<&str> = spans.flat_map(|(flag, period)| [flag, period]).collect();
        let paged = up
            .client(&[arguments.as_slice(), &spans].concat())
            .succeeds();
        let (header, paged) = of_csv(&paged.output);
        assert_eq!(sorted(bulk.clone()), sorted(paged), "{key} {from} {to}");
        if let Some(batch) = found.first() {
            let schema = batch.schema();
            let names: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
            assert_eq!(names.join(","), format!("{header},conf_status"));
            assert!(schema.metadata()["caveats"].contains("NOMINAL: "));
        }
        // By period, and in it each key once.
        let periods: Vec<&String> = bulk.iter().map(|row| &row[6]).collect();
        assert!(periods.is_sorted(), "{key}");
        let keys: BTreeSet<&[String]> = bulk.iter().map(|row| &row[..7]).collect();
        assert_eq!(keys.len(), bulk.len());
        if key.is_empty() {
            assert!(bulk.len() > detailed && detailed > 10_000);
        }
    }
    // The same words as a call of pages has, where there is nothing.
    let unknown = ListObservationsRequest {
        as_of: Some(regtrade_proto::v1::AsOf {
            at: Some(At::Release("REGTRD-2019-0123456789abcdef".into())),
            ..Default::default()
        }),
        ..Default::default()
    };
    let refused = client.do_get(ticket(&unknown)).await.unwrap_err();
    let as_paged = pages.list_observations(unknown).await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.message()),
        (Code::NotFound, as_paged.message())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flight_is_of_one_vintage_and_tells_its_release_and_caveats() {
    let up = Server::up();
    up.client(&["ingest", RELEASE]).succeeds();
    let mut client = flight(&up).await;
    let request = ListObservationsRequest::default();
    let descriptor = FlightDescriptor::new_cmd(request.encode_to_vec());
    let info = client
        .get_flight_info(descriptor.clone())
        .await
        .unwrap()
        .into_inner();
    let about = ListObservationsResponse::decode(info.app_metadata.clone()).unwrap();
    let release = about.release.unwrap().release;
    assert!(!about.caveats.is_empty() && about.figures.is_empty());
    let [endpoint] = &info.endpoint[..] else {
        panic!("{info:?}")
    };
    let ticket = endpoint.ticket.clone().unwrap();
    let schema = info.clone().try_decode_schema().unwrap();
    let told = client.get_schema(descriptor).await.unwrap().into_inner();
    assert_eq!(Schema::try_from(&told).unwrap(), schema);
    assert_eq!(schema.metadata()["release"], release);

    // Another release comes between: the ticket still means the first.
    let other = [
        std::fs::read(RELEASE).unwrap(),
        b"Source: another\n".to_vec(),
    ]
    .concat();
    let other = up.file("other.tsv", &other);
    up.client(&["ingest", &other, "--edition", "other"])
        .succeeds();
    let found = batches(&mut client, ticket).await;
    assert_eq!(found[0].schema().metadata()["release"], release);
    assert_eq!(*found[0].schema(), schema);

    let paged = ListObservationsRequest {
        page_size: 5,
        ..request
    };
    let refused = client.do_get(self::ticket(&paged)).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(refused.message().contains("no pages"), "{refused}");
}

#[test]
fn every_kind_of_file_has_every_row() {
    let (up, detailed) = served();
    let write = |name: &str, more: &[&str]| {
        let path = up.file(name, b"what was there before");
        let arguments = ["observations", "--key", "...C+F", "-o", &path];
        let run = up.client(&[arguments.as_slice(), more].concat()).succeeds();
        assert!(
            run.errors
                .contains(&format!("{} figures of REGTRD-detail-", detailed / 2))
        );
        assert_eq!(run.output, "");
        path
    };
    let screen = up.client(&["observations", "--key", "...C+F", "--format", "csv"]);
    let (header, screen) = of_csv(&screen.succeeds().output);
    let screen = sorted(screen);
    assert_eq!(screen.len(), detailed / 2);

    let csv = std::fs::read_to_string(write("levels", &["--as", "csv"])).unwrap();
    let (csv_header, csv) = of_csv(&csv);
    assert_eq!((csv_header, sorted(csv)), (header.clone(), screen.clone()));

    let parquet = std::fs::File::open(write("levels.parquet", &[])).unwrap();
    let parquet = ParquetRecordBatchReaderBuilder::try_new(parquet).unwrap();
    assert!(parquet.schema().metadata()["caveats"].contains("NOMINAL"));
    let parquet = parquet.build().unwrap().map(Result::unwrap);
    let parquet: Vec<_> = parquet.flat_map(|batch| rows(&batch)).collect();
    assert_eq!(sorted(parquet), screen);

    // A sheet is a zip of XML: the name of each code is in it as it is, and so is the number of rows.
    let sheet = std::fs::read(write("levels.xlsx", &[])).unwrap();
    assert!(sheet.starts_with(b"PK") && sheet.len() > 50_000);

    // What is written as SDMX is taken in again as the same: nothing changed.
    let expected: Vec<String> = screen.iter().map(|row| row[..7].join(",")).collect();
    let sdmx = std::fs::read_to_string(write("levels.sdmx.csv", &[])).unwrap();
    assert_eq!(sdmx.lines().count(), expected.len() + 1);
    let again = up.file("again.csv", sdmx.as_bytes());
    up.client(&["ingest", &again, "--edition", "again"])
        .succeeds();
    let taken = up.client(&["observations", "--key", "...C+F", "--format", "csv"]);
    let (_, taken) = of_csv(&taken.succeeds().output);
    let without_release = |rows: &[Vec<String>]| {
        rows.iter()
            .map(|row| row[..15].to_vec())
            .collect::<Vec<_>>()
    };
    assert_eq!(without_release(&sorted(taken)), without_release(&screen));
    let json = std::fs::read(write_json(&up)).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let observations = &json["data"]["dataSets"][0]["observations"];
    assert_eq!(observations.as_object().unwrap().len(), detailed / 2);
}

fn write_json(up: &Server) -> String {
    let path = up.file("levels.sdmx.json", b"");
    up.client(&["observations", "--key", "...C+F", "-o", &path])
        .succeeds();
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_confidential_is_hidden_in_bulk_rows_and_in_files_as_it_is_in_pages() {
    let up = Server::up();
    let mut rows = detail();
    rows.retain(|row| row.key.period == "2024".parse::<Span>().unwrap());
    let secret = "123456.78";
    let hidden = rows
        .iter_mut()
        .find(|row| row.key.counterpart_area.as_str() == "NL");
    let hidden = hidden.unwrap();
    (hidden.value, hidden.conf) = (Some(secret.parse().unwrap()), ConfStatus::C);
    let key = hidden.key.to_string();
    let structure = Structure {
        dataflow: Dataflow::Regtrd,
        synthetic: false,
        prepared: "2026-01-01T00:00:00Z".parse().unwrap(),
    };
    let mut bytes = vec![];
    sdmx_csv(
        &mut bytes,
        &structure,
        rows.into_iter().map(Ok::<_, Infallible>),
    )
    .unwrap();
    let file = up.file("detail.csv", &bytes);
    up.client(&["ingest", &file, "--edition", "detail"])
        .succeeds();

    let mut client = flight(&up).await;
    let found = batches(&mut client, ticket(&ListObservationsRequest::default())).await;
    let bulk: Vec<Vec<String>> = found.iter().flat_map(bulk::rows).collect();
    let paged = up.client(&["observations", "--format", "csv"]).succeeds();
    let (_, paged) = of_csv(&paged.output);
    let figures = bulk.iter().map(|row| row[..16].to_vec()).collect();
    assert_eq!(sorted(figures), sorted(paged));
    let of = |row: &[String]| {
        format!(
            "A.{}.{}.{}.{}.{}:level:2024",
            row[1], row[0], row[2], row[3], row[4]
        )
    };
    let row = bulk.iter().find(|row| of(row) == key).unwrap();
    assert_eq!(
        (row[7].as_str(), row[14].as_str(), row[16].as_str()),
        ("", "SUPPRESSED", "N")
    );
    assert!(bulk.iter().flatten().all(|cell| cell != secret));

    for name in ["hidden.sdmx.csv", "hidden.csv", "hidden.sdmx.json"] {
        let path = up.file(name, b"");
        up.client(&["observations", "-o", &path]).succeeds();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains(secret), "{name}");
        assert!(
            !name.ends_with("sdmx.csv") || text.contains(",NL,2024,,EUR,6,0,Q,N\n"),
            "{name}"
        );
    }
}
