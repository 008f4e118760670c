//! Percentages: each with its flow, region, year and sign.

use super::{Claim, NO_DIRECTION, NO_SUBJECT, Predicate, Reader, UNPLACED};
use crate::claims::{
    clause::{At, distributed},
    context::{Candidate, Sides, Subject, When},
    lexicon::Term,
    words::Percent,
};

impl Reader<'_> {
    pub(super) fn percentages(
        &mut self,
        subjects: &[Vec<Candidate<Subject>>],
    ) -> Result<(), &'static str> {
        let clause = self.clause;
        let anchors: Vec<usize> = clause.percents.iter().map(|(at, _)| *at).collect();
        if subjects.is_empty() {
            return Err(NO_SUBJECT);
        }
        let each = anchors.len();
        let flows = if clause.has(Term::Share) {
            // "Services account for … of exports": the word without a side names the kind alone.
            let sided =
                |c: &&Vec<Candidate<Subject>>| c.iter().all(|(s, _)| s.sides != Sides::Trade);
            let definite: Vec<_> = subjects.iter().filter(sided).cloned().collect();
            vec![
                if definite.is_empty() {
                    subjects.to_vec()
                } else {
                    definite
                };
                each
            ]
        } else if clause.flows.is_empty() {
            vec![subjects.to_vec(); each]
        } else {
            let placed: Vec<At<Vec<Candidate<Subject>>>> = clause
                .flows
                .iter()
                .map(|(at, _)| *at)
                .zip(subjects.iter().cloned())
                .collect();
            distributed(&placed, &anchors).ok_or(UNPLACED)?
        };
        let areas = if self.placed_areas.is_empty() {
            vec![self.areas.clone(); each]
        } else {
            distributed(&self.placed_areas, &anchors).ok_or(UNPLACED)?
        };
        let years = if clause.years.len() > 1 {
            distributed(&clause.years, &anchors).ok_or(UNPLACED)?
        } else {
            vec![vec![]; each]
        };
        let signs = if clause.directions.is_empty() || clause.direction().is_some() {
            vec![self.rise.into_iter().collect(); each]
        } else {
            distributed(&clause.directions, &anchors).ok_or(UNPLACED)?
        };
        // A region behind the last of several percentages may belong to the last alone.
        let trailing = each > 1
            && self
                .placed_areas
                .first()
                .is_some_and(|(at, _)| anchors.iter().all(|a| a < at));
        let mut keys = vec![];
        for (at, (_, percent)) in clause.percents.iter().enumerate() {
            let when = match years[at][..] {
                [] => self.when.clone(),
                [to] => vec![(
                    When {
                        from: to.saturating_sub(1),
                        to,
                    },
                    true,
                )],
                _ => return Err(UNPLACED),
            };
            let when = self.counted_from(when)?;
            let (scope, placed) = if areas[at].is_empty() {
                let (scope, _) = self.scope();
                (
                    scope
                        .into_iter()
                        .filter(|(areas, _)| areas.len() == 1)
                        .collect(),
                    false,
                )
            } else {
                (vec![(areas[at].clone(), true)], true)
            };
            if scope.is_empty() {
                return Err(UNPLACED);
            }
            let predicate = self.said_of(*percent, &signs[at])?;
            for subject in &flows[at] {
                let key = (subject.clone(), scope.clone(), when.clone());
                if keys.contains(&key) {
                    return Err(UNPLACED);
                }
                keys.push(key);
                self.claims.push(Claim {
                    predicate: predicate.clone(),
                    subject: subject.clone(),
                    areas: scope.clone(),
                    when: when.clone(),
                    // One rate of two regions or flows may be that of both together.
                    certain: placed
                        && areas[at].len() == 1
                        && flows[at].len() == 1
                        && !(trailing && areas[at].len() == self.placed_areas.len())
                        && !clause.has(Term::Approximately),
                });
            }
        }
        Ok(())
    }

    fn said_of(&self, percent: Percent, signs: &[bool]) -> Result<Predicate, &'static str> {
        let Percent {
            value,
            signed,
            decimals,
        } = percent;
        if self.clause.has(Term::Share) {
            let moves = !self.clause.directions.is_empty();
            return if signed || moves {
                Err(UNPLACED)
            } else {
                Ok(Predicate::Share { value, decimals })
            };
        }
        let value = match signs {
            _ if signed => value,
            [true] => value,
            [false] => -value,
            _ => return Err(NO_DIRECTION),
        };
        Ok(Predicate::Rate {
            value,
            decimals,
            average: self.clause.has(Term::Average),
        })
    }
}
