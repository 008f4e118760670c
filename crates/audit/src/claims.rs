//! Claims: what the text of a communiqué says of figures, held against the figures of its table.
//!
//! A sentence is read word by word; one that has a word whose part in the claim is not known is not understood, and
//! never held against its author. Each printed figure is the interval of what rounds to it, and a claim is true or
//! false only where it is so throughout.

mod catalogue;
mod clause;
mod context;
mod describe;
mod document;
mod evaluate;
mod facts;
mod judge;
mod lexicon;
mod marks;
mod read;
mod words;

use regtrade_model::{Code, Decimal, Period, PrintedCell, TableDescription};

use catalogue::Catalogue;
use context::{Paragraph, Section};
use facts::Facts;
use lexicon::{LANGUAGES, Phrases, Term};
use marks::{Mark, marks};
use read::{Read, read};

/// What the figures say of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClaimOutcome {
    /// True under every natural reading.
    True,
    /// False under every reading that the sentence allows.
    False,
    /// True, false or open, by how it is read: see the readings.
    DependsOnReading,
    /// Understood, but the figures leave it open, or the table has none of them.
    NotDecidable,
    /// It says something of figures, and what is not safely understood.
    NotUnderstood,
}

/// A level that a table implies but does not print, in million EUR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelBound {
    /// The code of the item.
    pub item: Code,
    /// The code of the area.
    pub area: Code,
    /// Of when.
    pub period: Period,
    /// The lowest value that the table allows.
    pub lower: Decimal,
    /// The highest value that the table allows.
    pub upper: Decimal,
}

/// A figure that a verdict rests on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UsedFigure {
    /// Which figure, as `growth of P61, BE1, 2024`.
    pub key: String,
    /// The figure with its unit, or between which values it lies.
    pub value: String,
}

/// One way to understand a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What is taken to be meant.
    pub words: String,
    /// What the figures say then: true, false or not decidable.
    pub outcome: ClaimOutcome,
    /// The figures that say so.
    pub figures: Vec<UsedFigure>,
    /// The arithmetic.
    pub explanation: String,
}

/// A claim of a text, and what the figures say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimVerdict {
    /// What the figures say.
    pub verdict: ClaimOutcome,
    /// The sentence, as in the text.
    pub sentence: String,
    /// The line of the text that the sentence begins on, from 1.
    pub line: u32,
    /// What was understood.
    pub claim: String,
    /// The figures used.
    pub figures: Vec<UsedFigure>,
    /// The arithmetic, or why there is none.
    pub explanation: String,
    /// Where a claim can be read in several ways: each with its own outcome. Empty where there is but one.
    pub readings: Vec<Reading>,
}

/// Finds what a text in French, Dutch, English or German claims of the figures of a table, and checks each claim.
///
/// The verdicts come in the order of the text; a sentence with several claims has several. A sentence that claims
/// nothing of figures (method, causes) has none. `bounds` may be empty: what they would say is then taken from the
/// printed levels and rates, less tightly.
#[must_use]
pub fn check(
    text: &str,
    cells: &[PrintedCell],
    description: &TableDescription,
    bounds: &[LevelBound],
) -> Vec<ClaimVerdict> {
    let catalogue = Catalogue::of(cells, description);
    let facts = Facts::new(cells, bounds);
    let blocks = document::blocks(text);
    let Some(phrases) = language(&blocks, &catalogue) else {
        return vec![];
    };
    let mut verdicts = vec![];
    let mut section = Section::default();
    for block in &blocks {
        let mut paragraph = Paragraph::of(if block.heading {
            Section::default()
        } else {
            section
        });
        for sentence in &block.sentences {
            paragraph.next_sentence();
            let marks = marks(sentence.text, phrases, &catalogue);
            let clauses = clause::clauses(&marks);
            let certain = !clauses.iter().any(clause::Clause::is_limited);
            for clause in clauses {
                let push = |found: judge::Judged| {
                    verdicts.push(ClaimVerdict {
                        verdict: found.outcome,
                        sentence: sentence.text.to_owned(),
                        line: sentence.line,
                        claim: found.claim,
                        figures: found.figures,
                        explanation: found.explanation,
                        readings: found.readings,
                    });
                };
                match read(&clause, certain, &mut paragraph, &catalogue) {
                    Read::Claims(claims) => {
                        claims.iter().map(|claim| judge::judge(claim, &facts, &catalogue)).for_each(push);
                    }
                    Read::NotUnderstood(why) => Some(judge::Judged::refused(ClaimOutcome::NotUnderstood, why)).into_iter().for_each(push),
                    Read::Outside => Some(judge::Judged::refused(
                        ClaimOutcome::NotDecidable,
                        "it rests on what the table does not hold, such as branches, partners or kinds of service",
                    )).into_iter().for_each(push),
                    Read::Nothing => {}
                }
            }
        }
        section = paragraph.section();
    }
    verdicts
}

/// The phrases of the language that knows the most words of the text.
fn language(blocks: &[document::Block<'_>], catalogue: &Catalogue) -> Option<&'static Phrases> {
    // Of languages that know as many words, the first in the list is taken.
    LANGUAGES.iter().rev().max_by_key(|phrases| {
        let sentences = blocks.iter().flat_map(|block| &block.sentences);
        sentences
            .flat_map(|sentence| marks(sentence.text, phrases, catalogue))
            .filter(|mark| matches!(mark, Mark::Term(term) if *term != Term::Outside))
            .count()
    })
}
