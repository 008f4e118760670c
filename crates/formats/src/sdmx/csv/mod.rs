//! The reader of SDMX-CSV data messages 1.0, 2.0 and 2.1, of any dataflow.
//!
//! The first column is DATAFLOW (1.0) or STRUCTURE, then STRUCTURE_ID (2.0, 2.1), the others come in any order. Cells are
//! separated by `,`, `;`, `|` or tabs; headings and cells can have names behind their ids (`FREQ: Frequency`, `A: Annual`),
//! or in columns of their own.

mod header;
mod structure;

use std::io::{self, BufRead, Empty};

use crate::{
    Rule,
    csv::{Block, Line, Record, Records, Row},
    issue::{Issues, shown},
    text,
};

use super::{
    envelope,
    message::{self, ActionCode, Cell, Sink, Source},
};
pub(crate) use header::{Column, Header};
use structure::Structure;

/// Reads a message.
pub fn read(source: &dyn Source, sink: &mut dyn Sink, issues: &mut Issues) {
    if let Some(mut reader) = Reader::open(source, sink, issues) {
        while reader.row(sink, issues) {}
        reader.finish(issues);
    }
}

/// Reads a message row by row, or hands lines out to who reads them in another way.
pub(crate) struct Reader<'s> {
    records: Records<Box<dyn BufRead + 's>>,
    /// A line that was handed out, and came back.
    returned: Records<Empty>,
    pub(crate) header: Header,
    rows: Rows,
    /// The cells of a row live no longer than the row; what they are kept in is used again.
    places: Vec<Cell<'static>>,
    /// How many issues there were before it.
    before: usize,
}

impl<'s> Reader<'s> {
    /// Reads the header; `None` where there is none, which is an issue.
    pub(crate) fn open(
        source: &'s dyn Source,
        sink: &mut dyn Sink,
        issues: &mut Issues,
    ) -> Option<Self> {
        let opened = source.open();
        let reader = opened.map_err(|error| envelope::report(&error, (1, 1), issues));
        let before = issues.count();
        let mut records = Records::new(reader.ok()?, false);
        let header = loop {
            match records.next(issues) {
                Some(Record::Row(row)) if row.is_blank() => {}
                Some(Record::Row(row)) => break Header::of(&row, sink, issues),
                _ => break None,
            }
        };
        if header.is_none() && issues.count() == before {
            text::report_empty(issues);
        }
        Some(Self {
            records,
            returned: Records::new(io::empty(), false),
            header: header?,
            rows: Rows {
                structure: Structure::default(),
                is_empty: true,
            },
            places: vec![],
            before,
        })
    }

    /// Reads the next row; `false` where there is none, or it cannot be read.
    pub(crate) fn row(&mut self, sink: &mut dyn Sink, issues: &mut Issues) -> bool {
        let Some(Record::Row(row)) = self.records.next(issues) else {
            return false;
        };
        let places = std::mem::take(&mut self.places);
        self.places = self.rows.take(&row, &self.header, places, sink, issues);
        true
    }

    /// Hands out the lines that follow, some of at most so many bytes; `None` where the next one has to be read here.
    pub(crate) fn block(&mut self, most: usize) -> Option<Block> {
        self.records.block(most)
    }

    /// Reads a line that was handed out; `false` where that cannot be done, and reading ends.
    pub(crate) fn line(
        &mut self,
        line: Line<'_>,
        sink: &mut dyn Sink,
        issues: &mut Issues,
    ) -> bool {
        self.returned.put(line, self.mark());
        if let Some(Record::Row(row)) = self.returned.next(issues) {
            let places = std::mem::take(&mut self.places);
            self.places = self.rows.take(&row, &self.header, places, sink, issues);
        }
        !self.returned.is_broken()
    }

    /// What stands between cells.
    pub(crate) fn mark(&self) -> u8 {
        self.records.mark()
    }

    /// How often the structure of the rows has changed so far.
    pub(crate) fn structures(&self) -> u64 {
        self.rows.structure.changes
    }

    /// Sees to what holds of the file as a whole.
    pub(crate) fn finish(self, issues: &mut Issues) {
        if issues.count() == self.before && self.rows.is_empty {
            issues.report((self.header.line, 1), Rule::HeaderWithoutRows, "", || {
                "no row follows the header; is the file complete?".to_owned()
            });
        }
    }
}

struct Rows {
    structure: Structure,
    is_empty: bool,
}

impl Rows {
    /// Takes a row that has something in it, and the cells of the header.
    fn take(
        &mut self,
        row: &Row<'_>,
        header: &Header,
        places: Vec<Cell<'static>>,
        sink: &mut dyn Sink,
        issues: &mut Issues,
    ) -> Vec<Cell<'static>> {
        if row.is_blank() || !row.fits(header.width, issues) {
            return places;
        }
        self.read(row, header, places, sink, issues)
    }

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
