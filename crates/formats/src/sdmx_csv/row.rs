//! The rows: from cells to observations and changes of them.

use std::collections::{BTreeSet, HashMap};

use regtrade_model::{
    Area, Code, FigureKey, Indicator, Item, ObsStatus, Observation, Period, Side,
};

use crate::{Rule, csv::Row, issue::Issues};

use super::{
    Action, Content, KeyPattern, Merge, STATUS_OF_MISSING, Update,
    cells::{Cells, Codes, Reported},
    header::{Columns, Component},
    structure::{ActionCode, Structure},
};

/// The largest UNIT_MULT, and the largest DECIMALS.
const LARGEST_UNIT_MULT: u32 = 15;
const MOST_DECIMALS: u32 = 28;

/// Whether a status says that there is no value.
pub(super) const fn is_of_missing(status: ObsStatus) -> bool {
    matches!(
        status,
        ObsStatus::H | ObsStatus::L | ObsStatus::M | ObsStatus::O | ObsStatus::Q
    )
}

/// What a row that gives no status has.
pub(super) const fn default_status(has_value: bool) -> ObsStatus {
    if has_value {
        ObsStatus::A
    } else {
        STATUS_OF_MISSING
    }
}

/// The rows of a file, as far as they were read.
pub(super) struct Rows<'c> {
    columns: &'c Columns,
    codes: Codes,
    structure: Structure,
    /// Whether the file is a whole data set, as its first row says.
    is_whole: Option<bool>,
    is_mixed: bool,
    /// The line of each key that is given.
    lines: HashMap<FigureKey, u32>,
    missing: BTreeSet<Component>,
    whole: Vec<(Observation, u32)>,
    updates: Vec<Update>,
}

impl<'c> Rows<'c> {
    pub(super) fn new(columns: &'c Columns) -> Self {
        Self {
            columns,
            codes: Codes::default(),
            structure: Structure::default(),
            is_whole: None,
            is_mixed: false,
            lines: HashMap::new(),
            missing: BTreeSet::new(),
            whole: vec![],
            updates: vec![],
        }
    }

