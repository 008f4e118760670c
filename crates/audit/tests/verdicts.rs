//! Each rule with each verdict that it can give, on small made-up tables.
#![allow(clippy::unwrap_used)]

mod common;

use common::cells;
use regtrade_audit::{Audit, Finding, RuleId, Verdict, audit};
use regtrade_model::TableDescription;

use RuleId as R;
use Verdict::{Consistent, ExplainedByRounding, NotDecided, ProvablyInconsistent};

const DESCRIPTION: &str = include_str!("../../../docs/rules/example-description.toml");

/// The description of a made-up country whose trade is not all allocated to its regions.
fn incomplete() -> TableDescription {
    toml::from_str(DESCRIPTION).unwrap()
}

/// The same where the regions are all there is.
fn complete() -> TableDescription {
    let mut description = incomplete();
    description.areas[0].complete = true;
    description
}

/// Audits lines of `item,area,indicator,period,value`; decimals are those of the value.
fn audited(description: &TableDescription, lines: &str) -> Audit {
    let mut csv = "item,ref_area,indicator,period,value,decimals\n".to_owned();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let decimals = line
            .rsplit_once('.')
            .map_or(0, |(_, decimals)| decimals.len());
        csv += &format!("{line},{decimals}\n");
    }
    audit(&cells(&csv), description)
}

/// What the audit says by a rule.
fn said(description: &TableDescription, lines: &str, rule: RuleId) -> Finding {
    let audit = audited(description, lines);
    let found = audit.findings.iter().find(|finding| finding.rule == rule);
    found
        .unwrap_or_else(|| panic!("nothing by {rule}: {:#?}", audit.findings))
        .clone()
}

fn check(lines: &str, rule: RuleId, verdict: Verdict) {
    let finding = said(&complete(), lines, rule);
    assert_eq!(finding.verdict, verdict, "{finding:#?}");
}

fn areas(whole: &str) -> String {
    format!("IMP,XA1,level,2030,10.1\nIMP,XA2,level,2030,20.3\nIMP,XA,level,2030,{whole}")
}

#[test]
fn parts_of_an_area_add_up_to_it() {
    check(&areas("30.4"), R::SumAreas, Consistent);
    check(&areas("30.5"), R::SumAreas, ExplainedByRounding);
    check(&areas("30.6"), R::SumAreas, ProvablyInconsistent);
}

#[test]
fn a_residual_at_the_very_end_of_what_rounding_explains_is_explained() {
    // Half widths 0.05, 0.05 and 0.5: a residual of 0.6 is the very end, one of 0.7 beyond.
    let lines = "IMP,XA1,level,2030,10.2\nIMP,XA2,level,2030,10.2\nIMP,XA,level,2030,21";
    check(lines, R::SumAreas, ExplainedByRounding);
    let lines = "IMP,XA1,level,2030,10.2\nIMP,XA2,level,2030,10.1\nIMP,XA,level,2030,21";
    check(lines, R::SumAreas, ProvablyInconsistent);
}

#[test]
fn where_a_part_is_not_allocated_the_parts_make_at_most_the_whole() {
    for (whole, verdict) in [
        ("99.0", Consistent),
        ("30.3", ExplainedByRounding),
        ("30.2", ProvablyInconsistent),
    ] {
        let finding = said(&incomplete(), &areas(whole), R::SumAreas);
        assert_eq!(finding.verdict, verdict, "{whole}: {finding:?}");
        let all = audited(&incomplete(), &areas(whole));
        assert_eq!(all.verdict, verdict, "{whole}: all figures together");
    }
    let shares = "IMP,XA1,share_of_country,2030,20.0\nIMP,XA2,share_of_country,2030,70.0";
    assert_eq!(
        said(&incomplete(), shares, R::SumShares).verdict,
        Consistent
    );
    assert_eq!(
        said(&complete(), shares, R::SumShares).verdict,
        ProvablyInconsistent
    );
}

