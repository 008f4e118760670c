//! Files that are written, and those of few rows: records, events, and what is printed.

use arrow::array::{AsArray, RecordBatch};
use bytes::Bytes;
use deltalake::{
    Path,
    logstore::{ObjectStoreRef, object_store::ObjectStoreExt as _},
};
use parquet::{
    arrow::{ArrowWriter, arrow_writer::ArrowWriterOptions},
    basic::{Compression, ZstdLevel},
    file::properties::{EnabledStatistics, WriterProperties},
};
use regtrade_model::Instant;
use serde_json::{Value, json};

use super::{Statistics, digest_of, name_of};
use crate::{LakeError, rows::StoredFile, schema::Content, sums::Kind};

/// The fewest rows, and bytes of text of a document, that are compressed.
const ROWS_TO_COMPRESS: usize = 64;
const TEXT_TO_COMPRESS: usize = 4096;

/// A file that is not written yet.
pub(crate) struct Encoded {
    file: Written,
    pub(super) bytes: Bytes,
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
    /// One of a folder, named by the digest of its bytes.
    pub(super) fn of(
        folder: &str,
        content: Content,
        bytes: Vec<u8>,
        statistics: &Statistics,
    ) -> Self {
        let bytes = Bytes::from(bytes);
        let digest = digest_of(&bytes);
        let name = name_of(content, &digest);
        let stored = StoredFile {
            name,
            content,
            digest,
            bytes: bytes.len() as u64,
            rows: statistics.rows,
            sums: None,
        };
        let file = Written {
            path: format!("{folder}/{}", stored.name),
            stored,
            statistics: statistics.to_json(),
        };
        Self { file, bytes }
    }

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

/// Rows as a file of a folder, in one row group.
pub(crate) fn encode(
    folder: &str,
    content: Content,
    rows: &RecordBatch,
) -> Result<Encoded, LakeError> {
    // Of a document alone the log says all that there is to choose it by.
    let chosen_by = if rows.column_by_name("document").is_some() {
        EnabledStatistics::None
    } else {
        EnabledStatistics::Chunk
    };
    let properties = WriterProperties::builder()
        .set_compression(compression(rows))
        .set_statistics_enabled(chosen_by)
        .set_dictionary_enabled(rows.num_rows() > 1)
        .set_offset_index_disabled(true);
    let options = ArrowWriterOptions::new()
        .with_properties(properties.build())
        .with_skip_arrow_metadata(true);
    let mut writer = ArrowWriter::try_new_with_options(vec![], rows.schema(), options)?;
    writer.write(rows)?;
    let mut statistics = Statistics::default();
    statistics.count(rows);
    Ok(Encoded::of(
        folder,
        content,
        writer.into_inner()?,
        &statistics,
    ))
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
