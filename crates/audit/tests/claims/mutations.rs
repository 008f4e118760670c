//! Sentences made from the table itself, then altered: every alteration of a fact is found, and no other accusation made.

use crate::support::{cells, outcomes};
use proptest::prelude::*;
use regtrade_audit::claims::ClaimOutcome::{self, DependsOnReading, False, True};
use regtrade_model::{Decimal, Indicator, PrintedCell};

/// How a sentence names flows and regions, and says by how much they changed.
struct Wording {
    items: [(&'static str, &'static str); 6],
    areas: [(&'static str, &'static str); 4],
    say: fn(item: &str, area: &str, year: &str, rise: bool, rate: &str) -> String,
    comma: bool,
}

const FRENCH: Wording = Wording {
    items: [
        ("P6", "exportations de biens et services"),
        ("P61", "exportations de biens"),
        ("P62", "exportations de services"),
        ("P7", "importations de biens et services"),
        ("P71", "importations de biens"),
        ("P72", "importations de services"),
    ],
    areas: [
        ("BE", "Belgique"),
        ("BE1", "Bruxelles"),
        ("BE2", "Flandre"),
        ("BE3", "Wallonie"),
    ],
    say: |item, area, year, rise, rate| {
        let verb = if rise { "augmenté" } else { "diminué" };
        format!("En {year}, les {item} ont {verb} en {area} de {rate} %.")
    },
    comma: true,
};

const DUTCH: Wording = Wording {
    items: [
        ("P6", "uitvoer van goederen en diensten"),
        ("P61", "uitvoer van goederen"),
        ("P62", "dienstenuitvoer"),
        ("P7", "invoer van goederen en diensten"),
        ("P71", "goedereninvoer"),
        ("P72", "invoer van diensten"),
    ],
    areas: [
        ("BE", "België"),
        ("BE1", "Brussel"),
        ("BE2", "Vlaanderen"),
        ("BE3", "Wallonië"),
    ],
    say: |item, area, year, rise, rate| {
        let verb = if rise { "gestegen" } else { "gedaald" };
        format!("De {item} is in {year} in {area} met {rate} % {verb}.")
    },
    comma: true,
};

const ENGLISH: Wording = Wording {
    items: [
        ("P6", "exports of goods and services"),
        ("P61", "exports of goods"),
        ("P62", "services exports"),
        ("P7", "imports of goods and services"),
        ("P71", "goods imports"),
        ("P72", "imports of services"),
    ],
    areas: [
        ("BE", "Belgium"),
        ("BE1", "Brussels"),
        ("BE2", "Flanders"),
        ("BE3", "Wallonia"),
    ],
    say: |item, area, year, rise, rate| {
        let verb = if rise { "grew" } else { "fell" };
        format!("In {area}, {item} {verb} by {rate} % in {year}.")
    },
    comma: false,
};

const GERMAN: Wording = Wording {
    items: [
        ("P6", "Ausfuhren von Waren und Dienstleistungen"),
        ("P61", "Warenausfuhren"),
        ("P62", "Ausfuhren von Dienstleistungen"),
        ("P7", "Einfuhren von Waren und Dienstleistungen"),
        ("P71", "Einfuhren von Waren"),
        ("P72", "Dienstleistungseinfuhren"),
    ],
    areas: [
        ("BE", "Belgien"),
        ("BE1", "Brüssel"),
        ("BE2", "Flandern"),
        ("BE3", "Wallonien"),
    ],
    say: |item, area, year, rise, rate| {
        let verb = if rise { "gestiegen" } else { "gesunken" };
        format!("Die {item} sind {year} in {area} um {rate} % {verb}.")
    },
    comma: true,
};

const WORDINGS: [Wording; 4] = [FRENCH, DUTCH, ENGLISH, GERMAN];

fn growth_cells() -> Vec<PrintedCell> {
    cells()
        .into_iter()
        .filter(|cell| cell.indicator == Indicator::Growth)
        .collect()
}

