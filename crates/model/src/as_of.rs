//! Which vintage an answer is given from.

use crate::{Instant, Release, ReleaseId};

/// The vintage that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AsOf {
    /// By publication.
    pub at: At,
    /// Leaves out what was loaded later; `None`: leaves out nothing.
    pub known_at: Option<Instant>,
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

impl AsOf {
    /// The release to answer from, out of `newest_first`: releases of one dataflow, ordered by publication and,
    /// where that is equal, by commit.
    pub fn choose<'a>(
        &self,
        newest_first: impl IntoIterator<Item = &'a Release>,
    ) -> Option<&'a Release> {
        newest_first.into_iter().find(|release| {
            let known = self
                .known_at
                .is_none_or(|instant| release.loaded_at <= instant);
            known
                && match &self.at {
                    At::Latest => true,
                    At::PublishedBy(instant) => release.published_at <= *instant,
                    At::Release(id) => release.id == *id,
                }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dataflow, Digest, Edition};

    fn instant(day: u32) -> Instant {
        chrono::NaiveDate::from_ymd_opt(2025, 1, day)
            .unwrap()
            .and_hms_opt(0, 0, 0)
            .unwrap()
            .and_utc()
    }

    fn release(edition: &str, published: u32, loaded: u32) -> Release {
        let edition: Edition = edition.parse().unwrap();
        Release {
            id: ReleaseId::derive(Dataflow::Regtrd, &edition, &Digest([0; 32])),
            dataflow: Dataflow::Regtrd,
            edition,
            published_at: instant(published),
            loaded_at: instant(loaded),
            digest: Digest([0; 32]),
            files: vec![],
            periods: vec![],
            notes: vec![],
            findings: vec![],
            accepted_because: None,
        }
    }

    #[test]
    fn the_newest_published_by_an_instant_is_chosen_among_what_was_known() {
        let newest_first = [
            release("c", 20, 20),
            release("b", 10, 25),
            release("a", 5, 5),
        ];
        let chosen = |as_of: AsOf| as_of.choose(&newest_first).map(|r| r.edition.to_string());
        let by = |day, known: Option<u32>| AsOf {
            at: At::PublishedBy(instant(day)),
            known_at: known.map(instant),
        };
        assert_eq!(chosen(AsOf::default()).as_deref(), Some("c"));
        assert_eq!(chosen(by(19, None)).as_deref(), Some("b"));
        assert_eq!(
            chosen(by(19, Some(24))).as_deref(),
            Some("a"),
            "b was loaded late"
        );
        assert_eq!(
            chosen(by(20, None)).as_deref(),
            Some("c"),
            "an instant includes itself"
        );
        assert_eq!(chosen(by(4, None)), None);
        let this = AsOf {
            at: At::Release(newest_first[1].id.clone()),
            known_at: None,
        };
        assert_eq!(chosen(this).as_deref(), Some("b"));
    }
}
