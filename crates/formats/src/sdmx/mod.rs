//! Data messages of SDMX, in all their formats.

pub mod message;
