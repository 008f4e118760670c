//! The header: which column holds what.

use crate::{
    Rule,
    csv::Row,
    issue::{Issues, shown},
    text::from_one,
};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Item,
    RefArea,
    Indicator,
    Period,
    Value,
    UnitMult,
    Decimals,
    Source,
    Activity,
    Product,
    CounterpartArea,
    Unit,
    Note,
}

/// The headings, in the order of the fields.
const HEADINGS: [&str; 13] = [
    "item",
    "ref_area",
    "indicator",
    "period",
    "value",
    "unit_mult",
    "decimals",
    "source",
    "activity",
    "product",
    "counterpart_area",
    "unit",
    "note",
];

/// How many of the headings, from the first on, a list cannot do without.
const NEEDED: usize = 8;

impl Field {
    /// Its heading.
    pub(super) const fn heading(self) -> &'static str {
        HEADINGS[self as usize]
    }
}

/// The columns of a list.
#[derive(Debug)]
pub(super) struct Columns {
    at: [Option<usize>; HEADINGS.len()],
}

impl Columns {
    /// Reads the header; `None` where a column is missing that every list has.
    pub(super) fn of(header: &Row<'_>, issues: &mut Issues) -> Option<Self> {
        let width = header.width().named;
        let mut at: [Option<usize>; HEADINGS.len()] = [None; HEADINGS.len()];
        for column in 0..width {
            let found = header.text(column);
            let place = HEADINGS
                .iter()
                .position(|heading| *heading == found)
                .and_then(|field| at.get_mut(field));
            match place {
                None => issues.report(header.position(column), Rule::ColumnUnknown, found, || {
                    format!(
                        "‘{}’ is no column of a list of figures, whose columns are {}; take it out",
                        shown(found),
                        HEADINGS.join(", ")
                    )
                }),
                Some(Some(first)) => {
                    issues.report(header.position(column), Rule::ColumnTwice, found, || {
                        format!(
                            "column {} holds {found} already; take one out",
                            from_one(*first)
                        )
                    });
                }
                Some(place) => *place = Some(column),
            }
        }
        let missing = HEADINGS
            .iter()
            .zip(&at)
            .take(NEEDED)
            .filter(|(_, at)| at.is_none());
        let missing: Vec<_> = missing.map(|(heading, _)| *heading).collect();
        if missing.is_empty() {
            return Some(Self { at });
        }
        issues.report(
            (header.line, from_one(width)),
            Rule::ColumnMissing,
            "",
            || {
                format!(
                    "the list has no column {}; add it, with empty cells where it says nothing",
                    missing.join(", ")
                )
            },
        );
        None
    }

    /// The column of a field.
    pub(super) fn at(&self, field: Field) -> Option<usize> {
        self.at.get(field as usize).copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_its_own_heading() {
        for (field, heading) in [
            (Field::Item, "item"),
            (Field::RefArea, "ref_area"),
            (Field::Indicator, "indicator"),
            (Field::Period, "period"),
            (Field::Value, "value"),
            (Field::UnitMult, "unit_mult"),
            (Field::Decimals, "decimals"),
            (Field::Source, "source"),
            (Field::Activity, "activity"),
            (Field::Product, "product"),
            (Field::CounterpartArea, "counterpart_area"),
            (Field::Unit, "unit"),
            (Field::Note, "note"),
        ] {
            assert_eq!(field.heading(), heading);
        }
    }
}
