//! A data set: its groups, series and observations.

use super::{
    events::{Attribute, Element, Event, Events, Stop},
    header::Header,
    stray, unknown,
};
use crate::{
    Rule,
    issue::Issues,
    sdmx::{
        levels::{Level, Position, Rows, action_of},
        message::ActionCode,
    },
};

/// How data sets are laid out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// Components are elements with id and value.
    Generic,
    /// Components are attributes, named by their ids.
    Specific,
}

/// How the namespaces of SDMX begin.
const SDMX: &str = "http://www.sdmx.org/";

/// The attributes of a data set that are no components.
const OF_DATA_SET: [&str; 10] = [
    "structureRef",
    "setID",
    "action",
    "dataScope",
    "reportingBeginDate",
    "reportingEndDate",
    "validFromDate",
    "validToDate",
    "publicationYear",
    "publicationPeriod",
];

/// Reads a data set, to its end.
pub(super) fn read(
    element: &Element,
    layout: Layout,
    header: &Header,
    events: &mut Events<'_>,
    rows: &mut Rows<'_>,
    issues: &mut Issues,
) -> Result<(), Stop> {
    // In the specific layout they have a prefix by the schema, and with some writers none.
    let own = |name: &str| {
        let named = || element.attributes.iter().filter(|a| a.name == name);
        let is_prefixed = |a: &&Attribute| a.namespace.starts_with(SDMX);
        let plain = || named().find(|a| a.namespace.is_empty());
        named().find(is_prefixed).or_else(plain)
    };
    let reference = own("structureRef").map_or("", |a| a.value.trim());
    let Some(structure) = header.structure_of(reference) else {
        issues.report(element.at, Rule::StructureUnknown, reference, || {
            format!(
                "the structureRef ‘{}’ of the data set is no structureID of the header; the header names the structures of all data sets",
                crate::issue::shown(reference)
            )
        });
        return events.skip(issues);
    };
    let action = match own("action") {
        Some(action) => action_of(&action.value, action.at, issues),
        None => header.action.unwrap_or(ActionCode::Information),
    };
    rows.begin(&structure.reference, structure.at, action, issues);
    let at_observation = match structure.at_observation.as_str() {
        "" => "TIME_PERIOD",
        dimension => dimension,
    };
    let mut reader = DataSet {
        layout,
        at_observation,
        events,
        rows,
        issues,
        has_rows: false,
    };
    reader.read(element)?;
    rows.end(issues);
    Ok(())
}

struct DataSet<'r, 's, 'e> {
    layout: Layout,
    /// The dimension that an observation of a series has of its own.
    at_observation: &'r str,
    events: &'r mut Events<'e>,
    rows: &'r mut Rows<'s>,
    issues: &'r mut Issues,
    /// Whether an observation was handed on.
    has_rows: bool,
}

