//! What the shipped lists must hold: whole files, sound trees, labels, and groups as history has them.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::*;
use crate::{Area, Item, ObsStatus, Unit, labels};

fn list(id: &str) -> &'static Codelist {
    codelist(id).unwrap()
}

fn codes<'a>(entries: impl Iterator<Item = &'a CodelistCode>) -> Vec<&'a str> {
    entries.map(|entry| entry.code.as_str()).collect()
}

fn rows(file: &str) -> usize {
    csv::Reader::from_reader(file.as_bytes())
        .into_records()
        .count()
}

#[test]
fn every_row_of_the_files_is_read() {
    assert_eq!(codelists().len(), rows(shipped::LISTS));
    for list in codelists() {
        let expected = shipped::file(list.id()).map_or(Item::ALL.len(), rows);
        assert_eq!(list.codes().len(), expected, "{}", list.id());
    }
    let memberships: usize = list("CL_COUNTERPART_AREA")
        .codes()
        .iter()
        .map(|entry| entry.members.len())
        .sum();
    assert_eq!(memberships, rows(shipped::GROUPS));
}

#[test]
fn a_code_is_once_in_its_list_and_its_parents_lead_to_the_top() {
    for list in codelists() {
        assert_eq!(
            list.positions.len(),
            list.codes().len(),
            "a code is twice in {}",
            list.id()
        );
        for entry in list.codes() {
            let mut seen = HashSet::new();
            let mut at = entry;
            while let Some(parent) = &at.parent {
                assert!(seen.insert(parent), "{} goes round in circles", entry.code);
                at = list
                    .get(parent.as_str())
                    .unwrap_or_else(|| panic!("{parent} is not in {}", list.id()));
            }
        }
    }
}

#[test]
fn every_code_has_a_label_in_every_language_that_no_sibling_has() {
    for list in codelists() {
        for &language in Language::ALL {
            assert!(!list.name(language).is_empty());
            let mut labels = BTreeMap::new();
            for entry in list.codes() {
                let label = entry.label(language);
                assert!(
                    !label.is_empty() && label.trim() == label,
                    "{} {}",
                    list.id(),
                    entry.code
                );
                if let Some(other) = labels.insert((&entry.parent, label), &entry.code) {
                    panic!(
                        "{}: {other} and {} are both `{label}`",
                        list.id(),
                        entry.code
                    );
                }
            }
        }
    }
}

#[test]
fn every_word_of_the_vocabulary_is_in_its_list_with_the_same_label() {
    for &status in ObsStatus::ALL {
        assert!(
            list("CL_OBS_STATUS").get(status.as_str()).is_some(),
            "{status}"
        );
    }
    assert_eq!(list("CL_OBS_STATUS").codes().len(), ObsStatus::ALL.len());
    for &unit in Unit::ALL {
        assert!(list("CL_UNIT").get(unit.as_str()).is_some(), "{unit}");
    }
    for &language in Language::ALL {
        for area in [Area::BE, Area::BE1, Area::BE2, Area::BE3, Area::BEZ] {
            assert_eq!(
                list("CL_AREA").label(area.as_str(), language),
                labels().area(&area, language)
            );
        }
    }
    assert_eq!(
        list("CL_ITEM").label("P62", Language::Fr),
        "Exportations de services"
    );
    assert_eq!(
        codes(list("CL_ITEM").children(Some("B11"))),
        ["B111", "B112"]
    );
}

#[test]
fn areas_add_up_from_districts_to_the_country() {
    let areas = list("CL_AREA");
    for entry in areas.codes() {
        assert!(
            entry.code.as_str().parse::<Area>().is_ok(),
            "{}",
            entry.code
        );
    }
    assert_eq!(codes(areas.parts("BE", 2024)), ["BE1", "BE2", "BE3", "BEZ"]);
    // The German-speaking community lies in Wallonia and is never added to its provinces.
    assert_eq!(
        codes(areas.parts("BE3", 2024)),
        ["BE31", "BE32", "BE33", "BE34", "BE35"]
    );
    assert!(areas.get("BE3DG").unwrap().memo);
    assert_eq!(
        codes(areas.parts("BE32", 2020)),
        [
            "BE321", "BE322", "BE323", "BE324", "BE325", "BE326", "BE327"
        ]
    );
    assert_eq!(
        codes(areas.parts("BE32", 2021)),
        [
            "BE323", "BE328", "BE329", "BE32A", "BE32B", "BE32C", "BE32D"
        ]
    );
    assert_eq!(codes(areas.parts("BE333", 2024)), ["BE335", "BE336"]);
    let current = areas
        .level("NUTS3")
        .filter(|entry| entry.validity.has(2024));
    assert_eq!(current.count(), 44);
    assert_eq!(areas.level("NUTS2").count(), 11);
}

