//! `demo`: from nothing to the table: services, a temporary lake, the shipped releases, the key indicators.

use regtrade_model::{AsOf, Dataflow};
use regtrade_service::logs::{LogConfig, LogFormat};
use regtrade_service::{Limits, logs, shutdown};

use super::ingest::send_shipped;
use super::key_indicators;
use crate::args::DemoArgs;
use crate::client::{Client, INGEST_TIMEOUT};
use crate::exit::Exit;
use crate::output::say;
use crate::shipped::RELEASES;
use crate::stack::{Stack, loopback};

/// Shows the key indicators of the newest shipped release.
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
            intake: regtrade_ingest::IntakeConfig::default(),
            limits: Limits::default(),
        },
        regtrade_gateway::TokenConfig::default(),
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
    for release in &RELEASES {
        send_shipped(&client, release, false).await?;
    }
    let answer =
        key_indicators::ask(&client, Dataflow::Regtrd, &AsOf::default(), args.lang).await?;
    key_indicators::show(&answer, args.lang, args.output.format)
}
