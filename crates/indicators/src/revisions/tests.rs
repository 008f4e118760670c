//! Revisions of figures made by hand.

use proptest::prelude::*;
use regtrade_model::{
    BoundedFigure, ObsStatus, Observation, Provenance, ReleaseId, Undefined, exact::round,
};

use super::*;

const OLD: &str = "REGTRD-2023-0123456789abcdef";
const NEW: &str = "REGTRD-2024-fedcba9876543210";

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn key(indicator: Indicator, period: &str) -> FigureKey {
    let period: Span = period.parse().unwrap();
    FigureKey::overall(Item::P61, Area::BE1, indicator, period)
}

fn figure(release: &str, key: FigureKey, value: FigureValue, decimals: i32) -> Figure {
    let is_money = matches!(key.indicator, Indicator::Level | Indicator::Net);
    let provenance = match value {
        FigureValue::Between { .. } => Provenance::Bounded,
        _ => Provenance::Published,
    };
    Figure {
        key,
        value,
        unit_mult: if is_money { 6 } else { 0 },
        decimals,
        provenance,
        release: release.parse().unwrap(),
        print_differs: None,
        obs_status: ObsStatus::A,
        source: None,
    }
}

/// A level of 2023 as text says: `1.5` is printed, `1.5!` an observation, `1..2` lies between, `?` is missing, `1.5p` is
/// an observation that is provisional; `-2` hundreds are written `100e2`.
fn vintage(release: &str, text: &str) -> Held {
    let cell = key(Indicator::Level, "2023");
    let mut observations = vec![];
    let mut observe = |value: Option<&str>, status| {
        let value = value.map(decimal);
        let observation = Observation {
            key: cell.clone(),
            value,
            decimals: value.map_or(1, |value| value.scale()),
            unit_mult: 6,
            status,
            conf: regtrade_model::ConfStatus::F,
        };
        observations.push((release.parse::<ReleaseId>().unwrap(), observation));
    };
    let printed = |text: &str| {
        let (digits, hundreds) = match text.strip_suffix("e2") {
            Some(digits) => (decimal(digits) * Decimal::ONE_HUNDRED, true),
            None => (decimal(text), false),
        };
        let places = i32::try_from(digits.scale()).unwrap();
        let decimals = if hundreds { -2 } else { places };
        figure(release, cell.clone(), FigureValue::Exact(digits), decimals)
    };
    let computed = |text: &str| Figure {
        provenance: Provenance::Computed,
        ..printed(text)
    };
    let mut figures = vec![];
    if let Some(value) = text.strip_suffix('!') {
        observe(Some(value), ObsStatus::A);
        figures.push(computed(value));
    } else if let Some(value) = text.strip_suffix('p') {
        observe(Some(value), ObsStatus::P);
        figures.push(Figure {
            obs_status: ObsStatus::P,
            ..computed(value)
        });
    } else if let Some((lower, upper)) = text.split_once("..") {
        let (lower, upper) = (decimal(lower), decimal(upper));
        let value = FigureValue::Between { lower, upper };
        figures.push(figure(release, cell.clone(), value, 3));
    } else if text == "?" || text == "-" {
        let reason = if text == "?" {
            Undefined::Missing
        } else {
            Undefined::Suppressed
        };
        let value = FigureValue::Undefined(reason);
        figures.push(figure(release, cell.clone(), value, 1));
    } else if !text.is_empty() {
        figures.push(printed(text));
    }
    // A vintage with an observation has the slice; one without may have it, which the tests say.
    let slices = observations.iter().map(|(_, o)| o.key.period.last());
    let slices: Vec<Period> = slices.collect();
    Held::of(figures, &observations, &[], slices)
}

/// The revision of the cell, as `class change lower..upper percent`.
fn said(revision: &Revision) -> String {
    let text = |value: Option<Decimal>| value.map_or("-".to_owned(), |value| value.to_string());
    let between = revision.between.map(|(lower, upper)| {
        let (lower, upper) = (lower.normalize(), upper.normalize());
        format!("{lower}..{upper}")
    });
    format!(
        "{} {} {} {}",
        revision.class,
        text(revision.change),
        between.unwrap_or("-".to_owned()),
        text(revision.percent)
    )
}

fn of(from: &Held, to: &Held) -> String {
    let revisions = compare(from, to);
    assert_eq!(revisions.len(), 1, "one cell, one revision");
    said(&revisions[0])
}

