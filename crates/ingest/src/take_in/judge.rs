//! The audit at the door, and the release that comes of what was read.

use std::collections::{BTreeMap, BTreeSet};

use regtrade_audit::{Audit, Bound, Verdict, together};
use regtrade_lake::Submission;
use regtrade_model::{
    Edition, Finding, Indicator, Instant, Observation, Period, PrintedCell, PublishedFigure,
    Release, ReleaseId, RevisionKind, Slice, TableDescription,
};
use regtrade_proto::v1::Issue;

use super::{
    Current, Reading, dataflow,
    read::{Data, Files},
};
use crate::upload::Upload;

/// Audits what was read, and makes the submission or the refusal of it.
pub(super) fn judge(
    upload: &Upload,
    files: Files,
    observations: BTreeMap<Period, Vec<Observation>>,
    current: Current,
    now: Instant,
) -> Reading {
    let description = TableDescription::shipped(dataflow(upload));
    let printed: Vec<PrintedCell> = files.published.iter().map(|(_, f)| f.into()).collect();
    let observed = overall(&observations);
    let audits = [&together(&printed, &observed), &observed]
        .map(|cells| (!cells.is_empty()).then(|| regtrade_audit::audit(cells, &description)));
    let audits: Vec<Audit> = audits.into_iter().flatten().collect();
    let findings: Vec<Finding> = audits
        .iter()
        .flat_map(|audit| &audit.findings)
        .map(Finding::from)
        .collect();
    let inconsistent = audits
        .iter()
        .any(|audit| audit.verdict == Verdict::ProvablyInconsistent);
    let accepted_because = upload
        .header
        .accept_findings
        .clone()
        .filter(|_| inconsistent);
    if inconsistent && accepted_because.is_none() {
        let cells: Vec<(usize, PrintedCell)> = files
            .published
            .iter()
            .map(|(file, figure)| (*file, figure.into()))
            .chain(observed_in_files(&files))
            .collect();
        let grave = audits
            .iter()
            .flat_map(|audit| &audit.findings)
            .filter(|finding| finding.verdict == Verdict::ProvablyInconsistent);
        let issues: Vec<Issue> = grave
            .map(|finding| located(upload, &cells, finding))
            .collect();
        return Reading::Unfit {
            issue_count: issues.len(),
            issues,
            findings,
        };
    }
    let bounds = if printed.is_empty() {
        vec![]
    } else {
        regtrade_audit::bounds(&printed, &description).unwrap_or_default()
    };
    let published: Vec<PublishedFigure> = files.published.into_iter().map(|(_, f)| f).collect();
    let accepted = accepted_because.map(|because| (because, findings.clone()));
    let release = release(
        upload,
        &published,
        &observations,
        files.notes,
        accepted,
        current.edition,
        now,
    );
    Reading::Fit {
        submission: Box::new(Submission {
            published_now: upload.header.published_at.is_none(),
            release,
            published,
            bounds: bounds.iter().filter_map(Bound::of_dataflow).collect(),
            observations,
            made_from: current.writers,
        }),
        findings,
    }
}

/// The record of the release; what it is for each period the lake finds out.
fn release(
    upload: &Upload,
    published: &[PublishedFigure],
    observations: &BTreeMap<Period, Vec<Observation>>,
    notes: Vec<String>,
    accepted: Option<(String, Vec<Finding>)>,
    base: Option<Edition>,
    now: Instant,
) -> Release {
    let periods: BTreeSet<Period> = published
        .iter()
        .map(|figure| figure.key.period.last())
        .chain(observations.keys().copied())
        .collect();
    let edition = upload
        .header
        .edition
        .clone()
        .or(base)
        .or_else(|| edition(published, &periods))
        .unwrap_or_else(|| unreachable!("a release that has a figure has a last period"));
    let (dataflow, digest) = (dataflow(upload), upload.digest());
    let (accepted_because, findings) = accepted.map_or((None, vec![]), |(because, findings)| {
        (Some(because), findings)
    });
    Release {
        id: ReleaseId::derive(dataflow, &edition, &digest),
        dataflow,
        edition,
        published_at: upload.header.published_at.unwrap_or(now),
        published_precision: upload.header.published_precision,
        loaded_at: now,
        digest,
        files: upload
            .files
            .iter()
            .map(crate::upload::UploadedFile::source)
            .collect(),
        slices: periods
            .into_iter()
            .map(|period| Slice {
                period,
                kind: RevisionKind::First,
                observations: None,
            })
            .collect(),
        revision: upload.header.revision,
        builds_on: upload.header.builds_on.clone(),
        notes,
        findings,
        accepted_because,
        synthetic: false,
        withdrawn: None,
    }
}

/// The edition of a release that is given no name: the last period that it has levels of.
fn edition(published: &[PublishedFigure], periods: &BTreeSet<Period>) -> Option<Edition> {
    let levels = published
        .iter()
        .filter(|figure| figure.key.indicator == Indicator::Level)
        .map(|figure| figure.key.period.last());
    levels
        .max()
        .or_else(|| periods.last().copied())
        .map(Edition::from)
}

/// The observations over all activities, products and partners as the audit reads cells: each as precise as it says.
fn overall(observations: &BTreeMap<Period, Vec<Observation>>) -> Vec<PrintedCell> {
    let rows = observations.values().flatten();
    rows.filter(|row| row.key.is_overall())
        .map(PrintedCell::from)
        .collect()
}

fn observed_in_files(files: &Files) -> Vec<(usize, PrintedCell)> {
    let Data::Whole(rows) = &files.data else {
        return vec![];
    };
    rows.iter()
        .filter(|(_, _, row)| row.key.is_overall())
        .map(|(file, line, row)| {
            let mut cell = PrintedCell::from(row);
            cell.origin.line = *line;
            (*file, cell)
        })
        .collect()
}

/// A finding as an issue at the first cell of its set.
fn located(
    upload: &Upload,
    cells: &[(usize, PrintedCell)],
    finding: &regtrade_audit::Finding,
) -> Issue {
    let is_named = |cell: &PrintedCell| {
        finding.cells.iter().any(|key| {
            (&key.item, &key.area, key.indicator, key.period)
                == (&cell.item, &cell.area, cell.indicator, cell.period)
        })
    };
    // What alone could mend the table is the likelier place of the mistake than any other figure of the set.
    let is_mend = |cell: &PrintedCell| {
        finding.mends.first().is_some_and(|mend| {
            let key = &mend.cell;
            (&key.item, &key.area, key.indicator, key.period)
                == (&cell.item, &cell.area, cell.indicator, cell.period)
        })
    };
    let place = cells
        .iter()
        .find(|(_, cell)| is_mend(cell))
        .or_else(|| cells.iter().find(|(_, c)| is_named(c)));
    let (file, origin) = place.map_or((0, None), |(file, cell)| (*file, Some(cell.origin)));
    Issue {
        file: upload.files[file].name.clone(),
        line: origin.map_or(1, |origin| origin.line),
        column: origin.map_or(1, |origin| origin.column),
        rule: finding.rule.to_string(),
        found: finding.found.clone(),
        explanation: finding.explanation.clone(),
    }
}
