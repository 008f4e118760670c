//! Lists of published figures: what is read of them, and what is refused.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use regtrade_formats::{Issue, Rule, figure_list};
use regtrade_model::{Code, FigureKey, Indicator, Item, Origin, PublishedFigure};

const HEADER: &str = "item,ref_area,indicator,period,value,unit_mult,decimals,source,activity,product,counterpart_area,unit,note";
const ROW: &str = "P7,BE1,level,2013,62.7,9,1,a regional office,,,,,";

/// The row with some of its cells replaced; cells count from 1.
fn row(cells: &[(usize, &str)]) -> String {
    let mut row: Vec<_> = ROW.split(',').collect();
    for &(cell, text) in cells {
        row[cell - 1] = text;
    }
    row.join(",")
}

fn figures(text: &str) -> Vec<PublishedFigure> {
    let reading = figure_list::read(text.as_bytes());
    assert_eq!(reading.issue_count, 0, "{text}\n{:#?}", reading.issues);
    reading.figures
}

#[track_caller]
fn check(text: &str, expected: &[(u32, u32, Rule)]) {
    let reading = figure_list::read(text.as_bytes());
    let found: Vec<_> = reading
        .issues
        .iter()
        .map(|i| (i.line, i.column, i.rule))
        .collect();
    assert_eq!(found, expected, "{text}\n{:#?}", reading.issues);
    let is_worded = |issue: &Issue| issue.explanation.chars().count() > 20;
    assert!(
        reading.issues.iter().all(is_worded),
        "{:#?}",
        reading.issues
    );
}

#[test]
fn a_list_is_read_with_its_sources_and_notes() {
    let text = "\u{feff}# Figures of a press notice; this line is nobody's note.\r
# note: Provisional figures.\r
source;value;decimals;unit_mult;period;indicator;ref_area;item;note\r
\"the notice; page 2\";62.7;1;9;2013;level;BE1;P7;\r
#note:  Imports only. \r
;-10.0;1;;2019-2021;growth;BE2;P6;\"printed in a footnote\"\r
;;;0;2014;share_of_country;BE3;P61;\r
;-7.34;2;6;2014;level;BE;B11;\r
;2.5;1;;2019-2024;cagr;BE;P62;\r
";
    let reading = figure_list::read(text.as_bytes());
    assert_eq!(reading.issues, []);
    let figure = |item, area: &str, indicator, period: &str, value: &str, unit_mult, line| {
        let value: Option<regtrade_model::Decimal> = value.parse().ok();
        PublishedFigure {
            key: FigureKey::overall(
                item,
                area.parse().unwrap(),
                indicator,
                period.parse::<regtrade_model::Span>().unwrap(),
            ),
            value,
            decimals: value.map_or(0, |value| value.scale()),
            unit_mult,
            origin: Origin { line, column: 2 },
            source: (line == 4).then(|| "the notice; page 2".to_owned()),
        }
    };
    assert_eq!(
        reading.figures,
        [
            figure(Item::P7, "BE1", Indicator::Level, "2013", "62.7", 9, 4),
            figure(
                Item::P6,
                "BE2",
                Indicator::Growth,
                "2019-2021",
                "-10.0",
                0,
                6
            ),
            figure(
                Item::P61,
                "BE3",
                Indicator::ShareOfCountry,
                "2014",
                "",
                0,
                7
            ),
            figure(Item::B11, "BE", Indicator::Net, "2014", "-7.34", 6, 8),
            figure(Item::P62, "BE", Indicator::Cagr, "2019-2024", "2.5", 0, 9),
        ]
    );
    assert_eq!(
        reading.notes,
        [
            "Provisional figures.",
            "Imports only.",
            "BE2 P6 growth 2019-2021: printed in a footnote"
        ]
    );
}

#[test]
fn a_figure_of_a_breakdown_has_its_codes() {
    let read = figures(&format!(
        "{HEADER}\n{}\n",
        row(&[(9, "C29"), (10, "SA"), (11, "DE"), (12, "EUR")])
    ));
    let code = |text: &str| text.parse::<Code>().unwrap();
    let key = &read[0].key;
    assert_eq!(
        (&key.activity, &key.product, &key.counterpart_area),
        (&code("C29"), &code("SA"), &code("DE"))
    );
}

#[test]
fn decimals_are_those_that_are_printed() {
    for (value, decimals) in [("47", "0"), ("-10.0", "1"), ("0.00", "2"), ("+3.5", "1")] {
        let read = figures(&format!(
            "{HEADER}\n{}\n",
            row(&[(5, value), (7, decimals)])
        ));
        assert_eq!(read[0].decimals.to_string(), decimals);
        assert_eq!(read[0].value.unwrap().scale().to_string(), decimals);
    }
}

