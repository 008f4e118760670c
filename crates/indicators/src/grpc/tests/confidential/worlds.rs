//! Two worlds that differ in what is hidden from the public, and in nothing else.

use std::collections::{BTreeMap, BTreeSet};

use regtrade_model::{ConfStatus, Dataflow, Decimal, FigureKey, Finding, Observation};

use super::super::support::*;
use crate::confidential::Mask;

/// A cube of a year: regions, goods and services, two products, three partners, and all sums.
pub(super) fn cube(year: &str, seed: u32) -> Vec<Observation> {
    let mut sums: BTreeMap<FigureKey, i64> = BTreeMap::new();
    let mut number = seed;
    for area in ["BE1", "BE2", "BE3"] {
        for (item, total, products) in [
            ("P61", "P6", ["30", "87"]),
            ("P62", "P6", ["SC", "SJ"]),
            ("P71", "P7", ["30", "87"]),
            ("P72", "P7", ["SC", "SJ"]),
        ] {
            for product in products {
                for partner in ["DE", "FR", "US"] {
                    for activity in ["BTE", "GTI"] {
                        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        let value = 100 + i64::from(number >> 24);
                        for area in [area, "BE"] {
                            for (item, product) in [(item, product), (item, "_T"), (total, "_T")] {
                                for partner in [partner, "W1"] {
                                    let cell = format!("{item}.{area}._T.{product}.{partner}");
                                    *sums.entry(key(&cell, year)).or_default() += value;
                                }
                                if product == "_T" {
                                    let cell = format!("{item}.{area}.{activity}");
                                    *sums.entry(key(&cell, year)).or_default() += value;
                                }
                            }
                        }
                    }
                }
            }
        }
    }
    let observation = |(key, value): (FigureKey, i64)| Observation {
        value: Some(Decimal::new(value, 1)),
        key,
        ..observation("P6.BE", year, "")
    };
    sums.into_iter().map(observation).collect()
}

/// What is confidential in the newest cube.
pub(super) const CONFIDENTIAL: [&str; 5] = [
    "P61.BE2._T.87.FR",
    "P62.BE3._T.SJ.US",
    "P72.BE1.BTE",
    "P71.BE2",
    "P6.BE1...DE",
];

/// Two releases of national accounts, the second with confidential cells, and a year of foreign-trade statistics.
pub(super) fn world() -> [Submission; 3] {
    let mut first = cube("2022", 1);
    first.extend(cube("2023", 2));
    let mut second = cube("2023", 3);
    for observation in &mut second {
        if CONFIDENTIAL
            .iter()
            .any(|cell| key(cell, "2023") == observation.key)
        {
            observation.conf = ConfStatus::O;
        }
    }
    let months = (1..=12).map(|month| {
        let value = if month == 3 { "1000.0c" } else { "1000.0" };
        observation("P61.BE2....NAT", &format!("2023-{month:02}"), value)
    });
    let mut second = submission(Dataflow::Regtrd, 2, second);
    second.release.findings = vec![Finding {
        rule: "sum.areas".to_owned(),
        verdict: "provably_inconsistent".to_owned(),
        cells: vec!["P71.BE2.level.2023".to_owned()],
        expected: "1".to_owned(),
        found: second
            .observations
            .values()
            .flatten()
            .map(|o| format!("{:?}", o.value))
            .collect(),
        explanation: String::new(),
    }];
    [
        submission(Dataflow::Regtrd, 1, first),
        second,
        submission(Dataflow::Exttrade, 3, months.collect()),
    ]
}

pub(super) fn masked(release: &Submission) -> BTreeSet<FigureKey> {
    let slices = release.observations.values();
    let hidden = slices.flat_map(|slice| {
        let mask = Mask::of(slice, &BTreeSet::new());
        let mut shown = slice.clone();
        shown
            .iter_mut()
            .for_each(|observation| mask.apply(observation));
        shown
    });
    hidden
        .filter(|o| o.value.is_none())
        .map(|o| o.key)
        .collect()
}

/// The same world with other values of what is hidden, as large as before to within a hundredth.
pub(super) fn other_world() -> [Submission; 3] {
    let mut world = world();
    for release in &mut world {
        let hidden = masked(release);
        for observation in release.observations.values_mut().flatten() {
            if hidden.contains(&observation.key) {
                observation.value = observation.value.map(|value| value + Decimal::new(1, 2));
                observation.decimals = 2;
            }
        }
        if let Some(finding) = release.release.findings.first_mut() {
            finding.found.push('!');
        }
    }
    world
}
