//! Exact arithmetic on figures: rationals until displayed, then rounded half away from zero.
//!
//! No float decides a digit here; where one is used, it proposes and exact comparison disposes.

mod average;
mod number;

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};
use rust_decimal::Decimal;

use crate::Undefined;

pub use average::AverageGrowth;
pub use number::Number;

/// The powers of ten, from the one of 0 on, that a number of 128 bits has room for.
pub const POWERS_OF_TEN: [i128; 39] = {
    let mut powers = [1; 39];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

/// The exact rational value of a decimal.
#[must_use]
pub fn rational(value: Decimal) -> BigRational {
    BigRational::new(value.mantissa().into(), power_of_ten(value.scale()))
}

/// 10^`exponent`.
#[must_use]
pub fn power_of_ten(exponent: u32) -> BigInt {
    BigInt::from(10).pow(exponent)
}

/// `value` times 10^`exponent`.
#[must_use]
pub fn shifted(value: &BigRational, exponent: i32) -> BigRational {
    let factor = BigRational::from_integer(power_of_ten(exponent.unsigned_abs()));
    if exponent < 0 {
        value / factor
    } else {
        value * factor
    }
}

/// Rounds half away from zero to `decimals` places; negative `decimals` round to tens, hundreds, and so on.
///
/// `None` where the result has more than 28 digits.
///
/// ```
/// # use regtrade_model::{Decimal, exact::{rational, round}};
/// let half: Decimal = "-0.25".parse()?;
/// assert_eq!(round(&rational(half), 1).unwrap().to_string(), "-0.3");
/// # Ok::<(), rust_decimal::Error>(())
/// ```
#[must_use]
pub fn round(value: &BigRational, decimals: i32) -> Option<Decimal> {
    let scaled = shifted(value, decimals);
    let two = BigInt::from(2);
    let magnitude =
        (scaled.numer().abs() * &two + scaled.denom()).div_floor(&(scaled.denom() * two));
    let signed = if scaled.is_negative() {
        -magnitude
    } else {
        magnitude
    };
    decimal_of(signed, decimals)
}

/// The largest number of `decimals` places that is not above `value`; `None` where it has more than 28 digits.
#[must_use]
pub fn round_down(value: &BigRational, decimals: i32) -> Option<Decimal> {
    decimal_of(shifted(value, decimals).floor().to_integer(), decimals)
}

/// The smallest number of `decimals` places that is not below `value`; `None` where it has more than 28 digits.
#[must_use]
pub fn round_up(value: &BigRational, decimals: i32) -> Option<Decimal> {
    decimal_of(shifted(value, decimals).ceil().to_integer(), decimals)
}

fn decimal_of(units: BigInt, decimals: i32) -> Option<Decimal> {
    let (mantissa, scale) = if decimals < 0 {
        (units * power_of_ten(decimals.unsigned_abs()), 0)
    } else {
        (units, decimals.unsigned_abs())
    };
    Decimal::try_from_i128_with_scale(mantissa.to_i128()?, scale).ok()
}

/// 100 · `part` / `whole`.
///
/// # Errors
/// [`Undefined::BaseZero`] where `whole` is zero, [`Undefined::BaseNegative`] where it is negative.
pub fn percentage(part: &BigRational, whole: &BigRational) -> Result<BigRational, Undefined> {
    positive(whole)?;
    Ok(part / whole * hundred())
}

/// The change from `before` to `after` in percent: 100 · (`after` / `before` − 1).
///
/// # Errors
/// [`Undefined::BaseZero`] where `before` is zero, [`Undefined::BaseNegative`] where it is negative.
pub fn growth(before: &BigRational, after: &BigRational) -> Result<BigRational, Undefined> {
    positive(before)?;
    Ok((after / before - BigRational::one()) * hundred())
}

/// The average annual growth from `first` to `last` over `years` years, 100 · ((last/first)^(1/years) − 1),
/// rounded half away from zero to `decimals` places. Powers are compared, no root is taken.
///
/// # Errors
/// [`Undefined::BaseZero`] where `first` is zero or `years` is; [`Undefined::BaseNegative`] where a level is
/// negative; [`Undefined::NotApplicable`] where the rate has more than 28 digits.
pub fn cagr(
    first: &BigRational,
    last: &BigRational,
    years: u16,
    decimals: u32,
) -> Result<Decimal, Undefined> {
    part_of_cagr(&BigRational::one(), first, last, years, decimals)
}

/// `part` times the average annual growth, rounded half away from zero to `decimals` places: `part` is what a
/// component has of the change of the whole, and may be negative or more than 1. The growth is irrational as a rule;
/// powers of rationals are compared, no root is taken.
///
/// # Errors
/// As [`cagr`].
pub fn part_of_cagr(
    part: &BigRational,
    first: &BigRational,
    last: &BigRational,
    years: u16,
    decimals: u32,
) -> Result<Decimal, Undefined> {
    positive(first)?;
    if last.is_negative() {
        return Err(Undefined::BaseNegative);
    }
    if years == 0 {
        return Err(Undefined::BaseZero);
    }
    let places = decimals.to_i32().ok_or(Undefined::NotApplicable)?;
    let (ratio, one) = (last / first, BigRational::one());
    if part.is_zero() || ratio == one {
        return decimal_of(BigInt::zero(), places).ok_or(Undefined::NotApplicable);
    }
    let unit = BigRational::new(BigInt::one(), BigInt::from(100) * power_of_ten(decimals));
    // Whether |part| · |(last/first)^(1/years) − 1| is `units` − ½ or more: a half goes away from zero.
    let reaches = |units: &BigInt| {
        let border = (BigRational::from_integer(units.clone()) - half()) * &unit / part.abs();
        if ratio > one {
            ratio >= (&one + border).pow(i32::from(years))
        } else {
            border <= one && ratio <= (&one - border).pow(i32::from(years))
        }
    };
    let rate = ratio.to_f64().unwrap_or(1.0).powf(1.0 / f64::from(years)) - 1.0;
    let guess = rate.abs() * part.abs().to_f64().unwrap_or(1.0) / unit.to_f64().unwrap_or(1.0);
    let units = last_that(&reaches, BigInt::from(guess.round().to_i64().unwrap_or(0)));
    let downwards = part.is_negative() != (ratio < one);
    decimal_of(if downwards { -units } else { units }, places).ok_or(Undefined::NotApplicable)
}

/// The last whole number from 0 up of which something holds that holds of 0, and of no number after one of which it
/// does not. `guess` is where to begin: a bad one costs time and changes nothing.
fn last_that(holds: &dyn Fn(&BigInt) -> bool, guess: BigInt) -> BigInt {
    let (mut holding, mut failing) = (BigInt::zero(), None);
    let mut step = BigInt::one();
    let mut at = guess.max(BigInt::zero());
    loop {
        if at.is_zero() || holds(&at) {
            holding = at;
        } else {
            failing = Some(at);
        }
        at = match &failing {
            None => &holding + &step,
            Some(failing) if failing - &holding <= BigInt::one() => return holding,
            // Close to the guess first, since that is nearly always right.
            Some(failing) if failing - &step > holding => failing - &step,
            Some(failing) => (failing + &holding) / BigInt::from(2),
        };
        step *= 2;
    }
}

fn positive(base: &BigRational) -> Result<(), Undefined> {
    if base.is_zero() {
        Err(Undefined::BaseZero)
    } else if base.is_negative() {
        Err(Undefined::BaseNegative)
    } else {
        Ok(())
    }
}

fn half() -> BigRational {
    BigRational::new(BigInt::one(), BigInt::from(2))
}

fn hundred() -> BigRational {
    BigRational::from_integer(BigInt::from(100))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn r(text: &str) -> BigRational {
        rational(text.parse().unwrap())
    }

    fn rounded(text: &str, decimals: i32) -> String {
        round(&r(text), decimals).unwrap().to_string()
    }

    #[test]
    fn a_half_is_rounded_away_from_zero() {
        assert_eq!(rounded("0.25", 1), "0.3");
        assert_eq!(rounded("-0.25", 1), "-0.3");
        assert_eq!(rounded("0.249999999999999999", 1), "0.2");
        assert_eq!(rounded("-0.05", 1), "-0.1");
        assert_eq!(rounded("-0.04", 1), "0.0", "no minus sign before a zero");
        assert_eq!(rounded("62472.5", 0), "62473");
        assert_eq!(rounded("62472.5", -2), "62500");
    }

    #[test]
    fn the_printed_shares_and_rates_follow_from_the_printed_levels() {
        let share = percentage(&r("29064.1"), &r("352589.9")).unwrap();
        assert_eq!(round(&share, 1).unwrap().to_string(), "8.2");
        let change = growth(&r("200"), &r("187")).unwrap();
        assert_eq!(round(&change, 1).unwrap().to_string(), "-6.5");
    }

    #[test]
    fn an_undefined_rate_says_why() {
        assert_eq!(growth(&r("0"), &r("1")), Err(Undefined::BaseZero));
        assert_eq!(growth(&r("-1"), &r("1")), Err(Undefined::BaseNegative));
        assert_eq!(cagr(&r("0"), &r("1"), 5, 1), Err(Undefined::BaseZero));
        assert_eq!(cagr(&r("1"), &r("-1"), 5, 1), Err(Undefined::BaseNegative));
        assert_eq!(cagr(&r("1"), &r("1"), 0, 1), Err(Undefined::BaseZero));
    }

    #[test]
    fn an_average_rate_on_the_border_is_decided_exactly() {
        // 1.0255^5 exactly: the rate is 2.55 percent, which prints as 2.6, and as 2.5 when a hair less.
        let border = BigRational::new(BigInt::from(10255), BigInt::from(10000)).pow(5);
        let hair = BigRational::new(BigInt::one(), power_of_ten(40));
        let one = BigRational::one();
        assert_eq!(cagr(&one, &border, 5, 1).unwrap().to_string(), "2.6");
        assert_eq!(
            cagr(&one, &(&border - &hair), 5, 1).unwrap().to_string(),
            "2.5"
        );
        // The same below one: -2.55 prints as -2.6, and as -2.5 when a hair nearer to zero.
        let border = BigRational::new(BigInt::from(9745), BigInt::from(10000)).pow(5);
        assert_eq!(cagr(&one, &border, 5, 1).unwrap().to_string(), "-2.6");
        assert_eq!(
            cagr(&one, &(&border + &hair), 5, 1).unwrap().to_string(),
            "-2.5"
        );
        assert_eq!(
            cagr(&one, &BigRational::zero(), 5, 1).unwrap().to_string(),
            "-100.0"
        );
    }

    #[test]
    fn a_part_of_an_average_rate_on_the_border_is_decided_exactly() {
        let r5 =
            |numerator: i64| BigRational::new(BigInt::from(numerator), BigInt::from(10000)).pow(5);
        let hair = BigRational::new(BigInt::one(), power_of_ten(40));
        let one = BigRational::one();
        let rounded = |part: &BigRational, ratio: &BigRational| {
            part_of_cagr(part, &one, ratio, 5, 1).unwrap().to_string()
        };
        // Half of 5.1 percent is 2.55; of -5.1 percent it is -2.55; minus half is the other way round.
        let (up, down, half) = (r5(10510), r5(9490), half());
        assert_eq!(rounded(&half, &up), "2.6");
        assert_eq!(rounded(&half, &(&up - &hair)), "2.5");
        assert_eq!(rounded(&-&half, &up), "-2.6");
        assert_eq!(rounded(&-&half, &(&up - &hair)), "-2.5");
        assert_eq!(rounded(&half, &down), "-2.6");
        assert_eq!(rounded(&half, &(&down + &hair)), "-2.5");
        assert_eq!(rounded(&-&half, &down), "2.6");
        // A part may be many times the whole: what floats cannot tell apart is told apart.
        let large = BigRational::from_integer(power_of_ten(20));
        assert_eq!(rounded(&large, &r5(10255)), "255000000000000000000.0");
        assert_eq!(
            rounded(&large, &(r5(10255) - &hair)),
            "255000000000000000000.0"
        );
        let less = r5(10255) - BigRational::new(BigInt::one(), power_of_ten(21));
        assert_eq!(rounded(&large, &less), "254999999999999999998.2");
        assert_eq!(rounded(&BigRational::zero(), &up), "0.0");
        assert_eq!(rounded(&half, &BigRational::zero()), "-50.0");
    }

    proptest! {
        #[test]
        fn a_part_of_an_average_rate_lies_between_its_borders(part in -10i64.pow(6)..10i64.pow(6), of in 1i64..10i64.pow(4), first in 1u64..10u64.pow(9), last in 0u64..10u64.pow(9), years in 1u16..12, decimals in 0u32..4) {
            let part = BigRational::new(part.into(), of.into());
            let (first, last) = (BigRational::from_integer(first.into()), BigRational::from_integer(last.into()));
            let shown = rational(part_of_cagr(&part, &first, &last, years, decimals).unwrap());
            let ratio = last / first;
            if part.is_zero() {
                prop_assert!(shown.is_zero());
                return Ok(());
            }
            // Of a rate r: shown - half a unit <= part * 100 * (r - 1) <= shown + half a unit, with r^years = ratio.
            let half = half() / power_of_ten(decimals);
            let ends = [&shown - &half, &shown + &half].map(|end| BigRational::one() + end / (&part * hundred()));
            let (lower, upper) = if part.is_positive() { (&ends[0], &ends[1]) } else { (&ends[1], &ends[0]) };
            prop_assert!(lower.is_negative() || lower.pow(i32::from(years)) <= ratio);
            prop_assert!(!upper.is_negative() && upper.pow(i32::from(years)) >= ratio);
        }

        #[test]
        fn rounding_moves_a_value_by_half_a_unit_at_most(mantissa in -10i64.pow(15)..10i64.pow(15), scale in 0u32..12, decimals in -3i32..6) {
            let value = rational(Decimal::new(mantissa, scale));
            let shown = rational(round(&value, decimals).unwrap());
            let unit = shifted(&BigRational::one(), -decimals);
            prop_assert!((shown.clone() - &value).abs() * BigInt::from(2) <= unit);
            prop_assert_eq!(rational(round(&shown, decimals).unwrap()), shown);
        }

        #[test]
        fn an_average_rate_lies_between_its_borders(first in 1u64..10u64.pow(9), last in 0u64..10u64.pow(9), years in 1u16..12, decimals in 0u32..4) {
            let (first, last) = (BigRational::from_integer(first.into()), BigRational::from_integer(last.into()));
            let shown = rational(cagr(&first, &last, years, decimals).unwrap());
            let half = BigRational::new(BigInt::one(), BigInt::from(2) * power_of_ten(decimals));
            let power = |rate: BigRational| (BigRational::one() + rate / hundred()).pow(i32::from(years));
            let ratio = last / first;
            prop_assert!(ratio <= power(&shown + &half));
            let lower = &shown - &half;
            prop_assert!(lower < -hundred() || ratio >= power(lower));
        }
    }
}
