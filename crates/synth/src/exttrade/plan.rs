//! Which pairs of product and partner there are, so many that the observations are as many as wanted.

use regtrade_model::{Area, Code, Concept};

use super::{
    AREAS, ExttradeOptions, ITEMS,
    levels::{Levels, Row},
    months::{self, Month},
    universe::Universe,
};
use crate::{axis::Axis, draw::Draw, tables::REGIONS};

/// Millionths: always.
pub(super) const ALWAYS: u32 = 1_000_000;

/// A product with a partner.
pub(super) struct Pair {
    pub(super) product: usize,
    pub(super) chapter: usize,
    pub(super) partner: usize,
    /// Draws of this pair.
    pub(super) draw: Draw,
    /// Whether it is among the largest ones, which every region trades in every month.
    pub(super) is_large: bool,
    /// Weight by flow and region.
    pub(super) weights: [[i128; REGIONS.len()]; ITEMS.len()],
}

/// The pairs, in the order of keys, and what there is besides.
pub(super) struct Plan {
    pub(super) pairs: Vec<Pair>,
    /// How often what may be there is there, in millionths.
    pub(super) presence: u32,
    pub(super) margins: bool,
    /// The areas that are shown, and the concepts, both in the order of keys.
    pub(super) areas: Vec<Area>,
    pub(super) concepts: Vec<Concept>,
    pub(super) vintage: u32,
    /// Months from here on are revised by a later vintage.
    pub(super) revised_from: u32,
    pub(super) draw: Draw,
    products: Axis,
    partners: Axis,
    /// Product and partner of the sum over all.
    pub(super) overall: (usize, usize),
}

impl Plan {
    pub(super) fn new(options: &ExttradeOptions) -> Self {
        let universe = Universe::new(options.nested);
        let months = months::between(options.first_year, options.last_year);
        let mut plan = Self::empty(options, &universe, &months);
        let Some(samples) = Samples::new(options.rows, &months) else {
            return plan;
        };
        // The width at which there are at least as many rows as wanted, then the share of cells that leaves as many.
        let widest = universe.products.len() * universe.partners.len();
        let width = least(widest, |width| {
            plan.pairs = plan.pairs(&universe, width);
            samples.rows(&plan) >= options.rows
        });
        plan.pairs = plan.pairs(&universe, width);
        let presence = least(ALWAYS as usize, |presence| {
            plan.presence = u32::try_from(presence).unwrap_or(ALWAYS);
            samples.rows(&plan) >= options.rows
        });
        plan.presence = u32::try_from(presence).unwrap_or(ALWAYS);
        plan.vintage = options.vintage;
        plan
    }

    fn empty(options: &ExttradeOptions, universe: &Universe, months: &[Month]) -> Self {
        let products = universe.products.iter();
        let products = products
            .flat_map(|product| [product.code.clone(), product.chapter.clone()])
            .chain([Code::total()]);
        let products = Axis::new(products.collect());
        let partners = universe.partners.iter().cloned().chain([Code::world()]);
        let partners = Axis::new(partners.collect());
        let place = |axis: &Axis, code: Code| axis.place(code.as_str()).unwrap_or_default();
        Self {
            pairs: vec![],
            presence: ALWAYS,
            margins: options.margins,
            areas: AREAS
                .into_iter()
                .filter(|area| options.country || !area.is_country())
                .collect(),
            concepts: Concept::ALL
                .iter()
                .copied()
                .filter(|concept| options.concept.is_none_or(|own| own == *concept))
                .collect(),
            vintage: 0,
            revised_from: months
                .last()
                .map_or(0, |last| last.count.saturating_sub(35)),
            draw: Draw::new(options.seed).of("EXTTRADE"),
            overall: (
                place(&products, Code::total()),
                place(&partners, Code::world()),
            ),
            products,
            partners,
        }
    }

    /// The pairs within a hyperbola: a product of rank r is traded with the first `width` / r partners.
    fn pairs(&self, universe: &Universe, width: usize) -> Vec<Pair> {
        let mut pairs = vec![];
        for (rank, product) in universe.products.iter().enumerate().take(width) {
            let partners = universe.partners.iter().enumerate();
            for (at, partner) in partners.take(width / (rank + 1)) {
                let draw = self.draw.at(rank as u64).at(at as u64);
                let weight = |item, region: usize| {
                    let noise = draw.at(item as u64).at(region as u64).between(300, 1700);
                    universe.weight(item, region, rank, at) * noise
                };
                pairs.push(Pair {
                    product: self
                        .products
                        .place(product.code.as_str())
                        .unwrap_or_default(),
                    chapter: self
                        .products
                        .place(product.chapter.as_str())
                        .unwrap_or_default(),
                    partner: self.partners.place(partner.as_str()).unwrap_or_default(),
                    draw,
                    is_large: (rank + 1) * (at + 1) <= 40,
                    weights: std::array::from_fn(|item| {
                        std::array::from_fn(|region| weight(item, region))
                    }),
                });
            }
        }
        pairs.sort_unstable_by_key(|pair| (pair.product, pair.partner));
        pairs
    }

    /// How many codes of products, chapters and their total there are, and of partners and the world.
    pub(super) const fn sizes(&self) -> (usize, usize) {
        (self.products.len(), self.partners.len())
    }

    pub(super) fn codes(&self, row: &Row) -> Option<(Code, Code)> {
        let product = self.products.code(row.product)?.clone();
        Some((product, self.partners.code(row.partner)?.clone()))
    }
}

/// Months in which rows are counted, standing for all.
struct Samples {
    months: Vec<Month>,
    of: u64,
}

impl Samples {
    /// More of them where months have few rows, since chance plays a larger part then.
    fn new(rows: u64, months: &[Month]) -> Option<Self> {
        let all = u64::try_from(months.len())
            .ok()
            .filter(|count| *count > 0)?;
        let count = (100_000 * all / rows.max(1)).clamp(1, 48).min(all);
        let step = months.len() / usize::try_from(count).ok()?;
        let chosen = months.iter().copied().skip(step / 2).step_by(step.max(1));
        Some(Self {
            months: chosen.collect(),
            of: all,
        })
    }

    fn rows(&self, plan: &Plan) -> u64 {
        let of_month = |month: &Month| -> usize {
            let items = ITEMS.into_iter();
            let levels = items.map(|item| Levels::new(plan, item, *month));
            let rows = levels.map(|levels| {
                let of = |area: &Area| levels.rows(plan, *area).len();
                plan.areas.iter().map(of).sum::<usize>()
            });
            rows.sum()
        };
        let counted: usize = self.months.iter().map(of_month).sum();
        counted as u64 * plan.concepts.len() as u64 * self.of / self.months.len().max(1) as u64
    }
}

/// The least number from 1 to `most` that is enough; `most` where none is.
fn least(most: usize, mut is_enough: impl FnMut(usize) -> bool) -> usize {
    // Up in steps that double, so that what is much too large is never tried.
    let mut high = 1;
    while high < most && !is_enough(high) {
        high *= 2;
    }
    let (mut low, mut high) = (high / 2 + 1, high.min(most));
    while low < high {
        let middle = low.midpoint(high);
        if is_enough(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    high
}
