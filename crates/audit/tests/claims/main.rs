//! Claims of texts, held against the 2024 release.

#![cfg(test)]

mod dutch_english_german;
mod french;
mod french_movements;
mod mutations;
mod support;
