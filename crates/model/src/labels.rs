//! Labels of codes in four languages, and the other ways in which releases write them.

use std::sync::LazyLock;

use crate::{Area, Dataflow, Indicator, Item, Language};

/// A code in one language: the label to show first, then other ways in which releases write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label<C> {
    /// The code.
    pub code: C,
    /// The language of the label.
    pub language: Language,
    /// The label, as it is shown.
    pub text: &'static str,
    /// Every way to write it; the first is `text`.
    pub spellings: Vec<&'static str>,
}

/// All labels, as shipped with this version.
#[derive(Debug)]
pub struct Labels {
    /// Of reference areas.
    pub areas: Vec<Label<Area>>,
    /// Of items.
    pub items: Vec<Label<Item>>,
    /// Of indicators, as headings of columns; without their unit.
    pub indicators: Vec<Label<Indicator>>,
    /// Of dataflows, as titles of their key table.
    pub titles: Vec<Label<Dataflow>>,
}

static LABELS: LazyLock<Labels> = LazyLock::new(Labels::shipped);

/// The labels shipped with this version.
#[must_use]
pub fn labels() -> &'static Labels {
    &LABELS
}

impl Labels {
    /// The label of an area; its code where there is none.
    #[must_use]
    pub fn area(&self, area: &Area, language: Language) -> String {
        find(&self.areas, area, language).map_or_else(|| area.to_string(), str::to_owned)
    }

    /// The label of an item.
    #[must_use]
    pub fn item(&self, item: Item, language: Language) -> &'static str {
        find(&self.items, &item, language).unwrap_or(item.as_str())
    }

    /// The label of an indicator, without unit.
    #[must_use]
    pub fn indicator(&self, indicator: Indicator, language: Language) -> &'static str {
        find(&self.indicators, &indicator, language).unwrap_or(indicator.as_str())
    }

    /// The title of the key table of a dataflow.
    #[must_use]
    pub fn title(&self, dataflow: Dataflow, language: Language) -> &'static str {
        find(&self.titles, &dataflow, language).unwrap_or(dataflow.as_str())
    }

    fn shipped() -> Self {
        let mut labels = Self {
            areas: vec![],
            items: vec![],
            indicators: vec![],
            titles: vec![],
        };
        for line in include_str!("../data/labels.csv").lines().skip(1) {
            let fields: Vec<&'static str> = line.split(',').collect();
            let [list, code, fr, nl, de, en] = fields[..] else {
                continue;
            };
            let in_each = [
                (Language::Fr, fr),
                (Language::Nl, nl),
                (Language::De, de),
                (Language::En, en),
            ];
            match list {
                "area" => push(&mut labels.areas, code, in_each),
                "item" => push(&mut labels.items, code, in_each),
                "indicator" => push(&mut labels.indicators, code, in_each),
                _ => push(&mut labels.titles, code, in_each),
            }
        }
        labels
    }
}

fn find<C: PartialEq>(list: &[Label<C>], code: &C, language: Language) -> Option<&'static str> {
    list.iter()
        .find(|label| label.code == *code && label.language == language)
        .map(|label| label.text)
}

fn push<C: std::str::FromStr + Clone>(
    list: &mut Vec<Label<C>>,
    code: &str,
    in_each: [(Language, &'static str); 4],
) {
    let Ok(code) = code.parse::<C>() else { return };
    for (language, text) in in_each {
        let spellings: Vec<_> = text.split('|').collect();
        list.push(Label {
            code: code.clone(),
            language,
            text: spellings[0],
            spellings,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_label_in_every_language() {
        for &language in Language::ALL {
            for area in [Area::BE, Area::BE1, Area::BE2, Area::BE3, Area::BEZ] {
                assert!(
                    find(&labels().areas, &area, language).is_some_and(|text| !text.is_empty()),
                    "{area} {language}"
                );
            }
            for &item in Item::ALL {
                assert!(
                    find(&labels().items, &item, language).is_some_and(|text| !text.is_empty()),
                    "{item} {language}"
                );
            }
            for &indicator in Indicator::ALL {
                assert!(
                    find(&labels().indicators, &indicator, language)
                        .is_some_and(|text| !text.is_empty()),
                    "{indicator} {language}"
                );
            }
        }
        let lines = include_str!("../data/labels.csv").lines().count() - 1;
        let read = labels().areas.len()
            + labels().items.len()
            + labels().indicators.len()
            + labels().titles.len();
        assert_eq!(read, lines * 4, "a line of the label file was not read");
    }

    #[test]
    fn labels_are_shown_in_the_language_asked_for() {
        assert_eq!(labels().area(&Area::BE2, Language::Nl), "Vlaanderen");
        assert_eq!(
            labels().item(Item::P62, Language::De),
            "Dienstleistungsausfuhren"
        );
        assert_eq!(
            labels().area(&"BE211".parse().unwrap(), Language::Fr),
            "BE211"
        );
    }
}
