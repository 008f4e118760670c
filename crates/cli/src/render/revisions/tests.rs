//! Tables and rows of revisions that are made by hand.

use regtrade_model::{Dataflow, DatePrecision, Digest, FigureKey, ObsStatus, Period, ReleaseId};
use regtrade_proto::v1;

use super::*;
use crate::commands::revisions::Review;
use crate::render::revision_rows;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn release(edition: &str) -> (Release, ReleaseState) {
    let release = Release {
        id: id(edition),
        dataflow: Dataflow::Regtrd,
        edition: edition.parse().unwrap(),
        published_at: "2025-12-31T23:59:59.999999Z".parse().unwrap(),
        published_precision: DatePrecision::Year,
        loaded_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        digest: Digest([0; 32]),
        files: vec![],
        slices: vec![],
        revision: None,
        builds_on: None,
        notes: vec![],
        findings: vec![],
        accepted_because: None,
        synthetic: false,
        withdrawn: None,
    };
    (release, ReleaseState::Published)
}

fn id(edition: &str) -> ReleaseId {
    format!("REGTRD-{edition}-0123456789abcdef")
        .parse()
        .unwrap()
}

/// `1.5`, `1..2` or nothing; hundreds where `decimals` is -2.
fn figure(indicator: Indicator, text: &str, decimals: i32) -> Option<Figure> {
    let (value, provenance) = match text.split_once("..") {
        _ if text.is_empty() => return None,
        Some((lower, upper)) => {
            let (lower, upper) = (decimal(lower), decimal(upper));
            (FigureValue::Between { lower, upper }, Provenance::Bounded)
        }
        None => (FigureValue::Exact(decimal(text)), Provenance::Published),
    };
    let period = Period::of_year(2023).unwrap();
    Some(Figure {
        key: FigureKey::overall(Item::P6, Area::BE1, indicator, period),
        value,
        unit_mult: 6,
        decimals,
        provenance,
        release: id("2024"),
        print_differs: None,
        obs_status: ObsStatus::A,
        source: None,
    })
}

fn revision(
    indicator: Indicator,
    (from, from_decimals): (&str, i32),
    (to, to_decimals): (&str, i32),
    (change, lower, upper, percent): (&str, &str, &str, &str),
    class: RevisionClass,
) -> Revision {
    let optional = |text: &str| (!text.is_empty()).then(|| decimal(text));
    let from = figure(indicator, from, from_decimals);
    let to = figure(indicator, to, to_decimals);
    Revision {
        key: from.as_ref().or(to.as_ref()).unwrap().key.clone(),
        from,
        to,
        change: optional(change),
        between: optional(lower).zip(optional(upper)),
        percent: optional(percent),
        class,
    }
}

fn comparison() -> Comparison {
    let revisions = vec![
        revision(
            Indicator::Level,
            ("62700", -2),
            ("60472.5", 1),
            ("-2227.5", "-2277.55", "-2177.45", "-3.55"),
            RevisionClass::Changed,
        ),
        revision(
            Indicator::Level,
            ("0..69339.385", 3),
            ("35498.494..35530.666", 3),
            ("", "-33840.891", "35530.666", ""),
            RevisionClass::WithinRounding,
        ),
        revision(
            Indicator::Growth,
            ("4.5", 1),
            ("4.6", 1),
            ("0.1", "0", "0.2", ""),
            RevisionClass::WithinRounding,
        ),
        revision(
            Indicator::Coverage,
            ("", 1),
            ("98.0", 1),
            ("", "", "", ""),
            RevisionClass::NewPeriod,
        ),
    ];
    Comparison {
        from: release("2023"),
        to: release("2024"),
        revisions,
        counts: BTreeMap::from([
            (RevisionClass::Changed, 1),
            (RevisionClass::WithinRounding, 2),
            (RevisionClass::NewPeriod, 1),
        ]),
    }
}

