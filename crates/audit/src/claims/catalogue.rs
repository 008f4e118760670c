//! What the table is about: its areas by label, its items by flow and kind, its latest year.

use std::collections::BTreeMap;

use regtrade_model::{Code, Indicator, Kind, PrintedCell, Side, TableDescription};

use super::{
    lexicon::{FlowWord, LANGUAGES, Term, label_words},
    marks::{Mark, marks},
};

/// What a text about the table can name.
pub(super) struct Catalogue {
    areas: Vec<(Vec<String>, Code)>,
    /// The areas that "all regions" means.
    pub regions: Vec<Code>,
    /// The area that the regions are parts of.
    pub whole: Option<Code>,
    items: BTreeMap<(&'static str, &'static str), Code>,
    /// The spans that average growth rates are printed of.
    pub spans: Vec<(u16, u16)>,
    /// The latest year that levels are printed of, which a text means where it names none.
    pub latest: u16,
}

impl Catalogue {
    pub fn of(cells: &[PrintedCell], description: &TableDescription) -> Self {
        let printed = |area: &Code| cells.iter().any(|cell| cell.area == *area);
        let divided = description
            .areas
            .iter()
            .find(|area| area.parts.iter().filter(|part| printed(part)).count() > 1);
        let areas = description.areas.iter().flat_map(|area| {
            area.labels
                .iter()
                .map(|label| (label_words(label), area.code.clone()))
        });
        let latest = |wanted: Indicator| {
            cells
                .iter()
                .filter(|cell| cell.indicator == wanted)
                .map(|cell| cell.period.last().year())
                .max()
        };
        let averages = cells
            .iter()
            .filter(|cell| cell.indicator == Indicator::Cagr);
        let mut spans: Vec<(u16, u16)> = averages
            .filter_map(|cell| Some((cell.period.first()?.year(), cell.period.last().year())))
            .collect();
        spans.sort_unstable();
        spans.dedup();
        let mut catalogue = Self {
            spans,
            areas: areas.filter(|(words, _)| !words.is_empty()).collect(),
            regions: divided.map_or_else(Vec::new, |area| {
                area.parts
                    .iter()
                    .filter(|part| printed(part))
                    .cloned()
                    .collect()
            }),
            whole: divided.map(|area| area.code.clone()),
            items: BTreeMap::new(),
            latest: latest(Indicator::Level)
                .or_else(|| latest(Indicator::Growth))
                .unwrap_or(0),
        };
        for phrases in LANGUAGES.iter() {
            for item in description
                .items
                .iter()
                .filter(|item| item.difference_of.is_none())
            {
                for label in &item.labels {
                    let found = item_named(&marks(label, phrases, &catalogue));
                    if let Some((side, kind)) = found {
                        let key = (side_name(side), kind_name(kind));
                        catalogue
                            .items
                            .entry(key)
                            .or_insert_with(|| item.code.clone());
                    }
                }
            }
        }
        catalogue
    }

    /// The area whose label, or of whose labels the longest, is at the head of `words`, and its number of words.
    pub fn area<'w>(&self, words: impl Iterator<Item = &'w str> + Clone) -> Option<(Code, usize)> {
        self.areas
            .iter()
            .filter(|(label, _)| {
                let mut words = words.clone();
                label.iter().all(|word| words.next() == Some(word.as_str()))
            })
            .max_by_key(|(label, _)| label.len())
            .map(|(label, code)| (code.clone(), label.len()))
    }

    /// The item of a side and a kind.
    pub fn item(&self, side: Side, kind: Kind) -> Option<&Code> {
        self.items.get(&(side_name(side), kind_name(kind)))
    }
}

/// The side and kind that the label of an item names, where it names one of each, and has no word of another language.
fn item_named(marks: &[Mark]) -> Option<(Side, Kind)> {
    let (mut sides, mut kinds) = (vec![], vec![]);
    for mark in marks {
        match mark {
            Mark::Term(Term::Flow(flow)) => sides.push(*flow),
            Mark::Term(Term::Kind(kind)) => kinds.push(*kind),
            Mark::Term(Term::FlowOf(flow, kind)) => {
                sides.push(*flow);
                kinds.push(*kind);
            }
            Mark::Unknown => return None,
            _ => {}
        }
    }
    let side = match sides[..] {
        [FlowWord::Exports] => Side::Exports,
        [FlowWord::Imports] => Side::Imports,
        _ => return None,
    };
    match kinds[..] {
        [kind] => Some((side, kind)),
        _ => None,
    }
}

const fn side_name(side: Side) -> &'static str {
    match side {
        Side::Exports => "exports",
        Side::Imports => "imports",
        Side::Net => "net",
    }
}

const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Total => "total",
        Kind::Goods => "goods",
        Kind::Services => "services",
    }
}
