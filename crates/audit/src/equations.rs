//! Exact solution of sparse linear equations.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::Zero;

/// One equation: the coefficients by unknown, and what they add up to.
#[derive(Debug, Clone)]
pub(crate) struct Equation {
    pub(crate) terms: BTreeMap<usize, BigRational>,
    pub(crate) right: BigRational,
}

/// A solution, by unknown, with zero for what the equations leave open; `None` where they exclude each other.
pub(crate) fn solve(mut equations: Vec<Equation>, unknowns: usize) -> Option<Vec<BigRational>> {
    let mut solved: Vec<(usize, Equation)> = Vec::new();
    // The shortest equation first, so that few terms are filled in.
    while let Some(at) = (0..equations.len()).min_by_key(|&at| equations[at].terms.len()) {
        let equation = equations.swap_remove(at);
        let rarest = equation
            .terms
            .keys()
            .min_by_key(|unknown| {
                equations
                    .iter()
                    .filter(|other| other.terms.contains_key(unknown))
                    .count()
            })
            .copied();
        let Some(unknown) = rarest else {
            if equation.right.is_zero() {
                continue;
            }
            return None;
        };
        let pivot = &equation.terms[&unknown];
        for other in &mut equations {
            if let Some(coefficient) = other.terms.remove(&unknown) {
                let factor = coefficient / pivot;
                for (&at, term) in equation.terms.iter().filter(|&(&at, _)| at != unknown) {
                    let entry = other.terms.entry(at).or_insert_with(BigRational::zero);
                    *entry -= term * &factor;
                    if entry.is_zero() {
                        other.terms.remove(&at);
                    }
                }
                other.right -= &equation.right * &factor;
            }
        }
        solved.push((unknown, equation));
    }
    let mut solution = vec![BigRational::zero(); unknowns];
    for (unknown, Equation { terms, mut right }) in solved.into_iter().rev() {
        for (&at, term) in terms.iter().filter(|&(&at, _)| at != unknown) {
            right -= term * &solution[at];
        }
        solution[unknown] = right / &terms[&unknown];
    }
    Some(solution)
}

#[cfg(test)]
mod tests {
    use num_bigint::BigInt;

    use super::*;

    fn equation(terms: &[(usize, i64)], right: i64) -> Equation {
        let number = |value: i64| BigRational::from_integer(BigInt::from(value));
        Equation {
            terms: terms.iter().map(|&(at, by)| (at, number(by))).collect(),
            right: number(right),
        }
    }

    #[test]
    fn equations_are_solved_exactly() {
        let found = solve(
            vec![
                equation(&[(0, 3), (1, 1)], 1),
                equation(&[(0, 1), (1, -1), (2, 7)], 0),
                equation(&[(1, 2), (2, 1)], 5),
            ],
            3,
        )
        .unwrap();
        let third = |at: usize| found[at].clone();
        let three = BigRational::from_integer(BigInt::from(3));
        assert_eq!(
            third(0) * &three + third(1),
            BigRational::from_integer(1.into())
        );
        assert!((third(0) - third(1) + third(2) * BigInt::from(7)).is_zero());
    }

    #[test]
    fn equations_that_exclude_each_other_have_no_solution() {
        let one = equation(&[(0, 1), (1, 1)], 1);
        let two = equation(&[(0, 2), (1, 2)], 3);
        assert!(solve(vec![one.clone(), two], 2).is_none());
        let open = solve(vec![one], 2).unwrap();
        assert!((open[0].clone() + &open[1] - BigRational::from_integer(1.into())).is_zero());
    }
}
