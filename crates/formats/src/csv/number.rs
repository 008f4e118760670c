//! Numbers of data files: the decimal numbers of XML Schema, exact, with or without an exponent.

use regtrade_model::Decimal;

use crate::Rule;

/// The most digits that a number can have.
const MOST_DIGITS: u32 = 28;

/// A number with the decimals that are written; its scale is their count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number {
    pub(crate) value: Decimal,
    pub(crate) decimals: u32,
}

/// Why a text is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("leave the cell of a value that is not there empty")]
    NotThere,
    #[error("write the decimal mark as a point, and no mark between thousands")]
    Comma,
    #[error("it has two signs; write one")]
    TwoSigns,
    #[error("{0:?} is no part of a number")]
    Character(char),
    #[error("a digit is missing")]
    DigitMissing,
    #[error("it has more than {MOST_DIGITS} digits")]
    TooLarge,
}

impl Malformed {
    /// The rule that is broken.
    pub(crate) fn rule(self) -> Rule {
        match self {
            Self::NotThere => Rule::NumberNan,
            Self::TwoSigns => Rule::NumberTwoSigns,
            Self::TooLarge => Rule::NumberTooLarge,
            Self::Comma | Self::Character(_) | Self::DigitMissing => Rule::NumberMalformed,
        }
    }
}

impl Number {
    /// Reads a number as SDMX writes it: `12`, `-12.50`, `.5`, `1.25e3`.
    pub(crate) fn parse(text: &str) -> Result<Self, Malformed> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent))
                if mantissa.ends_with(|c: char| c.is_ascii_digit() || c == '.') =>
            {
                (mantissa, exponent_of(exponent)?)
            }
            _ => (text, 0),
        };
        let digits = Digits::of(mantissa)?;
        digits.times_ten_to(exponent).ok_or(Malformed::TooLarge)
    }

    /// Reads a number as it is printed, to the last decimal: no exponent, and a digit on both sides of the point.
    pub(crate) fn parse_print(text: &str) -> Result<Self, Malformed> {
        let digits = Digits::of(text)?;
        if digits.integer.is_empty() || (digits.fraction.is_empty() && text.ends_with('.')) {
            return Err(Malformed::DigitMissing);
        }
        digits.times_ten_to(0).ok_or(Malformed::TooLarge)
    }
}

fn exponent_of(text: &str) -> Result<i32, Malformed> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if let Some(other) = digits.chars().find(|c| !c.is_ascii_digit()) {
        return Err(Malformed::Character(other));
    }
    if digits.is_empty() {
        return Err(Malformed::DigitMissing);
    }
    text.parse().map_err(|_| Malformed::TooLarge)
}

struct Digits<'t> {
    negative: bool,
    integer: &'t str,
    fraction: &'t str,
}

impl<'t> Digits<'t> {
    fn of(text: &'t str) -> Result<Self, Malformed> {
        let unsigned = text.strip_prefix(['+', '-']);
        let negative = text.starts_with('-');
        let digits = unsigned.unwrap_or(text);
        let (integer, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let other = |c: &char| !c.is_ascii_digit();
        match integer.chars().chain(fraction.chars()).find(other) {
            Some(_) if is_no_value(digits) => return Err(Malformed::NotThere),
            Some(',') => return Err(Malformed::Comma),
            Some('+' | '-') if unsigned.is_some() => return Err(Malformed::TwoSigns),
            Some(other) => return Err(Malformed::Character(other)),
            None if integer.is_empty() && fraction.is_empty() => {
                return Err(Malformed::DigitMissing);
            }
            None => {}
        }
        Ok(Self {
            negative,
            integer,
            fraction,
        })
    }

    /// The number, exact; `None` where it has too many digits.
    fn times_ten_to(&self, exponent: i32) -> Option<Number> {
        let scale = i64::try_from(self.fraction.len()).ok()? - i64::from(exponent);
        let (zeros, decimals) = match u32::try_from(scale) {
            Ok(decimals) => (0, decimals),
            Err(_) => (u32::try_from(-scale).ok()?, 0),
        };
        let (mut magnitude, mut digits): (i128, u32) = (0, 0);
        for digit in self.integer.bytes().chain(self.fraction.bytes()) {
            magnitude = magnitude * 10 + i128::from(digit - b'0');
            digits += u32::from(magnitude > 0);
            (digits <= MOST_DIGITS).then_some(())?;
        }
        if magnitude > 0 {
            (digits.checked_add(zeros)? <= MOST_DIGITS).then_some(())?;
            magnitude *= 10_i128.pow(zeros);
        }
        let mantissa = if self.negative { -magnitude } else { magnitude };
        (decimals <= MOST_DIGITS).then_some(())?;
        Some(Number {
            value: Decimal::try_from_i128_with_scale(mantissa, decimals).ok()?,
            decimals,
        })
    }
}

/// Whether a text says that there is no value, as other software writes it.
fn is_no_value(text: &str) -> bool {
    let text = text.trim_start_matches('#');
    let is = |word: &&str| text.eq_ignore_ascii_case(word);
    ["nan", "inf", "infinity", "na", "n/a"].iter().any(is)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Malformed::{Character, Comma, DigitMissing, NotThere, TooLarge, TwoSigns};

    #[test]
    fn numbers_are_read_exactly() {
        for (text, value) in [
            ("0", "0"),
            ("-12.50", "-12.50"),
            ("+7", "7"),
            (".5", "0.5"),
            ("5.", "5"),
            ("007.5", "7.5"),
            ("-0.0", "0.0"),
            ("1e3", "1000"),
            ("1.25E3", "1250"),
            ("1.25e+1", "12.5"),
            ("125e-2", "1.25"),
            ("0e999", "0"),
            (
                "9999999999999999999999999999",
                "9999999999999999999999999999",
            ),
            (
                "0.0000000000000000000000000001",
                "0.0000000000000000000000000001",
            ),
        ] {
            let number = Number::parse(text).unwrap();
            assert_eq!(number.value.to_string(), value, "{text}");
            assert_eq!(number.decimals, number.value.scale(), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_says_why() {
        for (text, why) in [
            ("NaN", NotThere),
            ("nan", NotThere),
            ("-INF", NotThere),
            ("#N/A", NotThere),
            ("1,5", Comma),
            ("1,234.5", Comma),
            ("--1", TwoSigns),
            ("-+1", TwoSigns),
            ("1-", Character('-')),
            ("\u{2212}1", Character('\u{2212}')),
            ("1 000", Character(' ')),
            ("1.2.3", Character('.')),
            ("1e", DigitMissing),
            ("1e1.5", Character('.')),
            ("e5", Character('e')),
            ("sept", Character('s')),
            ("１２", Character('１')),
            ("", DigitMissing),
            (".", DigitMissing),
            ("-", DigitMissing),
            ("1e28", TooLarge),
            ("1e-29", TooLarge),
            ("1e99999999999", TooLarge),
            ("12345678901234567890123456789", TooLarge),
        ] {
            assert_eq!(Number::parse(text), Err(why), "{text:?}");
        }
    }

    #[test]
    fn a_print_has_its_digits_and_no_exponent() {
        for (text, why) in [
            ("1e3", Character('e')),
            (".5", DigitMissing),
            ("5.", DigitMissing),
            ("62,7", Comma),
        ] {
            assert_eq!(Number::parse_print(text), Err(why), "{text}");
        }
        assert_eq!(Number::parse_print("-10.0").unwrap().decimals, 1);
    }
}
