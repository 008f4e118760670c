//! Claims in plain English.

use regtrade_model::Code;

use super::{context::When, facts::Flow, read::Predicate};

/// The claim that a reading makes, in plain English.
pub(super) fn described(
    predicate: &Predicate,
    flow: &str,
    other: Option<&Flow>,
    areas: &[Code],
    when: When,
) -> String {
    let change = |rise: &bool| if *rise { "rise" } else { "fall" };
    let (place, years) = (list(areas), span(when));
    let degree = |stronger: &bool| if *stronger { "stronger" } else { "weaker" };
    match predicate {
        Predicate::Rate {
            value,
            decimals,
            average,
        } => {
            let rate = if *average {
                "average annual growth"
            } else {
                "growth"
            };
            let places = usize::try_from(*decimals).unwrap_or(0);
            format!("{rate} of {flow}, {place}, {years} = {value:.places$} %")
        }
        Predicate::Share { value, .. } => format!("share of {flow}, {place}, {years} = {value} %"),
        Predicate::Sign { rise, continued } => {
            let verb = if *rise { "rose" } else { "fell" };
            let again = if *continued {
                ", as the year before"
            } else {
                ""
            };
            format!("{flow} {verb} in {place}, {years}{again}")
        }
        Predicate::Slowed => format!("{flow} slowed in {place}, {years}"),
        Predicate::StrongerIn {
            than,
            rise,
            stronger,
        } => {
            format!(
                "the {} of {flow} in {place}, {years}, was {} than in {}",
                change(rise),
                degree(stronger),
                list(than)
            )
        }
        Predicate::StrongerFlow { rise, stronger, .. } => {
            let other = other.map_or_else(|| "the other flow".to_owned(), ToString::to_string);
            format!(
                "the {} of {flow} in {place}, {years}, was {} than that of {other}",
                change(rise),
                degree(stronger)
            )
        }
        Predicate::StrongerYear {
            than,
            rise,
            stronger,
        } => {
            format!(
                "the {} of {flow} in {place}, {years}, was {} than in {than}",
                change(rise),
                degree(stronger)
            )
        }
        Predicate::Ranked { tiers, rise } => {
            let order: Vec<String> = tiers.iter().map(|tier| list(tier)).collect();
            format!(
                "the {} of {flow}, {years}, was strongest in {}",
                change(rise),
                order.join(", followed by ")
            )
        }
        Predicate::Weakest { rise } => format!(
            "the {} of {flow}, {years}, was weakest in {place}",
            change(rise)
        ),
        Predicate::Only { rise } => {
            format!("{place} alone had a {} of {flow}, {years}", change(rise))
        }
    }
}

/// Areas as in a sentence.
pub(super) fn list(areas: &[Code]) -> String {
    areas
        .iter()
        .map(Code::as_str)
        .collect::<Vec<_>>()
        .join(" and ")
}

/// A year of growth, or the years of a span.
pub(super) fn span(when: When) -> String {
    if when.to - when.from == 1 {
        when.to.to_string()
    } else {
        format!("{}-{}", when.from, when.to)
    }
}
