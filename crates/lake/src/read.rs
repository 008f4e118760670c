//! Reading: the record of a release names its files, and those of another where an equal slice was there before.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arrow::array::RecordBatch;
use futures::{
    FutureExt as _, Stream, StreamExt as _, TryStreamExt as _,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use regtrade_model::{
    BoundedFigure, FigureKey, KeyPattern, Observation, Period, PublishedFigure, Release, ReleaseId,
};
use tokio::{sync::mpsc, task::JoinSet};

use crate::{
    Lake, LakeError,
    files::{self, Choice},
    rows::{self, Record, Row, StoredFile},
    schema::Content,
    state::State,
    sums::Kind,
};

/// The columns of the places of a pattern but for the first one, FREQ, which the period tells.
const PLACES: [&str; 6] = [
    "ref_area",
    "item",
    "activity",
    "product",
    "counterpart_area",
    "concept",
];

/// How many years are read at once, and how many parts of each before they are taken.
const YEARS_AHEAD: usize = 3;
const PARTS_AHEAD: usize = 2;

/// Things that are read some at a time.
pub(crate) type Parts<T> = BoxStream<'static, Result<Vec<T>, LakeError>>;

/// Observations, each with the release that wrote its slice.
type Found = Vec<(ReleaseId, Observation)>;

pub(crate) async fn published(
    lake: &Lake,
    release: &Release,
) -> Result<Vec<PublishedFigure>, LakeError> {
    let mut figures = vec![];
    for batch in of_release(lake, release, Content::Published).await? {
        figures.extend(rows::to_published(&batch)?);
    }
    figures.sort_by_key(|figure| figure.origin);
    Ok(figures)
}

pub(crate) async fn bounds(
    lake: &Lake,
    release: &Release,
) -> Result<Vec<BoundedFigure>, LakeError> {
    let mut bounds = vec![];
    for batch in of_release(lake, release, Content::Bound).await? {
        bounds.extend(rows::to_bounds(&batch)?);
    }
    Ok(bounds)
}

pub(crate) async fn deleted(lake: &Lake, release: &Release) -> Result<Vec<FigureKey>, LakeError> {
    let Some(state) = lake.log.current().await? else {
        return Ok(vec![]);
    };
    let choice = Choice {
        texts: vec![],
        deleted: Some(true),
        columns: rows::KEY_COLUMNS,
    };
    let files = state.record(&release.id).map(|of| observation_files(of));
    let mut keys = vec![];
    let mut batches = batches(lake, files.unwrap_or_default(), choice);
    while let Some(batch) = batches.try_next().await? {
        keys.extend(rows::to_keys(&batch)?);
    }
    keys.sort();
    Ok(keys)
}

pub(crate) async fn observations(
    lake: &Lake,
    slices: &BTreeMap<Period, &Release>,
    chosen: &KeyPattern,
) -> Result<Found, LakeError> {
    let Some(state) = lake.log.current().await? else {
        return Ok(vec![]);
    };
    // The periods of a vintage may come from many files: a store that answers slowly is not waited for once for each, and
    // each is unpacked and parsed beside the others.
    let writers = slices
        .iter()
        .map(|(period, release)| (*period, release.id.clone()));
    let writers: Arc<BTreeMap<Period, ReleaseId>> = Arc::new(writers.collect());
    let of_files = of_files(lake, &state, slices, chosen).into_iter();
    let of_files: Vec<_> = of_files.map(|file| parsed(file, &writers)).collect();
    let mut read = stream::iter(of_files).buffered(files::AT_ONCE);
    let mut found = vec![];
    while let Some(of_file) = read.next().await {
        found.extend(of_file?);
    }
    found.sort_by(|(_, a), (_, b)| a.key.cmp(&b.key));
    Ok(found)
}

/// The observations of batches, by a task of its own, which begins when it is waited for, and ends with who waits.
fn parsed(
    mut batches: BoxStream<'static, Result<RecordBatch, LakeError>>,
    writers: &Arc<BTreeMap<Period, ReleaseId>>,
) -> BoxFuture<'static, Result<Found, LakeError>> {
    let writers = Arc::clone(writers);
    let parsed = async move {
        let mut found = vec![];
        while let Some(batch) = batches.try_next().await? {
            found.extend(there(&batch, |period| writers.get(&period))?);
        }
        Ok(found)
    };
    let begun = async move {
        let mut task = JoinSet::new();
        task.spawn(parsed);
        task.join_next()
            .await
            .map_or(Ok(Ok(vec![])), |found| found)?
    };
    begun.boxed()
}

/// What a pattern chooses of slices, file by file.
pub(crate) fn of_files(
    lake: &Lake,
    state: &State,
    slices: &BTreeMap<Period, &Release>,
    chosen: &KeyPattern,
) -> Vec<BoxStream<'static, Result<RecordBatch, LakeError>>> {
    let wanted = held(state, slices.iter().map(|(period, of)| (*period, &of.id)));
    let of_holders = wanted.iter().flat_map(|(holder, periods)| {
        let choice = Arc::new(choice(periods, chosen)?);
        let files = observation_files(state.record(holder)?).into_iter();
        Some(files.map(move |file| batches(lake, vec![file], Arc::clone(&choice))))
    });
    of_holders.flatten().collect()
}

