//! What cells have in each period of a year.

use super::exact::Exact;

/// The periods that a year has: itself, four quarters, twelve months.
pub(super) const PARTS: usize = 17;

/// What there is of each period.
pub(super) type Levels = [Option<Exact>; PARTS];

/// What a cell has: the sums of its detail, and what was observed of it, which stands in place of a sum. Few have any.
#[derive(Debug, Clone, Default)]
pub(super) struct Slots {
    pub(super) sums: Levels,
    pub(super) observed: Option<Box<Levels>>,
}

impl Slots {
    pub(super) fn observed(&mut self) -> &mut Levels {
        self.observed.get_or_insert_default()
    }

    pub(super) fn resolved(&self) -> Levels {
        let mut levels = self.sums;
        for (level, observed) in levels
            .iter_mut()
            .zip(self.observed.iter().flat_map(|of| **of))
        {
            *level = observed.or(*level);
        }
        levels
    }
}

/// Adds a level to a sum; `false` where that has no room for it.
pub(super) fn add(sum: &mut Option<Exact>, level: Exact) -> bool {
    let added = match *sum {
        Some(sum) => sum.plus(level),
        None => Some(level),
    };
    *sum = added;
    added.is_some()
}

/// The same of each period that there is a level of.
pub(super) fn add_all(sums: &mut Levels, levels: &Levels) -> bool {
    let mut fit = true;
    for (sum, level) in sums.iter_mut().zip(levels) {
        if let Some(level) = level {
            fit &= add(sum, *level);
        }
    }
    fit
}
