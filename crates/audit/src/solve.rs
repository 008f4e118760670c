//! Whether a set of figures can be right: floats propose a point or a contradiction, rationals confirm it.

use std::collections::BTreeSet;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};

use crate::{program::Program, simplex::Search};

/// Whether some true levels agree with a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Some do: a point was found and checked in exact arithmetic.
    Possible,
    /// None do: the bounds of these figures, multiplied and added up in exact arithmetic, contradict each other.
    Contradiction(BTreeSet<usize>),
}

impl Decision {
    pub(crate) fn is_possible(&self) -> bool {
        *self == Self::Possible
    }
}

/// By how much the bounds are drawn in for floats, so that the point that they find is inside: in half units of the
/// last place, which all intervals of levels are two of.
const MARGIN: f64 = 1e-4;

/// What a contradiction says of the amount by which bases are greater than zero.
enum Verdict {
    /// There is none that is small enough.
    Always(BTreeSet<usize>),
    /// There is none as large as was tried; a smaller one must be.
    Below(BigRational),
}

/// Decides whether some true levels agree with all rows.
pub(crate) fn decide(program: &Program) -> Decision {
    match propose(program) {
        Ok(decision) => decision,
        Err(Unconfirmed {
            mut positive,
            basis,
        }) => loop {
            match decide_exactly(program, &positive, &basis) {
                Ok(decision) => return decision,
                Err(less) => positive = less,
            }
        },
    }
}

/// Decides it if what floats propose is confirmed.
pub(crate) fn decide_quickly(program: &Program) -> Option<Decision> {
    propose(program).ok()
}

/// Where floats came to when nothing that they proposed was confirmed.
struct Unconfirmed {
    positive: BigRational,
    basis: Vec<(usize, bool)>,
}

fn propose(program: &Program) -> Result<Decision, Unconfirmed> {
    // Bases are greater than zero by any amount, however small. It is tried with this, and less as proofs demand;
    // each excludes one of finitely many ways to contradict.
    let mut positive = BigRational::from_integer(BigInt::from(1000));
    'smaller: loop {
        let mut basis = Vec::new();
        for margin in [MARGIN, 0.0] {
            let mut quick = program.simplex::<f64>(&margin, &positive);
            let search = quick.search();
            basis = quick.basis();
            match search {
                Search::Point => {
                    // Where only a face or a corner is left, floats are beside it, and the corner itself must do.
                    let at_corner = || program.corner(&basis, &positive);
                    if program.holds_near(quick.point())
                        || (margin == 0.0 && at_corner().is_some_and(|at| program.holds_at(&at)))
                    {
                        return Ok(Decision::Possible);
                    }
                }
                Search::Conflict {
                    variable,
                    below,
                    against,
                } => match confirm(program, variable, below, &against) {
                    Some(Verdict::Always(cells)) => return Ok(Decision::Contradiction(cells)),
                    Some(Verdict::Below(less)) if less < positive => {
                        positive = less;
                        continue 'smaller;
                    }
                    _ => {}
                },
                Search::Stuck => {}
            }
        }
        return Err(Unconfirmed { positive, basis });
    }
}

fn decide_exactly(
    program: &Program,
    positive: &BigRational,
    basis: &[(usize, bool)],
) -> Result<Decision, BigRational> {
    let mut exact = program.simplex::<BigRational>(&BigRational::zero(), positive);
    exact.adopt(basis);
    match exact.search() {
        Search::Conflict {
            variable,
            below,
            against,
        } => match confirm(program, variable, below, &against) {
            Some(Verdict::Always(cells)) => Ok(Decision::Contradiction(cells)),
            Some(Verdict::Below(less)) => Err(less),
            None => unreachable!("the multipliers of an exact conflict are exact"),
        },
        _ => {
            assert!(
                program.holds_at(exact.point()),
                "a point in rationals keeps every bound"
            );
            Ok(Decision::Possible)
        }
    }
}

/// Checks that the bounds of `against` keep a variable from its own bound.
fn confirm(program: &Program, variable: usize, below: bool, against: &[usize]) -> Option<Verdict> {
    let demand = program.demand(variable, below)?;
    let proof = program.prove(&demand.form, against)?;
    let gap = proof.bound - demand.least;
    let mut strictness = proof.per_positive;
    if demand.strictly {
        strictness += BigInt::from(1);
    }
    let cells = || {
        let rows = proof.rows.iter().chain(&demand.row);
        rows.filter_map(|&row| program.rows.get(row)?.cell)
            .collect()
    };
    if gap.is_negative() || (gap.is_zero() && strictness.is_positive()) {
        Some(Verdict::Always(cells()))
    } else if strictness.is_positive() {
        Some(Verdict::Below(gap / (strictness * BigInt::from(2))))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use regtrade_model::{Code, Dataflow, Indicator, Origin, PrintedCell, TableDescription};

    use super::*;
    use crate::system::System;

    fn cell(item: &str, indicator: Indicator, period: &str, tenths: i64) -> PrintedCell {
        PrintedCell {
            item: item.parse().unwrap(),
            area: "BE1".parse::<Code>().unwrap(),
            indicator,
            period: period.parse().unwrap(),
            value: Some(regtrade_model::Decimal::new(tenths, 1)),
            decimals: 1,
            unit_mult: 6 * i32::from(matches!(indicator, Indicator::Level | Indicator::Net)),
            origin: Origin { line: 1, column: 1 },
        }
    }

    #[test]
    fn the_way_without_floats_decides_alike() {
        let description = TableDescription::shipped(Dataflow::Regtrd);
        let mut possible = 0;
        for total in 10..22 {
            for growth in [-4, 0, 3, 9] {
                let cells = [
                    cell("P6", Indicator::Level, "2030", total),
                    cell("P61", Indicator::Level, "2030", 8),
                    cell("P62", Indicator::Level, "2030", 7),
                    cell("P6", Indicator::Growth, "2030", growth * 10),
                    cell("P61", Indicator::Growth, "2030", 4),
                    cell("P62", Indicator::Growth, "2030", -3),
                    cell("P61", Indicator::ShareOfTotal, "2030", 533),
                ];
                let system = System::of(&cells, &description);
                let program = system.program(&system.decided());
                let some = BigRational::from_integer(1.into());
                let exactly = decide_exactly(&program, &some, &[]).unwrap();
                assert_eq!(
                    exactly.is_possible(),
                    decide(&program).is_possible(),
                    "{total} {growth}"
                );
                possible += u32::from(exactly.is_possible());
            }
        }
        assert!(possible > 0, "some of these tables are possible");
    }
}
