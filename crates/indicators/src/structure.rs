//! Structure: how concentrated a flow is, in what an area is specialised, and how far exports cover imports of each
//! component. docs/indicators.md has the formulas and where they come from.

mod ask;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};
use regtrade_model::{
    Decimal, FigureValue, Undefined,
    exact::{self, Number},
};

use crate::levels::Level;

pub(crate) use ask::{Question, ask};

/// Decimals of a Herfindahl index.
pub(crate) const HERFINDAHL_DECIMALS: i32 = 4;
/// Decimals of a revealed comparative advantage.
pub(crate) const RCA_DECIMALS: i32 = 2;
/// Decimals of a coverage ratio, in percent.
pub(crate) const COVERAGE_DECIMALS: i32 = 1;

/// The sum of the squares of the shares of parts in a whole, from 0 to 1 (Herfindahl-Hirschman). Where some of the
/// whole is in none of the parts that have a value, it lies between two bounds: that rest may be spread over ever so
/// many parts, or be one.
pub(crate) fn herfindahl(whole: &Level, parts: &[Level]) -> FigureValue {
    match concentration(whole, parts) {
        Err(reason) => FigureValue::Undefined(reason),
        Ok((lower, upper)) => within(&lower, &upper, HERFINDAHL_DECIMALS),
    }
}

fn concentration(whole: &Level, parts: &[Level]) -> Result<(BigRational, BigRational), Undefined> {
    let whole = rational(whole)?;
    let percent = exact::percentage(&whole, &whole)?;
    debug_assert!(!percent.is_zero());
    let parts: Vec<_> = parts.iter().map(rational).collect();
    let known = || parts.iter().filter_map(|part| part.as_ref().ok());
    if parts.is_empty() {
        return Err(Undefined::NotCovered);
    }
    // A flow that is negative has no share.
    if known().any(Signed::is_negative) {
        return Err(Undefined::NotApplicable);
    }
    let square = |level: &BigRational| {
        let share = level / &whole;
        &share * &share
    };
    let lower = known()
        .map(square)
        .fold(BigRational::zero(), |sum, square| sum + square);
    let rest = known().fold(whole.clone(), |rest, part| rest - part);
    if !rest.is_positive() {
        return Ok((lower.clone(), lower));
    }
    let upper = &lower + square(&rest);
    Ok((lower, upper))
}

fn within(lower: &BigRational, upper: &BigRational, decimals: i32) -> FigureValue {
    if lower == upper {
        return rounded(Ok(lower.clone()), decimals);
    }
    let ends = exact::round_down(lower, decimals).zip(exact::round_up(upper, decimals));
    ends.map_or(
        FigureValue::Undefined(Undefined::NotApplicable),
        |(lower, upper)| FigureValue::Between {
            lower,
            upper: upper.min(Decimal::ONE),
        },
    )
}

/// Revealed comparative advantage (Balassa): the share of a component in the exports of an area, over its share in
/// those of the country.
pub(crate) fn rca(
    part: &Level,
    whole: &Level,
    country_part: &Level,
    country: &Level,
) -> FigureValue {
    let share =
        |part: &Level, whole: &Level| exact::percentage(&rational(part)?, &rational(whole)?);
    let value = share(part, whole).and_then(|own| {
        // A ratio of shares, and no percentage.
        let ratio = exact::percentage(&own, &share(country_part, country)?)?;
        Ok(ratio / BigInt::from(100))
    });
    rounded(value, RCA_DECIMALS)
}

/// 100 · exports / imports of a component.
pub(crate) fn coverage(exports: &Level, imports: &Level) -> FigureValue {
    let value =
        rational(imports).and_then(|imports| exact::percentage(&rational(exports)?, &imports));
    rounded(value, COVERAGE_DECIMALS)
}

fn rational(level: &Level) -> Result<BigRational, Undefined> {
    level
        .as_ref()
        .map(Number::to_rational)
        .map_err(|reason| *reason)
}

fn rounded(value: Result<BigRational, Undefined>, decimals: i32) -> FigureValue {
    let value =
        value.and_then(|value| exact::round(&value, decimals).ok_or(Undefined::NotApplicable));
    value.map_or_else(FigureValue::Undefined, FigureValue::Exact)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(value: i64) -> Level {
        Ok(Number::from(value))
    }

    fn text(value: FigureValue) -> String {
        match value {
            FigureValue::Exact(value) => value.to_string(),
            FigureValue::Between { lower, upper } => format!("{lower} to {upper}"),
            FigureValue::Undefined(reason) => reason.to_string(),
        }
    }

    #[test]
    fn concentration_is_the_sum_of_squared_shares() {
        let of = |whole, parts: &[i64]| {
            let parts: Vec<Level> = parts.iter().copied().map(level).collect();
            text(herfindahl(&level(whole), &parts))
        };
        assert_eq!(of(100, &[50, 30, 20]), "0.3800");
        assert_eq!(of(100, &[100]), "1.0000");
        assert_eq!(of(3, &[1, 1, 1]), "0.3333");
        // 20 are in none of the parts: spread out they add nothing, as one part 0.04.
        assert_eq!(of(100, &[50, 30]), "0.3400 to 0.3800");
        assert_eq!(of(3, &[1]), "0.1111 to 0.5556");
        assert_eq!(of(100, &[]), "NOT_COVERED");
        assert_eq!(of(100, &[110, -10]), "NOT_APPLICABLE");
        assert_eq!(of(0, &[0]), "BASE_ZERO");
        assert_eq!(of(-1, &[1]), "BASE_NEGATIVE");
    }

    #[test]
    fn a_suppressed_part_leaves_bounds_that_do_not_depend_on_it() {
        let parts = [
            level(50),
            Err(Undefined::Suppressed),
            Err(Undefined::Missing),
        ];
        assert_eq!(text(herfindahl(&level(100), &parts)), "0.2500 to 0.5000");
        let whole = Err(Undefined::Suppressed);
        assert_eq!(text(herfindahl(&whole, &parts)), "SUPPRESSED");
    }

    #[test]
    fn a_comparative_advantage_is_a_ratio_of_shares() {
        let of = |part, whole, country_part, country| {
            text(rca(
                &level(part),
                &level(whole),
                &level(country_part),
                &level(country),
            ))
        };
        // 20 percent of the area's exports, 10 percent of the country's.
        assert_eq!(of(20, 100, 50, 500), "2.00");
        assert_eq!(of(0, 100, 50, 500), "0.00");
        assert_eq!(of(20, 100, 0, 500), "BASE_ZERO");
        assert_eq!(of(20, 0, 50, 500), "BASE_ZERO");
        assert_eq!(of(20, 100, -50, 500), "BASE_NEGATIVE");
        let missing = Err(Undefined::Missing);
        assert_eq!(
            text(rca(&missing, &level(1), &level(1), &level(1))),
            "MISSING"
        );
    }

    #[test]
    fn coverage_is_exports_in_percent_of_imports() {
        assert_eq!(text(coverage(&level(1), &level(3))), "33.3");
        assert_eq!(text(coverage(&level(1), &level(0))), "BASE_ZERO");
        assert_eq!(
            text(coverage(&Err(Undefined::Suppressed), &level(1))),
            "SUPPRESSED"
        );
    }
}
