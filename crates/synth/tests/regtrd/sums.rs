//! What adds up, in every direction, to the euro.

use std::collections::BTreeSet;

use proptest::prelude::*;
use regtrade_model::{Code, Codelist, Kind, Side, codelist, members};

use super::*;

/// What a cell is a part of in each direction in which the data go: the keys that the sums are checked at.
fn wholes(place: &Place, present: &Present) -> Vec<(&'static str, Place)> {
    let (item, area, activity, product, partner, year) = place.clone();
    let mut wholes = vec![];
    if !area.is_country() {
        let whole = (
            item,
            area.country(),
            activity.clone(),
            product.clone(),
            partner.clone(),
            year,
        );
        wholes.push(("areas", whole));
    }
    if item.kind() != Kind::Total && product == "_T" && (activity == "_T" || partner == "W1") {
        let whole = (
            item.total(),
            area,
            activity.clone(),
            product.clone(),
            partner.clone(),
            year,
        );
        wholes.push(("items", whole));
    }
    if let Some(above) = above(
        codelist("CL_ACTIVITY").unwrap(),
        &activity,
        &present.activities,
    ) {
        let whole = (item, area, above, product.clone(), partner.clone(), year);
        wholes.push(("activities", whole));
    }
    if let Some(above) = above(
        codelist("CL_PRODUCT_SERVICES").unwrap(),
        &product,
        &present.products,
    ) {
        let whole = (item, area, activity.clone(), above, partner.clone(), year);
        wholes.push(("products", whole));
    }
    if partner != "W1" {
        let whole = (item, area, activity, product, "W1".to_owned(), year);
        wholes.push(("partners", whole));
    }
    wholes
}

struct Present {
    activities: BTreeSet<String>,
    products: BTreeSet<String>,
}

/// The nearest code above that the data have.
fn above(list: &Codelist, code: &str, present: &BTreeSet<String>) -> Option<String> {
    list.ancestry(code)
        .skip(1)
        .map(|entry| entry.code.to_string())
        .find(|above| present.contains(above))
}

/// Adds every cell to each of its wholes and compares.
fn check(options: &RegtrdOptions) -> Result<usize, TestCaseError> {
    let levels = levels(options);
    let present = Present {
        activities: levels.keys().map(|place| place.2.clone()).collect(),
        products: levels.keys().map(|place| place.3.clone()).collect(),
    };
    let mut sums: BTreeMap<(&str, Place), i128> = BTreeMap::new();
    for (place, value) in &levels {
        for whole in wholes(place, &present) {
            *sums.entry(whole).or_insert(0) += value;
        }
    }
    for ((direction, place), sum) in &sums {
        prop_assert_eq!(levels.get(place), Some(sum), "{} of {:?}", direction, place);
    }
    let countries = levels.keys().filter(|place| place.1.is_country()).count();
    let summed = sums.keys().filter(|(direction, _)| *direction == "areas");
    prop_assert_eq!(summed.count(), countries);
    Ok(sums.len())
}

#[test]
fn the_default_adds_up_in_every_direction() {
    let sums = check(&RegtrdOptions::default()).unwrap();
    assert!(sums > 40_000, "{sums}");
}

#[test]
fn every_direction_is_there() {
    let levels = levels(&RegtrdOptions::default());
    let count = |chosen: &dyn Fn(&Place) -> bool| {
        levels
            .keys()
            .filter(|place| place.5 == 2024 && chosen(place))
            .count()
    };
    let services = |place: &Place| place.0 == Item::P62 && place.1 == Area::BE2;
    let main = codelist("CL_PRODUCT_SERVICES").unwrap();
    let is_main = |code: &str| main.get(code).is_some_and(|entry| entry.is_of("EBOPS1"));
    assert_eq!(
        count(&|p| services(p) && p.2 == "_T" && p.4 == "W1" && is_main(&p.3)),
        12
    );
    assert_eq!(count(&|p| services(p) && p.3 == "SJ2" && p.4 == "FR"), 1);
    assert_eq!(count(&|p| services(p) && p.2 == "K" && p.3 == "SG"), 1);
    let goods = |place: &Place| place.0 == Item::P71 && place.1 == Area::BE3;
    assert_eq!(count(&|p| goods(p) && p.2 == "C21" && p.4 == "W1"), 1);
    assert_eq!(count(&|p| goods(p) && p.2 == "BTE" && p.4 == "US"), 1);
    assert_eq!(
        count(&|p| p.0 == Item::P6 && p.1 == Area::BE1 && p.4 == "DE"),
        1
    );
    // Trade is with countries, of which no group is one and Belgium neither.
    let groups = members("U2", 2024).unwrap();
    assert!(groups.contains(&"FR".parse::<Code>().unwrap()));
    assert_eq!(
        count(&|p| ["BE", "U2", "B6", "D6"].contains(&p.4.as_str())),
        0
    );
    assert!(
        Item::ALL
            .iter()
            .all(|item| item.side() != Side::Net || count(&|p| p.0 == *item) == 0)
    );
}

fn options() -> impl Strategy<Value = RegtrdOptions> {
    let products = prop_oneof![
        Just(Products::Total),
        Just(Products::First),
        Just(Products::Second)
    ];
    let activities = prop_oneof![
        Just(Activities::Total),
        Just(Activities::A10),
        Just(Activities::A38),
        Just(Activities::A64)
    ];
    (
        any::<u64>(),
        0u32..4,
        0usize..24,
        products,
        activities,
        any::<bool>(),
    )
        .prop_map(
            |(seed, vintage, partners, products, activities, crossed)| RegtrdOptions {
                seed,
                vintage,
                partners,
                products,
                activities,
                crossed,
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn everything_adds_up_whatever_the_options(options in options()) {
        check(&options)?;
    }
}
