//! Revisions: what became of each figure from one vintage to another, and how figures were revised over all of them.
//!
//! A change is a number and an interval: the number is the difference of what is shown, the interval holds the
//! difference of the true values. docs/revisions.md has the definitions and where they come from.

mod interval;
mod known;
mod significance;
mod statistics;

use std::collections::BTreeSet;

use regtrade_model::{
    Area, Decimal, Figure, FigureKey, FigureValue, Indicator, Item, Period, RevisionClass, Span,
    Undefined, exact,
};

pub(crate) use interval::Interval;
pub(crate) use known::{Held, Known};
pub(crate) use statistics::{RevisedPeriod, Statistics, Triangle};

/// Decimals of a change in percent.
const PERCENT_DECIMALS: i32 = 2;

/// A figure in two vintages.
#[derive(Debug, Clone)]
pub(crate) struct Revision {
    pub(crate) key: FigureKey,
    pub(crate) from: Option<Figure>,
    pub(crate) to: Option<Figure>,
    /// Later less earlier of what is shown; `None` where either is known by its bounds alone.
    pub(crate) change: Option<Decimal>,
    /// Between which two values the change of the true values lies.
    pub(crate) between: Option<(Decimal, Decimal)>,
    /// 100 · change / earlier value, of levels.
    pub(crate) percent: Option<Decimal>,
    pub(crate) class: RevisionClass,
}

/// Every cell that one of two vintages has, but for those that both suppress: by item, regions before their country, indicator, period.
pub(crate) fn compare(from: &Held, to: &Held) -> Vec<Revision> {
    let keys: BTreeSet<&FigureKey> = from.figures.keys().chain(to.figures.keys()).collect();
    // A period is not new because nothing of it is among what is compared.
    let mut known_periods = from.periods();
    known_periods.extend(&from.slices);
    let mut revisions: Vec<Revision> = keys
        .into_iter()
        .filter_map(|key| {
            let class = match (from.figures.get(key), to.figures.get(key)) {
                (Some(earlier), Some(later)) if both_suppressed(earlier, later) => return None,
                (Some(earlier), Some(later)) => class_of(earlier, later, from),
                (Some(_), None) => gone(key, from, to),
                (None, Some(_)) => appeared(key, &known_periods),
                (None, None) => return None,
            };
            Some(Revision::of(key, from, to, class))
        })
        .collect();
    revisions.sort_by_cached_key(|revision| place(&revision.key));
    revisions
}

/// Where a figure stands: as in the printed table, by item, regions before their country, indicator, period.
pub(crate) fn place(key: &FigureKey) -> (Item, bool, Area, Indicator, Span, FigureKey) {
    let is_country = key.ref_area.is_country();
    (
        key.item,
        is_country,
        key.ref_area,
        key.indicator,
        key.period,
        key.clone(),
    )
}

impl Revision {
    fn of(key: &FigureKey, from: &Held, to: &Held, class: RevisionClass) -> Self {
        let (earlier, later) = (from.figures.get(key), to.figures.get(key));
        let both = earlier.zip(later);
        let figure = |known: Option<&Known>| known.map(|known| known.figure.clone());
        Self {
            key: key.clone(),
            from: figure(earlier),
            to: figure(later),
            change: both.and_then(|(earlier, later)| change(earlier, later)),
            between: both
                .and_then(|(earlier, later)| true_change(earlier, later))
                .and_then(|change| change.ends()),
            percent: both.and_then(|(earlier, later)| percent(earlier, later)),
            class,
        }
    }
}

/// Later less earlier of what is shown.
pub(crate) fn change(earlier: &Known, later: &Known) -> Option<Decimal> {
    match (&earlier.figure.value, &later.figure.value) {
        (FigureValue::Exact(earlier), FigureValue::Exact(later)) => later.checked_sub(*earlier),
        _ => None,
    }
}

/// Later less earlier of the true values.
pub(crate) fn true_change(earlier: &Known, later: &Known) -> Option<Interval> {
    Some(later.between.as_ref()?.less(earlier.between.as_ref()?))
}

fn percent(earlier: &Known, later: &Known) -> Option<Decimal> {
    let (FigureValue::Exact(before), FigureValue::Exact(after)) =
        (&earlier.figure.value, &later.figure.value)
    else {
        return None;
    };
    if earlier.figure.key.indicator != Indicator::Level {
        return None;
    }
    let growth = exact::growth(&exact::rational(*before), &exact::rational(*after)).ok()?;
    exact::round(&growth, PERCENT_DECIMALS)
}

/// Whether nothing is known of a cell in either vintage, so that there is nothing to compare.
fn both_suppressed(earlier: &Known, later: &Known) -> bool {
    let suppressed = FigureValue::Undefined(Undefined::Suppressed);
    earlier.figure.value == suppressed && later.figure.value == suppressed
}

/// What became of a cell that both vintages have.
fn class_of(earlier: &Known, later: &Known, from: &Held) -> RevisionClass {
    let (a, b) = (&earlier.figure, &later.figure);
    match (&a.value, &b.value) {
        (FigureValue::Undefined(before), FigureValue::Undefined(after)) => {
            if before == after {
                same_value(a, b)
            } else {
                RevisionClass::StatusOnly
            }
        }
        (FigureValue::Undefined(_), _) => RevisionClass::Added,
        // It may well be there, and is not shown.
        (_, FigureValue::Undefined(Undefined::Suppressed)) => RevisionClass::NotPrinted,
        (_, FigureValue::Undefined(_)) if from.observed.contains(&a.key) => RevisionClass::Deleted,
        (_, FigureValue::Undefined(_)) => RevisionClass::NotPrinted,
        _ => revised(earlier, later),
    }
}

/// What became of a value that is another value, or the same, now.
pub(crate) fn revised(earlier: &Known, later: &Known) -> RevisionClass {
    let (a, b) = (&earlier.figure, &later.figure);
    let change = true_change(earlier, later);
    let changed = change.as_ref().is_some_and(|change| !change.has_zero());
    // Two observations are exact: they may differ by less than is shown of them, and are the same whatever their form.
    let exact = a.key.indicator == Indicator::Level && change.is_some_and(|c| c.is_point());
    let same = if exact {
        !changed
    } else {
        a.value == b.value && a.decimals == b.decimals
    };
    match (same, changed) {
        (true, _) => same_value(a, b),
        (false, true) => RevisionClass::Changed,
        (false, false) => RevisionClass::WithinRounding,
    }
}

fn same_value(earlier: &Figure, later: &Figure) -> RevisionClass {
    if earlier.obs_status == later.obs_status {
        RevisionClass::Unchanged
    } else {
        RevisionClass::StatusOnly
    }
}

/// What became of a cell that only the earlier vintage has.
fn gone(key: &FigureKey, from: &Held, to: &Held) -> RevisionClass {
    if from.observed.contains(key) && to.slices.contains(&key.period.last()) {
        RevisionClass::Deleted
    } else {
        RevisionClass::NotPrinted
    }
}

/// What a cell is that only the later vintage has.
fn appeared(key: &FigureKey, known_periods: &BTreeSet<Period>) -> RevisionClass {
    if known_periods.contains(&key.period.last()) {
        RevisionClass::Added
    } else {
        RevisionClass::NewPeriod
    }
}

#[cfg(test)]
mod tests;
