//! What masks hide: by example, and for random cubes checked by an independent argument.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;
use num_traits::{One, Zero};
use proptest::prelude::*;
use regtrade_model::{Area, Code, Decimal, Indicator, Item, Period};

use super::*;

fn key(item: &str, area: &str, activity: &str, product: &str, partner: &str) -> FigureKey {
    let year = Period::of_year(2024).unwrap();
    FigureKey {
        activity: activity.parse::<Code>().unwrap(),
        product: product.parse().unwrap(),
        counterpart_area: partner.parse().unwrap(),
        ..FigureKey::overall(
            item.parse::<Item>().unwrap(),
            area.parse::<Area>().unwrap(),
            Indicator::Level,
            year,
        )
    }
}

fn observation(key: FigureKey, value: i64, conf: ConfStatus) -> Observation {
    Observation {
        key,
        value: Some(Decimal::from(value)),
        decimals: 0,
        unit_mult: 6,
        status: ObsStatus::A,
        conf,
    }
}

/// The keys that are hidden of cells `(key, value)`, some of them confidential.
fn hidden(
    cells: &[(FigureKey, i64)],
    confidential: &[usize],
    printed: &[usize],
) -> BTreeSet<FigureKey> {
    let slice: Vec<Observation> = cells
        .iter()
        .enumerate()
        .map(|(at, (key, value))| {
            let conf = if confidential.contains(&at) {
                ConfStatus::C
            } else {
                ConfStatus::F
            };
            observation(key.clone(), *value, conf)
        })
        .collect();
    let printed = printed.iter().map(|&at| cells[at].0.clone()).collect();
    Mask::of(&slice, &printed).0
}

fn by_partner(partners: &[(&str, i64)]) -> Vec<(FigureKey, i64)> {
    let cell = |(partner, value): &(&str, i64)| (key("P62", "BE2", "_T", "SA", partner), *value);
    partners.iter().map(cell).collect()
}

fn partners(found: &BTreeSet<FigureKey>) -> Vec<&str> {
    found
        .iter()
        .map(|key| key.counterpart_area.as_str())
        .collect()
}

#[test]
fn the_total_of_one_confidential_part_is_hidden_with_it() {
    let cells = by_partner(&[("W1", 7), ("FR", 7)]);
    assert_eq!(partners(&hidden(&cells, &[1], &[])), ["FR", "W1"]);
}

#[test]
fn the_total_goes_first_and_where_it_is_printed_the_smallest_part() {
    let cells = by_partner(&[("W1", 60), ("FR", 10), ("DE", 30), ("NL", 0), ("US", 20)]);
    assert_eq!(partners(&hidden(&cells, &[1], &[])), ["FR", "W1"]);
    // A cell that is zero can be guessed.
    assert_eq!(partners(&hidden(&cells, &[1], &[0])), ["FR", "US"]);
    // What is printed is public, confidential or not.
    assert!(hidden(&cells, &[0], &[0]).is_empty());
    assert!(hidden(&cells, &[], &[]).is_empty());
}

#[test]
fn what_the_press_shows_is_hidden_last() {
    let overall = |partner, value| (key("P62", "BE2", "_T", "_T", partner), value);
    let cells = [
        overall("W1", 60),
        overall("FR", 10),
        overall("DE", 30),
        overall("US", 20),
    ];
    assert_eq!(partners(&hidden(&cells, &[1], &[])), ["FR", "US"]);
    assert_eq!(
        partners(&hidden(&cells[..2], &[1], &[])),
        ["FR", "W1"],
        "there is no other"
    );
}

#[test]
fn a_group_does_not_give_its_member_away() {
    // Croatia joined the euro area in 2023: the group and the rest of it leave Croatia.
    let cells = by_partner(&[("W1", 100), ("U2", 60), ("FR", 50), ("HR", 10), ("US", 40)]);
    let found = hidden(&cells, &[3], &[]);
    assert!(
        found.len() > 2 && partners(&found).contains(&"U2"),
        "{:?}",
        partners(&found)
    );
    // Without countries the groups themselves add up to the world.
    let cells = by_partner(&[("W1", 100), ("U2", 60), ("B6_X_U2", 15), ("D6", 25)]);
    assert_eq!(partners(&hidden(&cells, &[1], &[])), ["U2", "W1"]);
    let cells = by_partner(&[("W1", 100), ("B6", 75), ("D6", 25)]);
    assert_eq!(hidden(&cells, &[1], &[]).len(), 2);
    // A group and all others are the world, and a part of the others stays what it is.
    let cells = by_partner(&[("W1", 100), ("U2", 60), ("U4", 40), ("D6", 25)]);
    assert_eq!(partners(&hidden(&cells, &[1], &[])), ["U2", "W1"]);
}

