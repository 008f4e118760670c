//! The languages in which labels, caveats and tables come.

use crate::error::{Vocabulary, words};

/// A language, by its ISO 639-1 tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Language {
    /// French.
    Fr,
    /// Dutch.
    Nl,
    /// German.
    De,
    /// English.
    #[default]
    En,
}

words!(Language, Vocabulary::Language, { Fr => "fr", Nl => "nl", De => "de", En => "en" });

impl Language {
    /// The mark between units and tenths in print.
    #[must_use]
    pub const fn decimal_mark(self) -> char {
        match self {
            Self::Fr | Self::Nl | Self::De => ',',
            Self::En => '.',
        }
    }

    /// The mark between thousands in print.
    #[must_use]
    pub const fn group_mark(self) -> char {
        match self {
            Self::Fr | Self::Nl | Self::De => '.',
            Self::En => ',',
        }
    }
}
