//! What the rules of `docs/vintages.md` say, in the plainest way: every release with all its cells, in memory.
//!
//! Nothing here calls the project's own reasoning about vintages.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use regtrade_model::Instant;

use crate::history::{Cell, Change};

type Slice = BTreeMap<&'static str, u64>;

/// A release with all its slices, each whole.
#[derive(Clone, Debug)]
pub struct Held {
    pub id: String,
    pub digest: String,
    pub published_at: Instant,
    pub loaded_at: Instant,
    pub slices: BTreeMap<u16, Slice>,
    pub base: Option<String>,
    pub withdrawn_at: Option<Instant>,
}

/// A vintage that is asked for.
#[derive(Clone, Debug, Default)]
pub struct Question {
    pub preview: bool,
    pub by: Option<Instant>,
    pub known_at: Option<Instant>,
    pub release: Option<String>,
}

/// What is answered: the release, and of each cell its value and the release that wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub release: String,
    pub cells: BTreeMap<Cell, (u64, String)>,
}

/// Why something cannot be done, by the reason that the caller is told.
pub type Refusal = &'static str;

/// All releases, in the order of commit.
#[derive(Clone, Debug, Default)]
pub struct Oracle {
    pub releases: Vec<Held>,
}

impl Held {
    /// Taken back before anyone without the role could see it.
    fn is_cancelled(&self) -> bool {
        self.withdrawn_at.is_some_and(|at| at <= self.published_at)
    }
}

