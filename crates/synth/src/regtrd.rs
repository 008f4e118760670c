//! The regional breakdown of imports and exports, annual, with detail by product, partner and activity.

mod levels;
mod views;

use regtrade_model::{ConfStatus, Decimal, FigureKey, Indicator, ObsStatus, Observation, Period};

use crate::{
    DECIMALS, PRINTED_DECIMALS,
    tables::{LEAVES, REGIONS, YEARS},
};
use levels::Levels;
use views::Views;

/// How many years before the last one a later vintage revises with it.
pub(crate) const REVISED_YEARS: usize = 3;

/// Which products of services are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Products {
    /// None: `_T` alone.
    Total,
    /// The twelve main items of EBOPS 2010, `SA` to `SL`.
    First,
    /// Those, and the items right below them, such as `SC2`.
    Second,
}

/// Which activities (NACE Rev. 2) are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Activities {
    /// None: `_T` alone.
    Total,
    /// The ten of A10.
    A10,
    /// Those of A10, of A38 and the sections between them.
    A38,
    /// Those of A10, A38 and A64, and the sections between them.
    A64,
}

/// What to make. The default is some 120,000 observations.
///
/// The options choose what is shown; values do not depend on them, but for `seed`, `vintage` and `partners` (the whole
/// trade is with those that there are).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegtrdOptions {
    /// Which of all possible details.
    pub seed: u64,
    /// 0 agrees with the printed release of 2024. Each other number is a later vintage, which revises the last three
    /// years (also in total) and moves a few amounts between partners in an older year.
    pub vintage: u32,
    /// How many partner countries, the largest ones first; as many as there are (some 230) where it is more. With 0
    /// only the world is shown.
    pub partners: usize,
    /// Which products of services.
    pub products: Products,
    /// Which activities.
    pub activities: Activities,
    /// Whether there are also observations of one product with one partner, of one activity (A10) with one partner,
    /// and of one main product by one activity (A10).
    pub crossed: bool,
}

impl Default for RegtrdOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            vintage: 0,
            partners: 40,
            products: Products::Second,
            activities: Activities::A64,
            crossed: true,
        }
    }
}

/// Levels of 2019 to 2024 in million euro, exact to the euro, by period and then by key; no key twice, and none whose
/// level is zero.
///
/// There are, for `BE` and its three regions, and for goods, services and both:
/// the total; each partner; each activity. Of services also each product, each product with each partner, and each
/// main product by each activity of A10; of goods each activity of A10 with each partner. What is there adds up
/// exactly: regions to the country, goods and services to both, and products, partners and activities to what
/// is right above them in their list (`_T` is above main products; there is no `S`).
///
/// ```
/// use regtrade_synth::{RegtrdOptions, regtrd};
/// let first = regtrd(&RegtrdOptions::default()).next();
/// assert_eq!(first.map(|it| it.key.to_string()).as_deref(), Some("A.BE.P6.A._T.W1:level:2019"));
/// ```
pub fn regtrd(options: &RegtrdOptions) -> impl Iterator<Item = Observation> + use<> {
    let of_regions = LEAVES
        .into_iter()
        .flat_map(|item| REGIONS.map(|area| (item, area)));
    let levels: Vec<Levels> = of_regions
        .map(|(item, area)| Levels::new(options, item, area))
        .collect();
    let as_printed = options.vintage == 0;
    let views = Views::new(options, &levels);
    (0..YEARS.len()).flat_map(move |year| {
        let period = Period::of_year(YEARS[year]);
        let cells = views.cells(&levels, year);
        let of = |(cell, euros): (views::Cell, i64)| {
            let [activity, product, counterpart_area] = views.codes(&cell)?;
            let key = FigureKey {
                item: cell.item,
                ref_area: cell.area,
                activity,
                product,
                counterpart_area,
                concept: None,
                indicator: Indicator::Level,
                period: period?.into(),
            };
            let value = Decimal::new(euros, DECIMALS);
            // The totals of the print lie on the grid of its decimals.
            let (value, decimals) = if as_printed && key.is_overall() {
                (value.round_dp(PRINTED_DECIMALS), PRINTED_DECIMALS)
            } else {
                (value, DECIMALS)
            };
            Some(Observation {
                key,
                value: Some(value),
                decimals,
                unit_mult: 6,
                status: ObsStatus::A,
                conf: ConfStatus::F,
            })
        };
        cells.into_iter().filter_map(of).collect::<Vec<_>>()
    })
}
