//! The files of an upload, each read as what it is. Observations go from the reader into the spool one by one; what is
//! kept in memory of a file does not grow with it.

use std::{
    collections::BTreeMap,
    io::{self, Read as _},
};

use regtrade_formats::{
    Issues, Kind,
    data_file::{self, Entry, Take, Update},
    figure_list, press_table,
    sdmx::{envelope, message::Source},
    sniff,
};
use regtrade_lake::{LakeError, Place, Slices, SpoolWriter, Spooled};
use regtrade_model::{
    Code, CodedObservation, Dataflow, Observation, Period, PrintedCell, PublishedFigure,
    TableDescription,
};
use regtrade_proto::v1::Issue;

use super::{checks, found::Found};
use crate::{config::Settings, upload::Upload};

/// By how many bytes a file shows of which kind it is.
const HEAD: u64 = 64 << 10;

/// Changes that a partial update makes at most: they are held in memory.
const MOST_UPDATES: usize = 500_000;

/// What the files of an upload hold.
pub(super) struct Files {
    /// What they are of: what is said of the release, else what they say, else REGTRD.
    pub(super) dataflow: Dataflow,
    /// Whether their figures were made up.
    pub(super) synthetic: bool,
    /// Printed figures, each with the number of its file.
    pub(super) published: Vec<(usize, PublishedFigure)>,
    pub(super) data: Data,
    pub(super) notes: Vec<String>,
    pub(super) issues: Found,
}

/// Observations of the data files.
pub(super) enum Data {
    /// All of their periods, and those over all activities, products and partners beside, by file and line.
    Whole {
        slices: Slices,
        overall: Vec<Spooled>,
        /// Whether any of them has a value.
        has_value: bool,
    },
    /// Changes, all in one file.
    Partial { file: usize, updates: Vec<Update> },
}

/// What is read so far.
pub(super) struct Reading<'u> {
    /// Of the files, as they came.
    names: Vec<String>,
    settings: &'u Settings,
    published: Vec<(usize, PublishedFigure)>,
    notes: Vec<String>,
    issues: Found,
    spool: SpoolWriter,
    /// Why the spool takes no more.
    failed: Option<LakeError>,
    overall: Vec<Spooled>,
    /// Whether any observation has a value.
    has_value: bool,
    updates: Vec<Update>,
    /// The files that are partial updates.
    partial: Vec<usize>,
    /// What each file says of itself: its number, its dataflow, and whether it was made up.
    said: Vec<(usize, Dataflow, bool)>,
}

impl<'u> Reading<'u> {
    pub(super) fn new(settings: &'u Settings) -> Self {
        Self {
            names: vec![],
            settings,
            published: vec![],
            notes: vec![],
            issues: Found::default(),
            spool: SpoolWriter::new(settings.temporary.clone()),
            failed: None,
            overall: vec![],
            has_value: false,
            updates: vec![],
            partial: vec![],
            said: vec![],
        }
    }

    /// Reads a file more.
    pub(super) fn next_file(&mut self, name: &str, source: &dyn Source) {
        self.names.push(name.to_owned());
        self.file(self.names.len() - 1, source);
    }

    fn file(&mut self, at: usize, source: &dyn Source) {
        let kind = match bytes(source, HEAD) {
            Ok(head) => sniff(&head),
            Err(error) => return self.unreadable(at, &error),
        };
        let Some(most) = kind.maximum_bytes() else {
            return self.data_file(at, source);
        };
        // One byte more than such a file may have: its reader says what is wrong then.
        match bytes(source, most as u64 + 1) {
            Ok(bytes) if kind == Kind::FigureList => self.figure_list(at, &bytes),
            Ok(bytes) => self.press_table(at, &bytes),
            Err(error) => return self.unreadable(at, &error),
        }
        self.said.push((at, Dataflow::Regtrd, false));
    }

    /// A file of which the packing is none that is undone, or is damaged.
    fn unreadable(&mut self, at: usize, error: &io::Error) {
        let mut issues = Issues::default();
        envelope::report(error, (1, 1), &mut issues);
        let (issues, count) = issues.finish();
        self.issues.read(&self.name(at), issues, count);
    }

    fn name(&self, at: usize) -> String {
        self.names[at].clone()
    }

    fn press_table(&mut self, at: usize, bytes: &[u8]) {
        let description = TableDescription::shipped(Dataflow::Regtrd);
        let reading = press_table::read(bytes, &description);
        self.issues
            .read(&self.name(at), reading.issues, reading.issue_count);
        self.notes.extend(reading.notes);
        let published = |cell: &PrintedCell| {
            let Ok(figure) = PublishedFigure::try_from(cell) else {
                unreachable!("the shipped description names items and areas of the model alone")
            };
            (at, figure)
        };
        self.published.extend(reading.cells.iter().map(published));
    }

    fn figure_list(&mut self, at: usize, bytes: &[u8]) {
        let reading = figure_list::read(bytes);
        self.issues
            .read(&self.name(at), reading.issues, reading.issue_count);
        self.notes.extend(reading.notes);
        let figures = reading.figures.into_iter().map(|figure| (at, figure));
        self.published.extend(figures);
    }

    fn data_file(&mut self, at: usize, source: &dyn Source) {
        let mappings = &self.settings.mappings;
        let summary = data_file::read(source, mappings, &mut OfFile { reading: self, at });
        self.issues
            .read(&self.name(at), summary.issues, summary.issue_count);
        if let Some(dataflow) = summary.dataflow {
            self.said.push((at, dataflow, summary.synthetic));
        }
        if summary.is_partial {
            self.partial.push(at);
        }
    }

