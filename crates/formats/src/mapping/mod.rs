//! Mappings: which dataflows of which agencies are read, and what their components and codes are of ours.
//!
//! A mapping is a file in TOML; `docs/mapping.md` teaches how to write one.

pub(crate) mod codes;
mod concordance;
mod load;
pub(crate) mod target;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, LazyLock},
};

use regtrade_model::{Dataflow, Indicator};

use crate::{Issue, sdmx::message::StructureRef};
use target::Target;

/// The mappings by which data files are read.
#[derive(Debug, Clone, Default)]
pub struct Mappings(Vec<Arc<Mapping>>);

/// A mapping that cannot be used, with all that is wrong with it. Its text has a line `NAME:LINE:COLUMN: what [rule]` for
/// each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .issues.iter().map(|issue| format!("{}:{issue}", .name)).collect::<Vec<_>>().join("\n"))]
pub struct InvalidMapping {
    /// The name of the file.
    pub name: String,
    /// What is wrong with it, in its order.
    pub issues: Vec<Issue>,
}

impl Mappings {
    /// Those shipped with this version.
    #[must_use]
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Mappings> = LazyLock::new(|| {
            let shipped = |(name, text): &(&str, &str)| {
                load::load(name, text)
                    .map(Arc::new)
                    .unwrap_or_else(|error| unreachable!("a shipped mapping is sound: {error}"))
            };
            Mappings(SHIPPED_FILES.iter().map(shipped).collect())
        });
        &SHIPPED
    }

    /// With a mapping in TOML, of a file of that `name`. Where two mappings are of one structure, the one that was added
    /// last is used.
    ///
    /// # Errors
    /// With all that is wrong with it.
    pub fn with(mut self, name: &str, toml: &str) -> Result<Self, InvalidMapping> {
        self.0.push(Arc::new(load::load(name, toml)?));
        Ok(self)
    }

    /// The mapping of a structure.
    pub(crate) fn of(&self, structure: &StructureRef) -> Option<&Arc<Mapping>> {
        let is_of = |mapping: &&Arc<Mapping>| {
            let mut structures = mapping.structures.iter();
            structures.any(|pattern| pattern.matches(structure))
        };
        self.0.iter().rev().find(is_of)
    }

    /// The structures that are mapped, as patterns, in order.
    #[must_use]
    pub fn structures(&self) -> BTreeSet<String> {
        let structures = self.0.iter().flat_map(|mapping| &mapping.structures);
        structures.map(ToString::to_string).collect()
    }
}

macro_rules! shipped {
    ($($name:literal),+ $(,)?) => {
        const SHIPPED_FILES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../data/mappings/", $name)))),+];
    };
}

shipped!(
    "regtrd.toml",
    "exttrade.toml",
    "nbb-regtrd.toml",
    "nbb-exttrade.toml",
);

/// What a dataflow is of ours.
#[derive(Debug)]
pub(crate) struct Mapping {
    structures: Vec<StructurePattern>,
    /// Our dataflow.
    pub(crate) dataflow: Dataflow,
    /// By the id of the component, in the order of the ids.
    components: Vec<(String, Role)>,
    /// What a target is where no column says.
    pub(crate) constants: BTreeMap<Target, String>,
    /// Whether some row can be skipped.
    pub(crate) has_skips: bool,
}

/// `AGENCY:ID(VERSION)`, where `*` stands for any agency or version.
#[derive(Debug, Clone, PartialEq, Eq)]
struct StructurePattern {
    agency: String,
    id: String,
    version: String,
}

impl StructurePattern {
    fn matches(&self, structure: &StructureRef) -> bool {
        let is = |pattern: &str, text: &str| pattern == "*" || pattern == text;
        self.id == structure.id
            && is(&self.agency, &structure.agency)
            && is(&self.version, &structure.version)
    }
}

impl std::fmt::Display for StructurePattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}({})", self.agency, self.id, self.version)
    }
}

