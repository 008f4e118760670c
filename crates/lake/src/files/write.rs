//! Rows into files, a row group at a time.

use std::sync::Arc;

use arrow::{
    array::{AsArray, RecordBatch},
    datatypes::SchemaRef,
};
use bytes::Bytes;
use deltalake::{
    Path,
    logstore::{ObjectStoreRef, object_store::ObjectStoreExt as _},
};
use parquet::{
    arrow::{
        ArrowWriter,
        arrow_writer::{ArrowRowGroupWriterFactory, ArrowWriterOptions, compute_leaves},
    },
    basic::{Compression, Encoding, ZstdLevel},
    file::{
        properties::{
            DEFAULT_WRITE_BATCH_SIZE, EnabledStatistics, WriterProperties, WriterPropertiesBuilder,
        },
        writer::SerializedFileWriter,
    },
    schema::types::ColumnPath,
};
use regtrade_model::Instant;
use serde_json::{Value, json};

use super::{Statistics, digest_of, name_of};
use crate::{
    LakeError,
    rows::StoredFile,
    schema::{Content, OBS_VALUE},
    sums::Kind,
};

/// The fewest rows, and bytes of text of a document, that are compressed.
const ROWS_TO_COMPRESS: usize = 64;
const TEXT_TO_COMPRESS: usize = 4096;

/// The columns in which neighbours differ, where rows are sorted by key.
const IN_PAGES: [&str; 5] = [
    "product",
    "counterpart_area",
    "concept",
    "time_period",
    OBS_VALUE,
];

/// Columns that are the same in a great many rows in a row: what is left of them takes longer to unpack than to read.
const IN_LONG_RUNS: [&str; 9] = [
    "content",
    "dataflow",
    "release",
    "freq",
    "ref_area",
    "item",
    "activity",
    "indicator",
    "unit",
];

/// How hard zstd compresses the values of observations, which are most of a file.
const LEVEL_OF_VALUES: i32 = 3;

/// A file that is not written yet.
pub(crate) struct Encoded {
    file: Written,
    bytes: Bytes,
}

/// A file that is written, and perhaps not live yet.
pub(crate) struct Written {
    /// Where it is, below the root of the lake.
    pub(crate) path: String,
    /// What a record says of it.
    pub(crate) stored: StoredFile,
    /// What the log says of its rows.
    statistics: Value,
}

impl Written {
    /// The line of the log that makes the file live.
    pub(crate) fn add(&self, at: Instant) -> Value {
        json!({ "add": {
            "path": self.path,
            "partitionValues": {},
            "size": self.stored.bytes,
            "modificationTime": at.timestamp_millis(),
            "dataChange": true,
            "stats": self.statistics.to_string(),
        }})
    }
}

impl Encoded {
    /// One whose rows are sums.
    pub(crate) fn of_sums(mut self, kind: Kind) -> Self {
        self.file.stored.sums = Some(kind);
        self
    }

    /// Writes the file, whole or not at all. Where it is already, its bytes are the same.
    pub(crate) async fn put(self, store: &ObjectStoreRef) -> Result<Written, LakeError> {
        let path = Path::from(self.file.path.as_str());
        store.put(&path, self.bytes.into()).await?;
        Ok(self.file)
    }
}

/// A file that rows go into, a row group at a time. What it has of them is in memory, encoded and compressed.
pub(crate) struct Encoder {
    content: Content,
    file: SerializedFileWriter<Vec<u8>>,
    /// Makes columns of one page in each row group.
    whole: ArrowRowGroupWriterFactory,
    /// Makes columns of pages of a few rows, where the rows are sorted.
    paged: Option<ArrowRowGroupWriterFactory>,
    statistics: Statistics,
}

impl Encoder {
    /// A file that begins with rows. Where they are sorted, the file says what of each page of so many rows its keys lie
    /// between.
    pub(crate) fn begin(
        content: Content,
        rows: &RecordBatch,
        page: Option<usize>,
    ) -> Result<Self, LakeError> {
        // Of a document alone the log says all that there is to choose it by.
        let chosen_by = if rows.column_by_name("document").is_some() {
            EnabledStatistics::None
        } else {
            EnabledStatistics::Chunk
        };
        let compression = compression(rows);
        let properties = || {
            WriterProperties::builder()
                .set_compression(compression)
                .set_statistics_enabled(chosen_by)
                .set_dictionary_enabled(rows.num_rows() > 1)
                .set_offset_index_disabled(page.is_none())
        };
        let schema = rows.schema();
        let mut whole = properties();
        for column in IN_LONG_RUNS {
            let column = ColumnPath::from(column);
            whole = whole.set_column_compression(column, Compression::UNCOMPRESSED);
        }
        if content == Content::Sum {
            whole = with_values(whole, compression)?;
        }
        let (file, whole) = writers(&schema, whole.build())?;
        let (file, paged) = match page {
            Some(page) => {
                let paged = in_pages(properties(), page, compression)?;
                let (file, paged) = writers(&schema, paged)?;
                (file, Some(paged))
            }
            None => (file, None),
        };
        let mut begun = Self {
            content,
            file,
            whole,
            paged,
            statistics: Statistics::default(),
        };
        begun.group(rows)?;
        Ok(begun)
    }

