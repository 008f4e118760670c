//! Rows and cells, each with the line where it starts.

use std::borrow::Cow;

use crate::{Rule, issue::Issues, text::from_one};

/// The marks that can stand between cells.
pub(crate) const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

/// What stands between two line ends that are no part of a cell.
#[derive(Debug, PartialEq, Eq)]
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
    cells: usize,
    /// Those up to the last heading; the empty ones behind it fill up a sheet.
    pub(crate) named: usize,
}

/// Cells of one record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row<'t> {
    /// The line where it starts.
    pub(crate) line: u32,
    cells: Vec<(u32, Cow<'t, str>)>,
}

impl Row<'_> {
    /// How many cells there are.
    pub(crate) fn len(&self) -> usize {
        self.cells.len()
    }

    /// A cell without the spaces around it; empty where it is not there.
    pub(crate) fn text(&self, at: usize) -> &str {
        self.cells.get(at).map_or("", |(_, text)| text.trim())
    }

    /// Line and number of a cell, from 1.
    pub(crate) fn position(&self, at: usize) -> (u32, u32) {
        let line = self.cells.get(at).map_or(self.line, |(line, _)| *line);
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

/// The mark between the cells of a header: the first one that stands outside square brackets.
pub(crate) fn separator(header: &str) -> char {
    let mut inside = false;
    let found = header.chars().find(|&c| {
        inside = (inside || c == '[') && c != ']';
        !inside && SEPARATORS.contains(&c)
    });
    found.unwrap_or(',')
}

/// The records of a text, without lines that have nothing in them.
pub(crate) struct Records<'t> {
    rest: &'t str,
    line: u32,
    separator: char,
    comments: bool,
}

impl<'t> Records<'t> {
    /// The records of `text`; with `comments`, a line that starts with `#` is one.
    pub(crate) fn new(text: &'t str, separator: char, comments: bool) -> Self {
        Self {
            rest: text,
            line: 1,
            separator,
            comments,
        }
    }

