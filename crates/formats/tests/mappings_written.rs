//! Mappings that operators write: what is wrong with each, where, by which rule.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use regtrade_formats::{
    Mappings, Rule,
    data_file::{self, Entry},
    mapping::InvalidMapping,
};

/// A mapping that is sound, of 19 lines.
const SOUND: &str = r#"structures = ["AA:FLOWS(1.0)"]
dataflow = "REGTRD"
ignore = ["UPDATED"]
[constants]
FREQ = "A"
ACTIVITY = "_T"
PRODUCT = "_T"
COUNTERPART_AREA = "W1"
[components]
TIME_PERIOD = "TIME_PERIOD"
OBS_VALUE = "OBS_VALUE"
[components.PLACE]
gives = "REF_AREA"
codes = { N = "BE2", S = "BE3" }
[components.FLOW]
gives = "ITEM"
codes = { X = "P61", M = "P71" }
skip = ["B"]
[components.UNIT]
gives = "UNIT"
units = { ME = { indicator = "level", unit_mult = 6 } }
"#;

fn load(toml: &str) -> Result<Mappings, InvalidMapping> {
    Mappings::shipped().clone().with("own.toml", toml)
}

#[track_caller]
fn refused(edits: &[(&str, &str)], expected: &[(u32, Rule)]) {
    let mut toml = SOUND.to_owned();
    for (from, to) in edits {
        assert!(toml.contains(from), "{from}");
        toml = toml.replace(from, to);
    }
    let error = load(&toml).unwrap_err();
    let found: Vec<_> = error.issues.iter().map(|i| (i.line, i.rule)).collect();
    assert_eq!(found, expected, "{toml}\n{error}");
    let is_worded = |line: &str| line.starts_with("own.toml:") && line.len() > 40;
    assert!(error.to_string().lines().all(is_worded), "{error}");
}

#[test]
fn the_mapping_that_the_others_are_broken_from_is_sound() {
    let mappings = load(SOUND).unwrap();
    assert!(mappings.structures().contains("AA:FLOWS(1.0)"));
}

#[test]
fn every_fault_is_found_at_its_line() {
    use Rule::{
        MappingCodeTwice, MappingCodeUnknown, MappingKeyUnknown, MappingMalformed, MappingMissing,
        MappingTwoToOne,
    };
    for (from, to, line, rule) in [
        (
            "dataflow = \"REGTRD\"",
            "dataflow = \"TRADE\"",
            2,
            MappingMalformed,
        ),
        ("dataflow = \"REGTRD\"", "", 1, MappingMissing),
        ("AA:FLOWS(1.0)", "FLOWS", 1, MappingMalformed),
        ("AA:FLOWS(1.0)", "AA:*(1.0)", 1, MappingMalformed),
        ("[\"AA:FLOWS(1.0)\"]", "[]", 1, MappingMissing),
        (
            "[\"AA:FLOWS(1.0)\"]",
            "[\"A:F(*)\", \"A:F(*)\"]",
            1,
            MappingCodeTwice,
        ),
        ("ignore =", "ignored =", 3, MappingKeyUnknown),
        ("[\"UPDATED\"]", "\"UPDATED\"", 3, MappingMalformed),
        ("[\"UPDATED\"]", "[1]", 3, MappingMalformed),
        ("[\"UPDATED\"]", "[\"PLACE\"]", 12, MappingCodeTwice),
        ("FREQ = \"A\"", "FREQ = \"M\"", 5, MappingCodeUnknown),
        ("FREQ = \"A\"", "", 9, MappingMissing),
        (
            "ACTIVITY = \"_T\"",
            "CONCEPT = \"NAT\"\nACTIVITY = \"_T\"",
            6,
            MappingKeyUnknown,
        ),
        ("OBS_VALUE = \"OBS_VALUE\"", "", 9, MappingMissing),
        ("= \"TIME_PERIOD\"", "= \"TIME\"", 10, MappingKeyUnknown),
        (
            "gives = \"REF_AREA\"",
            "gives = \"AREA\"",
            13,
            MappingKeyUnknown,
        ),
        ("\"BE2\"", "\"BE9\"", 14, MappingCodeUnknown),
        ("\"BE2\"", "2", 14, MappingMalformed),
        ("S = \"BE3\"", "S = \"BE2\"", 14, MappingTwoToOne),
        ("S = \"BE3\"", "N = \"BE3\"", 14, MappingMalformed),
        (
            "codes = { X",
            "patterns = { \"2*\" = \"P9*\" }\ncodes = { X",
            17,
            MappingCodeUnknown,
        ),
        (
            "codes = { X",
            "patterns = { \"2\" = \"P6*\" }\ncodes = { X",
            17,
            MappingMalformed,
        ),
        ("\"P61\"", "\"B11\"", 17, MappingCodeUnknown),
        ("skip = [\"B\"]", "skip = [\"X\"]", 18, MappingCodeTwice),
        ("skip = [\"B\"]", "others = \"drop\"", 18, MappingMalformed),
        (
            "skip = [\"B\"]",
            "concordance = \"isic\"",
            18,
            MappingKeyUnknown,
        ),
        (
            "skip = [\"B\"]",
            "units = { B = { indicator = \"level\" } }",
            18,
            MappingMalformed,
        ),
        ("units =", "codes =", 21, MappingMalformed),
        (
            "{ ME = { indicator = \"level\", unit_mult = 6 } }",
            "{ ME = {} }",
            21,
            MappingMissing,
        ),
        ("\"level\"", "\"index\"", 21, MappingCodeUnknown),
        ("unit_mult = 6", "unit_mult = 16", 21, MappingMalformed),
        ("\"level\"", "\"growth\"", 21, MappingMalformed),
        ("gives = \"UNIT\"", "gives = \"UNIT", 20, MappingMalformed),
    ] {
        let mut toml = SOUND.to_owned();
        assert!(toml.contains(from), "{from}");
        toml = toml.replace(from, to);
        let error = load(&toml).unwrap_err();
        let is_it = |issue: &regtrade_formats::Issue| (issue.line, issue.rule) == (line, rule);
        assert!(error.issues.iter().any(is_it), "{toml}\n{error}");
    }
}

