//! The numbers that the data are fitted to, from the files under `data/`, which are part of the program.

use std::{collections::HashMap, sync::LazyLock};

use regtrade_model::{Area, Code, Item, codelist};
use serde::{Deserialize, de::DeserializeOwned};

/// The years of the release, in order; places in arrays of values by year.
pub(crate) const YEARS: [u16; 6] = [2019, 2020, 2021, 2022, 2023, 2024];

/// A value for each of [`YEARS`].
pub(crate) type ByYear = [i64; YEARS.len()];

/// The items that no other items add up to.
pub(crate) const LEAVES: [Item; 4] = [Item::P61, Item::P62, Item::P71, Item::P72];

/// The regions whose detail is drawn; extra-regio has a few cells of its own.
pub(crate) const REGIONS: [Area; 3] = [Area::BE1, Area::BE2, Area::BE3];

const TOTALS: &str = include_str!("../data/totals-regtrd.csv");
const WEIGHTS: &str = include_str!("../data/weights.csv");
const TRADERS: &str = include_str!("../data/traders.csv");
const EVENTS: &str = include_str!("../data/events.csv");

/// A part of a whole: a product, a partner or an activity.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) code: Code,
    /// Its weight in the level of 2019.
    pub(crate) level: i128,
    /// Its weight in the growth from 2019 to 2024; below zero where it shrinks.
    pub(crate) growth: i128,
}

/// What makes a year unlike the way from 2019 to 2024.
#[derive(Debug, Deserialize)]
struct Event {
    code: String,
    item: Option<Item>,
    ref_area: Option<Area>,
    year: u16,
    /// In thousandths of what it would have been.
    factor: i128,
}

/// All of them.
pub(crate) struct Tables {
    totals: HashMap<(Item, Area), ByYear>,
    parts: HashMap<(String, Item, Area), Vec<Part>>,
    traders: HashMap<String, Vec<(Code, i128)>>,
    events: Vec<Event>,
}

/// The tables, read once.
pub(crate) static TABLES: LazyLock<Tables> = LazyLock::new(Tables::read);

#[derive(Deserialize)]
struct TotalRow(Item, Area, String, String, String, String, String, String);

#[derive(Deserialize)]
struct WeightRow {
    dimension: String,
    item: Item,
    ref_area: Area,
    code: Code,
    level: i128,
    growth: i128,
}

#[derive(Deserialize)]
struct TraderRow {
    product: String,
    activities: String,
}

impl Tables {
    fn read() -> Self {
        let mut parts: HashMap<_, Vec<Part>> = HashMap::new();
        for row in rows::<WeightRow>(WEIGHTS) {
            parts
                .entry((row.dimension, row.item, row.ref_area))
                .or_default()
                .push(Part {
                    code: row.code,
                    level: row.level,
                    growth: row.growth,
                });
        }
        let euros = |text: &str| text.replace('.', "").parse().unwrap_or_default();
        Self {
            totals: rows::<TotalRow>(TOTALS)
                .map(|TotalRow(item, area, a, b, c, d, e, f)| {
                    ((item, area), [a, b, c, d, e, f].map(|text| euros(&text)))
                })
                .collect(),
            parts,
            traders: rows::<TraderRow>(TRADERS)
                .map(|row| (row.product, traders(&row.activities)))
                .collect(),
            events: rows(EVENTS).collect(),
        }
    }

    /// The level of an item that no others add up to, in a region, in euro.
    pub(crate) fn total(&self, item: Item, area: Area) -> ByYear {
        self.totals.get(&(item, area)).copied().unwrap_or_default()
    }

    /// What an item is made of in a region: products of services, activities of goods.
    pub(crate) fn components(&self, item: Item, area: Area) -> &[Part] {
        let dimension = if is_goods(item) {
            "activity"
        } else {
            "product"
        };
        self.of(dimension, item, area)
    }

    fn of(&self, dimension: &str, item: Item, area: Area) -> &[Part] {
        self.parts
            .get(&(dimension.to_owned(), item, area))
            .map_or(&[], Vec::as_slice)
    }

    /// The first `count` partners of an item in a region, the same ones for every item and region. The large ones have
    /// weights of their own, the others small ones.
    pub(crate) fn partners(&self, item: Item, area: Area, count: usize) -> Vec<Part> {
        const SCALE: i128 = 40;
        let named = self.of("partner", item, area);
        let small = other_partners(named);
        named
            .iter()
            .map(|part| Part {
                code: part.code.clone(),
                level: part.level * SCALE,
                growth: part.growth * SCALE,
            })
            .chain(small.zip(0_i128..).map(|(code, at)| Part {
                code,
                level: 20 - at / 12,
                growth: 20 - at / 12,
            }))
            .take(count)
            .collect()
    }

