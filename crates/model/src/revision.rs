//! What becomes of a figure from one vintage to another.

use crate::error::{Vocabulary, words};

/// What became of a cell from an earlier vintage to a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RevisionClass {
    /// The value is another.
    Changed,
    /// The value is the same, and as precise.
    Unchanged,
    /// Both are known so roughly that the same value could stand behind them.
    WithinRounding,
    /// The value is the same, its status is not.
    StatusOnly,
    /// Only the later vintage has it, of a period that both have.
    Added,
    /// Only the later vintage has it, of a period that the earlier one does not have: no revision.
    NewPeriod,
    /// Only the earlier vintage has it: an observation that the later one took out.
    Deleted,
    /// Only the earlier vintage has it: a figure that the later one does not print, which says nothing of its value.
    NotPrinted,
}

words!(RevisionClass, Vocabulary::RevisionClass, {
    Changed => "changed",
    Unchanged => "unchanged",
    WithinRounding => "within_rounding",
    StatusOnly => "status_only",
    Added => "added",
    NewPeriod => "new_period",
    Deleted => "deleted",
    NotPrinted => "not_printed",
});