#[test]
fn all_faults_are_told_in_one_go() {
    refused(
        &[
            ("ignore =", "ignored ="),
            ("PRODUCT = \"_T\"", ""),
            ("N = \"BE2\"", "N = \"BE9\""),
            ("M = \"P71\"", "M = \"P61\""),
            ("\"level\"", "\"levels\""),
        ],
        &[
            (3, Rule::MappingKeyUnknown),
            (9, Rule::MappingMissing),
            (14, Rule::MappingCodeUnknown),
            (17, Rule::MappingTwoToOne),
            (21, Rule::MappingCodeUnknown),
        ],
    );
}

#[test]
fn a_mapping_of_ones_own_goes_before_a_shipped_one() {
    let toml = SOUND.replace("AA:FLOWS(1.0)", "*:REGTRD(*)");
    let file = "DATAFLOW,PLACE,FLOW,UNIT,TIME_PERIOD,OBS_VALUE\nBE2:REGTRD(1.0),N,X,ME,2024,1\n";
    let reading = data_file::read_all(&file.as_bytes(), &load(&toml).unwrap());
    assert_eq!(reading.whole().unwrap()[0].0.key.ref_area.as_str(), "BE2");
    let reading = data_file::read_all(&file.as_bytes(), Mappings::shipped());
    assert!(reading.summary.issue_count > 0);
}

#[test]
fn a_unit_and_an_attribute_that_contradict_each_other_are_refused() {
    let toml = SOUND.replace(
        "[components]\n",
        "[components]\nUNIT_MULT = \"UNIT_MULT\"\n",
    );
    let mappings = load(&toml).unwrap();
    for (multiple, issues) in [("", 0), ("6", 0), ("0", 1)] {
        let file = format!(
            "DATAFLOW,PLACE,FLOW,UNIT,TIME_PERIOD,OBS_VALUE,UNIT_MULT\nAA:FLOWS(1.0),N,X,ME,2024,1,{multiple}\n"
        );
        let summary = data_file::read_all(&file.as_bytes(), &mappings).summary;
        assert_eq!(
            summary.issue_count, issues,
            "{multiple} {:?}",
            summary.issues
        );
    }
}

#[test]
fn the_example_of_the_documentation_reads_its_file() {
    let page = include_str!("../../../docs/mapping.md");
    let block = |start: &str| {
        let text = page.split(start).nth(1).unwrap();
        text.split("```").next().unwrap().to_owned()
    };
    let mappings = load(&block("```toml\n")).unwrap();
    let file = block("```csv\n");
    let reading = data_file::read_all(&file.as_bytes(), &mappings);
    assert_eq!(reading.summary.issues, []);
    let [
        Entry::Observation { observation, .. },
        Entry::Figure(figure),
    ] = &reading.entries[..]
    else {
        panic!("{:?}", reading.entries);
    };
    assert_eq!(
        (observation.key.to_string().as_str(), observation.unit_mult),
        ("A.BE34.P61._T._T.W1:level:2024", 3)
    );
    assert_eq!(figure.key.to_string(), "A.BE331.P72._T._T.W1:growth:2024");
}
