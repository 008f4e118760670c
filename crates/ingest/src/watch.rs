//! Telling watchers of releases as they become visible.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use regtrade_lake::Lake;
use regtrade_model::{Dataflow, Instant, Release, ReleaseId};
use regtrade_proto::v1;
use regtrade_service::{
    Cause, Clock, Failure,
    roles::{Role, Roles},
};
use tokio::sync::{Notify, mpsc};
use tonic::Status;

use crate::error::of_lake;

/// How long a release that another process committed may stay unnoticed.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// What a watcher asked for, and what it was told already.
pub(crate) struct Watch {
    pub(crate) lake: Lake,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) committed: Arc<Notify>,
    pub(crate) roles: Roles,
    pub(crate) dataflow: Option<Dataflow>,
    seen: BTreeSet<ReleaseId>,
}

impl Watch {
    /// Begins after `after`, or with what becomes visible from now on.
    pub(crate) async fn begin(
        lake: Lake,
        clock: Arc<dyn Clock>,
        committed: Arc<Notify>,
        roles: Roles,
        dataflow: Option<Dataflow>,
        after: Option<ReleaseId>,
    ) -> Result<Self, Failure> {
        let mut watch = Self {
            lake,
            clock,
            committed,
            roles,
            dataflow,
            seen: BTreeSet::new(),
        };
        let visible = watch.visible().await?;
        let told = match after {
            None => visible.len(),
            Some(id) => {
                let at = visible.iter().position(|release| release.id == id);
                1 + at.ok_or_else(|| {
                    let message = format!("there is no release {id} to begin after");
                    Failure::new(Cause::NotFound, "RELEASE_NOT_FOUND", message)
                })?
            }
        };
        watch.seen = visible
            .into_iter()
            .take(told)
            .map(|release| release.id)
            .collect();
        Ok(watch)
    }

    /// What the watcher may see now, in the order in which it became visible.
    async fn visible(&self) -> Result<Vec<Release>, Failure> {
        let now = self.clock.now();
        let mut releases: Vec<Release> = self.all().await?;
        releases.retain(|release| self.visible_at(release) <= now);
        releases.sort_by_key(|release| (self.visible_at(release), release.id.clone()));
        Ok(releases)
    }

    async fn all(&self) -> Result<Vec<Release>, Failure> {
        let releases = self
            .lake
            .releases()
            .await
            .map_err(|error| of_lake(&error))?;
        let of_dataflow = |release: &&Release| {
            self.dataflow
                .is_none_or(|dataflow| release.dataflow == dataflow)
        };
        Ok(releases.iter().filter(of_dataflow).cloned().collect())
    }

    fn visible_at(&self, release: &Release) -> Instant {
        if self.roles.have(Role::Preview) {
            release.loaded_at
        } else {
            release.published_at.max(release.loaded_at)
        }
    }

    /// Tells `watcher` of each release, once, until it goes away.
    pub(crate) async fn run(
        mut self,
        watcher: mpsc::Sender<Result<v1::WatchReleasesResponse, Status>>,
    ) {
        loop {
            // Asked for before looking, so that a commit in between is not slept over.
            let committed = Arc::clone(&self.committed);
            let committed = committed.notified();
            let visible = match self.visible().await {
                Ok(visible) => visible,
                Err(failure) => {
                    let _ = watcher.send(Err(failure.into())).await;
                    return;
                }
            };
            for release in visible {
                if self.seen.insert(release.id.clone()) {
                    let release = Some(v1::Release::shown(&release, self.clock.now()));
                    if watcher
                        .send(Ok(v1::WatchReleasesResponse { release }))
                        .await
                        .is_err()
                    {
                        return;
                    }
                }
            }
            let pause = self.pause().await;
            tokio::select! {
                () = committed => {}
                () = tokio::time::sleep(pause) => {}
                () = watcher.closed() => return,
            }
        }
    }

    /// Until the next release becomes visible, or for the longest pause.
    async fn pause(&self) -> Duration {
        let now = self.clock.now();
        let releases = self.all().await.unwrap_or_default();
        let next = releases
            .iter()
            .map(|release| self.visible_at(release))
            .filter(|at| *at > now)
            .min();
        let until = next.and_then(|at| (at - now).to_std().ok());
        until.map_or(LONGEST_PAUSE, |until| {
            until.clamp(Duration::from_millis(1), LONGEST_PAUSE)
        })
    }
}
