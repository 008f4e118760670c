//! Indicators: what is said of an item, and in which unit.

use crate::error::{Vocabulary, words};

/// What a figure says of its item, area and period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Indicator {
    /// The value of a flow. EUR.
    Level,
    /// Exports less imports. EUR.
    Net,
    /// 100 · level of the area / level of its country. Percent.
    ShareOfCountry,
    /// 100 · level of goods (or services) / level of goods and services. Percent.
    ShareOfTotal,
    /// 100 · (level / level one year before − 1). Percent.
    Growth,
    /// Average annual growth over a span of n years: 100 · ((x_T / x_0)^(1/n) − 1). Percent.
    Cagr,
    /// 100 · exports / imports. Percent.
    Coverage,
    /// What a component adds to the growth of the whole. Percentage points.
    Contribution,
    /// Concentration: the sum of the squares of the shares of the components (Herfindahl-Hirschman), from 0 to 1.
    Herfindahl,
    /// Revealed comparative advantage (Balassa): share of a component in the exports of the area, over its share in
    /// those of the country. A pure number.
    Rca,
}

words!(Indicator, Vocabulary::Indicator, {
    Level => "level",
    Net => "net",
    ShareOfCountry => "share_of_country",
    ShareOfTotal => "share_of_total",
    Growth => "growth",
    Cagr => "cagr",
    Coverage => "coverage",
    Contribution => "contribution",
    Herfindahl => "herfindahl",
    Rca => "rca",
});

/// A unit of measure, by the code of the SDMX unit list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Euro; UNIT_MULT says how many (6: millions).
    Euro,
    /// Percent.
    Percent,
    /// Percentage points.
    PercentagePoints,
    /// A number without a unit.
    PureNumber,
}

words!(Unit, Vocabulary::Unit, { Euro => "EUR", Percent => "PC", PercentagePoints => "PP", PureNumber => "PURE_NUMB" });

impl Indicator {
    /// The unit in which the indicator is expressed.
    #[must_use]
    pub const fn unit(self) -> Unit {
        match self {
            Self::Level | Self::Net => Unit::Euro,
            Self::ShareOfCountry
            | Self::ShareOfTotal
            | Self::Growth
            | Self::Cagr
            | Self::Coverage => Unit::Percent,
            Self::Contribution => Unit::PercentagePoints,
            Self::Herfindahl | Self::Rca => Unit::PureNumber,
        }
    }
}
