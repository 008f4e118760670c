//! The writers of data files: what they write says what they were given, to each component and each decimal.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    cell::Cell,
    collections::BTreeMap,
    convert::Infallible,
    io::{self, Write},
};

use proptest::{collection::vec, prelude::*, sample::select};
use regtrade_formats::{
    sdmx_csv::{self, Content},
    write::{self, Structure, WriteError, masked},
};
use regtrade_model::{
    Area, Code, Concept, ConfStatus, Dataflow, Decimal, FigureKey, Indicator, Instant, Item,
    ObsStatus, Observation, Period, Side,
};

const FORMATS: [Format; 2] = [Format::Csv, Format::Json];

#[derive(Debug, Clone, Copy)]
enum Format {
    Csv,
    Json,
}

impl Format {
    fn write<E: std::error::Error + 'static>(
        self,
        out: &mut dyn Write,
        structure: &Structure,
        rows: impl IntoIterator<Item = Result<Observation, E>>,
    ) -> Result<u64, WriteError<E>> {
        match self {
            Self::Csv => write::sdmx_csv(out, structure, rows),
            Self::Json => write::sdmx_json(out, structure, rows),
        }
    }
}

const fn of(dataflow: Dataflow) -> Structure {
    Structure {
        dataflow,
        synthetic: false,
        prepared: Instant::UNIX_EPOCH,
    }
}

fn written(format: Format, structure: &Structure, rows: &[Observation]) -> String {
    let mut file = vec![];
    let rows_in = rows.iter().cloned().map(Ok::<_, Infallible>);
    let count = format.write(&mut file, structure, rows_in).unwrap();
    assert_eq!(count, rows.len() as u64);
    String::from_utf8(file).unwrap()
}

/// Component to what it holds; a component that is empty is not there.
type Cells = BTreeMap<String, String>;

/// What a file says, read without any of the project's readers.
fn said(format: Format, text: &str) -> Vec<Cells> {
    match format {
        Format::Csv => said_in_csv(text),
        Format::Json => said_in_json(text),
    }
}

