//! Synthetic observations of REGTRD. They are no statistics: every value comes from a seed, the level of the figures is
//! invented, and partners and products do not add up to their totals. Items and areas do, as the audit wants it.

use std::collections::BTreeMap;

use regtrade_model::{
    Area, Code, Decimal, FigureKey, Indicator, Item, ObsStatus, Observation, Period,
};

use crate::error::BenchError;

/// How many years a whole release has.
pub const YEARS: u16 = 23;

/// The first of them.
const FIRST_YEAR: u16 = 2002;

/// Values are in millions of euro with so many decimals.
const DECIMALS: u32 = 3;

/// Those that a release shows; the little that lies in none of them is left out.
const REGIONS: [Area; 3] = [Area::BE1, Area::BE2, Area::BE3];

/// The items that no other items add up to.
const LEAVES: [Item; 4] = [Item::P61, Item::P62, Item::P71, Item::P72];

const PARTNERS: [&str; 24] = [
    "DE", "FR", "NL", "GB", "US", "IT", "ES", "CN", "PL", "SE", "IE", "JP", "IN", "CH", "TR", "CZ",
    "AT", "BR", "LU", "DK", "RO", "HU", "PT", "KR",
];

const SERVICES: [&str; 12] = [
    "SA", "SB", "SC", "SD", "SE", "SF", "SG", "SH", "SI", "SJ", "SK", "SL",
];

/// Chapters of goods.
const CHAPTERS: u16 = 97;

/// Makes the observations of a year, the same for the same seed.
pub struct Synthetic {
    seed: u64,
    /// The keys of a year but for the year, overall ones first.
    cells: Vec<Cell>,
}

/// A level of every year.
struct Cell {
    item: Item,
    area: Area,
    product: Code,
    partner: Code,
}

impl Synthetic {
    /// Years of so many rows each: those over all products and partners, and then as many others as are wanted.
    ///
    /// # Errors
    /// Where there are not so many keys.
    pub fn new(rows: usize, seed: u64) -> Result<Self, BenchError> {
        let mut cells = vec![];
        for item in [
            Item::P6,
            Item::P61,
            Item::P62,
            Item::P7,
            Item::P71,
            Item::P72,
        ] {
            for area in REGIONS.into_iter().chain([Area::BE]) {
                cells.push(Cell {
                    item,
                    area,
                    product: Code::total(),
                    partner: Code::world(),
                });
            }
        }
        let products = (1..=CHAPTERS).map(|chapter| format!("{chapter:02}"));
        for (at, chapter) in products.enumerate() {
            for partner in PARTNERS {
                for item in LEAVES {
                    let is_goods = matches!(item, Item::P61 | Item::P71);
                    let product = match (is_goods, SERVICES.get(at)) {
                        (true, _) => &chapter,
                        (false, Some(service)) => *service,
                        (false, None) => continue,
                    };
                    for area in REGIONS {
                        cells.push(Cell {
                            item,
                            area,
                            product: code(product)?,
                            partner: code(partner)?,
                        });
                    }
                }
            }
        }
        if cells.len() < rows {
            let most = cells.len();
            return Err(BenchError::Made(format!(
                "a year has {most} rows at most, and {rows} are wanted"
            )));
        }
        cells.truncate(rows);
        Ok(Self { seed, cells })
    }

    /// How many rows a year has.
    pub const fn rows(&self) -> usize {
        self.cells.len()
    }

    /// All years, the first one first.
    pub fn periods() -> Vec<Period> {
        let years = FIRST_YEAR..FIRST_YEAR + YEARS;
        years.filter_map(Period::of_year).collect()
    }

