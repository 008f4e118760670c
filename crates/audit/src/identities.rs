//! The identities that printed figures state by themselves, each with its arithmetic as printed.

use std::collections::{BTreeSet, HashMap};

use num_rational::BigRational;
use num_traits::{Signed, Zero};
use regtrade_model::{
    Code, Decimal, Indicator, Span,
    exact::{cagr, growth, percentage, round, shifted},
};

use crate::{
    cell::{Cell, Ratio},
    rules::RuleId,
    solve::decide,
    system::{Meaning, System},
};

/// A rule and the printed figures that it relates.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) rule: RuleId,
    relation: Relation,
}

#[derive(Debug, Clone)]
enum Relation {
    /// The parts, each added or taken away, make the whole; a share of a whole that is not printed is 100.
    Sum {
        whole: Option<usize>,
        parts: Vec<(usize, i64)>,
        /// Whether they make no more than the whole, rather than the whole.
        at_most: bool,
    },
    /// A printed percentage relates a printed part to a printed base.
    Ratio {
        printed: usize,
        part: usize,
        base: usize,
        ratio: Ratio,
    },
    /// A printed share of something in itself.
    Self_ { printed: usize },
}

/// How an identity stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// To the last printed decimal.
    Holds,
    /// It misses by what rounding explains.
    Explained,
    /// No unrounded figures keep it.
    Violated,
}

/// The arithmetic of an identity in words.
pub(crate) struct Arithmetic {
    pub(crate) expected: String,
    pub(crate) found: String,
    pub(crate) explanation: String,
}

impl Identity {
    /// The printed figures that it relates.
    pub(crate) fn cells(&self) -> BTreeSet<usize> {
        match &self.relation {
            Relation::Sum { whole, parts, .. } => whole
                .iter()
                .copied()
                .chain(parts.iter().map(|(at, _)| *at))
                .collect(),
            Relation::Ratio {
                printed,
                part,
                base,
                ..
            } => [*printed, *part, *base].into(),
            Relation::Self_ { printed } => [*printed].into(),
        }
    }

    /// How it stands among its own figures.
    pub(crate) fn standing(&self, system: &System<'_>) -> Standing {
        if self.holds_as_printed(system) {
            Standing::Holds
        } else if decide(&system.program(&self.cells())).is_possible() {
            Standing::Explained
        } else {
            Standing::Violated
        }
    }

    fn holds_as_printed(&self, system: &System<'_>) -> bool {
        match &self.relation {
            Relation::Sum { at_most, .. } => {
                let residual = self.residual(system);
                residual.is_zero() || (*at_most && residual.is_positive())
            }
            Relation::Ratio { printed, .. } => {
                let cell = &system.cells[*printed];
                self.computed(system, cell.decimals) == Some(cell.value)
            }
            Relation::Self_ { printed } => system.cells[*printed].exact() == hundred(),
        }
    }

    /// The whole less its parts as printed; zero for what is no sum.
    fn residual(&self, system: &System<'_>) -> BigRational {
        let Relation::Sum { whole, parts, .. } = &self.relation else {
            return BigRational::zero();
        };
        let whole = whole.map_or_else(hundred, |at| system.cells[at].exact());
        let add = |sum: BigRational, &(at, times): &(usize, i64)| {
            sum - system.cells[at].exact() * BigRational::from_integer(times.into())
        };
        parts.iter().fold(whole, add)
    }

    /// The percentage that the printed levels have.
    fn computed(&self, system: &System<'_>, decimals: u32) -> Option<Decimal> {
        let Relation::Ratio {
            part, base, ratio, ..
        } = &self.relation
        else {
            return None;
        };
        let (part, base) = (system.cells[*part].exact(), system.cells[*base].exact());
        let places = i32::try_from(decimals).ok()?;
        match ratio {
            Ratio::Share => round(&percentage(&part, &base).ok()?, places),
            Ratio::Growth { years: 1 } => round(&growth(&base, &part).ok()?, places),
            Ratio::Growth { years } => cagr(&base, &part, *years, decimals).ok(),
        }
    }

