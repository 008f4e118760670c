//! Tables made from random true levels: what is only rounded is never accused, what is far off always.
#![allow(clippy::unwrap_used)]

mod common;

use common::{code, shipped};
use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;
use regtrade_audit::{Verdict, audit, bounds, is_possible};
use regtrade_model::{
    Decimal, Indicator, Origin, Period, PrintedCell, Span,
    exact::{cagr, growth, percentage, rational, round, shifted},
};

const YEARS: [u16; 3] = [2021, 2022, 2023];
const REGIONS: [&str; 3] = ["BE1", "BE2", "BE3"];
const ELEMENTS: [&str; 4] = ["P61", "P62", "P71", "P72"];

/// True levels of goods and services by region and year, in thousandths of a million.
#[derive(Debug, Clone)]
struct Truth {
    levels: Vec<i64>,
    decimals: u32,
    /// Which of the possible figures are printed.
    printed: Vec<bool>,
}

impl Truth {
    fn level(&self, item: &str, area: &str, year: u16) -> BigRational {
        let elements: Vec<(usize, i64)> = ELEMENTS
            .iter()
            .enumerate()
            .filter_map(|(at, element)| match item.strip_prefix("B11") {
                Some(kind) if element.starts_with(&format!("P6{kind}")) => Some((at, 1)),
                Some(kind) if element.starts_with(&format!("P7{kind}")) => Some((at, -1)),
                _ => element.starts_with(item).then_some((at, 1)),
            })
            .collect();
        let mut sum = 0;
        for (element, sign) in elements {
            for (region, name) in REGIONS.iter().enumerate() {
                if area == "BE" || *name == area {
                    let year = usize::from(year - YEARS[0]);
                    sum += sign * self.levels[(element * 3 + region) * 3 + year];
                }
            }
        }
        shifted(&BigRational::from_integer(BigInt::from(sum)), 3)
    }

    /// Every figure that a table may print, rounded half away from zero.
    fn table(&self) -> Vec<PrintedCell> {
        let mut cells = Vec::new();
        let year = |year: u16| Period::of_year(year).unwrap();
        let mut print = |item: &str,
                         area: &str,
                         indicator,
                         period: Span,
                         value: Option<Decimal>,
                         decimals,
                         unit_mult| {
            let chosen = self.printed[cells.len() % self.printed.len()];
            cells.push(PrintedCell {
                item: code(item),
                area: code(area),
                indicator,
                period,
                value: value.filter(|_| chosen),
                decimals,
                unit_mult,
                origin: Origin { line: 1, column: 1 },
            });
        };
        let million = |value: &BigRational| round(&shifted(value, -6), self.decimals as i32);
        for item in [
            "P6", "P61", "P62", "P7", "P71", "P72", "B11", "B111", "B112",
        ] {
            for area in ["BE", "BE1", "BE2", "BE3"] {
                let is_net = item.starts_with('B');
                for at in YEARS {
                    let level = self.level(item, area, at);
                    let indicator = if is_net {
                        Indicator::Net
                    } else {
                        Indicator::Level
                    };
                    print(
                        item,
                        area,
                        indicator,
                        year(at).into(),
                        million(&level),
                        self.decimals,
                        6,
                    );
                    let percent = |ratio: Result<BigRational, _>| round(&ratio.ok()?, 1);
                    if is_net {
                        let sides = [item.replace("B11", "P6"), item.replace("B11", "P7")];
                        let [exports, imports] = sides.map(|side| self.level(&side, area, at));
                        let coverage = percent(percentage(&exports, &imports));
                        print(
                            item,
                            area,
                            Indicator::Coverage,
                            year(at).into(),
                            coverage,
                            1,
                            0,
                        );
                        continue;
                    }
                    let country = percent(percentage(&level, &self.level(item, "BE", at)));
                    print(
                        item,
                        area,
                        Indicator::ShareOfCountry,
                        year(at).into(),
                        country,
                        1,
                        0,
                    );
                    let total = percent(percentage(&level, &self.level(&item[..2], area, at)));
                    print(
                        item,
                        area,
                        Indicator::ShareOfTotal,
                        year(at).into(),
                        total,
                        1,
                        0,
                    );
                    if at > YEARS[0] {
                        let before = self.level(item, area, at - 1);
                        let change = percent(growth(&before, &level));
                        print(item, area, Indicator::Growth, year(at).into(), change, 1, 0);
                    }
                }
                if !is_net {
                    let [first, last] = [YEARS[0], YEARS[2]];
                    let average = cagr(
                        &self.level(item, area, first),
                        &self.level(item, area, last),
                        2,
                        1,
                    );
                    let span = Span::between(year(first), year(last)).unwrap();
                    print(item, area, Indicator::Cagr, span, average.ok(), 1, 0);
                }
            }
        }
        cells
    }
}

fn truths() -> impl Strategy<Value = Truth> {
    // Small levels have zeros and wide relative intervals; multiples of 50 lie on the borders of rounding.
    let levels = prop_oneof![
        proptest::collection::vec(0i64..4_000, 36),
        proptest::collection::vec(0i64..100_000_000, 36),
        proptest::collection::vec((0i64..2_000).prop_map(|by| by * 50), 36),
    ];
    let printed = proptest::collection::vec(proptest::bool::weighted(0.35), 97);
    (levels, 0u32..3, printed).prop_map(|(levels, decimals, printed)| Truth {
        levels,
        decimals,
        printed,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_only_rounded_is_never_accused(truth in truths()) {
        let audit = audit(&truth.table(), &shipped());
        prop_assert!(audit.verdict <= Verdict::ExplainedByRounding, "{:?}", audit.findings.first());
    }

    #[test]
    fn a_level_far_off_is_always_caught(truth in truths(), which in any::<prop::sample::Index>(), up in any::<bool>()) {
        let mut table = truth.table();
        // Levels and nets are all printed, so that each is a sum or difference of others or a part of one.
        let complete = Truth { printed: vec![true], ..truth }.table();
        let places: Vec<usize> = (0..table.len())
            .filter(|&at| matches!(table[at].indicator, Indicator::Level | Indicator::Net))
            .collect();
        for &at in &places {
            table[at] = complete[at].clone();
        }
        let at = places[which.index(places.len())];
        let by = Decimal::new(if up { 9 } else { -9 }, table[at].decimals);
        table[at].value = table[at].value.map(|value| value + by);
        prop_assert!(!is_possible(&table, &shipped()), "{:?}", table[at]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_true_level_lies_within_its_bounds(truth in truths()) {
        for bound in bounds(&truth.table(), &shipped()).unwrap() {
            if matches!(bound.indicator, Indicator::Level | Indicator::Net) {
                let year = bound.period.last().year();
                let level = shifted(&truth.level(bound.item.as_str(), bound.area.as_str(), year), -6);
                prop_assert!(rational(bound.lower) <= level && level <= rational(bound.upper), "{bound:?}: {level}");
            }
        }
    }
}
