//! What is checked over all files of a release at once.

use std::collections::{BTreeMap, HashMap, HashSet};

use regtrade_formats::data_file::{Action, Update};
use regtrade_lake::{Duplicate, LakeError, Place, Slices, Spooled};
use regtrade_model::{Dataflow, Decimal, FigureKey, Indicator, Observation, PublishedFigure};
use regtrade_proto::v1::Issue;

use super::{
    found::Found,
    read::{Data, Files},
};
use crate::upload::Upload;

/// Decimals of a figure: with three more for the bounds on it, the lake keeps them exactly.
const MOST_DECIMALS: u32 = 7;

/// Figures are smaller, whatever their unit.
const LARGEST_FIGURE: u64 = 1_000_000_000_000_000;

/// A figure of any kind, with its file and line.
struct Row<'a> {
    file: usize,
    line: u32,
    column: u32,
    key: &'a FigureKey,
    value: Option<Decimal>,
    decimals: u32,
}

/// Checks all files together.
///
/// # Errors
/// Where the temporary folder fails.
pub(super) fn of(upload: &Upload, files: &mut Files) -> Result<(), LakeError> {
    let printed = files.published.iter().map(|(file, figure)| Row {
        file: *file,
        line: figure.origin.line,
        column: figure.origin.column,
        key: &figure.key,
        value: figure.value,
        decimals: figure.decimals,
    });
    let printed: Vec<Row<'_>> = printed.collect();
    let mut issues = std::mem::take(&mut files.issues);
    repeated(upload, &printed, &mut issues);
    for row in printed.iter().filter(|row| !fits(row.value, row.decimals)) {
        issues.add(|| issue(upload, row, "number.too-precise", too_precise_because()));
    }
    match &files.data {
        Data::Partial { file, updates } => {
            for row in updates.iter().filter_map(|update| of_update(*file, update)) {
                if !fits(row.value, row.decimals) {
                    issues.add(|| issue(upload, &row, "number.too-precise", too_precise_because()));
                }
            }
        }
        Data::Whole {
            slices,
            overall,
            has_value,
        } => {
            duplicates(upload, slices, &mut issues);
            if issues.count() == 0 && !has_value {
                without_a_figure(upload, &printed, slices, &mut issues)?;
            }
            let observed = observed(&files.published, slices, overall)?;
            contradicted(upload, &files.published, &observed, &mut issues);
        }
    }
    files.issues = issues;
    Ok(())
}

/// The files of a release are longer, together, than is taken in.
pub(super) fn too_long(upload: &Upload, most: u64) -> Issue {
    let last = upload.files.last().map(|file| file.name().to_owned());
    Issue {
        file: last.unwrap_or_default(),
        line: 1,
        column: 1,
        rule: "file.too-large".to_owned(),
        found: String::new(),
        explanation: format!("the files of a release are at most {most} bytes together"),
    }
}

/// Checks what a file says of itself against the release: its dataflow, and whether its figures were made up.
pub(super) fn of_file(
    upload: &Upload,
    at: usize,
    (dataflow, of_release): (Dataflow, Dataflow),
    (synthetic, any_synthetic): (bool, bool),
    issues: &mut Found,
) {
    let at_its_begin = |rule: &str, explanation: String| Issue {
        file: upload.files[at].name().to_owned(),
        line: 1,
        column: 1,
        rule: rule.to_owned(),
        found: String::new(),
        explanation,
    };
    if dataflow != of_release {
        issues.add(|| {
            let why = format!("the file is of {dataflow}, and the release of {of_release}");
            at_its_begin("structure.other", why)
        });
    }
    if synthetic != any_synthetic {
        issues.add(|| {
            let why = "the file is no made-up one, and another of the release is: hand them in as two releases";
            at_its_begin("structure.other", why.to_owned())
        });
    }
}

/// A partial update among several files.
pub(super) fn partial_with_others(upload: &Upload, at: usize, issues: &mut Found) {
    issues.add(|| Issue {
        file: upload.files[at].name().to_owned(),
        line: 1,
        column: 1,
        rule: "action.alone".to_owned(),
        found: String::new(),
        explanation: "a partial update is one file alone: the order of several files would matter"
            .to_owned(),
    });
}

/// An observation that the lake could not keep exactly.
pub(super) fn too_precise(file: &str, row: &Observation, place: Place) -> Issue {
    let row = of_row(row, place);
    issue_in(file, &row, "number.too-precise", too_precise_because())
}

fn of_row(row: &Observation, place: Place) -> Row<'_> {
    Row {
        file: place.file as usize,
        line: place.line,
        column: 1,
        key: &row.key,
        value: row.value,
        decimals: row.decimals,
    }
}

/// What a row of a partial update gives; `None` where it takes away.
fn of_update(file: usize, update: &Update) -> Option<Row<'_>> {
    let (key, value, decimals) = match &update.action {
        Action::Append(row) | Action::Replace(row) => (&row.key, row.value, row.decimals),
        Action::Merge(merge) => {
            let written = merge.value.map_or(0, |value| value.scale());
            (&merge.key, merge.value, merge.decimals.unwrap_or(written))
        }
        Action::Delete(_) => return None,
    };
    Some(Row {
        file,
        line: update.line,
        column: 1,
        key,
        value,
        decimals,
    })
}

fn issue(upload: &Upload, row: &Row<'_>, rule: &str, explanation: String) -> Issue {
    issue_in(upload.files[row.file].name(), row, rule, explanation)
}

fn issue_in(file: &str, row: &Row<'_>, rule: &str, explanation: String) -> Issue {
    Issue {
        file: file.to_owned(),
        line: row.line,
        column: row.column,
        rule: rule.to_owned(),
        found: row.value.map(|value| value.to_string()).unwrap_or_default(),
        explanation,
    }
}

