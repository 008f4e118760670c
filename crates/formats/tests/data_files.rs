//! Data files in the forms that SDMX-CSV has, and what is read of them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use regtrade_formats::{
    Mappings,
    data_file::{self, Action, Merge, PartialKey, Reading},
};
use regtrade_model::{Code, Dataflow, FigureKey, Indicator, Item, ObsStatus, Observation, Period};

fn read(text: &str) -> Reading {
    data_file::read_all(&text.as_bytes(), Mappings::shipped())
}

fn sound(text: &str) -> Reading {
    let reading = read(text);
    assert_eq!(reading.summary.issues, [], "{text}");
    assert_eq!(reading.summary.dataflow, Some(Dataflow::Regtrd));
    assert_eq!(reading.summary.rows, reading.entries.len() as u64);
    reading
}

fn whole(text: &str) -> Vec<(Observation, u32)> {
    sound(text).whole().unwrap()
}

fn actions(text: &str) -> Vec<(u32, Action)> {
    let updates = sound(text).updates().unwrap();
    updates.into_iter().map(|u| (u.line, u.action)).collect()
}

/// An observation of millions of euro.
fn observation(area: &str, item: Item, period: &str, value: &str, decimals: u32) -> Observation {
    let period: Period = period.parse().unwrap();
    Observation {
        key: FigureKey::overall(item, area.parse().unwrap(), Indicator::Level, period),
        value: (!value.is_empty()).then(|| value.parse().unwrap()),
        decimals,
        unit_mult: 6,
        status: if value.is_empty() {
            ObsStatus::O
        } else {
            ObsStatus::A
        },
        conf: regtrade_model::ConfStatus::F,
    }
}

