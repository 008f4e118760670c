//! Sends the files of a release piece by piece, and shows how far it is.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use regtrade_proto::v1::{
    CheckReleaseRequest, Finding, IngestReleaseRequest, Issue, Outcome, Release, ReleaseHeader,
    ReleasePart, release_part::Part,
};
use regtrade_service::backend::{Origin, origin};
use regtrade_service::error::{Cause, Failure};
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;

use crate::client::Client;
use crate::exit::Exit;
use crate::output::say;

/// How much of a file is read and sent at a time.
const CHUNK: usize = 256 * 1024;
/// A release of so many bytes takes long enough to say what is going on.
const LARGE: u64 = 8 << 20;
/// Pieces that wait to be sent; with [`CHUNK`], what an upload holds in memory.
const WAITING: usize = 4;

/// A file to hand in.
pub struct Upload {
    /// Where it is, in the words of whoever named it.
    pub path: PathBuf,
    /// What is in it.
    pub content: Content,
}

/// What is in a file.
pub enum Content {
    /// Bytes that came with the command.
    Shipped(&'static [u8]),
    /// An open file.
    File(tokio::fs::File),
}

/// What became of an upload.
pub struct Taken {
    /// Stored, there already, or refused.
    pub outcome: Outcome,
    /// The release, where there is one.
    pub release: Option<Release>,
    /// Figures that were read.
    pub figures: u64,
    /// The first issues.
    pub issues: Vec<Issue>,
    /// How many there are.
    pub issue_count: u64,
    /// What the audit found.
    pub findings: Vec<Finding>,
}

/// Hands files in as one release; in a dry run, has them checked alone.
///
/// # Errors
/// Where a file cannot be read to its end, or the gateway does not answer.
pub async fn send(
    client: &Client,
    header: ReleaseHeader,
    uploads: Vec<Upload>,
    dry_run: bool,
) -> Result<Taken, Exit> {
    let (sender, receiver) = mpsc::channel(WAITING);
    let parts = ReceiverStream::new(receiver).map(|part| ReleasePart { part: Some(part) });
    let mut service = client.ingest();
    let call = async {
        if dry_run {
            let parts = parts.map(|part| CheckReleaseRequest { part: Some(part) });
            let answer = client
                .try_wait(service.check_release(client.request(parts)))
                .await?;
            Ok(answer.map(|answer| Taken {
                outcome: answer.outcome(),
                release: answer.release,
                figures: answer.figures,
                issues: answer.issues,
                issue_count: answer.issue_count,
                findings: answer.findings,
            }))
        } else {
            let parts = parts.map(|part| IngestReleaseRequest { part: Some(part) });
            let answer = client
                .try_wait(service.ingest_release(client.request(parts)))
                .await?;
            Ok(answer.map(|answer| Taken {
                outcome: answer.outcome(),
                release: answer.release,
                figures: answer.figures,
                issues: answer.issues,
                issue_count: answer.issue_count,
                findings: answer.findings,
            }))
        }
    };
    tokio::pin!(call);
    let answer: Result<Result<Taken, tonic::Status>, Exit> = tokio::select! {
        answer = &mut call => answer,
        read = pass(header, uploads, &sender) => match read {
            Ok(()) => {
                drop(sender);
                checking(call).await
            }
            Err(exit) => {
                // An end of the stream would say that the files are complete: the connection must break instead.
                std::mem::forget(sender);
                return Err(exit);
            }
        },
    };
    answer?.map_err(|status| match origin(&status) {
        Origin::Backend => refused(&Failure::from_status(&status)),
        Origin::Deadline | Origin::Transport => client.failure(&status),
    })
}

/// Too large a file is refused; too many calls at once are a matter of the service.
fn refused(failure: &Failure) -> Exit {
    match failure.cause {
        Cause::ResourceExhausted if !["CONCURRENCY", "NO_SPACE"].contains(&&*failure.reason) => {
            Exit::no(failure.message.clone())
        }
        _ => Exit::answered(failure),
    }
}

/// Passes all pieces on. A receiver that is gone has answered early: that is no error here.
async fn pass(
    header: ReleaseHeader,
    uploads: Vec<Upload>,
    sender: &mpsc::Sender<Part>,
) -> Result<(), Exit> {
    let total = size(&uploads).await;
    let begun = Instant::now();
    let bar = ProgressBar::new(total);
    let style = "{msg} {bar:30} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec}";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    // Without a terminal there is no bar; who sends much is told so in lines.
    let is_told = bar.is_hidden() && total >= LARGE;
    if sender.send(Part::Header(header)).await.is_err() {
        return Ok(());
    }
    for Upload { path, content } in uploads {
        let name = name(&path);
        bar.set_message(name.clone());
        if is_told {
            say(&format!("sending {name} …"));
        }
        if sender.send(Part::FileName(name)).await.is_err() {
            return Ok(());
        }
        match content {
            Content::Shipped(bytes) => {
                for chunk in bytes.chunks(CHUNK) {
                    bar.inc(chunk.len() as u64);
                    if sender
                        .send(Part::Chunk(chunk.to_vec().into()))
                        .await
                        .is_err()
                    {
                        return Ok(());
                    }
                }
            }
            Content::File(mut file) => loop {
                let mut chunk = Vec::with_capacity(CHUNK);
                let read = (&mut file).take(CHUNK as u64).read_to_end(&mut chunk).await;
                match read {
                    Ok(0) => break,
                    Ok(read) => bar.inc(read as u64),
                    Err(error) => return Err(Exit::file(&path, "cannot be read", &error)),
                }
                if sender.send(Part::Chunk(chunk.into())).await.is_err() {
                    return Ok(());
                }
            },
        }
    }
    bar.finish_and_clear();
    if is_told {
        let seconds = begun.elapsed().as_secs();
        let size = indicatif::BinaryBytes(total);
        say(&format!(
            "sent {size} in {seconds} s; checking and storing …"
        ));
    }
    Ok(())
}

/// Turns until what is awaited is there.
async fn checking<T>(awaited: impl Future<Output = T>) -> T {
    let spinner = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} checking and storing, {elapsed}") {
        spinner.set_style(style);
    }
    spinner.enable_steady_tick(Duration::from_millis(120));
    let output = awaited.await;
    spinner.finish_and_clear();
    output
}

async fn size(uploads: &[Upload]) -> u64 {
    let mut bytes = 0;
    for upload in uploads {
        bytes += match &upload.content {
            Content::Shipped(content) => content.len() as u64,
            Content::File(file) => file.metadata().await.map_or(0, |metadata| metadata.len()),
        };
    }
    bytes
}

/// The name of a file without its folder.
pub fn name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}
