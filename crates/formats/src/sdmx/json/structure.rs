//! What a message says of itself: its structures, and of its data sets what holds of all their observations.
//!
//! In JSON the order of members means nothing, so all this can stand behind the observations. It is collected in a reading
//! of its own, within a bound.

use std::collections::HashMap;

use super::{
    parts::{link, number, text, value},
    tokens::{Scalar, Stop, Tokens},
};
use crate::{
    Rule,
    issue::Issues,
    sdmx::{
        levels::{Position, action_of},
        message::{ActionCode, StructureRef},
    },
};

/// How much of a message is kept while it is read, roughly, in bytes.
const MOST_KEPT: usize = 64 << 20;

/// What a kept value takes beside its text, roughly.
const BYTES_OF_VALUE: usize = 64;

/// Values with their positions.
pub(super) type Values = Vec<(Scalar, Position)>;

/// What is collected of a message.
#[derive(Default)]
pub(super) struct Message {
    pub(super) structures: Vec<Structure>,
    pub(super) data_sets: Vec<DataSet>,
    /// Whether it says that it is of SDMX-JSON 2.1, in which a data set without action is merged.
    pub(super) is_2_1: bool,
    /// How many bytes were kept.
    kept: usize,
}

/// A structure: which components there are, with the values that indices are of.
#[derive(Default)]
pub(super) struct Structure {
    pub(super) at: Position,
    pub(super) reference: Option<(StructureRef, Position)>,
    pub(super) dimensions: Levels,
    /// `None` where it names none: then OBS_VALUE is the one.
    pub(super) measures: Option<Levels>,
    pub(super) attributes: Levels,
    /// How many annotations there are.
    pub(super) annotations: usize,
    /// Which data sets it is said to be of.
    pub(super) data_sets: Vec<usize>,
}

/// The components of each level.
#[derive(Default)]
pub(super) struct Levels {
    pub(super) data_set: Vec<Component>,
    pub(super) group: Vec<Component>,
    pub(super) series: Vec<Component>,
    pub(super) observation: Vec<Component>,
}

/// A component.
#[derive(Default)]
pub(super) struct Component {
    pub(super) id: String,
    pub(super) at: Position,
    /// Its place among the dimensions.
    pub(super) key_position: Option<usize>,
    /// What indices are of; `None` where values stand with the data. A value of which there is no single text is `None`.
    pub(super) values: Option<Vec<Option<String>>>,
    /// What holds where nothing is given.
    pub(super) default: Option<(String, Position)>,
}

/// Of a data set, what holds of many of its observations.
#[derive(Default)]
pub(super) struct DataSet {
    pub(super) at: Position,
    pub(super) structure: Option<usize>,
    pub(super) action: Option<ActionCode>,
    pub(super) attributes: Values,
    pub(super) groups: Vec<(String, Position, Values)>,
    /// Attributes of series that stand behind their observations, by the number of the series from 0.
    pub(super) late: HashMap<u64, Values>,
}

impl Message {
    /// Collects all that is needed to read the observations, and reads the message to its end.
    pub(super) fn collect(mut tokens: Tokens<'_>, issues: &mut Issues) -> Result<Self, Stop> {
        let mut message = Self::default();
        let once = ["$schema", "meta", "data", "errors", "structure", "dataSets"];
        tokens.object(&once, issues, |tokens, name, at, issues| match name {
            "$schema" => message.schema(tokens, issues),
            "meta" => tokens.object(&["schema"], issues, |tokens, name, _, issues| match name {
                "schema" => message.schema(tokens, issues),
                _ => tokens.skip(issues),
            }),
            "data" => {
                let once = ["structure", "structures", "dataSets"];
                tokens.object(&once, issues, |tokens, name, at, issues| {
                    message.member(name, at, tokens, issues)
                })
            }
            "structure" | "dataSets" => message.member(name, at, tokens, issues),
            "errors" => tokens.array(issues, |tokens, _, issues| {
                issues.report(tokens.at(), Rule::MessageError, "", || {
                    "the message says that an error occurred: it may not be complete; ask for it again".to_owned()
                });
                tokens.skip(issues)
            }),
            _ => tokens.skip(issues),
        })?;
        tokens.end(issues)?;
        Ok(message)
    }

