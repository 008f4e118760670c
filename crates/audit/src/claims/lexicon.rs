//! What words mean: the terms that claims are made of, and the tables that name them in each language.

use std::{collections::BTreeMap, sync::LazyLock};

use regtrade_model::Kind;

use super::words::{Token, tokens};

/// The part that a word or phrase can play in a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Term {
    /// Exports, imports, both of them, or a flow that the context names.
    Flow(FlowWord),
    /// Goods, services, or both together.
    Kind(Kind),
    /// One word for a flow and what flows, as German and Dutch make them.
    FlowOf(FlowWord, Kind),
    Rise,
    Fall,
    /// Growth that lessened, or a level that fell: the word alone does not say which.
    Slow,
    /// What changed is the same direction as the year before.
    Continue,
    /// A change that became larger than before.
    Intensify,
    /// A change that became smaller than before.
    Ease,
    Stronger,
    Weaker,
    Strongest,
    Weakest,
    /// A change that stands out, without a word of comparison.
    Notable,
    FollowedBy,
    /// "The only region where".
    Only,
    /// What a comparison is made with.
    Than,
    /// The year that a change is counted from: "compared with".
    Versus,
    /// Compared with the year before, which is not named.
    VersusPrevious,
    /// From a named year until the latest.
    Since,
    EveryRegion,
    /// "The other regions".
    OtherRegions,
    Average,
    Share,
    Approximately,
    /// A pronoun for a change ("it became more marked").
    It,
    /// A pronoun for a flow ("they fell").
    They,
    /// A word for a change that gives no direction ("development").
    Change,
    /// Begins another clause.
    Break,
    /// Begins another clause and stays within it ("continuing to").
    ContinueBreak,
    /// Begins another clause about the region just named.
    Where,
    And,
    Filler,
    /// From here on causes and circumstances are told.
    Tail,
    /// The verb of a sentence that tells the cause of what stands before it.
    CausedBy,
    /// What no table of regions and flows can hold: branches, partners, kinds of service.
    Outside,
    /// What takes back or limits a claim: not, except, perhaps.
    Doubt,
    /// A comparison that is not understood.
    Vague,
}

impl Term {
    /// The term of a row of the lexicon.
    fn named(name: &str) -> Option<Self> {
        use FlowWord::{Any, Exports, Imports, Net, Trade};
        use Kind::{Goods, Services, Total};
        Some(match name {
            "exports" => Self::Flow(Exports),
            "imports" => Self::Flow(Imports),
            "trade" => Self::Flow(Trade),
            "net" => Self::Flow(Net),
            "flows" => Self::Flow(Any),
            "goods" => Self::Kind(Goods),
            "services" => Self::Kind(Services),
            "total" => Self::Kind(Total),
            "exports_of_goods" => Self::FlowOf(Exports, Goods),
            "exports_of_services" => Self::FlowOf(Exports, Services),
            "imports_of_goods" => Self::FlowOf(Imports, Goods),
            "imports_of_services" => Self::FlowOf(Imports, Services),
            "trade_in_goods" => Self::FlowOf(Trade, Goods),
            "trade_in_services" => Self::FlowOf(Trade, Services),
            "rise" => Self::Rise,
            "fall" => Self::Fall,
            "slow" => Self::Slow,
            "continue" => Self::Continue,
            "intensify" => Self::Intensify,
            "ease" => Self::Ease,
            "stronger" => Self::Stronger,
            "weaker" => Self::Weaker,
            "strongest" => Self::Strongest,
            "weakest" => Self::Weakest,
            "notable" => Self::Notable,
            "followed_by" => Self::FollowedBy,
            "only" => Self::Only,
            "than" => Self::Than,
            "versus" => Self::Versus,
            "versus_previous" => Self::VersusPrevious,
            "since" => Self::Since,
            "every_region" => Self::EveryRegion,
            "other_regions" => Self::OtherRegions,
            "average" => Self::Average,
            "share" => Self::Share,
            "approximately" => Self::Approximately,
            "it" => Self::It,
            "they" => Self::They,
            "change" => Self::Change,
            "break" => Self::Break,
            "continue_break" => Self::ContinueBreak,
            "where" => Self::Where,
            "and" => Self::And,
            "filler" => Self::Filler,
            "tail" => Self::Tail,
            "caused_by" => Self::CausedBy,
            "outside" => Self::Outside,
            "doubt" => Self::Doubt,
            "vague" => Self::Vague,
            _ => return None,
        })
    }
}

/// How a text names a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FlowWord {
    Exports,
    Imports,
    Trade,
    Net,
    /// "Flows": of the side that is spoken of.
    Any,
}

