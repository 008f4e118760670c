//! The audit of a table: every identity by itself, then all figures together.

use std::collections::{BTreeMap, BTreeSet};

use num_traits::Signed;
use regtrade_model::{PrintedCell, TableDescription};

use crate::{
    finding::{Audit, Counts, Finding, Verdict},
    identities::{Arithmetic, Identity, Standing, identities},
    irreducible::irreducible,
    mend::mends,
    rules::RuleId,
    solve::decide,
    system::{Meaning, System},
};

/// So many contradictions that have no figure in common are told apart at most.
const MOST_CONTRADICTIONS: usize = 12;

/// Audits a table: holds all its printed figures against each other, each as the interval that is rounded to it.
///
/// No verdict depends on a tolerance or on a float: figures are called possible after a set of true levels that is
/// rounded to them was checked in exact arithmetic, and impossible after multipliers of their bounds that contradict
/// each other were. Figures without a value say nothing.
#[must_use]
pub fn audit(cells: &[PrintedCell], description: &TableDescription) -> Audit {
    let system = System::of(cells, description);
    let identities: Vec<(Identity, Standing)> = identities(&system)
        .into_iter()
        .map(|identity| {
            let standing = identity.standing(&system);
            (identity, standing)
        })
        .collect();
    let mut findings = contradictions(&system, &identities);
    findings.extend(undecided(&system));
    findings.extend(explained(&system, &identities));
    findings.extend(summaries(&identities));
    let contradictory = findings
        .iter()
        .any(|f| f.verdict == Verdict::ProvablyInconsistent);
    let decided = system.decided().len();
    if !contradictory && decided > 0 {
        findings.push(Finding {
            rule: RuleId::System,
            verdict: Verdict::Consistent,
            cells: Vec::new(),
            expected: "one set of true levels that is rounded to all figures".to_owned(),
            found: format!("one for all {decided} figures"),
            explanation: "no figure is provably wrong".to_owned(),
            mends: Vec::new(),
        });
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.verdict));
    Audit {
        verdict: findings
            .iter()
            .map(|f| f.verdict)
            .max()
            .unwrap_or(Verdict::Consistent),
        counts: count(&system, &identities),
        findings,
    }
}

/// Whether some true levels are rounded to all figures of a table: the verdict alone, without its reasons.
#[must_use]
pub fn is_possible(cells: &[PrintedCell], description: &TableDescription) -> bool {
    let system = System::of(cells, description);
    decide(&system.program(&system.decided())).is_possible()
}

fn count(system: &System<'_>, identities: &[(Identity, Standing)]) -> Counts {
    let how_many = |chosen: &dyn Fn(RuleId) -> bool, worst: Standing| {
        let chosen = identities
            .iter()
            .filter(|(identity, _)| chosen(identity.rule));
        let met = chosen.filter(|(_, standing)| match worst {
            Standing::Holds => *standing == Standing::Holds,
            Standing::Explained => *standing != Standing::Violated,
            Standing::Violated => true,
        });
        met.count()
    };
    Counts {
        figures: system.cells.len(),
        additive: how_many(&RuleId::is_additive, Standing::Violated),
        additive_without_residual: how_many(&RuleId::is_additive, Standing::Holds),
        shares: how_many(&RuleId::is_share, Standing::Violated),
        shares_attainable: how_many(&RuleId::is_share, Standing::Explained),
    }
}

/// Sets of figures that exclude each other, no two with a figure in common.
fn contradictions(system: &System<'_>, identities: &[(Identity, Standing)]) -> Vec<Finding> {
    let all = system.decided();
    let mut rest = all.clone();
    let mut sets: Vec<(BTreeSet<usize>, Option<&Identity>)> = Vec::new();
    // A contradiction that one identity shows is told by it, for it is read most easily.
    let violated = identities.iter().filter(|(_, s)| *s == Standing::Violated);
    let mut violated: Vec<&Identity> = violated.map(|(identity, _)| identity).collect();
    violated.sort_by_key(|identity| identity.cells().len());
    for identity in violated {
        let cells = identity.cells();
        if cells.is_subset(&rest) && sets.len() < MOST_CONTRADICTIONS {
            let set = irreducible(system, cells);
            rest.retain(|at| !set.contains(at));
            sets.push((set, Some(identity)));
        }
    }
    while sets.len() < MOST_CONTRADICTIONS {
        if decide(&system.program(&rest)).is_possible() {
            break;
        }
        let set = irreducible(system, rest.clone());
        rest.retain(|at| !set.contains(at));
        sets.push((set, None));
    }
    let told = sets.iter().map(|(set, identity)| {
        // What other contradictions name is set aside; else one error would hide that another can be mended.
        let mut active = rest.clone();
        active.extend(set);
        let mut finding = contradiction(system, set, *identity, &active);
        if sets.len() > 1 {
            finding
                .explanation
                .push_str("; each finding has to be mended by itself");
        }
        finding
            .explanation
            .push_str(&also_broken(system, identities, set, *identity));
        finding
    });
    told.collect()
}

