//! What becomes of observations when a partial update is applied to them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use regtrade_formats::{
    Issue, Mappings, Rule,
    data_file::{self, Reading, Update},
};
use regtrade_model::{Observation, Period};

const HEADER: &str = "STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,ITEM,PRODUCT,TIME_PERIOD,OBS_VALUE,UNIT_MULT,DECIMALS,OBS_STATUS,FREQ";

type Slices = BTreeMap<Period, Vec<Observation>>;

/// The rows of a file, of which the cells up to the action and the frequency are filled in.
fn file(rows: &[&str]) -> String {
    let row = |row: &&str| {
        let frequency = if row.starts_with("D,") { "" } else { "A" };
        format!("dataflow,REGTRD,{row},{frequency}\n")
    };
    format!("{HEADER}\n{}", rows.iter().map(row).collect::<String>())
}

fn read(text: &str) -> Reading {
    let reading = data_file::read_all(&text.as_bytes(), Mappings::shipped());
    assert_eq!(reading.summary.issues, [], "{text}");
    reading
}

fn slices(rows: &[&str]) -> Slices {
    let rows: Vec<_> = rows.iter().map(|row| format!("I,{row}")).collect();
    let rows: Vec<_> = rows.iter().map(String::as_str).collect();
    let rows = read(&file(&rows)).whole().unwrap();
    let mut slices = Slices::new();
    for (observation, _) in rows {
        let slice = slices.entry(observation.key.period.last()).or_default();
        slice.push(observation);
    }
    slices
}

fn updates(rows: &[&str]) -> Vec<Update> {
    read(&file(rows)).updates().unwrap()
}

/// 2023 has one observation, 2024 four, two of them of one product; one of these has no value.
fn current() -> Slices {
    slices(&[
        "BE1,P61,_T,2023,10.0,6,1,A",
        "BE1,P61,_T,2024,11.0,6,1,P",
        "BE2,P61,_T,2024,22.0,6,1,A",
        "BE1,P62,SA,2024,3.25,6,1,E",
        "BE2,P62,SA,2024,,6,,O",
    ])
}

/// The observations of the slices that change, as text.
fn applied(rows: &[&str]) -> Vec<String> {
    let slices = data_file::apply(&current(), &updates(rows)).unwrap();
    let shown = |(period, slice): (Period, Vec<Observation>)| {
        let mut shown = vec![format!("{period}:")];
        shown.extend(slice.iter().map(|o| {
            let value = o.value.map(|value| value.to_string()).unwrap_or_default();
            format!(
                "{} {} {} {value} {} {} {}",
                o.key.ref_area, o.key.item, o.key.product, o.unit_mult, o.decimals, o.status
            )
        }));
        shown
    };
    slices.into_iter().flat_map(shown).collect()
}

fn refused(rows: &[&str]) -> Vec<(u32, u32, Rule)> {
    let issues = data_file::apply(&current(), &updates(rows)).unwrap_err();
    assert!(
        issues.iter().all(|issue| issue.explanation.len() > 20),
        "{issues:#?}"
    );
    issues
        .iter()
        .map(|issue: &Issue| (issue.line, issue.column, issue.rule))
        .collect()
}

const REST_OF_2024: [&str; 3] = [
    "BE2 P61 _T 22.0 6 1 A",
    "BE1 P62 SA 3.25 6 1 E",
    "BE2 P62 SA  6 0 O",
];

#[test]
fn an_appended_observation_joins_its_slice_or_begins_one() {
    assert_eq!(
        applied(&["A,BE2,P61,_T,2023,20.00,6,,", "A,BE,P6,_T,2025,1,9,,P"]),
        [
            "2023:",
            "BE1 P61 _T 10.0 6 1 A",
            "BE2 P61 _T 20.00 6 2 A",
            "2025:",
            "BE P6 _T 1 9 0 P"
        ]
    );
    assert_eq!(
        refused(&["A,BE1,P61,_T,2023,10.0,6,,", "A,BE2,P62,SA,2024,1,6,,"]),
        [(2, 1, Rule::AppendExisting), (3, 1, Rule::AppendExisting)]
    );
}

#[test]
fn a_merge_leaves_what_its_row_does_not_give() {
    for (row, merged) in [
        ("M,BE1,P61,_T,2023,10.55,,,", "BE1 P61 _T 10.55 6 1 A"),
        ("M,BE1,P61,_T,2023,,,2,", "BE1 P61 _T 10.0 6 2 A"),
        ("M,BE1,P61,_T,2023,,,,E", "BE1 P61 _T 10.0 6 1 E"),
        ("M,BE1,P61,_T,2023,0.01,9,2,P", "BE1 P61 _T 0.01 9 2 P"),
    ] {
        assert_eq!(applied(&[row]), ["2023:", merged], "{row}");
    }
    assert_eq!(
        applied(&["M,BE3,P61,_T,2023,30.5,6,,"]),
        ["2023:", "BE1 P61 _T 10.0 6 1 A", "BE3 P61 _T 30.5 6 1 A"]
    );
    assert_eq!(
        applied(&["M,BE3,P61,_T,2025,,6,,"]),
        ["2025:", "BE3 P61 _T  6 0 O"]
    );
    let value_arrives = applied(&["M,BE2,P62,SA,2024,4,,,A"]);
    assert!(
        value_arrives.contains(&"BE2 P62 SA 4 6 0 A".to_owned()),
        "{value_arrives:?}"
    );
}

