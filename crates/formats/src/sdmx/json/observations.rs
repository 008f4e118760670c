//! The observations of a message, by the indices that their keys are made of.

use super::{
    structure::{Component, DataSet, Levels, Message, Structure},
    tokens::{Stop, Tokens},
};
use crate::{
    Rule,
    issue::{Issues, shown},
    sdmx::{
        levels::{Position, Rows},
        message::ActionCode,
    },
};

/// Reads the observations of all data sets.
pub(super) fn read(
    message: &Message,
    mut tokens: Tokens<'_>,
    rows: &mut Rows<'_>,
    issues: &mut Issues,
) -> Result<(), Stop> {
    let mut number = 0;
    let mut data_sets = |tokens: &mut Tokens<'_>, issues: &mut Issues| {
        tokens.array(issues, |tokens, _, issues| {
            let reader = Reader::of(message, number, rows, issues);
            number += 1;
            match reader {
                Some(mut reader) => reader.read(tokens, issues),
                None => tokens.skip(issues),
            }
        })
    };
    tokens.object(&[], issues, |tokens, name, _, issues| match name {
        "data" => tokens.object(&[], issues, |tokens, name, _, issues| match name {
            "dataSets" => data_sets(tokens, issues),
            _ => tokens.skip(issues),
        }),
        "dataSets" => data_sets(tokens, issues),
        _ => tokens.skip(issues),
    })
}

/// Reads a data set.
pub(super) struct Reader<'m, 'r, 's> {
    pub(super) structure: &'m Structure,
    data_set: &'m DataSet,
    measures: &'m [Component],
    pub(super) rows: &'r mut Rows<'s>,
}

/// The measure of messages that name none.
static OBS_VALUE: std::sync::LazyLock<Vec<Component>> = std::sync::LazyLock::new(|| {
    vec![Component {
        id: "OBS_VALUE".to_owned(),
        at: (1, 1),
        ..Component::default()
    }]
});

impl<'m, 'r, 's> Reader<'m, 'r, 's> {
    /// The reader of a data set, by its number from 0. `None` where its structure is not known.
    fn of(
        message: &'m Message,
        number: usize,
        rows: &'r mut Rows<'s>,
        issues: &mut Issues,
    ) -> Option<Self> {
        let data_set = message.data_sets.get(number)?;
        let names_it = |structure: &&Structure| structure.data_sets.contains(&number);
        let structure = match data_set.structure {
            Some(at) => message.structures.get(at),
            None => message
                .structures
                .iter()
                .find(names_it)
                .or_else(|| message.structures.first()),
        };
        let Some(structure) = structure else {
            issues.report(data_set.at, Rule::StructureUnknown, "", || {
                "the structure of the data set is not in the message; give it in data.structures, or data.structure in SDMX-JSON 1.0".to_owned()
            });
            return None;
        };
        let (reference, at) = structure.reference.as_ref()?;
        let action = match data_set.action {
            Some(action) => action,
            None if message.is_2_1 => ActionCode::Merge,
            None => ActionCode::Information,
        };
        rows.begin(reference, *at, action, issues);
        Some(Self {
            structure,
            data_set,
            measures: structure
                .measures
                .as_ref()
                .map_or(&OBS_VALUE, |levels| &levels.observation),
            rows,
        })
    }

    fn read(&mut self, tokens: &mut Tokens<'_>, issues: &mut Issues) -> Result<(), Stop> {
        self.level_of_data_set(issues);
        self.groups(issues);
        tokens.object(&[], issues, |tokens, name, at, issues| match name {
            "series" => self.all_series(tokens, issues),
            "observations" => {
                if !self.structure.dimensions.series.is_empty() {
                    issues.report(at, Rule::ElementMisplaced, "", || {
                        "the data set has observations of its own, and its structure dimensions of series; give the observations in series".to_owned()
                    });
                    return tokens.skip(issues);
                }
                self.observations(tokens, issues)
            }
            _ => tokens.skip(issues),
        })?;
        self.rows.end(issues);
        Ok(())
    }

    /// What holds of the data set: its dimensions, which have one value each, its attributes, and the defaults of all.
    fn level_of_data_set(&mut self, issues: &mut Issues) {
        let mut level = vec![];
        for dimension in &self.structure.dimensions.data_set {
            match dimension.values.as_deref() {
                Some([Some(value)]) => {
                    self.rows
                        .hold(&mut level, &dimension.id, value, dimension.at, issues);
                }
                None | Some([]) if self.rows.action == ActionCode::Delete => {}
                _ => issues.report(dimension.at, Rule::IndexMalformed, &dimension.id, || {
                    format!(
                        "{} is a dimension of the data set, and so has one value; give just that",
                        shown(&dimension.id)
                    )
                }),
            }
        }
        let (components, values) = (
            &self.structure.attributes.data_set,
            &self.data_set.attributes,
        );
        self.attributes(&mut level, components, values, issues);
        self.rows.data_set = level;
        // Changes and deletions leave alone what they do not give.
        if !matches!(self.rows.action, ActionCode::Delete | ActionCode::Merge) {
            let Levels {
                data_set,
                group,
                series,
                observation,
            } = &self.structure.attributes;
            let mut defaults = vec![];
            for component in [data_set, group, series, observation].into_iter().flatten() {
                if let Some((text, at)) = &component.default {
                    self.rows
                        .hold(&mut defaults, &component.id, text, *at, issues);
                }
            }
            self.rows.defaults = defaults;
        }
    }

