//! Data files of agencies, read through the mappings that are shipped, and where a code would mislead.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use regtrade_formats::{
    Mappings, Rule,
    data_file::{self, Action, Entry, Reading},
};
use regtrade_model::Dataflow;

const NBB: &str = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,ITEM,NUTS,BRANCH,UNIT,TIME_PERIOD,OBS_VALUE";
const TRADE: &str =
    "DATAFLOW,REPORTING,COUNTRY,PRODUCT,FLOW,CONCEPT,DATATYPE,FREQ,TIME_PERIOD,OBS_VALUE,UNIT_MULT";

/// Rows of a dataflow of regional accounts.
fn regional(rows: &[&str]) -> String {
    let row = |row: &&str| format!("dataflow,BE2:DF_REGTRD(1.0),I,{row}\n");
    format!("{NBB}\n{}", rows.iter().map(row).collect::<String>())
}

/// Rows of a dataflow of foreign trade.
fn trade(rows: &[&str]) -> String {
    let row = |row: &&str| format!("BE2:DF_EXTTRADEBENAT_Overview(1.0),{row}\n");
    format!("{TRADE}\n{}", rows.iter().map(row).collect::<String>())
}

fn read(text: &str) -> Reading {
    data_file::read_all(&text.as_bytes(), Mappings::shipped())
}

/// What a file comes to: the full key with its value and multiple.
fn entries(text: &str) -> Vec<String> {
    let reading = read(text);
    assert_eq!(reading.summary.issues, [], "{text}");
    let shown = |entry: &Entry| match entry {
        Entry::Observation { observation, .. } => {
            let value = observation.value.map(|value| value.to_string());
            let value = value.unwrap_or_default();
            format!("{} {value}e{}", observation.key, observation.unit_mult)
        }
        Entry::Figure(figure) => {
            let value = figure.value.map(|value| value.to_string());
            format!("{} {}%", figure.key, value.unwrap_or_default())
        }
        Entry::Update(update) => format!("{:?}", update.action),
    };
    reading.entries.iter().map(shown).collect()
}

#[track_caller]
fn refused(text: &str, expected: &[(u32, u32, Rule)]) {
    let issues = read(text).summary.issues;
    let found: Vec<_> = issues.iter().map(|i| (i.line, i.column, i.rule)).collect();
    assert_eq!(found, expected, "{text}\n{issues:#?}");
}

#[test]
fn regional_accounts_give_levels_and_published_figures() {
    let text = regional(&[
        "A,P60000,000,TOT,CU,2024,553812.4",
        "A,P61000,200,CG,CU,2024,12.50",
        "A,P72000,335,47,CU,2023,",
        "A,P60000,100,TOT,PR,2024,15.2",
        "A,P62000,300,TOT,PV,2024,30.1",
        "A,P71000,400,TOT,PY,2024,-4.2",
    ]);
    assert_eq!(
        entries(&text),
        [
            "A.BE.P6._T._T.W1:level:2024 553812.4e6",
            "A.BE2.P61.C22_23._T.W1:level:2024 12.50e6",
            "A.BE335.P72.G47._T.W1:level:2023 e6",
            "A.BE1.P6._T._T.W1:share_of_country:2024 15.2%",
            "A.BE3.P62._T._T.W1:share_of_total:2024 30.1%",
            "A.BEZ.P71._T._T.W1:growth:2024 -4.2%",
        ]
    );
    let figure = read(&text)
        .entries
        .into_iter()
        .find_map(|entry| match entry {
            Entry::Figure(figure) => Some(figure),
            _ => None,
        });
    let figure = figure.unwrap();
    assert_eq!(
        (figure.decimals, figure.unit_mult, figure.origin.line),
        (1, 0, 5)
    );
}

#[test]
fn items_of_other_statistics_and_balances_are_read_over_whatever_else_they_say() {
    let text = regional(&[
        "A,P60000,000,TOT,CU,2024,1",
        "A,B1QG00,000,TOT,CU,2024,1",
        "A,POPULA,999,XX,NP,2024,1",
        "A,B11000,000,TOT,CU,2024,1",
        "A,P60000,000,P3,CU,2024,1",
    ]);
    let reading = read(&text);
    assert_eq!(reading.summary.issues, []);
    assert_eq!((reading.entries.len(), reading.summary.rows), (1, 5));
    // A file of which nothing is taken in is the wrong one.
    let other = regional(&["A,B1QG00,000,TOT,CU,2024,1", "A,B1QG00,100,TOT,CU,2024,1"]);
    refused(&other, &[(3, 3, Rule::RowsSkipped)]);
}

