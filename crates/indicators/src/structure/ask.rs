//! Structure indicators of a vintage: which levels are read, and of which parts.

use std::collections::BTreeSet;

use regtrade_lake::Step;
use regtrade_model::{
    Area, Breakdown, Code, Concept, Figure, FigureValue, Indicator, Item, ObsStatus, Period,
    Provenance, Side, Undefined,
};
use regtrade_service::Failure;

use super::{COVERAGE_DECIMALS, HERFINDAHL_DECIMALS, RCA_DECIMALS, coverage, herfindahl, rca};
use crate::{
    detail::Broken,
    levels::{Cell, Level, Levels, Wanted},
    masked::Stock,
    parts::{self, Classification},
    vintage::Chosen,
};

/// What is asked for.
pub(crate) struct Question {
    pub(crate) indicator: Indicator,
    pub(crate) by: Breakdown,
    pub(crate) items: Vec<Item>,
    pub(crate) areas: Vec<Area>,
    pub(crate) concept: Option<Concept>,
    pub(crate) from: Option<Period>,
    pub(crate) to: Option<Period>,
    pub(crate) level: Option<String>,
}

/// The figures, by item, area and period, and by component where there is one for each.
///
/// # Errors
/// Where the lake cannot be read.
pub(crate) async fn ask(
    vintage: &Chosen,
    stock: &Stock,
    question: &Question,
) -> Result<Vec<Figure>, Failure> {
    let within = |period: Period| {
        let ends_by = |to: Period| period <= to || to.is_annual() && period.year() == to.year();
        question.from.is_none_or(|from| period >= from) && question.to.is_none_or(ends_by)
    };
    let (total, world) = (Code::total(), Code::world());
    let broken = question.broken(&total, &world);
    let periods: BTreeSet<Period> = vintage
        .slices()
        .into_keys()
        .filter(|p| within(*p))
        .collect();
    let levels = match vintage.broken(stock, &broken, &within).await? {
        Some(sums) => Levels::of_sums(sums, periods),
        None => {
            let pattern = question.wanted().pattern();
            Levels::of(
                vintage.observations(stock, &pattern, &within).await?,
                periods,
            )
        }
    };
    let mut figures = vec![];
    for &item in &question.items {
        for &area in &question.areas {
            let whole = Cell {
                item,
                ref_area: area,
                activity: Code::total(),
                product: Code::total(),
                partner: Code::world(),
                concept: question.concept,
            };
            figures.extend(
                Of {
                    vintage,
                    levels: &levels,
                    question,
                    whole,
                }
                .figures(),
            );
        }
    }
    Ok(figures)
}

impl Question {
    /// The areas of the figures, and their countries.
    fn areas(&self) -> impl Iterator<Item = Area> {
        let countries = self.areas.iter().map(Area::country);
        self.areas.iter().copied().chain(countries)
    }

    fn items(&self) -> impl Iterator<Item = Item> {
        let items = self.items.iter();
        items.flat_map(|item| [*item, item.on(Side::Imports)])
    }

    fn broken<'a>(&'a self, total: &'a Code, world: &'a Code) -> Broken<'a> {
        Broken {
            by: self.by,
            items: self.items().collect(),
            areas: self.areas().collect(),
            activity: total,
            product: total,
            partner: world,
            concept: self.concept,
            level: self.level.as_deref(),
            step: Step::Period,
        }
    }

    fn wanted(&self) -> Wanted {
        let unless = |by: &[Breakdown], code: Code| {
            if by.contains(&self.by) {
                BTreeSet::new()
            } else {
                BTreeSet::from([code.to_string()])
            }
        };
        Wanted {
            areas: self.areas().map(|area| area.to_string()).collect(),
            items: self.items().map(|item| item.to_string()).collect(),
            activities: unless(&[Breakdown::Activity], Code::total()),
            products: unless(&[Breakdown::Product], Code::total()),
            partners: unless(
                &[Breakdown::Partner, Breakdown::PartnerGroup],
                Code::world(),
            ),
            concept: self.concept,
        }
    }
}

