//! Observations, and those that a release took out.

use arrow::array::{Array as _, AsArray, RecordBatch};
use regtrade_model::{FigureKey, Observation};

use super::{
    LakeError, Texts, column, count, damaged, from_stored_exactly, present, to_decimals, to_keys,
    to_numbers,
};
use crate::schema::{OBS_SCALE, OBS_VALUE, SCALE};

/// The columns of a key.
pub(crate) const KEY_COLUMNS: &[&str] = &[
    "ref_area",
    "item",
    "activity",
    "product",
    "counterpart_area",
    "concept",
    "indicator",
    "time_period",
];

/// The columns that an observation is read from.
pub(crate) const OBSERVATION_COLUMNS: &[&str] = &[
    "ref_area",
    "item",
    "activity",
    "product",
    "counterpart_area",
    "concept",
    "indicator",
    "time_period",
    OBS_VALUE,
    "value",
    "unit_mult",
    "decimals",
    "obs_status",
    "conf_status",
    "deleted",
];

/// A row of observations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Row {
    /// One that is there.
    There(Observation),
    /// One that the vintage before had and this release has not.
    Deleted(FigureKey),
}

impl Row {
    /// Which level it is of.
    pub(crate) const fn key(&self) -> &FigureKey {
        match self {
            Self::There(observation) => &observation.key,
            Self::Deleted(key) => key,
        }
    }
}

/// The observations of a batch. A value has at least as many decimals as it says.
pub(crate) fn to_observations(batch: &RecordBatch) -> Result<Vec<Row>, LakeError> {
    let (short, long) = (to_decimals(batch, OBS_VALUE)?, to_decimals(batch, "value")?);
    let mults = to_numbers(batch, "unit_mult")?;
    let confs = Texts::of(batch, "conf_status")?;
    let (places, statuses) = (
        to_numbers(batch, "decimals")?,
        Texts::of(batch, "obs_status")?,
    );
    let deleted = column(batch, "deleted")?;
    let deleted = deleted
        .as_boolean_opt()
        .ok_or_else(|| damaged("deleted is neither true nor false"))?;
    let rows = to_keys(batch)?.into_iter().enumerate();
    rows.map(|(row, key)| {
        if !deleted.is_null(row) && deleted.value(row) {
            return Ok(Row::Deleted(key));
        }
        let decimals = count(places[row], "decimals")?;
        let value = match (short[row], long[row]) {
            (Some(stored), None) => Some(from_stored_exactly(stored, OBS_SCALE)?),
            (None, Some(stored)) => Some(from_stored_exactly(stored, SCALE)?),
            (None, None) => None,
            (Some(_), Some(_)) => return Err(damaged("an observation has two values")),
        };
        let with_decimals = value.map(|value| {
            let mut longer = value;
            longer.rescale(decimals.max(value.scale()));
            // A value that has no room for its zeros stays as it is.
            if longer == value { longer } else { value }
        });
        Ok(Row::There(Observation {
            key,
            value: with_decimals,
            decimals,
            unit_mult: present(mults[row], "unit_mult")?,
            status: statuses.parsed(row)?,
            conf: confs.parsed(row)?,
        }))
    })
    .collect()
}
