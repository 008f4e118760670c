//! Rows out of files: whole files, and of large ones the row groups, rows and columns that are chosen.

use std::{
    collections::HashMap,
    fs::File,
    ops::Range,
    os::unix::fs::FileExt as _,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use arrow::{
    array::{RecordBatch, new_empty_array},
    datatypes::{DataType, Schema, SchemaRef},
};
use bytes::Bytes;
use deltalake::{
    ObjectStore as _, Path,
    logstore::{ObjectStoreRef, object_store::ObjectStoreExt as _},
};
use futures::{
    FutureExt as _, StreamExt as _, TryStreamExt as _,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use parquet::{
    arrow::{
        arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
        async_reader::AsyncFileReader,
    },
    errors::ParquetError,
    file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader},
};

use url::Url;

use super::{
    choice::{Choice, Wanted},
    pages::{Chunk, Pages},
};
use crate::LakeError;

/// How many rows are parsed at once.
const ROWS_AT_ONCE: usize = 8192;

/// How much of the end of a file is read at once, where it says of its row groups and pages what they hold.
const END: usize = 64 << 10;

/// How many bytes between two ranges are read with them rather than passed over.
const CLOSE: u64 = 4 << 10;

/// How many files are remembered, with some hundred kilobytes each at most.
const MOST_OPEN: usize = 256;

/// The rows of a file whose bytes are at hand, some at a time.
pub(crate) fn decode(
    bytes: Bytes,
) -> Result<impl Iterator<Item = Result<RecordBatch, LakeError>>, LakeError> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes)?
        .with_batch_size(ROWS_AT_ONCE)
        .build()?;
    Ok(reader.map(|batch| Ok(batch?)))
}

/// All rows of a file.
pub(crate) async fn read(
    store: &ObjectStoreRef,
    path: &str,
) -> Result<Vec<RecordBatch>, LakeError> {
    let found = store.get(&Path::from(path)).await?;
    let bytes = found.bytes().await?;
    let batches = decode(bytes).and_then(Iterator::collect);
    batches.map_err(|error| match error {
        LakeError::Parquet(error) => LakeError::Damaged(format!("{path}: {error}")),
        error => error,
    })
}

/// A file of the store, of which only the parts that are needed are read, and of which the end was read.
#[derive(Clone)]
pub(crate) struct Opened {
    ranges: Ranges,
    metadata: ArrowReaderMetadata,
    places: Places,
}

/// The files that were opened last. What a file says of itself at its end never changes, and is read once.
pub(crate) struct OpenFiles {
    /// The folder of the store, where it is one.
    folder: Option<PathBuf>,
    files: Mutex<HashMap<String, Opened>>,
}

impl OpenFiles {
    /// Those of a store.
    pub(crate) fn of(store: &Url) -> Self {
        Self {
            folder: store.to_file_path().ok(),
            files: Mutex::default(),
        }
    }

    /// Opens a file of so many bytes.
    pub(crate) async fn open(
        &self,
        store: &ObjectStoreRef,
        path: &str,
        bytes: u64,
    ) -> Result<Opened, LakeError> {
        let known = |opened: &Opened| opened.ranges.bytes == bytes;
        if let Some(opened) = self.lock().get(path).filter(|opened| known(opened)) {
            return Ok(opened.clone());
        }
        let mut ranges = Ranges {
            store: Arc::clone(store),
            path: Path::from(path),
            bytes,
            file: self.local(path).map(Arc::new),
        };
        let metadata = ranges.get_metadata(None).await?;
        let options = ArrowReaderOptions::default();
        let metadata = ArrowReaderMetadata::try_new(metadata, options.clone())?;
        let schema = with_dictionaries(metadata.schema());
        let metadata = Arc::clone(metadata.metadata());
        let columns = metadata.file_metadata().schema_descr().columns().iter();
        let columns = columns.map(|column| column.name().to_owned()).zip(0..);
        let places = Places(Arc::new(columns.collect()));
        let metadata = ArrowReaderMetadata::try_new(metadata, options.with_schema(schema))?;
        let opened = Opened {
            ranges,
            metadata,
            places,
        };
        let mut files = self.lock();
        if files.len() >= MOST_OPEN {
            files.clear();
        }
        files.insert(path.to_owned(), opened.clone());
        Ok(opened)
    }

