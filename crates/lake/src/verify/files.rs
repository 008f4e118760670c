//! The live files: each is read once, hashed and counted.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use deltalake::{ObjectStoreError, Path, logstore::object_store::ObjectStoreExt as _};
use regtrade_model::{Dataflow, Digest, Event, Period, SliceObservations, Span};

use super::{
    ProblemKind::{Changed, Copy, Log, Missing, Rows, Surplus},
    Verification,
    log::{Added, LogRead},
};
use crate::{
    Lake, LakeError,
    files::{self, DIGITS, RELEASES},
    log::content_of,
    rows::{self, Record, Row},
    schema::Content,
    slices::Counter,
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
    Figures,
}

/// Reads every live file. A file that is not there, or not as it was written, is a problem and not in the answer.
pub(super) async fn check(
    lake: &Lake,
    log: &LogRead,
    found: &mut Verification,
) -> Result<BTreeMap<String, Held>, LakeError> {
    let store = lake.log.store.object_store(None);
    let mut held = BTreeMap::new();
    let mut missing: BTreeMap<u64, usize> = BTreeMap::new();
    for (path, added) in &log.adds {
        let Some(content) = content_of(path) else {
            found.problem(Surplus, path, "the log names it, and it is no file of a release or event: another tool than regtrade wrote to the lake; restore the lake from a copy");
            continue;
        };
        let bytes = match store.get(&Path::from(path.as_str())).await {
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
                continue;
            }
            Ok(got) => got.bytes().await?,
            Err(ObjectStoreError::NotFound { .. }) => {
                *missing.entry(added.version).or_default() += 1;
                found.problem(
                    Missing,
                    path,
                    format!("it is not there, and {} without it: {RESTORE}", owner(path)),
                );
                continue;
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
            continue;
        }
        match files::decode(bytes)
            .and_then(|batches| hold(path, content, digest, &batches, added, found))
        {
            Ok(file) => {
                found.files += 1;
                found.rows += file.rows;
                found.bytes += added.bytes;
                held.insert(path.clone(), file);
            }
            Err(error) => found.problem(Rows, path, format!("{error}: {RESTORE}")),
        }
    }
    out_of_order(log, &missing, found);
    Ok(held)
}

const RESTORE: &str = "restore it from a copy of the lake, or take the releases into a new one";

/// Whose file it is, as the beginning of a sentence.
fn owner(path: &str) -> String {
    match path.split('/').collect::<Vec<_>>()[..] {
        [RELEASES, release, _] => format!("the release {release} is in the lake"),
        _ => "what happened to a release is in the log".to_owned(),
    }
}

/// What a file holds that is as it was written.
fn hold(
    path: &str,
    content: Content,
    digest: Digest,
    batches: &[RecordBatch],
    added: &Added,
    found: &mut Verification,
) -> Result<Held, LakeError> {
    let statistics = files::statistics(batches);
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
    let what = match content {
        Content::Release => What::Record(Box::new(rows::to_record(batches, path)?)),
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
        Content::Observation => What::Slices(slices(batches)?),
        Content::Published => {
            batches
                .iter()
                .try_for_each(|batch| rows::to_published(batch).map(drop))?;
            What::Figures
        }
        Content::Bound => {
            batches
                .iter()
                .try_for_each(|batch| rows::to_bounds(batch).map(drop))?;
            What::Figures
        }
    };
    Ok(Held {
        content,
        digest,
        rows: batches.iter().map(|batch| batch.num_rows() as u64).sum(),
        what,
    })
}

/// What slices the rows of a file are, which are by period and key.
fn slices(batches: &[RecordBatch]) -> Result<BTreeMap<Period, SliceObservations>, LakeError> {
    let mut counters: BTreeMap<Period, Counter> = BTreeMap::new();
    let mut last = None;
    for batch in batches {
        for row in rows::to_observations(batch)? {
            let key = row.key().clone();
            let place = (key.period.last(), key);
            if place.1.period != Span::at(place.0)
                || last.as_ref().is_some_and(|last| *last >= place)
            {
                return Err(LakeError::Damaged(format!(
                    "the row {} is out of order",
                    place.1
                )));
            }
            let counter = counters.entry(place.0).or_default();
            if let Row::There(observation) = &row {
                counter.count(observation);
            }
            last = Some(place);
        }
    }
    Ok(counters
        .into_iter()
        .map(|(period, counter)| (period, counter.finish()))
        .collect())
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
