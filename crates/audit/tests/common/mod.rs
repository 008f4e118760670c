//! The printed table of 2024 as facts, and how tests change it.
#![allow(dead_code)]

use regtrade_audit::CellKey;
use regtrade_model::{Code, Dataflow, Decimal, Indicator, Origin, PrintedCell, TableDescription};

const TABLE: &str = include_str!("../../../../tests/data/regtrd-2024.csv");

/// The 204 printed figures of the release of 2024.
pub fn table_2024() -> Vec<PrintedCell> {
    cells(TABLE)
}

/// Figures in the columns `item,ref_area,indicator,period,value,decimals`; levels in millions.
pub fn cells(csv: &str) -> Vec<PrintedCell> {
    let lines = csv.lines().enumerate().skip(1);
    lines
        .map(|(at, line)| {
            let fields: Vec<&str> = line.split(',').collect();
            let [item, area, indicator, period, value, decimals] = fields[..] else {
                panic!("line {} has other columns: {line}", at + 1)
            };
            let indicator: Indicator = indicator.parse().unwrap();
            let is_level = matches!(indicator, Indicator::Level | Indicator::Net);
            PrintedCell {
                item: item.parse().unwrap(),
                area: area.parse().unwrap(),
                indicator,
                period: period.parse().unwrap(),
                value: (!value.is_empty()).then(|| value.parse().unwrap()),
                decimals: decimals.parse().unwrap(),
                unit_mult: if is_level { 6 } else { 0 },
                origin: Origin {
                    line: at as u32 + 1,
                    column: 5,
                },
            }
        })
        .collect()
}

pub fn shipped() -> TableDescription {
    TableDescription::shipped(Dataflow::Regtrd)
}

/// The figure of a key such as `P61.BE1.growth.2024`.
pub fn position(cells: &[PrintedCell], key: &str) -> usize {
    let found = cells
        .iter()
        .position(|cell| CellKey::from(cell).to_string() == key);
    found.unwrap_or_else(|| panic!("{key} is not in the table"))
}

/// The table with one figure printed otherwise.
pub fn with(mut cells: Vec<PrintedCell>, key: &str, value: &str) -> Vec<PrintedCell> {
    let at = position(&cells, key);
    cells[at].value = Some(value.parse().unwrap());
    cells
}

/// One figure changed by units of its last place.
pub fn stepped(cells: &[PrintedCell], at: usize, steps: i64) -> Vec<PrintedCell> {
    let mut cells = cells.to_vec();
    let step = Decimal::new(steps, cells[at].decimals);
    cells[at].value = cells[at].value.map(|value| value + step);
    cells
}

pub fn code(text: &str) -> Code {
    text.parse().unwrap()
}
