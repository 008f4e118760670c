//! The files of the lake: Parquet, named by what they hold and by the digest of their bytes, so that the same rows have
//! the same name whoever writes them, and however often.

use std::{ops::Range, sync::Arc};

use arrow::array::{AsArray, RecordBatch};
use bytes::Bytes;
use deltalake::{
    ObjectStore, Path,
    logstore::{ObjectStoreRef, object_store::ObjectStoreExt as _},
};
use futures::{FutureExt as _, TryFutureExt as _, TryStreamExt as _, future::BoxFuture};
use parquet::{
    arrow::{
        ArrowWriter, ParquetRecordBatchStreamBuilder,
        arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
        arrow_writer::ArrowWriterOptions,
        async_reader::AsyncFileReader,
    },
    basic::{Compression, ZstdLevel},
    errors::ParquetError,
    file::{
        metadata::{ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData},
        properties::{EnabledStatistics, WriterProperties},
    },
};
use regtrade_model::{Digest, Instant, Period, ReleaseId};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{LakeError, rows::StoredFile, schema::Content};

/// The folder of the files of releases, and in it one folder for each.
pub(crate) const RELEASES: &str = "releases";
/// The folder of the files of events.
pub(crate) const EVENTS: &str = "events";

/// How many digits of its digest are in the name of a file.
pub(crate) const DIGITS: usize = 32;

/// The least rows of a row group, where more follow: small enough that a period is read without the others, large
/// enough that the footer does not outweigh the rows.
const ROWS_PER_GROUP: usize = 4096;

/// The fewest rows, and bytes of text of a document, that are compressed.
const ROWS_TO_COMPRESS: usize = 64;
const TEXT_TO_COMPRESS: usize = 4096;

/// How many files are read at once.
pub(crate) const AT_ONCE: usize = 8;

/// The columns whose least and greatest value is in the log.
pub(crate) const WITH_STATISTICS: [&str; 4] = ["content", "dataflow", "release", "time_period"];

/// A file that is not written yet.
pub(crate) struct Encoded {
    /// Where it goes, below the root of the lake.
    pub(crate) path: String,
    /// What a record says of it.
    pub(crate) stored: StoredFile,
    /// What the log says of its rows.
    pub(crate) statistics: Value,
    bytes: Bytes,
}

impl Encoded {
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

    /// Writes the file, whole or not at all. Where it is already, its bytes are the same.
    pub(crate) async fn put(&self, store: &ObjectStoreRef) -> Result<(), LakeError> {
        let path = Path::from(self.path.as_str());
        store.put(&path, self.bytes.clone().into()).await?;
        Ok(())
    }
}

/// The folder of the files of a release.
pub(crate) fn folder_of(release: &ReleaseId) -> String {
    format!("{RELEASES}/{release}")
}

/// SHA-256 of bytes.
pub(crate) fn digest_of(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}

/// The name of the file of a content that has a digest.
pub(crate) fn name_of(content: Content, digest: &Digest) -> String {
    let digest = digest.to_string();
    format!("{}-{}.parquet", content.as_str(), &digest[..DIGITS])
}

/// Rows as a file of a folder. `ends` are the numbers of rows after which a row group may end.
pub(crate) fn encode(
    folder: &str,
    content: Content,
    rows: &RecordBatch,
    ends: impl IntoIterator<Item = usize>,
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
        .set_offset_index_disabled(true)
        .build();
    let options = ArrowWriterOptions::new()
        .with_properties(properties)
        .with_skip_arrow_metadata(true);
    let mut writer = ArrowWriter::try_new_with_options(vec![], rows.schema(), options)?;
    let mut written = 0;
    for end in ends.into_iter().chain([rows.num_rows()]) {
        if end == rows.num_rows() || end - written >= ROWS_PER_GROUP {
            if end > written {
                writer.write(&rows.slice(written, end - written))?;
                writer.flush()?;
            }
            written = end;
        }
    }
    let bytes = Bytes::from(writer.into_inner()?);
    let digest = digest_of(&bytes);
    let name = name_of(content, &digest);
    Ok(Encoded {
        path: format!("{folder}/{name}"),
        stored: StoredFile {
            name,
            content,
            digest,
            bytes: bytes.len() as u64,
            rows: rows.num_rows() as u64,
        },
        statistics: statistics(std::slice::from_ref(rows)),
        bytes,
    })
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

/// What the log says of rows: how many, and the least and the greatest of some columns.
pub(crate) fn statistics(batches: &[RecordBatch]) -> Value {
    let (mut least, mut greatest, mut nulls) = (json!({}), json!({}), json!({}));
    for column in WITH_STATISTICS {
        let arrays = batches
            .iter()
            .filter_map(|batch| batch.column_by_name(column)?.as_string_opt::<i32>());
        let ends = arrays.flatten().flatten().fold(None, |ends, text| {
            let (least, greatest) = ends.unwrap_or((text, text));
            Some((least.min(text), greatest.max(text)))
        });
        if let Some((first, last)) = ends {
            least[column] = first.into();
            greatest[column] = last.into();
            nulls[column] = 0.into();
        }
    }
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    json!({ "numRecords": rows, "minValues": least, "maxValues": greatest, "nullCount": nulls })
}

/// The rows of a file, whose bytes are at hand.
pub(crate) fn decode(bytes: Bytes) -> Result<Vec<RecordBatch>, LakeError> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes)?.build()?;
    Ok(reader.collect::<Result<_, _>>()?)
}

