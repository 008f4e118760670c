//! The full key of a figure.

use std::fmt;

use crate::{Area, Code, Concept, Indicator, Item, Span};

/// Which figure: dimensions of the dataflow, indicator and period.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FigureKey {
    /// The transaction or balance.
    pub item: Item,
    /// Whose trade it is.
    pub ref_area: Area,
    /// NACE Rev. 2 activity of the trader, `_T` for all.
    pub activity: Code,
    /// Product (EBOPS 2010 for services, CN8 or HS for goods), `_T` for all.
    pub product: Code,
    /// With whom, `W1` for the world.
    pub counterpart_area: Code,
    /// After which concept, in foreign-trade statistics; `None` in national accounts, which have one.
    pub concept: Option<Concept>,
    /// What is said.
    pub indicator: Indicator,
    /// Of when.
    pub period: Span,
}

impl FigureKey {
    /// The key of a figure that covers all activities, products and partners, as a press table prints them.
    #[must_use]
    pub fn overall(
        item: Item,
        ref_area: Area,
        indicator: Indicator,
        period: impl Into<Span>,
    ) -> Self {
        Self {
            item,
            ref_area,
            activity: Code::total(),
            product: Code::total(),
            counterpart_area: Code::world(),
            concept: None,
            indicator,
            period: period.into(),
        }
    }

    /// Whether it covers all activities, products and partners.
    #[must_use]
    pub fn is_overall(&self) -> bool {
        self.activity.is_total() && self.product.is_total() && self.counterpart_area.is_world()
    }

    /// The same figure of another indicator and period.
    #[must_use]
    pub fn with(&self, indicator: Indicator, period: impl Into<Span>) -> Self {
        Self {
            indicator,
            period: period.into(),
            ..self.clone()
        }
    }

    /// The same figure of another item.
    #[must_use]
    pub fn of_item(&self, item: Item) -> Self {
        Self {
            item,
            ..self.clone()
        }
    }

    /// The same figure of another area.
    #[must_use]
    pub fn of_area(&self, ref_area: Area) -> Self {
        Self {
            ref_area,
            ..self.clone()
        }
    }
}

/// `FREQ.REF_AREA.ITEM.ACTIVITY.PRODUCT.COUNTERPART_AREA[.CONCEPT]:indicator:period`.
impl fmt::Display for FigureKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}.{}.{}.{}.{}.{}",
            self.period.last().frequency(),
            self.ref_area,
            self.item,
            self.activity,
            self.product,
            self.counterpart_area,
        )?;
        if let Some(concept) = self.concept {
            write!(f, ".{concept}")?;
        }
        write!(f, ":{}:{}", self.indicator, self.period)
    }
}
