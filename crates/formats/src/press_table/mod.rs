//! The reader of press tables: what a release prints, cell by cell, with its decimals.
//!
//! A table is text of cells separated by tabs. After a title come header blocks: a row of headings, each with its unit in
//! brackets and spanning the blank cells to its right, and a row of periods. Under a header stand sections: the label of
//! an item alone, then a row of figures for each area. Labels come from a [`TableDescription`]; years, units, and the order
//! of columns, items and areas from the file. Whatever cannot be read, or can be read two ways, is an [`Issue`].

mod completeness;
mod convention;
mod header;
mod label;
mod number;
mod table;
mod unit;

use regtrade_model::{PrintedCell, TableDescription};

use crate::{
    Issue,
    issue::Issues,
    text::{self, Form},
};
use label::visible;
use table::Table;

/// The size from which on a file is refused: a press table is small.
pub const MAXIMUM_BYTES: usize = 1 << 20;

const FORM: Form = Form {
    name: "a press table",
    maximum: MAXIMUM_BYTES,
    advice: "save the table as text separated by tabs",
};

/// What was read of a file. Where there is an issue, the file must not be taken in; the cells are then what was readable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The figures, in the order of the file.
    pub cells: Vec<PrintedCell>,
    /// Lines that are neither title, header nor figures: sources, footnotes, lines before the first header.
    pub notes: Vec<String>,
    /// The first 1,000 issues, in the order of the file.
    pub issues: Vec<Issue>,
    /// How many issues there are in all.
    pub issue_count: usize,
}

/// Reads a press table.
///
/// ```
/// # use regtrade_formats::press_table;
/// # use regtrade_model::{Dataflow, TableDescription};
/// let description = TableDescription::shipped(Dataflow::Regtrd);
/// let table = "\tIn absolute figures (€ million)\n\t2024\nExports of goods\nBelgium\t352,589.9\n";
/// let reading = press_table::read(table.as_bytes(), &description);
/// assert_eq!(reading.cells[0].value.unwrap().to_string(), "352589.9");
/// assert_eq!((reading.cells[0].unit_mult, reading.cells[0].decimals), (6, 1));
/// ```
#[must_use]
pub fn read(bytes: &[u8], description: &TableDescription) -> Reading {
    let mut issues = Issues::default();
    let (mut cells, mut notes) = (vec![], vec![]);
    if let Some(text) = text::read(bytes, &FORM, &mut issues) {
        let mut table = Table::new(description, &mut issues);
        for (line, row) in (1..).zip(text.lines()) {
            table.row(line, row.split('\t').map(visible).collect());
        }
        (cells, notes) = table.finish(!text.ends_with('\n'));
    }
    let (issues, issue_count) = issues.finish();
    Reading {
        cells,
        notes,
        issues,
        issue_count,
    }
}
