//! The live files: each is read once, hashed and counted.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use bytes::Bytes;
use deltalake::{ObjectStoreError, Path, logstore::object_store::ObjectStoreExt as _};
use regtrade_model::{Dataflow, Digest, Event, Period, SliceObservations};

use super::{
    ProblemKind::{Changed, Copy, Log, Missing, Rows, Surplus},
    Verification,
    counting::Counting,
    log::{Added, LogRead},
    sums,
};
use crate::{
    Lake, LakeError,
    files::{self, DIGITS, RELEASES, Statistics},
    log::content_of,
    rows::{self, Record},
    schema::Content,
};

/// What a live file holds.
pub(super) struct Held {
    pub(super) content: Content,
    pub(super) digest: Digest,
    pub(super) rows: u64,
    pub(super) what: What,
}

/// What of a file is compared with others.
pub(super) enum What {
    Record(Box<Record>),
    Event(Dataflow, i64, Event),
    Slices(BTreeMap<Period, SliceObservations>),
    Sums(Digest),
    Figures,
}

/// Reads every live file. A file that is not there, or not as it was written, is a problem and not in the answer.
pub(super) async fn check(
    lake: &Lake,
    log: &LogRead,
    found: &mut Verification,
) -> Result<BTreeMap<String, Held>, LakeError> {
    let mut held = BTreeMap::new();
    let mut missing: BTreeMap<u64, usize> = BTreeMap::new();
    let (mut observed, mut others) = (vec![], vec![]);
    for (path, added) in &log.adds {
        match content_of(path) {
            Some(Content::Observation) => observed.push((path, added)),
            Some(content) => others.push((path, added, content)),
            None => found.problem(Surplus, path, "the log names it, and it is no file of a release or event: another tool than regtrade wrote to the lake; restore the lake from a copy"),
        }
    }
    for (path, added, content) in others {
        if let Some((bytes, digest)) = read(lake, path, added, &mut missing, found).await? {
            let file = hold(path, content, digest, bytes, added, found);
            keep(path, added, file, &mut held, found);
        }
    }
    // A slice may end in another file than it begins in: those of a release are read in the order of its record.
    let order = order(&held);
    observed.sort_by_key(|(path, _)| (order.get(*path), *path));
    let mut counting = Counting::default();
    for (path, added) in observed {
        if let Some(read) = read(lake, path, added, &mut missing, found).await? {
            let release = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let is_in_order = order.contains_key(path);
            let next = counting.go_to(lake, release, is_in_order, &mut held, found);
            next.await;
            let file = counting.hold(lake, path, read, added, &held, found).await;
            keep(path, added, file, &mut held, found);
        }
    }
    counting.go_to(lake, "", true, &mut held, found).await;
    out_of_order(log, &missing, found);
    Ok(held)
}

/// The place of each file of observations among all, as the records name them.
fn order(held: &BTreeMap<String, Held>) -> BTreeMap<String, usize> {
    let records = held.values().filter_map(|file| match &file.what {
        What::Record(record) => Some(record),
        _ => None,
    });
    let paths = records.flat_map(|record| {
        let folder = files::folder_of(&record.release.id);
        let files = record.stored.files.iter();
        files.map(move |file| format!("{folder}/{}", file.name))
    });
    paths.zip(0..).collect()
}