#[test]
fn each_level_of_the_activities_is_the_whole_economy_once() {
    let activities = list("CL_ACTIVITY");
    for (level, count) in [("A10", 10), ("A21", 21), ("A38", 38), ("A64", 64)] {
        assert_eq!(activities.level(level).count(), count, "{level}");
    }
    // Above each code of a level there is exactly one of each coarser level.
    for entry in activities.level("A64") {
        for level in ["A10", "A21", "A38"] {
            let above = activities
                .ancestry(entry.code.as_str())
                .filter(|above| above.is_of(level))
                .count();
            assert_eq!(above, 1, "{} in {level}", entry.code);
        }
    }
    assert!(activities.level("AGGREGATE").all(|entry| entry.memo));
    assert_eq!(
        codes(activities.parts("_T", 2024)),
        ["A", "BTE", "F", "GTI", "J", "K", "L", "M_N", "OTQ", "RTU"]
    );
}

#[test]
fn services_and_goods_have_their_main_items_and_chapters() {
    let services = list("CL_PRODUCT_SERVICES");
    assert_eq!(
        codes(services.parts("S", 2024)),
        [
            "SA", "SB", "SC", "SD", "SE", "SF", "SG", "SH", "SI", "SJ", "SK", "SL", "SN"
        ]
    );
    // Another way to split the same transport is not added to the first.
    assert_eq!(codes(services.parts("SC3", 2024)), ["SC31", "SC32", "SC33"]);
    for entry in services
        .codes()
        .iter()
        .filter(|entry| entry.levels != ["TOTAL"])
    {
        let parent = entry.parent.as_ref().unwrap().as_str();
        assert!(
            parent == "_T" || entry.code.as_str().starts_with(parent),
            "{} below {parent}",
            entry.code
        );
    }

    let goods = list("CL_PRODUCT_GOODS");
    assert_eq!(goods.level("SECTION").count(), 21);
    // 77 is kept free by the Harmonised System; 98 and 99 are the Combined Nomenclature's.
    assert_eq!(goods.level("CHAPTER").count(), 98);
    let chapter = |code: &str| chapter_of(&code.parse().unwrap()).map(|c| c.code.as_str());
    assert_eq!(chapter("87032319"), Some("87"));
    assert_eq!(chapter("0199"), Some("01"));
    assert_eq!(chapter("99"), Some("99"));
    for not_a_product in ["77", "8", "870", "SJ", "_T", "870323191"] {
        assert_eq!(chapter(not_a_product), None, "{not_a_product}");
    }
}

#[test]
fn a_dimension_takes_its_codes_from_its_list() {
    let of = |dataflow, component, item| codelist_of(dataflow, component, item).map(Codelist::id);
    assert_eq!(
        of(Dataflow::Regtrd, "PRODUCT", Item::P72),
        Some("CL_PRODUCT_SERVICES")
    );
    assert_eq!(
        of(Dataflow::Regtrd, "PRODUCT", Item::B111),
        Some("CL_PRODUCT_GOODS")
    );
    assert_eq!(of(Dataflow::Regtrd, "PRODUCT", Item::P6), None);
    assert_eq!(of(Dataflow::Regtrd, "CONCEPT", Item::P61), None);
    assert_eq!(
        of(Dataflow::Exttrade, "CONCEPT", Item::P61),
        Some("CL_CONCEPT")
    );
    assert_eq!(of(Dataflow::Regtrd, "OBS_VALUE", Item::P61), None);
    for component in [
        "FREQ",
        "REF_AREA",
        "ITEM",
        "ACTIVITY",
        "COUNTERPART_AREA",
        "UNIT",
        "OBS_STATUS",
        "CONF_STATUS",
    ] {
        assert!(
            of(Dataflow::Regtrd, component, Item::P61).is_some(),
            "{component}"
        );
    }
}

#[test]
fn a_code_that_is_not_in_the_list_is_its_own_label() {
    assert_eq!(list("CL_ACTIVITY").label("Y99", Language::De), "Y99");
    assert_eq!(
        list("CL_COUNTERPART_AREA").label("DE", Language::Nl),
        "Duitsland"
    );
}

