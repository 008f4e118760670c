//! Reconciliation: national accounts and foreign-trade statistics of goods side by side, never added.

use std::collections::{BTreeMap, BTreeSet};

use regtrade_lake::{Partners, Products, Step, SumsAsked};
use regtrade_model::{
    Area, Concept, Decimal, Figure, FigureKey, FigureValue, Indicator, Item, KeyPattern, ObsStatus,
    Period, Provenance, Undefined, exact,
};
use regtrade_service::Failure;

use crate::{
    key_indicators::LEVEL_MULT,
    levels::{Cell, Levels},
    masked::Stock,
    vintage::Chosen,
};

/// Decimals of a difference in percent.
const PERCENT_DECIMALS: i32 = 1;

/// What is asked for.
pub(crate) struct Question {
    pub(crate) items: Vec<Item>,
    pub(crate) areas: Vec<Area>,
    pub(crate) from: Option<Period>,
    pub(crate) to: Option<Period>,
    /// `None`: those that there are.
    pub(crate) concept: Option<Concept>,
}

/// A flow of a year in both statistics.
pub(crate) struct Row {
    pub(crate) item: Item,
    pub(crate) area: Area,
    pub(crate) year: Period,
    pub(crate) concept: Concept,
    /// National accounts; `None` where the caller may see none.
    pub(crate) regtrd: Option<Figure>,
    /// The sum of the twelve months; `None` where the caller may see none.
    pub(crate) exttrade: Option<Figure>,
    /// How many months of the year there are.
    pub(crate) months: u32,
    /// National accounts less foreign-trade statistics, in millions of euro.
    pub(crate) difference: Option<Decimal>,
    /// In percent of foreign-trade statistics.
    pub(crate) percent: Option<Decimal>,
}

/// The rows by item, area, year and concept.
///
/// # Errors
/// Where the lake cannot be read.
pub(crate) async fn reconcile(
    regtrd: Option<&Chosen>,
    exttrade: Option<&Chosen>,
    stock: &Stock,
    question: &Question,
) -> Result<Vec<Row>, Failure> {
    let accounts = match regtrd {
        Some(vintage) => Some(Accounts::of(vintage, stock).await?),
        None => None,
    };
    let trade = match exttrade {
        Some(vintage) => Some(Trade::of(vintage, stock, question).await?),
        None => None,
    };
    let mut years: BTreeSet<Period> = BTreeSet::new();
    years.extend(
        accounts
            .iter()
            .flat_map(|accounts| accounts.years(question)),
    );
    years.extend(trade.iter().flat_map(Trade::years));
    years.retain(|year| {
        question.from.is_none_or(|from| *year >= from) && question.to.is_none_or(|to| *year <= to)
    });
    let concepts = trade
        .as_ref()
        .map(|trade| trade.concepts(question))
        .unwrap_or_default();
    let concepts = match question.concept {
        Some(concept) => vec![concept],
        None if concepts.is_empty() => Concept::ALL.to_vec(),
        None => concepts,
    };
    let mut rows = vec![];
    for &item in &question.items {
        for &area in &question.areas {
            for &year in &years {
                for &concept in &concepts {
                    let found = trade
                        .as_ref()
                        .map(|trade| trade.figure(item, area, year, concept));
                    let (exttrade, months) = found.unzip();
                    let regtrd = accounts
                        .as_ref()
                        .map(|accounts| accounts.figure(item, area, year));
                    let (difference, percent) = difference(regtrd.as_ref(), exttrade.as_ref());
                    rows.push(Row {
                        item,
                        area,
                        year,
                        concept,
                        regtrd,
                        exttrade,
                        months: months.unwrap_or_default(),
                        difference,
                        percent,
                    });
                }
            }
        }
    }
    Ok(rows)
}

fn difference(
    regtrd: Option<&Figure>,
    exttrade: Option<&Figure>,
) -> (Option<Decimal>, Option<Decimal>) {
    let value = |figure: Option<&Figure>| match figure?.value {
        FigureValue::Exact(value) => Some(value),
        _ => None,
    };
    let (Some(accounts), Some(trade)) = (value(regtrd), value(exttrade)) else {
        return (None, None);
    };
    let difference = accounts.checked_sub(trade);
    let percent = difference.and_then(|difference| {
        let percent = exact::percentage(&exact::rational(difference), &exact::rational(trade));
        exact::round(&percent.ok()?, PERCENT_DECIMALS)
    });
    (difference, percent)
}