#[test]
fn every_form_of_the_format_says_the_same() {
    let expected = [
        observation("BE1", Item::P62, "2023", "41205.75", 2),
        observation("BE", Item::P71, "2024", "352589.9", 1),
    ];
    for text in [
        // 1.0, 2.0 without and with actions, and 2.1 with keys.
        "DATAFLOW,FREQ,REF_AREA,ITEM,TIME_PERIOD,OBS_VALUE,UNIT_MULT\nBE2:REGTRD(1.0),A,BE1,P62,2023,41205.75,6\nBE2:REGTRD(1.0),A,BE,P71,2024,352589.9,6\n",
        "STRUCTURE,STRUCTURE_ID,FREQ,REF_AREA,ITEM,TIME_PERIOD,OBS_VALUE,UNIT_MULT\ndataflow,REGTRD,A,BE1,P62,2023,41205.75,6\nDataFlow,REGTRD(2.1.0),A,BE,P71,2024,352589.9,6",
        "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,ITEM,TIME_PERIOD,OBS_VALUE,UNIT_MULT\ndatastructure,BE2:REGTRD,I,A,BE1,P62,2023,41205.75,6\ndatastructure,BE2:REGTRD,,A,BE,P71,2024,352589.9,6\n",
        "STRUCTURE[;],STRUCTURE_ID,ACTION,SERIES_KEY,OBS_KEY,FREQ,REF_AREA,ITEM,TIME_PERIOD,OBS_VALUE,UNIT_MULT\ndataprovision,BE2:REGTRD(1.0),I,A.BE1.P62,A.BE1.P62.2023,A,BE1,P62,2023,41205.75,6\ndataprovision,BE2:REGTRD(1.0),I,A.BE.P71,A.BE.P71.2024,A,BE,P71,2024,352589.9,6\n",
        // Other separators, line ends, order of columns; rows of blanks and a byte-order mark as spreadsheets add them.
        "\u{feff}STRUCTURE;STRUCTURE_ID;UNIT_MULT;OBS_VALUE;ITEM;REF_AREA;TIME_PERIOD;FREQ;;\r\ndataflow;BE2:REGTRD(1.0);6;41205.75;P62;BE1;2023;A;;\r\n\r\n;;;;;;;;;\r\ndataflow;BE2:REGTRD(1.0);6;352589.9;P71;BE;2024;A;;\r\n",
        "DATAFLOW\tUNIT_MULT\tOBS_VALUE\tITEM\tREF_AREA\tTIME_PERIOD\tFREQ\nREGTRD\t6\t41205.75\tP62\tBE1\t2023\tA\nREGTRD\t6\t352589.9\tP71\tBE\t2024\tA\n",
        "DATAFLOW|UNIT_MULT|OBS_VALUE|ITEM|REF_AREA|TIME_PERIOD|FREQ\nREGTRD|6|41205.75|P62|BE1|2023|A\nREGTRD|6|352589.9|P71|BE|2024|A\n",
        // Names behind ids, quoted, with line ends and colons of their own.
        "STRUCTURE,STRUCTURE_ID,ACTION,FREQ: Frequency,REF_AREA: Area,ITEM: Item,TIME_PERIOD: Year,OBS_VALUE: Value,UNIT_MULT: Multiple\ndataflow,BE2:REGTRD(1.0): Trade: by region,I,A: Annual,\"BE1: Brussels-\nCapital, \"\"Region\"\"\",P62: Exports of services,2023: 2023,41205.75,6: Millions\ndataflow,BE2:REGTRD(1.0): Trade: by region,I,A: Annual,BE: Belgium,P71: Imports of goods,2024: 2024,352589.9: 352589.9,6\n",
        // Names in columns of their own.
        "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,ACTION,FREQ,Frequency,REF_AREA,ITEM: of whom,ITEM,Item,TIME_PERIOD,,OBS_VALUE,OBS_VALUE,UNIT_MULT,Multiple\ndataflow,BE2:REGTRD(1.0),Trade,I,A,Annual,BE1,\"Brussels: \"\"R\"\"\",P62,Services,2023,,41205.75,,6,Millions\ndataflow,BE2:REGTRD(1.0),Trade,I,A,Annual,BE,Belgium,P71,Goods,2024,,352589.9,,6,Millions\n",
        // All in quotation marks, and spaces around cells.
        "\"DATAFLOW\",\"UNIT_MULT\",\"OBS_VALUE\",\"ITEM\",\"REF_AREA\",\"TIME_PERIOD\",\"FREQ\"\n\"REGTRD\",\"6\",\"41205.75\",\"P62\",\"BE1\",\"2023\",\"A\"\n REGTRD , 6 , 352589.9 , P71 , BE , 2024 , A \n",
    ] {
        let read: Vec<_> = whole(text)
            .into_iter()
            .map(|(observation, _)| observation)
            .collect();
        assert_eq!(read, expected, "{text}");
    }
}

#[test]
fn cells_fill_observations_and_what_is_left_out_has_its_default() {
    let text = "\
STRUCTURE,STRUCTURE_ID,FREQ,REF_AREA,ITEM,ACTIVITY,PRODUCT,COUNTERPART_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE,UNIT_MULT,DECIMALS,OBS_STATUS,CONF_STATUS
dataflow,REGTRD,A,BE2,P61,C29,_T,DE,2024,12.50,EUR,3,,P,F
dataflow,REGTRD,A,BE2,P61,C29,_T,FR,2024,1.25e3,,0,2,,
dataflow,REGTRD,A,BE2,P61,C29,_T,NL,2024,,,6,,,
dataflow,REGTRD,A,BE2,P61,C29,_T,LU,2024,,,6,1,Q,
";
    let rows = whole(text);
    let shown: Vec<_> = rows
        .iter()
        .map(|(o, line)| {
            let value = o.value.map(|value| value.to_string()).unwrap_or_default();
            let partner = o.key.counterpart_area.as_str();
            assert_eq!(o.key.activity.as_str(), "C29");
            (*line, partner, value, o.decimals, o.unit_mult, o.status)
        })
        .collect();
    assert_eq!(
        shown,
        [
            (2, "DE", "12.50".to_owned(), 2, 3, ObsStatus::P),
            (3, "FR", "1250".to_owned(), 2, 0, ObsStatus::A),
            (4, "NL", String::new(), 0, 6, ObsStatus::O),
            (5, "LU", String::new(), 1, 6, ObsStatus::Q),
        ]
    );
}

