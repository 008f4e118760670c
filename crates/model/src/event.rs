//! What happens to a release after it was taken in: appended to its history, never edited into it.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{Instant, Release, ReleaseId, Withdrawal};

/// Something that happened to a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// To which one.
    pub release: ReleaseId,
    /// When it was recorded, which is when it begins to count.
    pub recorded_at: Instant,
    /// What happened.
    pub change: Change,
}

/// What can happen to a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// It is taken back. Under embargo, the public never learns of it; later, it is shown as withdrawn.
    Withdrawn {
        /// Why, in the publisher's words.
        because: String,
    },
    /// The end of its embargo is moved.
    Rescheduled {
        /// From when on the public may see it.
        published_at: Instant,
    },
}

/// Why something cannot happen to a release.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// It was taken back before.
    #[error("the release {0} is withdrawn already")]
    Withdrawn(ReleaseId),
    /// The public has seen it: what is published stays published.
    #[error("the release {0} is public already; withdraw it, or take in a correction")]
    Public(ReleaseId),
    /// The end of an embargo cannot lie in the past.
    #[error("{0:?} lies in the past; to publish now, name the present instant")]
    Past(Instant),
    /// It ends so soon that somebody may have seen it before this is recorded.
    #[error("the embargo of {0} ends within seconds; withdraw the release once it is public")]
    TooLate(ReleaseId),
    /// A partial update of it would show its figures without it, or before it is public itself.
    #[error(
        "the release {0} is a partial update of it and would show its figures; withdraw that first"
    )]
    BuiltUpon(ReleaseId),
    /// A partial update that waits for its time was made without it, and would undo it.
    #[error(
        "the release {0}, under embargo, is a partial update that was made without it and would undo it; withdraw that first, and make it anew"
    )]
    Undone(ReleaseId),
    /// It is a partial update that was made without another release, and would undo that.
    #[error(
        "it is a partial update that was made without the release {0}, and would undo that; withdraw it, and make it anew"
    )]
    Undoes(ReleaseId),
    /// It is a partial update, and would show the figures of what it builds on.
    #[error(
        "it is a partial update of the release {0}, which is published only at {1:?}; publish that first"
    )]
    BuildsOn(ReleaseId, Instant),
}

impl Change {
    /// Whether this can happen at `now` to `release`, given `all` releases of its dataflow.
    ///
    /// # Errors
    /// With the reason.
    pub fn allowed<'a>(
        &self,
        release: &Release,
        all: impl IntoIterator<Item = &'a Release>,
        now: Instant,
    ) -> Result<(), NotAllowed> {
        if release.withdrawn.is_some() {
            return Err(NotAllowed::Withdrawn(release.id.clone()));
        }
        if release.published_at > now && release.published_at - now < TOO_LATE {
            return Err(NotAllowed::TooLate(release.id.clone()));
        }
        let until = match self {
            Self::Withdrawn { .. } => None,
            Self::Rescheduled { .. } if release.published_at <= now => {
                return Err(NotAllowed::Public(release.id.clone()));
            }
            Self::Rescheduled { published_at } if *published_at < now => {
                return Err(NotAllowed::Past(*published_at));
            }
            Self::Rescheduled { published_at } => Some(*published_at),
        };
        let all: Vec<&Release> = all.into_iter().collect();
        for other in all.iter().filter(|other| other.withdrawn.is_none()) {
            let earlier = until.is_none_or(|until| other.published_at < until);
            if other.builds_on.as_ref() == Some(&release.id) && earlier {
                return Err(NotAllowed::BuiltUpon(other.id.clone()));
            }
            let later = until.is_some_and(|until| other.published_at > until);
            if release.builds_on.as_ref() == Some(&other.id) && later {
                return Err(NotAllowed::BuildsOn(other.id.clone(), other.published_at));
            }
        }
        match until {
            None => Ok(()),
            Some(until) => {
                let mut moved = release.clone();
                moved.published_at = until;
                moved.undone_or_undoing(all, now)
            }
        }
    }
}

/// How long before the end of an embargo nothing can happen to it any more: recording it takes a while.
const TOO_LATE: TimeDelta = TimeDelta::seconds(5);

impl Release {
    /// Whether a partial update among `all` that is not public at `now` was made without this release and would undo
    /// it, or this one is such an update: one lies between the other and what that builds on, and both write a period.
    ///
    /// # Errors
    /// With the other one.
    pub fn undone_or_undoing<'a>(
        &self,
        all: impl IntoIterator<Item = &'a Self>,
        now: Instant,
    ) -> Result<(), NotAllowed> {
        let all: Vec<&Self> = all.into_iter().collect();
        let base = |update: &Self| {
            let base = update.builds_on.as_ref()?;
            let found = all.iter().find(|other| other.id == *base)?;
            Some(found.published_at)
        };
        let observed = |of: &Self, period| {
            of.slice(period)
                .is_some_and(|slice| slice.observations.is_some())
        };
        let both_write = |a: &Self, b: &Self| {
            let mut periods = a.periods();
            periods.any(|period| observed(a, period) && observed(b, period))
        };
        let skips = |update: &Self, other: &Self| {
            update.published_at > now
                && base(update).is_some_and(|base| base <= other.published_at)
                && other.published_at <= update.published_at
                && update.builds_on.as_ref() != Some(&other.id)
                && both_write(update, other)
        };
        for other in all
            .iter()
            .filter(|other| other.withdrawn.is_none() && other.id != self.id)
        {
            if skips(other, self) {
                return Err(NotAllowed::Undone(other.id.clone()));
            }
            // What the base itself came after, at the same instant, is no news.
            if skips(self, other) && base(self) < Some(other.published_at) {
                return Err(NotAllowed::Undoes(other.id.clone()));
            }
        }
        Ok(())
    }

    /// Counts what happened to the release, in the order in which it was recorded.
    pub fn apply(&mut self, event: &Event) {
        match &event.change {
            Change::Withdrawn { because } => {
                self.withdrawn = Some(Withdrawal {
                    at: event.recorded_at,
                    because: because.clone(),
                });
            }
            Change::Rescheduled { published_at } => self.published_at = *published_at,
        }
    }
}
