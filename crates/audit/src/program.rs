//! A linear program in whole numbers, and the exact checks of what a solver says of it.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{FromPrimitive, Signed, ToPrimitive, Zero};

use crate::{
    equations::{Equation, solve},
    number::Number,
    simplex::{Limits, Simplex, SimplexRow},
};

/// A linear combination of true levels, with whole coefficients.
pub(crate) type Form = BTreeMap<usize, BigInt>;

/// Bounds of a linear combination; both are attained, unless `positive` says that zero is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) form: Form,
    pub(crate) lower: Option<BigInt>,
    pub(crate) upper: Option<BigInt>,
    /// Whether the form is greater than zero, and not zero itself.
    pub(crate) positive: bool,
    /// The figure that says so; `None` for what the description says.
    pub(crate) cell: Option<usize>,
}

impl Row {
    /// The row with everything multiplied by what makes it whole.
    pub(crate) fn new(
        form: BTreeMap<usize, BigRational>,
        lower: Option<BigRational>,
        upper: Option<BigRational>,
        cell: Option<usize>,
    ) -> Self {
        let denominator = form
            .values()
            .chain(&lower)
            .chain(&upper)
            .fold(BigInt::from(1), |all, value| all.lcm(value.denom()));
        let whole = |value: BigRational| (value * &denominator).to_integer();
        Self {
            form: form
                .into_iter()
                .filter(|(_, value)| !value.is_zero())
                .map(|(at, value)| (at, whole(value)))
                .collect(),
            lower: lower.map(whole),
            upper: upper.map(whole),
            positive: false,
            cell,
        }
    }

    /// Whether it holds for all levels, since none is negative.
    pub(crate) fn says_nothing(&self) -> bool {
        let lower = self.lower.as_ref().is_none_or(|lower| {
            !lower.is_positive() && self.form.values().all(|by| !by.is_negative())
        });
        let upper = self.upper.as_ref().is_none_or(|upper| {
            !upper.is_negative() && self.form.values().all(|by| !by.is_positive())
        });
        lower && upper && !self.positive
    }
}

/// Non-negative unknown levels and what is said of them.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    /// The unknown level that each column stands for.
    levels: Vec<usize>,
    column_of: BTreeMap<usize, usize>,
    pub(crate) rows: Vec<Row>,
}

/// What the bounds of some variables prove, together with their multipliers.
#[derive(Debug, Clone)]
pub(crate) struct Proof {
    /// No point has a greater value of the objective.
    pub(crate) bound: BigRational,
    /// How much less it is for each unit by which the forms that are greater than zero are so.
    pub(crate) per_positive: BigRational,
    /// The rows that the proof uses.
    pub(crate) rows: Vec<usize>,
}

/// That a combination of levels is no less than something, or greater.
pub(crate) struct Demand {
    pub(crate) form: BTreeMap<usize, BigRational>,
    pub(crate) least: BigRational,
    pub(crate) strictly: bool,
    /// The row that demands it; none where it is that no level is negative.
    pub(crate) row: Option<usize>,
}

/// Points are checked in this fraction of the unit, as a power of two.
const POINT_BITS: u32 = 40;

impl Program {
    pub(crate) fn new(rows: Vec<Row>) -> Self {
        let used: std::collections::BTreeSet<usize> = rows
            .iter()
            .flat_map(|row| row.form.keys().copied())
            .collect();
        let levels: Vec<usize> = used.into_iter().collect();
        let column_of = levels
            .iter()
            .enumerate()
            .map(|(at, &level)| (level, at))
            .collect();
        Self {
            levels,
            column_of,
            rows,
        }
    }

