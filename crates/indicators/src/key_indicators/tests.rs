//! What the key indicators of a release are, by example.

use regtrade_model::{Area, ObsStatus, Origin, Period};

use super::*;

/// All of them.
fn key_indicators(
    printed: &[PublishedFigure],
    observed: &[Observed<'_>],
    release: &ReleaseId,
    before: &[ReleaseId],
) -> Vec<Figure> {
    super::key_indicators(printed, observed, release, before, &|_| true)
}

const FACTS: &str = include_str!("../../../../tests/data/regtrd-2024.csv");

fn release() -> ReleaseId {
    "REGTRD-2024-0123456789abcdef".parse().unwrap()
}

fn facts() -> Vec<PublishedFigure> {
    FACTS
        .lines()
        .skip(1)
        .zip(1..)
        .map(|(line, at)| figure(line, at))
        .collect()
}

fn figure(line: &str, at: u32) -> PublishedFigure {
    let fields: Vec<_> = line.split(',').collect();
    let indicator: Indicator = fields[2].parse().unwrap();
    PublishedFigure {
        key: FigureKey::overall(
            fields[0].parse().unwrap(),
            fields[1].parse().unwrap(),
            indicator,
            fields[3].parse::<Span>().unwrap(),
        ),
        value: (!fields[4].is_empty()).then(|| fields[4].parse().unwrap()),
        decimals: fields[5].parse().unwrap(),
        unit_mult: if is_money(indicator) { 6 } else { 0 },
        origin: Origin {
            line: at,
            column: 1,
        },
        source: None,
    }
}

fn shown<'a>(figures: &'a [Figure], key: &str) -> &'a Figure {
    figures
        .iter()
        .find(|figure| figure.key.to_string() == key)
        .unwrap_or_else(|| panic!("{key} is not there"))
}

fn value(figure: &Figure) -> String {
    match &figure.value {
        FigureValue::Exact(value) => value.to_string(),
        other => format!("{other:?}"),
    }
}

#[test]
fn every_printed_cell_of_2024_comes_back_to_its_last_decimal() {
    let printed = facts();
    let figures = key_indicators(&printed, &[], &release(), &[]);
    for print in &printed {
        let figure = shown(&figures, &print.key.to_string());
        assert_eq!(
            value(figure),
            print.value.unwrap().to_string(),
            "{}",
            print.key
        );
        assert_eq!(figure.print_differs, None);
    }
    let computed = |indicator| {
        figures
            .iter()
            .filter(|f| f.provenance == Provenance::Computed && f.key.indicator == indicator)
            .count()
    };
    assert_eq!(
        computed(Indicator::ShareOfCountry) + computed(Indicator::ShareOfTotal),
        48
    );
    assert_eq!(computed(Indicator::Net), 12);
    assert_eq!(computed(Indicator::Coverage), 12);
    assert_eq!(figures.len(), 204 + 12);
}

#[test]
fn shares_and_nets_come_from_levels_also_where_they_are_not_printed() {
    let printed: Vec<_> = facts()
        .into_iter()
        .filter(|f| f.key.indicator == Indicator::Level)
        .collect();
    let figures = key_indicators(&printed, &[], &release(), &[]);
    assert_eq!(
        value(shown(&figures, "A.BE1.P61._T._T.W1:share_of_country:2024")),
        "8.2"
    );
    assert_eq!(
        value(shown(&figures, "A.BE3.B112._T._T.W1:net:2024")),
        "-4889.9"
    );
    assert!(
        !figures
            .iter()
            .any(|figure| figure.key.indicator == Indicator::Growth)
    );
}

#[test]
fn where_print_and_computation_differ_the_figure_says_so() {
    let mut printed = facts();
    let share = printed
        .iter_mut()
        .find(|f| f.key.to_string() == "A.BE1.P61._T._T.W1:share_of_country:2024")
        .unwrap();
    share.value = Some("8.3".parse().unwrap());
    let figures = key_indicators(&printed, &[], &release(), &[]);
    let share = shown(&figures, "A.BE1.P61._T._T.W1:share_of_country:2024");
    assert_eq!((value(share).as_str(), share.status()), ("8.2", "D"));
    assert_eq!(
        share
            .print_differs
            .map(|value| value.to_string())
            .as_deref(),
        Some("8.3")
    );
}

