//! Text of cells with a separator between them (RFC 4180), as data files and lists of figures are written.
//!
//! A reader that takes broken quotation marks as they come would lose the rows that they swallow; here they are an issue.

mod block;
mod number;
mod records;
mod row;
#[cfg(test)]
mod tests;

pub(crate) use block::{Block, Line, MARGIN};
pub(crate) use number::Number;
pub(crate) use records::{Records, separator};
pub(crate) use row::{Record, Row, Width};

use crate::text::Form;

/// The size from which on a list of figures is refused.
pub const MAXIMUM_BYTES: usize = 64 << 20;

pub(crate) const FORM: Form = Form {
    name: "a list of figures",
    maximum: MAXIMUM_BYTES,
    advice: "save it as text in csv",
};
