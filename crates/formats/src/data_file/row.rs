//! The rows: from cells to observations, published figures and changes.

use std::collections::{BTreeSet, HashMap};

use regtrade_model::{
    Code, Concept, ConfStatus, Dataflow, FigureKey, Indicator, Item, Kind, ObsStatus, Observation,
    Origin, PublishedFigure, Side,
};

use crate::{
    Rule,
    issue::Issues,
    mapping::{
        Unit,
        codes::{LARGEST_UNIT_MULT, MOST_DECIMALS, described, is_item_of},
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

/// What is known of the rows before one.
pub(super) struct Rows {
    codes: Codes,
    /// Whether the keys of observations of a whole data set are remembered, too.
    remembers: bool,
    /// The line of each key that is given.
    lines: HashMap<FigureKey, u32>,
    missing: BTreeSet<Target>,
    /// Where a column would stand that is missing.
    end: (u32, u32),
}

impl Rows {
    pub(super) fn new(remembers: bool) -> Self {
        Self {
            codes: Codes::default(),
            remembers,
            lines: HashMap::new(),
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
        let action = match cells.row.action {
            ActionCode::Information => return self.entry(cells, issues),
            ActionCode::Append => Action::Append(self.observation(cells, issues)?),
            ActionCode::Replace => Action::Replace(self.observation(cells, issues)?),
            ActionCode::Merge => {
                let unit = self.unit(cells, issues);
                let merge = self.merge(cells, issues);
                self.level(unit?, cells, issues)?;
                Action::Merge(merge?)
            }
            ActionCode::Delete => Action::Delete(self.partial_key(cells, issues)?),
        };
        Ok(Entry::Update(Update { line, action }))
    }

    /// A row of a whole data set.
    fn entry(&mut self, cells: &Cells<'_>, issues: &mut Issues) -> Result<Entry, Reported> {
        // What a unit is that cannot be read, is not known; the other cells are read as those of a level.
        let is_figure = cells
            .unit(&mut Issues::default())
            .is_ok_and(|unit| unit.is_some_and(|unit| unit.indicator != Indicator::Level));
        if is_figure {
            return self.figure(cells, issues).map(Entry::Figure);
        }
        Ok(Entry::Observation {
            observation: self.observation(cells, issues)?,
            line: cells.row.line,
        })
    }

    /// A figure that the publisher computed.
    fn figure(
        &mut self,
        cells: &Cells<'_>,
        issues: &mut Issues,
    ) -> Result<PublishedFigure, Reported> {
        let unit = self.unit(cells, issues)?;
        let merge = self.merge(cells, issues)?;
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
                indicator: unit.map_or(Indicator::Level, |unit| unit.indicator),
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
        cells: &Cells<'_>,
        issues: &mut Issues,
    ) -> Result<Observation, Reported> {
        let unit = self.unit(cells, issues);
        let of_unit = unit.ok().flatten().and_then(|unit| unit.unit_mult);
        let value = self.needs_column(Target::ObsValue, cells, issues);
        let multiple = match of_unit {
            Some(_) => Ok(()),
            None => self.needs_column(Target::UnitMult, cells, issues),
        };
        let merge = self.merge(cells, issues);
        let of_unit = self.level(unit?, cells, issues)?.or(of_unit);
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
    fn unit(&mut self, cells: &Cells<'_>, issues: &mut Issues) -> Result<Option<Unit>, Reported> {
        let unit = cells.unit(issues)?;
        if unit.is_none() && cells.needs_unit() {
            self.needs_dimension(Target::Unit, cells, issues)?;
        }
        Ok(unit)
    }

    /// The multiple of a level, where its unit says it, and that is not something else than UNIT_MULT.
    fn level(
        &mut self,
        unit: Option<Unit>,
        cells: &Cells<'_>,
        issues: &mut Issues,
    ) -> Result<Option<i32>, Reported> {
        let Some(unit) = unit else { return Ok(None) };
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

    /// What a row gives of an observation. All its cells are read, so that all issues are found in one go.
    fn merge(&mut self, cells: &Cells<'_>, issues: &mut Issues) -> Result<Merge, Reported> {
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
        self.remember(&key, cells, issues)?;
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
        cells: &Cells<'_>,
        issues: &mut Issues,
    ) -> Result<(), Reported> {
        let unit = cells.unit(&mut Issues::default()).ok().flatten();
        let indicator = unit.map_or(Indicator::Level, |unit| unit.indicator);
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

    fn key(&mut self, cells: &Cells<'_>, issues: &mut Issues) -> Result<FigureKey, Reported> {
        let mut is_whole = true;
        for target in DIMENSIONS {
            if target.is_of(cells.dataflow) {
                is_whole &= self.needs_dimension(target, cells, issues).is_ok();
            }
        }
        let partial = self.dimensions(cells, true, issues)?;
        let (true, Some(item), Some(ref_area), Some(period)) =
            (is_whole, partial.item, partial.ref_area, partial.period)
        else {
            return Err(Reported);
        };
        Ok(FigureKey {
            item,
            ref_area,
            activity: partial.activity.unwrap_or_else(Code::total),
            product: partial.product.unwrap_or_else(Code::total),
            counterpart_area: partial.counterpart_area.unwrap_or_else(Code::world),
            indicator: Indicator::Level,
            concept: partial.concept,
            period: period.into(),
        })
    }

    /// What a row deletes. A row that names values too would, as SDMX has it, delete these alone.
    fn partial_key(
        &mut self,
        cells: &Cells<'_>,
        issues: &mut Issues,
    ) -> Result<PartialKey, Reported> {
        let unit_is_a_dimension = cells.needs_unit();
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
            let unit = cells.unit(issues)?;
            self.level(unit, cells, issues)?;
        }
        self.dimensions(cells, false, issues)
    }

    /// The dimensions that a row gives; a cell that is empty or `*` gives none. In a row that has to name its observation, a
    /// column that is not there gives the constant of the dataflow; in one that deletes it does where the dataflow never has
    /// that column.
    fn dimensions(
        &mut self,
        cells: &Cells<'_>,
        is_whole: bool,
        issues: &mut Issues,
    ) -> Result<PartialKey, Reported> {
        let text = |target: Target, issues: &mut Issues| {
            let text = cells.text(target, issues)?;
            let holds = is_whole || !cells.mapping.is_given(target);
            let constant = || cells.constant(target).filter(|_| holds);
            Ok(text.or_else(constant).filter(|text| *text != "*"))
        };
        let period = cells.period(issues);
        let dataflow = cells.dataflow;
        let ref_area = text(Target::RefArea, issues).and_then(|text| {
            let area = |text| self.codes.area(dataflow, text).ok_or(text);
            known(text.map(area), Target::RefArea, cells, issues)
        });
        let item = text(Target::Item, issues).and_then(|text| item(text, cells, issues));
        let kind = item.as_ref().ok().copied().flatten().map(Item::kind);
        let mut code = |target, kind: Option<Kind>| {
            let text = text(target, issues)?;
            let code = |text| self.codes.code(dataflow, target, kind, text).ok_or(text);
            known(text.map(code), target, cells, issues)
        };
        let activity = code(Target::Activity, None);
        // Without its item a product can be of goods or of services.
        let kind = kind.or((dataflow == Dataflow::Exttrade).then_some(Kind::Goods));
        let product = match item.is_ok() {
            true => code(
                Target::Product,
                kind.filter(|_| is_whole || dataflow == Dataflow::Exttrade),
            ),
            false => code(Target::Product, None),
        };
        let counterpart_area = code(Target::CounterpartArea, None);
        let concept = match dataflow.has_concept() {
            true => concept(cells, is_whole, issues),
            false => Ok(None),
        };
        Ok(PartialKey {
            item: item?,
            ref_area: ref_area?,
            activity: activity?,
            product: product?,
            counterpart_area: counterpart_area?,
            concept: concept?,
            period: period?,
        })
    }

    /// That a row which does not delete has a dimension; one of those that have a constant need not have a column.
    fn needs_dimension(
        &mut self,
        target: Target,
        cells: &Cells<'_>,
        issues: &mut Issues,
    ) -> Result<(), Reported> {
        if !cells.has_column(target) {
            return self.needs_column(target, cells, issues);
        }
        if cells.is_given(target) && !cells.is_any(target) {
            return Ok(());
        }
        Err(cells.report(target, Rule::DimensionMissing, issues, |_| {
            let total = match target {
                Target::Activity | Target::Product => "; write _T for all together",
                Target::CounterpartArea => "; write W1 for the world",
                _ => "",
            };
            format!(
                "the row names no {}; only a row that deletes can leave it open{total}",
                cells.name(target)
            )
        }))
    }

    /// That the file has a column, or the dataflow a constant; reported once.
    fn needs_column(
        &mut self,
        target: Target,
        cells: &Cells<'_>,
        issues: &mut Issues,
    ) -> Result<(), Reported> {
        if cells.has_column(target) || cells.constant(target).is_some() {
            return Ok(());
        }
        if self.missing.insert(target) {
            issues.report(self.end, Rule::ColumnMissing, "", || {
                let why = match target {
                    Target::UnitMult => ": without it a value could be euro or millions of euro",
                    _ => "",
                };
                format!("the file has no column {}{why}; add it", cells.name(target))
            });
        }
        Err(Reported)
    }
}

const DIMENSIONS: [Target; 8] = [
    Target::Freq,
    Target::RefArea,
    Target::Item,
    Target::Activity,
    Target::Product,
    Target::CounterpartArea,
    Target::Concept,
    Target::TimePeriod,
];

/// A code of a list, or an issue of the text that is none.
fn known<T>(
    read: Option<Result<T, &str>>,
    target: Target,
    cells: &Cells<'_>,
    issues: &mut Issues,
) -> Result<Option<T>, Reported> {
    read.transpose().map_err(|text| {
        cells.report(target, Rule::CodeUnknown, issues, |_| {
            format!(
                "{} ‘{}’ is not {}",
                cells.name(target),
                crate::issue::shown(text),
                described(target, cells.dataflow)
            )
        })
    })
}

fn item(
    text: Option<&str>,
    cells: &Cells<'_>,
    issues: &mut Issues,
) -> Result<Option<Item>, Reported> {
    let Some(text) = text else { return Ok(None) };
    match text.parse::<Item>() {
        Ok(item) if item.side() == Side::Net => {
            Err(cells.report(Target::Item, Rule::ItemDerived, issues, |found| {
                format!("‘{found}’ is a balance, which is computed from exports and imports; hand in those")
            }))
        }
        Ok(item) if is_item_of(cells.dataflow, item) => Ok(Some(item)),
        _ => known(Some(Err(text)), Target::Item, cells, issues),
    }
}

fn concept(
    cells: &Cells<'_>,
    is_whole: bool,
    issues: &mut Issues,
) -> Result<Option<Concept>, Reported> {
    let text = cells.text(Target::Concept, issues)?;
    let holds = is_whole || !cells.mapping.is_given(Target::Concept);
    let text = text.or_else(|| cells.constant(Target::Concept).filter(|_| holds));
    let read = text
        .filter(|text| *text != "*")
        .map(|text| text.parse().map_err(|_| text));
    known(read, Target::Concept, cells, issues)
}
