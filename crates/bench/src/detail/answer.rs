//! Answers as rows of cells, whoever gave them, and how two of them are compared.

use std::{cmp::Ordering, fmt};

use regtrade_model::Decimal;

/// How many of the cells that differ are named.
const NAMED: usize = 5;

/// A cell of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// An amount of money in millions of euro, to the last digit.
    Exact(Decimal),
    /// A rate as it is shown, rounded to so many decimals.
    Shown(Decimal, i32),
    /// A rate as a peer computes it, not rounded.
    Rate(f64),
    /// There is no value.
    Absent,
}

/// A row: what it is of, and its cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub key: String,
    pub cells: Vec<Cell>,
}

impl Cell {
    /// Whether both say the same: amounts to the last digit, a rate to half a unit of the last decimal that is shown.
    fn agrees(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Exact(one), Self::Exact(other)) => one == other,
            (Self::Shown(shown, decimals), Self::Rate(rate))
            | (Self::Rate(rate), Self::Shown(shown, decimals)) => {
                let shown: f64 = shown.to_string().parse().unwrap_or(f64::NAN);
                // A float has some 16 digits: half a unit may seem a trifle more.
                let half = 0.5 * 10_f64.powi(-decimals);
                (shown - rate).abs() <= half + 1e-9 * half.max(rate.abs())
            }
            (Self::Rate(one), Self::Rate(other)) => {
                (one - other).abs() <= 1e-9 * one.abs().max(1.0)
            }
            (one, other) => one == other,
        }
    }

    /// Nothing, as a cell of this kind says it of a row that is not there.
    fn nothing(&self, decimals: i32) -> Self {
        match self {
            Self::Exact(_) => Self::Exact(Decimal::ZERO),
            Self::Shown(..) => Self::Rate(0.0),
            Self::Rate(_) => Self::Shown(Decimal::ZERO, decimals),
            Self::Absent => Self::Absent,
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(value) | Self::Shown(value, _) => write!(formatter, "{value}"),
            Self::Rate(rate) => write!(formatter, "{rate}"),
            Self::Absent => write!(formatter, "nothing"),
        }
    }
}

/// Compares an answer that comes row by row with one that is there, both by key.
pub struct Comparison<'a> {
    reference: &'a [Row],
    /// Where a row that is not there says that all of it is zero, to so many decimals of a rate.
    zero: Option<i32>,
    /// How far the reference is compared.
    at: usize,
    found: usize,
    named: Vec<String>,
}

impl<'a> Comparison<'a> {
    pub const fn with(reference: &'a [Row], zero: Option<i32>) -> Self {
        Self {
            reference,
            zero,
            at: 0,
            found: 0,
            named: vec![],
        }
    }

    /// Compares the next row.
    pub fn row(&mut self, row: &Row) {
        loop {
            let known = self.reference.get(self.at);
            match known.map(|known| known.key.cmp(&row.key)) {
                Some(Ordering::Less) => {
                    self.lacking(self.at);
                    self.at += 1;
                }
                Some(Ordering::Equal) => {
                    self.at += 1;
                    if let Some(known) = known {
                        self.both(known, row);
                    }
                    return;
                }
                Some(Ordering::Greater) | None => {
                    if !self.is_nothing(row) {
                        self.differs(|| format!("{}: {}, and it is not there", row.key, said(row)));
                    }
                    return;
                }
            }
        }
    }

    /// What differs: the first cells by name, and how many there are. Empty: nothing.
    pub fn end(mut self) -> Vec<String> {
        for at in self.at..self.reference.len() {
            self.lacking(at);
        }
        if self.found > self.named.len() {
            let more = self.found - self.named.len();
            self.named.push(format!("and {more} more"));
        }
        self.named
    }

    fn both(&mut self, known: &Row, row: &Row) {
        if known.cells.len() != row.cells.len() {
            self.differs(|| format!("{}: {} against {}", row.key, said(known), said(row)));
            return;
        }
        for (place, (one, other)) in known.cells.iter().zip(&row.cells).enumerate() {
            if !one.agrees(other) {
                self.differs(|| format!("{} (cell {}): {one} against {other}", row.key, place + 1));
            }
        }
    }

    fn lacking(&mut self, at: usize) {
        if let Some(row) = self.reference.get(at)
            && !self.is_nothing(row)
        {
            self.differs(|| format!("{}: is not there, and {}", row.key, said(row)));
        }
    }

    fn is_nothing(&self, row: &Row) -> bool {
        self.zero.is_some_and(|decimals| {
            row.cells
                .iter()
                .all(|cell| cell.agrees(&cell.nothing(decimals)))
        })
    }

