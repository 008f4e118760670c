//! The key indicators of a vintage: computed from levels where there are any, else as printed.

mod level;
mod wanted;

use std::collections::{BTreeMap, BTreeSet};

use level::{Level, both, displayed, displayed_decimals, is_money};
use num_rational::BigRational;
use regtrade_model::{
    Decimal, Figure, FigureKey, FigureValue, Indicator, Observation, Period, Provenance,
    PublishedFigure, ReleaseId, Side, Span, Undefined,
    exact::{self, Number},
};

pub(crate) use level::{LEVEL_MULT, observed_figure, reason};
pub(crate) use wanted::Wanted;

/// The decimals of a rate or share that the release does not print.
const RATE_DECIMALS: i32 = 1;

/// Decimals of bounds beyond those of the figure that they stand for.
const MORE_DECIMALS: i32 = 1;

/// How many years an average growth rate goes back where the release does not print one.
const CAGR_YEARS: u16 = 5;

/// A level that the vintage has, from a data file.
pub type Observed<'a> = (&'a ReleaseId, &'a Observation);

/// Every figure that the release prints, and every share, net, growth and coverage that its levels imply.
///
/// Levels are those of the observations, else those that are printed. A figure that can be computed from levels is
/// computed, also where it is printed. Where the two differ after rounding, the print stands if the rounding of the
/// levels explains it; if it does not, the figure is computed and says what the print is. What one release observed is
/// never set against what another printed.
/// `before` are the other releases of the vintage, the newest first: a figure is of the newest one that it needs.
/// Only those are there that are `wanted`.
/// In the order of the printed table: by item, regions before their country, indicator, period.
#[must_use]
pub fn key_indicators(
    printed: &[PublishedFigure],
    observed: &[Observed<'_>],
    release: &ReleaseId,
    before: &[ReleaseId],
    wanted: &dyn Fn(&FigureKey) -> bool,
) -> Vec<Figure> {
    let table = Table::of(printed, observed, release, before);
    let mut keys: Vec<FigureKey> = table.keys(wanted).into_iter().collect();
    keys.sort_by_cached_key(|key| {
        let area = (key.ref_area.is_country(), key.ref_area);
        (key.item, area, key.indicator, key.period, key.clone())
    });
    keys.into_iter().map(|key| table.figure(key)).collect()
}

struct Table<'a> {
    release: &'a ReleaseId,
    before: &'a [ReleaseId],
    printed: BTreeMap<&'a FigureKey, &'a PublishedFigure>,
    levels: BTreeMap<&'a FigureKey, Level<'a>>,
}

/// A value before it is rounded for display; a rate that is rounded already because it is irrational; or bounds.
enum Computed {
    Exact(Number),
    Rounded(Decimal),
    Between {
        lower: Decimal,
        upper: Decimal,
        decimals: i32,
    },
}

