//! The sums of years out of what their slices have.

use std::collections::BTreeSet;

use foldhash::{HashMap, HashMapExt as _};
use regtrade_model::Period;

use super::{
    Step, SumLevel, SumSeries, Sums,
    adding::{Adding, Bits, part},
    cell::{CellKey, Group},
    exact::Exact,
};
use crate::{LakeError, rows::Level};

/// All months of a year.
pub(super) const MONTHS: Bits = 0b1_1111_1111_1110_0000;

/// The cells of some years, each in its place.
#[derive(Debug, Default)]
pub(super) struct Cells {
    keys: Vec<CellKey>,
    places: HashMap<CellKey, usize>,
    last: usize,
}

/// What is known of the cells of a year.
#[derive(Debug)]
pub(super) struct Year {
    /// Those of the slices.
    periods: BTreeSet<Period>,
    step: Step,
    /// By place.
    cells: Vec<OfCell>,
    detail: HashMap<Group, Bits>,
}

/// What is known of a cell.
#[derive(Debug, Clone, Default)]
struct OfCell {
    /// Whether the year has anything of it.
    is_there: bool,
    /// The sum of the year.
    year: Option<Exact>,
    /// The months that were added to it one by one.
    months: Bits,
    /// The periods where these are asked for, each with the place that it has in its year.
    periods: Vec<(usize, Exact)>,
}

impl Cells {
    /// The place of a cell. Years have their cells in one order: mostly it is the next one.
    pub(super) fn place(&mut self, sum: &Level<'_>) -> usize {
        let next = self.last + 1;
        for near in [next, self.last, 0] {
            if self.keys.get(near).is_some_and(|key| key.is_of(sum)) {
                self.last = near;
                return near;
            }
        }
        self.last = self.own_place(CellKey::of_sum(sum));
        self.last
    }

    pub(super) fn own_place(&mut self, key: CellKey) -> usize {
        let (next, keys) = (self.keys.len(), &mut self.keys);
        let place = self.places.entry(key);
        *place.or_insert_with_key(|key| {
            keys.push(key.clone());
            next
        })
    }

    /// The cell of a place.
    pub(super) fn key(&self, place: usize) -> &CellKey {
        &self.keys[place]
    }

    /// All places, by cell.
    pub(super) fn in_order(&self) -> Vec<usize> {
        let mut places: Vec<usize> = (0..self.keys.len()).collect();
        places.sort_by(|a, b| self.keys[*a].cmp(&self.keys[*b]));
        places
    }
}

