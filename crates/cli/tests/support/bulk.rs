//! Rows of record batches and of csv, in one form; and data files with many of them.

use arrow::array::{Array as _, AsArray as _, RecordBatch};
use arrow::datatypes::{Decimal128Type, Int32Type};
use regtrade_model::{ConfStatus, Decimal, FigureKey, Indicator, ObsStatus, Observation, Span};

const PARTNERS: &str =
    "AT AU BR CA CH CN CZ DE DK ES FI FR GB GR HU IE IN IT JP KR LU MX NL NO PL PT RO SE TR US";

/// Exports and imports by activity and partner, more of them than a page has rows.
pub fn detail() -> Vec<Observation> {
    let mut found = vec![];
    for year in ["2019", "2020", "2021", "2022", "2023", "2024"] {
        for item in ["P61", "P62", "P71", "P72"] {
            for area in ["BE1", "BE2", "BE3", "BE"] {
                for activity in ["C", "F", "G", "J"] {
                    for partner in PARTNERS.split(' ') {
                        let number = i64::try_from(found.len()).unwrap();
                        let period: Span = year.parse().unwrap();
                        found.push(Observation {
                            key: FigureKey {
                                item: item.parse().unwrap(),
                                ref_area: area.parse().unwrap(),
                                activity: activity.parse().unwrap(),
                                product: "_T".parse().unwrap(),
                                counterpart_area: partner.parse().unwrap(),
                                concept: None,
                                indicator: Indicator::Level,
                                period,
                            },
                            value: (number % 97 != 0).then(|| Decimal::new(number * 7, 2)),
                            decimals: 2,
                            unit_mult: 6,
                            status: ObsStatus::A,
                            conf: ConfStatus::F,
                        });
                    }
                }
            }
        }
    }
    found.sort_by(|a, b| (a.key.period, &a.key).cmp(&(b.key.period, &b.key)));
    found
}

/// Rows as texts; numbers without zeros at their end.
pub fn rows(batch: &RecordBatch) -> Vec<Vec<String>> {
    let cell = |column: usize, row: usize| {
        let array = batch.column(column);
        if array.is_null(row) {
            String::new()
        } else if let Some(texts) = array.as_string_opt::<i32>() {
            texts.value(row).to_owned()
        } else if let Some(numbers) = array.as_primitive_opt::<Int32Type>() {
            numbers.value(row).to_string()
        } else {
            let text = array.as_primitive::<Decimal128Type>().value_as_string(row);
            normal(&text)
        }
    };
    let columns = 0..batch.num_columns();
    (0..batch.num_rows())
        .map(|row| columns.clone().map(|column| cell(column, row)).collect())
        .collect()
}

fn normal(number: &str) -> String {
    match number.parse::<Decimal>() {
        Ok(value) => value.normalize().to_string(),
        Err(_) => number.to_owned(),
    }
}

/// The rows of csv, the header first; values without zeros at their end.
pub fn of_csv(text: &str) -> (String, Vec<Vec<String>>) {
    let mut lines = text.lines();
    let header = lines.next().unwrap().to_owned();
    let rows = lines.map(|line| {
        let cells = line.split(',').enumerate();
        cells
            .map(|(at, cell)| match at {
                7..10 => normal(cell),
                _ => cell.to_owned(),
            })
            .collect()
    });
    (header, rows.collect())
}

/// In one order, whatever the order was.
pub fn sorted(mut rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    rows.sort();
    rows
}
