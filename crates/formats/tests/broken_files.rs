//! Files that are no table, or not all of one: what is wrong with each, where, by which rule.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use regtrade_formats::{Rule, press_table};
use support::{check, facts, read, regtrd_2024, table};

#[test]
fn the_table_that_the_others_are_broken_from_is_whole() {
    assert_eq!(facts(&read(table().as_bytes())), regtrd_2024());
}

#[test]
fn files_that_are_no_text_of_a_table() {
    let utf16 =
        |order: fn(u16) -> [u8; 2]| table().encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let marked = |order: fn(u16) -> [u8; 2]| [order(0xfeff).to_vec(), utf16(order)].concat();
    let latin: Vec<u8> = table()
        .chars()
        .map(|c| u8::try_from(c).unwrap_or(0x80))
        .collect();
    let mut control = table().into_bytes();
    control[3] = 0x1b;
    let limit = press_table::MAXIMUM_BYTES;
    for (bytes, line, column, rule) in [
        (vec![], 1, 1, Rule::FileEmpty),
        (b" \t\r\n\n\xc2\xa0".to_vec(), 1, 1, Rule::FileEmpty),
        (b"\xef\xbb\xbf".to_vec(), 1, 1, Rule::FileEmpty),
        (marked(u16::to_le_bytes), 1, 1, Rule::FileEncoding),
        (marked(u16::to_be_bytes), 1, 1, Rule::FileEncoding),
        (utf16(u16::to_le_bytes), 1, 1, Rule::FileEncoding),
        (utf16(u16::to_be_bytes), 1, 1, Rule::FileEncoding),
        (latin, 1, 15, Rule::FileEncoding),
        (
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(),
            2,
            1,
            Rule::FileBinary,
        ),
        (b"PK\x03\x04\x14\0\x06\0".to_vec(), 1, 3, Rule::FileBinary),
        (control, 1, 4, Rule::FileBinary),
        (
            table().replace('\n', "\r").into_bytes(),
            1,
            table().lines().next().unwrap().chars().count() as u32 + 1,
            Rule::FileLineEnds,
        ),
        (vec![b'1'; limit + 1], 1, 1, Rule::FileTooLarge),
        (vec![b'1'; limit], 1, 1, Rule::LineTooLong),
        (
            format!("{}{}\n", table(), "x".repeat(65_537)).into_bytes(),
            51,
            1,
            Rule::LineTooLong,
        ),
        (
            b"label;2024\nBelgium;12,5\n".to_vec(),
            1,
            1,
            Rule::HeaderMissing,
        ),
        (b"Belgium\t12,5\n".to_vec(), 1, 1, Rule::FigureWithoutHeader),
    ] {
        let reading = read(&bytes);
        let first = &reading.issues[0];
        assert_eq!(
            (first.line, first.column, first.rule),
            (line, column, rule),
            "{first}"
        );
        assert!(reading.cells.is_empty());
    }
}

#[test]
fn files_that_are_cut_off() {
    let whole = table();
    let lines: Vec<_> = whole.lines().collect();
    let cut = |line: usize, last: &str| lines[..line - 1].join("\n") + "\n" + last;
    // In the middle of a row, of a number, of a section, of a header.
    check(
        cut(50, "Belgique\t-7.343,8\t-10.041,9"),
        &[(50, 4, Rule::RowTruncated)],
    );
    check(
        cut(50, "Belgique\t-7.343,8\t-10.041,9\t-12.671"),
        &[(50, 4, Rule::FileTruncated)],
    );
    check(
        cut(50, "Belgique\t-7.343,8\t-10.041,9\t-12"),
        &[(50, 4, Rule::FileTruncated)],
    );
    check(
        cut(50, "Belgique\t-7.343,8\t-10.041,9\t-12.671,"),
        &[(50, 4, Rule::NumberMalformed)],
    );
    check(
        cut(50, "Belgique\t-7.343,8\t-10.041,9\t-"),
        &[(50, 4, Rule::FileTruncated)],
    );
    check(
        cut(50, "Belgique\t-7.343,8\t-10.041,9\t"),
        &[(50, 4, Rule::FileTruncated)],
    );
    check(
        cut(50, "Belgique\t-7.343,8\t-10.041,9\t-12.6"),
        &[(50, 4, Rule::NumberContradiction)],
    );
    check(cut(50, ""), &[(46, 1, Rule::AreaMissing)]);
    check(cut(50, "Belg"), &[(50, 1, Rule::LabelUnknown)]);
    check(cut(47, ""), &[(46, 1, Rule::AreaMissing)]);
    check(cut(46, ""), &[(36, 1, Rule::ItemMissing)]);
    check(
        cut(46, "Exportations nettes de ser"),
        &[(46, 1, Rule::LabelUnknown)],
    );
    check(cut(36, ""), &[(34, 1, Rule::HeaderWithoutRows)]);
    check(
        cut(35, "\t2022\t20"),
        &[
            (34, 1, Rule::HeaderWithoutRows),
            (35, 3, Rule::HeaderPeriodMalformed),
        ],
    );
    check(
        cut(35, ""),
        &[
            (34, 1, Rule::HeaderPeriodMissing),
            (34, 1, Rule::HeaderWithoutRows),
        ],
    );
    check(cut(7, ""), &[(4, 1, Rule::AreaMissing)]);
    check(cut(2, ""), &[(1, 1, Rule::HeaderMissing)]);
}

#[test]
fn a_file_cut_off_anywhere_is_refused_but_where_it_is_a_whole_table_of_fewer_items() {
    let whole = table();
    for (end, _) in whole.char_indices().filter(|(end, _)| *end > 0) {
        let reading = read(&whole.as_bytes()[..end]);
        // Tabs and a tag that opens print nothing.
        let printed = whole[..end].trim_end_matches("<b>");
        let rest = whole[printed.len()..].trim_start_matches('\t');
        let at_line_end = rest.starts_with('\n') || printed.trim_end_matches('\t').ends_with('\n');
        let line = printed.trim_end().lines().count();
        // After exports in all, exports and their parts, imports in all, imports and their parts, net exports in all, the end.
        let is_table = at_line_end && [8, 18, 23, 33, 40, 50].contains(&line);
        let said = &reading.issues;
        assert_eq!(reading.issue_count == 0, is_table, "line {line}: {said:?}");
    }
}
