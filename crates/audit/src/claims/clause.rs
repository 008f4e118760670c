//! A sentence as clauses, each sorted into what it says of flows, regions, years and directions.

use regtrade_model::{Code, Kind};

use super::{
    lexicon::{FlowWord, Term},
    marks::Mark,
    words::Percent,
};

/// How a clause hangs on the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    First,
    Next,
    /// It is about the region that was just named.
    Where,
}

/// A value and where in its clause it stands.
pub(super) type At<T> = (usize, T);

/// A flow as a text names it; what it leaves open the context fills in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Named {
    pub flow: FlowWord,
    pub kind: Option<Kind>,
}

/// What one clause has, each with its place.
#[derive(Debug, Default)]
pub(super) struct Clause {
    pub link: Option<Link>,
    pub flows: Vec<At<Named>>,
    pub areas: Vec<At<Code>>,
    pub directions: Vec<At<bool>>,
    pub percents: Vec<At<Percent>>,
    pub years: Vec<At<u16>>,
    pub span: Option<(u16, u16)>,
    pub since: Option<u16>,
    /// The year that a change is counted from.
    pub base: Option<u16>,
    pub previous: bool,
    pub than: Than,
    pub terms: Vec<At<Term>>,
    pub unknown: bool,
    /// The sentence tells the cause of a change, which it takes for granted.
    pub explains: bool,
    /// A percentage among the causes and circumstances, which are not read.
    pub percent_in_tail: bool,
}

/// What follows the word of a comparison.
#[derive(Debug, Default)]
pub(super) struct Than {
    pub areas: Vec<Code>,
    pub years: Vec<u16>,
    pub flows: Vec<Named>,
    pub others: bool,
}

impl Clause {
    pub fn has(&self, term: Term) -> bool {
        self.terms.iter().any(|(_, found)| *found == term)
    }

    /// The one direction of the clause; `None` without one or where two contradict.
    pub fn direction(&self) -> Option<bool> {
        let (_, first) = self.directions.first()?;
        self.directions
            .iter()
            .all(|(_, other)| other == first)
            .then_some(*first)
    }

    /// Whether it has words that limit it, that are not known, or that are of what the table does not hold.
    pub fn is_limited(&self) -> bool {
        self.unknown || self.has(Term::Doubt) || self.has(Term::Outside)
    }

    pub fn compares(&self) -> bool {
        [
            Term::Stronger,
            Term::Weaker,
            Term::Strongest,
            Term::Weakest,
            Term::Notable,
            Term::Only,
            Term::Vague,
            Term::Intensify,
            Term::Ease,
            Term::FollowedBy,
        ]
        .iter()
        .any(|term| self.has(*term))
    }

    /// Whether the clause says something of the figures that must be understood or be called not understood.
    pub fn claims_something(&self) -> bool {
        let about = !self.flows.is_empty()
            || !self.directions.is_empty()
            || !self.areas.is_empty()
            || self.link != Some(Link::First);
        let moves = !self.directions.is_empty() || self.has(Term::Slow);
        let side = self
            .flows
            .iter()
            .any(|(_, named)| named.flow != FlowWord::Any);
        let placed = !self.areas.is_empty() || self.has(Term::EveryRegion);
        !self.percents.is_empty()
            || self.percent_in_tail
            || self.compares() && about
            || moves && side && placed && !self.explains
    }
}

/// Cuts a sentence into clauses.
pub(super) fn clauses(marks: &[Mark]) -> Vec<Clause> {
    let mut found = vec![];
    let (mut start, mut link) = (0, Link::First);
    for (at, mark) in marks.iter().enumerate() {
        let (end, next) = match mark {
            Mark::Semicolon | Mark::Term(Term::Break) => (at, at + 1),
            Mark::Term(Term::Where) => (at, at + 1),
            Mark::Term(Term::ContinueBreak) => {
                match marks[start..at]
                    .iter()
                    .rposition(|mark| *mark == Mark::Comma)
                {
                    Some(comma) => (start + comma, start + comma + 1),
                    None => continue,
                }
            }
            _ => continue,
        };
        if marks[start..end]
            .iter()
            .any(|mark| !matches!(mark, Mark::Comma | Mark::Term(Term::And | Term::Filler)))
        {
            found.push(sorted(&marks[start..end], link));
        }
        start = next;
        link = if mark.is(Term::Where) {
            Link::Where
        } else {
            Link::Next
        };
    }
    found.push(sorted(&marks[start..], link));
    found
}

