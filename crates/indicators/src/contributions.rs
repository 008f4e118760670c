//! Contributions: what each part of a whole adds to its growth.
//!
//! Everything is additive before it is rounded: the parts, those that are not shown, and what is in no part add up to
//! the total exactly. Where the growth is an average, it is irrational; then each contribution is a rational share of
//! it, and the shares add up to one. docs/indicators.md has the formulas.

mod ask;
mod notes;
mod share;

use std::cmp::Reverse;

use regtrade_model::{Code, ContributionMethod, Decimal, Period, Undefined, exact::Number};

use crate::{levels::Level, side_by_side::side_by_side};

pub(crate) use ask::{Question, Set, ask};
use notes::{changed_members, without_value};
use share::{Amount, Growth};

/// A whole and its parts, with the levels of each year from the first to the last.
#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) years: Vec<Period>,
    pub(crate) whole: Vec<Level>,
    /// By code.
    pub(crate) parts: Vec<(Code, Vec<Level>)>,
    /// Whether it is a net, which has no growth rate: its contributions are in millions of euro.
    pub(crate) is_net: bool,
}

/// What parts add to the growth of a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contributions {
    pub(crate) total: Contribution,
    /// Those that are shown: the largest first, up or down; those without a value last.
    pub(crate) parts: Vec<Contribution>,
    /// The parts with a value that are not shown, together; `None` where all are.
    pub(crate) other: Option<Contribution>,
    /// What of the whole is in none of the parts that have a value.
    pub(crate) uncovered: Contribution,
    /// The total less all others, as they are shown; `None` where the total, `other` or `uncovered` has no value.
    pub(crate) rounding: Option<Decimal>,
    /// How many parts without a value are not shown.
    pub(crate) left_out: usize,
}

/// What a component adds to the growth of the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contribution {
    /// `None` of a total, of others and of what is uncovered.
    pub(crate) code: Option<Code>,
    pub(crate) value: Result<Decimal, Undefined>,
    /// In the first year and in the last one.
    pub(crate) levels: [Level; 2],
    /// Year by year, from the second one on.
    pub(crate) years: Vec<Result<Decimal, Undefined>>,
}

/// A component before it is rounded.
#[derive(Debug, Clone)]
struct Component {
    code: Option<Code>,
    levels: Vec<Level>,
    amount: Amount,
}

/// The contributions to the growth of a whole. `top` parts are shown, or all where it is 0.
pub(crate) fn contributions(
    series: &Series,
    method: ContributionMethod,
    top: usize,
    decimals: u32,
) -> Contributions {
    let growth = Growth::of(series, method);
    let exact = Exact::of(series, &growth, top);
    let shown = |component: &Component| Contribution {
        code: component.code.clone(),
        value: growth.rounded(&component.amount, decimals),
        levels: [0, series.years.len() - 1].map(|at| component.levels[at].clone()),
        years: (1..series.years.len())
            .map(|at| {
                let value = growth.annual(&component.levels, at)?;
                let places = i32::try_from(decimals).map_err(|_| Undefined::NotApplicable)?;
                value.round(places).ok_or(Undefined::NotApplicable)
            })
            .collect(),
    };
    let total = shown(&exact.total);
    let parts = side_by_side(&exact.parts, shown);
    let other = exact.other.as_ref().map(shown);
    let uncovered = shown(&exact.uncovered);
    let value = |of: &Contribution| of.value.ok();
    let added = parts.iter().filter_map(value).chain(value(&uncovered));
    let added = added.chain(other.iter().filter_map(value)).sum::<Decimal>();
    let complete = uncovered.value.is_ok() && other.iter().all(|other| other.value.is_ok());
    Contributions {
        rounding: total
            .value
            .ok()
            .filter(|_| complete)
            .map(|total| total - added),
        total,
        parts,
        other,
        uncovered,
        left_out: exact.left_out,
    }
}

/// The components of a whole, unrounded.
struct Exact {
    total: Component,
    parts: Vec<Component>,
    other: Option<Component>,
    uncovered: Component,
    left_out: usize,
}

impl Exact {
    fn of(series: &Series, growth: &Growth<'_>, top: usize) -> Self {
        let total = Component {
            code: None,
            levels: series.whole.clone(),
            amount: growth.total(),
        };
        let part = |(code, levels): &(Code, Vec<Level>)| Component {
            code: Some(code.clone()),
            levels: levels.clone(),
            amount: growth.amount(levels),
        };
        let (mut parts, undefined): (Vec<_>, Vec<_>) = side_by_side(&series.parts, part)
            .into_iter()
            .partition(|part| part.amount.is_ok());
        let uncovered = uncovered(&total, &parts, &undefined, series.parts.is_empty());
        // Their common factor leaves the order as it is.
        parts.sort_by_cached_key(|part| {
            let amount = part
                .amount
                .as_ref()
                .map_or_else(|_| Number::zero(), Number::abs);
            (Reverse(amount), part.code.clone())
        });
        let (mut other, mut left_out) = (None, 0);
        if top == 0 {
            parts.extend(undefined);
        } else {
            left_out = undefined.len();
            let rest = parts.split_off(top.min(parts.len()));
            other = (!rest.is_empty()).then(|| together(&rest));
        }
        Self {
            total,
            parts,
            other,
            uncovered,
            left_out,
        }
    }
}

/// Components as one.
fn together(components: &[Component]) -> Component {
    let add = |a: Level, b: &Level| Ok(a? + b.clone()?);
    let mut sum = components.first().cloned().unwrap_or_else(|| Component {
        code: None,
        levels: vec![],
        amount: Ok(Number::zero()),
    });
    sum.code = None;
    for component in components.iter().skip(1) {
        sum.amount = add(sum.amount, &component.amount);
        let pairs = sum.levels.into_iter().zip(&component.levels);
        sum.levels = pairs.map(|(a, b)| add(a, b)).collect();
    }
    sum
}

/// What of the whole is in none of the parts that have a value.
fn uncovered(
    total: &Component,
    parts: &[Component],
    undefined: &[Component],
    no_breakdown: bool,
) -> Component {
    let mut rest = Component {
        code: None,
        levels: total.levels.clone(),
        amount: total.amount.clone(),
    };
    for part in parts {
        for (rest, part) in rest.levels.iter_mut().zip(&part.levels) {
            // A level that is missing in between is in the rest.
            if let (Ok(rest), Ok(part)) = (rest, part) {
                *rest = &*rest - part;
            }
        }
        match (&mut rest.amount, &part.amount) {
            (Ok(rest), Ok(part)) => *rest = &*rest - part,
            (Ok(_), Err(reason)) => rest.amount = Err(*reason),
            (Err(_), _) => {}
        }
    }
    if no_breakdown && rest.amount.is_ok() {
        rest.amount = Err(Undefined::NotCovered);
    }
    // The total less all others would be the one that is suppressed.
    let suppressed = undefined
        .iter()
        .filter(|part| part.amount == Err(Undefined::Suppressed));
    if suppressed.count() == 1 {
        rest.amount = Err(Undefined::Suppressed);
        rest.levels
            .iter_mut()
            .for_each(|level| *level = Err(Undefined::Suppressed));
    }
    rest
}

#[cfg(test)]
mod tests;
