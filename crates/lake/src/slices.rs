//! Slices: all observations of a period as one thing, which is stored once, however many releases have it.

use std::{collections::BTreeMap, fmt::Write as _};

use regtrade_model::{
    AsOf, Decimal, Observation, Period, Release, ReleaseId, SliceObservations, Span,
};
use sha2::{Digest as _, Sha256};

use crate::{
    LakeError,
    scratch::TemporaryFolder,
    spool::{Duplicates, Place, Rows, SpoolWriter, Spooled},
    state::State,
};

/// The observations of a release: of each of its periods that it has observations of, all of them. They are in memory,
/// or where they are many in the temporary folder, until the last clone goes. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Slices {
    rows: Rows,
    summaries: BTreeMap<Period, SliceObservations>,
    duplicates: Duplicates,
}

/// Which slices a release stores, and which are there already.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    line: String,
}

impl Slices {
    pub(crate) const fn sorted(
        rows: Rows,
        summaries: BTreeMap<Period, SliceObservations>,
        duplicates: Duplicates,
    ) -> Self {
        Self {
            rows,
            summaries,
            duplicates,
        }
    }

    /// Slices that are in memory. One without a row says that the release has none of what was there before.
    ///
    /// # Errors
    /// Where an observation is not of its period, or there are so many that they go to the temporary folder of the
    /// system, and that takes no more.
    pub fn of(observations: BTreeMap<Period, Vec<Observation>>) -> Result<Self, LakeError> {
        let periods: Vec<Period> = observations.keys().copied().collect();
        let mut writer = SpoolWriter::new(TemporaryFolder::default());
        for (period, rows) in observations {
            for row in rows {
                if row.key.period != Span::at(period) {
                    let why = format!("{} is among the observations of {period}", row.key);
                    return Err(LakeError::Contradictory(why));
                }
                writer.push(row, Place::default())?;
            }
        }
        let mut slices = writer.finish()?;
        for period in periods {
            let empty = || Counter::default().finish();
            slices.summaries.entry(period).or_insert_with(empty);
        }
        Ok(slices)
    }

    /// What each slice is.
    #[must_use]
    pub const fn summaries(&self) -> &BTreeMap<Period, SliceObservations> {
        &self.summaries
    }

    /// How many observations there are.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.summaries.values().map(|slice| slice.rows).sum()
    }

    /// The observations whose key is there more than once. A lake takes no such slices.
    #[must_use]
    pub const fn duplicates(&self) -> &Duplicates {
        &self.duplicates
    }

    /// All observations, by period and key.
    pub fn iter(&self) -> impl Iterator<Item = Result<Spooled, LakeError>> + use<> {
        self.rows.iter()
    }

    /// Whether they are what a release can have.
    ///
    /// # Errors
    /// Where an observation is there twice, or of a period that the release does not name.
    pub(crate) fn check(&self, release: &Release) -> Result<(), LakeError> {
        let refuse = |why: String| Err(LakeError::Contradictory(why));
        let mut periods = self.summaries.keys();
        if let Some(period) = periods.find(|period| release.slice(**period).is_none()) {
            return refuse(format!(
                "it has observations of {period}, which is not among its periods"
            ));
        }
        match self.duplicates.first.first() {
            Some(twice) => refuse(format!("{} is there twice", twice.key)),
            None => Ok(()),
        }
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
}

impl Counter {
    /// Counts one observation more. Its text is exact, and the same however many zeros its value ends in.
    pub(crate) fn count(&mut self, row: &Observation) {
        let value = row.value.map(|value| value.normalize());
        let value = value.map(|v| if v.is_zero() { Decimal::ZERO } else { v });
        self.line.clear();
        // Writing to a text does not fail.
        let _ = write!(self.line, "{}\t", row.key);
        if let Some(value) = value {
            let _ = write!(self.line, "{value}");
        }
        let _ = writeln!(
            self.line,
            "\t{}\t{}\t{}\t{}",
            row.decimals, row.unit_mult, row.status, row.conf
        );
        self.rows += 1;
        self.confidential += u64::from(!row.conf.is_free());
        self.digest.update(self.line.as_bytes());
    }

    pub(crate) fn finish(self) -> SliceObservations {
        SliceObservations {
            rows: self.rows,
            digest: regtrade_model::Digest(self.digest.finalize().into()),
            confidential: self.confidential,
        }
    }
}