/// Parts the causes from the clause: behind a statement all that follows, in front of it up to the comma.
fn without_tail(marks: &[Mark]) -> (&[Mark], &[Mark]) {
    let Some(at) = marks
        .iter()
        .position(|mark| mark.is(Term::Tail) || mark.is(Term::CausedBy))
    else {
        return (marks, &[]);
    };
    let said_before = marks[..at]
        .iter()
        .any(|mark| !matches!(mark, Mark::Comma | Mark::Term(Term::And | Term::Filler)));
    if said_before {
        return marks.split_at(at);
    }
    let comma = marks[at..].iter().position(|mark| *mark == Mark::Comma);
    let (tail, said) = marks.split_at(comma.map_or(marks.len(), |comma| at + comma));
    (said, tail)
}

fn sorted(marks: &[Mark], link: Link) -> Clause {
    let (marks, tail) = without_tail(marks);
    let mut clause = Clause {
        link: Some(link),
        explains: tail.iter().any(|mark| mark.is(Term::CausedBy)),
        percent_in_tail: tail.iter().any(|mark| matches!(mark, Mark::Percent(_))),
        ..Clause::default()
    };
    let (mut comparing, mut base_next, mut since_next) = (false, false, false);
    let mut than_at = 0;
    for (at, mark) in marks.iter().enumerate() {
        match mark {
            Mark::Unknown => clause.unknown = true,
            Mark::Percent(_) | Mark::Years(..) if base_next || since_next => clause.unknown = true,
            Mark::Area(_) if since_next => clause.unknown = true,
            Mark::Percent(percent) => clause.percents.push((at, *percent)),
            // "… faster than imports in Flanders": the region is where both are compared, if none was named before.
            Mark::Area(area) if !clause.than.flows.is_empty() => {
                clause.unknown |= clause.areas.iter().any(|(before, _)| *before < than_at);
                clause.areas.push((at, area.clone()));
            }
            Mark::Area(area) if comparing || base_next => clause.than.areas.push(area.clone()),
            Mark::Area(area) => clause.areas.push((at, area.clone())),
            Mark::Years(first, last) => {
                clause.unknown |= clause.span.replace((*first, *last)).is_some()
            }
            Mark::Year(year) if base_next => clause.unknown |= clause.base.replace(*year).is_some(),
            Mark::Year(year) if comparing => clause.than.years.push(*year),
            Mark::Year(year) if since_next => {
                clause.unknown |= clause.since.replace(*year).is_some()
            }
            Mark::Year(year) => clause.years.push((at, *year)),
            Mark::Term(term) => {
                if let Some(named) = named(*term, &marks[at..], &marks[..at]) {
                    if comparing {
                        clause.than.flows.push(named);
                    } else {
                        clause.flows.push((at, named));
                    }
                }
                match term {
                    Term::Rise => clause.directions.push((at, true)),
                    Term::Fall => clause.directions.push((at, false)),
                    Term::OtherRegions => clause.than.others = true,
                    Term::VersusPrevious => clause.previous = true,
                    // Without a comparison before it, the word is a mere conjunction, and what it joins is not known.
                    Term::Than if clause.has(Term::Stronger) || clause.has(Term::Weaker) => {
                        (comparing, than_at) = (true, at);
                    }
                    Term::Than => clause.unknown = true,
                    _ => {}
                }
                clause.unknown |= (base_next || since_next) && *term != Term::Filler;
                base_next = *term == Term::Versus || base_next && *term == Term::Filler;
                since_next = *term == Term::Since || since_next && *term == Term::Filler;
                clause.terms.push((at, *term));
                continue;
            }
            Mark::Comma | Mark::Semicolon | Mark::Open | Mark::Close => {}
        }
        (base_next, since_next) = (false, false);
    }
    let compares = clause.has(Term::Stronger) || clause.has(Term::Weaker);
    clause.unknown |= base_next || since_next || !clause.than.areas.is_empty() && !compares;
    join_topic(&mut clause.flows);
    clause
}

