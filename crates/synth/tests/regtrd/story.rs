//! The detail tells, for every seed, the story that the release of 2024 tells in words.

use std::sync::LazyLock;

use num_rational::Ratio;
use regtrade_model::{Codelist, Item, codelist, members};

use super::*;

const SEEDS: [u64; 6] = [1, 2, 3, 7, 42, 1_000_003];

const REGIONS: [Area; 3] = [Area::BE1, Area::BE2, Area::BE3];

/// Each seed's data, without those of one part by another.
static STORIES: LazyLock<Vec<Story>> = LazyLock::new(|| {
    let of = |seed| Story {
        seed,
        levels: levels(&RegtrdOptions {
            seed,
            crossed: false,
            ..RegtrdOptions::default()
        }),
    };
    SEEDS.into_iter().map(of).collect()
});

/// Percentage points, or a share.
type Points = Ratio<i128>;

fn for_each_seed(check: impl Fn(&Story)) {
    STORIES.iter().for_each(check);
}

struct Story {
    seed: u64,
    levels: Levels,
}

impl Story {
    fn change(&self, item: Item, area: Area, part: Part, first: u16, last: u16) -> i128 {
        level(&self.levels, item, area, part, last) - level(&self.levels, item, area, part, first)
    }

    /// The change since 2019, in percentage points a year of the whole of 2019.
    fn points(&self, item: Item, area: Area, part: Part) -> Points {
        let change = self.change(item, area, part, 2019, 2024);
        let base = level(&self.levels, item, area, Part::Whole, 2019);
        Points::new(100 * change, 5 * base)
    }

    /// Products of a level, the one that adds most first.
    fn products(&self, item: Item, area: Area, level: &'static str) -> Vec<&'static str> {
        let codes = list("CL_PRODUCT_SERVICES").level(level);
        let codes = codes.map(|entry| entry.code.as_str());
        ranked(codes, |code| self.points(item, area, Part::Product(code)))
    }

    fn partners(&self, item: Item, area: Area) -> Vec<&'static str> {
        let codes = list("CL_COUNTERPART_AREA").level("COUNTRY");
        let codes = codes.map(|entry| entry.code.as_str());
        ranked(codes, |code| self.points(item, area, Part::Partner(code)))
    }

    /// Of the countries that are in a group, or in none of the two.
    fn points_of(&self, item: Item, area: Area, chosen: impl Fn(&str) -> bool) -> Points {
        let codes = list("CL_COUNTERPART_AREA").level("COUNTRY");
        let codes = codes.map(|entry| entry.code.as_str());
        codes
            .filter(|code| chosen(code))
            .map(|code| self.points(item, area, Part::Partner(code)))
            .sum()
    }
}

fn list(id: &str) -> &'static Codelist {
    codelist(id).unwrap()
}

fn ranked<'a, T: Ord>(
    codes: impl Iterator<Item = &'a str>,
    value: impl Fn(&'a str) -> T,
) -> Vec<&'a str> {
    let mut ranked: Vec<_> = codes.map(|code| (value(code), code)).collect();
    ranked.sort();
    ranked.into_iter().rev().map(|(_, code)| code).collect()
}

fn is_in(group: &str, code: &str) -> bool {
    members(group, 2024)
        .unwrap()
        .contains(&code.parse().unwrap())
}

#[test]
fn business_services_and_transport_drive_services_everywhere() {
    for_each_seed(|story| {
        for area in REGIONS {
            for item in [Item::P62, Item::P72] {
                let products = story.products(item, area, "EBOPS1");
                let said = format!("seed {} {item} {area}: {products:?}", story.seed);
                assert_eq!(products[0], "SJ", "{said}");
                assert!(products[1..3].contains(&"SC"), "{said}");
                let modes = story.products(item, area, "EBOPS2");
                let mode = modes.iter().find(|code| code.starts_with("SC"));
                let expected = if area == Area::BE3 { "SC2" } else { "SC3" };
                assert_eq!(mode, Some(&expected), "seed {} {item} {area}", story.seed);
                // Consulting and research lead within business services.
                let business: Vec<_> = modes.iter().filter(|code| code.starts_with("SJ")).collect();
                assert_eq!(business[2], &"SJ3", "seed {} {item} {area}", story.seed);
            }
        }
    });
}

#[test]
fn finance_and_insurance_add_in_brussels_and_computers_in_wallonia() {
    for_each_seed(|story| {
        for item in [Item::P62, Item::P72] {
            let points = |area, code| story.points(item, area, Part::Product(code));
            for code in ["SF", "SG"] {
                let brussels = story.products(item, Area::BE1, "EBOPS1");
                assert!(
                    brussels[..5].contains(&code),
                    "seed {}: {brussels:?}",
                    story.seed
                );
            }
            for other in [Area::BE2, Area::BE3] {
                assert!(
                    points(Area::BE1, "SF") > points(other, "SF"),
                    "seed {}",
                    story.seed
                );
            }
            let wallonia = story.products(item, Area::BE3, "EBOPS1");
            assert!(
                wallonia[..3].contains(&"SI"),
                "seed {}: {wallonia:?}",
                story.seed
            );
            assert_eq!(
                story
                    .products(item, Area::BE3, "EBOPS2")
                    .iter()
                    .find(|code| code.starts_with("SI")),
                Some(&"SI2")
            );
            for other in [Area::BE1, Area::BE2] {
                assert!(
                    points(Area::BE3, "SI") > points(other, "SI"),
                    "seed {}",
                    story.seed
                );
            }
        }
    });
}

