//! The equations that hold among the cells of a line: those that differ in one dimension alone.
//!
//! A whole is the sum of its parts that are there: what is not there counts as nothing, as whoever wants to find a
//! hidden cell out may assume. An equation too many hides a cell too many; one too few shows one.

use std::collections::{BTreeMap, BTreeSet};

use regtrade_model::Kind;

use super::{hierarchy, table::Place};

/// A dimension along which cells add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Dimension {
    Item,
    Area,
    Activity,
    Product,
    Partner,
}

impl Dimension {
    pub(super) const ALL: &'static [Self] = &[
        Self::Item,
        Self::Area,
        Self::Activity,
        Self::Product,
        Self::Partner,
    ];
}

/// The cells that differ in a dimension alone, by their code.
pub(super) struct Line {
    pub(super) dimension: Dimension,
    /// Goods or services: of which list the products are.
    pub(super) kind: Kind,
    pub(super) year: u16,
    pub(super) cells: BTreeMap<String, Place>,
}

/// That a cell is the sum of others, and of what no cell tells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Equation {
    pub(super) total: Place,
    pub(super) parts: Vec<Place>,
}

impl Equation {
    /// The cells with their signs: the sum of them all is zero.
    pub(super) fn terms(&self) -> impl Iterator<Item = (Place, i8)> {
        let parts = self.parts.iter().map(|&part| (part, -1));
        std::iter::once((self.total, 1)).chain(parts)
    }
}

/// The items that others add up to. B.11 is P.6 less P.7, so P.6 is P.7 and B.11 together.
const ITEMS: &[(&str, [&str; 2])] = &[
    ("P6", ["P61", "P62"]),
    ("P7", ["P71", "P72"]),
    ("B11", ["B111", "B112"]),
    ("P6", ["P7", "B11"]),
    ("P61", ["P71", "B111"]),
    ("P62", ["P72", "B112"]),
];

/// The equations of a line. `unknown` makes the places of what no cell tells.
pub(super) fn of_line(line: &Line, unknown: &mut dyn FnMut() -> Place) -> Vec<Equation> {
    if line.dimension == Dimension::Item {
        return of_items(line);
    }
    let mut sums: BTreeMap<&str, Vec<Place>> = BTreeMap::new();
    let mut splits: BTreeMap<(String, String), Vec<Place>> = BTreeMap::new();
    let mut sets: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (code, &place) in &line.cells {
        if let Some((whole, _)) = above(line, code) {
            sums.entry(whole).or_default().push(place);
        } else if let Some(made_of) = hierarchy::made_of(line.dimension, code, line.year) {
            sets.insert(code, made_of);
        } else if let Some(split) = hierarchy::other_split(line.dimension, line.kind, code) {
            splits.entry(split).or_default().push(place);
        }
    }
    let mut equations: Vec<Equation> = sums
        .into_iter()
        .map(|(whole, parts)| Equation {
            total: line.cells[whole],
            parts,
        })
        .collect();
    for ((whole, _), parts) in splits {
        let total = line.cells.get(&whole).copied();
        // One territory alone is not the country that it lies in.
        equations.extend(
            total
                .filter(|_| parts.len() > 1)
                .map(|total| Equation { total, parts }),
        );
    }
    equations.extend(of_sets(line, &sets, unknown));
    equations
}

/// The nearest code above that has a cell, and its place.
fn above<'a>(line: &'a Line, code: &str) -> Option<(&'a str, Place)> {
    let mut at = hierarchy::parent(line.dimension, line.kind, code)?;
    loop {
        if let Some((code, &place)) = line.cells.get_key_value(&at) {
            return Some((code, place));
        }
        at = hierarchy::parent(line.dimension, line.kind, &at)?;
    }
}

fn of_items(line: &Line) -> Vec<Equation> {
    let cell = |code: &str| line.cells.get(code).copied();
    let equation = |(whole, [a, b]): &(&str, [&str; 2])| {
        let parts = vec![cell(a)?, cell(b)?];
        Some(Equation {
            total: cell(whole)?,
            parts,
        })
    };
    ITEMS.iter().filter_map(equation).collect()
}

/// The equations of groups and other codes that overlap. Of such a code, its parts are the cells that lie in it and in
/// no other that does.
fn of_sets(
    line: &Line,
    sets: &BTreeMap<&str, BTreeSet<String>>,
    unknown: &mut dyn FnMut() -> Place,
) -> Vec<Equation> {
    let within = |code: &str, set: &BTreeSet<String>| {
        let mut at = Some(code.to_owned());
        while let Some(code) = at {
            if set.contains(&code) {
                return true;
            }
            at = hierarchy::parent(line.dimension, line.kind, &code);
        }
        false
    };
    let mut equations = vec![];
    let mut opaque = BTreeMap::new();
    for (&code, set) in sets {
        let inside: BTreeSet<&str> = line
            .cells
            .keys()
            .map(String::as_str)
            .filter(|cell| !sets.contains_key(cell) && within(cell, set))
            .collect();
        let parts: Vec<Place> = inside
            .iter()
            .filter(|cell| above(line, cell).is_none_or(|(above, _)| !inside.contains(above)))
            // What overlaps its siblings is in one of them.
            .filter(|cell| hierarchy::parent(line.dimension, line.kind, cell).is_some())
            .map(|cell| line.cells[*cell])
            .collect();
        if parts.is_empty() {
            opaque.insert(code, set);
        } else {
            equations.push(Equation {
                total: line.cells[code],
                parts,
            });
        }
    }
    equations.extend(of_opaque(line, &opaque, unknown));
    let complements = sets.keys().filter_map(|code| {
        let other = hierarchy::complement(line.dimension, code)?;
        Some(Equation {
            total: *line.cells.get("W1")?,
            parts: vec![line.cells[*code], *line.cells.get(other)?],
        })
    });
    equations.extend(complements);
    equations
}

/// The equations of overlapping codes whose members have no cells: each is the sum of the classes of members that are
/// in the same of these codes. The world is the sum of all classes.
fn of_opaque(
    line: &Line,
    sets: &BTreeMap<&str, &BTreeSet<String>>,
    unknown: &mut dyn FnMut() -> Place,
) -> Vec<Equation> {
    let mut classes: BTreeMap<Vec<&str>, Place> = BTreeMap::new();
    for member in sets.values().copied().flatten() {
        let of = sets.iter().filter(|(_, set)| set.contains(member));
        let of: Vec<&str> = of.map(|(code, _)| *code).collect();
        classes.entry(of).or_insert_with(&mut *unknown);
    }
    let mut equations: Vec<Equation> = sets
        .keys()
        .map(|&code| Equation {
            total: line.cells[code],
            parts: classes
                .iter()
                .filter(|(of, _)| of.contains(&code))
                .map(|(_, &class)| class)
                .collect(),
        })
        .collect();
    let world = line.cells.get("W1").copied();
    // One group is not the world; several may well be.
    if let Some(total) = world.filter(|_| sets.len() > 1) {
        equations.push(Equation {
            total,
            parts: classes.into_values().collect(),
        });
    }
    equations
}
