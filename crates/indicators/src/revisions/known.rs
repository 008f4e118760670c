//! What a vintage has, and between which values the truth behind each of its figures lies.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;
use regtrade_model::{
    BoundedFigure, Figure, FigureKey, FigureValue, Indicator, Observation, Period, Provenance,
    ReleaseId, Side, Span, exact,
};

use super::interval::Interval;

/// Levels leave the system in millions of euro.
const LEVEL_MULT: i32 = 6;

/// A figure, and what is known of the true value behind it.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) figure: Figure,
    /// The narrowest that is proven; `None` where there is no value.
    pub(crate) between: Option<Interval>,
}

/// All figures of a vintage.
#[derive(Debug, Clone, Default)]
pub(crate) struct Held {
    pub(crate) figures: BTreeMap<FigureKey, Known>,
    /// Which of them are observations, from data files.
    pub(crate) observed: BTreeSet<FigureKey>,
    /// The periods of which it has observations.
    pub(crate) slices: BTreeSet<Period>,
}

impl Held {
    /// What a vintage has: its `figures`, levels included, one for each key; the observations and periods of
    /// observations behind them; and what the print of its newest release proves.
    pub(crate) fn of(
        figures: Vec<Figure>,
        observations: &[(ReleaseId, Observation)],
        bounds: &[BoundedFigure],
        slices: impl IntoIterator<Item = Period>,
    ) -> Self {
        let sources = Sources {
            figures: figures.iter().map(|f| (&f.key, f)).collect(),
            observations: observations.iter().map(|(_, o)| (&o.key, o)).collect(),
            bounds: bounds.iter().map(|bound| (&bound.key, bound)).collect(),
        };
        let known: Vec<_> = figures.iter().map(|f| sources.interval(f)).collect();
        let known = figures.into_iter().zip(known);
        Self {
            figures: known
                .map(|(figure, between)| (figure.key.clone(), Known { figure, between }))
                .collect(),
            observed: observations.iter().map(|(_, o)| o.key.clone()).collect(),
            slices: slices.into_iter().collect(),
        }
    }

    /// Whether it has any figure of a period.
    pub(crate) fn periods(&self) -> BTreeSet<Period> {
        self.figures.keys().map(|key| key.period.last()).collect()
    }
}

struct Sources<'a> {
    figures: BTreeMap<&'a FigureKey, &'a Figure>,
    observations: BTreeMap<&'a FigureKey, &'a Observation>,
    bounds: BTreeMap<&'a FigureKey, &'a BoundedFigure>,
}

impl Sources<'_> {
    fn interval(&self, figure: &Figure) -> Option<Interval> {
        let value = match &figure.value {
            FigureValue::Undefined(_) => return None,
            FigureValue::Between { lower, upper } => {
                return Some(Interval::between(*lower, *upper));
            }
            FigureValue::Exact(value) => *value,
        };
        let displayed = || Interval::around(value, figure.decimals);
        let interval = match figure.provenance {
            Provenance::Computed => self
                .observed(&figure.key)
                .map(Interval::point)
                .or_else(|| self.of_levels(&figure.key))
                .unwrap_or_else(displayed),
            Provenance::Published | Provenance::Bounded => displayed(),
        };
        // What a print proves does not hold of figures that are computed otherwise.
        let proven = self.bounds.get(&figure.key);
        let proven = proven.filter(|_| figure.print_differs.is_none());
        let proven = proven.map(|bound| Interval::between(bound.lower, bound.upper));
        Some(proven.map_or(interval.clone(), |proven| interval.narrowed_by(&proven)))
    }

    /// The value of an observation, exact, in millions of euro.
    fn observed(&self, key: &FigureKey) -> Option<BigRational> {
        let observation = self.observations.get(key)?;
        let value = exact::rational(observation.value?);
        Some(exact::shifted(&value, observation.unit_mult - LEVEL_MULT))
    }

    /// An indicator as the levels behind it allow: they are known to their own rounding, and no better.
    fn of_levels(&self, key: &FigureKey) -> Option<Interval> {
        let level = |key: &FigureKey| self.interval(self.figures.get(key)?);
        let last = key.period.last();
        let own = key.with(Indicator::Level, Span::at(last));
        match key.indicator {
            Indicator::Level | Indicator::Contribution | Indicator::Herfindahl | Indicator::Rca => {
                None
            }
            // What is divided by itself is known, whatever it is.
            Indicator::ShareOfCountry if key.ref_area.is_country() => None,
            Indicator::ShareOfTotal if key.item == key.item.total() => None,
            Indicator::ShareOfCountry => {
                level(&own)?.percentage_of(&level(&own.of_area(key.ref_area.country()))?)
            }
            Indicator::ShareOfTotal => {
                level(&own)?.percentage_of(&level(&own.of_item(key.item.total()))?)
            }
            Indicator::Coverage => {
                level(&own)?.percentage_of(&level(&own.of_item(key.item.on(Side::Imports)))?)
            }
            Indicator::Net => {
                let on = |side| level(&own.of_item(key.item.on(side)));
                Some(on(Side::Exports)?.less(&on(Side::Imports)?))
            }
            Indicator::Growth => {
                let before = key.period.first().or_else(|| last.a_year_earlier())?;
                level(&own)?.growth_since(&level(&own.with(Indicator::Level, before))?)
            }
            Indicator::Cagr => {
                let first = own.with(Indicator::Level, key.period.first()?);
                level(&own)?.annual_growth_since(&level(&first)?, key.period.years()?)
            }
        }
    }
}