/// The other identities that a contradiction's figures break, each with its arithmetic.
fn also_broken(
    system: &System<'_>,
    identities: &[(Identity, Standing)],
    set: &BTreeSet<usize>,
    told: Option<&Identity>,
) -> String {
    let mut text = String::new();
    let violated = identities.iter().filter(|(_, s)| *s == Standing::Violated);
    for (identity, _) in violated {
        let is_told = told.is_some_and(|told| std::ptr::eq(told, identity));
        if !is_told && !identity.cells().is_disjoint(set) {
            let found = identity.arithmetic(system).found;
            text.push_str(&format!("; also impossible: {found} [{}]", identity.rule));
        }
    }
    text
}

fn contradiction(
    system: &System<'_>,
    set: &BTreeSet<usize>,
    identity: Option<&Identity>,
    active: &BTreeSet<usize>,
) -> Finding {
    let mends = mends(system, set, active);
    let (rule, arithmetic) = match identity {
        Some(identity) => (identity.rule, identity.arithmetic(system)),
        None => together(system, set),
    };
    let mended = match mends.as_slice() {
        [] => "no single figure can mend it".to_owned(),
        some => {
            let changes = some
                .iter()
                .map(|m| format!("{} from {} to {}", m.cell, m.from, m.to));
            format!(
                "it is mended by {}",
                changes.collect::<Vec<_>>().join(", or ")
            )
        }
    };
    Finding {
        rule,
        verdict: Verdict::ProvablyInconsistent,
        cells: set.iter().map(|&at| system.cells[at].key.clone()).collect(),
        expected: arithmetic.expected,
        found: arithmetic.found,
        explanation: format!("{}; {mended}", arithmetic.explanation),
        mends,
    }
}

/// What is said of figures that exclude each other where no single identity shows it.
fn together(system: &System<'_>, set: &BTreeSet<usize>) -> (RuleId, Arithmetic) {
    let found: Vec<String> = set
        .iter()
        .map(|&at| format!("{} = {}", system.cells[at].key, system.cells[at].value))
        .collect();
    let found = found.join(", ");
    let mut members = set.iter();
    if let (Some(&at), None) = (members.next(), members.next()) {
        let negative = matches!(system.meanings[at], Meaning::Amount(_))
            && system.cells[at].interval().upper.is_negative();
        let (rule, expected) = if negative {
            (RuleId::LevelSign, "a flow of zero or more")
        } else {
            (RuleId::System, "a figure that some true levels have")
        };
        let arithmetic = Arithmetic {
            expected: expected.to_owned(),
            found,
            explanation: "no true levels have this figure".to_owned(),
        };
        return (rule, arithmetic);
    }
    let arithmetic = Arithmetic {
        expected: "one set of true levels that is rounded to all these figures".to_owned(),
        found,
        explanation: format!(
            "the rounding intervals of these {} figures exclude each other, and those of any {} of them do not",
            set.len(),
            set.len() - 1
        ),
    };
    (RuleId::System, arithmetic)
}

fn undecided(system: &System<'_>) -> Vec<Finding> {
    let mut by_reason: BTreeMap<(RuleId, &str), Vec<usize>> = BTreeMap::new();
    for (at, meaning) in system.meanings.iter().enumerate() {
        if let Meaning::Undecided(reason) = meaning {
            let rule = RuleId::of(system.cells[at].key.indicator);
            by_reason.entry((rule, reason)).or_default().push(at);
        }
    }
    let told = by_reason
        .into_iter()
        .map(|((rule, reason), cells)| Finding {
            rule,
            verdict: Verdict::NotDecided,
            expected: String::new(),
            found: format!("{} {}", cells.len(), rule.noun()),
            explanation: reason.to_owned(),
            cells: cells
                .iter()
                .map(|&at| system.cells[at].key.clone())
                .collect(),
            mends: Vec::new(),
        });
    told.collect()
}

fn explained(system: &System<'_>, identities: &[(Identity, Standing)]) -> Vec<Finding> {
    let residual = identities.iter().filter(|(_, s)| *s == Standing::Explained);
    let told = residual.map(|(identity, _)| {
        let Arithmetic {
            expected,
            found,
            explanation,
        } = identity.arithmetic(system);
        Finding {
            rule: identity.rule,
            verdict: Verdict::ExplainedByRounding,
            cells: identity
                .cells()
                .iter()
                .map(|&at| system.cells[at].key.clone())
                .collect(),
            expected,
            found,
            explanation,
            mends: Vec::new(),
        }
    });
    told.collect()
}

fn summaries(identities: &[(Identity, Standing)]) -> Vec<Finding> {
    let told = RuleId::ALL.iter().filter_map(|&rule| {
        let of_rule = identities
            .iter()
            .filter(|(identity, _)| identity.rule == rule);
        let (all, hold) = of_rule.fold((0, 0), |(all, hold), (_, standing)| {
            (all + 1, hold + usize::from(*standing == Standing::Holds))
        });
        // A rule that some figures break is told by the contradiction that they are in.
        let broken = identities
            .iter()
            .any(|(identity, s)| identity.rule == rule && *s == Standing::Violated);
        (hold > 0 && !broken).then(|| Finding {
            rule,
            verdict: Verdict::Consistent,
            cells: Vec::new(),
            expected: format!("{all} {}", rule.noun()),
            found: format!("{hold} hold to the last printed decimal"),
            explanation: String::new(),
            mends: Vec::new(),
        })
    });
    told.collect()
}