#[test]
fn units_that_are_not_kept_are_refused_and_those_that_are_kept_are_named() {
    let text = regional(&[
        "A,P60000,000,TOT,PG,2024,100",
        "A,P60000,000,TOT,PB,2024,100",
        "A,P60000,000,TOT,CH,2024,100",
        "A,P60000,000,TOT,,2024,100",
    ]);
    refused(
        &text,
        &[
            (2, 8, Rule::UnitUnfit),
            (3, 8, Rule::UnitUnfit),
            (4, 8, Rule::UnitUnfit),
            (5, 8, Rule::DimensionMissing),
        ],
    );
    let issue = read(&text).summary.issues.remove(0);
    let kept = "CU (level), PR (share_of_country), PV (share_of_total), PY (growth)";
    assert!(issue.explanation.contains(kept), "{issue}");
}

#[test]
fn codes_that_are_in_no_list_are_named_with_their_place() {
    refused(
        &regional(&[
            "A,P60000,999,TOT,CU,2024,1",
            "A,P60000,BE1,TOT,CU,2024,1",
            "A,P60000,000,C10T12,CU,2024,1",
            "Q,P60000,000,TOT,CU,2024-Q1,1",
            "A,P60000,000,TOT,CU,2024-07,1",
        ]),
        &[
            (2, 6, Rule::CodeUnknown),
            (3, 6, Rule::CodeUnknown),
            (4, 7, Rule::CodeUnknown),
            (5, 4, Rule::FrequencyNotKept),
            (6, 9, Rule::FrequencyUnfit),
        ],
    );
    let unknown = "STRUCTURE,STRUCTURE_ID,FREQ,ITEM,NUTS,BRANCH,UNIT,TIME_PERIOD,OBS_VALUE,SEX\ndataflow,BE2:DF_REGTRD(1.0),A,P60000,000,TOT,CU,2024,1,M\n";
    refused(unknown, &[(1, 10, Rule::ColumnUnknown)]);
}

#[test]
fn the_german_speaking_community_is_a_memo_code_and_never_a_part_of_wallonia() {
    let text = regional(&[
        "A,P60000,336,TOT,CU,2024,1",
        "A,P60000,337,TOT,CU,2024,2",
        "A,P60000,333,TOT,CU,2024,3",
    ]);
    let keys = entries(&text);
    assert!(keys[0].starts_with("A.BE3DG.") && keys[1].starts_with("A.BE336."));
    let areas = regtrade_model::codelist("CL_AREA").unwrap();
    assert!(areas.get("BE3DG").unwrap().memo);
    assert!(
        areas
            .parts("BE3", 2024)
            .all(|part| part.code.as_str() != "BE3DG")
    );
}

#[test]
fn foreign_trade_is_monthly_and_by_concept() {
    let text = trade(&[
        "BE,A1,TOT,X,NAT,VAL,M,2024-07,12.5,6",
        "VL,DE,30049000,I,COM,VAL,M,2024-M08,7,3",
        "100,GR,XVI,X,NAT,VAL,M,2024-09,8,6",
        "BE,A1,TOT,X,NAT,VAL,A,2024,12.5,6",
        "BE,A1,TOT,X,NAT,QTY,M,2024-07,12.5,6",
        "BE,A1,TOT,B,NAT,VAL,M,2024-07,12.5,6",
        "BE,E7,TOT,X,NAT,VAL,M,2024-07,12.5,6",
    ]);
    assert_eq!(
        entries(&text),
        [
            "M.BE.P61._T._T.W1.NAT:level:2024-07 12.5e6",
            "M.BE2.P71._T.30049000.DE.COM:level:2024-08 7e3",
            "M.BE1.P61._T.XVI.GR.NAT:level:2024-09 8e6",
        ]
    );
    let summary = read(&text).summary;
    assert_eq!(
        (summary.dataflow, summary.rows),
        (Some(Dataflow::Exttrade), 7)
    );
    refused(
        &trade(&[
            "_Z,A1,TOT,X,NAT,VALUE,M,2024,1,",
            "BE,ZZ,3,X,,VAL,M,2024-13,1,6",
        ]),
        &[
            (2, 2, Rule::CodeUnknown),
            (2, 7, Rule::UnitUnfit),
            (2, 9, Rule::FrequencyUnfit),
            (3, 3, Rule::CodeUnknown),
            (3, 4, Rule::CodeUnknown),
            (3, 6, Rule::DimensionMissing),
            (3, 9, Rule::PeriodMalformed),
        ],
    );
    // In which multiple the values are, a file has to say.
    refused(
        &trade(&["BE,A1,TOT,X,NAT,VAL,M,2024-07,12.5,"]),
        &[(2, 11, Rule::AttributeMissing)],
    );
}

