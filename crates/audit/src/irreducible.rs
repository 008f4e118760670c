//! Sets of figures that cannot all be right, and from which none can be left out.

use std::collections::BTreeSet;

use regtrade_model::Indicator;

use crate::{
    solve::{Decision, decide, decide_quickly},
    system::System,
};

/// The contradictory subset of contradictory figures from which none can be left out.
///
/// There may be many; the one with little in it is read most easily. So whole columns, items, areas and years are
/// left out first where the rest still contradicts itself, then single figures: rates before shares, shares before
/// levels.
pub(crate) fn irreducible(system: &System<'_>, contradictory: BTreeSet<usize>) -> BTreeSet<usize> {
    let mut core = contradictory;
    let key = |at: usize| &system.cells[at].key;
    without_groups(system, &mut core, |at| weight(key(at).indicator));
    without_groups(system, &mut core, |at| key(at).period);
    without_groups(system, &mut core, |at| key(at).item.clone());
    without_groups(system, &mut core, |at| key(at).area.clone());
    let mut order: Vec<usize> = core.iter().copied().collect();
    order.sort_by_key(|&at| weight(key(at).indicator));
    for cell in order {
        let mut fewer = core.clone();
        if fewer.remove(&cell)
            && let Decision::Contradiction(cells) = decide(&system.program(&fewer))
        {
            core = cells;
        }
    }
    core
}

/// Leaves out every group of figures without which the rest still contradicts itself.
fn without_groups<K: Ord>(
    system: &System<'_>,
    core: &mut BTreeSet<usize>,
    group_of: impl Fn(usize) -> K,
) {
    let groups: BTreeSet<K> = core.iter().map(|&at| group_of(at)).collect();
    if groups.len() < 2 {
        return;
    }
    for group in groups {
        let fewer: BTreeSet<usize> = core
            .iter()
            .copied()
            .filter(|&at| group_of(at) != group)
            .collect();
        let decision = decide_quickly(&system.program(&fewer));
        if decision.is_some_and(|decision| !decision.is_possible()) {
            *core = fewer;
        }
    }
}

/// The order in which figures are left out.
const fn weight(indicator: Indicator) -> u8 {
    match indicator {
        Indicator::Contribution | Indicator::Herfindahl | Indicator::Rca => 0,
        Indicator::Cagr => 1,
        Indicator::Coverage | Indicator::ShareOfCountry | Indicator::ShareOfTotal => 2,
        Indicator::Growth => 3,
        Indicator::Net => 4,
        Indicator::Level => 5,
    }
}
