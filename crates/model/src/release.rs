//! Releases: immutable, named by what they contain.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    Dataflow, Finding, Instant, Period,
    error::{InvalidCode, Vocabulary, serde_as_text},
};

/// A SHA-256 digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Digest {
    type Err = InvalidCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let mut bytes = [0; 32];
            if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
                return None;
            }
            for (at, byte) in bytes.iter_mut().enumerate() {
                *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
            }
            Some(Self(bytes))
        };
        parse().ok_or_else(|| InvalidCode::new(Vocabulary::Digest, text))
    }
}

serde_as_text!(Digest);

fn is_name(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

/// The name that the publisher gives to an issue of the statistics, such as `2024`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edition(String);

impl Edition {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Period> for Edition {
    fn from(period: Period) -> Self {
        Self(period.to_string())
    }
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for Edition {
    type Err = InvalidCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_name(text, 64) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidCode::new(Vocabulary::Edition, text))
        }
    }
}

serde_as_text!(Edition);

/// The id of a release: dataflow, edition and the first 16 digits of its digest.
///
/// It is the same on every machine that takes in the same bytes, and counts nothing that would betray another release.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseId(String);

impl ReleaseId {
    /// The id of the release of `dataflow` and `edition` whose files have `digest`.
    #[must_use]
    pub fn derive(dataflow: Dataflow, edition: &Edition, digest: &Digest) -> Self {
        let digest = digest.to_string();
        Self(format!("{dataflow}-{edition}-{}", &digest[..16]))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReleaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for ReleaseId {
    type Err = InvalidCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let well_formed = is_name(text, 128) && text.split('-').count() >= 3;
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidCode::new(Vocabulary::ReleaseId, text))
        }
    }
}

serde_as_text!(ReleaseId);

/// A file of a release as it was handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// The name without folders.
    pub name: String,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// How many bytes it has.
    pub bytes: u64,
}

/// The record of a release. Nothing in it changes once it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Derived from dataflow, edition and digest.
    pub id: ReleaseId,
    /// The statistics that it is a release of.
    pub dataflow: Dataflow,
    /// The publisher's name for it.
    pub edition: Edition,
    /// From when on the public may see it.
    pub published_at: Instant,
    /// When it was committed.
    pub loaded_at: Instant,
    /// Of all its files together: SHA-256 over the sorted digests of the files.
    pub digest: Digest,
    /// What was handed in.
    pub files: Vec<SourceFile>,
    /// The periods that it has figures of.
    pub periods: Vec<Period>,
    /// What the publisher says of the release as a whole, to travel with its figures.
    pub notes: Vec<String>,
    /// What the audit found that is more than a gap of rounding. Not empty only where it was accepted.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// Why a release with such findings was taken in all the same.
    #[serde(default)]
    pub accepted_because: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_derived_from_what_the_release_is() {
        let edition: Edition = "2024".parse().unwrap();
        let id = ReleaseId::derive(Dataflow::Regtrd, &edition, &Digest([0xab; 32]));
        assert_eq!(id.as_str(), "REGTRD-2024-abababababababab");
        assert_eq!(id.as_str().parse::<ReleaseId>().unwrap(), id);
    }

    #[test]
    fn names_cannot_smuggle_paths_or_markup() {
        for bad in ["", "a b", "../x", "a/b", "é", &"x".repeat(65)] {
            assert!(bad.parse::<Edition>().is_err(), "{bad} was accepted");
        }
        for bad in ["REGTRD", "REGTRD-2024", "a/b-c-d", ""] {
            assert!(bad.parse::<ReleaseId>().is_err(), "{bad} was accepted");
        }
        assert!("zz".repeat(32).parse::<Digest>().is_err());
    }
}