#[test]
fn every_pair_of_values_has_its_class() {
    for (from, to, expected) in [
        // Prints: half a unit of the last place on both sides of each.
        ("100.0", "100.0", "unchanged 0.0 -0.1..0.1 0.00"),
        ("100.0", "100.1", "within_rounding 0.1 0..0.2 0.10"),
        ("100.0", "100.2", "changed 0.2 0.1..0.3 0.20"),
        ("100.2", "100.0", "changed -0.2 -0.3..-0.1 -0.20"),
        ("100", "100.0", "within_rounding 0.0 -0.55..0.55 0.00"),
        // Thousand millions with one decimal, against millions with one.
        ("627e2", "62472.5", "changed -227.5 -277.55..-177.45 -0.36"),
        (
            "625e2",
            "62472.5",
            "within_rounding -27.5 -77.55..22.55 -0.04",
        ),
        // Observations are exact.
        ("100.0!", "100.1!", "changed 0.1 0.1..0.1 0.10"),
        ("100.0!", "100!", "unchanged 0.0 0..0 0.00"),
        ("100.0!", "100.0p", "status_only 0.0 0..0 0.00"),
        ("100.0!", "100.0", "unchanged 0.0 -0.05..0.05 0.00"),
        ("100.0!", "100e2", "changed 9900.0 9850..9950 9900.00"),
        // Bounds: a change between two values, and no number.
        ("90..110", "100.0", "within_rounding - -10.05..10.05 -"),
        ("90..99", "100.0", "changed - 0.95..10.05 -"),
        ("90..99", "90..99", "unchanged - -9..9 -"),
        ("90..99", "90..98", "within_rounding - -9..8 -"),
        ("90..99", "100..101", "changed - 1..11 -"),
        // No percentage of nothing, nor of a negative level.
        ("0.0", "1.0", "changed 1.0 0.9..1.1 -"),
        ("-5.0", "1.0", "changed 6.0 5.9..6.1 -"),
        // Missing values.
        ("?", "100.0", "added - - -"),
        ("100.0", "?", "not_printed - - -"),
        ("100.0!", "?", "deleted - - -"),
        ("?", "?", "unchanged - - -"),
        ("?", "-", "status_only - - -"),
    ] {
        let found = of(&vintage(OLD, from), &vintage(NEW, to));
        assert_eq!(found, expected, "from {from} to {to}");
    }
}

#[test]
fn what_only_one_vintage_has_is_told_apart() {
    let (none, year) = (vintage(OLD, ""), Period::of_year(2023).unwrap());
    assert_eq!(of(&none, &vintage(NEW, "1.0")), "new_period - - -");
    // The earlier vintage has the period, by a growth rate: then the level is not of a new period.
    let growth = figure(
        OLD,
        key(Indicator::Growth, "2023"),
        FigureValue::Exact(decimal("2.5")),
        1,
    );
    let has_growth = Held::of(vec![growth], &[], &[], []);
    let revisions = compare(&has_growth, &vintage(NEW, "1.0"));
    let classes: Vec<_> = revisions.iter().map(|r| r.class).collect();
    assert_eq!(
        classes,
        [RevisionClass::Added, RevisionClass::NotPrinted],
        "levels come before growth"
    );
    // An observation is deleted where the later vintage has the slice without it, and nowhere else.
    let with_slice = Held::of(vec![], &[], &[], [year]);
    assert_eq!(of(&vintage(OLD, "1.0!"), &with_slice), "deleted - - -");
    assert_eq!(of(&vintage(OLD, "1.0!"), &none), "not_printed - - -");
    assert_eq!(of(&vintage(OLD, "1.0"), &with_slice), "not_printed - - -");
}

#[test]
fn a_print_is_as_narrow_as_the_rest_of_the_table_proves() {
    let growth = |release, value: &str| {
        let value = FigureValue::Exact(decimal(value));
        figure(release, key(Indicator::Growth, "2023"), value, 1)
    };
    let bound = BoundedFigure {
        key: key(Indicator::Growth, "2023"),
        lower: decimal("4.530"),
        upper: decimal("4.561"),
    };
    let wide = Held::of(vec![growth(OLD, "4.5")], &[], &[], []);
    let narrow = Held::of(
        vec![growth(OLD, "4.5")],
        &[],
        std::slice::from_ref(&bound),
        [],
    );
    let later = Held::of(vec![growth(NEW, "4.4")], &[], &[], []);
    assert_eq!(of(&wide, &later), "within_rounding -0.1 -0.2..0 -");
    // Its true value lies from 4.53 to 4.55: the later one, 4.45 at most, is another.
    assert_eq!(of(&narrow, &later), "changed -0.1 -0.2..-0.08 -");
}

