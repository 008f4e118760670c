//! What a description says of items and areas: which elementary ones each is made of.

use std::collections::{BTreeMap, HashMap};

use regtrade_model::{Code, DescribedArea, DescribedItem, TableDescription};

/// What an area is made of: areas without parts, and what of an area is allocated to none of its parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Place {
    Whole(Code),
    Unallocated(Code),
}

/// A description with its codes looked up.
pub(crate) struct Outline<'a> {
    areas: HashMap<&'a Code, &'a DescribedArea>,
    items: HashMap<&'a Code, &'a DescribedItem>,
    parent_of: HashMap<&'a Code, &'a Code>,
    description: &'a TableDescription,
}

/// Hierarchies are this deep at most; a deeper one goes in a circle.
const DEEPEST: usize = 16;

impl<'a> Outline<'a> {
    pub(crate) fn of(description: &'a TableDescription) -> Self {
        Self {
            areas: description
                .areas
                .iter()
                .map(|area| (&area.code, area))
                .collect(),
            items: description
                .items
                .iter()
                .map(|item| (&item.code, item))
                .collect(),
            parent_of: description
                .areas
                .iter()
                .flat_map(|area| area.parts.iter().map(move |part| (part, &area.code)))
                .collect(),
            description,
        }
    }

    pub(crate) fn areas(&self) -> &'a [DescribedArea] {
        &self.description.areas
    }

    pub(crate) fn items(&self) -> &'a [DescribedItem] {
        &self.description.items
    }

    pub(crate) fn item(&self, code: &Code) -> Option<&'a DescribedItem> {
        self.items.get(code).copied()
    }

    /// The country of an area: what it is part of, directly or not. An area with parts that is part of nothing is
    /// its own; of one without parts either the description does not say.
    pub(crate) fn country<'b>(&'b self, area: &'b Code) -> Option<&'b Code> {
        let mut at = area;
        for _ in 0..DEEPEST {
            match self.parent_of.get(at) {
                Some(parent) => at = parent,
                None => {
                    let divided = self
                        .areas
                        .get(at)
                        .is_some_and(|area| !area.parts.is_empty());
                    return divided.then_some(at);
                }
            }
        }
        None
    }

    /// The two items whose ratio a coverage is of: of a difference, or of the item that something is taken from.
    pub(crate) fn covered(&self, code: &Code) -> Option<(&'a Code, &'a Code)> {
        let pair = |item: &'a DescribedItem| item.difference_of.as_ref().map(|[a, b]| (a, b));
        pair(self.item(code)?).or_else(|| {
            let mut found = self
                .description
                .items
                .iter()
                .filter_map(pair)
                .filter(|(minuend, _)| *minuend == code);
            let first = found.next();
            first.filter(|_| found.next().is_none())
        })
    }

    /// The elementary items that an item is made of, each with how often it is counted (-1: taken away), by its
    /// difference where it has one, else by its sum. `None` where it is not described, or by itself.
    pub(crate) fn elements(&self, code: &Code) -> Option<BTreeMap<Code, i64>> {
        let mut found = BTreeMap::new();
        let item = self.item(code)?;
        match &item.difference_of {
            Some([minuend, subtrahend]) => {
                self.collect(minuend, 1, DEEPEST, &mut found)?;
                self.collect(subtrahend, -1, DEEPEST, &mut found)?;
            }
            None => self.collect(code, 1, DEEPEST, &mut found)?,
        }
        Some(found)
    }

    /// The elementary items of the sum that an item is said to be, where it is said to be a difference as well.
    pub(crate) fn elements_of_sum(&self, code: &Code) -> Option<BTreeMap<Code, i64>> {
        let item = self.item(code)?;
        if item.difference_of.is_none() || item.sum_of.is_empty() {
            return None;
        }
        let mut found = BTreeMap::new();
        for part in &item.sum_of {
            self.collect(part, 1, DEEPEST, &mut found)?;
        }
        Some(found)
    }

    fn collect(
        &self,
        code: &Code,
        times: i64,
        depth: usize,
        found: &mut BTreeMap<Code, i64>,
    ) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        let item = self.item(code)?;
        if let Some([minuend, subtrahend]) = &item.difference_of {
            self.collect(minuend, times, depth, found)?;
            self.collect(subtrahend, -times, depth, found)?;
        } else if item.sum_of.is_empty() {
            *found.entry(code.clone()).or_default() += times;
        } else {
            for part in &item.sum_of {
                self.collect(part, times, depth, found)?;
            }
        }
        Some(())
    }

    /// The places that an area is made of. `None` where it is not described, or by itself.
    pub(crate) fn places(&self, code: &Code) -> Option<Vec<Place>> {
        self.areas.get(code)?;
        let mut found = Vec::new();
        self.collect_places(code, DEEPEST, &mut found)?;
        Some(found)
    }

    fn collect_places(&self, code: &Code, depth: usize, found: &mut Vec<Place>) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match self.areas.get(code) {
            Some(area) if !area.parts.is_empty() => {
                for part in &area.parts {
                    self.collect_places(part, depth, found)?;
                }
                if !area.complete {
                    found.push(Place::Unallocated(code.clone()));
                }
            }
            _ => found.push(Place::Whole(code.clone())),
        }
        Some(())
    }
}
