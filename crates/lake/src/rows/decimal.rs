//! Decimals as the lake keeps them: whole numbers of units.

use regtrade_model::{Decimal, exact::POWERS_OF_TEN};

use super::damaged;
use crate::{
    LakeError,
    schema::{PRECISION, SCALE},
};

pub(crate) fn to_stored(value: Decimal) -> Result<i128, LakeError> {
    fitting(value, PRECISION, SCALE).ok_or(LakeError::TooPrecise(value))
}

/// A value as a whole number of units of 10^-`scale`, as a column of decimals with `precision` digits holds it; `None` where it
/// has more digits, or more decimals that are not zero.
#[must_use]
pub fn fitting(value: Decimal, precision: u8, scale: i8) -> Option<i128> {
    let scale = u32::try_from(scale).ok()?;
    let value = if value.scale() > scale {
        value.normalize()
    } else {
        value
    };
    let factor = POWERS_OF_TEN.get(scale.checked_sub(value.scale())? as usize)?;
    let stored = value.mantissa().checked_mul(*factor)?;
    let most = POWERS_OF_TEN.get(usize::from(precision))?;
    (-most < stored && stored < *most).then_some(stored)
}

pub(super) fn from_stored(stored: i128, decimals: u32) -> Result<Decimal, LakeError> {
    let shift = u32::try_from(SCALE)
        .ok()
        .and_then(|scale| scale.checked_sub(decimals));
    let factor = shift
        .map(|shift| 10i128.pow(shift))
        .ok_or_else(|| damaged("more decimals than the lake keeps"))?;
    if stored % factor != 0 {
        return Err(damaged("a value has more decimals than it says"));
    }
    Decimal::try_from_i128_with_scale(stored / factor, decimals)
        .map_err(|error| LakeError::Damaged(error.to_string()))
}

/// A whole number of units as a decimal without zeros at its end, where so many of its digits are decimals; `None` where it has
/// more digits than there is room for.
pub(crate) fn shortest(units: i128, decimals: u32) -> Option<Decimal> {
    let (mut digits, mut scale) = (units, decimals);
    // Numbers of 128 bits are divided slowly, and few have as many digits once half of the zeros are gone.
    if i64::try_from(digits).is_err() && scale >= 8 && digits % POWERS_OF_TEN[8] == 0 {
        (digits, scale) = (digits / POWERS_OF_TEN[8], scale - 8);
    }
    if let Ok(mut few) = i64::try_from(digits) {
        for (zeros, power) in [(8, 100_000_000), (4, 10_000), (2, 100), (1, 10)] {
            while scale >= zeros && few % power == 0 {
                (few, scale) = (few / power, scale - zeros);
            }
        }
        return Decimal::try_from_i128_with_scale(few.into(), scale).ok();
    }
    for zeros in [8, 4, 2, 1] {
        while scale >= zeros && digits % POWERS_OF_TEN[zeros as usize] == 0 {
            (digits, scale) = (digits / POWERS_OF_TEN[zeros as usize], scale - zeros);
        }
    }
    Decimal::try_from_i128_with_scale(digits, scale).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_stored_exactly_and_come_back_with_their_decimals() {
        for text in [
            "62472.5",
            "-0.1",
            "100.0",
            "0",
            "12345678901234567.0000000001",
        ] {
            let value: Decimal = text.parse().unwrap();
            let stored = to_stored(value).unwrap();
            assert_eq!(
                from_stored(stored, value.scale()).unwrap().to_string(),
                text
            );
            assert_eq!(
                shortest(stored, SCALE.unsigned_abs().into())
                    .unwrap()
                    .to_string(),
                value.normalize().to_string()
            );
        }
        assert!(
            to_stored("0.12345678901".parse().unwrap()).is_err(),
            "an eleventh decimal would be lost"
        );
        assert!(
            from_stored(1, 1).is_err(),
            "a stored value has a decimal that it does not claim"
        );
    }
}