#[test]
fn parts_of_an_item_add_up_to_it() {
    let items = |total: &str| {
        format!("EXPG,XA,level,2030,70.4\nEXPS,XA,level,2030,29.5\nEXP,XA,level,2030,{total}")
    };
    check(&items("99.9"), R::SumItems, Consistent);
    check(&items("100.0"), R::SumItems, ExplainedByRounding);
    check(&items("100.2"), R::SumItems, ProvablyInconsistent);
}

#[test]
fn a_net_is_the_difference_of_its_items() {
    let net = |net: &str| {
        format!("EXP,XA,level,2030,100.0\nIMP,XA,level,2030,120.0\nBAL,XA,net,2030,{net}")
    };
    check(&net("-20.0"), R::DifferenceNet, Consistent);
    check(&net("-19.9"), R::DifferenceNet, ExplainedByRounding);
    check(&net("-19.8"), R::DifferenceNet, ProvablyInconsistent);
}

#[test]
fn shares_of_all_parts_add_up() {
    let shares = |other: &str| {
        format!("IMP,XA1,share_of_country,2030,33.3\nIMP,XA2,share_of_country,2030,{other}")
    };
    check(&shares("66.7"), R::SumShares, Consistent);
    check(&shares("66.6"), R::SumShares, ExplainedByRounding);
    check(&shares("66.5"), R::SumShares, ProvablyInconsistent);
}

#[test]
fn a_share_in_the_country_is_that_of_the_levels() {
    let share = |share: &str| {
        format!(
            "IMP,XA1,level,2030,1.1\nIMP,XA,level,2030,8.4\nIMP,XA1,share_of_country,2030,{share}"
        )
    };
    check(&share("13.1"), R::ShareCountry, Consistent);
    check(&share("13.2"), R::ShareCountry, ExplainedByRounding);
    check(&share("14.1"), R::ShareCountry, ProvablyInconsistent);
    check(
        "IMP,XA,share_of_country,2030,99.9",
        R::ShareCountry,
        ProvablyInconsistent,
    );
    check(
        "BAL,XA1,share_of_country,2030,12.0",
        R::ShareCountry,
        NotDecided,
    );
}

#[test]
fn a_share_in_the_total_is_that_of_the_levels() {
    let share = |share: &str| {
        format!("EXPG,XA,level,2030,70\nEXP,XA,level,2030,100\nEXPG,XA,share_of_total,2030,{share}")
    };
    check(&share("70.0"), R::ShareTotal, Consistent);
    check(&share("70.8"), R::ShareTotal, ExplainedByRounding);
    check(&share("71.0"), R::ShareTotal, ProvablyInconsistent);
    check(
        "IMP,XA,share_of_total,2030,100.0",
        R::ShareTotal,
        NotDecided,
    );
}

#[test]
fn a_change_on_the_previous_year_is_that_of_the_levels() {
    let change = |change: &str| {
        format!("IMP,XA,level,2029,10.0\nIMP,XA,level,2030,10.2\nIMP,XA,growth,2030,{change}")
    };
    check(&change("2.0"), R::RateGrowth, Consistent);
    check(&change("2.9"), R::RateGrowth, ExplainedByRounding);
    check(&change("3.2"), R::RateGrowth, ProvablyInconsistent);
    check("BAL,XA,growth,2030,3.0", R::RateGrowth, NotDecided);
}

#[test]
fn an_average_rate_is_that_of_the_levels() {
    let rate = |last: &str, rate: &str| {
        format!("IMP,XA,level,2025,1000.0\nIMP,XA,level,2030,{last}\nIMP,XA,cagr,2025-2030,{rate}")
    };
    check(&rate("1276.3", "5.0"), R::RateCagr, Consistent);
    // 1.0505^5 is 1.27932: rounded levels reach below it.
    check(&rate("1279.4", "5.0"), R::RateCagr, ExplainedByRounding);
    check(&rate("1279.5", "5.0"), R::RateCagr, ProvablyInconsistent);
    check("BAL,XA,cagr,2025-2030,3.0", R::RateCagr, NotDecided);
}

