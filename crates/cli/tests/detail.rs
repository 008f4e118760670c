//! Detail as a user asks for it: synthetic data taken in, and what it consists of, by real services.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io::Read as _;

use flate2::read::GzDecoder;
use support::{Server, regtrade};

/// A number with two decimals, in hundredths.
fn hundredths(text: &str) -> i64 {
    let (whole, fraction) = text.split_once('.').unwrap();
    assert_eq!(fraction.len(), 2, "{text}");
    format!("{whole}{fraction}").parse().unwrap()
}

#[test]
fn synthetic_data_is_the_same_for_the_same_seed_and_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let small = ["synth", "regtrd", "--partners", "3", "-o"];
    for (name, seed) in [("a.csv", "7"), ("b.csv.gz", "7"), ("c.csv", "8")] {
        let run = regtrade(&[small.as_slice(), &[&path(name), "--seed", seed]].concat());
        assert!(run.succeeds().errors.contains("they are no statistics"));
    }
    let a = std::fs::read_to_string(path("a.csv")).unwrap();
    let mut b = String::new();
    let packed = std::fs::File::open(path("b.csv.gz")).unwrap();
    GzDecoder::new(packed).read_to_string(&mut b).unwrap();
    assert!(
        a == b,
        "the same seed makes the same data, compressed or not"
    );
    assert!(a != std::fs::read_to_string(path("c.csv")).unwrap());
    assert!(
        a.lines()
            .skip(1)
            .all(|line| line.starts_with("dataflow,SYNTH:REGTRD(1.0),"))
    );
    for wrong in [
        vec!["synth", "regtrd", "-o", "x.json"],
        vec!["synth", "regtrd", "--rows", "20000", "-o", "x.csv"],
        vec!["synth", "exttrade", "--partners", "3", "-o", "x.csv"],
        vec!["synth", "regtrd", "--no-country", "-o", "x.csv"],
        vec!["synth", "regtrd", "--concept", "NAT", "-o", "x.csv"],
        vec!["synth", "exttrade", "--concept", "ESA", "-o", "x.csv"],
    ] {
        assert_eq!(regtrade(&wrong).code, 2, "{wrong:?}");
    }
    let d = path("d.csv");
    let asked = "synth exttrade --rows 10000 --no-country --no-margins --concept NAT --nested -o";
    let asked: Vec<&str> = asked.split(' ').chain([d.as_str()]).collect();
    regtrade(&asked).succeeds();
    let detail = std::fs::read_to_string(&d).unwrap();
    for row in detail.lines().skip(1).map(|line| line.split(',')) {
        let row: Vec<&str> = row.collect();
        assert!(["BE1", "BE2", "BE3"].contains(&row[4]), "{row:?}");
        assert_eq!((row[7].len(), row[9]), (8, "NAT"), "{row:?}");
    }
}

#[test]
fn what_a_flow_consists_of_is_answered_in_each_form() {
    let up = Server::up();
    let file = up.file("detail.csv", b"");
    regtrade(&["synth", "regtrd", "--partners", "12", "-o", &file]).succeeds();
    let ingested = up.client(&["ingest", &file, "--edition", "detail"]);
    assert!(
        ingested.succeeds().errors.contains(" a second)"),
        "a large release says how fast"
    );

    let asked =
        "contributions --item P62+B11 --area BE1+BE3 --from 2019 --to 2024 --format csv --by";
    let asked: Vec<&str> = asked.split(' ').collect();
    for (by, column, level) in [
        ("product", 3, "SJ"),
        ("partner", 4, "NL"),
        ("partner-group", 4, "U2"),
    ] {
        let run = up.client(&[asked.as_slice(), &[by, "--years"]].concat());
        let csv = run.succeeds().output;
        let rows: Vec<Vec<&str>> = csv
            .lines()
            .skip(1)
            .map(|line| line.split(',').collect())
            .collect();
        assert!(rows.iter().any(|row| row[column] == level), "{by}: {csv}");
        for area in ["BE1", "BE3"] {
            for period in ["2019-2024", "2024"] {
                let of = rows
                    .iter()
                    .filter(|row| (row[0], row[1], row[6]) == ("P62", area, period));
                let values: Vec<i64> = of.map(|row| hundredths(row[7])).collect();
                let (total, parts) = values.split_first().unwrap();
                let rounding = (total - parts.iter().sum::<i64>()).abs();
                assert!(
                    rounding <= i64::try_from(parts.len()).unwrap(),
                    "{by} {area} {period}"
                );
            }
        }
    }
    let table = up.client(
        &[
            &asked[..9],
            &["--by", "product", "--lang", "nl", "--top", "3"],
        ]
        .concat(),
    );
    let table = table.succeeds().output;
    for said in [
        "Uitvoer van diensten, Brussel",
        "overige",
        "niet gedekt",
        "█",
        "Synthetische",
    ] {
        assert!(table.contains(said), "{said}: {table}");
    }
    let regions = up.client(&[asked.as_slice(), &["region"]].concat());
    let regions = regions.succeeds().output;
    assert!(
        regions.contains(",NOT_APPLICABLE,"),
        "a region has no regions: {regions}"
    );

    let structure =
        "structure --indicator herfindahl --by partner --item P61 --area BE2 --format csv";
    let structure = up
        .client(&structure.split(' ').collect::<Vec<_>>())
        .succeeds()
        .output;
    assert!(
        structure.contains("P61,BE2,_T,_T,W1,herfindahl,2024,0."),
        "{structure}"
    );

    let reconciled = up
        .client(&["reconcile", "--item", "P61", "--from", "2024"])
        .succeeds();
    assert!(
        reconciled
            .output
            .contains("Known causes of the difference:")
    );
    assert!(
        reconciled.output.contains("foreign trade: –"),
        "{}",
        reconciled.output
    );

    let lists = up
        .client(&["codelists", "--format", "csv"])
        .succeeds()
        .output;
    assert!(lists.contains("CL_AREA,"), "{lists}");
    let areas = up.client(&["codelists", "area", "--lang", "fr", "--format", "csv"]);
    let areas = areas.succeeds().output;
    let brussels = areas
        .lines()
        .find(|line| line.starts_with("CL_AREA,BE1,"))
        .unwrap();
    assert!(
        brussels.contains(",BE,NUTS1,Bruxelles,false,"),
        "{brussels}"
    );
    assert!(brussels.ends_with(",2019,2024"), "{brussels}");
    assert_eq!(up.client(&["codelists", "colours"]).code, 1);
}

#[test]
fn the_demo_with_detail_says_loudly_that_it_is_synthetic() {
    let run = regtrade(&["demo", "--detail", "--lang", "de"]).succeeds();
    let (table, detail) = run.output.split_once("SYNTHETIC DATA").unwrap();
    assert!(table.contains("353.618,3") && !table.contains("Synthetische"));
    for shown in [
        "Wachstumsbeiträge nach Produkten",
        "Wachstumsbeiträge nach Partnergruppen",
    ] {
        assert!(detail.contains(shown), "{shown}");
    }
    assert!(
        detail.contains("2019") && detail.contains("Synthetische"),
        "{detail}"
    );
}
