//! What can be typed: commands, flags and their environment variables.

mod analysis;
mod ingest;
mod parse;
mod revisions;
mod synth;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use regtrade_model::{AsOf, At, Dataflow, Instant, Language, Period, ReleaseId};
use regtrade_service::limits::parse_duration;
use regtrade_service::logs::LogConfig;

use crate::files::Kind;
pub use analysis::{CodelistsArgs, ContributionsArgs, ReconcileArgs, StructureArgs};
pub use ingest::{IngestArgs, RescheduleArgs, VerifyArgs, WatchArgs, WithdrawArgs};
pub use parse::{Published, parse_published, parse_rfc3339};
use parse::{parse_instant, parse_key};
pub use revisions::RevisionsArgs;
pub use synth::SynthArgs;

const EXAMPLES: &str = "\
Examples:
  regtrade demo --lang fr                            the key indicators of the shipped release, nothing to set up
  regtrade demo --detail                             and what they consist of, in synthetic data
  regtrade up --lake ./lake                          the three services, on http://127.0.0.1:50051
  regtrade ingest key-indicators-2024.tsv            take a release in
  regtrade ingest --shipped                          take in the history: the editions 2013 to 2024
  regtrade key-indicators --lang nl                  its table
  regtrade key-indicators --as-of 2025-12-31 --format csv
  regtrade observations --key 'A.BE1+BE2.P62...' -o levels.parquet
  regtrade contributions --by product --item P62 --area BE2 --from 2019 --to 2024
  regtrade codelists area --lang fr
  regtrade revisions --from REGTRD-2023-… --lang fr   what became of its figures since
  regtrade audit draft.tsv --text draft.txt          check a draft before it is published

Exit codes: 0 done, 1 the answer is no, 2 used wrongly, 3 a service failed or is away.";

/// Releases of regional foreign-trade statistics: taken in, checked, kept, served.
#[derive(Debug, Parser)]
#[command(name = "regtrade", version, about, after_help = EXAMPLES)]
pub struct Cli {
    /// Whether to colour the output; NO_COLOR is respected
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Whether to colour the output.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

impl Color {
    /// Holds for all output from now on.
    pub fn choose(self) {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Shows the key indicators of the newest shipped release: three services in one process, on a temporary lake
    Demo(DemoArgs),
    /// Runs the three services in one process until it is told to end
    Up(UpArgs),
    /// Runs one service
    #[command(subcommand)]
    Serve(Service),
    /// Asks the services whether they are healthy
    Health(HealthArgs),
    /// Takes a release in: all the files given are one release
    Ingest(IngestArgs),
    /// Takes a release back: under embargo it is never shown, later it is shown as withdrawn
    Withdraw(WithdrawArgs),
    /// Moves the end of the embargo of a release, later or earlier
    Reschedule(RescheduleArgs),
    /// Lists the releases, the newest first
    Releases(ReleasesArgs),
    /// Tells of each release at the instant when it becomes visible, until it is told to end
    Watch(WatchArgs),
    /// Shows the key indicators of a release
    KeyIndicators(KeyIndicatorsArgs),
    /// Shows what changed from one vintage to another, or how figures were revised over all of them
    Revisions(RevisionsArgs),
    /// Shows levels by key and period, or writes them to a file
    Observations(ObservationsArgs),
    /// Shows what each product, partner, activity or region adds to the growth of a flow
    Contributions(ContributionsArgs),
    /// Shows how concentrated a flow is, or in what an area is specialised
    Structure(StructureArgs),
    /// Shows national accounts and foreign-trade statistics side by side, and why they differ
    Reconcile(ReconcileArgs),
    /// Lists the codelists, or the codes of one and how much there is of each
    Codelists(CodelistsArgs),
    /// Writes synthetic data, which nobody has published: for demonstrations, tests and load
    Synth(SynthArgs),
    /// Checks a press table, a list of figures or a data file, and what a text claims of it, without any service
    Audit(AuditArgs),
    /// Tells between which values the levels lie that a press table does not print, without any service
    Bounds(BoundsArgs),
    /// Rehashes, recounts and re-audits a lake, without any service
    Verify(VerifyArgs),
    /// Prints the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// What an answer looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// For programs: one header, then rows; decimal point whatever the language.
    Csv,
    /// For programs: decimals are texts, so that they stay exact.
    Json,
}

/// How an answer is shown.
#[derive(Clone, Copy, Debug, Args)]
pub struct FormatArgs {
    /// What the answer looks like
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: Format,
}

/// How to reach the gateway, and how to show what it answers.
#[derive(Clone, Args)]
pub struct ClientArgs {
    /// The address of the gateway
    #[arg(
        long,
        env = "REGTRADE_ENDPOINT",
        value_name = "URL",
        default_value = "http://127.0.0.1:50051"
    )]
    pub endpoint: String,
    /// The bearer token that says what you may see and do
    #[arg(
        long,
        env = "REGTRADE_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true
    )]
    pub token: Option<String>,
    /// How long to wait for each answer (as 10s, 500ms or 2m) [default: 10s; ingest: as long as it takes]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub timeout: Option<Duration>,
    /// How the answer is shown.
    #[command(flatten)]
    pub output: FormatArgs,
}

