//! The rules of the audit by their ids, each with a page in `docs/rules/`.

use std::fmt;

use regtrade_model::Indicator;

/// A rule. Its page is `docs/rules/<id>.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleId {
    /// The levels of the parts of an area add up to its own, or to no more where a part is not allocated.
    SumAreas,
    /// The levels of the parts of an item, such as goods and services, add up to its own.
    SumItems,
    /// A net is the difference of its two items.
    DifferenceNet,
    /// Printed shares of parts add up to the share of the whole.
    SumShares,
    /// A share in the country is that of the printed levels.
    ShareCountry,
    /// A share in the total item is that of the printed levels.
    ShareTotal,
    /// A change on the previous year is that of the printed levels.
    RateGrowth,
    /// An average annual growth rate is that of the printed levels.
    RateCagr,
    /// A coverage is that of the printed levels.
    RateCoverage,
    /// Contributions to growth add up to it.
    Contribution,
    /// A flow is not negative.
    LevelSign,
    /// All figures of the table together are the rounded values of one set of true levels.
    System,
}

impl RuleId {
    /// Every rule.
    pub const ALL: &'static [Self] = &[
        Self::SumAreas,
        Self::SumItems,
        Self::DifferenceNet,
        Self::SumShares,
        Self::ShareCountry,
        Self::ShareTotal,
        Self::RateGrowth,
        Self::RateCagr,
        Self::RateCoverage,
        Self::Contribution,
        Self::LevelSign,
        Self::System,
    ];

    /// The id, which is the name of its page.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SumAreas => "sum.areas",
            Self::SumItems => "sum.items",
            Self::DifferenceNet => "difference.net",
            Self::SumShares => "sum.shares",
            Self::ShareCountry => "share.country",
            Self::ShareTotal => "share.total",
            Self::RateGrowth => "rate.growth",
            Self::RateCagr => "rate.cagr",
            Self::RateCoverage => "rate.coverage",
            Self::Contribution => "contribution",
            Self::LevelSign => "level.sign",
            Self::System => "system",
        }
    }

    /// Whether the rule is an identity among levels.
    #[must_use]
    pub const fn is_additive(self) -> bool {
        matches!(self, Self::SumAreas | Self::SumItems | Self::DifferenceNet)
    }

    /// Whether the rule relates a share to levels.
    #[must_use]
    pub const fn is_share(self) -> bool {
        matches!(self, Self::ShareCountry | Self::ShareTotal)
    }

    /// What one instance of the rule is called, and many.
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::SumAreas => "sums of areas",
            Self::SumItems => "sums of items",
            Self::DifferenceNet => "differences",
            Self::SumShares => "sums of shares",
            Self::ShareCountry => "shares in the country",
            Self::ShareTotal => "shares in the total",
            Self::RateGrowth => "annual changes",
            Self::RateCagr => "average rates",
            Self::RateCoverage => "coverage ratios",
            Self::Contribution => "contributions",
            Self::LevelSign => "flows",
            Self::System => "figures",
        }
    }

    /// The rule by which a figure of an indicator is held against levels.
    pub(crate) const fn of(indicator: Indicator) -> Self {
        match indicator {
            Indicator::Level | Indicator::Net => Self::System,
            Indicator::ShareOfCountry => Self::ShareCountry,
            Indicator::ShareOfTotal => Self::ShareTotal,
            Indicator::Growth => Self::RateGrowth,
            Indicator::Cagr => Self::RateCagr,
            Indicator::Coverage => Self::RateCoverage,
            Indicator::Contribution | Indicator::Herfindahl | Indicator::Rca => Self::Contribution,
        }
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
