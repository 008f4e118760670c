//! Tables that must not be taken in: what is wrong with each, in which line and cell, by which rule.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use regtrade_formats::{Rule, press_table};
use regtrade_model::{Area, Code, Dataflow, DescribedArea, TableDescription};
use support::{check, edited, read, table, with};

#[test]
fn rows_too_many_and_rows_too_few() {
    let copy = |from: usize, to: usize| {
        edited(|rows| {
            let row = rows[from - 1].clone();
            rows.insert(to - 1, row);
        })
    };
    let without = |line: usize| {
        edited(|rows| {
            rows.remove(line - 1);
        })
    };
    check(copy(6, 7), &[(7, 1, Rule::KeyDuplicate)]);
    check(copy(8, 13), &[(14, 1, Rule::KeyDuplicate)]);
    check(without(12), &[(9, 1, Rule::AreaMissing)]);
    check(
        without(1).replace("Wallonie", "Flandre"),
        &[7, 12, 17, 22, 27, 32, 39, 44, 49]
            .map(|line| (line - 1, 1, Rule::KeyDuplicate))
            .into_iter()
            .chain([(3, 1, Rule::AreaMissing)])
            .collect::<Vec<_>>(),
    );
    check(
        copy(5, 9).replacen(
            "Bruxelles\t62.472,5\t12,7\t100,0\t21,5\t-2,0\t-6,3\t2,5\n<b>",
            "Extra-Regio\t1,0\t1,0\t1,0\t1,0\t1,0\t1,0\t1,0\n<b>",
            1,
        ),
        &[(9, 1, Rule::AreaUnexpected)],
    );
    check(
        edited(|rows| {
            rows.drain(8..13);
        }),
        &[(4, 1, Rule::ItemMissing)],
    );
    check(
        edited(|rows| {
            rows.drain(3..8);
        }),
        &[(4, 1, Rule::ItemMissing)],
    );
    check(
        edited(|rows| {
            let section = rows[8..13].to_vec();
            rows.splice(13..13, section);
        }),
        &[(14, 1, Rule::KeyDuplicate)],
    );
    check(
        edited(|rows| {
            let block = rows[33..50].to_vec();
            rows.extend(block);
        }),
        &(0..36)
            .map(|n| {
                (
                    53 + n / 12 * 5 + n % 12 / 3 + 1,
                    n % 3 + 2,
                    Rule::KeyDuplicate,
                )
            })
            .collect::<Vec<_>>(),
    );
    check(
        edited(|rows| rows.truncate(7)).replace("Wallonie", "Belgique"),
        &[(4, 1, Rule::AreaMissing)],
    );
}

#[test]
fn rows_that_are_too_long_or_too_short_or_out_of_place() {
    check(
        edited(|rows| {
            rows[10].pop();
        }),
        &[(11, 8, Rule::RowTruncated)],
    );
    check(
        edited(|rows| rows[10].truncate(1)),
        &[(11, 2, Rule::RowTruncated)],
    );
    check(
        edited(|rows| rows[10].push("1,0".into())),
        &[(11, 9, Rule::RowTooManyCells)],
    );
    check(with(38, 6, "1,0"), &[(38, 6, Rule::RowTooManyCells)]);
    check(with(9, 3, "1,0"), &[(9, 1, Rule::SectionWithFigures)]);
    check(
        edited(|rows| {
            let row = rows.remove(7);
            rows.insert(1, row);
        }),
        &[(2, 1, Rule::FigureWithoutHeader), (5, 1, Rule::AreaMissing)],
    );
    check(
        edited(|rows| {
            let row = rows.remove(7);
            rows.insert(3, row);
        }),
        &[
            (4, 1, Rule::FigureWithoutSection),
            (5, 1, Rule::AreaMissing),
        ],
    );
    check(with(11, 1, ""), &[(11, 1, Rule::LabelMissing)]);
}

#[test]
fn labels_that_are_not_known() {
    check(with(11, 1, "Flandres"), &[(11, 1, Rule::LabelUnknown)]);
    check(
        with(9, 1, "<b>Exportations de bien</b>"),
        &[(9, 1, Rule::LabelUnknown)],
    );
    check(
        with(9, 1, "<em>Exportations de biens</em>"),
        &[(9, 1, Rule::LabelUnknown)],
    );
    check(
        with(2, 3, "Part de la région (en %)"),
        &[(2, 3, Rule::LabelUnknown)],
    );
}

#[test]
fn a_label_of_two_codes_is_refused() {
    let mut description = TableDescription::shipped(Dataflow::Regtrd);
    description.areas.push(DescribedArea {
        code: "FL".parse::<Code>().unwrap(),
        labels: vec!["FLANDRE*".to_owned()],
        parts: vec![],
        complete: true,
    });
    let reading = press_table::read(table().as_bytes(), &description);
    let first = &reading.issues[0];
    assert_eq!(
        (first.line, first.column, first.rule),
        (6, 1, Rule::LabelAmbiguous)
    );
    assert!(first.explanation.contains(Area::BE2.as_str()) && first.explanation.contains("FL"));
}