#[test]
fn growth_and_average_growth_are_computed_where_both_levels_are_printed() {
    let printed = [
        "P61,BE1,level,2020,200.0,1",
        "P61,BE1,level,2021,190.0,1",
        "P61,BE1,level,2022,242.0,1",
        "P61,BE1,cagr,2020-2022,9.0,1",
    ];
    let printed: Vec<_> = printed
        .iter()
        .zip(1..)
        .map(|(line, at)| figure(line, at))
        .collect();
    let figures = key_indicators(&printed, &[], &release(), &[]);
    assert_eq!(
        value(shown(&figures, "A.BE1.P61._T._T.W1:growth:2021")),
        "-5.0"
    );
    let cagr = shown(&figures, "A.BE1.P61._T._T.W1:cagr:2020-2022");
    assert_eq!(
        (value(cagr).as_str(), cagr.provenance, cagr.status()),
        ("10.0", Provenance::Computed, "D")
    );
}

#[test]
fn undefined_is_a_reason_never_a_number() {
    let printed = [
        "P6,BE1,level,2021,5.0,1",
        "P7,BE1,level,2021,0.0,1",
        "P6,BE2,level,2021,,0",
        "P7,BE2,level,2021,3.0,1",
    ];
    let printed: Vec<_> = printed
        .iter()
        .zip(1..)
        .map(|(line, at)| figure(line, at))
        .collect();
    let figures = key_indicators(&printed, &[], &release(), &[]);
    let status = |key: &str| shown(&figures, key).status();
    assert_eq!(status("A.BE1.P6._T._T.W1:coverage:2021"), "BASE_ZERO");
    assert_eq!(status("A.BE2.P6._T._T.W1:level:2021"), "MISSING");
    assert_eq!(status("A.BE2.B11._T._T.W1:net:2021"), "MISSING");
    assert_eq!(status("A.BE1.P6._T._T.W1:share_of_total:2021"), "A");
}

#[test]
fn billions_with_one_decimal_are_not_millions_with_one() {
    let mut print = figure("P6,BE1,level,2013,47.7,1", 1);
    print.unit_mult = 9;
    let figures = key_indicators(&[print], &[], &release(), &[]);
    let level = shown(&figures, "A.BE1.P6._T._T.W1:level:2013");
    assert_eq!(
        (value(level).as_str(), level.unit_mult, level.decimals),
        ("47700", 6, -2)
    );
    assert_eq!(level.key.ref_area, Area::BE1);
    assert_eq!(level.key.period.last(), Period::of_year(2013).unwrap());
}

#[test]
fn an_average_growth_that_is_printed_as_missing_is_computed_to_one_decimal() {
    let printed = [
        "P6,BE1,level,2020,200.0,1",
        "P6,BE1,level,2022,228.1,1",
        "P6,BE1,cagr,2020-2022,,0",
    ];
    let printed: Vec<_> = printed
        .iter()
        .zip(1..)
        .map(|(line, at)| figure(line, at))
        .collect();
    let figures = key_indicators(&printed, &[], &release(), &[]);
    let cagr = shown(&figures, "A.BE1.P6._T._T.W1:cagr:2020-2022");
    assert_eq!(
        (value(cagr).as_str(), cagr.decimals, cagr.status()),
        ("6.8", 1, "A")
    );
}

#[test]
fn a_share_of_levels_in_thousand_millions_is_as_rough_as_they_are() {
    let level = |item: &str, value: &str, decimals| PublishedFigure {
        unit_mult: 9,
        decimals,
        ..figure(&format!("{item},BE1,level,2019,{value},1"), 1)
    };
    let printed = [level("P6", "55", 0), level("P61", "25.5", 1)];
    let figures = key_indicators(&printed, &[], &release(), &[]);
    let share = shown(&figures, "A.BE1.P61._T._T.W1:share_of_total:2019");
    // 25.45 / 55.5 and 25.55 / 54.5, outwards.
    assert_eq!(
        value(share),
        "Between { lower: 45.85, upper: 46.89 }",
        "46.4 would be rounded, not exact"
    );
    assert_eq!(share.provenance, Provenance::Bounded);
    assert_eq!(share.decimals, 2);
    // What is divided by itself is as exact as can be.
    let whole = shown(&figures, "A.BE1.P6._T._T.W1:share_of_total:2019");
    assert_eq!(value(whole), "100.0");
}

