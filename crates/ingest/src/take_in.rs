//! From an upload to a submission: read, audit, and say why not.

use std::collections::{BTreeMap, BTreeSet};

use regtrade_audit::Verdict;
use regtrade_formats::press_table;
use regtrade_lake::Submission;
use regtrade_model::{
    BoundedFigure, Dataflow, Decimal, Edition, FigureKey, Finding, Indicator, Instant, Period,
    PrintedCell, PublishedFigure, Release, ReleaseId, TableDescription,
};
use regtrade_proto::v1;

use crate::upload::Upload;

/// Decimals of a printed figure: with three more for the bounds on it, the lake keeps them exactly.
const MOST_DECIMALS: u32 = 7;

/// Printed figures are smaller, whatever their unit.
const LARGEST_FIGURE: i64 = 1_000_000_000_000_000;

/// Issues that are reported in full.
const MOST_ISSUES: usize = 1_000;

/// What reading and auditing an upload comes to.
pub(crate) enum Reading {
    /// It can be committed.
    Fit {
        submission: Box<Submission>,
        findings: Vec<Finding>,
    },
    /// It cannot, for these reasons.
    Unfit {
        issues: Vec<v1::Issue>,
        issue_count: usize,
        findings: Vec<Finding>,
    },
}

/// Reads and audits an upload. Takes some tenths of a second of computing.
pub(crate) fn read(upload: &Upload, now: Instant) -> Reading {
    let dataflow = upload.header.dataflow.unwrap_or(Dataflow::Regtrd);
    let description = TableDescription::shipped(dataflow);
    let mut cells: Vec<(usize, PrintedCell)> = vec![];
    let (mut issues, mut issue_count, mut notes) = (vec![], 0, vec![]);
    for (at, file) in upload.files.iter().enumerate() {
        let reading = press_table::read(&file.bytes, &description);
        issue_count += reading.issue_count;
        issues.extend(reading.issues.into_iter().map(|issue| v1::Issue {
            file: file.name.clone(),
            line: issue.line,
            column: issue.column,
            rule: issue.rule.to_string(),
            found: issue.found,
            explanation: issue.explanation,
        }));
        notes.extend(reading.notes);
        cells.extend(reading.cells.into_iter().map(|cell| (at, cell)));
    }
    let more = [
        repeated(upload, &cells),
        too_precise(upload, &cells),
        without_a_figure(upload, &cells),
    ]
    .concat();
    issue_count += more.len();
    issues.extend(more);
    issues.truncate(MOST_ISSUES);
    let published: Result<Vec<_>, _> = cells
        .iter()
        .map(|(_, cell)| PublishedFigure::try_from(cell))
        .collect();
    let Ok(published) = published else {
        unreachable!("the shipped description names items and areas of the model alone")
    };
    if issue_count > 0 || published.is_empty() {
        return Reading::Unfit {
            issues,
            issue_count,
            findings: vec![],
        };
    }
    judge(
        upload,
        dataflow,
        &description,
        &cells,
        published,
        notes,
        now,
    )
}

/// Figures that the lake, or the bounds on them, could not keep exactly.
fn too_precise(upload: &Upload, cells: &[(usize, PrintedCell)]) -> Vec<v1::Issue> {
    let fits = |cell: &PrintedCell| {
        let largest = Decimal::from(LARGEST_FIGURE);
        cell.decimals <= MOST_DECIMALS && cell.value.is_none_or(|value| value.abs() < largest)
    };
    let coarse = cells.iter().filter(|(_, cell)| !fits(cell));
    coarse
        .map(|(file, cell)| v1::Issue {
            file: upload.files[*file].name.clone(),
            line: cell.origin.line,
            column: cell.origin.column,
            rule: "number.too-precise".to_owned(),
            found: cell.value.map(|value| value.to_string()).unwrap_or_default(),
            explanation: format!(
                "has more than {MOST_DECIMALS} decimals, or is {LARGEST_FIGURE} or more; print it coarser"
            ),
        })
        .collect()
}

/// A release of which every figure is "not available" would hide the release before it.
fn without_a_figure(upload: &Upload, cells: &[(usize, PrintedCell)]) -> Vec<v1::Issue> {
    let Some((file, first)) = cells.first() else {
        return vec![];
    };
    if cells.iter().any(|(_, cell)| cell.value.is_some()) {
        return vec![];
    }
    vec![v1::Issue {
        file: upload.files[*file].name.clone(),
        line: first.origin.line,
        column: first.origin.column,
        rule: "table.without-figures".to_owned(),
        found: String::new(),
        explanation: "every figure of the release is printed as not available".to_owned(),
    }]
}