    /// The program for a solver. Every bound is drawn in by `margin` of the row's largest coefficient, and forms
    /// that are greater than zero are so by `positive`.
    pub(crate) fn simplex<N: Number>(&self, margin: &N, positive: &BigRational) -> Simplex<N> {
        let rows = self.rows.iter().map(|row| {
            let one = BigInt::from(1);
            let largest = row.form.values().map(|by| by.abs()).max();
            let largest = largest.filter(|by| !by.is_zero()).unwrap_or(one);
            let number = |value: &BigInt| N::ratio(value, &largest);
            let lower = if row.positive {
                Some(N::ratio(positive.numer(), &(positive.denom() * &largest)))
            } else {
                row.lower
                    .as_ref()
                    .map(|lower| number(lower).minus(&margin.negated()))
            };
            SimplexRow {
                form: row
                    .form
                    .iter()
                    .filter_map(|(level, by)| Some((*self.column_of.get(level)?, number(by))))
                    .collect(),
                limits: Limits {
                    lower,
                    upper: row.upper.as_ref().map(|upper| number(upper).minus(margin)),
                },
            }
        });
        Simplex::new(self.levels.len(), rows.collect())
    }

    /// A form by column; `None` where it has a level that nothing is said of.
    pub(crate) fn objective<N: Number>(
        &self,
        form: &BTreeMap<usize, BigRational>,
    ) -> Option<Vec<(usize, N)>> {
        form.iter()
            .map(|(level, by)| {
                let column = *self.column_of.get(level)?;
                Some((column, N::ratio(by.numer(), by.denom())))
            })
            .collect()
    }

    /// Whether a point, brought to the fraction of the unit at which it is checked, keeps every bound exactly.
    pub(crate) fn holds_near(&self, point: &[f64]) -> bool {
        let scale = 2f64.powi(POINT_BITS as i32);
        let whole: Option<Vec<BigInt>> = point
            .iter()
            .map(|value| BigInt::from_f64((value.max(0.0) * scale).round()))
            .collect();
        whole.is_some_and(|point| self.holds(&point, &(BigInt::from(1) << POINT_BITS)))
    }

    /// Whether a rational point keeps every bound exactly.
    pub(crate) fn holds_at(&self, point: &[BigRational]) -> bool {
        let scale = point
            .iter()
            .fold(BigInt::from(1), |all, value| all.lcm(value.denom()));
        let whole: Vec<BigInt> = point
            .iter()
            .map(|value| (value * &scale).to_integer())
            .collect();
        self.holds(&whole, &scale)
    }

    /// The point, by column, at which the variables of a basis sit at their bounds.
    pub(crate) fn corner(
        &self,
        basis: &[(usize, bool)],
        positive: &BigRational,
    ) -> Option<Vec<BigRational>> {
        let width = self.levels.len();
        let at_zero = |column: &usize| basis.iter().any(|(variable, _)| variable == column);
        let rows = basis.iter().filter(|(variable, _)| *variable >= width);
        let equations: Option<Vec<Equation>> = rows
            .map(|&(variable, at_upper)| {
                let row = self.rows.get(variable - width)?;
                let bound = if at_upper { &row.upper } else { &row.lower };
                let bound = bound.clone().map(BigRational::from_integer);
                let terms = row.form.iter().filter_map(|(level, by)| {
                    let column = *self.column_of.get(level)?;
                    (!at_zero(&column)).then(|| (column, BigRational::from_integer(by.clone())))
                });
                Some(Equation {
                    terms: terms.collect(),
                    right: if row.positive {
                        positive.clone()
                    } else {
                        bound?
                    },
                })
            })
            .collect();
        solve(equations?, width)
    }

    fn holds(&self, point: &[BigInt], scale: &BigInt) -> bool {
        !point.iter().any(Signed::is_negative)
            && self.rows.iter().all(|row| {
                let mut value = BigInt::zero();
                for (level, by) in &row.form {
                    match self.column_of.get(level).and_then(|&at| point.get(at)) {
                        Some(at) => value += by * at,
                        None => return false,
                    }
                }
                row.lower
                    .as_ref()
                    .is_none_or(|lower| value >= lower * scale)
                    && row
                        .upper
                        .as_ref()
                        .is_none_or(|upper| value <= upper * scale)
                    && (!row.positive || value.is_positive())
            })
    }