/// The bytes of a file and their digest; `None` where it is missing or changed, which is told.
async fn read(
    lake: &Lake,
    path: &str,
    added: &Added,
    missing: &mut BTreeMap<u64, usize>,
    found: &mut Verification,
) -> Result<Option<(Bytes, Digest)>, LakeError> {
    let store = lake.log.store.object_store(None);
    let bytes = match store.get(&Path::from(path)).await {
        // A file that is far larger than it was is not even read.
        Ok(got) if got.meta.size != added.bytes => {
            found.problem(
                Changed,
                path,
                format!(
                    "it has {} bytes, and {} were written: {RESTORE}",
                    got.meta.size, added.bytes
                ),
            );
            return Ok(None);
        }
        Ok(got) => got.bytes().await?,
        Err(ObjectStoreError::NotFound { .. }) => {
            *missing.entry(added.version).or_default() += 1;
            found.problem(
                Missing,
                path,
                format!("it is not there, and {} without it: {RESTORE}", owner(path)),
            );
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    let digest = files::digest_of(&bytes);
    if !path.contains(&format!("-{}", &digest.to_string()[..DIGITS])) {
        found.problem(
            Changed,
            path,
            format!("its bytes are not those that were written: {RESTORE}"),
        );
        return Ok(None);
    }
    Ok(Some((bytes, digest)))
}

fn keep(
    path: &str,
    added: &Added,
    file: Result<Held, LakeError>,
    held: &mut BTreeMap<String, Held>,
    found: &mut Verification,
) {
    match file {
        Ok(file) => {
            found.files += 1;
            found.rows += file.rows;
            found.bytes += added.bytes;
            held.insert(path.to_owned(), file);
        }
        Err(error) => found.problem(Rows, path, format!("{error}: {RESTORE}")),
    }
}

const RESTORE: &str = "restore it from a copy of the lake, or take the releases into a new one";

/// Whose file it is, as the beginning of a sentence.
fn owner(path: &str) -> String {
    match path.split('/').collect::<Vec<_>>()[..] {
        [RELEASES, release, _] => format!("the release {release} is in the lake"),
        _ => "what happened to a release is in the log".to_owned(),
    }
}

/// What a file holds that is as it was written, but for observations.
fn hold(
    path: &str,
    content: Content,
    digest: Digest,
    bytes: Bytes,
    added: &Added,
    found: &mut Verification,
) -> Result<Held, LakeError> {
    let batches: Vec<RecordBatch> = files::decode(bytes)?.collect::<Result<_, _>>()?;
    let mut statistics = Statistics::default();
    batches.iter().for_each(|batch| statistics.count(batch));
    compare(path, content, &statistics, added, found);
    let what = match content {
        Content::Release => What::Record(Box::new(rows::to_record(&batches, path)?)),
        Content::Event => {
            let events: Vec<_> = batches
                .iter()
                .map(rows::to_events)
                .collect::<Result<_, _>>()?;
            let event = events.into_iter().flatten().next();
            let (dataflow, sequence, event) =
                event.ok_or_else(|| LakeError::Damaged("there is no event in it".to_owned()))?;
            What::Event(dataflow, sequence, event)
        }
        Content::Bound => {
            batches
                .iter()
                .try_for_each(|batch| rows::to_bounds(batch).map(drop))?;
            What::Figures
        }
        Content::Sum => What::Sums(sums::digest(&batches)?),
        Content::Published | Content::Observation => {
            batches
                .iter()
                .try_for_each(|batch| rows::to_published(batch).map(drop))?;
            What::Figures
        }
    };
    Ok(Held {
        content,
        digest,
        rows: statistics.rows,
        what,
    })
}

/// Compares what the log says of a file with its rows.
pub(super) fn compare(
    path: &str,
    content: Content,
    statistics: &Statistics,
    added: &Added,
    found: &mut Verification,
) {
    let statistics = statistics.to_json();
    if statistics != added.statistics {
        found.problem(Log, path, format!(
            "the log says of its rows {}, and they are {statistics}: readers would leave it out; restore the log from a copy of the lake", added.statistics
        ));
    }
    for (column, expected) in [
        ("content", Some(content.as_str())),
        (
            "release",
            path.split('/').nth(1).filter(|_| content != Content::Event),
        ),
    ] {
        let ends = [
            &statistics["minValues"][column],
            &statistics["maxValues"][column],
        ];
        let differs = expected.is_some_and(|expected| ends.iter().any(|end| **end != expected));
        if differs {
            found.problem(
                Rows,
                path,
                format!("its rows are not all of the {column} that its path says: {RESTORE}"),
            );
        }
    }
}

/// A copy that takes the files before the log misses those of the newest commits, all of them.
fn out_of_order(log: &LogRead, missing: &BTreeMap<u64, usize>, found: &mut Verification) {
    let mut named: BTreeMap<u64, usize> = BTreeMap::new();
    for added in log.adds.values() {
        *named.entry(added.version).or_default() += 1;
    }
    let newest = named.iter().rev();
    let lost = newest
        .take_while(|(version, files)| missing.get(version) == Some(files))
        .count();
    let others_are_whole = missing.len() == lost;
    if lost > 0 && others_are_whole {
        found.problem(Copy, "_delta_log", format!(
            "of the newest {lost} commits no file is there: this looks like a copy that took the log after the files. Copy the folder `_delta_log` first and the rest after it; what was committed in between is then left out as a whole"
        ));
    }
}