    /// Whether no row was taken in.
    pub(super) fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.updates.is_empty()
    }

    /// What the rows say.
    pub(super) fn finish(self) -> Content {
        if self.is_whole.unwrap_or(true) {
            Content::Whole(self.whole)
        } else {
            Content::Partial(self.updates)
        }
    }

    /// Reads the next row. Where it cannot be taken in, there is an issue.
    pub(super) fn read(&mut self, row: &Row<'_>, issues: &mut Issues) {
        let cells = Cells {
            row,
            columns: self.columns,
        };
        // The row was reported where it is not taken in.
        let _: Result<(), Reported> = self.try_read(&cells, issues);
    }

    fn try_read(&mut self, cells: &Cells<'_, '_>, issues: &mut Issues) -> Result<(), Reported> {
        self.structure.check(cells, issues)?;
        let code = self.action(cells, issues)?;
        let line = cells.row.line;
        let action = match code {
            ActionCode::Information => {
                let observation = self.observation(cells, issues)?;
                self.whole.push((observation, line));
                return Ok(());
            }
            ActionCode::Append => Action::Append(self.observation(cells, issues)?),
            ActionCode::Replace => Action::Replace(self.observation(cells, issues)?),
            ActionCode::Merge => Action::Merge(self.merge(cells, issues)?),
            ActionCode::Delete => Action::Delete(self.pattern(cells, issues)?),
        };
        self.updates.push(Update { line, action });
        Ok(())
    }

    fn action(
        &mut self,
        cells: &Cells<'_, '_>,
        issues: &mut Issues,
    ) -> Result<ActionCode, Reported> {
        let code = ActionCode::of(cells, issues)?;
        let is_whole = code == ActionCode::Information;
        if *self.is_whole.get_or_insert(is_whole) == is_whole {
            return Ok(code);
        }
        if !self.is_mixed {
            self.is_mixed = true;
            cells.report(Component::Action, Rule::ActionMixed, issues, |_| {
                "some rows of the file have the action I (or none) and others A, M, R or D; hand in the whole data set with I alone, or its changes without I".to_owned()
            });
        }
        Err(Reported)
    }

    /// An observation that a row gives whole.
    fn observation(
        &mut self,
        cells: &Cells<'_, '_>,
        issues: &mut Issues,
    ) -> Result<Observation, Reported> {
        let needed = [Component::ObsValue, Component::UnitMult]
            .map(|component| self.needs_column(component, issues));
        let merge = self.merge(cells, issues);
        if needed.iter().any(Result::is_err) {
            return Err(Reported);
        }
        let Merge {
            key,
            value,
            decimals,
            unit_mult,
            status,
            conf,
        } = merge?;
        let Some(unit_mult) = unit_mult else {
            return Err(cells.report(Component::UnitMult, Rule::AttributeMissing, issues, |_| {
                "UNIT_MULT is empty, so that the value could be euro or millions of euro; write 0 for euro, 6 for millions".to_owned()
            }));
        };
        Ok(Observation {
            key,
            value,
            decimals: decimals
                .or(value.map(|value| value.scale()))
                .unwrap_or_default(),
            unit_mult,
            status: status.unwrap_or(default_status(value.is_some())),
            conf: conf.unwrap_or_default(),
        })
    }

    /// What a row gives of an observation. All its cells are read, so that all issues are found in one go.
    fn merge(&mut self, cells: &Cells<'_, '_>, issues: &mut Issues) -> Result<Merge, Reported> {
        let key = self.key(cells, issues);
        let value = cells.value(issues);
        let unit_mult = cells.whole_number(Component::UnitMult, LARGEST_UNIT_MULT, issues);
        let decimals = cells.whole_number(Component::Decimals, MOST_DECIMALS, issues);
        let status = cells.word::<ObsStatus>(Component::ObsStatus, Rule::CodeUnknown, issues);
        let unit = check_unit(cells, issues);
        let confidentiality = check_confidentiality(cells, issues);
        let (key, value, unit_mult, decimals, status) =
            (key?, value?, unit_mult?, decimals?, status?);
        unit.and(confidentiality)?;
        if let (Some(_), Some(status)) = (value, status.filter(|status| is_of_missing(*status))) {
            return Err(cells.report(Component::ObsStatus, Rule::StatusContradiction, issues, |_| {
                format!("OBS_STATUS {status} says that there is no value, and there is one; correct the one or the other")
            }));
        }
        if let Some(first) = self.lines.get(&key) {
            issues.report((cells.row.line, 1), Rule::KeyDuplicate, "", || {
                format!(
                    "the observation {} {} {} is given in line {first} already; take one out",
                    key.ref_area, key.item, key.period
                )
            });
            return Err(Reported);
        }
        self.lines.insert(key.clone(), cells.row.line);
        Ok(Merge {
            key,
            value: value.map(|number| number.value),
            decimals,
            unit_mult: unit_mult.and_then(|number| i32::try_from(number).ok()),
            status,
            conf: None,
        })
    }

    fn key(&mut self, cells: &Cells<'_, '_>, issues: &mut Issues) -> Result<FigureKey, Reported> {
        let needed = [
            (Component::Freq, true),
            (Component::RefArea, true),
            (Component::Item, true),
            (Component::Activity, false),
            (Component::Product, false),
            (Component::CounterpartArea, false),
            (Component::TimePeriod, true),
        ]
        .map(|(component, always)| self.needs_dimension(component, always, cells, issues));
        let pattern = self.dimensions(cells, issues)?;
        if needed.iter().any(Result::is_err) {
            return Err(Reported);
        }
        let (Some(item), Some(ref_area), Some(period)) =
            (pattern.item, pattern.ref_area, pattern.period)
        else {
            return Err(Reported);
        };
        Ok(FigureKey {
            item,
            ref_area,
            activity: pattern.activity.unwrap_or_else(Code::total),
            product: pattern.product.unwrap_or_else(Code::total),
            counterpart_area: pattern.counterpart_area.unwrap_or_else(Code::world),
            indicator: Indicator::Level,
            concept: None,
            period: period.into(),
        })
    }

    /// What a row deletes. A row that names values too would, as SDMX has it, delete these alone.
    fn pattern(
        &mut self,
        cells: &Cells<'_, '_>,
        issues: &mut Issues,
    ) -> Result<KeyPattern, Reported> {
        let given = Component::MEASURES
            .into_iter()
            .find(|component| cells.text(*component).is_some());
        if let Some(component) = given {
            return Err(cells.report(component, Rule::DeleteWithValues, issues, |_| {
                format!(
                    "a row that deletes has something in {}, and observations are deleted whole; empty the cell, or replace the observation (R)",
                    component.id()
                )
            }));
        }
        self.dimensions(cells, issues)
    }

    /// The dimensions that a row gives; a cell that is empty or `*` gives none.
    fn dimensions(
        &mut self,
        cells: &Cells<'_, '_>,
        issues: &mut Issues,
    ) -> Result<KeyPattern, Reported> {
        let period = cells.period(issues);
        let ref_area = given(Component::RefArea, cells, |c| {
            cells.word::<Area>(c, Rule::CodeUnknown, issues)
        });
        let item = given(Component::Item, cells, |c| item(c, cells, issues));
        let mut code = |c| given(c, cells, |c| self.codes.read(cells, c, issues));
        let activity = code(Component::Activity);
        let product = code(Component::Product);
        let counterpart_area = code(Component::CounterpartArea);
        let period: Option<Period> = period?;
        Ok(KeyPattern {
            item: item?,
            ref_area: ref_area?,
            activity: activity?,
            product: product?,
            counterpart_area: counterpart_area?,
            period,
        })
    }

    /// That a row which does not delete has a dimension; one of those that are not always needed need not have a column.
    fn needs_dimension(
        &mut self,
        component: Component,
        always: bool,
        cells: &Cells<'_, '_>,
        issues: &mut Issues,
    ) -> Result<(), Reported> {
        if always {
            self.needs_column(component, issues)?;
        }
        let is_given = cells.text(component).is_some_and(|text| text != "*");
        if is_given || self.columns.at(component).is_none() {
            return Ok(());
        }
        Err(
            cells.report(component, Rule::DimensionMissing, issues, |_| {
                let total = match component {
                    Component::Activity | Component::Product => "; write _T for all together",
                    Component::CounterpartArea => "; write W1 for the world",
                    _ => "",
                };
                format!(
                    "the row names no {}; only a row that deletes can leave it open{total}",
                    component.id()
                )
            }),
        )
    }

    /// That the file has a column; reported once.
    fn needs_column(&mut self, component: Component, issues: &mut Issues) -> Result<(), Reported> {
        if self.columns.at(component).is_some() {
            return Ok(());
        }
        if self.missing.insert(component) {
            self.columns.report_missing(component, issues);
        }
        Err(Reported)
    }
}

