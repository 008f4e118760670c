//! The simplex method with bounds on every variable, for floats and for rationals alike.
//!
//! The variables are the columns of a linear program, which are at least zero, and one for each of its rows. A
//! variable is either basic, and then a linear combination of the others, or sits at one of its bounds. Looking for
//! a point that keeps all bounds follows B. Dutertre and L. de Moura, "A Fast Linear-Arithmetic Solver for DPLL(T)"
//! (CAV 2006): the row that cannot be kept names the bounds that exclude each other. After many steps variables are
//! chosen by Bland's rule, so that in rationals it ends.

mod choice;

use crate::number::Number;
use choice::Block;

/// The lower and upper bound of a variable, where it has them.
#[derive(Debug, Clone)]
pub(crate) struct Limits<N> {
    pub(crate) lower: Option<N>,
    pub(crate) upper: Option<N>,
}

/// A row of the program: the combination of columns, and its bounds.
pub(crate) struct SimplexRow<N> {
    pub(crate) form: Vec<(usize, N)>,
    pub(crate) limits: Limits<N>,
}

/// How the search for a point that keeps all bounds ended.
pub(crate) enum Search {
    /// At a point.
    Point,
    /// At a variable that cannot keep a bound while the others keep theirs.
    Conflict {
        /// The variable.
        variable: usize,
        /// Whether it cannot reach its lower bound; otherwise its upper bound is passed.
        below: bool,
        /// The variables whose bounds keep it from there.
        against: Vec<usize>,
    },
    /// Nowhere within the limit of steps.
    Stuck,
}

/// How maximising ended.
pub(crate) enum Optimum<N> {
    /// The greatest value, and the variables whose bounds keep it from being greater.
    At {
        value: N,
        against: Vec<usize>,
    },
    Unbounded,
    Stuck,
}

/// A program in the form of a dictionary: each basic variable as a combination of those that sit at a bound.
#[derive(Clone)]
pub(crate) struct Simplex<N> {
    columns: usize,
    table: Vec<N>,
    basic: Vec<usize>,
    nonbasic: Vec<usize>,
    limits: Vec<Limits<N>>,
    values: Vec<N>,
}

impl<N: Number> Simplex<N> {
    /// A program over `columns` columns; every column starts at zero, its lower bound.
    pub(crate) fn new(columns: usize, rows: Vec<SimplexRow<N>>) -> Self {
        let mut table = vec![N::nil(); columns * rows.len()];
        let at_least_zero = Limits {
            lower: Some(N::nil()),
            upper: None,
        };
        let mut limits = vec![at_least_zero; columns];
        let count = rows.len();
        for (at, row) in rows.into_iter().enumerate() {
            for (column, coefficient) in row.form {
                table[at * columns + column] = coefficient;
            }
            limits.push(row.limits);
        }
        Self {
            columns,
            table,
            basic: (columns..columns + count).collect(),
            nonbasic: (0..columns).collect(),
            values: vec![N::nil(); limits.len()],
            limits,
        }
    }

    /// The value of each column at the present point.
    pub(crate) fn point(&self) -> &[N] {
        &self.values[..self.columns]
    }

    /// Which variables sit at a bound, and whether at the upper one.
    pub(crate) fn basis(&self) -> Vec<(usize, bool)> {
        let at_upper = |&variable: &usize| {
            let (value, limits) = (&self.values[variable], &self.limits[variable]);
            let distance = |bound: &N| bound.minus(value).magnitude();
            match (&limits.lower, &limits.upper) {
                (Some(lower), Some(upper)) => distance(upper) < distance(lower),
                (_, upper) => upper.is_some(),
            }
        };
        self.nonbasic
            .iter()
            .map(|variable| (*variable, at_upper(variable)))
            .collect()
    }

    /// Goes to the basis of another run of the same program.
    pub(crate) fn adopt(&mut self, basis: &[(usize, bool)]) {
        for &(variable, at_upper) in basis {
            let limits = &self.limits[variable];
            let bound = if at_upper {
                limits.upper.clone().or_else(|| limits.lower.clone())
            } else {
                limits.lower.clone().or_else(|| limits.upper.clone())
            };
            let Some(bound) = bound else { continue };
            if let Some(row) = self.basic.iter().position(|&basic| basic == variable) {
                let stays = |other: usize| basis.iter().any(|&(kept, _)| kept == other);
                let column = (0..self.columns).find(|&column| {
                    !self.entry(row, column).is_negligible() && !stays(self.nonbasic[column])
                });
                if let Some(column) = column {
                    self.move_to(row, column, bound);
                }
            } else if let Some(column) = self.nonbasic.iter().position(|&at| at == variable) {
                let step = bound.minus(&self.values[variable]);
                self.shift(column, &step);
            }
        }
    }

