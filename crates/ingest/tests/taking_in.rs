//! Releases as they are handed in, and what the lake has of them then: every dataflow, confidential and made-up
//! figures, and every reason to refuse, of all files at once.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;

use futures::TryStreamExt as _;
use regtrade_ingest::{Header, Settings, Taken, Upload, UploadedFile, take};
use regtrade_lake::Lake;
use regtrade_model::{Dataflow, Instant, KeyPattern, Observation, Release};
use regtrade_proto::v1::Outcome;

const REGTRD: &str = "DATAFLOW,FREQ,REF_AREA,ITEM,PRODUCT,COUNTERPART_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MULT,CONF_STATUS\n";
const EXTTRADE: &str = "DATAFLOW,FREQ,REF_AREA,ITEM,PRODUCT,COUNTERPART_AREA,CONCEPT,TIME_PERIOD,OBS_VALUE,UNIT_MULT\n";
const UPDATE: &str = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,ITEM,PRODUCT,COUNTERPART_AREA,CONCEPT,TIME_PERIOD,OBS_VALUE,UNIT_MULT\n";

fn now() -> Instant {
    Instant::from_timestamp(1_800_000_000, 0).unwrap()
}

async fn hand_in(lake: &Lake, header: Header, files: &[(&str, String)]) -> Taken {
    let files = files.iter();
    let upload = Upload {
        header,
        files: files
            .map(|(name, text)| UploadedFile::new(name, text.as_bytes()))
            .collect(),
        too_long: false,
    };
    take(lake, upload, &Settings::default(), &now, true)
        .await
        .unwrap()
}

async fn taken(lake: &Lake, files: &[(&str, String)]) -> Release {
    let taken = hand_in(lake, Header::default(), files).await;
    assert_eq!(taken.outcome, Outcome::Ingested, "{:?}", taken.issues);
    taken.release.unwrap()
}

/// Why files are refused: `FILE:LINE rule explanation` each, and how many there are.
async fn refused(header: Header, files: &[(&str, String)]) -> (Vec<String>, u64) {
    let lake = Lake::in_memory().unwrap();
    let taken = hand_in(&lake, header, files).await;
    assert_eq!(taken.outcome, Outcome::Refused);
    assert!(lake.releases().await.unwrap().is_empty());
    let told = taken.issues.iter().map(|issue| {
        let (file, line) = (&issue.file, issue.line);
        format!("{file}:{line} {} {}", issue.rule, issue.explanation)
    });
    (told.collect(), taken.issue_count)
}

async fn rows(lake: &Lake, release: &Release) -> Vec<Observation> {
    let slices = release.periods().map(|period| (period, release.id.clone()));
    let scan = lake.scan(slices.collect(), KeyPattern::default());
    let rows: Vec<_> = scan.try_concat().await.unwrap();
    rows.into_iter().map(|(_, row)| row).collect()
}

fn regtrd(agency: &str, rows: &[&str]) -> String {
    let rows = rows.iter().fold(String::new(), |mut text, row| {
        writeln!(text, "{agency}:REGTRD(1.0),A,{row}").unwrap();
        text
    });
    format!("{REGTRD}{rows}")
}

fn exttrade(rows: &[&str]) -> String {
    let rows = rows.iter().fold(String::new(), |mut text, row| {
        writeln!(text, "BE2:EXTTRADE(1.0),M,{row}").unwrap();
        text
    });
    format!("{EXTTRADE}{rows}")
}

