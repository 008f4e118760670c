//! The writer of SDMX-ML 3.0, structure-specific data.

use std::io::{BufWriter, Write};

use regtrade_model::Observation;

use super::{
    Rows, Structure, WriteError,
    cells::{ATTRIBUTES, Cells, MEASURE, dimensions},
};

/// Writes observations as a whole data set (action Information) in SDMX-ML 3.0, and says how many they are.
///
/// The observations are a flat list, each with all its dimensions. One without a value has no OBS_VALUE.
///
/// # Errors
/// Where the rows break off, are not in their order or not of the dataflow, or the bytes cannot be written.
pub fn sdmx_ml<E: std::error::Error + 'static>(
    out: &mut dyn Write,
    structure: &Structure,
    rows: impl IntoIterator<Item = Result<Observation, E>>,
) -> Result<u64, WriteError<E>> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    let urn = structure.urn();
    let Structure {
        dataflow,
        synthetic,
        prepared,
    } = structure;
    let agency = structure.agency();
    // Nothing that is written between quotation marks or tags has a mark in it that XML asks to be escaped.
    write!(
        out,
        r#"<?xml version="1.0" encoding="UTF-8"?>
<mes:StructureSpecificData xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/v3_0/message" xmlns:ss="http://www.sdmx.org/resources/sdmxml/schemas/v3_0/data/structurespecific" xmlns:com="http://www.sdmx.org/resources/sdmxml/schemas/v3_0/common" xmlns:ns="{urn}:ObsLevelDim:AllDimensions">
<mes:Header>
<mes:ID>{dataflow}</mes:ID>
<mes:Test>{synthetic}</mes:Test>
<mes:Prepared>{prepared:?}</mes:Prepared>
<mes:Sender id="{agency}"/>
<mes:Structure structureID="{dataflow}" namespace="{urn}:ObsLevelDim:AllDimensions" dimensionAtObservation="AllDimensions">
<com:StructureUsage>{urn}</com:StructureUsage>
</mes:Structure>
<mes:DataSetAction>Information</mes:DataSetAction>
</mes:Header>
<mes:DataSet ss:structureRef="{dataflow}" ss:action="Information" xsi:type="ns:DataSetType">
"#
    )?;
    let dimensions: Vec<_> = dimensions(*dataflow).collect();
    let mut count = 0;
    for row in Rows::new(structure, rows) {
        let row = row?;
        let cells = Cells::of(&row);
        out.write_all(b"<Obs")?;
        for (dimension, code) in dimensions.iter().zip(cells.dimensions()) {
            write!(out, r#" {}="{code}""#, dimension.id)?;
        }
        if let Some(value) = cells.value() {
            write!(out, r#" {}="{value}""#, MEASURE.id)?;
        }
        for (attribute, value) in ATTRIBUTES.iter().zip(cells.attributes()) {
            write!(out, r#" {}="{value}""#, attribute.id)?;
        }
        out.write_all(b"/>\n")?;
        count += 1;
    }
    out.write_all(b"</mes:DataSet>\n</mes:StructureSpecificData>\n")?;
    out.flush()?;
    Ok(count)
}
