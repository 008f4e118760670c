//! The key indicators of a release: computed from levels where the release prints them, else as printed.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;
use regtrade_model::{
    Decimal, Figure, FigureKey, FigureValue, Indicator, Provenance, PublishedFigure, ReleaseId,
    Side, Span, Undefined, exact,
};

/// Levels leave the system in millions of euro.
const LEVEL_MULT: i32 = 6;

/// The decimals of a rate or share that the release does not print.
const RATE_DECIMALS: i32 = 1;

/// Every figure that the release prints, and every share, net, growth and coverage that its printed levels imply.
///
/// A figure that can be computed from printed levels is computed, also where it is printed; where the two differ
/// after rounding, the figure says what the print is. In the order of the printed table: by item, regions before
/// their country, indicator, period.
#[must_use]
pub fn key_indicators(printed: &[PublishedFigure], release: &ReleaseId) -> Vec<Figure> {
    let table = Table {
        printed: printed.iter().map(|figure| (&figure.key, figure)).collect(),
    };
    let mut keys: Vec<FigureKey> = table.keys().into_iter().collect();
    keys.sort_by_cached_key(|key| {
        let area = (key.ref_area.is_country(), key.ref_area);
        (key.item, area, key.indicator, key.period, key.clone())
    });
    keys.into_iter()
        .map(|key| table.figure(key, release))
        .collect()
}

struct Table<'a> {
    printed: BTreeMap<&'a FigureKey, &'a PublishedFigure>,
}

/// A value before it is rounded for display, or a rate that is rounded already because it is irrational.
enum Computed {
    Rational(BigRational),
    Rounded(Decimal),
}

