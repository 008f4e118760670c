//! The words, numbers and marks of a sentence.

use regtrade_model::Decimal;

/// A word, number or mark.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// In lower case, with a plain apostrophe; an elision (`l'`) is a word of its own.
    Word(String),
    Percent(Percent),
    Year(u16),
    Years(u16, u16),
    /// Any other number.
    Number,
    Comma,
    Semicolon,
    Open,
    Close,
    /// A mark that has no part in a claim that could be understood, such as a quotation mark.
    Other,
}

/// A percentage as it is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Percent {
    /// With its sign where one is written.
    pub value: Decimal,
    pub signed: bool,
    pub decimals: u32,
}

const MINUS: [char; 6] = [
    '-', '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2212}',
];
const PERCENT: [&str; 7] = [
    "%",
    "pour cent",
    "per cent",
    "percent",
    "procent",
    "prozent",
    "p.c.",
];

/// Reads a sentence. Markup (emphasis, tags, targets of links) is passed over.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let text = text.replace(['\u{2019}', '\u{02bc}'], "'").to_lowercase();
    let mut found = vec![];
    let mut rest = text.as_str();
    let mut before = ' ';
    while let Some(next) = rest.chars().next() {
        let (token, length) = read(rest, next, before);
        found.extend(token);
        let (taken, left) = rest.split_at(length);
        before = taken.chars().next_back().unwrap_or(before);
        rest = left;
    }
    found
}

fn read(rest: &str, next: char, before: char) -> (Option<Token>, usize) {
    let one = next.len_utf8();
    let after = rest[one..].chars().next();
    let markup = |close: char| rest.find(close).map_or(one, |end| end + close.len_utf8());
    match next {
        '<' => (None, markup('>')),
        '(' if before == ']' => (None, markup(')')),
        ',' | ':' | '\u{2014}' => (Some(Token::Comma), one),
        ';' => (Some(Token::Semicolon), one),
        '(' => (Some(Token::Open), one),
        ')' => (Some(Token::Close), one),
        '+' if after.is_some_and(|c| c.is_ascii_digit()) => {
            let (token, length) = number(&rest[one..], Some(false));
            (Some(token), one + length)
        }
        minus if MINUS.contains(&minus) && (before.is_whitespace() || before == '(') => {
            let gap = rest[one..].len() - rest[one..].trim_start().len();
            let digit = rest[one + gap..].starts_with(|c: char| c.is_ascii_digit());
            // A dash that stands free is a minus sign only where a parenthesis holds nothing else before the number.
            if digit && (gap == 0 || before == '(') {
                let (token, length) = number(&rest[one + gap..], Some(true));
                (Some(token), one + gap + length)
            } else {
                (Some(Token::Comma), one)
            }
        }
        c if c.is_ascii_digit() => {
            let (token, length) = number(rest, None);
            (Some(token), length)
        }
        c if c.is_alphabetic() => word(rest),
        '\'' if rest.starts_with("'s") => (None, 2),
        c if c.is_whitespace() => (None, one),
        '*' | '_' | '#' | '[' | ']' | '.' | '!' | '?' | '`' | '\'' => (None, one),
        _ => (Some(Token::Other), one),
    }
}

fn word(rest: &str) -> (Option<Token>, usize) {
    let mut end = 0;
    for (at, c) in rest.char_indices() {
        let following = rest[at + c.len_utf8()..].chars().next();
        let inner = following.is_some_and(char::is_alphabetic);
        if c.is_alphanumeric() || (MINUS[..3].contains(&c) && inner) {
            end = at + c.len_utf8();
        } else if c == '\'' && inner && !possessive(&rest[at..]) {
            end = at + 1;
            break;
        } else {
            break;
        }
    }
    let text = rest[..end].replace(['\u{2010}', '\u{2011}'], "-");
    (Some(Token::Word(text)), end)
}