    /// The next record that can be read. What cannot is an issue, and the reading goes on in the next line.
    pub(crate) fn next(&mut self, issues: &mut Issues) -> Option<Record<'t>> {
        while !self.rest.is_empty() {
            if let Some(rest) = self
                .rest
                .strip_prefix("\r\n")
                .or_else(|| self.rest.strip_prefix('\n'))
            {
                self.rest = rest;
                self.line += 1;
            } else if self.comments && self.rest.starts_with('#') {
                return Some(Record::Comment(self.rest_of_line().trim_start_matches('#')));
            } else if let Some(row) = self.row(issues) {
                return Some(Record::Row(row));
            }
        }
        None
    }

    fn row(&mut self, issues: &mut Issues) -> Option<Row<'t>> {
        let (line, mut cells) = (self.line, vec![]);
        loop {
            let start = self.line;
            let Ok(text) = self.cell() else {
                let position = (start, from_one(cells.len()));
                let found = self.rest_of_line();
                issues.report(position, Rule::QuoteMalformed, found, || {
                    "the quotation marks of the cell do not pair; put a cell with a quotation mark, a separator or a line end in it between quotation marks, and double those inside".to_owned()
                });
                return None;
            };
            cells.push((start, text));
            if let Some(rest) = self.rest.strip_prefix(self.separator) {
                self.rest = rest;
            } else {
                // Nothing but the end of the line or of the text can follow.
                self.rest_of_line();
                return Some(Row { line, cells });
            }
        }
    }

    /// Reads a cell, up to its separator or line end. Where the quotation marks do not pair, nothing is read.
    fn cell(&mut self) -> Result<Cow<'t, str>, ()> {
        let Some(quoted) = self.rest.strip_prefix('"') else {
            let end = self.rest.find([self.separator, '\n']);
            let (text, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
            if text.contains('"') {
                return Err(());
            }
            self.rest = rest;
            return Ok(text.into());
        };
        let mut end = 0;
        let mut doubled = false;
        loop {
            end += quoted
                .get(end..)
                .and_then(|rest| rest.find('"'))
                .ok_or(())?;
            if !quoted[end + 1..].starts_with('"') {
                break;
            }
            doubled = true;
            end += 2;
        }
        let (text, rest) = (&quoted[..end], &quoted[end + 1..]);
        let ends = rest.is_empty()
            || rest.starts_with(self.separator)
            || rest.starts_with('\n')
            || rest.starts_with("\r\n");
        if !ends {
            return Err(());
        }
        self.rest = rest;
        let lines = text.bytes().filter(|&byte| byte == b'\n').count();
        self.line += u32::try_from(lines).unwrap_or(u32::MAX);
        Ok(if doubled {
            text.replace("\"\"", "\"").into()
        } else {
            text.into()
        })
    }

    /// The rest of the line, of which the end is read too.
    fn rest_of_line(&mut self) -> &'t str {
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.rest = rest;
        self.line += 1;
        line.strip_suffix('\r').unwrap_or(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Lines = Vec<Vec<(u32, String)>>;

    /// The cells of each row with their lines, and the places of the issues.
    fn rows(text: &str, separator: char) -> (Lines, Vec<(u32, u32)>) {
        let mut issues = Issues::default();
        let mut records = Records::new(text, separator, false);
        let mut rows = vec![];
        while let Some(Record::Row(row)) = records.next(&mut issues) {
            let cell = |(line, text): (u32, Cow<'_, str>)| (line, text.trim().to_owned());
            rows.push(row.cells.into_iter().map(cell).collect());
        }
        let places = |issue: &crate::Issue| (issue.line, issue.column);
        (rows, issues.finish().0.iter().map(places).collect())
    }

    #[test]
    fn cells_are_found_with_their_lines() {
        let cell = |line: u32, text: &str| (line, text.to_owned());
        for (text, separator, expected) in [
            ("a,b", ',', vec![vec![cell(1, "a"), cell(1, "b")]]),
            ("a;b,c\r\n", ';', vec![vec![cell(1, "a"), cell(1, "b,c")]]),
            (
                "a|\n|b\n",
                '|',
                vec![
                    vec![cell(1, "a"), cell(1, "")],
                    vec![cell(2, ""), cell(2, "b")],
                ],
            ),
            (
                "\"a\tb\"\t\"\"\n",
                '\t',
                vec![vec![cell(1, "a\tb"), cell(1, "")]],
            ),
            (
                "\n\r\n\"x\ny\"\"z\",b\nc",
                ',',
                vec![vec![cell(3, "x\ny\"z"), cell(4, "b")], vec![cell(5, "c")]],
            ),
        ] {
            assert_eq!(rows(text, separator), (expected, vec![]), "{text:?}");
        }
    }

    #[test]
    fn marks_that_do_not_pair_are_an_issue_and_the_next_line_is_read() {
        for (text, place) in [
            ("a,b\"c\nd", (1, 2)),
            ("a,\"b\"c\nd", (1, 2)),
            ("a, \"b\"\nd", (1, 2)),
            ("\"a\nd", (1, 1)),
            ("x\n\"a\"\"\nd", (2, 1)),
        ] {
            let (rows, issues) = rows(text, ',');
            assert_eq!(issues, [place], "{text:?}");
            assert_eq!(
                rows.last().map(|row| row[0].1.as_str()),
                Some("d"),
                "{text:?}"
            );
        }
    }

    #[test]
    fn the_separator_follows_the_first_heading() {
        for (header, expected) in [
            ("STRUCTURE,STRUCTURE_ID;x", ','),
            ("STRUCTURE[;],STRUCTURE_ID", ','),
            ("STRUCTURE[|];STRUCTURE_ID", ';'),
            ("DATAFLOW\tFREQ: a, b", '\t'),
            ("item|value", '|'),
            ("item", ','),
        ] {
            assert_eq!(separator(header), expected, "{header}");
        }
    }
}
