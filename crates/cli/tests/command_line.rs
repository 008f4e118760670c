//! The command as a user runs it: real processes on free ports, a real lake in a temporary folder.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{collections::BTreeMap, time::Duration};

use support::{Run, Server, regtrade};

const FACTS: &str = include_str!("../../../tests/data/regtrd-2024.csv");
const RELEASE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/releases/regtrd-2024.tsv");

/// Rows of the long csv by item, area, indicator and period.
fn by_key(csv: &str) -> BTreeMap<String, Vec<String>> {
    let mut lines = csv.lines();
    assert_eq!(
        lines.next(),
        Some(
            "item,ref_area,activity,product,counterpart_area,indicator,period,value,lower,upper,unit,unit_mult,\
             decimals,provenance,status,release"
        )
    );
    lines
        .map(|line| {
            let cells: Vec<String> = line.split(',').map(str::to_owned).collect();
            (
                format!("{},{},{},{}", cells[0], cells[1], cells[5], cells[6]),
                cells,
            )
        })
        .collect()
}

#[test]
fn the_demo_shows_the_key_table_in_each_language() {
    for (language, figure) in [
        ("en", "353,618.3"),
        ("fr", "353.618,3"),
        ("nl", "353.618,3"),
        ("de", "353.618,3"),
    ] {
        let run = regtrade(&["demo", "--lang", language]);
        assert_eq!(run.code, 0, "{}", run.errors);
        assert!(run.output.contains(figure), "{language}: {}", run.output);
    }
}

#[test]
fn every_printed_cell_of_2024_is_served_to_its_last_decimal() {
    let up = Server::up();
    up.client(&["ingest", RELEASE]).succeeds();
    let csv = up
        .client(&["key-indicators", "--format", "csv"])
        .succeeds()
        .output;
    let rows = by_key(&csv);
    assert_eq!(FACTS.lines().count(), 205);
    for fact in FACTS.lines().skip(1) {
        let [item, area, indicator, period, value, decimals] =
            fact.split(',').collect::<Vec<_>>()[..]
        else {
            panic!("{fact}")
        };
        let row = &rows[&format!("{item},{area},{indicator},{period}")];
        assert_eq!(
            (row[7].as_str(), row[12].as_str()),
            (value, decimals),
            "{fact}"
        );
        let computed = indicator.starts_with("share") || (indicator == "net" && period == "2024");
        assert_eq!(
            row[13],
            if computed { "COMPUTED" } else { "PUBLISHED" },
            "{fact}"
        );
        assert_eq!(row[14], "A");
    }
}

/// A consistent table with made-up figures, in Dutch, of other years, without a share in it.
fn made_up() -> String {
    let mut text = String::from("\tIn absolute cijfers (in € miljoen)\t\n\t2016\t2017\n");
    let labels = [
        (
            "Uitvoer van goederen en diensten",
            [[300, 330], [500, 450], [200, 220], [1000, 1000]],
        ),
        (
            "Uitvoer van goederen",
            [[100, 110], [400, 350], [100, 120], [600, 580]],
        ),
        (
            "Uitvoer van diensten",
            [[200, 220], [100, 100], [100, 100], [400, 420]],
        ),
        (
            "Invoer van goederen en diensten",
            [[250, 250], [450, 460], [100, 190], [800, 900]],
        ),
        (
            "Invoer van goederen",
            [[50, 50], [400, 400], [50, 90], [500, 540]],
        ),
        (
            "Invoer van diensten",
            [[200, 200], [50, 60], [50, 100], [300, 360]],
        ),
    ];
    for (item, levels) in labels {
        text += &format!("{item}\t\t\n");
        for (area, [first, last]) in ["Brussel", "Vlaanderen", "Wallonië", "België"]
            .into_iter()
            .zip(levels)
        {
            text += &format!("{area}\t{first},0\t{last},0\n");
        }
    }
    text
}

#[test]
fn shares_nets_and_growth_come_from_the_levels_and_not_from_a_print() {
    let up = Server::up();
    let file = up.file("tabel.tsv", made_up().as_bytes());
    up.client(&["ingest", &file]).succeeds();
    let rows = by_key(
        &up.client(&["key-indicators", "--format", "csv"])
            .succeeds()
            .output,
    );
    for (key, value) in [
        ("P6,BE1,share_of_country,2017", "33.0"),
        ("P61,BE2,share_of_total,2016", "80.0"),
        ("B11,BE,net,2017", "100.0"),
        ("B112,BE3,net,2016", "50.0"),
        ("P6,BE1,growth,2017", "10.0"),
        ("P6,BE2,growth,2017", "-10.0"),
        ("P6,BE2,coverage,2016", "111.1"),
    ] {
        assert_eq!(
            (rows[key][7].as_str(), rows[key][13].as_str()),
            (value, "COMPUTED"),
            "{key}"
        );
    }
    let releases = up
        .client(&["releases", "--format", "csv"])
        .succeeds()
        .output;
    assert!(
        releases.lines().nth(1).unwrap().starts_with("REGTRD-2017-"),
        "{releases}"
    );
}

