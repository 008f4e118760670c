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

impl Dataflow {
    /// The frequency of its periods, a code of CL_FREQ.
    #[must_use]
    pub const fn frequency(self) -> &'static str {
        match self {
            Self::Regtrd => "A",
            Self::Exttrade => "M",
        }
    }

    /// Whether its keys have the dimension CONCEPT.
    #[must_use]
    pub const fn has_concept(self) -> bool {
        matches!(self, Self::Exttrade)
    }
}

/// The concept of foreign-trade statistics: which goods that cross the border are trade of the country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Concept {
    /// National: trade of residents alone.
    Nat,
    /// Community: all goods that enter or leave, also those of non-residents (IMTS).
    Com,
}

words!(Concept, Vocabulary::Concept, { Nat => "NAT", Com => "COM" });
