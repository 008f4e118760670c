//! The header: which column holds what.

use crate::{
    Rule,
    csv::Row,
    issue::{Issues, shown},
    text::from_one,
};

/// Gives each column of the format its heading, in one list.
macro_rules! components {
    ($($component:ident => $id:literal,)+) => {
        /// What a column can hold.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum Component { $($component,)+ }

        impl Component {
            const ALL: &'static [Self] = &[$(Self::$component),+];

            /// Its heading.
            pub(super) const fn id(self) -> &'static str {
                match self { $(Self::$component => $id,)+ }
            }
        }
    };
}

components! {
    Dataflow => "DATAFLOW",
    Structure => "STRUCTURE",
    StructureId => "STRUCTURE_ID",
    StructureName => "STRUCTURE_NAME",
    Action => "ACTION",
    SeriesKey => "SERIES_KEY",
    ObsKey => "OBS_KEY",
    Freq => "FREQ",
    RefArea => "REF_AREA",
    Item => "ITEM",
    Activity => "ACTIVITY",
    Product => "PRODUCT",
    CounterpartArea => "COUNTERPART_AREA",
    TimePeriod => "TIME_PERIOD",
    ObsValue => "OBS_VALUE",
    Unit => "UNIT",
    UnitMult => "UNIT_MULT",
    Decimals => "DECIMALS",
    ObsStatus => "OBS_STATUS",
    ConfStatus => "CONF_STATUS",
}

impl Component {
    /// The components that are neither about the row nor dimensions: what a row that deletes leaves empty.
    pub(super) const MEASURES: [Self; 6] = [
        Self::ObsValue,
        Self::Unit,
        Self::UnitMult,
        Self::Decimals,
        Self::ObsStatus,
        Self::ConfStatus,
    ];

    /// Whether it says what a row is, and has no names in a column beside it.
    const fn is_of_row(self) -> bool {
        matches!(
            self,
            Self::Dataflow
                | Self::Structure
                | Self::StructureId
                | Self::StructureName
                | Self::Action
                | Self::SeriesKey
                | Self::ObsKey
        )
    }

    fn of(heading: &str) -> Option<Self> {
        match heading {
            "UNIT_MEASURE" => Some(Self::Unit),
            _ => Self::ALL
                .iter()
                .copied()
                .find(|component| component.id() == heading),
        }
    }
}

/// The columns of a file.
#[derive(Debug)]
pub(super) struct Columns {
    at: [Option<usize>; Component::ALL.len()],
    /// Whether names stand behind ids, after a colon and a space.
    pub(super) labels: bool,
    line: u32,
    width: usize,
}

impl Columns {
    /// Reads the header; `None` where it is none of the format.
    pub(super) fn of(header: &Row<'_>, issues: &mut Issues) -> Option<Self> {
        let width = header.width().named;
        let names = (0..width).any(|at| header.text(at) == Component::StructureName.id());
        let mut columns = Self {
            at: [None; Component::ALL.len()],
            labels: !names && (0..width).any(|at| header.text(at).contains(": ")),
            line: header.line,
            width,
        };
        let first = first_heading(columns.id(header.text(0)));
        if !matches!(first, "DATAFLOW" | "STRUCTURE") {
            let found = header.text(0);
            issues.report(header.position(0), Rule::HeaderUnknown, found, || {
                format!(
                    "‘{}’ is no heading of a first column; a data file starts with STRUCTURE, or with DATAFLOW (SDMX-CSV 1.0)",
                    shown(found)
                )
            });
            return None;
        }
        let mut named = None;
        for at in 0..width {
            let heading = columns.id(header.text(at));
            let heading = if at == 0 { first } else { heading };
            let component = Component::of(heading)
                .filter(|component| {
                    at == 0 || !matches!(component, Component::Structure | Component::Dataflow)
                })
                .filter(|component| first == "STRUCTURE" || at == 0 || !component.is_of_row());
            let name_of = named.take();
            match component {
                // The name of a column can be the id of that column, but not the id of another.
                _ if name_of.is_some()
                    && component.is_none_or(|component| name_of == Some(component)) => {}
                Some(component) => {
                    columns.put(component, at, header, issues);
                    named = Some(component).filter(|component| names && !component.is_of_row());
                }
                None => {
                    let found = header.text(at);
                    issues.report(header.position(at), Rule::ColumnUnknown, found, || {
                        explain_unknown(found, first == "STRUCTURE")
                    });
                }
            }
        }
        if first == "STRUCTURE" && columns.at(Component::StructureId).is_none() {
            columns.report_missing(Component::StructureId, issues);
            return None;
        }
        Some(columns)
    }

    /// The column of a component.
    pub(super) fn at(&self, component: Component) -> Option<usize> {
        self.at.get(component as usize).copied().flatten()
    }

    /// Says that a column is missing that the rows need.
    pub(super) fn report_missing(&self, component: Component, issues: &mut Issues) {
        issues.report(
            (self.line, from_one(self.width)),
            Rule::ColumnMissing,
            "",
            || {
                let why = match component {
                    Component::UnitMult => ": without it a value could be euro or millions of euro",
                    _ => "",
                };
                format!("the file has no column {}{why}; add it", component.id())
            },
        );
    }

    /// The id of a heading or a cell, without the name behind it.
    pub(super) fn id<'t>(&self, text: &'t str) -> &'t str {
        match text.split_once(": ") {
            Some((id, _)) if self.labels => id.trim(),
            _ => text,
        }
    }

    fn put(&mut self, component: Component, at: usize, header: &Row<'_>, issues: &mut Issues) {
        let Some(place) = self.at.get_mut(component as usize) else {
            return;
        };
        if let Some(first) = *place {
            issues.report(
                header.position(at),
                Rule::ColumnTwice,
                header.text(at),
                || {
                    format!(
                        "column {} holds {} already; take one out",
                        from_one(first),
                        component.id()
                    )
                },
            );
        } else {
            *place = Some(at);
        }
    }
}

/// The first heading without the mark in square brackets that separates several values of a cell.
fn first_heading(text: &str) -> &str {
    text.split_once('[').map_or(text, |(heading, _)| heading)
}

fn explain_unknown(found: &str, has_actions: bool) -> String {
    let known: Vec<_> = Component::ALL
        .iter()
        .filter(|component| !component.is_of_row())
        .map(|component| component.id())
        .collect();
    let actions = match found {
        "ACTION" if !has_actions => {
            "; actions came with SDMX-CSV 2.0, of which the first columns are STRUCTURE and STRUCTURE_ID"
        }
        _ => "",
    };
    format!(
        "‘{}’ is no column of the dataflow REGTRD, whose columns are {}; take it out{actions}",
        shown(found),
        known.join(", ")
    )
}
