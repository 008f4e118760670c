//! Patterns of keys, as SDMX queries name series.

use std::{collections::BTreeSet, str::FromStr};

use crate::{Area, Code, Concept, FigureKey, InvalidCode, Item};

/// How many places a pattern has.
const PLACES: usize = 7;

/// A pattern of keys, `FREQ.REF_AREA.ITEM.ACTIVITY.PRODUCT.COUNTERPART_AREA.CONCEPT`: a place left empty chooses all
/// codes, `+` joins several, places left out at the end choose all. Keys of a dataflow without the dimension CONCEPT
/// are chosen whatever that place says.
///
/// ```
/// # use regtrade_model::{Area, FigureKey, Indicator, Item, KeyPattern, Period};
/// let pattern: KeyPattern = "A.BE1+BE2.P62...".parse()?;
/// let year = Period::of_year(2024).expect("a year");
/// assert!(pattern.matches(&FigureKey::overall(Item::P62, Area::BE2, Indicator::Level, year)));
/// assert!(!pattern.matches(&FigureKey::overall(Item::P62, Area::BE3, Indicator::Level, year)));
/// # Ok::<(), regtrade_model::InvalidPattern>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyPattern([BTreeSet<String>; PLACES]);

/// A text is no pattern of keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPattern {
    /// It has too many places.
    #[error(
        "`{0}` has more than the seven places FREQ.REF_AREA.ITEM.ACTIVITY.PRODUCT.COUNTERPART_AREA.CONCEPT"
    )]
    TooLong(String),
    /// A frequency is none that there is.
    #[error("`{0}` is no FREQ: A, Q or M")]
    Frequency(String),
    /// A code is none.
    #[error(transparent)]
    Code(#[from] InvalidCode),
}

impl KeyPattern {
    /// The pattern of the keys that cover all activities, products and partners, as a press table prints them.
    #[must_use]
    pub fn overall() -> Self {
        let one = |code: Code| BTreeSet::from([code.to_string()]);
        let mut pattern = Self::default();
        pattern.0[3] = one(Code::total());
        pattern.0[4] = one(Code::total());
        pattern.0[5] = one(Code::world());
        pattern
    }

    /// Whether it chooses any key that covers all activities, products and partners.
    #[must_use]
    pub fn chooses_overall(&self) -> bool {
        let has = |codes: &BTreeSet<String>, code: &Code| {
            codes.is_empty() || codes.contains(code.as_str())
        };
        let [_, _, _, activities, products, partners, _] = &self.0;
        has(activities, &Code::total())
            && has(products, &Code::total())
            && has(partners, &Code::world())
    }

    /// The codes of each place, FREQ first; an empty set is all.
    #[must_use]
    pub const fn places(&self) -> &[BTreeSet<String>; PLACES] {
        &self.0
    }

    /// Whether the pattern chooses a key.
    #[must_use]
    pub fn matches(&self, key: &FigureKey) -> bool {
        let places = [
            Some(key.period.last().frequency()),
            Some(key.ref_area.as_str()),
            Some(key.item.as_str()),
            Some(key.activity.as_str()),
            Some(key.product.as_str()),
            Some(key.counterpart_area.as_str()),
            key.concept.map(Concept::as_str),
        ];
        self.0
            .iter()
            .zip(places)
            .all(|(codes, code)| codes.is_empty() || code.is_none_or(|code| codes.contains(code)))
    }
}

impl FromStr for KeyPattern {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<Self, InvalidPattern> {
        let mut pattern = Self::default();
        for (at, place) in text.split('.').enumerate() {
            let codes = pattern
                .0
                .get_mut(at)
                .ok_or_else(|| InvalidPattern::TooLong(text.chars().take(80).collect()))?;
            if place.is_empty() {
                continue;
            }
            for code in place.split('+') {
                match at {
                    0 if ["A", "Q", "M"].contains(&code) => {}
                    0 => return Err(InvalidPattern::Frequency(code.chars().take(80).collect())),
                    1 => drop(code.parse::<Area>()?),
                    2 => drop(code.parse::<Item>()?),
                    6 => drop(code.parse::<Concept>()?),
                    _ => drop(code.parse::<Code>()?),
                }
                codes.insert(code.to_owned());
            }
        }
        Ok(pattern)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Indicator, Period};

    use super::*;

    #[test]
    fn key_patterns_choose_by_place() {
        let key = FigureKey::overall(
            Item::P62,
            Area::BE2,
            Indicator::Level,
            Period::of_year(2024).unwrap(),
        );
        for (pattern, chosen) in [
            ("", true),
            ("A", true),
            ("M", false),
            ("A.BE2.P62._T._T.W1", true),
            ("..P61+P62", true),
            (".BE1..", false),
            (".....W1", true),
            (".....FR", false),
            ("......COM", true),
        ] {
            assert_eq!(
                pattern.parse::<KeyPattern>().unwrap().matches(&key),
                chosen,
                "{pattern}"
            );
        }
        assert!(KeyPattern::overall().matches(&key));
        for (pattern, chosen) in [
            ("A.BE2", true),
            ("....._T+W1", true),
            ("....SA+_T", true),
            ("....SA", false),
            (".....FR", false),
            ("...C", false),
        ] {
            let pattern: KeyPattern = pattern.parse().unwrap();
            assert_eq!(pattern.chooses_overall(), chosen, "{pattern:?}");
        }
        let of_france = FigureKey {
            counterpart_area: "FR".parse().unwrap(),
            concept: Some(Concept::Nat),
            ..key
        };
        assert!(!KeyPattern::overall().matches(&of_france));
        for (pattern, chosen) in [(".....FR.NAT", true), ("......COM", false)] {
            let pattern: KeyPattern = pattern.parse().unwrap();
            assert_eq!(pattern.matches(&of_france), chosen);
        }
        for bad in [
            "A.BE2.P62.....",
            "A B",
            "..P61+",
            "..P61;drop",
            "X",
            "A.BE1.P99",
            "......NATIONAL",
        ] {
            assert!(bad.parse::<KeyPattern>().is_err(), "{bad}");
        }
    }
}
