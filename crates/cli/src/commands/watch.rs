//! `watch`: a line for each release at the instant when it becomes visible, and when it is withdrawn.

use std::time::Duration;

use regtrade_proto::v1;
use regtrade_service::{backend::Origin, backend::origin, shutdown};

use crate::args::{Format, WatchArgs};
use crate::client::{Client, TIMEOUT, release};
use crate::exit::Exit;
use crate::output::{print, say};
use crate::render::{csv, json};

/// Between two attempts to reach a gateway that went away.
const PAUSE: Duration = Duration::from_secs(1);

/// Tells of releases until it is told to end. A connection that is lost is made again, and nothing is missed.
///
/// # Errors
/// Where the gateway refuses, or is not there to begin with.
pub async fn run(args: WatchArgs) -> Result<(), Exit> {
    tokio::select! {
        ended = follow(&args) => ended,
        () = shutdown::signal() => Ok(()),
    }
}

async fn follow(args: &WatchArgs) -> Result<(), Exit> {
    let client = Client::new(&args.client, TIMEOUT)?;
    let mut asked = v1::WatchReleasesRequest {
        dataflow: args
            .dataflow
            .map_or(0, |dataflow| v1::Dataflow::from(dataflow).into()),
        after_release: args
            .after
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        resume_token: args.resume.clone().unwrap_or_default(),
    };
    let mut left = args.count.unwrap_or(u64::MAX);
    let (mut connected, mut waiting) = (false, false);
    let mut head = args.client.output.format == Format::Csv;
    while left > 0 {
        let mut request = client.request(asked.clone());
        // A stream that never ends by itself has no deadline.
        request.metadata_mut().remove("grpc-timeout");
        let lost = match client.ingest().watch_releases(request).await {
            Err(status) => status,
            Ok(stream) => {
                let mut stream = stream.into_inner();
                if !connected || std::mem::take(&mut waiting) {
                    say("watching …");
                }
                connected = true;
                loop {
                    match stream.message().await {
                        Ok(Some(told)) => {
                            asked.after_release.clear();
                            asked.resume_token.clone_from(&told.resume_token);
                            show(told, args.client.output.format, std::mem::take(&mut head))?;
                            left -= 1;
                            if left == 0 {
                                return Ok(());
                            }
                        }
                        Ok(None) => break tonic::Status::unavailable("the gateway ended"),
                        Err(status) => break status,
                    }
                }
            }
        };
        // Where nothing was told yet there is no place to go on from, and what came in between would be missed.
        let resumable = !asked.resume_token.is_empty() || !asked.after_release.is_empty();
        let away = lost.code() == tonic::Code::Unavailable || origin(&lost) == Origin::Transport;
        if !connected || !away || !resumable {
            return Err(client.failure(&lost));
        }
        if !std::mem::replace(&mut waiting, true) {
            say("the gateway is away; trying again …");
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

fn show(told: v1::WatchReleasesResponse, format: Format, head: bool) -> Result<(), Exit> {
    let event = match told.event() {
        v1::WatchEvent::Withdrawn => "WITHDRAWN",
        _ => "VISIBLE",
    };
    let (release, state) = release(told.release)?;
    print(&match format {
        Format::Table => format!("{event:<9} {} {}\n", release.id, told.resume_token),
        Format::Csv => {
            let columns = [
                ["event"].as_slice(),
                &csv::RELEASE_COLUMNS,
                &["resume_token"],
            ]
            .concat();
            let row = [
                [event.to_owned()].as_slice(),
                &csv::release(&release, state),
                &[told.resume_token],
            ]
            .concat();
            csv::write(head.then_some(columns.as_slice()), [row])?
        }
        Format::Json => {
            let line = serde_json::json!({
                "event": event,
                "release": json::release(&release, state),
                "resume_token": told.resume_token,
            });
            format!("{line}\n")
        }
    })
}
