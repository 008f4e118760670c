//! The grammar of printed numbers: what one cell can mean, before the rest of the table is known.
//!
//! ```text
//! cell     = missing | [sign [space]] integer [decimal-mark digits] [[space] "%"]
//! integer  = digits | group-of-1-to-3 (mark group-of-3)+     one kind of mark, no leading zero
//! mark     = "." | "," | space | apostrophe                  not the decimal mark
//! ```
//! A decimal mark is a comma or a point; which of the two is a fact of the whole table ([`super::convention`]).

use regtrade_model::Decimal;

use crate::Rule;

/// The mark between units and tenths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DecimalMark {
    Comma,
    Point,
}

/// A number with the decimals that were printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) value: Decimal,
    pub(super) decimals: u32,
}

/// What a cell can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Print {
    /// The print says that there is no figure.
    Missing,
    /// A number; at least one of the readings is there.
    Number(Readings),
}

/// A number under each of the two decimal marks; `None` where it cannot be one under that mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Readings {
    comma: Option<Number>,
    point: Option<Number>,
}

impl Readings {
    /// The number under a decimal mark.
    pub(super) fn under(self, mark: DecimalMark) -> Option<Number> {
        match mark {
            DecimalMark::Comma => self.comma,
            DecimalMark::Point => self.point,
        }
    }

    /// The decimal mark that this number shows to be in use, if it does.
    pub(super) fn proves(self) -> Option<DecimalMark> {
        match (self.comma, self.point) {
            (Some(_), None) => Some(DecimalMark::Comma),
            (None, Some(_)) => Some(DecimalMark::Point),
            _ => None,
        }
    }

    /// The only value that the number can have whichever the decimal mark is.
    pub(super) fn certain(self) -> Option<Number> {
        self.comma.filter(|_| self.comma == self.point)
    }

    /// The two values of a number that has two.
    pub(super) fn both(self) -> Option<[Number; 2]> {
        let (comma, point) = (self.comma?, self.point?);
        (comma != point).then_some([comma, point])
    }
}

/// Why a cell is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    #[error("it has two signs; print one")]
    TwoSigns,
    #[error("its sign stands behind it; print the sign in front")]
    SignBehind,
    #[error("it has a percent sign in a column that is not in percent")]
    Percent,
    #[error("it has {0:?} in it, which is no part of a number; footnote marks belong to labels")]
    Character(char),
    #[error("a digit is missing before or behind one of its marks")]
    DigitMissing,
    #[error("it starts with a zero that no number starts with")]
    LeadingZero,
    #[error(
        "its marks do not make groups of three digits, or there are too many kinds of them; print one mark between thousands and another before decimals"
    )]
    Grouping,
    #[error("it has more than 28 digits")]
    TooLarge,
}

impl Malformed {
    /// The rule that is broken.
    pub(super) fn rule(self) -> Rule {
        match self {
            Self::TwoSigns => Rule::NumberTwoSigns,
            Self::TooLarge => Rule::NumberTooLarge,
            _ => Rule::NumberMalformed,
        }
    }
}

const MISSING: [&str; 9] = ["", "n.d.", "n.b.", "n.a.", "n/a", "k.a.", "…", "...", ":"];

/// Whether a character is one of those that print as a minus.
pub(super) fn is_minus(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2013}' | '\u{2212}')
}

/// Reads the text of one cell; `percent` says whether its column is in percent.
pub(super) fn parse(text: &str, percent: bool) -> Result<Print, Malformed> {
    let text = text.trim();
    let mut characters = text.chars();
    if MISSING.contains(&text.to_lowercase().as_str())
        || (characters.next().is_some_and(is_minus) && characters.next().is_none())
    {
        return Ok(Print::Missing);
    }
    let text = match text.strip_suffix('%') {
        Some(_) if !percent => return Err(Malformed::Percent),
        Some(rest) => rest.trim_end(),
        None => text,
    };
    let is_sign = |c: char| c == '+' || is_minus(c);
    let unsigned = text.strip_prefix(is_sign);
    let negative = text.starts_with(is_minus);
    let digits = unsigned.unwrap_or(text).trim_start();
    if digits.contains(is_sign) {
        return Err(if unsigned.is_none() && digits.ends_with(is_sign) {
            Malformed::SignBehind
        } else {
            Malformed::TwoSigns
        });
    }
    readings(digits, negative).map(Print::Number)
}

