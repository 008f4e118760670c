//! `bounds`: between which values the figures lie that a press table does not print.

use std::path::Path;

use regtrade_audit::Bound;
use regtrade_formats::{
    Kind, Mappings, Reading,
    data_file::{self, Entry},
    figure_list, press_table, sniff,
};
use regtrade_model::{Code, Dataflow, PrintedCell, TableDescription, Unit};
use serde_json::{Map, Value};

use crate::args::{BoundsArgs, Format, TableArgs};
use crate::exit::Exit;
use crate::output::{print, say};
use crate::render::{csv, json, table};

/// Shows the bounds of a press table.
///
/// # Errors
/// Where the table cannot be read, or contradicts itself.
pub fn run(args: &BoundsArgs) -> Result<(), Exit> {
    let (cells, description) = read(&args.table)?;
    let bounds = regtrade_audit::bounds(&cells, &description)
        .map_err(|error| Exit::no(format!("{}: {error}", args.table.file.display())))?;
    let rows: Vec<[String; 16]> = bounds.iter().map(row).collect();
    print(&match args.table.output.format {
        Format::Table => {
            let columns = [
                "item",
                "ref_area",
                "indicator",
                "period",
                "lower",
                "upper",
                "unit",
            ];
            let shown = |row: &[String; 16]| [0, 1, 5, 6, 8, 9, 10].map(|at| row[at].clone());
            table::plain(&columns, rows.iter().map(shown))
        }
        Format::Csv => csv::write(Some(&csv::figure_columns(Dataflow::Regtrd)), rows)?,
        Format::Json => json::text(&rows.into_iter().map(object).collect()),
    })
}

/// A bound in the columns of figures. It belongs to no release.
fn row(bound: &Bound) -> [String; 16] {
    let unit = bound.indicator.unit();
    let total = Code::total().to_string();
    [
        bound.item.to_string(),
        bound.area.to_string(),
        total.clone(),
        total,
        Code::world().to_string(),
        bound.indicator.to_string(),
        bound.period.to_string(),
        String::new(),
        bound.lower.to_string(),
        bound.upper.to_string(),
        unit.to_string(),
        if unit == Unit::Euro { "6" } else { "0" }.to_owned(),
        bound.lower.scale().to_string(),
        "BOUNDED".to_owned(),
        "A".to_owned(),
        String::new(),
    ]
}

fn object(row: [String; 16]) -> Value {
    let fields = csv::figure_columns(Dataflow::Regtrd).into_iter().zip(row);
    let members: Map<String, Value> = fields
        .map(|(name, text)| {
            let value = match (name, text.parse::<i64>()) {
                _ if text.is_empty() => Value::Null,
                ("unit_mult" | "decimals", Ok(number)) => number.into(),
                _ => text.into(),
            };
            (name.to_owned(), value)
        })
        .collect();
    members.into()
}

/// Reads figures and the description of them.
///
/// # Errors
/// Where one of them cannot be read; the issues are said.
pub fn read(args: &TableArgs) -> Result<(Vec<PrintedCell>, TableDescription), Exit> {
    let description = match &args.description {
        None => TableDescription::shipped(Dataflow::Regtrd),
        Some(path) => describe(path)?,
    };
    let path = &args.file;
    let bytes = bytes(path, figure_list::MAXIMUM_BYTES)?;
    let reading = figures(&bytes, &description, path)?;
    if reading.issue_count == 0 {
        return Ok((reading.cells, description));
    }
    for issue in &reading.issues {
        say(&format!("{}:{issue}", path.display()));
    }
    let more = reading.issue_count.saturating_sub(reading.issues.len());
    if more > 0 {
        say(&format!("… and {more} more"));
    }
    Err(Exit::no(format!(
        "{}: the table cannot be read",
        path.display()
    )))
}

/// The figures of a press table, of a list of figures, or of a data file: there, those over all activities, products
/// and partners.
fn figures(bytes: &[u8], description: &TableDescription, path: &Path) -> Result<Reading, Exit> {
    match sniff(bytes) {
        Kind::PressTable => Ok(press_table::read(bytes, description)),
        Kind::FigureList => {
            let list = figure_list::read(bytes);
            Ok(Reading {
                cells: list.figures.iter().map(PrintedCell::from).collect(),
                notes: list.notes,
                issues: list.issues,
                issue_count: list.issue_count,
            })
        }
        Kind::DataFile => {
            let refused = |what: &str| Err(Exit::no(format!("{}: {what}", path.display())));
            if bytes.len() > figure_list::MAXIMUM_BYTES {
                return refused(
                    "a data file of more than 64 MiB is not audited offline; check it with `regtrade ingest --dry-run`",
                );
            }
            let data = data_file::read_all(&bytes, Mappings::shipped());
            let summary = data.summary;
            if summary.issue_count == 0 && summary.is_partial {
                return refused(
                    "a partial update is no data set of its own; check it with `regtrade ingest --dry-run`",
                );
            }
            if summary.dataflow == Some(Dataflow::Exttrade) {
                return refused("foreign-trade statistics (EXTTRADE) have no table to audit");
            }
            let cell = |entry| match entry {
                Entry::Observation { observation, line } if observation.key.is_overall() => {
                    let mut cell = PrintedCell::from(&observation);
                    cell.origin.line = line;
                    Some(cell)
                }
                Entry::Figure(figure) => figure.key.is_overall().then(|| (&figure).into()),
                Entry::Observation { .. } | Entry::Update(_) => None,
            };
            Ok(Reading {
                cells: data.entries.into_iter().filter_map(cell).collect(),
                notes: vec![],
                issues: summary.issues,
                issue_count: summary.issue_count,
            })
        }
    }
}

/// The bytes of a file, one more than `most` at most: enough to tell that it is too large.
///
/// # Errors
/// Where it cannot be read.
pub fn bytes(path: &Path, most: usize) -> Result<Vec<u8>, Exit> {
    use std::io::Read;

    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(most as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| Exit::file(path, "cannot be read", &error))?;
    Ok(bytes)
}

fn describe(path: &Path) -> Result<TableDescription, Exit> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Exit::file(path, "cannot be read", &error))?;
    toml::from_str(&text).map_err(|error| {
        let before = error
            .span()
            .and_then(|span| text.get(..span.start))
            .unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
        Exit::no(format!(
            "{}:{line}:{column}: {} [description]",
            path.display(),
            error.message()
        ))
    })
}
