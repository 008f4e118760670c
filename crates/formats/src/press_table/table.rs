//! The rows of a table, one after the other: which is a header, a section, a row of figures or a note.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use regtrade_model::{
    Code, DescribedArea, DescribedItem, Indicator, Origin, PrintedCell, TableDescription, Unit,
};

use crate::{
    Rule,
    issue::{Issues, shown},
    text::from_one,
};

use super::{
    completeness::{self, Section},
    convention::{self, Figure},
    header::{self, Column, Headings, LevelUnit},
    label::{RowLabel, Vocabulary, is_note, label_key},
    number::{self, Print},
};

/// A header with its columns, until the next one.
struct Block {
    line: u32,
    /// The columns from the second cell on, `None` where an issue was reported; `None` at all where no period was read.
    columns: Option<Vec<Option<Column>>>,
    /// The number of its first column, counted through the file.
    first_column: usize,
    /// The items of its sections, with their lines.
    items: HashMap<Code, u32>,
    has_rows: bool,
}

/// A table as far as it was read.
pub(super) struct Table<'t> {
    description: &'t TableDescription,
    vocabulary: Vocabulary<'t>,
    issues: &'t mut Issues,
    notes: Vec<String>,
    level_unit: LevelUnit,
    /// The row of headings that waits for its periods.
    headings: Option<Headings>,
    block: Option<Block>,
    columns_before: usize,
    sections: Vec<Section<'t>>,
    /// Whether the last section belongs to the block.
    in_section: bool,
    figures: Vec<Figure<'t>>,
    /// The last cell of the last line.
    end: Origin,
}

impl<'t> Table<'t> {
    pub(super) fn new(description: &'t TableDescription, issues: &'t mut Issues) -> Self {
        Self {
            description,
            vocabulary: Vocabulary::of(description),
            issues,
            notes: vec![],
            level_unit: None,
            headings: None,
            block: None,
            columns_before: 0,
            sections: vec![],
            in_section: false,
            figures: vec![],
            end: Origin { line: 0, column: 0 },
        }
    }

    /// Reads the next row, of which the cells come without their markup.
    pub(super) fn row(&mut self, line: u32, cells: Vec<Cow<'t, str>>) {
        self.end = Origin {
            line,
            column: from_one(cells.len().saturating_sub(1)),
        };
        let (label, rest) = match cells.split_first() {
            Some((label, rest)) if cells.iter().any(|cell| !cell.is_empty()) => (label, rest),
            _ => return,
        };
        let has_cells = rest.iter().any(|cell| !cell.is_empty());
        let key = label_key(label);
        let found = self.vocabulary.row(&key).to_vec();
        if found.is_empty() && has_cells && self.is_header(line, label, &cells) {
            return;
        }
        if let Some(headings) = self.headings.take() {
            self.report_no_periods(&headings);
        }
        match found.as_slice() {
            [RowLabel::Area(area)] => self.area(line, area, cells),
            [RowLabel::Item(item)] => {
                if has_cells {
                    self.issues.report((line, 1), Rule::SectionWithFigures, label, || {
                        format!("‘{}’ is the label of an item, which stands alone in its row; move the figures to rows of areas", shown(label))
                    });
                }
                self.section(line, label, Some(item));
            }
            [] if !has_cells && self.vocabulary.is_title(&key) => {}
            [] if !has_cells && (is_note(label) || self.block.is_none()) => {
                self.notes.push(label.to_string());
            }
            several => {
                let rule = if several.is_empty() {
                    Rule::LabelUnknown
                } else {
                    Rule::LabelAmbiguous
                };
                self.issues.report((line, 1), rule, label, || {
                    explain_label(&shown(label), several)
                });
                // The label may have been one of an area, so nothing can be said of the areas around it.
                if let Some(section) = self.sections.last_mut() {
                    section.unsure = true;
                }
                if !has_cells {
                    self.section(line, label, None);
                }
                if let Some(block) = self.block.as_mut().filter(|_| has_cells) {
                    block.has_rows = true;
                }
            }
        }
    }

