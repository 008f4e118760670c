//! The rows: from cells to observations, published figures and changes.

use std::collections::{BTreeSet, HashMap};

use regtrade_model::{
    ConfStatus, FigureKey, Indicator, ObsStatus, Observation, Origin, PublishedFigure,
};

use crate::{
    Rule,
    issue::Issues,
    mapping::{
        Unit,
        codes::{LARGEST_UNIT_MULT, MOST_DECIMALS},
        target::Target,
    },
    sdmx::message::ActionCode,
};

use super::{
    Action, Entry, Merge, PartialKey, STATUS_OF_MISSING, Update,
    cells::{Cells, Reported},
    codes::Codes,
    take::Component,
};

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

/// The unit of a row, where it says one.
type OfUnit = Result<Option<Unit>, Reported>;

/// What is known of the rows before one.
pub(super) struct Rows {
    pub(super) codes: Codes,
    /// Whether the keys of observations of a whole data set are remembered, too.
    pub(super) remembers: bool,
    /// The line of each key that is given.
    lines: HashMap<FigureKey, u32>,
    /// Whether the file is a table, of which all rows have the same columns.
    pub(super) has_columns: bool,
    pub(super) missing: BTreeSet<Target>,
    /// Where a column would stand that is missing.
    pub(super) end: (u32, u32),
}

impl Rows {
    pub(super) fn new(remembers: bool) -> Self {
        Self {
            codes: Codes::default(),
            remembers,
            lines: HashMap::new(),
            has_columns: true,
            missing: BTreeSet::new(),
            end: (1, 1),
        }
    }

    /// What the next row says. Where it cannot be taken in, there is an issue.
    pub(super) fn read(
        &mut self,
        cells: &Cells<'_>,
        last: Option<&Component>,
        issues: &mut Issues,
    ) -> Result<Entry, Reported> {
        let line = cells.row.line;
        self.end = last.map_or((line, cells.row.column), |last| (last.at.0, last.at.1 + 1));
        let unit = self.unit(cells, issues);
        let is_figure =
            unit.is_ok_and(|unit| unit.is_some_and(|unit| unit.indicator != Indicator::Level));
        let action = match cells.row.action {
            ActionCode::Information if is_figure => {
                return self.figure(unit, cells, issues).map(Entry::Figure);
            }
            ActionCode::Information => {
                let observation = self.observation(unit, cells, issues)?;
                return Ok(Entry::Observation { observation, line });
            }
            ActionCode::Append => Action::Append(self.observation(unit, cells, issues)?),
            ActionCode::Replace => Action::Replace(self.observation(unit, cells, issues)?),
            ActionCode::Merge => {
                let merge = self.merge(unit, cells, issues);
                let unit_mult = level(unit, cells, issues)?;
                let merge = merge?;
                Action::Merge(Merge {
                    unit_mult: merge.unit_mult.or(unit_mult),
                    ..merge
                })
            }
            ActionCode::Delete => Action::Delete(self.partial_key(unit, cells, issues)?),
        };
        Ok(Entry::Update(Update { line, action }))
    }

    /// A figure that the publisher computed.
    fn figure(
        &mut self,
        unit: OfUnit,
        cells: &Cells<'_>,
        issues: &mut Issues,
    ) -> Result<PublishedFigure, Reported> {
        let merge = self.merge(unit, cells, issues)?;
        if merge.conf.is_some_and(|conf| !conf.is_free()) {
            return Err(cells.report(Target::ConfStatus, Rule::ConfStatusNotKept, issues, |found| {
                format!("{} is ‘{found}’, and of a figure that is no level confidentiality is not kept; take the row out", cells.name(Target::ConfStatus))
            }));
        }
        if merge.unit_mult.is_some_and(|multiple| multiple != 0) {
            return Err(
                cells.report(Target::UnitMult, Rule::UnitUnfit, issues, |found| {
                    format!(
                        "UNIT_MULT is ‘{found}’ and the figure is in percent; write 0 or nothing"
                    )
                }),
            );
        }
        let column = cells.row.cells.first().map_or(1, |cell| cell.column);
        Ok(PublishedFigure {
            key: FigureKey {
                indicator: indicator_of(unit),
                ..merge.key
            },
            value: merge.value,
            decimals: merge
                .decimals
                .or(merge.value.map(|value| value.scale()))
                .unwrap_or_default(),
            unit_mult: 0,
            origin: Origin {
                line: cells.row.line,
                column,
            },
            source: None,
        })
    }