#[test]
fn observations_come_before_prints_and_are_never_set_against_those_of_another_release() {
    let older: ReleaseId = "REGTRD-2023-0123456789abcdef".parse().unwrap();
    let observation = |item: &str, area: &str, year: &str, value: &str| Observation {
        key: figure(&format!("{item},{area},level,{year},0,0"), 1).key,
        value: Some(value.parse().unwrap()),
        decimals: 3,
        unit_mult: 6,
        status: ObsStatus::P,
        conf: regtrade_model::ConfStatus::F,
    };
    let observed = [
        observation("P61", "BE1", "2023", "100.125"),
        observation("P61", "BE1", "2024", "110.25"),
        observation("P61", "BE2", "2024", "55.5"),
    ];
    let printed = [
        figure("P61,BE1,level,2024,110.3,1", 1),
        figure("P61,BE2,level,2024,56.1,1", 2),
    ];
    let observed: Vec<Observed<'_>> = observed.iter().map(|row| (&older, row)).collect();
    let figures = key_indicators(&printed, &observed, &release(), &[]);
    let level = shown(&figures, "A.BE1.P61._T._T.W1:level:2024");
    assert_eq!(value(level), "110.3", "the print rounds the observation");
    assert_eq!(
        (level.provenance, &level.release, level.status()),
        (Provenance::Computed, &older, "P")
    );
    let level = shown(&figures, "A.BE2.P61._T._T.W1:level:2024");
    assert_eq!(value(level), "55.5");
    assert_eq!(
        (level.provenance, &level.release),
        (Provenance::Computed, &older)
    );
    assert_eq!(
        level
            .print_differs
            .map(|print| print.to_string())
            .as_deref(),
        Some("56.1")
    );
    assert_eq!(level.status(), "D");
    let growth = shown(&figures, "A.BE1.P61._T._T.W1:growth:2024");
    // 100 * (110.25 / 100.125 - 1) = 10.1124
    assert_eq!(value(growth), "10.1");
    assert_eq!(
        (growth.provenance, &growth.release),
        (Provenance::Computed, &older)
    );
}

#[test]
fn a_figure_is_of_the_newest_release_that_it_needs_and_not_of_a_newer_one() {
    let [old, newer] = ["2023", "2024"].map(|edition| -> ReleaseId {
        format!("REGTRD-{edition}-0123456789abcdef")
            .parse()
            .unwrap()
    });
    let head: ReleaseId = "REGTRD-2025-0123456789abcdef".parse().unwrap();
    let observation = |year: &str, value: &str| Observation {
        key: figure(&format!("P61,BE1,level,{year},0,0"), 1).key,
        value: Some(value.parse().unwrap()),
        decimals: 0,
        unit_mult: 6,
        status: ObsStatus::A,
        conf: regtrade_model::ConfStatus::F,
    };
    let rows = [observation("2023", "100"), observation("2024", "110")];
    let observed = [(&old, &rows[0]), (&newer, &rows[1])];
    let before = [newer.clone(), old.clone()];
    let figures = key_indicators(&[], &observed, &head, &before);
    let growth = shown(&figures, "A.BE1.P61._T._T.W1:growth:2024");
    assert_eq!((value(growth).as_str(), &growth.release), ("10.0", &newer));
}

#[test]
fn a_print_stands_where_the_rounding_of_its_levels_explains_it() {
    // 100 * (45.9 / 47.5 - 1) = -3.4, and the levels allow -3.58 to -3.16.
    let level = |year: &str, value: &str| PublishedFigure {
        unit_mult: 9,
        decimals: 1,
        ..figure(&format!("P6,BE1,level,{year},{value},1"), 1)
    };
    let growth_of = |print: &str| {
        let growth = figure(&format!("P6,BE1,growth,2016,{print},1"), 3);
        let printed = [level("2015", "47.5"), level("2016", "45.9"), growth];
        let figures = key_indicators(&printed, &[], &release(), &[]);
        let growth = shown(&figures, "A.BE1.P6._T._T.W1:growth:2016");
        (value(growth), growth.provenance, growth.status())
    };
    assert_eq!(
        growth_of("-3.2"),
        ("-3.2".to_owned(), Provenance::Published, "A")
    );
    assert_eq!(
        growth_of("-3.4"),
        ("-3.4".to_owned(), Provenance::Computed, "A")
    );
    assert_eq!(
        growth_of("-3.0"),
        ("-3.4".to_owned(), Provenance::Computed, "D")
    );
}
