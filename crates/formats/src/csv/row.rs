//! The cells of one record, and whether they are those of a header.

use crate::{Rule, issue::Issues, text::from_one};

/// What stands between two line ends that are no part of a cell.
#[derive(Debug)]
pub(crate) enum Record<'t> {
    /// Cells.
    Row(Row<'t>),
    /// A line that starts with `#`, without it.
    Comment(&'t str),
}

/// How wide a header is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Width {
    /// All its cells.
    pub(crate) cells: usize,
    /// Those up to the last heading; the empty ones behind it fill up a sheet.
    pub(crate) named: usize,
}

/// Where a cell stands in the text of its record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) line: u32,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether it has doubled quotation marks in it, of which one is meant; its text then stands apart.
    pub(super) doubled: bool,
}

/// Cells of one record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'t> {
    /// The line where it starts.
    pub(crate) line: u32,
    pub(super) spans: &'t [Span],
    pub(super) text: &'t str,
    /// The texts of cells with doubled quotation marks.
    pub(super) apart: &'t str,
}

impl<'t> Row<'t> {
    /// How many cells there are.
    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    /// A cell without the spaces around it; empty where it is not there.
    pub(crate) fn text(&self, at: usize) -> &'t str {
        let Some(span) = self.spans.get(at) else {
            return "";
        };
        let text = if span.doubled { self.apart } else { self.text };
        text.get(span.start..span.end).unwrap_or_default().trim()
    }

    /// Line and number of a cell, from 1.
    pub(crate) fn position(&self, at: usize) -> (u32, u32) {
        let line = self.spans.get(at).map_or(self.line, |span| span.line);
        (line, from_one(at))
    }

    /// Whether every cell is empty, as the rows are with which spreadsheets fill up a sheet.
    pub(crate) fn is_blank(&self) -> bool {
        (0..self.len()).all(|at| self.text(at).is_empty())
    }

    /// The width of the row as a header.
    pub(crate) fn width(&self) -> Width {
        let last = (0..self.len()).rev().find(|&at| !self.text(at).is_empty());
        Width {
            cells: self.len(),
            named: last.map_or(0, |last| last + 1),
        }
    }

    /// Whether the row has the cells of a header; says what is wrong where not. Behind the last column it can have as many
    /// empty cells as the header: were there more, a decimal comma could have pushed them there.
    pub(crate) fn fits(&self, header: Width, issues: &mut Issues) -> bool {
        let Width { cells, named } = header;
        if self.len() < named {
            issues.report((self.line, from_one(self.len())), Rule::RowTruncated, "", || {
                format!(
                    "the row has {} cells and the header {named} columns; is the file complete? A cell without content is empty, with its separator",
                    self.len()
                )
            });
            return false;
        }
        let extra = |&at: &usize| at >= cells || !self.text(at).is_empty();
        let Some(extra) = (named..self.len()).find(extra) else {
            return true;
        };
        let found = self.text(extra);
        issues.report(self.position(extra), Rule::RowTooManyCells, found, || {
            format!(
                "the row has {} cells and the header {named} columns; is there a decimal comma? A cell with the separator in it stands in quotation marks",
                self.len()
            )
        });
        false
    }
}