#[test]
fn headers_that_do_not_say_what_a_column_is() {
    check(with(3, 6, ""), &[(3, 6, Rule::HeaderPeriodMissing)]);
    check(
        with(3, 8, ""),
        &(5..34)
            .filter(|n| n % 5 != 4)
            .map(|n| (n, 8, Rule::RowTooManyCells))
            .chain([(2, 8, Rule::HeaderPeriodMissing)])
            .collect::<Vec<_>>(),
    );
    check(with(3, 2, ""), &[(2, 2, Rule::HeaderPeriodMissing)]);
    check(with(3, 6, "2022"), &[(3, 6, Rule::HeaderPeriodTwice)]);
    check(with(3, 6, "2022-2023"), &[(3, 6, Rule::HeaderPeriodUnfit)]);
    check(with(3, 8, "2024"), &[(3, 8, Rule::HeaderPeriodUnfit)]);
    for text in [
        "20 24",
        "2024 (p)",
        "24",
        "2024-07",
        "2024-Q1",
        "année",
        "2024-2019",
        "1024",
    ] {
        check(with(3, 6, text), &[(3, 6, Rule::HeaderPeriodMalformed)]);
    }
    check(with(2, 2, ""), &[(3, 2, Rule::HeaderHeadingMissing)]);
    check(
        edited(|rows| {
            rows.remove(33);
        }),
        &[(34, 2, Rule::HeaderHeadingMissing)],
    );
    check(
        edited(|rows| {
            rows.remove(2);
        }),
        &[(2, 1, Rule::HeaderPeriodMissing)],
    );
}

#[test]
fn units_that_are_not_there_or_do_not_fit() {
    for (line, heading, rule) in [
        (2, "En chiffres absolus", Rule::UnitMissing),
        (2, "En chiffres absolus (en $ millions)", Rule::UnitUnknown),
        (2, "En chiffres absolus (en millions)", Rule::UnitUnknown),
        (2, "En chiffres absolus (en %)", Rule::UnitUnfit),
        (
            2,
            "En chiffres absolus (en billions d'euros)",
            Rule::UnitTwoReadings,
        ),
        (
            2,
            "In absolute cijfers (in € billion)",
            Rule::UnitTwoReadings,
        ),
        (
            2,
            "In absoluten Zahlen (in Billionen €)",
            Rule::UnitTwoReadings,
        ),
        (
            34,
            "<b>En chiffres absolus (en € milliards)</b>",
            Rule::UnitMixed,
        ),
    ] {
        check(with(line, 2, heading), &[(line as u32, 2, rule)]);
    }
    check(
        with(
            2,
            3,
            "Part de chaque région dans la Belgique (en € millions)",
        ),
        &[(2, 3, Rule::UnitUnfit)],
    );
}

#[test]
fn figures_that_are_no_numbers() {
    for (text, rule) in [
        ("--7,1", Rule::NumberTwoSigns),
        ("-\u{2212}7,1", Rule::NumberTwoSigns),
        ("7,1-", Rule::NumberMalformed),
        ("(7,1)", Rule::NumberMalformed),
        ("7,1*", Rule::NumberMalformed),
        ("7,1<sup>1</sup>", Rule::NumberMalformed),
        ("7,1e2", Rule::NumberMalformed),
        ("sept", Rule::NumberMalformed),
        ("7,,1", Rule::NumberMalformed),
        ("12 34,5", Rule::NumberMalformed),
        ("99999999999999999999999999999,1", Rule::NumberTooLarge),
    ] {
        check(with(6, 6, text), &[(6, 6, rule)]);
    }
    check(with(6, 2, "353.618,3 %"), &[(6, 2, Rule::NumberMalformed)]);
}

#[test]
fn a_figure_against_the_decimal_mark_of_the_table_is_named_and_not_the_others() {
    check(
        with(6, 2, "353,618.3"),
        &[(6, 2, Rule::NumberContradiction)],
    );
    check(with(6, 6, "-7.1"), &[(6, 6, Rule::NumberContradiction)]);
    let one = |first: &str, second: &str| {
        format!(
            "\tEn chiffres absolus (en € millions)\t\n\t2023\t2024\nExportations de biens\nBelgique\t{first}\t{second}\n"
        )
    };
    check(
        one("1.234,5", "1,234.5"),
        &[
            (4, 2, Rule::NumberContradiction),
            (4, 3, Rule::NumberContradiction),
        ],
    );
}

#[test]
fn a_figure_with_two_readings_is_never_guessed() {
    check(with(6, 2, "353,618"), &[(6, 2, Rule::NumberTwoReadings)]);
    check(with(6, 2, "353.618"), &[(6, 2, Rule::NumberTwoReadings)]);
    let table = "\tIn absolute figures (€ million)\t\n\t2023\t2024\nExports of goods\nBelgium\t1.234\t2,345\n";
    check(
        table,
        &[
            (4, 2, Rule::NumberTwoReadings),
            (4, 3, Rule::NumberTwoReadings),
        ],
    );
    let issue = read(table.as_bytes()).issues.remove(0);
    assert_eq!(issue.found, "1.234");
    assert!(
        issue.explanation.starts_with("‘1.234’ is 1234 or 1.234: "),
        "{issue}"
    );
}

#[test]
fn all_issues_of_a_file_are_found_in_one_go() {
    check(
        edited(|rows| {
            rows[4][3] = "--1".into();
            rows[5][0] = "Flandres".into();
            rows[20][1] = "1,2,3".into();
            rows[34][2] = "deux mille".into();
        }),
        &[
            (5, 4, Rule::NumberTwoSigns),
            (6, 1, Rule::LabelUnknown),
            (21, 2, Rule::NumberMalformed),
            (35, 3, Rule::HeaderPeriodMalformed),
        ],
    );
}
