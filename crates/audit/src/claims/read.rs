//! From a clause to the claims that it makes; what is not safely understood is refused.

mod comparisons;
mod movements;
mod percentages;

use regtrade_model::{Code, Decimal};

use super::{
    catalogue::Catalogue,
    clause::{At, Clause, Link},
    context::{Candidate, Paragraph, Subject, When},
    lexicon::Term,
};

/// What a claim says of its flow.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Predicate {
    /// The rate of change in percent, at the text's own number of decimals.
    Rate {
        value: Decimal,
        decimals: u32,
        average: bool,
    },
    Share {
        value: Decimal,
        decimals: u32,
    },
    /// Rose or fell; `continued`: so it did the year before.
    Sign {
        rise: bool,
        continued: bool,
    },
    Slowed,
    /// The rise (fall) was stronger (weaker) than in the other areas.
    StrongerIn {
        than: Vec<Code>,
        rise: bool,
        stronger: bool,
    },
    /// The rise (fall) was stronger (weaker) than that of another flow.
    StrongerFlow {
        than: Vec<Candidate<Subject>>,
        rise: bool,
        stronger: bool,
    },
    /// The rise (fall) was stronger (weaker) than in an earlier year.
    StrongerYear {
        than: u16,
        rise: bool,
        stronger: bool,
    },
    /// Areas in order of their rise (fall), the strongest first; those that are not named come after.
    Ranked {
        tiers: Vec<Vec<Code>>,
        rise: bool,
    },
    /// The rise (fall) was the weakest of all.
    Weakest {
        rise: bool,
    },
    /// It rose (fell) here and nowhere else.
    Only {
        rise: bool,
    },
}

/// A claim, with all that it could be about.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    pub predicate: Predicate,
    pub subject: Vec<Candidate<Subject>>,
    pub areas: Vec<Candidate<Vec<Code>>>,
    pub when: Vec<Candidate<When>>,
    /// Whether a contradiction would be the text's, and not one of how it was read.
    pub certain: bool,
}

/// What reading a clause gave.
pub(super) enum Read {
    Claims(Vec<Claim>),
    NotUnderstood(&'static str),
    Outside,
    Nothing,
}

/// Reads a clause and notes in the paragraph what it was about.
///
/// `certain`: nothing else in the sentence limits what it says.
pub(super) fn read(
    clause: &Clause,
    certain: bool,
    paragraph: &mut Paragraph,
    catalogue: &Catalogue,
) -> Read {
    let refusal = if clause.has(Term::Outside) {
        Some(Read::Outside)
    } else if clause.has(Term::Doubt) {
        Some(Read::NotUnderstood("it is limited, negated or in doubt"))
    } else if clause.has(Term::Vague) {
        Some(Read::NotUnderstood(
            "it compares in a way that is not known",
        ))
    } else if clause.unknown {
        Some(Read::NotUnderstood(
            "it has words whose part in the claim is not known",
        ))
    } else {
        None
    };
    let claims = match refusal {
        Some(refusal) => Err(refusal),
        None => Reader::new(clause, paragraph, catalogue)
            .claims()
            .map_err(Read::NotUnderstood),
    };
    match claims {
        Ok((mut claims, subjects, rise, when, areas)) => {
            claims.iter_mut().for_each(|claim| claim.certain &= certain);
            paragraph.note(&subjects, rise, when, areas);
            if claims.is_empty() && clause.claims_something() {
                Read::NotUnderstood("no claim of a known form was found in it")
            } else if claims.is_empty() {
                Read::Nothing
            } else {
                Read::Claims(claims)
            }
        }
        Err(refusal) => {
            if !clause.flows.is_empty() {
                paragraph.forget();
            }
            match refusal {
                _ if !clause.claims_something() => Read::Nothing,
                Read::Outside if clause.percents.is_empty() && !clause.compares() => Read::Nothing,
                refusal => refusal,
            }
        }
    }
}

type Noted = (
    Vec<Claim>,
    Vec<Subject>,
    Option<bool>,
    Option<When>,
    Vec<Code>,
);

struct Reader<'a> {
    clause: &'a Clause,
    paragraph: &'a Paragraph,
    catalogue: &'a Catalogue,
    /// Of the clause itself, else of the clause before where this one speaks of the same change.
    rise: Option<bool>,
    areas: Vec<Code>,
    /// The areas that the clause itself names.
    placed_areas: Vec<At<Code>>,
    own_when: Option<When>,
    when: Vec<Candidate<When>>,
    claims: Vec<Claim>,
}

const UNPLACED: &str =
    "it is not plain which figure belongs to which flow, region, year or direction";
const NO_SUBJECT: &str = "the flow that it is about is not known";
const NO_DIRECTION: &str = "it is not plain whether a rise or a fall is meant";

