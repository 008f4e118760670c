//! Monthly foreign trade that is made: its size, what adds up, its level, its vintages, and that a seed is a seed.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use proptest::prelude::*;
use regtrade_model::{
    Area, Concept, FigureKey, Indicator, Item, Observation, chapter_of, codelist,
};
use regtrade_synth::{ExttradeOptions, RegtrdOptions, exttrade, regtrd};
use sha2::{Digest, Sha256};

/// A key without its period, and the period.
type Place = (String, FigureKey);

/// Levels in euro, every observation being checked for what all have in common.
fn levels(options: &ExttradeOptions) -> BTreeMap<Place, i128> {
    let mut levels = BTreeMap::new();
    for observation in exttrade(options) {
        let Observation { key, value, .. } = observation;
        assert_eq!(key.indicator, Indicator::Level);
        assert!(key.concept.is_some());
        assert_eq!((observation.unit_mult, observation.decimals), (6, 6));
        assert_eq!(key.period.last().frequency(), "M");
        let value = value.unwrap();
        assert!(value.mantissa() > 0 && value.scale() == 6, "{key} {value}");
        let said = key.to_string();
        let before = levels.insert((key.period.to_string(), key), value.mantissa());
        assert_eq!(before, None, "{said} is there twice");
    }
    levels
}

fn is_sum(key: &FigureKey) -> bool {
    key.product.as_str().len() < 8 || key.counterpart_area.as_str() == "W1"
}

#[test]
fn there_are_as_many_observations_as_wanted() {
    for margins in [true, false] {
        for rows in [10_000, 30_000, 100_000, 1_000_000] {
            let options = ExttradeOptions {
                rows,
                margins,
                ..ExttradeOptions::default()
            };
            let made = exttrade(&options).count() as u64;
            assert!(
                made.abs_diff(rows) * 10 <= rows,
                "{made} instead of {rows}, margins: {margins}"
            );
        }
    }
    let of_a_year = ExttradeOptions {
        rows: 200_000,
        first_year: 2024,
        ..ExttradeOptions::default()
    };
    let made = exttrade(&of_a_year).count();
    assert!((180_000..220_000).contains(&made), "{made}");
}

#[test]
fn what_is_left_out_is_not_there_and_the_rest_is_as_many_as_wanted() {
    let options = ExttradeOptions {
        rows: 100_000,
        margins: false,
        country: false,
        concept: Some(Concept::Nat),
        nested: true,
        ..ExttradeOptions::default()
    };
    let made = levels(&options);
    let count = made.len();
    assert!((90_000..110_000).contains(&count), "{count}");
    let of = |key: &FigureKey| (key.item, key.ref_area, key.concept.unwrap());
    let found: BTreeSet<_> = made.keys().map(|(_, key)| of(key)).collect();
    let regions = [Area::BE1, Area::BE2, Area::BE3];
    let wanted = [Item::P61, Item::P71].map(|item| regions.map(|area| (item, area, Concept::Nat)));
    assert_eq!(found, wanted.into_iter().flatten().collect());
    assert!(made.keys().all(|(_, key)| !is_sum(key)));
    let community = levels(&ExttradeOptions {
        concept: Some(Concept::Com),
        ..options.clone()
    });
    assert!(community.values().sum::<i128>() > made.values().sum::<i128>());
}

#[test]
fn nested_products_share_subheadings_and_headings_as_in_the_combined_nomenclature() {
    let options = ExttradeOptions {
        rows: 100_000_000,
        margins: false,
        country: false,
        concept: Some(Concept::Nat),
        nested: true,
        ..ExttradeOptions::default()
    };
    let begin = exttrade(&options).take_while(|it| it.key.period.to_string().as_str() <= "2002-03");
    let products: BTreeSet<String> = begin.map(|it| it.key.product.as_str().to_owned()).collect();
    assert!(products.iter().all(|code| code.len() == 8));
    let of_digits = |digits| -> BTreeMap<&str, usize> {
        products.iter().fold(BTreeMap::new(), |mut counts, code| {
            *counts.entry(&code[..digits]).or_insert(0) += 1;
            counts
        })
    };
    let [chapters, headings, subheadings] = [2, 4, 6].map(|digits| of_digits(digits).len());
    assert_eq!((chapters, headings, subheadings), (96, 1200, 5280));
    assert_eq!(products.len(), 9600);
    let siblings: BTreeSet<usize> = of_digits(6).into_values().collect();
    assert_eq!(siblings, BTreeSet::from([1, 2, 3, 4]));
    for (subheading, count) in of_digits(6) {
        let alone = products.contains(&format!("{subheading}00"));
        assert_eq!(alone, count == 1, "{subheading}");
    }
    // The largest products do: 0 to 3 of the first chapter.
    let small = ExttradeOptions {
        rows: 100_000,
        first_year: 2024,
        ..options
    };
    let keys: BTreeSet<_> = exttrade(&small).map(|it| it.key.product).collect();
    let pharmaceuticals = ["30011010", "30011020", "30011030", "30011090", "30021000"];
    for code in pharmaceuticals {
        assert!(keys.contains(&code.parse().unwrap()), "{code}");
    }
}

