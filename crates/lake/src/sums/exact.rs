//! Levels as whole numbers: what sums are made of.

use regtrade_model::{Decimal, ObsStatus, Observation, exact::POWERS_OF_TEN};

use super::SumLevel;
use crate::{
    LakeError,
    rows::{Level, shortest},
    spool::Attributes,
};

/// Decimals of levels in millions of euro: those that the lake keeps of values in euro.
const SCALE: u32 = 16;

/// A level, or that it has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exact {
    /// In units of the last of its decimals; 0 where there is no value.
    units: i128,
    has_value: bool,
    decimals: u8,
    status: ObsStatus,
}

impl Exact {
    /// `None` where it has more digits than there is room for.
    pub(super) fn of(observation: &Observation) -> Option<Self> {
        let value = observation.value;
        Self::of_parts(
            value.map(|value| (value.mantissa(), value.scale())),
            observation.decimals,
            observation.unit_mult,
            observation.status,
        )
    }

    /// That of a value, and of what is said of it.
    pub(super) fn of_packed(value: Decimal, of: &Attributes) -> Option<Self> {
        let value = of.has_value.then(|| (value.mantissa(), value.scale()));
        Self::of_parts(value, of.decimals, of.unit_mult, of.status)
    }

    /// That of a value that is given by its digits and how many of them are decimals.
    fn of_parts(
        value: Option<(i128, u32)>,
        decimals: u32,
        unit_mult: i32,
        status: ObsStatus,
    ) -> Option<Self> {
        let shift = 6 - unit_mult;
        let decimals = i64::from(decimals) + i64::from(shift);
        Some(Self {
            units: match value {
                None => 0,
                Some((digits, scale)) => Self::units(digits, i64::from(scale) + i64::from(shift))?,
            },
            has_value: value.is_some(),
            decimals: u8::try_from(decimals.max(0)).unwrap_or(u8::MAX),
            status,
        })
    }

    /// That of a sum that is kept.
    pub(super) fn kept(sum: &Level<'_>) -> Result<Self, LakeError> {
        let exact = Self::of_parts(sum.value, sum.decimals, sum.unit_mult, sum.status);
        exact.ok_or(LakeError::TooPrecise(Decimal::MAX))
    }

    fn units(mut digits: i128, mut scale: i64) -> Option<i128> {
        while scale > i64::from(SCALE) && digits % 10 == 0 {
            (digits, scale) = (digits / 10, scale - 1);
        }
        let up = usize::try_from(i64::from(SCALE) - scale).ok()?;
        match POWERS_OF_TEN.get(up) {
            Some(power) => digits.checked_mul(*power),
            None => digits.checked_mul(10i128.checked_pow(u32::try_from(up).ok()?)?),
        }
    }

    /// Zero, as what is not traded is.
    pub(super) const fn zero() -> Self {
        Self {
            units: 0,
            has_value: true,
            decimals: 0,
            status: ObsStatus::A,
        }
    }

    /// What is missing.
    pub(super) const fn missing() -> Self {
        Self {
            units: 0,
            has_value: false,
            decimals: 0,
            status: ObsStatus::O,
        }
    }

    /// The sum of two: the same in whatever order they are added. `None` where it has more digits than there is room for.
    pub(super) fn plus(self, other: Self) -> Option<Self> {
        let (has_value, status) = match (self.has_value, other.has_value) {
            (true, true) if self.status == other.status => (true, self.status),
            (true, true) => (true, ObsStatus::A),
            (false, true) => (false, self.status),
            (true, false) => (false, other.status),
            // What is suppressed stays so.
            (false, false) if self.status == ObsStatus::Q => (false, self.status),
            (false, false) if other.status == ObsStatus::Q => (false, other.status),
            (false, false) => (false, self.status.min(other.status)),
        };
        let units = self.units.checked_add(other.units)?;
        Some(Self {
            units: if has_value { units } else { 0 },
            has_value,
            decimals: self.decimals.max(other.decimals),
            status,
        })
    }

    /// As it is shown.
    pub(super) fn level(self) -> Result<SumLevel, LakeError> {
        let value = self.has_value.then(|| decimal(self.units)).transpose()?;
        Ok(SumLevel {
            value,
            decimals: self.decimals.into(),
            status: self.status,
        })
    }
}

/// A number of units as a decimal without zeros at its end.
fn decimal(units: i128) -> Result<Decimal, LakeError> {
    shortest(units, SCALE).ok_or(LakeError::TooPrecise(Decimal::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_exact_and_come_back_without_zeros() {
        for (value, shift, shown) in [
            ("1.250000", 0, "1.25"),
            ("1250000", 6, "1.25"),
            ("0.0000000001", 6, "0.0000000000000001"),
            ("1.5", -3, "1500"),
            ("0", 0, "0"),
            ("-3.10", 0, "-3.1"),
        ] {
            let value: Decimal = value.parse().unwrap();
            let scale = i64::from(value.scale()) + shift;
            let units = Exact::units(value.mantissa(), scale).unwrap();
            assert_eq!(decimal(units).unwrap().to_string(), shown, "{value}");
        }
        assert_eq!(Exact::units(1, 17), None);
    }
}
