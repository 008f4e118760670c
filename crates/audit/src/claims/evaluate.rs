//! The arithmetic of one reading of a claim: intervals are compared, and what they leave open stays open.

use num_rational::BigRational;
use num_traits::One;
use regtrade_model::{
    Code, Decimal, Indicator,
    exact::{rational, round},
};

use super::{
    UsedFigure,
    catalogue::Catalogue,
    context::When,
    describe::span,
    facts::{Change, Facts, Flow, Interval, half_unit, ratio},
    read::Predicate,
};

/// Whether a reading holds (`None`: the figures do not say), with the figures and the arithmetic.
pub(super) struct Evaluated {
    pub outcome: Option<bool>,
    pub flow: String,
    pub figures: Vec<UsedFigure>,
    /// The areas that contradict it.
    pub against: Vec<Code>,
    pub explanation: String,
    parts: Vec<(Code, String)>,
}

impl Evaluated {
    /// The outcome in words, with what contradicts it.
    pub fn summary(&self) -> String {
        let (outcome, arithmetic) = match self.outcome {
            Some(true) => return "true".to_owned(),
            Some(false) => ("false", &self.explanation),
            None => ("not decidable", &self.explanation),
        };
        let against: Vec<&str> = self.against.iter().map(Code::as_str).collect();
        if against.is_empty() {
            return format!("{outcome} ({arithmetic})");
        }
        let parts = self
            .parts
            .iter()
            .filter(|(area, _)| self.against.contains(area));
        let parts: Vec<&str> = parts.map(|(_, part)| part.as_str()).collect();
        format!(
            "{outcome} for {} ({})",
            against.join(" and "),
            parts.join(", ")
        )
    }
}

/// Evaluates one reading of a claim.
pub(super) fn evaluate(
    predicate: &Predicate,
    flow: &Flow,
    other: Option<&Flow>,
    areas: &[Code],
    when: When,
    facts: &Facts<'_>,
    catalogue: &Catalogue,
) -> Evaluated {
    let mut work = Work {
        facts,
        flow,
        when,
        parts: vec![],
        figures: vec![],
        against: vec![],
    };
    let outcome = match predicate {
        Predicate::Rate {
            value,
            decimals,
            average,
        } => work.each(areas, |work, area| {
            work.rate(area, *value, *decimals, *average)
        }),
        Predicate::Share { value, decimals } => {
            work.each(areas, |work, area| work.share(area, *value, *decimals))
        }
        Predicate::Sign { rise, continued } => work.each(areas, |work, area| {
            let now = work.moved(area, when, *rise);
            let before = || When {
                from: when.from.saturating_sub(1),
                to: when.to.saturating_sub(1),
            };
            if *continued {
                and(now, work.moved(area, before(), *rise))
            } else {
                now
            }
        }),
        Predicate::Slowed => work.each(areas, |work, area| work.less_than_before(area)),
        Predicate::StrongerIn {
            than,
            rise,
            stronger,
        } => work.each(areas, |work, area| {
            let compared = all(than, |other| {
                work.compared((flow, area, when), (flow, other, when), *rise == *stronger)
            });
            and(work.moved(area, when, *rise), compared)
        }),
        Predicate::StrongerFlow { rise, stronger, .. } => work.each(areas, |work, area| {
            let other = other?;
            let compared =
                work.compared((flow, area, when), (other, area, when), *rise == *stronger);
            and(work.moved(area, when, *rise), compared)
        }),
        Predicate::StrongerYear {
            than,
            rise,
            stronger,
        } => work.each(areas, |work, area| {
            let earlier = When {
                from: than.saturating_sub(1),
                to: *than,
            };
            let compared = work.compared(
                (flow, area, when),
                (flow, area, earlier),
                *rise == *stronger,
            );
            and(work.moved(area, when, *rise), compared)
        }),
        Predicate::Ranked { tiers, rise } => work.ranked(tiers, *rise, &catalogue.regions),
        Predicate::Weakest { rise } => {
            let everywhere = all(&catalogue.regions, |area| work.moved(area, when, *rise));
            let others: Vec<Code> = rest(&catalogue.regions, areas);
            let lowest = work.each(areas, |work, area| {
                all(&others, |other| {
                    work.compared((flow, area, when), (flow, other, when), !*rise)
                })
            });
            // Of those that fell, and one that rose, it is not said which was the weakest fall.
            and(lowest, everywhere.filter(|all| *all))
        }
        Predicate::Only { rise } => {
            let here = work.each(areas, |work, area| work.moved(area, when, *rise));
            let elsewhere = all(&rest(&catalogue.regions, areas), |area| {
                work.moved(area, when, *rise).map(|moved| !moved)
            });
            and(here, elsewhere)
        }
    };
    let explanation: Vec<&str> = work.parts.iter().map(|(_, part)| part.as_str()).collect();
    Evaluated {
        outcome,
        flow: flow.to_string(),
        against: work.against,
        figures: work.figures,
        explanation: explanation.join(", "),
        parts: work.parts,
    }
}

