//! The files of an upload, each read as what it is.

use std::collections::BTreeMap;

use regtrade_formats::{
    Kind, Mappings,
    data_file::{self, Entry, Update},
    figure_list, press_table, sniff,
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
            Kind::DataFile => files.data_file(upload, at),
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

    fn data_file(&mut self, upload: &Upload, at: usize) {
        let file = &upload.files[at];
        let (mut rows, mut changes) = (vec![], vec![]);
        let reading = data_file::read_all(&file.bytes.as_slice(), Mappings::shipped());
        let summary = reading.summary;
        self.note(&file.name, summary.issues, summary.issue_count);
        for entry in reading.entries {
            match entry {
                Entry::Observation { observation, line } => rows.push((at, line, observation)),
                Entry::Update(update) => changes.push(update),
                Entry::Figure(figure) => self.published.push((at, figure)),
            }
        }
        let other = summary
            .dataflow
            .filter(|other| *other != dataflow(upload))
            .map(|other| {
                let own = dataflow(upload);
                (
                    "structure.other",
                    format!("the file is of {other}, and the release of {own}"),
                )
            });
        let is_alone = upload.files.len() == 1;
        let refused = match &mut self.data {
            _ if other.is_some() => other,
            Data::Whole(all) if !summary.is_partial => {
                all.extend(rows);
                None
            }
            data @ Data::Whole(_) if is_alone => {
                *data = Data::Partial {
                    file: at,
                    updates: changes,
                };
                None
            }
            _ => Some((
                "action.alone",
                "a partial update is one file alone: the order of several files would matter"
                    .to_owned(),
            )),
        };
        if let Some((rule, explanation)) = refused {
            self.issue_count += 1;
            self.issues.push(Issue {
                file: file.name.clone(),
                line: 1,
                column: 1,
                rule: rule.to_owned(),
                found: String::new(),
                explanation,
            });
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
        Data::Partial { file, updates } => data_file::apply(current, updates).map_err(|issues| {
            let name = &upload.files[*file].name;
            issues.into_iter().map(|issue| told(name, issue)).collect()
        }),
    }
}
