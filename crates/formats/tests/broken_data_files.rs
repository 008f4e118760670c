//! Data files that are refused: what is wrong with each, where, by which rule.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use regtrade_formats::{
    Issue, Kind, Mappings, Rule,
    data_file::{self, Summary},
    figure_list,
};

/// Columns 1 to 16.
const HEADER: &str = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,ITEM,ACTIVITY,PRODUCT,COUNTERPART_AREA,TIME_PERIOD,OBS_VALUE,UNIT,UNIT_MULT,DECIMALS,OBS_STATUS,CONF_STATUS";
const ROW: &str = "dataflow,BE2:REGTRD(1.0),I,A,BE2,P61,_T,_T,W1,2024,12.5,EUR,6,1,A,F";

/// The row with some of its cells replaced; cells count from 1.
fn row(cells: &[(usize, &str)]) -> String {
    let mut row: Vec<_> = ROW.split(',').collect();
    for &(cell, text) in cells {
        row[cell - 1] = text;
    }
    row.join(",")
}

fn read(bytes: &[u8]) -> Summary {
    data_file::read_all(&bytes, Mappings::shipped()).summary
}

fn issues(text: &str) -> Vec<Issue> {
    let summary = read(text.as_bytes());
    assert!(summary.issue_count > 0, "{text}");
    assert_eq!(summary.issue_count, summary.issues.len());
    summary.issues
}

#[track_caller]
fn check(text: &str, expected: &[(u32, u32, Rule)]) {
    let issues = issues(text);
    let found: Vec<_> = issues.iter().map(|i| (i.line, i.column, i.rule)).collect();
    assert_eq!(found, expected, "{text}\n{issues:#?}");
    let is_worded = |issue: &Issue| issue.explanation.chars().count() > 20;
    assert!(issues.iter().all(is_worded), "{issues:#?}");
}

#[test]
fn the_row_that_the_others_are_broken_from_is_whole() {
    let reading = read(format!("{HEADER}\n{ROW}\n").as_bytes());
    assert_eq!(reading.issues, []);
}

#[test]
fn cells_that_cannot_be_taken_in_are_named_each() {
    for (cells, column, rule) in [
        (&[(1, "metadata")][..], 1, Rule::StructureUnknown),
        (&[(1, "")], 1, Rule::StructureUnknown),
        (&[(2, "")], 2, Rule::StructureUnknown),
        (&[(2, "ESTAT:NAMA_10_EXI(1.0)")], 2, Rule::StructureOther),
        (&[(2, "BE2:REGTRD(1.0")], 2, Rule::StructureOther),
        (&[(2, "BE2:REGTRD(1.0): Trade")], 2, Rule::StructureOther),
        (&[(3, "E")], 3, Rule::ActionUnknown),
        (&[(3, "i")], 3, Rule::ActionUnknown),
        (&[(4, "")], 4, Rule::DimensionMissing),
        (&[(4, "M")], 10, Rule::FrequencyUnfit),
        (&[(10, "2024-07")], 10, Rule::FrequencyUnfit),
        (&[(10, "2024-Q3")], 10, Rule::FrequencyUnfit),
        (&[(4, "M"), (10, "2024-07")], 4, Rule::FrequencyNotKept),
        (&[(4, "Q"), (10, "2024-Q3")], 4, Rule::FrequencyNotKept),
        (&[(5, "")], 5, Rule::DimensionMissing),
        (&[(5, "*")], 5, Rule::DimensionMissing),
        (&[(5, "Flanders")], 5, Rule::CodeUnknown),
        (&[(5, "BE2: Flanders")], 5, Rule::CodeUnknown),
        (&[(6, "P8")], 6, Rule::CodeUnknown),
        (&[(6, "p61")], 6, Rule::CodeUnknown),
        (&[(6, "B11")], 6, Rule::ItemDerived),
        (&[(6, "B112")], 6, Rule::ItemDerived),
        (&[(7, "")], 7, Rule::DimensionMissing),
        (&[(8, "S A")], 8, Rule::CodeUnknown),
        (&[(9, "~")], 9, Rule::CodeUnknown),
        (&[(10, "")], 10, Rule::DimensionMissing),
        (&[(10, "24")], 10, Rule::PeriodMalformed),
        (&[(10, "2024-12-31")], 10, Rule::PeriodMalformed),
        (&[(10, "2019-2024")], 10, Rule::PeriodMalformed),
        (&[(11, "NaN")], 11, Rule::NumberNan),
        (&[(11, "#N/A")], 11, Rule::NumberNan),
        (&[(11, "\"12,5\"")], 11, Rule::NumberMalformed),
        (&[(11, "1 250.0")], 11, Rule::NumberMalformed),
        (&[(11, "n.a.")], 11, Rule::NumberMalformed),
        (&[(11, "--1")], 11, Rule::NumberTwoSigns),
        (&[(11, "1e40")], 11, Rule::NumberTooLarge),
        (&[(12, "USD")], 12, Rule::UnitUnfit),
        (&[(13, "")], 13, Rule::AttributeMissing),
        (&[(13, "16")], 13, Rule::AttributeMalformed),
        (&[(13, "+6")], 13, Rule::AttributeMalformed),
        (&[(13, "millions")], 13, Rule::AttributeMalformed),
        (&[(14, "-1")], 14, Rule::AttributeMalformed),
        (&[(14, "1.0")], 14, Rule::AttributeMalformed),
        (&[(15, "X")], 15, Rule::CodeUnknown),
        (&[(15, "M")], 15, Rule::StatusContradiction),
        (&[(15, "Q")], 15, Rule::StatusContradiction),
        (&[(16, "Y")], 16, Rule::CodeUnknown),
        (&[(3, "D"), (13, "")], 11, Rule::DeleteWithValues),
    ] {
        check(&format!("{HEADER}\n{}\n", row(cells)), &[(2, column, rule)]);
    }
}