impl<'a> Table<'a> {
    fn of(
        printed: &'a [PublishedFigure],
        observed: &[Observed<'a>],
        release: &'a ReleaseId,
        before: &'a [ReleaseId],
    ) -> Self {
        let printed: BTreeMap<_, _> = printed.iter().map(|figure| (&figure.key, figure)).collect();
        let is_level = |key: &FigureKey| key.indicator == Indicator::Level;
        let mut levels: BTreeMap<_, _> = printed
            .iter()
            .filter(|(key, _)| is_level(key))
            .map(|(key, print)| (*key, Level::printed(release, print)))
            .collect();
        for (writer, observation) in observed.iter().copied().filter(|(_, o)| is_level(&o.key)) {
            let level = Level::observed(writer, observation);
            levels.insert(&observation.key, level);
        }
        Self {
            release,
            before,
            printed,
            levels,
        }
    }

    /// What of it is wanted that the release prints, and that the levels imply.
    fn keys(&self, wanted: &dyn Fn(&FigureKey) -> bool) -> BTreeSet<FigureKey> {
        let printed = self.printed.keys().map(|key| (*key).clone());
        let mut keys: BTreeSet<FigureKey> = printed.filter(wanted).collect();
        let mut insert = |key: FigureKey| {
            if wanted(&key) {
                keys.insert(key);
            }
        };
        let newest = self.levels.keys().map(|key| key.period.last()).max();
        for (key, level) in &self.levels {
            insert((*key).clone());
            let is_there = |key: &FigureKey| self.levels.contains_key(key);
            if is_there(&key.of_area(key.ref_area.country())) {
                insert(key.with(Indicator::ShareOfCountry, key.period));
            }
            if is_there(&key.of_item(key.item.total())) {
                insert(key.with(Indicator::ShareOfTotal, key.period));
            }
            if key.item.side() == Side::Exports
                && is_there(&key.of_item(key.item.on(Side::Imports)))
            {
                insert(
                    key.of_item(key.item.on(Side::Net))
                        .with(Indicator::Net, key.period),
                );
                insert(key.with(Indicator::Coverage, key.period));
            }
            let last = key.period.last();
            let before = last.a_year_earlier();
            if before.is_some_and(|year| is_there(&key.with(Indicator::Level, year))) {
                insert(key.with(Indicator::Growth, key.period));
            }
            let first = Period::of_year(last.year().saturating_sub(CAGR_YEARS));
            let span = first.and_then(|first| Span::between(first, last));
            if let (Some(first), Some(span), true) = (first, span, Some(last) == newest)
                && level.observed.is_some()
                && is_there(&key.with(Indicator::Level, first))
            {
                insert(key.with(Indicator::Cagr, span));
            }
        }
        keys
    }

    fn figure(&self, key: FigureKey) -> Figure {
        let print = self.printed.get(&key).copied();
        let computed = self
            .compute(&key)
            .filter(|(value, _)| value.is_ok() || print.is_none_or(|p| p.value.is_none()));
        let mut decimals = print
            .filter(|print| print.value.is_some())
            .map_or_else(|| self.decimals_of(&key), displayed_decimals);
        let printed_value = print.and_then(displayed);
        let release = computed
            .as_ref()
            .map_or(self.release, |(_, release)| *release);
        let mut source = None;
        let (value, provenance) = match computed.map(|(value, _)| value) {
            Some(Ok(Computed::Exact(exact))) => {
                let rounded = exact.round(decimals).ok_or(Undefined::NotApplicable);
                (exactly(rounded), Provenance::Computed)
            }
            Some(Ok(Computed::Rounded(value))) => (FigureValue::Exact(value), Provenance::Computed),
            Some(Ok(Computed::Between {
                lower,
                upper,
                decimals: finer,
            })) => {
                decimals = finer;
                (FigureValue::Between { lower, upper }, Provenance::Bounded)
            }
            Some(Err(reason)) => (FigureValue::Undefined(reason), Provenance::Computed),
            None => {
                source = print.and_then(|print| print.source.clone());
                let printed = printed_value.ok_or(Undefined::Missing);
                (exactly(printed), Provenance::Published)
            }
        };
        let print_differs = printed_value
            .filter(|print| matches!(&value, FigureValue::Exact(value) if value != print));
        let observed = self.levels.get(&key).and_then(|level| level.observed);
        Figure {
            unit_mult: if is_money(key.indicator) {
                LEVEL_MULT
            } else {
                0
            },
            key,
            value,
            decimals,
            provenance,
            release: release.clone(),
            print_differs,
            obs_status: observed.unwrap_or_default(),
            source,
        }
    }

    /// The value from levels, and the release that has them all, else the one that is asked for; `None` where the
    /// levels for it are not there.
    fn compute(&self, key: &FigureKey) -> Option<(Result<Computed, Undefined>, &'a ReleaseId)> {
        let own = key.with(Indicator::Level, Span::at(key.period.last()));
        let (a, b) = match key.indicator {
            Indicator::Level => {
                let level = self.levels.get(key).filter(|l| l.observed.is_some())?;
                let value = level.value.clone().map(Computed::Exact);
                return Some((value, level.release));
            }
            Indicator::Contribution | Indicator::Herfindahl | Indicator::Rca => return None,
            Indicator::ShareOfCountry => (own.clone(), own.of_area(key.ref_area.country())),
            Indicator::ShareOfTotal => (own.clone(), own.of_item(key.item.total())),
            Indicator::Growth | Indicator::Cagr => {
                let first = key.period.first().or_else(|| {
                    let annual = key.indicator == Indicator::Growth;
                    key.period.last().a_year_earlier().filter(|_| annual)
                });
                (own.with(Indicator::Level, first?), own)
            }
            Indicator::Net => (
                own.of_item(key.item.on(Side::Exports)),
                own.of_item(key.item.on(Side::Imports)),
            ),
            Indicator::Coverage => (own.clone(), own.of_item(key.item.on(Side::Imports))),
        };
        let same = a == b;
        let (a, b) = (self.levels.get(&a)?, self.levels.get(&b)?);
        // What one release observed is never set against what another printed.
        if a.observed.is_some() != b.observed.is_some() && a.release != b.release {
            return None;
        }
        let age = |of: &ReleaseId| self.before.iter().position(|before| before == of);
        let release = if age(a.release) <= age(b.release) {
            a.release
        } else {
            b.release
        };
        let value =
            both(a.value.as_ref(), b.value.as_ref()).and_then(|(a, b)| self.indicator(key, a, b));
        match (self.printed.get(key).filter(|p| p.value.is_some()), value) {
            (None, Ok(Computed::Exact(exact))) if !same => {
                let value = self.as_rough_as_its_levels(key, exact, a, b);
                Some((Ok(value), release))
            }
            // The print was made of the true levels: where the rounded ones allow it, it is the better value.
            (Some(print), Ok(value))
                if !self.is_print(&value, print) && self.allow(key, a, b, print) =>
            {
                None
            }
            (_, value) => Some((value, release)),
        }
    }

    /// Whether a computed value is shown as the print shows it.
    fn is_print(&self, value: &Computed, print: &PublishedFigure) -> bool {
        let shown = match value {
            Computed::Exact(exact) => exact.round(displayed_decimals(print)),
            Computed::Rounded(value) => Some(*value),
            Computed::Between { .. } => None,
        };
        shown.is_some() && shown == displayed(print)
    }

    /// Whether true levels behind two rounded ones could be printed as a figure is printed.
    fn allow(
        &self,
        key: &FigureKey,
        a: &Level<'_>,
        b: &Level<'_>,
        print: &PublishedFigure,
    ) -> bool {
        let Some((lower, upper)) = self.corners(key, a, b) else {
            return false;
        };
        let Some(printed) = displayed(print).map(exact::rational) else {
            return false;
        };
        let half = BigRational::new(1.into(), 2.into());
        let half = exact::shifted(&half, displayed_decimals(print).saturating_neg());
        &printed - &half <= upper && lower <= printed + half
    }

    /// Between which values an indicator of two rounded levels lies.
    fn corners(
        &self,
        key: &FigureKey,
        a: &Level<'_>,
        b: &Level<'_>,
    ) -> Option<(BigRational, BigRational)> {
        let (a, b) = (a.bounds().ok()?, b.bounds().ok()?);
        // Two corners are enough: each of these indicators rises with one level and falls with the other.
        let corner = |a: &BigRational, b: &BigRational| match self.indicator(
            key,
            &Number::from(a.clone()),
            &Number::from(b.clone()),
        ) {
            Ok(Computed::Exact(value)) => Some(value.to_rational()),
            Ok(Computed::Rounded(value)) => Some(exact::rational(value)),
            _ => None,
        };
        let (one, other) = (corner(&a.0, &b.1)?, corner(&a.1, &b.0)?);
        Some(if one <= other {
            (one, other)
        } else {
            (other, one)
        })
    }

    /// What is computed from rounded levels: its bounds, where rounding moves the last digit by more than one.
    fn as_rough_as_its_levels(
        &self,
        key: &FigureKey,
        exact: Number,
        a: &Level<'_>,
        b: &Level<'_>,
    ) -> Computed {
        if a.observed.is_some() && b.observed.is_some() {
            return Computed::Exact(exact);
        }
        let Some((lower, upper)) = self.corners(key, a, b) else {
            return Computed::Exact(exact);
        };
        let decimals = self.decimals_of(key);
        // The difference of two levels that are rounded to the same place is off by one in that place at most.
        let two_units = exact::shifted(&BigRational::from_integer(2.into()), -decimals);
        if &upper - &lower <= two_units {
            return Computed::Exact(exact);
        }
        let decimals = decimals.saturating_add(MORE_DECIMALS);
        let ends = exact::round_down(&lower, decimals).zip(exact::round_up(&upper, decimals));
        ends.map_or(Computed::Exact(exact), |(lower, upper)| Computed::Between {
            lower,
            upper,
            decimals,
        })
    }

    /// The indicator of a key from its two levels.
    fn indicator(&self, key: &FigureKey, a: &Number, b: &Number) -> Result<Computed, Undefined> {
        let exact = match key.indicator {
            Indicator::Net => Ok(a - b),
            Indicator::Growth => (b - a).percentage_of(a),
            Indicator::Cagr => {
                let years = key.period.years().ok_or(Undefined::NotApplicable)?;
                let print = self.printed.get(key).filter(|print| print.value.is_some());
                let decimals = print.map_or(1, |print| print.decimals);
                let (a, b) = (a.to_rational(), b.to_rational());
                return exact::cagr(&a, &b, years, decimals).map(Computed::Rounded);
            }
            _ => a.percentage_of(b),
        };
        exact.map(Computed::Exact)
    }

    /// The decimals of a figure that is not printed: those of the coarser of its levels, or one for a rate.
    fn decimals_of(&self, key: &FigureKey) -> i32 {
        let of = |key: &FigureKey| self.levels.get(key).map(|level| level.decimals);
        match key.indicator {
            Indicator::Level => of(key).unwrap_or_default(),
            Indicator::Net => {
                let on = |side| {
                    of(&key
                        .of_item(key.item.on(side))
                        .with(Indicator::Level, key.period))
                };
                on(Side::Exports)
                    .into_iter()
                    .chain(on(Side::Imports))
                    .min()
                    .unwrap_or_default()
            }
            _ => RATE_DECIMALS,
        }
    }
}

fn exactly(value: Result<Decimal, Undefined>) -> FigureValue {
    value.map_or_else(FigureValue::Undefined, FigureValue::Exact)
}

#[cfg(test)]
mod tests;
