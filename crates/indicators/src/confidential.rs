//! What of a slice is not shown to callers without the role: confidential cells, and those from which they follow.
//!
//! A confidential cell is hidden in vain where it is the total less the other parts. So further cells are hidden until
//! no confidential one is determined by what is left and by the equations that hold in the slice (primary and
//! secondary suppression; Hundepool et al., Statistical Disclosure Control, Wiley 2012, chapter 4). Which cells
//! are hidden follows from which there are and how large they are, and is the same each time.
//!
//! Not defended: that a hidden level is not negative, or about as large as in another vintage, may narrow it down.

mod equations;
mod hierarchy;
mod protect;
mod solve;
mod table;

use std::collections::BTreeSet;

use regtrade_model::{ConfStatus, FigureKey, ObsStatus, Observation};

/// The keys of a slice that are not shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Mask(BTreeSet<FigureKey>);

impl Mask {
    /// What is to be hidden of a whole slice. `printed` are the levels that the release prints: they are public, and to
    /// hide them would be of no use.
    pub(crate) fn of<'a>(
        slice: impl IntoIterator<Item = &'a Observation>,
        printed: &BTreeSet<FigureKey>,
    ) -> Self {
        let mut table = table::Table::of(slice, printed);
        protect::protect(&mut table);
        Self(table.hidden_keys().collect())
    }

    /// Makes an observation what a caller without the role sees of it: where it is hidden, that it is, and no more.
    pub(crate) fn apply(&self, observation: &mut Observation) {
        if self.0.contains(&observation.key) {
            observation.value = None;
            observation.decimals = 0;
            observation.unit_mult = 6;
            observation.status = ObsStatus::Q;
            // Whether it is confidential itself or only leads to one that is, is not told either.
            observation.conf = ConfStatus::N;
        }
    }
}

#[cfg(test)]
mod tests;
