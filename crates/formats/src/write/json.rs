//! The writer of SDMX-JSON 2.0 data messages.
//!
//! The data comes before its structure: the codes that it has are known at its end, and the standard leaves the order
//! of members open so that messages can be streamed. A code has the number under which the data first named it.

use std::{
    collections::HashMap,
    io::{self, BufWriter, Write},
};

use regtrade_model::{Dataflow, Language, Observation, labels};
use struson::writer::{JsonStreamWriter, JsonWriter as _};

use super::{
    Rows, Structure, WriteError,
    cells::{ATTRIBUTES, Cells, Component, MEASURE, dimensions},
};

type Writer<'o> = JsonStreamWriter<BufWriter<&'o mut dyn Write>>;

/// Writes observations as a whole data set (action Information) in SDMX-JSON 2.0, and says how many they are.
///
/// The observations are a flat list, under the numbers of all their dimensions. Values are texts, as the standard has it
/// of decimals: no reader makes floats of them unless told to. A message without observations has no data set.
///
/// # Errors
/// Where the rows break off, are not in their order or not of the dataflow, or the bytes cannot be written.
pub fn sdmx_json<E: std::error::Error + 'static>(
    out: &mut dyn Write,
    structure: &Structure,
    rows: impl IntoIterator<Item = Result<Observation, E>>,
) -> Result<u64, WriteError<E>> {
    let mut json = JsonStreamWriter::new(BufWriter::with_capacity(1 << 16, out));
    let mut codes = Codes::of(structure.dataflow);
    let mut count = 0;
    json.begin_object()?;
    meta(&mut json, structure)?;
    json.name("data")?;
    json.begin_object()?;
    json.name("dataSets")?;
    json.begin_array()?;
    for row in Rows::new(structure, rows) {
        let row = row?;
        if count == 0 {
            data_set(&mut json, structure)?;
        }
        observation(&mut json, &mut codes, &row)?;
        count += 1;
    }
    if count > 0 {
        json.end_object()?;
        json.end_object()?;
    }
    json.end_array()?;
    json.name("structures")?;
    json.begin_array()?;
    if count > 0 {
        codes.structure(&mut json, structure)?;
    }
    json.end_array()?;
    json.end_object()?;
    json.end_object()?;
    json.finish_document()?.flush()?;
    Ok(count)
}

fn meta(json: &mut Writer<'_>, structure: &Structure) -> io::Result<()> {
    json.name("meta")?;
    json.begin_object()?;
    text(
        json,
        "schema",
        "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas/2.0.0/sdmx-json-data-schema.json",
    )?;
    text(json, "id", structure.dataflow.as_str())?;
    json.name("test")?;
    json.bool_value(structure.synthetic)?;
    // An instant shows itself for debugging as ISO 8601 has it, with T and Z.
    text(json, "prepared", &format!("{:?}", structure.prepared))?;
    json.name("contentLanguages")?;
    json.begin_array()?;
    json.string_value("en")?;
    json.end_array()?;
    json.name("sender")?;
    json.begin_object()?;
    text(json, "id", structure.agency())?;
    json.end_object()?;
    json.end_object()
}

/// Opens the data set, up to its observations.
fn data_set(json: &mut Writer<'_>, structure: &Structure) -> io::Result<()> {
    json.begin_object()?;
    json.name("structure")?;
    json.number_value(0_u32)?;
    text(json, "action", "Information")?;
    links(json, structure)?;
    json.name("observations")?;
    json.begin_object()
}

fn observation(json: &mut Writer<'_>, codes: &mut Codes, row: &Observation) -> io::Result<()> {
    let cells = Cells::of(row);
    json.name(codes.key(&cells))?;
    json.begin_array()?;
    match cells.value() {
        Some(value) => json.string_value(&value)?,
        None => json.null_value()?,
    }
    for (list, value) in codes.attributes.iter_mut().zip(cells.attributes()) {
        json.number_value(list.number(&value))?;
    }
    json.end_array()
}

/// Says of which dataflow something is.
fn links(json: &mut Writer<'_>, structure: &Structure) -> io::Result<()> {
    json.name("links")?;
    json.begin_array()?;
    json.begin_object()?;
    text(json, "urn", &structure.urn())?;
    text(json, "rel", "dataflow")?;
    json.end_object()?;
    json.end_array()
}

fn text(json: &mut Writer<'_>, name: &str, value: &str) -> io::Result<()> {
    json.name(name)?;
    json.string_value(value)
}