impl Table<'_> {
    /// What the release prints, and what its levels imply.
    fn keys(&self) -> BTreeSet<FigureKey> {
        let mut keys: BTreeSet<FigureKey> = self.printed.keys().map(|key| (*key).clone()).collect();
        let levels = self
            .printed
            .keys()
            .filter(|key| key.indicator == Indicator::Level);
        for key in levels {
            let is_printed = |key: &FigureKey| self.printed.contains_key(key);
            if is_printed(&key.of_area(key.ref_area.country())) {
                keys.insert(key.with(Indicator::ShareOfCountry, key.period));
            }
            if is_printed(&key.of_item(key.item.total())) {
                keys.insert(key.with(Indicator::ShareOfTotal, key.period));
            }
            if key.item.side() == Side::Exports
                && is_printed(&key.of_item(key.item.on(Side::Imports)))
            {
                keys.insert(
                    key.of_item(key.item.on(Side::Net))
                        .with(Indicator::Net, key.period),
                );
                keys.insert(key.with(Indicator::Coverage, key.period));
            }
            let before = key.period.last().a_year_earlier();
            if before.is_some_and(|year| is_printed(&key.with(Indicator::Level, year))) {
                keys.insert(key.with(Indicator::Growth, key.period));
            }
        }
        keys
    }

    fn figure(&self, key: FigureKey, release: &ReleaseId) -> Figure {
        let print = self.printed.get(&key).copied();
        let computed = self
            .compute(&key)
            .filter(|value| value.is_ok() || print.is_none_or(|p| p.value.is_none()));
        let decimals = print
            .filter(|print| print.value.is_some())
            .map_or_else(|| self.decimals_of(&key), displayed_decimals);
        let printed_value = print.and_then(displayed);
        let (value, provenance) = match computed {
            Some(Ok(Computed::Rational(exact))) => (
                exact::round(&exact, decimals).ok_or(Undefined::NotApplicable),
                Provenance::Computed,
            ),
            Some(Ok(Computed::Rounded(value))) => (Ok(value), Provenance::Computed),
            Some(Err(reason)) => (Err(reason), Provenance::Computed),
            None => (
                printed_value.ok_or(Undefined::Missing),
                Provenance::Published,
            ),
        };
        let print_differs =
            printed_value.filter(|printed| value.is_ok_and(|value| value != *printed));
        Figure {
            unit_mult: if is_money(key.indicator) {
                LEVEL_MULT
            } else {
                0
            },
            key,
            value: value.map_or_else(FigureValue::Undefined, FigureValue::Exact),
            decimals,
            provenance,
            release: release.clone(),
            print_differs,
        }
    }

    /// The value from printed levels; `None` where the release does not print the levels for it.
    fn compute(&self, key: &FigureKey) -> Option<Result<Computed, Undefined>> {
        let rational = |value: Result<BigRational, Undefined>| Some(value.map(Computed::Rational));
        let own = || self.level(key);
        match key.indicator {
            Indicator::ShareOfCountry => {
                let whole = self.level(&key.of_area(key.ref_area.country()))?;
                rational(
                    both(own()?, whole).and_then(|(part, whole)| exact::percentage(&part, &whole)),
                )
            }
            Indicator::ShareOfTotal => {
                let whole = self.level(&key.of_item(key.item.total()))?;
                rational(
                    both(own()?, whole).and_then(|(part, whole)| exact::percentage(&part, &whole)),
                )
            }
            Indicator::Growth => {
                let before =
                    self.level(&key.with(Indicator::Level, key.period.last().a_year_earlier()?))?;
                rational(
                    both(before, own()?).and_then(|(before, after)| exact::growth(&before, &after)),
                )
            }
            Indicator::Net => {
                let exports = self.level(&key.of_item(key.item.on(Side::Exports)))?;
                let imports = self.level(&key.of_item(key.item.on(Side::Imports)))?;
                rational(both(exports, imports).map(|(exports, imports)| exports - imports))
            }
            Indicator::Coverage => {
                let imports = self.level(&key.of_item(key.item.on(Side::Imports)))?;
                rational(
                    both(own()?, imports)
                        .and_then(|(exports, imports)| exact::percentage(&exports, &imports)),
                )
            }
            Indicator::Cagr => {
                let (first, years) = (key.period.first()?, key.period.years()?);
                let first = self.level(&key.with(Indicator::Level, first))?;
                let last = self.level(&key.with(Indicator::Level, key.period.last()))?;
                let print = self.printed.get(key).filter(|print| print.value.is_some());
                let decimals = print.map_or(1, |print| print.decimals);
                let rate = both(first, last)
                    .and_then(|(first, last)| exact::cagr(&first, &last, years, decimals));
                Some(rate.map(Computed::Rounded))
            }
            Indicator::Level | Indicator::Contribution => None,
        }
    }

    /// The printed level of the item, area and last period of a key, in millions of euro.
    fn level(&self, key: &FigureKey) -> Option<Result<BigRational, Undefined>> {
        let print = self
            .printed
            .get(&key.with(Indicator::Level, Span::at(key.period.last())))?;
        let value = print
            .value
            .map(|value| exact::shifted(&exact::rational(value), print.unit_mult - LEVEL_MULT));
        Some(value.ok_or(Undefined::Missing))
    }

    /// The decimals of a figure that is not printed: those of the coarser of its levels, or one for a rate.
    fn decimals_of(&self, key: &FigureKey) -> i32 {
        if key.indicator != Indicator::Net {
            return if key.indicator == Indicator::Level {
                0
            } else {
                RATE_DECIMALS
            };
        }
        let of = |side| {
            let level = key
                .of_item(key.item.on(side))
                .with(Indicator::Level, key.period);
            self.printed
                .get(&level)
                .map(|print| displayed_decimals(print))
        };
        of(Side::Exports)
            .into_iter()
            .chain(of(Side::Imports))
            .min()
            .unwrap_or(0)
    }
}

fn both<T>(a: Result<T, Undefined>, b: Result<T, Undefined>) -> Result<(T, T), Undefined> {
    Ok((a?, b?))
}

const fn is_money(indicator: Indicator) -> bool {
    matches!(indicator, Indicator::Level | Indicator::Net)
}

/// The decimals of a print in the unit in which it is shown.
fn displayed_decimals(print: &PublishedFigure) -> i32 {
    let decimals = i32::try_from(print.decimals).unwrap_or(i32::MAX);
    if is_money(print.key.indicator) {
        decimals + LEVEL_MULT - print.unit_mult
    } else {
        decimals
    }
}

/// A printed value in the unit in which it is shown.
fn displayed(print: &PublishedFigure) -> Option<Decimal> {
    let shift = if is_money(print.key.indicator) {
        print.unit_mult - LEVEL_MULT
    } else {
        0
    };
    exact::round(
        &exact::shifted(&exact::rational(print.value?), shift),
        displayed_decimals(print),
    )
}

#[cfg(test)]
mod tests;
