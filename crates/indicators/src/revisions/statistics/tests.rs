//! Statistics of revisions, against values worked out by hand.

use regtrade_model::{Area, Indicator, Item, ObsStatus, Period, Provenance, Undefined};

use super::*;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// Levels of years as text says: `1.5` is printed, `1..2` lies between, `?` is missing.
fn vintage(release: u32, levels: &[(u16, &str)]) -> Held {
    let figure = |&(year, text): &(u16, &str)| {
        let period = Period::of_year(year).unwrap();
        let (value, decimals) = match text.split_once("..") {
            _ if text == "?" => (FigureValue::Undefined(Undefined::Missing), 1),
            Some((lower, upper)) => {
                let (lower, upper) = (decimal(lower), decimal(upper));
                (FigureValue::Between { lower, upper }, 3)
            }
            None => {
                let value = decimal(text);
                let decimals = i32::try_from(value.scale()).unwrap();
                (FigureValue::Exact(value), decimals)
            }
        };
        Figure {
            key: FigureKey::overall(Item::P61, Area::BE1, Indicator::Level, period),
            value,
            unit_mult: 6,
            decimals,
            provenance: Provenance::Published,
            release: format!("REGTRD-{release}-0123456789abcdef")
                .parse()
                .unwrap(),
            print_differs: None,
            obs_status: ObsStatus::A,
            source: None,
        }
    };
    Held::of(levels.iter().map(figure).collect(), &[], &[], [])
}

fn statistics(vintages: Vec<Held>) -> Vec<Statistics> {
    let editions = (1..).map(|edition: u32| edition.to_string().parse().unwrap());
    of_editions(vintages.into_iter().zip(editions).collect())
}

fn of_editions(vintages: Vec<(Held, Edition)>) -> Vec<Statistics> {
    let mut triangle = Triangle::default();
    for (held, edition) in vintages {
        triangle.add(held, &edition);
    }
    triangle.statistics()
}

#[test]
fn what_another_release_of_the_same_edition_repeats_is_no_revision_of_zero() {
    let edition = |text: &str| text.parse().unwrap();
    let repeated = |second: &str| {
        of_editions(vec![
            (vintage(1, &[(2020, "100.0")]), edition("2020")),
            (vintage(2, &[(2020, second)]), edition("2020")),
        ])
    };
    assert!(repeated("100.0").is_empty());
    assert_eq!(
        text(repeated("100.5")[0].mean),
        "0.50",
        "a correction is one"
    );
    let next_year = of_editions(vec![
        (vintage(1, &[(2020, "100.0")]), edition("2020")),
        (vintage(2, &[(2020, "100.0")]), edition("2021")),
    ]);
    assert_eq!(text(next_year[0].mean), "0.00", "it was looked at again");
}

fn text(value: Option<Decimal>) -> String {
    value.map_or("-".to_owned(), |value| value.to_string())
}

#[test]
fn the_usual_statistics_are_those_worked_out_by_hand() {
    // 2020: 100.0, 101.0, 103.0: R = 3.0; 2021: 200.0, 196.0: R = -4.0; 2022: 50.0, 50.1: R = 0.1; 2023 once.
    let found = statistics(vec![
        vintage(1, &[(2020, "100.0"), (2021, "200.0")]),
        vintage(2, &[(2020, "101.0"), (2021, "196.0"), (2022, "50.0")]),
        vintage(3, &[(2020, "103.0"), (2022, "50.1"), (2023, "9.0")]),
    ]);
    assert_eq!(found.len(), 1);
    let row = &found[0];
    assert_eq!(row.count, 3);
    // (3.0 - 4.0 + 0.1) / 3 = -0.3; each R is known to 0.1, and so is their mean.
    assert_eq!(text(row.mean), "-0.30");
    assert_eq!(row.mean_between, Some((decimal("-0.4"), decimal("-0.2"))));
    // (3.0 + 4.0 + 0.1) / 3 = 2.3667.
    assert_eq!(text(row.mean_absolute), "2.37");
    // 7.1 / (103.0 + 196.0 + 50.1) = 7.1 / 349.1 = 2.0338 %.
    assert_eq!(text(row.relative), "2.03");
    // (9 + 16 + 0.01) / 3 = 8.33667, whose root is 2.88733.
    assert_eq!(text(row.root_mean_square), "2.89");
    assert_eq!(text(row.minimum), "-4.0");
    assert_eq!(text(row.maximum), "3.0");
    // Two of three.
    assert_eq!(text(row.upward_share), "66.7");
    // 0.1 with one decimal may be rounding alone.
    assert_eq!(row.within_rounding, 1);
    assert_eq!(row.p_value, None, "three periods are too few");
    let vintages: Vec<u32> = row.periods.iter().map(|p| p.vintages).collect();
    assert_eq!(vintages, [3, 2, 2], "2023 is in one vintage, and left out");
    assert_eq!(text(row.periods[0].change), "3.0");
    assert_eq!(
        row.periods[0].between,
        Some((decimal("2.9"), decimal("3.1")))
    );
}

