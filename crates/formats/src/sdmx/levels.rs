//! The levels of a data set (data set, group, series, observation) and the rows that they come to.

mod groups;

use std::collections::HashMap;

use super::message::{ActionCode, Cell, Row, Sink, StructureRef};
use crate::{Rule, issue::Issues};
pub(super) use groups::Groups;

/// How many components a message can have. A data structure has some dozens.
const MOST_COMPONENTS: usize = 256;

/// Line and character, from 1.
pub(super) type Position = (u32, u32);

/// A component that is given at a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) component: usize,
    pub(super) text: String,
    pub(super) at: Position,
}

/// What is given at a level: each component once, and not empty.
pub(super) type Level = Vec<Held>;

/// The rows of a message on their way into a sink.
pub(super) struct Rows<'s> {
    sink: &'s mut dyn Sink,
    numbers: HashMap<String, usize>,
    structure: Option<StructureRef>,
    /// Whether there were too many components, which is said once.
    is_over: bool,
    /// What is done with the rows.
    pub(super) action: ActionCode,
    /// What is given for the data set.
    pub(super) data_set: Level,
    /// What is given for groups of the data set.
    pub(super) groups: Groups,
    /// What is given for the series; empty outside of one.
    pub(super) series: Level,
    /// What holds where nothing is given at any level.
    pub(super) defaults: Level,
}

impl<'s> Rows<'s> {
    pub(super) fn new(sink: &'s mut dyn Sink) -> Self {
        Self {
            sink,
            numbers: HashMap::new(),
            structure: None,
            is_over: false,
            action: ActionCode::Information,
            data_set: vec![],
            groups: Groups::default(),
            series: vec![],
            defaults: vec![],
        }
    }

    /// Begins a data set.
    pub(super) fn begin(
        &mut self,
        structure: &StructureRef,
        at: Position,
        action: ActionCode,
        issues: &mut Issues,
    ) {
        if self.structure.as_ref() != Some(structure) {
            self.sink.structure(structure, at, issues);
            self.structure = Some(structure.clone());
        }
        self.action = action;
        self.data_set.clear();
        self.series.clear();
        self.defaults.clear();
        self.groups = Groups::default();
    }

    /// Ends a data set: groups that none of its rows was of are an issue.
    pub(super) fn end(&mut self, issues: &mut Issues) {
        self.groups.report_unused(issues);
    }

    /// The number of a component; `None` where there are too many.
    pub(super) fn component(
        &mut self,
        id: &str,
        at: Position,
        issues: &mut Issues,
    ) -> Option<usize> {
        if let Some(number) = self.numbers.get(id) {
            return Some(*number);
        }
        let number = self.numbers.len();
        if number == MOST_COMPONENTS {
            if !self.is_over {
                issues.report(at, Rule::MessageTooComplex, id, || {
                    format!("the message has more than {MOST_COMPONENTS} components; is it data?")
                });
                self.is_over = true;
            }
            return None;
        }
        self.numbers.insert(id.to_owned(), number);
        self.sink.component(number, id, at, issues);
        Some(number)
    }

    /// Adds what is given for a component to a level. What is empty is not there.
    pub(super) fn hold(
        &mut self,
        level: &mut Level,
        id: &str,
        text: &str,
        at: Position,
        issues: &mut Issues,
    ) {
        let Some(component) = self.component(id, at, issues) else {
            return;
        };
        let text = text.trim();
        if level.iter().any(|held| held.component == component) {
            issues.report(at, Rule::ValueSeveral, text, || {
                format!("{id} is given twice at one place; give one value")
            });
        } else if !text.is_empty() {
            let text = text.to_owned();
            level.push(Held {
                component,
                text,
                at,
            });
        }
    }

    /// Hands on an observation, or what a deletion names, with what its levels give.
    pub(super) fn push(&mut self, at: Position, observation: &Level, issues: &mut Issues) {
        let levels = [&self.data_set, &self.series, observation];
        let mut row = Merged {
            cells: Vec::with_capacity(16),
            places: vec![None; self.numbers.len()],
        };
        for held in levels.into_iter().flatten() {
            row.add(held, issues);
        }
        // What is deleted has no attributes, so no group says anything of it.
        if self.action != ActionCode::Delete {
            let own = row.cells.clone();
            self.groups.of(&own, at, issues, |held, issues| {
                row.add(held, issues);
            });
        }
        for held in &self.defaults {
            if row.places.get(held.component) == Some(&None) {
                row.add(held, issues);
            }
        }
        let (line, column) = at;
        self.sink.row(
            &Row {
                line,
                column,
                action: self.action,
                cells: &row.cells,
            },
            issues,
        );
    }
}

/// The cells of a row, as they come together.
struct Merged<'t> {
    cells: Vec<Cell<'t>>,
    /// By component, which of the cells is of it.
    places: Vec<Option<usize>>,
}

impl<'t> Merged<'t> {
    fn add(&mut self, held: &'t Held, issues: &mut Issues) {
        let Some(place) = self.places.get_mut(held.component) else {
            return;
        };
        let Some(before) = place.and_then(|place| self.cells.get(place)) else {
            *place = Some(self.cells.len());
            let (line, column) = held.at;
            self.cells.push(Cell {
                component: held.component,
                text: &held.text,
                line,
                column,
            });
            return;
        };
        if before.text != held.text {
            issues.report(held.at, Rule::ValueConflict, &held.text, || {
                format!(
                    "‘{}’ stands here, and ‘{}’ in line {}, for the same component of an observation; give it at one level",
                    crate::issue::shown(&held.text),
                    crate::issue::shown(before.text),
                    before.line
                )
            });
        }
    }
}

/// The action that a message names.
pub(super) fn action_of(word: &str, at: Position, issues: &mut Issues) -> ActionCode {
    match word.trim() {
        "Information" => ActionCode::Information,
        "Append" => ActionCode::Append,
        "Merge" => ActionCode::Merge,
        "Replace" => ActionCode::Replace,
        "Delete" => ActionCode::Delete,
        found => {
            issues.report(at, Rule::ActionUnknown, found, || {
                format!(
                    "‘{}’ is no action; write Information, Append, Merge, Replace or Delete",
                    crate::issue::shown(found)
                )
            });
            ActionCode::Information
        }
    }
}
