//! Tests of the records of csv.

use super::*;
use crate::issue::Issues;

type Lines = Vec<Vec<(u32, String)>>;

/// The cells of each row with their lines, and the places of the issues.
fn rows(text: &str) -> (Lines, Vec<(u32, u32)>) {
    let mut issues = Issues::default();
    // A reader that gives few bytes at once gives the same.
    let reader = std::io::BufReader::with_capacity(7, text.as_bytes());
    let mut records = Records::new(reader, false);
    let mut rows = vec![];
    while let Some(Record::Row(row)) = records.next(&mut issues) {
        let cell = |at| (row.position(at).0, row.text(at).to_owned());
        rows.push((0..row.len()).map(cell).collect());
    }
    let places = |issue: &crate::Issue| (issue.line, issue.column);
    (rows, issues.finish().0.iter().map(places).collect())
}

#[test]
fn cells_are_found_with_their_lines() {
    let cell = |line: u32, text: &str| (line, text.to_owned());
    for (text, expected) in [
        ("a,b", vec![vec![cell(1, "a"), cell(1, "b")]]),
        ("a;b,c\r\n", vec![vec![cell(1, "a"), cell(1, "b,c")]]),
        (
            "a|\n|b\n",
            vec![
                vec![cell(1, "a"), cell(1, "")],
                vec![cell(2, ""), cell(2, "b")],
            ],
        ),
        ("[;]\t\"\"\n", vec![vec![cell(1, "[;]"), cell(1, "")]]),
        (
            "\u{feff}\n\r\n\"x\ny\"\"z\",b\nc",
            vec![vec![cell(3, "x\ny\"z"), cell(4, "b")], vec![cell(5, "c")]],
        ),
        (
            "a,b\r\n\"\"\"\"\"\",\"é\r\n\"\"\r\n\"",
            vec![
                vec![cell(1, "a"), cell(1, "b")],
                vec![cell(2, "\"\""), cell(2, "é\r\n\"")],
            ],
        ),
    ] {
        assert_eq!(rows(text), (expected, vec![]), "{text:?}");
    }
}

#[test]
fn marks_that_do_not_pair_are_an_issue_and_the_next_line_is_read() {
    for (text, place) in [
        ("a,b\"c\nd", (1, 2)),
        ("a,\"b\"c\nd", (1, 2)),
        ("a, \"b\"\nd", (1, 2)),
        ("\"a\nd", (1, 1)),
        ("x\n\"a\"\"\nd", (2, 1)),
        ("x,y\n\"a\nb\",\"c\nd", (3, 2)),
    ] {
        let (rows, issues) = rows(text);
        assert_eq!(issues, [place], "{text:?}");
        assert_eq!(
            rows.last().map(|row| row[0].1.as_str()),
            Some("d"),
            "{text:?}"
        );
    }
}

#[test]
fn a_cell_that_goes_on_for_ever_is_cut_off_where_records_end() {
    let lines = format!("{}\n", "x".repeat(60_000)).repeat(10);
    let (rows, issues) = rows(&format!("a,b\n\"{lines}c,d\n"));
    assert_eq!(issues, [(2, 1)]);
    assert_eq!(rows.len(), 11);
    let long = format!("a,b\n\"{}\",d\n", "x\n".repeat(120_000));
    assert_eq!(self::rows(&long).1, []);
}

#[test]
fn the_separator_follows_the_first_heading() {
    for (header, expected) in [
        ("STRUCTURE,STRUCTURE_ID;x", ','),
        ("STRUCTURE[;],STRUCTURE_ID", ','),
        ("STRUCTURE[|];STRUCTURE_ID", ';'),
        ("DATAFLOW\tFREQ: a, b", '\t'),
        ("item|value", '|'),
        ("item", ','),
    ] {
        assert_eq!(separator(header), expected, "{header}");
    }
}
