//! The three methods: how a change of levels becomes a contribution to growth.

use regtrade_model::{
    ContributionMethod, Decimal, Undefined,
    exact::{AverageGrowth, Number},
};

use super::Series;
use crate::levels::Level;

/// A contribution before it is rounded: percentage points, or euro, or where the growth is an average, the share of
/// the component in it.
pub(super) type Amount = Result<Number, Undefined>;

/// How the growth of a whole is measured.
pub(super) struct Growth<'a> {
    whole: &'a [Level],
    is_net: bool,
    measure: Measure,
}

enum Measure {
    /// Change of the component / change of the whole, times the average annual growth of the whole.
    ShareOfCagr {
        change: Number,
        growth: AverageGrowth,
    },
    /// Change of the component times a factor.
    Times(Number),
    /// The mean over the years of the change of the component / the level of the whole in the year before.
    MeanOfAnnual,
    Undefined(Undefined),
}

impl<'a> Growth<'a> {
    pub(super) fn of(series: &'a Series, method: ContributionMethod) -> Self {
        Self {
            whole: &series.whole,
            is_net: series.is_net,
            measure: measure(series, method).unwrap_or_else(Measure::Undefined),
        }
    }

    fn years(&self) -> Number {
        years(self.whole)
    }

    /// The growth of the whole.
    pub(super) fn total(&self) -> Amount {
        self.amount(self.whole)
    }

    /// What a component adds to it.
    pub(super) fn amount(&self, levels: &[Level]) -> Amount {
        let change = || match levels {
            [first, .., last] => difference(last, first),
            _ => Err(Undefined::NotApplicable),
        };
        match &self.measure {
            Measure::ShareOfCagr { change: whole, .. } => Ok(change()? / whole),
            Measure::Times(factor) => Ok(change()? * factor),
            Measure::MeanOfAnnual => {
                let annual = (1..levels.len()).map(|at| self.annual(levels, at));
                let sum = annual.sum::<Result<Number, _>>()?;
                Ok(sum / self.years())
            }
            // What a component lacks of its own is said first.
            Measure::Undefined(reason) => change().and(Err(*reason)),
        }
    }

    /// What a component adds to the growth from the year before the one at a place.
    pub(super) fn annual(&self, levels: &[Level], at: usize) -> Amount {
        let change = difference(&levels[at], &levels[at - 1])?;
        if self.is_net {
            return Ok(change);
        }
        let whole = self.whole[at - 1].as_ref().map_err(|reason| *reason)?;
        change.percentage_of(whole)
    }

    /// A contribution as it is shown.
    pub(super) fn rounded(&self, amount: &Amount, decimals: u32) -> Result<Decimal, Undefined> {
        let amount = amount.as_ref().map_err(|reason| *reason)?;
        match &self.measure {
            Measure::ShareOfCagr { growth, .. } => growth.part(amount, decimals),
            _ => {
                let places = i32::try_from(decimals).map_err(|_| Undefined::NotApplicable)?;
                amount.round(places).ok_or(Undefined::NotApplicable)
            }
        }
    }
}

/// How much more one level is than another.
fn difference(level: &Level, less: &Level) -> Amount {
    match (level, less) {
        (Ok(level), Ok(less)) => Ok(level - less),
        (Err(reason), _) | (_, Err(reason)) => Err(*reason),
    }
}

fn measure(series: &Series, method: ContributionMethod) -> Result<Measure, Undefined> {
    let (Some(first), Some(last)) = (series.whole.first(), series.whole.last()) else {
        return Err(Undefined::NotApplicable);
    };
    let (first, last) = (first.clone()?, last.clone()?);
    if series.is_net {
        return Ok(Measure::Times(Number::from(1)));
    }
    if method == ContributionMethod::MeanOfAnnual {
        return Ok(Measure::MeanOfAnnual);
    }
    // 100 · change / (n · first level)
    let factor = Number::from(1).percentage_of(&first)? / years(&series.whole);
    if method == ContributionMethod::Simple || first == last {
        return Ok(Measure::Times(factor));
    }
    if last.is_negative() {
        return Err(Undefined::BaseNegative);
    }
    let years = u16::try_from(series.whole.len() - 1).map_err(|_| Undefined::NotApplicable)?;
    Ok(Measure::ShareOfCagr {
        growth: AverageGrowth::of(&first, &last, years)?,
        change: last - first,
    })
}

/// How many years there are from the first of some levels to the last one.
fn years(levels: &[Level]) -> Number {
    let years = i64::try_from(levels.len()).unwrap_or(i64::MAX);
    Number::from(years.saturating_sub(1))
}
