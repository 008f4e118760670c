//! SDMX-JSON messages that are broken: every fault is found, with its place and its rule, and nothing panics.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod messages;

use messages::{Failing, check, edited, read_from, with};
use proptest::{collection::vec, prelude::*, sample::select};
use regtrade_formats::{Rule, sdmx::json::read};

const ONE: &str = include_str!("samples/message-1.0.json");
const TWO: &str = include_str!("samples/message-2.0.json");
const FLAT: &str = include_str!("samples/message-flat-2.0.json");

/// Where a text, which a message has once, begins.
#[track_caller]
fn at(message: &str, text: &str) -> (u32, u32) {
    assert_eq!(message.matches(text).count(), 1, "{text}");
    let before = &message[..message.find(text).unwrap()];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
    (line as u32, column as u32)
}

/// Checks that a message with `from` replaced has one issue, where `place` begins in it.
#[track_caller]
fn one(message: &str, from: &str, to: &str, place: &str, rule: Rule) {
    let message = with(message, from, to);
    let (line, column) = at(&message, place);
    check(read, message, &[(line, column, rule)]);
}

#[test]
fn a_message_that_is_not_well_formed_is_refused_where_it_breaks() {
    let rule = Rule::JsonMalformed;
    one(FLAT, "262345.6", "262345.6.7", "262345.6.7", rule);
    one(FLAT, "262345.6", "NaN", "NaN", rule);
    one(
        FLAT,
        "\"0:0:0\": [",
        "\"0:0:0\" [",
        "[\n      262345.6",
        rule,
    );
    one(
        FLAT,
        "\"F\"\n     ],\n     \"0:0:1\"",
        "\"F\",\n     ],\n     \"0:0:1\"",
        ",\n     ],\n     \"0:0:1\"",
        rule,
    );
    one(
        FLAT,
        "\"prepared\": \"2026",
        "\"prepared\": \"\\x26",
        "\\x26-01",
        rule,
    );
    check(
        read,
        format!("{FLAT} {{}}"),
        &[(FLAT.lines().count() as u32 + 1, 2, rule)],
    );
    check(read, "", &[(1, 1, rule)]);
    check(read, "{\"data\": ", &[(1, 10, rule)]);
    check(read, "/* */ {}", &[(1, 1, rule)]);
    one(
        FLAT,
        "{ \"id\": \"BE1\"",
        "{ \"id\": \"B\\u001fE1\"",
        "\"B\\u001fE1\"",
        rule,
    );
}

#[test]
fn what_is_no_text_in_utf_8_is_refused_where_it_stands() {
    let (line, column) = at(FLAT, "262345.6");
    for (byte, rule) in [(0xe9, Rule::FileEncoding), (0, Rule::FileBinary)] {
        let mut bytes = FLAT.as_bytes().to_vec();
        bytes[FLAT.find("262345.6").unwrap()] = byte;
        check(read, bytes, &[(line, column, rule)]);
    }
}

#[test]
fn texts_numbers_and_nesting_have_bounds() {
    let rule = Rule::MessageTooComplex;
    let (line, _) = at(ONE, "\"title\": \"A note\"");
    let read_long = |text: &str| read_from(read, &with(ONE, "A note", text).as_bytes()).issues;
    assert_eq!(read_long(&"\\\"".repeat(30_000)), []);
    let [issue] = &read_long(&"x".repeat(70_000))[..] else {
        panic!()
    };
    assert_eq!((issue.line, issue.rule), (line, rule));
    let deep = "[".repeat(40);
    let message = with(FLAT, "262345.6", &deep);
    let (line, column) = at(&message, &deep);
    check(read, message, &[(line, column + 26, rule)]);
    one(FLAT, "262345.6", "1e100", "1e100", Rule::NumberTooLarge);
    one(
        FLAT,
        "262345.6",
        &"9".repeat(200),
        &"9".repeat(200),
        Rule::NumberTooLarge,
    );
}

#[test]
fn a_member_that_stands_twice_is_reported() {
    let rule = Rule::JsonMemberTwice;
    let sets = "\"attributes\": [6]";
    one(
        FLAT,
        sets,
        &format!("{sets}, \"attributes\": [7]"),
        "\"attributes\": [7]",
        rule,
    );
    one(
        FLAT,
        sets,
        &format!("{sets}, \"action\": \"Append\", \"action\": \"Delete\""),
        "\"action\": \"Delete\"",
        rule,
    );
    one(
        ONE,
        "\"attributes\": [1, 0]",
        "\"attributes\": [1, 0], \"observations\": {}",
        "\"observations\": {}",
        rule,
    );
    one(
        ONE,
        "\"annotations\": [\n    {",
        "\"dimensions\": {}, \"annotations\": [\n    {",
        "\"dimensions\": {},",
        rule,
    );
}

#[test]
fn an_index_is_of_a_value_that_there_is() {
    let rule = Rule::IndexMalformed;
    for key in [
        "2:0:0",
        "0:0",
        "0:0:0:0",
        "",
        "::",
        "-1:0:0",
        "+1:0:0",
        "a:0:0",
        "99999999999999999999:0:0",
        " 0:0:0",
    ] {
        let message = with(FLAT, "\"0:0:0\"", &format!("\"{key}\""));
        let (line, column) = at(&message, &format!("\"{key}\": [\n      262345.6"));
        let count = if key == "::" { 3 } else { 1 };
        check(read, message, &vec![(line, column, rule); count]);
    }
    for (from, to) in [
        ("-41205.70,\n      2", "-41205.70,\n      3"),
        ("-41205.70,\n      2", "-41205.70,\n      2.0"),
        ("-41205.70,\n      2", "-41205.70,\n      \"P\""),
    ] {
        let message = with(FLAT, from, to);
        let (line, _) = at(&message, to);
        check(read, message, &[(line + 1, 7, rule)]);
    }
    // What stands behind the attributes is an annotation, and there must be one.
    one(
        ONE,
        "\"annotations\": [\n    {\n     \"title\": \"A note\"\n    }\n   ]",
        "\"annotations\": null",
        "0]\n      },\n      \"attributes\": [1",
        rule,
    );
}

