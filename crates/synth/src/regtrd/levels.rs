//! The levels of one item in one region: by component and partner, year by year, fitted to the total.

use regtrade_model::{Area, Code, Item};

use super::{REVISED_YEARS, RegtrdOptions};
use crate::{
    apportion::apportion,
    draw::Draw,
    tables::{ByYear, Part, TABLES, YEARS, is_goods},
};

/// How far each year is on the way from the first to the last, in thousandths.
const WAY: [i128; YEARS.len()] = [0, 100, 350, 700, 900, 1000];

/// Partners so far down the list may have no trade in a component, and then have some in another vintage.
const MAY_BE_ABSENT: usize = 15;

/// How often that is, in millionths.
const ABSENT: u32 = 20_000;

/// How many partners are drawn where none are shown.
const UNSHOWN_PARTNERS: usize = 40;

/// Components (products of services, activities of goods) by partners.
pub(super) struct Levels {
    pub(super) item: Item,
    pub(super) area: Area,
    pub(super) components: Vec<Component>,
    pub(super) partners: Vec<Code>,
    /// In euro, partners of the first component first.
    pub(super) values: Vec<ByYear>,
}

/// A component and who trades it.
pub(super) struct Component {
    /// The product, for services.
    pub(super) product: Option<Code>,
    /// Activities with weights; one for goods.
    pub(super) traders: Vec<(Code, i128)>,
}

impl Levels {
    pub(super) fn new(options: &RegtrdOptions, item: Item, area: Area) -> Self {
        let shown = if options.partners == 0 {
            UNSHOWN_PARTNERS
        } else {
            options.partners
        };
        let parts = TABLES.components(item, area);
        let partners = TABLES.partners(item, area, shown);
        let draw = Draw::new(options.seed).of(item.as_str()).of(area.as_str());
        let mut values = Maker {
            item,
            area,
            parts,
            partners: &partners,
            draw,
        }
        .values();
        if options.vintage > 0 {
            let draw = draw.of("vintage").at(options.vintage.into());
            revise(&mut values, draw, partners.len());
        }
        let components = parts.iter().map(|part| {
            let (product, traders) = if is_goods(item) {
                (None, vec![(part.code.clone(), 1)])
            } else {
                let traders = TABLES.traders(&part.code).iter().zip(0..);
                let traders = traders.map(|((code, weight), at)| {
                    let noise = draw.of(part.code.as_str()).of("trader").at(at);
                    (code.clone(), weight * noise.between(800, 1200))
                });
                (Some(part.code.clone()), traders.collect())
            };
            Component { product, traders }
        });
        Self {
            item,
            area,
            components: components.collect(),
            partners: partners.into_iter().map(|part| part.code).collect(),
            values,
        }
    }
}

impl Component {
    /// An amount by who trades it.
    pub(super) fn split(&self, euros: i64) -> Vec<i64> {
        let weights: Vec<_> = self.traders.iter().map(|(_, weight)| *weight).collect();
        apportion(euros, &weights)
    }
}

/// What the levels are made of.
struct Maker<'a> {
    item: Item,
    area: Area,
    parts: &'a [Part],
    partners: &'a [Part],
    draw: Draw,
}

