//! The detail, from end to end: calibrated levels in, every printed cell out as computed, and data files that carry a
//! lake to another one unchanged.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{collections::BTreeMap, fs};

use support::{Run, Server, regtrade};

const FACTS: &str = include_str!("../../../tests/data/regtrd-2024.csv");

/// The synthetic levels as a data file beside the lake of a server.
fn synthetic(server: &Server, what: &str, name: &str, more: &[&str]) -> String {
    let path = server.file(name, b"");
    let arguments = [&["synth", what, "-o", path.as_str()], more].concat();
    regtrade(&arguments).succeeds();
    path
}

/// A server with the calibrated levels of the edition 2024 in it, and nothing of its print.
fn with_levels() -> Server {
    let server = Server::up();
    let file = synthetic(&server, "regtrd", "levels.csv.gz", &[]);
    let taken = server.client(&["ingest", &file]).succeeds();
    assert!(taken.output.contains("synthetic"), "{}", taken.output);
    server
}

fn rows(run: &Run) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(run.output.as_bytes());
    let header = reader.headers().unwrap().clone();
    let rows = reader.records().map(|row| row.unwrap());
    rows.map(|row| {
        let cells = header.iter().zip(row.iter());
        cells
            .map(|(name, cell)| (name.to_owned(), cell.to_owned()))
            .collect()
    })
    .collect()
}

#[test]
fn from_calibrated_levels_every_printed_cell_is_computed_and_equal_to_the_print() {
    let server = with_levels();
    let figures = server
        .client(&["key-indicators", "--format", "csv"])
        .succeeds();
    let found: BTreeMap<_, _> = rows(&figures)
        .into_iter()
        .map(|row| {
            let key = ["item", "ref_area", "indicator", "period"].map(|name| row[name].clone());
            (key, row)
        })
        .collect();
    let mut facts = csv::Reader::from_reader(FACTS.as_bytes());
    let mut compared = 0;
    for fact in facts.records().map(Result::unwrap) {
        let key = [0, 1, 2, 3].map(|at| fact[at].to_owned());
        let row = found
            .get(&key)
            .unwrap_or_else(|| panic!("{key:?} is not there"));
        assert_eq!(row["provenance"], "COMPUTED", "{key:?}");
        let shown: rust_decimal::Decimal = row["value"].parse().unwrap();
        let printed: rust_decimal::Decimal = fact[4].parse().unwrap();
        assert_eq!(
            shown.round_dp_with_strategy(
                printed.scale(),
                rust_decimal::RoundingStrategy::MidpointAwayFromZero,
            ),
            printed,
            "{key:?}"
        );
        compared += 1;
    }
    assert_eq!(compared, 204);
    let releases = server.client(&["releases", "--format", "json"]).succeeds();
    assert!(
        releases.output.contains("\"synthetic\""),
        "{}",
        releases.output
    );
    assert!(
        server
            .client(&["key-indicators"])
            .succeeds()
            .output
            .contains("ynthetic"),
        "the table does not say that the figures are made up"
    );
}

#[test]
fn a_lake_goes_through_data_files_into_another_lake_unchanged() {
    for end in [".sdmx.csv", ".sdmx.json"] {
        let server = with_levels();
        let first = server.file(&format!("first{end}"), b"");
        server.client(&["observations", "-o", &first]).succeeds();
        let other = Server::up();
        other.client(&["ingest", &first]).succeeds();
        let second = other.file(&format!("second{end}"), b"");
        other.client(&["observations", "-o", &second]).succeeds();
        let (first, second) = (fs::read(first).unwrap(), fs::read(second).unwrap());
        assert!(first.len() > 100_000, "{} bytes", first.len());
        assert!(first == second, "{end}: the second file is another");
        let releases = other.client(&["releases", "--format", "json"]).succeeds();
        assert!(
            releases.output.contains("\"synthetic\": true"),
            "the mark of what is made up was lost: {}",
            releases.output
        );
    }
}