pub(crate) fn scan(
    lake: Lake,
    slices: BTreeMap<Period, ReleaseId>,
    chosen: KeyPattern,
) -> impl Stream<Item = Result<Found, LakeError>> + Send + 'static {
    let opened = async move {
        let Some(state) = lake.log.current().await? else {
            return Ok::<Parts<(ReleaseId, Observation)>, LakeError>(stream::empty().boxed());
        };
        let mut years: BTreeMap<u16, BTreeMap<Period, ReleaseId>> = BTreeMap::new();
        for (period, release) in slices {
            let year = years.entry(period.year()).or_default();
            year.insert(period, release);
        }
        let years = years.into_values().map(move |writers| {
            let of_holders = of_year(&lake, &state, &writers, &chosen).into_iter();
            let writers = Arc::new(writers);
            let of_holders = of_holders.map(|batches| {
                let writers = Arc::clone(&writers);
                let found = batches.and_then(move |batch| {
                    std::future::ready(there(&batch, |of| writers.get(&of)))
                });
                found.boxed()
            });
            merged(of_holders.collect(), |(_, row)| &row.key)
        });
        let years = years.map(|year| async { ahead(year) }.boxed());
        Ok(stream::iter(years).buffered(YEARS_AHEAD).flatten().boxed())
    };
    stream::once(opened)
        .try_flatten()
        .try_filter(|found| std::future::ready(!found.is_empty()))
}

/// The same stream, read by a task of its own, a few parts ahead of who takes them. It ends with who takes them.
pub(crate) fn ahead<T: Send + 'static>(
    mut parts: BoxStream<'static, Result<T, LakeError>>,
) -> BoxStream<'static, Result<T, LakeError>> {
    let (sender, receiver) = mpsc::channel(PARTS_AHEAD);
    let mut task = JoinSet::new();
    task.spawn(async move {
        while let Some(part) = parts.next().await {
            if sender.send(part).await.is_err() {
                break;
            }
        }
    });
    let taken = stream::unfold((task, receiver), async |(mut task, mut receiver)| {
        let next = match receiver.recv().await {
            Some(next) => next,
            // Of what ended before its end nobody may believe that it is all.
            None => Err(task.join_next().await?.err()?.into()),
        };
        Some((next, (task, receiver)))
    });
    taken.boxed()
}

/// What a pattern chooses of slices of a year, from the files of each release that holds any, by key.
pub(crate) fn of_year(
    lake: &Lake,
    state: &State,
    writers: &BTreeMap<Period, ReleaseId>,
    chosen: &KeyPattern,
) -> Vec<BoxStream<'static, Result<RecordBatch, LakeError>>> {
    let of_holders = held(state, writers.iter().map(|(period, id)| (*period, id)));
    let of_holders = of_holders.into_iter().filter_map(|(holder, periods)| {
        let choice = choice(&periods, chosen)?;
        Some(batches(
            lake,
            observation_files(state.record(holder)?),
            choice,
        ))
    });
    of_holders.collect()
}

/// The periods that each release holds, of slices and the releases that wrote them.
fn held<'a>(
    state: &'a State,
    slices: impl Iterator<Item = (Period, &'a ReleaseId)>,
) -> BTreeMap<&'a ReleaseId, BTreeSet<Period>> {
    let mut held: BTreeMap<&ReleaseId, BTreeSet<Period>> = BTreeMap::new();
    for (period, writer) in slices {
        if let Some(record) = state.record(writer) {
            held.entry(record.holder(period))
                .or_default()
                .insert(period);
        }
    }
    held
}

/// Streams of parts that are sorted by key, as one that is: each key is in one of them. A part of each is in memory.
fn merged<T: Send + 'static>(
    streams: Vec<Parts<T>>,
    key: impl Fn(&T) -> &FigureKey + Send + Clone + 'static,
) -> Parts<T> {
    let mut streams = streams;
    if streams.len() < 2 {
        return streams.pop().unwrap_or_else(|| stream::empty().boxed());
    }
    let begun: Vec<_> = streams.into_iter().map(|of| (of, vec![])).collect();
    stream::try_unfold(begun, move |mut streams| {
        let key = key.clone();
        async move {
            let mut open = Vec::with_capacity(streams.len());
            for (mut stream, mut part) in streams.drain(..) {
                while part.is_empty()
                    && let Some(next) = stream.try_next().await?
                {
                    part = next;
                }
                if !part.is_empty() {
                    open.push((stream, part));
                }
            }
            // What comes after the last one of a part may come after what its stream gives next.
            let ends = open.iter().filter_map(|(_, part)| part.last().map(&key));
            let Some(end) = ends.min().cloned() else {
                return Ok(None);
            };
            let mut next = vec![];
            for (_, part) in &mut open {
                let later = part.partition_point(|row| key(row) <= &end);
                let rest = part.split_off(later);
                next.extend(std::mem::replace(part, rest));
            }
            next.sort_by(|a, b| key(a).cmp(key(b)));
            Ok(Some((next, open)))
        }
    })
    .boxed()
}

