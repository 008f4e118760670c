//! Rows are made when they are taken, and not before.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use arrow::array::{Array as _, AsArray as _};
use arrow::datatypes::{Decimal128Type, Int32Type};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use regtrade_model::{
    Area, Concept, Dataflow, Figure, FigureKey, FigureValue, Indicator, Item, ObsStatus, Period,
    Provenance,
};
use regtrade_proto::v1;
use regtrade_service::Failure;

use super::rows::{batches, schema};

fn figure(value: FigureValue) -> Figure {
    let year = Period::of_year(2024).unwrap();
    Figure {
        key: FigureKey::overall(Item::P61, Area::BE2, Indicator::Level, year),
        value,
        unit_mult: 6,
        decimals: 1,
        provenance: Provenance::Computed,
        release: "REGTRD-2024-0123456789abcdef".parse().unwrap(),
        print_differs: None,
        obs_status: ObsStatus::P,
        source: None,
    }
}

fn level(text: &str) -> Figure {
    figure(FigureValue::Exact(text.parse().unwrap()))
}

#[tokio::test]
async fn a_row_has_the_columns_of_the_long_csv_and_its_value_is_exact() {
    let mut national = level("-12345678901234567.8901234567");
    national.key.concept = Some(Concept::Nat);
    let between = figure(FigureValue::Between {
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
         provenance,status,release,concept"
    );
    assert_eq!(schema(Dataflow::Regtrd, &about).fields().len(), 16);

    let source = stream::iter([Ok(vec![national, between])]);
    let made: Vec<_> = batches(source, Dataflow::Exttrade, columns, 10)
        .try_collect()
        .await
        .unwrap();
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
        let failure = batches(source, Dataflow::Regtrd, columns, 10)
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
    let mut rows = Box::pin(batches(source, Dataflow::Regtrd, columns, 4));
    assert_eq!(read.load(Ordering::SeqCst), 0, "nobody has asked yet");
    let mut sizes = vec![];
    for _ in 0..4 {
        sizes.push(rows.next().await.unwrap().unwrap().num_rows());
    }
    assert_eq!(sizes, [4, 4, 2, 4], "no batch is larger than asked for");
    assert_eq!(read.load(Ordering::SeqCst), 2, "two parts were needed");
    drop(rows);
    assert!(
        gone.load(Ordering::SeqCst),
        "what is not wanted is still held"
    );
}