    /// Observations, each with its line, whose codes are places in a list.
    fn take_together(&mut self, at: usize, rows: &[(u32, CodedObservation)], codes: &[Code]) {
        let file = u32::try_from(at).unwrap_or(u32::MAX);
        // Those over all activities, products and partners are few, where there are any.
        let has_overall = codes.iter().any(Code::is_world);
        for (line, row) in rows {
            let place = Place { file, line: *line };
            let fits = checks::fits(row.value, row.decimals);
            self.has_value |= row.value.is_some();
            if fits && !has_overall {
                continue;
            }
            let Some(observation) = row.observation(codes) else {
                continue;
            };
            if !fits {
                let name = &self.names[at];
                self.issues
                    .add(|| checks::too_precise(name, &observation, place));
            }
            if observation.key.is_overall() {
                self.overall.push(Spooled { observation, place });
            }
        }
        if self.failed.is_none() {
            self.failed = self.spool.push_together(file, rows, codes).err();
        }
    }

    fn take(&mut self, at: usize, entry: Entry) {
        match entry {
            Entry::Observation { observation, line } => {
                let (file, failed) = (u32::try_from(at).unwrap_or(u32::MAX), &mut self.failed);
                let place = Place { file, line };
                if !checks::fits(observation.value, observation.decimals) {
                    let name = &self.names[at];
                    self.issues
                        .add(|| checks::too_precise(name, &observation, place));
                }
                if failed.is_some() {
                    return;
                }
                self.has_value |= observation.value.is_some();
                if observation.key.is_overall() {
                    self.overall.push(Spooled {
                        observation: observation.clone(),
                        place,
                    });
                }
                *failed = self.spool.push(observation, place).err();
            }
            Entry::Update(update) if self.updates.len() < MOST_UPDATES => self.updates.push(update),
            Entry::Update(update) => {
                let file = self.name(at);
                self.issues.add(|| Issue {
                    file,
                    line: update.line,
                    column: 1,
                    rule: "file.too-large".to_owned(),
                    found: String::new(),
                    explanation: format!(
                        "a partial update makes {MOST_UPDATES} changes at most; hand the periods in whole"
                    ),
                });
            }
            Entry::Figure(figure) => self.published.push((at, figure)),
        }
    }

    /// What the files of an upload hold, of which all were read.
    ///
    /// # Errors
    /// Where the temporary folder fails.
    pub(super) fn finish(mut self, upload: &Upload) -> Result<Files, LakeError> {
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        let said = self.said.first().map(|(_, dataflow, _)| *dataflow);
        let dataflow = upload.header.dataflow.or(said);
        let dataflow = dataflow.unwrap_or(Dataflow::Regtrd);
        let synthetic = self.said.iter().any(|(_, _, synthetic)| *synthetic);
        for (at, of, made_up) in &self.said {
            checks::of_file(
                upload,
                *at,
                (*of, dataflow),
                (*made_up, synthetic),
                &mut self.issues,
            );
        }
        let data = match self.partial[..] {
            [file] if upload.files.len() == 1 => Data::Partial {
                file,
                updates: self.updates,
            },
            ref partial => {
                for at in partial {
                    checks::partial_with_others(upload, *at, &mut self.issues);
                }
                Data::Whole {
                    slices: self.spool.finish()?,
                    overall: self.overall,
                    has_value: self.has_value,
                }
            }
        };
        let mut files = Files {
            dataflow,
            synthetic,
            published: self.published,
            data,
            notes: self.notes,
            issues: self.issues,
        };
        checks::of(upload, &mut files)?;
        Ok(files)
    }
}

/// Takes what a file says.
struct OfFile<'a, 'u> {
    reading: &'a mut Reading<'u>,
    at: usize,
}

impl Take for OfFile<'_, '_> {
    fn entry(&mut self, entry: Entry) {
        self.reading.take(self.at, entry);
    }

    fn observations(&mut self, rows: &[(u32, CodedObservation)], codes: &[Code]) {
        self.reading.take_together(self.at, rows, codes);
    }
}

/// The first bytes of a file, at most so many.
fn bytes(source: &dyn Source, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![];
    source.open()?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What the files write, as the lake takes it, and those of them over all activities, products and partners. A partial
/// update is applied to `current`.
///
/// # Errors
/// With the updates that do not fit what is there; and inside, where the temporary folder fails.
pub(super) fn observations(
    upload: &Upload,
    data: &Data,
    current: &BTreeMap<Period, Vec<Observation>>,
) -> Result<Result<(Slices, Vec<Spooled>), Found>, LakeError> {
    match data {
        Data::Whole {
            slices, overall, ..
        } => Ok(Ok((slices.clone(), overall.clone()))),
        Data::Partial { file, updates } => match data_file::apply(current, updates) {
            Ok(changed) => {
                let overall = changed
                    .values()
                    .flatten()
                    .filter(|row| row.key.is_overall());
                let overall = overall.map(|row| Spooled {
                    observation: row.clone(),
                    place: Place::default(),
                });
                let overall = overall.collect();
                Ok(Ok((Slices::of(changed)?, overall)))
            }
            Err(issues) => {
                let mut found = Found::default();
                let count = issues.len();
                found.read(upload.files[*file].name(), issues, count);
                Ok(Err(found))
            }
        },
    }
}