impl Maker<'_> {
    /// The first and the last year by weights, and what lies between on the way from one to the other, with events
    /// and a little noise; every year is fitted to its total.
    fn values(&self) -> Vec<ByYear> {
        let totals = TABLES.total(self.item, self.area);
        let [first, .., last] = totals;
        let levels = apportion(first, &self.weights("level", |part| part.level));
        let growths = self.weights("growth", |part| part.growth);
        let growth_sum = growths.iter().sum::<i128>().max(1);
        let grown: Vec<i128> = levels
            .iter()
            .zip(&growths)
            .map(|(level, growth)| {
                let level = i128::from(*level);
                let grown = level + i128::from(last - first) * growth / growth_sum;
                // What shrinks does not vanish.
                grown.max(level / 20)
            })
            .collect();
        let grown = apportion(last, &grown);
        let mut values: Vec<ByYear> = levels
            .iter()
            .zip(&grown)
            .map(|(level, grown)| [*level, 0, 0, 0, 0, *grown])
            .collect();
        for year in 1..YEARS.len() - 1 {
            let between = apportion(totals[year], &self.between(year, &values));
            for (values, euros) in values.iter_mut().zip(between) {
                values[year] = euros;
            }
        }
        values
    }

    /// Component by partner, with noise of the pair that keeps the weight of each component and nearly that of each
    /// partner.
    fn weights(&self, what: &str, of: impl Fn(&Part) -> i128) -> Vec<i128> {
        let mut weights = Vec::with_capacity(self.parts.len() * self.partners.len());
        for (component, part) in self.parts.iter().enumerate() {
            let noisy: Vec<i128> = self
                .partners
                .iter()
                .enumerate()
                .map(|(at, partner)| {
                    let pair = self.pair(component, at);
                    let noise = pair.between(600, 1400);
                    if self.is_absent(pair, at) {
                        0
                    } else {
                        of(partner) * noise
                    }
                })
                .collect();
            let sum = noisy.iter().sum::<i128>().max(1);
            // The story is in the tables, the seed only colours it.
            let wobble = self.draw.of(what).at(component as u64).between(950, 1050);
            let scale = of(part) * wobble * 1_000_000;
            weights.extend(noisy.iter().map(|weight| weight * scale / sum));
        }
        weights
    }

    fn between(&self, year: usize, values: &[ByYear]) -> Vec<i128> {
        let mut weights = Vec::with_capacity(values.len());
        let mut pairs = values.iter();
        for (component, part) in self.parts.iter().enumerate() {
            let factor = TABLES.factor(&part.code, self.item, self.area, YEARS[year]);
            for (at, values) in pairs.by_ref().take(self.partners.len()).enumerate() {
                let (from, to) = (i128::from(values[0]), i128::from(values[YEARS.len() - 1]));
                let noise = self.pair(component, at).at(year as u64).between(970, 1030);
                weights.push((from * (1000 - WAY[year]) + to * WAY[year]) * factor * noise);
            }
        }
        weights
    }

    fn pair(&self, component: usize, partner: usize) -> Draw {
        self.draw.at(component as u64).at(partner as u64)
    }

    fn is_absent(&self, pair: Draw, partner: usize) -> bool {
        partner >= MAY_BE_ABSENT && pair.of("absent").chance(ABSENT)
    }
}

/// A later vintage: other totals and amounts in the last years, some pairs that are no longer there and some that now
/// are; and in one older year a few amounts that go to another partner.
fn revise(values: &mut [ByYear], draw: Draw, partners: usize) {
    for year in YEARS.len() - REVISED_YEARS..YEARS.len() {
        let draw = draw.at(year as u64);
        let total: i64 = values.iter().map(|values| values[year]).sum();
        let revised = i128::from(total) * draw.of("total").between(9_850, 10_150) / 10_000;
        let weights: Vec<i128> = (0_u64..)
            .zip(values.iter())
            .map(|(at, values)| {
                let pair = draw.of("pair").at(at);
                let partner = usize::try_from(at).unwrap_or(0) % partners.max(1);
                let absent = partner >= MAY_BE_ABSENT && pair.of("absent").chance(ABSENT / 10);
                match i128::from(values[year]) {
                    _ if absent => 0,
                    // What was not there is so by a few thousand euro.
                    0 if pair.of("new").chance(ABSENT * 5) => pair.between(1_000, 50_000) * 1_000,
                    euros => euros * pair.between(980, 1020),
                }
            })
            .collect();
        let revised = i64::try_from(revised).unwrap_or(total);
        for (values, euros) in values.iter_mut().zip(apportion(revised, &weights)) {
            values[year] = euros;
        }
    }
    let older = draw.of("older");
    let year = usize::try_from(older.between(1, 2)).unwrap_or(1);
    let components = values.len() / partners.max(1);
    for at in 0..3 {
        let draw = older.at(at);
        let place = |name: &str, count: usize| {
            let last = u32::try_from(count.saturating_sub(1)).unwrap_or(0);
            usize::try_from(draw.of(name).between(0, last)).unwrap_or(0)
        };
        let row = place("component", components) * partners;
        let (from, to) = (row + place("from", partners), row + place("to", partners));
        let moved = values.get(from).map_or(0, |values| values[year] / 10);
        if values.get(to).is_some() {
            values[from][year] -= moved;
            values[to][year] += moved;
        }
    }
}
