//! Partial updates: what becomes of the observations that are there.

use std::collections::{BTreeMap, btree_map::Entry};

use regtrade_model::{
    Area, Code, Concept, ConfStatus, Decimal, FigureKey, Item, ObsStatus, Observation, Period,
};

use crate::{Issue, Rule, issue::Issues};

use super::row::{default_status, is_of_missing};

/// A row of a partial update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The line where the row starts, from 1.
    pub line: u32,
    /// What it changes.
    pub action: Action,
}

/// What a row of a partial update changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A: an observation that is not there yet.
    Append(Observation),
    /// M: what the row gives of an observation; the rest of it stays as it is. It need not be there yet.
    Merge(Merge),
    /// R: an observation whole, whether it is there or not. What the row does not give is not kept.
    Replace(Observation),
    /// D: all observations of a partial key, of which there is at least one.
    Delete(PartialKey),
}

/// What a merging row gives of an observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// Which observation.
    pub key: FigureKey,
    /// The value, with the decimals that are written as its scale.
    pub value: Option<Decimal>,
    /// DECIMALS.
    pub decimals: Option<u32>,
    /// UNIT_MULT.
    pub unit_mult: Option<i32>,
    /// OBS_STATUS.
    pub status: Option<ObsStatus>,
    /// CONF_STATUS.
    pub conf: Option<ConfStatus>,
}

/// Which observations: those that have the values given; `None` is any.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PartialKey {
    /// ITEM.
    pub item: Option<Item>,
    /// REF_AREA.
    pub ref_area: Option<Area>,
    /// ACTIVITY.
    pub activity: Option<Code>,
    /// PRODUCT.
    pub product: Option<Code>,
    /// COUNTERPART_AREA.
    pub counterpart_area: Option<Code>,
    /// CONCEPT; of a dataflow that has none it is any.
    pub concept: Option<Concept>,
    /// TIME_PERIOD.
    pub period: Option<Period>,
}

type Slice = BTreeMap<FigureKey, Observation>;

/// Makes the changes of a partial update, in the order of the file, and gives the slices that differ from then on, whole
/// and in the order of their keys; a slice of which all is deleted is empty.
///
/// # Errors
/// The first 1,000 issues: an observation is appended that is there already, nothing is deleted, a new observation is
/// merged without its UNIT_MULT, a value meets the status of a missing one, or nothing changes in all.
pub fn apply(
    current: &BTreeMap<Period, Vec<Observation>>,
    updates: &[Update],
) -> Result<BTreeMap<Period, Vec<Observation>>, Vec<Issue>> {
    let mut slices = Slices {
        current,
        touched: BTreeMap::new(),
    };
    let mut issues = Issues::default();
    for update in updates {
        if let Err((rule, explanation)) = slices.change(&update.action) {
            issues.report((update.line, 1), rule, "", || explanation);
            if issues.is_full() {
                break;
            }
        }
    }
    let changed = slices.changed();
    if issues.is_empty() && changed.is_empty() {
        let line = updates.first().map_or(1, |update| update.line);
        issues.report((line, 1), Rule::UpdateNothing, "", || {
            "nothing would change: all that the file says is so already".to_owned()
        });
    }
    if issues.is_empty() {
        Ok(changed)
    } else {
        Err(issues.finish().0)
    }
}

/// A rule that is broken, and how.
type Fault = (Rule, String);

struct Slices<'c> {
    current: &'c BTreeMap<Period, Vec<Observation>>,
    touched: BTreeMap<Period, Slice>,
}

