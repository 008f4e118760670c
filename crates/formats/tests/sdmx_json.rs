//! SDMX-JSON messages that are well laid out: every version says the same, in any order of members.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod messages;

use messages::{Slow, read_from, row, rows, said_by_samples, with};
use regtrade_formats::sdmx::json::read;

const ONE: &str = include_str!("samples/message-1.0.json");
const TWO: &str = include_str!("samples/message-2.0.json");
const FLAT: &str = include_str!("samples/message-flat-2.0.json");

#[test]
fn every_version_says_the_same() {
    for (name, message) in [("1.0", ONE), ("2.0", TWO), ("2.0, flat", FLAT)] {
        for size in [1, 7, 5_000] {
            let read = read_from(read, &Slow(message.as_bytes(), size));
            assert_eq!(read.issues, [], "{name}");
            assert_eq!(read.kept.rows, said_by_samples(), "{name} by {size}");
            let [structure] = &read.kept.structures[..] else {
                panic!("{name}: {:?}", read.kept.structures);
            };
            assert_eq!(
                (
                    structure.agency.as_str(),
                    structure.id.as_str(),
                    structure.version.as_str()
                ),
                ("BE2", "REGTRD", "1.0")
            );
        }
    }
}

#[test]
fn a_byte_order_mark_and_the_order_of_members_do_not_matter() {
    let (start, rest) = FLAT.split_once("  \"dataSets\": [").unwrap();
    let (sets, structures) = rest.split_once("  ],\n  \"structures\"").unwrap();
    let structures = structures
        .trim_end()
        .trim_end_matches('}')
        .trim_end()
        .trim_end_matches('}')
        .trim_end();
    let message =
        format!("\u{feff}{start}  \"structures\"{structures},\n\"dataSets\": [{sets}]}}}}\n");
    assert_eq!(rows(read, &message), said_by_samples());
}

#[test]
fn numbers_keep_their_digits() {
    for digits in [
        "0.10",
        "-1.50e3",
        "123456789012345678901234567890.000",
        "1E-7",
    ] {
        let message = with(FLAT, "262345.6", digits);
        assert!(rows(read, &message)[0].contains(&format!("OBS_VALUE={digits} ")));
    }
}

#[test]
fn a_cell_stands_where_the_message_gives_it() {
    let read = read_from(read, &FLAT.as_bytes());
    let (line, column, cells) = &read.kept.places[0];
    let at = |(line, column): (u32, u32)| {
        &FLAT.lines().nth(line as usize - 1).unwrap()[column as usize - 1..]
    };
    assert!(at((*line, *column)).starts_with("\"0:0:0\""));
    assert!(at(cells["OBS_VALUE"]).starts_with("262345.6"));
    assert!(at(cells["CONF_STATUS"]).starts_with("\"F\""));
    assert!(at(cells["REF_AREA"]).starts_with("\"0:0:0\""));
    assert!(at(cells["UNIT_MULT"]).starts_with("6]"));
}

/// A message with two dimensions of observations, REF_AREA and TIME_PERIOD, and these data sets.
fn small(meta: &str, data_sets: &str) -> String {
    format!(
        r#"{{{meta} "data": {{"structures": [{{"links": [{{"href": "https://example.org/dataflow/BE2/REGTRD/1.0", "rel": "dataflow"}}],
"dimensions": {{"observation": [{{"id": "REF_AREA", "values": [{{"id": "BE1"}}, {{"id": "BE2"}}]}}, {{"id": "TIME_PERIOD", "values": [{{"id": "2024"}}]}}]}},
"attributes": {{"observation": [{{"id": "UNIT_MULT", "default": 6}}]}}}}], "dataSets": {data_sets}}}}}"#
    )
}

#[test]
fn a_deletion_names_some_dimensions_and_has_no_defaults() {
    let message = small(
        "",
        r#"[{"action": "Delete", "observations": {":0": [], "1:": null, ":": []}}, {"action": "Append", "observations": {"0:0": [1]}}]"#,
    );
    let expected = [
        row("Delete", &[("TIME_PERIOD", "2024")]),
        row("Delete", &[("REF_AREA", "BE2")]),
        "Delete: ".to_owned(),
        row(
            "Append",
            &[
                ("REF_AREA", "BE1"),
                ("TIME_PERIOD", "2024"),
                ("OBS_VALUE", "1"),
                ("UNIT_MULT", "6"),
            ],
        ),
    ];
    assert_eq!(rows(read, &message), expected);
}

#[test]
fn a_data_set_without_action_is_information_and_from_2_1_on_a_merge() {
    let sets = r#"[{"observations": {"0:0": [1]}}]"#;
    let version = |version: &str| {
        format!(r#""$schema": "https://json.sdmx.org/{version}/sdmx-json-data-schema.json","#)
    };
    assert!(rows(read, &small(&version("2.0.0"), sets))[0].starts_with("Information: "));
    assert!(rows(read, &small("", sets))[0].starts_with("Information: "));
    let merged = row(
        "Merge",
        &[
            ("REF_AREA", "BE1"),
            ("TIME_PERIOD", "2024"),
            ("OBS_VALUE", "1"),
        ],
    );
    assert_eq!(rows(read, &small(&version("2.1"), sets)), [merged]);
}

#[test]
fn the_draft_of_1_0_has_no_data_around_its_members() {
    let message = with(ONE, "\"data\": {\n  \"structure\"", "\"structure\"");
    let end = message.trim_end().strip_suffix('}').unwrap();
    assert_eq!(rows(read, end), said_by_samples());
}

#[test]
fn a_value_without_id_is_its_value_or_its_name() {
    let coded = "{ \"id\": \"P62\", \"name\": \"P62\" }";
    for (value, text) in [
        (r#"{"value": 62, "name": "Sixty-two"}"#, "62"),
        (
            r#"{"name": "Sixty-two", "names": {"en": "62"}}"#,
            "Sixty-two",
        ),
    ] {
        let message = with(ONE, coded, value);
        assert!(rows(read, &message)[2].contains(&format!("ITEM={text} ")));
    }
}
