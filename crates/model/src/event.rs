//! What happens to a release after it was taken in: appended to its history, never edited into it.

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
    /// A partial update of it would show its figures before it is public itself.
    #[error(
        "the release {0} is a partial update of it and would show its figures; withdraw or postpone that first"
    )]
    BuiltUpon(ReleaseId),
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
        let until = match self {
            Self::Withdrawn { .. } if release.published_at <= now => return Ok(()),
            Self::Withdrawn { .. } => None,
            Self::Rescheduled { .. } if release.published_at <= now => {
                return Err(NotAllowed::Public(release.id.clone()));
            }
            Self::Rescheduled { published_at } if *published_at < now => {
                return Err(NotAllowed::Past(*published_at));
            }
            Self::Rescheduled { published_at } => Some(*published_at),
        };
        for other in all.into_iter().filter(|other| !other.is_cancelled()) {
            let earlier = until.is_none_or(|until| other.published_at < until);
            if other.builds_on.as_ref() == Some(&release.id) && earlier {
                return Err(NotAllowed::BuiltUpon(other.id.clone()));
            }
            let later = until.is_some_and(|until| other.published_at > until);
            if release.builds_on.as_ref() == Some(&other.id) && later {
                return Err(NotAllowed::BuildsOn(other.id.clone(), other.published_at));
            }
        }
        Ok(())
    }
}

impl Release {
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
