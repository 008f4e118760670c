//! Rows of record batches as texts, and as observations.

use std::fmt::Display;

use arrow::array::{Array as _, ArrayRef, AsArray as _, RecordBatch};
use arrow::datatypes::{DataType, Decimal128Type, Int32Type, Schema};
use arrow::error::ArrowError;
use regtrade_model::{
    Concept, FigureKey, Indicator, ObsStatus, Observation, Provenance, Span, Undefined,
};

use super::Batches;

/// The column that figures do not have, and observations do.
const CONF_STATUS: &str = "conf_status";

/// The places of the columns of figures.
pub fn figure_columns(schema: &Schema) -> Vec<usize> {
    let fields = schema.fields().iter().enumerate();
    fields
        .filter(|(_, field)| field.name() != CONF_STATUS)
        .map(|(at, _)| at)
        .collect()
}

/// A batch with the columns of figures alone.
///
/// # Errors
/// None that can be: the columns are its own.
pub fn figures(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    batch.project(&figure_columns(batch.schema_ref()))
}

/// The rows of a batch as the long csv has them. A value has the decimals that it is said to have, and more where it
/// has more.
///
/// # Errors
/// Where a column is of a type that no figure has.
pub fn texts(
    batch: &RecordBatch,
) -> Result<impl Iterator<Item = Vec<String>> + use<'_>, ArrowError> {
    let decimals = column(batch, "decimals")?;
    let decimals = decimals.as_primitive_opt::<Int32Type>();
    let decimals = decimals.ok_or_else(|| unexpected("decimals"))?;
    for (field, array) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        match array.data_type() {
            DataType::Utf8 | DataType::Int32 | DataType::Decimal128(_, 0..) => {}
            _ => return Err(unexpected(field.name())),
        }
    }
    Ok((0..batch.num_rows()).map(move |row| {
        let cell = |array: &ArrayRef| text(array, row, decimals.value(row));
        batch.columns().iter().map(cell).collect()
    }))
}

fn text(array: &ArrayRef, row: usize, decimals: i32) -> String {
    if array.is_null(row) {
        return String::new();
    }
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(row).to_owned(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(row).to_string(),
        _ => shown(
            array.as_primitive::<Decimal128Type>().value_as_string(row),
            decimals,
        ),
    }
}

/// A number without the zeros at its end that go beyond so many decimals.
fn shown(mut number: String, decimals: i32) -> String {
    let Some(point) = number.find('.') else {
        return number;
    };
    let least = match usize::try_from(decimals) {
        Ok(decimals @ 1..) => point + 1 + decimals,
        _ => point,
    };
    while number.len() > least && number.ends_with(['0', '.']) && number.len() > point {
        number.pop();
    }
    number
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef, ArrowError> {
    batch.column_by_name(name).ok_or_else(|| unexpected(name))
}

fn unexpected(name: &str) -> ArrowError {
    ArrowError::SchemaError(format!("the column {name} is not as expected"))
}

/// The levels of batches as observations. Those that are known by their bounds alone are none; nor are nets, which are
/// computed of levels wherever these are.
pub fn observations(
    batches: &mut Batches,
) -> impl Iterator<Item = Result<Observation, ArrowError>> + '_ {
    batches.flat_map(|batch| {
        let read = batch.map_err(|error| ArrowError::IoError(error.to_string(), error));
        match read.and_then(|batch| of_batch(&batch)) {
            Ok(rows) => rows.into_iter().map(Ok).collect::<Vec<_>>(),
            Err(error) => vec![Err(error)],
        }
    })
}

fn of_batch(batch: &RecordBatch) -> Result<Vec<Observation>, ArrowError> {
    let names: Vec<&str> = batch
        .schema_ref()
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    let found = texts(batch)?.filter_map(|row| {
        let cell = |name: &str| {
            let at = names.iter().position(|known| *known == name)?;
            row.get(at).map(String::as_str)
        };
        observation(&cell).transpose()
    });
    found.collect()
}

fn observation<'a>(
    cell: &impl Fn(&str) -> Option<&'a str>,
) -> Result<Option<Observation>, ArrowError> {
    fn parse<T: std::str::FromStr>(name: &str, text: Option<&str>) -> Result<T, ArrowError>
    where
        T::Err: Display,
    {
        let parsed = text.unwrap_or_default().parse();
        parsed.map_err(|error: T::Err| ArrowError::ParseError(format!("{name}: {error}")))
    }
    let is_level = cell("indicator") == Some(Indicator::Level.as_str());
    if !is_level || cell("provenance") == Some(Provenance::Bounded.as_str()) {
        return Ok(None);
    }
    let concept = cell("concept").filter(|concept| !concept.is_empty());
    let (status, value) = (cell("status").unwrap_or_default(), cell("value"));
    let suppressed = status == Undefined::Suppressed.as_str();
    Ok(Some(Observation {
        key: FigureKey {
            item: parse("item", cell("item"))?,
            ref_area: parse("ref_area", cell("ref_area"))?,
            activity: parse("activity", cell("activity"))?,
            product: parse("product", cell("product"))?,
            counterpart_area: parse("counterpart_area", cell("counterpart_area"))?,
            concept: concept
                .map(|concept| parse::<Concept>("concept", Some(concept)))
                .transpose()?,
            indicator: parse("indicator", cell("indicator"))?,
            period: parse::<Span>("period", cell("period"))?,
        },
        value: match value {
            None | Some("") => None,
            value => Some(parse("value", value)?),
        },
        decimals: parse::<i32>("decimals", cell("decimals"))?
            .try_into()
            .unwrap_or(0),
        unit_mult: parse("unit_mult", cell("unit_mult"))?,
        // Of a value that is not there the figure says why; SDMX has a code for two of the reasons.
        status: match (value, suppressed) {
            (_, true) => ObsStatus::Q,
            (None | Some(""), false) => ObsStatus::O,
            _ => status.parse().unwrap_or_default(),
        },
        conf: parse(CONF_STATUS, cell(CONF_STATUS))?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_keeps_the_decimals_that_it_is_said_to_have() {
        for (number, decimals, expected) in [
            ("62472.5000000000", 1, "62472.5"),
            ("100.0000000000", 2, "100.00"),
            ("100.0000000000", 0, "100"),
            ("12300.0000000000", -2, "12300"),
            ("-0.1000000000", 3, "-0.100"),
            ("0.0000000001", 0, "0.0000000001"),
            ("7.0000000000", 12, "7.0000000000"),
        ] {
            assert_eq!(shown(number.to_owned(), decimals), expected);
        }
    }
}
