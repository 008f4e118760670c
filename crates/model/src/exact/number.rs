//! Rationals that are quick as long as they are small.

use std::{
    cmp::Ordering,
    ops::{Add, Div, Mul, Sub},
};

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed as _, ToPrimitive as _, Zero as _};
use rust_decimal::Decimal;

use super::{POWERS_OF_TEN, round};
use crate::Undefined;

/// An exact rational number. One whose numerator and denominator have room in 128 bits takes no memory of its own, and
/// is not reduced; what has no room goes on as a [`BigRational`]. Nothing of this can be seen but by how long it takes.
///
/// ```
/// # use regtrade_model::{Decimal, exact::Number};
/// let third = &Number::from(1) / &Number::from(3);
/// assert_eq!(&third + &third, &Number::from(2) / &Number::from(3));
/// assert_eq!(third.round(2), Some("0.33".parse::<Decimal>()?));
/// # Ok::<(), rust_decimal::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Number(pub(super) Kind);

#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// The denominator is positive.
    Small(i128, i128),
    Big(Box<BigRational>),
}

/// 10^`exponent`; `None` where there is no room for it.
fn power(exponent: u32) -> Option<i128> {
    POWERS_OF_TEN.get(usize::try_from(exponent).ok()?).copied()
}

impl Number {
    /// Zero.
    #[must_use]
    pub const fn zero() -> Self {
        Self(Kind::Small(0, 1))
    }

    /// A decimal times 10^`exponent`.
    #[must_use]
    pub fn shifted(value: Decimal, exponent: i32) -> Self {
        let down = i64::from(value.scale()) - i64::from(exponent);
        let exponent = u32::try_from(down.unsigned_abs()).ok();
        let small = exponent.and_then(power).and_then(|power| {
            let up = || Some(Kind::Small(value.mantissa().checked_mul(power)?, 1));
            if down < 0 {
                up()
            } else {
                Some(Kind::Small(value.mantissa(), power))
            }
        });
        small.map_or_else(
            || {
                let value = BigRational::from_integer(value.mantissa().into());
                let exponent = i32::try_from(-down).unwrap_or_default();
                Self::from(super::shifted(&value, exponent))
            },
            Self,
        )
    }

    /// The same number, put as a whole number of 10^-`decimals` where it is one and there is room: numbers that are put
    /// alike are added quickly.
    #[must_use]
    pub fn with_decimals(self, decimals: u32) -> Self {
        let put = |n: i128, d: i128| {
            let power = power(decimals)?;
            let factor = power.checked_div(d)?;
            let is_whole = factor.checked_mul(d)? == power;
            Some(Kind::Small(
                n.checked_mul(factor).filter(|_| is_whole)?,
                power,
            ))
        };
        match self.0 {
            Kind::Small(n, d) => put(n, d).map_or(self, Self),
            Kind::Big(_) => self,
        }
    }

    /// As a rational that is reduced.
    #[must_use]
    pub fn to_rational(&self) -> BigRational {
        match &self.0 {
            Kind::Small(n, d) => BigRational::new(BigInt::from(*n), BigInt::from(*d)),
            Kind::Big(big) => big.as_ref().clone(),
        }
    }

    /// Whether it is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.cmp_zero() == Ordering::Equal
    }

    /// Whether it is less than zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.cmp_zero() == Ordering::Less
    }

    /// Without its sign.
    #[must_use]
    pub fn abs(&self) -> Self {
        match &self.0 {
            Kind::Small(n, d) if *n != i128::MIN => Self(Kind::Small(n.abs(), *d)),
            _ => Self::from(self.to_rational().abs()),
        }
    }

    /// Rounded half away from zero, as [`round`] does.
    #[must_use]
    pub fn round(&self, decimals: i32) -> Option<Decimal> {
        self.quickly_rounded(decimals)
            .unwrap_or_else(|| round(&self.to_rational(), decimals))
    }

    /// `None` where there is no room for what comes in between.
    fn quickly_rounded(&self, decimals: i32) -> Option<Option<Decimal>> {
        let (Kind::Small(n, d), Ok(scale)) = (&self.0, u32::try_from(decimals)) else {
            return None;
        };
        let (doubled, border) = (power(scale)?.checked_mul(2)?, d.checked_mul(2)?);
        let units = n.checked_abs()?.checked_mul(doubled)?.checked_add(*d)? / border;
        let units = if *n < 0 { -units } else { units };
        Some(Decimal::try_from_i128_with_scale(units, scale).ok())
    }

    /// 100 · this / `whole`.
    ///
    /// # Errors
    /// [`Undefined::BaseZero`] where `whole` is zero, [`Undefined::BaseNegative`] where it is negative.
    pub fn percentage_of(&self, whole: &Self) -> Result<Self, Undefined> {
        whole.positive()?;
        Ok(&(self * &Self::from(100)) / whole)
    }

    pub(super) fn positive(&self) -> Result<(), Undefined> {
        match self.cmp_zero() {
            Ordering::Equal => Err(Undefined::BaseZero),
            Ordering::Less => Err(Undefined::BaseNegative),
            Ordering::Greater => Ok(()),
        }
    }

    fn cmp_zero(&self) -> Ordering {
        match &self.0 {
            Kind::Small(n, _) => n.cmp(&0),
            Kind::Big(big) => big.as_ref().cmp(&BigRational::zero()),
        }
    }

    /// Two numbers, where both are small.
    const fn small(&self, other: &Self) -> Option<[(i128, i128); 2]> {
        match (&self.0, &other.0) {
            (Kind::Small(a, b), Kind::Small(c, d)) => Some([(*a, *b), (*c, *d)]),
            _ => None,
        }
    }

    fn sum(&self, other: &Self) -> Option<Self> {
        let [(a, b), (c, d)] = self.small(other)?;
        // Levels have powers of ten for denominators: mostly the same, or one divides the other.
        Some(Self(if b == d {
            Kind::Small(a.checked_add(c)?, b)
        } else if b % d == 0 {
            Kind::Small(a.checked_add(c.checked_mul(b / d)?)?, b)
        } else if d % b == 0 {
            Kind::Small(a.checked_mul(d / b)?.checked_add(c)?, d)
        } else {
            let n = a.checked_mul(d)?.checked_add(c.checked_mul(b)?)?;
            Kind::Small(n, b.checked_mul(d)?)
        }))
    }

    fn negated(&self) -> Self {
        match &self.0 {
            Kind::Small(n, d) if *n != i128::MIN => Self(Kind::Small(-n, *d)),
            _ => Self::from(-self.to_rational()),
        }
    }

    fn product(&self, other: &Self) -> Option<Self> {
        let [(a, b), (c, d)] = self.small(other)?;
        Some(Self(Kind::Small(a.checked_mul(c)?, b.checked_mul(d)?)))
    }

    fn quotient(&self, other: &Self) -> Option<Self> {
        let [(a, b), (c, d)] = self.small(other)?;
        if c == 0 {
            return None;
        }
        let (n, d) = if b == d {
            (a, c)
        } else {
            (a.checked_mul(d)?, b.checked_mul(c)?)
        };
        Some(Self(if d < 0 {
            Kind::Small(n.checked_neg()?, d.checked_neg()?)
        } else {
            Kind::Small(n, d)
        }))
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(Kind::Small(value.into(), 1))
    }
}

