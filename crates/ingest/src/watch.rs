//! Telling watchers of releases as they become visible, and as they are withdrawn.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use chrono::TimeDelta;
use regtrade_lake::Lake;
use regtrade_model::{Dataflow, Instant, Release, ReleaseId};
use regtrade_proto::v1::{self, WatchEvent};
use regtrade_service::{
    Cause, Clock, Failure,
    roles::{Role, Roles},
};
use tokio::sync::{Notify, mpsc};
use tonic::Status;

use crate::error::of_lake;

/// How long a release that another process committed may stay unnoticed.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How much later than its instant a release may land: writing it takes a while, and clocks of hosts differ.
const LATE: TimeDelta = TimeDelta::seconds(10);

/// Where a watcher wants to begin.
pub(crate) enum Begin {
    /// With what happens from now on.
    Now,
    /// After a release became visible.
    AfterRelease(ReleaseId),
    /// After what it was told of, the last being the last.
    After(Vec<Moment>),
}

/// Something that a watcher is told, at its place in the order of all such things.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    at: Instant,
    release: ReleaseId,
    is_withdrawal: bool,
}

impl Moment {
    fn text(&self) -> String {
        let kind = if self.is_withdrawal { 'w' } else { 'v' };
        format!("{}.{kind}.{}", self.at.timestamp_micros(), self.release)
    }

    /// Reads a token: the last moments that a watcher was told of.
    pub(crate) fn of_token(token: &str) -> Option<Vec<Self>> {
        token.split(',').map(Self::of).collect()
    }

    fn of(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        let micros = parts.next()?.parse().ok()?;
        let is_withdrawal = match parts.next()? {
            "w" => true,
            "v" => false,
            _ => return None,
        };
        Some(Self {
            at: Instant::from_timestamp_micros(micros)?,
            release: parts.next()?.parse().ok()?,
            is_withdrawal,
        })
    }
}

/// What a watcher asked for, and what it was told already.
pub(crate) struct Watch {
    pub(crate) lake: Lake,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) committed: Arc<Notify>,
    pub(crate) roles: Roles,
    pub(crate) dataflow: Option<Dataflow>,
    told: BTreeSet<Moment>,
}

impl Watch {
    /// Begins where the watcher wants.
    pub(crate) async fn begin(
        lake: Lake,
        clock: Arc<dyn Clock>,
        committed: Arc<Notify>,
        roles: Roles,
        dataflow: Option<Dataflow>,
        begin: Begin,
    ) -> Result<Self, Failure> {
        let mut watch = Self {
            lake,
            clock,
            committed,
            roles,
            dataflow,
            told: BTreeSet::new(),
        };
        let now = watch.clock.now();
        let mut past = watch.moments().await?;
        past.retain(|(moment, _)| moment.at <= now);
        let until = match begin {
            Begin::Now => past.last().map(|(moment, _)| moment.clone()),
            Begin::After(told) => {
                // What landed since may say that it was loaded a little earlier: committing takes a while.
                let last = told.last().map(|last| last.at - LATE);
                let seen = |moment: &Moment| {
                    told.contains(moment) || last.is_none_or(|last| moment.at <= last)
                };
                let past = past.into_iter().map(|(moment, _)| moment);
                watch.told = past.filter(seen).collect();
                return Ok(watch);
            }
            Begin::AfterRelease(id) => {
                let mut of_release = past.iter().map(|(moment, _)| moment);
                let found = of_release.find(|m| m.release == id && !m.is_withdrawal);
                Some(found.cloned().ok_or_else(|| {
                    let message = format!("there is no release {id} to begin after");
                    Failure::new(Cause::NotFound, "RELEASE_NOT_FOUND", message)
                })?)
            }
        };
        let told = past.into_iter().map(|(moment, _)| moment);
        watch.told = told
            .filter(|moment| Some(moment) <= until.as_ref())
            .collect();
        Ok(watch)
    }

