//! Caveats: what must be said wherever a figure of a dataflow is shown.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::{Dataflow, Item, Language};

/// Something to know before a figure of a dataflow is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caveat {
    /// Its id, the same in all languages.
    pub id: String,
    /// The dataflow that it is said of; `None` for why two dataflows differ.
    pub dataflow: Option<Dataflow>,
    /// The items that it is said of; empty for all.
    pub items: Vec<Item>,
    texts: [String; 4],
}

impl Caveat {
    /// The caveat in a language.
    #[must_use]
    pub fn text(&self, language: Language) -> &str {
        &self.texts[match language {
            Language::Fr => 0,
            Language::Nl => 1,
            Language::De => 2,
            Language::En => 3,
        }]
    }
}

impl Caveat {
    fn is_of(&self, items: &[Item]) -> bool {
        self.items.is_empty() || self.items.iter().any(|item| items.contains(item))
    }
}

static CAVEATS: LazyLock<Vec<Caveat>> = LazyLock::new(shipped);

/// The caveat of figures that a generator made up.
const OF_SYNTHETIC: &str = "SYNTHETIC";

/// The caveats that go with figures of `items` of a release, in the order in which to show them. `synthetic` says
/// whether the release was made by a generator.
pub fn caveats(
    dataflow: Dataflow,
    synthetic: bool,
    items: &[Item],
) -> impl Iterator<Item = &'static Caveat> {
    CAVEATS.iter().filter(move |caveat| {
        caveat.dataflow == Some(dataflow)
            && (synthetic || caveat.id != OF_SYNTHETIC)
            && caveat.is_of(items)
    })
}

/// Why national accounts and foreign-trade statistics differ in `items`, in the order in which to show it.
pub fn causes_of_difference(items: &[Item]) -> impl Iterator<Item = &'static Caveat> {
    let all = CAVEATS.iter().filter(|caveat| caveat.dataflow.is_none());
    all.filter(move |caveat| caveat.is_of(items))
}

#[derive(Deserialize)]
struct Row {
    id: String,
    dataflow: Option<Dataflow>,
    items: String,
    fr: String,
    nl: String,
    de: String,
    en: String,
}

fn shipped() -> Vec<Caveat> {
    let mut reader = csv::Reader::from_reader(include_bytes!("../data/caveats.csv").as_slice());
    reader
        .deserialize()
        .filter_map(Result::ok)
        .map(
            |Row {
                 id,
                 dataflow,
                 items,
                 fr,
                 nl,
                 de,
                 en,
             }| Caveat {
                id,
                dataflow,
                items: items
                    .split(' ')
                    .filter_map(|item| item.parse().ok())
                    .collect(),
                texts: [fr, nl, de, en],
            },
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_file_is_a_caveat_in_four_languages() {
        let rows = csv::Reader::from_reader(include_bytes!("../data/caveats.csv").as_slice())
            .into_records()
            .count();
        assert_eq!(CAVEATS.len(), rows);
        for caveat in CAVEATS.iter() {
            assert!(
                Language::ALL
                    .iter()
                    .all(|&language| !caveat.text(language).is_empty()),
                "{}",
                caveat.id
            );
        }
    }

    #[test]
    fn net_exports_are_never_shown_without_saying_that_they_are_no_regional_balance() {
        let of = |items: &[Item]| {
            caveats(Dataflow::Regtrd, false, items)
                .map(|c| c.id.as_str())
                .collect::<Vec<_>>()
        };
        assert!(of(&[Item::B111]).contains(&"NOT_A_BALANCE"));
        assert!(!of(&[Item::P6]).contains(&"NOT_A_BALANCE"));
        assert!(of(&[Item::P6]).contains(&"NOMINAL"));
    }

    #[test]
    fn the_causes_of_a_difference_are_said_of_no_dataflow_alone() {
        let of = |items: &[Item]| {
            let causes = causes_of_difference(items);
            causes.map(|cause| cause.id.as_str()).collect::<Vec<_>>()
        };
        assert!(of(&[Item::P71]).contains(&"TRANSIT_OF_ENERGY"));
        assert!(of(&[Item::P61]).contains(&"MERCHANTING"));
        assert!(
            !of(&[Item::P71]).contains(&"MERCHANTING"),
            "merchanting is exports alone"
        );
        let mut of_dataflows = Dataflow::ALL
            .iter()
            .flat_map(|d| caveats(*d, true, Item::ALL));
        assert!(!of_dataflows.any(|caveat| caveat.id == "TRANSIT_OF_ENERGY"));
    }

    #[test]
    fn what_a_generator_made_says_so_first_of_all_and_nothing_else_does() {
        for &dataflow in Dataflow::ALL {
            let of = |synthetic| {
                caveats(dataflow, synthetic, &[Item::P61])
                    .map(|caveat| caveat.id.as_str())
                    .collect::<Vec<_>>()
            };
            assert_eq!(of(true).first(), Some(&"SYNTHETIC"));
            assert!(!of(false).contains(&"SYNTHETIC"));
        }
    }
}
