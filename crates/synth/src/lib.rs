//! Synthetic observations: detail that nobody has published, fitted to totals that were.
//!
//! [`regtrd`] makes the regional breakdown of 2019 to 2024 by product, partner and activity. Rounded, its totals give
//! every figure that the table of the release of 2024 prints; what lies below them is drawn. [`exttrade`] makes
//! monthly foreign trade in goods of any size. Both give the same observations for the same options on every machine.
//! `docs/synthetic.md` says what they are and what they are not.
//!
//! Invariant: nothing here is a statistic, and who writes it down marks it so: agency [`AGENCY`].
//! Invariant: sums are of integers, in euro. No float is used at all.

mod apportion;
mod axis;
mod draw;
mod exttrade;
mod regtrd;
mod tables;

pub use exttrade::{ExttradeOptions, exttrade};
pub use regtrd::{Activities, Products, RegtrdOptions, regtrd};

/// The agency of the structure that marks a file as synthetic, as in `SYNTH:REGTRD(1.0)`.
pub const AGENCY: &str = "SYNTH";

/// How many decimals of a million euro each value has: it is exact to the euro.
const DECIMALS: u32 = 6;

/// How many decimals the release of 2024 prints of a million euro.
const PRINTED_DECIMALS: u32 = 1;
