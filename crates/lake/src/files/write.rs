//! Rows into files, a row group at a time.

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
    arrow::{ArrowWriter, arrow_writer::ArrowWriterOptions},
    basic::{Compression, Encoding, ZstdLevel},
    file::properties::{EnabledStatistics, WriterProperties},
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
    writer: ArrowWriter<Vec<u8>>,
    statistics: Statistics,
}

impl Encoder {
    /// A file that begins with rows.
    pub(crate) fn begin(content: Content, rows: &RecordBatch) -> Result<Self, LakeError> {
        // Of a document alone the log says all that there is to choose it by.
        let chosen_by = if rows.column_by_name("document").is_some() {
            EnabledStatistics::None
        } else {
            EnabledStatistics::Chunk
        };
        let compression = compression(rows);
        // The bytes of values are put together by their place, and compress better so, and harder.
        let values = || ColumnPath::from(OBS_VALUE);
        let of_values = match compression {
            Compression::UNCOMPRESSED => compression,
            _ => Compression::ZSTD(ZstdLevel::try_new(LEVEL_OF_VALUES)?),
        };
        let properties = WriterProperties::builder()
            .set_compression(compression)
            .set_column_dictionary_enabled(values(), false)
            .set_column_encoding(values(), Encoding::BYTE_STREAM_SPLIT)
            .set_column_compression(values(), of_values)
            .set_statistics_enabled(chosen_by)
            .set_dictionary_enabled(rows.num_rows() > 1)
            .set_offset_index_disabled(true)
            .build();
        let mut begun = Self {
            content,
            writer: writer(rows.schema(), properties)?,
            statistics: Statistics::default(),
        };
        begun.group(rows)?;
        Ok(begun)
    }

    /// One row group more.
    pub(crate) fn group(&mut self, rows: &RecordBatch) -> Result<(), LakeError> {
        self.statistics.count(rows);
        self.writer.write(rows)?;
        Ok(self.writer.flush()?)
    }

    /// How many rows it has.
    pub(crate) const fn rows(&self) -> u64 {
        self.statistics.rows
    }

    /// The file, named by the digest of its bytes.
    pub(crate) fn finish(self, folder: &str) -> Result<Encoded, LakeError> {
        let bytes = Bytes::from(self.writer.into_inner()?);
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

fn writer(
    schema: SchemaRef,
    properties: WriterProperties,
) -> Result<ArrowWriter<Vec<u8>>, LakeError> {
    let options = ArrowWriterOptions::new()
        .with_properties(properties)
        .with_skip_arrow_metadata(true);
    Ok(ArrowWriter::try_new_with_options(vec![], schema, options)?)
}

/// Rows as a file of a folder, in one row group.
pub(crate) fn encode(
    folder: &str,
    content: Content,
    rows: &RecordBatch,
) -> Result<Encoded, LakeError> {
    Encoder::begin(content, rows)?.finish(folder)
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
