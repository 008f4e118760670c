//! Data messages of SDMX, in all their formats.

pub mod csv;
pub mod message;