#[test]
fn cells_that_cannot_be_taken_in_are_named_each() {
    for (cells, column, rule) in [
        (&[(1, "")][..], 1, Rule::DimensionMissing),
        (&[(1, "P8")], 1, Rule::CodeUnknown),
        (&[(2, "Brussels")], 2, Rule::CodeUnknown),
        (&[(3, "")], 3, Rule::DimensionMissing),
        (&[(3, "levels")], 3, Rule::IndicatorUnfit),
        (&[(3, "net")], 3, Rule::IndicatorUnfit),
        (&[(3, "coverage"), (6, "")], 3, Rule::IndicatorUnfit),
        (
            &[(1, "B11"), (3, "growth"), (6, "")],
            3,
            Rule::IndicatorUnfit,
        ),
        (
            &[(1, "B112"), (3, "cagr"), (4, "2019-2024"), (6, "")],
            3,
            Rule::IndicatorUnfit,
        ),
        (&[(4, "13")], 4, Rule::PeriodMalformed),
        (&[(4, "2013-Q1")], 4, Rule::FrequencyNotKept),
        (&[(4, "2013-2014")], 4, Rule::PeriodUnfit),
        (
            &[(3, "growth"), (4, "2013-2014"), (6, "")],
            4,
            Rule::PeriodUnfit,
        ),
        (&[(3, "cagr"), (6, "")], 4, Rule::PeriodUnfit),
        (&[(5, "62")], 5, Rule::DecimalsUnfit),
        (&[(5, "62.70")], 5, Rule::DecimalsUnfit),
        (&[(5, "\"62,7\"")], 5, Rule::NumberMalformed),
        (&[(5, "6.27e1")], 5, Rule::NumberMalformed),
        (&[(5, "n.a.")], 5, Rule::NumberMalformed),
        (&[(5, "NaN")], 5, Rule::NumberNan),
        (
            &[(5, "12345678901234567890123456789.0")],
            5,
            Rule::NumberTooLarge,
        ),
        (&[(6, "")], 6, Rule::AttributeMissing),
        (&[(6, "billions")], 6, Rule::AttributeMalformed),
        (&[(3, "growth")], 6, Rule::UnitUnfit),
        (&[(7, "")], 7, Rule::AttributeMissing),
        (&[(7, "one")], 7, Rule::AttributeMalformed),
        (&[(9, "C 29")], 9, Rule::CodeUnknown),
        (&[(11, "é")], 11, Rule::CodeUnknown),
        (&[(12, "PC")], 12, Rule::UnitUnfit),
        (&[(3, "growth"), (6, "0"), (12, "EUR")], 12, Rule::UnitUnfit),
    ] {
        check(
            &format!("# note: x\n{HEADER}\n{}\n", row(cells)),
            &[(3, column, rule)],
        );
    }
}

#[test]
fn lists_that_are_broken_elsewhere() {
    for (text, expected) in [
        (String::new(), vec![(1, 1, Rule::FileEmpty)]),
        (
            "# note: nothing\n".to_owned(),
            vec![(1, 1, Rule::HeaderWithoutRows)],
        ),
        (
            format!("{HEADER}\n# no row\n"),
            vec![(1, 1, Rule::HeaderWithoutRows)],
        ),
        (
            format!("# a\n{}\n{ROW}\n", HEADER.replace(",source", "")),
            vec![(2, 13, Rule::ColumnMissing)],
        ),
        (
            format!("{HEADER},extra\n{ROW},\n"),
            vec![(1, 14, Rule::ColumnUnknown)],
        ),
        (
            format!("{HEADER},value\n{ROW},1\n"),
            vec![(1, 14, Rule::ColumnTwice)],
        ),
        (
            format!("{HEADER}\n{ROW}\n\n# b\n{ROW}\n"),
            vec![(5, 1, Rule::KeyDuplicate)],
        ),
        // A level and a net of a balance are one figure.
        (
            format!(
                "{HEADER}\n{}\n{}\n",
                row(&[(1, "B11")]),
                row(&[(1, "B11"), (3, "net")])
            ),
            vec![(3, 1, Rule::KeyDuplicate)],
        ),
        (
            format!("{HEADER}\nP7,BE1,level\n"),
            vec![(2, 4, Rule::RowTruncated)],
        ),
        (
            format!("{HEADER}\n{}\n", row(&[(5, "62,7")])),
            vec![(2, 14, Rule::RowTooManyCells)],
        ),
        (
            format!("{HEADER}\n{}\n", row(&[(8, "the \"office\"")])),
            vec![(2, 8, Rule::QuoteMalformed)],
        ),
        (
            format!(
                "{HEADER}\n{}\n",
                row(&[(1, "?"), (2, "?"), (5, "?"), (6, "?"), (7, "?")])
            ),
            vec![
                (2, 1, Rule::CodeUnknown),
                (2, 2, Rule::CodeUnknown),
                (2, 5, Rule::NumberMalformed),
                (2, 6, Rule::AttributeMalformed),
                (2, 7, Rule::AttributeMalformed),
            ],
        ),
    ] {
        check(&text, &expected);
    }
}
