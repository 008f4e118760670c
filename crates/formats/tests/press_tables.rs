//! What is read of tables that are as they should be, in all the ways in which releases print them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use regtrade_formats::press_table;
use regtrade_model::{
    Dataflow, DescribedArea, DescribedItem, DescribedMeasure, Indicator, Language, Origin,
    TableDescription,
};
use support::{Style, facts, read, regtrd_2024, render, sorted};

const SHIPPED_2024: &str = include_str!("../../cli/releases/regtrd-2024.tsv");

#[test]
fn the_shipped_release_has_exactly_the_204_figures_of_2024() {
    let expected = regtrd_2024();
    assert_eq!(expected.len(), 204);
    assert_eq!(facts(&read(SHIPPED_2024.as_bytes())), expected);
    assert_eq!(
        SHIPPED_2024,
        render(&expected, &Style::of(Language::En)),
        "the shipped file is the print of the facts in English"
    );
}

#[test]
fn the_same_figures_are_read_in_every_language_and_number_style() {
    let expected = regtrd_2024();
    for &language in Language::ALL {
        for decimal in [',', '.'] {
            for group in ["", ".", ",", " ", "\u{a0}", "\u{202f}", "'", "’"] {
                for minus in [
                    "-", "\u{2010}", "\u{2011}", "\u{2012}", "\u{2013}", "\u{2212}", "- ",
                ] {
                    let style = Style {
                        decimal,
                        group,
                        minus,
                        tags: true,
                        ..Style::of(language)
                    };
                    if group == decimal.to_string() {
                        continue;
                    }
                    let table = render(&expected, &style);
                    assert_eq!(facts(&read(table.as_bytes())), expected, "{style:?}");
                }
            }
        }
    }
}

#[test]
fn line_ends_byte_order_mark_and_a_last_line_without_end_do_not_matter() {
    let expected = regtrd_2024();
    for line_end in ["\n", "\r\n"] {
        for (byte_order_mark, last_line_end) in [(true, true), (true, false), (false, false)] {
            let style = Style {
                line_end,
                byte_order_mark,
                last_line_end,
                ..Style::of(Language::Fr)
            };
            assert_eq!(
                facts(&read(render(&expected, &style).as_bytes())),
                expected,
                "{style:?}"
            );
        }
    }
}

#[test]
fn a_figure_knows_its_line_and_cell() {
    let reading = read(render(&regtrd_2024(), &Style::of(Language::Nl)).as_bytes());
    let at = |index: usize| reading.cells[index].origin;
    assert_eq!(at(0), Origin { line: 5, column: 2 });
    assert_eq!(at(7), Origin { line: 6, column: 2 });
    assert_eq!(
        at(203),
        Origin {
            line: 50,
            column: 4
        }
    );
}

/// A small table: two regions' worth is enough to see the layout.
fn small(header: &str, rows: &str) -> String {
    format!("{header}\nExports of goods\n{rows}\n")
}

/// Item, area, indicator, period, digits, decimals of each figure, in words.
fn read_as(table: &str) -> Vec<String> {
    let reading = read(table.as_bytes());
    assert_eq!(reading.issue_count, 0, "{:#?}", reading.issues);
    let line = |cell: &regtrade_model::PrintedCell| {
        let value = cell
            .value
            .map_or_else(|| "missing".to_owned(), |value| value.to_string());
        format!(
            "{} {} {} {} {value}",
            cell.item, cell.area, cell.indicator, cell.period
        )
    };
    reading.cells.iter().map(line).collect()
}

#[test]
fn columns_come_in_any_order_with_any_years_and_measures_left_out() {
    let table = small(
        "\tAverage annual growth rate (%)\tIn absolute figures (€ million)\t\t\n\t2015\u{2013}2020\t2015\t2018\t2020",
        "Belgium\t1.5\t100.0\t110.5\t107.7",
    );
    assert_eq!(
        read_as(&table),
        [
            "P61 BE cagr 2015-2020 1.5",
            "P61 BE level 2015 100.0",
            "P61 BE level 2018 110.5",
            "P61 BE level 2020 107.7",
        ]
    );
}

#[test]
fn levels_in_sections_of_net_exports_are_nets_under_any_header() {
    let table = "\tIn absoluten Zahlen (in Mrd. €)\n\t2024\nWarenausfuhren\nBelgien\t352,6\nNettowarenausfuhren\nBelgien\t\u{2212}10,3\n";
    assert_eq!(
        read_as(table),
        ["P61 BE level 2024 352.6", "B111 BE net 2024 -10.3"]
    );
    assert!(
        read(table.as_bytes())
            .cells
            .iter()
            .all(|cell| cell.unit_mult == 9)
    );
}

