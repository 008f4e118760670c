//! `ingest`: hands the files of a release in, piece by piece.

mod upload;

use std::path::{Path, PathBuf};
use std::time::Duration;

use regtrade_model::Language;
use regtrade_proto::v1::{
    Dataflow, DatePrecision, Finding, Issue, Outcome, ReleaseHeader, ReleaseState, RevisionKind,
};
use serde_json::json;
use tokio::time::Instant;

use crate::args::{Format, IngestArgs};
use crate::client::{Client, INGEST_TIMEOUT, release};
use crate::exit::Exit;
use crate::output::{print, say};
use crate::render::{csv, instant, json, numbers::in_language};
use crate::shipped::{RELEASES, Shipped};

use upload::name;
pub use upload::{Content, Taken, Upload, send};

/// A release of so many figures, to say how fast it went.
const MANY: u64 = 10_000;

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
    let begun = Instant::now();
    let taken = send(&client, header, uploads, args.dry_run).await?;
    if let Some(told) = throughput(taken.figures, begun.elapsed()) {
        say(&told);
    }
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

/// How fast a release that is large was taken in.
fn throughput(figures: u64, elapsed: Duration) -> Option<String> {
    if figures < MANY {
        return None;
    }
    let shown = |number: u64| in_language(number.into(), 0, Language::En);
    let milliseconds = u64::try_from(elapsed.as_millis()).ok()?.max(1);
    let rate = figures.saturating_mul(1000) / milliseconds;
    // No more than three digits of it mean anything.
    let unit = 10u64.pow(rate.max(1).ilog10().saturating_sub(2));
    let seconds = match milliseconds {
        ..10_000 => format!("{}.{}", milliseconds / 1000, milliseconds % 1000 / 100),
        _ => shown(milliseconds / 1000),
    };
    Some(format!(
        "{} observations in {seconds} s ({} a second)",
        shown(figures),
        shown(rate / unit * unit)
    ))
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
    let synthetic = taken
        .release
        .as_ref()
        .is_some_and(|release| release.synthetic);
    let mark = if synthetic { ", synthetic" } else { "" };
    Ok(match format {
        Format::Table => match (taken.outcome, dry_run) {
            (Outcome::Refused | Outcome::Unspecified, _) => String::new(),
            (Outcome::AlreadyIngested, _) => format!("already ingested as {id}\n"),
            (Outcome::Ingested, false) => {
                format!("ingested {id} {figures} figures{mark}\n")
            }
            (Outcome::Ingested, true) => {
                format!("would be ingested as {id} {figures} figures{mark}\n")
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_release_says_how_fast_it_went_in_digits_that_mean_something() {
        let told = |figures, milliseconds| throughput(figures, Duration::from_millis(milliseconds));
        assert_eq!(
            told(10_000_000, 42_000).unwrap(),
            "10,000,000 observations in 42 s (238,000 a second)"
        );
        assert_eq!(
            told(119_190, 5_393).unwrap(),
            "119,190 observations in 5.3 s (22,100 a second)"
        );
        assert_eq!(
            told(10_000, 0).unwrap(),
            "10,000 observations in 0.0 s (10,000,000 a second)"
        );
        assert_eq!(told(204, 100), None);
    }
}
