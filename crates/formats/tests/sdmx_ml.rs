//! SDMX-ML messages that are well laid out: every version says the same.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod messages;

use messages::{Slow, check, read_from, row, rows, said_by_samples, with};
use regtrade_formats::{Rule, sdmx::ml::read};

const SAMPLES: [(&str, &str); 7] = [
    ("generic", include_str!("samples/generic-2.1.xml")),
    (
        "generic, flat",
        include_str!("samples/generic-flat-2.1.xml"),
    ),
    (
        "generic time series",
        include_str!("samples/generic-time-series-2.1.xml"),
    ),
    ("specific", SPECIFIC),
    (
        "specific, flat",
        include_str!("samples/structure-specific-flat-2.1.xml"),
    ),
    (
        "specific time series",
        include_str!("samples/structure-specific-time-series-2.1.xml"),
    ),
    ("3.0", THREE),
];
const SPECIFIC: &str = include_str!("samples/structure-specific-2.1.xml");
const THREE: &str = include_str!("samples/structure-specific-3.0.xml");

#[test]
fn every_version_says_the_same() {
    for (name, message) in SAMPLES {
        let read = read_from(read, &message.as_bytes());
        assert_eq!(read.issues, [], "{name}");
        assert_eq!(read.kept.rows, said_by_samples(), "{name}");
        let [structure] = &read.kept.structures[..] else {
            panic!("{name}: {:?}", read.kept.structures);
        };
        assert_eq!(
            format!("{structure:?}"),
            "StructureRef { kind: Dataflow, agency: \"BE2\", id: \"REGTRD\", version: \"1.0\" }",
            "{name}"
        );
    }
}

#[test]
fn it_does_not_matter_in_which_pieces_a_message_arrives() {
    for (name, message) in SAMPLES {
        for size in [1, 7, 100] {
            let slow = read_from(read, &Slow(message.as_bytes(), size));
            assert_eq!(
                (slow.issues, slow.kept.rows),
                (vec![], said_by_samples()),
                "{name} by {size}"
            );
        }
    }
}

#[test]
fn prefixes_are_free() {
    let message = SPECIFIC
        .replace("mes:", "")
        .replace("xmlns:mes=", "xmlns=")
        .replace("ss:", "s-1:")
        .replace("xmlns:s-1:", "xmlns:s-1")
        .replace("xmlns:ss=", "xmlns:s-1=");
    assert!(
        message.contains("<StructureSpecificData xmlns="),
        "{message}"
    );
    assert_eq!(rows(read, &message), said_by_samples());
}

#[test]
fn a_cell_stands_where_its_value_begins() {
    let read = read_from(read, &SPECIFIC.as_bytes());
    let (line, column, cells) = &read.kept.places[0];
    let text = SPECIFIC.lines().nth(*line as usize - 1).unwrap();
    assert!(text[*column as usize - 1..].starts_with("<Obs "), "{text}");
    for (id, start) in [
        ("OBS_VALUE", "262345.6\""),
        ("ITEM", "P61\""),
        ("UNIT_MULT", "6\">"),
        ("DECIMALS", "1\"/>"),
    ] {
        let (line, column) = cells[id];
        let text = SPECIFIC.lines().nth(line as usize - 1).unwrap();
        assert!(
            text[column as usize - 1..].starts_with(start),
            "{id} at {column}: {text}"
        );
    }
}

#[test]
fn positions_count_characters_and_not_bytes() {
    let message = with(
        SPECIFIC,
        "BE1\" ITEM=\"P61\" ACTIVITY=\"_T\"",
        "B\u{e9}1\" ITEM=\"P61\"\n  ACTIVITY=\"\u{65e5}\" X=\"_T\"",
    );
    let read = read_from(read, &message.as_bytes());
    let (.., cells) = read.kept.places.last().unwrap();
    let (line, column) = cells["ITEM"];
    let text: Vec<_> = message
        .lines()
        .nth(line as usize - 1)
        .unwrap()
        .chars()
        .collect();
    assert_eq!(text[column as usize - 1..][..3], ['P', '6', '1']);
    assert_eq!(cells["ACTIVITY"], (line + 1, 13));
    assert_eq!(cells["X"], (line + 1, 19));
}

#[test]
fn the_action_of_a_data_set_goes_before_that_of_the_header() {
    for (word, code) in [
        ("Append", "Append"),
        ("Merge", "Merge"),
        ("Replace", "Replace"),
        ("Delete", "Delete"),
        (" Information ", "Information"),
    ] {
        let message = with(SPECIFIC, "Information", word);
        let action = |rows: Vec<String>| rows[0].split(':').next().unwrap().to_owned();
        let message = message
            .lines()
            .filter(|line| !line.contains("<Group"))
            .collect::<Vec<_>>()
            .join("\n");
        assert_eq!(action(rows(read, &message)), code);
        let over = with(
            &message,
            "ss:dataScope=\"DataStructure\"",
            "ss:action=\"Append\"",
        );
        assert_eq!(action(rows(read, &over)), "Append");
        // So some writers give it, though the schema asks for a prefix.
        let plain = over.replace("ss:action", "action");
        assert_eq!(action(rows(read, &plain)), "Append");
    }
    let message = with(
        SPECIFIC,
        "    <mes:DataSetAction>Information</mes:DataSetAction>\n",
        "",
    );
    assert_eq!(rows(read, &message), said_by_samples());
}

