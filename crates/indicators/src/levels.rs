//! The levels of a vintage, by cell and period, in millions of euro, exact.

use std::collections::BTreeSet;

use foldhash::{HashMap, HashMapExt as _};
use regtrade_model::{
    Area, Code, Concept, Decimal, FigureKey, Indicator, Item, KeyPattern, ObsStatus, Period,
    ReleaseId, Side, Undefined, exact::Number,
};

use crate::{
    detail::Summed,
    key_indicators::{LEVEL_MULT, reason},
    masked::Written,
};

/// A level, or why there is none.
pub(crate) type Level = Result<Number, Undefined>;

/// A cell: all that a key has but for indicator and period.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Cell {
    pub(crate) item: Item,
    pub(crate) ref_area: Area,
    pub(crate) activity: Code,
    pub(crate) product: Code,
    pub(crate) partner: Code,
    pub(crate) concept: Option<Concept>,
}

impl Cell {
    pub(crate) fn of_item(&self, item: Item) -> Self {
        Self {
            item,
            ..self.clone()
        }
    }

    pub(crate) fn key(&self, indicator: Indicator, period: Period) -> FigureKey {
        FigureKey {
            item: self.item,
            ref_area: self.ref_area,
            activity: self.activity.clone(),
            product: self.product.clone(),
            counterpart_area: self.partner.clone(),
            concept: self.concept,
            indicator,
            period: period.into(),
        }
    }

    /// The items that its levels are made of.
    pub(crate) fn items(item: Item) -> Vec<Item> {
        match item.side() {
            Side::Net => vec![item, item.on(Side::Exports), item.on(Side::Imports)],
            Side::Exports | Side::Imports => vec![item],
        }
    }
}

impl From<&FigureKey> for Cell {
    fn from(key: &FigureKey) -> Self {
        Self {
            item: key.item,
            ref_area: key.ref_area,
            activity: key.activity.clone(),
            product: key.product.clone(),
            partner: key.counterpart_area.clone(),
            concept: key.concept,
        }
    }
}

/// The pattern that chooses whole dimensions or some codes of them; an empty list is all.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) areas: BTreeSet<String>,
    pub(crate) items: BTreeSet<String>,
    pub(crate) activities: BTreeSet<String>,
    pub(crate) products: BTreeSet<String>,
    pub(crate) partners: BTreeSet<String>,
    pub(crate) concept: Option<Concept>,
}

impl Wanted {
    /// The pattern that chooses them.
    pub(crate) fn pattern(&self) -> KeyPattern {
        let joined = |codes: &BTreeSet<String>| {
            codes
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join("+")
        };
        let text = [
            String::new(),
            joined(&self.areas),
            joined(&self.items),
            joined(&self.activities),
            joined(&self.products),
            joined(&self.partners),
            self.concept.map(|c| c.to_string()).unwrap_or_default(),
        ];
        let pattern = text.join(".").parse();
        pattern.unwrap_or_else(|_| unreachable!("every code was one before"))
    }
}

/// Decimals of most levels in millions of euro, which are whole euro.
const DECIMALS: u32 = 6;

/// A level as it was read.
struct Read {
    level: Level,
    decimals: i32,
    release: ReleaseId,
}

/// A value times 10^`shift`, or why there is none.
fn level(value: Option<Decimal>, shift: i32, status: ObsStatus) -> Level {
    let value = value.map(|value| Number::shifted(value, shift).with_decimals(DECIMALS));
    value.ok_or_else(|| reason(status))
}

/// The levels of a cell, in the order of their periods, each once: they are few, and cells are many.
#[derive(Default)]
struct OfCell(Vec<(Period, Read)>);

impl OfCell {
    /// Takes a level more, in the place of that which its period had.
    fn insert(&mut self, period: Period, read: Read) {
        match self.0.last() {
            Some((last, _)) if *last >= period => {
                match self.0.binary_search_by_key(&period, |(of, _)| *of) {
                    Ok(at) => self.0[at].1 = read,
                    Err(at) => self.0.insert(at, (period, read)),
                }
            }
            _ => self.0.push((period, read)),
        }
    }

    fn get(&self, period: Period) -> Option<&Read> {
        let at = self.0.binary_search_by_key(&period, |(of, _)| *of);
        at.ok().map(|at| &self.0[at].1)
    }
}

/// The levels of some cells.
pub(crate) struct Levels {
    cells: HashMap<Cell, OfCell>,
    /// The periods of which the vintage has observations.
    periods: BTreeSet<Period>,
    has_months: bool,
}

impl Levels {
    /// `periods` are those of which the vintage has observations.
    pub(crate) fn of(observations: Vec<Written>, periods: BTreeSet<Period>) -> Self {
        let mut cells: HashMap<Cell, OfCell> = HashMap::new();
        for (release, observation) in observations {
            let shift = observation.unit_mult - LEVEL_MULT;
            let decimals = i32::try_from(observation.decimals).unwrap_or(i32::MAX);
            let read = Read {
                level: level(observation.value, shift, observation.status),
                decimals: decimals.saturating_sub(shift),
                release,
            };
            let of = cells.entry(Cell::from(&observation.key)).or_default();
            of.insert(observation.key.period.last(), read);
        }
        Self::with(cells, periods)
    }

