//! Reading: Delta says which files are live, DataFusion reads them through its own Parquet listing.

use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::{
    datasource::{
        file_format::parquet::ParquetFormat,
        listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl},
    },
    prelude::{col, lit},
};
use deltalake::DeltaTable;
use regtrade_model::{BoundedFigure, PublishedFigure, Release};

use crate::{
    Lake, LakeError, rows,
    schema::{SCHEMA_VERSION, VERSION_PROPERTY, columns, content},
};

/// Brings the view of the log up to date; `false` where there is no lake yet.
pub(crate) async fn refresh(table: &mut DeltaTable) -> Result<bool, LakeError> {
    if table.version().is_none() && !table.verify_deltatable_existence().await? {
        return Ok(false);
    }
    table.update_state().await?;
    let properties = table.snapshot()?.metadata().configuration();
    let version = properties
        .get(VERSION_PROPERTY)
        .and_then(|text| text.parse::<u32>().ok());
    match version {
        None => Err(LakeError::NotALake(table.table_url().clone())),
        Some(found) if found > SCHEMA_VERSION => Err(LakeError::NewerSchema {
            found,
            known: SCHEMA_VERSION,
        }),
        Some(_) => Ok(true),
    }
}

pub(crate) async fn releases(lake: &Lake) -> Result<Arc<Vec<Release>>, LakeError> {
    let mut view = lake.view.lock().await;
    if !refresh(&mut view.table).await? {
        return Ok(Arc::default());
    }
    let version = view.table.version().unwrap_or_default();
    match &view.releases {
        Some((of, releases)) if *of == version => Ok(Arc::clone(releases)),
        _ => {
            let files = live_files(&view.table, content::RELEASE, None)?;
            let mut found = vec![];
            for batch in scan(lake, files, content::RELEASE, None).await? {
                found.extend(rows::to_releases(&batch)?);
            }
            found.sort_by(|(a_sequence, a), (b_sequence, b)| {
                (b.published_at, b_sequence)
                    .cmp(&(a.published_at, a_sequence))
                    .then_with(|| a.id.cmp(&b.id))
            });
            let releases = Arc::new(
                found
                    .into_iter()
                    .map(|(_, release)| release)
                    .collect::<Vec<_>>(),
            );
            view.releases = Some((version, Arc::clone(&releases)));
            Ok(releases)
        }
    }
}

pub(crate) async fn published(
    lake: &Lake,
    release: &Release,
) -> Result<Vec<PublishedFigure>, LakeError> {
    let mut figures = vec![];
    for batch in of_release(lake, release, content::PUBLISHED).await? {
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
    for batch in of_release(lake, release, content::BOUND).await? {
        bounds.extend(rows::to_bounds(&batch)?);
    }
    bounds.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(bounds)
}

/// The rows of a content of a release.
async fn of_release(
    lake: &Lake,
    release: &Release,
    content: &str,
) -> Result<Vec<RecordBatch>, LakeError> {
    let id = Some(release.id.as_str());
    let files = {
        let mut view = lake.view.lock().await;
        if !refresh(&mut view.table).await? {
            return Ok(vec![]);
        }
        live_files(&view.table, content, id)?
    };
    scan(lake, files, content, id).await
}

/// The paths of the files that may hold rows of a content (and a release), by the statistics in the log.
fn live_files(
    table: &DeltaTable,
    content: &str,
    release: Option<&str>,
) -> Result<Vec<String>, LakeError> {
    let may_hold = |stats: &serde_json::Value, column: &str, value: &str| {
        let bound = |which: &str| stats[which][column].as_str().map(str::to_owned);
        bound("minValues").is_none_or(|least| least.as_str() <= value)
            && bound("maxValues").is_none_or(|most| most.as_str() >= value)
    };
    let mut paths = vec![];
    for file in table.snapshot()?.log_data().iter() {
        let stats = file
            .stats()
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        if may_hold(&stats, "content", content)
            && release.is_none_or(|id| may_hold(&stats, "release", id))
        {
            paths.push(file.object_store_path().to_string());
        }
    }
    Ok(paths)
}

/// The rows of a content (and a release) in some files.
async fn scan(
    lake: &Lake,
    files: Vec<String>,
    content: &str,
    release: Option<&str>,
) -> Result<Vec<RecordBatch>, LakeError> {
    if files.is_empty() {
        return Ok(vec![]);
    }
    let urls = files.iter().map(|path| {
        ListingTableUrl::parse(format!(
            "{}/{path}",
            lake.url.as_str().trim_end_matches('/')
        ))
    });
    let options =
        ListingOptions::new(Arc::new(ParquetFormat::default())).with_file_extension(".parquet");
    let config = ListingTableConfig::new_with_multi_paths(urls.collect::<Result<_, _>>()?)
        .with_listing_options(options)
        .with_schema(columns());
    let mut rows = lake
        .context
        .read_table(Arc::new(ListingTable::try_new(config)?))?
        .filter(col("content").eq(lit(content)))?;
    if let Some(release) = release {
        rows = rows.filter(col("release").eq(lit(release)))?;
    }
    Ok(rows.collect().await?)
}