/// A figure that stands in two files.
fn repeated(upload: &Upload, cells: &[(usize, PrintedCell)]) -> Vec<v1::Issue> {
    let mut seen = BTreeMap::new();
    let mut issues = vec![];
    for (file, cell) in cells {
        let key = (&cell.item, &cell.area, cell.indicator, cell.period);
        let first = *seen.entry(key).or_insert(*file);
        if first != *file {
            issues.push(v1::Issue {
                file: upload.files[*file].name.clone(),
                line: cell.origin.line,
                column: cell.origin.column,
                rule: "key.duplicate".to_owned(),
                found: cell
                    .value
                    .map(|value| value.to_string())
                    .unwrap_or_default(),
                explanation: format!(
                    "{} {} {} of {} stands in {} already: a release has each figure once",
                    cell.item, cell.area, cell.indicator, cell.period, upload.files[first].name
                ),
            });
        }
    }
    issues
}

/// Audits what was read, and makes the submission or the refusal of it.
fn judge(
    upload: &Upload,
    dataflow: Dataflow,
    description: &TableDescription,
    cells: &[(usize, PrintedCell)],
    published: Vec<PublishedFigure>,
    notes: Vec<String>,
    now: Instant,
) -> Reading {
    let printed: Vec<PrintedCell> = cells.iter().map(|(_, cell)| cell.clone()).collect();
    let audit = regtrade_audit::audit(&printed, description);
    let findings: Vec<Finding> = audit.findings.iter().map(in_words).collect();
    let inconsistent = audit.verdict == Verdict::ProvablyInconsistent;
    let accepted_because = upload
        .header
        .accept_findings
        .clone()
        .filter(|_| inconsistent);
    if inconsistent && accepted_because.is_none() {
        let grave = audit
            .findings
            .iter()
            .filter(|finding| finding.verdict == Verdict::ProvablyInconsistent);
        let issues: Vec<v1::Issue> = grave
            .map(|finding| located(upload, cells, finding))
            .collect();
        return Reading::Unfit {
            issue_count: issues.len(),
            issues,
            findings,
        };
    }
    let bounds = regtrade_audit::bounds(&printed, description).unwrap_or_default();
    let periods: BTreeSet<Period> = published
        .iter()
        .map(|figure| figure.key.period.last())
        .collect();
    let edition = upload
        .header
        .edition
        .clone()
        .or_else(|| edition(&published))
        .unwrap_or_else(|| unreachable!("a release that has a figure has a last period"));
    let digest = upload.digest();
    let release = Release {
        id: ReleaseId::derive(dataflow, &edition, &digest),
        dataflow,
        edition,
        published_at: upload.header.published_at.unwrap_or(now),
        loaded_at: now,
        digest,
        files: upload
            .files
            .iter()
            .map(crate::upload::UploadedFile::source)
            .collect(),
        periods: periods.into_iter().collect(),
        notes,
        findings: if inconsistent {
            findings.clone()
        } else {
            vec![]
        },
        accepted_because,
    };
    let bounds = bounds.into_iter().filter_map(bounded).collect();
    Reading::Fit {
        submission: Box::new(Submission {
            release,
            published,
            bounds,
        }),
        findings,
    }
}

/// The edition of a release that is given no name: the last period that it prints levels of.
fn edition(published: &[PublishedFigure]) -> Option<Edition> {
    let of_levels = published
        .iter()
        .filter(|figure| figure.key.indicator == Indicator::Level);
    let last = |figures: &mut dyn Iterator<Item = &PublishedFigure>| {
        figures.map(|f| f.key.period.last()).max()
    };
    last(&mut of_levels.into_iter())
        .or_else(|| last(&mut published.iter()))
        .map(Edition::from)
}

/// A bound under the full key of the dataflow.
fn bounded(bound: regtrade_audit::Bound) -> Option<BoundedFigure> {
    let (item, area) = (
        bound.item.as_str().parse().ok()?,
        bound.area.as_str().parse().ok()?,
    );
    Some(BoundedFigure {
        key: FigureKey::overall(item, area, bound.indicator, bound.period),
        lower: bound.lower,
        upper: bound.upper,
    })
}

fn in_words(finding: &regtrade_audit::Finding) -> Finding {
    Finding {
        rule: finding.rule.to_string(),
        verdict: finding.verdict.to_string(),
        cells: finding.cells.iter().map(ToString::to_string).collect(),
        expected: finding.expected.clone(),
        found: finding.found.clone(),
        explanation: finding.explanation.clone(),
    }
}

/// A finding as an issue at the first cell of its set.
fn located(
    upload: &Upload,
    cells: &[(usize, PrintedCell)],
    finding: &regtrade_audit::Finding,
) -> v1::Issue {
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
    v1::Issue {
        file: upload.files[file].name.clone(),
        line: origin.map_or(1, |origin| origin.line),
        column: origin.map_or(1, |origin| origin.column),
        rule: finding.rule.to_string(),
        found: finding.found.clone(),
        explanation: finding.explanation.clone(),
    }
}
