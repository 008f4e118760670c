//! Rows are made when they are taken, and not before.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use std::time::Duration;

use arrow::array::{Array as _, AsArray as _};
use arrow::datatypes::{Decimal128Type, Int32Type};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use regtrade_model::{
    Area, Concept, ConfStatus, Dataflow, Figure, FigureKey, FigureValue, Indicator, Item,
    ObsStatus, Period, Provenance,
};
use regtrade_proto::v1;
use regtrade_service::Failure;

use super::rows::{Row, batch, batches, merged, schema};

fn row(value: FigureValue) -> Row {
    let year = Period::of_year(2024).unwrap();
    let figure = Figure {
        key: FigureKey::overall(Item::P61, Area::BE2, Indicator::Level, year),
        value,
        unit_mult: 6,
        decimals: 1,
        provenance: Provenance::Computed,
        release: "REGTRD-2024-0123456789abcdef".parse().unwrap(),
        print_differs: None,
        obs_status: ObsStatus::P,
        source: None,
    };
    Row {
        figure,
        conf: ConfStatus::F,
    }
}

fn level(text: &str) -> Row {
    row(FigureValue::Exact(text.parse().unwrap()))
}

#[tokio::test]
async fn a_row_has_the_columns_of_the_long_csv_and_its_value_is_exact() {
    let mut national = level("-12345678901234567.8901234567");
    national.figure.key.concept = Some(Concept::Nat);
    national.conf = ConfStatus::C;
    let between = row(FigureValue::Between {
        lower: "1.5".parse().unwrap(),
        upper: "2".parse().unwrap(),
    });
    let about = v1::ListObservationsResponse {
        caveats: vec![v1::Caveat {
            id: "NOMINAL".into(),
            text: "in current prices".into(),
        }],
        ..Default::default()
    };
    let columns = schema(Dataflow::Exttrade, &about);
    assert_eq!(columns.metadata()["caveats"], "NOMINAL: in current prices");
    let names: Vec<&str> = columns.fields().iter().map(|f| f.name().as_str()).collect();
    assert_eq!(
        names.join(","),
        "item,ref_area,activity,product,counterpart_area,indicator,period,value,lower,upper,unit,unit_mult,decimals,\
         provenance,status,release,concept,conf_status"
    );
    assert_eq!(schema(Dataflow::Regtrd, &about).fields().len(), 17);

    let source = stream::iter([Ok(vec![national, between])]);
    let of = move |rows: &[Row]| batch(rows, Dataflow::Exttrade, columns.clone());
    let made: Vec<_> = batches(source, 10, of).try_collect().await.unwrap();
    let [batch] = &made[..] else {
        panic!("{} batches", made.len())
    };
    let text = |name: &str, row| batch[name].as_string::<i32>().value(row).to_owned();
    let decimal = |name: &str| batch[name].as_primitive::<Decimal128Type>();
    assert_eq!(text("ref_area", 0), "BE2");
    assert_eq!(
        (text("unit", 0), text("status", 0)),
        ("EUR".into(), "P".into())
    );
    assert_eq!(
        (text("concept", 0), text("concept", 1)),
        ("NAT".into(), String::new())
    );
    assert_eq!(
        (text("conf_status", 0), text("conf_status", 1)),
        ("C".into(), "F".into())
    );
    assert_eq!(batch["unit_mult"].as_primitive::<Int32Type>().value(0), 6);
    assert_eq!(
        decimal("value").value_as_string(0),
        "-12345678901234567.8901234567"
    );
    assert!(decimal("value").is_null(1) && decimal("lower").is_null(0));
    assert_eq!(decimal("lower").value_as_string(1), "1.5000000000");
    assert_eq!(decimal("upper").value_as_string(1), "2.0000000000");
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_refused_by_its_key_and_never_cut() {
    for text in ["0.00000000001", "79228162514264337593543950335"] {
        let columns = schema(Dataflow::Regtrd, &v1::ListObservationsResponse::default());
        let source = stream::iter([Ok(vec![level(text)])]);
        let of = move |rows: &[Row]| batch(rows, Dataflow::Regtrd, columns.clone());
        let failure = batches(source, 10, of)
            .try_collect::<Vec<_>>()
            .await
            .unwrap_err();
        assert_eq!(failure.reason, "VALUE_TOO_FINE");
        assert!(failure.message.contains("A.BE2.P61"), "{}", failure.message);
    }
}

/// Says when it is let go of.
struct LetGo(Arc<AtomicBool>);

impl Drop for LetGo {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn nothing_is_read_ahead_of_the_client_nor_after_it_went() {
    let (read, gone) = (
        Arc::new(AtomicUsize::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let (counted, guard) = (Arc::clone(&read), LetGo(Arc::clone(&gone)));
    let source = stream::iter(0..1_000_000).map(move |_| {
        let _held = &guard;
        counted.fetch_add(1, Ordering::SeqCst);
        Ok::<_, Failure>(vec![level("1"); 10])
    });
    let columns = schema(Dataflow::Regtrd, &v1::ListObservationsResponse::default());
    let of = move |rows: &[Row]| batch(rows, Dataflow::Regtrd, columns.clone());
    let mut rows = Box::pin(batches(source, 4, of));
    assert_eq!(read.load(Ordering::SeqCst), 0, "nobody has asked yet");
    let mut sizes = vec![];
    for _ in 0..4 {
        sizes.push(rows.next().await.unwrap().unwrap().num_rows());
    }
    assert_eq!(sizes, [4; 4], "what is left of a part comes with the next");
    assert_eq!(read.load(Ordering::SeqCst), 2, "two parts were needed");
    drop(rows);
    assert!(
        gone.load(Ordering::SeqCst),
        "what is not wanted is still held"
    );
}

#[tokio::test]
async fn what_was_read_before_a_failure_comes_before_it() {
    let columns = schema(Dataflow::Regtrd, &v1::ListObservationsResponse::default());
    let of = move |rows: &[Row]| batch(rows, Dataflow::Regtrd, columns.clone());
    let failure = Failure::internal(&std::io::Error::other("the lake broke"));
    let source = stream::iter([Ok(vec![level("1"); 3]), Err(failure)]);
    let mut rows = Box::pin(batches(source, 2, of));
    for expected in [2, 1] {
        assert_eq!(rows.next().await.unwrap().unwrap().num_rows(), expected);
    }
    assert_eq!(rows.next().await.unwrap().unwrap_err().reason, "INTERNAL");
    assert!(rows.next().await.is_none());
}

#[tokio::test]
async fn rows_do_not_wait_for_others_that_are_long_in_coming() {
    let columns = schema(Dataflow::Regtrd, &v1::ListObservationsResponse::default());
    let of = move |rows: &[Row]| batch(rows, Dataflow::Regtrd, columns.clone());
    let quick = [1, 2].map(|count| Ok(vec![level("1"); count]));
    let source = stream::iter(quick).chain(stream::pending());
    let mut rows = Box::pin(batches(source, 4096, of));
    let first = tokio::time::timeout(Duration::from_secs(60), rows.next()).await;
    assert_eq!(first.unwrap().unwrap().unwrap().num_rows(), 3);
}

#[tokio::test]
async fn parts_and_what_is_known_before_come_in_one_order_however_the_parts_are_cut() {
    let of = |period: &str, area| {
        let mut row = level("1");
        row.figure.key.ref_area = area;
        row.figure.key.period = period.parse().unwrap();
        row
    };
    let known = [
        of("2020", Area::BE),
        of("2021-01", Area::BE2),
        of("2021-03", Area::BE2),
        of("2023", Area::BE),
    ];
    let read = [
        of("2021-03", Area::BE),
        of("2021-02", Area::BE2),
        of("2021-01", Area::BE3),
        of("2022", Area::BE),
    ];
    let mut all: Vec<Row> = known.iter().chain(&read).cloned().collect();
    all.sort_by_key(|row| (row.figure.key.period.last().year(), row.figure.key.clone()));
    for size in 1..=4 {
        let parts = read.chunks(size).map(|part| Ok(part.to_vec()));
        // A year without an observation is an empty part.
        let parts: Vec<_> = [Ok(vec![])].into_iter().chain(parts).collect();
        let rows = merged(known.to_vec(), stream::iter(parts));
        let rows: Vec<Vec<Row>> = rows.try_collect().await.unwrap();
        assert_eq!(rows.concat(), all, "in parts of {size}");
    }
    let rows: Vec<Vec<Row>> = merged(known.to_vec(), stream::empty())
        .try_collect()
        .await
        .unwrap();
    assert_eq!(rows.concat(), known);
}
