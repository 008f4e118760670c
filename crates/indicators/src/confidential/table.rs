//! The cells of a slice, with small numbers for their codes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use regtrade_model::{Decimal, FigureKey, Observation};

use super::equations::{Dimension, Line};

/// A cell, by its place in the table.
pub(super) type Place = u32;

/// Where a cell stands: item, area, activity, product, partner and concept, as numbers.
pub(super) type Coordinates = [u32; 6];

/// A line: its dimension, and where it stands in all others.
pub(super) type Axis = (Dimension, Coordinates);

/// All cells of a slice, and which of them are hidden.
pub(super) struct Table {
    period_year: u16,
    codes: Codes,
    cells: Vec<Cell>,
}

struct Cell {
    key: FigureKey,
    at: Coordinates,
    value: Option<Decimal>,
    is_primary: bool,
    is_hidden: bool,
    is_printed: bool,
}

#[derive(Default)]
struct Codes {
    numbers: HashMap<String, u32>,
    texts: Vec<String>,
}

impl Codes {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.numbers.insert(text.to_owned(), number);
        self.texts.push(text.to_owned());
        number
    }
}

impl Table {
    pub(super) fn of<'a>(
        slice: impl IntoIterator<Item = &'a Observation>,
        printed: &BTreeSet<FigureKey>,
    ) -> Self {
        let mut codes = Codes::default();
        let cells: Vec<Cell> = slice
            .into_iter()
            .map(|observation| {
                let key = &observation.key;
                let is_printed = printed.contains(key);
                let is_primary = !observation.conf.is_free() && !is_printed;
                Cell {
                    at: [
                        codes.number(key.item.as_str()),
                        codes.number(key.ref_area.as_str()),
                        codes.number(key.activity.as_str()),
                        codes.number(key.product.as_str()),
                        codes.number(key.counterpart_area.as_str()),
                        key.concept.map_or(u32::MAX, |c| codes.number(c.as_str())),
                    ],
                    key: key.clone(),
                    value: observation.value,
                    is_primary,
                    is_hidden: is_primary,
                    is_printed,
                }
            })
            .collect();
        Self {
            period_year: cells
                .first()
                .map_or(0, |cell| cell.key.period.last().year()),
            codes,
            cells,
        }
    }

    /// How many cells there are.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// The cells that are confidential themselves.
    pub(super) fn primary(&self) -> Vec<Place> {
        self.places(|cell| cell.is_primary)
    }

    /// The cells that are hidden.
    pub(super) fn hidden(&self) -> Vec<Place> {
        self.places(|cell| cell.is_hidden)
    }

    pub(super) fn hidden_keys(self) -> impl Iterator<Item = FigureKey> {
        let cells = self.cells.into_iter();
        cells.filter(|cell| cell.is_hidden).map(|cell| cell.key)
    }

    pub(super) fn hide(&mut self, place: Place) {
        self.cells[place as usize].is_hidden = true;
    }

    /// Hides all that can be hidden.
    pub(super) fn hide_all(&mut self) {
        for cell in &mut self.cells {
            cell.is_hidden = !cell.is_printed;
        }
    }

    /// Whether to hide a cell is of use: its value is shown, and not in the print.
    pub(super) fn can_be_hidden(&self, place: Place) -> bool {
        let cell = &self.cells[place as usize];
        !cell.is_hidden && !cell.is_printed && cell.value.is_some()
    }

    /// In which order cells of an equation are hidden, the first one first: its total, then its smallest part that is
    /// not zero. What the press shows goes last: all activities, products and partners.
    pub(super) fn preference(&self, place: Place, is_total: bool) -> impl Ord + use<> {
        let cell = &self.cells[place as usize];
        let size = cell.value.map_or(Decimal::ZERO, |value| value.abs());
        (
            cell.key.is_overall(),
            !is_total,
            size.is_zero(),
            size,
            cell.key.clone(),
        )
    }

    /// The lines that cells lie on, but for those that are `known`, and become so: with a cell, all those that differ
    /// from it in one dimension alone.
    pub(super) fn lines(&self, of: &[Place], known: &mut HashSet<Axis>) -> Vec<Line> {
        let mut wanted: BTreeMap<Axis, BTreeMap<String, Place>> = BTreeMap::new();
        for &place in of {
            for &dimension in Dimension::ALL {
                let axis = self.cells[place as usize].axis(dimension);
                if known.insert(axis) {
                    wanted.insert(axis, BTreeMap::new());
                }
            }
        }
        if wanted.is_empty() {
            return vec![];
        }
        for (place, cell) in (0..).zip(&self.cells) {
            for &dimension in Dimension::ALL {
                if let Some(cells) = wanted.get_mut(&cell.axis(dimension)) {
                    cells.insert(
                        self.codes.texts[cell.at[dimension as usize] as usize].clone(),
                        place,
                    );
                }
            }
        }
        let lines = wanted.into_iter().filter_map(|((dimension, _), cells)| {
            let first = *cells.values().next()?;
            Some(Line {
                dimension,
                kind: self.cells[first as usize].key.item.kind(),
                year: self.period_year,
                cells,
            })
        });
        lines.collect()
    }

    /// Whether a place is of a cell, and not of what no cell tells.
    pub(super) fn is_cell(&self, place: Place) -> bool {
        (place as usize) < self.cells.len()
    }

    /// Whether the value at a place is not shown.
    pub(super) fn is_unknown(&self, place: Place) -> bool {
        self.cells
            .get(place as usize)
            .is_none_or(|cell| cell.is_hidden)
    }

    fn places(&self, chosen: impl Fn(&Cell) -> bool) -> Vec<Place> {
        let cells = (0..).zip(&self.cells);
        cells
            .filter(|(_, cell)| chosen(cell))
            .map(|(place, _)| place)
            .collect()
    }
}

impl Cell {
    fn axis(&self, dimension: Dimension) -> Axis {
        let mut at = self.at;
        at[dimension as usize] = u32::MAX;
        (dimension, at)
    }
}
