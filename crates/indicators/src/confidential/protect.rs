//! Hides cells until no confidential one follows from those that are shown.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{
    equations::{Equation, of_line},
    solve::determined,
    table::{Axis, Place, Table},
};

/// Hides what must be hidden besides the confidential cells. Where too many equations hang together to be solved, all
/// that the release does not print is hidden.
pub(super) fn protect(table: &mut Table) {
    let mut equations = Equations::default();
    // Confidential cells that the print gives away whatever else is hidden.
    let mut given_up = BTreeSet::new();
    loop {
        equations.around(table);
        let Ok(determined) = determined(&equations.of_unknowns(table)) else {
            table.hide_all();
            return;
        };
        let at_risk: Vec<Place> = table
            .primary()
            .into_iter()
            .filter(|place| determined.contains(place) && !given_up.contains(place))
            .collect();
        let Some(&first) = at_risk.first() else {
            return;
        };
        if equations.hide_beside_the_only_unknown(table) == 0 {
            match equations.nearest_to_hide(table, first) {
                Some(place) => table.hide(place),
                None => drop(given_up.insert(first)),
            }
        }
    }
}

/// The equations that hidden cells are in.
#[derive(Default)]
struct Equations {
    all: Vec<Equation>,
    lines: HashSet<Axis>,
    /// How many unknowns there are that no cell tells.
    untold: u32,
}

impl Equations {
    /// Adds those of the cells that were hidden since.
    fn around(&mut self, table: &Table) {
        let Self { all, lines, untold } = self;
        let first = u32::try_from(table.len()).unwrap_or(u32::MAX);
        let mut unknown = || {
            *untold += 1;
            first.saturating_add(*untold)
        };
        for line in table.lines(&table.hidden(), lines) {
            all.extend(of_line(&line, &mut unknown));
        }
    }

    fn of_unknowns(&self, table: &Table) -> Vec<Vec<(Place, i8)>> {
        self.all
            .iter()
            .map(|equation| {
                let terms = equation.terms();
                terms
                    .filter(|(place, _)| table.is_unknown(*place))
                    .collect::<Vec<_>>()
            })
            .filter(|terms| !terms.is_empty())
            .collect()
    }

    /// Hides another cell of each equation that has one unknown alone, and counts them.
    fn hide_beside_the_only_unknown(&self, table: &mut Table) -> usize {
        let mut hidden = 0;
        for equation in &self.all {
            let mut unknowns = equation.terms().map(|(place, _)| place);
            let only = unknowns.find(|place| table.is_unknown(*place));
            // What no cell tells needs no protection of its own.
            if only.is_some_and(|place| table.is_cell(place))
                && !unknowns.any(|place| table.is_unknown(place))
                && let Some(place) = best(table, [equation])
            {
                table.hide(place);
                hidden += 1;
            }
        }
        hidden
    }

    /// The cell to hide for one that follows from several equations together: of its own equations, else of those next
    /// to them, and so on.
    fn nearest_to_hide(&self, table: &Table, start: Place) -> Option<Place> {
        let mut of: HashMap<Place, Vec<usize>> = HashMap::new();
        for (at, equation) in self.all.iter().enumerate() {
            for (place, _) in equation
                .terms()
                .filter(|(place, _)| table.is_unknown(*place))
            {
                of.entry(place).or_default().push(at);
            }
        }
        let mut seen = BTreeSet::new();
        let mut near = BTreeSet::from([start]);
        while !near.is_empty() {
            let next: BTreeSet<usize> = near
                .iter()
                .flat_map(|place| of.get(place).into_iter().flatten().copied())
                .filter(|at| !seen.contains(at))
                .collect();
            if let Some(place) = best(table, next.iter().map(|&at| &self.all[at])) {
                return Some(place);
            }
            near = next
                .iter()
                .flat_map(|&at| self.all[at].terms())
                .map(|(place, _)| place)
                .filter(|&place| table.is_unknown(place))
                .collect();
            if next.is_empty() {
                return None;
            }
            seen.extend(next);
        }
        None
    }
}

/// The cell of equations that is hidden first.
fn best<'a>(table: &Table, equations: impl IntoIterator<Item = &'a Equation>) -> Option<Place> {
    equations
        .into_iter()
        .flat_map(|equation| equation.terms().map(move |(place, sign)| (place, sign > 0)))
        .filter(|(place, _)| table.is_cell(*place) && table.can_be_hidden(*place))
        .min_by_key(|&(place, is_total)| table.preference(place, is_total))
        .map(|(place, _)| place)
}