    /// Proves the greatest value of a combination of levels out of the bounds of the named variables (columns, then
    /// rows) alone: multipliers of them that add up to it. `None` where there are none with the right signs.
    pub(crate) fn prove(
        &self,
        objective: &BTreeMap<usize, BigRational>,
        variables: &[usize],
    ) -> Option<Proof> {
        let width = self.levels.len();
        let rows: Vec<usize> = variables
            .iter()
            .filter_map(|variable| variable.checked_sub(width))
            .collect();
        // A column among the variables makes up for whatever the rows leave of it, if with the right sign.
        let loose = |level: &usize| {
            self.column_of
                .get(level)
                .is_some_and(|column| variables.contains(column))
        };
        let mut equations: BTreeMap<usize, Equation> = BTreeMap::new();
        let touched = rows
            .iter()
            .filter_map(|&row| self.rows.get(row))
            .flat_map(|row| row.form.keys())
            .chain(objective.keys())
            .filter(|level| !loose(level));
        for &level in touched {
            equations.entry(level).or_insert_with(|| Equation {
                terms: rows
                    .iter()
                    .enumerate()
                    .filter_map(|(at, &row)| {
                        let by = self.rows.get(row)?.form.get(&level)?;
                        Some((at, BigRational::from_integer(by.clone())))
                    })
                    .collect(),
                right: objective.get(&level).cloned().unwrap_or_default(),
            });
        }
        let multipliers = solve(equations.into_values().collect(), rows.len())?;
        self.check(objective, &rows, &multipliers)
    }

    /// The bound that multipliers of rows prove: their sum exceeds the objective nowhere, for no level is negative.
    fn check(
        &self,
        objective: &BTreeMap<usize, BigRational>,
        rows: &[usize],
        multipliers: &[BigRational],
    ) -> Option<Proof> {
        let mut rest = objective.clone();
        let mut proof = Proof {
            bound: BigRational::zero(),
            per_positive: BigRational::zero(),
            rows: Vec::new(),
        };
        for (&at, by) in rows.iter().zip(multipliers).filter(|(_, by)| !by.is_zero()) {
            let row = self.rows.get(at)?;
            for (&level, coefficient) in &row.form {
                *rest.entry(level).or_insert_with(BigRational::zero) -= by * coefficient;
            }
            if by.is_positive() {
                proof.bound += by * row.upper.as_ref()?;
            } else if row.positive {
                proof.per_positive -= by;
            } else {
                proof.bound += by * row.lower.as_ref()?;
            }
            proof.rows.push(at);
        }
        (!rest.values().any(Signed::is_positive)).then_some(proof)
    }

    /// What a variable is asked for at its lower (or upper) bound.
    pub(crate) fn demand(&self, variable: usize, at_lower: bool) -> Option<Demand> {
        let Some(at) = variable.checked_sub(self.levels.len()) else {
            let level = *self.levels.get(variable)?;
            return at_lower.then(|| Demand {
                form: BTreeMap::from([(level, BigRational::from_integer(1.into()))]),
                least: BigRational::zero(),
                strictly: false,
                row: None,
            });
        };
        let row = self.rows.get(at)?;
        let sign = if at_lower { 1 } else { -1 };
        let whole = |value: &BigInt| BigRational::from_integer(value * sign);
        Some(Demand {
            form: row
                .form
                .iter()
                .map(|(&level, by)| (level, whole(by)))
                .collect(),
            least: match (at_lower, row.positive) {
                (true, true) => BigRational::zero(),
                (true, false) => whole(row.lower.as_ref()?),
                (false, _) => whole(row.upper.as_ref()?),
            },
            strictly: row.positive,
            row: Some(at),
        })
    }

    /// The value of a form at a point of a solver.
    pub(crate) fn value(&self, form: &Form, point: &[f64]) -> f64 {
        form.iter()
            .map(|(level, by)| {
                let at = self.column_of.get(level).and_then(|&at| point.get(at));
                at.copied().unwrap_or(0.0) * by.to_f64().unwrap_or(0.0)
            })
            .sum()
    }
}