fn readings(text: &str, negative: bool) -> Result<Readings, Malformed> {
    let mut groups = vec![String::new()];
    let mut marks = vec![];
    for c in text.chars() {
        match c {
            '0'..='9' => groups
                .last_mut()
                .into_iter()
                .for_each(|group| group.push(c)),
            '.' | ',' | '\'' => marks.push(c),
            '’' => marks.push('\''),
            ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}' => marks.push(' '),
            other => return Err(Malformed::Character(other)),
        }
        groups.resize(marks.len() + 1, String::new());
    }
    if groups.iter().any(String::is_empty) {
        return Err(Malformed::DigitMissing);
    }
    if groups.concat().len() > 28 {
        return Err(Malformed::TooLarge);
    }
    if groups[0].len() > 1 && groups[0].starts_with('0') {
        return Err(Malformed::LeadingZero);
    }
    let under = |mark| reading(&groups, &marks, mark, negative);
    match (under(','), under('.')) {
        (None, None) => Err(Malformed::Grouping),
        (comma, point) => Ok(Readings { comma, point }),
    }
}

fn reading(groups: &[String], marks: &[char], decimal: char, negative: bool) -> Option<Number> {
    let (integer, between, fraction) = match (marks, groups) {
        ([between @ .., last], [integer @ .., fraction]) if *last == decimal => {
            (integer, between, fraction.as_str())
        }
        _ => (groups, marks, ""),
    };
    if let ([first, others @ ..], [mark, _rest @ ..]) = (integer, between) {
        let grouped = first.len() <= 3
            && !first.starts_with('0')
            && others.iter().all(|group| group.len() == 3)
            && *mark != decimal
            && between.iter().all(|other| other == mark);
        if !grouped {
            return None;
        }
    }
    let magnitude: i128 = (integer.concat() + fraction).parse().ok()?;
    let decimals = u32::try_from(fraction.len()).ok()?;
    let mantissa = if negative { -magnitude } else { magnitude };
    Some(Number {
        value: Decimal::try_from_i128_with_scale(mantissa, decimals).ok()?,
        decimals,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use DecimalMark::{Comma, Point};

    fn number(text: &str) -> Readings {
        match parse(text, false) {
            Ok(Print::Number(readings)) => readings,
            other => panic!("{text:?} is read as {other:?}"),
        }
    }

    /// The value with its decimals, as text.
    fn shown(number: Option<Number>) -> Option<String> {
        number.map(|number| {
            assert_eq!(number.value.scale(), number.decimals);
            number.value.to_string()
        })
    }

    #[test]
    fn numbers_with_one_value_whichever_mark_is_the_decimal_one() {
        for (text, value) in [
            ("0", "0"),
            ("7", "7"),
            ("62472", "62472"),
            ("62 472", "62472"),
            ("62\u{a0}472", "62472"),
            ("62\u{202f}472", "62472"),
            ("1 234\u{a0}567", "1234567"),
            ("62'472", "62472"),
            ("62’472", "62472"),
            ("-7", "-7"),
            ("+7", "7"),
            (" 7 ", "7"),
        ] {
            assert_eq!(
                shown(number(text).certain()).as_deref(),
                Some(value),
                "{text}"
            );
            assert_eq!(number(text).proves(), None, "{text}");
        }
    }

    #[test]
    fn numbers_that_show_which_mark_is_the_decimal_one() {
        for (text, mark, value) in [
            ("12,7", Comma, "12.7"),
            ("12.7", Point, "12.7"),
            ("100,0", Comma, "100.0"),
            ("100.00", Point, "100.00"),
            ("62.472,5", Comma, "62472.5"),
            ("62,472.5", Point, "62472.5"),
            ("62 472,5", Comma, "62472.5"),
            ("62\u{202f}472.5", Point, "62472.5"),
            ("62’472.5", Point, "62472.5"),
            ("62'472,5", Comma, "62472.5"),
            ("1.234.567", Comma, "1234567"),
            ("1,234,567", Point, "1234567"),
            ("1 234.567", Point, "1234.567"),
            ("1234.567", Point, "1234.567"),
            ("1234,5678", Comma, "1234.5678"),
            ("0.123", Point, "0.123"),
            ("0,123", Comma, "0.123"),
            ("1.234,567", Comma, "1234.567"),
        ] {
            let readings = number(text);
            assert_eq!(readings.proves(), Some(mark), "{text}");
            assert_eq!(
                shown(readings.under(mark)).as_deref(),
                Some(value),
                "{text}"
            );
        }
    }

    #[test]
    fn numbers_with_two_values() {
        for (text, under_comma, under_point) in [
            ("1.234", "1234", "1.234"),
            ("1,234", "1.234", "1234"),
            ("353.618", "353618", "353.618"),
            ("-62,472", "-62.472", "-62472"),
        ] {
            let readings = number(text);
            let both = readings
                .both()
                .unwrap()
                .map(|number| number.value.to_string());
            assert_eq!(both, [under_comma, under_point], "{text}");
            assert_eq!(
                (readings.proves(), readings.certain()),
                (None, None),
                "{text}"
            );
        }
    }

    #[test]
    fn signs() {
        for (text, value) in [
            ("-2,0", "-2.0"),
            ("\u{2010}2,0", "-2.0"),
            ("\u{2011}2,0", "-2.0"),
            ("\u{2012}2,0", "-2.0"),
            ("\u{2013}2,0", "-2.0"),
            ("\u{2212}2,0", "-2.0"),
            ("+2,0", "2.0"),
            ("- 2,0", "-2.0"),
            ("\u{2212}\u{a0}2,0", "-2.0"),
            ("+\u{202f}2,0", "2.0"),
            ("-0,0", "0.0"),
        ] {
            assert_eq!(
                shown(number(text).under(Comma)).as_deref(),
                Some(value),
                "{text}"
            );
        }
    }

    #[test]
    fn marks_for_a_missing_figure() {
        for text in [
            "", " ", "\u{a0}", "n.d.", "n.b.", "n.a.", "n/a", "N.D.", "N/A", "k.A.", "…", "...",
            ":", "-", "\u{2010}", "\u{2011}", "\u{2012}", "\u{2013}", "\u{2212}", " - ",
        ] {
            assert_eq!(parse(text, false), Ok(Print::Missing), "{text:?}");
        }
    }

    #[test]
    fn a_percent_sign_belongs_to_columns_in_percent() {
        for text in ["12,7%", "12,7 %", "12,7\u{a0}%", "12,7\u{202f}%"] {
            let Ok(Print::Number(readings)) = parse(text, true) else {
                panic!("{text} is not read");
            };
            assert_eq!(shown(readings.under(Comma)).as_deref(), Some("12.7"));
            assert_eq!(parse(text, false), Err(Malformed::Percent));
        }
        assert_eq!(parse("%", true), Err(Malformed::DigitMissing));
    }

    #[test]
    fn what_is_no_number() {
        use Malformed::{
            Character, DigitMissing, Grouping, LeadingZero, SignBehind, TooLarge, TwoSigns,
        };
        for (text, why) in [
            ("--2,0", TwoSigns),
            ("- -2,0", TwoSigns),
            ("-\u{2212}2,0", TwoSigns),
            ("+-2,0", TwoSigns),
            ("-2,0-", TwoSigns),
            ("--", TwoSigns),
            ("2019-2024", TwoSigns),
            ("2,0-", SignBehind),
            ("(2,0)", Character('(')),
            ("1e5", Character('e')),
            ("12,7*", Character('*')),
            ("12,7¹", Character('¹')),
            ("１２", Character('１')),
            ("١٢", Character('١')),
            ("€ 12", Character('€')),
            ("n.d", Character('n')),
            ("12,", DigitMissing),
            (",5", DigitMissing),
            ("1..2", DigitMissing),
            ("1  234", DigitMissing),
            ("+", DigitMissing),
            ("007", LeadingZero),
            ("01,5", LeadingZero),
            ("12 34", Grouping),
            ("1234 567", Grouping),
            ("1.23.456", Grouping),
            ("1 234.567.8", Grouping),
            ("1.234 567", Grouping),
            ("1'234 567", Grouping),
            ("1,234.567,8", Grouping),
            ("0 123", Grouping),
            ("1,2,3", Grouping),
            ("12345678901234567890123456789", TooLarge),
        ] {
            assert_eq!(parse(text, false), Err(why), "{text:?}");
        }
    }

    #[test]
    fn a_number_of_28_digits_is_kept_to_the_last() {
        let text = "9999999999999999999999999999";
        assert_eq!(shown(number(text).certain()).as_deref(), Some(text));
        let text = "0.999999999999999999999999999";
        assert_eq!(shown(number(text).under(Point)).as_deref(), Some(text));
    }
}
