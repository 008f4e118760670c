//! Text of cells with a separator between them (RFC 4180), as data files and lists of figures are written.
//!
//! A reader that takes broken quotation marks as they come would lose the rows that they swallow; here they are an issue.

mod number;
mod row;

pub(crate) use number::Number;
pub(crate) use row::{Record, Records, Row, separator};

use crate::text::Form;

/// The size from which on a data file or a list of figures is refused.
pub const MAXIMUM_BYTES: usize = 64 << 20;

pub(crate) const FORM: Form = Form {
    name: "a data file",
    maximum: MAXIMUM_BYTES,
    advice: "save it as text in csv",
};