fn said_in_csv(text: &str) -> Vec<Cells> {
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

fn said_in_json(text: &str) -> Vec<Cells> {
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

/// What an observation is to say.
fn cells(observation: &Observation) -> Cells {
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

fn sorted(mut said: Vec<Cells>) -> Vec<Cells> {
    said.sort();
    said
}

fn code(words: &'static [&'static str]) -> impl Strategy<Value = Code> {
    select(words).prop_map(|word| word.parse().unwrap())
}

fn keys(dataflow: Dataflow) -> impl Strategy<Value = FigureKey> {
    let period = match dataflow {
        Dataflow::Regtrd => (1995..2030_u16).prop_map(|year| year.to_string()).boxed(),
        Dataflow::Exttrade => (2002..2025_u16, 1..13_u8)
            .prop_map(|(year, month)| format!("{year}-{month:02}"))
            .boxed(),
    };
    let concept = match dataflow {
        Dataflow::Regtrd => Just(None).boxed(),
        Dataflow::Exttrade => select(Concept::ALL).prop_map(Some).boxed(),
    };
    (
        select(Item::ALL),
        select(&["BE", "BE1", "BE2", "BE3", "BEZ"][..]),
        code(&["_T", "C29", "G46"]),
        code(&["_T", "SA", "SJ34", "27-A@x$_"]),
        code(&["W1", "DE", "NA"]),
        concept,
        period,
    )
        .prop_map(
            |(item, area, activity, product, counterpart_area, concept, period)| FigureKey {
                item,
                ref_area: area.parse().unwrap(),
                activity,
                product,
                counterpart_area,
                concept,
                indicator: match item.side() {
                    Side::Net => Indicator::Net,
                    _ => Indicator::Level,
                },
                period: period.parse().unwrap(),
            },
        )
}

/// Observations in the order of a file: with every status, and values of every scale.
fn observations(dataflow: Dataflow) -> impl Strategy<Value = Vec<Observation>> {
    let value = prop::option::of((any::<i64>(), 0..12_u32));
    let conf = select(ConfStatus::ALL);
    let one = (
        keys(dataflow),
        value,
        0..29_u32,
        0..16_i32,
        any::<prop::sample::Index>(),
        conf,
    );
    vec(one, 1..40).prop_map(|list| {
        let of_missing = ["H", "L", "M", "O", "Q"];
        let by_key: BTreeMap<_, _> = list
            .into_iter()
            .map(|(key, value, decimals, unit_mult, status, conf)| {
                let statuses: Vec<_> = (ObsStatus::ALL.iter())
                    .filter(|status| value.is_none() || !of_missing.contains(&status.as_str()))
                    .collect();
                let observation = Observation {
                    value: value.map(|(digits, scale)| Decimal::new(digits, scale)),
                    decimals,
                    unit_mult,
                    status: *statuses[status.index(statuses.len())],
                    conf,
                    key: key.clone(),
                };
                ((key.period, key), observation)
            })
            .collect();
        by_key.into_values().collect()
    })
}

fn level(area: Area, period: &str, value: &str) -> Observation {
    let period: Period = period.parse().unwrap();
    Observation {
        key: FigureKey::overall(Item::P61, area, Indicator::Level, period),
        value: Some(value.parse().unwrap()),
        decimals: 1,
        unit_mult: 6,
        status: ObsStatus::A,
        conf: ConfStatus::F,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_file_says_each_component_of_each_annual_level(rows in observations(Dataflow::Regtrd)) {
        for format in FORMATS {
            let said = said(format, &written(format, &of(Dataflow::Regtrd), &rows));
            prop_assert_eq!(sorted(said), sorted(rows.iter().map(cells).collect()));
        }
    }

    #[test]
    fn a_file_says_each_component_of_each_monthly_level(rows in observations(Dataflow::Exttrade)) {
        for format in FORMATS {
            let said = said(format, &written(format, &of(Dataflow::Exttrade), &rows));
            prop_assert_eq!(sorted(said), sorted(rows.iter().map(cells).collect()));
        }
    }

    #[test]
    fn what_is_written_as_csv_is_read_back(rows in observations(Dataflow::Regtrd)) {
        // Balances are computed, and read back from nowhere.
        let rows: Vec<_> = rows
            .into_iter()
            .filter(|row| row.key.item.side() != Side::Net)
            .map(|row| Observation { conf: ConfStatus::F, ..row })
            .collect();
        prop_assume!(!rows.is_empty());
        let text = written(Format::Csv, &of(Dataflow::Regtrd), &rows);
        let reading = sdmx_csv::read(text.as_bytes());
        let Some(Content::Whole(read)) = reading.file.map(|file| file.content) else {
            panic!("{text}\n{:#?}", reading.issues);
        };
        let read: Vec<_> = read.into_iter().map(|(row, _)| row).collect();
        let scales = |rows: &[Observation]| -> Vec<_> { rows.iter().map(|row| row.value.map(|value| value.scale())).collect() };
        prop_assert_eq!(scales(&read), scales(&rows));
        prop_assert_eq!(read, rows);
    }

    #[test]
    fn the_same_rows_give_the_same_bytes(rows in observations(Dataflow::Exttrade)) {
        for format in FORMATS {
            let write = || written(format, &of(Dataflow::Exttrade), &rows);
            prop_assert_eq!(write(), write());
        }
    }

    #[test]
    fn a_masked_value_is_nowhere_in_a_file(mut rows in observations(Dataflow::Regtrd), at in any::<prop::sample::Index>()) {
        let at = at.index(rows.len());
        rows[at].value = Some("31415.9265".parse().unwrap());
        rows[at].conf = ConfStatus::N;
        let by_caller = masked(rows[at].clone());
        // A row that says of itself that it is suppressed is written without its value, even where it has one.
        rows[at].status = ObsStatus::Q;
        for row in [by_caller, rows[at].clone()] {
            rows[at] = row;
            let mut expected = cells(&rows[at]);
            expected.remove("OBS_VALUE");
            prop_assert_eq!((expected["OBS_STATUS"].as_str(), expected["CONF_STATUS"].as_str()), ("Q", "N"));
            for format in FORMATS {
                let text = written(format, &of(Dataflow::Regtrd), &rows);
                prop_assert!(!text.contains("31415"));
                prop_assert!(said(format, &text).contains(&expected));
            }
        }
    }
}

#[test]
fn the_columns_stand_in_the_order_of_the_key() {
    let head =
        "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,ITEM,ACTIVITY,PRODUCT,COUNTERPART_AREA,";
    let tail = "TIME_PERIOD,OBS_VALUE,UNIT_MEASURE,UNIT_MULT,DECIMALS,OBS_STATUS,CONF_STATUS\n";
    for (dataflow, concept) in [(Dataflow::Regtrd, ""), (Dataflow::Exttrade, "CONCEPT,")] {
        let text = written(Format::Csv, &of(dataflow), &[]);
        assert_eq!(text, format!("{head}{concept}{tail}"));
    }
}

#[test]
fn a_message_says_of_what_and_from_whom_it_is() {
    let rows = [level(Area::BE, "2024", "1.5")];
    for (synthetic, agency) in [(false, "BE2"), (true, "SYNTH")] {
        let structure = Structure {
            synthetic,
            ..of(Dataflow::Regtrd)
        };
        let text = written(Format::Csv, &structure, &rows);
        let row = text.lines().nth(1).unwrap();
        assert!(
            row.starts_with(&format!("dataflow,{agency}:REGTRD(1.0),I,A,BE,")),
            "{row}"
        );

        let text = written(Format::Json, &structure, &rows);
        let message: serde_json::Value = serde_json::from_str(&text).unwrap();
        let urn =
            format!("urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={agency}:REGTRD(1.0)");
        for links in [
            &message["data"]["structures"][0]["links"],
            &message["data"]["dataSets"][0]["links"],
        ] {
            assert_eq!(links[0]["urn"], urn);
        }
        assert_eq!(message["data"]["dataSets"][0]["action"], "Information");
        assert_eq!(message["meta"]["sender"]["id"], agency);
        assert_eq!(message["meta"]["test"], synthetic);
        assert_eq!(message["meta"]["prepared"], "1970-01-01T00:00:00Z");
    }
}

#[test]
fn a_message_names_areas_and_items() {
    let text = written(
        Format::Json,
        &of(Dataflow::Regtrd),
        &[level(Area::BE2, "2024", "1.5")],
    );
    let message: serde_json::Value = serde_json::from_str(&text).unwrap();
    let dimensions = &message["data"]["structures"][0]["dimensions"]["observation"];
    let name = |at: usize| &dimensions[at]["values"][0]["name"];
    assert_eq!(
        (name(1), name(2)),
        (&"Flanders".into(), &"Exports of goods".into())
    );
}

#[test]
fn a_file_without_rows_has_no_data() {
    let text = written(Format::Json, &of(Dataflow::Regtrd), &[]);
    let message: serde_json::Value = serde_json::from_str(&text).unwrap();
    let nothing = serde_json::json!({ "dataSets": [], "structures": [] });
    assert_eq!(message["data"], nothing);
}

#[test]
fn rows_out_of_order_are_refused() {
    let (first, second) = (level(Area::BE1, "2023", "1"), level(Area::BE, "2024", "2"));
    let third = level(Area::BE1, "2024", "3");
    for rows in [[&second, &first], [&third, &second], [&first, &first]] {
        for format in FORMATS {
            let given = rows.map(|row| Ok::<_, Infallible>(row.clone()));
            let error = format
                .write(&mut io::sink(), &of(Dataflow::Regtrd), given)
                .unwrap_err();
            let WriteError::Order { key, before } = error else {
                panic!("{error}");
            };
            assert_eq!([*before, *key], rows.map(|row| row.key.clone()));
        }
    }
}

#[test]
fn what_is_no_level_of_the_dataflow_is_refused() {
    let annual = level(Area::BE, "2024", "1");
    let with = |change: fn(&mut FigureKey)| {
        let mut row = annual.clone();
        change(&mut row.key);
        row
    };
    let monthly = with(|key| key.period = "2024-07".parse().unwrap());
    for (dataflow, row) in [
        (Dataflow::Regtrd, monthly.clone()),
        (
            Dataflow::Regtrd,
            with(|key| key.concept = Some(Concept::Nat)),
        ),
        (
            Dataflow::Regtrd,
            with(|key| key.indicator = Indicator::Growth),
        ),
        (
            Dataflow::Regtrd,
            with(|key| key.period = "2019-2024".parse().unwrap()),
        ),
        (
            Dataflow::Exttrade,
            with(|key| key.concept = Some(Concept::Nat)),
        ),
        (Dataflow::Exttrade, monthly),
    ] {
        for format in FORMATS {
            let given = [Ok::<_, Infallible>(row.clone())];
            let error = format
                .write(&mut io::sink(), &of(dataflow), given)
                .unwrap_err();
            assert!(
                matches!(&error, WriteError::Unfit { key, .. } if **key == row.key),
                "{error}"
            );
        }
    }
}

#[test]
fn rows_that_break_off_break_off_the_file() {
    for format in FORMATS {
        let rows = [
            Ok(level(Area::BE, "2024", "1")),
            Err(io::Error::other("the connection is gone")),
        ];
        let error = format
            .write(&mut vec![], &of(Dataflow::Regtrd), rows)
            .unwrap_err();
        assert!(matches!(error, WriteError::Rows(_)));
        assert_eq!(error.to_string(), "the connection is gone");
    }
}

/// A disk with room for some bytes.
struct Disk(usize);

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let free = self
            .0
            .checked_sub(bytes.len())
            .ok_or(io::ErrorKind::StorageFull)?;
        self.0 = free;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn rows_are_written_as_they_come_and_not_collected() {
    for format in FORMATS {
        let taken = Cell::new(0_u32);
        // More rows than any memory has.
        let endless = (0_u64..).map(|number| {
            taken.set(taken.get() + 1);
            let mut row = level(Area::BE, "2024", "1");
            row.key.product = format!("X{number:019}").parse().unwrap();
            Ok::<_, Infallible>(row)
        });
        let error = format
            .write(&mut Disk(100_000), &of(Dataflow::Regtrd), endless)
            .unwrap_err();
        assert!(matches!(error, WriteError::Io(_)), "{error}");
        assert!(taken.get() < 10_000, "{} rows were taken", taken.get());
    }
}
