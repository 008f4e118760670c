//! The three methods: how a change of levels becomes a contribution to growth.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};
use regtrade_model::{ContributionMethod, Decimal, Undefined, exact};

use super::Series;
use crate::levels::Level;

/// A contribution before it is rounded: percentage points, or euro, or where the growth is an average, the share of
/// the component in it.
pub(super) type Amount = Result<BigRational, Undefined>;

/// How the growth of a whole is measured.
pub(super) struct Growth<'a> {
    whole: &'a [Level],
    is_net: bool,
    measure: Measure,
}

enum Measure {
    /// Change of the component / change of the whole, times the average annual growth of the whole.
    ShareOfCagr {
        first: BigRational,
        last: BigRational,
    },
    /// Change of the component times a factor.
    Times(BigRational),
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

    fn years(&self) -> BigInt {
        BigInt::from(self.whole.len().saturating_sub(1))
    }

    /// The growth of the whole.
    pub(super) fn total(&self) -> Amount {
        self.amount(self.whole)
    }

    /// What a component adds to it.
    pub(super) fn amount(&self, levels: &[Level]) -> Amount {
        let change = || match levels {
            [first, .., last] => Ok(last.clone()? - first.clone()?),
            _ => Err(Undefined::NotApplicable),
        };
        match &self.measure {
            Measure::ShareOfCagr { first, last } => Ok(change()? / (last - first)),
            Measure::Times(factor) => Ok(change()? * factor),
            Measure::MeanOfAnnual => {
                let annual = (1..levels.len()).map(|at| self.annual(levels, at));
                let sum = annual.sum::<Result<BigRational, _>>()?;
                Ok(sum / self.years())
            }
            // What a component lacks of its own is said first.
            Measure::Undefined(reason) => change().and(Err(*reason)),
        }
    }

    /// What a component adds to the growth from the year before the one at a place.
    pub(super) fn annual(&self, levels: &[Level], at: usize) -> Amount {
        let change = levels[at].clone()? - levels[at - 1].clone()?;
        if self.is_net {
            return Ok(change);
        }
        exact::percentage(&change, &self.whole[at - 1].clone()?)
    }

    /// A contribution as it is shown.
    pub(super) fn rounded(&self, amount: &Amount, decimals: u32) -> Result<Decimal, Undefined> {
        let amount = amount.as_ref().map_err(|reason| *reason)?;
        match &self.measure {
            Measure::ShareOfCagr { first, last } => {
                let years = u16::try_from(self.whole.len() - 1);
                let years = years.map_err(|_| Undefined::NotApplicable)?;
                exact::part_of_cagr(amount, first, last, years, decimals)
            }
            _ => {
                let places = i32::try_from(decimals).map_err(|_| Undefined::NotApplicable)?;
                exact::round(amount, places).ok_or(Undefined::NotApplicable)
            }
        }
    }
}

fn measure(series: &Series, method: ContributionMethod) -> Result<Measure, Undefined> {
    let (Some(first), Some(last)) = (series.whole.first(), series.whole.last()) else {
        return Err(Undefined::NotApplicable);
    };
    let (first, last) = (first.clone()?, last.clone()?);
    if series.is_net {
        return Ok(Measure::Times(BigRational::one()));
    }
    if method == ContributionMethod::MeanOfAnnual {
        return Ok(Measure::MeanOfAnnual);
    }
    let years = BigInt::from(series.whole.len().saturating_sub(1));
    // 100 · change / (n · first level)
    let factor = exact::percentage(&BigRational::one(), &first)? / years;
    if method == ContributionMethod::Simple || first == last {
        return Ok(Measure::Times(factor));
    }
    if last.is_negative() {
        return Err(Undefined::BaseNegative);
    }
    debug_assert!(!first.is_zero(), "a percentage of zero is none");
    Ok(Measure::ShareOfCagr { first, last })
}