#[tokio::test]
async fn the_files_say_of_which_dataflow_a_release_is() {
    let lake = Lake::in_memory().unwrap();
    let months = exttrade(&[
        "BE2,P61,84,FR,COM,2024-02,3.25,6",
        "BE2,P61,84,FR,NAT,2024-02,3.5,6",
        "BE2,P61,01012100,NL,NAT,2024-01,1,6",
    ]);
    let files = [("months.csv", months)];
    let release = taken(&lake, &files).await;
    assert_eq!(release.dataflow, Dataflow::Exttrade);
    assert_eq!(release.edition.as_str(), "2024-02");
    let told: Vec<_> = rows(&lake, &release).await;
    let told = told.iter().map(|row| row.key.to_string());
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            "M.BE2.P61._T.01012100.NL.NAT:level:2024-01",
            "M.BE2.P61._T.84.FR.NAT:level:2024-02",
            "M.BE2.P61._T.84.FR.COM:level:2024-02",
        ]
    );
    let again = hand_in(&lake, Header::default(), &files).await;
    assert_eq!(again.outcome, Outcome::AlreadyIngested);

    let header = || Header {
        dataflow: Some(Dataflow::Regtrd),
        ..Header::default()
    };
    let (told, _) = refused(header(), &files).await;
    let expected =
        "months.csv:1 structure.other the file is of EXTTRADE, and the release of REGTRD";
    assert_eq!(told, [expected]);
    let years = regtrd("BE2", &["BE2,P61,_T,W1,2024,1,6,F"]);
    let [months] = files;
    let (told, _) = refused(Header::default(), &[("years.csv", years), months]).await;
    assert_eq!(told, [expected]);
}