#[test]
fn a_hundred_million_are_as_many_as_wanted_and_begin_at_once() {
    let options = ExttradeOptions {
        rows: 100_000_000,
        ..ExttradeOptions::default()
    };
    let first_month = exttrade(&options).take_while(|it| it.key.period.to_string() == "2002-01");
    let made = first_month.count() * 276;
    assert!((90_000_000..110_000_000).contains(&made), "{made}");
}

#[test]
fn years_that_cannot_be_made_are_left_out() {
    let months = |first_year, last_year| -> Vec<String> {
        let options = ExttradeOptions {
            rows: 60_000,
            first_year,
            last_year,
            ..ExttradeOptions::default()
        };
        let months: BTreeSet<_> = exttrade(&options)
            .map(|it| it.key.period.to_string())
            .collect();
        months.into_iter().collect()
    };
    let all = months(1990, 2030);
    assert_eq!(
        (all.len(), &*all[0], &*all[275]),
        (276, "2002-01", "2024-12")
    );
    assert_eq!(months(2010, 2010).len(), 12);
    assert!(months(2025, 2030).is_empty());
    assert!(months(2012, 2011).is_empty());
}

#[test]
fn observations_come_by_month_and_then_by_key_and_have_codes_of_the_lists() {
    let mut before = None;
    let chapters: BTreeSet<_> = codelist("CL_PRODUCT_GOODS")
        .unwrap()
        .level("CHAPTER")
        .collect::<Vec<_>>()
        .into_iter()
        .map(|entry| entry.code.clone())
        .collect();
    let partners = codelist("CL_COUNTERPART_AREA").unwrap();
    for observation in exttrade(&ExttradeOptions::default()) {
        let key = observation.key;
        let place = (key.period.last(), key.clone());
        assert!(
            before.as_ref().is_none_or(|before| *before < place),
            "{key}"
        );
        before = Some(place);
        assert!(
            partners.get(key.counterpart_area.as_str()).is_some(),
            "{key}"
        );
        if key.product.as_str() != "_T" {
            assert!(
                chapters.contains(&chapter_of(&key.product).unwrap().code),
                "{key}"
            );
        }
    }
}

/// Compares every sum that is there with what is below it, and every sum that should be there is.
fn check(options: &ExttradeOptions) -> Result<usize, TestCaseError> {
    let levels = levels(options);
    let mut sums: BTreeMap<Place, i128> = BTreeMap::new();
    let code = |text: &str| text.parse().unwrap();
    for ((period, key), value) in levels.iter().filter(|((_, key), _)| !is_sum(key)) {
        let mut products = vec![key.product.clone()];
        let mut partners = vec![key.counterpart_area.clone()];
        if options.margins {
            products.extend([code("_T"), code(&key.product.as_str()[..2])]);
            partners.push(code("W1"));
        }
        for area in [key.ref_area, Area::BE] {
            prop_assert!(!key.ref_area.is_country() || area == Area::BE);
            if key.ref_area.is_country() {
                continue;
            }
            for product in &products {
                for partner in &partners {
                    let is_chapter = product.as_str().len() == 2 && product.as_str() != "_T";
                    if is_chapter && partner.as_str() != "W1" {
                        continue;
                    }
                    let key = FigureKey {
                        ref_area: area,
                        product: product.clone(),
                        counterpart_area: partner.clone(),
                        ..key.clone()
                    };
                    *sums.entry((period.clone(), key)).or_insert(0) += value;
                }
            }
        }
    }
    prop_assert_eq!(sums.len(), levels.len());
    for (place, sum) in &sums {
        prop_assert_eq!(levels.get(place), Some(sum), "{} {}", place.0, place.1);
    }
    Ok(levels.values().len())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn regions_products_and_partners_add_up_whatever_the_options(
        seed in any::<u64>(), vintage in 0u32..3, rows in 10_000u64..60_000, margins in any::<bool>(), nested in any::<bool>(),
        first_year in 2018u16..2024,
    ) {
        let options = ExttradeOptions { seed, vintage, rows, first_year, margins, nested, ..ExttradeOptions::default() };
        prop_assert!(check(&options)? > 8_000);
    }
}

