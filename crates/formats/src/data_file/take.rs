//! What takes the rows of a message: it finds the mapping of their structure, and sees to what holds of a file as a whole.

use std::sync::Arc;

use regtrade_model::{Code, CodedObservation, Dataflow};

use crate::{
    Rule,
    issue::{Issues, shown},
    mapping::{Given, Mapping, Mappings, target::Target},
    sdmx::message::{ActionCode, Row, Sink, StructureRef},
};

use super::{
    Entry, SYNTHETIC_AGENCY, Summary, Take,
    cells::{Cells, Reported},
    row::Rows,
};

/// A component that the message has.
pub(super) struct Component {
    pub(super) id: String,
    /// Where the message says that it has it.
    pub(super) at: (u32, u32),
    /// Whether a mapping knows it, or it was reported that none does.
    is_settled: bool,
    /// Whether it was reported that another gives the same.
    is_twice: bool,
}

/// What the components of the message are by one mapping.
pub(super) struct Columns {
    /// Of each component its number in the mapping.
    numbers: Vec<Option<usize>>,
    /// Of each of ours the first component that gives it.
    first: [Option<usize>; Target::COUNT],
}

impl Columns {
    /// The number of a component in the mapping; `None` where that has none of it.
    pub(super) fn number(&self, component: usize) -> Option<usize> {
        self.numbers.get(component).copied().flatten()
    }

    /// What a component gives; `None` where it gives nothing.
    pub(super) fn given<'m>(&self, mapping: &'m Mapping, component: usize) -> Option<&'m Given> {
        mapping.given(self.number(component)?)
    }

    /// The component that gives one of ours.
    pub(super) fn of(&self, target: Target) -> Option<usize> {
        self.first.get(target as usize).copied().flatten()
    }

    /// Finds what the components are that the message has now.
    fn extend(&mut self, mapping: &Mapping, components: &mut [Component]) {
        for (at, component) in components.iter_mut().enumerate().skip(self.numbers.len()) {
            let number = mapping.number(&component.id);
            component.is_settled |= number.is_some();
            self.numbers.push(number);
            let target = number.and_then(|number| mapping.given(number));
            let first = target.and_then(|given| self.first.get_mut(given.target as usize));
            if let Some(first) = first {
                first.get_or_insert(at);
            }
        }
    }
}

/// A mapping by which rows of the file are read.
struct Use {
    mapping: Arc<Mapping>,
    columns: Columns,
}

/// Takes the rows of a message.
pub(super) struct Taker<'a> {
    mappings: &'a Mappings,
    take: &'a mut dyn Take,
    components: Vec<Component>,
    uses: Vec<Use>,
    /// The mapping of the structure that was said last; `None` where it is not taken in.
    current: Option<usize>,
    dataflow: Option<Dataflow>,
    is_synthetic: Option<bool>,
    /// Whether the file is a whole data set, as its first row says.
    is_whole: Option<bool>,
    is_mixed: bool,
    rows: u64,
    entries: u64,
    /// Whether the last row was an observation.
    is_observed: bool,
    last: (u32, u32),
    reader: Rows,
}

impl<'a> Taker<'a> {
    /// A taker that hands on what rows say; one that `remembers` finds the keys that are given twice in whole data sets.
    pub(super) fn new(mappings: &'a Mappings, take: &'a mut dyn Take, remembers: bool) -> Self {
        Self {
            mappings,
            take,
            components: vec![],
            uses: vec![],
            current: None,
            dataflow: None,
            is_synthetic: None,
            is_whole: None,
            is_mixed: false,
            rows: 0,
            entries: 0,
            is_observed: false,
            last: (1, 1),
            reader: Rows::new(remembers),
        }
    }

    /// Says that the file is no table, so that it has no columns that its rows leave empty.
    pub(super) fn without_columns(mut self) -> Self {
        self.reader.has_columns = false;
        self
    }

    /// Whether the keys of observations are remembered.
    pub(super) fn remembers(&self) -> bool {
        self.reader.remembers
    }

