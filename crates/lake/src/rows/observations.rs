//! Observations, and those that a release took out.

use arrow::array::{Array as _, AsArray, Decimal128Array, RecordBatch};
use regtrade_model::{
    Area, Code, Concept, Decimal, FigureKey, Item, ObsStatus, Observation, Period, Span,
};

use super::{
    LakeError, Parsed, column, count, damaged, decimals_of, present, shortest, to_keys, to_numbers,
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

/// A level of a batch, which has its codes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Level<'a> {
    pub(crate) item: Item,
    pub(crate) ref_area: Area,
    pub(crate) product: &'a Code,
    pub(crate) counterpart_area: &'a Code,
    pub(crate) concept: Option<Concept>,
    pub(crate) period: Period,
    /// The digits of the value, and how many of them are decimals.
    pub(crate) value: Option<(i128, u32)>,
    pub(crate) decimals: u32,
    pub(crate) unit_mult: i32,
    pub(crate) status: ObsStatus,
}

/// Hands on each level of a batch, none of which is taken out, over all activities: no key is made of it.
pub(crate) fn each_level(
    batch: &RecordBatch,
    mut take: impl FnMut(Level<'_>) -> Result<(), LakeError>,
) -> Result<(), LakeError> {
    let (short, long) = (decimals_of(batch, OBS_VALUE)?, decimals_of(batch, "value")?);
    let (mults, places) = (
        to_numbers(batch, "unit_mult")?,
        to_numbers(batch, "decimals")?,
    );
    let (mut items, mut areas) = (
        Parsed::of(batch, "item")?,
        Parsed::<Area>::of(batch, "ref_area")?,
    );
    let mut products = Parsed::of(batch, "product")?;
    let mut partners = Parsed::of(batch, "counterpart_area")?;
    let mut concepts = Parsed::of(batch, "concept")?;
    let mut periods = Parsed::<Span>::of(batch, "time_period")?;
    let mut statuses = Parsed::of(batch, "obs_status")?;
    for row in 0..batch.num_rows() {
        let value = |of: &Decimal128Array, scale: i8| {
            let digits = (!of.is_null(row)).then(|| of.value(row));
            digits.map(|digits| (digits, u32::from(scale.unsigned_abs())))
        };
        take(Level {
            item: items.at(row)?,
            ref_area: areas.at(row)?,
            product: products.get(row)?,
            counterpart_area: partners.get(row)?,
            concept: concepts.if_any(row)?,
            period: periods.at(row)?.last(),
            value: match (value(&short, OBS_SCALE), value(&long, SCALE)) {
                (Some(_), Some(_)) => return Err(damaged("an observation has two values")),
                (short, long) => short.or(long),
            },
            decimals: count(places[row], "decimals")?,
            unit_mult: present(mults[row], "unit_mult")?,
            status: statuses.at(row)?,
        })?;
    }
    Ok(())
}

/// The value that is stored in one of two columns, with as many decimals as it says at least, where there is room for them.
pub(crate) fn to_value(
    [short, long]: [Option<i128>; 2],
    decimals: u32,
) -> Result<Option<Decimal>, LakeError> {
    let (stored, scale) = match (short, long) {
        (Some(_), Some(_)) => return Err(damaged("an observation has two values")),
        (Some(stored), None) => (stored, OBS_SCALE),
        (None, Some(stored)) => (stored, SCALE),
        (None, None) => return Ok(None),
    };
    let value = shortest(stored, scale.unsigned_abs().into());
    let value = value.ok_or_else(|| damaged("a value has too many digits"))?;
    if value.scale() >= decimals {
        return Ok(Some(value));
    }
    let mut longer = value;
    longer.rescale(decimals);
    // A value that has no room for its zeros stays as it is.
    Ok(Some(if longer == value { longer } else { value }))
}

/// The observations of a batch. A value has at least as many decimals as it says.
pub(crate) fn to_observations(batch: &RecordBatch) -> Result<Vec<Row>, LakeError> {
    let (short, long) = (decimals_of(batch, OBS_VALUE)?, decimals_of(batch, "value")?);
    let mults = to_numbers(batch, "unit_mult")?;
    let mut confs = Parsed::of(batch, "conf_status")?;
    let (places, mut statuses) = (
        to_numbers(batch, "decimals")?,
        Parsed::of(batch, "obs_status")?,
    );
    let deleted = column(batch, "deleted")?;
    let deleted = deleted
        .as_boolean_opt()
        .ok_or_else(|| damaged("deleted is neither true nor false"))?;
    let mut of_key = |row: usize, key: FigureKey| {
        if !deleted.is_null(row) && deleted.value(row) {
            return Ok::<_, LakeError>(Row::Deleted(key));
        }
        let decimals = count(places[row], "decimals")?;
        let stored = |of: &Decimal128Array| (!of.is_null(row)).then(|| of.value(row));
        let value = to_value([stored(&short), stored(&long)], decimals)?;
        Ok(Row::There(Observation {
            key,
            value,
            decimals,
            unit_mult: present(mults[row], "unit_mult")?,
            status: statuses.at(row)?,
            conf: confs.at(row)?,
        }))
    };
    // How many there are, an iterator of what may fail does not say.
    let mut rows = Vec::with_capacity(batch.num_rows());
    for (row, key) in to_keys(batch)?.into_iter().enumerate() {
        rows.push(of_key(row, key)?);
    }
    Ok(rows)
}
