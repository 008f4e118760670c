//! The log: each commit is read by itself, and what the checkpoints say is held against the commits.

use std::collections::{BTreeMap, BTreeSet};

use deltalake::{DeltaTable, ObjectStore as _, Path, logstore::object_store::ObjectStoreExt as _};
use futures::TryStreamExt as _;
use serde_json::Value;

use super::{ProblemKind::Log as Wrong, Verification};
use crate::{
    Lake, LakeError,
    log::{check_version, commit_digests, parse},
    schema::VERSION_PROPERTY,
};

/// The log as far as it can be read.
#[derive(Default)]
pub(super) struct LogRead {
    /// The versions whose commits could be read.
    pub(super) commits: BTreeSet<u64>,
    /// Of each version: the application whose commit it is, and its number there.
    pub(super) transactions: BTreeMap<u64, (String, i64)>,
    /// The live files, by path.
    pub(super) adds: BTreeMap<String, Added>,
}

/// What the log says of a file.
pub(super) struct Added {
    /// By which commit it is live.
    pub(super) version: u64,
    /// How many bytes it has.
    pub(super) bytes: u64,
    /// What its rows are.
    pub(super) statistics: Value,
}

/// The version that a file of the log is of, and whether it is a checkpoint; `None` where it is neither a commit nor one.
pub(super) fn version_of(name: &str) -> Option<(u64, bool)> {
    let (digits, rest) = name.split_once('.')?;
    let well_formed = digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_checkpoint = match rest {
        "json" => false,
        "checkpoint.parquet" => true,
        _ => return None,
    };
    well_formed
        .then(|| Some((digits.parse().ok()?, is_checkpoint)))
        .flatten()
}

pub(super) async fn read(lake: &Lake, found: &mut Verification) -> Result<LogRead, LakeError> {
    let store = lake.log.store.object_store(None);
    let listed = store.list(Some(&Path::from("_delta_log")));
    let names: BTreeSet<String> = listed
        .map_ok(|object| object.location.filename().unwrap_or_default().to_owned())
        .try_collect()
        .await?;
    let mut log = LogRead::default();
    let (mut checkpoints, mut expected, mut whole) = (vec![], 0, true);
    for name in &names {
        let path = format!("_delta_log/{name}");
        match version_of(name) {
            Some((version, false)) => {
                if version != expected {
                    whole = false;
                    found.problem(Wrong, &path, format!(
                        "the commit {expected} is missing before it, and all from that one on are not seen by readers: copy the folder `_delta_log` again, or restore it from a copy"
                    ));
                }
                expected = version + 1;
                let bytes = store.get(&Path::from(path.as_str())).await?.bytes().await?;
                whole &= commit(lake, &mut log, version, &path, &bytes, found)?;
            }
            Some((version, true)) => checkpoints.push((version, path)),
            None if name == "_last_checkpoint" => {
                let bytes = store.get(&Path::from(path.as_str())).await?.bytes().await?;
                last_checkpoint(&names, &path, &bytes, found);
            }
            None => found.problem(
                super::ProblemKind::Surplus,
                &path,
                "it is no file of a log: remove it, once it is clear how it came there",
            ),
        }
    }
    if whole {
        for (version, path) in checkpoints {
            checkpoint(lake, &log, version, &path, found).await;
        }
    }
    sequences(&log, found);
    Ok(log)
}