    /// All that this watcher is told sooner or later, as things stand, in order.
    async fn moments(&self) -> Result<Vec<(Moment, Release)>, Failure> {
        let releases = self.lake.releases().await;
        let releases = releases.map_err(|error| of_lake(&error))?;
        let preview = self.roles.have(Role::Preview);
        let mut moments = vec![];
        for release in releases.iter() {
            let wanted = self.dataflow.is_none_or(|of| release.dataflow == of);
            if !wanted || (release.is_cancelled() && !preview) {
                continue;
            }
            let visible_at = if preview {
                release.loaded_at
            } else {
                release.published_at.max(release.loaded_at)
            };
            let withdrawn_at = release.withdrawn.as_ref().map(|withdrawal| withdrawal.at);
            let both = [(Some(visible_at), false), (withdrawn_at, true)];
            for (at, is_withdrawal) in both.into_iter().filter_map(|(at, w)| Some((at?, w))) {
                let moment = Moment {
                    at,
                    release: release.id.clone(),
                    is_withdrawal,
                };
                moments.push((moment, release.clone()));
            }
        }
        moments.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(moments)
    }

    /// For the watcher to come back with: what it was told of lately, `last` at the end, and nothing else.
    fn token(&self, last: &Moment) -> String {
        let lately = self
            .told
            .iter()
            .filter(|moment| *moment != last && moment.at > last.at - LATE);
        let texts = lately.chain([last]).map(Moment::text);
        texts.collect::<Vec<_>>().join(",")
    }

    /// Tells `watcher` of each moment, once, until it goes away.
    pub(crate) async fn run(
        mut self,
        watcher: mpsc::Sender<Result<v1::WatchReleasesResponse, Status>>,
    ) {
        loop {
            // Asked for before looking, so that a commit in between is not slept over.
            let committed = Arc::clone(&self.committed);
            let committed = committed.notified();
            // The clock before the lake: what is withdrawn before its instant is never told.
            let now = self.clock.now();
            let moments = match self.moments().await {
                Ok(moments) => moments,
                Err(failure) => {
                    let _ = watcher.send(Err(failure.into())).await;
                    return;
                }
            };
            let mut next = None;
            for (moment, release) in moments {
                if moment.at > now {
                    next = Some(moment.at);
                    break;
                }
                if self.told.insert(moment.clone()) {
                    let mut message = told(&moment, &release);
                    message.resume_token = self.token(&moment);
                    if watcher.send(Ok(message)).await.is_err() {
                        return;
                    }
                }
            }
            let until = next.and_then(|at| (at - now).to_std().ok());
            let pause = until.map_or(LONGEST_PAUSE, |until| {
                until.clamp(Duration::from_millis(1), LONGEST_PAUSE)
            });
            tokio::select! {
                () = committed => {}
                () = tokio::time::sleep(pause) => {}
                () = watcher.closed() => return,
            }
        }
    }
}

/// What is told of a moment: the release as it was then, however late the watcher is told.
fn told(moment: &Moment, release: &Release) -> v1::WatchReleasesResponse {
    let mut release = release.clone();
    let event = if moment.is_withdrawal {
        WatchEvent::Withdrawn
    } else {
        release.withdrawn = None;
        WatchEvent::Visible
    };
    v1::WatchReleasesResponse {
        release: Some(v1::Release::shown(&release, moment.at)),
        event: event.into(),
        resume_token: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_as_the_moment_it_was_made_of() {
        let moment = Moment {
            at: "2026-06-30T10:00:00.000001Z".parse().unwrap(),
            release: "REGTRD-2024.1-0123456789abcdef".parse().unwrap(),
            is_withdrawal: true,
        };
        let earlier = Moment {
            is_withdrawal: false,
            ..moment.clone()
        };
        let token = format!("{},{}", earlier.text(), moment.text());
        assert_eq!(Moment::of_token(&token), Some(vec![earlier, moment]));
        for bad in [
            "",
            "1",
            "1.w",
            "1.x.REGTRD-2024-0123456789abcdef",
            "x.v.y",
            "1.v.no",
        ] {
            assert_eq!(Moment::of_token(bad), None, "{bad}");
        }
    }
}
