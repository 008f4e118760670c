//! The services over a lake in memory, as a caller meets them.

mod changes;
mod codelists;
mod confidential;
mod contributions;
mod detail;
mod reconciliation;
mod state;
mod support;
mod undefined;
