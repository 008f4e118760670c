//! Levels by key and period.

use regtrade_model::{Figure, Indicator, KeyPattern, Period};

/// Which levels are asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    pub(crate) key: KeyPattern,
    pub(crate) from: Option<Period>,
    pub(crate) to: Option<Period>,
}

/// The levels and nets that are asked for, by item, regions before their country, and period.
pub(crate) fn select(levels: Vec<Figure>, selection: &Selection) -> Vec<Figure> {
    let chosen = |figure: &Figure| {
        let key = &figure.key;
        matches!(key.indicator, Indicator::Level | Indicator::Net)
            && selection.key.matches(key)
            && selection.from.is_none_or(|from| key.period.last() >= from)
            && selection.to.is_none_or(|to| key.period.last() <= to)
    };
    let mut found: Vec<Figure> = levels.into_iter().filter(chosen).collect();
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