/// Reads a commit; `false` where it cannot be trusted.
fn commit(
    lake: &Lake,
    log: &mut LogRead,
    version: u64,
    path: &str,
    bytes: &[u8],
    found: &mut Verification,
) -> Result<bool, LakeError> {
    const RESTORE: &str = "restore it from a copy of the lake";
    let Ok(actions) = parse(bytes) else {
        found.problem(Wrong, path, format!("it is no longer JSON: {RESTORE}"));
        return Ok(false);
    };
    log.commits.insert(version);
    let configuration = actions
        .iter()
        .find_map(|action| action["metaData"].get("configuration"));
    if let Some(configuration) = configuration {
        check_version(configuration[VERSION_PROPERTY].as_str(), lake.url())?;
    }
    let mut trusted = match std::str::from_utf8(bytes).ok().and_then(commit_digests) {
        Some((said, is)) if said == is => true,
        Some(_) => {
            found.problem(
                Wrong,
                path,
                format!("its bytes are not those that were written: {RESTORE}"),
            );
            false
        }
        None => {
            found.problem(Wrong, path, format!(
                "it does not say its digest, so another tool than regtrade wrote it, or it was changed: {RESTORE}"
            ));
            false
        }
    };
    for action in &actions {
        if let Some(add) = action.get("add") {
            let statistics = add["stats"].as_str().map(serde_json::from_str);
            match (add["path"].as_str(), add["size"].as_u64(), statistics) {
                (Some(file), Some(bytes), Some(Ok(statistics))) => {
                    let added = Added {
                        version,
                        bytes,
                        statistics,
                    };
                    if log.adds.insert(file.to_owned(), added).is_some() {
                        found.problem(
                            Wrong,
                            path,
                            format!("it adds {file}, which was live before: {RESTORE}"),
                        );
                    }
                }
                _ => {
                    trusted = false;
                    found.problem(
                        Wrong,
                        path,
                        format!("what it says of a file is not complete: {RESTORE}"),
                    );
                }
            }
        } else if let Some(txn) = action.get("txn") {
            if let (Some(application), Some(number)) =
                (txn["appId"].as_str(), txn["version"].as_i64())
            {
                log.transactions
                    .insert(version, (application.to_owned(), number));
            }
        } else if let Some(file) = action["remove"]["path"].as_str() {
            trusted = false;
            found.problem(
                Wrong,
                path,
                format!("it takes {file} out of the lake, which regtrade never does: {RESTORE}"),
            );
        }
    }
    Ok(trusted)
}

/// A hint where the newest checkpoint is, which a checkpoint that was not made to its end can leave, must be right.
fn last_checkpoint(names: &BTreeSet<String>, path: &str, bytes: &[u8], found: &mut Verification) {
    let hint = serde_json::from_slice::<Value>(bytes).ok();
    let version = hint.and_then(|hint| hint["version"].as_u64());
    let there =
        version.is_some_and(|version| names.contains(&format!("{version:020}.checkpoint.parquet")));
    if !there {
        found.problem(
            Wrong,
            path,
            "it names no checkpoint that is there, and readers look for that: remove it, they do without",
        );
    }
}

/// A checkpoint must name the same files as the commits up to it.
async fn checkpoint(
    lake: &Lake,
    log: &LogRead,
    version: u64,
    path: &str,
    found: &mut Verification,
) {
    const REMOVE: &str = "remove it, readers do without";
    let mut table = DeltaTable::new(std::sync::Arc::clone(&lake.log.store));
    if let Err(error) = table.load_version(version).await {
        found.problem(
            Wrong,
            path,
            format!("it cannot be read ({error}): {REMOVE}"),
        );
        return;
    }
    let Ok(snapshot) = table.snapshot() else {
        return;
    };
    let says: BTreeSet<_> = snapshot
        .log_data()
        .iter()
        .map(|file| {
            let bytes = u64::try_from(file.size()).unwrap_or_default();
            let rows = file.num_records().map(|rows| rows as u64);
            (file.path().into_owned(), bytes, rows)
        })
        .collect();
    let is: BTreeSet<_> = log
        .adds
        .iter()
        .filter(|(_, added)| added.version <= version)
        .map(|(path, added)| {
            let rows = added.statistics["numRecords"].as_u64();
            (path.clone(), added.bytes, rows)
        })
        .collect();
    if says != is {
        found.problem(
            Wrong,
            path,
            format!("it does not name the same files as the commits before it: {REMOVE}"),
        );
    }
}

/// The commits of each dataflow are numbered from 1, without a gap.
fn sequences(log: &LogRead, found: &mut Verification) {
    let mut last: BTreeMap<&str, i64> = BTreeMap::new();
    for (version, (application, number)) in &log.transactions {
        let expected = last.get(application.as_str()).copied().unwrap_or_default() + 1;
        if *number != expected {
            found.problem(
                super::ProblemKind::Sequence,
                &format!("_delta_log/{version:020}.json"),
                format!("it is commit {number} of `{application}`, and {expected} should follow: restore the log from a copy of the lake"),
            );
        }
        last.insert(application, *number);
    }
}