    /// Who trades a service: activities with weights.
    pub(crate) fn traders(&self, product: &Code) -> &[(Code, i128)] {
        self.traders
            .get(product.as_str())
            .map_or(&[], Vec::as_slice)
    }

    /// The thousandths by which a component of an item differs in a year from the way between the first and the last.
    pub(crate) fn factor(&self, code: &Code, item: Item, area: Area, year: u16) -> i128 {
        self.events
            .iter()
            .find(|event| {
                event.code == code.as_str()
                    && event.year == year
                    && event.item.is_none_or(|own| own == item)
                    && event.ref_area.is_none_or(|own| own == area)
            })
            .map_or(1000, |event| event.factor)
    }
}

/// Whether an item is of goods.
pub(crate) fn is_goods(item: Item) -> bool {
    matches!(item, Item::P61 | Item::P71)
}

/// Countries of today that are not among the named ones.
fn other_partners(named: &[Part]) -> impl Iterator<Item = Code> {
    codelist("CL_COUNTERPART_AREA")
        .into_iter()
        .flat_map(|list| list.level("COUNTRY"))
        .filter(|entry| !entry.memo && entry.validity.has(2019) && entry.validity.has(2024))
        .map(|entry| entry.code.clone())
        .filter(|code| code.as_str() != "BE" && !named.iter().any(|part| part.code == *code))
}

fn traders(text: &str) -> Vec<(Code, i128)> {
    text.split(' ')
        .filter_map(|pair| {
            let (code, weight) = pair.split_once(':')?;
            Some((code.parse().ok()?, weight.parse().ok()?))
        })
        .collect()
}

/// The rows that can be read; a test holds that all can.
fn rows<R: DeserializeOwned>(file: &'static str) -> impl Iterator<Item = R> {
    csv::Reader::from_reader(file.as_bytes())
        .into_deserialize()
        .filter_map(Result::ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_files_is_read() {
        let lines = |file: &str| file.lines().count() - 1;
        assert_eq!(TABLES.totals.len(), lines(TOTALS));
        let parts: usize = TABLES.parts.values().map(Vec::len).sum();
        assert_eq!(parts, lines(WEIGHTS));
        assert_eq!(TABLES.traders.len(), lines(TRADERS));
        assert_eq!(TABLES.events.len(), lines(EVENTS));
        assert_eq!(
            TABLES.total(Item::P61, Area::BE1)[5],
            29_064_100_000,
            "in euro"
        );
    }

    #[test]
    fn every_code_is_in_its_list_and_of_a_level_that_nothing_lies_below() {
        let list = |id| codelist(id).unwrap();
        for ((dimension, _, _), parts) in &TABLES.parts {
            for part in parts {
                let code = part.code.as_str();
                match dimension.as_str() {
                    "partner" => assert!(list("CL_COUNTERPART_AREA").get(code).is_some()),
                    "activity" => {
                        assert!(
                            list("CL_ACTIVITY").get(code).unwrap().is_of("A64"),
                            "{code}"
                        );
                    }
                    _ => {
                        let entry = list("CL_PRODUCT_SERVICES").get(code).unwrap();
                        let first = list("CL_PRODUCT_SERVICES").parts(code, 2024).next();
                        let alone = entry.is_of("EBOPS1") && first.is_none();
                        assert!(alone || entry.is_of("EBOPS2"), "{code}");
                    }
                }
            }
        }
        for (product, traders) in &TABLES.traders {
            assert!(!traders.is_empty(), "{product}");
            for (activity, _) in traders {
                let entry = list("CL_ACTIVITY").get(activity.as_str());
                assert!(entry.unwrap().is_of("A64"), "{activity}");
            }
        }
    }

    #[test]
    fn every_service_is_traded_by_someone_and_every_event_has_a_component() {
        for item in LEAVES {
            for area in REGIONS {
                let components = TABLES.components(item, area);
                assert_eq!(components.len(), if is_goods(item) { 64 } else { 31 });
                for part in components.iter().filter(|_| !is_goods(item)) {
                    assert!(!TABLES.traders(&part.code).is_empty(), "{}", part.code);
                }
                let partners = TABLES.partners(item, area, usize::MAX);
                assert!(partners.len() > 200 && partners.iter().all(|part| part.level > 0));
            }
        }
        for event in &TABLES.events {
            let known = |(_, parts): (_, &Vec<Part>)| {
                parts.iter().any(|part| part.code.as_str() == event.code)
            };
            assert!(TABLES.parts.iter().any(known), "{}", event.code);
            // A factor in the first or last year would bend the growth that the weights give.
            assert!(YEARS[1..5].contains(&event.year));
        }
    }
}
