//! Concordances shipped with the program: lists of codes of an agency with those that they are of ours.

use crate::{
    csv::{Record, Records},
    issue::Issues,
};

/// A row of a concordance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) code: String,
    pub(super) ours: String,
    /// Whether another code has the same target already.
    pub(super) is_synonym: bool,
}

/// The file of a name.
fn file(name: &str) -> Option<&'static str> {
    match name {
        "nbb-nuts" => Some(include_str!("../../data/mappings/nbb-nuts.csv")),
        "nbb-branch" => Some(include_str!("../../data/mappings/nbb-branch.csv")),
        _ => None,
    }
}

/// The names of all.
pub(super) const NAMES: &str = "nbb-nuts, nbb-branch";

/// The concordance of a name.
pub(super) fn concordance(name: &str) -> Option<Vec<Pair>> {
    let mut records = Records::new(file(name)?.as_bytes(), true);
    let mut issues = Issues::default();
    let mut pairs = vec![];
    while let Some(record) = records.next(&mut issues) {
        if let Record::Row(row) = record {
            pairs.push(Pair {
                code: row.text(0).to_owned(),
                ours: row.text(1).to_owned(),
                is_synonym: row.text(2) == "synonym",
            });
        }
    }
    // The first row names the columns.
    pairs.drain(..1.min(pairs.len()));
    Some(pairs)
}
