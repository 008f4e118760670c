//! What the audit says of the release of 2024.
#![allow(clippy::unwrap_used)]

mod common;

use common::{cells, shipped, table_2024};
use regtrade_audit::{Bound, RuleId, Verdict, audit, bounds};
use regtrade_model::{Decimal, Indicator, Origin, PrintedCell};

#[test]
fn the_table_of_2024_is_right_but_for_what_rounding_explains() {
    let audit = audit(&table_2024(), &shipped());
    assert_eq!(audit.verdict, Verdict::ExplainedByRounding);
    let counts = audit.counts;
    assert_eq!(counts.figures, 204);
    assert_eq!(
        (counts.additive, counts.additive_without_residual),
        (47, 47)
    );
    assert_eq!((counts.shares, counts.shares_attainable), (48, 48));
    let [first, rest @ ..] = audit.findings.as_slice() else {
        panic!("there are findings")
    };
    assert_eq!(first.rule, RuleId::SumShares);
    assert_eq!(first.found, "8.2 + 77.6 + 14.1 = 99.9");
    assert_eq!(first.expected, "100.0");
    let named: Vec<String> = first.cells.iter().map(ToString::to_string).collect();
    assert_eq!(named[0], "P61.BE1.share_of_country.2024");
    assert!(
        rest.iter()
            .all(|finding| finding.verdict == Verdict::Consistent)
    );
    let said: Vec<String> = rest
        .iter()
        .map(|f| format!("{} {}", f.rule, f.found))
        .collect();
    assert!(said[0].starts_with("sum.areas 15 "), "{said:?}");
    assert!(said[1].starts_with("sum.items 20 "), "{said:?}");
    assert!(said[2].starts_with("difference.net 12 "), "{said:?}");
}

#[test]
fn a_rule_that_a_wrong_figure_breaks_is_told_and_never_called_consistent() {
    let mut cells = table_2024();
    let total = cells.iter_mut().find(|cell| {
        (cell.item.as_str(), cell.area.as_str(), cell.indicator) == ("P6", "BE1", Indicator::Level)
    });
    total.unwrap().value = Some("62472.9".parse().unwrap());
    let audit = audit(&cells, &shipped());
    assert_eq!(audit.verdict, Verdict::ProvablyInconsistent);
    let told: Vec<_> = audit
        .findings
        .iter()
        .filter(|f| f.verdict == audit.verdict)
        .collect();
    assert_eq!(told.len(), 1);
    for (rule, arithmetic) in [
        (RuleId::SumItems, "= 62472.5"),
        (RuleId::SumAreas, "= 491708.9"),
        (RuleId::DifferenceNet, "= -14334.5"),
    ] {
        assert!(
            told[0].rule == rule || told[0].explanation.contains(&format!("[{rule}]")),
            "{rule} is not told: {}",
            told[0].explanation
        );
        let words = format!("{} {}", told[0].found, told[0].explanation);
        assert!(
            words.contains(arithmetic),
            "{arithmetic} is not in: {words}"
        );
        let consistent =
            |f: &regtrade_audit::Finding| f.rule == rule && f.verdict == Verdict::Consistent;
        assert!(
            !audit.findings.iter().any(consistent),
            "{rule} is called consistent"
        );
    }
}

#[test]
fn a_table_of_missing_figures_says_nothing() {
    let mut cells = table_2024();
    cells.iter_mut().for_each(|cell| cell.value = None);
    let audit = audit(&cells, &shipped());
    assert_eq!(
        (audit.verdict, audit.findings.len()),
        (Verdict::Consistent, 0)
    );
    assert_eq!(bounds(&cells, &shipped()).unwrap(), vec![]);
    assert_eq!(bounds(&[], &shipped()).unwrap(), vec![]);
}

fn find<'a>(bounds: &'a [Bound], item: &str, area: &str, period: &str) -> &'a Bound {
    let found = bounds.iter().find(|bound| {
        matches!(bound.indicator, Indicator::Level | Indicator::Net)
            && bound.item.as_str() == item
            && bound.area.as_str() == area
            && bound.period.to_string() == period
    });
    found.unwrap_or_else(|| panic!("no bound of {item}.{area}.{period}"))
}