#[test]
fn the_euro_area_and_the_union_have_the_members_of_the_year() {
    let count = |group: &str, year| members(group, year).unwrap().len();
    for (year, euro_area, union) in [
        (1998, 0, 15),
        (1999, 11, 15),
        (2000, 11, 15),
        (2001, 12, 15),
        (2003, 12, 15),
        (2004, 12, 25),
        (2006, 12, 25),
        (2007, 13, 27),
        (2008, 15, 27),
        (2009, 16, 27),
        (2010, 16, 27),
        (2011, 17, 27),
        (2012, 17, 27),
        (2013, 17, 28),
        (2014, 18, 28),
        (2015, 19, 28),
        (2019, 19, 28),
        (2020, 19, 27),
        (2022, 19, 27),
        (2023, 20, 27),
        (2025, 20, 27),
        (2026, 21, 27),
        (2030, 21, 27),
    ] {
        assert_eq!(count("U2", year), euro_area, "euro area in {year}");
        assert_eq!(count("B0", year), union, "European Union in {year}");
        assert_eq!(count("B6", year), 27, "EU27_2020 in {year}");
    }
    let joins = |year: u16| {
        let before = members("U2", year - 1).unwrap();
        let new: Vec<_> = members("U2", year)
            .unwrap()
            .difference(&before)
            .cloned()
            .collect();
        new.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(joins(2008), ["CY", "MT"]);
    assert_eq!(joins(2023), ["HR"]);
    assert_eq!(joins(2026), ["BG"]);
    assert_eq!(members("XX", 2020), None);
    assert_eq!(members("U2", 1899), None);
}

#[test]
fn a_fixed_euro_area_is_the_euro_area_of_its_year() {
    for (group, year) in [
        ("I1", 1999),
        ("I2", 2001),
        ("I3", 2007),
        ("I4", 2008),
        ("I5", 2009),
        ("I6", 2011),
        ("I7", 2014),
        ("I8", 2015),
        ("I9", 2023),
        ("I10", 2026),
    ] {
        assert_eq!(members(group, 2024), members("U2", year), "{group}");
    }
}

#[test]
fn dates_of_members_are_months_and_members_are_codes() {
    let partners = list("CL_COUNTERPART_AREA");
    for group in partners.level("GROUP") {
        assert!(
            !group.members.is_empty() || group.complement_of.is_some(),
            "{} has no members",
            group.code
        );
        for member in &group.members {
            assert!(
                partners.get(member.code.as_str()).is_some(),
                "{}",
                member.code
            );
            for date in [member.from, member.to].into_iter().flatten() {
                assert_eq!(date.frequency(), "M", "{} in {}", member.code, group.code);
            }
        }
    }
}

#[test]
fn every_partner_is_in_exactly_one_part_of_the_world_in_every_year() {
    let partners = list("CL_COUNTERPART_AREA");
    for year in 1999..=2030 {
        let world = partner_groups(year).unwrap();
        for entry in partners.children(Some("W1")).filter(|entry| !entry.memo) {
            let parts = world
                .groups()
                .iter()
                .filter(|group| group.members.contains(&entry.code))
                .count();
            assert_eq!(parts, 1, "{} in {year}", entry.code);
        }
        for entry in partners.level("COUNTRY") {
            assert!(world.of(&entry.code).is_some(), "{} in {year}", entry.code);
        }
        let mut rest: BTreeSet<_> = members("B6", year).unwrap();
        rest.retain(|code| !members("U2", year).unwrap().contains(code));
        rest.insert("4Y".parse().unwrap());
        assert_eq!(world.groups()[1].members, rest, "other EU27 in {year}");
    }
}

#[test]
fn a_partner_moves_with_the_euro_area_and_the_kingdom_stays_outside() {
    let part = |partner: &str, year| {
        let world = partner_groups(year).unwrap();
        world
            .of(&partner.parse().unwrap())
            .map(|group| group.code.to_string())
    };
    let in_part = |code: &str| Some(code.to_owned());
    assert_eq!(part("HR", 2022), in_part("B6_X_U2"));
    assert_eq!(part("HR", 2023), in_part("U2"));
    assert_eq!(part("BG", 2025), in_part("B6_X_U2"));
    assert_eq!(part("BG", 2026), in_part("U2"));
    assert_eq!(part("GB", 2010), in_part("D6"));
    assert_eq!(part("XI", 2022), in_part("D6"));
    assert_eq!(part("RE", 2022), in_part("U2"));
    assert_eq!(part("QW", 2022), in_part("D6"));
    assert_eq!(part("QV", 2022), in_part("_X"));
    for no_partner in ["W1", "B6", "ZZ"] {
        assert_eq!(part(no_partner, 2022), None, "{no_partner}");
    }
    let world = partner_groups(2022).unwrap();
    for named in &world.groups()[2].shown_by_name {
        assert!(world.groups()[2].members.contains(named));
    }
    assert_eq!(world.groups()[2].shown_by_name.len(), 2);
}
