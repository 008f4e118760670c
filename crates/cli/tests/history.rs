//! The releases that come with the program: asked as of days of the past, compared, verified, withdrawn.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;

use regtrade_service::{Clock as _, SystemClock};
use serde_json::Value;
use support::{Run, Server, regtrade};

/// A server with the history in it.
fn with_history() -> Server {
    let server = Server::up();
    server.client(&["ingest", "--shipped"]).succeeds();
    server
}

fn rows(run: &Run) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(run.output.as_bytes());
    let rows = reader.records().map(|row| row.unwrap());
    rows.map(|row| row.iter().map(str::to_owned).collect())
        .collect()
}

fn as_of(server: &Server, when: &str) -> Run {
    server.client(&["key-indicators", "--as-of", when, "--format", "csv"])
}

/// The ids of the releases of an edition, the newest first.
fn of_edition(server: &Server, edition: &str) -> Vec<String> {
    let releases = server.client(&["releases", "--format", "csv"]).succeeds();
    let of_edition = rows(&releases).into_iter().filter(|row| row[2] == edition);
    of_edition.map(|row| row[0].clone()).collect()
}

/// The value of a figure, with its DECIMALS.
fn figure(
    run: &Run,
    item: &str,
    area: &str,
    indicator: &str,
    period: &str,
) -> Option<(String, String)> {
    let found = rows(run)
        .into_iter()
        .find(|row| row[0] == item && row[1] == area && row[5] == indicator && row[6] == period);
    found.map(|row| (row[7].clone(), row[12].clone()))
}

fn pair(value: &str, decimals: &str) -> Option<(String, String)> {
    Some((value.to_owned(), decimals.to_owned()))
}

#[test]
fn an_answer_as_of_a_day_is_what_was_known_then() {
    let server = with_history();
    let then = as_of(&server, "2021-06-01").succeeds();
    // 55 thousand million without a decimal, 61.7 with one: in millions, to thousands and to hundreds.
    assert_eq!(
        figure(&then, "P6", "BE1", "level", "2019"),
        pair("55000", "-3")
    );
    assert_eq!(
        figure(&then, "P6", "BE3", "level", "2019"),
        pair("61700", "-2")
    );
    assert_eq!(
        figure(&then, "P6", "BE", "growth", "2019"),
        pair("2.0", "1")
    );
    assert_eq!(
        figure(&then, "P6", "BE2", "level", "2019"),
        None,
        "it is not known"
    );
    assert_eq!(figure(&then, "P6", "BE1", "level", "2020"), None);
    // What the Institute printed on the day, and what notices added until the end of the month.
    let on_the_day = as_of(&server, "2021-03-30").succeeds();
    assert_eq!(
        figure(&on_the_day, "P6", "BE1", "growth", "2019"),
        pair("8.0", "1")
    );
    assert_eq!(figure(&on_the_day, "P6", "BE1", "level", "2019"), None);
    let growth_over_two_years = as_of(&server, "2024-01-01").succeeds();
    assert_eq!(
        figure(&growth_over_two_years, "P62", "BE1", "growth", "2019-2021"),
        pair("2.8", "1")
    );
    // Twelve figures of the newest release before are no answer to a day before the first one.
    let before = as_of(&server, "2016-07-14");
    assert_eq!(before.code, 1, "{}", before.errors);
    assert!(
        before.errors.contains("no release of REGTRD"),
        "{}",
        before.errors
    );
    let later = as_of(&server, "2999-01-01T00:00:00Z");
    assert_eq!(later.code, 2, "{}", later.errors);
    assert!(later.errors.contains("future"), "{}", later.errors);
}

#[test]
fn a_date_that_is_known_to_the_year_alone_is_doubted_within_that_year() {
    let server = with_history();
    let within = as_of(&server, "2022-06-01").succeeds();
    assert_eq!(
        figure(&within, "P6", "BE1", "level", "2019"),
        pair("55000", "-3")
    );
    let doubted = &of_edition(&server, "2020")[0];
    let note = format!("{doubted} of edition 2020 may have been public by then");
    assert!(within.errors.contains(&note), "{}", within.errors);
    let json = [
        "key-indicators",
        "--as-of",
        "2022-06-01",
        "--format",
        "json",
    ];
    let json: Value = serde_json::from_str(&server.client(&json).succeeds().output).unwrap();
    assert_eq!(
        json["uncertain"][0]["release"],
        Value::from(doubted.as_str())
    );
    assert_eq!(json["uncertain"][0]["published_precision"], "YEAR");
    let before_all = as_of(&server, "2016-07-15T12:00:00Z");
    assert_eq!(before_all.code, 1);
    let first = &of_edition(&server, "2013")[1];
    assert!(
        before_all.errors.contains(first.as_str()),
        "{}",
        before_all.errors
    );
    let after = as_of(&server, "2022-12-31").succeeds();
    assert_eq!(
        figure(&after, "P6", "BE1", "level", "2020"),
        pair("49700", "-2")
    );
    assert!(!after.errors.contains("may have been"), "{}", after.errors);
}

