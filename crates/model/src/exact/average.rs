//! The average growth of a whole, of which each component has a part.

use num_bigint::BigInt;
use num_integer::Integer as _;
use num_rational::BigRational;
use num_traits::Signed as _;
use rust_decimal::Decimal;

use super::{
    decimal_of,
    number::{Kind, Number},
    part_of_cagr, power_of_ten,
};
use crate::Undefined;

/// Decimals of the root that is taken of the growth of a whole.
const ROOT_DECIMALS: u32 = 30;

/// The average annual growth of a whole, of which each component has a part.
#[derive(Debug, Clone)]
pub struct AverageGrowth {
    first: BigRational,
    last: BigRational,
    years: u16,
    /// The growth lies between this and the next number of so many decimals.
    units: BigInt,
}

impl AverageGrowth {
    /// From `first` to `last`, `years` years later.
    ///
    /// # Errors
    /// As [`super::cagr`].
    pub fn of(first: &Number, last: &Number, years: u16) -> Result<Self, Undefined> {
        first.positive()?;
        if last.is_negative() {
            return Err(Undefined::BaseNegative);
        }
        if years == 0 {
            return Err(Undefined::BaseZero);
        }
        let (first, last) = (first.to_rational(), last.to_rational());
        let one = power_of_ten(ROOT_DECIMALS);
        let power = (&last / &first) * BigRational::from_integer(one.pow(u32::from(years)));
        let root = power.floor().to_integer().nth_root(u32::from(years));
        Ok(Self {
            first,
            last,
            years,
            units: root - one,
        })
    }

    /// `part` times the growth in percent, rounded half away from zero to `decimals` places: what [`part_of_cagr`]
    /// decides, whose powers are only compared where so many decimals of the growth do not tell.
    ///
    /// # Errors
    /// As [`part_of_cagr`].
    pub fn part(&self, part: &Number, decimals: u32) -> Result<Decimal, Undefined> {
        let exactly = || {
            let part = part.to_rational();
            part_of_cagr(&part, &self.first, &self.last, self.years, decimals)
        };
        let Kind::Small(n, d) = part.0 else {
            return exactly();
        };
        let Ok(places) = i32::try_from(decimals) else {
            return exactly();
        };
        let factor = BigInt::from(n) * BigInt::from(100) * power_of_ten(decimals);
        let divisor = BigInt::from(d) * power_of_ten(ROOT_DECIMALS);
        let (whole, step): (BigInt, BigInt) = (&divisor * 2, factor.abs() * 2);
        // |part · growth| for the lower one of two, and half of a unit more; for the other it is a step more, or less.
        let (rounded, rest) = (&step * self.units.abs() + &divisor).div_rem(&whole);
        let is_same = if self.units.is_negative() {
            rest >= step
        } else {
            rest + step < whole
        };
        if !is_same {
            return exactly();
        }
        let is_negative = factor.is_negative() != self.units.is_negative();
        let rounded = if is_negative { -rounded } else { rounded };
        decimal_of(rounded, places).ok_or(Undefined::NotApplicable)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn parts_of_an_average_growth_are_those_that_powers_decide(
            first in 1i64..10_000,
            last in 0i64..10_000,
            years in 1u16..12,
            part in -10_000i64..10_000,
            of in 1i64..10_000,
            decimals in 0u32..5,
        ) {
            let (part, exact) = (
                Number::from(part) / Number::from(of),
                BigRational::new(part.into(), of.into()),
            );
            let (p, q) = (BigRational::from_integer(first.into()), BigRational::from_integer(last.into()));
            let growth = AverageGrowth::of(&Number::from(first), &Number::from(last), years).unwrap();
            prop_assert_eq!(growth.part(&part, decimals), part_of_cagr(&exact, &p, &q, years, decimals));
        }
    }

    #[test]
    fn an_average_growth_on_the_border_is_decided_by_powers() {
        // 1.0255^5 exactly: 2.55 percent, a half of the last digit.
        let border = BigRational::new(BigInt::from(10255), BigInt::from(10000)).pow(5);
        let growth = AverageGrowth::of(&Number::from(1), &Number::from(border), 5).unwrap();
        let whole = growth.part(&Number::from(1), 1).unwrap();
        assert_eq!(whole.to_string(), "2.6");
        let none = AverageGrowth::of(&Number::zero(), &Number::from(1), 5);
        assert_eq!(none.unwrap_err(), Undefined::BaseZero);
    }
}
