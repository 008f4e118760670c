//! What a table proves of levels that it does not print, and of the rates that it does.

use std::collections::BTreeSet;

use num_rational::BigRational;
use num_traits::Signed;
use regtrade_model::{
    BoundedFigure, Code, Decimal, FigureKey, Indicator, Period, PrintedCell, Span,
    TableDescription,
    exact::{power_of_ten, rational, shifted},
};

use crate::{
    cell::{Cell, Ratio},
    optimum::Optimiser,
    solve::decide,
    system::{Level, Meaning, System},
};

/// Between which values a figure lies, as the whole table proves. The true value is one of them, the ends included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// The code of the item.
    pub item: Code,
    /// The code of the area.
    pub area: Code,
    /// `level`, `net` for a difference of items, or that of a printed percentage.
    pub indicator: Indicator,
    /// Of when.
    pub period: Span,
    /// No less than this: million EUR, or percent. Rounded down.
    pub lower: Decimal,
    /// No more than this: million EUR, or percent. Rounded up.
    pub upper: Decimal,
}

impl Bound {
    /// The bound under the full key of the dataflow; `None` where its item or area is not one of the dataflow.
    #[must_use]
    pub fn of_dataflow(&self) -> Option<BoundedFigure> {
        let item = self.item.as_str().parse().ok()?;
        let area = self.area.as_str().parse().ok()?;
        Some(BoundedFigure {
            key: FigureKey::overall(item, area, self.indicator, self.period),
            lower: self.lower,
            upper: self.upper,
        })
    }
}

/// Why a table has no bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BoundsError {
    /// No true levels agree with it, so it says nothing of them.
    #[error("the figures contradict each other, so nothing follows from them")]
    Inconsistent,
}

/// Levels leave in millions.
const MILLION: i32 = 6;
/// Decimals of a level in millions at least, and of a percentage beyond the printed ones.
const DECIMALS: i32 = 3;
/// So many steps outwards a proof of a percentage's end is looked for, before the printed end is taken.
const MOST_STEPS: usize = 6;

/// The tightest bounds that the whole table allows, for every level that it implies and does not print, and for every
/// rate and share that it prints. A level that has no lower or no upper bound is left out.
///
/// Each bound is proven by multipliers of the figures' intervals in exact arithmetic. Levels are in million EUR with
/// three decimals, or two more than the finest printed level; percentages have three decimals more than the print.
/// Ends are rounded outwards.
///
/// # Errors
/// [`BoundsError::Inconsistent`] where the figures contradict each other.
pub fn bounds(
    cells: &[PrintedCell],
    description: &TableDescription,
) -> Result<Vec<Bound>, BoundsError> {
    let mut system = System::of(cells, description);
    let wanted = implied(&mut system, description);
    let program = system.program(&system.decided());
    if !decide(&program).is_possible() {
        return Err(BoundsError::Inconsistent);
    }
    let optimiser = Optimiser::of(program);
    let mut found: Vec<Bound> = wanted
        .into_iter()
        .filter_map(|wanted| level_bound(&system, &optimiser, wanted))
        .collect();
    let percentages = system.cells.iter().zip(&system.meanings);
    found.extend(percentages.filter_map(|(cell, meaning)| match meaning {
        Meaning::Ratio { part, base, ratio } => {
            percent_bound(&system, &optimiser, cell, (*part, *base, *ratio))
        }
        _ => None,
    }));
    Ok(found)
}

struct Wanted {
    item: Code,
    area: Code,
    indicator: Indicator,
    period: Period,
    level: Level,
}

