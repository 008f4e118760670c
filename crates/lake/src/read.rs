//! Reading: the record of a release names its files, and those of another where an equal slice was there before.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use regtrade_model::{
    BoundedFigure, FigureKey, Observation, Period, PublishedFigure, Release, ReleaseId,
};

use crate::{
    Lake, LakeError, files,
    rows::{self, Row, StoredFile},
    schema::Content,
    state::State,
};

pub(crate) async fn published(
    lake: &Lake,
    release: &Release,
) -> Result<Vec<PublishedFigure>, LakeError> {
    let mut figures = vec![];
    for batch in of_release(lake, release, Content::Published).await? {
        figures.extend(rows::to_published(&batch)?);
    }
    figures.sort_by_key(|figure| figure.origin);
    Ok(figures)
}

pub(crate) async fn bounds(
    lake: &Lake,
    release: &Release,
) -> Result<Vec<BoundedFigure>, LakeError> {
    let mut bounds = vec![];
    for batch in of_release(lake, release, Content::Bound).await? {
        bounds.extend(rows::to_bounds(&batch)?);
    }
    Ok(bounds)
}

pub(crate) async fn deleted(lake: &Lake, release: &Release) -> Result<Vec<FigureKey>, LakeError> {
    let mut keys = vec![];
    for batch in of_release(lake, release, Content::Observation).await? {
        let rows = rows::to_observations(&batch)?.into_iter();
        keys.extend(rows.filter_map(|row| match row {
            Row::Deleted(key) => Some(key),
            Row::There(_) => None,
        }));
    }
    keys.sort();
    Ok(keys)
}

pub(crate) async fn observations(
    lake: &Lake,
    slices: &BTreeMap<Period, &Release>,
) -> Result<Vec<(ReleaseId, Observation)>, LakeError> {
    if slices.is_empty() {
        return Ok(vec![]);
    }
    let Some(state) = lake.log.current().await? else {
        return Ok(vec![]);
    };
    let holders = slices.iter().filter_map(|(period, release)| {
        let record = state.record(&release.id)?;
        Some((*period, record.holder(*period).clone()))
    });
    let mut found = vec![];
    for row in rows(lake, &state, &holders.collect()).await? {
        let release = slices.get(&row.key().period.last());
        if let (Row::There(observation), Some(release)) = (row, release) {
            found.push((release.id.clone(), observation));
        }
    }
    found.sort_by(|(_, a), (_, b)| a.key.cmp(&b.key));
    Ok(found)
}

/// The rows of periods, each from the files of a release that holds it.
pub(crate) async fn rows(
    lake: &Lake,
    state: &State,
    holders: &BTreeMap<Period, ReleaseId>,
) -> Result<Vec<Row>, LakeError> {
    let mut wanted: BTreeMap<&ReleaseId, Vec<Period>> = BTreeMap::new();
    for (period, holder) in holders {
        wanted.entry(holder).or_default().push(*period);
    }
    let store = lake.log.store.object_store(None);
    let wanted: Vec<_> = wanted
        .iter()
        .flat_map(|(holder, periods)| {
            let files = files_of(state, holder, Content::Observation);
            files.map(move |(path, file)| (path, file.bytes, periods))
        })
        .collect();
    // The periods of a vintage may come from many files: a store that answers slowly is not waited for once for each.
    let files = wanted
        .iter()
        .map(|(path, bytes, periods)| files::read_periods(&store, path, *bytes, periods));
    let files: Vec<_> = files.collect();
    let mut read = stream::iter(files).buffered(files::AT_ONCE);
    let mut found = vec![];
    while let Some(batches) = read.try_next().await? {
        for batch in batches {
            found.extend(rows::to_observations(&batch)?);
        }
    }
    Ok(found)
}

/// The rows of a content of a release.
async fn of_release(
    lake: &Lake,
    release: &Release,
    content: Content,
) -> Result<Vec<RecordBatch>, LakeError> {
    let Some(state) = lake.log.current().await? else {
        return Ok(vec![]);
    };
    let store = lake.log.store.object_store(None);
    let mut batches = vec![];
    for (path, _) in files_of(&state, &release.id, content) {
        batches.extend(files::read(&store, &path).await?);
    }
    Ok(batches)
}

/// The files of a content of a release, each with its path below the root of the lake.
fn files_of<'a>(
    state: &'a State,
    release: &ReleaseId,
    content: Content,
) -> impl Iterator<Item = (String, &'a StoredFile)> {
    let folder = files::folder_of(release);
    let stored = state.record(release).into_iter();
    stored
        .flat_map(|record| &record.stored.files)
        .filter(move |file| file.content == content)
        .map(move |file| (format!("{folder}/{}", file.name), file))
}
