//! The reader of SDMX-CSV data messages 1.0, 2.0 and 2.1, of any dataflow.
//!
//! The first column is DATAFLOW (1.0) or STRUCTURE, then STRUCTURE_ID (2.0, 2.1), the others come in any order. Cells are
//! separated by `,`, `;`, `|` or tabs; headings and cells can have names behind their ids (`FREQ: Frequency`, `A: Annual`),
//! or in columns of their own.

mod header;
mod structure;

use crate::{
    Rule,
    csv::{Record, Records, Row},
    issue::{Issues, shown},
    text,
};

use super::{
    envelope,
    message::{self, ActionCode, Cell, Sink, Source},
};
use header::Header;
use structure::Structure;

/// Reads a message.
pub fn read(source: &dyn Source, sink: &mut dyn Sink, issues: &mut Issues) {
    let reader = match source.open() {
        Ok(reader) => reader,
        Err(error) => {
            envelope::report(&error, (1, 1), issues);
            return;
        }
    };
    let before = issues.count();
    let mut records = Records::new(reader, false);
    let header = loop {
        match records.next(issues) {
            Some(Record::Row(row)) if row.is_blank() => {}
            Some(Record::Row(row)) => break Header::of(&row, sink, issues),
            _ => break None,
        }
    };
    let Some(header) = header else {
        if issues.count() == before {
            text::report_empty(issues);
        }
        return;
    };
    let mut rows = Rows {
        structure: Structure::default(),
        is_empty: true,
    };
    // The cells of a row live no longer than the row; what they are kept in is used again.
    let mut places = vec![];
    while let Some(Record::Row(row)) = records.next(issues) {
        if !row.is_blank() && row.fits(header.width, issues) {
            places = rows.read(&row, &header, places, sink, issues);
        }
    }
    if issues.count() == before && rows.is_empty {
        issues.report((header.line, 1), Rule::HeaderWithoutRows, "", || {
            "no row follows the header; is the file complete?".to_owned()
        });
    }
}

struct Rows {
    structure: Structure,
    is_empty: bool,
}

impl Rows {
    /// Reads a row into `places`, which it gives back empty.
    fn read<'t>(
        &mut self,
        row: &Row<'t>,
        header: &Header,
        places: Vec<Cell<'static>>,
        sink: &mut dyn Sink,
        issues: &mut Issues,
    ) -> Vec<Cell<'static>> {
        self.is_empty = false;
        if !self.structure.check(row, header, sink, issues) {
            return places;
        }
        let Some(action) = action(row, header, issues) else {
            return places;
        };
        let mut cells: Vec<Cell<'t>> = places;
        for (component, column) in header.components.iter().enumerate() {
            let text = column.id(row.text(column.at));
            if !text.is_empty() {
                let (line, at) = row.position(column.at);
                cells.push(Cell {
                    component,
                    text,
                    line,
                    column: at,
                });
            }
        }
        // What is wrong with a row as such is wrong with what it is to do.
        let column = header.action.map_or(1, text::from_one);
        let given = message::Row {
            line: row.line,
            column,
            action,
            cells: &cells,
        };
        sink.row(&given, issues);
        cells.clear();
        // Of a list that is empty nothing of the row is left, and the place is kept.
        cells.into_iter().map_while(|_| None).collect()
    }
}

/// The action of a row; none is I.
fn action(row: &Row<'_>, header: &Header, issues: &mut Issues) -> Option<ActionCode> {
    let Some(at) = header.action else {
        return Some(ActionCode::Information);
    };
    match row.text(at) {
        "" | "I" => Some(ActionCode::Information),
        "A" => Some(ActionCode::Append),
        "M" => Some(ActionCode::Merge),
        "R" => Some(ActionCode::Replace),
        "D" => Some(ActionCode::Delete),
        found => {
            issues.report(row.position(at), Rule::ActionUnknown, found, || {
                format!(
                    "‘{}’ is no action; write I in all rows of a whole data set, or A (append), M (merge), R (replace) or D (delete)",
                    shown(found)
                )
            });
            None
        }
    }
}
