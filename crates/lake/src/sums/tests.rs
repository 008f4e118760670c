//! Sums of rows.

mod kept;

use std::collections::BTreeSet;

use proptest::prelude::*;
use regtrade_model::{
    Area, Code, Concept, ConfStatus, Decimal, FigureKey, Indicator, Item, ObsStatus, Observation,
    Period,
};

use super::{Partners, Products, Step, SumLevel, Sums, SumsAsked, SumsWriter};

fn month(year: u16, month: u8) -> Period {
    Period::of_month(year, month).unwrap()
}

fn code(text: &str) -> Code {
    text.parse().unwrap()
}

/// Exports of Flanders, as `PRODUCT PARTNER`.
fn row(cell: &str, period: Period, value: Option<&str>) -> Observation {
    let (product, partner) = cell.split_once(' ').unwrap();
    Observation {
        key: FigureKey {
            item: Item::P61,
            ref_area: Area::BE2,
            activity: Code::total(),
            product: code(product),
            counterpart_area: code(partner),
            concept: Some(Concept::Nat),
            indicator: Indicator::Level,
            period: period.into(),
        },
        value: value.map(|value| value.parse().unwrap()),
        decimals: 2,
        unit_mult: 6,
        status: if value.is_some() {
            ObsStatus::A
        } else {
            ObsStatus::Q
        },
        conf: ConfStatus::F,
    }
}

fn asked(products: Products, partners: Partners, step: Step) -> SumsAsked {
    SumsAsked {
        items: BTreeSet::new(),
        areas: BTreeSet::new(),
        concept: None,
        products,
        partners,
        step,
    }
}

fn sums(rows: &[Observation], asked: &SumsAsked) -> Sums {
    let periods = rows.iter().map(|row| row.key.period.last());
    let mut writer = SumsWriter::new(periods, asked);
    rows.iter().for_each(|row| writer.push(row));
    writer.finish().unwrap()
}

/// Each cell as `PRODUCT PARTNER`, with what it has of each period.
fn shown(sums: &Sums) -> Vec<(String, Vec<String>)> {
    let level = |level: &Option<SumLevel>| match level {
        None => "-".to_owned(),
        Some(SumLevel {
            value: None,
            status,
            ..
        }) => status.to_string(),
        Some(SumLevel {
            value: Some(value), ..
        }) => value.to_string(),
    };
    let series = sums.series.iter().map(|series| {
        let cell = format!("{} {}", series.product, series.counterpart_area);
        (cell, series.levels.iter().map(level).collect())
    });
    series.collect()
}

fn is(found: &Sums, expected: &[(&str, &[&str])]) {
    let expected: Vec<(String, Vec<String>)> = expected
        .iter()
        .map(|(cell, levels)| {
            let levels = levels.iter().map(ToString::to_string);
            ((*cell).to_owned(), levels.collect())
        })
        .collect();
    assert_eq!(shown(found), expected);
}

#[test]
fn detail_adds_up_to_coarser_products_and_to_the_world() {
    let at = month(2024, 1);
    let rows = [
        row("30021200 FR", at, Some("1.25")),
        row("30021300 FR", at, Some("2")),
        row("30029000 DE", at, Some("4")),
        row("84011000 DE", at, Some("8")),
        // A group of partners is no part of the world, and an activity has parts of its own.
        row("84011000 B6_X_U2", at, Some("100")),
    ];
    let of = |products, partners| sums(&rows, &asked(products, partners, Step::Period));
    is(
        &of(Products::Total, Partners::World),
        &[("_T W1", &["15.25"])],
    );
    is(
        &of(Products::Total, Partners::Each),
        &[("_T DE", &["12"]), ("_T FR", &["3.25"])],
    );
    is(
        &of(Products::Digits(2), Partners::World),
        &[("30 W1", &["7.25"]), ("84 W1", &["8"])],
    );
    is(
        &of(Products::Digits(4), Partners::World),
        &[("3002 W1", &["7.25"]), ("8401 W1", &["8"])],
    );
    is(
        &of(Products::Digits(6), Partners::Codes([code("FR")].into())),
        &[("300212 FR", &["1.25"]), ("300213 FR", &["2"])],
    );
    is(
        &of(
            Products::Codes([code("_T"), code("30"), code("300290"), code("x")].into()),
            Partners::Codes([code("W1"), code("DE")].into()),
        ),
        &[
            ("30 DE", &["4"]),
            ("30 W1", &["7.25"]),
            ("300290 DE", &["4"]),
            ("300290 W1", &["4"]),
            ("_T DE", &["12"]),
            ("_T W1", &["15.25"]),
        ],
    );
}

#[test]
fn what_is_observed_stands_in_place_of_its_sum_and_what_is_unknown_makes_sums_unknown() {
    let (one, two) = (month(2024, 1), month(2024, 2));
    let rows = [
        row("30021200 FR", one, Some("1")),
        row("_T W1", one, Some("1.5")),
        row("30021200 FR", two, Some("2")),
        row("84011000 FR", two, None),
    ];
    let of = |products| sums(&rows, &asked(products, Partners::World, Step::Period));
    is(&of(Products::Total), &[("_T W1", &["1.5", "Q"])]);
    is(
        &of(Products::Digits(2)),
        &[("30 W1", &["1", "2"]), ("84 W1", &["-", "Q"])],
    );
}