/// The figures of one whole.
struct Of<'a> {
    vintage: &'a Chosen,
    levels: &'a Levels,
    question: &'a Question,
    whole: Cell,
}

impl Of<'_> {
    fn figures(&self) -> Vec<Figure> {
        let head = self.vintage.head();
        let Question { by, level, .. } = self.question;
        let periods: Vec<Period> = self.levels.periods().iter().copied().collect();
        let classification = Classification {
            published_at: head.published_at,
            periods: &periods,
        };
        let codes = parts::codes(
            head.dataflow,
            *by,
            &self.whole,
            level.as_deref(),
            self.levels,
            classification,
        );
        let there = |code: &Code| parts::is_there(*by, &self.whole, code, self.levels, &periods);
        let codes: Result<Vec<Code>, Undefined> =
            codes.map(|codes| codes.into_iter().filter(there).collect());
        periods
            .iter()
            .flat_map(|&period| self.of_period(period, codes.as_deref()))
            .collect()
    }

    fn of_period(&self, period: Period, codes: Result<&[Code], &Undefined>) -> Vec<Figure> {
        let exports_alone = self.question.indicator != Indicator::Herfindahl;
        let side = self.whole.item.side();
        let applies = side == Side::Exports || side == Side::Imports && !exports_alone;
        let codes = match codes {
            Ok(codes) if applies => codes,
            Err(reason) => {
                return vec![self.figure(&self.whole, period, FigureValue::Undefined(*reason))];
            }
            Ok(_) => {
                let value = FigureValue::Undefined(Undefined::NotApplicable);
                return vec![self.figure(&self.whole, period, value)];
            }
        };
        let of = |whole: &Cell, code: &Code| {
            parts::level(self.question.by, whole, code, self.levels, period)
        };
        if self.question.indicator == Indicator::Herfindahl {
            let parts: Vec<Level> = codes.iter().map(|code| of(&self.whole, code)).collect();
            let value = herfindahl(&self.levels.at(&self.whole, period), &parts);
            return vec![self.figure(&self.whole, period, value)];
        }
        let country = Cell {
            ref_area: self.whole.ref_area.country(),
            ..self.whole.clone()
        };
        let imports = self.whole.of_item(self.whole.item.on(Side::Imports));
        let figures = codes.iter().filter_map(|code| {
            let cell = parts::cell_of(self.question.by, &self.whole, code)?;
            let value = if self.question.indicator == Indicator::Rca {
                let whole = |cell: &Cell| self.levels.at(cell, period);
                rca(
                    &of(&self.whole, code),
                    &whole(&self.whole),
                    &of(&country, code),
                    &whole(&country),
                )
            } else {
                coverage(&of(&self.whole, code), &of(&imports, code))
            };
            Some(self.figure(&cell, period, value))
        });
        figures.collect()
    }

    fn figure(&self, cell: &Cell, period: Period, value: FigureValue) -> Figure {
        let indicator = self.question.indicator;
        let is_bounded = matches!(value, FigureValue::Between { .. });
        let releases: Vec<_> = self
            .vintage
            .slices()
            .get(&period)
            .map(|release| &release.id)
            .into_iter()
            .collect();
        Figure {
            key: cell.key(indicator, period),
            value,
            unit_mult: 0,
            decimals: match indicator {
                Indicator::Herfindahl => HERFINDAHL_DECIMALS,
                Indicator::Rca => RCA_DECIMALS,
                _ => COVERAGE_DECIMALS,
            },
            provenance: if is_bounded {
                Provenance::Bounded
            } else {
                Provenance::Computed
            },
            release: self.vintage.newest_of(&releases),
            print_differs: None,
            obs_status: ObsStatus::A,
            source: None,
        }
    }
}
