//! What is not taken in: refused with its place, its cause and exit code 1, and nothing is stored.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;

use support::{Server, regtrade};

const RELEASE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/releases/regtrd-2024.tsv");

#[test]
fn a_broken_file_is_refused_with_line_column_and_rule_and_nothing_is_stored() {
    let up = Server::up();
    let text = fs::read_to_string(RELEASE).unwrap();
    let broken = up.file(
        "broken.tsv",
        text.replace("29,064.1", "29.064,1").as_bytes(),
    );
    let refused = up.client(&["ingest", &broken]);
    assert_eq!(refused.code, 1, "{}", refused.errors);
    assert!(
        refused.errors.contains(&format!("{broken}:10:2: ")),
        "{}",
        refused.errors
    );
    let long = up.file("long.tsv", &vec![b'7'; 5_000_000]);
    assert_eq!(up.client(&["ingest", &long]).code, 1);
    assert_eq!(up.client(&["ingest", "no/such/file"]).code, 1);
    let none = up.client(&["releases", "--format", "csv"]).succeeds();
    assert_eq!(none.output.lines().count(), 1);
    let nothing = up.client(&["key-indicators"]);
    assert_eq!(
        (nothing.code, nothing.output.as_str()),
        (1, ""),
        "{}",
        nothing.errors
    );
}

#[test]
fn every_kind_of_broken_table_is_refused_at_its_line_and_nothing_is_stored() {
    let up = Server::up();
    let whole = fs::read_to_string(RELEASE).unwrap();
    let replaced = |from: &str, to: &str| {
        assert!(whole.contains(from), "{from}");
        whole.replacen(from, to, 1).into_bytes()
    };
    let utf16 = |unit: fn(u16) -> [u8; 2]| whole.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    let broken: Vec<(&str, Vec<u8>)> = vec![
        ("two minus signs", replaced("\t-6.3\t", "\t--6.3\t")),
        ("another number style", replaced("353,618.3", "353.618,3")),
        ("two readings", replaced("62,472.5", "62,472")),
        ("no number", replaced("62,472.5", "62,47x.5")),
        ("an exponent", replaced("62,472.5", "6.2e4")),
        ("a region twice", replaced("Wallonia", "Flanders")),
        ("an unknown region", replaced("Wallonia", "Walonia")),
        (
            "an unknown item",
            replaced("Exports of services", "Exports of vices"),
        ),
        ("another currency", replaced("€ million", "$ million")),
        ("no unit", replaced(" (€ million)", "")),
        ("a year missing", replaced("\t2023\t", "\t\t")),
        ("a year twice", replaced("\t2022\t2023\t", "\t2022\t2022\t")),
        ("a span for a year", replaced("2019-2024", "2024")),
        ("a cell too many", replaced("\t-6.3\t", "\t-6.3\t1.0\t")),
        ("a cell too few", replaced("\t-6.3\t", "\t")),
        ("a row of another table", replaced("Belgium\t", "Total\t")),
        ("cut in a row", whole.as_bytes()[..900].to_vec()),
        (
            "cut in a section",
            whole
                .lines()
                .take(6)
                .map(|line| format!("{line}\n"))
                .collect::<String>()
                .into_bytes(),
        ),
        (
            "the header alone",
            whole
                .lines()
                .take(3)
                .map(|line| format!("{line}\n"))
                .collect::<String>()
                .into_bytes(),
        ),
        (
            "the rows alone",
            whole
                .lines()
                .skip(3)
                .map(|line| format!("{line}\n"))
                .collect::<String>()
                .into_bytes(),
        ),
        (
            "UTF-16, little end first",
            [vec![0xff, 0xfe], utf16(u16::to_le_bytes)].concat(),
        ),
        (
            "UTF-16, big end first",
            [vec![0xfe, 0xff], utf16(u16::to_be_bytes)].concat(),
        ),
        (
            "Latin-1",
            replaced("Exports", "Export\u{e9}s")
                .into_iter()
                .filter(|byte| *byte != 0xc3)
                .collect(),
        ),
        ("binary", (0..=255).collect()),
        ("a Parquet file", b"PAR1\x15\x04\x15\x00PAR1".to_vec()),
        ("blanks", b" \n\t\n\n".to_vec()),
        ("one long line", vec![b'7'; 200_000]),
        ("empty", vec![]),
    ];
    for (name, bytes) in broken {
        let file = up.file("table.tsv", &bytes);
        let refused = up.client(&["ingest", &file]);
        assert_eq!(
            (refused.code, refused.output.as_str()),
            (1, ""),
            "{name}: {}",
            refused.errors
        );
        let place = refused
            .errors
            .split_once(&format!("{file}:"))
            .map(|(_, rest)| rest);
        let mut numbers = place
            .unwrap_or_else(|| panic!("{name}: {}", refused.errors))
            .splitn(3, ':');
        for _ in 0..2 {
            assert!(
                numbers.next().is_some_and(|n| n.parse::<u32>().is_ok()),
                "{name}: {}",
                refused.errors
            );
        }
    }
    assert_eq!(
        up.client(&["releases", "--format", "csv"])
            .succeeds()
            .output
            .lines()
            .count(),
        1
    );
}