    /// Its arithmetic in words.
    pub(crate) fn arithmetic(&self, system: &System<'_>) -> Arithmetic {
        let cell = |at: usize| &system.cells[at];
        match &self.relation {
            Relation::Sum {
                whole,
                parts,
                at_most,
            } => {
                let unit = parts.first().map_or(0, |(at, _)| cell(*at).unit_mult);
                let figures = whole.iter().chain(parts.iter().map(|(at, _)| at));
                let decimals = figures
                    .clone()
                    .map(|&at| unit - cell(at).last_place())
                    .max();
                let decimals = decimals.unwrap_or(0);
                let show = |euro: &BigRational| text(&shifted(euro, -unit), decimals);
                let total = whole.map_or_else(hundred, |at| cell(at).exact());
                let allowance =
                    figures.fold(BigRational::zero(), |sum, &at| sum + cell(at).half_width());
                let residual = self.residual(system);
                let mut terms = String::new();
                for (at, times) in parts {
                    let (first, negative) = (terms.is_empty(), *times < 0);
                    terms += match (first, negative) {
                        (true, false) => "",
                        (true, true) => "- ",
                        (false, false) => " + ",
                        (false, true) => " - ",
                    };
                    let shown = show(&cell(*at).exact());
                    terms += &if shown.starts_with('-') && !first {
                        format!("({shown})")
                    } else {
                        shown
                    };
                }
                let allowed = text(&shifted(&allowance, -unit), decimals + 1);
                Arithmetic {
                    expected: format!("{}{}", if *at_most { "at most " } else { "" }, show(&total)),
                    found: format!("{terms} = {}", show(&(&total - &residual))),
                    explanation: format!(
                        "the residual is {}; rounding explains up to {allowed}",
                        show(&residual)
                    ),
                }
            }
            Relation::Ratio {
                printed,
                part,
                base,
                ratio,
            } => {
                let shown = cell(*printed);
                let computed = |more: u32| {
                    let found = self.computed(system, shown.decimals + more);
                    found.map_or_else(|| "undefined".to_owned(), |value| value.to_string())
                };
                let (part, base) = (cell(*part).value, cell(*base).value);
                let formula = match ratio {
                    Ratio::Share => format!("100 · {part} / {base}"),
                    Ratio::Growth { years: 1 } => format!("100 · ({part} / {base} - 1)"),
                    Ratio::Growth { years } => format!("100 · (({part} / {base})^(1/{years}) - 1)"),
                };
                Arithmetic {
                    expected: computed(0),
                    found: shown.value.to_string(),
                    explanation: format!("{formula} = {} as the levels are printed", computed(3)),
                }
            }
            Relation::Self_ { printed } => Arithmetic {
                expected: "100".to_owned(),
                found: cell(*printed).value.to_string(),
                explanation: "a share of something in itself is 100".to_owned(),
            },
        }
    }
}

fn hundred() -> BigRational {
    BigRational::from_integer(100.into())
}

fn text(value: &BigRational, decimals: i32) -> String {
    round(value, decimals).map_or_else(|| value.to_string(), |value| value.to_string())
}

/// Where figures are printed: levels and nets alike by `Level`.
type Printed<'a> = HashMap<(&'a Code, &'a Code, Indicator, Span), usize>;

/// Every identity whose figures are all printed, in the order of the rules.
pub(crate) fn identities(system: &System<'_>) -> Vec<Identity> {
    let mut printed: Printed<'_> = HashMap::new();
    for (at, Cell { key, .. }) in system.cells.iter().enumerate() {
        if matches!(system.meanings[at], Meaning::Undecided(_)) {
            continue;
        }
        let indicator = match key.indicator {
            Indicator::Net => Indicator::Level,
            other => other,
        };
        printed
            .entry((&key.item, &key.area, indicator, key.period))
            .or_insert(at);
    }
    let mut found = Vec::new();
    let times: BTreeSet<Span> = system.cells.iter().map(|cell| cell.key.period).collect();
    for &when in &times {
        sums_of_areas(system, &printed, when, &mut found);
        sums_of_items(system, &printed, when, &mut found);
    }
    ratios(system, &mut found);
    found.sort_by_key(|identity| identity.rule);
    found
}