#[test]
fn years_are_near_the_regional_breakdown_and_the_community_concept_is_above_the_national() {
    for seed in [1, 2, 3] {
        let mut monthly: BTreeMap<(Item, Area, u16, Concept), i128> = BTreeMap::new();
        let options = ExttradeOptions {
            seed,
            rows: 100_000,
            ..ExttradeOptions::default()
        };
        for ((_, key), euros) in levels(&options) {
            if key.is_overall() {
                let year = key.period.last().year();
                *monthly
                    .entry((key.item, key.ref_area, year, key.concept.unwrap()))
                    .or_insert(0) += euros;
            }
        }
        let of = |item, area, year, concept| monthly[&(item, area, year, concept)];
        for observation in regtrd(&RegtrdOptions {
            seed,
            partners: 0,
            ..RegtrdOptions::default()
        }) {
            let key = observation.key;
            let is_shown = key.is_overall() && [Item::P61, Item::P71].contains(&key.item);
            if !is_shown {
                continue;
            }
            let mut annual = observation.value.unwrap();
            annual.rescale(6);
            let annual = annual.mantissa();
            let year = key.period.last().year();
            let national = of(key.item, key.ref_area, year, Concept::Nat);
            let community = of(key.item, key.ref_area, year, Concept::Com);
            let off = (national - annual).abs() * 100 / annual;
            assert!((1..10).contains(&off), "{key}: {off} % off");
            let above = (community - national) * 100 / national;
            assert!((2..35).contains(&above), "{key}: {above} % above");
        }
        assert!(
            of(Item::P61, Area::BE, 2009, Concept::Nat)
                < of(Item::P61, Area::BE, 2008, Concept::Nat)
        );
    }
}

#[test]
fn trade_is_skewed_as_it_really_is() {
    let options = ExttradeOptions {
        rows: 200_000,
        first_year: 2024,
        ..ExttradeOptions::default()
    };
    let (mut by_chapter, mut all) = (BTreeMap::new(), 0);
    for ((_, key), euros) in levels(&options) {
        if key.item == Item::P61
            && key.ref_area == Area::BE3
            && key.counterpart_area.as_str() == "W1"
        {
            match key.product.as_str() {
                "_T" => all += euros,
                code if code.len() == 2 => *by_chapter.entry(code.to_owned()).or_insert(0) += euros,
                _ => {}
            }
        }
    }
    let largest = by_chapter.iter().max_by_key(|(_, euros)| **euros).unwrap();
    assert_eq!(largest.0, "30", "medicines lead the exports of Wallonia");
    let percent = largest.1 * 100 / all;
    assert!((20..60).contains(&percent), "{percent}");
    assert!(by_chapter.len() > 40, "{}", by_chapter.len());
}

#[test]
fn a_later_vintage_revises_three_years_and_a_few_older_cells() {
    let of = |vintage| {
        levels(&ExttradeOptions {
            vintage,
            rows: 300_000,
            first_year: 2017,
            margins: false,
            ..ExttradeOptions::default()
        })
    };
    let (first, later) = (of(0), of(1));
    let differ = |place: &Place| first.get(place) != later.get(place);
    let is_recent = |place: &Place| place.0.as_str() >= "2022-01";
    let places: BTreeSet<&Place> = first.keys().chain(later.keys()).collect();
    let count =
        |chosen: &dyn Fn(&Place) -> bool| places.iter().filter(|place| chosen(place)).count();
    let recent = count(&is_recent);
    assert!(count(&|place| is_recent(place) && differ(place)) * 10 > recent * 4);
    let older = count(&|place| !is_recent(place) && differ(place));
    assert!((1..500).contains(&older), "{older}");
    let months: BTreeSet<_> = places
        .iter()
        .filter(|place| differ(place) && !is_recent(place))
        .map(|place| &place.0)
        .collect();
    assert!(months.len() < 30, "{months:?}");
    let deleted = count(&|place| !later.contains_key(place));
    let added = count(&|place| !first.contains_key(place));
    assert!(
        (1..500).contains(&deleted) && (1..500).contains(&added),
        "{deleted} {added}"
    );
    assert_ne!(later, of(2));
}

fn digest(options: &ExttradeOptions) -> String {
    let mut digest = Sha256::new();
    for observation in exttrade(options).take(20_000) {
        let value = observation.value.unwrap();
        digest.update(format!("{} {value}\n", observation.key));
    }
    digest.finalize()[..8]
        .iter()
        .fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        })
}

#[test]
fn a_seed_means_the_same_observations_for_ever() {
    for (seed, vintage, first_year, pinned) in [
        (1, 0, 2002, "3366b8466359f240"),
        (2, 0, 2002, "c2fda3f8d89d9048"),
        (1, 1, 2022, "581cf6d4e81e1aca"),
    ] {
        let options = ExttradeOptions {
            seed,
            vintage,
            first_year,
            ..ExttradeOptions::default()
        };
        assert_eq!(digest(&options), pinned, "seed {seed}, vintage {vintage}");
    }
}