#[test]
fn headers_that_are_not_those_of_the_dataflow() {
    let two = |header: &str, row: &str| format!("{header}\n{row}\n");
    for (text, expected) in [
        (
            two("FREQ,DATAFLOW", "A,REGTRD"),
            vec![(1, 1, Rule::HeaderUnknown)],
        ),
        (
            two("structure,structure_id", "dataflow,REGTRD"),
            vec![(1, 1, Rule::HeaderUnknown)],
        ),
        (
            two("STRUCTURE,ACTION,FREQ", "dataflow,I,A"),
            vec![(1, 4, Rule::ColumnMissing)],
        ),
        (
            two(&format!("{HEADER},OBS_CONF"), &format!("{ROW},F")),
            vec![(1, 17, Rule::ColumnUnknown)],
        ),
        (
            two(&format!("{HEADER},updated"), &format!("{ROW},")),
            vec![(1, 17, Rule::ColumnUnknown)],
        ),
        (
            two(&HEADER.replace("ITEM", "item"), ROW),
            vec![(1, 6, Rule::ColumnUnknown), (1, 17, Rule::ColumnMissing)],
        ),
        (
            two(&format!("{HEADER},UNIT_MEASURE"), &format!("{ROW},EUR")),
            vec![(1, 17, Rule::ColumnTwice)],
        ),
        (
            two(&format!("{HEADER},STRUCTURE"), &format!("{ROW},")),
            vec![(1, 17, Rule::ColumnUnknown)],
        ),
        (
            two(
                "DATAFLOW,ACTION,FREQ,REF_AREA,ITEM,TIME_PERIOD,OBS_VALUE,UNIT_MULT",
                "REGTRD,I,A,BE,P6,2024,1,6",
            ),
            vec![(1, 2, Rule::ColumnUnknown)],
        ),
        (
            two(
                "DATAFLOW,FREQ,REF_AREA,ITEM,TIME_PERIOD,OBS_VALUE",
                "REGTRD,A,BE,P6,2024,1\nREGTRD,A,BE,P7,2024,1",
            ),
            vec![(1, 7, Rule::ColumnMissing)],
        ),
        (
            two(
                "DATAFLOW,REF_AREA,TIME_PERIOD,UNIT_MULT",
                "REGTRD,BE,2024,6",
            ),
            vec![
                (1, 5, Rule::ColumnMissing),
                (1, 5, Rule::ColumnMissing),
                (1, 5, Rule::ColumnMissing),
            ],
        ),
        (format!("{HEADER}\n"), vec![(1, 1, Rule::HeaderWithoutRows)]),
        (
            format!("{HEADER}\n,,,,\n\n"),
            vec![(1, 1, Rule::HeaderWithoutRows)],
        ),
    ] {
        check(&text, &expected);
    }
}

