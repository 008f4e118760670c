//! Levels by key and period.

use std::collections::BTreeMap;

use regtrade_model::{
    BoundedFigure, Figure, FigureKey, FigureValue, Indicator, Period, Provenance, ReleaseId,
};
use regtrade_proto::KeyPattern;

/// Which levels are asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    pub(crate) key: KeyPattern,
    pub(crate) from: Option<Period>,
    pub(crate) to: Option<Period>,
}

/// The levels and nets that are asked for, by key and period: those that are known, and those that are only bounded.
pub(crate) fn select(
    figures: Vec<Figure>,
    bounds: Vec<BoundedFigure>,
    release: &ReleaseId,
    selection: &Selection,
) -> Vec<Figure> {
    let chosen = |figure: &Figure| {
        let key = &figure.key;
        matches!(key.indicator, Indicator::Level | Indicator::Net)
            && selection.key.matches(key)
            && selection.from.is_none_or(|from| key.period.last() >= from)
            && selection.to.is_none_or(|to| key.period.last() <= to)
    };
    let mut found: BTreeMap<FigureKey, Figure> = bounds
        .into_iter()
        .map(|bound| bounded(bound, release))
        .chain(figures)
        .filter(chosen)
        // A known figure replaces its bounds; one that is printed as missing does not.
        .fold(BTreeMap::new(), |mut found, figure| {
            let missing = matches!(figure.value, FigureValue::Undefined(_));
            if !(missing && found.contains_key(&figure.key)) {
                found.insert(figure.key.clone(), figure);
            }
            found
        });
    let mut keys: Vec<FigureKey> = found.keys().cloned().collect();
    keys.sort_by_cached_key(|key| {
        (
            key.item,
            key.ref_area.is_country(),
            key.ref_area,
            key.period,
            key.clone(),
        )
    });
    keys.iter().filter_map(|key| found.remove(key)).collect()
}

fn bounded(bound: BoundedFigure, release: &ReleaseId) -> Figure {
    let decimals = bound.lower.scale().max(bound.upper.scale());
    Figure {
        key: bound.key,
        value: FigureValue::Between {
            lower: bound.lower,
            upper: bound.upper,
        },
        unit_mult: 6,
        decimals: i32::try_from(decimals).unwrap_or_default(),
        provenance: Provenance::Bounded,
        release: release.clone(),
        print_differs: None,
    }
}
