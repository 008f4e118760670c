//! The cells of one flow in one month, and their sums.

use regtrade_model::{Area, Item};

use super::{
    ITEMS,
    months::Month,
    plan::{ALWAYS, Pair, Plan},
};
use crate::{draw::Draw, tables::REGIONS};

/// How often a pair that is not among the largest ones is traded in a month, by region, in thousandths.
const PRESENCE: [u32; REGIONS.len()] = [550, 900, 700];

/// How much trade of non-residents is in the community concept on top of the national one, by region, in thousandths.
const NON_RESIDENTS: [u32; REGIONS.len()] = [80, 180, 60];

// Names of draws.
const PRESENT: u64 = 1;
const NOISE: u64 = 2;
const FOREIGN: u64 = 3;
const REVISION: u64 = 4;

/// Values in euro after the national and the community concept.
type Values = [i64; 2];

/// What is shown of one product with one partner: places on the axes of the plan.
pub(super) struct Row {
    pub(super) product: usize,
    pub(super) partner: usize,
    pub(super) values: Values,
}

/// Values by pair of the plan and region; zero where there is no trade.
pub(super) struct Levels<'a> {
    pairs: &'a [Pair],
    values: Vec<[Values; REGIONS.len()]>,
}

impl<'a> Levels<'a> {
    pub(super) fn new(plan: &'a Plan, item: Item, month: Month) -> Self {
        let flow = ITEMS.iter().position(|own| *own == item).unwrap_or(0);
        let mut values = vec![[[0; 2]; REGIONS.len()]; plan.pairs.len()];
        for (region, area) in REGIONS.into_iter().enumerate() {
            let total = month.total(item, area);
            let draw_of = |pair: &Pair| pair.draw.at(flow as u64).at(region as u64);
            let weights: Vec<i128> = plan
                .pairs
                .iter()
                .map(|pair| {
                    let noise = draw_of(pair).at(month.count.into()).at(NOISE);
                    pair.weights[flow][region] * noise.between(700, 1300)
                })
                .collect();
            let is_present = |pair: &Pair| {
                let presence = if pair.is_large {
                    1000
                } else {
                    PRESENCE[region]
                };
                let chance = u64::from(presence) * u64::from(plan.presence) / 1000;
                let draw = draw_of(pair).at(month.count.into()).at(PRESENT);
                draw.chance(u32::try_from(chance).unwrap_or(ALWAYS))
            };
            let present: Vec<bool> = plan.pairs.iter().map(is_present).collect();
            let sum = weights.iter().zip(&present);
            let sum: i128 = sum.filter(|(_, present)| **present).map(|(w, _)| w).sum();
            for (place, pair) in plan.pairs.iter().enumerate() {
                let foreign = draw_of(pair)
                    .at(FOREIGN)
                    .between(0, 2 * NON_RESIDENTS[region]);
                let full = || {
                    let national = (total * weights[place] / sum.max(1)).max(1);
                    let community = national * (1000 + foreign) / 1000;
                    [national, community].map(|euros| i64::try_from(euros).unwrap_or(i64::MAX))
                };
                let own = if present[place] { full() } else { [0, 0] };
                values[place][region] = if plan.vintage == 0 {
                    own
                } else {
                    revised(plan, month, draw_of(pair), own, full)
                };
            }
        }
        Self {
            pairs: &plan.pairs,
            values,
        }
    }

    /// What there is of an area, in the order of keys.
    pub(super) fn rows(&self, plan: &Plan, area: Area) -> Vec<Row> {
        let region = REGIONS.iter().position(|own| *own == area);
        let mut rows = Vec::with_capacity(self.pairs.len());
        let (products, partners) = plan.sizes();
        let mut by_product = vec![[0; 2]; if plan.margins { products } else { 0 }];
        let mut by_partner = vec![[0; 2]; if plan.margins { partners } else { 0 }];
        let (all, world) = plan.overall;
        for (pair, values) in self.pairs.iter().zip(&self.values) {
            let values = match region {
                Some(region) => values[region],
                None => values.iter().fold([0; 2], plus),
            };
            if values == [0; 2] {
                continue;
            }
            rows.push(Row {
                product: pair.product,
                partner: pair.partner,
                values,
            });
            if plan.margins {
                for place in [pair.product, pair.chapter, all] {
                    by_product[place] = plus(by_product[place], &values);
                }
                by_partner[pair.partner] = plus(by_partner[pair.partner], &values);
            }
        }
        let sums = by_product.into_iter().enumerate();
        let sums = sums.map(|(product, values)| (product, world, values));
        let of_partners = by_partner.into_iter().enumerate();
        let of_partners = of_partners.map(|(partner, values)| (all, partner, values));
        for (product, partner, values) in sums.chain(of_partners) {
            if values != [0; 2] {
                rows.push(Row {
                    product,
                    partner,
                    values,
                });
            }
        }
        rows.sort_unstable_by_key(|row| (row.product, row.partner));
        rows
    }
}

fn plus(a: Values, b: &Values) -> Values {
    [a[0] + b[0], a[1] + b[1]]
}

/// What a later vintage says of a cell; `full` is what it has where there is trade.
fn revised(
    plan: &Plan,
    month: Month,
    draw: Draw,
    own: Values,
    full: impl Fn() -> Values,
) -> Values {
    let vintage = |draw: Draw| {
        let draw = draw.at(REVISION).at(plan.vintage.into());
        draw.at(month.count.into())
    };
    let draw = vintage(draw);
    let is_there = own != [0; 2];
    let scaled = |low, high| {
        let factor = draw.at(1).between(low, high);
        own.map(|euros| {
            i64::try_from(i128::from(euros) * factor / 1000)
                .unwrap_or(euros)
                .max(1)
        })
    };
    if month.count >= plan.revised_from {
        match is_there {
            true if draw.at(2).chance(2_000) => [0; 2],
            true if draw.at(3).chance(500_000) => scaled(985, 1015),
            false if draw.at(4).chance(5_000) => full(),
            _ => own,
        }
    } else if is_there && vintage(plan.draw).chance(30_000) && draw.at(5).chance(5_000) {
        scaled(950, 1050)
    } else {
        own
    }
}
