//! What a sentence leaves unsaid because the text has said it before: flow, kind, side and year.

use regtrade_model::{Code, Kind};

use super::{
    clause::{Clause, Link, Named},
    lexicon::{FlowWord, Term},
};

/// The side that a claim is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sides {
    Exports,
    Imports,
    /// Trade: exports, imports or both together, which is for the reader to say.
    Trade,
    Net,
}

/// The flow that a claim is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Subject {
    pub sides: Sides,
    pub kind: Kind,
}

/// The years that a change is between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct When {
    pub from: u16,
    pub to: u16,
}

/// A possible meaning; where it is not natural, it is what could be meant all the same.
pub(super) type Candidate<T> = (T, bool);

/// What the text under one heading has spoken of, the heading included: what a later paragraph could still mean.
#[derive(Debug, Default)]
pub(super) struct Section {
    kinds: Vec<Kind>,
    whens: Vec<When>,
}

/// What a paragraph, and the sentence under way, have said so far.
#[derive(Debug, Default)]
pub(super) struct Paragraph {
    section: Section,
    /// Flows with the direction that was said of them.
    said: Vec<(Subject, Option<bool>)>,
    /// The flow that a pronoun stands for; `None` where the last one named was not understood.
    current: Vec<Subject>,
    kind: Option<Kind>,
    when: Option<When>,
    /// Of the clause before, in the same sentence.
    pub before: Before,
}

/// What the clause before has left for the next one of the same sentence.
#[derive(Debug, Default, Clone)]
pub(super) struct Before {
    pub areas: Vec<Code>,
    pub rise: Option<bool>,
    when: Option<When>,
    subjects: Vec<Subject>,
}

impl Paragraph {
    /// A paragraph of a section.
    pub fn of(section: Section) -> Self {
        Self {
            section,
            ..Self::default()
        }
    }

    /// The section with what the paragraph has added.
    pub fn section(self) -> Section {
        self.section
    }

    /// The meanings of a flow that is named, the natural one in front.
    pub fn resolved(&self, named: Named, clause: &Clause) -> Vec<Candidate<Subject>> {
        let in_clause = clause.flows.iter().find_map(|(_, other)| other.kind);
        let kinds = match (named.kind, in_clause.or(self.kind)) {
            (Some(kind), _) => vec![kind],
            (None, near) => {
                let far = [Kind::Total]
                    .into_iter()
                    .chain(self.section.kinds.iter().copied());
                near.into_iter().chain(far).collect()
            }
        };
        let sides = match named.flow {
            FlowWord::Exports => vec![Sides::Exports],
            FlowWord::Imports => vec![Sides::Imports],
            FlowWord::Trade => vec![Sides::Trade],
            FlowWord::Net => vec![Sides::Net],
            FlowWord::Any => {
                let spoken_of = self.said.first().map(|(subject, _)| subject.sides);
                let alone = spoken_of
                    .filter(|side| self.said.iter().all(|(subject, _)| subject.sides == *side));
                alone.into_iter().chain([Sides::Trade]).collect()
            }
        };
        let mut found: Vec<Candidate<Subject>> = vec![];
        for sides in sides {
            for &kind in &kinds {
                let subject = Subject { sides, kind };
                if !found.iter().any(|(known, _)| *known == subject) {
                    found.push((subject, found.is_empty()));
                }
            }
        }
        found
    }

    /// The flows that a clause without one of its own is about: of a pronoun, of a change spoken of before. And whether
    /// they are sure to be meant: "the fall" after nothing that fell is not.
    pub fn implied(&self, clause: &Clause, rise: Option<bool>) -> (Vec<Candidate<Subject>>, bool) {
        let opens = clause.link == Some(Link::First) && !clause.has(Term::They);
        let mut found: Vec<Subject> = vec![];
        if opens && rise.is_some() && !self.current.is_empty() {
            for (subject, said) in &self.said {
                if *said == rise && !found.contains(subject) {
                    found.push(*subject);
                }
            }
        }
        let sure = !found.is_empty() || !opens || rise.is_none();
        if found.is_empty() {
            let before = &self.before.subjects;
            found.clone_from(if before.is_empty() {
                &self.current
            } else {
                before
            });
        }
        (
            found.into_iter().map(|subject| (subject, true)).collect(),
            sure,
        )
    }

    /// The years of a clause: its own, else those of the sentence, else those of the paragraph, else the latest.
    pub fn when(&self, own: Option<When>, latest: u16) -> Vec<Candidate<When>> {
        let default = When {
            from: latest.saturating_sub(1),
            to: latest,
        };
        if let Some(known) = own.or(self.before.when) {
            return vec![(known, true)];
        }
        let mut found: Vec<Candidate<When>> = vec![];
        for when in self
            .when
            .into_iter()
            .chain([default])
            .chain(self.section.whens.iter().copied())
        {
            if !found.iter().any(|(known, _)| *known == when) {
                found.push((when, found.is_empty()));
            }
        }
        found
    }

    /// Notes what a clause was about.
    pub fn note(
        &mut self,
        subjects: &[Subject],
        rise: Option<bool>,
        when: Option<When>,
        areas: Vec<Code>,
    ) {
        self.said
            .extend(subjects.iter().map(|subject| (*subject, rise)));
        if let [subject] = subjects {
            self.kind = Some(subject.kind);
        }
        self.section
            .kinds
            .extend(subjects.iter().map(|subject| subject.kind));
        self.section.whens.extend(when);
        if !subjects.is_empty() {
            self.current = subjects.to_vec();
        }
        self.when = when.or(self.when);
        self.before = Before {
            areas: if areas.is_empty() {
                std::mem::take(&mut self.before.areas)
            } else {
                areas
            },
            rise: rise.or(self.before.rise),
            when: when.or(self.before.when),
            subjects: if subjects.is_empty() {
                std::mem::take(&mut self.before.subjects)
            } else {
                subjects.to_vec()
            },
        };
    }

    /// Notes that a flow was named that is not understood: no pronoun may reach behind it.
    pub fn forget(&mut self) {
        self.current.clear();
        self.said.clear();
        self.before = Before::default();
    }

    /// A new sentence begins.
    pub fn next_sentence(&mut self) {
        self.before = Before::default();
    }
}
