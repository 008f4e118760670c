//! What the table proves of changes and shares, as closed intervals around its printed figures.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::{One, Signed};
use regtrade_model::{
    Code, Decimal, Indicator, Period, PrintedCell, Span,
    exact::{power_of_ten, rational, round, shifted},
};

use super::{LevelBound, UsedFigure};

/// A closed interval that holds the true value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Interval {
    pub lower: BigRational,
    pub upper: BigRational,
}

impl Interval {
    fn around(value: Decimal, decimals: u32) -> Self {
        let half = half_unit(decimals);
        let value = rational(value);
        Self {
            lower: &value - &half,
            upper: value + half,
        }
    }

    fn map(&self, function: impl Fn(&BigRational) -> BigRational) -> Self {
        Self {
            lower: function(&self.lower),
            upper: function(&self.upper),
        }
    }

    fn common(self, other: Self) -> Option<Self> {
        let lower = self.lower.max(other.lower);
        let upper = self.upper.min(other.upper);
        (lower <= upper).then_some(Self { lower, upper })
    }

    /// As percent of change, for people: a ratio of 0.95 is −5.
    fn shown_as_change(&self) -> String {
        let percent = |ratio: &BigRational| {
            round(&((ratio - BigRational::one()) * hundred()), 2)
                .map_or_else(String::new, |value| value.to_string())
        };
        format!("{} to {} %", percent(&self.lower), percent(&self.upper))
    }
}

/// The flows whose change is asked for: one item, or the sum of two.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Flow {
    Item(Code),
    Sum(Code, Code),
}

impl std::fmt::Display for Flow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Item(item) => write!(f, "{item}"),
            Self::Sum(one, other) => write!(f, "{one} + {other}"),
        }
    }
}

/// A level divided by an earlier one, as far as the table says.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub ratio: Interval,
    pub years: u16,
    /// The printed rate, in percent, where it is the print that says it.
    pub printed: Option<Decimal>,
    pub figures: Vec<UsedFigure>,
}

/// A printed share, in percent.
pub(super) struct PrintedShare {
    pub value: Decimal,
    pub interval: Interval,
    pub figure: UsedFigure,
}

/// The figures of a table and the bounds on what it does not print, by key.
pub(super) struct Facts<'a> {
    cells: BTreeMap<(&'a Code, &'a Code, Indicator, Span), &'a PrintedCell>,
    bounds: BTreeMap<(&'a Code, &'a Code, Period), &'a LevelBound>,
}

impl<'a> Facts<'a> {
    pub fn new(cells: &'a [PrintedCell], bounds: &'a [LevelBound]) -> Self {
        Self {
            cells: cells
                .iter()
                .map(|cell| ((&cell.item, &cell.area, cell.indicator, cell.period), cell))
                .collect(),
            bounds: bounds
                .iter()
                .map(|bound| ((&bound.item, &bound.area, bound.period), bound))
                .collect(),
        }
    }

    /// The change of a flow from one year to a later one.
    pub fn change(&self, flow: &Flow, area: &Code, from: u16, to: u16) -> Option<Change> {
        match flow {
            Flow::Item(item) => self.change_of_item(item, area, from, to),
            Flow::Sum(one, other) => self.change_of_sum([one, other], area, from, to),
        }
    }

    /// A printed share of an item.
    pub fn share(
        &self,
        item: &Code,
        area: &Code,
        indicator: Indicator,
        year: u16,
    ) -> Option<PrintedShare> {
        let cell = self.cell(item, area, indicator, Span::at(Period::of_year(year)?))?;
        let value = cell.value?;
        Some(PrintedShare {
            value,
            interval: Interval::around(value, cell.decimals),
            figure: figure(cell, value),
        })
    }