impl Year {
    pub(super) fn of(periods: BTreeSet<Period>, step: Step) -> Self {
        Self {
            periods,
            step,
            cells: vec![],
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

    fn cell(&mut self, place: usize) -> &mut OfCell {
        if self.cells.len() <= place {
            self.cells.resize_with(place + 1, OfCell::default);
        }
        let cell = &mut self.cells[place];
        cell.is_there = true;
        cell
    }

    /// Takes what slices of the year add up to.
    pub(super) fn take(&mut self, adding: Adding, cells: &mut Cells) -> Result<(), LakeError> {
        let (found, detail) = adding.finish()?;
        for (group, bits) in detail {
            *self.detail.entry(group).or_default() |= bits;
        }
        let (step, has_months) = (self.step, self.months() != 0);
        for (_, cell, levels) in found {
            let levels = levels.into_iter().enumerate();
            let mut levels = levels
                .filter_map(|(at, level)| Some((at, level?)))
                .peekable();
            if levels.peek().is_none() {
                continue;
            }
            let of = self.cell(cells.own_place(cell));
            for (at, level) in levels {
                match step {
                    Step::Period => of.put(at, level),
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
    pub(super) fn take_level(
        &mut self,
        place: usize,
        period: Period,
        level: Exact,
    ) -> Result<(), LakeError> {
        let step = self.step;
        let of = self.cell(place);
        match step {
            Step::Period => of.put(part(period), level),
            Step::Year => of.add(level)?,
        }
        Ok(())
    }

    /// Takes from a sum that is kept that there is detail of its month.
    pub(super) fn take_detail(&mut self, group: Group, period: Period) {
        *self.detail.entry(group).or_default() |= 1 << part(period);
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

    /// The periods of which there is detail of a group.
    fn detail_of(&self, group: &Group) -> Bits {
        self.detail.get(group).copied().unwrap_or_default()
    }
}

impl OfCell {
    fn add(&mut self, level: Exact) -> Result<(), LakeError> {
        let sum = match self.year {
            Some(sum) => sum.plus(level),
            None => Some(level),
        };
        let sum = sum.ok_or(LakeError::TooPrecise(regtrade_model::Decimal::MAX))?;
        self.year = Some(sum);
        Ok(())
    }

    fn put(&mut self, at: usize, level: Exact) {
        match self.periods.iter_mut().find(|(known, _)| *known == at) {
            Some((_, known)) => *known = level,
            None => self.periods.push((at, level)),
        }
    }

    fn period(&self, at: usize) -> Option<Exact> {
        let found = self.periods.iter().find(|(known, _)| *known == at);
        found.map(|(_, level)| *level)
    }
}

/// A year as it is shown.
struct Shown<'a> {
    year: &'a Year,
    /// With the place of each in the year.
    periods: Vec<(usize, Period)>,
    months: Bits,
    /// The detail of the group that was asked for last.
    detail: Bits,
}

impl Shown<'_> {
    /// Puts what is known of a cell in place of what is not; `detail` is that of its group, or 0 where nothing is added up
    /// to it.
    fn levels(
        &self,
        of: Option<&OfCell>,
        detail: Bits,
        levels: &mut [Option<SumLevel>],
    ) -> Result<(), LakeError> {
        let is_of_year = self.year.step == Step::Year;
        let Some(of) = of.filter(|of| of.is_there) else {
            // A cell that other years have was not traded in a year that has detail of every month.
            if let ([level], true) = (levels, is_of_year && detail & MONTHS == MONTHS) {
                *level = Some(Exact::zero().level()?);
            }
            return Ok(());
        };
        for (shown, (at, _)) in levels.iter_mut().zip(&self.periods) {
            let level = if !is_of_year {
                of.period(*at)
            } else if self.months == 0 {
                of.year
            } else if (of.months | detail) & MONTHS == MONTHS {
                of.year.or(Some(Exact::zero()))
            } else {
                // What is not among the detail of a month was not traded; of a month without detail nobody knows.
                Some(Exact::missing())
            };
            *shown = level.map(Exact::level).transpose()?;
        }
        Ok(())
    }
}

/// The sums of several years as one.
pub(super) fn together(years: &[Year], cells: &Cells) -> Result<Sums, LakeError> {
    let shown = years.iter().map(|year| Shown {
        year,
        periods: year.shown(),
        months: year.months(),
        detail: 0,
    });
    let mut shown: Vec<Shown<'_>> = shown.collect();
    let of_years = shown.iter().flat_map(|year| &year.periods);
    let periods: Vec<Period> = of_years.map(|(_, period)| *period).collect();
    let (mut group, mut series) = (None, vec![]);
    for place in cells.in_order() {
        let of = |year: &Shown<'_>| year.year.cells.get(place).is_some_and(|of| of.is_there);
        if !shown.iter().any(of) {
            continue;
        }
        let cell = cells.key(place);
        if group != Some(cell.group()) {
            group = Some(cell.group());
            for year in &mut shown {
                year.detail = year.year.detail_of(&cell.group());
            }
        }
        let is_added_up = cell.is_added_up();
        let mut levels = vec![None; periods.len()];
        let mut rest = levels.as_mut_slice();
        for year in &shown {
            let (own, later) = rest.split_at_mut(year.periods.len());
            let detail = if is_added_up { year.detail } else { 0 };
            year.levels(year.year.cells.get(place), detail, own)?;
            rest = later;
        }
        series.push(SumSeries {
            item: cell.item,
            ref_area: cell.area,
            product: cell.product.clone(),
            counterpart_area: cell.partner.clone(),
            concept: cell.concept,
            levels,
        });
    }
    Ok(Sums { series, periods })
}
