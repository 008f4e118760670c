//! The header: which column is which component.

use crate::{
    Rule,
    csv::{Row, Width},
    issue::{Issues, shown},
    sdmx::message::Sink,
    text::from_one,
};

/// A column that holds something.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) at: usize,
    /// Whether names stand behind ids, after a colon and a space.
    has_names: bool,
}

impl Column {
    /// The id of a cell, without the name behind it.
    pub(crate) fn id<'t>(&self, text: &'t str) -> &'t str {
        if self.has_names { id(text) } else { text }
    }
}

/// Where the structure of a row stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Structures {
    /// The column of what kind it is, from 2.0 on.
    pub(crate) kind: Option<usize>,
    /// The column of what it is.
    pub(crate) id: Column,
}

/// The columns of a file.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) line: u32,
    pub(crate) width: Width,
    pub(crate) structures: Structures,
    pub(crate) action: Option<usize>,
    /// Of each component its column, in the order in which the sink was told.
    pub(crate) components: Vec<Column>,
}

/// What the columns of the format itself are.
struct Own {
    structure_id: Option<usize>,
    structure_name: Option<usize>,
    action: Option<usize>,
    series_key: Option<usize>,
    obs_key: Option<usize>,
}

impl Header {
    /// Reads the header; `None` where it is none of the format.
    pub(crate) fn of(header: &Row<'_>, sink: &mut dyn Sink, issues: &mut Issues) -> Option<Self> {
        let width = header.width();
        let has_name_columns = (0..width.named).any(|at| header.text(at) == "STRUCTURE_NAME");
        let labels = !has_name_columns && (0..width.named).any(|at| header.text(at).contains(": "));
        let found = header.text(0);
        let first = if labels { id(found) } else { found };
        let is_first_version = match without_brackets(first) {
            "DATAFLOW" => true,
            "STRUCTURE" => false,
            _ => {
                issues.report(header.position(0), Rule::HeaderUnknown, found, || {
                    format!(
                        "‘{}’ is no heading of a first column; a data file starts with STRUCTURE, or with DATAFLOW (SDMX-CSV 1.0)",
                        shown(found)
                    )
                });
                return None;
            }
        };
        let mut own = Own {
            structure_id: is_first_version.then_some(0),
            structure_name: None,
            action: None,
            series_key: None,
            obs_key: None,
        };
        let mut components: Vec<Column> = vec![];
        let mut named: Option<&str> = None;
        for at in 1..width.named {
            let heading = header.text(at);
            let id = without_brackets(if labels { id(heading) } else { heading });
            if named
                .take()
                .is_some_and(|of| heading == of || !is_like_an_id(heading))
            {
                continue;
            }
            let place = match id {
                _ if is_first_version => None,
                "STRUCTURE_ID" => Some(&mut own.structure_id),
                "STRUCTURE_NAME" => Some(&mut own.structure_name),
                "ACTION" => Some(&mut own.action),
                "SERIES_KEY" => Some(&mut own.series_key),
                "OBS_KEY" => Some(&mut own.obs_key),
                _ => None,
            };
            let is_same =
                |column: &&Column| without_brackets(column.id(header.text(column.at))) == id;
            let before = match &place {
                Some(place) => **place,
                None => components.iter().find(is_same).map(|column| column.at),
            };
            if let Some(before) = before {
                issues.report(header.position(at), Rule::ColumnTwice, heading, || {
                    format!(
                        "column {} holds {id} already; take one out",
                        from_one(before)
                    )
                });
            } else if let Some(place) = place {
                *place = Some(at);
            } else if id.is_empty() {
                issues.report(header.position(at), Rule::ColumnUnknown, "", || {
                    "the column has no heading; give it one, or take it out".to_owned()
                });
            } else {
                sink.component(components.len(), id, header.position(at), issues);
                let has_names = labels && heading.contains(": ");
                components.push(Column { at, has_names });
                named = Some(heading).filter(|_| has_name_columns);
            }
        }
        let Some(structure) = own.structure_id else {
            let at = (header.line, from_one(width.named));
            issues.report(at, Rule::ColumnMissing, "", || {
                "the file has no column STRUCTURE_ID; add it".to_owned()
            });
            return None;
        };
        let id = Column {
            at: structure,
            has_names: labels,
        };
        Some(Self {
            line: header.line,
            width,
            structures: Structures {
                kind: (!is_first_version).then_some(0),
                id,
            },
            action: own.action,
            components,
        })
    }
}

/// The id before a name.
fn id(text: &str) -> &str {
    text.split_once(": ").map_or(text, |(id, _)| id.trim())
}

/// A heading without what stands in square brackets: how values of a cell are separated, or in which languages they are.
fn without_brackets(heading: &str) -> &str {
    heading.split_once('[').map_or(heading, |(id, _)| id)
}

/// Whether the heading of a column in which a name could stand is rather an id: so none is lost where a file has names in
/// some columns alone.
fn is_like_an_id(heading: &str) -> bool {
    heading.len() > 1
        && heading.starts_with(|c: char| c.is_ascii_uppercase())
        && heading
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}
