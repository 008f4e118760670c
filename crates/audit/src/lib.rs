//! What printed figures prove when each is its rounding interval: identities, bounds, claims.
//!
//! A printed figure stands for all values that are rounded to it. The figures of a table together are inequalities
//! over the true levels ([`audit`] decides whether any levels agree with all of them, and which figures exclude each
//! other where none do; [`bounds`] tells what the levels must have been). Floats propose, rationals prove.
//!
//! Invariant: no I/O, no clock, and no verdict that rests on a float or a tolerance.

mod audit;
mod bounds;
mod cell;
pub mod claims;
mod equations;
mod finding;
mod identities;
mod irreducible;
mod mend;
mod number;
mod optimum;
mod outline;
mod program;
mod rules;
mod simplex;
mod solve;
mod system;

pub use audit::{audit, is_possible};
pub use bounds::{Bound, BoundsError, bounds};
pub use cell::CellKey;
pub use finding::{Audit, Counts, Finding, Mend, Verdict, together};
pub use rules::RuleId;