/// Without colours, as a pipe has it.
fn uncoloured(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

#[test]
fn a_table_shows_what_was_revised_and_counts_the_rest() {
    let text = uncoloured(&revision_table(&comparison(), false, Language::En));
    // How wide a column is follows from what is in it.
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let has = |line: &str| {
        let found = text.lines().any(|shown| words(shown) == line);
        assert!(found, "no `{line}` in\n{text}");
    };
    has("Revisions: 2023 → 2024");
    has("in € million 2023 2024 change true change between %");
    has("Exports of goods and services");
    has("Brussels");
    // The interval is moved outwards to the decimals of the change.
    has("2023 62,700 60,472.5 −2,227.5 −2,277.6 … −2,177.4 −3.6");
    has("annual change 2023 4.5 4.6 +0.1≈ 0.00 … +0.20");
    has("≈ not distinguishable from rounding");
    has("Cells: changed 1 · not distinguishable from rounding 1");
    has("Not shown (--all): not distinguishable from rounding 1 · new period 1");
    has("Release 2023: REGTRD-2023-0123456789abcdef · published 2025");
    assert!(!text.contains("35,4"), "nothing can be said of it:\n{text}");
    let widest = text.lines().skip(2).map(|l| l.chars().count()).max();
    assert!(widest <= Some(100), "too wide:\n{text}");
}

#[test]
fn everything_is_shown_where_it_is_asked_for_and_in_the_way_of_the_language() {
    let text = uncoloured(&revision_table(&comparison(), true, Language::Fr));
    for part in [
        "Révisions: 2023 → 2024",
        "0 … 69.340  35.498 … 35.531",
        "≈      −33.841 … +35.531",
        "couverture 2023",
        "* nouvelle période, pas une révision",
        "−2.227,5",
    ] {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
    assert!(!text.contains("--all"), "{text}");
}

#[test]
fn a_revision_has_the_columns_of_the_contract() {
    let rows = comparison().revisions;
    assert_eq!(
        revision_rows::revision_columns().join(","),
        "item,ref_area,activity,product,counterpart_area,indicator,period,from_value,to_value,change,change_lower,\
         change_upper,change_pct,class"
    );
    assert_eq!(
        revision_rows::revision(&rows[0]).join(","),
        "P6,BE1,_T,_T,W1,level,2023,62700,60472.5,-2227.5,-2277.55,-2177.45,-3.55,changed"
    );
    assert_eq!(
        revision_rows::revision(&rows[1]).join(","),
        "P6,BE1,_T,_T,W1,level,2023,0..69339.385,35498.494..35530.666,,-33840.891,35530.666,,within_rounding"
    );
    let json = revision_rows::comparison_json(&comparison());
    assert_eq!(json["revisions"][0]["change"], "-2227.5");
    assert_eq!(json["revisions"][3]["from"], serde_json::Value::Null);
    assert_eq!(json["counts"]["within_rounding"], 2);
    assert_eq!(json["to"]["edition"], "2024");
}

fn review() -> Review {
    let row = |count, mean: &str| v1::RevisionStatistics {
        item: "P6".into(),
        ref_area: "BE1".into(),
        activity: "_T".into(),
        product: "_T".into(),
        counterpart_area: "W1".into(),
        indicator: v1::Indicator::Level.into(),
        unit: "EUR".into(),
        unit_mult: 6,
        count,
        mean_revision: mean.into(),
        mean_revision_between: (count > 0).then(|| v1::Interval {
            lower: "-0.433333".into(),
            upper: "-0.2".into(),
        }),
        maximum: mean.trim_start_matches('-').into(),
        within_rounding: 1,
        ..Default::default()
    };
    Review {
        releases: vec![release("2024"), release("2023")],
        statistics: vec![row(3, "-0.30"), row(0, "")],
    }
}

#[test]
fn statistics_show_what_has_values_and_count_what_has_none() {
    let text = uncoloured(&statistics_table(&review(), Language::En).unwrap());
    let line = text.lines().find(|line| line.starts_with("  Brussels"));
    let cells: Vec<&str> = line.unwrap().split_whitespace().collect();
    assert_eq!(
        cells,
        [
            "Brussels", "3", "−0.30", "−0.44", "…", "−0.20", "+0.30", "1"
        ],
        "{text}"
    );
    assert!(
        text.contains("known by bounds alone, not shown: 1"),
        "{text}"
    );
    assert_eq!(
        revision_rows::statistics(&review().statistics[1]).join(","),
        "P6,BE1,_T,_T,W1,level,EUR,6,0,,,,,,,,,,1,"
    );
    let json = revision_rows::review_json(&review()).unwrap();
    assert_eq!(json["statistics"][0]["mean_revision_upper"], "-0.2");
    assert_eq!(json["statistics"][0]["p_value"], serde_json::Value::Null);
    assert_eq!(json["statistics"][0]["count"], 3);
}