#[test]
fn two_spellings_of_one_area_in_one_file_say_one_thing_twice() {
    let text = trade(&[
        "BX,A1,TOT,X,NAT,VAL,M,2024-07,1,6",
        "BR,A1,TOT,X,NAT,VAL,M,2024-07,1,6",
    ]);
    refused(&text, &[(3, 1, Rule::KeyDuplicate)]);
}

#[test]
fn a_code_that_means_two_things_is_what_its_dataflow_says() {
    let row = "BE,D0,TOT,X,NAT,VAL,M,2024-07,1,6";
    assert!(entries(&trade(&[row]))[0].contains(".B0.NAT:"));
    let own = "DATAFLOW,FREQ,REF_AREA,ITEM,COUNTERPART_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MULT\n";
    let outside = format!("{own}BE2:REGTRD(1.0),A,BE,P61,D0,2024,1,6\n");
    assert!(entries(&outside)[0].contains("._T._T.D0:"));
    let america = format!("{own}BE2:REGTRD(1.0),A,BE,P61,A1,2024,1,6\n");
    refused(&america, &[(2, 5, Rule::CodeUnknown)]);
    // A mapping that does not say what D0 is does not take it for ours, as it does with countries.
    let toml = include_str!("../data/mappings/nbb-exttrade.toml").replace("D0 = \"B0\"\n", "");
    let silent = Mappings::shipped()
        .clone()
        .with("silent.toml", &toml)
        .unwrap();
    let reading = data_file::read_all(&trade(&[row]).as_bytes(), &silent);
    let places: Vec<_> = reading
        .summary
        .issues
        .iter()
        .map(|i| (i.column, i.rule))
        .collect();
    assert_eq!(places, [(3, Rule::CodeUnknown)]);
}

#[test]
fn our_own_dataflows_take_our_codes_alone() {
    let header = "DATAFLOW,FREQ,REF_AREA,ITEM,ACTIVITY,PRODUCT,COUNTERPART_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MULT";
    let file = |row: &str| format!("{header}\nBE2:REGTRD(1.0),A,{row},2024,1,6\n");
    for (row, column) in [
        ("BE9,P61,_T,_T,W1", 3),
        ("BE1,P61,Q1,_T,W1", 5),
        ("BE1,P61,_T,SA,W1", 6),
        ("BE1,P62,_T,30,W1", 6),
        ("BE1,P6,_T,SA,W1", 6),
        ("BE1,P61,_T,123,W1", 6),
        ("BE1,P61,_T,_T,A1", 7),
    ] {
        refused(&file(row), &[(2, column, Rule::CodeUnknown)]);
    }
    for row in [
        "BE211,P61,C29_30,87,DE",
        "BE3DG,P62,_T,SJ34,B6",
        "BEZ,P6,A,_T,U2",
    ] {
        assert_eq!(entries(&file(row)).len(), 1, "{row}");
    }
}

#[test]
fn our_foreign_trade_has_months_goods_and_a_concept() {
    let file = |row: &str| {
        format!(
            "DATAFLOW,FREQ,REF_AREA,ITEM,CONCEPT,TIME_PERIOD,OBS_VALUE,UNIT_MULT,CONF_STATUS\nSYNTH:EXTTRADE(1.0),{row}\n"
        )
    };
    let reading = read(&file("M,BE1,P61,NAT,2024-07,1.5,6,N"));
    assert!(reading.summary.synthetic);
    let rows = reading.whole().unwrap();
    assert_eq!(
        rows[0].0.key.to_string(),
        "M.BE1.P61._T._T.W1.NAT:level:2024-07"
    );
    assert_eq!(rows[0].0.conf, regtrade_model::ConfStatus::N);
    for (row, column, rule) in [
        ("M,BE1,P62,NAT,2024-07,1,6,", 4, Rule::CodeUnknown),
        ("M,BE1,P6,NAT,2024-07,1,6,", 4, Rule::CodeUnknown),
        ("M,BE1,P61,ALL,2024-07,1,6,", 5, Rule::CodeUnknown),
        ("M,BE1,P61,,2024-07,1,6,", 5, Rule::DimensionMissing),
        ("A,BE1,P61,NAT,2024,1,6,", 2, Rule::FrequencyNotKept),
        ("M,BE1,P61,NAT,2024,1,6,", 6, Rule::FrequencyUnfit),
    ] {
        refused(&file(row), &[(2, column, rule)]);
    }
    let without = "DATAFLOW,FREQ,REF_AREA,ITEM,TIME_PERIOD,OBS_VALUE,UNIT_MULT\nEXTTRADE,M,BE1,P61,2024-07,1,6\n";
    refused(without, &[(1, 8, Rule::ColumnMissing)]);
}

