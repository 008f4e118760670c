//! Revisions as tables for people: levels in one block, rates in another, by item and area.

mod statistics;
#[cfg(test)]
mod tests;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use regtrade_model::{
    Area, Decimal, Figure, FigureValue, Indicator, Item, Language, Provenance, Release,
    RevisionClass, Unit, labels,
};
use regtrade_proto::v1::ReleaseState;
use rust_decimal::RoundingStrategy;

use super::{
    numbers::plain,
    published,
    table::{self, bold, dim},
    words::Words,
};
use crate::commands::revisions::{Comparison, Revision};

pub use statistics::statistics_table;
use words::RevisionWords;

/// What changed from one vintage to another: the revisions, or with `everything` all cells of the answer.
pub fn revision_table(comparison: &Comparison, everything: bool, language: Language) -> String {
    let words = RevisionWords::of(language);
    let title = labels().title(comparison.to.0.dataflow, language);
    let mut text = format!("{}\n", bold(title));
    text.push_str(&format!(
        "{}\n",
        bold(&format!(
            "{}: {} → {}",
            words.revisions, comparison.from.0.edition, comparison.to.0.edition
        ))
    ));
    let chosen = |revision: &&Revision| everything || is_revision(revision);
    let chosen: Vec<&Revision> = comparison.revisions.iter().filter(chosen).collect();
    for is_money in [true, false] {
        let of_unit =
            |revision: &&Revision| (revision.key.indicator.unit() == Unit::Euro) == is_money;
        let shown: Vec<&Revision> = chosen.iter().copied().filter(of_unit).collect();
        if !shown.is_empty() {
            text.push('\n');
            text.push_str(&block(&shown, comparison, is_money, language));
        }
    }
    text.push('\n');
    if chosen.is_empty() {
        text.push_str(&format!("{}\n\n", words.nothing));
    }
    for line in notes(comparison, &chosen, language) {
        text.push_str(&dim(&line));
        text.push('\n');
    }
    for shown in [&comparison.from, &comparison.to] {
        text.push_str(&release_line(shown, language));
    }
    text
}

/// Whether a cell tells of a revision. One that the earlier edition did not print, or knew so roughly that nothing can
/// be said, does not.
fn is_revision(revision: &Revision) -> bool {
    let is_observation = |figure: &Figure| {
        figure.key.indicator == Indicator::Level && figure.provenance == Provenance::Computed
    };
    match revision.class {
        RevisionClass::Changed | RevisionClass::StatusOnly | RevisionClass::Deleted => true,
        RevisionClass::WithinRounding => revision.change.is_some(),
        RevisionClass::Added => revision.to.as_ref().is_some_and(is_observation),
        RevisionClass::Unchanged | RevisionClass::NewPeriod | RevisionClass::NotPrinted => false,
    }
}

/// One unit: a line for each cell, under its item and area.
fn block(
    revisions: &[&Revision],
    comparison: &Comparison,
    is_money: bool,
    language: Language,
) -> String {
    let words = RevisionWords::of(language);
    let unit = if is_money {
        words.in_millions
    } else {
        words.in_percent
    };
    let mut header = vec![
        unit.to_owned(),
        comparison.from.0.edition.to_string(),
        comparison.to.0.edition.to_string(),
        format!("{} ", words.change),
        words.between.to_owned(),
    ];
    let with_percent = revisions.iter().any(|revision| revision.percent.is_some());
    if with_percent {
        header.push("%".to_owned());
    }
    let mut rows: Vec<Vec<String>> = vec![];
    let mut above: Option<(Item, Area)> = None;
    let mut sections = BTreeSet::new();
    for revision in revisions {
        let key = &revision.key;
        if above.map(|(item, _)| item) != Some(key.item) {
            let label = labels().item(key.item, language).to_owned();
            sections.insert(label.clone());
            rows.push(vec![label]);
        }
        if above != Some((key.item, key.ref_area)) {
            rows.push(vec![format!(
                "  {}",
                labels().area(&key.ref_area, language)
            )]);
        }
        above = Some((key.item, key.ref_area));
        let mut line = row(revision, is_money, language);
        line.truncate(header.len());
        rows.push(line);
    }
    let lines = table::aligned(&header, rows, 1);
    let shown = lines.lines().map(|line| {
        if sections.contains(line.trim()) {
            bold(line) + "\n"
        } else {
            format!("{line}\n")
        }
    });
    shown.collect()
}