impl Slices<'_> {
    fn change(&mut self, action: &Action) -> Result<(), Fault> {
        match action {
            Action::Append(observation) => match self.entry(&observation.key) {
                Entry::Occupied(_) => Err((
                    Rule::AppendExisting,
                    format!(
                        "{} is there already; merge it (M) or replace it (R)",
                        named(&observation.key)
                    ),
                )),
                Entry::Vacant(entry) => {
                    entry.insert(observation.clone());
                    Ok(())
                }
            },
            Action::Replace(observation) => {
                self.slice(observation.key.period.last())
                    .insert(observation.key.clone(), observation.clone());
                Ok(())
            }
            Action::Merge(merge) => self.merge(merge),
            Action::Delete(chosen) => self.delete(chosen),
        }
    }

    fn merge(&mut self, merge: &Merge) -> Result<(), Fault> {
        let entry = self.entry(&merge.key);
        let merged = match &entry {
            Entry::Occupied(before) => {
                let before = before.get();
                Observation {
                    key: merge.key.clone(),
                    value: merge.value.or(before.value),
                    decimals: merge.decimals.unwrap_or(before.decimals),
                    unit_mult: merge.unit_mult.unwrap_or(before.unit_mult),
                    status: merge.status.unwrap_or(before.status),
                    conf: merge.conf.unwrap_or(before.conf),
                }
            }
            Entry::Vacant(_) => Observation {
                key: merge.key.clone(),
                value: merge.value,
                decimals: merge
                    .decimals
                    .or(merge.value.map(|value| value.scale()))
                    .unwrap_or_default(),
                unit_mult: merge.unit_mult.ok_or_else(|| {
                    let key = named(&merge.key);
                    (
                        Rule::AttributeMissing,
                        format!("{key} is not there yet, and a new observation needs a UNIT_MULT"),
                    )
                })?,
                status: merge
                    .status
                    .unwrap_or(default_status(merge.value.is_some())),
                conf: merge.conf.unwrap_or_default(),
            },
        };
        if merged.value.is_some() && is_of_missing(merged.status) {
            return Err((
                Rule::StatusContradiction,
                format!(
                    "{} would have a value and the status {} of a missing one; merge value and status together, or replace the observation (R)",
                    named(&merge.key),
                    merged.status
                ),
            ));
        }
        match entry {
            Entry::Occupied(mut before) => {
                before.insert(merged);
            }
            Entry::Vacant(entry) => {
                entry.insert(merged);
            }
        }
        Ok(())
    }

    fn delete(&mut self, chosen: &PartialKey) -> Result<(), Fault> {
        let deleted = match (chosen.key(), chosen.period) {
            (Some(key), Some(period)) if self.slice(period).contains_key(&key) => {
                usize::from(self.slice(period).remove(&key).is_some())
            }
            (_, Some(period)) => remove(self.slice(period), chosen),
            _ => {
                let touched = self.touched.keys().copied();
                let periods: Vec<_> = touched.chain(self.current.keys().copied()).collect();
                let deleted = periods
                    .into_iter()
                    .map(|period| remove(self.slice(period), chosen));
                deleted.sum()
            }
        };
        if deleted > 0 {
            return Ok(());
        }
        Err((
            Rule::DeleteNothing,
            "there is no such observation to delete; take the row out, or correct it".to_owned(),
        ))
    }

    /// The slice of a period as the changes up to now have left it.
    fn slice(&mut self, period: Period) -> &mut Slice {
        self.touched.entry(period).or_insert_with(|| {
            let observations = self.current.get(&period).into_iter().flatten();
            observations
                .map(|observation| (observation.key.clone(), observation.clone()))
                .collect()
        })
    }

    fn entry(&mut self, key: &FigureKey) -> Entry<'_, FigureKey, Observation> {
        self.slice(key.period.last()).entry(key.clone())
    }

    /// The slices that are not as they were.
    fn changed(self) -> BTreeMap<Period, Vec<Observation>> {
        let Self { current, touched } = self;
        let differs = |(period, slice): &(Period, Slice)| {
            let before = current.get(period).map_or(&[][..], Vec::as_slice);
            before.len() != slice.len()
                || before
                    .iter()
                    .any(|observation| slice.get(&observation.key) != Some(observation))
        };
        touched
            .into_iter()
            .filter(differs)
            .map(|(period, slice)| (period, slice.into_values().collect()))
            .collect()
    }
}

impl PartialKey {
    /// Whether an observation is one of the chosen.
    #[must_use]
    pub fn matches(&self, key: &FigureKey) -> bool {
        fn is<T: PartialEq>(given: &Option<T>, own: &T) -> bool {
            given.as_ref().is_none_or(|given| given == own)
        }
        is(&self.item, &key.item)
            && is(&self.ref_area, &key.ref_area)
            && is(&self.activity, &key.activity)
            && is(&self.product, &key.product)
            && is(&self.counterpart_area, &key.counterpart_area)
            && (self.concept.is_none() || self.concept == key.concept)
            && is(&self.period, &key.period.last())
    }

    /// The one key of a partial key that leaves nothing open, where the dataflow has no concept.
    fn key(&self) -> Option<FigureKey> {
        Some(FigureKey {
            item: self.item?,
            ref_area: self.ref_area?,
            activity: self.activity.clone()?,
            product: self.product.clone()?,
            counterpart_area: self.counterpart_area.clone()?,
            indicator: regtrade_model::Indicator::Level,
            concept: self.concept,
            period: self.period?.into(),
        })
    }
}

/// Takes what a partial key names out of a slice, and counts it.
fn remove(slice: &mut Slice, chosen: &PartialKey) -> usize {
    let before = slice.len();
    slice.retain(|key, _| !chosen.matches(key));
    before - slice.len()
}

fn named(key: &FigureKey) -> String {
    format!(
        "the observation {} {} {}",
        key.ref_area, key.item, key.period
    )
}
