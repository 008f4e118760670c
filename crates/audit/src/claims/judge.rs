//! Holds a claim against the figures, under every reading that it allows.

use regtrade_model::{Code, Kind, Side};

use super::{
    ClaimOutcome, Reading, UsedFigure,
    catalogue::Catalogue,
    context::{Candidate, Sides, Subject, When},
    describe::{described, list, span},
    evaluate::{Evaluated, evaluate},
    facts::{Facts, Flow},
    read::{Claim, Predicate},
};

/// What became of a claim.
pub(super) struct Judged {
    pub outcome: ClaimOutcome,
    pub claim: String,
    pub figures: Vec<UsedFigure>,
    pub explanation: String,
    pub readings: Vec<Reading>,
}

impl Judged {
    /// A clause that was not held against the figures, and why.
    pub fn refused(outcome: ClaimOutcome, why: &str) -> Self {
        Self {
            outcome,
            claim: String::new(),
            figures: vec![],
            explanation: why.to_owned(),
            readings: vec![],
        }
    }
}

/// One way to understand a claim, all that was open being settled.
struct Settled {
    /// The flow, the areas, the years and the meaning of the verb.
    words: [String; 4],
    natural: bool,
    claim: String,
    found: Evaluated,
}

/// Judges a claim.
pub(super) fn judge(claim: &Claim, facts: &Facts<'_>, catalogue: &Catalogue) -> Judged {
    let settled = settle(claim, facts, catalogue);
    let Some(first) = settled
        .iter()
        .find(|reading| reading.natural)
        .or(settled.first())
    else {
        return Judged {
            outcome: ClaimOutcome::NotUnderstood,
            claim: "a change of a flow that the table does not have".to_owned(),
            figures: vec![],
            explanation: "the flow is not one whose change the table gives".to_owned(),
            readings: vec![],
        };
    };
    let all = |readings: &[&Settled], outcome| {
        readings
            .iter()
            .all(|reading| reading.found.outcome == outcome)
    };
    let natural: Vec<&Settled> = settled.iter().filter(|reading| reading.natural).collect();
    let every: Vec<&Settled> = settled.iter().collect();
    let (outcome, shown) = if all(&natural, Some(true)) || all(&natural, None) {
        (outcome(first.found.outcome), natural)
    } else if all(&every, Some(false)) {
        (ClaimOutcome::False, natural)
    } else if all(&natural, Some(false)) {
        (ClaimOutcome::DependsOnReading, every)
    } else {
        (ClaimOutcome::DependsOnReading, natural)
    };
    let telling = |reading: &Settled| {
        let different = |at: &usize| {
            shown
                .iter()
                .any(|other| other.words[*at] != reading.words[*at])
        };
        let words: Vec<&str> = (0..4)
            .filter(different)
            .map(|at| reading.words[at].as_str())
            .collect();
        words.join("; ")
    };
    let summary = if shown.len() == 1 {
        first.claim.clone()
    } else {
        common(claim, &shown)
    };
    let mut figures: Vec<UsedFigure> = vec![];
    for figure in shown.iter().flat_map(|reading| &reading.found.figures) {
        if !figures.contains(figure) {
            figures.push(figure.clone());
        }
    }
    let explanation = match &shown[..] {
        [only] => only.found.explanation.clone(),
        several => {
            let outcomes: Vec<String> = several
                .iter()
                .map(|reading| format!("{}: {}", telling(reading), reading.found.summary()))
                .collect();
            outcomes.join(". ")
        }
    };
    if !claim.certain && matches!(outcome, ClaimOutcome::False) {
        return Judged {
            outcome: ClaimOutcome::NotUnderstood,
            claim: summary,
            figures,
            explanation: format!(
                "what it is about was not said plainly enough to hold this against it: {explanation}"
            ),
            readings: vec![],
        };
    }
    let readings = if shown.len() == 1 {
        vec![]
    } else {
        shown
            .iter()
            .map(|reading| Reading {
                words: telling(reading),
                outcome: self::outcome(reading.found.outcome),
                figures: reading.found.figures.clone(),
                explanation: reading.found.explanation.clone(),
            })
            .collect()
    };
    Judged {
        outcome,
        claim: summary,
        figures,
        explanation,
        readings,
    }
}

const fn outcome(found: Option<bool>) -> ClaimOutcome {
    match found {
        Some(true) => ClaimOutcome::True,
        Some(false) => ClaimOutcome::False,
        None => ClaimOutcome::NotDecidable,
    }
}