fn rest(regions: &[Code], areas: &[Code]) -> Vec<Code> {
    regions
        .iter()
        .filter(|region| !areas.contains(region))
        .cloned()
        .collect()
}

fn and(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// Every area is looked at, also behind one that decides: the explanation shall have them all.
fn all(areas: &[Code], mut holds: impl FnMut(&Code) -> Option<bool>) -> Option<bool> {
    let mut outcome = (!areas.is_empty()).then_some(true);
    for area in areas {
        outcome = and(outcome, holds(area));
    }
    outcome
}

/// Whether the true value of the first lies above that of the second.
fn above(one: &Interval, other: &Interval) -> Option<bool> {
    // Roundings that meet in a point do not share it: a half is rounded one way.
    if one.lower >= other.upper && one.upper > other.lower {
        Some(true)
    } else if one.upper <= other.lower {
        Some(false)
    } else {
        None
    }
}

/// Whether a figure known to lie in `found` is the one that a text writes, whose roundings `written` are.
fn agrees(found: &Interval, written: &Interval) -> Option<bool> {
    if found.lower >= written.lower && found.upper <= written.upper {
        Some(true)
    } else if found.upper <= written.lower || found.lower >= written.upper {
        Some(false)
    } else {
        None
    }
}

/// Whether a printed figure, rounded to the decimals of the text, is what the text has.
fn printed_as(printed: Option<Decimal>, value: Decimal, decimals: u32) -> Option<bool> {
    let places = i32::try_from(decimals).ok()?;
    (round(&rational(printed?), places)? == value).then_some(true)
}

struct Work<'a, 'f> {
    facts: &'a Facts<'f>,
    flow: &'a Flow,
    when: When,
    parts: Vec<(Code, String)>,
    figures: Vec<UsedFigure>,
    against: Vec<Code>,
}

impl Work<'_, '_> {
    /// As `all`, and notes the areas that contradict.
    fn each(
        &mut self,
        areas: &[Code],
        mut holds: impl FnMut(&mut Self, &Code) -> Option<bool>,
    ) -> Option<bool> {
        all(areas, |area| {
            let holds = holds(self, area);
            if holds == Some(false) {
                self.against.push(area.clone());
            }
            holds
        })
    }

    fn change(&mut self, flow: &Flow, area: &Code, when: When) -> Option<Change> {
        let found = self.facts.change(flow, area, when.from, when.to);
        let years = span(when);
        let part = match &found {
            Some(change) => format!("{flow} {area} {years}: {}", change.shown()),
            None => format!("{flow} {area} {years}: not in the table"),
        };
        let part = (area.clone(), part);
        if !self.parts.contains(&part) {
            self.parts.push(part);
        }
        for figure in found.iter().flat_map(|change| &change.figures) {
            if !self.figures.contains(figure) {
                self.figures.push(figure.clone());
            }
        }
        found
    }

    fn moved(&mut self, area: &Code, when: When, rise: bool) -> Option<bool> {
        let flow = self.flow;
        let change = self.change(flow, area, when)?;
        let still = Interval {
            lower: BigRational::one(),
            upper: BigRational::one(),
        };
        if rise {
            above(&change.ratio, &still)
        } else {
            above(&still, &change.ratio)
        }
    }

    /// Whether the first change lies above (or below) the second.
    fn compared(
        &mut self,
        one: (&Flow, &Code, When),
        other: (&Flow, &Code, When),
        higher: bool,
    ) -> Option<bool> {
        let first = self.change(one.0, one.1, one.2)?;
        let second = self.change(other.0, other.1, other.2)?;
        if first.years != second.years {
            return None;
        }
        if higher {
            above(&first.ratio, &second.ratio)
        } else {
            above(&second.ratio, &first.ratio)
        }
    }

    fn less_than_before(&mut self, area: &Code) -> Option<bool> {
        let (flow, when) = (self.flow, self.when);
        let before = When {
            from: when.from.saturating_sub(1),
            to: when.from,
        };
        self.compared((flow, area, when), (flow, area, before), false)
    }

    fn ranked(&mut self, tiers: &[Vec<Code>], rise: bool, regions: &[Code]) -> Option<bool> {
        let (flow, when) = (self.flow, self.when);
        let named: Vec<Code> = tiers.iter().flatten().cloned().collect();
        let mut order = tiers.to_vec();
        order.push(rest(regions, &named));
        let mut outcome = all(&order[0], |area| self.moved(area, when, rise));
        for (at, tier) in order.iter().enumerate() {
            let after: Vec<Code> = order[at + 1..].iter().flatten().cloned().collect();
            if !after.is_empty() && !tier.is_empty() {
                let next = all(tier, |area| {
                    all(&after, |other| {
                        self.compared((flow, area, when), (flow, other, when), rise)
                    })
                });
                outcome = and(outcome, next);
            }
        }
        outcome
    }

    fn rate(&mut self, area: &Code, value: Decimal, decimals: u32, average: bool) -> Option<bool> {
        let flow = self.flow;
        let change = self.change(flow, area, self.when)?;
        let written = ratio(value, decimals);
        if change.years == 1 {
            return agrees(&change.ratio, &written).or(printed_as(change.printed, value, decimals));
        }
        let power = |ratio: &BigRational| ratio.pow(i32::from(change.years));
        let yearly = Interval {
            lower: power(&written.lower),
            upper: power(&written.upper),
        };
        if average {
            agrees(&change.ratio, &yearly).or(printed_as(change.printed, value, decimals))
        } else {
            agrees(&change.ratio, &written)
        }
    }

    fn share(&mut self, area: &Code, value: Decimal, decimals: u32) -> Option<bool> {
        let Flow::Item(item) = self.flow else {
            return None;
        };
        let half = half_unit(decimals);
        let written = Interval {
            lower: rational(value) - &half,
            upper: rational(value) + half,
        };
        let mut outcomes = vec![];
        for indicator in [Indicator::ShareOfCountry, Indicator::ShareOfTotal] {
            let Some(share) = self.facts.share(item, area, indicator, self.when.to) else {
                continue;
            };
            let found = agrees(&share.interval, &written).or(printed_as(
                Some(share.value),
                value,
                decimals,
            ));
            let part = format!("{}: {}", share.figure.key, share.figure.value);
            self.parts.push((area.clone(), part));
            self.figures.push(share.figure);
            outcomes.push(found);
        }
        if outcomes.contains(&Some(true)) {
            Some(true)
        } else if !outcomes.is_empty() && outcomes.iter().all(|found| *found == Some(false)) {
            Some(false)
        } else {
            None
        }
    }
}
