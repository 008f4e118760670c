//! `demo`: from nothing to the table: services, a temporary lake, the shipped release, its key indicators.

use std::path::PathBuf;

use regtrade_model::{AsOf, Dataflow};
use regtrade_proto::v1::{Outcome, ReleaseHeader};
use regtrade_service::logs::{LogConfig, LogFormat};
use regtrade_service::{Limits, logs, shutdown};

use super::ingest::{Content, Upload, send};
use super::key_indicators;
use crate::args::DemoArgs;
use crate::client::{Client, INGEST_TIMEOUT};
use crate::exit::Exit;
use crate::output::say;
use crate::stack::{Stack, loopback};

/// The releases that come with the project.
const RELEASES: [(&str, &[u8]); 1] = [(
    "regtrd-2024.tsv",
    include_bytes!("../../releases/regtrd-2024.tsv"),
)];

/// Shows the key indicators of the shipped release.
///
/// # Errors
/// Where a service fails.
pub async fn run(args: DemoArgs) -> Result<(), Exit> {
    if args.detail {
        return Err(Exit::Usage(
            "--detail is not there yet; run `regtrade demo` without it".into(),
        ));
    }
    let config = LogConfig {
        filter: std::env::var("REGTRADE_LOG").unwrap_or_else(|_| "warn".into()),
        format: LogFormat::Text,
    };
    logs::install(&config).map_err(|error| Exit::Usage(crate::exit::chain(&error)))?;
    let lake = tempfile::tempdir()
        .map_err(|error| Exit::failed("no temporary folder for the lake", &error))?;
    say("starting gateway, ingest and indicators on a temporary lake …");
    let (listener, _) = loopback().await?;
    let mut stack = Stack::start(
        listener,
        regtrade_ingest::Config {
            lake: lake.path().display().to_string(),
            limits: Limits::default(),
        },
    )
    .await?;
    let endpoint = format!("http://{}", stack.gateway);
    let shown = tokio::select! {
        shown = show(&endpoint, &args) => shown,
        failure = stack.failure() => Err(failure),
        () = shutdown::signal() => Err(Exit::no("told to end before the table was there")),
    };
    let ended = stack.end().await;
    shown.and(ended)
}

async fn show(endpoint: &str, args: &DemoArgs) -> Result<(), Exit> {
    let client = Client::to(endpoint, None, INGEST_TIMEOUT)?;
    for (name, bytes) in RELEASES {
        say(&format!("taking in {name} …"));
        let upload = Upload {
            path: PathBuf::from(name),
            content: Content::Shipped(bytes),
        };
        let taken = send(&client, ReleaseHeader::default(), vec![upload], false).await?;
        if taken.outcome == Outcome::Refused {
            return Err(Exit::Service(format!(
                "the shipped release {name} is refused"
            )));
        }
    }
    let answer =
        key_indicators::ask(&client, Dataflow::Regtrd, &AsOf::default(), args.lang).await?;
    key_indicators::show(&answer, args.lang, args.output.format)
}