#[test]
fn labels_are_known_whatever_their_footnotes_case_spaces_and_apostrophes() {
    let table = "\n\tPOURCENTAGES DE VARIATION<br>par rapport à l’année précédente* (en %) (1)\t\tPart des biens / services² (en %)\n\
        Région\t2023<sup>p</sup>\t2024*\t2024\n";
    let issues = read(table.as_bytes()).issues;
    assert!(
        issues.iter().any(|issue| issue.found == "2023p"),
        "a raised letter is no footnote number: {issues:?}"
    );
    let table = table.replace("<sup>p</sup>", "<sup>1</sup>")
        + "\n<STRONG>exportations  de\u{a0}services (2) :</STRONG>\nBELGIQUE†\t1,5\t2,5 %\t28,3\n\nSource : ICN\n";
    assert_eq!(
        read_as(&table),
        [
            "P62 BE growth 2023 1.5",
            "P62 BE growth 2024 2.5",
            "P62 BE share_of_total 2024 28.3",
        ]
    );
}

#[test]
fn sources_footnotes_and_lines_above_the_header_are_notes() {
    let table = "Key indicators of the regional breakdown of Belgian imports and exports of goods and services (1)\nFirst results\n"
        .to_owned()
        + &small("\tIn absolute figures (€ million)\n\t2024", "Belgium\t100.5")
        + "<i>Source: NAI</i>\t\n(1) Nominal values.\n* Provisional.\n";
    let reading = read(table.as_bytes());
    assert_eq!(reading.issue_count, 0, "{:#?}", reading.issues);
    assert_eq!(
        reading.notes,
        [
            "First results",
            "Source: NAI",
            "(1) Nominal values.",
            "* Provisional."
        ]
    );
}

#[test]
fn a_missing_figure_is_a_cell_without_a_value() {
    for missing in [
        "n.d.", "N.B.", "n.a.", "n/a", "-", "–", "…", "...", ":", "", "k.A.",
    ] {
        let table = small(
            "\tIn absolute figures (€ million)\t\n\t2023\t2024",
            &format!("Belgium\t{missing}\t100.5"),
        );
        assert_eq!(
            read_as(&table),
            ["P61 BE level 2023 missing", "P61 BE level 2024 100.5"],
            "{missing:?}"
        );
    }
}

#[test]
fn the_decimal_mark_of_one_column_tells_what_the_marks_of_another_are() {
    let header = "\tIn absolute figures (€ million)\tPercentage change on the previous year (%)\n\t2024\t2024";
    let table = |level: &str, growth: &str| small(header, &format!("Belgium\t{level}\t{growth}"));
    assert_eq!(
        read_as(&table("62.472", "12,7"))[0],
        "P61 BE level 2024 62472"
    );
    assert_eq!(
        read_as(&table("62,472", "12.7"))[0],
        "P61 BE level 2024 62472"
    );
    assert_eq!(
        read_as(&table("62.472", "12.7"))[0],
        "P61 BE level 2024 62.472"
    );
}

#[test]
fn a_billion_in_an_english_heading_is_a_thousand_million() {
    let table = small(
        "\tIn absolute figures (€ billion)\n\t2024",
        "Belgium\t352.6",
    );
    assert_eq!(read(table.as_bytes()).cells[0].unit_mult, 9);
}

#[test]
fn a_subset_of_items_is_a_table() {
    let some: Vec<_> = regtrd_2024()
        .into_iter()
        .filter(|fact| ["P7", "P71", "P72", "B112"].contains(&fact.item.as_str()))
        .collect();
    let table = render(&some, &Style::of(Language::De));
    assert_eq!(sorted(facts(&read(table.as_bytes()))), sorted(some));
}

#[test]
fn a_table_of_another_agency_is_read_by_its_own_description() {
    let code = |text: &str| text.parse().unwrap();
    let description = TableDescription {
        titles: vec![],
        areas: vec![DescribedArea {
            code: code("ES51"),
            labels: vec!["Cataluña".to_owned()],
            parts: vec![],
            complete: true,
        }],
        items: vec![DescribedItem {
            code: code("TURNOVER"),
            labels: vec!["Cifra de negocios".to_owned()],
            sum_of: vec![],
            difference_of: None,
            share_of: None,
        }],
        measures: vec![DescribedMeasure {
            indicator: Indicator::Level,
            labels: vec!["Valores".to_owned()],
        }],
    };
    let table = "\tValores (€)\n\t2020\nCifra de negocios\nCataluña\t1.234,50\n";
    let reading = press_table::read(table.as_bytes(), &description);
    assert_eq!(reading.issue_count, 0, "{:#?}", reading.issues);
    let cell = &reading.cells[0];
    assert_eq!(
        (cell.item.as_str(), cell.area.as_str()),
        ("TURNOVER", "ES51")
    );
    assert_eq!(
        (cell.value.unwrap().to_string().as_str(), cell.unit_mult),
        ("1234.50", 0)
    );
    assert!(
        press_table::read(
            table.as_bytes(),
            &TableDescription::shipped(Dataflow::Regtrd)
        )
        .issue_count
            > 0
    );
}
