//! The reader of lists of published figures: what a text prints, figure by figure, with its decimals and its source.
//!
//! The header names the columns, in any order. A line that starts with `#` is a comment; `# note: …` is a note of the
//! release. `docs/data-files.md` describes the format for those who write such lists.

mod header;
mod row;

use regtrade_model::PublishedFigure;

pub use crate::csv::MAXIMUM_BYTES;

use crate::{
    Issue, Rule,
    csv::{FORM, Record, Records},
    issue::Issues,
    text,
};
use header::Columns;
use row::Rows;

/// What was read of a list. Where there is an issue, it must not be taken in; the figures are then what was readable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The figures, in the order of the file.
    pub figures: Vec<PublishedFigure>,
    /// The notes of the release, then what the column `note` says of figures.
    pub notes: Vec<String>,
    /// The first 1,000 issues, in the order of the file.
    pub issues: Vec<Issue>,
    /// How many issues there are in all.
    pub issue_count: usize,
}

/// Reads a list of figures.
///
/// ```
/// # use regtrade_formats::figure_list;
/// let list = "# note: provisional
/// item,ref_area,indicator,period,value,unit_mult,decimals,source
/// P7,BE1,level,2013,62.7,9,1,a regional office
/// ";
/// let reading = figure_list::read(list.as_bytes());
/// assert_eq!(reading.figures[0].value.unwrap().to_string(), "62.7");
/// assert_eq!(reading.notes, ["provisional"]);
/// ```
#[must_use]
pub fn read(bytes: &[u8]) -> Reading {
    let mut issues = Issues::default();
    let (mut figures, mut notes) = (vec![], vec![]);
    if let Some(text) = text::read(bytes, &FORM, &mut issues) {
        (figures, notes) = list(text, &mut issues);
    }
    let (issues, issue_count) = issues.finish();
    Reading {
        figures,
        notes,
        issues,
        issue_count,
    }
}

fn list(text: &str, issues: &mut Issues) -> (Vec<PublishedFigure>, Vec<String>) {
    let mut records = Records::new(text.as_bytes(), true);
    let mut notes = vec![];
    let mut columns = None;
    let mut rows = Rows::default();
    while let Some(record) = records.next(issues) {
        match (record, &columns) {
            (Record::Comment(comment), _) => notes.extend(note(comment)),
            (Record::Row(row), _) if row.is_blank() => {}
            (Record::Row(header), None) => match Columns::of(&header, issues) {
                Some(found) => columns = Some((found, header.width(), header.line)),
                None => return (vec![], notes),
            },
            (Record::Row(row), Some((columns, width, _))) => {
                if row.fits(*width, issues) {
                    rows.read(&row, columns, issues);
                }
            }
        }
    }
    if issues.is_empty() && rows.figures.is_empty() {
        let line = columns.map_or(1, |(_, _, line)| line);
        issues.report((line, 1), Rule::HeaderWithoutRows, "", || {
            "the list has no figures; is the file complete?".to_owned()
        });
    }
    notes.append(&mut rows.notes);
    (rows.figures, notes)
}

/// The text of a note of the release.
fn note(comment: &str) -> Option<String> {
    let text = comment.trim().strip_prefix("note:")?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
