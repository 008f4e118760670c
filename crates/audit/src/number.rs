//! The two kinds of numbers that the simplex method runs on: floats, which propose, and rationals, which prove.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};

/// What the simplex method asks of a number. Comparisons of floats allow for their error, those of rationals do not.
pub(crate) trait Number: Clone + PartialOrd {
    /// Whether sums and products are exact, so that no limit on the number of steps is needed.
    const EXACT: bool;

    fn nil() -> Self;
    fn ratio(numerator: &BigInt, denominator: &BigInt) -> Self;
    /// Whether it is zero, or too small to divide by.
    fn is_negligible(&self) -> bool;
    /// Greater than zero by more than its error.
    fn is_above_zero(&self) -> bool;
    fn negated(&self) -> Self;
    fn minus(&self, other: &Self) -> Self;
    fn over(&self, other: &Self) -> Self;
    /// Adds `a` times `b`.
    fn add_product(&mut self, a: &Self, b: &Self);
    fn magnitude(&self) -> Self;
    /// Whether it lies below `bound` by more than a bound may be missed.
    fn is_below(&self, bound: &Self) -> bool;
}

/// How far a float may lie outside a bound; the unit is half the last printed place of the finest level.
const BOUND_ERROR: f64 = 1e-6;
/// What is left of a float after cancellation.
const CANCELLED: f64 = 1e-12;
const PIVOT_ERROR: f64 = 1e-9;

impl Number for f64 {
    const EXACT: bool = false;

    fn nil() -> Self {
        0.0
    }

    fn ratio(numerator: &BigInt, denominator: &BigInt) -> Self {
        // Both may exceed the range of a float where their ratio does not.
        BigRational::new_raw(numerator.clone(), denominator.clone())
            .to_f64()
            .unwrap_or(0.0)
    }

    fn is_negligible(&self) -> bool {
        self.abs() < PIVOT_ERROR
    }

    fn is_above_zero(&self) -> bool {
        *self > PIVOT_ERROR
    }

    fn negated(&self) -> Self {
        -self
    }

    fn minus(&self, other: &Self) -> Self {
        self - other
    }

    fn over(&self, other: &Self) -> Self {
        self / other
    }

    fn add_product(&mut self, a: &Self, b: &Self) {
        *self += a * b;
        if self.abs() < CANCELLED {
            *self = 0.0;
        }
    }

    fn magnitude(&self) -> Self {
        self.abs()
    }

    fn is_below(&self, bound: &Self) -> bool {
        *self < bound - BOUND_ERROR
    }
}

impl Number for BigRational {
    const EXACT: bool = true;

    fn nil() -> Self {
        Zero::zero()
    }

    fn ratio(numerator: &BigInt, denominator: &BigInt) -> Self {
        Self::new(numerator.clone(), denominator.clone())
    }

    fn is_negligible(&self) -> bool {
        Zero::is_zero(self)
    }

    fn is_above_zero(&self) -> bool {
        Signed::is_positive(self)
    }

    fn negated(&self) -> Self {
        -self
    }

    fn minus(&self, other: &Self) -> Self {
        self - other
    }

    fn over(&self, other: &Self) -> Self {
        self / other
    }

    fn add_product(&mut self, a: &Self, b: &Self) {
        *self += a * b;
    }

    fn magnitude(&self) -> Self {
        self.abs()
    }

    fn is_below(&self, bound: &Self) -> bool {
        self < bound
    }
}