#[test]
fn a_merge_that_would_leave_half_an_observation_is_refused() {
    for (row, rule) in [
        ("M,BE3,P61,_T,2023,30.5,,,", Rule::AttributeMissing),
        ("M,BE1,P61,_T,2023,,,,M", Rule::StatusContradiction),
        ("M,BE2,P62,SA,2024,4,,,", Rule::StatusContradiction),
    ] {
        assert_eq!(refused(&[row]), [(2, 1, rule)], "{row}");
    }
}

#[test]
fn a_replaced_observation_keeps_nothing() {
    assert_eq!(
        applied(&["R,BE1,P61,_T,2023,,6,,"]),
        ["2023:", "BE1 P61 _T  6 0 O"]
    );
    assert_eq!(
        applied(&["R,BE1,P61,_T,2024,11.5,6,,", "R,BE,P7,_T,2025,7,6,,"]),
        [
            &["2024:", "BE1 P61 _T 11.5 6 1 A"],
            &REST_OF_2024[..],
            &["2025:", "BE P7 _T 7 6 0 A"]
        ]
        .concat()
    );
}

#[test]
fn a_delete_takes_all_that_it_names() {
    assert_eq!(
        applied(&["D,BE1,P61,_T,2024,,,,"]),
        [&["2024:"], &REST_OF_2024[..]].concat()
    );
    // Any area, one product.
    assert_eq!(
        applied(&["D,*,P62,SA,2024,,,,"]),
        ["2024:", "BE1 P61 _T 11.0 6 1 P", "BE2 P61 _T 22.0 6 1 A"]
    );
    // Any area and item, one product.
    assert_eq!(
        applied(&["D,,,SA,2024,,,,"]),
        ["2024:", "BE1 P61 _T 11.0 6 1 P", "BE2 P61 _T 22.0 6 1 A"]
    );
    // Any period: a slice of which all is deleted is there, and empty.
    assert_eq!(
        applied(&["D,BE1,,,,,,,"]),
        [
            "2023:",
            "2024:",
            "BE2 P61 _T 22.0 6 1 A",
            "BE2 P62 SA  6 0 O"
        ]
    );
    assert_eq!(applied(&["D,,,,,,,,"]), ["2023:", "2024:"]);
    assert_eq!(
        refused(&["D,BE3,,,,,,,", "D,,,,2023,,,,", "D,BE1,P61,_T,2023,,,,"]),
        [(2, 1, Rule::DeleteNothing), (4, 1, Rule::DeleteNothing)]
    );
}

#[test]
fn one_key_is_deleted_without_touching_its_parts() {
    let all_dimensions = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,ITEM,ACTIVITY,PRODUCT,COUNTERPART_AREA,TIME_PERIOD\n\
         dataflow,REGTRD,D,A,BE1,P62,_T,SA,W1,2024\n";
    let updates = read(all_dimensions).updates().unwrap();
    let slices = data_file::apply(&current(), &updates).unwrap();
    assert_eq!(slices.values().map(Vec::len).collect::<Vec<_>>(), [3]);
}

#[test]
fn changes_are_made_in_the_order_of_the_file() {
    assert_eq!(
        applied(&[
            "D,,,,,,,,",
            "A,BE1,P61,_T,2024,11.0,6,1,P",
            "R,BE1,P61,_T,2023,9,6,,"
        ]),
        [
            "2023:",
            "BE1 P61 _T 9 6 0 A",
            "2024:",
            "BE1 P61 _T 11.0 6 1 P"
        ]
    );
    assert_eq!(
        refused(&["A,BE1,P61,_T,2023,9,6,,", "D,BE1,P61,_T,2023,,,,"]),
        [(2, 1, Rule::AppendExisting)]
    );
}

#[test]
fn an_update_that_changes_nothing_is_refused_and_slices_that_stay_are_left_out() {
    let same = "R,BE1,P61,_T,2023,10.0,6,1,A";
    assert_eq!(refused(&[same]), [(2, 1, Rule::UpdateNothing)]);
    assert_eq!(
        refused(&["M,BE1,P61,_T,2023,10.00,,,"]),
        [(2, 1, Rule::UpdateNothing)]
    );
    assert_eq!(
        refused(&["D,,,,2023,,,,", "A,BE1,P61,_T,2023,10.0,6,1,A"]),
        [(2, 1, Rule::UpdateNothing)]
    );
    assert_eq!(
        applied(&[same, "A,BE,P6,_T,2025,1,9,,P"]),
        ["2025:", "BE P6 _T 1 9 0 P"]
    );
}
