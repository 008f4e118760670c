//! Writes the levels of a list of figures as data files, for the comparison with other software in
//! `tests/python/test_sdmx.py`.
//!
//! `export FIGURES.csv FOLDER` reads the list and writes `levels.sdmx.csv`, `.json` and `.xml` into the folder.

use std::{convert::Infallible, error::Error, fs, fs::File, path::Path};

use regtrade_formats::write::{Structure, sdmx_csv, sdmx_json, sdmx_ml};
use regtrade_model::{
    ConfStatus, Dataflow, FigureKey, Indicator, Instant, ObsStatus, Observation, Period,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (figures, folder) = arguments
        .next()
        .zip(arguments.next())
        .ok_or("expected a list of figures and a folder")?;
    let mut levels = levels(&fs::read_to_string(figures)?)?;
    levels.sort_by(|a, b| (a.key.period, &a.key).cmp(&(b.key.period, &b.key)));
    let structure = Structure {
        dataflow: Dataflow::Regtrd,
        synthetic: false,
        prepared: Instant::default(),
    };
    let rows = || levels.iter().cloned().map(Ok::<_, Infallible>);
    let folder = Path::new(&folder);
    let file = |end: &str| File::create(folder.join(format!("levels.sdmx.{end}")));
    sdmx_csv(&mut file("csv")?, &structure, rows())?;
    sdmx_json(&mut file("json")?, &structure, rows())?;
    sdmx_ml(&mut file("xml")?, &structure, rows())?;
    Ok(())
}

/// The levels and nets of a list `item,ref_area,indicator,period,value,decimals` in million euro.
fn levels(text: &str) -> Result<Vec<Observation>, Box<dyn Error>> {
    let mut levels = vec![];
    for line in text.lines().skip(1) {
        let [item, area, indicator, period, value, decimals] =
            line.split(',').collect::<Vec<_>>()[..]
        else {
            return Err(format!("`{line}` has not six fields").into());
        };
        let indicator: Indicator = indicator.parse()?;
        if !matches!(indicator, Indicator::Level | Indicator::Net) {
            continue;
        }
        let period: Period = period.parse()?;
        levels.push(Observation {
            key: FigureKey::overall(item.parse()?, area.parse()?, indicator, period),
            value: Some(value.parse()?),
            decimals: decimals.parse()?,
            unit_mult: 6,
            status: ObsStatus::A,
            conf: ConfStatus::F,
        });
    }
    Ok(levels)
}
