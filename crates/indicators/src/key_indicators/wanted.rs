//! Which key indicators an answer has.

use regtrade_model::{FigureKey, Period};
use regtrade_proto::IndicatorSet;

use super::CAGR_YEARS;

/// Which key indicators are wanted.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) indicators: IndicatorSet,
    /// The first period, and the last one; `None` is all.
    pub(crate) from: Option<Period>,
    pub(crate) to: Option<Period>,
    /// The frequency of the periods; `None` is all.
    pub(crate) freq: Option<String>,
}

impl Wanted {
    /// Whether a figure is wanted.
    pub(crate) fn has(&self, key: &FigureKey) -> bool {
        let period = key.period.last();
        self.indicators.contains(key.indicator)
            && self.from.is_none_or(|from| period >= from)
            && self.ends_after(period)
            && (self.freq.as_deref()).is_none_or(|freq| period.frequency() == freq)
    }

    /// Whether levels of a period are needed for what is wanted.
    pub(crate) fn needs(&self, period: Period) -> bool {
        let first = self.from.map(|from| from.year().saturating_sub(CAGR_YEARS));
        first.is_none_or(|first| period.year() >= first) && self.ends_after(period)
    }

    fn ends_after(&self, period: Period) -> bool {
        let ends = |to: Period| period <= to || to.is_annual() && period.year() == to.year();
        self.to.is_none_or(ends)
    }
}