    /// Groups, whose keys have a place for each dimension of the structure.
    fn groups(&mut self, issues: &mut Issues) {
        if self.data_set.groups.is_empty() {
            return;
        }
        let Levels {
            data_set,
            series,
            observation,
            ..
        } = &self.structure.dimensions;
        let mut dimensions: Vec<_> = [data_set, series, observation]
            .into_iter()
            .flatten()
            .collect();
        let positions = dimensions.iter().filter(|d| d.key_position.is_some());
        match positions.count() {
            // Without positions the order is that of the message.
            0 => {}
            count if count == dimensions.len() => dimensions.sort_by_key(|d| d.key_position),
            _ => {
                issues.report(self.structure.at, Rule::IndexMalformed, "", || {
                    "some dimensions have a keyPosition and some not: the keys of groups cannot be read; give all of them one".to_owned()
                });
                return;
            }
        }
        for (key, at, values) in &self.data_set.groups {
            let mut cells = vec![];
            self.key(&mut cells, &dimensions, key, *at, true, issues);
            let named = cells.iter().map(|held| held.component).collect();
            self.attributes(&mut cells, &self.structure.attributes.group, values, issues);
            self.rows.groups.add(cells, Some(named), *at, issues);
        }
    }

    fn all_series(&mut self, tokens: &mut Tokens<'_>, issues: &mut Issues) -> Result<(), Stop> {
        let dimensions: Vec<_> = self.structure.dimensions.series.iter().collect();
        let mut number = 0;
        tokens.object(&[], issues, |tokens, key, at, issues| {
            let mut level = vec![];
            let is_delete = self.rows.action == ActionCode::Delete;
            self.key(&mut level, &dimensions, key, at, is_delete, issues);
            if let Some(values) = self.data_set.late.get(&number) {
                self.attributes(
                    &mut level,
                    &self.structure.attributes.series,
                    values,
                    issues,
                );
            }
            number += 1;
            self.rows.series = level;
            self.series(at, tokens, issues)
        })?;
        self.rows.series.clear();
        Ok(())
    }

    fn series(
        &mut self,
        at: Position,
        tokens: &mut Tokens<'_>,
        issues: &mut Issues,
    ) -> Result<(), Stop> {
        let mut has_observations = false;
        let once = ["attributes", "observations"];
        tokens.object(&once, issues, |tokens, name, at, issues| match name {
            // Those behind the observations were collected before.
            "attributes" if !has_observations => {
                let mut values = vec![];
                tokens.array(issues, |tokens, number, issues| {
                    let most = self.structure.attributes.series.len() + 1;
                    let value = tokens.scalar(issues)?;
                    if number <= most {
                        values.push(value);
                    }
                    Ok(())
                })?;
                let mut level = std::mem::take(&mut self.rows.series);
                self.attributes(
                    &mut level,
                    &self.structure.attributes.series,
                    &values,
                    issues,
                );
                self.rows.series = level;
                Ok(())
            }
            "attributes" | "annotations" => tokens.skip(issues),
            "observations" => {
                has_observations = true;
                self.observations(tokens, issues)
            }
            other => {
                issues.report(at, Rule::ElementUnknown, other, || {
                    format!("{} is no member of a series", shown(other))
                });
                tokens.skip(issues)
            }
        })?;
        if has_observations {
            return Ok(());
        }
        // A series that is deleted names all its observations.
        if self.rows.action == ActionCode::Delete {
            self.rows.push(at, &vec![], issues);
        } else {
            issues.report(at, Rule::GroupUnused, "", || {
                "the series has no observations, and attributes are kept with observations; give the observations, too, or leave the series out".to_owned()
            });
        }
        Ok(())
    }

    fn observations(&mut self, tokens: &mut Tokens<'_>, issues: &mut Issues) -> Result<(), Stop> {
        let dimensions: Vec<_> = self.structure.dimensions.observation.iter().collect();
        let attributes = &self.structure.attributes.observation;
        let is_delete = self.rows.action == ActionCode::Delete;
        tokens.object(&[], issues, |tokens, key, at, issues| {
            let mut level = Vec::with_capacity(8);
            self.key(&mut level, &dimensions, key, at, is_delete, issues);
            tokens.array(issues, |tokens, number, issues| {
                let (value, at) = tokens.scalar(issues)?;
                let component = self
                    .measures
                    .get(number)
                    .or_else(|| attributes.get(number.checked_sub(self.measures.len())?));
                match component {
                    Some(component) => self.value(&mut level, component, &value, at, issues),
                    None => self.annotation(&value, at, issues),
                }
                Ok(())
            })?;
            self.rows.push(at, &level, issues);
            Ok(())
        })
    }
}
