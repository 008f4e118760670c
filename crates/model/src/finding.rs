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

/// A level that a release does not print, and the two values between which its print proves it to lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundedLevel {
    /// Which level or net.
    pub key: FigureKey,
    /// The smallest value that is possible, in millions of euro.
    pub lower: Decimal,
    /// The largest value that is possible, in millions of euro.
    pub upper: Decimal,
}