    /// The observations of a year in one of its versions. Each version draws all values anew: nothing of it is saved by
    /// what was there before.
    pub fn slice(&self, period: Period, version: u32) -> Vec<Observation> {
        let leaves = self.leaves(period, version);
        let values = self.cells.iter().enumerate().map(|(at, cell)| {
            let thousands: u64 = if cell.product == Code::total() {
                let of = |(item, area): &(Item, Area)| {
                    let in_item = *item == cell.item || item.total() == cell.item;
                    in_item && (*area == cell.area || cell.area.is_country())
                };
                leaves
                    .iter()
                    .filter(|(leaf, _)| of(leaf))
                    .map(|(_, v)| v)
                    .sum()
            } else {
                // Up to 100 million euro.
                self.draw(period, version, at) % 100_000
            };
            (cell, i64::try_from(thousands).unwrap_or_default())
        });
        values
            .map(|(cell, thousands)| Observation {
                key: FigureKey {
                    item: cell.item,
                    ref_area: cell.area,
                    activity: Code::total(),
                    product: cell.product.clone(),
                    counterpart_area: cell.partner.clone(),
                    indicator: Indicator::Level,
                    concept: None,
                    period: period.into(),
                },
                value: Some(Decimal::new(thousands, DECIMALS)),
                decimals: DECIMALS,
                unit_mult: 6,
                status: ObsStatus::A,
                conf: regtrade_model::ConfStatus::F,
            })
            .collect()
    }

    /// What the figures over all products and partners are added up from, in thousands of euro: 10 to 110 billion.
    fn leaves(&self, period: Period, version: u32) -> BTreeMap<(Item, Area), u64> {
        let pairs = LEAVES
            .into_iter()
            .flat_map(|item| REGIONS.map(|area| (item, area)));
        let drawn = pairs.enumerate().map(|(at, pair)| {
            let value = self.draw(period, version, usize::MAX - at) % 100_000_000;
            (pair, 10_000_000 + value)
        });
        drawn.collect()
    }

    /// A number for a place in a year: splitmix64 over all that names it.
    fn draw(&self, period: Period, version: u32, at: usize) -> u64 {
        [u64::from(period.year()), version.into(), at as u64]
            .into_iter()
            .fold(self.seed, |state, next| mixed(state ^ mixed(next)))
    }
}

fn code(text: &str) -> Result<Code, BenchError> {
    text.parse()
        .map_err(|error| BenchError::Made(format!("{text}: {error}")))
}

/// The output function of splitmix64.
const fn mixed(state: u64) -> u64 {
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_years_and_another_version_other_values() {
        let year = Synthetic::periods()[0];
        let made = |seed, version| Synthetic::new(200, seed).unwrap().slice(year, version);
        assert_eq!(made(1, 0), made(1, 0));
        assert_ne!(made(1, 0), made(2, 0));
        let (first, second) = (made(1, 0), made(1, 1));
        assert_eq!(first.len(), 200);
        let changed = first.iter().zip(&second);
        assert!(changed.clone().all(|(a, b)| a.key == b.key));
        assert!(changed.filter(|(a, b)| a.value != b.value).count() > 190);
    }

    #[test]
    fn regions_add_up_to_the_country_and_goods_and_services_to_the_total() {
        let slice = Synthetic::new(30, 7)
            .unwrap()
            .slice(Synthetic::periods()[3], 2);
        let value = |item, area| {
            let mut of = slice.iter().filter(|row| row.key.item == item);
            let row = of.find(|row| row.key.ref_area == area).unwrap();
            row.value.unwrap()
        };
        let regions: Decimal = REGIONS.map(|area| value(Item::P61, area)).iter().sum();
        assert_eq!(value(Item::P61, Area::BE), regions);
        assert_eq!(
            value(Item::P7, Area::BE),
            value(Item::P71, Area::BE) + value(Item::P72, Area::BE)
        );
        assert_ne!(value(Item::P6, Area::BE1), value(Item::P7, Area::BE1));
    }

    #[test]
    fn there_are_not_endless_keys() {
        assert!(Synthetic::new(10_000, 1).is_ok());
        assert!(Synthetic::new(1_000_000, 1).is_err());
    }
}
