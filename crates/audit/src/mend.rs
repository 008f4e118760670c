//! Which single figure could mend a contradiction, and the smallest change of it that does.

use std::collections::BTreeSet;

use num_traits::ToPrimitive;
use regtrade_model::Decimal;

use crate::{
    cell::Cell,
    finding::Mend,
    optimum::Optimiser,
    solve::decide,
    system::{Meaning, System},
};

/// How many printed values next to the estimate are tried; floats miss the right one by one at most.
const TRIES: i64 = 4;

/// Every figure of a contradictory set that, changed alone, makes all `active` figures possible: the smallest
/// change in units of the last place first.
pub(crate) fn mends(
    system: &System<'_>,
    set: &BTreeSet<usize>,
    active: &BTreeSet<usize>,
) -> Vec<Mend> {
    let mut found: Vec<(i64, Mend)> = set
        .iter()
        .filter_map(|&at| {
            let mut others = active.clone();
            others.remove(&at);
            let program = system.program(&others);
            if !decide(&program).is_possible() {
                return None;
            }
            let cell = &system.cells[at];
            let wanted = estimate(system, at, &Optimiser::of(program));
            let steps = nearest(wanted, |steps| {
                let Some(cell) = stepped(cell, steps) else {
                    return false;
                };
                let figures = others.iter().map(|&other| (other, &system.cells[other]));
                let with: Vec<(usize, &Cell)> = figures.chain([(at, &cell)]).collect();
                decide(&system.program_of(&with)).is_possible()
            })?;
            let mend = Mend {
                cell: cell.key.clone(),
                from: cell.value,
                to: stepped(cell, steps)?.value,
            };
            Some((steps.abs(), mend))
        })
        .collect();
    found.sort_by_key(|(steps, _)| *steps);
    found.into_iter().map(|(_, mend)| mend).collect()
}

fn stepped(cell: &Cell, steps: i64) -> Option<Cell> {
    let step = Decimal::try_from_i128_with_scale(steps.into(), cell.decimals).ok()?;
    Some(cell.printed_as(cell.value.checked_add(step)?))
}

/// How many steps of its last place bring a figure to where the others allow it, nearly; zero where that is unknown.
fn estimate(system: &System<'_>, at: usize, others: &Optimiser) -> i64 {
    let cell = &system.cells[at];
    let step = 10f64.powi(cell.last_place());
    let printed = cell.exact().to_f64().unwrap_or(0.0);
    let limit = |greatest: bool| match &system.meanings[at] {
        Meaning::Amount(level) => others
            .near(system.form(*level), greatest)
            .map(|value| value / 2.0 * 10f64.powi(system.finest_place)),
        Meaning::Ratio { part, base, ratio } => {
            let (part, base) = (system.form(*part), system.form(*base));
            others.near_percent(part, base, *ratio, greatest)
        }
        Meaning::Undecided(_) => None,
    };
    let down = limit(true).map_or(0.0, |most| (printed - most) / step - 0.5);
    let up = limit(false).map_or(0.0, |least| (least - printed) / step - 0.5);
    // A hair less than a whole number of steps may be that number; exact decisions tell.
    let whole = |steps: f64| (steps - 1e-6).ceil().to_i64().unwrap_or(0);
    if down > up { -whole(down) } else { whole(up) }
}

/// The number of steps nearest to zero, on its side, that is possible, from an estimate.
fn nearest(estimate: i64, possible: impl Fn(i64) -> bool) -> Option<i64> {
    let sides: &[i64] = match estimate.signum() {
        0 => &[1, -1],
        1 => &[1],
        _ => &[-1],
    };
    for &side in sides {
        let mut steps = estimate.abs().max(1);
        let mut tries = 0;
        while !possible(side * steps) && tries < TRIES {
            steps += 1;
            tries += 1;
        }
        if tries == TRIES {
            continue;
        }
        while tries == 0 && steps > 1 && possible(side * (steps - 1)) {
            steps -= 1;
        }
        return Some(side * steps);
    }
    None
}
