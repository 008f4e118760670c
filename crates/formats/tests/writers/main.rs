//! The writers of data files: what they write says what they were given, to each component and each decimal.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod messages;
mod refusals;
mod rows;
mod said;

use std::{collections::BTreeMap, convert::Infallible, io::Write};

use proptest::prelude::*;
use regtrade_formats::{
    Mappings, data_file,
    write::{self, Structure, WriteError, masked},
};
use regtrade_model::{ConfStatus, Dataflow, Instant, Kind, ObsStatus, Observation, Side};

use rows::observations;
use said::{cells, said, sorted};

const FORMATS: [Format; 3] = [Format::Csv, Format::Json, Format::Ml];

#[derive(Debug, Clone, Copy)]
enum Format {
    Csv,
    Json,
    Ml,
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
            Self::Ml => write::sdmx_ml(out, structure, rows),
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

/// The rows that a reader takes in, with products that their items can have: balances are computed, and foreign trade is of
/// goods.
fn readable(dataflow: Dataflow, rows: Vec<Observation>) -> Vec<Observation> {
    let is_read = |row: &Observation| {
        let item = row.key.item;
        item.side() != Side::Net && (dataflow == Dataflow::Regtrd || item.kind() == Kind::Goods)
    };
    let mut by_key = BTreeMap::new();
    for mut row in rows.into_iter().filter(is_read) {
        let product = row.key.product.as_str();
        row.key.product = match (row.key.item.kind(), product) {
            (Kind::Total, _) | (_, "_T") => "_T",
            (Kind::Goods, _) => "30049000",
            (Kind::Services, "SA") => "SA",
            (Kind::Services, _) => "SJ34",
        }
        .parse()
        .unwrap();
        by_key.insert((row.key.period, row.key.clone()), row);
    }
    by_key.into_values().collect()
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
    fn what_is_written_is_read_back(annual in observations(Dataflow::Regtrd), monthly in observations(Dataflow::Exttrade)) {
        for (dataflow, rows) in [(Dataflow::Regtrd, annual), (Dataflow::Exttrade, monthly)] {
            let rows = readable(dataflow, rows);
            for format in FORMATS.into_iter().filter(|_| !rows.is_empty()) {
                let text = written(format, &Structure { synthetic: true, ..of(dataflow) }, &rows);
                let reading = data_file::read_all(&text.as_bytes(), Mappings::shipped());
                prop_assert_eq!(&reading.summary.issues, &[]);
                prop_assert_eq!((reading.summary.dataflow, reading.summary.synthetic), (Some(dataflow), true));
                let read: Vec<_> = reading.whole().unwrap().into_iter().map(|(row, _)| row).collect();
                let read = readable(dataflow, read);
                let scales = |rows: &[Observation]| -> Vec<_> { rows.iter().map(|row| row.value.map(|value| value.scale())).collect() };
                prop_assert_eq!(scales(&read), scales(&rows));
                prop_assert_eq!(&read, &rows);
            }
        }
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
        // So long that no other value has it by chance.
        rows[at].value = Some("31415926535897.932384".parse().unwrap());
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
                prop_assert!(!text.contains("31415926535897"));
                prop_assert!(said(format, &text).contains(&expected));
            }
        }
    }
}