fn settle(claim: &Claim, facts: &Facts<'_>, catalogue: &Catalogue) -> Vec<Settled> {
    let mut settled: Vec<Settled> = vec![];
    for (subject, likely_subject) in &claim.subject {
        for (flow, name, likely_flow) in flows(*subject, &claim.predicate, catalogue) {
            for (areas, likely_areas) in &claim.areas {
                for (when, likely_when) in &claim.when {
                    for (predicate, meaning, likely) in meanings(&claim.predicate, *when) {
                        let natural = *likely_subject
                            && likely_flow
                            && *likely_areas
                            && *likely_when
                            && likely;
                        let other = match &predicate {
                            Predicate::StrongerFlow { than, .. } => {
                                match other_flow(than, *subject, catalogue) {
                                    Some(other) => Some(other),
                                    None => continue,
                                }
                            }
                            _ => None,
                        };
                        let found = evaluate(
                            &predicate,
                            &flow,
                            other.as_ref(),
                            areas,
                            *when,
                            facts,
                            catalogue,
                        );
                        let words = [
                            name.clone(),
                            format!("in {}", list(areas)),
                            format!("in {}", span(*when)),
                            meaning.to_owned(),
                        ];
                        let claim =
                            described(&predicate, &flow.to_string(), other.as_ref(), areas, *when);
                        if !settled
                            .iter()
                            .any(|known| known.claim == claim && known.words == words)
                        {
                            settled.push(Settled {
                                words,
                                natural,
                                claim,
                                found,
                            });
                        }
                    }
                }
            }
        }
    }
    settled
}

/// "Slowed" is said of a level that fell and of growth that lessened; a percentage over several years is their whole
/// change, but could be meant by the year.
fn meanings(predicate: &Predicate, when: When) -> Vec<(Predicate, &'static str, bool)> {
    match predicate {
        Predicate::Slowed => vec![
            (
                Predicate::Sign {
                    rise: false,
                    continued: false,
                },
                "slowed: the level fell",
                true,
            ),
            (
                Predicate::Slowed,
                "slowed: the rate of growth was below that of the year before",
                true,
            ),
        ],
        Predicate::Rate {
            value,
            decimals,
            average: false,
        } if when.to - when.from > 1 => {
            let rate = |average| Predicate::Rate {
                value: *value,
                decimals: *decimals,
                average,
            };
            vec![
                (rate(false), "over all the years", true),
                (rate(true), "a year, on average", false),
            ]
        }
        other => vec![(other.clone(), "", true)],
    }
}

/// The flows that a subject can mean. Of a percentage, trade is exports plus imports before all else.
fn flows(
    subject: Subject,
    predicate: &Predicate,
    catalogue: &Catalogue,
) -> Vec<(Flow, String, bool)> {
    let kind = match subject.kind {
        Kind::Total => "",
        Kind::Goods => " of goods",
        Kind::Services => " of services",
    };
    let exports = catalogue.item(Side::Exports, subject.kind).cloned();
    let imports = catalogue.item(Side::Imports, subject.kind).cloned();
    let one = |item: Option<Code>, side: &str, natural| {
        item.map(|item| (Flow::Item(item), format!("{side}{kind}"), natural))
    };
    match subject.sides {
        Sides::Exports => one(exports, "exports", true).into_iter().collect(),
        Sides::Imports => one(imports, "imports", true).into_iter().collect(),
        Sides::Net => vec![],
        Sides::Trade => {
            let exact = matches!(predicate, Predicate::Rate { .. } | Predicate::Share { .. });
            let both = exports
                .clone()
                .zip(imports.clone())
                .map(|(exports, imports)| {
                    (
                        Flow::Sum(exports, imports),
                        format!("exports plus imports{kind}"),
                        true,
                    )
                });
            [
                one(exports, "exports", !exact),
                one(imports, "imports", !exact),
                both,
            ]
            .into_iter()
            .flatten()
            .collect()
        }
    }
}

/// The flow that another is compared with: of the same kind where its own is not said.
fn other_flow(
    than: &[Candidate<Subject>],
    subject: Subject,
    catalogue: &Catalogue,
) -> Option<Flow> {
    let same_kind = than.iter().find(|(other, _)| other.kind == subject.kind);
    let (other, _) = same_kind.or(than.first())?;
    match (subject.sides, other.sides) {
        (Sides::Exports | Sides::Imports, Sides::Exports) => {
            catalogue.item(Side::Exports, other.kind)
        }
        (Sides::Exports | Sides::Imports, Sides::Imports) => {
            catalogue.item(Side::Imports, other.kind)
        }
        _ => None,
    }
    .map(|item| Flow::Item(item.clone()))
}

/// The claim in words that hold for all its readings.
fn common(claim: &Claim, shown: &[&Settled]) -> String {
    let mut natural = claim
        .subject
        .iter()
        .filter(|(_, natural)| *natural)
        .map(|(subject, _)| *subject);
    let subject = match (natural.next(), natural.next()) {
        (
            Some(Subject {
                sides: Sides::Trade,
                kind,
            }),
            None,
        ) => match kind {
            Kind::Total => "trade",
            Kind::Goods => "trade in goods",
            Kind::Services => "trade in services",
        }
        .to_owned(),
        _ => {
            let mut names: Vec<&str> = vec![];
            for reading in shown {
                let name = reading.found.flow.as_str();
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            names.join(" or ")
        }
    };
    let (areas, when) = (claim.areas.first(), claim.when.first());
    match (areas, when) {
        (Some((areas, _)), Some((when, _))) => {
            described(&claim.predicate, &subject, None, areas, *when)
        }
        _ => subject,
    }
}
