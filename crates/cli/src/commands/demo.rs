//! `demo`: from nothing to the table: services, a temporary lake, the shipped releases, the key indicators.

mod detail;

use std::time::Duration;

use regtrade_proto::v1;
use regtrade_service::logs::{LogConfig, LogFormat};
use regtrade_service::{Limits, logs, shutdown};

use super::ingest::send_shipped;
use super::key_indicators;
use crate::args::DemoArgs;
use crate::client::{Client, INGEST_TIMEOUT, language};
use crate::exit::Exit;
use crate::output::say;
use crate::shipped::RELEASES;
use crate::stack::{Stack, loopback};

/// How long an answer may take: in a program that was not compiled for speed, beside all else.
const PATIENCE: Option<Duration> = Some(Duration::from_secs(60));

/// Shows the key indicators of the newest shipped release.
///
/// # Errors
/// Where a service fails.
pub async fn run(args: DemoArgs) -> Result<(), Exit> {
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
    let handing_in = Client::to(endpoint, None, INGEST_TIMEOUT)?;
    for release in &RELEASES {
        send_shipped(&handing_in, release, false).await?;
    }
    let client = Client::to(endpoint, None, PATIENCE)?;
    let question = v1::GetKeyIndicatorsRequest {
        language: language(args.lang),
        ..Default::default()
    };
    let answer = key_indicators::ask(&client, question).await?;
    key_indicators::show(&answer, args.lang, args.output.format)?;
    if args.detail {
        detail::show(&handing_in, &client, args).await?;
    }
    Ok(())
}