    /// Reads the row as headings or periods where it is one of these; the label of the row is none of the description.
    fn is_header(&mut self, line: u32, label: &str, cells: &[Cow<'t, str>]) -> bool {
        let filled = || cells.iter().skip(1).filter(|cell| !cell.is_empty());
        let is_period = |cell: &Cow<'t, str>| header::period(cell).is_some();
        if header::is_headings(cells, &self.vocabulary) {
            self.open_header(line, cells);
        } else if let Some(headings) = self
            .headings
            .take_if(|_| label.is_empty() || filled().any(is_period))
        {
            let columns = header::columns(&headings, line, cells, self.issues);
            self.open_block(headings.line, Some(columns));
        } else if !label.is_empty() {
            return false;
        } else if filled().all(is_period) {
            self.issues.report((line, 2), Rule::HeaderHeadingMissing, "", || {
                "a row of periods stands under no row of headings; add the headings with their units".to_owned()
            });
            self.open_block(line, None);
        } else if filled().any(|cell| matches!(number::parse(cell, true), Ok(Print::Number(_)))) {
            self.issues.report((line, 1), Rule::LabelMissing, "", || {
                "the row has figures and no label; print the area that they are of".to_owned()
            });
            if let Some(section) = self.sections.last_mut() {
                section.unsure = true;
            }
        } else {
            self.open_header(line, cells);
        }
        true
    }

    fn open_header(&mut self, line: u32, cells: &[Cow<'t, str>]) {
        if let Some(headings) = self.headings.take() {
            self.report_no_periods(&headings);
        }
        let (vocabulary, unit) = (&self.vocabulary, &mut self.level_unit);
        self.headings = Some(header::headings(line, cells, vocabulary, unit, self.issues));
    }

    fn report_no_periods(&mut self, headings: &Headings) {
        self.issues
            .report((headings.line, 1), Rule::HeaderPeriodMissing, "", || {
                "no row of periods follows the headings; print the year of each column below them"
                    .to_owned()
            });
        self.open_block(headings.line, None);
    }

    fn open_block(&mut self, line: u32, columns: Option<Vec<Option<Column>>>) {
        self.close_block();
        let first_column = self.columns_before;
        self.columns_before += columns.as_ref().map_or(0, Vec::len);
        self.in_section = false;
        self.block = Some(Block {
            line,
            columns,
            first_column,
            items: HashMap::new(),
            has_rows: false,
        });
    }

    fn close_block(&mut self) {
        if let Some(block) = self.block.take().filter(|block| !block.has_rows) {
            self.issues
                .report((block.line, 1), Rule::HeaderWithoutRows, "", || {
                    "no row of figures follows the header; is the file complete?".to_owned()
                });
        }
    }

    fn section(&mut self, line: u32, label: &str, item: Option<&'t DescribedItem>) {
        let mut section = Section {
            line,
            label: shown(label),
            item,
            areas: BTreeMap::new(),
            unsure: item.is_none(),
        };
        if let (Some(item), Some(block)) = (item, &mut self.block) {
            let first = *block.items.entry(item.code.clone()).or_insert(line);
            if first != line {
                section.item = None;
                self.issues
                    .report((line, 1), Rule::KeyDuplicate, label, || {
                        format!(
                            "the section ‘{}’ stands in line {first} already; take one out",
                            shown(label)
                        )
                    });
            }
        }
        self.sections.push(section);
        self.in_section = self.block.is_some();
    }

    fn area(&mut self, line: u32, area: &DescribedArea, cells: Vec<Cow<'t, str>>) {
        let mut report = |rule, explanation: &str| {
            let found = cells.first().map(AsRef::as_ref).unwrap_or_default();
            self.issues.report((line, 1), rule, found, || {
                format!("the row ‘{}’ {explanation}", shown(found))
            });
        };
        let Some(block) = &mut self.block else {
            report(
                Rule::FigureWithoutHeader,
                "stands above the first header; put headings and periods above it",
            );
            return;
        };
        block.has_rows = true;
        let Some(section) = self.sections.last_mut().filter(|_| self.in_section) else {
            report(
                Rule::FigureWithoutSection,
                "stands under no item; put the label of the item above it",
            );
            return;
        };
        if let Some(first) = section.areas.get(&area.code) {
            report(
                Rule::KeyDuplicate,
                &format!("is in its section in line {first} already; take one out"),
            );
            return;
        }
        section.areas.insert(area.code.clone(), line);
        let Some(columns) = &block.columns else {
            return;
        };
        if cells.len() <= columns.len() {
            self.issues.report((line, from_one(cells.len())), Rule::RowTruncated, "", || {
                format!(
                    "the row ‘{}’ has {} cells after its label and the header of line {} has {} columns; is the file complete? A missing figure is printed as n.a.",
                    shown(&cells[0]), cells.len() - 1, block.line, columns.len()
                )
            });
        }
        for (at, text) in cells.into_iter().enumerate().skip(1) {
            let origin = Origin {
                line,
                column: from_one(at),
            };
            let position = (origin.line, origin.column);
            let Some(column) = columns.get(at - 1) else {
                if !text.is_empty() {
                    self.issues.report(position, Rule::RowTooManyCells, &text, || {
                        format!(
                            "‘{}’ stands under no column: the periods of the header of line {} end at cell {}; is a year missing there?",
                            shown(&text), block.line, columns.len() + 1
                        )
                    });
                }
                continue;
            };
            let in_percent = column.is_none_or(|column| column.indicator.unit() != Unit::Euro);
            match number::parse(&text, in_percent) {
                Ok(print) => self.figures.push(Figure {
                    origin,
                    column: block.first_column + at - 1,
                    text,
                    print,
                    key: section.item.zip(*column).map(|(item, column)| {
                        (item.code.clone(), area.code.clone(), of_item(column, item))
                    }),
                }),
                // What stands in a column that is not understood need not be a number.
                Err(_) if column.is_none() => {}
                Err(why) => self.issues.report(position, why.rule(), &text, || {
                    format!("‘{}’ is no number: {why}", shown(&text))
                }),
            }
        }
    }

    /// The figures and the notes. `cut_off` says that the last line of the file has no end.
    pub(super) fn finish(mut self, cut_off: bool) -> (Vec<PrintedCell>, Vec<String>) {
        if let Some(headings) = self.headings.take() {
            self.report_no_periods(&headings);
        }
        if self.block.is_none() {
            self.issues.report((1, 1), Rule::HeaderMissing, "", || {
                "no row of headings such as the description has was found; is it a press table, with tabs between its cells?".to_owned()
            });
        }
        self.close_block();
        completeness::check(&self.sections, self.description, self.issues);
        let cut_off = cut_off && self.figures.last().map(|figure| figure.origin) == Some(self.end);
        let cells = convention::settle(self.figures, cut_off, self.issues);
        (cells, self.notes)
    }
}

/// What a column says in the section of an item: a level of a difference is a net.
fn of_item(column: Column, item: &DescribedItem) -> Column {
    match column.indicator {
        Indicator::Level if item.difference_of.is_some() => Column {
            indicator: Indicator::Net,
            ..column
        },
        _ => column,
    }
}

fn explain_label(label: &str, found: &[RowLabel<'_>]) -> String {
    let codes: Vec<_> = found
        .iter()
        .map(|label| match label {
            RowLabel::Area(area) => area.code.to_string(),
            RowLabel::Item(item) => item.code.to_string(),
        })
        .collect();
    if codes.is_empty() {
        format!(
            "‘{label}’ is no label of the description of the table; correct it, add it to the description, or start it with ‘Note:’ if it is one"
        )
    } else {
        format!(
            "‘{label}’ stands for {} in the description of the table; make the labels differ",
            codes.join(" and for ")
        )
    }
}
