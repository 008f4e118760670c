//! Data files: what a message of SDMX says, in our terms. A format reads rows of components, a mapping says what they
//! are of ours, and what comes of a row is handed on at once: nothing of a file of observations is kept.

use std::io::Read as _;

use regtrade_model::{Dataflow, Observation, PublishedFigure};

pub use crate::sdmx_csv::{
    Action, KeyPattern as PartialKey, Merge, STATUS_OF_MISSING, Update, apply,
};

use crate::{
    Issue,
    mapping::Mappings,
    sdmx::message::Source,
    sdmx_csv::{self, Content},
};

/// What a row of a data file comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A level, of a whole data set.
    Observation {
        /// The level.
        observation: Observation,
        /// The line where its row begins, from 1.
        line: u32,
    },
    /// A change, of a partial update.
    Update(Update),
    /// A figure that the publisher computed, of a unit that is no level: a share, a rate.
    Figure(PublishedFigure),
}

/// What a data file is as a whole, and what is wrong with it. Where there is an issue, it must not be taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Our dataflow, of which all its rows are; `None` where no row says.
    pub dataflow: Option<Dataflow>,
    /// Whether its figures were made up: the agency of its structures is SYNTH.
    pub synthetic: bool,
    /// Whether it changes a release (actions A, M, R, D), and is none of its own (I).
    pub is_partial: bool,
    /// How many rows it has, those among them that the mapping skips.
    pub rows: u64,
    /// The first 1,000 issues, in the order of the file.
    pub issues: Vec<Issue>,
    /// How many issues there are in all.
    pub issue_count: usize,
}

/// A data file in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What its rows say, in the order of the file. Of a file with an issue: what could be read.
    pub entries: Vec<Entry>,
    /// What it is as a whole.
    pub summary: Summary,
}

/// Reads a data file, and hands on what its rows say as it meets them, also where there are issues. Memory does not grow
/// with the file. That a whole data set says two things of one key is for the caller to find, who sorts them; a partial
/// update is small, and two rows of it with one key are an issue here.
pub fn read(source: &dyn Source, mappings: &Mappings, take: &mut dyn FnMut(Entry)) -> Summary {
    let _ = mappings;
    let mut bytes = vec![];
    if let Ok(mut reader) = source.open() {
        let _ = reader.read_to_end(&mut bytes);
    }
    let reading = sdmx_csv::read(&bytes);
    let content = reading.file.as_ref().map(|file| file.content.clone());
    let is_partial = matches!(content, Some(Content::Partial(_)));
    let mut rows = 0;
    match content {
        Some(Content::Whole(observations)) => {
            for (observation, line) in observations {
                rows += 1;
                take(Entry::Observation { observation, line });
            }
        }
        Some(Content::Partial(updates)) => {
            for update in updates {
                rows += 1;
                take(Entry::Update(update));
            }
        }
        None => {}
    }
    Summary {
        dataflow: reading.file.map(|file| file.dataflow),
        synthetic: false,
        is_partial,
        rows,
        issues: reading.issues,
        issue_count: reading.issue_count,
    }
}

/// Reads a data file into memory, and finds the keys of which a whole data set says two things.
#[must_use]
pub fn read_all(source: &dyn Source, mappings: &Mappings) -> Reading {
    let mut entries = vec![];
    let summary = read(source, mappings, &mut |entry| entries.push(entry));
    Reading { entries, summary }
}
