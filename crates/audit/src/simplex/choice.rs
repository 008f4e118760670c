//! Which variables the simplex method exchanges: the largest effect at first, by Bland's rule after many steps.

use super::Simplex;
use crate::number::Number;

impl<N: Number> Simplex<N> {
    /// The basic variable that misses a bound by the most (by Bland's rule: the first), and whether from below.
    pub(super) fn most_violated(&self, by_rule: bool) -> Option<(usize, bool)> {
        let mut worst: Option<(usize, bool, N)> = None;
        for (row, &variable) in self.basic.iter().enumerate() {
            let (value, limits) = (&self.values[variable], &self.limits[variable]);
            let found = match (&limits.lower, &limits.upper) {
                (Some(lower), _) if value.is_below(lower) => (true, lower.minus(value)),
                (_, Some(upper)) if upper.is_below(value) => (false, value.minus(upper)),
                _ => continue,
            };
            let better = worst.as_ref().is_none_or(|(at, _, by)| {
                if by_rule {
                    variable < self.basic[*at]
                } else {
                    found.1 > *by
                }
            });
            if better {
                worst = Some((row, found.0, found.1));
            }
        }
        worst.map(|(row, below, _)| (row, below))
    }

    pub(super) fn can_move(&self, variable: usize, up: bool) -> bool {
        let (value, limits) = (&self.values[variable], &self.limits[variable]);
        if up {
            limits.upper.as_ref().is_none_or(|upper| value < upper)
        } else {
            limits.lower.as_ref().is_none_or(|lower| value > lower)
        }
    }

    /// A column that can move the variable of a row up (or down): the one with the largest effect, or the first.
    pub(super) fn helper(&self, row: usize, up: bool, by_rule: bool) -> Option<usize> {
        let mut best: Option<usize> = None;
        for column in 0..self.columns {
            let entry = self.entry(row, column);
            if entry.is_negligible()
                || !self.can_move(self.nonbasic[column], entry.is_above_zero() == up)
            {
                continue;
            }
            let better = best.is_none_or(|at| {
                if by_rule {
                    self.nonbasic[column] < self.nonbasic[at]
                } else {
                    entry.magnitude() > self.entry(row, at).magnitude()
                }
            });
            if better {
                best = Some(column);
            }
        }
        best
    }

    pub(super) fn improving(&self, row: usize, by_rule: bool) -> Option<(usize, bool)> {
        self.helper(row, true, by_rule)
            .map(|column| (column, self.entry(row, column).is_above_zero()))
    }

    /// What stops a column that moves up (or down) first.
    pub(super) fn blocking(
        &self,
        objective: usize,
        column: usize,
        up: bool,
        by_rule: bool,
    ) -> Option<Block<N>> {
        let moving = self.nonbasic[column];
        let limits = &self.limits[moving];
        let mut nearest: Option<(N, Block<N>, usize)> = match (&limits.lower, &limits.upper) {
            (Some(lower), Some(upper)) => {
                let room = upper.minus(lower);
                let step = if up { room.clone() } else { room.negated() };
                Some((room, Block::Own(step), moving))
            }
            _ => None,
        };
        for (row, &variable) in self.basic.iter().enumerate() {
            let entry = self.entry(row, column);
            if row == objective || entry.is_negligible() {
                continue;
            }
            let rises = entry.is_above_zero() == up;
            let limits = &self.limits[variable];
            let bound = if rises { &limits.upper } else { &limits.lower };
            let Some(bound) = bound else { continue };
            let value = &self.values[variable];
            let room = if rises {
                bound.minus(value)
            } else {
                value.minus(bound)
            };
            // A float may lie a little outside its bound; it does not move further.
            let room = if room < N::nil() { N::nil() } else { room };
            let distance = room.over(&entry.magnitude());
            let nearer = nearest.as_ref().is_none_or(|(by, block, first)| {
                distance < *by
                    || (distance == *by
                        && match block {
                            _ if by_rule || N::EXACT => variable < *first,
                            Block::Own(_) => false,
                            Block::Row(at, _) => {
                                entry.magnitude() > self.entry(*at, column).magnitude()
                            }
                        })
            });
            if nearer {
                nearest = Some((distance, Block::Row(row, bound.clone()), variable));
            }
        }
        nearest.map(|(_, block, _)| block)
    }
}

/// What stops a column that moves.
pub(super) enum Block<N> {
    /// Its own other bound, after this step.
    Own(N),
    /// The variable of a row reaches this bound.
    Row(usize, N),
}