/// A token is for nobody to read, in no log either.
impl std::fmt::Debug for ClientArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientArgs")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

/// What `health` asks.
#[derive(Debug, Args)]
pub struct HealthArgs {
    /// Ask whether the server itself is serving, and not for the services behind it
    #[arg(long)]
    pub server: bool,
    #[command(flatten)]
    pub client: ClientArgs,
}

/// `demo`
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// The language of the table: fr, nl, de or en
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    pub lang: Language,
    /// Also shows what the figures consist of, in synthetic data that is marked as such
    #[arg(long)]
    pub detail: bool,
    /// How the answer is shown.
    #[command(flatten)]
    pub output: FormatArgs,
}

/// `up`
#[derive(Debug, Args)]
pub struct UpArgs {
    /// The address of the gateway
    #[arg(
        long,
        env = "REGTRADE_LISTEN",
        value_name = "ADDR",
        default_value = "127.0.0.1:50051"
    )]
    pub listen: String,
    /// The lake and the limits.
    #[command(flatten)]
    pub config: regtrade_ingest::Config,
    /// Which tokens are good.
    #[command(flatten)]
    pub tokens: regtrade_gateway::TokenConfig,
    /// How the process logs.
    #[command(flatten)]
    pub logs: LogConfig,
}

/// `serve`
#[derive(Debug, Subcommand)]
pub enum Service {
    /// The one door: authorises, resolves which release is meant, forwards
    Gateway(ServeArgs<regtrade_gateway::Config>),
    /// The write side: takes releases in
    Ingest(ServeArgs<regtrade_ingest::Config>),
    /// The read side: figures, levels and the catalogue of releases
    Indicators(ServeArgs<regtrade_indicators::Config>),
}

/// How to run a service.
#[derive(Debug, Args)]
pub struct ServeArgs<C: Args> {
    /// Where to listen [default: gateway 127.0.0.1:50051, ingest 127.0.0.1:50052, indicators 127.0.0.1:50053]
    #[arg(long, env = "REGTRADE_LISTEN", value_name = "ADDR")]
    pub listen: Option<String>,
    /// The file of the secret that gateway and backends share; made where there is none
    /// [default: backend-secret in the state folder]
    #[arg(long, env = "REGTRADE_BACKEND_SECRET_FILE", value_name = "FILE")]
    pub backend_secret_file: Option<PathBuf>,
    /// What the service itself wants to know.
    #[command(flatten)]
    pub config: C,
    /// How the process logs.
    #[command(flatten)]
    pub logs: LogConfig,
}

/// `releases`
#[derive(Debug, Args)]
pub struct ReleasesArgs {
    /// Of this dataflow alone: REGTRD or EXTTRADE
    #[arg(long)]
    pub dataflow: Option<Dataflow>,
    /// As the write side sees them, those under embargo too; needs the role ingest
    #[arg(long)]
    pub ingested: bool,
    /// The gateway.
    #[command(flatten)]
    pub client: ClientArgs,
}

