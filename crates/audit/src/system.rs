//! What a table says, as linear inequalities over the true levels of elementary items in undivided areas.
//!
//! A level of anything else is a sum or difference of these, so that identities need no inequality of their own.
//! Levels are counted in half units of the last place of the finest printed level: the ends of all their rounding
//! intervals are then whole numbers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Signed;
use regtrade_model::{Code, Indicator, Period, PrintedCell, TableDescription, exact::shifted};

use crate::{
    cell::{Cell, CellKey, Ratio},
    outline::{Outline, Place},
    program::{Form, Program, Row},
};

/// A level that the system knows, by its place in [`System::level`].
pub(crate) type Level = usize;

/// What a printed figure says of true levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The level itself.
    Amount(Level),
    /// How a part relates to its base, both of which are sums of flows.
    Ratio {
        part: Level,
        base: Level,
        ratio: Ratio,
    },
    /// Nothing that can be decided, and why.
    Undecided(&'static str),
}

/// A table as a system of inequalities.
pub(crate) struct System<'a> {
    pub(crate) outline: Outline<'a>,
    /// The printed figures that have a value.
    pub(crate) cells: Vec<Cell>,
    pub(crate) meanings: Vec<Meaning>,
    /// The power of ten, in EUR, of the last place of the finest printed level.
    pub(crate) finest_place: i32,
    unknowns: HashMap<(Code, Place, Period), usize>,
    levels: Vec<Form>,
    level_of: HashMap<(Code, Code, Period), Option<Level>>,
    /// What the description says beyond how items and areas are made up.
    structure: Vec<Row>,
}

impl<'a> System<'a> {
    pub(crate) fn of(cells: &[PrintedCell], description: &'a TableDescription) -> Self {
        let cells: Vec<Cell> = cells.iter().filter_map(Cell::read).collect();
        let finest_place = cells
            .iter()
            .filter(|cell| matches!(cell.key.indicator, Indicator::Level | Indicator::Net))
            .map(Cell::last_place)
            .min();
        let mut system = Self {
            outline: Outline::of(description),
            meanings: Vec::with_capacity(cells.len()),
            finest_place: finest_place.unwrap_or(0),
            unknowns: HashMap::new(),
            levels: Vec::new(),
            level_of: HashMap::new(),
            structure: Vec::new(),
            cells,
        };
        for at in 0..system.cells.len() {
            let key = system.cells[at].key.clone();
            let meaning = system.meaning(&key);
            system
                .meanings
                .push(meaning.unwrap_or_else(Meaning::Undecided));
        }
        system
    }

    /// The figures that say something of levels.
    pub(crate) fn decided(&self) -> BTreeSet<usize> {
        let meanings = self.meanings.iter().enumerate();
        meanings
            .filter(|(_, meaning)| !matches!(meaning, Meaning::Undecided(_)))
            .map(|(at, _)| at)
            .collect()
    }

    /// The inequalities of some figures.
    pub(crate) fn program(&self, active: &BTreeSet<usize>) -> Program {
        let cells = active.iter().map(|&at| (at, &self.cells[at]));
        self.program_of(&cells.collect::<Vec<_>>())
    }

    /// The inequalities of some figures, each printed as given.
    pub(crate) fn program_of(&self, cells: &[(usize, &Cell)]) -> Program {
        let sure = self.surely_positive(cells);
        let mut rows = self.structure.clone();
        for &(at, cell) in cells {
            match &self.meanings[at] {
                Meaning::Undecided(_) => {}
                Meaning::Amount(level) => {
                    let interval = cell.interval();
                    let form = self.rational_form(*level);
                    let lower = self.in_half_places(&interval.lower);
                    let upper = self.in_half_places(&interval.upper);
                    rows.push(Row::new(form, Some(lower), Some(upper), Some(at)));
                }
                Meaning::Ratio { part, base, ratio } => {
                    let interval = cell.interval();
                    let zero = || Some(BigRational::default());
                    let over = self.less(*part, *base, &ratio.factor(&interval.lower));
                    rows.push(Row::new(over, zero(), None, Some(at)));
                    let under = self.less(*part, *base, &ratio.factor(&interval.upper));
                    rows.push(Row::new(under, None, zero(), Some(at)));
                    if !sure.contains(base) {
                        let form = self.levels[*base].clone();
                        rows.push(Row {
                            form,
                            lower: None,
                            upper: None,
                            positive: true,
                            cell: Some(at),
                        });
                    }
                }
            }
        }
        rows.retain(|row| !row.says_nothing());
        Program::new(rows)
    }

    /// A level as a combination of unknowns.
    pub(crate) fn rational_form(&self, level: Level) -> BTreeMap<usize, BigRational> {
        let form = self.levels[level].iter();
        form.map(|(&at, by)| (at, BigRational::from_integer(by.clone())))
            .collect()
    }

    pub(crate) fn form(&self, level: Level) -> &Form {
        &self.levels[level]
    }

    /// `part` less `factor` times `base`.
    pub(crate) fn less(
        &self,
        part: Level,
        base: Level,
        factor: &BigRational,
    ) -> BTreeMap<usize, BigRational> {
        let mut form = self.rational_form(part);
        for (&at, by) in &self.levels[base] {
            *form.entry(at).or_default() -= factor * by;
        }
        form
    }

    /// EUR in half units of the last place of the finest level.
    fn in_half_places(&self, euro: &BigRational) -> BigRational {
        shifted(euro, -self.finest_place) * BigInt::from(2)
    }