    /// Knows no last row any more.
    pub(super) fn forget_last(&mut self) {
        self.is_observed = false;
    }

    /// By what the last row was read, where it was an observation of a whole data set.
    pub(super) fn basis(&self) -> Option<(&Arc<Mapping>, &Columns)> {
        let Use { mapping, columns } = self.uses.get(self.current?)?;
        self.is_observed.then_some((mapping, columns))
    }

    /// Hands on observations that were read like the last row.
    pub(super) fn hand_on(&mut self, rows: &[(u32, CodedObservation)], codes: &[Code]) {
        self.rows += rows.len() as u64;
        self.entries += rows.len() as u64;
        self.take.observations(rows, codes);
    }

    /// What the file is as a whole.
    pub(super) fn finish(self, mut issues: Issues) -> Summary {
        let unsettled = self
            .components
            .iter()
            .filter(|component| !component.is_settled);
        for component in unsettled.filter(|_| self.rows > 0) {
            report_unknown(component, &self.uses, &mut issues);
        }
        if self.rows > 0 && self.entries == 0 && issues.is_empty() {
            let rows = self.rows;
            issues.report(self.last, Rule::RowsSkipped, "", || {
                format!("the mapping skips all {rows} rows of the file, so that there is nothing to take in; is it the right file?")
            });
        }
        let (issues, issue_count) = issues.finish();
        Summary {
            dataflow: self.dataflow,
            synthetic: self.is_synthetic.unwrap_or_default(),
            is_partial: !self.is_whole.unwrap_or(true),
            rows: self.rows,
            issues,
            issue_count,
        }
    }

    fn try_row(
        &mut self,
        row: &Row<'_>,
        of: usize,
        issues: &mut Issues,
    ) -> Result<Option<Entry>, Reported> {
        let Some(Use { mapping, columns }) = self.uses.get_mut(of) else {
            return Err(Reported);
        };
        columns.extend(mapping, &mut self.components);
        check_columns(row, mapping, columns, &mut self.components, issues);
        let skips = |cell: &&crate::sdmx::message::Cell<'_>| {
            let given = columns.given(mapping, cell.component);
            cell.text != "*" && given.is_some_and(|given| given.skips(cell.text))
        };
        if mapping.has_skips && row.cells.iter().any(|cell| skips(&cell)) {
            return Ok(None);
        }
        let is_whole = row.action == ActionCode::Information;
        if *self.is_whole.get_or_insert(is_whole) != is_whole {
            if !self.is_mixed {
                self.is_mixed = true;
                issues.report((row.line, row.column), Rule::ActionMixed, "", || {
                    "some rows of the file have the action I (or none) and others A, M, R or D; hand in the whole data set with I alone, or its changes without I".to_owned()
                });
            }
            return Err(Reported);
        }
        let cells = Cells::new(row, mapping, columns, &self.components);
        self.reader
            .read(&cells, self.components.last(), issues)
            .map(Some)
    }
}