    /// The file itself, where the store is a folder. Where it cannot be opened, the store says why.
    fn local(&self, path: &str) -> Option<File> {
        File::open(self.folder.as_ref()?.join(path)).ok()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Opened>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Opened {
    /// The chosen rows, in the order of the file.
    pub(crate) fn rows(
        &self,
        choice: &Arc<Choice>,
    ) -> BoxStream<'static, Result<RecordBatch, LakeError>> {
        let wanted = choice.wanted(self.metadata.metadata(), &self.places);
        if wanted.is_empty() {
            return stream::empty().boxed();
        }
        let (file, choice) = (self.clone(), Arc::clone(choice));
        let groups = stream::iter(wanted).then(move |wanted| {
            let (file, choice) = (file.clone(), Arc::clone(&choice));
            async move { file.group(wanted, &choice).await }
        });
        let parts = groups.map_ok(|rows| {
            let parts = (0..rows.num_rows()).step_by(ROWS_AT_ONCE);
            let part = move |at| Ok(rows.slice(at, ROWS_AT_ONCE.min(rows.num_rows() - at)));
            stream::iter(parts.map(part))
        });
        parts.try_flatten().boxed()
    }

    /// What is wanted of a row group. A column by which rows are chosen is read for the rows that those before it leave.
    async fn group(self, wanted: Wanted, choice: &Choice) -> Result<RecordBatch, LakeError> {
        let mut rows = wanted.rows;
        let mut read: HashMap<&str, Chunk> = HashMap::new();
        for name in &wanted.filtered {
            if rows.is_empty() {
                break;
            }
            let chunk = self.chunk(wanted.group, name, &rows).await?;
            let texts = choice.texts.iter().find(|(column, _)| column == name);
            let left = match (texts, choice.deleted) {
                (Some((_, texts)), _) => chunk.leave_texts(&mut rows, texts),
                (None, Some(deleted)) => chunk.leave_truth(&mut rows, deleted),
                (None, None) => Some(()),
            };
            left.ok_or_else(|| self.broken(name))?;
            read.insert(name, chunk);
        }
        let (mut fields, mut columns) = (vec![], vec![]);
        let schema = self.metadata.schema();
        let field =
            |name: &str| Ok::<_, LakeError>(Arc::clone(&schema.fields()[schema.index_of(name)?]));
        for name in &wanted.columns {
            let field = field(name)?;
            let column = if rows.is_empty() {
                new_empty_array(field.data_type())
            } else {
                let chunk = match read.remove(name) {
                    Some(chunk) => chunk,
                    None => self.chunk(wanted.group, name, &rows).await?,
                };
                let column = chunk.column(&rows, field.data_type());
                column.ok_or_else(|| self.broken(name))?
            };
            columns.push(column);
            fields.push(field);
        }
        for (name, value) in &wanted.known {
            let field = field(name)?;
            columns.push(value.column(rows.len(), field.data_type()));
            fields.push(field);
        }
        let schema = Arc::new(Schema::new(fields));
        Ok(RecordBatch::try_new(schema, columns)?)
    }

    /// What a column of a row group has in the pages of some rows.
    async fn chunk(&self, group: usize, name: &str, rows: &[u32]) -> Result<Chunk, LakeError> {
        let metadata = self.metadata.metadata();
        let place = self.places.of(name).ok_or_else(|| self.broken(name))?;
        let column = metadata.row_group(group).column(place);
        let index = metadata
            .offset_index()
            .and_then(|index| index.get(group)?.get(place));
        let index = index.map(|index| index.page_locations().as_slice());
        let pages = Pages::with(column, index, rows).ok_or_else(|| self.broken(name))?;
        let bytes = self.ranges.read(&pages.ranges).await?;
        Chunk::of(column, &pages, bytes).ok_or_else(|| self.broken(name))
    }

    fn broken(&self, column: &str) -> LakeError {
        LakeError::Damaged(format!(
            "{}: column {column} cannot be read",
            self.ranges.path
        ))
    }
}

/// The place of each column in a file.
#[derive(Debug, Clone)]
pub(super) struct Places(Arc<HashMap<String, usize>>);

impl Places {
    pub(super) fn of(&self, column: &str) -> Option<usize> {
        self.0.get(column).copied()
    }
}

/// The columns of a file, in which texts are numbers of a dictionary, as they are in the file.
fn with_dictionaries(schema: &Schema) -> SchemaRef {
    let coded = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let fields = schema.fields().iter().map(|field| match field.data_type() {
        DataType::Utf8 => Arc::new(field.as_ref().clone().with_data_type(coded.clone())),
        _ => Arc::clone(field),
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// A file of the store, read in ranges.
#[derive(Clone)]
struct Ranges {
    store: ObjectStoreRef,
    path: Path,
    bytes: u64,
    file: Option<Arc<File>>,
}

impl Ranges {
    /// Several ranges, in their order.
    async fn read(&self, ranges: &[Range<u64>]) -> Result<Vec<Bytes>, ParquetError> {
        match &self.file {
            Some(file) => Self::here(file, ranges),
            None => {
                let got = self.store.get_ranges(&self.path, ranges).await;
                got.map_err(|error| ParquetError::External(Box::new(error)))
            }
        }
    }

    /// What of a file of a folder is read in place: to hand some kilobytes to another thread and back takes longer than
    /// to read them. Ranges that are close together are read at once.
    fn here(file: &File, ranges: &[Range<u64>]) -> Result<Vec<Bytes>, ParquetError> {
        let mut read = Vec::with_capacity(ranges.len());
        let close = |a: &Range<u64>, b: &Range<u64>| (a.end..=a.end + CLOSE).contains(&b.start);
        for together in ranges.chunk_by(close) {
            let (Some(first), Some(last)) = (together.first(), together.last()) else {
                continue;
            };
            let place = |at: u64| usize::try_from(at.saturating_sub(first.start));
            let mut bytes = vec![0; place(last.end)?];
            file.read_exact_at(&mut bytes, first.start)?;
            let bytes = Bytes::from(bytes);
            for range in together {
                read.push(bytes.slice(place(range.start)?..place(range.end)?));
            }
        }
        Ok(read)
    }
}

impl AsyncFileReader for Ranges {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes, ParquetError>> {
        async move {
            let read = self.read(&[range]).await?;
            let bytes = read.into_iter().next();
            bytes.ok_or_else(|| ParquetError::EOF(self.path.to_string()))
        }
        .boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, Result<Arc<ParquetMetaData>, ParquetError>> {
        async move {
            let bytes = self.bytes;
            let reader = ParquetMetaDataReader::new()
                .with_page_index_policy(PageIndexPolicy::Optional)
                .with_prefetch_hint(Some(END));
            Ok(Arc::new(reader.load_and_finish(self, bytes).await?))
        }
        .boxed()
    }
}
