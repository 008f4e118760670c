//! The figures of the 2024 release, and a way to say what a text should be found to claim.

use regtrade_audit::claims::{ClaimOutcome, ClaimVerdict, check};
use regtrade_model::{Dataflow, Origin, PrintedCell, TableDescription};

/// The printed cells of the 2024 release.
pub fn cells() -> Vec<PrintedCell> {
    let rows = include_str!("../../../../tests/data/regtrd-2024.csv").lines();
    let cell = |(line, row): (u32, &str)| {
        let fields: Vec<&str> = row.split(',').collect();
        let [item, area, indicator, period, value, decimals] = fields[..] else {
            panic!("line {line}: {row}")
        };
        PrintedCell {
            item: item.parse().unwrap(),
            area: area.parse().unwrap(),
            indicator: indicator.parse().unwrap(),
            period: period.parse().unwrap(),
            value: Some(value.parse().unwrap()),
            decimals: decimals.parse().unwrap(),
            unit_mult: if matches!(indicator, "level" | "net") {
                6
            } else {
                0
            },
            origin: Origin { line, column: 1 },
        }
    };
    (2..).zip(rows.skip(1)).map(cell).collect()
}

/// The verdicts on a text, held against the 2024 release.
pub fn verdicts(text: &str) -> Vec<ClaimVerdict> {
    check(
        text,
        &cells(),
        &TableDescription::shipped(Dataflow::Regtrd),
        &[],
    )
}

/// The outcomes of all claims of a text, in its order.
pub fn outcomes(text: &str) -> Vec<ClaimOutcome> {
    verdicts(text)
        .into_iter()
        .map(|found| found.verdict)
        .collect()
}

/// Asserts the outcomes of each text of a list.
pub fn assert_outcomes(expected: &[(&str, &[ClaimOutcome])]) {
    let mut wrong = vec![];
    for (text, outcomes) in expected {
        let found = verdicts(text);
        if found.iter().map(|found| found.verdict).collect::<Vec<_>>() != *outcomes {
            wrong.push(format!("{text}\n  expected {outcomes:?}, found {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
