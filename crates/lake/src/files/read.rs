//! Rows out of files: whole files, and of large ones the row groups, rows and columns that are chosen.

use std::{
    collections::{BTreeSet, HashMap},
    ops::Range,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use arrow::array::{AsArray, BooleanArray, RecordBatch, StringArray};
use bytes::Bytes;
use deltalake::{
    ObjectStore as _, Path,
    logstore::{ObjectStoreRef, object_store::ObjectStoreExt as _},
};
use futures::{
    FutureExt as _, StreamExt as _, TryFutureExt as _, TryStreamExt as _, future::BoxFuture,
    stream::BoxStream,
};
use parquet::{
    arrow::{
        ParquetRecordBatchStreamBuilder, ProjectionMask,
        arrow_reader::{
            ArrowPredicateFn, ArrowReaderMetadata, ArrowReaderOptions,
            ParquetRecordBatchReaderBuilder, RowFilter,
        },
        async_reader::AsyncFileReader,
    },
    errors::ParquetError,
    file::metadata::{ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData},
};

use crate::LakeError;

/// How many rows are parsed at once.
const ROWS_AT_ONCE: usize = 8192;

/// How many files are remembered, with some hundred kilobytes each at most.
const MOST_OPEN: usize = 128;

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

/// Which rows of a file are read, and which of their columns.
#[derive(Debug, Clone, Default)]
pub(crate) struct Choice {
    /// The texts that columns may have; a row without a text is chosen, whatever they are.
    pub(crate) texts: Vec<(&'static str, BTreeSet<String>)>,
    /// Those that are deleted, or those that are not; `None` is both.
    pub(crate) deleted: Option<bool>,
    /// All of a row that is read.
    pub(crate) columns: &'static [&'static str],
}

/// A file of the store, of which only the parts that are needed are read, and of which the end was read.
#[derive(Clone)]
pub(crate) struct Opened {
    ranges: Ranges,
    metadata: ArrowReaderMetadata,
}

/// The files that were opened last. What a file says of itself at its end never changes, and is read once.
#[derive(Default)]
pub(crate) struct OpenFiles(Mutex<HashMap<String, Opened>>);

impl OpenFiles {
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
        };
        let metadata = ranges.get_metadata(None).await?;
        let metadata = ArrowReaderMetadata::try_new(metadata, ArrowReaderOptions::default())?;
        let opened = Opened { ranges, metadata };
        let mut files = self.lock();
        if files.len() >= MOST_OPEN {
            files.clear();
        }
        files.insert(path.to_owned(), opened.clone());
        Ok(opened)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Opened>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Opened {
    /// The chosen rows, in the order of the file.
    pub(crate) fn rows(
        &self,
        choice: &Choice,
    ) -> Result<BoxStream<'static, Result<RecordBatch, LakeError>>, LakeError> {
        let groups = self.metadata.metadata().row_groups().iter().enumerate();
        let said = groups.map(|(at, group)| (at, choice.in_group(group)));
        let said: Vec<_> = said.filter(|(_, said)| *said != Part::None).collect();
        if said.is_empty() {
            return Ok(futures::stream::empty().boxed());
        }
        let is_filtered = said.iter().any(|(_, said)| *said == Part::Some);
        let schema = self.metadata.metadata().file_metadata().schema_descr();
        let columns = ProjectionMask::columns(schema, choice.columns.iter().copied());
        let mut builder = ParquetRecordBatchStreamBuilder::new_with_metadata(
            self.ranges.clone(),
            self.metadata.clone(),
        )
        .with_row_groups(said.into_iter().map(|(at, _)| at).collect())
        .with_projection(columns)
        .with_batch_size(ROWS_AT_ONCE);
        if is_filtered {
            let of_filter = ProjectionMask::columns(schema, choice.filtered());
            let filter = choice.clone();
            let predicate = ArrowPredicateFn::new(of_filter, move |batch| Ok(filter.of(&batch)));
            builder = builder.with_row_filter(RowFilter::new(vec![Box::new(predicate)]));
        }
        Ok(builder.build()?.map_err(LakeError::from).boxed())
    }
}

impl Choice {
    /// The columns by which rows are chosen.
    fn filtered(&self) -> impl Iterator<Item = &'static str> {
        let deleted = self.deleted.map(|_| "deleted");
        self.texts.iter().map(|(column, _)| *column).chain(deleted)
    }

    /// Which rows of a batch are chosen.
    fn of(&self, batch: &RecordBatch) -> BooleanArray {
        let mut chosen = vec![true; batch.num_rows()];
        for (column, texts) in &self.texts {
            let found = batch.column_by_name(column);
            if let Some(found) = found.and_then(|found| found.as_string_opt::<i32>()) {
                narrow(&mut chosen, found, texts);
            }
        }
        let deleted = batch.column_by_name("deleted");
        if let (Some(wanted), Some(deleted)) = (
            self.deleted,
            deleted.and_then(|found| found.as_boolean_opt()),
        ) {
            for (chosen, deleted) in chosen.iter_mut().zip(deleted) {
                *chosen &= deleted.unwrap_or_default() == wanted;
            }
        }
        BooleanArray::from(chosen)
    }

    /// How much of a row group is chosen, as far as its statistics say.
    fn in_group(&self, group: &RowGroupMetaData) -> Part {
        let statistics = |name: &str| {
            let mut columns = group.columns().iter();
            let statistics = columns
                .find(|column| column.column_path().string() == name)?
                .statistics()?;
            // A row without a text is chosen, and not in the ends.
            let is_full = statistics.null_count_opt() == Some(0);
            is_full.then(|| Some((statistics.min_bytes_opt()?, statistics.max_bytes_opt()?)))?
        };
        let by_texts = self.texts.iter().map(|(column, texts)| {
            let Some((least, greatest)) = statistics(column) else {
                return Part::Some;
            };
            let mut texts = texts.iter().map(String::as_bytes);
            let found = texts.find(|text| least <= *text && *text <= greatest);
            match found {
                None => Part::None,
                Some(text) if least == greatest && text == least => Part::All,
                Some(_) => Part::Some,
            }
        });
        let by_deletion = self.deleted.map(|wanted| match statistics("deleted") {
            Some((least, greatest)) if least == greatest => {
                if least == [u8::from(wanted)] {
                    Part::All
                } else {
                    Part::None
                }
            }
            _ => Part::Some,
        });
        by_texts.chain(by_deletion).min().unwrap_or(Part::All)
    }
}

/// How much of a row group is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    None,
    Some,
    All,
}

/// Leaves those rows chosen that have one of the texts, or none at all. The same text often stands in many rows in a
/// row, and is looked up once then.
fn narrow(chosen: &mut [bool], column: &StringArray, texts: &BTreeSet<String>) {
    let mut last: Option<(&str, bool)> = None;
    for (chosen, text) in chosen.iter_mut().zip(column) {
        let Some(text) = text else {
            continue;
        };
        let is_wanted = match last {
            Some((same, is_wanted)) if same == text => is_wanted,
            _ => texts.contains(text),
        };
        last = Some((text, is_wanted));
        *chosen &= is_wanted;
    }
}

/// A file of the store, read in ranges.
#[derive(Clone)]
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
