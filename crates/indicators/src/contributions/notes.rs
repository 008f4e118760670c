//! What is to be known of contributions, in four languages.

use std::collections::BTreeSet;

use regtrade_model::{Code, Codelist, Language, Period};

use crate::parts::members;

/// Who joined and who left groups of partners, and when.
pub(crate) fn changed_members(
    groups: &[Code],
    years: &[Period],
    partners: &Codelist,
    language: Language,
) -> Vec<String> {
    let names = |codes: &BTreeSet<Code>, less: &BTreeSet<Code>| {
        let changed = codes.difference(less);
        let names = changed.map(|code| partners.label(code.as_str(), language));
        names.collect::<Vec<_>>().join(", ")
    };
    let mut notes = vec![];
    for group in groups {
        for pair in years.windows(2) {
            let [before, after] = [pair[0], pair[1]].map(|year| members(group, year.year()));
            let group = partners.label(group.as_str(), language);
            let (joined, left) = (names(&after, &before), names(&before, &after));
            for (names, verbs) in [(joined, JOINED), (left, LEFT)] {
                if !names.is_empty() {
                    notes.push(format!(
                        "{group}, {}: {} {names}",
                        pair[1], verbs[language as usize]
                    ));
                }
            }
        }
    }
    notes
}

/// That parts without a value are not shown.
pub(crate) fn without_value(parts: usize, language: Language) -> Option<String> {
    let text = match language {
        Language::Fr => "sans valeur, compris dans le reste non couvert",
        Language::Nl => "zonder waarde, begrepen in de niet-gedekte rest",
        Language::De => "ohne Wert, im nicht erfassten Rest enthalten",
        Language::En => "without a value, contained in what is not covered",
    };
    (parts > 0).then(|| format!("{parts}: {text}"))
}

/// By language, in the order of [`Language`].
const JOINED: [&str; 4] = ["adhésion :", "toetreding:", "Beitritt:", "joined by"];
const LEFT: [&str; 4] = ["sortie :", "uittreding:", "Austritt:", "left by"];

#[cfg(test)]
mod tests {
    use regtrade_model::codelist;

    use super::*;

    #[test]
    fn a_country_that_moves_from_one_group_to_another_is_named_in_both() {
        let years: Vec<Period> = (2021..=2024).filter_map(Period::of_year).collect();
        let groups: Vec<Code> = ["U2", "B6_X_U2"].map(|code| code.parse().unwrap()).into();
        let partners = codelist("CL_COUNTERPART_AREA").unwrap();
        let notes = |years: &[Period]| changed_members(&groups, years, partners, Language::En);
        let found = notes(&years);
        assert_eq!(found[0], "Euro area, 2023: joined by Croatia");
        assert!(found[1].ends_with("2023: left by Croatia"), "{found:?}");
        assert_eq!(found.len(), 2);
        assert!(notes(&years[2..]).is_empty());
        let french = changed_members(&groups, &years, partners, Language::Fr);
        assert_eq!(french[0], "Zone euro, 2023: adhésion : Croatie");
    }
}