#[test]
fn a_year_is_the_sum_of_twelve_months_and_what_is_not_among_their_detail_is_zero() {
    let year = |year| (1..=12).map(move |at| month(year, at));
    let mut rows: Vec<Observation> = year(2023)
        .chain(year(2024))
        .map(|at| row("30021200 FR", at, Some("1")))
        .collect();
    rows.push(row("84011000 DE", month(2024, 3), Some("5")));
    let asked = |products, partners| asked(products, partners, Step::Year);
    let chapters = asked(Products::Digits(2), Partners::World);
    is(
        &sums(&rows, &chapters),
        &[("30 W1", &["12", "12"]), ("84 W1", &["0", "5"])],
    );
    // Eleven months are no year.
    let fewer: Vec<Observation> = rows[1..].to_vec();
    is(
        &sums(&fewer, &chapters),
        &[("30 W1", &["O", "12"]), ("84 W1", &["-", "5"])],
    );
    // Of a month without detail nobody knows what was not traded.
    let coarse: Vec<Observation> = year(2024)
        .map(|at| row("30 W1", at, Some("1")))
        .chain([row("84 W1", month(2024, 3), Some("5"))])
        .collect();
    is(
        &sums(&coarse, &chapters),
        &[("30 W1", &["12"]), ("84 W1", &["O"])],
    );
}

#[test]
fn what_nothing_is_added_up_to_is_as_it_was_observed_and_never_zero() {
    let year = |year| (1..=12).map(move |at| month(year, at));
    let mut rows: Vec<Observation> = year(2023)
        .chain(year(2024))
        .map(|at| row("30021200 FR", at, Some("1")))
        .collect();
    rows.extend(year(2024).map(|at| row("_T D6", at, Some("2"))));
    rows.extend(year(2024).skip(1).map(|at| row("VI W1", at, Some("3"))));
    let partners = asked(Products::Total, Partners::Each, Step::Year);
    is(
        &sums(&rows, &partners),
        &[("_T D6", &["-", "24"]), ("_T FR", &["12", "12"])],
    );
    let sections = Products::Codes([code("VI")].into());
    is(
        &sums(&rows, &asked(sections, Partners::World, Step::Year)),
        &[("VI W1", &["-", "O"])],
    );
}

#[test]
fn a_sum_that_has_no_room_is_refused() {
    let at = month(2024, 1);
    let large = "7922816251426433759354395033";
    let rows = [
        row("30021200 FR", at, Some(large)),
        row("30021200 DE", at, Some(large)),
    ];
    let mut writer = SumsWriter::new([at], &asked(Products::Total, Partners::World, Step::Period));
    rows.iter().for_each(|row| writer.push(row));
    assert!(writer.finish().is_err());
}

fn any_row() -> impl Strategy<Value = Observation> {
    let product = prop::sample::select(vec![
        "30021200", "30021300", "30029000", "84011000", "30", "3002", "300212", "_T",
    ]);
    let partner = prop::sample::select(vec!["FR", "DE", "US", "W1", "B6_X_U2"]);
    let value = prop::option::weighted(0.9, -1_000_000i64..1_000_000);
    (product, partner, 2023u16..=2024, 1u8..=12, value, 0u32..4).prop_map(
        |(product, partner, year, at, value, decimals)| Observation {
            value: value.map(|value| Decimal::new(value, decimals)),
            decimals,
            ..row(&format!("{product} {partner}"), month(year, at), None)
        },
    )
}

proptest! {
    /// However the rows are cut into partitions, and in whatever order they come.
    #[test]
    fn sums_are_the_same_for_any_partitions_and_any_order(
        rows in prop::collection::vec(any_row(), 0..60),
        turn in 0usize..60,
        digits in prop::sample::select(vec![0usize, 2, 4, 6, 8]),
        each in any::<bool>(),
        year in any::<bool>(),
    ) {
        let rows: Vec<Observation> = rows
            .into_iter()
            .map(|row| (row.key.clone(), row))
            .collect::<std::collections::BTreeMap<_, _>>()
            .into_values()
            .collect();
        let products = if digits == 0 { Products::Total } else { Products::Digits(digits) };
        let partners = if each { Partners::Each } else { Partners::World };
        let step = if year { Step::Year } else { Step::Period };
        let asked = asked(products, partners, step);
        let expected = sums(&rows, &asked);
        let mut turned = rows.clone();
        turned.rotate_left(turn % rows.len().max(1));
        if turn % 2 == 1 {
            turned.reverse();
        }
        let periods: BTreeSet<Period> = rows.iter().map(|row| row.key.period.last()).collect();
        for partitions in [1, 2, 7] {
            let mut writers: Vec<SumsWriter> = (0..partitions)
                .map(|_| SumsWriter::new(periods.iter().copied(), &asked))
                .collect();
            for (at, row) in turned.iter().enumerate() {
                writers[at % partitions].push(row);
            }
            let whole = writers.into_iter().reduce(SumsWriter::merged).unwrap();
            prop_assert_eq!(&whole.finish().unwrap(), &expected);
        }
    }
}
