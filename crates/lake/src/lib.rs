//! The lake: releases and all that belongs to them, as Parquet files under one Delta table.
//!
//! A release appears by exactly one Delta commit, with its record and its figures, or not at all. Nothing is edited.
//!
//! Invariant: whoever may see the files of the lake sees every release, also under embargo. Who may see what is
//! decided above, by the services.

mod changes;
mod commit;
mod error;
mod files;
mod log;
mod read;
mod rows;
mod schema;
mod scratch;
mod slices;
mod spool;
mod state;
mod sums;
mod verify;
mod write;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use deltalake::DeltaTableBuilder;
use futures::Stream;
use regtrade_model::{
    BoundedFigure, Change, Dataflow, FigureKey, Instant, KeyPattern, Observation, Period,
    PublishedFigure, Release, ReleaseId,
};
use url::Url;

/// Fewer observations than these are added up in some hundredths of a second.
const LEAST_DETAIL: u64 = 1 << 14;

pub use changes::{Changed, Said};
pub use error::LakeError;
pub use rows::fitting;
pub use schema::SCHEMA_VERSION;
pub use scratch::{Scratch, TemporaryFolder};
pub use slices::Slices;
pub use spool::{Duplicate, Duplicates, Place, SpoolWriter, Spooled};
pub use sums::{Partners, Products, Step, SumLevel, SumSeries, Sums, SumsAsked, SumsWriter};
pub use verify::{Note, Problem, ProblemKind, Verification};

/// A lake at a place. Cheap to clone; all clones share one view of the log.
#[derive(Clone)]
pub struct Lake {
    url: Url,
    log: Arc<log::Log>,
    open: Arc<files::OpenFiles>,
    totals: Arc<sums::Totals>,
    sizes: write::Sizes,
    /// In how many parts, side by side, detail is added up.
    partitions: usize,
    /// The fewest observations of a release of which sums are kept.
    least_detail: u64,
}