    fn cell(
        &self,
        item: &Code,
        area: &Code,
        indicator: Indicator,
        period: Span,
    ) -> Option<&'a PrintedCell> {
        self.cells.get(&(item, area, indicator, period)).copied()
    }

    fn change_of_item(&self, item: &Code, area: &Code, from: u16, to: u16) -> Option<Change> {
        let years = to
            .checked_sub(from)
            .filter(|years| (1..=60).contains(years))?;
        let (first, last) = (Period::of_year(from)?, Period::of_year(to)?);
        let (indicator, span) = if years == 1 {
            (Indicator::Growth, Span::at(last))
        } else {
            (Indicator::Cagr, Span::between(first, last)?)
        };
        let cell = self.cell(item, area, indicator, span);
        if let Some((cell, value)) = cell.and_then(|cell| Some((cell, cell.value?))) {
            let yearly = ratio(value, cell.decimals);
            return Some(Change {
                ratio: yearly.map(|ratio| ratio.pow(i32::from(years))),
                years,
                printed: Some(value),
                figures: vec![figure(cell, value)],
            });
        }
        let product = || {
            let years = if years > 1 { from..to } else { to..to };
            let each = years.map(|year| self.change_of_item(item, area, year, year + 1));
            each.collect::<Option<Vec<Change>>>()?
                .into_iter()
                .reduce(Change::then)
        };
        let levels = || {
            let (after, before) = (self.level(item, area, to)?, self.level(item, area, from)?);
            before.lower.is_positive().then(|| Change {
                ratio: Interval {
                    lower: &after.lower / &before.upper,
                    upper: &after.upper / &before.lower,
                },
                years,
                printed: None,
                figures: vec![],
            })
        };
        product().or_else(levels).map(|mut change| {
            change.years = years;
            change.printed = None;
            if change.figures.is_empty() {
                change.figures = vec![bounded(
                    &Flow::Item(item.clone()),
                    area,
                    from,
                    to,
                    &change.ratio,
                )];
            }
            change
        })
    }

    /// The sum grew by the mean of the growth of its parts, weighted with their first levels; these follow from the
    /// last levels and the growth. It rises or falls with each of the four, so that its extremes lie in corners.
    fn change_of_sum(&self, items: [&Code; 2], area: &Code, from: u16, to: u16) -> Option<Change> {
        let [one, other] = items;
        let (level_one, level_other) = (self.level(one, area, to)?, self.level(other, area, to)?);
        let change_one = self.change_of_item(one, area, from, to)?;
        let change_other = self.change_of_item(other, area, from, to)?;
        let ends = |interval: &Interval| [interval.lower.clone(), interval.upper.clone()];
        let mut corners = vec![];
        for a in ends(&level_one) {
            for b in ends(&level_other) {
                for p in ends(&change_one.ratio) {
                    for q in ends(&change_other.ratio) {
                        if p.is_positive() && q.is_positive() && a.is_positive() && b.is_positive()
                        {
                            corners.push((&a + &b) / (&a / &p + &b / &q));
                        }
                    }
                }
            }
        }
        if corners.len() < 16 {
            return None;
        }
        let mut ratio = Interval {
            lower: corners.iter().min()?.clone(),
            upper: corners.iter().max()?.clone(),
        };
        if let (Some(first_one), Some(first_other)) = (
            self.stated_level(one, area, from),
            self.stated_level(other, area, from),
        ) {
            let before = Interval {
                lower: first_one.lower + first_other.lower,
                upper: first_one.upper + first_other.upper,
            };
            if before.lower.is_positive() {
                ratio = ratio.common(Interval {
                    lower: (&level_one.lower + &level_other.lower) / &before.upper,
                    upper: (&level_one.upper + &level_other.upper) / &before.lower,
                })?;
            }
        }
        let sum = Flow::Sum(one.clone(), other.clone());
        let mut figures = vec![bounded(&sum, area, from, to, &ratio)];
        figures.extend(change_one.figures);
        figures.extend(change_other.figures);
        for item in items {
            figures.extend(self.printed_level(item, area, to));
        }
        Some(Change {
            ratio,
            years: to - from,
            printed: None,
            figures,
        })
    }

    /// Million EUR: printed, bounded from outside, or taken back from a later level by the growth between.
    fn level(&self, item: &Code, area: &Code, year: u16) -> Option<Interval> {
        if let Some(level) = self.stated_level(item, area, year) {
            return Some(level);
        }
        let mut later = self
            .cells
            .keys()
            .filter(|key| key.0 == item && key.1 == area && key.2 == Indicator::Level)
            .map(|key| key.3.last().year())
            .filter(|later| *later > year);
        let last = later.next()?;
        let level = self.stated_level(item, area, last)?;
        let change = self.change_of_item_by_rates(item, area, year, last)?;
        change.lower.is_positive().then(|| Interval {
            lower: level.lower / &change.upper,
            upper: level.upper / &change.lower,
        })
    }

    /// As `change_of_item`, by rates alone: levels would come back to where they are asked for.
    fn change_of_item_by_rates(
        &self,
        item: &Code,
        area: &Code,
        from: u16,
        to: u16,
    ) -> Option<Interval> {
        let years = i32::from(to.checked_sub(from)?);
        let (first, last) = (Period::of_year(from)?, Period::of_year(to)?);
        let average = Span::between(first, last)
            .and_then(|span| self.cell(item, area, Indicator::Cagr, span))
            .and_then(|cell| Some(ratio(cell.value?, cell.decimals).map(|ratio| ratio.pow(years))));
        average.or_else(|| {
            (from..to).try_fold(
                Interval {
                    lower: BigRational::one(),
                    upper: BigRational::one(),
                },
                |product, year| {
                    let span = Span::at(Period::of_year(year + 1)?);
                    let cell = self.cell(item, area, Indicator::Growth, span)?;
                    let next = ratio(cell.value?, cell.decimals);
                    Some(Interval {
                        lower: product.lower * next.lower,
                        upper: product.upper * next.upper,
                    })
                },
            )
        })
    }

    fn stated_level(&self, item: &Code, area: &Code, year: u16) -> Option<Interval> {
        let period = Period::of_year(year)?;
        let printed = self.cell(item, area, Indicator::Level, Span::at(period));
        if let Some((cell, value)) = printed.and_then(|cell| Some((cell, cell.value?))) {
            let millions = |value: &BigRational| shifted(value, cell.unit_mult - 6);
            return Some(Interval::around(value, cell.decimals).map(millions));
        }
        let bound = self.bounds.get(&(item, area, period))?;
        Some(Interval {
            lower: rational(bound.lower),
            upper: rational(bound.upper),
        })
    }

    fn printed_level(&self, item: &Code, area: &Code, year: u16) -> Option<UsedFigure> {
        let cell = self.cell(
            item,
            area,
            Indicator::Level,
            Span::at(Period::of_year(year)?),
        )?;
        Some(figure(cell, cell.value?))
    }
}

