//! What can be typed to change a lake, to be told of changes, and to check one.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use regtrade_model::{Dataflow, Edition, Instant, ReleaseId, RevisionKind};

use super::parse::{Published, parse_published, parse_reason, parse_rfc3339};
use super::{ClientArgs, FormatArgs};

const INGEST: &str = "\
Examples:
  regtrade ingest key-indicators-2024.tsv --published-at 2026-11-20
  regtrade ingest exports.csv imports.csv.gz --edition 2025        two files, one release; gzip is undone
  regtrade ingest draft.csv --dry-run                              reads and audits, and stores nothing
  regtrade ingest update.csv --builds-on REGTRD-2024-…             a partial update

Files may be of any size, and taking them in may take as long as it takes; --timeout sets a limit.";

/// `ingest`
#[derive(Debug, Args)]
#[command(after_help = INGEST)]
pub struct IngestArgs {
    /// The files of the release: a press table, a list of figures, or data files; each may be compressed by gzip
    #[arg(required_unless_present = "shipped", value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Takes in the releases that come with this program: what the editions 2013 to 2024 printed
    #[arg(long, conflicts_with_all = ["files", "edition", "published_at", "revision", "builds_on", "accept_findings"])]
    pub shipped: bool,
    /// The dataflow: REGTRD or EXTTRADE; what the files say, if it is not given
    #[arg(long)]
    pub dataflow: Option<Dataflow>,
    /// The publisher's name for the release; the last year of the files, if it is not given
    #[arg(long, value_name = "NAME")]
    pub edition: Option<Edition>,
    /// From when on the public may see it (RFC 3339); now, if it is not given. In the past also a day, a month or a
    /// year (2019-03), where no more is known
    #[arg(long, value_name = "INSTANT", value_parser = parse_published)]
    pub published_at: Option<Published>,
    /// What it is for the periods that were released before; a routine revision, if it is not given
    #[arg(long, value_enum, value_name = "KIND")]
    pub revision: Option<Revision>,
    /// The release that a partial update (SDMX-CSV with ACTION A, M, R or D) is to be applied to
    #[arg(long, value_name = "ID")]
    pub builds_on: Option<ReleaseId>,
    /// Does all but store the release
    #[arg(long)]
    pub dry_run: bool,
    /// Takes in a release that is provably inconsistent all the same; the reason stays with it for good
    #[arg(long, value_name = "REASON", value_parser = parse_reason)]
    pub accept_findings: Option<String>,
    /// The gateway.
    #[command(flatten)]
    pub client: ClientArgs,
}

/// What a release is for periods that were released before.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Revision {
    /// New source data, as every year
    Routine,
    /// New methods, classifications or benchmarks
    Major,
    /// A mistake is put right
    Correction,
}

impl From<Revision> for RevisionKind {
    fn from(revision: Revision) -> Self {
        match revision {
            Revision::Routine => Self::Routine,
            Revision::Major => Self::Major,
            Revision::Correction => Self::Correction,
        }
    }
}

/// `withdraw`
#[derive(Debug, Args)]
pub struct WithdrawArgs {
    /// The release
    #[arg(value_name = "ID")]
    pub release: ReleaseId,
    /// Why, for those who used it; it stays with the release for good
    #[arg(long, value_name = "REASON", value_parser = parse_reason)]
    pub because: String,
    /// The gateway.
    #[command(flatten)]
    pub client: ClientArgs,
}

/// `reschedule`
#[derive(Debug, Args)]
pub struct RescheduleArgs {
    /// The release, which must be under embargo
    #[arg(value_name = "ID")]
    pub release: ReleaseId,
    /// From when on the public may see it (RFC 3339); now, if it is not given
    #[arg(long, value_name = "INSTANT", value_parser = parse_rfc3339)]
    pub to: Option<Instant>,
    /// The gateway.
    #[command(flatten)]
    pub client: ClientArgs,
}

/// `watch`
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// Of this dataflow alone: REGTRD or EXTTRADE
    #[arg(long)]
    pub dataflow: Option<Dataflow>,
    /// Begins with what became visible after this release
    #[arg(long, value_name = "ID", conflicts_with = "resume")]
    pub after: Option<ReleaseId>,
    /// Begins after the line that ended in this token
    #[arg(long, value_name = "TOKEN")]
    pub resume: Option<String>,
    /// Ends after so many lines
    #[arg(long, value_name = "N")]
    pub count: Option<u64>,
    /// The gateway.
    #[command(flatten)]
    pub client: ClientArgs,
}

/// `verify`
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The folder of the lake
    #[arg(
        long,
        env = "REGTRADE_LAKE",
        value_name = "DIR",
        default_value = "regtrade-lake"
    )]
    pub lake: String,
    /// How the answer is shown.
    #[command(flatten)]
    pub output: FormatArgs,
}
