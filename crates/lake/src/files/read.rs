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
    array::RecordBatch,
    datatypes::{DataType, Schema, SchemaRef},
};
use bytes::Bytes;
use deltalake::{
    ObjectStore as _, Path,
    logstore::{ObjectStoreRef, object_store::ObjectStoreExt as _},
};
use futures::{
    FutureExt as _, Stream, StreamExt as _, TryFutureExt as _, TryStreamExt as _,
    future::{self, BoxFuture},
    stream::{self, BoxStream},
};
use parquet::{
    arrow::{
        ParquetRecordBatchStreamBuilder, ProjectionMask,
        arrow_reader::{
            ArrowPredicate, ArrowPredicateFn, ArrowReaderMetadata, ArrowReaderOptions,
            ParquetRecordBatchReaderBuilder, RowFilter,
        },
        async_reader::AsyncFileReader,
    },
    errors::ParquetError,
    file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader},
};

use url::Url;

use super::choice::{Choice, Wanted};
use crate::LakeError;

/// How many rows are parsed at once.
const ROWS_AT_ONCE: usize = 8192;

/// How much of the end of a file is read at once, where it says of its row groups and pages what they hold.
const END: usize = 64 << 10;

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
        let groups = stream::iter(wanted).map(move |wanted| file.group(wanted, &choice));
        groups.try_flatten().boxed()
    }

    fn group(
        &self,
        wanted: Wanted,
        choice: &Arc<Choice>,
    ) -> Result<impl Stream<Item = Result<RecordBatch, LakeError>> + use<>, LakeError> {
        let mask = |columns: &[&'static str]| {
            let places = columns.iter().filter_map(|column| self.places.of(column));
            let file = self.metadata.metadata().file_metadata();
            ProjectionMask::leaves(file.schema_descr(), places)
        };
        let mut builder = ParquetRecordBatchStreamBuilder::new_with_metadata(
            self.ranges.clone(),
            self.metadata.clone(),
        )
        .with_row_groups(vec![wanted.group])
        .with_projection(mask(&wanted.columns))
        .with_batch_size(ROWS_AT_ONCE);
        if let Some(rows) = wanted.rows {
            builder = builder.with_row_selection(rows);
        }
        if !wanted.filtered.is_empty() {
            // One after the other: where the first leaves no row, the others are not even read.
            let predicates = wanted.filtered.iter().map(|column| {
                let choice = Arc::clone(choice);
                let chosen = move |batch| Ok(choice.of(&batch));
                let predicate = ArrowPredicateFn::new(mask(&[*column]), chosen);
                Box::new(predicate) as Box<dyn ArrowPredicate>
            });
            builder = builder.with_row_filter(RowFilter::new(predicates.collect()));
        }
        let (known, schema) = (wanted.known, Arc::clone(self.metadata.schema()));
        Ok(builder.build()?.map(move |batch| {
            let batch = batch?;
            let (mut fields, mut columns) =
                (batch.schema().fields().to_vec(), batch.columns().to_vec());
            for (name, value) in &known {
                let field = Arc::clone(&schema.fields()[schema.index_of(name)?]);
                columns.push(value.column(batch.num_rows(), field.data_type()));
                fields.push(field);
            }
            let schema = Arc::new(Schema::new(fields));
            Ok(RecordBatch::try_new(schema, columns)?)
        }))
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
    /// What of a file of a folder is read in place: to hand some kilobytes to another thread and back takes longer than
    /// to read them.
    fn here(file: &File, range: &Range<u64>) -> Result<Bytes, ParquetError> {
        let length = usize::try_from(range.end.saturating_sub(range.start))?;
        let mut bytes = vec![0; length];
        file.read_exact_at(&mut bytes, range.start)?;
        Ok(bytes.into())
    }
}

impl AsyncFileReader for Ranges {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes, ParquetError>> {
        if let Some(file) = &self.file {
            return future::ready(Self::here(file, &range)).boxed();
        }
        let got = self.store.get_range(&self.path, range);
        got.map_err(|error| ParquetError::External(Box::new(error)))
            .boxed()
    }

    fn get_byte_ranges(
        &mut self,
        ranges: Vec<Range<u64>>,
    ) -> BoxFuture<'_, Result<Vec<Bytes>, ParquetError>> {
        if let Some(file) = &self.file {
            let got = ranges.iter().map(|range| Self::here(file, range));
            return future::ready(got.collect()).boxed();
        }
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
            let reader = ParquetMetaDataReader::new()
                .with_page_index_policy(PageIndexPolicy::Optional)
                .with_prefetch_hint(Some(END));
            Ok(Arc::new(reader.load_and_finish(self, bytes).await?))
        }
        .boxed()
    }
}