impl Sink for Taker<'_> {
    fn structure(&mut self, structure: &StructureRef, at: (u32, u32), issues: &mut Issues) {
        self.current = None;
        let Some(mapping) = self.mappings.of(structure) else {
            let named = named(structure);
            issues.report(at, Rule::StructureOther, &named, || {
                let known: Vec<_> = self.mappings.structures().into_iter().collect();
                format!(
                    "the row is of ‘{}’, and no mapping says what that is of ours; there are mappings of {}, such as BE2:REGTRD(1.0)",
                    shown(&named),
                    known.join(", ")
                )
            });
            return;
        };
        let dataflow = *self.dataflow.get_or_insert(mapping.dataflow);
        if mapping.dataflow != dataflow {
            let named = named(structure);
            issues.report(at, Rule::StructureOther, &named, || {
                format!(
                    "the row is of ‘{}’, which is {}, and rows before it are of {dataflow}; hand them in in files of their own",
                    shown(&named),
                    mapping.dataflow
                )
            });
            return;
        }
        let is_synthetic = structure.agency == SYNTHETIC_AGENCY;
        if *self.is_synthetic.get_or_insert(is_synthetic) != is_synthetic {
            let named = named(structure);
            issues.report(at, Rule::StructureSynthetic, &named, || {
                format!("the rows are of the agency {SYNTHETIC_AGENCY}, which makes figures up, and of another; hand them in as releases of their own")
            });
            return;
        }
        let is_same = |used: &Use| Arc::ptr_eq(&used.mapping, mapping);
        self.current = self.uses.iter().position(is_same).or_else(|| {
            self.uses.push(Use {
                mapping: mapping.clone(),
                columns: Columns {
                    numbers: vec![],
                    first: [None; Target::COUNT],
                },
            });
            Some(self.uses.len() - 1)
        });
    }

    fn component(&mut self, _: usize, id: &str, at: (u32, u32), _: &mut Issues) {
        self.components.push(Component {
            id: id.to_owned(),
            at,
            is_settled: false,
            is_twice: false,
        });
    }

    fn row(&mut self, row: &Row<'_>, issues: &mut Issues) {
        let Some(of) = self.current else { return };
        self.rows += 1;
        self.last = (row.line, row.column);
        self.is_observed = false;
        // A row that is not taken in was reported, or is skipped.
        if let Ok(Some(entry)) = self.try_row(row, of, issues) {
            self.is_observed = matches!(entry, Entry::Observation { .. });
            self.entries += 1;
            self.take.entry(entry);
        }
    }
}

/// Reports the components of a row that the mapping does not know, and those that give what another has given.
fn check_columns(
    row: &Row<'_>,
    mapping: &Mapping,
    columns: &Columns,
    components: &mut [Component],
    issues: &mut Issues,
) {
    for cell in row.cells {
        let Some(component) = components.get(cell.component) else {
            continue;
        };
        let number = columns.number(cell.component);
        let Some(number) = number else {
            if !component.is_settled {
                report_unknown_to(component, mapping, issues);
            }
            if let Some(component) = components.get_mut(cell.component) {
                component.is_settled = true;
            }
            continue;
        };
        let target = mapping.given(number).map(|given| given.target);
        let Some(first) = target.and_then(|target| columns.of(target)) else {
            continue;
        };
        let is_second = first != cell.component && !component.is_twice;
        let is_in_use = |other: &crate::sdmx::message::Cell<'_>| other.component == first;
        let other = components.get(first).map(|other| other.id.clone());
        if let Some(other) = other.filter(|other| *other != component.id)
            && is_second
            && row.cells.iter().any(is_in_use)
        {
            issues.report(component.at, Rule::ColumnTwice, &component.id, || {
                format!("{} says the same as {other}; take one out", component.id)
            });
            if let Some(component) = components.get_mut(cell.component) {
                component.is_twice = true;
            }
        }
    }
}

fn report_unknown(component: &Component, uses: &[Use], issues: &mut Issues) {
    if let Some(used) = uses.first() {
        report_unknown_to(component, &used.mapping, issues);
    }
}

fn report_unknown_to(component: &Component, mapping: &Mapping, issues: &mut Issues) {
    issues.report(component.at, Rule::ColumnUnknown, &component.id, || {
        let known: Vec<_> = mapping.components().collect();
        let actions = match component.id.as_str() {
            "ACTION" => {
                "; actions came with SDMX-CSV 2.0, of which the first columns are STRUCTURE and STRUCTURE_ID"
            }
            _ => "",
        };
        format!(
            "‘{}’ is no column of the dataflow, whose columns are {}; take it out{actions}",
            shown(&component.id),
            known.join(", ")
        )
    });
}

fn named(structure: &StructureRef) -> String {
    let StructureRef {
        agency,
        id,
        version,
        ..
    } = structure;
    let agency = if agency.is_empty() {
        String::new()
    } else {
        format!("{agency}:")
    };
    let version = if version.is_empty() {
        String::new()
    } else {
        format!("({version})")
    };
    format!("{agency}{id}{version}")
}