#[test]
fn a_coverage_is_that_of_the_levels() {
    let coverage = |coverage: &str| {
        format!("EXP,XA,level,2030,90\nIMP,XA,level,2030,100\nBAL,XA,coverage,2030,{coverage}")
    };
    check(&coverage("90.0"), R::RateCoverage, Consistent);
    check(&coverage("90.9"), R::RateCoverage, ExplainedByRounding);
    check(&coverage("91.1"), R::RateCoverage, ProvablyInconsistent);
    check("IMP,XA,coverage,2030,90.0", R::RateCoverage, NotDecided);
}

#[test]
fn contributions_are_not_decided() {
    check("EXP,XA,contribution,2030,0.4", R::Contribution, NotDecided);
}

#[test]
fn a_flow_is_not_negative_and_a_net_may_be() {
    check(
        "IMP,XA,level,2030,-12.0",
        R::LevelSign,
        ProvablyInconsistent,
    );
    check("BAL,XA,net,2030,-12.0", R::System, Consistent);
    check("EXP,XA9,level,2030,12.0", R::System, NotDecided);
}

#[test]
fn figures_that_are_right_one_by_one_may_exclude_each_other() {
    let table = |total: &str| {
        format!(
            "EXP,XA,level,2030,100.0\nEXPG,XA,level,2030,50.0\nEXPS,XA,level,2030,50.0
            EXPG,XA,growth,2030,10.0\nEXPS,XA,growth,2030,10.0\nEXP,XA,growth,2030,{total}"
        )
    };
    check(&table("10.0"), R::System, Consistent);
    check(&table("10.1"), R::System, Consistent);
    let finding = said(&complete(), &table("10.3"), R::System);
    assert_eq!(finding.verdict, ProvablyInconsistent);
    let mend = finding
        .mends
        .iter()
        .find(|m| m.cell.to_string() == "EXP.XA.growth.2030")
        .unwrap();
    assert_eq!(
        (mend.from.to_string(), mend.to.to_string()),
        ("10.3".into(), "10.1".into())
    );
}

#[test]
fn a_base_of_which_a_rate_is_printed_is_not_zero() {
    // Only levels of zero would have these shares, and zero has none.
    check(
        "IMP,XA1,share_of_country,2030,60.0\nIMP,XA2,share_of_country,2030,60.0",
        R::SumShares,
        ProvablyInconsistent,
    );
    // A level that is printed as zero may be a little more.
    check(
        "IMP,XA1,level,2030,0.0\nIMP,XA,level,2030,0.0\nIMP,XA1,share_of_country,2030,60.0",
        R::System,
        Consistent,
    );
}

#[test]
fn two_errors_that_have_nothing_in_common_are_told_apart() {
    let lines = format!(
        "{}\nEXP,XA,level,2030,7.0\nEXPG,XA,level,2030,1.0\nEXPS,XA,level,2030,2.0",
        areas("31.0")
    );
    let audit = audited(&complete(), &lines);
    let accused = audit
        .findings
        .iter()
        .filter(|f| f.verdict == ProvablyInconsistent);
    let rules: Vec<&str> = accused
        .clone()
        .map(|finding| finding.rule.as_str())
        .collect();
    assert_eq!(rules, ["sum.areas", "sum.items"]);
    for finding in accused {
        assert_eq!(
            finding.mends.len(),
            3,
            "each of the three could be the wrong one: {finding:#?}"
        );
    }
    assert_eq!(audit.verdict, ProvablyInconsistent);
}

#[test]
fn an_item_that_is_described_by_itself_is_not_decided() {
    let mut description = complete();
    description.items[1].sum_of = vec![common::code("EXP")];
    let finding = said(&description, "EXP,XA,level,2030,1.0", R::System);
    assert_eq!(finding.verdict, NotDecided);
}

#[test]
fn every_rule_has_its_page() {
    let pages = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/rules");
    for rule in RuleId::ALL {
        let page = std::fs::read_to_string(format!("{pages}/{rule}.md")).unwrap();
        assert!(page.starts_with(&format!("# `{rule}`")), "{rule}");
    }
}