fn named<'a>(names: &'a [(&str, &'a str)], code: &str) -> &'a str {
    names.iter().find(|(known, _)| *known == code).unwrap().1
}

fn sentence(wording: &Wording, cell: &PrintedCell, area: &str, value: Decimal) -> String {
    let rate = format!("{:.1}", value.abs());
    let rate = if wording.comma {
        rate.replace('.', ",")
    } else {
        rate
    };
    let rise = value.is_sign_positive();
    let (item, area) = (
        named(&wording.items, cell.item.as_str()),
        named(&wording.areas, area),
    );
    (wording.say)(item, area, &cell.period.to_string(), rise, &rate)
}

#[test]
fn every_printed_rate_is_true_and_false_with_another_number_sign_or_region_in_four_languages() {
    let cells = growth_cells();
    assert_eq!(cells.len(), 72);
    for wording in &WORDINGS {
        for cell in &cells {
            let value = cell.value.unwrap();
            let of = |area: &str, value| sentence(wording, cell, area, value);
            let own = cell.area.as_str();
            assert_eq!(outcomes(&of(own, value)), [True], "{}", of(own, value));
            for wrong in [
                value + Decimal::new(1, 1),
                value - Decimal::new(1, 1),
                -value,
            ] {
                assert_eq!(outcomes(&of(own, wrong)), [False], "{}", of(own, wrong));
            }
            for other in &cells {
                if other.item == cell.item
                    && other.period == cell.period
                    && other.value != cell.value
                {
                    let moved = of(other.area.as_str(), value);
                    assert_eq!(outcomes(&moved), [False], "{moved}");
                }
            }
        }
    }
}

#[test]
fn one_word_that_is_not_known_takes_every_accusation_back() {
    for wording in &WORDINGS {
        for cell in growth_cells() {
            let wrong = sentence(
                wording,
                &cell,
                cell.area.as_str(),
                cell.value.unwrap() + Decimal::ONE,
            );
            let words: Vec<&str> = wrong.split(' ').collect();
            for at in 1..words.len() {
                let mut with_another = words.clone();
                with_another.insert(at, "xylographiques");
                let text = with_another.join(" ");
                assert!(!outcomes(&text).contains(&False), "{text}");
            }
        }
    }
}

/// Whether a text is accused although each of its sentences may be about something else.
fn accused(text: &str) -> bool {
    let accusing: [ClaimOutcome; 2] = [False, DependsOnReading];
    outcomes(text)
        .iter()
        .any(|outcome| accusing.contains(outcome))
}

#[test]
fn a_sentence_without_its_subject_region_or_direction_is_not_accused() {
    for text in [
        "Ont diminué de 99,9 % en Flandre.",
        "Les exportations de biens de 99,9 % en Flandre.",
        "Les exportations de biens ont diminué de 99,9 %.",
        "Elles ont diminué de 99,9 % en Flandre.",
        "Les exportations de biens ont diminué de 99,9 % à Namur.",
        "Flandre Wallonie exportations ont diminué de 99,9 % importations de Bruxelles.",
        "Exports by 99.9 % in Flanders.",
        "Fell by 99.9 % in Flanders.",
        "De uitvoer met 99,9 % in Vlaanderen.",
        "Gesunken um 99,9 % in Flandern.",
    ] {
        assert!(!accused(text), "{text}: {:?}", outcomes(text));
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_fail(text in "[ \\PC\n]{0,200}") {
        outcomes(&text);
    }

    #[test]
    fn no_jumble_of_known_words_makes_the_reader_fail(
        words in prop::collection::vec(prop::sample::select(vec![
            "les", "exportations", "importations", "commerce", "de", "biens", "services", "ont", "baissé", "augmenté", "ralenti",
            "Bruxelles", "Flandre", "Wallonie", "toutes les régions", "1,6 %", "-2,5 %", "(", ")", ",", ";", "où", "tandis que",
            "plus marqué", "que", "en 2023", "2019-2024", "par rapport à", "la plus forte", "suivie de", "elles", "et", "depuis",
        ]), 0..25)
    ) {
        outcomes(&words.join(" "));
    }
}
