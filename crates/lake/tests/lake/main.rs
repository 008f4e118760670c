//! A real Delta table, in folders and in memory: what is committed is there whole, what is not is not there at all.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod contention;
mod events;
mod slices;
mod storage;
mod support;
mod verify;
mod vintages;