/// A release as it is handed to the lake.
#[derive(Debug, Clone)]
pub struct Submission {
    /// Its record. `loaded_at` is set anew when it is committed.
    pub release: Release,
    /// Whether it is published as it is committed: `published_at` is set anew, too.
    pub published_now: bool,
    /// What it prints.
    pub published: Vec<PublishedFigure>,
    /// What its print proves of levels that it does not print, and of its rates.
    pub bounds: Vec<BoundedFigure>,
    /// Its observations, of each period all of them, or for a partial update those of each period that it touches.
    pub observations: Slices,
    /// Of a partial update: the release of each slice that it was applied to.
    pub made_from: BTreeMap<Period, ReleaseId>,
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
        let store = DeltaTableBuilder::from_url(url.clone())?.build_storage()?;
        Ok(Self {
            open: Arc::new(files::OpenFiles::of(&url)),
            totals: Arc::default(),
            url,
            log: Arc::new(log::Log::new(store)),
            sizes: write::Sizes::default(),
            least_detail: LEAST_DETAIL,
            partitions: std::thread::available_parallelism().map_or(1, usize::from),
        })
    }

    /// A lake of its own in memory, gone with its last clone.
    ///
    /// # Errors
    /// As [`Lake::at`].
    pub fn in_memory() -> Result<Self, LakeError> {
        Self::at("memory:///")
    }

    /// Where the lake is.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// Commits a release, whole, unless the same bytes are there already. Its `loaded_at` is what `now` says when
    /// the commit is tried, and not earlier than that of any release that is public then.
    ///
    /// The lake tells what its slices are: their observations, and of which kind they are.
    ///
    /// # Errors
    /// Where what is handed in contradicts itself, a partial update was made for another release than the one before
    /// it, the store fails, or the lake was written by another version. Nothing is visible then.
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
        Ok(self.catalogue().await?.1)
    }

    /// [`Self::releases`], and the version of the log that tells them: it grows with each commit.
    ///
    /// # Errors
    /// Those of [`Self::releases`].
    pub async fn catalogue(&self) -> Result<(u64, Arc<Vec<Release>>), LakeError> {
        let state = self.log.current().await?;
        Ok(state.map_or_else(Default::default, |state| {
            (state.version, Arc::clone(&state.releases))
        }))
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

    /// Whether a partial update that is published at an instant may build on a release: the newest one before it that
    /// is not withdrawn.
    ///
    /// # Errors
    /// [`LakeError::BaseMoved`], and where the store fails.
    pub async fn check_base(
        &self,
        dataflow: Dataflow,
        published_at: Instant,
        base: &ReleaseId,
    ) -> Result<(), LakeError> {
        match self.log.current().await? {
            Some(state) => commit::check_base(&state, dataflow, published_at, base),
            None => Err(LakeError::NoRelease(base.clone())),
        }
    }

    /// Records what happened to a release, in one commit, and gives the release as it is from then on.
    ///
    /// # Errors
    /// Where there is no such release, it cannot happen to it, or the store fails.
    pub async fn record(
        &self,
        release: &ReleaseId,
        change: &Change,
        now: &(dyn Fn() -> Instant + Sync),
    ) -> Result<Release, LakeError> {
        commit::record(self, release, change, now).await
    }

    /// The observations of slices that a pattern chooses, each with the release that wrote its slice, by key. What is not
    /// chosen is not even parsed.
    ///
    /// # Errors
    /// Where the store fails, or the lake was written by another version.
    pub async fn observations(
        &self,
        slices: &BTreeMap<Period, &Release>,
        chosen: &KeyPattern,
    ) -> Result<Vec<(ReleaseId, Observation)>, LakeError> {
        read::observations(self, slices, chosen).await
    }

    /// The same observations some at a time, by year and then by key, whose last part is the period: memory does not
    /// grow with them, and nothing is read before it is asked for.
    ///
    /// # Errors
    /// As [`Lake::observations`]; what comes after an error is not to be relied on.
    pub fn scan(
        &self,
        slices: BTreeMap<Period, ReleaseId>,
        chosen: KeyPattern,
    ) -> impl Stream<Item = Result<Vec<(ReleaseId, Observation)>, LakeError>> + Send + use<> {
        read::scan(self.clone(), slices, chosen)
    }

    /// The cells that two sets of slices do not have alike, some at a time, by year and then by key, whose last part is
    /// the period. Slices that are the same are not read; of the periods of `whole` all cells are given, alike or not.
    ///
    /// # Errors
    /// As [`Lake::observations`]; what comes after an error is not to be relied on.
    pub fn changes(
        &self,
        from: BTreeMap<Period, ReleaseId>,
        to: BTreeMap<Period, ReleaseId>,
        chosen: KeyPattern,
        whole: BTreeSet<Period>,
    ) -> impl Stream<Item = Result<Vec<Changed>, LakeError>> + Send + use<> {
        changes::changes(self.clone(), [from, to], chosen, whole)
    }

    /// Adds up slices: hands to a writer what they are made of, or what was added up of them when they were stored.
    ///
    /// # Errors
    /// As [`Lake::observations`].
    pub async fn add_up(
        &self,
        slices: &BTreeMap<Period, &Release>,
        writer: SumsWriter,
    ) -> Result<SumsWriter, LakeError> {
        sums::add_up(self, slices, writer).await
    }

    /// The observations that a release took out of its slices, against the vintage that was before it when it was
    /// committed, by key.
    ///
    /// # Errors
    /// Where the store fails, or the lake was written by another version.
    pub async fn deleted(&self, release: &Release) -> Result<Vec<FigureKey>, LakeError> {
        read::deleted(self, release).await
    }

    /// Rehashes and recounts all that is in the lake, and reports every problem. To audit the releases anew is left to
    /// the caller, which has [`Lake::releases`], [`Lake::published`] and [`Lake::bounds`].
    ///
    /// # Errors
    /// Where there is no lake, the store fails, or the lake was written by another version.
    pub async fn verify(&self) -> Result<Verification, LakeError> {
        verify::verify(self).await
    }
}