fn sums_of_areas(
    system: &System<'_>,
    printed: &Printed<'_>,
    when: Span,
    found: &mut Vec<Identity>,
) {
    for area in system
        .outline
        .areas()
        .iter()
        .filter(|area| !area.parts.is_empty())
    {
        for item in system.outline.items() {
            let at = |area, indicator| printed.get(&(&item.code, area, indicator, when)).copied();
            let parts = |indicator| -> Option<Vec<(usize, i64)>> {
                let parts = area.parts.iter();
                parts.map(|part| Some((at(part, indicator)?, 1))).collect()
            };
            let mut push = |rule, whole, parts| {
                let relation = Relation::Sum {
                    whole,
                    parts,
                    at_most: !area.complete,
                };
                found.push(Identity { rule, relation });
            };
            // What is not allocated of a difference may be negative, so its parts may make more than the whole.
            let compares = area.complete || item.difference_of.is_none();
            if let Some(whole) = at(&area.code, Indicator::Level).filter(|_| compares)
                && let Some(parts) = parts(Indicator::Level)
            {
                push(RuleId::SumAreas, Some(whole), parts);
            }
            if let Some(parts) = parts(Indicator::ShareOfCountry) {
                let whole = at(&area.code, Indicator::ShareOfCountry);
                let is_country = system.outline.country(&area.code) == Some(&area.code);
                if whole.is_some() || is_country {
                    push(RuleId::SumShares, whole, parts);
                }
            }
        }
    }
}

fn sums_of_items(
    system: &System<'_>,
    printed: &Printed<'_>,
    when: Span,
    found: &mut Vec<Identity>,
) {
    for item in system.outline.items() {
        for area in system.outline.areas() {
            let at = |item, indicator| printed.get(&(item, &area.code, indicator, when)).copied();
            let mut push = |rule, whole, parts| {
                let relation = Relation::Sum {
                    whole,
                    parts,
                    at_most: false,
                };
                found.push(Identity { rule, relation });
            };
            let parts = |indicator| -> Option<Vec<(usize, i64)>> {
                let parts = item.sum_of.iter();
                let parts: Option<Vec<_>> =
                    parts.map(|part| Some((at(part, indicator)?, 1))).collect();
                parts.filter(|parts| !parts.is_empty())
            };
            if let Some(whole) = at(&item.code, Indicator::Level) {
                if let Some(parts) = parts(Indicator::Level) {
                    push(RuleId::SumItems, Some(whole), parts);
                }
                let pair = item.difference_of.as_ref();
                if let Some((minuend, subtrahend)) = pair.and_then(|[minuend, subtrahend]| {
                    Some((
                        at(minuend, Indicator::Level)?,
                        at(subtrahend, Indicator::Level)?,
                    ))
                }) {
                    let parts = vec![(minuend, 1), (subtrahend, -1)];
                    push(RuleId::DifferenceNet, Some(whole), parts);
                }
            }
            let of_this = |part: &Code| {
                let part = system.outline.item(part);
                part.is_some_and(|part| part.share_of.as_ref() == Some(&item.code))
            };
            if item.sum_of.iter().all(of_this)
                && let Some(parts) = parts(Indicator::ShareOfTotal)
            {
                let whole = at(&item.code, Indicator::ShareOfTotal).filter(|_| of_this(&item.code));
                push(RuleId::SumShares, whole, parts);
            }
        }
    }
}

fn ratios(system: &System<'_>, found: &mut Vec<Identity>) {
    let mut printing = HashMap::new();
    for (at, meaning) in system.meanings.iter().enumerate() {
        if let Meaning::Amount(level) = meaning {
            printing.entry(*level).or_insert(at);
        }
    }
    for (printed, meaning) in system.meanings.iter().enumerate() {
        let Meaning::Ratio { part, base, ratio } = meaning else {
            continue;
        };
        let relation = if part == base {
            Relation::Self_ { printed }
        } else {
            let levels = (printing.get(part), printing.get(base));
            let (Some(&part), Some(&base)) = levels else {
                continue;
            };
            Relation::Ratio {
                printed,
                part,
                base,
                ratio: *ratio,
            }
        };
        let rule = RuleId::of(system.cells[printed].key.indicator);
        found.push(Identity { rule, relation });
    }
}
