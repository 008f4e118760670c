//! Which release changes which years, and when it comes out.

use std::fmt;

use chrono::TimeDelta;
use regtrade_model::{Instant, Period};

use super::CHANGED;
use crate::{error::BenchError, synthetic::Synthetic};

/// Which years the releases after the first one change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Each time the newest ones: what revisions do.
    Newest,
    /// Each time the next ones, and after the last years the first again: the years of the latest vintage come from as
    /// many releases as they can.
    InTurn,
}

impl Shape {
    pub const ALL: [Self; 2] = [Self::Newest, Self::InTurn];

    /// The years that a release writes anew. The first release, number 0, writes all of them.
    pub fn written(self, vintage: u32) -> Vec<Period> {
        let all = Synthetic::periods();
        let Some(later) = vintage.checked_sub(1) else {
            return all;
        };
        let later = usize::try_from(later).unwrap_or_default();
        let first = match self {
            Self::Newest => all.len() - CHANGED,
            Self::InTurn => later * CHANGED % all.len(),
        };
        let chosen = (first..first + CHANGED).map(|at| all[at % all.len()]);
        chosen.collect()
    }

    /// Which version of a year is in force after a release.
    pub fn version(self, period: Period, vintage: u32) -> u32 {
        let newest = (0..=vintage).rev();
        let mut writers = newest.filter(|vintage| self.written(*vintage).contains(&period));
        writers.next().unwrap_or_default()
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Newest => "newest 3 years",
            Self::InTurn => "3 years in turn",
        })
    }
}

/// When a release comes out: the first one on 1 January 2025, and one each day.
///
/// # Errors
/// Never, where the calendar is as it is.
pub fn published_at(vintage: u32) -> Result<Instant, BenchError> {
    let first: Instant = "2025-01-01T10:00:00Z"
        .parse()
        .map_err(|error| BenchError::Made(format!("an instant: {error}")))?;
    Ok(first + TimeDelta::days(vintage.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_years_come_from_the_last_release_and_the_others_from_the_first() {
        let versions = Synthetic::periods()
            .into_iter()
            .map(|period| Shape::Newest.version(period, 99));
        let versions: Vec<_> = versions.collect();
        assert_eq!(versions[..20], [0; 20]);
        assert_eq!(versions[20..], [99; 3]);
    }

    #[test]
    fn years_in_turn_come_from_as_many_releases_as_they_can() {
        let versions = Synthetic::periods()
            .into_iter()
            .map(|period| Shape::InTurn.version(period, 99));
        let versions: std::collections::BTreeSet<_> = versions.collect();
        assert_eq!(
            versions.into_iter().collect::<Vec<_>>(),
            (92..=99).collect::<Vec<_>>()
        );
    }
}
