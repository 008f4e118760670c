//! A sentence as marks: terms of the lexicon, areas, percentages and years.

use regtrade_model::Code;

use super::{
    catalogue::Catalogue,
    lexicon::{Phrases, Term},
    words::{Percent, Token, tokens},
};

/// What a token or phrase of a sentence means.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Mark {
    Term(Term),
    Area(Code),
    Percent(Percent),
    Year(u16),
    Years(u16, u16),
    Comma,
    Semicolon,
    Open,
    Close,
    /// A word that the lexicon does not have, a number of another sort, a quotation mark.
    Unknown,
}

impl Mark {
    pub fn is(&self, term: Term) -> bool {
        *self == Self::Term(term)
    }
}

/// Reads a sentence with the words of one language.
pub(super) fn marks(text: &str, phrases: &Phrases, catalogue: &Catalogue) -> Vec<Mark> {
    let tokens = tokens(text);
    let mut found = vec![];
    let mut at = 0;
    while let Some(rest) = tokens.get(at..).filter(|rest| !rest.is_empty()) {
        let (mark, length) = read(rest, phrases, catalogue);
        found.push(mark);
        at += length;
    }
    found
}

fn read(rest: &[Token], phrases: &Phrases, catalogue: &Catalogue) -> (Mark, usize) {
    let mark = match &rest[0] {
        Token::Word(_) => return word(rest, phrases, catalogue),
        Token::Percent(percent) => Mark::Percent(*percent),
        Token::Year(year) => Mark::Year(*year),
        Token::Years(first, last) => Mark::Years(*first, *last),
        Token::Comma => Mark::Comma,
        Token::Semicolon => Mark::Semicolon,
        Token::Open => Mark::Open,
        Token::Close => Mark::Close,
        Token::Number | Token::Other => Mark::Unknown,
    };
    (mark, 1)
}

fn word(rest: &[Token], phrases: &Phrases, catalogue: &Catalogue) -> (Mark, usize) {
    if let Some((first, last)) = phrases.span(rest) {
        return (Mark::Years(first, last), 4);
    }
    let words = rest.iter().map_while(|token| match token {
        Token::Word(word) => Some(word.as_str()),
        _ => None,
    });
    let area = catalogue.area(words.clone());
    let term = phrases.term(rest);
    match (area, term) {
        (Some((area, length)), term) if term.is_none_or(|(_, other)| other <= length) => {
            (Mark::Area(area), length)
        }
        (_, Some((term, length))) => (Mark::Term(term), length),
        _ => {
            let adjective = phrases
                .adjective(&rest[0])
                .and_then(|label| catalogue.area(label.iter().map(String::as_str)));
            (
                adjective.map_or(Mark::Unknown, |(area, _)| Mark::Area(area)),
                1,
            )
        }
    }
}