    fn schema(&mut self, tokens: &mut Tokens<'_>, issues: &mut Issues) -> Result<(), Stop> {
        if let (Scalar::Text(address), _) = tokens.scalar(issues)? {
            self.is_2_1 |= address.contains("/2.1/");
        }
        Ok(())
    }

    /// Reads a member of `data`, which the draft of 1.0 has in the message itself.
    fn member(
        &mut self,
        name: &str,
        at: Position,
        tokens: &mut Tokens<'_>,
        issues: &mut Issues,
    ) -> Result<(), Stop> {
        match name {
            // 1.0 has one structure, 2.0 any number of them.
            "structure" => self.structure(at, tokens, issues),
            "structures" => tokens.array(issues, |tokens, _, issues| {
                let at = tokens.at();
                self.structure(at, tokens, issues)
            }),
            "dataSets" => tokens.array(issues, |tokens, _, issues| {
                let at = tokens.at();
                self.data_set(at, tokens, issues)
            }),
            _ => tokens.skip(issues),
        }
    }

    /// Counts what is kept, and stops where it is too much.
    fn keep(&mut self, text: &str, at: Position, issues: &mut Issues) -> Result<(), Stop> {
        self.kept += text.len() + BYTES_OF_VALUE;
        if self.kept <= MOST_KEPT {
            return Ok(());
        }
        issues.report(at, Rule::MessageTooComplex, "", || {
            format!("the structures and the attributes of data sets and groups take more than {MOST_KEPT} bytes; give them with fewer values")
        });
        Err(Stop)
    }

    fn structure(
        &mut self,
        at: Position,
        tokens: &mut Tokens<'_>,
        issues: &mut Issues,
    ) -> Result<(), Stop> {
        self.keep("", at, issues)?;
        let mut structure = Structure {
            at,
            ..Structure::default()
        };
        let once = [
            "links",
            "dimensions",
            "measures",
            "attributes",
            "annotations",
            "dataSets",
        ];
        tokens.object(&once, issues, |tokens, name, _, issues| match name {
            "links" => tokens.array(issues, |tokens, _, issues| {
                let found = link(tokens, issues)?;
                // The first link that names a structure is that of the data.
                structure.reference = structure.reference.take().or(found);
                Ok(())
            }),
            "dimensions" => self.levels(&mut structure.dimensions, tokens, issues),
            "measures" => {
                let measures = structure.measures.get_or_insert_default();
                self.levels(measures, tokens, issues)
            }
            "attributes" => self.levels(&mut structure.attributes, tokens, issues),
            "annotations" => tokens.array(issues, |tokens, _, issues| {
                structure.annotations += 1;
                tokens.skip(issues)
            }),
            "dataSets" => tokens.array(issues, |tokens, _, issues| {
                let (found, at) = number(tokens, issues)?;
                self.keep("", at, issues)?;
                structure.data_sets.extend(found);
                Ok(())
            }),
            _ => tokens.skip(issues),
        })?;
        if structure.reference.is_none() {
            issues.report(at, Rule::StructureUnknown, "", || {
                "the structure does not say of which dataflow it is; write its URN in the first of its links".to_owned()
            });
        }
        self.structures.push(structure);
        Ok(())
    }

    fn levels(
        &mut self,
        levels: &mut Levels,
        tokens: &mut Tokens<'_>,
        issues: &mut Issues,
    ) -> Result<(), Stop> {
        let once = ["dataSet", "dimensionGroup", "series", "observation"];
        tokens.object(&once, issues, |tokens, name, at, issues| {
            let level = match name {
                "dataSet" => &mut levels.data_set,
                "dimensionGroup" => &mut levels.group,
                "series" => &mut levels.series,
                "observation" => &mut levels.observation,
                other => {
                    issues.report(at, Rule::ElementUnknown, other, || {
                        format!(
                            "{} is no level of a data set; write dataSet, dimensionGroup, series or observation",
                            crate::issue::shown(other)
                        )
                    });
                    return tokens.skip(issues);
                }
            };
            tokens.array(issues, |tokens, _, issues| {
                level.push(self.component(tokens, issues)?);
                Ok(())
            })
        })
    }

