//! One module for each command.

pub mod audit;
pub mod bounds;
pub mod codelists;
pub mod completions;
pub mod contributions;
pub mod demo;
pub mod events;
pub mod health;
pub mod ingest;
pub mod key_indicators;
pub mod observations;
pub mod reconcile;
pub mod releases;
pub mod revisions;
pub mod serve;
pub mod structure;
pub mod synth;
pub mod up;
pub mod verify;
pub mod watch;