    /// An observation that a row gives whole.
    fn observation(
        &mut self,
        unit: OfUnit,
        cells: &Cells<'_>,
        issues: &mut Issues,
    ) -> Result<Observation, Reported> {
        let value = self.needs_column(Target::ObsValue, cells, issues);
        let has_multiple =
            |unit: Unit| unit.indicator != Indicator::Level || unit.unit_mult.is_some();
        let needs_multiple = unit.is_ok_and(|unit| !unit.is_some_and(has_multiple));
        let multiple = match needs_multiple {
            true => self.needs_column(Target::UnitMult, cells, issues),
            false => Ok(()),
        };
        let merge = self.merge(unit, cells, issues);
        let of_unit = level(unit, cells, issues)?;
        value.and(multiple)?;
        let Merge {
            key,
            value,
            decimals,
            unit_mult,
            status,
            conf,
        } = merge?;
        let Some(unit_mult) = unit_mult.or(of_unit) else {
            return Err(cells.report(Target::UnitMult, Rule::AttributeMissing, issues, |_| {
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

    /// The unit of a row, which it has to have where the dataflow has figures of several.
    fn unit(&mut self, cells: &Cells<'_>, issues: &mut Issues) -> OfUnit {
        let unit = cells.unit(issues)?;
        let deletes = cells.row.action == ActionCode::Delete;
        if unit.is_none() && !deletes && cells.needs_unit() {
            self.needs_dimension(Target::Unit, cells, issues)?;
        }
        Ok(unit)
    }

    /// What a row gives of an observation. All its cells are read, so that all issues are found in one go.
    fn merge(
        &mut self,
        unit: OfUnit,
        cells: &Cells<'_>,
        issues: &mut Issues,
    ) -> Result<Merge, Reported> {
        let key = self.key(cells, issues);
        let value = cells.value(issues);
        let unit_mult = cells.whole_number(Target::UnitMult, LARGEST_UNIT_MULT, issues);
        let decimals = cells.whole_number(Target::Decimals, MOST_DECIMALS, issues);
        let status = cells.word::<ObsStatus>(Target::ObsStatus, Rule::CodeUnknown, issues);
        let conf = cells.word::<ConfStatus>(Target::ConfStatus, Rule::CodeUnknown, issues);
        let (key, value, unit_mult, decimals, status, conf) =
            (key?, value?, unit_mult?, decimals?, status?, conf?);
        if let (Some(_), Some(status)) = (value, status.filter(|status| is_of_missing(*status))) {
            return Err(cells.report(Target::ObsStatus, Rule::StatusContradiction, issues, |_| {
                format!("OBS_STATUS {status} says that there is no value, and there is one; correct the one or the other")
            }));
        }
        if unit.is_ok() {
            self.remember(&key, indicator_of(unit), cells, issues)?;
        }
        let constant = |target| cells.constant(target).and_then(|text| text.parse().ok());
        let unit_mult = unit_mult.or_else(|| constant(Target::UnitMult));
        Ok(Merge {
            key,
            value: value.map(|number| number.value),
            decimals: decimals.or_else(|| constant(Target::Decimals)),
            unit_mult: unit_mult.and_then(|number| i32::try_from(number).ok()),
            status: status.or_else(|| cells.constant(Target::ObsStatus)?.parse().ok()),
            conf: conf.or_else(|| cells.constant(Target::ConfStatus)?.parse().ok()),
        })
    }

    /// Reports a key that was given before, as far as keys are remembered: changes, published figures, and observations of a
    /// file that is read into memory.
    fn remember(
        &mut self,
        key: &FigureKey,
        indicator: Indicator,
        cells: &Cells<'_>,
        issues: &mut Issues,
    ) -> Result<(), Reported> {
        let is_whole = cells.row.action == ActionCode::Information;
        if is_whole && indicator == Indicator::Level && !self.remembers {
            return Ok(());
        }
        let key = key.with(indicator, key.period);
        if let Some(first) = self.lines.get(&key) {
            let what = match indicator {
                Indicator::Level => "observation".to_owned(),
                other => format!("figure ({other})"),
            };
            issues.report((cells.row.line, 1), Rule::KeyDuplicate, "", || {
                format!(
                    "the {what} {} {} {} is given in line {first} already; take one out",
                    key.ref_area, key.item, key.period
                )
            });
            return Err(Reported);
        }
        self.lines.insert(key, cells.row.line);
        Ok(())
    }

    /// What a row deletes. A row that names values too would, as SDMX has it, delete these alone.
    fn partial_key(
        &mut self,
        unit: OfUnit,
        cells: &Cells<'_>,
        issues: &mut Issues,
    ) -> Result<PartialKey, Reported> {
        let unit_is_a_dimension = cells.needs_unit();
        let unit = unit?;
        let given = Target::MEASURES
            .into_iter()
            .filter(|target| !(unit_is_a_dimension && *target == Target::Unit))
            .find(|target| cells.is_given(*target));
        if let Some(target) = given {
            return Err(cells.report(target, Rule::DeleteWithValues, issues, |_| {
                format!(
                    "a row that deletes has something in {}, and observations are deleted whole; empty the cell, or replace the observation (R)",
                    cells.name(target)
                )
            }));
        }
        if unit_is_a_dimension {
            level(Ok(unit), cells, issues)?;
        }
        self.dimensions(cells, false, issues)
    }
}

/// The multiple of a level, where its unit says it, and that is not something else than UNIT_MULT.
fn level(unit: OfUnit, cells: &Cells<'_>, issues: &mut Issues) -> Result<Option<i32>, Reported> {
    let Some(unit) = unit? else { return Ok(None) };
    if unit.indicator != Indicator::Level {
        return Err(cells.report(Target::Unit, Rule::UnitUnfit, issues, |found| {
            format!("‘{found}’ is the unit of published figures ({}), and a partial update changes levels alone; take the row out", unit.indicator)
        }));
    }
    let given = cells.whole_number(Target::UnitMult, LARGEST_UNIT_MULT, &mut Issues::default());
    let given = given
        .ok()
        .flatten()
        .and_then(|number| i32::try_from(number).ok());
    match (given, unit.unit_mult) {
        (Some(given), Some(of_unit)) if given != of_unit => {
            Err(cells.report(Target::UnitMult, Rule::UnitUnfit, issues, |found| {
                format!("UNIT_MULT is ‘{found}’, and the unit of the row has {of_unit}; correct the one or the other")
            }))
        }
        (_, of_unit) => Ok(of_unit),
    }
}

fn indicator_of(unit: OfUnit) -> Indicator {
    let unit = unit.ok().flatten();
    unit.map_or(Indicator::Level, |unit| unit.indicator)
}