    fn differs(&mut self, words: impl FnOnce() -> String) {
        self.found += 1;
        if self.named.len() < NAMED {
            self.named.push(words());
        }
    }
}

fn said(row: &Row) -> String {
    let cells: Vec<String> = row.cells.iter().map(ToString::to_string).collect();
    cells.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(key: &str, cells: &[Cell]) -> Row {
        Row {
            key: key.to_owned(),
            cells: cells.to_vec(),
        }
    }

    fn exact(text: &str) -> Cell {
        Cell::Exact(text.parse().unwrap())
    }

    fn shown(text: &str, decimals: i32) -> Cell {
        Cell::Shown(text.parse().unwrap(), decimals)
    }

    fn differences(reference: &[Row], other: &[Row], zero: Option<i32>) -> Vec<String> {
        let mut comparison = Comparison::with(reference, zero);
        other.iter().for_each(|row| comparison.row(row));
        comparison.end()
    }

    #[test]
    fn a_wrong_cell_is_found_and_named() {
        let ours = [
            row("a", &[exact("1.5"), shown("0.26", 2)]),
            row("b", &[exact("2")]),
        ];
        let same = [
            row("a", &[exact("1.500000"), Cell::Rate(0.2551)]),
            row("b", &[exact("2.0")]),
        ];
        assert!(differences(&ours, &same, None).is_empty());
        let wrong = [
            row("a", &[exact("1.500001"), Cell::Rate(0.2551)]),
            row("b", &[exact("2")]),
        ];
        let said = differences(&ours, &wrong, None);
        assert_eq!(said, ["a (cell 1): 1.5 against 1.500001"]);
        let wrong = [
            row("a", &[exact("1.5"), Cell::Rate(0.2549)]),
            row("b", &[Cell::Absent]),
        ];
        let said = differences(&ours, &wrong, None);
        assert_eq!(
            said,
            [
                "a (cell 2): 0.26 against 0.2549",
                "b (cell 1): 2 against nothing"
            ]
        );
    }

    #[test]
    fn a_rate_agrees_to_half_a_unit_of_the_last_decimal_shown() {
        for (value, decimals, rate, agrees) in [
            ("5.1", 1, 5.05, true),
            ("5.1", 1, 5.149_999, true),
            ("5.1", 1, 5.1501, false),
            ("5.10", 2, 5.106, false),
            ("-0.02", 2, -0.0151, true),
            ("120", -1, 124.9, true),
            ("120", -1, 126.0, false),
        ] {
            let found = shown(value, decimals).agrees(&Cell::Rate(rate));
            assert_eq!(found, agrees, "{value} and {rate}");
        }
        assert!(!shown("5.1", 1).agrees(&Cell::Rate(f64::NAN)));
        assert!(!shown("5.1", 1).agrees(&exact("5.1")), "money is no rate");
    }

    #[test]
    fn a_row_that_one_of_them_lacks_is_found_at_any_place() {
        let [a, b, c] = ["a", "b", "c"].map(|key| row(key, &[exact("1")]));
        let all = [a.clone(), b.clone(), c.clone()];
        for (reference, other) in [
            (&all[..], &[b.clone(), c.clone()][..]),
            (&all, &[a.clone(), c.clone()]),
            (&all, &[a.clone(), b.clone()]),
            (&[b.clone(), c][..], &all),
            (&[a, b][..], &all),
        ] {
            assert_eq!(differences(reference, other, None).len(), 1);
        }
        assert_eq!(differences(&all, &[], None).len(), 3);
    }

    #[test]
    fn a_row_of_nothing_may_be_left_out_where_that_says_the_same() {
        let zero = row("a", &[exact("0"), shown("0.00", 2)]);
        assert_eq!(differences(std::slice::from_ref(&zero), &[], None).len(), 1);
        assert!(differences(&[zero], &[], Some(2)).is_empty());
        let little = row("a", &[exact("0.0"), Cell::Rate(0.004)]);
        assert!(differences(&[], &[little], Some(2)).is_empty());
        let more = row("a", &[exact("0"), Cell::Rate(0.006)]);
        assert_eq!(differences(&[], &[more], Some(2)).len(), 1);
    }

    #[test]
    fn of_many_differences_the_first_are_named_and_the_others_counted() {
        let ours: Vec<Row> = (10..30)
            .map(|at| row(&at.to_string(), &[exact("1")]))
            .collect();
        let said = differences(&ours, &[], None);
        assert_eq!(said.len(), NAMED + 1);
        assert!(said[0].starts_with("10:"), "{said:?}");
        assert_eq!(said[NAMED], "and 15 more");
    }
}
