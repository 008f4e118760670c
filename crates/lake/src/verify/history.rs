//! The history: what the records say of the files of their releases, of each other's slices, and what happened to them.

use std::collections::{BTreeMap, BTreeSet};

use regtrade_model::{Period, ReleaseId, SliceObservations};

use super::{
    ProblemKind::{Event, Record as Wrong, Sequence, Slice, Surplus},
    Verification,
    files::{Held, What},
    log::LogRead,
};
use crate::{
    files::{RELEASES, folder_of},
    log::{application, content_of},
    rows::Record,
    schema::Content,
    slices::Counter,
};

const RESTORE: &str = "restore the lake from a copy";

pub(super) fn check(log: &LogRead, held: &BTreeMap<String, Held>, found: &mut Verification) {
    let mut records: BTreeMap<&ReleaseId, &Record> = BTreeMap::new();
    for (path, file) in held {
        if let What::Record(record) = &file.what {
            found.releases += 1;
            if let Some(other) = records.insert(&record.release.id, record) {
                found.problem(
                    Wrong,
                    path,
                    format!("the release has another record, {}: {RESTORE}", other.path),
                );
            }
            numbered(
                log,
                path,
                &application(record.release.dataflow),
                record.sequence,
                found,
            );
        }
    }
    for (path, file) in held {
        if let What::Event(dataflow, sequence, event) = &file.what {
            found.events += 1;
            numbered(log, path, &application(*dataflow), *sequence, found);
            let release = records.get(&event.release);
            if release.is_none_or(|record| record.release.dataflow != *dataflow) {
                found.problem(
                    Event,
                    path,
                    format!(
                        "it happened to the release {}, of which the lake has no record: {RESTORE}",
                        event.release
                    ),
                );
            }
        }
    }
    for record in records.values() {
        files_of(log, held, record, found);
        slices_of(&records, held, record, found);
    }
    without_record(log, &records, found);
}

/// The number in a file is the one of the commit that made it live.
fn numbered(log: &LogRead, path: &str, application: &str, sequence: i64, found: &mut Verification) {
    let version = log.adds.get(path).map(|added| added.version);
    let of_commit = version.and_then(|version| log.transactions.get(&version));
    let fits = of_commit.is_some_and(|(of, number)| of == application && *number == sequence);
    if !fits {
        found.problem(Sequence, path, format!(
            "it says that it is commit {sequence} of `{application}`, and its commit says another number: {RESTORE}"
        ));
    }
}

/// The files that a record names are in the log, by the same commit, and as it says.
fn files_of(
    log: &LogRead,
    held: &BTreeMap<String, Held>,
    record: &Record,
    found: &mut Verification,
) {
    let folder = folder_of(&record.release.id);
    let version = log.adds.get(&record.path).map(|added| added.version);
    for stored in &record.stored.files {
        let path = format!("{folder}/{}", stored.name);
        match log.adds.get(&path) {
            None => found.problem(
                Wrong,
                &record.path,
                format!("it names {path}, which the log does not: {RESTORE}"),
            ),
            Some(added) if Some(added.version) != version => {
                found.problem(
                    Wrong,
                    &record.path,
                    format!("it names {path}, which another commit made live: {RESTORE}"),
                );
            }
            Some(added) => {
                let differs = held.get(&path).is_some_and(|file| {
                    (file.digest, file.rows, file.content)
                        != (stored.digest, stored.rows, stored.content)
                });
                if differs || added.bytes != stored.bytes {
                    found.problem(Wrong, &record.path, format!(
                        "it says that {path} has {} rows, {} bytes and the digest {}, which is not so: {RESTORE}",
                        stored.rows, stored.bytes, stored.digest
                    ));
                }
            }
        }
    }
}

/// The slices of a record are stored as it says, by itself or by the release that it names.
fn slices_of(
    records: &BTreeMap<&ReleaseId, &Record>,
    held: &BTreeMap<String, Held>,
    record: &Record,
    found: &mut Verification,
) {
    let mut wrong = |what: String| found.problem(Slice, &record.path, format!("{what}: {RESTORE}"));
    let own = stored_slices(held, record);
    for slice in &record.release.slices {
        let (period, Some(summary)) = (slice.period, slice.observations) else {
            continue;
        };
        let holder = record.holder(period);
        let Some(other) = records.get(holder) else {
            wrong(format!(
                "the observations of {period} are with the release {holder}, of which there is no record"
            ));
            continue;
        };
        if other.holder(period) != holder {
            wrong(format!(
                "the observations of {period} are said to be with {holder}, which does not store them"
            ));
            continue;
        }
        // A file that cannot be read is a problem already, and says nothing of slices.
        let Some(stored) = stored_slices(held, other) else {
            continue;
        };
        let is = stored
            .get(&period)
            .copied()
            .unwrap_or_else(|| Counter::of(period).finish());
        if is != summary {
            wrong(format!(
                "it has {} observations of {period} with the digest {}, and stored are {} with {}",
                summary.rows, summary.digest, is.rows, is.digest
            ));
        }
    }
    for period in own.iter().flatten().map(|(period, _)| *period) {
        let of_slice = record
            .release
            .slice(period)
            .and_then(|slice| slice.observations);
        if of_slice.is_none() || record.holder(period) != &record.release.id {
            wrong(format!(
                "it stores observations of {period}, which it does not name"
            ));
        }
    }
}

/// The slices that a release stores; `None` where a file of them cannot be read.
fn stored_slices(
    held: &BTreeMap<String, Held>,
    record: &Record,
) -> Option<BTreeMap<Period, SliceObservations>> {
    let folder = folder_of(&record.release.id);
    let mut stored = BTreeMap::new();
    for file in record
        .stored
        .files
        .iter()
        .filter(|file| file.content == Content::Observation)
    {
        match &held.get(&format!("{folder}/{}", file.name))?.what {
            What::Slices(slices) => {
                stored.extend(slices.iter().map(|(period, slice)| (*period, *slice)))
            }
            _ => return None,
        }
    }
    Some(stored)
}

/// Every file of a release that the log names is one of its record.
fn without_record(
    log: &LogRead,
    records: &BTreeMap<&ReleaseId, &Record>,
    found: &mut Verification,
) {
    let named: BTreeSet<String> = records
        .values()
        .flat_map(|record| {
            let folder = folder_of(&record.release.id);
            let files = record.stored.files.iter();
            files
                .map(move |file| format!("{folder}/{}", file.name))
                .chain([record.path.clone()])
        })
        .collect();
    let is_record = |path: &str| content_of(path) == Some(Content::Release);
    let release_of = |path: &str| path.split('/').nth(1).unwrap_or_default().to_owned();
    let in_log = log.adds.keys().filter(|path| path.starts_with(RELEASES));
    let recorded: BTreeSet<_> = in_log
        .clone()
        .filter(|path| is_record(path))
        .map(|path| release_of(path))
        .collect();
    let known: BTreeSet<_> = records.keys().map(|id| id.as_str()).collect();
    for path in in_log {
        let release = release_of(path);
        // A record that cannot be read is a problem already, and its files belong to it.
        if !recorded.contains(&release) {
            found.problem(
                Wrong,
                path,
                format!("the log names it, and no record of the release {release}: {RESTORE}"),
            );
        } else if known.contains(release.as_str()) && !named.contains(path) && !is_record(path) {
            found.problem(
                Surplus,
                path,
                format!("the log names it, and the record of its release does not: {RESTORE}"),
            );
        }
    }
}
