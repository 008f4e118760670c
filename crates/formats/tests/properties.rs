//! Properties of the reader: it never panics, it reads back what was printed, and one digit is one figure.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use proptest::{collection::vec, prelude::*, sample::select};
use regtrade_model::{Indicator, Language};
use support::{Fact, Style, facts, read, regtrd_2024, render, sorted};

fn styles() -> impl Strategy<Value = Style> {
    let groups = select(&["", ".", ",", " ", "\u{a0}", "\u{202f}", "'", "’"][..]);
    let minuses = select(
        &[
            "-",
            "\u{2010}",
            "\u{2011}",
            "\u{2012}",
            "\u{2013}",
            "\u{2212}",
            "\u{2212}\u{a0}",
        ][..],
    );
    let missing = select(&["n.d.", "n.b.", "n.a.", "n/a", "-", "–", "…", "...", ":", ""][..]);
    let decimal = select(&[',', '.'][..]);
    let switches = any::<[bool; 4]>();
    (
        select(Language::ALL),
        decimal,
        groups,
        minuses,
        missing,
        switches,
    )
        .prop_filter("one mark cannot do both", |style| {
            style.2 != style.1.to_string()
        })
        .prop_map(
            |(language, decimal, group, minus, missing, [tags, crlf, mark, end])| Style {
                language,
                decimal,
                group,
                minus,
                missing,
                tags,
                line_end: if crlf { "\r\n" } else { "\n" },
                byte_order_mark: mark,
                last_line_end: end,
            },
        )
}

/// The keys of the 2024 table with other figures: levels with 0 to 3 decimals, some missing; rates and shares with 1 or 2,
/// so that the table always shows its decimal mark.
fn random_facts() -> impl Strategy<Value = Vec<Fact>> {
    let keys = regtrd_2024();
    let numbers = vec((any::<i32>(), 0..20_u8), keys.len());
    (numbers, 0..4_usize, 1..3_usize).prop_map(move |(numbers, of_levels, of_rates)| {
        let print = |(fact, (number, dice)): (&Fact, (i32, u8))| {
            let decimals = match fact.indicator {
                Indicator::Level | Indicator::Net => of_levels,
                _ => of_rates,
            };
            let sign = if number < 0 { "-" } else { "" };
            let digits = format!("{:0>5}", number.unsigned_abs());
            let (integer, fraction) = digits.split_at(digits.len() - decimals);
            let integer = integer.trim_start_matches('0');
            let integer = if integer.is_empty() { "0" } else { integer };
            let point = if decimals > 0 { "." } else { "" };
            // A last row of dashes for missing figures would leave the column without figures to compare.
            let missing = dice == 0 && fact.indicator != Indicator::ShareOfCountry;
            let is_zero = digits.chars().all(|digit| digit == '0');
            let sign = if is_zero { "" } else { sign };
            Fact {
                digits: if missing {
                    String::new()
                } else {
                    format!("{sign}{integer}{point}{fraction}")
                },
                ..fact.clone()
            }
        };
        keys.iter().zip(numbers).map(print).collect()
    })
}

/// Where to change a text, as a share of its length, and the byte to put there; by what: replace, insert, delete.
fn edits() -> impl Strategy<Value = Vec<(u16, u8, u8)>> {
    let telling = select(&b"\t\n\r .,-+%0129<>b()*\x00\xff\xc3\xa0"[..]);
    vec(
        (any::<u16>(), prop_oneof![telling, any::<u8>()], 0..4_u8),
        1..12,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..2_000)) {
        read(&bytes);
    }

    #[test]
    fn arbitrary_text_of_table_marks_never_panics(
        text in "([0-9]{1,4}|[.,:…%'’+−–-]|\t|\n| |\u{a0}|<b>|<sup>|\\(|\\)|Belgium|Exports of goods|In absolute figures|€ million|2024){0,80}"
    ) {
        read(text.as_bytes());
    }

    #[test]
    fn a_mutated_table_never_panics(style in styles(), edits in edits()) {
        let mut bytes = render(&regtrd_2024(), &style).into_bytes();
        for (place, byte, how) in edits {
            let at = usize::from(place) * bytes.len().saturating_sub(1) / usize::from(u16::MAX);
            match how {
                _ if bytes.is_empty() => {}
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => { bytes.remove(at); }
                _ => bytes.truncate(at.max(1)),
            }
        }
        let reading = read(&bytes);
        prop_assert!(reading.issues.len() <= reading.issue_count);
        for cell in &reading.cells {
            prop_assert!(cell.origin.line > 0 && cell.origin.column > 1);
        }
    }

    #[test]
    fn what_is_printed_is_read_back(table in random_facts(), style in styles()) {
        let text = render(&table, &style);
        prop_assert_eq!(sorted(facts(&read(text.as_bytes()))), sorted(table));
    }

    #[test]
    fn changing_one_digit_changes_just_that_figure(style in styles(), which in 0..204_usize, place in any::<prop::sample::Index>(), digit in 1..10_u8) {
        let before = regtrd_2024();
        let mut after = before.clone();
        let digits = &mut after[which].digits;
        let places: Vec<_> = digits.char_indices().filter(|(_, c)| c.is_ascii_digit()).map(|(at, _)| at).collect();
        let at = places[place.index(places.len())];
        digits.replace_range(at..=at, &digit.to_string());
        let read_before = facts(&read(render(&before, &style).as_bytes()));
        let read_after = facts(&read(render(&after, &style).as_bytes()));
        let changed = read_before.iter().zip(&read_after).enumerate().filter(|(_, (b, a))| b != a);
        prop_assert!(changed.map(|(index, _)| index).all(|index| index == which));
        prop_assert_eq!(&read_after[which].digits, &after[which].digits);
    }
}
