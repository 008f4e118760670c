//! Data messages of SDMX, in all their formats.

pub mod csv;
pub mod envelope;
pub mod format;
pub mod json;
mod levels;
pub mod message;
pub mod ml;
mod reference;
mod stream;
