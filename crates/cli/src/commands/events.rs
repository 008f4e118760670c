//! `withdraw` and `reschedule`: what happens to a release after it was taken in.

use regtrade_proto::v1;

use crate::args::{ClientArgs, Format, RescheduleArgs, WithdrawArgs};
use crate::client::{Client, TIMEOUT, release};
use crate::exit::Exit;
use crate::output::print;
use crate::render::{csv, instant, json};

/// Takes a release back.
///
/// # Errors
/// Where it is not there, it is withdrawn already, or the gateway does not answer.
pub async fn withdraw(args: WithdrawArgs) -> Result<(), Exit> {
    let client = Client::new(&args.client, TIMEOUT)?;
    let question = client.request(v1::WithdrawReleaseRequest {
        release: args.release.to_string(),
        because: args.because,
    });
    let answer = client
        .wait(client.ingest().withdraw_release(question))
        .await?;
    show("withdrawn", answer.release, &args.client)
}

/// Moves the end of an embargo.
///
/// # Errors
/// Where the release is not there or public already, or the gateway does not answer.
pub async fn reschedule(args: RescheduleArgs) -> Result<(), Exit> {
    let client = Client::new(&args.client, TIMEOUT)?;
    let question = client.request(v1::RescheduleReleaseRequest {
        release: args.release.to_string(),
        published_at: args.to.map(regtrade_proto::timestamp),
    });
    let answer = client
        .wait(client.ingest().reschedule_release(question))
        .await?;
    show("rescheduled", answer.release, &args.client)
}

fn show(what: &str, answer: Option<v1::Release>, args: &ClientArgs) -> Result<(), Exit> {
    let (release, state) = release(answer)?;
    print(&match args.output.format {
        Format::Table => format!(
            "{what} {}, published at {}\n",
            release.id,
            instant(release.published_at)
        ),
        Format::Csv => csv::write(Some(&csv::RELEASE_COLUMNS), [csv::release(&release, state)])?,
        Format::Json => json::text(&json::release(&release, state)),
    })
}
