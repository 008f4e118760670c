//! What a file says, read without any of the project's readers, and what it is to say.

use std::collections::BTreeMap;

use regtrade_model::Observation;

use super::Format;

/// Component to what it holds; a component that is empty is not there.
pub type Cells = BTreeMap<String, String>;

/// What a file says, read without any of the project's readers.
pub fn said(format: Format, text: &str) -> Vec<Cells> {
    match format {
        Format::Csv => said_in_csv(text),
        Format::Json => said_in_json(text),
        Format::Ml => said_in_ml(text),
    }
}

pub fn said_in_csv(text: &str) -> Vec<Cells> {
    let mut lines = text.lines().map(|line| line.split(','));
    let header: Vec<_> = lines.next().unwrap().collect();
    let row = |cells: std::str::Split<'_, char>| {
        let cells: Vec<_> = cells.collect();
        assert_eq!(cells.len(), header.len());
        let named = header.iter().zip(cells).skip(3);
        let full = named.filter(|(_, cell)| !cell.is_empty());
        full.map(|(name, cell)| ((*name).to_owned(), cell.to_owned()))
            .collect()
    };
    lines.map(row).collect()
}

pub fn said_in_json(text: &str) -> Vec<Cells> {
    let message: serde_json::Value = serde_json::from_str(text).unwrap();
    let structure = &message["data"]["structures"][0];
    let Some(observations) = message["data"]["dataSets"][0]["observations"].as_object() else {
        return vec![];
    };
    let listed = |kind: &str| structure[kind]["observation"].as_array().unwrap().clone();
    let coded = |component: &serde_json::Value, number: usize| {
        let code = component["values"][number]["id"].as_str().unwrap();
        let id = component["id"].as_str().unwrap();
        (id.to_owned(), code.to_owned())
    };
    let (dimensions, attributes) = (listed("dimensions"), listed("attributes"));
    assert_eq!(listed("measures")[0]["id"], "OBS_VALUE");
    let row = |(key, cells): (&String, &serde_json::Value)| {
        let numbers: Vec<usize> = key.split(':').map(|part| part.parse().unwrap()).collect();
        assert_eq!(numbers.len(), dimensions.len());
        let [value, rest @ ..] = &cells.as_array().unwrap()[..] else {
            panic!("{key} has no cells");
        };
        assert_eq!(rest.len(), attributes.len());
        let mut said: Cells = (dimensions.iter().zip(numbers))
            .map(|(dimension, number)| coded(dimension, number))
            .collect();
        let numbers = rest.iter().map(|number| number.as_u64().unwrap() as usize);
        said.extend((attributes.iter().zip(numbers)).map(|(of, number)| coded(of, number)));
        if !value.is_null() {
            let text = value.as_str().unwrap().to_owned();
            said.insert("OBS_VALUE".to_owned(), text);
        }
        said
    };
    observations.iter().map(row).collect()
}

pub fn said_in_ml(text: &str) -> Vec<Cells> {
    let observations = text.lines().filter_map(|line| line.strip_prefix("<Obs "));
    let row = |line: &str| {
        let cells = line.strip_suffix("\"/>").unwrap().split("\" ");
        let cell = |cell: &str| {
            let (id, text) = cell.split_once("=\"").unwrap();
            (id.to_owned(), text.to_owned())
        };
        cells.map(cell).collect()
    };
    observations.map(row).collect()
}

/// What an observation is to say.
pub fn cells(observation: &Observation) -> Cells {
    let key = &observation.key;
    let mut cells = vec![
        ("FREQ", key.period.last().frequency().to_owned()),
        ("REF_AREA", key.ref_area.to_string()),
        ("ITEM", key.item.to_string()),
        ("ACTIVITY", key.activity.to_string()),
        ("PRODUCT", key.product.to_string()),
        ("COUNTERPART_AREA", key.counterpart_area.to_string()),
        ("TIME_PERIOD", key.period.to_string()),
        ("UNIT_MEASURE", "EUR".to_owned()),
        ("UNIT_MULT", observation.unit_mult.to_string()),
        ("DECIMALS", observation.decimals.to_string()),
        ("OBS_STATUS", observation.status.to_string()),
        ("CONF_STATUS", observation.conf.to_string()),
    ];
    cells.extend(key.concept.map(|concept| ("CONCEPT", concept.to_string())));
    cells.extend(
        observation
            .value
            .map(|value| ("OBS_VALUE", value.to_string())),
    );
    cells
        .into_iter()
        .map(|(id, text)| (id.to_owned(), text))
        .collect()
}

pub fn sorted(mut said: Vec<Cells>) -> Vec<Cells> {
    said.sort();
    said
}
