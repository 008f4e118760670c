//! What the audit found, as it stays with a release.

use serde::{Deserialize, Serialize};

use crate::{Decimal, FigureKey};

/// One finding of the audit of a release, in words and arithmetic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The id of the rule, such as `sum.areas`.
    pub rule: String,
    /// `consistent`, `explained_by_rounding`, `not_decided` or `provably_inconsistent`.
    pub verdict: String,
    /// The cells that it is about, such as `P61.BE1.growth.2024`.
    pub cells: Vec<String>,
    /// What the rule expects.
    pub expected: String,
    /// What the table prints.
    pub found: String,
    /// The arithmetic, and what could mend it.
    pub explanation: String,
}

/// What the print of a release proves of a figure: the two values between which it lies, both included.
///
/// Of a level or net that is not printed, and of a printed rate, which the rest of the table narrows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundedFigure {
    /// Which figure.
    pub key: FigureKey,
    /// The smallest value that is possible; levels in millions of euro, rates in percent.
    pub lower: Decimal,
    /// The largest value that is possible.
    pub upper: Decimal,
}