#[tokio::test]
async fn a_file_in_gzip_is_taken_in_and_one_that_is_packed_otherwise_or_twice_is_refused() {
    use std::io::Write as _;
    let gzip = |bytes: &[u8]| {
        let mut packed = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    };
    let text = exttrade(&["BE2,P61,84,FR,COM,2024-02,3.25,6"]);
    let once = gzip(text.as_bytes());
    let twice = gzip(&once);
    let zipped = [b"PK\x03\x04".as_slice(), &once].concat();
    let cut = &once[..once.len() - 9];
    for (bytes, expected) in [
        (once.as_slice(), None),
        (&twice, Some("file.compression")),
        (&zipped, Some("file.compression")),
        (cut, Some("file.")),
    ] {
        let upload = Upload {
            header: Header::default(),
            files: vec![UploadedFile::new("rows.csv.gz", bytes)],
            too_long: false,
        };
        let lake = Lake::in_memory().unwrap();
        let settings = Settings::default();
        let taken = take(&lake, upload, &settings, &now, true).await.unwrap();
        let rule = taken.issues.first().map(|issue| issue.rule.as_str());
        match (rule, expected) {
            (None, None) => assert_eq!(taken.outcome, Outcome::Ingested),
            (Some(rule), Some(expected)) => assert!(rule.starts_with(expected), "{rule}"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_key_that_stands_twice_is_told_with_both_places() {
    let row = "BE2,P61,84,FR,NAT,2024-02,3.5,6";
    let other = "BE2,P61,85,FR,NAT,2024-02,3.5,6";
    let first = exttrade(&[other, row, other]);
    let second = exttrade(&["BE1,P61,85,FR,NAT,2024-01,1,6", row]);
    let (told, count) = refused(
        Header::default(),
        &[("first.csv", first), ("second.csv", second)],
    )
    .await;
    let twice = |place: &str| format!("stands in {place} already: a release has each figure once");
    assert_eq!(count, 2);
    assert!(
        told[0].starts_with("first.csv:4 key.duplicate"),
        "{}",
        told[0]
    );
    assert!(told[0].ends_with(&twice("line 2")), "{}", told[0]);
    assert!(
        told[1].starts_with("second.csv:3 key.duplicate"),
        "{}",
        told[1]
    );
    assert!(
        told[1].ends_with(&twice("first.csv, line 3,")),
        "{}",
        told[1]
    );
}

#[tokio::test]
async fn all_issues_of_all_files_are_counted_and_the_first_thousand_told() {
    let bad = |rows: usize| {
        let rows: Vec<_> = (0..rows)
            .map(|at| format!("BE2,P61,84,FR,NAT,2024-{:02},x{at},6", at % 12 + 1))
            .collect();
        let rows: Vec<_> = rows.iter().map(String::as_str).collect();
        exttrade(&rows)
    };
    let precise = exttrade(&["BE2,P61,84,FR,NAT,2024-02,0.123456789,6"]);
    let files = [
        ("a.csv", bad(700)),
        ("b.csv", precise),
        ("c.csv", bad(2_300)),
    ];
    let (told, count) = refused(Header::default(), &files).await;
    assert_eq!((told.len(), count), (1_000, 3_001));
    assert!(
        told[699].starts_with("a.csv:701 number.malformed"),
        "{}",
        told[699]
    );
    assert!(
        told[700].starts_with("b.csv:2 number.too-precise"),
        "{}",
        told[700]
    );
    assert!(told[999].starts_with("c.csv:300 "), "{}", told[999]);
}

#[tokio::test]
async fn made_up_figures_are_marked_and_mixed_with_no_others() {
    let lake = Lake::in_memory().unwrap();
    let row = "BE2,P61,_T,W1,2024,1,6,F";
    let release = taken(&lake, &[("a.csv", regtrd("SYNTH", &[row]))]).await;
    assert!(release.synthetic);
    let real = taken(&lake, &[("a.csv", regtrd("BE2", &[row]))]).await;
    assert!(!real.synthetic);
    let other = regtrd("BE2", &["BE2,P61,_T,W1,2023,1,6,F"]);
    let both = [("a.csv", regtrd("SYNTH", &[row])), ("b.csv", other)];
    let (told, _) = refused(Header::default(), &both).await;
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("b.csv:1 structure.other"), "{told:?}");
}

#[tokio::test]
async fn confidential_observations_are_taken_in_and_counted() {
    let lake = Lake::in_memory().unwrap();
    let file = regtrd(
        "BE2",
        &["BE2,P62,SC,FR,2024,1,6,C", "BE2,P62,SC,NL,2024,2,6,F"],
    );
    let release = taken(&lake, &[("a.csv", file)]).await;
    assert_eq!(release.slices[0].observations.unwrap().confidential, 1);
    let rows = rows(&lake, &release).await;
    let conf: Vec<_> = rows.iter().map(|row| row.conf.as_str()).collect();
    assert_eq!(conf, ["C", "F"]);
}

#[tokio::test]
async fn totals_that_do_not_add_up_are_refused_at_their_line() {
    let rows = |brussels: &str| {
        let brussels = format!("BE1,P61,_T,W1,2024,{brussels},6,F");
        let detail = "BE1,P61,84,FR,2024,77.5,6,F";
        let areas = ["BE2,P61,_T,W1,2024,2.5,6,F", "BE3,P61,_T,W1,2024,3.5,6,F"];
        let rest = ["BEZ,P61,_T,W1,2024,0.0,6,F", "BE,P61,_T,W1,2024,7.5,6,F"];
        regtrd(
            "BE2",
            &[detail, &brussels, areas[0], areas[1], rest[0], rest[1]],
        )
    };
    let lake = Lake::in_memory().unwrap();
    taken(&lake, &[("a.csv", rows("1.5"))]).await;
    let (told, _) = refused(Header::default(), &[("a.csv", rows("9.5"))]).await;
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("a.csv:"), "{told:?}");
    assert!(!told[0].starts_with("a.csv:1 "), "{told:?}");
}

#[tokio::test]
async fn a_partial_update_of_a_month_leaves_the_other_months_where_they_are() {
    let lake = Lake::in_memory().unwrap();
    let whole = exttrade(&[
        "BE2,P61,84,FR,NAT,2024-01,1.5,6",
        "BE2,P61,84,FR,NAT,2024-02,2.5,6",
        "BE2,P61,85,FR,NAT,2024-02,3.5,6",
    ]);
    let base = taken(&lake, &[("whole.csv", whole)]).await;
    let header = |base: &Release| Header {
        builds_on: Some(base.id.clone()),
        ..Header::default()
    };
    let row = "dataflow,BE2:EXTTRADE(1.0),M,M,BE2,P61,84,FR,NAT,2024-02,9.5,6\n";
    let update = [("update.csv", format!("{UPDATE}{row}"))];
    let changed = hand_in(&lake, header(&base), &update).await;
    assert_eq!(changed.outcome, Outcome::Ingested, "{:?}", changed.issues);
    let changed = changed.release.unwrap();
    let periods: Vec<_> = changed.periods().map(|period| period.to_string()).collect();
    assert_eq!(periods, ["2024-02"]);
    let values = rows(&lake, &changed).await;
    let values: Vec<_> = values
        .iter()
        .map(|row| row.value.unwrap().to_string())
        .collect();
    assert_eq!(values, ["9.5", "3.5"]);

    let row = "dataflow,BE2:EXTTRADE(1.0),D,M,,,84,,,,,\n";
    let update = [("update.csv", format!("{UPDATE}{row}"))];
    let deleted = hand_in(&lake, header(&changed), &update).await;
    assert_eq!(deleted.outcome, Outcome::Ingested, "{:?}", deleted.issues);
    let deleted = deleted.release.unwrap();
    assert_eq!(deleted.slices.len(), 2);
    let left = rows(&lake, &deleted).await;
    assert_eq!(left.len(), 1, "what names no period is deleted from all");
    assert_eq!(lake.deleted(&deleted).await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_printed_has_to_be_what_the_observations_of_the_release_round_to() {
    let list = |figures: &[&str]| {
        let header = "item,ref_area,product,counterpart_area,indicator,period,value,unit_mult,decimals,source";
        format!("{header}\n{}\n", figures.join("\n"))
    };
    let observed = |product: &str| {
        let others = ["BE2,P61,_T,W1,2024,12.34,6,F", "BE2,P61,84,FR,2024,2.5,6,F"];
        let product = format!("BE2,P61,{product},W1,2024,7.25,6,F");
        regtrd("BE2", &[&product, others[0], others[1]])
    };
    let growth = "P61,BE2,_T,W1,growth,2024,1.0,,1,x";
    for (figure, expected) in [
        ("P61,BE2,_T,W1,level,2024,12.3,6,1,x", None),
        (
            "P61,BE2,_T,W1,level,2024,12.4,6,1,x",
            Some("rounds to 12.3"),
        ),
        // Of a product, so that it is not among the rows over all of them.
        ("P61,BE2,84,FR,level,2024,3,6,0,x", None),
        ("P61,BE2,84,FR,level,2024,2,6,0,x", Some("rounds to 3")),
        ("P61,BE2,84,DE,level,2024,2,6,0,x", None),
    ] {
        let files = [
            ("rows.csv", observed("30")),
            ("list.csv", list(&[growth, figure])),
        ];
        let Some(expected) = expected else {
            taken(&Lake::in_memory().unwrap(), &files).await;
            continue;
        };
        let (told, count) = refused(Header::default(), &files).await;
        assert!(
            told[0].starts_with("list.csv:3 print.not-the-data") && told[0].ends_with(expected),
            "{told:?}"
        );
        assert_eq!(count, 1);
    }
}

#[tokio::test]
async fn a_release_has_a_figure_with_a_value_whether_printed_or_observed() {
    let rows = |value: &str| {
        let second = format!("BE2,P61,84,FR,2024,{value},6,F");
        regtrd("BE2", &["BE2,P61,_T,W1,2024,,6,F", &second])
    };
    taken(&Lake::in_memory().unwrap(), &[("rows.csv", rows("0"))]).await;
    let (told, count) = refused(Header::default(), &[("rows.csv", rows(""))]).await;
    // At the first one by key.
    assert!(
        told[0].starts_with("rows.csv:3 table.without-figures"),
        "{told:?}"
    );
    assert_eq!(count, 1);
    let list = "item,ref_area,indicator,period,value,unit_mult,decimals,source\nP61,BE2,growth,2024,1.5,,1,x\n";
    let files = [("rows.csv", rows("")), ("list.csv", list.to_owned())];
    taken(&Lake::in_memory().unwrap(), &files).await;
}