#[test]
fn what_is_known_by_its_bounds_alone_counts_in_no_number() {
    let found = statistics(vec![
        vintage(1, &[(2020, "10..12"), (2021, "100.0"), (2022, "1..2")]),
        vintage(2, &[(2020, "15.0"), (2021, "102.0"), (2022, "7.0")]),
        vintage(3, &[(2022, "8.0")]),
    ]);
    let row = &found[0];
    assert_eq!(row.count, 2, "2021, and 2022 as it was first given");
    assert_eq!(text(row.mean), "1.50", "(2 + 1) / 2");
    assert_eq!(row.periods[0].change, None);
    assert_eq!(
        row.periods[0].between,
        Some((decimal("2.95"), decimal("5.05")))
    );
    assert_eq!(text(row.periods[2].change), "1.0");

    let bounds = statistics(vec![
        vintage(1, &[(2020, "10..12")]),
        vintage(2, &[(2020, "11..13")]),
    ]);
    let row = &bounds[0];
    assert_eq!((row.count, row.mean, row.mean_between), (0, None, None));
    assert_eq!((row.relative, row.upward_share), (None, None));
    assert_eq!(row.periods.len(), 1);
}

#[test]
fn what_a_later_release_leaves_standing_or_prints_as_missing_is_no_revision() {
    // The second vintage still has the figure of the first release; the third prints it as missing.
    let found = statistics(vec![
        vintage(1, &[(2020, "100.0")]),
        vintage(1, &[(2020, "100.0")]),
        vintage(3, &[(2020, "?")]),
    ]);
    assert!(found.is_empty());
}

#[test]
fn a_ratio_to_nothing_is_none() {
    let found = statistics(vec![
        vintage(1, &[(2020, "1.0")]),
        vintage(2, &[(2020, "0.0")]),
    ]);
    assert_eq!(found[0].relative, None);
    assert_eq!(text(found[0].mean), "-1.00");
}

#[test]
fn ten_periods_have_a_p_value() {
    let years: Vec<u16> = (2010..2020).collect();
    let of = |values: [&'static str; 10]| -> Vec<(u16, &'static str)> {
        years.iter().copied().zip(values).collect()
    };
    let found = statistics(vec![
        vintage(1, &of(["10"; 10])),
        // The revisions of the test of the p-value itself: 1 to 5, twice.
        vintage(
            2,
            &of(["11", "12", "13", "14", "15", "11", "12", "13", "14", "15"]),
        ),
    ]);
    assert_eq!(text(found[0].p_value), "0.0002");
    assert_eq!(text(found[0].upward_share), "100.0");
}

#[test]
fn a_root_is_rounded_exactly() {
    for (square, decimals, expected) in [
        ("2", 3, "1.414"),
        ("0.0625", 1, "0.3"),
        ("0.0624999999", 1, "0.2"),
        ("22500", -2, "200"),
        ("22499.9999", -2, "100"),
        ("0", 2, "0.00"),
    ] {
        let square = exact::rational(square.parse().unwrap());
        assert_eq!(root(&square, decimals).unwrap().to_string(), expected);
    }
}