    fn component(
        &mut self,
        tokens: &mut Tokens<'_>,
        issues: &mut Issues,
    ) -> Result<Component, Stop> {
        let mut component = Component {
            at: tokens.at(),
            ..Component::default()
        };
        self.keep("", component.at, issues)?;
        let once = ["id", "keyPosition", "values", "default"];
        tokens.object(&once, issues, |tokens, name, _, issues| {
            match name {
                "id" => {
                    if let (Some(id), at) = text(tokens, issues)? {
                        self.keep(&id, at, issues)?;
                        (component.id, component.at) = (id, at);
                    }
                }
                "keyPosition" => component.key_position = number(tokens, issues)?.0,
                "default" => {
                    let (found, at) = text(tokens, issues)?;
                    self.keep(found.as_deref().unwrap_or_default(), at, issues)?;
                    component.default = found.map(|text| (text, at));
                }
                "values" => {
                    let values = component.values.get_or_insert_default();
                    tokens.array(issues, |tokens, _, issues| {
                        let at = tokens.at();
                        let value = value(tokens, issues)?;
                        self.keep(value.as_deref().unwrap_or_default(), at, issues)?;
                        values.push(value);
                        Ok(())
                    })?;
                }
                _ => tokens.skip(issues)?,
            }
            Ok(())
        })?;
        if component.id.is_empty() {
            issues.report(component.at, Rule::ElementUnknown, "", || {
                "the component has no id; give it one".to_owned()
            });
        }
        Ok(component)
    }

    fn data_set(
        &mut self,
        at: Position,
        tokens: &mut Tokens<'_>,
        issues: &mut Issues,
    ) -> Result<(), Stop> {
        self.keep("", at, issues)?;
        let mut data_set = DataSet {
            at,
            ..DataSet::default()
        };
        let once = [
            "structure",
            "action",
            "attributes",
            "dimensionGroupAttributes",
            "series",
            "observations",
        ];
        tokens.object(&once, issues, |tokens, name, _, issues| {
            match name {
                "structure" => data_set.structure = number(tokens, issues)?.0,
                "action" => {
                    if let (Some(word), at) = text(tokens, issues)? {
                        data_set.action = Some(action_of(&word, at, issues));
                    }
                }
                "attributes" => data_set.attributes = self.values(tokens, issues)?,
                "dimensionGroupAttributes" => {
                    tokens.object(&[], issues, |tokens, key, at, issues| {
                        self.keep(key, at, issues)?;
                        let values = self.values(tokens, issues)?;
                        data_set.groups.push((key.to_owned(), at, values));
                        Ok(())
                    })?;
                }
                "series" => self.late(&mut data_set.late, tokens, issues)?,
                _ => tokens.skip(issues)?,
            }
            Ok(())
        })?;
        self.data_sets.push(data_set);
        Ok(())
    }

    /// Collects the attributes of series that stand behind their observations.
    fn late(
        &mut self,
        late: &mut HashMap<u64, Values>,
        tokens: &mut Tokens<'_>,
        issues: &mut Issues,
    ) -> Result<(), Stop> {
        let mut number = 0;
        tokens.object(&[], issues, |tokens, _, _, issues| {
            let mut has_observations = false;
            // What stands twice is reported in the reading of the observations.
            tokens.object(&[], issues, |tokens, name, _, issues| match name {
                "attributes" if has_observations => {
                    let values = self.values(tokens, issues)?;
                    late.entry(number).or_insert(values);
                    Ok(())
                }
                _ => {
                    has_observations |= name == "observations";
                    tokens.skip(issues)
                }
            })?;
            number += 1;
            Ok(())
        })
    }

    /// Reads an array of values to be kept.
    fn values(&mut self, tokens: &mut Tokens<'_>, issues: &mut Issues) -> Result<Values, Stop> {
        let mut values = vec![];
        tokens.array(issues, |tokens, _, issues| {
            let (value, at) = tokens.scalar(issues)?;
            let text = match &value {
                Scalar::Text(text) | Scalar::Number(text) => text,
                Scalar::Null | Scalar::Nested => "",
            };
            self.keep(text, at, issues)?;
            values.push((value, at));
            Ok(())
        })?;
        Ok(values)
    }
}
