//! `ingest`: hands the files of a release in, piece by piece.

use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use regtrade_proto::v1::{
    CheckReleaseRequest, Dataflow, DatePrecision, Finding, IngestReleaseRequest, Issue, Outcome,
    Release, ReleaseHeader, ReleasePart, ReleaseState, RevisionKind, release_part::Part,
};
use regtrade_service::backend::{Origin, origin};
use regtrade_service::error::{Cause, Failure};
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;

use crate::args::{Format, IngestArgs};
use crate::client::{Client, INGEST_TIMEOUT, release};
use crate::exit::Exit;
use crate::output::{print, say};
use crate::render::{csv, instant, json};
use crate::shipped::{RELEASES, Shipped};

/// How much of a file is read and sent at a time.
const CHUNK: usize = 256 * 1024;
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
    release: Option<Release>,
    figures: u64,
    issues: Vec<Issue>,
    issue_count: u64,
    findings: Vec<Finding>,
}

/// Hands a release in.
///
/// # Errors
/// Where it is refused, a file cannot be read, or the gateway does not answer.
pub async fn run(args: IngestArgs) -> Result<(), Exit> {
    let client = Client::new(&args.client, INGEST_TIMEOUT)?;
    if args.shipped {
        return all_shipped(&client, args.dry_run, args.client.output.format).await;
    }
    let mut uploads = vec![];
    for path in &args.files {
        uploads.push(open(path).await?);
    }
    let header = ReleaseHeader {
        dataflow: args
            .dataflow
            .map_or(0, |dataflow| Dataflow::from(dataflow).into()),
        edition: args
            .edition
            .map(|edition| edition.to_string())
            .unwrap_or_default(),
        published_at: args
            .published_at
            .map(|published| regtrade_proto::timestamp(published.at)),
        published_precision: args.published_at.map_or(0, |published| {
            DatePrecision::from(published.precision).into()
        }),
        revision: args.revision.map_or(0, |revision| {
            RevisionKind::from(regtrade_model::RevisionKind::from(revision)).into()
        }),
        builds_on: args.builds_on.map(|id| id.to_string()).unwrap_or_default(),
        accept_findings: args.accept_findings.unwrap_or_default(),
    };
    let taken = send(&client, header, uploads, args.dry_run).await?;
    print(&shown(&taken, args.dry_run, args.client.output.format)?)?;
    if let Some(note) = note(&taken, args.published_at.map(|published| published.at)) {
        say(&note);
    }
    if taken.outcome != Outcome::Refused {
        return Ok(());
    }
    for issue in &taken.issues {
        say(&told(issue, &args.files));
    }
    let more = taken.issue_count.saturating_sub(taken.issues.len() as u64);
    if more > 0 {
        say(&format!("… and {more} more"));
    }
    let wrong = |finding: &Finding| finding.verdict == "provably_inconsistent";
    let help = if taken.findings.iter().any(wrong) {
        "; to take it in all the same, say why with --accept-findings"
    } else {
        ""
    };
    Err(Exit::no(format!(
        "the release is refused, and nothing was stored{help}"
    )))
}

/// What to know of a release beside that it is there.
fn note(taken: &Taken, asked: Option<regtrade_model::Instant>) -> Option<String> {
    let (release, state) = release(taken.release.clone()).ok()?;
    let at = instant(release.published_at);
    match (taken.outcome, state) {
        (Outcome::AlreadyIngested, ReleaseState::Withdrawn) => Some(format!(
            "note: {} is withdrawn and counts no more; to publish the same files again, give them another --edition",
            release.id
        )),
        (Outcome::AlreadyIngested, _)
            if asked.is_some_and(|asked| asked != release.published_at) =>
        {
            Some(format!(
                "note: it was taken in before, published at {at}, and that stays so; an embargo that has not ended is moved with `regtrade reschedule`"
            ))
        }
        (Outcome::Ingested, ReleaseState::Embargoed) => {
            Some(format!("note: it is under embargo until {at}"))
        }
        _ => None,
    }
}

/// Hands in the releases that come with the program, the oldest first.
async fn all_shipped(client: &Client, dry_run: bool, format: Format) -> Result<(), Exit> {
    let mut head = true;
    for release in &RELEASES {
        let taken = send_shipped(client, release, dry_run).await?;
        let mut text = shown(&taken, dry_run, format)?;
        if format == Format::Csv && !std::mem::take(&mut head) {
            text = text
                .lines()
                .skip(1)
                .map(|line| format!("{line}\n"))
                .collect();
        }
        print(&text)?;
    }
    Ok(())
}

