//! What is read of pages is what the Parquet library wrote into them, however it wrote it; and damaged pages are no panic.

use std::{collections::BTreeSet, sync::Arc};

use arrow::{
    array::{
        Array, ArrayRef, AsArray, BooleanArray, Decimal128Array, Int32Array, RecordBatch,
        StringArray, UInt32Array,
    },
    compute::{cast, take},
    datatypes::{DataType, Field, Schema},
};
use bytes::Bytes;
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, Encoding, ZstdLevel},
    file::{
        metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader},
        properties::WriterProperties,
    },
    schema::types::ColumnPath,
};
use proptest::prelude::*;

use super::{Chunk, Pages};

/// How a file is written.
#[derive(Debug, Clone)]
struct Written {
    rows_of_page: usize,
    is_packed: bool,
    has_dictionary: bool,
    /// A dictionary that grows larger ends, and values follow as they are.
    most_of_dictionary: usize,
    is_split: bool,
    is_indexed: bool,
}

fn written() -> impl Strategy<Value = Written> {
    (
        1_usize..300,
        any::<bool>(),
        any::<bool>(),
        prop_oneof![Just(40_usize), Just(1 << 20)],
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(rows_of_page, is_packed, has_dictionary, most, is_split, is_indexed)| Written {
                rows_of_page,
                is_packed,
                has_dictionary,
                most_of_dictionary: most,
                is_split,
                is_indexed,
            },
        )
}

/// Columns of every type that observations have, in runs, with and without nulls.
fn rows() -> impl Strategy<Value = RecordBatch> {
    let run = (1_usize..80, 0_u8..12, any::<i64>(), 0_u8..5);
    proptest::collection::vec(run, 1..40).prop_map(|runs| {
        let runs = runs.iter();
        let rows: Vec<(u8, i64, bool)> = runs
            .flat_map(|(count, code, value, null)| {
                let value = value % 10_i64.pow(18);
                (0..*count).map(move |at| {
                    let differs = i64::try_from(at).unwrap() * i64::from(*code);
                    (*code, (value / 2).wrapping_add(differs), *null == 0)
                })
            })
            .collect();
        let some = |null: bool| (!null).then_some(());
        let text: StringArray = rows
            .iter()
            .map(|(code, _, null)| some(*null).map(|()| format!("code {code}")))
            .collect();
        let full: StringArray = rows
            .iter()
            .map(|row| Some(format!("é{}", row.1 % 50)))
            .collect();
        let number: Int32Array = rows
            .iter()
            .map(|(code, _, null)| some(*null).map(|()| i32::from(*code) - 6))
            .collect();
        let short: Decimal128Array = rows.iter().map(|row| Some(i128::from(row.1))).collect();
        let long: Decimal128Array = rows
            .iter()
            .map(|(_, value, null)| some(*null).map(|()| i128::from(*value) * 1_000_000_007))
            .collect();
        let truth: BooleanArray = rows
            .iter()
            .map(|row| some(row.2).map(|()| row.0 % 2 == 0))
            .collect();
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("text", Arc::new(text)),
            ("full", Arc::new(full)),
            ("number", Arc::new(number)),
            (
                "short",
                Arc::new(short.with_precision_and_scale(18, 6).unwrap()),
            ),
            (
                "long",
                Arc::new(long.with_precision_and_scale(38, 10).unwrap()),
            ),
            ("truth", Arc::new(truth)),
        ];
        let field = |(name, column): &(&str, ArrayRef)| {
            Field::new(*name, column.data_type().clone(), *name != "full")
        };
        let schema = Schema::new(columns.iter().map(field).collect::<Vec<_>>());
        let columns = columns.into_iter().map(|(_, column)| column).collect();
        RecordBatch::try_new(Arc::new(schema), columns).unwrap()
    })
}

fn write(rows: &RecordBatch, how: &Written) -> (Bytes, ParquetMetaData) {
    let compression = if how.is_packed {
        Compression::ZSTD(ZstdLevel::default())
    } else {
        Compression::UNCOMPRESSED
    };
    let mut properties = WriterProperties::builder()
        .set_compression(compression)
        .set_dictionary_enabled(how.has_dictionary)
        .set_dictionary_page_size_limit(how.most_of_dictionary)
        .set_data_page_row_count_limit(how.rows_of_page)
        .set_write_batch_size(how.rows_of_page.min(64))
        .set_offset_index_disabled(!how.is_indexed);
    if how.is_split {
        let short = ColumnPath::from("short");
        properties = properties
            .set_column_dictionary_enabled(short.clone(), false)
            .set_column_encoding(short, Encoding::BYTE_STREAM_SPLIT);
    }
    if !how.is_indexed {
        properties =
            properties.set_statistics_enabled(parquet::file::properties::EnabledStatistics::Chunk);
    }
    let mut bytes = vec![];
    let mut writer =
        ArrowWriter::try_new(&mut bytes, rows.schema(), Some(properties.build())).unwrap();
    writer.write(rows).unwrap();
    writer.close().unwrap();
    let bytes = Bytes::from(bytes);
    let metadata = ParquetMetaDataReader::new()
        .with_page_index_policy(PageIndexPolicy::Optional)
        .parse_and_finish(&bytes)
        .unwrap();
    (bytes, metadata)
}

