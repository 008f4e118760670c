//! Numbers in the way of a language.

use regtrade_model::{Decimal, Language};
use rust_decimal::RoundingStrategy;

/// A value with so many decimals, its digits in groups of three. A minus is `-`.
pub fn in_language(mut value: Decimal, decimals: i32, language: Language) -> String {
    value.rescale(u32::try_from(decimals).unwrap_or(0));
    let text = value.abs().to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut shown = String::new();
    if value.is_sign_negative() && !value.is_zero() {
        shown.push('-');
    }
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            shown.push(language.group_mark());
        }
        shown.push(digit);
    }
    if !fraction.is_empty() {
        shown.push(language.decimal_mark());
        shown.push_str(fraction);
    }
    shown
}

/// A value rounded to so many decimals, half away from zero, with a minus that is as wide as a plus.
pub fn plain(value: Decimal, decimals: i32, language: Language) -> String {
    let places = u32::try_from(decimals).unwrap_or(0);
    let value = value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    in_language(value, decimals, language).replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_the_way_of_the_language() {
        for (value, decimals, language, shown) in [
            ("491708.5", 1, Language::Fr, "491.708,5"),
            ("491708.5", 1, Language::En, "491,708.5"),
            ("-14334.9", 1, Language::Nl, "-14.334,9"),
            ("1234567.25", 2, Language::De, "1.234.567,25"),
            ("100", 1, Language::En, "100.0"),
            ("999", 0, Language::Fr, "999"),
            ("1000", 0, Language::Fr, "1.000"),
            ("-0.0", 1, Language::En, "0.0"),
            ("12300", -2, Language::En, "12,300"),
        ] {
            assert_eq!(
                in_language(value.parse().unwrap(), decimals, language),
                shown
            );
        }
    }
}