    /// The same of sums.
    pub(crate) fn of_sums(summed: Vec<Summed>, periods: BTreeSet<Period>) -> Self {
        let parts = summed.iter().map(|summed| summed.sums.series.len());
        let mut cells: HashMap<Cell, OfCell> = HashMap::with_capacity(parts.sum());
        for Summed { sums, writers } in summed {
            for series in sums.series {
                let levels = series.levels.iter().zip(sums.periods.iter().zip(&writers));
                let read = levels.filter_map(|(sum, (period, writer))| {
                    let sum = (*sum)?;
                    let read = Read {
                        level: level(sum.value, 0, sum.status),
                        decimals: i32::try_from(sum.decimals).unwrap_or(i32::MAX),
                        release: writer.clone(),
                    };
                    Some((*period, read))
                });
                let cell = Cell {
                    item: series.item,
                    ref_area: series.ref_area,
                    activity: Code::total(),
                    product: series.product,
                    partner: series.counterpart_area,
                    concept: series.concept,
                };
                let of = cells.entry(cell).or_default();
                of.0.reserve_exact(series.levels.iter().flatten().count());
                read.for_each(|(period, read)| of.insert(period, read));
            }
        }
        cells.retain(|_, of| !of.0.is_empty());
        Self::with(cells, periods)
    }

    fn with(cells: HashMap<Cell, OfCell>, periods: BTreeSet<Period>) -> Self {
        let mut of_all = periods.iter();
        let has_months = of_all.any(|period| period.frequency() == "M");
        Self {
            cells,
            periods,
            has_months,
        }
    }

    /// The periods of which the vintage has observations, in order.
    pub(crate) const fn periods(&self) -> &BTreeSet<Period> {
        &self.periods
    }

    /// Every cell that is there.
    pub(crate) fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.cells.keys()
    }

    /// Whether a cell, or what it is computed from, is there in any period.
    pub(crate) fn has(&self, cell: &Cell) -> bool {
        Cell::items(cell.item)
            .into_iter()
            .any(|item| self.cells.contains_key(&cell.of_item(item)))
    }

    /// Whether a cell, or what it is computed from, is there in a period, or in a month of a year.
    pub(crate) fn has_in(&self, cell: &Cell, period: Period) -> bool {
        let within =
            |at: &Period| *at == period || period.is_annual() && at.year() == period.year();
        Cell::items(cell.item).into_iter().any(|item| {
            let of = self.cells.get(&cell.of_item(item));
            of.is_some_and(|of| of.0.iter().any(|(at, _)| within(at)))
        })
    }

    /// The level of a period. A net is the difference of its two sides; where one is not there, it is as observed.
    pub(crate) fn at(&self, cell: &Cell, period: Period) -> Level {
        let side = |side| self.observed(&cell.of_item(cell.item.on(side)), period);
        match cell.item.side() {
            Side::Exports | Side::Imports => self.observed(cell, period),
            Side::Net => match (side(Side::Exports), side(Side::Imports)) {
                (Ok(exports), Ok(imports)) => Ok(exports - imports),
                (Err(reason), _) | (_, Err(reason)) => {
                    let observed = self.observed(cell, period);
                    // What is suppressed of a side is not to be had from the difference.
                    let open = reason != Undefined::Suppressed;
                    observed.ok().filter(|_| open).ok_or(reason)
                }
            },
        }
    }

    /// The level of a year: observed, or the sum of its twelve months.
    pub(crate) fn of_year(&self, cell: &Cell, year: Period) -> Level {
        let months = self.months(year);
        if months.is_empty() {
            return self.at(cell, year);
        }
        let sum =
            months.iter().try_fold(
                Number::zero(),
                |sum, month| Ok(sum + self.at(cell, *month)?),
            )?;
        // Eleven months are no year.
        if months.len() == 12 {
            Ok(sum)
        } else {
            Err(Undefined::Missing)
        }
    }

    /// The levels of several years.
    pub(crate) fn of_years(&self, cell: &Cell, years: &[Period]) -> Vec<Level> {
        if self.has_months || cell.item.side() == Side::Net {
            return years.iter().map(|year| self.of_year(cell, *year)).collect();
        }
        let of = self.cells.get(cell);
        let level = |year: &Period| match of.and_then(|of| of.get(*year)) {
            Some(read) => read.level.clone(),
            None => Err(self.absent(cell, *year)),
        };
        years.iter().map(level).collect()
    }

    /// The months of a year of which there are observations.
    pub(crate) fn months(&self, year: Period) -> Vec<Period> {
        let of = self
            .periods
            .iter()
            .filter(|period| period.frequency() == "M");
        of.filter(|month| month.year() == year.year())
            .copied()
            .collect()
    }

    /// The finest decimals of a cell in some periods, and the releases that have them.
    pub(crate) fn origin(&self, cell: &Cell, periods: &[Period]) -> (i32, Vec<&ReleaseId>) {
        let found = Cell::items(cell.item).into_iter().filter_map(|item| {
            let of = self.cells.get(&cell.of_item(item))?;
            Some(
                periods
                    .iter()
                    .filter_map(|period| of.get(*period))
                    .collect::<Vec<_>>(),
            )
        });
        let found: Vec<&Read> = found.flatten().collect();
        let decimals = found
            .iter()
            .map(|read| read.decimals)
            .max()
            .unwrap_or_default();
        (
            decimals,
            found.into_iter().map(|read| &read.release).collect(),
        )
    }

    fn observed(&self, cell: &Cell, period: Period) -> Level {
        match self.cells.get(cell).and_then(|of| of.get(period)) {
            Some(read) => read.level.clone(),
            None => Err(self.absent(cell, period)),
        }
    }

    /// Why a cell is not there: the vintage has it of other periods; it has the period, without the cell; or it has
    /// prints alone.
    fn absent(&self, cell: &Cell, period: Period) -> Undefined {
        if self.cells.contains_key(cell) && self.periods.contains(&period) {
            Undefined::Missing
        } else if self.periods.is_empty() {
            Undefined::NotPrinted
        } else {
            Undefined::NotCovered
        }
    }
}
