//! Writes what the audit says of the table of 2024 and of its 408 changes by one unit of the last place, for the
//! comparison with another solver in `tests/python/audit_reference.py`.
//!
//! `reference TABLE.csv FOLDER` reads the table and writes `changes.csv` and `bounds.csv` into the folder.

use std::{error::Error, fmt::Write, fs, path::Path};

use regtrade_audit::{audit, bounds};
use regtrade_model::{Dataflow, Decimal, Indicator, Origin, PrintedCell, TableDescription};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (table, folder) = arguments
        .next()
        .zip(arguments.next())
        .ok_or("expected a table and a folder")?;
    let cells = read(&fs::read_to_string(table)?)?;
    let description = TableDescription::shipped(Dataflow::Regtrd);
    let mut changes = "item,ref_area,indicator,period,steps,verdict\n".to_owned();
    for (at, cell) in cells.iter().enumerate() {
        for steps in [1, -1] {
            let mut changed = cells.clone();
            let step = Decimal::new(steps, cell.decimals);
            changed[at].value = cell.value.map(|value| value + step);
            let verdict = audit(&changed, &description).verdict;
            let PrintedCell {
                item,
                area,
                indicator,
                period,
                ..
            } = cell;
            writeln!(
                changes,
                "{item},{area},{indicator},{period},{steps},{verdict}"
            )?;
        }
    }
    let mut found = "item,ref_area,indicator,period,lower,upper\n".to_owned();
    for bound in bounds(&cells, &description)? {
        let (item, area, indicator, period) =
            (&bound.item, &bound.area, bound.indicator, bound.period);
        writeln!(
            found,
            "{item},{area},{indicator},{period},{},{}",
            bound.lower, bound.upper
        )?;
    }
    fs::create_dir_all(&folder)?;
    fs::write(Path::new(&folder).join("changes.csv"), changes)?;
    fs::write(Path::new(&folder).join("bounds.csv"), found)?;
    Ok(())
}

fn read(csv: &str) -> Result<Vec<PrintedCell>, Box<dyn Error>> {
    let lines = csv.lines().skip(1);
    lines
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            let [item, area, indicator, period, value, decimals] = fields[..] else {
                return Err(format!("other columns: {line}").into());
            };
            let indicator: Indicator = indicator.parse()?;
            let in_millions = matches!(indicator, Indicator::Level | Indicator::Net);
            Ok(PrintedCell {
                item: item.parse()?,
                area: area.parse()?,
                indicator,
                period: period.parse()?,
                value: Some(value.parse()?),
                decimals: decimals.parse()?,
                unit_mult: if in_millions { 6 } else { 0 },
                origin: Origin { line: 1, column: 1 },
            })
        })
        .collect()
}