/// The codes of one component, each with its number.
struct List {
    component: Component,
    numbers: HashMap<String, u32>,
}

impl List {
    fn of(component: Component) -> Self {
        let numbers = HashMap::new();
        Self { component, numbers }
    }

    /// The number of a code.
    fn number(&mut self, code: &str) -> u32 {
        if let Some(number) = self.numbers.get(code) {
            return *number;
        }
        let number = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        self.numbers.insert(code.to_owned(), number);
        number
    }

    /// Writes what every component has: its id and its name.
    fn begin(&self, json: &mut Writer<'_>) -> io::Result<()> {
        json.begin_object()?;
        text(json, "id", self.component.id)?;
        text(json, "name", self.component.name)
    }

    /// Writes the codes in the order of their numbers.
    fn end(&self, json: &mut Writer<'_>) -> io::Result<()> {
        let mut codes: Vec<_> = self.numbers.iter().collect();
        codes.sort_by_key(|(_, number)| **number);
        json.name("values")?;
        json.begin_array()?;
        for (code, _) in codes {
            json.begin_object()?;
            text(json, "id", code)?;
            text(json, "name", &name_of(self.component, code))?;
            json.end_object()?;
        }
        json.end_array()?;
        json.end_object()
    }
}

/// The name of a code in English, which the standard asks for; the code itself where there is none.
fn name_of(component: Component, code: &str) -> String {
    let name = match component.id {
        "REF_AREA" => code
            .parse()
            .ok()
            .map(|area| labels().area(&area, Language::En)),
        "ITEM" => code
            .parse()
            .ok()
            .map(|item| labels().item(item, Language::En).to_owned()),
        _ => None,
    };
    name.unwrap_or_else(|| code.to_owned())
}

/// The codes that the data has.
struct Codes {
    dimensions: Vec<List>,
    attributes: Vec<List>,
    /// The key of an observation, kept for its space.
    key: String,
}

impl Codes {
    fn of(dataflow: Dataflow) -> Self {
        Self {
            dimensions: dimensions(dataflow).map(List::of).collect(),
            attributes: ATTRIBUTES.into_iter().map(List::of).collect(),
            key: String::new(),
        }
    }

    /// The numbers of the dimensions of a row.
    fn key(&mut self, cells: &Cells<'_>) -> &str {
        use std::fmt::Write as _;

        self.key.clear();
        for (list, code) in self.dimensions.iter_mut().zip(cells.dimensions()) {
            let colon = if self.key.is_empty() { "" } else { ":" };
            // Writing to a text does not fail.
            let _ = write!(self.key, "{colon}{}", list.number(&code));
        }
        &self.key
    }

    fn structure(&self, json: &mut Writer<'_>, structure: &Structure) -> io::Result<()> {
        json.begin_object()?;
        links(json, structure)?;
        let name = match structure.dataflow {
            Dataflow::Regtrd => "Regional breakdown of imports and exports of goods and services",
            Dataflow::Exttrade => "Foreign trade in goods by region",
        };
        text(json, "name", name)?;
        json.name("dataSets")?;
        json.begin_array()?;
        json.number_value(0_u32)?;
        json.end_array()?;
        begin_components(json, "dimensions")?;
        for (position, list) in (0_u32..).zip(&self.dimensions) {
            list.begin(json)?;
            json.name("keyPosition")?;
            json.number_value(position)?;
            list.end(json)?;
        }
        end_components(json)?;
        begin_components(json, "measures")?;
        List::of(MEASURE).begin(json)?;
        json.name("format")?;
        json.begin_object()?;
        text(json, "dataType", "Decimal")?;
        json.end_object()?;
        json.end_object()?;
        end_components(json)?;
        begin_components(json, "attributes")?;
        for list in &self.attributes {
            list.begin(json)?;
            json.name("relationship")?;
            json.begin_object()?;
            json.name("observation")?;
            json.begin_object()?;
            json.end_object()?;
            json.end_object()?;
            list.end(json)?;
        }
        end_components(json)?;
        json.end_object()
    }
}

/// Opens a list of components, all of the observation.
fn begin_components(json: &mut Writer<'_>, kind: &str) -> io::Result<()> {
    json.name(kind)?;
    json.begin_object()?;
    json.name("observation")?;
    json.begin_array()
}

fn end_components(json: &mut Writer<'_>) -> io::Result<()> {
    json.end_array()?;
    json.end_object()
}
