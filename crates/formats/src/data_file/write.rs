//! The writer: observations as a whole data set in SDMX-CSV 2.0.

use std::fmt::Write as _;

use regtrade_model::Observation;

const HEADER: &str = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,ITEM,ACTIVITY,PRODUCT,COUNTERPART_AREA,TIME_PERIOD,OBS_VALUE,UNIT,UNIT_MULT,DECIMALS,OBS_STATUS,CONF_STATUS\n";

/// Writes observations as [`read`](super::read()) reads them back, in the order given.
///
/// Balances are written too, though they are not read back: they are computed.
#[must_use]
pub fn write(observations: &[Observation]) -> String {
    let mut text = HEADER.to_owned();
    for Observation {
        key,
        value,
        decimals,
        unit_mult,
        status,
        conf,
    } in observations
    {
        let value = value.map(|value| value.to_string()).unwrap_or_default();
        // No code and no number has a separator or a quotation mark in it. Writing to a string does not fail.
        let _ = writeln!(
            text,
            "dataflow,BE2:REGTRD(1.0),I,{},{},{},{},{},{},{},{value},EUR,{unit_mult},{decimals},{status},{conf}",
            key.period.last().frequency(),
            key.ref_area,
            key.item,
            key.activity,
            key.product,
            key.counterpart_area,
            key.period,
        );
    }
    text
}
