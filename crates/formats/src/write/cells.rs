//! The components of our dataflows, and what a row has in each: the same in every format.

use std::borrow::Cow;

use regtrade_model::{Concept, Dataflow, ObsStatus, Observation};

/// A dimension, a measure or an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Component {
    /// Its id.
    pub(super) id: &'static str,
    /// Its name in English.
    pub(super) name: &'static str,
}

/// The measure.
pub(super) const MEASURE: Component = component("OBS_VALUE", "Observation value");

const DIMENSIONS: [Component; 8] = [
    component("FREQ", "Frequency"),
    component("REF_AREA", "Reference area"),
    component("ITEM", "Transaction or balance (ESA 2010)"),
    component("ACTIVITY", "Activity of the trader (NACE Rev. 2)"),
    component("PRODUCT", "Product"),
    component("COUNTERPART_AREA", "Counterpart area"),
    CONCEPT,
    component("TIME_PERIOD", "Time period"),
];
const CONCEPT: Component = component("CONCEPT", "Concept of foreign trade");

/// The attributes, all of the observation.
pub(super) const ATTRIBUTES: [Component; 5] = [
    component("UNIT_MEASURE", "Unit of measure"),
    component("UNIT_MULT", "Unit multiplier"),
    component("DECIMALS", "Decimals"),
    component("OBS_STATUS", "Observation status"),
    component("CONF_STATUS", "Confidentiality status"),
];

const fn component(id: &'static str, name: &'static str) -> Component {
    Component { id, name }
}

/// The dimensions of a dataflow, in their order.
pub(super) fn dimensions(dataflow: Dataflow) -> impl Iterator<Item = Component> {
    let has_concept = dataflow.has_concept();
    DIMENSIONS
        .into_iter()
        .filter(move |dimension| has_concept || *dimension != CONCEPT)
}

/// What a row has in each component.
pub(super) struct Cells<'o>(&'o Observation);

impl<'o> Cells<'o> {
    pub(super) const fn of(observation: &'o Observation) -> Self {
        Self(observation)
    }

    /// The codes, in the order of [`dimensions`].
    pub(super) fn dimensions(&self) -> impl Iterator<Item = Cow<'o, str>> {
        let key = &self.0.key;
        [
            Some(Cow::Borrowed(key.period.last().frequency())),
            Some(key.ref_area.as_str().into()),
            Some(key.item.as_str().into()),
            Some(key.activity.as_str().into()),
            Some(key.product.as_str().into()),
            Some(key.counterpart_area.as_str().into()),
            key.concept.map(Concept::as_str).map(Cow::Borrowed),
            Some(key.period.to_string().into()),
        ]
        .into_iter()
        .flatten()
    }

    /// The value with all its decimals; `None` where there is none, or it is suppressed.
    pub(super) fn value(&self) -> Option<String> {
        let is_suppressed = self.0.status == ObsStatus::Q;
        let value = self.0.value.filter(|_| !is_suppressed);
        value.map(|value| value.to_string())
    }

    /// The values of [`ATTRIBUTES`].
    pub(super) fn attributes(&self) -> [Cow<'o, str>; ATTRIBUTES.len()] {
        [
            "EUR".into(),
            self.0.unit_mult.to_string().into(),
            self.0.decimals.to_string().into(),
            self.0.status.as_str().into(),
            self.0.conf.as_str().into(),
        ]
    }
}