#[test]
fn a_partial_update_is_read_in_the_order_of_the_file() {
    let text = "\
STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,ITEM,PRODUCT,TIME_PERIOD,OBS_VALUE,UNIT_MULT,OBS_STATUS
dataflow,REGTRD,D,,BE3,*,,2024,,,
dataflow,REGTRD,D,A,BE2,P61,SA,,,,
dataflow,REGTRD,A,A,BE3,P61,_T,2024,1.5,6,
dataflow,REGTRD,R,A,BE3,P62,_T,2024,,6,
dataflow,REGTRD,M,A,BE3,P71,_T,2024,,,P
dataflow,REGTRD,D,,,,,,,,
";
    let area = |code: &str| Some(code.parse().unwrap());
    let year = Some("2024".parse().unwrap());
    let merge = Merge {
        key: observation("BE3", Item::P71, "2024", "", 0).key,
        value: None,
        decimals: None,
        unit_mult: None,
        status: Some(ObsStatus::P),
        conf: None,
    };
    let one = PartialKey {
        item: Some(Item::P61),
        ref_area: area("BE2"),
        product: Some("SA".parse::<Code>().unwrap()),
        ..PartialKey::default()
    };
    let region = PartialKey {
        ref_area: area("BE3"),
        period: year,
        ..PartialKey::default()
    };
    assert_eq!(
        actions(text),
        [
            (2, Action::Delete(region)),
            (3, Action::Delete(one)),
            (
                4,
                Action::Append(observation("BE3", Item::P61, "2024", "1.5", 1))
            ),
            (
                5,
                Action::Replace(observation("BE3", Item::P62, "2024", "", 0))
            ),
            (6, Action::Merge(merge)),
            (7, Action::Delete(PartialKey::default())),
        ]
    );
    // A file that only deletes needs no column but those that say what it is.
    let all = "STRUCTURE,STRUCTURE_ID,ACTION\ndataflow,BE2:REGTRD(1.0),D\n";
    assert_eq!(actions(all), [(2, Action::Delete(PartialKey::default()))]);
    // One that only merges needs no value, and no multiple.
    let status = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,ITEM,TIME_PERIOD,OBS_STATUS\ndataflow,REGTRD,M,A,BE3,P71,2024,P\n";
    assert!(
        matches!(&actions(status)[..], [(2, Action::Merge(read))] if read.status == Some(ObsStatus::P))
    );
}

#[test]
fn a_file_with_an_issue_gives_nothing_to_take_in() {
    let text = "DATAFLOW,FREQ,REF_AREA,ITEM,TIME_PERIOD,OBS_VALUE,UNIT_MULT\nREGTRD,A,BE,P6,2024,1,6\nREGTRD,A,BE,P7,2024,x,6\n";
    let reading = read(text);
    assert_eq!(reading.summary.issue_count, 1);
    assert_eq!((reading.clone().whole(), reading.updates()), (None, None));
}

#[test]
fn a_message_says_the_same_in_every_format() {
    let read = |bytes: &[u8]| {
        let reading = data_file::read_all(&bytes, Mappings::shipped());
        assert_eq!(reading.summary.issues, []);
        let rows = reading.whole().unwrap().into_iter();
        rows.map(|(observation, _)| observation).collect::<Vec<_>>()
    };
    let expected = read(include_bytes!("samples/message-2.0.json"));
    assert!(expected.len() > 2);
    for sample in [
        &include_bytes!("samples/generic-2.1.xml")[..],
        include_bytes!("samples/structure-specific-3.0.xml"),
        include_bytes!("samples/message-1.0.json"),
    ] {
        assert_eq!(read(sample), expected);
    }
}
