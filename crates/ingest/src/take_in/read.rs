//! The files of an upload, each read as what it is.

use std::collections::BTreeMap;

use regtrade_formats::{
    Kind, figure_list, press_table,
    sdmx_csv::{self, Content, Update},
    sniff,
};
use regtrade_model::{Observation, Period, PrintedCell, PublishedFigure, TableDescription};
use regtrade_proto::v1::Issue;

use super::{checks, dataflow, told};
use crate::upload::Upload;

/// What the files of an upload hold.
pub(super) struct Files {
    /// Printed figures, each with the number of its file.
    pub(super) published: Vec<(usize, PublishedFigure)>,
    pub(super) data: Data,
    pub(super) notes: Vec<String>,
    pub(super) issues: Vec<Issue>,
    pub(super) issue_count: usize,
}

/// Observations of the data files.
pub(super) enum Data {
    /// All of their periods: each with its file and line.
    Whole(Vec<(usize, u32, Observation)>),
    /// Changes, all in one file.
    Partial { file: usize, updates: Vec<Update> },
}

/// Reads the files of an upload.
pub(super) fn files(upload: &Upload) -> Files {
    let mut files = Files {
        published: vec![],
        data: Data::Whole(vec![]),
        notes: vec![],
        issues: vec![],
        issue_count: 0,
    };
    for (at, file) in upload.files.iter().enumerate() {
        match sniff(&file.bytes) {
            Kind::PressTable => files.press_table(upload, at),
            Kind::FigureList => files.figure_list(upload, at),
            Kind::SdmxCsv => files.sdmx_csv(upload, at),
        }
    }
    let more = checks::of(upload, &files);
    files.issue_count += more.len();
    files.issues.extend(more);
    files
}

impl Files {
    fn note(&mut self, name: &str, issues: Vec<regtrade_formats::Issue>, issue_count: usize) {
        self.issue_count += issue_count;
        self.issues
            .extend(issues.into_iter().map(|issue| told(name, issue)));
    }

    fn press_table(&mut self, upload: &Upload, at: usize) {
        let file = &upload.files[at];
        let description = TableDescription::shipped(dataflow(upload));
        let reading = press_table::read(&file.bytes, &description);
        self.note(&file.name, reading.issues, reading.issue_count);
        self.notes.extend(reading.notes);
        let published = |cell: &PrintedCell| {
            let Ok(figure) = PublishedFigure::try_from(cell) else {
                unreachable!("the shipped description names items and areas of the model alone")
            };
            (at, figure)
        };
        self.published.extend(reading.cells.iter().map(published));
    }

    fn figure_list(&mut self, upload: &Upload, at: usize) {
        let file = &upload.files[at];
        let reading = figure_list::read(&file.bytes);
        self.note(&file.name, reading.issues, reading.issue_count);
        self.notes.extend(reading.notes);
        let figures = reading.figures.into_iter().map(|figure| (at, figure));
        self.published.extend(figures);
    }

    fn sdmx_csv(&mut self, upload: &Upload, at: usize) {
        let file = &upload.files[at];
        let reading = sdmx_csv::read(&file.bytes);
        self.note(&file.name, reading.issues, reading.issue_count);
        match (reading.file.map(|file| file.content), &mut self.data) {
            (None, _) => {}
            (Some(Content::Whole(rows)), Data::Whole(all)) => {
                all.extend(rows.into_iter().map(|(row, line)| (at, line, row)));
            }
            (Some(Content::Partial(updates)), data @ Data::Whole(_)) if upload.files.len() == 1 => {
                *data = Data::Partial { file: at, updates };
            }
            (Some(_), _) => {
                self.issue_count += 1;
                self.issues.push(Issue {
                    file: file.name.clone(),
                    line: 1,
                    column: 1,
                    rule: "action.alone".to_owned(),
                    found: String::new(),
                    explanation: "a partial update is one file alone: the order of several files would matter"
                        .to_owned(),
                });
            }
        }
    }
}

/// The observations of each period that the files write, whole. A partial update is applied to `current`.
///
/// # Errors
/// With the updates that do not fit what is there.
pub(super) fn observations(
    upload: &Upload,
    files: &Files,
    current: &BTreeMap<Period, Vec<Observation>>,
) -> Result<BTreeMap<Period, Vec<Observation>>, Vec<Issue>> {
    match &files.data {
        Data::Whole(rows) => {
            let mut slices: BTreeMap<Period, Vec<Observation>> = BTreeMap::new();
            for (_, _, row) in rows {
                let slice = slices.entry(row.key.period.last()).or_default();
                slice.push(row.clone());
            }
            Ok(slices)
        }
        Data::Partial { file, updates } => sdmx_csv::apply(current, updates).map_err(|issues| {
            let name = &upload.files[*file].name;
            issues.into_iter().map(|issue| told(name, issue)).collect()
        }),
    }
}
