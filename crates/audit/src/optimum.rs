//! The greatest value that a combination of levels can have, proven, and the greatest ratio of two, nearly.

use std::{cell::OnceCell, collections::BTreeMap};

use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};

use crate::{
    cell::Ratio,
    program::{Form, Program},
    simplex::{Optimum, Search, Simplex},
};

/// A program that has a point, ready to be asked for greatest values.
pub(crate) struct Optimiser {
    program: Program,
    /// At a point; `None` where floats find none, as when only a single point is left.
    quick: Option<Simplex<f64>>,
    exact: OnceCell<Simplex<BigRational>>,
}

/// How far the proven bound may be from the value that floats find, in half units of the last place, to be taken as
/// the tightest.
const AGREEMENT: f64 = 1e-2;
const DRAWN_OUT: f64 = 1e-5;

impl Optimiser {
    /// Of a program that is known to have a point.
    pub(crate) fn of(program: Program) -> Self {
        // Where only a face or a corner is left, floats find a point when the bounds are drawn out a little.
        let quick = [0.0, -DRAWN_OUT].into_iter().find_map(|margin| {
            let mut quick = program.simplex::<f64>(&margin, &BigRational::zero());
            matches!(quick.search(), Search::Point).then_some(quick)
        });
        Self {
            program,
            quick,
            exact: OnceCell::new(),
        }
    }

    /// The greatest value of a combination of levels: no point of the program has a greater one, by exact
    /// multipliers of its bounds. `None` where it has no bound.
    pub(crate) fn greatest(&self, form: &BTreeMap<usize, BigRational>) -> Option<BigRational> {
        match self.propose(form)? {
            Proposal::Proven { bound, near }
                if bound
                    .to_f64()
                    .is_some_and(|bound| (bound - near).abs() < AGREEMENT) =>
            {
                return Some(bound);
            }
            Proposal::Unbounded => return None,
            _ => {}
        }
        let mut exact = self.exact().clone();
        match exact.maximise(&self.program.objective(form)?) {
            Optimum::At { against, .. } => Some(self.program.prove(form, &against)?.bound),
            _ => None,
        }
    }

    fn propose(&self, form: &BTreeMap<usize, BigRational>) -> Option<Proposal> {
        let objective = self.program.objective::<f64>(form)?;
        let Some(mut quick) = self.quick.clone() else {
            return Some(Proposal::Nothing);
        };
        Some(match quick.maximise(&objective) {
            Optimum::At { value, against } => match self.program.prove(form, &against) {
                Some(proof) => Proposal::Proven {
                    bound: proof.bound,
                    near: value,
                },
                None => Proposal::Nothing,
            },
            Optimum::Unbounded => Proposal::Unbounded,
            Optimum::Stuck => Proposal::Nothing,
        })
    }

    fn exact(&self) -> &Simplex<BigRational> {
        self.exact.get_or_init(|| {
            let nothing = BigRational::zero();
            let mut exact = self.program.simplex::<BigRational>(&nothing, &nothing);
            if let Some(quick) = &self.quick {
                exact.adopt(&quick.basis());
            }
            exact.search();
            exact
        })
    }

    /// The greatest (or least) value of a form, nearly.
    pub(crate) fn near(&self, form: &Form, greatest: bool) -> Option<f64> {
        let sign = if greatest { 1 } else { -1 };
        let form = form
            .iter()
            .map(|(&at, by)| (at, BigRational::from_integer(by * sign)));
        let objective = self.program.objective::<f64>(&form.collect())?;
        match self.quick.clone()?.maximise(&objective) {
            Optimum::At { value, .. } => Some(value * f64::from(sign)),
            _ => None,
        }
    }

    /// The greatest (or least) percentage that a part can be of its base, or grow by from it, nearly.
    ///
    /// By the method of W. Dinkelbach, "On Nonlinear Fractional Programming" (Management Science 13, 1967): the
    /// ratio at a point where part − ratio · base is greatest is a better one, until it is zero there.
    pub(crate) fn near_percent(
        &self,
        part: &Form,
        base: &Form,
        ratio: Ratio,
        greatest: bool,
    ) -> Option<f64> {
        let sign = if greatest { 1.0 } else { -1.0 };
        let part_of = self.program.objective::<f64>(&rational(part))?;
        let base_of = self.program.objective::<f64>(&rational(base))?;
        let mut at = self.quick.clone()?;
        let mut found: Option<f64> = None;
        for _ in 0..40 {
            let under = self.program.value(base, at.point());
            if under <= 0.0 {
                return None;
            }
            let now = self.program.value(part, at.point()) / under;
            if found.is_some_and(|before| (now - before) * sign <= 1e-13 * before.abs()) {
                break;
            }
            found = Some(now);
            let objective: Vec<(usize, f64)> = part_of
                .iter()
                .map(|&(column, by)| (column, sign * by))
                .chain(
                    base_of
                        .iter()
                        .map(|&(column, by)| (column, -sign * now * by)),
                )
                .collect();
            match at.maximise(&objective) {
                Optimum::At { .. } => {}
                Optimum::Unbounded | Optimum::Stuck => return None,
            }
        }
        found.map(|factor| ratio.percent(factor))
    }

    /// Whether a proof is at hand that a combination of levels is nowhere greater than zero.
    pub(crate) fn never_positive(&self, form: &BTreeMap<usize, BigRational>) -> bool {
        matches!(self.propose(form), Some(Proposal::Proven { bound, .. }) if !bound.is_positive())
    }
}

/// What floats say of a greatest value.
enum Proposal {
    /// No point has more than `bound`; floats found `near`.
    Proven {
        bound: BigRational,
        near: f64,
    },
    Unbounded,
    Nothing,
}

fn rational(form: &Form) -> BTreeMap<usize, BigRational> {
    form.iter()
        .map(|(&at, by)| (at, BigRational::from_integer(by.clone())))
        .collect()
}