fn row(revision: &Revision, is_money: bool, language: Language) -> Vec<String> {
    let words = RevisionWords::of(language);
    let key = &revision.key;
    let mut label = String::from("    ");
    if !is_money {
        label.push_str(words.indicator(key.indicator));
        label.push(' ');
    }
    label.push_str(&key.period.to_string());
    if !key.is_overall() {
        let partner = &key.counterpart_area;
        label.push_str(&format!(" {}.{}.{partner}", key.activity, key.product));
    }
    // A change has the decimals of the finer of the two values; its interval, of a rate, one more, and of a level that
    // is known by its bounds none.
    let both = || revision.from.iter().chain(&revision.to);
    let decimals = both().map(|f| f.decimals).max().unwrap_or(0).max(0);
    let is_bounded = both().any(|f| matches!(f.value, FigureValue::Between { .. }));
    let beyond = match (is_money, is_bounded) {
        (true, true) => 0,
        (true, false) => decimals,
        (false, true) => 2,
        (false, false) => decimals + 1,
    };
    let change = revision
        .change
        .map(|change| signed(change, decimals, language));
    let between = revision
        .between
        .map(|ends| range(ends, beyond, language, signed));
    let mut row = vec![
        label,
        value(revision.from.as_ref(), is_money, language),
        value(revision.to.as_ref(), is_money, language),
        format!("{}{}", change.unwrap_or_default(), mark(revision.class)),
        between.unwrap_or_default(),
    ];
    if is_money {
        let percent = revision
            .percent
            .map(|percent| one_decimal(percent, language));
        row.push(percent.unwrap_or_default());
    }
    row
}

fn value(figure: Option<&Figure>, is_money: bool, language: Language) -> String {
    let Some(figure) = figure else {
        return "–".to_owned();
    };
    match &figure.value {
        FigureValue::Exact(value) => plain(*value, figure.decimals, language),
        FigureValue::Between { lower, upper } => {
            let decimals = if is_money { 0 } else { 2 };
            range((*lower, *upper), decimals, language, plain)
        }
        FigureValue::Undefined(_) => Words::of(language).not_available.to_owned(),
    }
}

/// An interval with so many decimals; its ends are moved outwards, so that it stays true.
fn range(
    (lower, upper): (Decimal, Decimal),
    decimals: i32,
    language: Language,
    shown: impl Fn(Decimal, i32, Language) -> String,
) -> String {
    let places = u32::try_from(decimals).unwrap_or(0);
    let lower = lower.round_dp_with_strategy(places, RoundingStrategy::ToNegativeInfinity);
    let upper = upper.round_dp_with_strategy(places, RoundingStrategy::ToPositiveInfinity);
    format!(
        "{} … {}",
        shown(lower, decimals, language),
        shown(upper, decimals, language)
    )
}

/// A change: a number with its sign; zero has none.
fn signed(value: Decimal, decimals: i32, language: Language) -> String {
    let text = plain(value, decimals, language);
    if value > Decimal::ZERO && text.contains(|digit: char| ('1'..='9').contains(&digit)) {
        format!("+{text}")
    } else {
        text
    }
}

fn one_decimal(percent: Decimal, language: Language) -> String {
    let rounded = percent.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero);
    signed(rounded, 1, language)
}

/// Behind a change, what it is; a change that is one has no mark.
const fn mark(class: RevisionClass) -> char {
    match class {
        RevisionClass::Changed => ' ',
        RevisionClass::Unchanged => '=',
        RevisionClass::WithinRounding => '≈',
        RevisionClass::StatusOnly => '§',
        RevisionClass::Added => '+',
        RevisionClass::NewPeriod => '*',
        RevisionClass::Deleted => '×',
        RevisionClass::NotPrinted => '·',
    }
}

/// The marks that were used, and how many cells there are of each class.
fn notes(comparison: &Comparison, shown: &[&Revision], language: Language) -> Vec<String> {
    let words = RevisionWords::of(language);
    let mut seen: BTreeMap<RevisionClass, u64> = BTreeMap::new();
    for revision in shown {
        *seen.entry(revision.class).or_default() += 1;
    }
    let marked = seen
        .keys()
        .filter(|class| **class != RevisionClass::Changed)
        .map(|class| format!("{} {}", mark(*class), words.meaning(*class)));
    let mut lines: Vec<String> = marked.collect();
    if shown.iter().any(|revision| revision.between.is_some()) {
        lines.push(words.reading.to_owned());
    }
    let hidden = comparison.counts.iter().map(|(class, cells)| {
        let seen = seen.get(class).copied().unwrap_or_default();
        (*class, cells.saturating_sub(seen))
    });
    let hidden: BTreeMap<_, _> = hidden.filter(|(_, cells)| *cells > 0).collect();
    for (before, counts) in [(words.cells, &seen), (words.not_shown, &hidden)] {
        let counted = counts.iter();
        let counted = counted.map(|(class, cells)| format!("{} {cells}", words.class(*class)));
        let counted: Vec<String> = counted.collect();
        if !counted.is_empty() {
            lines.push(format!("{before}: {}", counted.join(" · ")));
        }
    }
    lines
}

fn release_line((release, state): &(Release, ReleaseState), language: Language) -> String {
    let words = Words::of(language);
    let mut line = format!(
        "{} {}: {} · {} {}",
        words.release,
        release.edition,
        release.id,
        words.published,
        published(release)
    );
    match state {
        ReleaseState::Embargoed => line.push_str(&format!(" · {}", words.embargoed)),
        ReleaseState::Withdrawn => {
            line.push_str(&format!(" · {}", RevisionWords::of(language).withdrawn));
        }
        ReleaseState::Published | ReleaseState::Unspecified => {}
    }
    line.push('\n');
    for note in &release.notes {
        line.push_str(&format!("- {note}\n"));
    }
    if let Some(reason) = &release.accepted_because {
        line.push_str(&format!("! {}: {reason}\n", words.accepted));
    }
    line
}