/// Whether the text begins with the English genitive, and not with an elision.
fn possessive(rest: &str) -> bool {
    rest.strip_prefix("'s")
        .is_some_and(|left| !left.starts_with(char::is_alphabetic))
}

/// Reads a number and what says that it is a percentage, a year or a span of years. `negative` is the sign before it.
fn number(rest: &str, negative: Option<bool>) -> (Token, usize) {
    let bytes = rest.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut end = 0;
    while digit(end) || (matches!(bytes.get(end), Some(b',' | b'.')) && digit(end + 1)) {
        end += 1;
    }
    let written = &rest[..end];
    let after = rest[end..].trim_start_matches([' ', '\u{a0}', '\u{202f}', '\u{2009}']);
    let unit = PERCENT.iter().find(|unit| {
        after.strip_prefix(**unit).is_some_and(|left| {
            **unit == "%" && !left.starts_with(['-', '\u{2010}', '\u{2011}'])
                || **unit != "%" && !left.starts_with(char::is_alphanumeric)
        })
    });
    if let Some(unit) = unit {
        let length = rest.len() - after.len() + unit.len();
        return (percent(written, negative).unwrap_or(Token::Number), length);
    }
    let Some(first) = year(written).filter(|_| negative.is_none()) else {
        return (Token::Number, end);
    };
    let mut chars = rest[end..].chars();
    let dash = chars.next().filter(|c| MINUS.contains(c) || *c == '/');
    let last = chars.as_str().get(..4).and_then(year);
    let longer = chars
        .as_str()
        .get(4..)
        .is_some_and(|left| left.starts_with(|c: char| c.is_ascii_digit()));
    match (dash, last) {
        (Some(dash), Some(last)) if first < last && !longer => {
            (Token::Years(first, last), end + dash.len_utf8() + 4)
        }
        _ => (Token::Year(first), end),
    }
}

fn year(text: &str) -> Option<u16> {
    (text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())?
        .filter(|year| (1900..2200).contains(year))
}

/// At most one mark with one or two digits after it: anything else could be thousands.
fn percent(written: &str, negative: Option<bool>) -> Option<Token> {
    let (whole, decimals) = written.split_once([',', '.']).unwrap_or((written, ""));
    let plain = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(decimals) || whole.len() > 6 || decimals.len() > 2 {
        return None;
    }
    let magnitude: Decimal = format!("{whole}.{decimals}0").parse().ok()?;
    let scale = u32::try_from(decimals.len()).ok()?;
    Some(Token::Percent(Percent {
        value: if negative == Some(true) {
            -magnitude
        } else {
            magnitude
        }
        .normalize(),
        signed: negative.is_some(),
        decimals: scale,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percents(text: &str) -> Vec<String> {
        tokens(text)
            .into_iter()
            .filter_map(|token| match token {
                Token::Percent(p) => Some(format!("{} {} {}", p.value, p.signed, p.decimals)),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn a_percentage_is_read_with_its_sign_and_decimals() {
        assert_eq!(percents("de 13,4\u{202f}%"), ["13.4 false 1"]);
        assert_eq!(
            percents("(-1.20 %) (\u{2212}2%) (– 3 pour cent)"),
            ["-1.2 true 2", "-2 true 0", "-3 true 0"]
        );
        assert_eq!(percents("+5,0 Prozent"), ["5 true 1"]);
        assert!(
            percents("1,234 % ou 1.234,5 %").is_empty(),
            "these could be thousands"
        );
        assert!(percents("2 Prozentpunkte, 3 %-punten").is_empty());
    }

    #[test]
    fn years_and_elisions_are_told_apart_from_other_words() {
        assert_eq!(
            tokens("l’été 2019–2024, qu'en **2023**"),
            [
                Token::Word("l'".into()),
                Token::Word("été".into()),
                Token::Years(2019, 2024),
                Token::Comma,
                Token::Word("qu'".into()),
                Token::Word("en".into()),
                Token::Year(2023),
            ]
        );
    }
}
