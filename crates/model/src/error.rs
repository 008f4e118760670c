//! What is said of a text that is not a word of the vocabulary.

use std::fmt;

/// The word lists and grammars that a text can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vocabulary {
    /// A reference area code.
    Area,
    /// A dimension by which a whole is broken down.
    Breakdown,
    /// A code of any other list.
    Code,
    /// A concept of foreign-trade statistics.
    Concept,
    /// A confidentiality status.
    ConfStatus,
    /// How contributions are measured.
    ContributionMethod,
    /// A dataflow id.
    Dataflow,
    /// How precisely a date is known.
    DatePrecision,
    /// A digest in hexadecimal.
    Digest,
    /// The name of an edition.
    Edition,
    /// An indicator name.
    Indicator,
    /// An item (transaction) code.
    Item,
    /// A language tag.
    Language,
    /// An observation status.
    ObsStatus,
    /// A time period.
    Period,
    /// A provenance name.
    Provenance,
    /// A release id.
    ReleaseId,
    /// What became of a cell from one vintage to another.
    RevisionClass,
    /// What a release is for a period.
    RevisionKind,
    /// A reason why a figure is undefined.
    Undefined,
    /// A unit code.
    Unit,
}

impl Vocabulary {
    const fn expected(self) -> &'static str {
        match self {
            Self::Area => "a reference area code such as BE, BE1 or BEZ",
            Self::Code => "a code of letters, digits, `_`, `-`, `@` or `$`, at most 64 of them",
            Self::Breakdown => "a breakdown: product, partner, partner-group, activity or region",
            Self::ContributionMethod => {
                "a method of contributions: CAGR_SHARE, MEAN_OF_ANNUAL or SIMPLE"
            }
            Self::Concept => "a concept of foreign-trade statistics: NAT or COM",
            Self::ConfStatus => {
                "a confidentiality status of the SDMX list CL_CONF_STATUS, such as F, N or C"
            }
            Self::Dataflow => "a dataflow: REGTRD or EXTTRADE",
            Self::DatePrecision => "a precision: INSTANT, DAY, MONTH or YEAR",
            Self::Digest => "a SHA-256 digest of 64 hexadecimal digits",
            Self::Edition => {
                "an edition name of letters, digits, `.`, `_` or `-`, at most 64 of them"
            }
            Self::Indicator => {
                "an indicator: level, net, share_of_country, share_of_total, growth, cagr, coverage, contribution, herfindahl or rca"
            }
            Self::Item => "an item: P6, P61, P62, P7, P71, P72, B11, B111 or B112",
            Self::Language => "a language: fr, nl, de or en",
            Self::ObsStatus => {
                "an observation status of the SDMX list CL_OBS_STATUS, such as A, E or P"
            }
            Self::Period => "a period such as 2024, 2024-Q3, 2024-07 or 2019-2024",
            Self::Provenance => "a provenance: COMPUTED, PUBLISHED or BOUNDED",
            Self::ReleaseId => "a release id such as REGTRD-2024-0123456789abcdef",
            Self::RevisionClass => {
                "a class of revisions: changed, unchanged, within_rounding, status_only, added, new_period, deleted or not_printed"
            }
            Self::RevisionKind => {
                "a kind of revision: FIRST_RELEASE, ROUTINE_REVISION, MAJOR_REVISION or CORRECTION"
            }
            Self::Undefined => "a reason for an undefined figure",
            Self::Unit => "a unit: EUR, PC, PP or PURE_NUMB",
        }
    }
}

/// A text is not a word of the vocabulary that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct InvalidCode {
    /// The vocabulary that the text was held against.
    pub vocabulary: Vocabulary,
    /// The text, cut at 80 characters.
    pub found: String,
}

impl InvalidCode {
    /// Says that `found` is not in `vocabulary`.
    #[must_use]
    pub fn new(vocabulary: Vocabulary, found: &str) -> Self {
        Self {
            vocabulary,
            found: found.chars().take(80).collect(),
        }
    }
}

impl fmt::Display for InvalidCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not {}", self.found, self.vocabulary.expected())
    }
}

/// Gives a type that is parsed from text the serde form of that text.
macro_rules! serde_as_text {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text =
                    <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use serde_as_text;

/// Gives an enum whose words are fixed its `ALL`, `as_str`, `Display`, `FromStr` and serde form.
macro_rules! words {
    ($type:ident, $vocabulary:expr, { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $type {
            /// Every value, in the order in which lists show them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that files, the wire and the command line use.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::InvalidCode;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::InvalidCode::new($vocabulary, text)),
                }
            }
        }

        $crate::error::serde_as_text!($type);
    };
}
pub(crate) use words;