#[test]
fn all_figures_of_the_history_are_there_with_their_sources_and_the_one_contradiction() {
    let server = with_history();
    let editions = [
        "2013", "2015", "2016", "2019", "2020", "2021", "2022", "2023",
    ];
    let (mut printed, mut sourced) = (0, 0);
    for edition in editions {
        let newest = &of_edition(&server, edition)[0];
        let json = ["key-indicators", "--release", newest, "--format", "json"];
        let json: Value = serde_json::from_str(&server.client(&json).succeeds().output).unwrap();
        let figures = json["figures"].as_array().unwrap();
        // A figure that is computed from levels may be printed as well, and has no source then.
        printed += figures
            .iter()
            .filter(|f| f["provenance"] == "PUBLISHED")
            .count();
        sourced += figures.iter().filter(|f| f["source"].is_string()).count();
        let reason = &json["release"]["accepted_because"];
        assert_eq!(reason.is_string(), edition == "2013", "{edition}: {reason}");
        if edition == "2013" {
            let finding = &json["release"]["findings"][0];
            assert_eq!(finding["verdict"], "provably_inconsistent");
            assert_eq!(finding["rule"], "sum.items");
            assert_eq!(finding["found"], "9.4 + 3.1 = 12.5");
            assert_eq!(finding["expected"], "13.1");
        }
    }
    let shipped = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/releases/history")).unwrap();
    let lines = |path| fs::read_to_string(path).unwrap().lines().count() - 1;
    assert_eq!(
        shipped
            .map(|file| lines(file.unwrap().path()))
            .sum::<usize>(),
        166
    );
    assert_eq!(printed, sourced, "each printed figure says who printed it");
    let again = server.client(&["ingest", "--shipped"]).succeeds();
    let already = again
        .output
        .lines()
        .filter(|line| line.starts_with("already ingested as "));
    assert_eq!(already.count(), 14, "{}", again.output);
    let releases = server.client(&["releases", "--format", "csv"]).succeeds();
    assert_eq!(rows(&releases).len(), 14);
}

/// Of what earlier editions printed, net exports aside, 22 figures can be compared with the edition 2024.
#[test]
fn twenty_of_twenty_two_figures_of_earlier_editions_were_revised_by_2024() {
    let server = with_history();
    let (mut changed, mut within) = (0, 0);
    for edition in [
        "2013", "2015", "2016", "2019", "2020", "2021", "2022", "2023",
    ] {
        let from = &of_edition(&server, edition)[0];
        let to = &of_edition(&server, "2024")[0];
        let arguments = ["revisions", "--from", from, "--to", to, "--format", "csv"];
        let revisions = server.client(&arguments).succeeds();
        let printed = ["key-indicators", "--release", from, "--format", "csv"];
        let printed = rows(&server.client(&printed).succeeds());
        let is_printed = |row: &[String]| {
            printed.iter().any(|print| {
                let known = !print[7].is_empty() && print[13] == "PUBLISHED";
                known && print[..7] == row[..7]
            })
        };
        for row in rows(&revisions) {
            let flow = row[0].starts_with('P') && is_printed(&row);
            match row[13].as_str() {
                "changed" if flow => changed += 1,
                "within_rounding" if flow => within += 1,
                _ => {}
            }
        }
        if edition == "2023" {
            let rows = rows(&revisions);
            let level = |row: &&Vec<String>| row[0] == "P6" && row[1] == "BE1" && row[6] == "2023";
            let exports = rows
                .iter()
                .find(|row| level(row) && row[5] == "level")
                .unwrap();
            // 68.7 thousand million, to within 50 million; now known by the levels of 2024 and their growth.
            assert_eq!(exports[7], "68700");
            assert_eq!(exports[8], "66663.809..66685.585");
            assert_eq!(exports[10..12], ["-2086.191", "-1964.415"]);
        }
    }
    assert_eq!((changed, within), (20, 2));
}