    /// The bases that are greater than zero without being told so: they are printed as such, or bear something that
    /// is.
    fn surely_positive(&self, cells: &[(usize, &Cell)]) -> BTreeSet<Level> {
        let mut sure = BTreeSet::new();
        for &(at, cell) in cells {
            if let Meaning::Amount(level) = &self.meanings[at]
                && cell.interval().lower.is_positive()
            {
                sure.insert(*level);
            }
        }
        loop {
            let before = sure.len();
            for &(at, cell) in cells {
                if let Meaning::Ratio { part, base, ratio } = &self.meanings[at] {
                    if sure.contains(part) {
                        sure.insert(*base);
                    } else if sure.contains(base)
                        && ratio.factor(&cell.interval().lower).is_positive()
                    {
                        sure.insert(*part);
                    }
                }
            }
            if sure.len() == before {
                return sure;
            }
        }
    }

    fn meaning(&mut self, key: &CellKey) -> Result<Meaning, &'static str> {
        let (item, area, when) = (&key.item, &key.area, key.period.last());
        let is_span = key.period.first().is_some();
        let fits = match key.indicator {
            Indicator::Cagr => is_span,
            // Of a year on the year before, or of the last year of a span on its first.
            Indicator::Growth => true,
            _ => !is_span,
        };
        if !fits {
            return Err("the period is not one that such a figure has");
        }
        match key.indicator {
            Indicator::Level | Indicator::Net => self.amount(item, area, when).map(Meaning::Amount),
            Indicator::ShareOfCountry => {
                let country = self.outline.country(area).cloned();
                let country =
                    country.ok_or("the description does not say what the area is part of")?;
                self.ratio((item, area, when), (item, &country, when), Ratio::Share)
            }
            Indicator::ShareOfTotal => {
                let described = self.outline.item(item).ok_or(NOT_DESCRIBED)?;
                let total = described.share_of.clone();
                let total =
                    total.ok_or("the description does not say what the item is a share of")?;
                self.ratio((item, area, when), (&total, area, when), Ratio::Share)
            }
            Indicator::Growth => {
                let before = key.period.first().or_else(|| when.a_year_earlier());
                let before = before.ok_or("there is no year before")?;
                let growth = Ratio::Growth { years: 1 };
                self.ratio((item, area, when), (item, area, before), growth)
            }
            Indicator::Cagr => {
                let (first, years) = key.period.first().zip(key.period.years()).ok_or("")?;
                self.ratio(
                    (item, area, when),
                    (item, area, first),
                    Ratio::Growth { years },
                )
            }
            Indicator::Coverage => {
                let pair = self.outline.covered(item);
                let (over, under) = pair.ok_or("the description does not say what covers what")?;
                self.ratio((over, area, when), (under, area, when), Ratio::Share)
            }
            Indicator::Contribution | Indicator::Herfindahl | Indicator::Rca => {
                Err("the figures do not say what the components are")
            }
        }
    }

    fn ratio(
        &mut self,
        part: (&Code, &Code, Period),
        base: (&Code, &Code, Period),
        ratio: Ratio,
    ) -> Result<Meaning, &'static str> {
        let part = self.amount(part.0, part.1, part.2)?;
        let base = self.amount(base.0, base.1, base.2)?;
        let is_flow = |level: Level| self.levels[level].values().all(|by| !by.is_negative());
        if is_flow(part) && is_flow(base) {
            Ok(Meaning::Ratio { part, base, ratio })
        } else {
            Err("a difference may be negative, and has no ratio then")
        }
    }

    fn amount(&mut self, item: &Code, area: &Code, when: Period) -> Result<Level, &'static str> {
        self.level(item, area, when).ok_or(NOT_DESCRIBED)
    }

    /// The level of an item in an area at a time; `None` where the description does not have it.
    pub(crate) fn level(&mut self, item: &Code, area: &Code, when: Period) -> Option<Level> {
        let key = (item.clone(), area.clone(), when);
        if let Some(known) = self.level_of.get(&key) {
            return *known;
        }
        let places = self.outline.places(area);
        let made = places
            .zip(self.outline.elements(item))
            .map(|(places, elements)| {
                let form = self.combine(&elements, &places, when);
                if let Some(sum) = self
                    .outline
                    .elements_of_sum(item)
                    .filter(|sum| *sum != elements)
                {
                    let mut rest = self.combine(&sum, &places, when);
                    for (&at, by) in &form {
                        *rest.entry(at).or_default() -= by;
                    }
                    self.structure.push(Row {
                        form: rest,
                        lower: Some(BigInt::default()),
                        upper: Some(BigInt::default()),
                        positive: false,
                        cell: None,
                    });
                }
                self.levels.push(form);
                self.levels.len() - 1
            });
        self.level_of.insert(key, made);
        made
    }

    fn combine(&mut self, elements: &BTreeMap<Code, i64>, places: &[Place], when: Period) -> Form {
        let mut form = Form::new();
        for (element, &times) in elements {
            for place in places {
                let next = self.unknowns.len();
                let key = (element.clone(), place.clone(), when);
                let at = *self.unknowns.entry(key).or_insert(next);
                *form.entry(at).or_default() += BigInt::from(times);
            }
        }
        form.retain(|_, by| *by != BigInt::default());
        form
    }

    /// The times that anything is said of.
    pub(crate) fn periods(&self) -> BTreeSet<Period> {
        self.level_of.keys().map(|(_, _, when)| *when).collect()
    }
}

const NOT_DESCRIBED: &str =
    "the description does not have this item and area, or has them in a circle";