/// The flow that a term names, with the kind that stands next to it.
fn named(term: Term, rest: &[Mark], before: &[Mark]) -> Option<Named> {
    let telling = |mark: &&Mark| !mark.is(Term::Filler) && !matches!(mark, Mark::Area(_));
    let kind_after = || match rest[1..].iter().find(telling) {
        Some(Mark::Term(Term::Kind(kind))) => Some(*kind),
        _ => None,
    };
    let flow_before = || {
        matches!(
            before.iter().rev().find(telling),
            Some(Mark::Term(Term::Flow(_)))
        )
    };
    let flow_after = || matches!(rest.get(1), Some(Mark::Term(Term::Flow(_))));
    match term {
        Term::FlowOf(flow, kind) => Some(Named {
            flow,
            kind: Some(kind),
        }),
        Term::Flow(flow) => {
            let kind_before = match before.last() {
                Some(Mark::Term(Term::Kind(kind))) => Some(*kind),
                _ => None,
            };
            Some(Named {
                flow,
                kind: kind_before.or_else(kind_after),
            })
        }
        Term::Kind(kind) if kind != Kind::Total && !flow_before() && !flow_after() => Some(Named {
            flow: FlowWord::Any,
            kind: Some(kind),
        }),
        _ => None,
    }
}

/// "As to imports, the flows of goods …": the topic gives the side, the subject the kind.
fn join_topic(flows: &mut Vec<At<Named>>) {
    if let [(_, topic), (_, subject)] = flows[..]
        && topic.kind.is_none()
        && subject.flow == FlowWord::Any
    {
        let joined = Named {
            flow: topic.flow,
            kind: subject.kind,
        };
        flows.remove(0);
        flows[0].1 = joined;
    }
}

/// Gives each anchor (a percentage, a verb) its values: one group for all, one group for each in strict alternation,
/// or as many values as anchors in a row. `None` where it is not plain which value belongs to which anchor.
pub(super) fn distributed<T: Clone>(values: &[At<T>], anchors: &[usize]) -> Option<Vec<Vec<T>>> {
    let mut groups: Vec<(usize, usize, Vec<T>)> = vec![];
    for (at, value) in values {
        match groups.last_mut() {
            Some((_, last, group)) if !anchors.iter().any(|a| *last < *a && a < at) => {
                *last = *at;
                group.push(value.clone());
            }
            _ => groups.push((*at, *at, vec![value.clone()])),
        }
    }
    let outside = |(start, end, _): &(usize, usize, Vec<T>)| {
        anchors.iter().all(|a| a > end) || anchors.iter().all(|a| a < start)
    };
    if let [group] = &groups[..] {
        return match group.2.len() {
            _ if !outside(group) => None,
            count if count > 1 && count == anchors.len() => {
                Some(group.2.iter().map(|value| vec![value.clone()]).collect())
            }
            count if count > 1 && anchors.len() > 1 => None,
            _ => Some(vec![group.2.clone(); anchors.len()]),
        };
    }
    let value_first = groups
        .iter()
        .zip(anchors)
        .all(|(group, anchor)| group.1 < *anchor);
    let anchor_first = groups
        .iter()
        .zip(anchors)
        .all(|(group, anchor)| *anchor < group.0);
    (groups.len() == anchors.len() && (value_first || anchor_first))
        .then(|| groups.into_iter().map(|group| group.2).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_to_anchors_only_where_the_order_is_plain() {
        let of = |values: &[At<char>], anchors: &[usize]| distributed(values, anchors);
        let one_each = Some(vec![vec!['a'], vec!['b']]);
        assert_eq!(of(&[(1, 'a'), (3, 'b')], &[0, 2]), one_each);
        assert_eq!(of(&[(0, 'a'), (2, 'b')], &[1, 3]), one_each);
        assert_eq!(of(&[(0, 'a'), (1, 'b')], &[2, 3]), one_each);
        assert_eq!(of(&[(0, 'a')], &[2, 3]), Some(vec![vec!['a'], vec!['a']]));
        assert_eq!(of(&[(0, 'a'), (1, 'b')], &[2]), Some(vec![vec!['a', 'b']]));
        assert_eq!(
            of(&[(1, 'a')], &[0, 2]),
            None,
            "the second has none of its own"
        );
        assert_eq!(of(&[(0, 'a'), (2, 'b')], &[1]), None);
        assert_eq!(of(&[(0, 'a'), (1, 'b'), (4, 'c')], &[2, 3]), None);
    }
}
