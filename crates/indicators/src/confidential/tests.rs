//! What masks hide.