/// Hands in a release that comes with the program.
///
/// # Errors
/// Where it is refused, or the gateway does not answer.
pub async fn send_shipped(
    client: &Client,
    release: &Shipped,
    dry_run: bool,
) -> Result<Taken, Exit> {
    say(&format!("taking in {} …", release.name()));
    let upload = |&(name, bytes): &(&str, &'static [u8])| Upload {
        path: PathBuf::from(name),
        content: Content::Shipped(bytes),
    };
    let uploads = release.files.iter().map(upload).collect();
    let taken = send(client, release.header()?, uploads, dry_run).await?;
    if taken.outcome == Outcome::Refused {
        for issue in &taken.issues {
            say(&told(issue, &[]));
        }
        return Err(Exit::Service(format!("{} is refused", release.name())));
    }
    Ok(taken)
}

/// Opens a file before anything is sent, so that a wrong name costs nothing.
async fn open(path: &Path) -> Result<Upload, Exit> {
    let failed = |error: std::io::Error| Exit::file(path, "cannot be read", &error);
    let file = tokio::fs::File::open(path).await.map_err(failed)?;
    if file.metadata().await.map_err(failed)?.is_dir() {
        return Err(Exit::no(format!(
            "{}: is a folder, not a file",
            path.display()
        )));
    }
    Ok(Upload {
        path: path.to_owned(),
        content: Content::File(file),
    })
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
                call.await
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
    let bar = ProgressBar::new(size(&uploads).await);
    if let Ok(style) = ProgressStyle::with_template("{msg} {bar:30} {bytes}/{total_bytes}") {
        bar.set_style(style);
    }
    if sender.send(Part::Header(header)).await.is_err() {
        return Ok(());
    }
    for Upload { path, content } in uploads {
        let name = name(&path);
        bar.set_message(name.clone());
        if sender.send(Part::FileName(name)).await.is_err() {
            return Ok(());
        }
        match content {
            Content::Shipped(bytes) => {
                for chunk in bytes.chunks(CHUNK) {
                    bar.inc(chunk.len() as u64);
                    if sender.send(Part::Chunk(chunk.to_vec())).await.is_err() {
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
                if sender.send(Part::Chunk(chunk)).await.is_err() {
                    return Ok(());
                }
            },
        }
    }
    bar.finish_and_clear();
    Ok(())
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

fn name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// An issue, with the file in the words of whoever named it.
fn told(issue: &Issue, files: &[PathBuf]) -> String {
    let named = files.iter().find(|path| name(path) == issue.file);
    let file = named.map_or_else(|| issue.file.clone(), |path| path.display().to_string());
    format!(
        "{file}:{}:{}: {} [{}]",
        issue.line, issue.column, issue.explanation, issue.rule
    )
}

fn shown(taken: &Taken, dry_run: bool, format: Format) -> Result<String, Exit> {
    let release = taken
        .release
        .as_ref()
        .map(|release| release.release.as_str());
    let id = release.unwrap_or_default();
    let outcome = taken.outcome.as_str_name().trim_start_matches("OUTCOME_");
    let figures = taken.figures;
    Ok(match format {
        Format::Table => match (taken.outcome, dry_run) {
            (Outcome::Refused | Outcome::Unspecified, _) => String::new(),
            (Outcome::AlreadyIngested, _) => format!("already ingested as {id}\n"),
            (Outcome::Ingested, false) => format!("ingested {id} {figures} figures\n"),
            (Outcome::Ingested, true) => format!("would be ingested as {id} {figures} figures\n"),
        },
        Format::Csv => csv::write(
            Some(&["outcome", "release", "figures", "issues"]),
            [[
                outcome,
                id,
                &figures.to_string(),
                &taken.issue_count.to_string(),
            ]],
        )?,
        Format::Json => json::text(&json!({
            "outcome": outcome,
            "dry_run": dry_run,
            "release": release,
            "figures": figures,
            "issue_count": taken.issue_count,
            "issues": taken.issues.iter().map(|issue| json!({
                "file": issue.file,
                "line": issue.line,
                "column": issue.column,
                "rule": issue.rule,
                "found": issue.found,
                "explanation": issue.explanation,
            })).collect::<Vec<_>>(),
            "findings": taken.findings.iter().map(|finding| json!({
                "rule": finding.rule,
                "verdict": finding.verdict,
                "cells": finding.cells,
                "expected": finding.expected,
                "found": finding.found,
                "explanation": finding.explanation,
            })).collect::<Vec<_>>(),
        })),
    })
}
