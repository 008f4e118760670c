//! The months, and how much is traded in each.

use regtrade_model::{Area, Item, Period};

use crate::tables::{TABLES, YEARS};

/// The first year of monthly figures by region.
pub(super) const FIRST_YEAR: u16 = 2002;

/// The last year that there are totals of.
pub(super) const LAST_YEAR: u16 = YEARS[YEARS.len() - 1];

/// Trade of the years before those that there are totals of, in thousandths of the first of these. Invented, with the
/// known shape: the slump of 2009 and the slow years after 2011.
const BEFORE: [i128; (YEARS[0] - FIRST_YEAR) as usize] = [
    540, 550, 595, 640, 690, 745, 780, 640, 745, 835, 845, 850, 860, 880, 890, 945, 985,
];

/// How trade is spread over a year, in parts of about 100.
const SEASON: [i128; 12] = [97, 97, 107, 100, 99, 103, 96, 87, 102, 107, 104, 101];

/// A month.
#[derive(Debug, Clone, Copy)]
pub(super) struct Month {
    pub(super) period: Period,
    pub(super) year: u16,
    /// How many months after January of year 0.
    pub(super) count: u32,
}

/// The months of the years from a first to a last one that can be made.
pub(super) fn between(first_year: u16, last_year: u16) -> Vec<Month> {
    let years = first_year.max(FIRST_YEAR)..=last_year.min(LAST_YEAR);
    years
        .flat_map(|year| (1..=12).map(move |month: u32| (year, month)))
        .filter_map(|(year, month)| {
            Some(Month {
                period: format!("{year}-{month:02}").parse().ok()?,
                year,
                count: u32::from(year) * 12 + month - 1,
            })
        })
        .collect()
}

impl Month {
    /// What a region trades after the national concept, in euro.
    pub(super) fn total(self, item: Item, area: Area) -> i128 {
        let totals = TABLES.total(item, area);
        let annual = match YEARS.iter().position(|year| *year == self.year) {
            Some(place) => i128::from(totals[place]),
            None => {
                let before = BEFORE.get(usize::from(self.year.saturating_sub(FIRST_YEAR)));
                i128::from(totals[0]) * before.copied().unwrap_or(1000) / 1000
            }
        };
        let season: i128 = SEASON.iter().sum();
        let month = SEASON[self.count as usize % 12];
        annual * ratio(item, area) / 1000 * month / season
    }
}

/// The national concept in thousandths of the regional breakdown, which leaves out the transit of gas and electricity
/// and goods for processing and repair, adds merchanting, and splits by region in another way. Invented.
fn ratio(item: Item, area: Area) -> i128 {
    match (item, area.as_str()) {
        (Item::P61, "BE1") => 955,
        (Item::P61, "BE2") => 1065,
        (Item::P61, _) => 1025,
        (_, "BE1") => 935,
        (_, "BE2") => 1075,
        (_, _) => 1030,
    }
}
