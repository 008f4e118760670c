//! Printed figures as the audit sees them: which one, and between which values the true one lies.

use std::fmt;

use num_rational::BigRational;
use num_traits::{One, Signed};
use regtrade_model::{
    Code, Decimal, Indicator, PrintedCell, Span,
    exact::{rational, shifted},
};

/// Which figure of a table: shown as `item.area.indicator.period`, such as `P61.BE1.growth.2024`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellKey {
    /// The code of the item.
    pub item: Code,
    /// The code of the area.
    pub area: Code,
    /// What is said.
    pub indicator: Indicator,
    /// Of when.
    pub period: Span,
}

impl fmt::Display for CellKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}.{}.{}.{}",
            self.item, self.area, self.indicator, self.period
        )
    }
}

impl From<&PrintedCell> for CellKey {
    fn from(cell: &PrintedCell) -> Self {
        Self {
            item: cell.item.clone(),
            area: cell.area.clone(),
            indicator: cell.indicator,
            period: cell.period,
        }
    }
}

/// A printed figure that has a value.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub(crate) key: CellKey,
    pub(crate) value: Decimal,
    pub(crate) decimals: u32,
    pub(crate) unit_mult: i32,
}

impl Cell {
    pub(crate) fn read(cell: &PrintedCell) -> Option<Self> {
        Some(Self {
            key: cell.into(),
            value: cell.value?,
            decimals: cell.decimals,
            unit_mult: cell.unit_mult,
        })
    }

    /// The same figure with another printed value.
    pub(crate) fn printed_as(&self, value: Decimal) -> Self {
        Self {
            value,
            ..self.clone()
        }
    }

    /// The power of ten of the last printed place, in the unit itself: -1 for a percentage with one decimal, 5 for
    /// millions with one.
    pub(crate) fn last_place(&self) -> i32 {
        self.unit_mult
            .saturating_sub(i32::try_from(self.decimals).unwrap_or(i32::MAX))
    }

    /// The exact printed value, in the unit itself (EUR, percent).
    pub(crate) fn exact(&self) -> BigRational {
        shifted(&rational(self.value), self.unit_mult)
    }

    /// How far the true value may be from the printed one, in the unit itself: half a unit of the last place.
    pub(crate) fn half_width(&self) -> BigRational {
        shifted(&BigRational::one(), self.last_place()) / BigRational::from_integer(2.into())
    }

    /// All values that are printed so, in the unit itself. Both ends belong to it, for either may be rounded here.
    pub(crate) fn interval(&self) -> Interval {
        let (value, half) = (self.exact(), self.half_width());
        Interval {
            lower: &value - &half,
            upper: value + half,
        }
    }
}

/// From a lower to an upper value; both belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Interval {
    pub(crate) lower: BigRational,
    pub(crate) upper: BigRational,
}

/// How a printed percentage relates a part to its base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ratio {
    /// part = base · p/100.
    Share,
    /// part = base · (1 + p/100)^years.
    Growth {
        /// One, or the years of an average rate.
        years: u16,
    },
}

impl Ratio {
    /// The factor from base to part that a percentage stands for.
    pub(crate) fn factor(self, percent: &BigRational) -> BigRational {
        let hundredth = percent / BigRational::from_integer(100.into());
        match self {
            Self::Share => hundredth,
            Self::Growth { years } => {
                let factor = BigRational::one() + hundredth;
                // Nothing falls by more than all of it; an even power would make a rise of what is left below.
                if factor.is_negative() {
                    BigRational::default()
                } else {
                    factor.pow(i32::from(years))
                }
            }
        }
    }

    /// The percentage that a factor stands for, nearly.
    pub(crate) fn percent(self, factor: f64) -> f64 {
        match self {
            Self::Share => 100.0 * factor,
            Self::Growth { years } => 100.0 * (factor.max(0.0).powf(1.0 / f64::from(years)) - 1.0),
        }
    }
}
