//! SDMX-ML messages that are broken: every fault is found, with its place and its rule, and nothing panics.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod messages;

use messages::{Failing, check, edited, read_from, with};
use proptest::{collection::vec, prelude::*, sample::select};
use regtrade_formats::{Rule, sdmx::ml::read};

const GENERIC: &str = include_str!("samples/generic-2.1.xml");
const SPECIFIC: &str = include_str!("samples/structure-specific-2.1.xml");
const THREE: &str = include_str!("samples/structure-specific-3.0.xml");

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
    let group = "<Group xsi:type=\"ns1:AreaItem\" REF_AREA=\"BE1\" ";
    let rule = Rule::XmlMalformed;
    one(
        SPECIFIC,
        "</mes:DataSet>",
        "</mes:Dataset>",
        "</mes:Dataset>",
        rule,
    );
    one(
        SPECIFIC,
        "</mes:DataSet>",
        "</mes:DataSet></a>",
        "</a>",
        rule,
    );
    one(
        SPECIFIC,
        group,
        &format!("{group}REF_AREA=\"BE1\" "),
        group,
        rule,
    );
    one(SPECIFIC, group, &format!("{group}X "), group, rule);
    one(SPECIFIC, group, &format!("{group}X=1 "), group, rule);
    one(SPECIFIC, group, &group.replace("BE1", "<BE1"), "<BE1", rule);
    one(
        SPECIFIC,
        group,
        &group.replace("xsi", "xs"),
        "ns1:AreaItem\" REF_AREA=\"BE1",
        rule,
    );
    let cut = SPECIFIC
        .trim_end()
        .strip_suffix("</mes:StructureSpecificData>")
        .unwrap();
    let end = (SPECIFIC.lines().count() as u32, 1);
    check(read, cut, &[(end.0, end.1, rule)]);
    check(read, format!("{SPECIFIC}<more/>"), &[(end.0 + 1, 1, rule)]);
    check(read, format!("{SPECIFIC}more"), &[(end.0, 29, rule)]);
    check(read, format!(" {SPECIFIC}"), &[(1, 2, rule)]);
    check(read, "", &[(1, 1, rule)]);
    check(read, "<!-- nothing -->", &[(1, 17, rule)]);
    check(read, "<a", &[(1, 1, rule)]);
    check(read, "text", &[(1, 1, rule)]);
}

#[test]
fn document_types_and_entities_are_refused() {
    let rule = Rule::XmlForbidden;
    let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;\">]>";
    one(
        SPECIFIC,
        "<mes:StructureSpecificData",
        &format!("{bomb}<mes:StructureSpecificData"),
        "<!DOCTYPE",
        rule,
    );
    one(SPECIFIC, "262345.6", "&c;", "&c;", rule);
    one(SPECIFIC, "262345.6", "&#1;", "&#1;", rule);
    one(SPECIFIC, "262345.6", "&#x110000;", "&#x110000;", rule);
    one(THREE, "<Value>P</Value>", "<Value>&p;</Value>", "&p;", rule);
    one(
        THREE,
        "<Value>P</Value>",
        "<Value>&#0;</Value>",
        "&#0;",
        rule,
    );
}

#[test]
fn what_is_no_text_in_utf_8_is_refused_where_it_stands() {
    let (line, column) = at(SPECIFIC, "262345.6");
    for (byte, rule) in [(0xe9, Rule::FileEncoding), (0, Rule::FileBinary)] {
        let mut bytes = SPECIFIC.as_bytes().to_vec();
        bytes[SPECIFIC.find("262345.6").unwrap()] = byte;
        check(read, bytes, &[(line, column, rule)]);
    }
    let latin = with(SPECIFIC, "UTF-8", "ISO-8859-1");
    check(read, latin, &[(1, 1, Rule::FileEncoding)]);
    let utf_16: Vec<u8> = SPECIFIC.encode_utf16().flat_map(u16::to_be_bytes).collect();
    check(read, utf_16, &[(1, 1, Rule::FileBinary)]);
}

