//! Bulk rows over Arrow Flight from real servers, as a client of Arrow reads them and as the command writes them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{collections::BTreeSet, convert::Infallible};

use arrow::array::{Array as _, AsArray as _, RecordBatch};
use arrow::datatypes::{Decimal128Type, Int32Type, Schema};
use arrow_flight::{
    FlightDescriptor, Ticket, decode::FlightRecordBatchStream, error::FlightError,
    flight_service_client::FlightServiceClient,
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use prost::Message as _;
use regtrade_formats::write::{Structure, sdmx_csv};
use regtrade_model::{
    ConfStatus, Dataflow, Decimal, FigureKey, Indicator, ObsStatus, Observation, Span,
};
use regtrade_proto::v1::{
    ListObservationsRequest, ListObservationsResponse, as_of::At,
    indicator_service_client::IndicatorServiceClient,
};
use support::Server;
use tokio_stream::StreamExt as _;
use tonic::{Code, transport::Channel};

const RELEASE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/releases/regtrd-2024.tsv");
const PARTNERS: &str =
    "AT AU BR CA CH CN CZ DE DK ES FI FR GB GR HU IE IN IT JP KR LU MX NL NO PL PT RO SE TR US";

/// Exports and imports by activity and partner, more of them than a page has rows.
fn detail() -> Vec<Observation> {
    let mut found = vec![];
    for year in ["2019", "2020", "2021", "2022", "2023", "2024"] {
        for item in ["P61", "P62", "P71", "P72"] {
            for area in ["BE1", "BE2", "BE3", "BE"] {
                for activity in ["C", "F", "G", "J"] {
                    for partner in PARTNERS.split(' ') {
                        let number = i64::try_from(found.len()).unwrap();
                        let period: Span = year.parse().unwrap();
                        found.push(Observation {
                            key: FigureKey {
                                item: item.parse().unwrap(),
                                ref_area: area.parse().unwrap(),
                                activity: activity.parse().unwrap(),
                                product: "_T".parse().unwrap(),
                                counterpart_area: partner.parse().unwrap(),
                                concept: None,
                                indicator: Indicator::Level,
                                period,
                            },
                            value: (number % 97 != 0).then(|| Decimal::new(number * 7, 2)),
                            decimals: 2,
                            unit_mult: 6,
                            status: ObsStatus::A,
                            conf: ConfStatus::F,
                        });
                    }
                }
            }
        }
    }
    found.sort_by(|a, b| (a.key.period, &a.key).cmp(&(b.key.period, &b.key)));
    found
}

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

/// Rows as texts; numbers without zeros at their end.
fn rows(batch: &RecordBatch) -> Vec<Vec<String>> {
    let cell = |column: usize, row: usize| {
        let array = batch.column(column);
        if array.is_null(row) {
            String::new()
        } else if let Some(texts) = array.as_string_opt::<i32>() {
            texts.value(row).to_owned()
        } else if let Some(numbers) = array.as_primitive_opt::<Int32Type>() {
            numbers.value(row).to_string()
        } else {
            let text = array.as_primitive::<Decimal128Type>().value_as_string(row);
            normal(&text)
        }
    };
    let columns = 0..batch.num_columns();
    (0..batch.num_rows())
        .map(|row| columns.clone().map(|column| cell(column, row)).collect())
        .collect()
}

fn normal(number: &str) -> String {
    match number.parse::<Decimal>() {
        Ok(value) => value.normalize().to_string(),
        Err(_) => number.to_owned(),
    }
}

/// The rows of csv, the header first; values without zeros at their end.
fn of_csv(text: &str) -> (String, Vec<Vec<String>>) {
    let mut lines = text.lines();
    let header = lines.next().unwrap().to_owned();
    let rows = lines.map(|line| {
        let cells = line.split(',').enumerate();
        cells
            .map(|(at, cell)| match at {
                7..10 => normal(cell),
                _ => cell.to_owned(),
            })
            .collect()
    });
    (header, rows.collect())
}

fn sorted(mut rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    rows.sort();
    rows
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
