//! Levels by key and period.

use regtrade_model::{Figure, Indicator, KeyPattern, Period};

/// Which levels are asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    pub(crate) key: KeyPattern,
    pub(crate) from: Option<Period>,
    pub(crate) to: Option<Period>,
}

impl Selection {
    /// Whether a figure is a level, or a net, that is asked for.
    pub(crate) fn chooses(&self, figure: &Figure) -> bool {
        let key = &figure.key;
        matches!(key.indicator, Indicator::Level | Indicator::Net)
            && self.key.matches(key)
            && self.covers(key.period.last())
    }

    /// Whether a period is asked for.
    pub(crate) fn covers(&self, period: Period) -> bool {
        self.from.is_none_or(|from| period >= from) && self.to.is_none_or(|to| period <= to)
    }
}

/// The levels and nets that are asked for, by item, regions before their country, and period.
pub(crate) fn select(levels: Vec<Figure>, selection: &Selection) -> Vec<Figure> {
    let mut found = levels;
    found.retain(|figure| selection.chooses(figure));
    found.sort_by_cached_key(|figure| {
        let key = &figure.key;
        (
            key.item,
            key.ref_area.is_country(),
            key.ref_area,
            key.period,
            key.clone(),
        )
    });
    found
}
