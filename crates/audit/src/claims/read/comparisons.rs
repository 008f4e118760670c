//! Comparisons between regions, years and flows.

use super::{Claim, NO_DIRECTION, NO_SUBJECT, Predicate, Reader, UNPLACED, yearly};
use crate::claims::{
    clause::Than,
    context::{Candidate, Subject},
    lexicon::Term,
};

impl Reader<'_> {
    pub(super) fn comparisons(
        &mut self,
        subjects: &[Vec<Candidate<Subject>>],
    ) -> Result<(), &'static str> {
        let clause = self.clause;
        if !clause.compares() {
            return Ok(());
        }
        let rise = self.rise.ok_or(NO_DIRECTION)?;
        let first = subjects.first().ok_or(NO_SUBJECT)?;
        let kinds = [
            clause.has(Term::Stronger) || clause.has(Term::Weaker),
            clause.has(Term::Strongest) || clause.has(Term::Weakest),
            clause.has(Term::Only),
            clause.has(Term::Intensify) || clause.has(Term::Ease),
            clause.has(Term::Notable),
        ];
        let both = |one, other| clause.has(one) && clause.has(other);
        if kinds.iter().filter(|kind| **kind).count() != 1
            || both(Term::Stronger, Term::Weaker)
            || both(Term::Strongest, Term::Weakest)
            || both(Term::Intensify, Term::Ease)
            || clause.years.len() > 1
            || clause.since.is_some()
            || subjects.len() > 1
                && clause.than.flows.is_empty()
                && !clause.flows.is_empty()
                && !kinds[0]
        {
            return Err("it compares in more than one way");
        }
        let one_region = match &self.areas[..] {
            [area] => Some(area.clone()),
            _ => None,
        };
        let predicates = if kinds[0] || kinds[4] {
            let stronger = clause.has(Term::Stronger) || kinds[4];
            vec![self.stronger(&clause.than, rise, stronger)?]
        } else if kinds[1] {
            vec![self.ranked(rise)?]
        } else if kinds[2] {
            one_region.ok_or(UNPLACED)?;
            vec![Predicate::Only { rise }]
        } else {
            let than = self.earlier_year()?;
            vec![Predicate::StrongerYear {
                than,
                rise,
                stronger: clause.has(Term::Intensify),
            }]
        };
        // "In X the rise was stronger (in 2023)" may compare with what was before, "the strongest of 2019-2024" with other
        // years; "the rise was stronger in X" compares with the other regions.
        let comparative = clause
            .terms
            .iter()
            .find(|(_, term)| matches!(term, Term::Stronger | Term::Weaker));
        let plain = comparative.is_none_or(|(comparative, _)| {
            clause.has(Term::Than)
                || clause.years.is_empty()
                    && self.placed_areas.iter().all(|(at, _)| at > comparative)
        }) && (clause.span.is_none() || clause.has(Term::Average) || kinds[0]);
        for predicate in predicates {
            let (areas, placed) = match &predicate {
                Predicate::StrongerIn { .. } | Predicate::Only { .. } => {
                    (vec![(self.areas.clone(), true)], true)
                }
                Predicate::Ranked { tiers, .. } => (
                    vec![(tiers.first().cloned().unwrap_or_default(), true)],
                    true,
                ),
                Predicate::Weakest { .. } => (vec![(self.areas.clone(), true)], true),
                _ => self.scope(),
            };
            let when = match predicate {
                Predicate::StrongerYear { .. } => self.each_year(),
                _ => self.counted_from(self.when.clone())?,
            };
            let claimed: &[_] = if subjects.len() > 1 {
                subjects
            } else {
                std::slice::from_ref(first)
            };
            for subject in claimed {
                self.claims.push(Claim {
                    predicate: predicate.clone(),
                    subject: subject.clone(),
                    areas: areas.clone(),
                    when: when.clone(),
                    certain: placed && plain && !kinds[4],
                });
            }
        }
        Ok(())
    }

    fn stronger(&self, than: &Than, rise: bool, stronger: bool) -> Result<Predicate, &'static str> {
        let Than {
            areas,
            years,
            flows,
            others,
        } = than;
        match (&areas[..], &years[..], &flows[..]) {
            ([], [], [other]) if !others => {
                let than = self.paragraph.resolved(*other, self.clause);
                Ok(Predicate::StrongerFlow {
                    than,
                    rise,
                    stronger,
                })
            }
            ([], [year], []) if !others => Ok(Predicate::StrongerYear {
                than: *year,
                rise,
                stronger,
            }),
            (areas, [], []) => {
                if areas.is_empty()
                    && !others
                    && (self.clause.base.is_some() || self.clause.previous)
                {
                    return Ok(Predicate::StrongerYear {
                        than: self.earlier_year()?,
                        rise,
                        stronger,
                    });
                }
                let rest = self
                    .catalogue
                    .regions
                    .iter()
                    .filter(|region| !self.areas.contains(region));
                let than = if areas.is_empty() {
                    rest.cloned().collect()
                } else {
                    areas.to_vec()
                };
                let comparable =
                    !self.areas.is_empty() && !than.is_empty() && !self.clause.has(Term::Than)
                        || !self.areas.is_empty() && (!areas.is_empty() || *others);
                if comparable {
                    Ok(Predicate::StrongerIn {
                        than,
                        rise,
                        stronger,
                    })
                } else {
                    Err(UNPLACED)
                }
            }
            _ => Err(UNPLACED),
        }
    }

    pub(super) fn earlier_year(&self) -> Result<u16, &'static str> {
        let to = self
            .when
            .first()
            .filter(|(when, _)| yearly(*when))
            .ok_or(UNPLACED)?
            .0
            .to;
        Ok(self.clause.base.unwrap_or(to.saturating_sub(1)))
    }

    fn ranked(&self, rise: bool) -> Result<Predicate, &'static str> {
        let followers: Vec<usize> = self
            .clause
            .terms
            .iter()
            .filter(|(_, term)| *term == Term::FollowedBy)
            .map(|(at, _)| *at)
            .collect();
        let mut tiers = vec![vec![]; followers.len() + 1];
        for (at, area) in &self.placed_areas {
            tiers[followers.iter().filter(|follower| *follower < at).count()].push(area.clone());
        }
        if self.placed_areas.is_empty() {
            tiers[0].clone_from(&self.areas);
        }
        if tiers.iter().any(Vec::is_empty) || tiers[0].len() != 1 {
            return Err(UNPLACED);
        }
        match (self.clause.has(Term::Weakest), tiers.len()) {
            (false, _) => Ok(Predicate::Ranked { tiers, rise }),
            (true, 1) => Ok(Predicate::Weakest { rise }),
            (true, _) => Err(UNPLACED),
        }
    }
}