#[test]
fn goods_are_protected_below_the_last_level_of_the_list() {
    let cell = |product: &str, value| (key("P61", "BE2", "_T", product, "FR"), value);
    let cells = [
        cell("87", 10),
        cell("8703", 8),
        cell("87032319", 8),
        cell("8708", 2),
    ];
    // 87 = 8703 + 8708, 8703 = 87032319.
    let found = hidden(&cells, &[2], &[]);
    let products: Vec<&str> = found.iter().map(|key| key.product.as_str()).collect();
    assert_eq!(products, ["87", "8703", "87032319"]);
}

#[test]
fn other_ways_to_split_and_aggregates_are_equations_too() {
    let by_product = |products: &[(&str, i64)]| -> Vec<(FigureKey, i64)> {
        let cell =
            |(product, value): &(&str, i64)| (key("P62", "BE2", "_T", product, "FR"), *value);
        products.iter().map(cell).collect()
    };
    let cells = by_product(&[("SD", 10), ("SD1", 4), ("SD2", 6)]);
    assert_eq!(
        hidden(&cells, &[1], &[]).len(),
        2,
        "travel is split by what was bought"
    );
    let activity = |activity: &str, value| (key("P62", "BE2", activity, "SA", "FR"), value);
    let cells = [
        activity("LTN", 10),
        activity("L", 4),
        activity("M_N", 6),
        activity("K", 3),
    ];
    assert_eq!(hidden(&cells, &[1], &[]).len(), 2, "LTN is L and M_N");
}

#[test]
fn exports_imports_and_net_exports_do_not_give_each_other_away() {
    let cell = |item: &str, value| (key(item, "BE2", "C29", "_T", "FR"), value);
    for confidential in 0..3 {
        let cells = [cell("P61", 10), cell("P71", 4), cell("B111", 6)];
        assert_eq!(hidden(&cells, &[confidential], &[]).len(), 2);
        let cells = [cell("P6", 10), cell("P61", 4), cell("P62", 6)];
        assert_eq!(hidden(&cells, &[confidential], &[]).len(), 2);
    }
    let cells = [cell("P6", 10), cell("P61", 4)];
    assert_eq!(
        hidden(&cells, &[1], &[]).len(),
        1,
        "what is left of P6 is not known"
    );
}

#[test]
fn a_slice_of_too_many_unknowns_is_hidden_whole() {
    let product = |at: u32| format!("{:08}", 87_000_000 + at);
    let mut cells: Vec<(FigureKey, i64)> = (0..2_500)
        .map(|at| (key("P61", "BE2", "_T", &product(at), "FR"), 1))
        .collect();
    cells.push((key("P61", "BE2", "_T", "87", "FR"), 2_500));
    let confidential: Vec<usize> = (0..2_400).collect();
    assert_eq!(hidden(&cells, &confidential, &[]).len(), cells.len());
}

#[test]
fn a_hidden_observation_says_nothing_but_that() {
    let key = key("P62", "BE2", "_T", "SA", "FR");
    let (a, b) = (
        observation(key.clone(), 7, ConfStatus::O),
        observation(key.clone(), 123_456, ConfStatus::F),
    );
    let mask = Mask(BTreeSet::from([key]));
    let [a, b] = [
        Observation {
            decimals: 3,
            unit_mult: 3,
            status: ObsStatus::P,
            ..a
        },
        b,
    ]
    .map(|mut o| {
        mask.apply(&mut o);
        o
    });
    assert_eq!(a, b);
    assert_eq!((a.value, a.status), (None, ObsStatus::Q));
}

/// The atoms of a small world: what no cell is finer than. A cell is a set of them.
fn atoms() -> Vec<[&'static str; 5]> {
    let mut atoms = vec![];
    for area in ["BE1", "BE2"] {
        for activity in ["A", "F"] {
            for partner in ["FR", "HR", "US"] {
                for [item, product] in [["P61", "87"], ["P62", "SA"], ["P62", "SJ"]] {
                    atoms.push([item, area, activity, product, partner]);
                }
            }
        }
    }
    atoms
}