impl Change {
    fn then(mut self, next: Self) -> Self {
        self.ratio = Interval {
            lower: self.ratio.lower * next.ratio.lower,
            upper: self.ratio.upper * next.ratio.upper,
        };
        self.figures.extend(next.figures);
        self
    }

    /// The change in words: the print where there is one, else between which rates it lies.
    pub fn shown(&self) -> String {
        match self.figures.first() {
            Some(figure)
                if self.figures.len() == 1
                    || self.printed.is_none() && figure.key.contains('+') =>
            {
                figure.value.clone()
            }
            _ => self.ratio.shown_as_change(),
        }
    }
}

/// Half a unit of the last of `decimals` places.
pub(super) fn half_unit(decimals: u32) -> BigRational {
    BigRational::new(1.into(), power_of_ten(decimals) * 2)
}

/// The ratio of two levels whose change in percent is printed, at least zero.
pub(super) fn ratio(percent: Decimal, decimals: u32) -> Interval {
    Interval::around(percent, decimals).map(|percent| {
        (BigRational::one() + percent / hundred()).max(BigRational::from_integer(0.into()))
    })
}

fn hundred() -> BigRational {
    BigRational::from_integer(100.into())
}

fn figure(cell: &PrintedCell, value: Decimal) -> UsedFigure {
    let unit = match cell.indicator {
        Indicator::Level | Indicator::Net => match cell.unit_mult {
            6 => " million EUR".to_owned(),
            mult => format!(" EUR times 10^{mult}"),
        },
        _ => " %".to_owned(),
    };
    UsedFigure {
        key: format!(
            "{} of {}, {}, {}",
            cell.indicator, cell.item, cell.area, cell.period
        ),
        value: format!("{value}{unit}"),
    }
}

fn bounded(flow: &Flow, area: &Code, from: u16, to: u16, ratio: &Interval) -> UsedFigure {
    UsedFigure {
        key: format!("change of {flow}, {area}, {from}-{to}"),
        value: ratio.shown_as_change(),
    }
}
