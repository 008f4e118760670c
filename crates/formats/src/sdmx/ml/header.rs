//! The header of a message: which structures its data sets are of, and what is to be done with them.

use std::collections::HashMap;

use super::events::{Element, Event, Events, Stop};
use crate::{
    Rule,
    issue::Issues,
    sdmx::{
        levels::{Position, action_of},
        message::{ActionCode, StructureRef},
        reference,
    },
};

/// How many structures a header can have.
const MOST_STRUCTURES: usize = 1_000;

/// What the header says.
#[derive(Default)]
pub(super) struct Header {
    structures: HashMap<String, Structure>,
    pub(super) action: Option<ActionCode>,
}

/// A structure of the header.
pub(super) struct Structure {
    pub(super) reference: StructureRef,
    /// Where the header names it.
    pub(super) at: Position,
    /// Which dimension observations have of their own; empty where it is not said.
    pub(super) at_observation: String,
}

impl Header {
    /// Reads the header, to its end.
    pub(super) fn read(
        &mut self,
        events: &mut Events<'_>,
        issues: &mut Issues,
    ) -> Result<(), Stop> {
        loop {
            match events.next(issues)? {
                Event::Open(element) => match element.name.as_str() {
                    "Structure" => self.structure(&element, events, issues)?,
                    "DataSetAction" => {
                        let text = events.text(element.at, issues)?;
                        let (word, at) = text.unwrap_or_default();
                        self.action = Some(action_of(&word, at, issues));
                    }
                    _ => events.skip(issues)?,
                },
                Event::Text(text, at) => super::stray(&text, at, issues),
                Event::Close | Event::End => return Ok(()),
            }
        }
    }

    /// The structure of a data set, by the name that the header gives it.
    pub(super) fn structure_of(&self, id: &str) -> Option<&Structure> {
        self.structures.get(id)
    }

    fn structure(
        &mut self,
        element: &Element,
        events: &mut Events<'_>,
        issues: &mut Issues,
    ) -> Result<(), Stop> {
        if matches!(element.text("explicitMeasures"), "true" | "1") {
            issues.report(element.at, Rule::MessageUnknown, "", || {
                "the message has explicit measures, which are not read; write the measure as a dimension".to_owned()
            });
        }
        let mut found = None;
        loop {
            match events.next(issues)? {
                Event::Open(child) => match kind_of(&child.name) {
                    // Of several the first is meant, which the schema has there.
                    Some(_) if found.is_some() => events.skip(issues)?,
                    Some(kind) => {
                        let at = child.at;
                        let mut reference = named(events, issues)?;
                        if let Some(reference) = &mut reference {
                            // What it is of, the element says, and in SDMX-ML 3.0 the URN alone.
                            if child.name != "StructureUsage" {
                                reference.kind = kind;
                            }
                        }
                        found = reference.map(|reference| (reference, at));
                        if found.is_none() {
                            issues.report(at, Rule::StructureUnknown, "", || {
                                "the structure is not named in a way that is read; write its URN, or Ref with agencyID, id and version".to_owned()
                            });
                        }
                    }
                    None => events.skip(issues)?,
                },
                Event::Text(text, at) => super::stray(&text, at, issues),
                Event::Close | Event::End => break,
            }
        }
        let id = element.text("structureID");
        if let Some((reference, at)) = found {
            let structure = Structure {
                reference,
                at,
                at_observation: element.text("dimensionAtObservation").to_owned(),
            };
            if self.structures.len() >= MOST_STRUCTURES {
                issues.report(at, Rule::MessageTooComplex, id, || {
                    format!("the header has more than {MOST_STRUCTURES} structures")
                });
            } else if self.structures.insert(id.to_owned(), structure).is_some() {
                issues.report(element.at, Rule::StructureUnknown, id, || {
                    "two structures of the header have the same structureID; give each its own"
                        .to_owned()
                });
            }
        }
        Ok(())
    }
}

/// What an element of the header refers to.
fn kind_of(name: &str) -> Option<crate::sdmx::message::StructureKind> {
    match name {
        "StructureUsage" => reference::kind("dataflow"),
        "Structure" => reference::kind("datastructure"),
        other => reference::kind(other).filter(|_| other.starts_with("Provision")),
    }
}

/// The structure that an element names, read to its end: by a URN in its text or in an element, or by a Ref.
fn named(events: &mut Events<'_>, issues: &mut Issues) -> Result<Option<StructureRef>, Stop> {
    let mut found = None;
    loop {
        match events.next(issues)? {
            Event::Open(child) if child.name == "Ref" => {
                found = found.or_else(|| of_ref(&child));
                events.skip(issues)?;
            }
            Event::Open(child) if child.name == "URN" => {
                let text = events.text(child.at, issues)?;
                found = found.or_else(|| reference::of_urn(&text?.0));
            }
            Event::Open(_) => events.skip(issues)?,
            Event::Text(text, _) => found = found.or_else(|| reference::of_urn(&text)),
            Event::Close | Event::End => return Ok(found),
        }
    }
}

fn of_ref(element: &Element) -> Option<StructureRef> {
    let id = element.text("id");
    (!id.is_empty()).then_some(())?;
    let class = element.text("class");
    Some(StructureRef {
        kind: reference::kind(class).unwrap_or(crate::sdmx::message::StructureKind::Dataflow),
        agency: element.text("agencyID").to_owned(),
        id: id.to_owned(),
        version: element.text("version").to_owned(),
    })
}