impl<'a> Reader<'a> {
    fn new(clause: &'a Clause, paragraph: &'a Paragraph, catalogue: &'a Catalogue) -> Self {
        let own = clause.direction();
        // "… against 1.2 % in Flanders": a bare percentage goes on with the change before; a comparison must refer to it.
        let bare = clause.flows.is_empty() && !clause.percents.is_empty() && !clause.compares();
        let refers_back = bare || clause.has(Term::It) || clause.has(Term::Change);
        let rise = own.or(paragraph
            .before
            .rise
            .filter(|_| clause.directions.is_empty() && refers_back));
        let whole = |area: &Code| Some(area) == catalogue.whole.as_ref();
        let mut placed_areas = clause.areas.clone();
        // "Belgian exports … in Flanders", "… of Belgian exports": the country is what the region is a part of.
        let partly = placed_areas.iter().any(|(_, area)| !whole(area));
        placed_areas.retain(|(_, area)| !whole(area) || !partly && !clause.has(Term::Share));
        let mut areas: Vec<Code> = placed_areas.iter().map(|(_, area)| area.clone()).collect();
        if areas.is_empty() && clause.link == Some(Link::Where) {
            areas.clone_from(&paragraph.before.areas);
        }
        let year = match clause.years[..] {
            [(_, year)] => Some(year),
            _ => None,
        };
        let latest = catalogue.latest;
        let own_when = clause
            .span
            .or(clause
                .since
                .filter(|since| *since < latest)
                .map(|since| (since, latest)))
            .or(year.map(|year| (year.saturating_sub(1), year)))
            .map(|(from, to)| When { from, to });
        let mut when = paragraph.when(own_when, latest);
        if clause.has(Term::Average) {
            when.retain(|(when, _)| !yearly(*when));
            if when.is_empty() && own_when.is_none() {
                when = catalogue
                    .spans
                    .iter()
                    .map(|&(from, to)| (When { from, to }, true))
                    .collect();
            }
        }
        Self {
            clause,
            paragraph,
            catalogue,
            rise,
            areas,
            placed_areas,
            own_when,
            when,
            claims: vec![],
        }
    }

    fn claims(mut self) -> Result<Noted, &'static str> {
        let clause = self.clause;
        if clause.has(Term::OtherRegions) && clause.than.areas.is_empty() && !clause.has(Term::Than)
        {
            return Err(UNPLACED);
        }
        let since_known = clause
            .since
            .is_none_or(|since| since < self.catalogue.latest);
        if self.when.is_empty() || !since_known {
            return Err(UNPLACED);
        }
        let subjects = self.subjects();
        let percents = !clause.percents.is_empty();
        if clause.percent_in_tail {
            return Err("a percentage stands among the causes, which are not read");
        }
        if percents {
            self.percentages(&subjects)?;
        }
        if clause.has(Term::Slow) && clause.directions.iter().any(|(_, rise)| !rise) {
            return Err("a fall that slowed can mean two things");
        }
        self.comparisons(&subjects)?;
        let compared = clause.compares();
        let everywhere = clause.has(Term::EveryRegion);
        let stated = (!clause.flows.is_empty() || clause.has(Term::They)) && !clause.explains;
        let moves = !clause.directions.is_empty() && !clause.has(Term::Slow);
        if moves
            && stated
            && (!percents || everywhere)
            && (!compared || everywhere && !clause.areas.is_empty())
        {
            self.signs(&subjects)?;
        }
        if clause.has(Term::Slow) && (stated || !percents) && !compared {
            self.slowed(&subjects)?;
        }
        if clause.flows.is_empty() && !self.implied().1 {
            self.claims
                .iter_mut()
                .for_each(|claim| claim.certain = false);
        }
        let natural = subjects
            .iter()
            .flat_map(|candidates| candidates.iter().filter(|c| c.1).map(|c| c.0))
            .collect();
        Ok((self.claims, natural, self.rise, self.own_when, self.areas))
    }

    fn implied(&self) -> (Vec<Candidate<Subject>>, bool) {
        self.paragraph.implied(self.clause, self.clause.direction())
    }

    fn subjects(&self) -> Vec<Vec<Candidate<Subject>>> {
        let resolve = |(_, named): &At<_>| self.paragraph.resolved(*named, self.clause);
        if self.clause.flows.is_empty() {
            let (implied, _) = self.implied();
            return if implied.is_empty() {
                vec![]
            } else {
                vec![implied]
            };
        }
        self.clause.flows.iter().map(resolve).collect()
    }

    /// Named areas, all regions, or, where neither is said, what could be meant.
    fn scope(&self) -> (Vec<Candidate<Vec<Code>>>, bool) {
        let regions = self.catalogue.regions.clone();
        if self.clause.has(Term::EveryRegion) {
            return (vec![(regions, true)], true);
        }
        if !self.areas.is_empty() {
            return (vec![(self.areas.clone(), true)], true);
        }
        let mut found = vec![];
        if !self.paragraph.before.areas.is_empty() {
            found.push((self.paragraph.before.areas.clone(), true));
        } else {
            found.extend(
                self.catalogue
                    .whole
                    .iter()
                    .map(|whole| (vec![whole.clone()], true)),
            );
            found.push((regions, true));
        }
        (found, false)
    }

    /// Takes a year to count from, where the clause names one, into the years of a change.
    fn counted_from(
        &self,
        when: Vec<Candidate<When>>,
    ) -> Result<Vec<Candidate<When>>, &'static str> {
        match (self.clause.base, self.clause.previous) {
            (Some(from), _) => {
                let years = when
                    .into_iter()
                    .map(|(when, natural)| (When { from, ..when }, natural));
                let years: Vec<_> = years.filter(|(when, _)| when.from < when.to).collect();
                if years.is_empty() {
                    Err(UNPLACED)
                } else {
                    Ok(years)
                }
            }
            (None, true) => Ok(when
                .into_iter()
                .map(|(when, natural)| {
                    (
                        When {
                            from: when.to.saturating_sub(1),
                            ..when
                        },
                        natural,
                    )
                })
                .collect()),
            (None, false) => Ok(when),
        }
    }
}

const fn yearly(when: When) -> bool {
    when.to == when.from + 1
}