#[test]
fn the_three_charts_take_one_command_each() {
    let server = with_levels();
    let areas = "BE1+BE2+BE3";
    // Exports, imports and net exports by region over time.
    let over_time = server
        .client(&[
            "observations",
            "--key",
            "A.BE1+BE2+BE3.P6+P7+B11._T._T.W1",
            "--format",
            "csv",
        ])
        .succeeds();
    let over_time = rows(&over_time);
    for item in ["P6", "P7", "B11"] {
        for area in ["BE1", "BE2", "BE3"] {
            let years = over_time
                .iter()
                .filter(|row| row["item"] == item && row["ref_area"] == area);
            assert_eq!(years.count(), 6, "{item} {area}: 2019 to 2024");
        }
    }
    // Services by type, and by partner.
    for by in ["product", "partner-group"] {
        let run = server
            .client(&[
                "contributions",
                "--by",
                by,
                "--item",
                "P62+P72",
                "--area",
                areas,
                "--from",
                "2019",
                "--to",
                "2024",
                "--format",
                "json",
            ])
            .succeeds();
        let answer: serde_json::Value = serde_json::from_str(&run.output).unwrap();
        let sets = answer["contributions"].as_array().unwrap();
        assert_eq!(sets.len(), 6, "two items of three regions");
        for set in sets {
            let value = |of: &serde_json::Value| -> rust_decimal::Decimal {
                of["value"].as_str().unwrap().parse().unwrap()
            };
            let parts: rust_decimal::Decimal =
                set["parts"].as_array().unwrap().iter().map(value).sum();
            let rounding: rust_decimal::Decimal =
                set["rounding"].as_str().unwrap().parse().unwrap();
            assert_eq!(
                parts + value(&set["uncovered"]) + rounding,
                value(&set["total"])
            );
            assert!(set["parts"].as_array().unwrap().len() >= 3);
        }
    }
}

#[test]
fn the_two_concepts_stand_side_by_side_and_are_never_added() {
    let server = with_levels();
    let months = synthetic(&server, "exttrade", "months.csv.gz", &["--rows", "80000"]);
    server.client(&["ingest", &months]).succeeds();
    let run = server
        .client(&[
            "reconcile",
            "--item",
            "P61",
            "--from",
            "2023",
            "--to",
            "2024",
            "--format",
            "json",
        ])
        .succeeds();
    let answer: serde_json::Value = serde_json::from_str(&run.output).unwrap();
    let rows = answer["rows"].as_array().unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        assert_eq!(row["months"], 12, "{row}");
        assert!(!row["difference"].as_str().unwrap().is_empty(), "{row}");
    }
    assert!(!answer["causes"].as_array().unwrap().is_empty());
    let months = server
        .client(&[
            "observations",
            "--dataflow",
            "EXTTRADE",
            "--key",
            "M.BE.P61._T._T.W1.COM",
            "--from",
            "2024-11",
            "--format",
            "csv",
        ])
        .succeeds();
    let months = self::rows(&months);
    let of = |name: &str| {
        months
            .iter()
            .map(|row| row[name].as_str())
            .collect::<Vec<_>>()
    };
    assert_eq!(of("period"), ["2024-11", "2024-12"]);
    assert_eq!(of("concept"), ["COM", "COM"]);
}

#[test]
fn what_stands_beside_made_up_figures_or_changes_them_says_so() {
    let server = with_levels();
    let head = |action: &str, year: &str, base: &[&str]| {
        let text = format!(
            "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,ITEM,COUNTERPART_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MULT\n\
             dataflow,BE2:REGTRD(1.0),{action},A,BE,P61,FR,{year},1.5,6\n"
        );
        let file = server.file(&format!("{action}-{year}.csv"), text.as_bytes());
        server
            .client(&[&["ingest", &file], base].concat())
            .succeeds();
        let releases = server.client(&["releases", "--format", "csv"]).succeeds();
        rows(&releases)[0]["release"].clone()
    };
    // A year of its own, beside years that were made up.
    let beside = head("I", "2025", &[]);
    let caveat = |release: &str| {
        let answer = server.client(&["key-indicators", "--release", release, "--format", "json"]);
        answer.succeeds().output.contains("\"SYNTHETIC\"")
    };
    assert!(caveat(&beside));
    let file = server.file("beside.sdmx.csv", b"");
    server.client(&["observations", "-o", &file]).succeeds();
    let text = fs::read_to_string(&file).unwrap();
    assert!(
        text.lines()
            .skip(1)
            .all(|line| line.contains("SYNTH:REGTRD"))
    );
    // A change of what was made up.
    let changed = head("R", "2024", &["--builds-on", &beside]);
    let releases = server.client(&["releases", "--format", "json"]).succeeds();
    let releases: serde_json::Value = serde_json::from_str(&releases.output).unwrap();
    let of = |id: &str| {
        let all = releases.as_array().unwrap().iter();
        all.filter(|release| release["release"] == id)
            .map(|release| release["synthetic"].clone())
            .next()
    };
    assert_eq!(of(&changed), Some(true.into()));
    assert_eq!(of(&beside), Some(false.into()));
}