/// What a component of a dataflow is of ours.
#[derive(Debug)]
pub(crate) enum Role {
    /// It is read over.
    Ignored,
    /// It gives a component of ours.
    Gives(Given),
}

/// A component that gives one of ours.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) target: Target,
    /// What its codes are; those that are not named are what `others` says.
    codes: HashMap<String, Meaning>,
    others: Others,
    /// Of a component that says the unit: what its codes are.
    pub(crate) units: BTreeMap<String, Unit>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Meaning {
    /// A code of ours.
    Code(String),
    /// The row is read over.
    Skip,
}

/// What codes are that are not named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Others {
    /// Whatever they are of ours, which the reader checks: the component has our codes.
    Ours,
    /// The code of ours that is spelled the same, where there is one.
    Same,
    /// The row is read over.
    Skip,
    /// An issue.
    Refuse,
}

/// What a figure of a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unit {
    /// A level, or what the publisher computed of levels.
    pub(crate) indicator: Indicator,
    /// Of a level: the power of ten of euro, where the unit says it.
    pub(crate) unit_mult: Option<i32>,
}

/// What a code of a component is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Translated<'t> {
    /// This, of ours.
    Code(&'t str),
    /// The row is read over.
    Skip,
    /// Nothing that the mapping knows.
    Unknown,
}

impl Mapping {
    /// The number of a component; `None` where the dataflow has none of that id.
    pub(crate) fn number(&self, component: &str) -> Option<usize> {
        let by_id = |(id, _): &(String, Role)| id.as_str().cmp(component);
        self.components.binary_search_by(by_id).ok()
    }

    /// What the component of a number gives; `None` where it is read over.
    pub(crate) fn given(&self, number: usize) -> Option<&Given> {
        match self.components.get(number) {
            Some((_, Role::Gives(given))) => Some(given),
            _ => None,
        }
    }

    /// The ids of the components that give something.
    pub(crate) fn components(&self) -> impl Iterator<Item = &str> {
        let given = |(_, role): &&(String, Role)| matches!(role, Role::Gives(_));
        self.components
            .iter()
            .filter(given)
            .map(|(id, _)| id.as_str())
    }

    /// Whether a component gives a target; where none does, its constant stands for all.
    pub(crate) fn is_given(&self, target: Target) -> bool {
        let gives = |(_, role): &(String, Role)| matches!(role, Role::Gives(given) if given.target == target);
        self.components.iter().any(gives)
    }
}

impl Given {
    /// What a code is.
    pub(crate) fn translate<'t>(&'t self, dataflow: Dataflow, code: &'t str) -> Translated<'t> {
        match (self.codes.get(code), self.others) {
            (Some(Meaning::Code(ours)), _) => Translated::Code(ours),
            (Some(Meaning::Skip), _) | (None, Others::Skip) => Translated::Skip,
            (None, Others::Ours) => Translated::Code(code),
            (None, Others::Same) if codes::is_the_same_elsewhere(dataflow, self.target, code) => {
                Translated::Code(code)
            }
            (None, Others::Same | Others::Refuse) => Translated::Unknown,
        }
    }

    /// Whether each observation has a unit: the component is a dimension, and no attribute that says EUR or nothing.
    pub(crate) fn needs_unit(&self) -> bool {
        self.units.len() != 1 || !self.units.contains_key("EUR") || !self.codes.is_empty()
    }

    /// Whether there are codes that make that a row is read over.
    pub(crate) fn has_skips(&self) -> bool {
        let skips = |meaning: &Meaning| *meaning == Meaning::Skip;
        self.others == Others::Skip || self.codes.values().any(skips)
    }

    /// Whether a code makes that the row is read over.
    pub(crate) fn skips(&self, code: &str) -> bool {
        match self.codes.get(code) {
            Some(meaning) => *meaning == Meaning::Skip,
            None => self.others == Others::Skip && !self.units.contains_key(code),
        }
    }
}