#[test]
fn values_nesting_and_attributes_have_bounds() {
    let rule = Rule::MessageTooComplex;
    let long = "x".repeat(70_000);
    let text = format!("<Value>{long}</Value>");
    let inside = |message: &str, offset| {
        let (line, column) = at(message, &text);
        check(read, message, &[(line, column + offset, rule)]);
    };
    inside(&with(THREE, "<Value>P</Value>", &text), 7);
    let message = with(
        SPECIFIC,
        "TIME_PERIOD=\"2023\" OBS_VALUE=\"262345.6\"",
        &format!("OBS_VALUE=\"{long}\""),
    );
    let (line, column) = at(&message, &format!("<Obs OBS_VALUE=\"{long}"));
    check(read, message, &[(line, column, rule)]);
    check(
        read,
        format!("<a>{}", " ".repeat(200_000)),
        &[(1, 1, Rule::MessageUnknown)],
    );

    let deep = "<Annotations>".repeat(40);
    let message = with(THREE, "<Atts UNIT_MULT=\"6\"/>", &deep);
    let (line, column) = at(&message, &deep);
    check(read, message, &[(line, column + 30 * 13, rule)]);

    let many: String = (0..300).map(|n| format!("A{n}=\"\" ")).collect();
    one(
        THREE,
        "<Atts UNIT_MULT=\"6\"/>",
        &format!("<Atts {many}/>"),
        "<Atts A0=",
        rule,
    );
}

#[test]
fn a_message_has_at_most_256_components() {
    let (start, _) = THREE.split_once("    <Series").unwrap();
    let rows: String = (0..300).map(|n| format!("<Obs A{n}=\"1\"/>\n")).collect();
    let start = start.replace("    <Atts REF_AREA=\"BE1\" DECIMALS=\"2\"/>\n    <Atts REF_AREA=\"BE2\" DECIMALS=\"1\"/>\n", "");
    let start: String = start
        .lines()
        .filter(|line| !line.contains("<Atts"))
        .map(|line| format!("{line}\n"))
        .collect();
    let message = format!("{start}{rows}</message:DataSet></message:StructureSpecificData>");
    let (line, column) = at(&message, "A256=");
    check(
        read,
        &message,
        &[(line, column + 6, Rule::MessageTooComplex)],
    );
}

#[test]
fn other_messages_are_told_from_data() {
    check(read, "<html/>", &[(1, 1, Rule::MessageUnknown)]);
    let other = SPECIFIC.replace("schemas/v2_1/message", "schemas/v2_0/message");
    check(read, other, &[(2, 1, Rule::MessageUnknown)]);
    let structure = SPECIFIC.replace("mes:StructureSpecificData", "mes:Structure");
    check(read, structure, &[(2, 1, Rule::MessageUnknown)]);
    let start = SPECIFIC.find("  <mes:DataSet ").unwrap();
    check(
        read,
        format!("{}</mes:StructureSpecificData>", &SPECIFIC[..start]),
        &[(2, 1, Rule::HeaderWithoutRows)],
    );
    one(
        SPECIFIC,
        "dimensionAtObservation=",
        "explicitMeasures=\"true\" dimensionAtObservation=",
        "<mes:Structure ",
        Rule::MessageUnknown,
    );
}

#[test]
fn a_footer_that_says_error_makes_the_message_incomplete() {
    let footer = |severity: &str| {
        let end = "</mes:StructureSpecificData>";
        format!(
            "<f:Footer xmlns:f=\"urn:f\"><f:Message code=\"510\" severity=\"{severity}\"><t>cut</t></f:Message></f:Footer>\n{end}"
        )
    };
    let end = "</mes:StructureSpecificData>";
    check(read, with(SPECIFIC, end, &footer("Warning")), &[]);
    one(
        SPECIFIC,
        end,
        &footer("Error"),
        "<f:Message",
        Rule::MessageError,
    );
}

#[test]
fn what_a_data_set_cannot_have_is_reported_and_the_reading_goes_on() {
    let obs = "<Obs TIME_PERIOD=\"2023\" OBS_VALUE=\"262345.6\" OBS_STATUS=\"A\"/>";
    one(
        SPECIFIC,
        obs,
        &format!("{obs}<Row><x/></Row>"),
        "<Row>",
        Rule::ElementUnknown,
    );
    one(
        SPECIFIC,
        obs,
        &format!("{obs}stray"),
        "stray",
        Rule::ElementUnknown,
    );
    one(
        SPECIFIC,
        obs,
        &obs.replace("<Obs ", "<Obs ss:action=\"Delete\" "),
        "Delete",
        Rule::ElementUnknown,
    );
    one(
        SPECIFIC,
        "ss:structureRef=\"REGTRD\"",
        "",
        "<mes:DataSet  ",
        Rule::StructureUnknown,
    );
    one(
        SPECIFIC,
        "ss:dataScope=\"DataStructure\"",
        "ss:action=\"Drop\"",
        "Drop",
        Rule::ActionUnknown,
    );
    one(SPECIFIC, "Information", "Drop", "Drop", Rule::ActionUnknown);
    one(
        GENERIC,
        "<gen:Value id=\"OBS_STATUS\" value=\"P\"/>",
        "<gen:Value value=\"P\"/>",
        "<gen:Value value",
        Rule::ElementUnknown,
    );
    one(
        GENERIC,
        "<gen:ObsValue value=\"262345.6\"/>",
        "<gen:ObsValue/>",
        "<gen:ObsValue/>",
        Rule::ElementUnknown,
    );
    one(
        GENERIC,
        "<gen:Value id=\"OBS_STATUS\" value=\"P\"/>",
        "<gen:Value id=\"OBS_VALUE\" value=\"P\"/>",
        "P\"/>\n        </gen:A",
        Rule::ValueSeveral,
    );
}

