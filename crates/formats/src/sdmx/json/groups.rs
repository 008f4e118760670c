//! Groups, whose keys have a place for each dimension of the structure.
//!
//! The standard has the places in the order of the structure definition (`keyPosition`), and its samples have them in the
//! order of the message. A message is read in the order in which its keys make sense; where both do, and say different
//! things, it is refused.

use super::{
    observations::Reader,
    structure::{Component, Levels, Structure},
};
use crate::{Rule, issue::Issues};

impl Reader<'_, '_, '_> {
    /// Keeps the groups of the data set.
    pub(super) fn groups(&mut self, issues: &mut Issues) {
        let groups = &self.data_set.groups;
        let Some((_, first, _)) = groups.first() else {
            return;
        };
        let [by_message, by_position] = orders(self.structure);
        let reads =
            |order: &[&Component]| groups.iter().all(|(key, ..)| named(order, key).is_some());
        let same = |(key, ..): &(String, _, _)| named(&by_message, key) == named(&by_position, key);
        let dimensions = match (reads(&by_message), reads(&by_position)) {
            (true, true) if !groups.iter().all(same) => {
                issues.report(*first, Rule::IndexMalformed, "", || {
                    "the keys of the groups can be read in the order of keyPosition and in that of the message, and mean different things; give the dimensions in the order of their keyPosition".to_owned()
                });
                return;
            }
            (false, true) => by_position,
            _ => by_message,
        };
        for (key, at, values) in groups {
            let mut cells = vec![];
            self.key(&mut cells, &dimensions, key, *at, true, issues);
            let named = cells.iter().map(|held| held.component).collect();
            self.attributes(&mut cells, &self.structure.attributes.group, values, issues);
            self.rows.groups.add(cells, Some(named), *at, issues);
        }
    }
}

/// The dimensions in the order of the message, and by their positions; where one has none, in the first order twice.
fn orders(structure: &Structure) -> [Vec<&Component>; 2] {
    let Levels {
        data_set,
        series,
        observation,
        ..
    } = &structure.dimensions;
    let levels = [data_set, series, observation];
    let by_message: Vec<_> = levels.into_iter().flatten().collect();
    let mut by_position = by_message.clone();
    if by_position.iter().all(|d| d.key_position.is_some()) {
        by_position.sort_by_key(|d| d.key_position);
    }
    [by_message, by_position]
}

/// Which dimensions a key names, and with which indices, in a fixed order; `None` where it makes no sense.
fn named<'m>(order: &[&'m Component], key: &str) -> Option<Vec<(&'m str, usize)>> {
    if key.split(':').count() != order.len() {
        return None;
    }
    let mut named = vec![];
    for (dimension, index) in order.iter().zip(key.split(':')) {
        if !index.is_empty() {
            let index = index.parse().ok()?;
            dimension.values.as_ref()?.get(index)?;
            named.push((dimension.id.as_str(), index));
        }
    }
    named.sort_unstable();
    Some(named)
}