fn undefined(key: FigureKey, reason: Undefined, vintage: &Chosen) -> Figure {
    Figure {
        key,
        value: FigureValue::Undefined(reason),
        unit_mult: LEVEL_MULT,
        decimals: 0,
        provenance: Provenance::Computed,
        release: vintage.head().id.clone(),
        print_differs: None,
        obs_status: ObsStatus::A,
        source: None,
    }
}

/// National accounts: observed, printed, or between bounds.
struct Accounts<'a> {
    vintage: &'a Chosen,
    levels: BTreeMap<FigureKey, Figure>,
}

impl<'a> Accounts<'a> {
    async fn of(vintage: &'a Chosen, stock: &Stock) -> Result<Self, Failure> {
        let known = vintage.known(stock, &KeyPattern::overall()).await?;
        let levels = known.figures.into_iter().filter(|figure| {
            figure.key.indicator == Indicator::Level && figure.key.period.last().is_annual()
        });
        let levels = levels.map(|figure| (figure.key.clone(), figure)).collect();
        Ok(Self { vintage, levels })
    }

    fn years(&self, question: &Question) -> Vec<Period> {
        let asked = |key: &&FigureKey| {
            question.items.contains(&key.item) && question.areas.contains(&key.ref_area)
        };
        self.levels
            .keys()
            .filter(asked)
            .map(|key| key.period.last())
            .collect()
    }

    fn figure(&self, item: Item, area: Area, year: Period) -> Figure {
        let key = FigureKey::overall(item, area, Indicator::Level, year);
        let found = self.levels.get(&key).cloned();
        found.unwrap_or_else(|| undefined(key, Undefined::NotCovered, self.vintage))
    }
}

/// Foreign-trade statistics, by month.
struct Trade<'a> {
    vintage: &'a Chosen,
    levels: Levels,
}

impl<'a> Trade<'a> {
    async fn of(vintage: &'a Chosen, stock: &Stock, question: &Question) -> Result<Self, Failure> {
        let asked = SumsAsked {
            areas: question.areas.iter().copied().collect(),
            items: question.items.iter().copied().collect(),
            products: Products::Total,
            partners: Partners::World,
            concept: question.concept,
            step: Step::Period,
        };
        let within = |period: Period| {
            let year = period.year();
            question.from.is_none_or(|from| year >= from.year())
                && question.to.is_none_or(|to| year <= to.year())
        };
        let sums = vintage.sums(stock, &asked, &within).await?;
        let periods = vintage
            .slices()
            .into_keys()
            .filter(|period| within(*period))
            .collect();
        let levels = Levels::of_sums(vec![sums], periods);
        Ok(Self { vintage, levels })
    }

    fn years(&self) -> Vec<Period> {
        let years = self.levels.periods().iter().map(|period| period.year());
        years.filter_map(Period::of_year).collect()
    }

    fn concepts(&self, question: &Question) -> Vec<Concept> {
        let has = |concept: &&Concept| {
            let mut of = self
                .levels
                .cells()
                .filter(|cell| cell.concept == Some(**concept));
            of.any(|cell| question.items.contains(&cell.item))
        };
        Concept::ALL.iter().filter(has).copied().collect()
    }

    /// The sum of the months of a year, and how many there are.
    fn figure(&self, item: Item, area: Area, year: Period, concept: Concept) -> (Figure, u32) {
        let key = FigureKey {
            concept: Some(concept),
            ..FigureKey::overall(item, area, Indicator::Level, year)
        };
        let cell = Cell::from(&key);
        let mut months = self.levels.months(year);
        months.retain(|month| self.levels.has_in(&cell, *month));
        let count = u32::try_from(months.len()).unwrap_or(u32::MAX);
        let (decimals, releases) = self.levels.origin(&cell, &months);
        let sum = match (self.levels.of_year(&cell, year), count) {
            (_, 0) => Err(Undefined::NotCovered),
            // A year lacks more than what is suppressed of it.
            (Err(Undefined::Suppressed), 12) => Err(Undefined::Suppressed),
            (Err(_), _) => Err(Undefined::Missing),
            (Ok(sum), _) => sum.round(decimals).ok_or(Undefined::NotApplicable),
        };
        let figure = Figure {
            value: sum.map_or_else(FigureValue::Undefined, FigureValue::Exact),
            decimals,
            release: self.vintage.newest_of(&releases),
            ..undefined(key, Undefined::Missing, self.vintage)
        };
        (figure, count)
    }
}
