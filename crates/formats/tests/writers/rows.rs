//! Rows to write: one level, and random observations of both dataflows.

use std::collections::BTreeMap;

use proptest::{collection::vec, prelude::*, sample::select};
use regtrade_model::{
    Area, Code, Concept, ConfStatus, Dataflow, Decimal, FigureKey, Indicator, Item, ObsStatus,
    Observation, Period, Side,
};

pub fn code(words: &'static [&'static str]) -> impl Strategy<Value = Code> {
    select(words).prop_map(|word| word.parse().unwrap())
}

pub fn keys(dataflow: Dataflow) -> impl Strategy<Value = FigureKey> {
    let period = match dataflow {
        Dataflow::Regtrd => (1995..2030_u16).prop_map(|year| year.to_string()).boxed(),
        Dataflow::Exttrade => (2002..2025_u16, 1..13_u8)
            .prop_map(|(year, month)| format!("{year}-{month:02}"))
            .boxed(),
    };
    let concept = match dataflow {
        Dataflow::Regtrd => Just(None).boxed(),
        Dataflow::Exttrade => select(Concept::ALL).prop_map(Some).boxed(),
    };
    (
        select(Item::ALL),
        select(&["BE", "BE1", "BE2", "BE3", "BEZ"][..]),
        code(&["_T", "C29", "G46"]),
        code(&["_T", "SA", "SJ34", "27-A@x$_"]),
        code(&["W1", "DE", "NA"]),
        concept,
        period,
    )
        .prop_map(
            |(item, area, activity, product, counterpart_area, concept, period)| FigureKey {
                item,
                ref_area: area.parse().unwrap(),
                activity,
                product,
                counterpart_area,
                concept,
                indicator: match item.side() {
                    Side::Net => Indicator::Net,
                    _ => Indicator::Level,
                },
                period: period.parse().unwrap(),
            },
        )
}

/// Observations in the order of a file: with every status, and values of every scale.
pub fn observations(dataflow: Dataflow) -> impl Strategy<Value = Vec<Observation>> {
    let value = prop::option::of((any::<i64>(), 0..12_u32));
    let conf = select(ConfStatus::ALL);
    let one = (
        keys(dataflow),
        value,
        0..29_u32,
        0..16_i32,
        any::<prop::sample::Index>(),
        conf,
    );
    vec(one, 1..40).prop_map(|list| {
        let of_missing = ["H", "L", "M", "O", "Q"];
        let by_key: BTreeMap<_, _> = list
            .into_iter()
            .map(|(key, value, decimals, unit_mult, status, conf)| {
                let statuses: Vec<_> = (ObsStatus::ALL.iter())
                    .filter(|status| value.is_none() || !of_missing.contains(&status.as_str()))
                    .collect();
                let observation = Observation {
                    value: value.map(|(digits, scale)| Decimal::new(digits, scale)),
                    decimals,
                    unit_mult,
                    status: *statuses[status.index(statuses.len())],
                    conf,
                    key: key.clone(),
                };
                ((key.period, key), observation)
            })
            .collect();
        by_key.into_values().collect()
    })
}

pub fn level(area: Area, period: &str, value: &str) -> Observation {
    let period: Period = period.parse().unwrap();
    Observation {
        key: FigureKey::overall(Item::P61, area, Indicator::Level, period),
        value: Some(value.parse().unwrap()),
        decimals: 1,
        unit_mult: 6,
        status: ObsStatus::A,
        conf: ConfStatus::F,
    }
}