impl DataSet<'_, '_, '_> {
    fn read(&mut self, element: &Element) -> Result<(), Stop> {
        let mut level = vec![];
        self.attributes(element, &mut level);
        self.rows.data_set = level;
        loop {
            match self.events.next(self.issues)? {
                Event::Open(child) => match child.name.as_str() {
                    "Series" => self.series(&child)?,
                    "Obs" => {
                        self.observation(&child, "")?;
                    }
                    "Group" | "Atts"
                        if self.layout == Layout::Specific || child.name == "Group" =>
                    {
                        if self.has_rows {
                            self.misplaced(&child);
                            self.events.skip(self.issues)?;
                        } else {
                            self.group(&child)?;
                        }
                    }
                    "Attributes" if self.layout == Layout::Generic => {
                        if self.has_rows {
                            self.misplaced(&child);
                        }
                        let mut level = std::mem::take(&mut self.rows.data_set);
                        self.values(&mut level)?;
                        self.rows.data_set = level;
                    }
                    "DataProvider" | "Annotations" => self.events.skip(self.issues)?,
                    _ => unknown(&child, self.events, self.issues)?,
                },
                Event::Text(text, at) => stray(&text, at, self.issues),
                Event::Close | Event::End => return Ok(()),
            }
        }
    }

    /// Reports an element that holds of rows that were handed on already.
    fn misplaced(&mut self, element: &Element) {
        self.issues
            .report(element.at, Rule::ElementMisplaced, &element.name, || {
                format!(
                    "{} stands behind observations of which it may hold; put it before the first of them",
                    crate::issue::shown(&element.name)
                )
            });
    }

    fn group(&mut self, element: &Element) -> Result<(), Stop> {
        let mut cells = vec![];
        let key = if self.layout == Layout::Specific {
            self.attributes(element, &mut cells);
            self.components(&mut cells)?;
            None
        } else {
            Some(self.generic_group(&mut cells)?)
        };
        let (rows, issues) = (&mut *self.rows, &mut *self.issues);
        rows.groups.add(cells, key, element.at, issues);
        Ok(())
    }

    /// Reads a group in the generic layout, and says which components are its dimensions.
    fn generic_group(&mut self, cells: &mut Level) -> Result<Vec<usize>, Stop> {
        let mut key = vec![];
        loop {
            match self.events.next(self.issues)? {
                Event::Open(child) => match child.name.as_str() {
                    "GroupKey" => {
                        let from = cells.len();
                        self.values(cells)?;
                        key.extend(cells.iter().skip(from).map(|held| held.component));
                    }
                    "Attributes" => self.values(cells)?,
                    "Annotations" => self.events.skip(self.issues)?,
                    _ => unknown(&child, self.events, self.issues)?,
                },
                Event::Text(text, at) => stray(&text, at, self.issues),
                Event::Close | Event::End => return Ok(key),
            }
        }
    }

    fn series(&mut self, element: &Element) -> Result<(), Stop> {
        let mut level = vec![];
        self.attributes(element, &mut level);
        self.rows.series = level;
        let mut has_rows = false;
        loop {
            match self.events.next(self.issues)? {
                Event::Open(child) => match (child.name.as_str(), self.layout) {
                    ("Obs", _) => {
                        has_rows = true;
                        self.observation(&child, self.at_observation)?;
                    }
                    ("SeriesKey" | "Attributes", Layout::Generic) | ("Comp", Layout::Specific) => {
                        if has_rows {
                            self.misplaced(&child);
                        }
                        let mut level = std::mem::take(&mut self.rows.series);
                        if self.layout == Layout::Generic {
                            self.values(&mut level)?;
                        } else {
                            self.component(&child, &mut level)?;
                        }
                        self.rows.series = level;
                    }
                    ("Annotations", _) => self.events.skip(self.issues)?,
                    _ => unknown(&child, self.events, self.issues)?,
                },
                Event::Text(text, at) => stray(&text, at, self.issues),
                Event::Close | Event::End => break,
            }
        }
        if !has_rows {
            self.without_observations(element.at);
        }
        self.rows.series.clear();
        Ok(())
    }

    /// A series that is deleted names all its observations; any other without observations has nothing that is kept.
    fn without_observations(&mut self, at: Position) {
        if self.rows.action == ActionCode::Delete {
            self.rows.push(at, &vec![], self.issues);
        } else {
            self.issues.report(at, Rule::GroupUnused, "", || {
                "the series has no observations, and attributes are kept with observations; give the observations, too, or leave the series out".to_owned()
            });
        }
    }

    /// Reads an observation; `dimension` is the one that it has of its own, where it is not named.
    fn observation(&mut self, element: &Element, dimension: &str) -> Result<(), Stop> {
        let mut level = Vec::with_capacity(8);
        self.attributes(element, &mut level);
        if self.layout == Layout::Specific {
            self.components(&mut level)?;
        } else {
            loop {
                match self.events.next(self.issues)? {
                    Event::Open(child) => match child.name.as_str() {
                        "ObsKey" | "Attributes" => self.values(&mut level)?,
                        "ObsDimension" => self.value(&child, dimension, &mut level)?,
                        "ObsValue" => self.value(&child, "OBS_VALUE", &mut level)?,
                        "Annotations" => self.events.skip(self.issues)?,
                        _ => unknown(&child, self.events, self.issues)?,
                    },
                    Event::Text(text, at) => stray(&text, at, self.issues),
                    Event::Close | Event::End => break,
                }
            }
        }
        self.has_rows = true;
        self.rows.push(element.at, &level, self.issues);
        Ok(())
    }

    /// Adds the components among the attributes of an element: those without prefix, where the layout is the specific one.
    fn attributes(&mut self, element: &Element, level: &mut Level) {
        if self.layout == Layout::Generic {
            return;
        }
        let is_component = |a: &&Attribute| match element.name.as_str() {
            // The type of a group is its name.
            "Group" => a.name != "type",
            "DataSet" => !OF_DATA_SET.contains(&a.name.as_str()),
            _ => true,
        };
        let plain = element.attributes.iter().filter(|a| a.namespace.is_empty());
        for a in plain.filter(is_component) {
            self.rows.hold(level, &a.name, &a.value, a.at, self.issues);
        }
        let is_data = |a: &&Attribute| a.namespace.starts_with(SDMX);
        if element.name != "DataSet"
            && let Some(a) = element.attributes.iter().find(is_data)
        {
            self.issues.report(a.at, Rule::ElementUnknown, &a.name, || {
                format!(
                    "the attribute {} is not known here; components have no prefix",
                    crate::issue::shown(&a.name)
                )
            });
        }
    }

    /// Reads an element of the specific layout to its end, in which components stand that are no attributes.
    fn components(&mut self, level: &mut Level) -> Result<(), Stop> {
        loop {
            match self.events.next(self.issues)? {
                Event::Open(child) => match child.name.as_str() {
                    "Comp" => self.component(&child, level)?,
                    "Annotations" => self.events.skip(self.issues)?,
                    _ => unknown(&child, self.events, self.issues)?,
                },
                Event::Text(text, at) => stray(&text, at, self.issues),
                Event::Close | Event::End => return Ok(()),
            }
        }
    }

    /// Reads a component that is an element, of which one value in one language can be kept.
    fn component(&mut self, element: &Element, level: &mut Level) -> Result<(), Stop> {
        let mut values = 0_u32;
        loop {
            match self.events.next(self.issues)? {
                Event::Open(child) if child.name == "Value" => {
                    values = values.saturating_add(1);
                    let text = self.events.text(child.at, self.issues)?;
                    let id = element.text("id");
                    match text {
                        Some((text, at)) if values == 1 && !id.is_empty() => {
                            self.rows.hold(level, id, &text, at, self.issues);
                        }
                        _ => self.issues.report(child.at, Rule::ValueSeveral, id, || {
                            "the component has several values, or none that is plain text, or no id; give it one value".to_owned()
                        }),
                    }
                }
                Event::Open(child) if child.name == "Annotations" => {
                    self.events.skip(self.issues)?;
                }
                Event::Open(child) => unknown(&child, self.events, self.issues)?,
                Event::Text(text, at) => stray(&text, at, self.issues),
                Event::Close | Event::End => return Ok(()),
            }
        }
    }

    /// Reads an element of the generic layout to its end, of which each child gives a component.
    fn values(&mut self, level: &mut Level) -> Result<(), Stop> {
        loop {
            match self.events.next(self.issues)? {
                Event::Open(child) if child.name == "Value" => self.value(&child, "", level)?,
                Event::Open(child) => unknown(&child, self.events, self.issues)?,
                Event::Text(text, at) => stray(&text, at, self.issues),
                Event::Close | Event::End => return Ok(()),
            }
        }
    }

    /// Adds the component of an element with id and value, and reads to its end.
    fn value(&mut self, element: &Element, id: &str, level: &mut Level) -> Result<(), Stop> {
        let id = match element.text("id") {
            "" => id,
            own => own,
        };
        match element.plain("value") {
            Some(value) if !id.is_empty() => {
                let (rows, issues) = (&mut *self.rows, &mut *self.issues);
                rows.hold(level, id, &value.value, value.at, issues);
            }
            _ => self
                .issues
                .report(element.at, Rule::ElementUnknown, id, || {
                    "the element has no id or no value; give it both".to_owned()
                }),
        }
        loop {
            match self.events.next(self.issues)? {
                Event::Open(child) => unknown(&child, self.events, self.issues)?,
                Event::Text(text, at) => stray(&text, at, self.issues),
                Event::Close | Event::End => return Ok(()),
            }
        }
    }
}
