//! Verifying a lake: every file is hashed, every row is counted, and what the log, the records and the files say of each
//! other is compared. One file is in memory at a time.

mod counting;
mod files;
mod history;
mod log;
mod strays;
mod sums;

use std::collections::BTreeMap;

use futures::TryStreamExt as _;

use crate::{Lake, LakeError};

/// What was found in a lake.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// How many releases there are.
    pub releases: u64,
    /// How many things happened to them.
    pub events: u64,
    /// How many live files there are, those of the log not counted.
    pub files: u64,
    /// How many rows they have.
    pub rows: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// What is wrong. The lake can be trusted where there is nothing.
    pub problems: Vec<Problem>,
    /// What is not as tidy as it could be, and does no harm.
    pub notes: Vec<Note>,
}

/// Something that is wrong in a lake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Of what sort it is.
    pub kind: ProblemKind,
    /// The file that it is about, below the root of the lake.
    pub path: String,
    /// What is wrong, and what to do, as a sentence.
    pub what: String,
}

/// What sort of thing is wrong in a lake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// The log cannot be read, or has a gap, or says what is not so.
    Log,
    /// A file that the log names is not there.
    Missing,
    /// A file does not hold the bytes that were written.
    Changed,
    /// A file is there, or in the log, that belongs to nothing.
    Surplus,
    /// A record does not fit the files of its release.
    Record,
    /// The rows of a file are not what they should be.
    Rows,
    /// The observations of a slice are not those that its release recorded.
    Slice,
    /// Something happened to a release that is not there.
    Event,
    /// The commits of a dataflow are not numbered one after the other.
    Sequence,
    /// The lake looks like a copy that was taken in the wrong order.
    Copy,
}

/// Something that does no harm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The file that it is about, below the root of the lake.
    pub path: String,
    /// What it is, as a sentence.
    pub what: String,
}

impl Verification {
    fn problem(&mut self, kind: ProblemKind, path: &str, what: impl Into<String>) {
        self.problems.push(Problem {
            kind,
            path: path.to_owned(),
            what: what.into(),
        });
    }

    fn note(&mut self, path: &str, what: impl Into<String>) {
        self.notes.push(Note {
            path: path.to_owned(),
            what: what.into(),
        });
    }
}

pub(crate) async fn verify(lake: &Lake) -> Result<Verification, LakeError> {
    let mut found = Verification::default();
    // The log first: what it names was written before it. What is listed then and not named yet is being written.
    let log = log::read(lake, &mut found).await?;
    let objects: BTreeMap<String, u64> = lake
        .log
        .store
        .object_store(None)
        .list(None)
        .map_ok(|object| (object.location.to_string(), object.size))
        .try_collect()
        .await?;
    if log.commits.is_empty() {
        if objects.is_empty() {
            return Err(LakeError::NoLake(lake.url().clone()));
        }
        found.problem(
            ProblemKind::Log,
            "_delta_log",
            "there are files, and no commit of the log can be read: copy the folder `_delta_log` from where the lake was",
        );
    }
    let held = files::check(lake, &log, &mut found).await?;
    history::check(&log, &held, &mut found);
    strays::check(lake, &log, &held, &objects, &mut found).await?;
    found
        .problems
        .sort_by(|a, b| (&a.path, a.kind, &a.what).cmp(&(&b.path, b.kind, &b.what)));
    found.notes.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}