/// A message of 3.0 with these data sets.
fn three(data_sets: &str) -> String {
    let start = THREE.find("  <message:DataSet").unwrap();
    format!(
        "{}{data_sets}\n</message:StructureSpecificData>\n",
        &THREE[..start]
    )
}

#[test]
fn a_message_can_have_several_data_sets() {
    let message = three(
        r#"<message:DataSet ss:structureRef="REGTRD" ss:action="Delete">
  <Series REF_AREA="BE1"/>
  <Series REF_AREA="BE2"><Obs TIME_PERIOD="2024"/></Series>
  <Obs/>
</message:DataSet>
<message:DataSet ss:structureRef="REGTRD" ss:action="Replace" UNIT_MULT="6">
  <Obs REF_AREA="BE1" TIME_PERIOD="2024" OBS_VALUE=" 1.50 " REPORTING_YEAR_START_DAY="--01-01"/>
</message:DataSet>
<message:DataSet ss:structureRef="REGTRD"/>"#,
    );
    let expected = [
        row("Delete", &[("REF_AREA", "BE1")]),
        row("Delete", &[("REF_AREA", "BE2"), ("TIME_PERIOD", "2024")]),
        "Delete: ".to_owned(),
        row(
            "Replace",
            &[
                ("UNIT_MULT", "6"),
                ("REF_AREA", "BE1"),
                ("TIME_PERIOD", "2024"),
                ("OBS_VALUE", "1.50"),
                ("REPORTING_YEAR_START_DAY", "--01-01"),
            ],
        ),
    ];
    assert_eq!(rows(read, &message), expected);
}

#[test]
fn structures_are_named_in_several_ways() {
    let reference = r#"<Ref agencyID="BE2" id="REGTRD" version="1.0" class="Dataflow" package="datastructure"/>"#;
    let usage = |name: &str, inside: &str| {
        let message = with(SPECIFIC, reference, inside);
        message.replace("com:StructureUsage", name)
    };
    for (name, inside, expected) in [
        (
            "com:Structure",
            "<Ref agencyID='SYNTH' id='REGTRD'/>",
            "DataStructure SYNTH:REGTRD()",
        ),
        (
            "com:ProvisionAgrement",
            "<Ref agencyID='BE2' id='PA' version='2.0'/>",
            "ProvisionAgreement BE2:PA(2.0)",
        ),
        (
            "com:StructureUsage",
            "<URN>urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=SYNTH:REGTRD(1.0)</URN>",
            "Dataflow SYNTH:REGTRD(1.0)",
        ),
        (
            "com:ProvisionAgreement",
            "urn:sdmx:org.sdmx.infomodel.registry.ProvisionAgreement=BE2:PA(1.0.0)",
            "ProvisionAgreement BE2:PA(1.0.0)",
        ),
    ] {
        let read = read_from(read, &usage(name, inside).as_bytes());
        assert_eq!(read.issues, []);
        let structure = &read.kept.structures[0];
        let found = format!(
            "{:?} {}:{}({})",
            structure.kind, structure.agency, structure.id, structure.version
        );
        assert_eq!(found, expected);
    }
    let message = usage("com:StructureUsage", "REGTRD");
    check(
        read,
        message,
        &[
            (9, 7, Rule::StructureUnknown),
            (15, 3, Rule::StructureUnknown),
        ],
    );
}

#[test]
fn references_and_sections_of_text_are_undone() {
    let message = with(SPECIFIC, "262345.6", "&#x32;&#54;&amp;&lt;");
    assert!(rows(read, &message)[0].contains("OBS_VALUE=26&<"));
    let message = THREE.replacen(
        "<Value>F</Value>",
        "<Value> <![CDATA[F]]>&amp; &#71;<!-- a note --></Value>",
        1,
    );
    assert!(rows(read, &message)[0].contains("CONF_STATUS=F& G"));
}

#[test]
fn many_groups_are_matched_by_their_dimensions() {
    let count = 3_000;
    let mut data = "<message:DataSet ss:structureRef=\"REGTRD\">\n".to_owned();
    for number in 0..count {
        data += &format!(
            "<Group PRODUCT=\"P{number}\" DECIMALS=\"{}\"/>\n",
            number % 7
        );
    }
    for number in (0..count).rev() {
        data += &format!("<Obs PRODUCT=\"P{number}\" TIME_PERIOD=\"2024\"/>\n");
    }
    let rows = rows(read, &three(&(data + "</message:DataSet>")));
    assert_eq!(rows.len(), count);
    assert_eq!(
        rows[0],
        format!(
            "Information: DECIMALS={} PRODUCT=P{} TIME_PERIOD=2024",
            (count - 1) % 7,
            count - 1
        )
    );
}
