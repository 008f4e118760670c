//! The sums of a year out of what its slices have.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use regtrade_model::{Observation, Period};

use super::{
    Step, SumLevel, SumSeries, Sums,
    adding::{Adding, Bits, CellKey, Group, part},
    exact::Exact,
};
use crate::LakeError;

/// All months of a year.
pub(super) const MONTHS: Bits = 0b1_1111_1111_1110_0000;

/// What is known of the cells of a year.
#[derive(Debug)]
pub(super) struct Year {
    /// Those of the slices.
    periods: BTreeSet<Period>,
    step: Step,
    cells: HashMap<CellKey, OfCell>,
    detail: HashMap<Group, Bits>,
}

/// What is known of a cell.
#[derive(Debug, Clone, Default)]
struct OfCell {
    /// By the place of the period; of years, all at place 0.
    levels: BTreeMap<usize, Exact>,
    /// The months that are in the sum of a year.
    months: Bits,
}

impl Year {
    pub(super) fn of(periods: BTreeSet<Period>, step: Step) -> Self {
        Self {
            periods,
            step,
            cells: HashMap::new(),
            detail: HashMap::new(),
        }
    }

    pub(super) const fn periods(&self) -> &BTreeSet<Period> {
        &self.periods
    }

    /// The months that the slices have.
    fn months(&self) -> Bits {
        let bits = self.periods.iter().map(|period| 1 << part(*period));
        bits.fold(0, |all: Bits, bit: Bits| all | bit) & MONTHS
    }

    /// Takes what slices of the year add up to.
    pub(super) fn take(&mut self, adding: Adding) -> Result<(), LakeError> {
        let (cells, detail) = adding.finish()?;
        for (group, bits) in detail {
            *self.detail.entry(group).or_default() |= bits;
        }
        let (step, has_months) = (self.step, self.months() != 0);
        for (_, cell, levels) in cells {
            let found = levels.into_iter().enumerate();
            let found = found.filter_map(|(at, level)| Some((at, level?)));
            for (at, level) in found {
                let of = self.cells.entry(cell.clone()).or_default();
                match step {
                    Step::Period => drop(of.levels.insert(at, level)),
                    Step::Year if has_months && (MONTHS >> at) & 1 == 1 => {
                        of.months |= 1 << at;
                        of.add(level)?;
                    }
                    Step::Year if !has_months && at == 0 => of.add(level)?,
                    Step::Year => {}
                }
            }
        }
        Ok(())
    }

    /// Takes a sum that is kept, of a month or of the year.
    pub(super) fn take_level(&mut self, sum: &Observation) -> Result<(), LakeError> {
        let too_large = || LakeError::TooPrecise(sum.value.unwrap_or_default());
        let level = Exact::of(sum).ok_or_else(too_large)?;
        let of = self.cells.entry(CellKey::of(&sum.key)).or_default();
        match self.step {
            Step::Period => drop(of.levels.insert(part(sum.key.period.last()), level)),
            Step::Year => of.add(level)?,
        }
        Ok(())
    }

    /// Takes from a sum that is kept that there is detail of its month.
    pub(super) fn take_detail(&mut self, sum: &Observation) {
        let group = CellKey::of(&sum.key).group();
        *self.detail.entry(group).or_default() |= 1 << part(sum.key.period.last());
    }

    /// The periods that there are sums of.
    fn shown(&self) -> Vec<(usize, Period)> {
        match self.step {
            Step::Period => self.periods.iter().map(|at| (part(*at), *at)).collect(),
            Step::Year => {
                let is_shown = |period: &&Period| self.months() != 0 || period.is_annual();
                let year = self.periods.iter().find(is_shown);
                let year = year.and_then(|period| Period::of_year(period.year()));
                year.into_iter().map(|year| (0, year)).collect()
            }
        }
    }

    /// The periods of which what is not there of a cell is zero.
    fn detail_of(&self, cell: &CellKey) -> Bits {
        let detail = self.detail.get(&cell.group()).copied().unwrap_or_default();
        if detail == 0 || cell.is_added_up() {
            detail
        } else {
            0
        }
    }

    /// A cell in a period; `None` where there is nothing of it.
    fn level(&self, cell: &CellKey, of: &OfCell, at: usize) -> Option<Exact> {
        let level = of.levels.get(&at).copied();
        if self.step == Step::Period || self.months() == 0 {
            return level;
        }
        let detail = self.detail_of(cell);
        // What is not among the detail of a month was not traded; of a month without detail nobody knows.
        if (of.months | detail) & MONTHS == MONTHS {
            level
        } else {
            Some(Exact::missing())
        }
    }
}

impl OfCell {
    fn add(&mut self, level: Exact) -> Result<(), LakeError> {
        let sum = match self.levels.get(&0) {
            Some(sum) => sum.plus(level),
            None => Some(level),
        };
        let sum = sum.ok_or(LakeError::TooPrecise(regtrade_model::Decimal::MAX))?;
        self.levels.insert(0, sum);
        Ok(())
    }
}

/// The sums of several years as one.
pub(super) fn together(years: &[Year]) -> Result<Sums, LakeError> {
    let periods: Vec<Period> = years
        .iter()
        .flat_map(|year| year.shown().into_iter().map(|(_, period)| period))
        .collect();
    let mut cells: BTreeMap<&CellKey, Vec<Option<SumLevel>>> = BTreeMap::new();
    let mut first = 0;
    for year in years {
        let shown = year.shown();
        for (cell, of) in &year.cells {
            let levels = cells
                .entry(cell)
                .or_insert_with(|| vec![None; periods.len()]);
            for (at, (part, _)) in shown.iter().enumerate() {
                let level = year.level(cell, of, *part);
                levels[first + at] = level.map(Exact::level).transpose()?;
            }
        }
        first += shown.len();
    }
    let mut first = 0;
    for year in years {
        let shown = year.shown().len();
        if year.step == Step::Year && shown == 1 {
            // A cell that other years have was not traded in a year that has detail of every month.
            let whole = |cell: &CellKey| year.detail_of(cell) & MONTHS == MONTHS;
            for (cell, levels) in &mut cells {
                if levels[first].is_none() && whole(cell) {
                    levels[first] = Some(Exact::zero().level()?);
                }
            }
        }
        first += shown;
    }
    let series = cells.into_iter().map(|(cell, levels)| SumSeries {
        item: cell.item,
        ref_area: cell.area,
        product: cell.product.clone(),
        counterpart_area: cell.partner.clone(),
        concept: cell.concept,
        levels,
    });
    Ok(Sums {
        series: series.collect(),
        periods,
    })
}