fn given<T>(
    component: Component,
    cells: &Cells<'_, '_>,
    read: impl FnOnce(Component) -> Result<Option<T>, Reported>,
) -> Result<Option<T>, Reported> {
    match cells.text(component) {
        None | Some("*") => Ok(None),
        Some(_) => read(component),
    }
}

fn item(
    component: Component,
    cells: &Cells<'_, '_>,
    issues: &mut Issues,
) -> Result<Option<Item>, Reported> {
    let item: Option<Item> = cells.word(component, Rule::CodeUnknown, issues)?;
    if item.is_none_or(|item| item.side() != Side::Net) {
        return Ok(item);
    }
    Err(cells.report(component, Rule::ItemDerived, issues, |found| {
        format!("‘{found}’ is a balance, which is computed from exports and imports; hand in those")
    }))
}

fn check_unit(cells: &Cells<'_, '_>, issues: &mut Issues) -> Result<(), Reported> {
    match cells.text(Component::Unit) {
        None | Some("EUR") => Ok(()),
        Some(_) => Err(cells.report(Component::Unit, Rule::UnitUnfit, issues, |found| {
            format!("the unit is ‘{found}’ and observations are in euro; write EUR, and the multiple in UNIT_MULT")
        })),
    }
}

fn check_confidentiality(cells: &Cells<'_, '_>, issues: &mut Issues) -> Result<(), Reported> {
    match cells.text(Component::ConfStatus) {
        None | Some("F") => Ok(()),
        Some(_) => Err(cells.report(Component::ConfStatus, Rule::ConfStatusNotKept, issues, |found| {
            format!("CONF_STATUS is ‘{found}’, and this version keeps no confidential observations; take the row out")
        })),
    }
}
