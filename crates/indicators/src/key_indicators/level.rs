//! Levels, observed or printed, in the unit in which they are shown.

use num_rational::BigRational;
use regtrade_model::{
    Decimal, Figure, Indicator, ObsStatus, Observation, Provenance, PublishedFigure, ReleaseId,
    Undefined,
    exact::{self, Number},
};

use super::{Observed, exactly};

/// Levels leave the system in millions of euro.
pub(crate) const LEVEL_MULT: i32 = 6;

/// A level, in millions of euro.
pub(super) struct Level<'a> {
    pub(super) value: Result<Number, Undefined>,
    /// Decimals in millions of euro.
    pub(super) decimals: i32,
    /// The release that has it.
    pub(super) release: &'a ReleaseId,
    /// Of an observation: its status. `None`: the level is printed.
    pub(super) observed: Option<ObsStatus>,
}

impl<'a> Level<'a> {
    pub(super) fn observed(release: &'a ReleaseId, observation: &Observation) -> Self {
        let shift = observation.unit_mult - LEVEL_MULT;
        let value = observation.value.map(|value| Number::shifted(value, shift));
        let decimals = i32::try_from(observation.decimals).unwrap_or(i32::MAX);
        Self {
            value: value.ok_or_else(|| reason(observation.status)),
            decimals: decimals.saturating_sub(shift),
            release,
            observed: Some(observation.status),
        }
    }

    pub(super) fn printed(release: &'a ReleaseId, print: &PublishedFigure) -> Self {
        let value = print
            .value
            .map(|value| Number::shifted(value, print.unit_mult - LEVEL_MULT));
        Self {
            value: value.ok_or(Undefined::Missing),
            decimals: displayed_decimals(print),
            release,
            observed: None,
        }
    }

    /// Between which values it lies: a printed level is rounded, an observation is not.
    pub(super) fn bounds(&self) -> Result<(BigRational, BigRational), Undefined> {
        let value = self.value.clone()?.to_rational();
        if self.observed.is_some() {
            return Ok((value.clone(), value));
        }
        let half = BigRational::new(1.into(), 2.into());
        let half = exact::shifted(&half, self.decimals.saturating_neg());
        Ok((&value - &half, value + half))
    }
}

/// An observation as a figure, in millions of euro.
#[must_use]
pub(crate) fn observed_figure((release, observation): Observed<'_>) -> Figure {
    let shift = observation.unit_mult - LEVEL_MULT;
    let decimals = i32::try_from(observation.decimals).unwrap_or(i32::MAX);
    let decimals = decimals.saturating_sub(shift);
    let value = observation.value.ok_or_else(|| reason(observation.status));
    let value = value.and_then(|value| {
        let rounded = Number::shifted(value, shift).round(decimals);
        rounded.ok_or(Undefined::NotApplicable)
    });
    Figure {
        key: observation.key.clone(),
        value: exactly(value),
        unit_mult: LEVEL_MULT,
        decimals,
        provenance: Provenance::Computed,
        release: release.clone(),
        print_differs: None,
        obs_status: observation.status,
        source: None,
    }
}

/// Why an observation has no value: it is suppressed, by its publisher or for this caller, or it is missing.
pub(crate) const fn reason(status: ObsStatus) -> Undefined {
    match status {
        ObsStatus::Q => Undefined::Suppressed,
        _ => Undefined::Missing,
    }
}

pub(super) fn both<'a, T>(
    a: Result<&'a T, &Undefined>,
    b: Result<&'a T, &Undefined>,
) -> Result<(&'a T, &'a T), Undefined> {
    Ok((a.map_err(|reason| *reason)?, b.map_err(|reason| *reason)?))
}

pub(super) const fn is_money(indicator: Indicator) -> bool {
    matches!(indicator, Indicator::Level | Indicator::Net)
}

/// The decimals of a print in the unit in which it is shown.
pub(super) fn displayed_decimals(print: &PublishedFigure) -> i32 {
    let decimals = i32::try_from(print.decimals).unwrap_or(i32::MAX);
    if is_money(print.key.indicator) {
        decimals + LEVEL_MULT - print.unit_mult
    } else {
        decimals
    }
}

/// A printed value in the unit in which it is shown.
pub(super) fn displayed(print: &PublishedFigure) -> Option<Decimal> {
    let shift = if is_money(print.key.indicator) {
        print.unit_mult - LEVEL_MULT
    } else {
        0
    };
    exact::round(
        &exact::shifted(&exact::rational(print.value?), shift),
        displayed_decimals(print),
    )
}
