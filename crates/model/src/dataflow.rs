//! The two dataflows, which differ by concept and are never added up.

use crate::error::{Vocabulary, words};

/// A dataflow: which statistics, after which concept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dataflow {
    /// Regional breakdown of imports and exports of goods and services, national-accounts concept (ESA 2010), annual.
    Regtrd,
    /// Foreign-trade statistics in goods by region, monthly, national or community concept.
    Exttrade,
}

words!(Dataflow, Vocabulary::Dataflow, { Regtrd => "REGTRD", Exttrade => "EXTTRADE" });