/// The phrases of every language: a language, a term, and phrases parted by `|` in each row.
///
/// A phrase is matched word by word. `*` at the end of a word stands for any ending, `$` for the end of the clause.
/// `span` has the words before and between two years, `adjective` the area label that a word stands for.
const ROWS: &str = include_str!("../../data/lexicon.csv");

/// The lexicons ready for look-up, the one that is tried first in front.
pub(super) static LANGUAGES: LazyLock<[Phrases; 4]> =
    LazyLock::new(|| ["fr", "nl", "en", "de"].map(Phrases::of));

/// The phrases of one language.
#[derive(Default)]
pub(super) struct Phrases {
    /// By the first letter of the phrase.
    terms: BTreeMap<char, Vec<(Vec<String>, Term)>>,
    spans: Vec<(&'static str, &'static str)>,
    adjectives: Vec<(&'static str, Vec<String>)>,
}

impl Phrases {
    fn of(language: &str) -> Self {
        let mut found = Self::default();
        let rows = ROWS
            .lines()
            .filter_map(|row| row.strip_prefix(language)?.strip_prefix(','));
        for (name, phrase) in rows
            .filter_map(|row| row.split_once(','))
            .flat_map(|(name, phrases)| phrases.split('|').map(move |phrase| (name, phrase)))
        {
            if let Some(term) = Term::named(name) {
                let first = phrase.chars().next().unwrap_or_default();
                found
                    .terms
                    .entry(first)
                    .or_default()
                    .push((pattern(phrase), term));
            } else if let Some(words) = phrase.split_once(" … ") {
                found.spans.push(words);
            } else if let Some((word, label)) = phrase.split_once(" = ") {
                found.adjectives.push((word, label_words(label)));
            }
        }
        found
    }

    /// The term that the longest phrase at the head of `rest` stands for, and how many tokens it has.
    pub fn term(&self, rest: &[Token]) -> Option<(Term, usize)> {
        let Some(Token::Word(word)) = rest.first() else {
            return None;
        };
        self.terms
            .get(&word.chars().next()?)?
            .iter()
            .filter(|(phrase, _)| matches(phrase, rest))
            .max_by_key(|(phrase, _)| (phrase.len(), phrase.iter().map(String::len).sum::<usize>()))
            .map(|(phrase, term)| (*term, phrase.len()))
    }

    /// The first and last year of a span at the head of `rest`, which is four tokens long.
    pub fn span(&self, rest: &[Token]) -> Option<(u16, u16)> {
        match rest {
            [
                Token::Word(before),
                Token::Year(first),
                Token::Word(between),
                Token::Year(last),
                ..,
            ] if first < last && self.spans.contains(&(before.as_str(), between.as_str())) => {
                Some((*first, *last))
            }
            _ => None,
        }
    }

    /// The area label that an adjective stands for.
    pub fn adjective(&self, word: &Token) -> Option<&[String]> {
        let Token::Word(word) = word else { return None };
        self.adjectives
            .iter()
            .find(|(adjective, _)| same(adjective, word))
            .map(|(_, label)| label.as_slice())
    }
}

/// A label as the words that a text would have for it.
pub(super) fn label_words(label: &str) -> Vec<String> {
    tokens(label)
        .into_iter()
        .filter_map(|token| match token {
            Token::Word(word) => Some(word),
            _ => None,
        })
        .collect()
}

fn pattern(phrase: &str) -> Vec<String> {
    phrase
        .replace('\'', "' ")
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

fn matches(phrase: &[String], rest: &[Token]) -> bool {
    phrase.len() <= rest.len()
        && phrase
            .iter()
            .zip(rest)
            .enumerate()
            .all(|(at, (pattern, token))| {
                let Token::Word(word) = token else {
                    return false;
                };
                match pattern.strip_suffix('$') {
                    Some(exact) => {
                        let end = rest.get(at + 1);
                        exact == word && end.is_none_or(|next| !matches!(next, Token::Word(_)))
                    }
                    None => same(pattern, word),
                }
            })
}

fn same(pattern: &str, word: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(stem) => word.starts_with(stem),
        None => pattern == word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_lexicon_is_read() {
        for row in ROWS.lines().skip(1) {
            let [language, name, phrases] = row.splitn(3, ',').collect::<Vec<_>>()[..] else {
                panic!("{row}")
            };
            assert!(["fr", "nl", "en", "de"].contains(&language), "{row}");
            let mark = match name {
                "span" => " … ",
                "adjective" => " = ",
                _ => "",
            };
            assert!(!mark.is_empty() || Term::named(name).is_some(), "{row}");
            for phrase in phrases.split('|') {
                assert!(!phrase.trim().is_empty() && phrase.contains(mark), "{row}");
                assert_eq!(phrase, phrase.trim(), "{row}");
            }
        }
    }
}
