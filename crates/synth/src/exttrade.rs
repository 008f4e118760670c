//! Foreign trade in goods, monthly, by product and partner: any number of observations, made month by month.

mod levels;
mod months;
mod plan;
mod universe;

use regtrade_model::{
    Area, Code, Concept, ConfStatus, Decimal, FigureKey, Indicator, Item, ObsStatus, Observation,
};

use crate::{DECIMALS, tables::REGIONS};
use levels::Levels;
use months::Month;
use plan::Plan;

/// The flows, in the order of keys.
const ITEMS: [Item; 2] = [Item::P61, Item::P71];

/// The areas, in the order of keys: the country, then [`REGIONS`].
const AREAS: [Area; 4] = [Area::BE, REGIONS[0], REGIONS[1], REGIONS[2]];

/// What to make. The default is some million observations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExttradeOptions {
    /// Which of all possible details.
    pub seed: u64,
    /// 0 is the first vintage. Each other number is a later one: it revises the last 36 months, adds and deletes a few
    /// cells in them, and changes a few cells of a few older months.
    pub vintage: u32,
    /// How many observations, to within a tenth, from 10,000 to 100 million. Fewer only where the years are so few that
    /// there are not so many keys. Where there are under some 50 a month, months can be without any trade.
    pub rows: u64,
    /// The first year, not before 2002; earlier ones are left out.
    pub first_year: u16,
    /// The last year, not after 2024; later ones are left out.
    pub last_year: u16,
    /// Whether there are sums as well: over products (`_T`), over partners (`W1`), over both, and of chapters.
    pub margins: bool,
    /// Whether there is the country as well, the sum of its regions.
    pub country: bool,
    /// After which concept; `None`: after each of the two.
    pub concept: Option<Concept>,
    /// Whether several products lie in one subheading (six digits) and several of these in one heading, as in the
    /// Combined Nomenclature: 9,600 in 5,280 in 1,200. Otherwise each has a subheading of its own.
    pub nested: bool,
}

impl Default for ExttradeOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            vintage: 0,
            rows: 1_000_000,
            first_year: months::FIRST_YEAR,
            last_year: months::LAST_YEAR,
            margins: true,
            country: true,
            concept: None,
            nested: false,
        }
    }
}

/// Levels in million euro, exact to the euro, by month and then by key; no key twice, and none whose level is zero.
///
/// There are `P61` and `P71`, for `BE` and its three regions, after both concepts, by product (eight digits, as in the
/// Combined Nomenclature) and partner, or what of it the options choose. The country is the sum of its regions. Where `margins` is set there are also
/// each product with the world, each chapter (two digits) with the world, and each partner and the world over all
/// products; they are the exact sums of what is there.
///
/// Memory does not grow with the number of months: it holds one flow of one month, some 30 megabytes where there are 100
/// million observations in all.
///
/// ```
/// use regtrade_synth::{ExttradeOptions, exttrade};
/// let first = exttrade(&ExttradeOptions::default()).next();
/// assert!(first.is_some_and(|it| it.key.period.to_string() == "2002-01"));
/// ```
pub fn exttrade(options: &ExttradeOptions) -> impl Iterator<Item = Observation> + use<> {
    let plan = Plan::new(options);
    let months = months::between(options.first_year, options.last_year);
    months
        .into_iter()
        .flat_map(|month| ITEMS.map(|item| (month, item)))
        .flat_map(move |(month, item)| observations(&plan, month, item))
}

fn observations(plan: &Plan, month: Month, item: Item) -> Vec<Observation> {
    let levels = Levels::new(plan, item, month);
    let mut observations = Vec::new();
    for area in plan.areas.iter().copied() {
        for row in levels.rows(plan, area) {
            let values = Concept::ALL.iter().copied().zip(row.values);
            for (concept, euros) in values.filter(|(concept, _)| plan.concepts.contains(concept)) {
                let Some((product, counterpart_area)) = plan.codes(&row) else {
                    continue;
                };
                observations.push(Observation {
                    key: FigureKey {
                        item,
                        ref_area: area,
                        activity: Code::total(),
                        product,
                        counterpart_area,
                        concept: Some(concept),
                        indicator: Indicator::Level,
                        period: month.period.into(),
                    },
                    value: Some(Decimal::new(euros, DECIMALS)),
                    decimals: DECIMALS,
                    unit_mult: 6,
                    status: ObsStatus::A,
                    conf: ConfStatus::F,
                });
            }
        }
    }
    observations
}
