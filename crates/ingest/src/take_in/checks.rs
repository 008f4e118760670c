//! What is checked over all files of a release at once.

use std::collections::BTreeMap;

use regtrade_formats::{
    data_file::{Action, Update},
    figure_list::MAXIMUM_BYTES,
};
use regtrade_model::{Decimal, FigureKey, Observation, PublishedFigure};
use regtrade_proto::v1::Issue;

use super::read::{Data, Files};
use crate::upload::Upload;

/// Decimals of a figure: with three more for the bounds on it, the lake keeps them exactly.
const MOST_DECIMALS: u32 = 7;

/// Figures are smaller, whatever their unit.
const LARGEST_FIGURE: i64 = 1_000_000_000_000_000;

/// A figure of any kind, with its file and line.
struct Row<'a> {
    file: usize,
    line: u32,
    column: u32,
    key: &'a FigureKey,
    value: Option<Decimal>,
    decimals: u32,
}

/// All issues of the files together.
pub(super) fn of(upload: &Upload, files: &Files) -> Vec<Issue> {
    let printed = files.published.iter().map(|(file, figure)| Row {
        file: *file,
        line: figure.origin.line,
        column: figure.origin.column,
        key: &figure.key,
        value: figure.value,
        decimals: figure.decimals,
    });
    let printed: Vec<Row<'_>> = printed.collect();
    let observed: Vec<Row<'_>> = match &files.data {
        Data::Whole(rows) => rows
            .iter()
            .map(|(file, line, row)| of_row(*file, *line, row))
            .collect(),
        Data::Partial { file, updates } => updates
            .iter()
            .filter_map(|update| of_update(*file, update))
            .collect(),
    };
    let mut issues = vec![];
    for rows in [&printed, &observed] {
        // A partial update is one file, in which keys were compared already.
        issues.extend(repeated(upload, rows));
        issues.extend(too_precise(upload, rows));
    }
    if files.issue_count == 0 && matches!(files.data, Data::Whole(_)) {
        let both = printed.iter().chain(&observed);
        issues.extend(without_a_figure(upload, both));
    }
    issues.extend(contradicted(upload, files));
    issues
}

/// The files of a release are longer, together, than is taken in.
pub(super) fn too_long(upload: &Upload) -> Vec<Issue> {
    let last = upload.files.last().map(|file| file.name.clone());
    vec![Issue {
        file: last.unwrap_or_default(),
        line: 1,
        column: 1,
        rule: "file.too-large".to_owned(),
        found: String::new(),
        explanation: format!(
            "the files of a release are at most {} MiB together",
            MAXIMUM_BYTES >> 20
        ),
    }]
}

fn of_row(file: usize, line: u32, row: &Observation) -> Row<'_> {
    Row {
        file,
        line,
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
    Issue {
        file: upload.files[row.file].name.clone(),
        line: row.line,
        column: row.column,
        rule: rule.to_owned(),
        found: row.value.map(|value| value.to_string()).unwrap_or_default(),
        explanation,
    }
}

/// A figure that stands in two files.
fn repeated(upload: &Upload, rows: &[Row<'_>]) -> Vec<Issue> {
    let mut seen = BTreeMap::new();
    let mut issues = vec![];
    for row in rows {
        let first = *seen.entry(row.key).or_insert(row.file);
        if first != row.file {
            let explanation = format!(
                "{} {} {} of {} stands in {} already: a release has each figure once",
                row.key.item,
                row.key.ref_area,
                row.key.indicator,
                row.key.period,
                upload.files[first].name
            );
            issues.push(issue(upload, row, "key.duplicate", explanation));
        }
    }
    issues
}

/// Figures that the lake, or the bounds on them, could not keep exactly.
fn too_precise(upload: &Upload, rows: &[Row<'_>]) -> Vec<Issue> {
    let largest = Decimal::from(LARGEST_FIGURE);
    let fits = |row: &&Row<'_>| {
        let written = row.value.map_or(0, |value| value.normalize().scale());
        row.decimals.max(written) <= MOST_DECIMALS
            && row.value.is_none_or(|value| value.abs() < largest)
    };
    let explanation = format!(
        "has more than {MOST_DECIMALS} decimals, or is {LARGEST_FIGURE} or more; print it coarser"
    );
    rows.iter()
        .filter(|row| !fits(row))
        .map(|row| issue(upload, row, "number.too-precise", explanation.clone()))
        .collect()
}

/// A release of which every figure is "not available" would hide the release before it.
fn without_a_figure<'a>(
    upload: &Upload,
    mut rows: impl Iterator<Item = &'a Row<'a>> + Clone,
) -> Vec<Issue> {
    if rows.clone().any(|row| row.value.is_some()) {
        return vec![];
    }
    let explanation = "every figure of the release is printed as not available".to_owned();
    rows.next()
        .map(|first| issue(upload, first, "table.without-figures", explanation))
        .into_iter()
        .collect()
}

/// Printed levels that are not what the observations of the same release round to.
fn contradicted(upload: &Upload, files: &Files) -> Vec<Issue> {
    let Data::Whole(rows) = &files.data else {
        return vec![];
    };
    let observed: BTreeMap<&FigureKey, &Observation> =
        rows.iter().map(|(_, _, row)| (&row.key, row)).collect();
    let contradicts = |(_, figure): &&(usize, PublishedFigure)| {
        let observation = observed.get(&figure.key)?;
        let exact = regtrade_model::exact::shifted(
            &regtrade_model::exact::rational(observation.value?),
            observation.unit_mult - figure.unit_mult,
        );
        let decimals = i32::try_from(figure.decimals).ok()?;
        let rounded = regtrade_model::exact::round(&exact, decimals)?;
        (Some(rounded) != figure.value).then_some(rounded)
    };
    let mut issues = vec![];
    for published in &files.published {
        if let Some(rounded) = contradicts(&published) {
            let (file, figure) = published;
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
            issues.push(issue(upload, &row, "print.not-the-data", explanation));
        }
    }
    issues
}
