//! Labels: markup taken off, spelling evened out, and the codes that they stand for.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use regtrade_model::{
    DescribedArea, DescribedItem, Indicator, Language, TableDescription, labels as shipped_labels,
};

/// The only markup that is understood; `<sup>` is a footnote mark, `<br>` a space.
const TAGS: [(&str, Tag); 11] = [
    ("<b>", Tag::Style),
    ("</b>", Tag::Style),
    ("<i>", Tag::Style),
    ("</i>", Tag::Style),
    ("<strong>", Tag::Style),
    ("</strong>", Tag::Style),
    ("<sup>", Tag::Raise),
    ("</sup>", Tag::Lower),
    ("<br>", Tag::Break),
    ("<br/>", Tag::Break),
    ("<br />", Tag::Break),
];

#[derive(Clone, Copy)]
enum Tag {
    Style,
    Raise,
    Lower,
    Break,
}

const SUPERSCRIPTS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];

/// The text of a cell without its markup. Raised digits become superscript digits, so that no footnote joins a number.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains('<') {
        return Cow::Borrowed(text.trim());
    }
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut raised) = (text, false);
    while let Some(c) = rest.chars().next() {
        let tag = TAGS.iter().find(|(tag, _)| {
            rest.get(..tag.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(tag))
        });
        if let Some((tag, kind)) = tag {
            match kind {
                Tag::Style => {}
                Tag::Raise => raised = true,
                Tag::Lower => raised = false,
                Tag::Break => out.push(' '),
            }
            rest = &rest[tag.len()..];
            continue;
        }
        match (raised, c.to_digit(10)) {
            (true, Some(digit)) => out.extend(SUPERSCRIPTS.get(digit as usize)),
            (true, None) if matches!(c, '(' | ')' | ' ') => {}
            _ => out.push(c),
        }
        rest = &rest[c.len_utf8()..];
    }
    Cow::Owned(out.trim().to_owned())
}

fn is_mark(c: char) -> bool {
    matches!(c, '*' | '†' | '‡') || SUPERSCRIPTS.contains(&c)
}

/// A label as it is compared: without markup and footnote marks, in lower case, with plain apostrophes, hyphens and spaces.
pub(super) fn label_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for c in visible(text).chars().flat_map(char::to_lowercase) {
        match c {
            // Soft hyphens and zero-width marks are not seen in print.
            '\u{ad}' | '\u{200b}' | '\u{feff}' => {}
            c if is_mark(c) => {}
            c if c.is_whitespace() => {
                if !key.ends_with([' ', '/']) {
                    key.push(' ');
                }
            }
            '/' => {
                key.truncate(key.trim_end().len());
                key.push('/');
            }
            '’' | '‘' | 'ʼ' | '′' | '´' | '`' => key.push('\''),
            '\u{2010}' | '\u{2011}' => key.push('-'),
            c => key.push(c),
        }
    }
    without_note_numbers(&key).to_owned()
}

/// Takes footnote numbers such as `(1)` and `1)`, and a colon, off the ends of a label.
pub(super) fn without_note_numbers(label: &str) -> &str {
    let mut text = label.trim();
    loop {
        let before = text.len();
        text = text.strip_suffix(':').unwrap_or(text).trim();
        if let Some(inside) = text.strip_suffix(')') {
            let stem = inside.trim_end_matches(|c: char| c.is_ascii_digit());
            if stem.len() < inside.len() || stem.ends_with('(') {
                text = stem.strip_suffix('(').unwrap_or(stem).trim();
            }
        }
        let start = text.strip_prefix('(').unwrap_or(text);
        let rest = start.trim_start_matches(|c: char| c.is_ascii_digit());
        if let Some(rest) = rest.strip_prefix(')')
            && rest.len() + 1 < text.len()
        {
            text = rest.trim();
        }
        if text.len() == before {
            return text;
        }
    }
}

/// Words that a line of notes starts with, in the languages of the releases.
const NOTE_WORDS: [&str; 20] = [
    "source",
    "sources",
    "bron",
    "bronnen",
    "quelle",
    "quellen",
    "note",
    "notes",
    "nota",
    "noot",
    "anmerkung",
    "anmerkungen",
    "remarque",
    "remarques",
    "opmerking",
    "opmerkingen",
    "hinweis",
    "footnote",
    "voetnoot",
    "fußnote",
];

/// Whether a line that is no label is one of notes: it starts with a footnote mark, or with a word such as "Source".
pub(super) fn is_note(visible: &str) -> bool {
    let text = visible.trim().to_lowercase();
    let word: String = text.chars().take_while(|c| c.is_alphabetic()).collect();
    let numbered = text.strip_prefix('(').unwrap_or(&text);
    let behind = numbered.trim_start_matches(|c: char| c.is_ascii_digit());
    text.starts_with(is_mark)
        || NOTE_WORDS.contains(&word.as_str())
        || (behind.len() < numbered.len() && behind.starts_with(')'))
        || text.starts_with("(*")
}

