//! Committing: a release, or what happened to one, is written to files, which one commit makes live, or it starts over.

use chrono::TimeDelta;
use deltalake::{ObjectStore as _, Path, logstore::object_store::ObjectStoreExt as _};
use futures::TryStreamExt as _;
use regtrade_model::{AsOf, Change, Dataflow, Event, Instant, Period, Release, ReleaseId};
use std::{collections::BTreeMap, sync::Arc};

use crate::{
    Committed, Lake, LakeError, Submission,
    files::{self, EVENTS, Written},
    log::content_of,
    rows::{self, Record, Stored},
    schema::Content,
    slices::Plan,
    state::{Entry, State},
    write,
};

/// How often a commit that others overtake is tried.
const TRIES: u32 = 50;

pub(crate) async fn commit(
    lake: &Lake,
    submission: &Submission,
    now: &(dyn Fn() -> Instant + Sync),
) -> Result<Committed, LakeError> {
    let mut release = submission.release.clone();
    let slices = &submission.observations;
    slices.check(&release)?;
    slices.describe(&mut release);
    let store = lake.log.store.object_store(None);
    let mut printed: Option<Vec<Written>> = None;
    let mut observed: Option<(Plan, write::Observations)> = None;
    for _ in 0..TRIES {
        // The state comes first: what is committed after it makes this commit fail, what came before is seen in it.
        let state = lake.log.current_or_new(whole(now())).await?;
        let now = whole(now());
        if submission.published_now {
            // Not as it was handed in: what was committed in between came before it, and it must know of that.
            release.published_at = now;
        }
        if let Some(before) = before(&state, &release) {
            clean(lake, &state, &before.id).await;
            return Ok(Committed::Before(before.clone()));
        }
        if let Some(base) = &release.builds_on {
            check_base(&state, release.dataflow, release.published_at, base)?;
            check_made_from(&state, &release, &submission.made_from)?;
        }
        let of_dataflow = state
            .releases
            .iter()
            .filter(|r| r.dataflow == release.dataflow);
        release.undone_or_undoing(of_dataflow, now)?;
        if printed.is_none() {
            printed = Some(write_printed(lake, &release, submission).await?);
        }
        let plan = slices.plan(&state, &release);
        if observed.as_ref().is_none_or(|(of, _)| *of != plan) {
            let files = write::observations(lake, &state, &release, &plan, slices).await?;
            observed = Some((plan, files));
            // Writing took a while. When it is loaded and published is what it is once the files are there.
            continue;
        }
        release.loaded_at = after_all_public(&state, now);
        let (Some(printed), Some((plan, observations))) = (&printed, &observed) else {
            continue;
        };
        let files: Vec<_> = printed.iter().chain(&observations.files).collect();
        let stored = Stored {
            files: files.iter().map(|file| file.stored.clone()).collect(),
            stored_in: plan.stored_in.clone(),
            sums_of: observations.sums_of.clone(),
            sums_with: observations.sums_with.clone(),
        };
        let sequence = state.next_sequence(release.dataflow);
        let row = rows::of_release(&release, &stored, sequence)?;
        let folder = files::folder_of(&release.id);
        let file = files::encode(&folder, Content::Release, &row)?;
        let file = file.put(&store).await?;
        let actions = files.iter().copied().chain([&file]);
        let actions = actions.map(|file| file.add(now)).collect();
        let entry = Entry::Release(Arc::new(Record {
            release: release.clone(),
            sequence,
            stored,
            path: file.path.clone(),
        }));
        if let Some(after) = lake.log.append(&state, actions, entry, now).await? {
            clean(lake, &after, &release.id).await;
            let release = after.release(&release.id).cloned().unwrap_or(release);
            return Ok(Committed::New(release));
        }
        tracing::debug!("overtaken by another commit; trying again");
    }
    Err(LakeError::Contended(TRIES))
}

pub(crate) async fn record(
    lake: &Lake,
    id: &ReleaseId,
    change: &Change,
    now: &(dyn Fn() -> Instant + Sync),
) -> Result<Release, LakeError> {
    let store = lake.log.store.object_store(None);
    for _ in 0..TRIES {
        let missing = || LakeError::NoRelease(id.clone());
        let state = lake.log.current().await?.ok_or_else(missing)?;
        let release = state.release(id).ok_or_else(missing)?;
        let now = whole(now());
        let dataflow = release.dataflow;
        let others = state.releases.iter().filter(|r| r.dataflow == dataflow);
        change.allowed(release, others, now)?;
        let recorded_at = after_all_public(&state, now).max(release.loaded_at);
        let event = Event {
            release: id.clone(),
            // What the public cannot see yet it never sees, however late the clock says that it is taken back.
            recorded_at: if release.published_at > now {
                recorded_at.min(release.published_at)
            } else {
                recorded_at
            },
            change: change.clone(),
        };
        let sequence = state.next_sequence(dataflow);
        let row = rows::of_event(dataflow, &event, sequence)?;
        let file = files::encode(EVENTS, Content::Event, &row)?;
        let file = file.put(&store).await?;
        let entry = Entry::Event {
            dataflow,
            sequence,
            event,
        };
        let actions = vec![file.add(now)];
        if let Some(after) = lake.log.append(&state, actions, entry, now).await? {
            return after.release(id).cloned().ok_or_else(missing);
        }
        tracing::debug!("overtaken by another commit; trying again");
    }
    Err(LakeError::Contended(TRIES))
}

