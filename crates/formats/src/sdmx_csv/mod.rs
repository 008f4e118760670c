//! The reader and the writer of SDMX-CSV 1.0, 2.0 and 2.1: observations of the dataflow REGTRD, and partial updates of them.
//!
//! The first column is DATAFLOW (1.0) or STRUCTURE, then STRUCTURE_ID (2.0, 2.1), the others come in any order. Cells are
//! separated by `,`, `;`, `|` or tabs; headings and cells can have names behind their ids (`FREQ: Frequency`, `A: Annual`),
//! or in columns of their own. `docs/data-files.md` describes the format for those who write such files.

mod cells;
mod header;
mod partial;
mod row;
mod structure;
mod write;

use regtrade_model::{
    Area, Code, ConfStatus, Dataflow, Decimal, FigureKey, Item, ObsStatus, Observation, Period,
};

pub use crate::csv::MAXIMUM_BYTES;
pub use partial::apply;
pub use write::write;

use crate::{
    Issue, Rule,
    csv::{FORM, Record, Records, separator},
    issue::Issues,
    text,
};
use header::Columns;
use row::Rows;

/// The status of an observation without a value that says nothing more of it: a missing value.
pub const STATUS_OF_MISSING: ObsStatus = ObsStatus::O;

/// What was read of a file. Where there is an issue, there is no file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What the file says; `None` where there is an issue.
    pub file: Option<DataFile>,
    /// The first 1,000 issues, in the order of the file.
    pub issues: Vec<Issue>,
    /// How many issues there are in all.
    pub issue_count: usize,
}

/// A data file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFile {
    /// Of which dataflow all its rows are.
    pub dataflow: Dataflow,
    /// Its rows.
    pub content: Content,
}

/// Whether a file is a data set of its own, or changes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// All rows have the action I or none: what the file says of a period is all of it. With the line of each row.
    Whole(Vec<(Observation, u32)>),
    /// Changes, in the order of the file, which is the order in which they are made.
    Partial(Vec<Update>),
}

/// A row of a partial update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The line where the row starts, from 1.
    pub line: u32,
    /// What it changes.
    pub action: Action,
}

/// What a row of a partial update changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A: an observation that is not there yet.
    Append(Observation),
    /// M: what the row gives of an observation; the rest of it stays as it is. It need not be there yet.
    Merge(Merge),
    /// R: an observation whole, whether it is there or not. What the row does not give is not kept.
    Replace(Observation),
    /// D: all observations of a pattern, of which there is at least one.
    Delete(KeyPattern),
}

/// What a merging row gives of an observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// Which observation.
    pub key: FigureKey,
    /// The value, with the decimals that are written as its scale.
    pub value: Option<Decimal>,
    /// DECIMALS.
    pub decimals: Option<u32>,
    /// UNIT_MULT.
    pub unit_mult: Option<i32>,
    /// OBS_STATUS.
    pub status: Option<ObsStatus>,
    /// CONF_STATUS.
    pub conf: Option<ConfStatus>,
}

/// Which observations: those that have the values given; `None` is any.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyPattern {
    /// ITEM.
    pub item: Option<Item>,
    /// REF_AREA.
    pub ref_area: Option<Area>,
    /// ACTIVITY.
    pub activity: Option<Code>,
    /// PRODUCT.
    pub product: Option<Code>,
    /// COUNTERPART_AREA.
    pub counterpart_area: Option<Code>,
    /// TIME_PERIOD.
    pub period: Option<Period>,
}

/// Reads a data file.
///
/// ```
/// # use regtrade_formats::sdmx_csv::{self, Content};
/// let file = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,ITEM,TIME_PERIOD,OBS_VALUE,UNIT_MULT
/// dataflow,BE2:REGTRD(1.0),I,A,BE2,P61,2024,266031.1,6
/// ";
/// let Some(Content::Whole(rows)) = sdmx_csv::read(file.as_bytes()).file.map(|file| file.content) else {
///     panic!("the file is a whole data set");
/// };
/// let (observation, line) = &rows[0];
/// assert_eq!(observation.value.unwrap().to_string(), "266031.1");
/// assert_eq!((observation.decimals, observation.unit_mult, *line), (1, 6, 2));
/// ```
#[must_use]
pub fn read(bytes: &[u8]) -> Reading {
    let mut issues = Issues::default();
    let content = text::read(bytes, &FORM, &mut issues).and_then(|text| content(text, &mut issues));
    let (issues, issue_count) = issues.finish();
    let dataflow = Dataflow::Regtrd;
    Reading {
        file: content
            .filter(|_| issue_count == 0)
            .map(|content| DataFile { dataflow, content }),
        issues,
        issue_count,
    }
}

fn content(text: &str, issues: &mut Issues) -> Option<Content> {
    let first = text.trim_start_matches(['\r', '\n']).lines().next();
    let mut records = Records::new(text, separator(first.unwrap_or_default()), false);
    let Some(Record::Row(header)) = records.next(issues) else {
        return None;
    };
    let columns = Columns::of(&header, issues)?;
    let width = header.width();
    let mut rows = Rows::new(&columns);
    while let Some(Record::Row(row)) = records.next(issues) {
        if !row.is_blank() && row.fits(width, issues) {
            rows.read(&row, issues);
        }
    }
    if issues.is_empty() && rows.is_empty() {
        issues.report((header.line, 1), Rule::HeaderWithoutRows, "", || {
            "no row follows the header; is the file complete?".to_owned()
        });
    }
    Some(rows.finish())
}