#[test]
fn rows_that_do_not_fit_the_header_or_each_other() {
    let other = row(&[(5, "BE3")]);
    for (rows, expected) in [
        (
            "dataflow,BE2:REGTRD(1.0),I,A,BE2".to_owned(),
            vec![(2, 6, Rule::RowTruncated)],
        ),
        (format!("{ROW},,x"), vec![(2, 17, Rule::RowTooManyCells)]),
        (row(&[(11, "12,5")]), vec![(2, 17, Rule::RowTooManyCells)]),
        (row(&[(11, "12\"5")]), vec![(2, 11, Rule::QuoteMalformed)]),
        (row(&[(11, "\"12.5")]), vec![(2, 11, Rule::QuoteMalformed)]),
        (
            format!("{other}\n{ROW}\n{ROW}"),
            vec![(4, 1, Rule::KeyDuplicate)],
        ),
        (
            format!("{ROW}\n{}\n{other}", row(&[(11, "13"), (14, "0")])),
            vec![(3, 1, Rule::KeyDuplicate)],
        ),
        (
            format!("{ROW}\n{}", row(&[(3, "R"), (5, "BE3")])),
            vec![(3, 3, Rule::ActionMixed)],
        ),
        (
            format!("{}\n{other}\n{other}", row(&[(3, "M")])),
            vec![(3, 3, Rule::ActionMixed)],
        ),
        (
            format!(
                "{ROW}\n{}\n{}",
                row(&[(2, "X:Y(1)")]),
                row(&[(2, "X:Y(1)"), (6, "?")])
            ),
            vec![(3, 2, Rule::StructureOther)],
        ),
        (
            row(&[(5, "\"BE2\n\""), (6, "P8"), (10, "x"), (13, "x")]),
            vec![
                (3, 6, Rule::CodeUnknown),
                (3, 10, Rule::PeriodMalformed),
                (3, 13, Rule::AttributeMalformed),
            ],
        ),
    ] {
        check(&format!("{HEADER}\n{rows}\n"), &expected);
    }
    let found = issues(&format!("{HEADER}\n{other}\n{ROW}\n\n{ROW}\n"));
    assert!(
        found[0].to_string().starts_with("5:1: ") && found[0].explanation.contains("line 3"),
        "{}",
        found[0]
    );
}

#[test]
fn a_decimal_comma_never_moves_cells_unseen() {
    let header = "DATAFLOW,FREQ,REF_AREA,ITEM,TIME_PERIOD,OBS_VALUE,UNIT_MULT,DECIMALS";
    let row = "REGTRD,A,BE,P6,2024,12,5,6,";
    check(
        &format!("{header}\n{row}\n"),
        &[(2, 9, Rule::RowTooManyCells)],
    );
    check(
        &format!("{header},,\n{row},,\n"),
        &[(2, 11, Rule::RowTooManyCells)],
    );
}

#[test]
fn files_that_are_no_text_or_too_large() {
    let text = format!("{HEADER}\n{ROW}\n");
    let mut control = text.clone().into_bytes();
    control[3] = 0;
    for (bytes, place, rule) in [
        (vec![], (1, 1), Rule::FileEmpty),
        (control, (1, 4), Rule::FileBinary),
        (
            text.replace('\n', "\r").into_bytes(),
            (1, HEADER.len() as u32 + 1),
            Rule::FileLineEnds,
        ),
        (
            text.replace("BE2,", "BE\u{e9},")
                .chars()
                .map(|c| c as u8)
                .collect(),
            (2, 32),
            Rule::FileEncoding,
        ),
        (vec![b'a'; 100_000], (1, 1), Rule::LineTooLong),
    ] {
        let issue = read(&bytes).issues.remove(0);
        assert_eq!(
            ((issue.line, issue.column), issue.rule),
            (place, rule),
            "{issue}"
        );
    }
}

#[test]
fn a_flood_of_issues_is_counted() {
    let rows: String = (0..5_000).map(|_| row(&[(6, "P8")]) + "\n").collect();
    let reading = read(format!("{HEADER}\n{rows}").as_bytes());
    assert_eq!((reading.issues.len(), reading.issue_count), (1_000, 5_000));
}

#[test]
fn the_documentation_has_a_line_for_every_rule_of_these_files() {
    let page = include_str!("../../../docs/data-files.md");
    let mappings = include_str!("../../../docs/mapping.md");
    let ids: Vec<_> = Rule::ALL.iter().map(|rule| rule.id()).collect();
    let first = ids.iter().position(|id| *id == "header.unknown").unwrap();
    for id in &ids[first..] {
        let page = if id.starts_with("mapping.") {
            mappings
        } else {
            page
        };
        assert!(page.contains(&format!("`{id}`")), "{id} is on no page");
    }
    let rules = page.split("## Rules").nth(1).unwrap();
    let words = rules
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
    for id in words
        .flat_map(|cell| cell.split(", "))
        .map(|id| id.trim_matches('`'))
    {
        assert!(
            ids.contains(&id),
            "{id} is in docs/data-files.md and is no rule"
        );
    }
}

#[test]
fn the_examples_of_the_documentation_are_read() {
    let page = include_str!("../../../docs/data-files.md");
    let examples: Vec<_> = page
        .split("```csv\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    let kinds: Vec<_> = examples
        .iter()
        .map(|example| regtrade_formats::sniff(example.as_bytes()))
        .collect();
    assert_eq!(kinds, [Kind::DataFile, Kind::DataFile, Kind::FigureList]);
    assert_eq!(read(examples[0].as_bytes()).issues, []);
    assert_eq!(read(examples[1].as_bytes()).issues, []);
    assert_eq!(figure_list::read(examples[2].as_bytes()).issues, []);
}