#[test]
fn a_lake_is_sound_until_a_byte_of_it_is_another() {
    let server = with_history();
    let lake = server.lake();
    let verify = || regtrade(&["verify", "--lake", &lake]);
    let sound = verify().succeeds();
    assert!(
        sound.output.starts_with("sound: 14 releases"),
        "{}",
        sound.output
    );
    let release = format!("{lake}/releases/{}", of_edition(&server, "2024")[0]);
    let files = fs::read_dir(release)
        .unwrap()
        .map(|file| file.unwrap().path());
    let file = files
        .max_by_key(|file| fs::metadata(file).unwrap().len())
        .unwrap();
    let bytes = fs::read(&file).unwrap();

    let mut flipped = bytes.clone();
    flipped[bytes.len() / 2] ^= 1;
    fs::write(&file, &flipped).unwrap();
    let run = verify();
    assert!(
        run.code == 1 && run.output.contains("changed"),
        "{}",
        run.output
    );

    fs::remove_file(&file).unwrap();
    let run = verify();
    assert!(
        run.code == 1 && run.output.contains("missing"),
        "{}",
        run.output
    );

    fs::write(&file, &bytes).unwrap();
    let copy = file.with_file_name("PUBLISHED-copy.parquet");
    fs::write(&copy, &bytes).unwrap();
    let run = verify();
    assert!(
        run.code == 1 && run.output.contains("surplus"),
        "{}",
        run.output
    );
    fs::remove_file(&copy).unwrap();

    verify().succeeds();
    let nowhere = regtrade(&["verify", "--lake", &format!("{lake}-is-elsewhere")]);
    assert_eq!(nowhere.code, 1, "{}", nowhere.errors);
}

#[test]
fn a_release_is_withdrawn_and_another_comes_when_its_embargo_ends() {
    let server = with_history();
    let newest = of_edition(&server, "2024")[0].clone();
    let empty = server.client(&["withdraw", &newest, "--because", " "]);
    assert_eq!(empty.code, 2, "a reason is needed");
    let withdrawn = server.client(&["withdraw", &newest, "--because", "a column was shifted"]);
    assert!(
        withdrawn
            .succeeds()
            .output
            .starts_with("withdrawn REGTRD-2024-")
    );
    let now = server
        .client(&["key-indicators", "--format", "csv"])
        .succeeds();
    assert_eq!(
        figure(&now, "P6", "BE1", "level", "2023"),
        pair("68700", "-2")
    );
    let by_id = server
        .client(&["key-indicators", "--release", &newest])
        .succeeds();
    assert!(
        by_id.errors.contains("a column was shifted"),
        "{}",
        by_id.errors
    );
    let again = server.client(&["withdraw", &newest, "--because", "once more"]);
    assert_eq!(again.code, 1, "{}", again.errors);
    assert!(
        again.errors.contains("withdrawn already"),
        "{}",
        again.errors
    );

    // The same bytes may come again under another name: here as a release under embargo, until it is brought forward.
    let table = server.file("t.tsv", include_bytes!("../releases/regtrd-2024.tsv"));
    let later = [
        "--published-at",
        "2999-01-01T00:00:00Z",
        "--edition",
        "2024r",
    ];
    let ingest = [["ingest", table.as_str()].as_slice(), &later].concat();
    server.client(&ingest).succeeds();
    assert_eq!(of_edition(&server, "2024r").len(), 0, "nobody sees it");
    let hidden = newest.replace("REGTRD-2024-", "REGTRD-2024r-");
    let shown = server.client(&["key-indicators", "--release", &hidden]);
    assert_eq!(shown.code, 1, "{}", shown.output);
    let past = ["reschedule", &hidden, "--to", "2020-01-01T00:00:00Z"];
    assert_eq!(
        server.client(&past).code,
        1,
        "an embargo cannot have ended before"
    );
    let soon = SystemClock.now() + chrono::TimeDelta::milliseconds(300);
    let soon = soon.to_rfc3339();
    let watch = [
        "watch",
        "--after",
        &of_edition(&server, "2023")[0],
        "--count",
        "3",
    ];
    server
        .client(&["reschedule", &hidden, "--to", &soon])
        .succeeds();
    // Without anyone doing anything more.
    let told = server.client(&watch).succeeds();
    let told: Vec<&str> = told
        .output
        .lines()
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(told, ["VISIBLE", "WITHDRAWN", "VISIBLE"]);
    assert_eq!(of_edition(&server, "2024r"), [hidden]);
}

#[test]
fn a_list_of_figures_is_audited_without_any_service() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/releases/history");
    let audit = |name: &str| regtrade(&["audit", &format!("{folder}/{name}"), "--format", "csv"]);
    let contradiction = audit("regtrd-2013-flanders.csv");
    assert_eq!(contradiction.code, 1, "{}", contradiction.output);
    assert!(
        contradiction.output.contains("9.4 + 3.1 = 12.5"),
        "{}",
        contradiction.output
    );
    audit("regtrd-2013-institute.csv").succeeds();
}
