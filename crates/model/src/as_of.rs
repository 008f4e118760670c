//! Which vintage an answer is given from.

use std::collections::BTreeMap;

use crate::{Instant, Period, Release, ReleaseId};

/// The vintage that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AsOf {
    /// By publication.
    pub at: At,
    /// Leaves out what was loaded, and what was withdrawn, later than this; `None`: leaves out nothing.
    pub known_at: Option<Instant>,
    /// Of a release that was chosen for an instant: that instant, or [`AsOf::EVER`] for the latest. Withdrawals up to it
    /// count. `None`: those up to its own publication.
    pub seen_at: Option<Instant>,
}

/// The vintage that is asked for, by publication.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum At {
    /// The newest release there is.
    #[default]
    Latest,
    /// The newest release published at this instant or before.
    PublishedBy(Instant),
    /// This release.
    Release(ReleaseId),
}

/// What could be known of a dataflow: a release, and those before it that it leaves standing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vintage<'a> {
    head: &'a Release,
    before: Vec<&'a Release>,
}

impl AsOf {
    /// After all instants: the last second of the year 9999.
    pub const EVER: Instant = match Instant::from_timestamp(253_402_300_799, 0) {
        Some(instant) => instant,
        None => Instant::MAX_UTC,
    };

    /// The same, as it is known from `releases` now: it stays the same, whatever is loaded or withdrawn later.
    #[must_use]
    pub fn pinned<'a>(&self, releases: impl IntoIterator<Item = &'a Release>) -> Self {
        let last = releases.into_iter().map(|release| {
            let withdrawn = release.withdrawn.as_ref().map(|withdrawal| withdrawal.at);
            withdrawn.map_or(release.loaded_at, |at| at.max(release.loaded_at))
        });
        Self {
            known_at: self.known_at.or_else(|| last.max()),
            ..self.clone()
        }
    }

    /// One release, as of its own publication.
    #[must_use]
    pub fn release(id: ReleaseId) -> Self {
        Self {
            at: At::Release(id),
            ..Self::default()
        }
    }

    /// The vintage that is meant, out of `newest_first`: the releases of one dataflow that the asker may see, ordered
    /// by publication and, where that is equal, by commit. `None` where there is none.
    pub fn vintage<'a>(
        &self,
        newest_first: impl IntoIterator<Item = &'a Release>,
    ) -> Option<Vintage<'a>> {
        let mut known = newest_first.into_iter().filter(|release| {
            self.known_at
                .is_none_or(|instant| release.loaded_at <= instant)
        });
        let (head, seen_at) = match &self.at {
            At::Release(id) => {
                let head = known.find(|release| release.id == *id)?;
                (head, Some(self.seen_at.unwrap_or(head.published_at)))
            }
            At::Latest => (known.find(|release| self.stands(release, None))?, None),
            At::PublishedBy(by) => {
                let by = Some(*by);
                let chosen = known.find(|release| {
                    by.is_some_and(|by| release.published_at <= by) && self.stands(release, by)
                });
                (chosen?, by)
            }
        };
        let before = known
            .filter(|release| self.stands(release, seen_at))
            .collect();
        Some(Vintage { head, before })
    }

    /// Whether a release was not withdrawn yet, as seen at an instant.
    fn stands(&self, release: &Release, seen_at: Option<Instant>) -> bool {
        let counts = |at: Instant| {
            seen_at.is_none_or(|seen| at <= seen) && self.known_at.is_none_or(|known| at <= known)
        };
        !release
            .withdrawn
            .as_ref()
            .is_some_and(|withdrawal| counts(withdrawal.at))
    }

    /// The same vintage, named by its release as it is seen at the instant that was asked for.
    #[must_use]
    pub fn resolved(&self, head: &Release) -> Self {
        Self {
            at: At::Release(head.id.clone()),
            known_at: self.known_at,
            seen_at: match &self.at {
                At::Latest => Some(Self::EVER),
                At::PublishedBy(instant) => Some(*instant),
                At::Release(_) => self.seen_at,
            },
        }
    }

    /// The releases of which nobody can say whether they were public at the instant that was asked for: their date is
    /// known to the day, month or year alone, and the instant lies in it.
    pub fn uncertain<'a>(
        &self,
        newest_first: impl IntoIterator<Item = &'a Release>,
    ) -> Vec<&'a Release> {
        let asked = match &self.at {
            At::PublishedBy(instant) => Some(*instant),
            At::Release(_) => self.seen_at,
            At::Latest => None,
        };
        let maybe = |release: &&Release| {
            let known = self.known_at.is_none_or(|known| release.loaded_at <= known);
            let within =
                asked.is_some_and(|at| release.published_from() <= at && at < release.published_at);
            known && within && self.stands(release, asked)
        };
        newest_first.into_iter().filter(maybe).collect()
    }
}

impl<'a> Vintage<'a> {
    /// The newest release, of which the prints are.
    #[must_use]
    pub const fn head(&self) -> &'a Release {
        self.head
    }

    /// Of each period that has observations, the release that has them: the newest that wrote the period.
    #[must_use]
    pub fn slices(&self) -> BTreeMap<Period, &'a Release> {
        let mut slices = BTreeMap::new();
        for release in std::iter::once(self.head).chain(self.before.iter().copied()) {
            for slice in release.slices.iter().filter(|s| s.observations.is_some()) {
                slices.entry(slice.period).or_insert(release);
            }
        }
        slices
    }
}

#[cfg(test)]
mod tests;
