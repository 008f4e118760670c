//! The audit at the door, and the release that comes of what was read.

use std::collections::BTreeSet;

use regtrade_audit::{Audit, Bound, Verdict, together};
use regtrade_lake::{Slices, Spooled, Submission};
use regtrade_model::{
    Dataflow, Edition, Finding, Indicator, Instant, Period, PrintedCell, PublishedFigure, Release,
    ReleaseId, RevisionKind, Slice, TableDescription,
};
use regtrade_proto::v1::Issue;

use super::{
    Current, Reading,
    found::Found,
    read::{Data, Files},
};
use crate::upload::Upload;

/// Audits what was read, and makes the submission or the refusal of it.
pub(super) fn judge(
    upload: &Upload,
    files: Files,
    observations: Slices,
    overall: &[Spooled],
    current: Current,
    now: Instant,
) -> Reading {
    let description = TableDescription::shipped(files.dataflow);
    let printed: Vec<PrintedCell> = files.published.iter().map(|(_, f)| f.into()).collect();
    // Foreign-trade statistics have months alone, no print, and two concepts: there is no table of theirs to audit.
    let is_audited = files.dataflow == Dataflow::Regtrd;
    let observed: Vec<PrintedCell> = overall
        .iter()
        .filter(|_| is_audited)
        .map(|row| PrintedCell::from(&row.observation))
        .collect();
    let both = together(&printed, &observed);
    // Without a print both are the same, and what is found would be told twice.
    let tables = [
        (&both, !printed.is_empty()),
        (&observed, !observed.is_empty()),
    ]
    .into_iter();
    let tables = tables.filter_map(|(cells, is_there)| is_there.then_some(cells));
    let audits: Vec<Audit> = tables
        .map(|cells| regtrade_audit::audit(cells, &description))
        .collect();
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
            .chain(observed_in_files(&files.data))
            .collect();
        let grave = audits
            .iter()
            .flat_map(|audit| &audit.findings)
            .filter(|finding| finding.verdict == Verdict::ProvablyInconsistent);
        let issues: Vec<Issue> = grave
            .map(|finding| located(upload, &cells, finding))
            .collect();
        let mut found = Found::default();
        issues.into_iter().for_each(|issue| found.add(|| issue));
        return Reading::Unfit {
            issues: found,
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
    let periods: BTreeSet<Period> = published
        .iter()
        .map(|figure| figure.key.period.last())
        .chain(observations.summaries().keys().copied())
        .collect();
    let named = upload.header.edition.clone().or(current.edition);
    let edition = named
        .or_else(|| edition(&published, &periods))
        .unwrap_or_else(|| unreachable!("a release that has a figure has a last period"));
    let mut release = release(
        upload,
        files.dataflow,
        edition,
        periods,
        files.notes,
        accepted,
        now,
    );
    // What is changed of figures that were made up stays made up.
    release.synthetic = files.synthetic || current.synthetic;
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
    dataflow: Dataflow,
    edition: Edition,
    periods: BTreeSet<Period>,
    notes: Vec<String>,
    accepted: Option<(String, Vec<Finding>)>,
    now: Instant,
) -> Release {
    let digest = upload.digest();
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

fn observed_in_files(data: &Data) -> Vec<(usize, PrintedCell)> {
    let Data::Whole { overall, .. } = data else {
        return vec![];
    };
    let cells = overall.iter().map(|row| {
        let mut cell = PrintedCell::from(&row.observation);
        cell.origin.line = row.place.line;
        (row.place.file as usize, cell)
    });
    cells.collect()
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
        file: upload.files[file].name().to_owned(),
        line: origin.map_or(1, |origin| origin.line),
        column: origin.map_or(1, |origin| origin.column),
        rule: finding.rule.to_string(),
        found: finding.found.clone(),
        explanation: finding.explanation.clone(),
    }
}