/// An instant to the microsecond, as the lake stores it.
fn whole(now: Instant) -> Instant {
    Instant::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
}

/// The release that a submission was taken in as before: by its id, or by its bytes under another edition, unless that
/// one was taken back.
fn before<'a>(state: &'a State, release: &Release) -> Option<&'a Release> {
    let same = |known: &&Release| {
        known.dataflow == release.dataflow
            && known.digest == release.digest
            && known.withdrawn.is_none()
    };
    state
        .release(&release.id)
        .or_else(|| state.releases.iter().find(same))
}

/// A partial update is stored only where it was made for what comes right before it, and where no other was made for
/// the same: that one's slices would undo it, or it theirs.
pub(crate) fn check_base(
    state: &State,
    dataflow: Dataflow,
    published_at: Instant,
    base: &ReleaseId,
) -> Result<(), LakeError> {
    let mut others = state.releases.iter().filter(|r| r.withdrawn.is_none());
    if let Some(other) = others.find(|other| other.builds_on.as_ref() == Some(base)) {
        return Err(LakeError::BaseMoved(format!(
            "the partial update was made for the release {base}, and so was {}, which is there already: make the update for that, or withdraw it first",
            other.id
        )));
    }
    let earlier = state.before(dataflow, published_at);
    let newest = AsOf::default()
        .vintage(earlier)
        .map(|vintage| vintage.head().id.clone());
    match newest {
        Some(newest) if newest == *base => Ok(()),
        Some(newest) => Err(LakeError::BaseMoved(format!(
            "the partial update was made for the release {base}, and the newest one before it is {newest} now: look at what that changed, and make the update for it"
        ))),
        None => Err(LakeError::BaseMoved(format!(
            "the partial update was made for the release {base}, and no release that counts comes before it: take in a whole release"
        ))),
    }
}

/// A partial update was made from slices of releases; if one of them was withdrawn since, or another came in late, its
/// result is not what it should be.
fn check_made_from(
    state: &State,
    release: &Release,
    made_from: &BTreeMap<Period, ReleaseId>,
) -> Result<(), LakeError> {
    let vintage = AsOf::default().vintage(state.before(release.dataflow, release.published_at));
    let slices = vintage.map(|vintage| vintage.slices()).unwrap_or_default();
    let other = release
        .periods()
        .find(|period| slices.get(period).map(|writer| &writer.id) != made_from.get(period));
    other.map_or(Ok(()), |period| {
        Err(LakeError::BaseMoved(format!(
            "what {period} was when the partial update was read, it is no more: a release was withdrawn or came in late; look at it, and hand the update in again"
        )))
    })
}

/// Now, and after all that the public was shown so far, so that a watcher who was told of that comes back after it. What
/// the public cannot see yet, or never, leaves no trace in it.
fn after_all_public(state: &State, now: Instant) -> Instant {
    let public = state.releases.iter().filter(|known| known.is_public(now));
    let shown = public.map(|known| {
        let visible = known.published_at.max(known.loaded_at);
        let withdrawn = known.withdrawn.as_ref().map(|withdrawal| withdrawal.at);
        withdrawn.map_or(visible, |at| visible.max(at))
    });
    let next = shown.max().map(|last| last + TimeDelta::microseconds(1));
    next.map_or(now, |next| now.max(next))
}

/// Writes the files of what a release prints, which are the same whatever comes before it.
async fn write_printed(
    lake: &Lake,
    release: &Release,
    submission: &Submission,
) -> Result<Vec<Written>, LakeError> {
    let store = lake.log.store.object_store(None);
    let folder = files::folder_of(&release.id);
    let published = rows::of_published(release, &submission.published)?;
    let bounds = rows::of_bounds(release, &submission.bounds)?;
    let mut written = vec![];
    for (content, rows) in [(Content::Published, published), (Content::Bound, bounds)] {
        if rows.num_rows() > 0 {
            let file = files::encode(&folder, content, &rows)?;
            written.push(file.put(&store).await?);
        }
    }
    Ok(written)
}

/// Removes what unfinished commits of a release left in its folder. The release is in the lake, so nobody writes there
/// any more. What cannot be removed does no harm.
async fn clean(lake: &Lake, state: &State, id: &ReleaseId) {
    let Some(record) = state.record(id) else {
        return;
    };
    let folder = files::folder_of(id);
    let store = lake.log.store.object_store(None);
    let left = store
        .list(Some(&Path::from(folder.as_str())))
        .try_filter(|found| {
            let path = found.location.as_ref();
            let name = path.rsplit('/').next().unwrap_or_default();
            let live = path == record.path || record.stored.files.iter().any(|f| f.name == name);
            std::future::ready(!live && content_of(path).is_some())
        })
        .try_collect::<Vec<_>>()
        .await;
    for found in left.unwrap_or_default() {
        if let Err(error) = store.delete(&found.location).await {
            tracing::debug!(%error, "a file of an unfinished commit stays");
        }
    }
}