impl From<Decimal> for Number {
    fn from(value: Decimal) -> Self {
        Self::shifted(value, 0)
    }
}

impl From<BigRational> for Number {
    fn from(value: BigRational) -> Self {
        Self(match (value.numer().to_i128(), value.denom().to_i128()) {
            (Some(n), Some(d)) => Kind::Small(n, d),
            _ => Kind::Big(Box::new(value)),
        })
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let quickly = || {
            let [(a, b), (c, d)] = self.small(other)?;
            if b == d {
                return Some(a.cmp(&c));
            }
            Some(a.checked_mul(d)?.cmp(&c.checked_mul(b)?))
        };
        quickly().unwrap_or_else(|| self.to_rational().cmp(&other.to_rational()))
    }
}

/// An operation, quickly or with as much room as it needs. To divide by zero panics, as with all whole numbers.
macro_rules! operation {
    ($trait:ident, $method:ident, $quickly:expr) => {
        impl $trait<&Number> for &Number {
            type Output = Number;
            fn $method(self, other: &Number) -> Number {
                let quickly: fn(&Number, &Number) -> Option<Number> = $quickly;
                quickly(self, other).unwrap_or_else(|| {
                    Number::from(self.to_rational().$method(other.to_rational()))
                })
            }
        }
        impl $trait<Number> for Number {
            type Output = Number;
            fn $method(self, other: Number) -> Number {
                (&self).$method(&other)
            }
        }
        impl $trait<&Number> for Number {
            type Output = Number;
            fn $method(self, other: &Number) -> Number {
                (&self).$method(other)
            }
        }
    };
}

operation!(Add, add, |a, b| a.sum(b));
operation!(Sub, sub, |a, b| a.sum(&b.negated()));
operation!(Mul, mul, |a, b| a.product(b));
operation!(Div, div, |a, b| a.quotient(b));

impl std::iter::Sum for Number {
    fn sum<I: Iterator<Item = Self>>(numbers: I) -> Self {
        numbers.fold(Self::zero(), |sum, number| sum + number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_number() -> impl Strategy<Value = (Number, BigRational)> {
        let small = (
            -10_000i128..10_000,
            prop::sample::select(vec![1i128, 10, 100, 7]),
        );
        let large = (any::<i128>(), 1..i128::MAX);
        prop_oneof![3 => small, 1 => large].prop_map(|(n, d)| {
            (
                Number(Kind::Small(n, d)),
                BigRational::new(n.into(), d.into()),
            )
        })
    }

    fn same(number: &Number, rational: &BigRational) {
        assert_eq!(number.to_rational(), *rational);
    }

    proptest! {
        /// Whether there is room or not, it is what rationals are.
        #[test]
        fn numbers_are_rationals((a, p) in any_number(), (b, q) in any_number(), decimals in -2i32..6) {
            same(&(&a + &b), &(&p + &q));
            same(&(&a - &b), &(&p - &q));
            same(&(&a * &b), &(&p * &q));
            if !q.is_zero() {
                same(&(&a / &b), &(&p / &q));
            }
            same(&a.abs(), &p.abs());
            same(&a.clone().with_decimals(6), &p);
            same(&[a.clone(), b.clone()].into_iter().sum::<Number>(), &(&p + &q));
            prop_assert_eq!(a.cmp(&b), p.cmp(&q));
            prop_assert_eq!((a.is_zero(), a.is_negative()), (p.is_zero(), p.is_negative()));
            prop_assert_eq!(a.round(decimals), round(&p, decimals));
            let percentage = a.percentage_of(&b).map(|of| of.to_rational());
            prop_assert_eq!(percentage, super::super::percentage(&p, &q));
        }

        #[test]
        fn decimals_are_shifted_exactly(units in any::<i64>(), scale in 0u32..20, exponent in -40i32..40) {
            let value = Decimal::new(units, scale);
            same(&Number::shifted(value, exponent), &super::super::shifted(&super::super::rational(value), exponent));
        }
    }
}
