//! Contributions as they are shown, of an answer that is made up.

use clap::Parser as _;

use super::*;
use crate::args::{Cli, Command};
use crate::client::release;

fn args(more: &str) -> ContributionsArgs {
    let line = format!("regtrade contributions --item P62 --area BE2 --from 2022 --to 2024 {more}");
    match Cli::try_parse_from(line.split_whitespace())
        .unwrap()
        .command
    {
        Command::Contributions(args) => args,
        other => panic!("{other:?}"),
    }
}

fn line(code: &str, exact: &str, years: [&str; 2]) -> v1::Contribution {
    let year = |(period, exact): (&str, &str)| v1::AnnualContribution {
        period: period.into(),
        value: Some(annual_contribution::Value::Exact(exact.into())),
    };
    v1::Contribution {
        code: code.into(),
        label: if code.is_empty() {
            String::new()
        } else {
            format!("all of {code}")
        },
        value: Some(contribution::Value::Exact(exact.into())),
        from_level: "1000.0".into(),
        to_level: "1234.5".into(),
        years: ["2023", "2024"].into_iter().zip(years).map(year).collect(),
    }
}

fn sample() -> Contributions {
    let at = Some(regtrade_proto::timestamp(
        "2026-01-01T00:00:00Z".parse().unwrap(),
    ));
    let wire = v1::Release {
        release: "REGTRD-2024-0123456789abcdef".into(),
        dataflow: v1::Dataflow::Regtrd.into(),
        edition: "2024".into(),
        published_at: at,
        loaded_at: at,
        digest: "0".repeat(64),
        synthetic: true,
        ..Default::default()
    };
    let (release, state) = release(Some(wire)).unwrap();
    let mut hidden = line("SD", "0", ["0", "0"]);
    hidden.value = Some(contribution::Value::Undefined(
        v1::UndefinedReason::Suppressed.into(),
    ));
    let set = v1::ContributionSet {
        item: "P62".into(),
        ref_area: "BE2".into(),
        from: "2022".into(),
        to: "2024".into(),
        method: v1::ContributionMethod::CagrShare.into(),
        unit: "PP".into(),
        decimals: 2,
        total: Some(line("", "3.00", ["2.00", "4.00"])),
        parts: vec![
            line("SJ", "4.00", ["3.00", "5.00"]),
            line("SC", "-2.00", ["-1.00", "-3.00"]),
            hidden,
        ],
        other: Some(line("", "0.75", ["0.50", "1.00"])),
        uncovered: Some(line("", "0.26", ["0.20", "0.30"])),
        rounding: "-0.01".into(),
        notes: vec!["HR joined in 2023".into()],
        ..Default::default()
    };
    Contributions {
        about: Answer {
            release,
            state,
            figures: vec![],
            caveats: vec![("SYNTHETIC".into(), "made up".into())],
            uncertain: vec![],
        },
        sets: vec![set],
    }
}

#[test]
fn a_table_shows_parts_others_and_rest_above_their_total_with_bars_to_scale() {
    let shown = tables(&sample(), &args("--by product --lang fr --years")).unwrap();
    let found = |start: &str| {
        let is_it = |line: &&str| {
            line.trim_start_matches("\x1b[1m")
                .trim_start()
                .starts_with(start)
        };
        shown
            .lines()
            .find(is_it)
            .unwrap_or_else(|| panic!("{start}: {shown}"))
    };
    let bars = |line: &str, mark: char| line.chars().filter(|found| *found == mark).count();
    assert!(found("SJ all of SJ").contains("1.234,5"));
    assert!(found("SJ all of SJ").contains("+3,00"), "the year 2023");
    assert_eq!(bars(found("SJ"), '█'), 24);
    assert_eq!((bars(found("SC"), '░'), bars(found("SC"), '█')), (12, 0));
    assert!(found("SC").contains("−2,00"));
    assert!(found("SD").contains("n.d.¹"));
    assert!(shown.contains("¹ confidentiel"));
    let order = ["SJ", "autres", "non couvert", "total"].map(|start| shown.find(found(start)));
    assert!(order.is_sorted());
    assert!(found("total").contains("+3,00"));
    for said in [
        "dont arrondis de l'affichage: −0,01",
        "- HR joined in 2023",
        "REGTRD-2024-0123456789abcdef",
        "- made up",
        "par produit · CAGR_SHARE",
    ] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
}

#[test]
fn in_csv_the_code_of_a_part_stands_in_the_dimension_that_is_broken_down() {
    for (by, key) in [
        ("product", "P62,BE2,_T,SJ,W1"),
        ("activity", "P62,BE2,SJ,_T,W1"),
        ("partner", "P62,BE2,_T,_T,SJ"),
        ("partner-group", "P62,BE2,_T,_T,SJ"),
        ("region", "P62,SJ,_T,_T,W1"),
    ] {
        let csv = text_csv(&sample(), &args(&format!("--by {by}"))).unwrap();
        let expected = format!(
            "\n{key},contribution,2022-2024,4.00,,,PP,0,2,COMPUTED,A,REGTRD-2024-0123456789abcdef\n"
        );
        assert!(csv.contains(&expected), "{csv}");
        let total = "\nP62,BE2,_T,_T,W1,contribution,2022-2024,3.00,";
        assert!(csv.contains(total), "{csv}");
        assert_eq!(csv.lines().count(), 7);
    }
    let csv = text_csv(&sample(), &args("--by product --activity C --years")).unwrap();
    for part in [
        "P62,BE2,C,SD,W1,contribution,2022-2024,,,,PP,0,2,COMPUTED,SUPPRESSED,",
        "P62,BE2,C,_O,W1,contribution,2022-2024,0.75,",
        "P62,BE2,C,_U,W1,contribution,2024,0.30,",
        "P62,BE2,C,SC,W1,contribution,2023,-1.00,",
    ] {
        assert!(csv.contains(part), "{part}: {csv}");
    }
    assert_eq!(csv.lines().count(), 1 + 6 * 3);
}

#[test]
fn json_leaves_nothing_out() {
    let json = text_json(&sample(), Breakdown::Product).unwrap();
    let json: Value = serde_json::from_str(&json).unwrap();
    let set = &json["contributions"][0];
    assert_eq!(set["total"]["value"], "3.00");
    assert_eq!(set["parts"][1]["code"], "SC");
    assert_eq!(set["parts"][2]["value"], Value::Null);
    assert_eq!(set["parts"][2]["status"], "SUPPRESSED");
    assert_eq!(set["other"]["years"][1]["value"], "1.00");
    assert_eq!(
        (&set["rounding"], &set["by"]),
        (&json!("-0.01"), &json!("product"))
    );
    assert_eq!(json["release"]["synthetic"], true);
    assert_eq!(json["caveats"][0]["id"], "SYNTHETIC");
}