#[test]
fn a_component_has_one_value_and_no_translations() {
    let rule = Rule::ValueSeveral;
    one(FLAT, "262345.6", "[1, 2]", "[1, 2]", rule);
    one(FLAT, "262345.6", "{\"en\": \"one\"}", "{\"en\"", rule);
    one(
        FLAT,
        "{ \"id\": \"BE1\", \"name\": \"BE1\" }",
        "{ \"values\": [1, 2] }",
        "\"1:0:1\"",
        rule,
    );
}

#[test]
fn a_dimension_of_the_data_set_has_one_value() {
    one(
        FLAT,
        "{ \"id\": \"A\", \"name\": \"A\" }\n       ]\n      },\n      {\n       \"id\": \"ACTIVITY\"",
        "{ \"id\": \"A\" }, { \"id\": \"M\" }\n       ]\n      },\n      {\n       \"id\": \"ACTIVITY\"",
        "\"FREQ\"",
        Rule::IndexMalformed,
    );
}

#[test]
fn a_structure_is_named_and_there() {
    let rule = Rule::StructureUnknown;
    let message = FLAT
        .replace("dataflow/BE2/REGTRD/1.0", "flow")
        .replace("datastructure.Dataflow", "codelist.Codelist");
    let (line, _) = at(&message, "\"links\"");
    check(read, message, &[(line - 1, 4, rule)]);
    let sets = "\"attributes\": [6]";
    let (line, _) = at(FLAT, "\"dataSets\": [");
    check(
        read,
        with(FLAT, sets, "\"attributes\": [6], \"structure\": 1"),
        &[(line + 1, 4, rule)],
    );
    one(
        FLAT,
        sets,
        "\"attributes\": [6], \"structure\": \"x\"",
        "\"x\"",
        Rule::IndexMalformed,
    );
    check(read, "{\"data\": {\"dataSets\": [{}]}}", &[(1, 24, rule)]);
}

#[test]
fn what_a_message_has_of_another_kind_is_reported() {
    check(read, "{}", &[(1, 1, Rule::HeaderWithoutRows)]);
    check(
        read,
        "{\"data\": [1]}",
        &[
            (1, 1, Rule::HeaderWithoutRows),
            (1, 10, Rule::MessageUnknown),
        ],
    );
    check(
        read,
        "[1]",
        &[
            (1, 1, Rule::MessageUnknown),
            (1, 1, Rule::HeaderWithoutRows),
        ],
    );
    one(
        FLAT,
        "\"meta\": {",
        "\"errors\": [{\"code\": 510}], \"meta\": {",
        "{\"code\"",
        Rule::MessageError,
    );
    one(
        FLAT,
        "\"attributes\": [6]",
        "\"attributes\": [6], \"action\": \"I\"",
        "\"I\"",
        Rule::ActionUnknown,
    );
    one(
        FLAT,
        "\"attributes\": {\n     \"dataSet\"",
        "\"attributes\": {\n     \"group\": [], \"dataSet\"",
        "\"group\"",
        Rule::ElementUnknown,
    );
    one(
        ONE,
        "\"observations\": {\n       \"0\": [null, 1]",
        "\"obs\": 1, \"observations\": {\n       \"0\": [null, 1]",
        "\"obs\"",
        Rule::ElementUnknown,
    );
}

#[test]
fn attributes_that_no_observation_has_are_reported() {
    one(
        TWO,
        "\":1:::::\": [0, 2]",
        "\":1:::::\": [0, 2], \":1:0::::\": [0]",
        "\":1:0::::\"",
        Rule::GroupUnused,
    );
    let observations = ",\n      \"observations\": {\n       \"0\": [null, 1]\n      }";
    one(ONE, observations, "", "\"1:1:0:0:0\"", Rule::GroupUnused);
}

#[test]
fn levels_that_contradict_each_other_are_reported() {
    let group = "\":1:::::\": [0, 2]";
    let message = with(TWO, group, &format!("{group}, \":::::0:\": [0, 7]"));
    let (line, column) = at(&message, "7]");
    check(read, message, &[(line, column, Rule::ValueConflict); 4]);
}

#[test]
fn a_source_that_fails_is_an_issue_where_the_reading_came_to() {
    let (line, column) = at(FLAT, "262345.6");
    let cut = &FLAT.as_bytes()[..FLAT.find("262345.6").unwrap()];
    let read = read_from(read, &Failing(cut));
    let places: Vec<_> = read
        .issues
        .iter()
        .map(|i| (i.line, i.column, i.rule))
        .collect();
    assert_eq!(places, [(line, column, Rule::FileUnreadable)]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..2_000)) {
        let read = read_from(read, &&bytes[..]);
        prop_assert!(read.count > 0);
    }

    #[test]
    fn a_mutated_message_never_panics(
        message in select(&[ONE, TWO, FLAT][..]),
        edits in vec((any::<u16>(), prop_oneof![select(&b"{}[]\",:0123 ntf\\-.e\0\xff"[..]), any::<u8>()], 0..5_u8), 1..8),
    ) {
        let bytes = edited(message.as_bytes(), &edits);
        read_from(read, &&bytes[..]);
    }
}