#[test]
fn dataflows_of_one_of_ours_can_stand_in_one_file_and_others_not() {
    let file = |other: &str| {
        format!(
            "STRUCTURE,STRUCTURE_ID,FREQ,ITEM,NUTS,REF_AREA,BRANCH,UNIT,TIME_PERIOD,OBS_VALUE,UNIT_MULT\n\
             dataflow,BE2:DF_REGTRD(1.0),A,P60000,000,,TOT,CU,2024,1,\n\
             dataflow,{other},A,P61,,BE1,,,2024,1,6\n"
        )
    };
    refused(&file("BE2:REGTRD(1.0)"), &[]);
    refused(
        &file("BE2:EXTTRADE(1.0)"),
        &[(1, 6, Rule::ColumnUnknown), (3, 2, Rule::StructureOther)],
    );
    refused(
        &file("SYNTH:REGTRD(1.0)"),
        &[
            (1, 6, Rule::ColumnUnknown),
            (3, 2, Rule::StructureSynthetic),
        ],
    );
    refused(
        &file("ESTAT:DF_REGTRD(1.0)"),
        &[(1, 6, Rule::ColumnUnknown), (3, 2, Rule::StructureOther)],
    );
}

#[test]
fn a_partial_update_of_an_agency_changes_the_levels_that_it_is_of() {
    let rows = "dataflow,BE2:DF_REGTRD(1.0),D,A,P61000,200,,CU,2024,\n\
                dataflow,BE2:DF_REGTRD(1.0),M,A,P61000,200,TOT,CU,2024,7.5\n";
    let reading = read(&format!("{NBB}\n{rows}"));
    assert_eq!(reading.summary.issues, []);
    assert!(reading.summary.is_partial);
    let updates = reading.updates().unwrap();
    let Action::Delete(deleted) = &updates[0].action else {
        panic!("{updates:?}");
    };
    // The dataflow is of all products and partners, so that those of others are left alone.
    assert_eq!(
        deleted.product.as_ref().map(|code| code.as_str()),
        Some("_T")
    );
    assert_eq!(deleted.activity, None);
    assert!(matches!(&updates[1].action, Action::Merge(merge) if merge.unit_mult == Some(6)));
    let shares = "dataflow,BE2:DF_REGTRD(1.0),R,A,P61000,200,TOT,PR,2024,7.5\n";
    refused(&format!("{NBB}\n{shares}"), &[(2, 8, Rule::UnitUnfit)]);
}

#[test]
fn a_published_figure_that_is_confidential_or_given_twice_is_refused() {
    let header =
        "STRUCTURE,STRUCTURE_ID,FREQ,ITEM,NUTS,BRANCH,UNIT,TIME_PERIOD,OBS_VALUE,CONF_STATUS\n";
    let row =
        |conf: &str| format!("dataflow,BE2:DF_REGTRD(1.0),A,P60000,100,TOT,PR,2024,15.2,{conf}\n");
    refused(
        &format!("{header}{}", row("N")),
        &[(2, 10, Rule::ConfStatusNotKept)],
    );
    let twice = format!("{header}{}{}", row("F"), row(""));
    let mut taken = 0;
    let summary = data_file::read(&twice.as_bytes(), Mappings::shipped(), &mut |_: Entry| {
        taken += 1
    });
    let rules: Vec<_> = summary.issues.iter().map(|i| (i.line, i.rule)).collect();
    assert_eq!((taken, rules), (1, vec![(3, Rule::KeyDuplicate)]));
}
