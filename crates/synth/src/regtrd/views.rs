//! Which sums of the levels are shown: the combinations of codes that there are observations of.

use std::collections::BTreeMap;

use regtrade_model::{Area, Code, Item, codelist};

use super::{Activities, Products, RegtrdOptions, levels::Levels};
use crate::{axis::Axis, tables::is_goods};

/// The key of an observation but for the period. Codes are places on the axes, in the order of their text, so that
/// cells are in the order of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cell {
    pub(super) item: Item,
    pub(super) area: Area,
    activity: usize,
    product: usize,
    partner: usize,
}

/// The axes, and what is shown of each.
pub(super) struct Views {
    activities: Axis,
    products: Axis,
    partners: Axis,
    /// The cell of no item and area in particular that covers everything.
    overall: [usize; 3],
    shows_partners: bool,
    crossed: bool,
}

/// The places of a code and of what it is part of, as far as they are shown, the total excepted. The last one is right
/// below the total.
type Chain = Vec<usize>;

impl Views {
    pub(super) fn new(options: &RegtrdOptions, levels: &[Levels]) -> Self {
        let activities: &[&str] = match options.activities {
            Activities::Total => &[],
            Activities::A10 => &["A10"],
            Activities::A38 => &["A10", "A21", "A38"],
            Activities::A64 => &["A10", "A21", "A38", "A64"],
        };
        let products: &[&str] = match options.products {
            Products::Total => &[],
            Products::First => &["EBOPS1"],
            Products::Second => &["EBOPS1", "EBOPS2"],
        };
        let of_list = |id, levels: &[&str]| {
            let entries = codelist(id).into_iter().flat_map(|list| list.codes());
            let shown = entries
                .filter(|entry| !entry.memo && levels.iter().any(|level| entry.is_of(level)))
                .map(|entry| entry.code.clone());
            Axis::new(shown.chain([Code::total()]).collect())
        };
        let activities = of_list("CL_ACTIVITY", activities);
        let products = of_list("CL_PRODUCT_SERVICES", products);
        let named = levels.iter().flat_map(|levels| levels.partners.clone());
        let partners = Axis::new(named.chain([Code::world()]).collect());
        let place = |axis: &Axis, code: Code| axis.place(code.as_str()).unwrap_or_default();
        Self {
            overall: [
                place(&activities, Code::total()),
                place(&products, Code::total()),
                place(&partners, Code::world()),
            ],
            shows_partners: options.partners > 0,
            crossed: options.crossed,
            activities,
            products,
            partners,
        }
    }

    /// The codes of a cell: activity, product, partner.
    pub(super) fn codes(&self, cell: &Cell) -> Option<[Code; 3]> {
        Some([
            self.activities.code(cell.activity)?.clone(),
            self.products.code(cell.product)?.clone(),
            self.partners.code(cell.partner)?.clone(),
        ])
    }

    /// What there is in a year, in euro; nothing that is zero.
    pub(super) fn cells(&self, levels: &[Levels], year: usize) -> BTreeMap<Cell, i64> {
        let mut cells = BTreeMap::new();
        for levels in levels {
            let partners = levels.partners.iter().map(|code| {
                let place = self.partners.place(code.as_str());
                place.filter(|_| self.shows_partners)
            });
            let partners: Vec<_> = partners.collect();
            let mut values = levels.values.iter();
            for component in &levels.components {
                let product = component.product.as_ref();
                let product =
                    product.map(|code| chain(&self.products, "CL_PRODUCT_SERVICES", code));
                let product = product.unwrap_or_default();
                let traders = component.traders.iter();
                let activities: Vec<_> = traders
                    .map(|(code, _)| chain(&self.activities, "CL_ACTIVITY", code))
                    .collect();
                for (partner, values) in partners.iter().zip(values.by_ref()) {
                    for (activity, euros) in activities.iter().zip(component.split(values[year])) {
                        if euros > 0 {
                            self.add(&mut cells, levels, [activity, &product], *partner, euros);
                        }
                    }
                }
            }
        }
        cells
    }

    fn add(
        &self,
        cells: &mut BTreeMap<Cell, i64>,
        levels: &Levels,
        [activities, products]: [&Chain; 2],
        partner: Option<usize>,
        euros: i64,
    ) {
        let [all_activities, all_products, world] = self.overall;
        let mut add = |items: &[Item], activity, product, partner| {
            for &item in items {
                for area in [levels.area, levels.area.country()] {
                    let cell = Cell {
                        item,
                        area,
                        activity,
                        product,
                        partner,
                    };
                    *cells.entry(cell).or_insert(0) += euros;
                }
            }
        };
        let (own, both) = ([levels.item], [levels.item, levels.item.total()]);
        for partner in partner.into_iter().chain([world]) {
            add(&both, all_activities, all_products, partner);
        }
        for &activity in activities {
            add(&both, activity, all_products, world);
        }
        for &product in products {
            add(&own, all_activities, product, world);
        }
        if !self.crossed {
            return;
        }
        let (main_activity, main_product) = (activities.last(), products.last());
        if let (Some(&activity), Some(&product)) = (main_activity, main_product) {
            add(&own, activity, product, world);
        }
        let Some(partner) = partner else { return };
        for &product in products {
            add(&own, all_activities, product, partner);
        }
        if let (Some(&activity), true) = (main_activity, is_goods(levels.item)) {
            add(&own, activity, all_products, partner);
        }
    }
}

fn chain(axis: &Axis, list: &str, code: &Code) -> Chain {
    let total = Code::total();
    let above = codelist(list).into_iter();
    above
        .flat_map(|list| list.ancestry(code.as_str()))
        .filter(|entry| entry.code != total)
        .filter_map(|entry| axis.place(entry.code.as_str()))
        .collect()
}