/// A column, as far as some rows want it.
fn chunk(bytes: &Bytes, file: &ParquetMetaData, column: usize, rows: &[u32]) -> Option<Chunk> {
    let of = file.row_group(0).column(column);
    let index = file.offset_index().map(|index| &index[0][column]);
    let pages = Pages::with(
        of,
        index.map(|index| index.page_locations().as_slice()),
        rows,
    )?;
    let parts = pages.ranges.iter().map(|range| {
        let (begin, end) = (range.start as usize, range.end as usize);
        (end <= bytes.len()).then(|| bytes.slice(begin..end))
    });
    Chunk::of(of, &pages, parts.collect::<Option<_>>()?)
}

fn read_as(of: &DataType) -> DataType {
    match of {
        DataType::Utf8 => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        of => of.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_read_is_what_was_written(
        (rows, how) in (rows(), written()),
        chosen in proptest::collection::vec(any::<prop::sample::Index>(), 1..60),
        wanted in proptest::collection::btree_set(0_u8..12, 0..6),
    ) {
        let (bytes, file) = write(&rows, &how);
        let chosen: BTreeSet<u32> =
            chosen.iter().map(|at| u32::try_from(at.index(rows.num_rows())).unwrap()).collect();
        let some: Vec<u32> = chosen.into_iter().collect();
        let all: Vec<u32> = (0..u32::try_from(rows.num_rows()).unwrap()).collect();
        for chosen in [&some, &all] {
            for (at, column) in rows.columns().iter().enumerate() {
                let read = chunk(&bytes, &file, at, chosen).unwrap();
                let read = read.column(chosen, &read_as(column.data_type())).unwrap();
                let expected = take(column, &UInt32Array::from(chosen.clone()), None).unwrap();
                prop_assert_eq!(&cast(&read, column.data_type()).unwrap(), &expected);
            }
            let texts: BTreeSet<String> = wanted.iter().map(|code| format!("code {code}")).collect();
            let mut left = chosen.clone();
            chunk(&bytes, &file, 0, chosen).unwrap().leave_texts(&mut left, &texts).unwrap();
            let text = rows.column(0).as_string::<i32>();
            let is_left = |row: &u32| {
                text.is_null(*row as usize) || texts.contains(text.value(*row as usize))
            };
            let expected: Vec<u32> = chosen.iter().copied().filter(is_left).collect();
            prop_assert_eq!(left, expected);
            let mut left = chosen.clone();
            chunk(&bytes, &file, 5, chosen).unwrap().leave_truth(&mut left, false).unwrap();
            let truth = rows.column(5).as_boolean();
            let is_left = |row: &u32| truth.is_null(*row as usize) || !truth.value(*row as usize);
            let expected: Vec<u32> = chosen.iter().copied().filter(is_left).collect();
            prop_assert_eq!(left, expected);
        }
    }

    #[test]
    fn damaged_pages_are_read_otherwise_or_not_at_all(
        (rows, how) in (rows(), written()),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        chosen in proptest::collection::vec(any::<prop::sample::Index>(), 1..60),
    ) {
        let (bytes, file) = write(&rows, &how);
        let mut bytes = bytes.to_vec();
        let end = bytes.len();
        for (at, byte) in damage {
            bytes[at.index(end)] = byte;
        }
        let bytes = Bytes::from(bytes);
        let chosen: BTreeSet<u32> =
            chosen.iter().map(|at| u32::try_from(at.index(rows.num_rows())).unwrap()).collect();
        let some: Vec<u32> = chosen.into_iter().collect();
        let all: Vec<u32> = (0..u32::try_from(rows.num_rows()).unwrap()).collect();
        let texts: BTreeSet<String> = (0..6).map(|code| format!("code {code}")).collect();
        for chosen in [&some[..1], &some, &all] {
            for (at, column) in rows.columns().iter().enumerate() {
                let read = chunk(&bytes, &file, at, chosen);
                let read = read.and_then(|read| read.column(chosen, &read_as(column.data_type())));
                prop_assert!(read.is_none_or(|read| read.len() == chosen.len()));
            }
            let mut left = chosen.to_vec();
            let read = chunk(&bytes, &file, 0, chosen);
            let is_read = read.and_then(|read| read.leave_texts(&mut left, &texts)).is_some();
            prop_assert!(!is_read || left.iter().all(|row| chosen.contains(row)));
            let mut left = chosen.to_vec();
            let read = chunk(&bytes, &file, 5, chosen);
            let is_read = read.and_then(|read| read.leave_truth(&mut left, true)).is_some();
            prop_assert!(!is_read || left.iter().all(|row| chosen.contains(row)));
        }
    }
}