/// The levels of all described items and areas in all years that figures speak of, without those that are printed.
fn implied(system: &mut System<'_>, description: &TableDescription) -> Vec<Wanted> {
    let printed: BTreeSet<Level> = system
        .meanings
        .iter()
        .filter_map(|meaning| match meaning {
            Meaning::Amount(level) => Some(*level),
            _ => None,
        })
        .collect();
    let mut wanted = Vec::new();
    let periods = system.periods();
    for item in &description.items {
        for area in &description.areas {
            for &period in &periods {
                let level = system.level(&item.code, &area.code, period);
                if let Some(level) = level.filter(|level| !printed.contains(level)) {
                    wanted.push(Wanted {
                        item: item.code.clone(),
                        area: area.code.clone(),
                        indicator: if item.difference_of.is_some() {
                            Indicator::Net
                        } else {
                            Indicator::Level
                        },
                        period,
                        level,
                    });
                }
            }
        }
    }
    wanted
}

fn level_bound(system: &System<'_>, optimiser: &Optimiser, wanted: Wanted) -> Option<Bound> {
    let form = system.rational_form(wanted.level);
    let negated = form.iter().map(|(&at, by)| (at, -by)).collect();
    let upper = optimiser.greatest(&form)?;
    let lower = -optimiser.greatest(&negated)?;
    let decimals = DECIMALS.max(MILLION - system.finest_place + 2);
    let millions = |half_places: BigRational| {
        let places = half_places / BigRational::from_integer(2.into());
        shifted(&places, system.finest_place - MILLION)
    };
    Some(Bound {
        item: wanted.item,
        area: wanted.area,
        indicator: wanted.indicator,
        period: wanted.period.into(),
        lower: outwards(&millions(lower), decimals, false)?,
        upper: outwards(&millions(upper), decimals, true)?,
    })
}

fn percent_bound(
    system: &System<'_>,
    optimiser: &Optimiser,
    cell: &Cell,
    (part, base, ratio): (Level, Level, Ratio),
) -> Option<Bound> {
    let decimals = i32::try_from(cell.decimals).ok()? + DECIMALS;
    let step = Decimal::try_from_i128_with_scale(1, decimals.try_into().ok()?).ok()?;
    let printed = cell.interval();
    let end = |up: bool| -> Option<Decimal> {
        let (outermost, step) = if up {
            (outwards(&printed.upper, decimals, true)?, step)
        } else {
            (outwards(&printed.lower, decimals, false)?, -step)
        };
        let (part_form, base_form) = (system.form(part), system.form(base));
        let Some(near) = optimiser.near_percent(part_form, base_form, ratio, up) else {
            return Some(outermost);
        };
        // The float may lie on either side of a whole number of steps; the proof decides.
        let scale = 10f64.powi(decimals);
        let steps = if up {
            (near * scale - 1e-3).ceil()
        } else {
            (near * scale + 1e-3).floor()
        };
        let first = BigRational::from_float(steps)?.to_integer();
        let mut candidate = outwards(&shifted(&first.into(), -decimals), decimals, up)?;
        for _ in 0..MOST_STEPS {
            if (up && candidate >= outermost) || (!up && candidate <= outermost) {
                break;
            }
            let mut form = system.less(part, base, &ratio.factor(&rational(candidate)));
            if !up {
                form.values_mut().for_each(|by| *by = -by.clone());
            }
            if optimiser.never_positive(&form) {
                return Some(candidate);
            }
            candidate += step;
        }
        Some(outermost)
    };
    Some(Bound {
        item: cell.key.item.clone(),
        area: cell.key.area.clone(),
        indicator: cell.key.indicator,
        period: cell.key.period,
        lower: end(false)?,
        upper: end(true)?,
    })
}

/// A value with so many decimals, rounded up or down. `None` where it has too many digits.
fn outwards(value: &BigRational, decimals: i32, up: bool) -> Option<Decimal> {
    let scaled = shifted(value, decimals);
    let whole = if up { scaled.ceil() } else { scaled.floor() }.to_integer();
    if whole.is_negative() && whole < -power_of_ten(28) {
        return None;
    }
    let whole = i128::try_from(whole).ok()?;
    Decimal::try_from_i128_with_scale(whole, decimals.try_into().ok()?).ok()
}
