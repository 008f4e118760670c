//! Completeness: every section has the same areas, and what adds up is there with its parts.

use std::collections::{BTreeMap, BTreeSet};

use regtrade_model::{Code, DescribedItem, TableDescription};

use crate::{Rule, issue::Issues};

/// A section of a table: the label of an item, and the rows of areas under it.
pub(super) struct Section<'d> {
    pub(super) line: u32,
    pub(super) label: String,
    /// `None` where the label is not understood.
    pub(super) item: Option<&'d DescribedItem>,
    /// The areas of its rows, with their lines.
    pub(super) areas: BTreeMap<Code, u32>,
    /// Whether a row has a label that is not understood, so that it cannot be said which areas are missing.
    pub(super) unsure: bool,
}

/// Reports what is missing. The areas are those of the whole file, for a table prints the same regions throughout.
pub(super) fn check(sections: &[Section<'_>], description: &TableDescription, issues: &mut Issues) {
    let sure: Vec<_> = sections.iter().filter(|section| !section.unsure).collect();
    let mut counts: BTreeMap<&Code, usize> = BTreeMap::new();
    for area in sure.iter().flat_map(|section| section.areas.keys()) {
        *counts.entry(area).or_default() += 1;
    }
    let name = |code: &Code| {
        let described = description.areas.iter().find(|area| area.code == *code);
        let label = described.and_then(|area| area.labels.first());
        label.map_or_else(|| code.to_string(), Clone::clone)
    };
    let names = |codes: &[&Code]| {
        codes
            .iter()
            .map(|code| name(code))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let is_rare = |area: &Code| counts.get(area).is_some_and(|count| count * 2 < sure.len());
    let mut alike = true;
    for section in &sure {
        let missing: Vec<&Code> = counts
            .keys()
            .copied()
            .filter(|area| !is_rare(area) && !section.areas.contains_key(*area))
            .collect();
        if !missing.is_empty() || section.areas.is_empty() {
            alike = false;
            issues.report((section.line, 1), Rule::AreaMissing, &section.label, || {
                if missing.is_empty() {
                    format!(
                        "the section ‘{}’ has no rows; is the file complete?",
                        section.label
                    )
                } else {
                    format!(
                        "the section ‘{}’ has no row for {}, which other sections have; add it",
                        section.label,
                        names(&missing)
                    )
                }
            });
        }
        for (area, line) in section.areas.iter().filter(|(area, _)| is_rare(area)) {
            alike = false;
            issues.report((*line, 1), Rule::AreaUnexpected, &name(area), || {
                format!(
                    "the section ‘{}’ has a row for {}, which most sections do not have; take it out or add it to them",
                    section.label,
                    name(area)
                )
            });
        }
    }
    if let (true, Some(first)) = (alike, sure.first()) {
        for area in &description.areas {
            let (there, missing): (Vec<&Code>, Vec<&Code>) = area
                .parts
                .iter()
                .partition(|part| counts.contains_key(part));
            let whole = Some(&area.code).filter(|code| !counts.contains_key(code));
            let absent: Vec<&Code> = whole.into_iter().chain(missing).collect();
            // A table of the whole alone is a table; regions come together, and with it.
            if !there.is_empty() && !absent.is_empty() {
                issues.report((first.line, 1), Rule::AreaMissing, &first.label, || {
                    format!(
                        "no section has a row for {}, which belongs to the areas that the table has; add it",
                        names(&absent)
                    )
                });
            }
        }
    }
    if sections.iter().all(|section| section.item.is_some()) {
        check_items(sections, description, issues);
    }
}

fn check_items(sections: &[Section<'_>], description: &TableDescription, issues: &mut Issues) {
    let present: BTreeSet<&Code> = sections
        .iter()
        .filter_map(|section| Some(&section.item?.code))
        .collect();
    for total in &description.items {
        let (there, missing): (Vec<&Code>, Vec<&Code>) =
            total.sum_of.iter().partition(|part| present.contains(part));
        let whole = Some(&total.code).filter(|code| !present.contains(code));
        // A table of goods alone is a table, and so is one of totals alone.
        let is_sum = there.len() > usize::from(whole.is_some());
        let absent: Vec<&Code> = whole
            .into_iter()
            .chain(missing)
            .filter(|_| is_sum)
            .collect();
        let family = |section: &&Section<'_>| {
            section
                .item
                .is_some_and(|item| item.code == total.code || total.sum_of.contains(&item.code))
        };
        if let (false, Some(at)) = (absent.is_empty(), sections.iter().find(family)) {
            issues.report((at.line, 1), Rule::ItemMissing, &at.label, || {
                let labels: Vec<_> = description
                    .items
                    .iter()
                    .filter(|item| absent.contains(&&item.code))
                    .map(|item| match item.labels.first() {
                        Some(label) => format!("‘{label}’"),
                        None => item.code.to_string(),
                    })
                    .collect();
                format!(
                    "the table has ‘{}’ and no section {}; add it, or print neither",
                    at.label,
                    labels.join(", ")
                )
            });
        }
    }
}
