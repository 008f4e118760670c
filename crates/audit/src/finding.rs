//! What an audit says: verdicts, findings and what would mend them.

use std::{collections::BTreeSet, fmt};

use regtrade_model::{Decimal, PrintedCell};

use crate::{cell::CellKey, rules::RuleId};

/// How figures stand to each other, from the lightest to the gravest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// They agree to the last printed decimal.
    Consistent,
    /// They differ by what rounding explains.
    ExplainedByRounding,
    /// They do not say enough, or not in a way that this audit decides.
    NotDecided,
    /// No set of unrounded figures is printed so.
    ProvablyInconsistent,
}

impl Verdict {
    /// The word that files and the command line use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Consistent => "consistent",
            Self::ExplainedByRounding => "explained_by_rounding",
            Self::NotDecided => "not_decided",
            Self::ProvablyInconsistent => "provably_inconsistent",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One thing that the audit found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// By which rule.
    pub rule: RuleId,
    /// How the figures stand to each other.
    pub verdict: Verdict,
    /// The figures. Where the verdict is [`Verdict::ProvablyInconsistent`] they exclude each other, and without any
    /// one of them the others do not. Empty where the finding sums up what holds.
    pub cells: Vec<CellKey>,
    /// What the rule asks for.
    pub expected: String,
    /// What the table has.
    pub found: String,
    /// The arithmetic, in words.
    pub explanation: String,
    /// Every figure that alone could mend it, the smallest change first.
    pub mends: Vec<Mend>,
}

/// As it stays with a release: in words.
impl From<&Finding> for regtrade_model::Finding {
    fn from(finding: &Finding) -> Self {
        Self {
            rule: finding.rule.to_string(),
            verdict: finding.verdict.to_string(),
            cells: finding.cells.iter().map(ToString::to_string).collect(),
            expected: finding.expected.clone(),
            found: finding.found.clone(),
            explanation: finding.explanation.clone(),
        }
    }
}

/// The figures of one release as one table: what is printed, and of what is observed all that is not.
#[must_use]
pub fn together(printed: &[PrintedCell], observed: &[PrintedCell]) -> Vec<PrintedCell> {
    let key = |cell: &PrintedCell| {
        (
            cell.item.clone(),
            cell.area.clone(),
            cell.indicator,
            cell.period,
        )
    };
    let there: BTreeSet<_> = printed.iter().map(key).collect();
    let more = observed.iter().filter(|cell| !there.contains(&key(cell)));
    printed.iter().chain(more).cloned().collect()
}

/// A change of one printed figure that makes the table possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mend {
    /// Which figure.
    pub cell: CellKey,
    /// As it is printed.
    pub from: Decimal,
    /// The nearest value, in units of the last printed place, with which the table is possible.
    pub to: Decimal,
}

/// How much was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Printed figures that have a value.
    pub figures: usize,
    /// Identities among printed levels: areas, items, differences.
    pub additive: usize,
    /// Those of them that hold to the last printed decimal.
    pub additive_without_residual: usize,
    /// Printed shares whose levels are printed too.
    pub shares: usize,
    /// Those of them that some levels within the rounding of the printed ones have.
    pub shares_attainable: usize,
}

/// What an audit of a table says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// The gravest verdict of all findings.
    pub verdict: Verdict,
    /// By gravity, the gravest first.
    pub findings: Vec<Finding>,
    /// How much was checked.
    pub counts: Counts,
}
