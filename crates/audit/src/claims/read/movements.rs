//! Rises, falls and slowdowns without a figure.

use super::{Claim, NO_SUBJECT, Predicate, Reader, UNPLACED, yearly};
use crate::claims::{
    clause::{At, distributed},
    context::{Candidate, Subject, When},
    lexicon::Term,
};

impl Reader<'_> {
    pub(super) fn signs(
        &mut self,
        subjects: &[Vec<Candidate<Subject>>],
    ) -> Result<(), &'static str> {
        let clause = self.clause;
        if subjects.is_empty() {
            return Err(NO_SUBJECT);
        }
        if clause.years.len() > 1 {
            return Err(UNPLACED);
        }
        let when = self.counted_from(self.when.clone())?;
        let continued = clause.has(Term::Continue) || clause.has(Term::ContinueBreak);
        if let Some(rise) = clause.direction() {
            let (areas, placed) = self.scope();
            for subject in subjects {
                self.claims.push(Claim {
                    predicate: Predicate::Sign { rise, continued },
                    subject: subject.clone(),
                    areas: areas.clone(),
                    when: when.clone(),
                    certain: placed && (clause.flows.len() == 1 || self.placed_areas.is_empty()),
                });
            }
            return Ok(());
        }
        let anchors: Vec<usize> = clause.directions.iter().map(|(at, _)| *at).collect();
        let placed: Vec<At<Vec<Candidate<Subject>>>> = clause
            .flows
            .iter()
            .map(|(at, _)| *at)
            .zip(subjects.iter().cloned())
            .collect();
        let flows = distributed(&placed, &anchors)
            .filter(|_| placed.len() == anchors.len())
            .ok_or(UNPLACED)?;
        let areas = match self.placed_areas[..] {
            [] => None,
            _ => Some(distributed(&self.placed_areas, &anchors).ok_or(UNPLACED)?),
        };
        for (at, (_, rise)) in clause.directions.iter().enumerate() {
            let (scope, scoped) = match &areas {
                Some(areas) => (
                    vec![(areas[at].clone(), true)],
                    self.placed_areas.len() >= anchors.len(),
                ),
                None => self.scope(),
            };
            for subject in &flows[at] {
                self.claims.push(Claim {
                    predicate: Predicate::Sign {
                        rise: *rise,
                        continued,
                    },
                    subject: subject.clone(),
                    areas: scope.clone(),
                    when: when.clone(),
                    certain: scoped,
                });
            }
        }
        Ok(())
    }

    pub(super) fn slowed(
        &mut self,
        subjects: &[Vec<Candidate<Subject>>],
    ) -> Result<(), &'static str> {
        if subjects.is_empty() {
            return Err(NO_SUBJECT);
        }
        let predicate = match self.clause.direction() {
            Some(_) => Predicate::StrongerYear {
                than: self.earlier_year()?,
                rise: true,
                stronger: false,
            },
            None => {
                self.earlier_year()?;
                Predicate::Slowed
            }
        };
        let (areas, placed) = self.scope();
        for subject in subjects {
            self.claims.push(Claim {
                predicate: predicate.clone(),
                subject: subject.clone(),
                areas: areas.clone(),
                when: self.each_year(),
                certain: placed,
            });
        }
        Ok(())
    }

    /// The years of the clause without the spans that it could mean as well.
    pub(super) fn each_year(&self) -> Vec<Candidate<When>> {
        self.when
            .iter()
            .copied()
            .filter(|(when, _)| yearly(*when))
            .collect()
    }
}
