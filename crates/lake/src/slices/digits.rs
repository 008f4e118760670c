//! Values as lines have them: exact, without zeros at their end.

use std::io::Write as _;

use regtrade_model::Decimal;

/// Appends a value.
pub(super) fn push(value: Decimal, into: &mut Vec<u8>) {
    let Ok(mut digits) = u64::try_from(value.mantissa().unsigned_abs()) else {
        // Writing to memory does not fail.
        let _ = write!(into, "{}", value.normalize());
        return;
    };
    let mut scale = value.scale() as usize;
    while scale > 0 && digits.is_multiple_of(10) {
        (digits, scale) = (digits / 10, scale - 1);
    }
    if value.is_sign_negative() && digits > 0 {
        into.push(b'-');
    }
    let mut written = itoa::Buffer::new();
    let text = written.format(digits).as_bytes();
    let whole = text.len().saturating_sub(scale);
    into.extend_from_slice(if whole == 0 { b"0" } else { &text[..whole] });
    if scale > 0 {
        into.push(b'.');
        // Behind the point are as many digits as it says, zeros first.
        into.resize(into.len() + scale.saturating_sub(text.len()), b'0');
        into.extend_from_slice(&text[whole..]);
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
            "99",
            "100",
            "101",
            "1000.000",
            "1200003",
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
            let mut written = vec![];
            push(value, &mut written);
            let written = String::from_utf8(written).unwrap();
            assert_eq!(written, expected.to_string(), "{text}");
        }
    }
}
