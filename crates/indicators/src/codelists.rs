//! What a vintage has of each code of a list.

use std::{collections::HashMap, sync::Arc};

use futures::TryStreamExt as _;
use regtrade_model::{Code, Concept, KeyPattern, Kind, Observation, Period};
use regtrade_service::Failure;

use crate::{masked::Stock, vintage::Chosen};

/// How many observations have a code, and of when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Availability {
    pub(crate) observations: u64,
    pub(crate) first: Period,
    pub(crate) last: Period,
}

/// What a vintage has of each code, by list.
#[derive(Debug, Default)]
pub(crate) struct Counts(HashMap<&'static str, HashMap<Code, Availability>>);

/// What a vintage has of each code. Observations that are hidden from the caller are there and count.
///
/// # Errors
/// Where the lake cannot be read.
pub(crate) async fn counts(vintage: &Chosen, stock: &Stock) -> Result<Arc<Counts>, Failure> {
    let seen = vintage.seen();
    if let Some(found) = stock.counts.get(&seen) {
        return Ok(found);
    }
    let mut counts = Counts::default();
    // Some at a time, so that no more is in memory.
    let mut scan = Box::pin(vintage.scan(stock, KeyPattern::default(), &|_| true));
    while let Some(observations) = scan.try_next().await? {
        for (_, observation) in &observations {
            counts.add(observation);
        }
    }
    let counts = Arc::new(counts);
    stock.counts.keep(seen, &counts);
    Ok(counts)
}

impl Counts {
    /// What there is of a code of a list.
    pub(crate) fn of(&self, list: &str, code: &Code) -> Option<Availability> {
        self.0.get(list)?.get(code).copied()
    }

    fn add(&mut self, observation: &Observation) {
        let key = &observation.key;
        let period = key.period.last();
        let products: &[&str] = match key.item.kind() {
            Kind::Goods => &[GOODS],
            Kind::Services => &[SERVICES],
            Kind::Total => &[GOODS, SERVICES],
        };
        let word = |text: &str| text.parse::<Code>().ok();
        let fixed = [
            ("CL_AREA", Some(key.ref_area.into())),
            ("CL_ITEM", Some(key.item.into())),
            ("CL_ACTIVITY", Some(key.activity.clone())),
            ("CL_COUNTERPART_AREA", Some(key.counterpart_area.clone())),
            ("CL_FREQ", word(period.frequency())),
            (
                "CL_CONCEPT",
                key.concept.map(Concept::as_str).and_then(word),
            ),
            ("CL_UNIT", word("EUR")),
            ("CL_OBS_STATUS", word(observation.status.as_str())),
            ("CL_CONF_STATUS", word(observation.conf.as_str())),
        ];
        let products = products
            .iter()
            .map(|list| (*list, Some(key.product.clone())));
        for (list, code) in fixed.into_iter().chain(products) {
            let Some(code) = code else { continue };
            let of = self.0.entry(list).or_default();
            let found = of.entry(code).or_insert(Availability {
                observations: 0,
                first: period,
                last: period,
            });
            found.observations += 1;
            found.first = found.first.min(period);
            found.last = found.last.max(period);
        }
    }
}

const GOODS: &str = "CL_PRODUCT_GOODS";
const SERVICES: &str = "CL_PRODUCT_SERVICES";
