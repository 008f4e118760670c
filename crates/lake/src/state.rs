//! The history as the log tells it, and the releases that follow from it.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use regtrade_model::{Dataflow, Event, Instant, Release, ReleaseId, RevisionKind};

use crate::{LakeError, rows::Record};

/// What one commit adds to the history of a dataflow.
#[derive(Debug, Clone)]
pub(crate) enum Entry {
    /// A release.
    Release(Arc<Record>),
    /// Something that happened to one.
    Event {
        /// Of which dataflow.
        dataflow: Dataflow,
        /// As which commit of it.
        sequence: i64,
        /// What happened.
        event: Event,
    },
}

/// The lake at one version of its log.
#[derive(Debug)]
pub(crate) struct State {
    /// The version of the log.
    pub(crate) version: u64,
    /// All releases, as they are after all that happened to them, the newest first.
    pub(crate) releases: Arc<Vec<Release>>,
    history: Vec<Entry>,
    records: HashMap<ReleaseId, Arc<Record>>,
}

impl Entry {
    pub(crate) fn dataflow(&self) -> Dataflow {
        match self {
            Self::Release(record) => record.release.dataflow,
            Self::Event { dataflow, .. } => *dataflow,
        }
    }

    pub(crate) fn sequence(&self) -> i64 {
        match self {
            Self::Release(record) => record.sequence,
            Self::Event { sequence, .. } => *sequence,
        }
    }
}

impl State {
    /// A lake that was just made.
    pub(crate) fn empty() -> Self {
        Self {
            version: 0,
            releases: Arc::default(),
            history: vec![],
            records: HashMap::new(),
        }
    }

    /// The lake at a version, by all entries in its log.
    pub(crate) fn opened(version: u64, mut history: Vec<Entry>) -> Result<Self, LakeError> {
        history.sort_by_key(|entry| (entry.dataflow(), entry.sequence()));
        let records: HashMap<_, _> = history
            .iter()
            .filter_map(|entry| match entry {
                Entry::Release(record) => Some((record.release.id.clone(), Arc::clone(record))),
                Entry::Event { .. } => None,
            })
            .collect();
        let releases = Arc::new(releases(&history)?);
        Ok(Self {
            version,
            releases,
            history,
            records,
        })
    }

    /// The lake after one commit more.
    pub(crate) fn after(&self, entries: Vec<Entry>) -> Result<Self, LakeError> {
        let mut history = self.history.clone();
        history.extend(entries);
        Self::opened(self.version + 1, history)
    }

    /// The record of a release.
    pub(crate) fn record(&self, release: &ReleaseId) -> Option<&Arc<Record>> {
        self.records.get(release)
    }

    /// A release as it is.
    pub(crate) fn release(&self, release: &ReleaseId) -> Option<&Release> {
        self.releases.iter().find(|known| known.id == *release)
    }

    /// The sequence of the next commit of a dataflow.
    pub(crate) fn next_sequence(&self, dataflow: Dataflow) -> i64 {
        let of_dataflow = self
            .history
            .iter()
            .filter(|entry| entry.dataflow() == dataflow);
        of_dataflow.map(Entry::sequence).max().unwrap_or_default() + 1
    }

    /// The releases that come before one of a dataflow that is published at an instant and committed next, the newest
    /// first.
    pub(crate) fn before(
        &self,
        dataflow: Dataflow,
        published_at: Instant,
    ) -> impl Iterator<Item = &Release> {
        self.releases.iter().filter(move |release| {
            release.dataflow == dataflow && release.published_at <= published_at
        })
    }
}

/// The releases of a history, as they are after its events, the newest first: by publication, then by commit.
fn releases(history: &[Entry]) -> Result<Vec<Release>, LakeError> {
    let mut releases: Vec<(i64, Release)> = vec![];
    let mut places = HashMap::new();
    for entry in history {
        match entry {
            Entry::Release(record) => {
                places.insert(record.release.id.clone(), releases.len());
                releases.push((record.sequence, record.release.clone()));
            }
            Entry::Event { event, .. } => {
                let (_, release) = places
                    .get(&event.release)
                    .and_then(|place| releases.get_mut(*place))
                    .ok_or_else(|| {
                        LakeError::Damaged(format!(
                            "something happened to the release {}, which is not there",
                            event.release
                        ))
                    })?;
                release.apply(event);
            }
        }
    }
    releases.sort_by(|(a_sequence, a), (b_sequence, b)| {
        (a.published_at, a_sequence, &b.id).cmp(&(b.published_at, b_sequence, &a.id))
    });
    let mut seen = BTreeSet::new();
    for (_, release) in &mut releases {
        let (dataflow, revision) = (release.dataflow, release.revision);
        for slice in &mut release.slices {
            slice.kind = if seen.contains(&(dataflow, slice.period)) {
                revision.unwrap_or(RevisionKind::Routine)
            } else {
                RevisionKind::First
            };
        }
        if !release.is_cancelled() {
            seen.extend(release.periods().map(|period| (dataflow, period)));
        }
    }
    Ok(releases
        .into_iter()
        .rev()
        .map(|(_, release)| release)
        .collect())
}
