//! Between which two values a true value lies, in exact arithmetic.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed};
use regtrade_model::{
    Decimal,
    exact::{self, shifted},
};

/// An end that has no more decimals than this is given as it is.
const FINITE_DECIMALS: i32 = 10;
/// An end that has more, or without end, is moved outwards to so many.
const OUTWARD_DECIMALS: i32 = 6;

/// All values from `lower` to `upper`, both included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Interval {
    lower: BigRational,
    upper: BigRational,
}

impl Interval {
    pub(crate) fn point(value: BigRational) -> Self {
        Self {
            lower: value.clone(),
            upper: value,
        }
    }

    pub(crate) fn between(lower: Decimal, upper: Decimal) -> Self {
        Self {
            lower: exact::rational(lower),
            upper: exact::rational(upper),
        }
    }

    /// All that may have been rounded to `value`, whatever the publisher does with a half.
    pub(crate) fn around(value: Decimal, decimals: i32) -> Self {
        let (value, half) = (exact::rational(value), half(decimals));
        Self {
            lower: &value - &half,
            upper: value + half,
        }
    }

    pub(crate) fn is_point(&self) -> bool {
        self.lower == self.upper
    }

    pub(crate) fn has_zero(&self) -> bool {
        !self.lower.is_positive() && !self.upper.is_negative()
    }

    /// The values that both have; its own where they have none, since one of the two is wrong then.
    pub(crate) fn narrowed_by(self, other: &Self) -> Self {
        let narrowed = Self {
            lower: self.lower.clone().max(other.lower.clone()),
            upper: self.upper.clone().min(other.upper.clone()),
        };
        if narrowed.lower <= narrowed.upper {
            narrowed
        } else {
            self
        }
    }

    pub(crate) fn plus(&self, other: &Self) -> Self {
        Self {
            lower: &self.lower + &other.lower,
            upper: &self.upper + &other.upper,
        }
    }

    pub(crate) fn less(&self, other: &Self) -> Self {
        Self {
            lower: &self.lower - &other.upper,
            upper: &self.upper - &other.lower,
        }
    }

    /// A number of times smaller; the number is positive.
    pub(crate) fn divided_by(&self, parts: u32) -> Self {
        let parts = BigRational::from_integer(BigInt::from(parts.max(1)));
        Self {
            lower: &self.lower / &parts,
            upper: &self.upper / parts,
        }
    }

    /// 100 · `self` / `whole`; `None` where `whole` need not be positive.
    pub(crate) fn percentage_of(&self, whole: &Self) -> Option<Self> {
        if !whole.lower.is_positive() {
            return None;
        }
        let of = |part: &BigRational, smallest: bool| {
            let base = if part.is_negative() == smallest {
                &whole.lower
            } else {
                &whole.upper
            };
            part / base * BigInt::from(100)
        };
        Some(Self {
            lower: of(&self.lower, true),
            upper: of(&self.upper, false),
        })
    }

    /// The change from `first` to `self` in percent.
    pub(crate) fn growth_since(&self, first: &Self) -> Option<Self> {
        let hundred = Self::point(BigRational::from_integer(BigInt::from(100)));
        Some(self.percentage_of(first)?.less(&hundred))
    }

    /// The average annual growth from `first` to `self` over `years` years, in percent.
    pub(crate) fn annual_growth_since(&self, first: &Self, years: u16) -> Option<Self> {
        // Roots are irrational: each end is rounded, and moved outwards by what rounding can have moved it.
        let decimals = 9;
        let end = |first: &BigRational, last: &BigRational| {
            let rate = exact::cagr(first, last, years, decimals).ok()?;
            i32::try_from(decimals)
                .ok()
                .map(|decimals| Self::around(rate, decimals))
        };
        Some(Self {
            lower: end(&first.upper, &self.lower)?.lower,
            upper: end(&first.lower, &self.upper)?.upper,
        })
    }

    /// Both ends as decimals: as they are where they have ten decimals at most, else moved outwards to six.
    /// `None` where an end has too many digits.
    pub(crate) fn ends(&self) -> Option<(Decimal, Decimal)> {
        Some((end(&self.lower, -1)?, end(&self.upper, 1)?))
    }
}

/// Half a unit of the last of so many decimals.
fn half(decimals: i32) -> BigRational {
    shifted(
        &BigRational::new(BigInt::one(), BigInt::from(2)),
        decimals.saturating_neg(),
    )
}

fn end(value: &BigRational, outwards: i32) -> Option<Decimal> {
    let is_whole = |decimals: &i32| shifted(value, *decimals).is_integer();
    if let Some(decimals) = (0..=FINITE_DECIMALS).find(is_whole) {
        return exact::round(value, decimals);
    }
    let scaled = shifted(value, OUTWARD_DECIMALS);
    let moved = if outwards < 0 {
        scaled.floor()
    } else {
        scaled.ceil()
    };
    exact::round(&shifted(&moved, -OUTWARD_DECIMALS), OUTWARD_DECIMALS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(lower: &str, upper: &str) -> Interval {
        Interval::between(lower.parse().unwrap(), upper.parse().unwrap())
    }

    fn shown(interval: &Interval) -> String {
        let (lower, upper) = interval.ends().unwrap();
        format!("{lower}..{upper}")
    }

    #[test]
    fn a_printed_value_stands_for_half_a_unit_of_its_last_place_on_both_sides() {
        for (value, decimals, expected) in [
            ("4.5", 1, "4.45..4.55"),
            ("62700", -2, "62650..62750"),
            ("0.0", 1, "-0.05..0.05"),
            ("-3", 0, "-3.5..-2.5"),
        ] {
            let around = Interval::around(value.parse().unwrap(), decimals);
            assert_eq!(shown(&around), expected);
        }
    }

    #[test]
    fn arithmetic_keeps_every_value_that_is_possible() {
        let (a, b) = (interval("9", "11"), interval("19", "21"));
        assert_eq!(shown(&b.less(&a)), "8..12");
        assert_eq!(shown(&a.plus(&b)), "28..32");
        assert_eq!(shown(&a.plus(&b).divided_by(2)), "14..16");
        // 9/21 and 11/19 of a hundred have no last decimal: they are moved outwards.
        assert_eq!(shown(&a.percentage_of(&b).unwrap()), "42.857142..57.894737");
        // A part that may be negative is smallest over the smallest whole.
        let part = interval("-1", "1").percentage_of(&interval("10", "20"));
        assert_eq!(shown(&part.unwrap()), "-10..10");
        assert_eq!(a.percentage_of(&interval("0", "1")), None);
        let growth = interval("110", "121").growth_since(&interval("100", "110"));
        assert_eq!(shown(&growth.unwrap()), "0..21");
        let annual = interval("121", "121").annual_growth_since(&interval("100", "100"), 2);
        assert_eq!(shown(&annual.unwrap()), "9.9999999995..10.0000000005");
    }

    #[test]
    fn of_two_intervals_that_exclude_each_other_none_narrows() {
        let print = interval("4.45", "4.55");
        let narrowed = print.clone().narrowed_by(&interval("4.5", "4.7"));
        assert_eq!(shown(&narrowed), "4.5..4.55");
        assert_eq!(print.clone().narrowed_by(&interval("5", "6")), print);
    }
}