/// A figure that stands in two files.
fn repeated(upload: &Upload, rows: &[Row<'_>], issues: &mut Found) {
    let mut seen = BTreeMap::new();
    for row in rows {
        let first = *seen.entry(row.key).or_insert(row.file);
        if first != row.file {
            let place = upload.files[first].name();
            issues.add(|| issue(upload, row, "key.duplicate", twice(row.key, place)));
        }
    }
}

/// Observations that stand twice, in one file or in two.
fn duplicates(upload: &Upload, slices: &Slices, issues: &mut Found) {
    let duplicates = slices.duplicates();
    let mut told: Vec<_> = duplicates.first.iter().collect();
    told.sort_by_key(|duplicate| duplicate.again);
    for Duplicate { key, first, again } in told {
        let row = Row {
            file: again.file as usize,
            line: again.line,
            column: 1,
            key,
            value: None,
            decimals: 0,
        };
        let place = if first.file == again.file {
            format!("line {}", first.line)
        } else {
            let file = upload.files[first.file as usize].name();
            format!("{file}, line {},", first.line)
        };
        issues.add(|| issue(upload, &row, "key.duplicate", twice(key, &place)));
    }
    let rest = duplicates.count - duplicates.first.len() as u64;
    issues.more(usize::try_from(rest).unwrap_or(usize::MAX));
}

fn twice(key: &FigureKey, place: &str) -> String {
    format!(
        "{} {} {} of {} stands in {place} already: a release has each figure once",
        key.item, key.ref_area, key.indicator, key.period,
    )
}

/// Whether the lake, and the bounds on it, can keep a figure exactly.
pub(super) fn fits(value: Option<Decimal>, decimals: u32) -> bool {
    // Digits that are few are so wherever the point stands; decimals compare far more slowly than whole numbers.
    let is_small = |value: Decimal| {
        value.mantissa().unsigned_abs() < u128::from(LARGEST_FIGURE)
            || value.abs() < Decimal::from(LARGEST_FIGURE)
    };
    let written = value.map_or(0, |value| {
        // To take zeros from the end of a value takes longer than to look at its scale.
        if value.scale() <= MOST_DECIMALS {
            value.scale()
        } else {
            value.normalize().scale()
        }
    });
    decimals.max(written) <= MOST_DECIMALS && value.is_none_or(is_small)
}

fn too_precise_because() -> String {
    format!(
        "has more than {MOST_DECIMALS} decimals, or is {LARGEST_FIGURE} or more; print it coarser"
    )
}

/// A release of which every figure is "not available" would hide the release before it. Of the observations none has a
/// value.
fn without_a_figure(
    upload: &Upload,
    printed: &[Row<'_>],
    slices: &Slices,
    issues: &mut Found,
) -> Result<(), LakeError> {
    if printed.iter().any(|row| row.value.is_some()) {
        return Ok(());
    }
    let first = slices.iter().next().transpose()?;
    let observed = first
        .as_ref()
        .map(|row| of_row(&row.observation, row.place));
    let explanation = "every figure of the release is printed as not available".to_owned();
    if let Some(first) = printed.first().or(observed.as_ref()) {
        issues.add(|| issue(upload, first, "table.without-figures", explanation));
    }
    Ok(())
}

/// The observations of printed figures. Those over all activities, products and partners are at hand; a list can have
/// other figures, for which all observations are gone through.
fn observed(
    published: &[(usize, PublishedFigure)],
    slices: &Slices,
    overall: &[Spooled],
) -> Result<HashMap<FigureKey, Observation>, LakeError> {
    let levels = published.iter().map(|(_, figure)| &figure.key);
    let levels = levels.filter(|key| key.indicator == Indicator::Level);
    let wanted: HashSet<&FigureKey> = levels.collect();
    let mut observed = HashMap::new();
    let mut add = |row: &Observation| {
        if wanted.contains(&row.key) {
            observed.insert(row.key.clone(), row.clone());
        }
    };
    if wanted.iter().all(|key| key.is_overall()) {
        overall.iter().for_each(|row| add(&row.observation));
    } else {
        for row in slices.iter() {
            add(&row?.observation);
        }
    }
    Ok(observed)
}

/// Printed levels that are not what the observations of the same release round to.
fn contradicted(
    upload: &Upload,
    published: &[(usize, PublishedFigure)],
    observed: &HashMap<FigureKey, Observation>,
    issues: &mut Found,
) {
    for (file, figure) in published {
        let Some(observation) = observed.get(&figure.key) else {
            continue;
        };
        if let Some(rounded) = contradicts(observation, figure) {
            let row = Row {
                file: *file,
                line: figure.origin.line,
                column: figure.origin.column,
                key: &figure.key,
                value: figure.value,
                decimals: figure.decimals,
            };
            let explanation = format!(
                "the observation of {} in the same release rounds to {rounded}",
                figure.key
            );
            issues.add(|| issue(upload, &row, "print.not-the-data", explanation));
        }
    }
}

/// What an observation rounds to, where a figure that is printed of it is another.
fn contradicts(observation: &Observation, figure: &PublishedFigure) -> Option<Decimal> {
    let exact = regtrade_model::exact::shifted(
        &regtrade_model::exact::rational(observation.value?),
        observation.unit_mult - figure.unit_mult,
    );
    let decimals = i32::try_from(figure.decimals).ok()?;
    let rounded = regtrade_model::exact::round(&exact, decimals)?;
    (Some(rounded) != figure.value).then_some(rounded)
}
