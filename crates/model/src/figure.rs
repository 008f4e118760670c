//! Figures as they leave the system: never without provenance and release.

use crate::{
    Decimal, FigureKey, ObsStatus, ReleaseId,
    error::{Vocabulary, words},
};

/// How a figure came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provenance {
    /// Computed from stored levels.
    Computed,
    /// As the release printed it.
    Published,
    /// Known to lie between a lower and an upper value, which the printed figures imply.
    Bounded,
}

words!(Provenance, Vocabulary::Provenance, {
    Computed => "COMPUTED", Published => "PUBLISHED", Bounded => "BOUNDED",
});

/// Why a figure has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Undefined {
    /// The level to compare with is zero.
    BaseZero,
    /// The level to compare with is negative: a net has no growth rate.
    BaseNegative,
    /// A level that the figure needs, or the figure itself, is printed as missing.
    Missing,
    /// The indicator has no meaning for this item.
    NotApplicable,
    /// Confidential, or derivable from what is confidential.
    Suppressed,
    /// The release does not print it, nor what it could be computed from.
    NotPrinted,
    /// The dataflow does not have this item, area or period.
    NotCovered,
}

words!(Undefined, Vocabulary::Undefined, {
    BaseZero => "BASE_ZERO",
    BaseNegative => "BASE_NEGATIVE",
    Missing => "MISSING",
    NotApplicable => "NOT_APPLICABLE",
    Suppressed => "SUPPRESSED",
    NotPrinted => "NOT_PRINTED",
    NotCovered => "NOT_COVERED",
});

/// The value of a figure, or the reason why it has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FigureValue {
    /// Rounded, half away from zero, to the figure's decimals.
    Exact(Decimal),
    /// Somewhere from `lower` to `upper`, both included.
    Between {
        /// The smallest value that is possible.
        lower: Decimal,
        /// The largest value that is possible.
        upper: Decimal,
    },
    /// Not available.
    Undefined(Undefined),
}

/// A figure that can be shown: key, value, precision, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// Which figure.
    pub key: FigureKey,
    /// Its value, in the unit of its indicator; levels in 10^`unit_mult` euro.
    pub value: FigureValue,
    /// The power of ten of the unit: 6 for millions of euro, 0 for percent.
    pub unit_mult: i32,
    /// How many decimals are significant; negative where tens, hundreds… are the last significant place.
    pub decimals: i32,
    /// How it came to be.
    pub provenance: Provenance,
    /// The release that it comes from.
    pub release: ReleaseId,
    /// What the release prints in this place, where that is not what was computed.
    pub print_differs: Option<Decimal>,
    /// The status that the publisher gave the observation; `A` of a figure that is none.
    pub obs_status: ObsStatus,
    /// Who printed it, where that is not the publisher of the release alone.
    pub source: Option<String>,
}

impl Figure {
    /// Why there is no value; else `D` where it is computed and the print differs; else the status of the observation.
    #[must_use]
    pub const fn status(&self) -> &'static str {
        match &self.value {
            FigureValue::Undefined(reason) => reason.as_str(),
            _ if self.print_differs.is_some() => "D",
            _ => self.obs_status.as_str(),
        }
    }
}