/// Which vintage to answer from.
#[derive(Debug, Args)]
pub struct AsOfArgs {
    /// Answers from the newest release published by then: RFC 3339, or a date, which stands for its end in UTC
    #[arg(long, value_name = "INSTANT", value_parser = parse_instant, conflicts_with = "release")]
    pub as_of: Option<Instant>,
    /// Leaves out what was loaded later than this
    #[arg(long, value_name = "INSTANT", value_parser = parse_instant, requires = "as_of")]
    pub known_at: Option<Instant>,
    /// Answers from this release
    #[arg(long, value_name = "ID")]
    pub release: Option<ReleaseId>,
}

impl AsOfArgs {
    /// The vintage in the words of the model.
    pub fn as_of(&self) -> AsOf {
        AsOf {
            at: match (&self.release, self.as_of) {
                (Some(id), _) => At::Release(id.clone()),
                (None, Some(instant)) => At::PublishedBy(instant),
                (None, None) => At::Latest,
            },
            known_at: self.known_at,
            seen_at: None,
        }
    }
}

/// `key-indicators`
#[derive(Debug, Args)]
pub struct KeyIndicatorsArgs {
    /// The vintage.
    #[command(flatten)]
    pub vintage: AsOfArgs,
    /// The language of labels, caveats and numbers in tables: fr, nl, de or en
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    pub lang: Language,
    /// The dataflow: REGTRD or EXTTRADE
    #[arg(long, default_value = "REGTRD")]
    pub dataflow: Dataflow,
    /// The first period, such as 2022 or 2024-06
    #[arg(long, value_name = "PERIOD")]
    pub from: Option<Period>,
    /// The last period
    #[arg(long, value_name = "PERIOD")]
    pub to: Option<Period>,
    /// The frequency of the periods: A, Q or M; a year of EXTTRADE is the sum of its months
    #[arg(long, value_name = "FREQ", value_parser = ["A", "Q", "M"])]
    pub freq: Option<String>,
    /// The gateway.
    #[command(flatten)]
    pub client: ClientArgs,
}

/// `observations`
#[derive(Debug, Args)]
pub struct ObservationsArgs {
    /// FREQ.REF_AREA.ITEM.ACTIVITY.PRODUCT.COUNTERPART_AREA; an empty place chooses all, + joins several codes
    #[arg(long, value_name = "PATTERN", default_value = "", hide_default_value = true, value_parser = parse_key)]
    pub key: String,
    /// First period, such as 2022
    #[arg(long, value_name = "PERIOD")]
    pub from: Option<Period>,
    /// Last period
    #[arg(long, value_name = "PERIOD")]
    pub to: Option<Period>,
    /// The dataflow: REGTRD or EXTTRADE
    #[arg(long, default_value = "REGTRD")]
    pub dataflow: Dataflow,
    /// The vintage.
    #[command(flatten)]
    pub vintage: AsOfArgs,
    /// The language of caveats
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    pub lang: Language,
    /// Writes a file instead, of any size: .parquet, .csv, .xlsx, .sdmx.csv, .sdmx.json or .sdmx.xml
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// What the file is, where its name does not say
    #[arg(long = "as", value_name = "KIND", requires = "file")]
    pub kind: Option<Kind>,
    /// The gateway.
    #[command(flatten)]
    pub client: ClientArgs,
}

/// A press table in a file, and what is known of such tables.
#[derive(Debug, Args)]
pub struct TableArgs {
    /// The press table, list of figures, or SDMX-CSV file
    pub file: PathBuf,
    /// What is known of such tables (TOML); that of the shipped releases, if it is not given
    #[arg(long, value_name = "FILE.toml")]
    pub description: Option<PathBuf>,
    /// How the answer is shown.
    #[command(flatten)]
    pub output: FormatArgs,
}

/// `audit`
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// The table.
    #[command(flatten)]
    pub table: TableArgs,
    /// The text of the communiqué, whose claims are held against the table
    #[arg(long, value_name = "COMMUNIQUE")]
    pub text: Option<PathBuf>,
}

/// `bounds`
#[derive(Debug, Args)]
pub struct BoundsArgs {
    /// The table.
    #[command(flatten)]
    pub table: TableArgs,
}
