//! The cells that detail is added up to.

use regtrade_model::{Area, Code, Concept, FigureKey, Item};

use super::{digits_of, is_part_of_the_world};
use crate::rows::Level;

/// Whose detail: what is zero and what is missing is decided for each.
pub(super) type Group = (Item, Area, Option<Concept>);

/// A cell that something is added up to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct CellKey {
    pub(super) item: Item,
    pub(super) area: Area,
    pub(super) product: Code,
    pub(super) partner: Code,
    pub(super) concept: Option<Concept>,
}

impl CellKey {
    pub(super) fn of(key: &FigureKey) -> Self {
        Self {
            item: key.item,
            area: key.ref_area,
            product: key.product.clone(),
            partner: key.counterpart_area.clone(),
            concept: key.concept,
        }
    }

    /// That of a sum that is kept.
    pub(super) fn of_sum(sum: &Level<'_>) -> Self {
        Self {
            item: sum.item,
            area: sum.ref_area,
            product: sum.product.clone(),
            partner: sum.counterpart_area.clone(),
            concept: sum.concept,
        }
    }

    /// Whether a sum that is kept is of it.
    pub(super) fn is_of(&self, sum: &Level<'_>) -> bool {
        self.product == *sum.product
            && self.partner == *sum.counterpart_area
            && self.item == sum.item
            && self.area == sum.ref_area
            && self.concept == sum.concept
    }

    /// Whether it is one that detail is added up to, so that what is not among the detail adds nothing to it.
    pub(super) fn is_added_up(&self) -> bool {
        let partner = self.partner.as_str();
        digits_of(self.product.as_str()).is_some()
            && (partner == "W1" || is_part_of_the_world(partner))
    }

    pub(super) const fn group(&self) -> Group {
        (self.item, self.area, self.concept)
    }
}
