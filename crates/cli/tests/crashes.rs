//! Crashes and copies: `kill -9` in the middle of an ingest, two ingests at once, and backups while releases come in,
//! with processes of their own over a lake in a folder. A full disk is in `tests/full-disk.sh`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "what the kills hit is worth reading")]

mod support;

mod crashes {
    pub mod at_once;
    pub mod copies;
    pub mod hand_in;
    pub mod killed;
}
