//! Data files: what a message of SDMX says, in our terms. A reader of a format gives rows of components, a mapping says
//! what they are of ours, and what comes of a row is handed on at once: nothing of a file of observations is kept.

mod cells;
mod codes;
mod key;
mod partial;
mod quick;
mod row;
mod take;

use regtrade_model::{Code, CodedObservation, Dataflow, ObsStatus, Observation, PublishedFigure};

pub use partial::{Action, Merge, PartialKey, Update, apply};

use crate::{
    Issue,
    issue::Issues,
    mapping::Mappings,
    sdmx::{
        self, envelope,
        format::{self, Format},
        message::Source,
    },
};
use take::Taker;

/// The status of an observation without a value that says nothing more of it: a missing value.
pub const STATUS_OF_MISSING: ObsStatus = ObsStatus::O;

/// The agency of structures of which the figures were made up by a generator.
pub const SYNTHETIC_AGENCY: &str = "SYNTH";

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

/// Takes what a data file says, in the order of the file.
pub trait Take {
    /// What a row says.
    fn entry(&mut self, entry: Entry);

    /// Observations of a whole data set, each with its line, whose codes are places in a list. Whoever does not take them
    /// together is given one after the other.
    fn observations(&mut self, rows: &[(u32, CodedObservation)], codes: &[Code]) {
        for (line, row) in rows {
            let Some(observation) = row.observation(codes) else {
                unreachable!("a row has places of codes that are there")
            };
            let line = *line;
            self.entry(Entry::Observation { observation, line });
        }
    }
}

impl<F: FnMut(Entry)> Take for F {
    fn entry(&mut self, entry: Entry) {
        self(entry);
    }
}

/// What a data file is as a whole, and what is wrong with it. Where there is an issue, it must not be taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Our dataflow, of which all its rows are; `None` where no row says.
    pub dataflow: Option<Dataflow>,
    /// Whether its figures were made up: the agency of its structures is [`SYNTHETIC_AGENCY`].
    pub synthetic: bool,
    /// Whether it changes a release (actions A, M, R, D), and is none of its own (I).
    pub is_partial: bool,
    /// How many rows of our dataflow it has, those among them that the mapping skips.
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

impl Reading {
    /// The observations of a whole data set, each with its line; `None` of a partial update, and where there is an issue.
    #[must_use]
    pub fn whole(self) -> Option<Vec<(Observation, u32)>> {
        let Self { entries, summary } = self;
        (summary.issue_count == 0 && !summary.is_partial).then(|| {
            let observation = |entry| match entry {
                Entry::Observation { observation, line } => Some((observation, line)),
                Entry::Update(_) | Entry::Figure(_) => None,
            };
            entries.into_iter().filter_map(observation).collect()
        })
    }

    /// The changes of a partial update; `None` of a whole data set, and where there is an issue.
    #[must_use]
    pub fn updates(self) -> Option<Vec<Update>> {
        let Self { entries, summary } = self;
        (summary.issue_count == 0 && summary.is_partial).then(|| {
            let update = |entry| match entry {
                Entry::Update(update) => Some(update),
                Entry::Observation { .. } | Entry::Figure(_) => None,
            };
            entries.into_iter().filter_map(update).collect()
        })
    }
}

/// Reads a data file, and hands on what its rows say as it meets them, also where there are issues. Memory does not grow
/// with the observations of a whole data set; so that it says two things of one key is for the caller to find, who sorts
/// them. Of changes and of published figures the keys are remembered, and two of one key are an issue here.
pub fn read(source: &dyn Source, mappings: &Mappings, take: &mut dyn Take) -> Summary {
    summary(source, Taker::new(mappings, take, false))
}

/// Reads a data file into memory, and finds the keys of which a whole data set says two things.
///
/// ```
/// # use regtrade_formats::{Mappings, data_file};
/// let file = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,ITEM,TIME_PERIOD,OBS_VALUE,UNIT_MULT
/// dataflow,BE2:REGTRD(1.0),I,A,BE2,P61,2024,266031.1,6
/// ";
/// let reading = data_file::read_all(&file.as_bytes(), Mappings::shipped());
/// let rows = reading.whole().expect("the file is a whole data set");
/// let (observation, line) = &rows[0];
/// assert_eq!(observation.value.unwrap().to_string(), "266031.1");
/// assert_eq!((observation.decimals, observation.unit_mult, *line), (1, 6, 2));
/// ```
#[must_use]
pub fn read_all(source: &dyn Source, mappings: &Mappings) -> Reading {
    let mut entries = vec![];
    let mut take = |entry: Entry| entries.push(entry);
    let summary = summary(source, Taker::new(mappings, &mut take, true));
    Reading { entries, summary }
}

fn summary(source: &dyn Source, mut taker: Taker<'_>) -> Summary {
    let mut issues = Issues::default();
    let start = source.open().and_then(|mut reader| {
        let start = reader.fill_buf()?;
        Ok(format::of(start))
    });
    if matches!(start, Ok(Format::Ml | Format::Json)) {
        taker = taker.without_columns();
    }
    match start {
        Ok(Format::Csv) => quick::read(source, &mut taker, &mut issues),
        Ok(Format::Ml) => sdmx::ml::read(source, &mut taker, &mut issues),
        Ok(Format::Json) => sdmx::json::read(source, &mut taker, &mut issues),
        Err(error) => envelope::report(&error, (1, 1), &mut issues),
    }
    taker.finish(issues)
}