/// All rows of a file.
pub(crate) async fn read(
    store: &ObjectStoreRef,
    path: &str,
) -> Result<Vec<RecordBatch>, LakeError> {
    let found = store.get(&Path::from(path)).await?;
    decode(found.bytes().await?).map_err(|error| match error {
        LakeError::Parquet(error) => LakeError::Damaged(format!("{path}: {error}")),
        error => error,
    })
}

/// The rows of periods that a file has.
pub(crate) async fn read_periods(
    store: &ObjectStoreRef,
    path: &str,
    bytes: u64,
    periods: &[Period],
) -> Result<Vec<RecordBatch>, LakeError> {
    let file = Ranges {
        store: Arc::clone(store),
        path: Path::from(path),
        bytes,
    };
    let periods: Vec<_> = periods.iter().map(ToString::to_string).collect();
    let builder = ParquetRecordBatchStreamBuilder::new(file).await?;
    let groups = builder.metadata().row_groups().iter().enumerate();
    let chosen = groups.filter(|(_, group)| may_hold(group, &periods));
    let chosen = chosen.map(|(at, _)| at).collect();
    let stream = builder.with_row_groups(chosen).build()?;
    let batches: Vec<RecordBatch> = stream.try_collect().await?;
    Ok(batches
        .iter()
        .flat_map(|batch| of_periods(batch, &periods))
        .collect())
}

/// The rows of a batch that are of one of the periods. They are sorted by period, so few slices hold them all. A row
/// without a period is for the reader to refuse.
fn of_periods(batch: &RecordBatch, periods: &[String]) -> Vec<RecordBatch> {
    let texts = batch.column_by_name("time_period");
    let Some(texts) = texts.and_then(|texts| texts.as_string_opt::<i32>()) else {
        return vec![batch.clone()];
    };
    let is_wanted = |text: Option<&str>| {
        text.is_none_or(|text| periods.iter().any(|period| period.as_str() == text))
    };
    let wanted: Vec<bool> = texts.iter().map(is_wanted).collect();
    let mut begin = 0;
    let slices = wanted.chunk_by(|a, b| a == b).filter_map(|run| {
        let at = begin;
        begin += run.len();
        (run.first() == Some(&true)).then(|| batch.slice(at, run.len()))
    });
    slices.collect()
}

/// Whether a row group may have rows of one of the periods, by its statistics.
fn may_hold(group: &RowGroupMetaData, periods: &[String]) -> bool {
    let column = group
        .columns()
        .iter()
        .find(|column| column.column_path().string() == "time_period");
    let ends = column.and_then(|column| {
        let statistics = column.statistics()?;
        Some((statistics.min_bytes_opt()?, statistics.max_bytes_opt()?))
    });
    ends.is_none_or(|(least, greatest)| {
        periods
            .iter()
            .any(|period| least <= period.as_bytes() && period.as_bytes() <= greatest)
    })
}

/// A file of the store, of which only the parts that are needed are read.
struct Ranges {
    store: ObjectStoreRef,
    path: Path,
    bytes: u64,
}

impl AsyncFileReader for Ranges {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes, ParquetError>> {
        let got = self.store.get_range(&self.path, range);
        got.map_err(|error| ParquetError::External(Box::new(error)))
            .boxed()
    }

    fn get_byte_ranges(
        &mut self,
        ranges: Vec<Range<u64>>,
    ) -> BoxFuture<'_, Result<Vec<Bytes>, ParquetError>> {
        async move {
            let got = self.store.get_ranges(&self.path, &ranges).await;
            got.map_err(|error| ParquetError::External(Box::new(error)))
        }
        .boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, Result<Arc<ParquetMetaData>, ParquetError>> {
        async move {
            let bytes = self.bytes;
            let reader = ParquetMetaDataReader::new().with_prefetch_hint(Some(16 << 10));
            Ok(Arc::new(reader.load_and_finish(self, bytes).await?))
        }
        .boxed()
    }
}