    /// Looks for a point that keeps all bounds.
    pub(crate) fn search(&mut self) -> Search {
        let patience = 4 * (self.basic.len() + self.columns);
        let mut step = 0;
        loop {
            step += 1;
            if !N::EXACT && step > 4 * patience {
                return Search::Stuck;
            }
            let by_rule = step > patience || (N::EXACT && step > 200);
            let Some((row, below)) = self.most_violated(by_rule) else {
                return Search::Point;
            };
            let variable = self.basic[row];
            let bound = if below {
                self.limits[variable].lower.clone()
            } else {
                self.limits[variable].upper.clone()
            };
            let (Some(column), Some(bound)) = (self.helper(row, below, by_rule), bound) else {
                let against = self.supporting(row);
                return Search::Conflict {
                    variable,
                    below,
                    against,
                };
            };
            self.move_to(row, column, bound);
        }
    }

    /// Maximises a combination of columns from a point that keeps all bounds.
    pub(crate) fn maximise(&mut self, objective: &[(usize, N)]) -> Optimum<N> {
        let row = self.append(objective);
        let outcome = self.climb(row);
        self.basic.pop();
        self.limits.pop();
        self.values.pop();
        self.table.truncate(self.basic.len() * self.columns);
        outcome
    }

    fn climb(&mut self, row: usize) -> Optimum<N> {
        let patience = 4 * (self.basic.len() + self.columns);
        let mut step = 0;
        loop {
            step += 1;
            if !N::EXACT && step > 4 * patience {
                return Optimum::Stuck;
            }
            let by_rule = step > patience;
            let Some((column, up)) = self.improving(row, by_rule) else {
                let against = self.supporting(row);
                let value = self.values[self.basic[row]].clone();
                return Optimum::At { value, against };
            };
            match self.blocking(row, column, up, by_rule) {
                None => return Optimum::Unbounded,
                Some(Block::Own(step)) => self.shift(column, &step),
                Some(Block::Row(at, bound)) => self.move_to(at, column, bound),
            }
        }
    }

    /// The variables at a bound that a row is made of, those included whose share may be an error of floats.
    fn supporting(&self, row: usize) -> Vec<usize> {
        (0..self.columns)
            .filter(|&column| *self.entry(row, column) != N::nil())
            .map(|column| self.nonbasic[column])
            .collect()
    }

    fn append(&mut self, objective: &[(usize, N)]) -> usize {
        let mut entries = vec![N::nil(); self.columns];
        let mut value = N::nil();
        for (variable, coefficient) in objective {
            value.add_product(coefficient, &self.values[*variable]);
            if let Some(column) = self.nonbasic.iter().position(|at| at == variable) {
                entries[column] = coefficient.minus(&entries[column].negated());
            } else if let Some(row) = self.basic.iter().position(|at| at == variable) {
                for (column, entry) in entries.iter_mut().enumerate() {
                    entry.add_product(coefficient, &self.table[row * self.columns + column]);
                }
            }
        }
        self.table.extend(entries);
        self.basic.push(self.limits.len());
        self.limits.push(Limits {
            lower: None,
            upper: None,
        });
        self.values.push(value);
        self.basic.len() - 1
    }

    fn entry(&self, row: usize, column: usize) -> &N {
        &self.table[row * self.columns + column]
    }

    /// Moves the variable of a column by a step; it stays at a bound, the basic ones follow.
    fn shift(&mut self, column: usize, step: &N) {
        for row in 0..self.basic.len() {
            let entry = &self.table[row * self.columns + column];
            self.values[self.basic[row]].add_product(entry, step);
        }
        let variable = self.nonbasic[column];
        self.values[variable] = self.values[variable].minus(&step.negated());
    }

    /// Brings the variable of a row to a bound by moving that of a column, and exchanges the two.
    fn move_to(&mut self, row: usize, column: usize, bound: N) {
        let leaving = self.basic[row];
        let step = bound
            .minus(&self.values[leaving])
            .over(self.entry(row, column));
        self.shift(column, &step);
        self.values[leaving] = bound;
        self.exchange(row, column);
    }

    fn exchange(&mut self, row: usize, column: usize) {
        let width = self.columns;
        let pivot = self.entry(row, column).clone();
        let mut filled = Vec::new();
        for at in 0..width {
            let entry = &mut self.table[row * width + at];
            if at == column {
                let one = pivot.over(&pivot);
                *entry = one.over(&pivot);
                filled.push((at, entry.clone()));
            } else if *entry != N::nil() {
                *entry = entry.over(&pivot).negated();
                filled.push((at, entry.clone()));
            }
        }
        for other in (0..self.basic.len()).filter(|&other| other != row) {
            let factor = self.table[other * width + column].clone();
            if factor == N::nil() {
                continue;
            }
            self.table[other * width + column] = N::nil();
            for (at, entry) in &filled {
                self.table[other * width + at].add_product(&factor, entry);
            }
        }
        std::mem::swap(&mut self.basic[row], &mut self.nonbasic[column]);
    }
}
