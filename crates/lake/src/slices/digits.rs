//! Values as lines have them: exact, without zeros at their end.

use std::fmt::Write as _;

use regtrade_model::Decimal;

/// The most digits of 64 bits.
const MOST: usize = 20;

/// Appends a value.
pub(super) fn push(value: Decimal, into: &mut String) {
    let Ok(mut digits) = u64::try_from(value.mantissa().unsigned_abs()) else {
        // Writing to a text does not fail.
        let _ = write!(into, "{}", value.normalize());
        return;
    };
    let mut scale = value.scale() as usize;
    while scale > 0 && digits.is_multiple_of(10) {
        (digits, scale) = (digits / 10, scale - 1);
    }
    if value.is_sign_negative() && digits > 0 {
        into.push('-');
    }
    let mut text = [b'0'; MOST];
    let mut begin = MOST;
    while digits > 0 {
        begin -= 1;
        text[begin] = b'0' + (digits % 10).to_le_bytes()[0];
        digits /= 10;
    }
    let text = std::str::from_utf8(&text[begin..]).unwrap_or_default();
    let whole = text.len().saturating_sub(scale);
    into.push_str(if whole == 0 { "0" } else { &text[..whole] });
    if scale > 0 {
        into.push('.');
        // Behind the point are as many digits as it says, zeros first.
        (text.len()..scale).for_each(|_| into.push('0'));
        into.push_str(&text[whole..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_decimals_are() {
        for text in [
            "0",
            "0.000",
            "-0.0",
            "5",
            "-12.50",
            "0.0012",
            "-0.10",
            "100",
            "1000.000",
            "10.01",
            "18446744073709551615",
            "18446744073709551616.0",
            "-1844674407370955161.60",
            "79228162514264337593543950335",
            "0.0000000000000000000000000001",
        ] {
            let value: Decimal = text.parse().unwrap();
            let expected = value.normalize();
            let expected = if expected.is_zero() {
                Decimal::ZERO
            } else {
                expected
            };
            let mut written = String::new();
            push(value, &mut written);
            assert_eq!(written, expected.to_string(), "{text}");
        }
    }
}
