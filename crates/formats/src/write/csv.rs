//! The writer of SDMX-CSV 2.0.

use std::io::{self, BufWriter, Write};

use regtrade_model::Observation;

use super::{
    Rows, Structure, WriteError,
    cells::{ATTRIBUTES, Cells, MEASURE, dimensions},
};

/// Writes observations as a whole data set (action I) in SDMX-CSV 2.0, and says how many they are.
///
/// Balances are written too, though they are not read back: they are computed.
///
/// ```
/// # use std::convert::Infallible;
/// # use regtrade_formats::write::{Structure, sdmx_csv};
/// # use regtrade_model::{Area, ConfStatus, Dataflow, FigureKey, Indicator, Item, ObsStatus, Observation, Period};
/// let key = FigureKey::overall(Item::P61, Area::BE2, Indicator::Level, "2024".parse::<Period>()?);
/// let observation = Observation {
///     key,
///     value: Some("266031.1".parse()?),
///     decimals: 1,
///     unit_mult: 6,
///     status: ObsStatus::A,
///     conf: ConfStatus::F,
/// };
/// let structure = Structure { dataflow: Dataflow::Regtrd, synthetic: false, prepared: Default::default() };
/// let mut file = vec![];
/// sdmx_csv(&mut file, &structure, [Ok::<_, Infallible>(observation)])?;
/// assert!(file.ends_with(b"\ndataflow,BE2:REGTRD(1.0),I,A,BE2,P61,_T,_T,W1,2024,266031.1,EUR,6,1,A,F\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Where the rows break off, are not in their order or not of the dataflow, or the bytes cannot be written.
pub fn sdmx_csv<E: std::error::Error + 'static>(
    out: &mut dyn Write,
    structure: &Structure,
    rows: impl IntoIterator<Item = Result<Observation, E>>,
) -> Result<u64, WriteError<E>> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    out.write_all(b"STRUCTURE,STRUCTURE_ID,ACTION")?;
    for component in dimensions(structure.dataflow)
        .chain([MEASURE])
        .chain(ATTRIBUTES)
    {
        cell(&mut out, component.id)?;
    }
    out.write_all(b"\n")?;
    let beginning = format!("dataflow,{},I", structure.reference());
    let mut count = 0;
    for row in Rows::new(structure, rows) {
        let row = row?;
        let cells = Cells::of(&row);
        out.write_all(beginning.as_bytes())?;
        for code in cells.dimensions() {
            cell(&mut out, &code)?;
        }
        cell(&mut out, &cells.value().unwrap_or_default())?;
        for attribute in cells.attributes() {
            cell(&mut out, &attribute)?;
        }
        out.write_all(b"\n")?;
        count += 1;
    }
    out.flush()?;
    Ok(count)
}

/// Writes a cell. No code and no number has a separator, a quotation mark or a line end in it.
fn cell(out: &mut impl Write, text: &str) -> io::Result<()> {
    out.write_all(b",")?;
    out.write_all(text.as_bytes())
}
