//! Lakes in temporary folders, filled through the write side, as uploads are.

use std::{
    convert::Infallible,
    path::{Path, PathBuf},
};

use regtrade_formats::write::{self, Structure};
use regtrade_ingest::{Header, Settings, Upload, UploadedFile, take};
use regtrade_lake::Lake;
use regtrade_model::{Dataflow, Instant, Observation, Period, Release};
use regtrade_proto::v1::Outcome;
use tempfile::TempDir;

use super::history::{Shape, published_at};
use crate::{error::BenchError, measure::bytes_below, synthetic::Synthetic};

/// A lake, and the folder that it is in, which goes with it.
pub struct Made {
    pub lake: Lake,
    /// When the newest of its releases came out, and so what time it is.
    pub now: Instant,
    folder: TempDir,
}

impl Made {
    /// An empty lake.
    pub fn new() -> Result<Self, BenchError> {
        let folder = tempfile::tempdir()?;
        Ok(Self {
            lake: Lake::at(&location_in(folder.path()))?,
            now: published_at(0)?,
            folder,
        })
    }

    /// A lake of many releases, the later ones with three years each.
    pub async fn vintages(
        data: &Synthetic,
        shape: Shape,
        vintages: u32,
    ) -> Result<Self, BenchError> {
        let mut made = Self::new()?;
        for vintage in 0..vintages {
            let periods = shape.written(vintage);
            made.take_in(data, shape, vintage, &periods).await?;
        }
        Ok(made)
    }

    /// A lake of one release, which has what all releases up to a vintage come to.
    pub async fn single(data: &Synthetic, shape: Shape, vintage: u32) -> Result<Self, BenchError> {
        let mut made = Self::new()?;
        made.take_in(data, shape, vintage, &Synthetic::periods())
            .await?;
        Ok(made)
    }

    /// Takes in a release with years as they are after a vintage.
    pub async fn take_in(
        &mut self,
        data: &Synthetic,
        shape: Shape,
        vintage: u32,
        periods: &[Period],
    ) -> Result<Release, BenchError> {
        let mut rows: Vec<Observation> = periods
            .iter()
            .flat_map(|period| data.slice(*period, shape.version(*period, vintage)))
            .collect();
        rows.sort_by_cached_key(|row| (row.key.period, row.key.clone()));
        let edition = format!("synthetic-{vintage}");
        let now = published_at(vintage)?;
        let structure = Structure {
            dataflow: Dataflow::Regtrd,
            synthetic: true,
            prepared: now,
        };
        let mut bytes = vec![];
        write::sdmx_csv(
            &mut bytes,
            &structure,
            rows.into_iter().map(Ok::<_, Infallible>),
        )
        .map_err(|error| BenchError::Made(format!("{edition}: {error}")))?;
        let upload = Upload {
            header: Header {
                edition: Some(
                    edition
                        .parse()
                        .map_err(|error| BenchError::Made(format!("{edition}: {error}")))?,
                ),
                published_at: Some(now),
                ..Header::default()
            },
            files: vec![UploadedFile::new(&format!("{edition}.csv"), &bytes)],
            too_long: false,
        };
        let taken = take(&self.lake, upload, &Settings::default(), &|| now, true).await?;
        self.now = now;
        match (taken.outcome, taken.release) {
            (Outcome::Ingested, Some(release)) => Ok(release),
            _ => {
                let issue = taken.issues.first();
                let why = issue.map(|issue| issue.explanation.clone());
                Err(BenchError::Refused(edition, why.unwrap_or_default()))
            }
        }
    }

    /// Where the lake is, as a caller names it.
    pub fn location(&self) -> String {
        location_in(self.folder.path())
    }

    /// The bytes of all files of the lake, its log included.
    pub fn bytes(&self) -> Result<u64, BenchError> {
        Ok(bytes_below(&root_in(self.folder.path()))?)
    }

    /// The bytes of the files of a release.
    pub fn bytes_of(&self, release: &Release) -> Result<u64, BenchError> {
        let folder = root_in(self.folder.path()).join("releases");
        Ok(bytes_below(&folder.join(release.id.as_str()))?)
    }
}

fn root_in(folder: &Path) -> PathBuf {
    folder.join("lake")
}

fn location_in(folder: &Path) -> String {
    root_in(folder).display().to_string()
}
