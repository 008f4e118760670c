//! How a whole is broken down, and how what each part adds to its growth is measured.

use crate::error::{Vocabulary, words};

/// The dimension by which a whole is broken down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Breakdown {
    /// By product: types of services (EBOPS 2010) or chapters of goods (HS).
    Product,
    /// By partner country.
    Partner,
    /// By group of partner countries, of which each country is in one in every year.
    PartnerGroup,
    /// By activity of the trader (NACE Rev. 2).
    Activity,
    /// By region.
    Region,
}

words!(Breakdown, Vocabulary::Breakdown, {
    Product => "product", Partner => "partner", PartnerGroup => "partner-group", Activity => "activity",
    Region => "region",
});

/// How the contribution of a component to the growth of the whole over n years is measured, in percentage points a
/// year. `x` is the component, `X` the whole, 0 the first year and T the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ContributionMethod {
    /// CAGR · Δx / ΔX, and 100 · Δx / (n · X_0) where ΔX is 0: the parts add up to the average annual growth.
    #[default]
    CagrShare,
    /// The mean over the years of 100 · (x_t − x_{t−1}) / X_{t−1}.
    MeanOfAnnual,
    /// 100 · Δx / (n · X_0).
    Simple,
}

words!(ContributionMethod, Vocabulary::ContributionMethod, {
    CagrShare => "CAGR_SHARE", MeanOfAnnual => "MEAN_OF_ANNUAL", Simple => "SIMPLE",
});
