//! The lake: releases and all that belongs to them, as Parquet files under one Delta table.
//!
//! A release appears by exactly one Delta commit, with its record and its figures, or not at all. Nothing is edited.
//!
//! Invariant: whoever may see the files of the lake sees every release, also under embargo. Who may see what is
//! decided above, by the services.

mod commit;
mod error;
mod read;
mod rows;
mod schema;

use std::sync::Arc;

use datafusion::prelude::{SessionConfig, SessionContext};
use deltalake::{DeltaTable, DeltaTableBuilder};
use regtrade_model::{BoundedFigure, Instant, PublishedFigure, Release};
use tokio::sync::Mutex;
use url::Url;

pub use error::LakeError;
pub use schema::SCHEMA_VERSION;

/// A lake at a place. Cheap to clone; all clones share one view of the log.
#[derive(Clone)]
pub struct Lake {
    url: Url,
    context: SessionContext,
    view: Arc<Mutex<View>>,
}

/// What was last read of the log.
struct View {
    table: DeltaTable,
    releases: Option<(u64, Arc<Vec<Release>>)>,
}

/// A release as it is handed to the lake.
#[derive(Debug, Clone)]
pub struct Submission {
    /// Its record. `loaded_at` is set anew when it is committed.
    pub release: Release,
    /// What it prints.
    pub published: Vec<PublishedFigure>,
    /// What its print proves of levels that it does not print, and of its rates.
    pub bounds: Vec<BoundedFigure>,
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Committed {
    /// It is in the lake from now on.
    New(Release),
    /// The same bytes were there before, as this release; nothing was changed.
    Before(Release),
}

impl Lake {
    /// A lake in a folder, which need not exist yet: it is made by the first commit.
    ///
    /// # Errors
    /// Where the location is neither a folder's path nor a URL that this build can open.
    pub fn at(location: &str) -> Result<Self, LakeError> {
        let url = schema::url_of(location)?;
        let table = DeltaTableBuilder::from_url(url.clone())?.build()?;
        let mut config = SessionConfig::new().with_target_partitions(2);
        config
            .options_mut()
            .execution
            .parquet
            .schema_force_view_types = false;
        let context = SessionContext::new_with_config(config);
        context
            .runtime_env()
            .register_object_store(&url, table.log_store().root_object_store(None));
        Ok(Self {
            url,
            context,
            view: Arc::new(Mutex::new(View {
                table,
                releases: None,
            })),
        })
    }

    /// Where the lake is.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// Commits a release, whole, unless the same bytes are there already. Its `loaded_at` is what `now` says when
    /// the commit is tried, and later than that of every release before it.
    ///
    /// # Errors
    /// Where the store fails, or the lake was written by a newer version. Nothing is visible then.
    pub async fn commit(
        &self,
        submission: &Submission,
        now: &(dyn Fn() -> Instant + Sync),
    ) -> Result<Committed, LakeError> {
        commit::commit(self, submission, now).await
    }

    /// All releases, the newest first: by publication, and where that is equal, the last committed first.
    ///
    /// # Errors
    /// Where the store fails, or the lake was written by a newer version.
    pub async fn releases(&self) -> Result<Arc<Vec<Release>>, LakeError> {
        read::releases(self).await
    }

    /// What a release prints, in the order of its file. Empty where there is no such release.
    ///
    /// # Errors
    /// Where the store fails, or the lake was written by a newer version.
    pub async fn published(&self, release: &Release) -> Result<Vec<PublishedFigure>, LakeError> {
        read::published(self, release).await
    }

    /// What the print of a release proves of figures, by key. Empty where there is no such release.
    ///
    /// # Errors
    /// Where the store fails, or the lake was written by a newer version.
    pub async fn bounds(&self, release: &Release) -> Result<Vec<BoundedFigure>, LakeError> {
        read::bounds(self, release).await
    }
}
