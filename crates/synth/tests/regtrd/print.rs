//! Each figure that the table of the release of 2024 prints follows from the levels.

use regtrade_model::{Area, Decimal, Indicator, Item, Side, Span, exact};

use super::*;

const PRINT: &str = include_str!("../../../../tests/data/regtrd-2024.csv");

/// In million euro.
fn exact(euros: i128) -> num_rational::BigRational {
    exact::rational(Decimal::from_i128_with_scale(euros, 6))
}

/// What the levels give for a printed figure, rounded as it is printed.
fn computed(levels: &Levels, item: Item, area: Area, indicator: Indicator, span: Span) -> Decimal {
    let year = span.last().year();
    let of = |item, area, year| exact(level(levels, item, area, Part::Whole, year));
    let own = of(item, area, year);
    let value = match indicator {
        Indicator::Level => own,
        Indicator::Net => {
            of(item.on(Side::Exports), area, year) - of(item.on(Side::Imports), area, year)
        }
        Indicator::ShareOfCountry => {
            exact::percentage(&own, &of(item, area.country(), year)).unwrap()
        }
        Indicator::ShareOfTotal => exact::percentage(&own, &of(item.total(), area, year)).unwrap(),
        Indicator::Growth => exact::growth(&of(item, area, year - 1), &own).unwrap(),
        Indicator::Cagr => {
            let first = span.first().unwrap().year();
            let first = of(item, area, first);
            return exact::cagr(&first, &own, span.years().unwrap(), 1).unwrap();
        }
        other => panic!("{other} is not in the table"),
    };
    exact::round(&value, 1).unwrap()
}

#[test]
fn all_printed_figures_follow_from_the_levels_whatever_the_seed() {
    for seed in [1, 2, 3, 42, u64::MAX] {
        let made = levels(&RegtrdOptions {
            seed,
            ..RegtrdOptions::default()
        });
        let mut count = 0;
        for line in PRINT.lines().skip(1) {
            let [item, area, indicator, period, value, decimals] =
                *line.split(',').collect::<Vec<_>>()
            else {
                panic!("{line}");
            };
            assert_eq!(decimals, "1");
            let computed = computed(
                &made,
                item.parse().unwrap(),
                area.parse().unwrap(),
                indicator.parse().unwrap(),
                period.parse().unwrap(),
            );
            assert_eq!(computed, value.parse().unwrap(), "seed {seed}: {line}");
            count += 1;
        }
        assert_eq!(count, 204);
    }
}

#[test]
fn a_later_vintage_revises_three_years_and_no_total_before() {
    let first = levels(&RegtrdOptions::default());
    let later = levels(&RegtrdOptions {
        vintage: 1,
        ..RegtrdOptions::default()
    });
    for area in [Area::BE1, Area::BE2, Area::BE3, Area::BE] {
        for item in Item::ALL.iter().filter(|item| item.side() != Side::Net) {
            for year in 2019..=2024 {
                let of = |levels| level(levels, *item, area, Part::Whole, year);
                let (before, after) = (of(&first), of(&later));
                assert_eq!(before == after, year < 2022, "{item} {area} {year}");
                let change = (after - before).abs();
                assert!(change * 1000 <= before * 15, "{item} {area} {year}");
            }
        }
    }
    let year_of = |levels: &Levels, year| -> Levels {
        let of_year = levels.iter().filter(|(place, _)| place.5 == year);
        of_year
            .map(|(place, value)| (place.clone(), *value))
            .collect()
    };
    assert_eq!(year_of(&first, 2019), year_of(&later, 2019));
    let changed_years: Vec<u16> = (2019..=2021)
        .filter(|&year| year_of(&first, year) != year_of(&later, year))
        .collect();
    assert!(!changed_years.is_empty(), "older cells are revised too");
    let (before, after) = (year_of(&first, 2023), year_of(&later, 2023));
    let gone = before
        .keys()
        .filter(|place| !after.contains_key(place))
        .count();
    let new = after
        .keys()
        .filter(|place| !before.contains_key(place))
        .count();
    assert!((1..200).contains(&gone), "{gone}");
    assert!((1..200).contains(&new), "{new}");
}