impl Oracle {
    /// Places of releases, the newest first.
    fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.releases.len()).collect();
        order.sort_by_key(|&at| std::cmp::Reverse((self.releases[at].published_at, at)));
        order
    }

    fn sees(&self, at: usize, preview: bool, now: Instant) -> bool {
        let held = &self.releases[at];
        preview || (held.published_at <= now && !held.is_cancelled())
    }

    /// The ids that a caller is shown, the newest first.
    pub fn list(&self, preview: bool, now: Instant) -> Vec<String> {
        let order = self.order().into_iter();
        order
            .filter(|&at| self.sees(at, preview, now))
            .map(|at| self.releases[at].id.clone())
            .collect()
    }

    /// The answer to a question, or the reason why there is none.
    pub fn answer(&self, question: &Question, now: Instant) -> Result<Answer, Refusal> {
        let order = self.order();
        if let Some(id) = &question.release {
            let there = order
                .iter()
                .any(|&at| self.releases[at].id == *id && self.sees(at, question.preview, now));
            if !there {
                return Err("RELEASE_NOT_FOUND");
            }
        }
        let known: Vec<&Held> = order
            .into_iter()
            .filter(|&at| self.sees(at, question.preview, now))
            .map(|at| &self.releases[at])
            .filter(|held| {
                question
                    .known_at
                    .is_none_or(|known| held.loaded_at <= known)
            })
            .collect();
        let stands = |held: &Held, seen: Option<Instant>| {
            let Some(at) = held.withdrawn_at else {
                return true;
            };
            seen.is_some_and(|seen| at > seen) || question.known_at.is_some_and(|known| at > known)
        };
        let place = if let Some(id) = &question.release {
            known.iter().position(|held| held.id == *id)
        } else {
            known.iter().position(|held| {
                question.by.is_none_or(|by| held.published_at <= by) && stands(held, question.by)
            })
        };
        let place = place.ok_or("NO_RELEASE")?;
        let seen = match &question.release {
            Some(_) => Some(known[place].published_at),
            None => question.by,
        };
        let mut cells = BTreeMap::new();
        let mut written: BTreeSet<u16> = BTreeSet::new();
        for (at, held) in known.iter().enumerate().skip(place) {
            if at > place && !stands(held, seen) {
                continue;
            }
            for (year, slice) in &held.slices {
                if written.insert(*year) {
                    for (area, value) in slice {
                        cells.insert((*year, *area), (*value, held.id.clone()));
                    }
                }
            }
        }
        Ok(Answer {
            release: known[place].id.clone(),
            cells,
        })
    }

    /// The release that a partial update published at an instant has to build on.
    pub fn base(&self, published_at: Instant) -> Option<&Held> {
        let mut order = self.order().into_iter().map(|at| &self.releases[at]);
        order.find(|held| held.published_at <= published_at && held.withdrawn_at.is_none())
    }

    /// Whether another partial update was made for a release, and stands.
    pub fn is_built_upon(&self, base: &str) -> bool {
        let mut others = self.releases.iter();
        others.any(|held| held.base.as_deref() == Some(base) && held.withdrawn_at.is_none())
    }

    /// The slices that changes of a base give: those that they touch, whole.
    pub fn changed(&self, base: &str, changes: &[Change]) -> Result<BTreeMap<u16, Slice>, Refusal> {
        // Of what stands: nothing that is withdrawn by now.
        let order = self.order();
        let from = order.iter().position(|&at| self.releases[at].id == base);
        let mut current: BTreeMap<u16, Slice> = BTreeMap::new();
        for (nth, &at) in order.iter().skip(from.unwrap()).enumerate() {
            let held = &self.releases[at];
            if nth == 0 || held.withdrawn_at.is_none() {
                for (year, slice) in &held.slices {
                    current.entry(*year).or_insert_with(|| slice.clone());
                }
            }
        }
        let before = current.clone();
        let mut touched = BTreeSet::new();
        for change in changes {
            let year = match change {
                Change::Append((year, _), _)
                | Change::Merge((year, _), _)
                | Change::Replace((year, _), _)
                | Change::Delete(year, _) => *year,
            };
            let slice = current.entry(year).or_default();
            match change {
                Change::Append((_, area), value) => {
                    if slice.insert(area, *value).is_some() {
                        return Err("REFUSED");
                    }
                }
                Change::Merge((_, area), value) | Change::Replace((_, area), value) => {
                    slice.insert(area, *value);
                }
                Change::Delete(_, area) => {
                    let many = slice.len();
                    slice.retain(|held, _| area.is_some_and(|area| *held != area));
                    if slice.len() == many {
                        return Err("REFUSED");
                    }
                }
            }
            touched.insert(year);
        }
        // Slices that come out as they were are not written.
        let mut after = current;
        after.retain(|year, slice| {
            touched.contains(year) && before.get(year).cloned().unwrap_or_default() != *slice
        });
        if after.is_empty() {
            return Err("REFUSED");
        }
        Ok(after)
    }

    /// Whether a release may be withdrawn.
    pub fn may_withdraw(&self, id: &str, now: Instant) -> Result<(), Refusal> {
        let held = self.find(id);
        let (published_at, gone) = (held.published_at, held.withdrawn_at.is_some());
        let soon = published_at > now && published_at - now < TimeDelta::seconds(5);
        if gone || soon || self.builds_on(id, None) {
            return Err("NOT_ALLOWED");
        }
        Ok(())
    }

    /// Moves the end of an embargo.
    pub fn reschedule(&mut self, id: &str, to: Instant, now: Instant) -> Result<(), Refusal> {
        let held = self.find(id).clone();
        let public = held.published_at <= now;
        let base = held.base.as_ref().map(|base| self.find(base).clone());
        let before_base =
            base.is_some_and(|base| base.withdrawn_at.is_none() && base.published_at > to);
        let soon = held.published_at > now && held.published_at - now < TimeDelta::seconds(5);
        if held.withdrawn_at.is_some() || public || soon || to < now {
            return Err("NOT_ALLOWED");
        }
        let moved = Held {
            published_at: to,
            ..held.clone()
        };
        if self.builds_on(id, Some(to)) || before_base || self.undoes(&moved, now) {
            return Err("NOT_ALLOWED");
        }
        let at = self.releases.iter().position(|held| held.id == id);
        self.releases[at.unwrap()].published_at = to;
        Ok(())
    }

    /// Whether a release and a partial update that waits for its time do not know of each other, and write the same
    /// year: the later one would undo the other.
    pub fn undoes(&self, new: &Held, now: Instant) -> bool {
        let shares = |a: &Held, b: &Held| a.slices.keys().any(|year| b.slices.contains_key(year));
        let others = self.releases.iter();
        let mut others = others.filter(|held| held.withdrawn_at.is_none() && held.id != new.id);
        others.any(|held| {
            let within = |update: &Held, other: &Held, after_base: bool| {
                let Some(base) = update.base.as_ref() else {
                    return false;
                };
                let from = self.find(base).published_at;
                let begun = if after_base {
                    from < other.published_at
                } else {
                    from <= other.published_at
                };
                update.published_at > now && begun && other.published_at <= update.published_at
            };
            let named = |update: &Held, other: &Held| update.base.as_ref() == Some(&other.id);
            shares(held, new)
                && ((within(held, new, false) && !named(held, new))
                    || (within(new, held, true) && !named(new, held)))
        })
    }

    /// Whether a partial update of a release would be public without it, or before an instant.
    fn builds_on(&self, id: &str, until: Option<Instant>) -> bool {
        self.releases.iter().any(|held| {
            held.base.as_deref() == Some(id)
                && held.withdrawn_at.is_none()
                && until.is_none_or(|until| held.published_at < until)
        })
    }

    pub fn find(&self, id: &str) -> &Held {
        self.releases.iter().find(|held| held.id == id).unwrap()
    }
}