#[test]
fn a_rate_is_known_as_well_as_the_levels_that_it_is_computed_from() {
    let held = |release: &str, before: (&str, i32), after: (&str, i32), growth: &str| {
        let level = |period: &str, (value, decimals): (&str, i32)| {
            let value = FigureValue::Exact(decimal(value));
            figure(release, key(Indicator::Level, period), value, decimals)
        };
        let value = FigureValue::Exact(decimal(growth));
        let growth = Figure {
            provenance: Provenance::Computed,
            ..figure(release, key(Indicator::Growth, "2023"), value, 1)
        };
        let figures = vec![level("2022", before), level("2023", after), growth];
        Held::of(figures, &[], &[], [])
    };
    let growth = |from: &Held, to: &Held| {
        let revisions = compare(from, to);
        let mut growth = revisions
            .iter()
            .filter(|r| r.key.indicator == Indicator::Growth);
        said(growth.next().unwrap())
    };
    // 47.7 and 47.0 thousand million: the rate lies between 47.65/47.05 and 47.75/46.95, 1.275239 and 1.703941.
    let rough = held(OLD, ("47000", -2), ("47700", -2), "1.5");
    let same = held(NEW, ("47000", -2), ("47700", -2), "1.5");
    assert_eq!(growth(&rough, &same), "unchanged 0.0 -0.428702..0.428702 -");
    // In millions, the levels say far more than the rate with one decimal: 1.5499 is no 1.5501, by 0.0002 less or more
    // what half of 0.1 million is in each of the four levels, 0.00002016.
    let fine = held(OLD, ("1000000.0", 1), ("1015499.0", 1), "1.5");
    let other = held(NEW, ("1000000.0", 1), ("1015501.0", 1), "1.6");
    assert_eq!(growth(&fine, &other), "changed 0.1 0.000179..0.000221 -");
}

#[test]
fn cells_come_in_the_order_of_the_printed_table() {
    let mut figures = vec![];
    for (item, area, indicator) in [
        (Item::P62, Area::BE, Indicator::Level),
        (Item::P61, Area::BE, Indicator::Level),
        (Item::P61, Area::BE3, Indicator::Growth),
        (Item::P61, Area::BE3, Indicator::Level),
    ] {
        let key = FigureKey::overall(item, area, indicator, Period::of_year(2023).unwrap());
        figures.push(figure(OLD, key, FigureValue::Exact(Decimal::ONE), 0));
    }
    let held = Held::of(figures, &[], &[], []);
    let keys: Vec<String> = compare(&held, &held)
        .iter()
        .map(|r| format!("{} {} {}", r.key.item, r.key.ref_area, r.key.indicator))
        .collect();
    assert_eq!(
        keys,
        [
            "P61 BE3 level",
            "P61 BE3 growth",
            "P61 BE level",
            "P62 BE level"
        ]
    );
}

proptest! {
    #[test]
    fn the_true_change_always_lies_in_the_interval(
        a in -10i64.pow(9)..10i64.pow(9),
        b in -10i64.pow(9)..10i64.pow(9),
        near in -200i64..200,
        close in any::<bool>(),
        a_decimals in -3i32..5,
        b_decimals in -3i32..5,
    ) {
        let b = if close { a + near } else { b };
        let (a, b) = (Decimal::new(a, 4), Decimal::new(b, 4));
        let held = |release, value, decimals| {
            let shown = round(&exact::rational(value), decimals).unwrap();
            let shown = FigureValue::Exact(shown);
            Held::of(vec![figure(release, key(Indicator::Level, "2023"), shown, decimals)], &[], &[], [])
        };
        let revision = compare(&held(OLD, a, a_decimals), &held(NEW, b, b_decimals)).remove(0);
        let (lower, upper) = revision.between.unwrap();
        prop_assert!(lower <= b - a && b - a <= upper);
        prop_assert!(lower <= revision.change.unwrap() && revision.change.unwrap() <= upper);
        if revision.class == RevisionClass::Changed {
            prop_assert!(a != b, "a change is told where there is none");
        }
    }
}
