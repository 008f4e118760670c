//! What is encoded is what any reader of Parquet finds, and what the end of a file says of it holds.

use arrow::array::{AsArray as _, RecordBatch};
use bytes::Bytes;
use parquet::{
    arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions},
    file::{
        metadata::{PageIndexPolicy, ParquetMetaData},
        page_index::column_index::ColumnIndexMetaData,
    },
};
use proptest::{collection::vec, prelude::*, sample::select};
use regtrade_model::{
    Area, Code, Concept, ConfStatus, Decimal, FigureKey, Indicator, Item, ObsStatus, Observation,
    Period, Release,
};

use super::*;
use crate::{
    files::decode,
    rows::{Row, to_observations},
    write::tests::submission,
};

const PERIODS: [&str; 6] = ["2023", "2024", "2024-Q1", "2024-02", "2024-11", "2025-01"];

fn key() -> impl Strategy<Value = FigureKey> {
    let code = |most: u32| (0..most).prop_map(|n| format!("{n:03}").parse::<Code>().unwrap());
    let of = (
        select(Item::ALL),
        select(&[Area::BE, Area::BE1, Area::BEZ][..]),
        select(Indicator::ALL),
        proptest::option::of(select(Concept::ALL)),
        select(&PERIODS[..]),
    );
    (of, (code(3), code(600), code(20))).prop_map(
        |((item, area, indicator, concept, at), codes)| FigureKey {
            item,
            ref_area: area,
            activity: codes.0,
            product: codes.1,
            counterpart_area: codes.2,
            concept,
            indicator,
            period: at.parse::<Period>().unwrap().into(),
        },
    )
}

fn row() -> impl Strategy<Value = Row> {
    // Some have no value, some no room in 18 digits of which six are decimals, and many are alike.
    let value = prop_oneof![
        Just(None),
        (0..9i64).prop_map(|n| Some(Decimal::new(n, 1))),
        any::<i64>().prop_map(|n| Some(Decimal::new(n, 6))),
        any::<i64>().prop_map(|n| Some(Decimal::new(n, 10))),
    ];
    let of_value = (
        0..7u32,
        0..3i32,
        select(ObsStatus::ALL),
        select(ConfStatus::ALL),
    );
    let there =
        (key(), value, of_value).prop_map(|(key, value, (decimals, mult, status, conf))| {
            Row::There(Observation {
                key,
                value,
                decimals,
                unit_mult: mult,
                status,
                conf,
            })
        });
    prop_oneof![9 => there, 1 => key().prop_map(Row::Deleted)]
}

fn release() -> Release {
    submission(1, &Default::default()).release
}

fn read(bytes: &Bytes) -> (Vec<Row>, Vec<RecordBatch>) {
    let batches: Vec<_> = decode(bytes.clone()).unwrap().map(Result::unwrap).collect();
    let rows = batches
        .iter()
        .flat_map(|batch| to_observations(batch).unwrap());
    (rows.collect(), batches)
}

fn metadata(bytes: &Bytes) -> Arc<ParquetMetaData> {
    let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Required);
    let read = ArrowReaderMetadata::load(bytes, options).unwrap();
    Arc::clone(read.metadata())
}

/// Every page and every row group of a column of texts says what its rows lie between.
fn check_ends(column: &str, batches: &[RecordBatch], page: usize, file: &ParquetMetaData) {
    let place = |name: &str| {
        let columns = file.file_metadata().schema_descr().columns().iter();
        columns
            .clone()
            .position(|column| column.name() == name)
            .unwrap()
    };
    let texts = batches.iter().flat_map(|batch| {
        let texts = batch.column_by_name(column).unwrap().as_string::<i32>();
        texts
            .iter()
            .map(|text| text.map(str::to_owned))
            .collect::<Vec<_>>()
    });
    let (mut rows, at) = (texts.collect::<Vec<_>>().into_iter(), place(column));
    for (group, of) in file.row_groups().iter().enumerate() {
        let texts: Vec<_> = rows.by_ref().take(of.num_rows() as usize).collect();
        let ends = |texts: &[Option<String>]| {
            let there = || texts.iter().flatten().map(|text| text.as_bytes().to_vec());
            (
                there().min(),
                there().max(),
                texts.iter().filter(|text| text.is_none()).count() as u64,
            )
        };
        let statistics = of.column(at).statistics().unwrap();
        let (least, most, nulls) = ends(&texts);
        assert_eq!(statistics.min_bytes_opt(), least.as_deref());
        assert_eq!(statistics.max_bytes_opt(), most.as_deref());
        assert_eq!(statistics.null_count_opt(), Some(nulls));
        let ColumnIndexMetaData::BYTE_ARRAY(index) = &file.column_index().unwrap()[group][at]
        else {
            panic!("{column} has no index of pages")
        };
        let pages = file.offset_index().unwrap()[group][at]
            .page_locations()
            .len();
        assert_eq!(pages, texts.chunks(page).len());
        for (at, texts) in texts.chunks(page).enumerate() {
            let (least, most, nulls) = ends(texts);
            assert_eq!(index.is_null_page(at), least.is_none());
            assert_eq!(index.min_value(at), least.as_deref());
            assert_eq!(index.max_value(at), most.as_deref());
            assert_eq!(index.null_count(at), Some(nulls as i64));
        }
    }
}

proptest! {
    #[test]
    fn rows_come_back_and_pages_lie_between_what_is_said(
        groups in vec(vec(row(), 1..400), 1..4),
        page in 1..200usize,
        is_paged in any::<bool>(),
    ) {
        let (release, page) = (release(), is_paged.then_some(page));
        let group = |rows| Group::of(Content::Observation, &release, rows).unwrap();
        let mut file = Encoder::begin(Content::Observation, &group(&groups[0]), page).unwrap();
        for rows in &groups[1..] {
            file.group(&group(rows)).unwrap();
        }
        let bytes = file.finish("").unwrap().bytes;
        let (rows, batches) = read(&bytes);
        prop_assert_eq!(&rows, &groups.concat());
        if let Some(page) = page {
            let file = metadata(&bytes);
            for column in ["product", "counterpart_area", "concept", "time_period"] {
                check_ends(column, &batches, page, &file);
            }
        }
    }
}