#[test]
fn the_same_file_twice_is_said_and_changes_nothing() {
    let up = Server::up();
    up.client(&["ingest", RELEASE]).succeeds();
    let releases = up
        .client(&["releases", "--format", "csv"])
        .succeeds()
        .output;
    let again = up.client(&["ingest", RELEASE]).succeeds();
    assert!(
        format!("{}{}", again.output, again.errors).contains("already ingested as REGTRD-2024-")
    );
    assert_eq!(
        up.client(&["releases", "--format", "csv"])
            .succeeds()
            .output,
        releases
    );
    assert_eq!(releases.lines().count(), 2);
    assert_eq!(
        releases.lines().next(),
        Some("release,dataflow,edition,published_at,loaded_at,state,digest")
    );
}

#[test]
fn a_level_that_is_not_printed_is_served_between_its_bounds() {
    let up = Server::up();
    up.client(&["ingest", RELEASE]).succeeds();
    let csv = up.client(&[
        "observations",
        "--key",
        "A.BE1.P62",
        "--from",
        "2023",
        "--to",
        "2024",
        "--format",
        "csv",
    ]);
    let rows = by_key(&csv.succeeds().output);
    let bounded = &rows["P62,BE1,level,2023"];
    let number = |at: usize| bounded[at].parse::<f64>().unwrap();
    assert_eq!((bounded[7].as_str(), bounded[13].as_str()), ("", "BOUNDED"));
    // 33,408.4 in 2024 after a growth of 0.9 percent.
    assert!(
        number(8) > 33_090.0 && number(8) < number(9) && number(9) < 33_130.0,
        "{bounded:?}"
    );
    assert_eq!(rows["P62,BE1,level,2024"][7], "33408.4");
}

#[test]
fn a_release_before_its_time_is_not_there_for_the_public() {
    let up = Server::up();
    up.client(&["ingest", RELEASE, "--published-at", "2199-01-01T00:00:00Z"])
        .succeeds();
    assert_eq!(
        up.client(&["releases", "--format", "csv"])
            .succeeds()
            .output
            .lines()
            .count(),
        1
    );
    assert_eq!(up.client(&["key-indicators"]).code, 1);
}

#[test]
fn an_endpoint_where_nobody_listens_is_a_failed_service() {
    let run = regtrade(&["key-indicators", "--endpoint", "http://127.0.0.1:9"]);
    assert_eq!((run.code, run.output.as_str()), (3, ""), "{}", run.errors);
    assert_eq!(regtrade(&["key-indicators", "--lang", "la"]).code, 2);
}

#[test]
fn three_processes_answer_like_one_and_survive_the_loss_of_a_backend() {
    let one = Server::up();
    let mut three = Server::three();
    for servers in [&one, &three] {
        servers
            .client(&["ingest", RELEASE, "--published-at", "2025-02-01T00:00:00Z"])
            .succeeds();
    }
    let asked = ["key-indicators", "--format", "csv"];
    let answer = one.client(&asked).succeeds().output;
    assert_eq!(three.client(&asked).succeeds().output, answer);

    let direct = regtrade(&["key-indicators", "--endpoint", &three.indicators()]);
    assert_ne!(
        direct.code, 0,
        "a backend answered someone who is not the gateway"
    );
    assert!(direct.output.is_empty());

    three.kill_indicators();
    // What was answered a moment ago may be answered once more, for as long as the gateway takes nothing for changed.
    let away = three.until(Duration::from_secs(2), &asked, |run: &Run| run.code != 0);
    assert_eq!(
        (away.code, away.output.as_str()),
        (3, ""),
        "{}",
        away.errors
    );
    assert!(
        away.errors.contains("away") || away.errors.contains("unavailable"),
        "{}",
        away.errors
    );
    three.restart_indicators();
    let back = three.until(Duration::from_secs(2), &asked, |run: &Run| run.code == 0);
    assert_eq!(back.output, answer);
    // The gateway asks its backends how they are once a second: an answer can be there before that.
    let healthy = three.until(Duration::from_secs(5), &["health"], |run: &Run| {
        run.code == 0
    });
    assert_eq!(healthy.code, 0, "{}", healthy.errors);
}
