//! Readers and writers of release files: bytes in, cells and issues out.
//!
//! Invariant: nothing here does I/O, reads a clock, or guesses. What can be read two ways is an [`Issue`].

mod csv;
pub mod data_file;
pub mod figure_list;
mod issue;
pub mod mapping;
pub mod press_table;
pub mod sdmx;
mod sniff;
mod text;
pub mod write;

pub use issue::{Issue, Issues, Rule};
pub use mapping::Mappings;
pub use press_table::Reading;
pub use sniff::{Kind, sniff};