/// The keys of the observations of slices of a year, in their order, each slice from the files of the release that holds
/// it.
pub(crate) fn keys<'a>(
    lake: &Lake,
    state: &State,
    slices: impl Iterator<Item = (Period, &'a ReleaseId)>,
) -> Parts<FigureKey> {
    let mut held: BTreeMap<&ReleaseId, BTreeSet<String>> = BTreeMap::new();
    for (period, holder) in slices {
        held.entry(holder).or_default().insert(period.to_string());
    }
    let of_holders = held.into_iter().filter_map(|(holder, periods)| {
        let choice = Choice {
            texts: vec![("time_period", periods)],
            deleted: Some(false),
            columns: rows::KEY_COLUMNS,
        };
        let batches = batches(lake, observation_files(state.record(holder)?), choice);
        let keys = batches.and_then(|batch| std::future::ready(rows::to_keys(&batch)));
        Some(keys.boxed())
    });
    merged(of_holders.collect(), |key| key)
}

/// What of files is chosen by periods and a pattern; `None` where it is nothing.
fn choice(periods: &BTreeSet<Period>, chosen: &KeyPattern) -> Option<Choice> {
    let [frequencies, codes @ ..] = chosen.places();
    let periods = periods
        .iter()
        .filter(|period| frequencies.is_empty() || frequencies.contains(period.frequency()));
    let periods: BTreeSet<String> = periods.map(ToString::to_string).collect();
    let places = PLACES.into_iter().zip(codes.iter().cloned());
    let texts = places.filter(|(_, codes)| !codes.is_empty());
    (!periods.is_empty()).then(|| Choice {
        texts: texts.chain([("time_period", periods.clone())]).collect(),
        deleted: Some(false),
        columns: rows::OBSERVATION_COLUMNS,
    })
}

/// The observations of a batch whose period has a release.
fn there<'r>(
    batch: &RecordBatch,
    release: impl Fn(Period) -> Option<&'r ReleaseId>,
) -> Result<Found, LakeError> {
    let rows = rows::to_observations(batch)?.into_iter();
    let found = rows.filter_map(|row| match row {
        Row::There(row) => Some((release(row.key.period.last())?.clone(), row)),
        Row::Deleted(_) => None,
    });
    Ok(found.collect())
}

/// What is chosen of the rows of files, which are read one after the other.
pub(crate) fn batches(
    lake: &Lake,
    files: Vec<(String, u64)>,
    choice: impl Into<Arc<Choice>>,
) -> BoxStream<'static, Result<RecordBatch, LakeError>> {
    let (store, open) = (lake.log.store.object_store(None), Arc::clone(&lake.open));
    let choice = choice.into();
    let read = stream::iter(files).then(move |(path, bytes)| {
        let (store, open) = (Arc::clone(&store), Arc::clone(&open));
        let choice = Arc::clone(&choice);
        async move { Ok::<_, LakeError>(open.open(&store, &path, bytes).await?.rows(&choice)) }
    });
    read.try_flatten().boxed()
}

/// The rows of a content of a release.
async fn of_release(
    lake: &Lake,
    release: &Release,
    content: Content,
) -> Result<Vec<RecordBatch>, LakeError> {
    let Some(state) = lake.log.current().await? else {
        return Ok(vec![]);
    };
    let Some(record) = state.record(&release.id) else {
        return Ok(vec![]);
    };
    let store = lake.log.store.object_store(None);
    let mut batches = vec![];
    for (path, _) in files_of(record, content) {
        batches.extend(files::read(&store, &path).await?);
    }
    Ok(batches)
}

/// The files of the observations of a release, in the order of their rows, each with its size.
pub(crate) fn observation_files(record: &Record) -> Vec<(String, u64)> {
    files_of(record, Content::Observation)
        .map(|(path, file)| (path, file.bytes))
        .collect()
}

/// The files of sums of a release, each with its size.
pub(crate) fn sum_files(record: &Record, kind: Kind) -> Vec<(String, u64)> {
    files_of(record, Content::Sum)
        .filter(|(_, file)| file.sums == Some(kind))
        .map(|(path, file)| (path, file.bytes))
        .collect()
}

/// The files of a content of a release, each with its path below the root of the lake.
fn files_of(record: &Record, content: Content) -> impl Iterator<Item = (String, &StoredFile)> {
    let folder = files::folder_of(&record.release.id);
    let files = record.stored.files.iter();
    files
        .filter(move |file| file.content == content)
        .map(move |file| (format!("{folder}/{}", file.name), file))
}
