//! Releases: immutable, named by what they contain.

use std::{fmt, str::FromStr, sync::Arc};

use chrono::{Datelike as _, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::{
    Dataflow, Finding, Instant, Period,
    error::{InvalidCode, Vocabulary, serde_as_text, words},
};

/// A SHA-256 digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let text: String = digits.map(digit).collect();
        f.pad(&text)
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
            let nibble = |digit: u8| match digit {
                b'0'..=b'9' => digit - b'0',
                _ => (digit | 32) - b'a' + 10,
            };
            for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
                *byte = nibble(digits[0]) << 4 | nibble(digits[1]);
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
pub struct ReleaseId(Arc<str>);

impl ReleaseId {
    /// The id of the release of `dataflow` and `edition` whose files have `digest`.
    #[must_use]
    pub fn derive(dataflow: Dataflow, edition: &Edition, digest: &Digest) -> Self {
        let digest = digest.to_string();
        Self(format!("{dataflow}-{edition}-{}", &digest[..16]).into())
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
            Ok(Self(text.into()))
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

/// How precisely the publication of a release is dated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum DatePrecision {
    /// To the instant.
    #[default]
    Instant,
    /// To the day, of UTC.
    Day,
    /// To the month.
    Month,
    /// To the year.
    Year,
}

words!(DatePrecision, Vocabulary::DatePrecision, {
    Instant => "INSTANT", Day => "DAY", Month => "MONTH", Year => "YEAR",
});

/// What a release is for a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RevisionKind {
    /// No release before it has figures of the period.
    First,
    /// New source data, as every year.
    Routine,
    /// New methods, classifications or benchmarks.
    Major,
    /// A mistake is put right.
    Correction,
}

words!(RevisionKind, Vocabulary::RevisionKind, {
    First => "FIRST_RELEASE",
    Routine => "ROUTINE_REVISION",
    Major => "MAJOR_REVISION",
    Correction => "CORRECTION",
});

/// One period of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    /// The period that it has figures of.
    pub period: Period,
    /// What the release is for it.
    pub kind: RevisionKind,
    /// The observations of the period, whole; `None` where the release only prints figures of it.
    pub observations: Option<SliceObservations>,
}

/// All observations of a period, as one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SliceObservations {
    /// How many there are.
    pub rows: u64,
    /// SHA-256 over them, in the order of their keys: equal digests, equal observations.
    pub digest: Digest,
    /// How many of them are not free for publication.
    #[serde(default)]
    pub confidential: u64,
}

/// That a release was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// From when on it counts no more.
    pub at: Instant,
    /// Why, in the publisher's words.
    pub because: String,
}

/// The record of a release, with what happened to it since. What was stored of it never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Derived from dataflow, edition and digest.
    pub id: ReleaseId,
    /// The statistics that it is a release of.
    pub dataflow: Dataflow,
    /// The publisher's name for it.
    pub edition: Edition,
    /// From when on the public may see it; where the date is known to the day, month or year alone, the end of that.
    pub published_at: Instant,
    /// How precisely that is known.
    #[serde(default)]
    pub published_precision: DatePrecision,
    /// When it was committed.
    pub loaded_at: Instant,
    /// Of all its files together: SHA-256 over the sorted digests of the files.
    pub digest: Digest,
    /// What was handed in.
    pub files: Vec<SourceFile>,
    /// The periods that it has figures of, in order.
    pub slices: Vec<Slice>,
    /// What its publisher says that it is, for periods that were released before.
    #[serde(default)]
    pub revision: Option<RevisionKind>,
    /// The release that a partial update was applied to.
    #[serde(default)]
    pub builds_on: Option<ReleaseId>,
    /// Whether its figures were made up by a generator, and are nobody's statistics.
    #[serde(default)]
    pub synthetic: bool,
    /// What the publisher says of the release as a whole, to travel with its figures.
    pub notes: Vec<String>,
    /// What the audit found that is more than a gap of rounding. Not empty only where it was accepted.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// Why a release with such findings was taken in all the same.
    #[serde(default)]
    pub accepted_because: Option<String>,
    /// That it was taken back.
    #[serde(default)]
    pub withdrawn: Option<Withdrawal>,
}

impl Release {
    /// The periods that it has figures of, in order.
    pub fn periods(&self) -> impl Iterator<Item = Period> {
        self.slices.iter().map(|slice| slice.period)
    }

    /// The slice of a period.
    #[must_use]
    pub fn slice(&self, period: Period) -> Option<&Slice> {
        self.slices.iter().find(|slice| slice.period == period)
    }

    /// The first instant at which it may have been public: `published_at` where that is known to the instant, else
    /// the beginning of the day, month or year.
    #[must_use]
    pub fn published_from(&self) -> Instant {
        let end = self.published_at.date_naive();
        let first = match self.published_precision {
            DatePrecision::Instant => return self.published_at,
            DatePrecision::Day => Some(end),
            DatePrecision::Month => end.with_day(1),
            DatePrecision::Year => NaiveDate::from_ymd_opt(end.year(), 1, 1),
        };
        let midnight = first.and_then(|day| day.and_hms_opt(0, 0, 0));
        midnight.map_or(self.published_at, |midnight| midnight.and_utc())
    }

    /// Whether it was taken back before the public could see it: then the public never does.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.withdrawn
            .as_ref()
            .is_some_and(|withdrawal| withdrawal.at <= self.published_at)
    }

    /// Whether the public may see at `now` that it exists. One that was taken back later is still seen, as withdrawn.
    #[must_use]
    pub fn is_public(&self, now: Instant) -> bool {
        self.published_at <= now && !self.is_cancelled()
    }
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
    fn a_date_begins_where_its_precision_says() {
        let mut release = Release {
            id: "REGTRD-2015-0123456789abcdef".parse().unwrap(),
            dataflow: Dataflow::Regtrd,
            edition: "2015".parse().unwrap(),
            published_at: "2018-07-31T23:59:59.999999Z".parse().unwrap(),
            published_precision: DatePrecision::Instant,
            loaded_at: "2026-01-01T00:00:00Z".parse().unwrap(),
            digest: Digest([0; 32]),
            files: vec![],
            slices: vec![],
            revision: None,
            builds_on: None,
            notes: vec![],
            findings: vec![],
            accepted_because: None,
            synthetic: false,
            withdrawn: None,
        };
        let mut from = |precision| {
            release.published_precision = precision;
            format!("{:?}", release.published_from())
        };
        assert!(from(DatePrecision::Instant).starts_with("2018-07-31T23:59:59.999999"));
        assert_eq!(from(DatePrecision::Day), "2018-07-31T00:00:00Z");
        assert_eq!(from(DatePrecision::Month), "2018-07-01T00:00:00Z");
        assert_eq!(from(DatePrecision::Year), "2018-01-01T00:00:00Z");
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
