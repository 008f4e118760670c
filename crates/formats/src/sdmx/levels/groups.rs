//! Groups: attributes of all observations that have some dimensions in common.
//!
//! A message in the format that is specific to a structure does not tell the dimensions of a group from its attributes. An
//! attribute is given at one level of a structure, so what observations give themselves are the dimensions. Were that to
//! differ between the observations of a data set, there would be two readings, which is an issue.

use std::collections::HashMap;

use super::{Cell, Held, Level, Position};
use crate::{Rule, issue::Issues};

/// How many different sets of components groups can have, and how many bytes all groups of a data set.
const MOST_KINDS: usize = 64;
const MOST_BYTES: usize = 32 << 20;

/// What a group takes beside its text, roughly.
const BYTES_OF_CELL: usize = 64;

/// What parts the values of a key; no text has it, as control characters are refused.
const BETWEEN: char = '\u{1f}';

/// The groups of a data set.
#[derive(Default)]
pub(in crate::sdmx) struct Groups {
    kinds: Vec<Kind>,
    bytes: usize,
    is_over: bool,
}

/// The groups with the same components.
struct Kind {
    /// In ascending order.
    components: Vec<usize>,
    /// The dimensions among them, where they are known.
    key: Option<Vec<usize>>,
    /// Whether the message says so itself.
    is_explicit: bool,
    /// Whether they were found ambiguous, which is said once.
    is_ambiguous: bool,
    groups: Vec<Group>,
    /// The groups by the values of their dimensions, where these are known.
    by_key: HashMap<String, Vec<usize>>,
}

struct Group {
    cells: Level,
    at: Position,
    is_used: bool,
}

impl Groups {
    /// Keeps a group. `key` are its dimensions, where the message tells them from the attributes.
    pub(in crate::sdmx) fn add(
        &mut self,
        cells: Level,
        key: Option<Vec<usize>>,
        at: Position,
        issues: &mut Issues,
    ) {
        let mut components: Vec<_> = cells.iter().map(|held| held.component).collect();
        components.sort_unstable();
        let key = key.map(|mut key| {
            key.sort_unstable();
            key
        });
        let is_explicit = key.is_some();
        let same =
            |kind: &&mut Kind| kind.components == components && (!is_explicit || kind.key == key);
        let count = self.kinds.len();
        self.bytes += cells
            .iter()
            .map(|held| held.text.len() + BYTES_OF_CELL)
            .sum::<usize>();
        let kind = match self.kinds.iter_mut().find(same) {
            Some(kind) => Some(kind),
            None if count < MOST_KINDS => {
                self.kinds.push(Kind {
                    components,
                    key,
                    is_explicit,
                    is_ambiguous: false,
                    groups: vec![],
                    by_key: HashMap::new(),
                });
                self.kinds.last_mut()
            }
            None => None,
        };
        match kind {
            Some(kind) if self.bytes <= MOST_BYTES => kind.add(cells, at),
            _ if self.is_over => {}
            _ => {
                self.is_over = true;
                issues.report(at, Rule::MessageTooComplex, "", || {
                    format!(
                        "the groups of the data set have more than {MOST_KINDS} sets of components, or take more than {MOST_BYTES} bytes; give their attributes with the series"
                    )
                });
            }
        }
    }

    /// Hands on what the groups of a row give; `own` is what the row gives itself.
    pub(super) fn of<'g>(
        &'g mut self,
        own: &[Cell<'_>],
        at: Position,
        issues: &mut Issues,
        mut take: impl FnMut(&'g Held, &mut Issues),
    ) {
        for kind in &mut self.kinds {
            for place in kind.of(own, at, issues) {
                if let Some(group) = kind.groups.get_mut(place) {
                    group.is_used = true;
                }
            }
        }
        for kind in &self.kinds {
            for place in kind.found(own) {
                let cells = kind.groups.get(*place).map(|group| &group.cells);
                for held in cells.into_iter().flatten() {
                    take(held, issues);
                }
            }
        }
    }

    /// Reports each group that had no row.
    pub(super) fn report_unused(&self, issues: &mut Issues) {
        let groups = self.kinds.iter().flat_map(|kind| &kind.groups);
        for group in groups.filter(|group| !group.is_used) {
            issues.report(group.at, Rule::GroupUnused, "", || {
                "no observation of the data set is of this group, and attributes are kept with observations; give the observations, too, or leave the group out".to_owned()
            });
        }
    }
}

impl Kind {
    fn add(&mut self, cells: Level, at: Position) {
        let place = self.groups.len();
        if let Some(key) = &self.key {
            let key = values(key, |component| {
                let of = |held: &&Held| held.component == component;
                cells.iter().find(of).map(|held| held.text.as_str())
            });
            if let Some(key) = key {
                self.by_key.entry(key).or_default().push(place);
            }
        }
        self.groups.push(Group {
            cells,
            at,
            is_used: false,
        });
    }

    /// Finds out what the dimensions are, if need be, and which groups a row is of.
    fn of(&mut self, own: &[Cell<'_>], at: Position, issues: &mut Issues) -> Vec<usize> {
        if !self.is_explicit {
            let has = |component: &&usize| own.iter().any(|cell| cell.component == **component);
            let shared: Vec<_> = self.components.iter().filter(has).copied().collect();
            match &self.key {
                None => {
                    self.key = Some(shared);
                    for group in std::mem::take(&mut self.groups) {
                        self.add(group.cells, group.at);
                    }
                }
                Some(key) if *key != shared && !self.is_ambiguous => {
                    self.is_ambiguous = true;
                    issues.report(at, Rule::GroupAmbiguous, "", || {
                        "the observation gives other components of a group of the data set than the observations before: which of them are the dimensions of the group? Give all dimensions with each observation or its series, and the attributes of a group with none".to_owned()
                    });
                }
                Some(_) => {}
            }
        }
        self.found(own).to_vec()
    }

    fn found(&self, own: &[Cell<'_>]) -> &[usize] {
        let key = self.key.as_ref().and_then(|key| {
            values(key, |component| {
                let of = |cell: &&Cell<'_>| cell.component == component;
                own.iter().find(of).map(|cell| cell.text)
            })
        });
        let found = key.and_then(|key| self.by_key.get(&key));
        found.map(Vec::as_slice).unwrap_or_default()
    }
}

/// The values of components as one text; `None` where one of them is missing.
fn values<'t>(components: &[usize], value: impl Fn(usize) -> Option<&'t str>) -> Option<String> {
    let mut text = String::new();
    for component in components {
        text.push_str(value(*component)?);
        text.push(BETWEEN);
    }
    Some(text)
}