/// What the label of a row stands for.
#[derive(Debug, Clone, Copy)]
pub(super) enum RowLabel<'d> {
    Area(&'d DescribedArea),
    Item(&'d DescribedItem),
}

/// The labels of a description, ready to be looked up.
pub(super) struct Vocabulary<'d> {
    titles: HashSet<String>,
    rows: HashMap<String, Vec<RowLabel<'d>>>,
    measures: HashMap<String, Vec<Indicator>>,
    languages: HashMap<String, Vec<Language>>,
}

impl<'d> Vocabulary<'d> {
    pub(super) fn of(description: &'d TableDescription) -> Self {
        let mut rows: HashMap<String, Vec<RowLabel<'d>>> = HashMap::new();
        for area in &description.areas {
            for key in keys(&area.labels) {
                rows.entry(key).or_default().push(RowLabel::Area(area));
            }
        }
        for item in &description.items {
            for key in keys(&item.labels) {
                rows.entry(key).or_default().push(RowLabel::Item(item));
            }
        }
        let mut measures: HashMap<String, Vec<Indicator>> = HashMap::new();
        for measure in &description.measures {
            // A heading of levels is one of nets too: which it is, the item says.
            let indicator = match measure.indicator {
                Indicator::Net => Indicator::Level,
                other => other,
            };
            for key in keys(&measure.labels) {
                let found = measures.entry(key).or_default();
                if !found.contains(&indicator) {
                    found.push(indicator);
                }
            }
        }
        let mut languages: HashMap<String, Vec<Language>> = HashMap::new();
        for label in &shipped_labels().indicators {
            for spelling in &label.spellings {
                let key = label_key(spelling);
                languages.entry(key).or_default().push(label.language);
            }
        }
        Self {
            titles: description.titles.iter().map(|t| label_key(t)).collect(),
            rows,
            measures,
            languages,
        }
    }

    pub(super) fn is_title(&self, key: &str) -> bool {
        self.titles.contains(key)
    }

    /// What a row label stands for; more than one thing where it is ambiguous.
    pub(super) fn row(&self, key: &str) -> &[RowLabel<'d>] {
        self.rows.get(key).map_or(&[], Vec::as_slice)
    }

    /// What a heading without its unit stands for; more than one thing where it is ambiguous.
    pub(super) fn measure(&self, key: &str) -> &[Indicator] {
        self.measures.get(key).map_or(&[], Vec::as_slice)
    }

    /// Whether a heading without its unit is an English one, and of no other language.
    pub(super) fn is_english(&self, key: &str) -> bool {
        self.languages
            .get(key)
            .is_some_and(|languages| languages.iter().all(|&language| language == Language::En))
    }
}

/// The distinct keys of the labels of one code, so that a label shared by two languages is found once.
fn keys(labels: &[String]) -> HashSet<String> {
    labels.iter().map(|label| label_key(label)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_does_not_matter() {
        for (written, plain) in [
            ("<b>Flandre</b>", "flandre"),
            ("FLANDRE", "flandre"),
            ("  Flandre\u{a0}", "flandre"),
            ("Flandre*", "flandre"),
            ("Flandre *", "flandre"),
            ("*Flandre", "flandre"),
            ("Flandre†", "flandre"),
            ("Flandre¹", "flandre"),
            ("Flandre <sup>1</sup>", "flandre"),
            ("Flandre<sup>(1)</sup>", "flandre"),
            ("Flandre (1)", "flandre"),
            ("Flandre 1)", "flandre"),
            ("(1) Flandre", "flandre"),
            ("Flandre (*)", "flandre"),
            ("Flandre (1) :", "flandre"),
            ("Part des biens /services", "part des biens/services"),
            (
                "Part  des\u{202f}biens / services",
                "part des biens/services",
            ),
            ("rapport à l’année", "rapport à l'année"),
            ("Netto\u{2011}uitvoer", "netto-uitvoer"),
            ("Exportations<br>de biens", "exportations de biens"),
            ("<STRONG>In <i>%</i></STRONG>", "in %"),
        ] {
            assert_eq!(label_key(written), plain, "{written}");
        }
    }

    #[test]
    fn a_raised_digit_never_joins_a_number() {
        assert_eq!(visible("62,5<sup>1</sup>"), "62,5¹");
        assert_eq!(visible("<b>62,5</b>"), "62,5");
        assert_eq!(visible("<em>62,5</em>"), "<em>62,5</em>");
        assert_eq!(visible("a < b"), "a < b");
    }

    #[test]
    fn notes_are_told_from_labels() {
        for note in [
            "Source: ICN",
            "Bron : INR",
            "Quelle:INR",
            "* rounded",
            "(1) revised",
            "1) revised",
            "¹ x",
        ] {
            assert!(is_note(note), "{note}");
        }
        for label in [
            "Exportations de bie",
            "Sourcing of goods",
            "Flandre",
            "2024",
            "(",
        ] {
            assert!(!is_note(label), "{label}");
        }
    }
}