#[test]
fn every_level_of_the_four_years_that_are_not_printed_has_bounds() {
    let found = bounds(&table_2024(), &shipped()).unwrap();
    let levels = found
        .iter()
        .filter(|b| matches!(b.indicator, Indicator::Level | Indicator::Net));
    // Six flows in four years, three nets in two, for four areas; the nets of 2022 and 2023 are printed.
    assert_eq!(levels.count(), 6 * 4 * 4 + 3 * 4 * 2);
    // Every printed share and rate.
    assert_eq!(found.len(), 120 + 144);
    for bound in &found {
        assert!(bound.lower <= bound.upper, "{bound:?}");
    }
}

#[test]
fn bounds_agree_with_arithmetic_by_hand() {
    let found = bounds(&table_2024(), &shipped()).unwrap();
    let d = |text: &str| text.parse::<Decimal>().unwrap();
    // The level of 2024 and its change alone give 33408.35/1.0095 to 33408.45/1.0085; the rest of the table narrows it.
    let services = find(&found, "P62", "BE1", "2023");
    assert!(services.lower >= d("33093.957") && services.upper <= d("33126.872"));
    // This end is that of the change alone: 33408.45 / 1.0085 = 33126.871...
    assert_eq!(services.upper, d("33126.872"));
    // 151790.45/1.0575^5 from below and 151790.55/1.0565^5 from above hold for imports of services of 2019.
    let imports = find(&found, "P72", "BE", "2019");
    assert!(imports.lower >= d("114774.0") && imports.upper <= d("115318.5"));
    // Exports less imports of 2023 are printed: the bounds of both keep that distance, to a tenth.
    let (exports, imports) = (
        find(&found, "P6", "BE1", "2023"),
        find(&found, "P7", "BE1", "2023"),
    );
    assert!((exports.lower - imports.lower - d("-16147.3")).abs() <= d("0.11"));
    assert!((exports.upper - imports.upper - d("-16147.3")).abs() <= d("0.11"));
}

#[test]
fn bounds_are_attained_and_not_passed() {
    let (table, shipped) = (table_2024(), shipped());
    let found = bounds(&table, &shipped).unwrap();
    let levels = found
        .iter()
        .filter(|b| matches!(b.indicator, Indicator::Level | Indicator::Net));
    let possible = |bound: &Bound, lowest: Decimal| {
        // A figure of three decimals that says that the level lies in the thousandth from `lowest` on.
        let mut with = table.clone();
        with.push(PrintedCell {
            item: bound.item.clone(),
            area: bound.area.clone(),
            indicator: bound.indicator,
            period: bound.period,
            value: Some(lowest + Decimal::new(5, 4)),
            decimals: 3,
            unit_mult: 6,
            origin: Origin { line: 1, column: 1 },
        });
        regtrade_audit::is_possible(&with, &shipped)
    };
    let (thousandth, hair) = (Decimal::new(1, 3), Decimal::new(1, 6));
    for bound in levels {
        assert!(possible(bound, bound.lower), "not attained: {bound:?}");
        assert!(
            !possible(bound, bound.lower - thousandth - hair),
            "passed: {bound:?}"
        );
        assert!(
            possible(bound, bound.upper - thousandth),
            "not attained: {bound:?}"
        );
        assert!(!possible(bound, bound.upper + hair), "passed: {bound:?}");
    }
}

#[test]
fn what_contradicts_itself_has_no_bounds() {
    let table = common::with(table_2024(), "P6.BE1.share_of_country.2024", "12.8");
    assert!(bounds(&table, &shipped()).is_err());
}

#[test]
fn a_printed_rate_is_narrowed_by_the_rest_of_the_table() {
    let table = cells(
        "item,ref_area,indicator,period,value,decimals
P6,BE1,level,2023,100.0,1
P6,BE1,level,2024,102.5,1
P6,BE1,growth,2024,2.5,1",
    );
    let found = bounds(&table, &shipped()).unwrap();
    // 102.45/100.05 is 2.3988 percent and 102.55/99.95 is 2.6013, which the print cuts at 2.45 and 2.55.
    let rate = found
        .iter()
        .find(|bound| bound.indicator == Indicator::Growth)
        .unwrap();
    assert_eq!(
        (rate.lower.to_string(), rate.upper.to_string()),
        ("2.4500".into(), "2.5500".into())
    );
    let table = common::with(table, "P6.BE1.level.2023", "100.1");
    let found = bounds(&table, &shipped()).unwrap();
    let rate = found
        .iter()
        .find(|bound| bound.indicator == Indicator::Growth)
        .unwrap();
    // 102.55/100.05 is 2.49875... percent.
    assert_eq!(
        (rate.lower.to_string(), rate.upper.to_string()),
        ("2.4500".into(), "2.4988".into())
    );
}