/// The codes that a code of an atom is in, itself included.
fn above(code: &str) -> &'static [&'static str] {
    match code {
        "BE1" => &["BE1", "BE"],
        "BE2" => &["BE2", "BE"],
        "A" => &["A", "_T"],
        "F" => &["F", "_T"],
        "FR" => &["FR", "W1", "U2", "B6"],
        "HR" => &["HR", "W1", "U2", "B6"],
        "US" => &["US", "W1", "D6", "U4"],
        _ => unreachable!(),
    }
}

/// Every cell of the world, with the atoms that it is made of.
fn cells() -> BTreeMap<FigureKey, BTreeSet<usize>> {
    let mut cells: BTreeMap<FigureKey, BTreeSet<usize>> = BTreeMap::new();
    for (at, [item, area, activity, product, partner]) in atoms().into_iter().enumerate() {
        let items = [(item, product), (item, "_T"), ("P6", "_T")];
        for (item, product) in items {
            for area in above(area) {
                for activity in above(activity) {
                    for partner in above(partner) {
                        let key = key(item, area, activity, product, partner);
                        cells.entry(key).or_default().insert(at);
                    }
                }
            }
        }
    }
    cells
}

/// Whether a set of atoms follows from others: its vector is a combination of theirs, by elimination over rationals.
fn follows(target: &BTreeSet<usize>, shown: &[&BTreeSet<usize>]) -> bool {
    let size = atoms().len();
    let vector = |set: &BTreeSet<usize>| -> Vec<BigRational> {
        let of = |at| {
            if set.contains(&at) {
                BigRational::one()
            } else {
                BigRational::zero()
            }
        };
        (0..size).map(of).collect()
    };
    let mut basis: Vec<(usize, Vec<BigRational>)> = vec![];
    let reduce = |mut row: Vec<BigRational>, basis: &[(usize, Vec<BigRational>)]| {
        for (pivot, of) in basis {
            let factor = row[*pivot].clone();
            if !factor.is_zero() {
                row.iter_mut().zip(of).for_each(|(a, b)| *a -= &factor * b);
            }
        }
        row
    };
    for set in shown {
        let row = reduce(vector(set), &basis);
        if let Some(pivot) = row.iter().position(|a| !a.is_zero()) {
            let first = row[pivot].clone();
            basis.push((pivot, row.into_iter().map(|a| a / &first).collect()));
        }
    }
    reduce(vector(target), &basis).iter().all(Zero::is_zero)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// A world of which some atoms have no trade and some cells are not told, some cells confidential: none of these
    /// is a combination of the cells that are shown.
    #[test]
    fn no_confidential_cell_follows_from_what_is_shown(
        empty in prop::collection::btree_set(0..36usize, 0..20),
        untold in prop::collection::btree_set(0..1000usize, 0..200),
        confidential in prop::collection::vec(0..1000usize, 1..5),
        values in prop::collection::vec(0..50i64, 36),
    ) {
        let world: Vec<(FigureKey, BTreeSet<usize>)> = cells()
            .into_iter()
            .map(|(key, of)| (key, of.difference(&empty).copied().collect::<BTreeSet<_>>()))
            .filter(|(_, of)| !of.is_empty())
            .enumerate()
            .filter(|(at, _)| !untold.contains(at))
            .map(|(_, cell)| cell)
            .collect();
        prop_assume!(!world.is_empty());
        let valued: Vec<(FigureKey, i64)> = world
            .iter()
            .map(|(key, of)| (key.clone(), of.iter().map(|&at| values[at]).sum()))
            .collect();
        let confidential: Vec<usize> = confidential.iter().map(|at| at % world.len()).collect();
        let found = hidden(&valued, &confidential, &[]);
        let shown: Vec<&BTreeSet<usize>> = world
            .iter()
            .filter(|(key, _)| !found.contains(key))
            .map(|(_, of)| of)
            .collect();
        for at in confidential {
            prop_assert!(found.contains(&world[at].0));
            prop_assert!(!follows(&world[at].1, &shown), "{} of {}", world[at].0, world.len());
        }
    }
}