#[test]
fn a_provably_inconsistent_release_needs_a_reason_which_stays_with_it() {
    let up = Server::up();
    let text = fs::read_to_string(RELEASE).unwrap();
    let wrong = up.file("wrong.tsv", text.replace("29,064.1", "29,065.1").as_bytes());
    let refused = up.client(&["ingest", &wrong]);
    assert_eq!(refused.code, 1, "{}", refused.errors);
    assert!(
        refused.errors.contains(&format!("{wrong}:10:2: ")),
        "{}",
        refused.errors
    );
    let kept = up.client(&[
        "ingest",
        &wrong,
        "--accept-findings",
        "printed so, asked the publisher",
    ]);
    kept.succeeds();
    let again = up.client(&["ingest", &wrong]).succeeds();
    assert!(
        again.output.contains("already ingested as"),
        "{}",
        again.output
    );
    assert_eq!(
        up.client(&["ingest", &wrong, "--accept-findings", " "])
            .code,
        2
    );
    let levels = up.client(&["observations", "--format", "csv"]).succeeds();
    assert!(
        levels.errors.contains("asked the publisher"),
        "{}",
        levels.errors
    );
    let json = up
        .client(&["key-indicators", "--format", "json"])
        .succeeds()
        .output;
    assert!(
        json.contains("printed so, asked the publisher") && json.contains("provably_inconsistent"),
        "{json}"
    );
}

#[test]
fn a_dry_run_stores_nothing() {
    let up = Server::up();
    up.client(&["ingest", RELEASE, "--dry-run"]).succeeds();
    assert_eq!(
        up.client(&["releases", "--format", "csv"])
            .succeeds()
            .output
            .lines()
            .count(),
        1
    );
}

#[test]
fn a_text_is_checked_against_its_table_offline() {
    let folder = tempfile::tempdir().unwrap();
    let text = |percent: &str| {
        let path = folder.path().join("text.txt");
        let sentence = format!(
            "En 2024, les exportations de biens de la Flandre ont reculé de {percent} %.\n"
        );
        fs::write(&path, sentence).unwrap();
        path.display().to_string()
    };
    let right = regtrade(&["audit", RELEASE, "--text", &text("1,2"), "--format", "csv"]).succeeds();
    assert!(
        right
            .output
            .starts_with("rule,verdict,cells,expected,found,explanation\n"),
        "{}",
        right.output
    );
    assert!(right.output.contains("claim,true,"), "{}", right.output);
    let wrong = regtrade(&["audit", RELEASE, "--text", &text("2,1"), "--format", "csv"]);
    assert_eq!(wrong.code, 1, "{}", wrong.errors);
    assert!(wrong.output.contains("claim,false,"), "{}", wrong.output);
}

#[test]
fn a_table_of_another_agency_is_audited_by_its_description() {
    let folder = tempfile::tempdir().unwrap();
    let description = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/rules/example-description.toml"
    );
    let audited = |south: &str| {
        let path = folder.path().join("table.tsv");
        let table = format!(
            "\tValue (€ million)\n\t2024\nExports\t\nNorth\t100.0\nSouth\t{south}\nExamplia\t200.0\n"
        );
        fs::write(&path, table).unwrap();
        regtrade(&[
            "audit",
            &path.display().to_string(),
            "--description",
            description,
            "--format",
            "csv",
        ])
    };
    // A part is not allocated, so the regions may add up to less than the country, and never to more.
    audited("84.0").succeeds();
    let more = audited("110.0");
    assert_eq!(more.code, 1, "{}", more.errors);
    assert!(
        more.output.contains("provably_inconsistent"),
        "{}",
        more.output
    );
}
