//! Slices: all observations of a period as one thing, which is stored once, however many releases have it.

use std::collections::{BTreeMap, BTreeSet};

use regtrade_model::{
    AsOf, Decimal, FigureKey, Observation, Period, Release, ReleaseId, SliceObservations, Span,
};
use sha2::{Digest as _, Sha256};

use crate::{
    LakeError,
    files::{self, Encoded},
    rows::{self, Row},
    schema::Content,
    state::State,
};

/// The most rows of a file, where periods can be told apart: as much as is encoded in memory at once.
const ROWS_PER_FILE: usize = 1 << 20;

/// The slices of a submission, each by key.
pub(crate) struct Slices {
    rows: BTreeMap<Period, Vec<Observation>>,
    summaries: BTreeMap<Period, SliceObservations>,
}

/// Which slices a release stores, and which are there already.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Of each slice that is there already: the release whose file holds it.
    pub(crate) stored_in: BTreeMap<Period, ReleaseId>,
    /// Of each slice that is stored and replaces another: the release whose file holds that other.
    pub(crate) replaced: BTreeMap<Period, ReleaseId>,
}

/// The digest of observations that are given by key, one at a time.
#[derive(Default)]
pub(crate) struct Counter {
    rows: u64,
    confidential: u64,
    digest: Sha256,
}

impl Slices {
    /// Sorts what was handed in.
    ///
    /// # Errors
    /// Where an observation is there twice, is not of its period, or of a period that the release does not name.
    pub(crate) fn of(
        release: &Release,
        observations: &BTreeMap<Period, Vec<Observation>>,
    ) -> Result<Self, LakeError> {
        let refuse = |why: String| Err(LakeError::Contradictory(why));
        let (mut sorted, mut summaries) = (BTreeMap::new(), BTreeMap::new());
        for (&period, rows) in observations {
            if release.slice(period).is_none() {
                return refuse(format!(
                    "it has observations of {period}, which is not among its periods"
                ));
            }
            let mut rows = rows.clone();
            rows.sort_by(|a, b| a.key.cmp(&b.key));
            if let Some(row) = rows.iter().find(|row| row.key.period != Span::at(period)) {
                return refuse(format!("{} is among the observations of {period}", row.key));
            }
            if let Some(pair) = rows.windows(2).find(|pair| pair[0].key == pair[1].key) {
                return refuse(format!("{} is there twice", pair[0].key));
            }
            let mut counter = Counter::default();
            rows.iter().for_each(|row| counter.count(row));
            summaries.insert(period, counter.finish());
            sorted.insert(period, rows);
        }
        Ok(Self {
            rows: sorted,
            summaries,
        })
    }

    /// Writes into a release what its slices are.
    pub(crate) fn describe(&self, release: &mut Release) {
        for slice in &mut release.slices {
            slice.observations = self.summaries.get(&slice.period).copied();
        }
    }

    /// What is to be stored of a release, after what comes before it.
    pub(crate) fn plan(&self, state: &State, release: &Release) -> Plan {
        let vintage = AsOf::default().vintage(state.before(release.dataflow, release.published_at));
        let before = vintage.map(|vintage| vintage.slices()).unwrap_or_default();
        let mut plan = Plan {
            stored_in: BTreeMap::new(),
            replaced: BTreeMap::new(),
        };
        for (period, summary) in &self.summaries {
            let Some(writer) = before.get(period) else {
                continue;
            };
            let Some(record) = state.record(&writer.id) else {
                continue;
            };
            let same = writer.slice(*period).and_then(|slice| slice.observations) == Some(*summary);
            let list = if same {
                &mut plan.stored_in
            } else {
                &mut plan.replaced
            };
            list.insert(*period, record.holder(*period).clone());
        }
        plan
    }

    /// The files of the slices that are to be stored, with those observations taken out that were `before`.
    pub(crate) fn encode(
        &self,
        release: &Release,
        plan: &Plan,
        before: Vec<FigureKey>,
    ) -> Result<Vec<Encoded>, LakeError> {
        let mut taken_out: BTreeMap<Period, Vec<FigureKey>> = BTreeMap::new();
        for key in before {
            taken_out.entry(key.period.last()).or_default().push(key);
        }
        let (mut files, mut rows, mut ends) = (vec![], vec![], vec![]);
        for (period, observations) in &self.rows {
            if plan.stored_in.contains_key(period) {
                continue;
            }
            let kept: BTreeSet<_> = observations.iter().map(|row| &row.key).collect();
            let mut slice: Vec<_> = taken_out
                .remove(period)
                .unwrap_or_default()
                .into_iter()
                .filter(|key| !kept.contains(key))
                .map(Row::Deleted)
                .collect();
            slice.extend(observations.iter().cloned().map(Row::There));
            slice.sort_by(|a, b| a.key().cmp(b.key()));
            if !rows.is_empty() && rows.len() + slice.len() > ROWS_PER_FILE {
                files.push(file(release, &rows, &ends)?);
                rows.clear();
                ends.clear();
            }
            rows.extend(slice);
            ends.push(rows.len());
        }
        if !rows.is_empty() {
            files.push(file(release, &rows, &ends)?);
        }
        Ok(files)
    }
}

impl Counter {
    /// Counts one observation more. Its text is exact, and the same however many zeros its value ends in.
    pub(crate) fn count(&mut self, row: &Observation) {
        let value = row
            .value
            .map(|value| {
                let value = value.normalize();
                if value.is_zero() {
                    Decimal::ZERO
                } else {
                    value
                }
                .to_string()
            })
            .unwrap_or_default();
        let text = format!(
            "{}\t{value}\t{}\t{}\t{}\t{}\n",
            row.key, row.decimals, row.unit_mult, row.status, row.conf
        );
        self.rows += 1;
        self.confidential += u64::from(!row.conf.is_free());
        self.digest.update(text.as_bytes());
    }

    pub(crate) fn finish(self) -> SliceObservations {
        SliceObservations {
            rows: self.rows,
            digest: regtrade_model::Digest(self.digest.finalize().into()),
            confidential: self.confidential,
        }
    }
}

fn file(release: &Release, rows: &[Row], ends: &[usize]) -> Result<Encoded, LakeError> {
    files::encode(
        &files::folder_of(&release.id),
        Content::Observation,
        &rows::of_observations(release, rows)?,
        ends.iter().copied(),
    )
}