    /// One row group more.
    pub(crate) fn group(&mut self, rows: &RecordBatch) -> Result<(), LakeError> {
        self.statistics.count(rows);
        let group = self.file.flushed_row_groups().len();
        let whole = self.whole.create_column_writers(group)?;
        let paged = self.paged.as_ref();
        let paged = paged.map(|paged| paged.create_column_writers(group));
        let mut paged = paged.transpose()?.into_iter().flatten();
        let mut group = self.file.next_row_group()?;
        let columns = rows.schema_ref().fields().iter().zip(rows.columns());
        for ((field, column), whole) in columns.zip(whole) {
            let is_paged = IN_PAGES.contains(&field.name().as_str());
            let mut writer = paged.next().filter(|_| is_paged).unwrap_or(whole);
            for leaf in compute_leaves(field, column)? {
                writer.write(&leaf)?;
            }
            writer.close()?.append_to_row_group(&mut group)?;
        }
        group.close()?;
        Ok(())
    }

    /// How many rows it has.
    pub(crate) const fn rows(&self) -> u64 {
        self.statistics.rows
    }

    /// The file, named by the digest of its bytes.
    pub(crate) fn finish(self, folder: &str) -> Result<Encoded, LakeError> {
        let bytes = Bytes::from(self.file.into_inner()?);
        let digest = digest_of(&bytes);
        let name = name_of(self.content, &digest);
        let stored = StoredFile {
            name,
            content: self.content,
            digest,
            bytes: bytes.len() as u64,
            rows: self.statistics.rows,
            sums: None,
        };
        let file = Written {
            path: format!("{folder}/{}", stored.name),
            stored,
            statistics: self.statistics.to_json(),
        };
        Ok(Encoded { file, bytes })
    }
}

/// A file, and what makes its columns.
fn writers(
    schema: &SchemaRef,
    properties: WriterProperties,
) -> Result<(SerializedFileWriter<Vec<u8>>, ArrowRowGroupWriterFactory), LakeError> {
    let options = ArrowWriterOptions::new()
        .with_properties(properties)
        .with_skip_arrow_metadata(true);
    let writer = ArrowWriter::try_new_with_options(vec![], Arc::clone(schema), options)?;
    Ok(writer.into_serialized_writer()?)
}

/// How columns are written by which few rows are chosen of many: in pages, of which the file says what they lie between.
fn in_pages(
    properties: WriterPropertiesBuilder,
    rows: usize,
    compression: Compression,
) -> Result<WriterProperties, LakeError> {
    let chosen_by = |column: &str| *column != *OBS_VALUE;
    let mut properties = with_values(properties, compression)?
        .set_data_page_row_count_limit(rows)
        .set_write_batch_size(rows.min(DEFAULT_WRITE_BATCH_SIZE))
        // The first column that is looked at is not unpacked where it says that there is nothing.
        .set_column_compression(ColumnPath::from("product"), Compression::UNCOMPRESSED);
    for column in IN_PAGES.into_iter().filter(|column| chosen_by(column)) {
        let column = ColumnPath::from(column);
        properties = properties.set_column_statistics_enabled(column, EnabledStatistics::Page);
    }
    Ok(properties.build())
}

/// How values are written: their bytes are put together by their place, and compress better so, and harder.
fn with_values(
    properties: WriterPropertiesBuilder,
    compression: Compression,
) -> Result<WriterPropertiesBuilder, LakeError> {
    let values = || ColumnPath::from(OBS_VALUE);
    let of_values = match compression {
        Compression::UNCOMPRESSED => compression,
        _ => Compression::ZSTD(ZstdLevel::try_new(LEVEL_OF_VALUES)?),
    };
    Ok(properties
        .set_column_dictionary_enabled(values(), false)
        .set_column_encoding(values(), Encoding::BYTE_STREAM_SPLIT)
        .set_column_compression(values(), of_values))
}

/// Rows as a file of a folder, in one row group.
pub(crate) fn encode(
    folder: &str,
    content: Content,
    rows: &RecordBatch,
) -> Result<Encoded, LakeError> {
    Encoder::begin(content, rows, None)?.finish(folder)
}

/// How rows are compressed. A few of them take no less room so, and take longer to write and to read.
fn compression(rows: &RecordBatch) -> Compression {
    let documents = rows.column_by_name("document");
    let text = documents.and_then(|documents| documents.as_string_opt::<i32>());
    let few = text.map_or(rows.num_rows() < ROWS_TO_COMPRESS, |text| {
        text.values().len() < TEXT_TO_COMPRESS
    });
    if few {
        Compression::UNCOMPRESSED
    } else {
        Compression::ZSTD(ZstdLevel::default())
    }
}