#[test]
fn travel_matters_for_imports_alone_and_most_in_flanders() {
    for_each_seed(|story| {
        let points = |item, area| story.points(item, area, Part::Product("SD"));
        for area in REGIONS {
            let share = points(Item::P62, area) / story.points(Item::P62, area, Part::Whole);
            assert!(share < Points::new(3, 100), "seed {} {area}", story.seed);
            let share = points(Item::P72, area) / story.points(Item::P72, area, Part::Whole);
            assert!(share > Points::new(5, 100), "seed {} {area}", story.seed);
        }
        for area in [Area::BE1, Area::BE3] {
            assert!(
                points(Item::P72, Area::BE2) > points(Item::P72, area),
                "seed {}",
                story.seed
            );
        }
        // The pandemic stopped it.
        let of = |year| {
            level(
                &story.levels,
                Item::P72,
                Area::BE2,
                Part::Product("SD"),
                year,
            )
        };
        assert!(
            of(2020) + of(2020) < of(2019) + of(2019) - of(2020),
            "seed {}",
            story.seed
        );
    });
}

#[test]
fn the_euro_area_drives_services_but_imports_of_wallonia() {
    for_each_seed(|story| {
        for area in REGIONS {
            for item in [Item::P62, Item::P72] {
                let euro = story.points_of(item, area, |code| is_in("U2", code));
                let outside = story.points_of(item, area, |code| !is_in("B6", code));
                let abroad = item == Item::P72 && area == Area::BE3;
                assert_eq!(euro < outside, abroad, "seed {} {item} {area}", story.seed);
            }
        }
        let first = |item, area| story.partners(item, area)[0];
        let said = format!("seed {}", story.seed);
        assert_eq!(first(Item::P62, Area::BE1), "FR", "{said}");
        assert_eq!(first(Item::P62, Area::BE2), "NL", "{said}");
        assert_eq!(first(Item::P62, Area::BE3), "IE", "{said}");
        assert_eq!(first(Item::P72, Area::BE1), "NL", "{said}");
        assert_eq!(first(Item::P72, Area::BE2), "NL", "{said}");
        assert_eq!(
            story.partners(Item::P72, Area::BE3)[..2],
            ["US", "GB"],
            "{said}"
        );
        let mut exports = story.partners(Item::P62, Area::BE3);
        exports.retain(|code| !is_in("B6", code));
        assert_eq!(exports[0], "US", "{said}");
    });
}

#[test]
fn goods_fall_with_cars_in_brussels_medicines_in_flanders_and_energy_everywhere() {
    for_each_seed(|story| {
        let said = format!("seed {}", story.seed);
        for item in [Item::P61, Item::P71] {
            for area in REGIONS {
                for code in ["D", "C19"] {
                    let change = story.change(item, area, Part::Activity(code), 2022, 2024);
                    assert!(change < 0, "{said}: {item} {area} {code}");
                }
            }
        }
        let last = |item, area, code| story.change(item, area, Part::Activity(code), 2023, 2024);
        for item in [Item::P61, Item::P71] {
            let activities = list("CL_ACTIVITY")
                .level("A64")
                .map(|entry| entry.code.as_str());
            let ranked = ranked(activities, |code| last(item, Area::BE1, code));
            let lowest = &ranked[ranked.len() - 2..];
            assert!(
                lowest.contains(&"C29") && lowest.contains(&"D"),
                "{said}: {item} {lowest:?}"
            );
        }
        assert!(
            last(Item::P61, Area::BE1, "C29") < last(Item::P61, Area::BE1, "D"),
            "{said}"
        );
        assert!(last(Item::P61, Area::BE2, "C21") < 0, "{said}");
        assert!(last(Item::P61, Area::BE3, "D") < 0, "{said}");
    });
}

#[test]
fn finance_carries_services_in_2024() {
    for_each_seed(|story| {
        let last = |item, area, code| story.change(item, area, Part::Activity(code), 2023, 2024);
        for area in REGIONS {
            for item in [Item::P62, Item::P72] {
                assert!(
                    last(item, area, "K") > 0,
                    "seed {} {item} {area}",
                    story.seed
                );
            }
        }
        let sections = list("CL_ACTIVITY")
            .level("A10")
            .map(|entry| entry.code.as_str());
        let ranked = ranked(sections, |code| last(Item::P62, Area::BE3, code));
        assert!(
            ranked[..2].contains(&"K"),
            "seed {}: {ranked:?}",
            story.seed
        );
    });
}