#[test]
fn a_component_has_one_value_and_no_translations() {
    let rule = Rule::ValueSeveral;
    one(
        THREE,
        "<Value>P</Value>",
        "<Value>P</Value><Value>Q</Value>",
        "<Value>Q",
        rule,
    );
    one(
        THREE,
        "<Value>P</Value>",
        "<Value><common:Text>P</common:Text></Value>",
        "<Value><common",
        rule,
    );
}

#[test]
fn levels_that_contradict_each_other_are_reported() {
    let obs = "TIME_PERIOD=\"2023\" OBS_VALUE=\"262345.6\" OBS_STATUS=\"A\"";
    let rule = Rule::ValueConflict;
    one(
        SPECIFIC,
        obs,
        &format!("{obs} UNIT_MULT=\"3\""),
        "3\"/>",
        rule,
    );
    check(
        read,
        with(SPECIFIC, obs, &format!("{obs} UNIT_MULT=\" 6\"")),
        &[],
    );
    let group = "<Group xsi:type=\"ns1:AreaItem\" REF_AREA=\"BE1\" ITEM=\"P61\" DECIMALS=\"2\"/>";
    one(
        SPECIFIC,
        group,
        &format!("{group}{}", group.replace('2', "3")),
        "3\"/>",
        rule,
    );
}

#[test]
fn a_group_stands_before_its_rows_and_has_some() {
    let group = "<Group xsi:type=\"ns1:AreaItem\" REF_AREA=\"BE1\" ITEM=\"P61\" DECIMALS=\"2\"/>";
    let other = group.replace("BE1", "BE3");
    one(
        SPECIFIC,
        group,
        &format!("{group}{other}"),
        &other,
        Rule::GroupUnused,
    );
    let end = "  </mes:DataSet>";
    one(
        SPECIFIC,
        end,
        &format!("{group}\n{end}").replace("DECIMALS=\"2\"", "NOTE=\"x\""),
        "<Group xsi:type=\"ns1:AreaItem\" REF_AREA=\"BE1\" ITEM=\"P61\" NOTE",
        Rule::ElementMisplaced,
    );
    let key = "FREQ=\"A\" REF_AREA=\"BE1\" ITEM=\"P61\" ACTIVITY=\"_T\" PRODUCT=\"_T\" COUNTERPART_AREA=\"W1\" CONF_STATUS=\"F\">";
    let message = with(SPECIFIC, key, &format!("{key}\n</Series>\n<Series {key}"));
    let (line, column) = at(&message, &format!("<Series {key}\n</Series>"));
    check(read, message, &[(line, column, Rule::GroupUnused)]);
}

#[test]
fn a_component_of_a_group_is_a_dimension_always_or_never() {
    let message = with(
        SPECIFIC,
        "REF_AREA=\"BE2\" ITEM=\"P62\" ACTIVITY",
        "REF_AREA=\"BE2\" ACTIVITY",
    );
    let (line, column) = at(&message, "<Obs TIME_PERIOD=\"2023\" OBS_STATUS=\"O\"/>");
    let group = at(
        &message,
        "<Group xsi:type=\"ns1:AreaItem\" REF_AREA=\"BE2\" ITEM=\"P62\"",
    );
    check(
        read,
        &message,
        &[
            (group.0, group.1, Rule::GroupUnused),
            (line, column, Rule::GroupAmbiguous),
        ],
    );
}

#[test]
fn a_source_that_fails_is_an_issue_where_the_reading_came_to() {
    let (line, column) = at(SPECIFIC, "262345.6");
    let cut = &SPECIFIC.as_bytes()[..SPECIFIC.find("262345.6").unwrap()];
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
        message in select(&[GENERIC, SPECIFIC, THREE][..]),
        edits in vec((any::<u16>(), prop_oneof![select(&b"<>/&;\"'= !?[]-:#x\0\xff"[..]), any::<u8>()], 0..5_u8), 1..8),
    ) {
        let bytes = edited(message.as_bytes(), &edits);
        read_from(read, &&bytes[..]);
    }
}
