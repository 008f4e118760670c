//! Readers and writers of release files: bytes in, cells and issues out.
//!
//! Invariant: nothing here does I/O, reads a clock, or guesses. What can be read two ways is an [`Issue`].

mod csv;
pub mod figure_list;
mod issue;
pub mod press_table;
pub mod sdmx;
pub mod sdmx_csv;
mod sniff;
mod text;
pub mod write;

pub use issue::{Issue, Rule};
pub use press_table::Reading;
pub use sniff::{Kind, sniff};
