//! `verify`: rehashes, recounts and re-audits a lake.

use std::collections::BTreeMap;

use indicatif::ProgressBar;
use regtrade_audit::{Bound, Verdict};
use regtrade_lake::{Lake, LakeError, Verification};
use regtrade_model::{BoundedFigure, KeyPattern, Period, PrintedCell, Release, TableDescription};
use serde_json::json;

use crate::args::{Format, VerifyArgs};
use crate::exit::{Exit, chain};
use crate::output::{print, say};
use crate::render::{csv, json, table};

/// What is told of each thing that was found.
const COLUMNS: [&str; 4] = ["verdict", "kind", "path", "explanation"];

/// Verifies a lake.
///
/// # Errors
/// Where something is wrong with it, there is none, or it cannot be read.
pub async fn run(args: &VerifyArgs) -> Result<(), Exit> {
    let lake = Lake::at(&args.lake).map_err(|error| Exit::Usage(chain(&error)))?;
    let bar = ProgressBar::new_spinner();
    bar.set_message(format!("rehashing and recounting {} …", args.lake));
    bar.enable_steady_tick(std::time::Duration::from_millis(100));
    let verified = lake.verify().await.map_err(|error| match error {
        LakeError::NoLake(_) => Exit::no(chain(&error)),
        error => Exit::failed("the lake cannot be verified", &error),
    });
    let found = verified?;
    bar.set_message("auditing …");
    let audited = audit(&lake, &found).await;
    bar.finish_and_clear();
    let mut rows: Vec<[String; 4]> = found
        .problems
        .iter()
        .map(|problem| {
            let kind = format!("{:?}", problem.kind).to_lowercase();
            [
                "problem".to_owned(),
                kind,
                problem.path.clone(),
                problem.what.clone(),
            ]
        })
        .collect();
    rows.extend(audited);
    let problems = rows.len();
    rows.extend(found.notes.iter().map(|note| {
        let [verdict, kind] = ["note", "leftover"].map(str::to_owned);
        [verdict, kind, note.path.clone(), note.what.clone()]
    }));
    print(&shown(&found, &rows, problems, args.output.format)?)?;
    if problems == 0 {
        return Ok(());
    }
    Err(Exit::no(format!(
        "{problems} things are wrong with the lake {}; restore it from a copy that verifies",
        args.lake
    )))
}

fn shown(
    found: &Verification,
    rows: &[[String; 4]],
    problems: usize,
    format: Format,
) -> Result<String, Exit> {
    Ok(match format {
        Format::Csv => csv::write(Some(&COLUMNS), rows)?,
        Format::Json => json::text(&json!({
            "sound": problems == 0,
            "releases": found.releases,
            "events": found.events,
            "files": found.files,
            "rows": found.rows,
            "bytes": found.bytes,
            "found": rows.iter().map(|row| {
                let named = COLUMNS.iter().zip(row).map(|(name, text)| ((*name).to_owned(), json!(text)));
                serde_json::Value::Object(named.collect())
            }).collect::<Vec<_>>(),
        })),
        Format::Table => {
            let mut text = String::new();
            if !rows.is_empty() {
                text.push_str(&table::plain(&COLUMNS, rows.to_vec()));
                text.push('\n');
            }
            let verdict = if problems == 0 { "sound" } else { "NOT SOUND" };
            text.push_str(&format!(
                "{verdict}: {} releases, {} events, {} files, {} rows, {} bytes; {problems} problems, {} notes\n",
                found.releases,
                found.events,
                found.files,
                found.rows,
                found.bytes,
                rows.len() - problems
            ));
            text
        }
    })
}

/// Audits each release once more, and says where what is stored of its audit is not what comes out.
async fn audit(lake: &Lake, found: &Verification) -> Vec<[String; 4]> {
    let releases = match lake.releases().await {
        Ok(releases) => releases,
        // What cannot be read is a problem that was told already; if it was not, it is one here.
        Err(_) if !found.problems.is_empty() => return vec![],
        Err(error) => return vec![problem("audit", "", &chain(&error))],
    };
    let mut problems = vec![];
    for release in releases.iter() {
        match of_release(lake, release).await {
            Ok(wrong) => {
                problems.extend(wrong.map(|what| problem("audit", release.id.as_str(), &what)))
            }
            Err(error) if found.problems.is_empty() => {
                problems.push(problem("audit", release.id.as_str(), &chain(&error)));
            }
            Err(error) => say(&format!("{} is not audited: {}", release.id, chain(&error))),
        }
    }
    problems
}

fn problem(kind: &str, path: &str, what: &str) -> [String; 4] {
    ["problem", kind, path, what].map(str::to_owned)
}

/// What is wrong with what is stored of the audit of a release.
async fn of_release(lake: &Lake, release: &Release) -> Result<Option<String>, LakeError> {
    let published = lake.published(release).await?;
    let stored = lake.bounds(release).await?;
    let written: BTreeMap<Period, &Release> = release
        .slices
        .iter()
        .filter(|slice| slice.observations.is_some())
        .map(|slice| (slice.period, release))
        .collect();
    let observations = lake.observations(&written, &KeyPattern::overall()).await?;
    let accepted = release.accepted_because.is_some();
    let dataflow = release.dataflow;
    let audited = tokio::task::spawn_blocking(move || {
        let description = TableDescription::shipped(dataflow);
        let printed: Vec<PrintedCell> = published.iter().map(PrintedCell::from).collect();
        let observed: Vec<PrintedCell> = observations
            .iter()
            .map(|(_, observation)| observation.into())
            .collect();
        let inconsistent = [&regtrade_audit::together(&printed, &observed), &observed]
            .into_iter()
            .filter(|cells| !cells.is_empty())
            .map(|cells| regtrade_audit::audit(cells, &description).verdict)
            .any(|verdict| verdict == Verdict::ProvablyInconsistent);
        if inconsistent != accepted {
            return Some(if accepted {
                "its figures hang together, and it was accepted as if they did not".to_owned()
            } else {
                "its figures contradict each other, and nothing says that it was accepted so"
                    .to_owned()
            });
        }
        let bounds = regtrade_audit::bounds(&printed, &description).unwrap_or_default();
        let mut bounds: Vec<BoundedFigure> = bounds.iter().filter_map(Bound::of_dataflow).collect();
        bounds.sort_by(|a, b| a.key.cmp(&b.key));
        let differing = bounds.iter().zip(&stored).find(|(new, old)| {
            (&new.key, new.lower.normalize(), new.upper.normalize())
                != (&old.key, old.lower.normalize(), old.upper.normalize())
        });
        match differing {
            Some((new, old)) => Some(format!(
                "its print bounds {} between {} and {}, and {} between {} and {} is stored",
                new.key, new.lower, new.upper, old.key, old.lower, old.upper
            )),
            None if bounds.len() != stored.len() => Some(format!(
                "its print gives {} bounds, and {} are stored",
                bounds.len(),
                stored.len()
            )),
            None => None,
        }
    });
    audited
        .await
        .map_err(|error| LakeError::Damaged(error.to_string()))
}
