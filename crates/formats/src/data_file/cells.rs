//! The cells of one row, by what they are of ours: what each says, or an issue where it says nothing that can be taken in.

use std::str::FromStr;

use regtrade_model::{Dataflow, InvalidCode, Period};

use crate::{
    Rule,
    csv::Number,
    issue::{Issues, shown},
    mapping::{Mapping, Translated, Unit, codes::described, target::Target},
    sdmx::message::{Cell, Row},
};

use super::take::{Columns, Component};

/// An issue was reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reported;

/// A cell, and what it says in our codes; that is nothing where its code is none that the mapping knows.
#[derive(Clone, Copy)]
struct Given<'r> {
    cell: &'r Cell<'r>,
    ours: Option<&'r str>,
}

/// A row under the mapping of its structure.
pub(super) struct Cells<'r> {
    pub(super) row: &'r Row<'r>,
    pub(super) mapping: &'r Mapping,
    pub(super) dataflow: Dataflow,
    columns: &'r Columns,
    components: &'r [Component],
    given: [Option<Given<'r>>; Target::COUNT],
}

impl<'r> Cells<'r> {
    pub(super) fn new(
        row: &'r Row<'r>,
        mapping: &'r Mapping,
        columns: &'r Columns,
        components: &'r [Component],
    ) -> Self {
        let mut given = [None; Target::COUNT];
        for cell in row.cells {
            let Some(of) = columns.given(mapping, cell.component) else {
                continue;
            };
            let ours = match cell.text {
                "*" => Some("*"),
                text => match of.translate(mapping.dataflow, text) {
                    Translated::Code(ours) => Some(ours),
                    Translated::Skip | Translated::Unknown => None,
                },
            };
            if let Some(place) = given.get_mut(of.target as usize) {
                *place = Some(Given { cell, ours });
            }
        }
        Self {
            row,
            mapping,
            dataflow: mapping.dataflow,
            columns,
            components,
            given,
        }
    }

    fn given(&self, target: Target) -> Option<Given<'r>> {
        self.given.get(target as usize).copied().flatten()
    }

    /// Whether the file has a column of it.
    pub(super) fn has_column(&self, target: Target) -> bool {
        self.columns.of(target).is_some()
    }

    /// What the file calls it.
    pub(super) fn name(&self, target: Target) -> &'r str {
        let component = self
            .columns
            .of(target)
            .and_then(|at| self.components.get(at));
        component.map_or(target.id(), |component| &component.id)
    }

    /// Whether there is something in the cell.
    pub(super) fn is_given(&self, target: Target) -> bool {
        self.given(target).is_some()
    }

    /// Whether the cell stands for any code.
    pub(super) fn is_any(&self, target: Target) -> bool {
        self.given(target)
            .is_some_and(|given| given.ours == Some("*"))
    }

    /// What it is where the file has no column of it; `None` where it has one.
    pub(super) fn constant(&self, target: Target) -> Option<&'r str> {
        let constant = self.mapping.constants.get(&target);
        constant
            .filter(|_| !self.has_column(target))
            .map(String::as_str)
    }

    /// What the cell says in our codes; `None` where it is empty.
    ///
    /// # Errors
    /// Where it says nothing that the mapping knows.
    pub(super) fn text(
        &self,
        target: Target,
        issues: &mut Issues,
    ) -> Result<Option<&'r str>, Reported> {
        match self.given(target) {
            None => Ok(None),
            Some(Given { ours: Some(ours), .. }) => Ok(Some(ours)),
            Some(Given { ours: None, .. }) => {
                Err(self.report(target, Rule::CodeUnknown, issues, |found| {
                    format!(
                        "‘{found}’ is no code of {} that the mapping of the dataflow says anything of; it has to be {}",
                        self.name(target),
                        described(target, self.dataflow)
                    )
                }))
            }
        }
    }

    /// Reports an issue of the cell.
    pub(super) fn report(
        &self,
        target: Target,
        rule: Rule,
        issues: &mut Issues,
        explain: impl FnOnce(String) -> String,
    ) -> Reported {
        let given = self.given(target);
        let found = given.map_or("", |given| given.cell.text);
        let column = || {
            let component = self.components.get(self.columns.of(target)?)?;
            Some(component.at.1)
        };
        let at = match given {
            Some(given) => (given.cell.line, given.cell.column),
            None => (self.row.line, column().unwrap_or(self.row.column)),
        };
        issues.report(at, rule, found, || explain(shown(found)));
        Reported
    }

    /// A word of a vocabulary; `None` where the cell is empty.
    pub(super) fn word<T: FromStr<Err = InvalidCode>>(
        &self,
        target: Target,
        rule: Rule,
        issues: &mut Issues,
    ) -> Result<Option<T>, Reported> {
        let Some(text) = self.text(target, issues)? else {
            return Ok(None);
        };
        let read = text.parse().map(Some);
        read.map_err(|error| {
            self.report(target, rule, issues, |_| {
                format!("{} {error}", self.name(target))
            })
        })
    }

    /// A whole number within bounds; `None` where the cell is empty.
    pub(super) fn whole_number(
        &self,
        target: Target,
        most: u32,
        issues: &mut Issues,
    ) -> Result<Option<u32>, Reported> {
        let Some(text) = self.text(target, issues)? else {
            return Ok(None);
        };
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(number) if digits && number <= most => Ok(Some(number)),
            _ => Err(
                self.report(target, Rule::AttributeMalformed, issues, |found| {
                    let id = self.name(target);
                    format!("‘{found}’ is no {id}, which is a whole number from 0 to {most}")
                }),
            ),
        }
    }

    /// The value; `None` where the cell is empty.
    pub(super) fn value(&self, issues: &mut Issues) -> Result<Option<Number>, Reported> {
        let Some(given) = self.given(Target::ObsValue) else {
            return Ok(None);
        };
        let read = Number::parse(given.cell.text).map(Some);
        read.map_err(|why| {
            self.report(Target::ObsValue, why.rule(), issues, |found| {
                let status = match why.rule() {
                    Rule::NumberNan => ", and say why in OBS_STATUS",
                    _ => "",
                };
                format!("‘{found}’ is no number: {why}{status}")
            })
        })
    }

    /// What the figure of the row is by its unit; `None` where the cell is empty.
    pub(super) fn unit(&self, issues: &mut Issues) -> Result<Option<Unit>, Reported> {
        let Some(given) = self.given(Target::Unit) else {
            return Ok(None);
        };
        let of = self.columns.given(self.mapping, given.cell.component);
        let units = of.map(|of| &of.units);
        if let Some(unit) = units.and_then(|units| units.get(given.cell.text)) {
            return Ok(Some(*unit));
        }
        Err(self.report(Target::Unit, Rule::UnitUnfit, issues, |found| {
            if of.is_none_or(|of| !of.needs_unit()) {
                return format!("the unit is ‘{found}’ and observations are in euro; write EUR, and the multiple in UNIT_MULT");
            }
            let kept: Vec<_> = units
                .into_iter()
                .flatten()
                .map(|(code, unit)| format!("{code} ({})", unit.indicator))
                .collect();
            format!(
                "figures of the {} ‘{found}’ are not kept; of this dataflow there is {}: take the row out, or skip the code in a mapping of your own",
                self.name(Target::Unit),
                kept.join(", ")
            )
        }))
    }

    /// Whether the row has to have a unit.
    pub(super) fn needs_unit(&self) -> bool {
        let column = self.columns.of(Target::Unit);
        let of = column.and_then(|at| self.columns.given(self.mapping, at));
        of.is_some_and(|of| of.needs_unit())
    }

    /// The period, which has to be of the frequency of the row, and that the one of the dataflow.
    pub(super) fn period(&self, issues: &mut Issues) -> Result<Option<Period>, Reported> {
        let frequency = self.text(Target::Freq, issues);
        let frequency = frequency?.or_else(|| self.constant(Target::Freq));
        let frequency = frequency.filter(|text| *text != "*");
        let text = self.text(Target::TimePeriod, issues)?;
        let text = text.or_else(|| self.constant(Target::TimePeriod));
        let text = text.filter(|text| *text != "*");
        let period = match text.map(parse_period) {
            None => None,
            Some(Ok(period)) => Some(period),
            Some(Err(error)) => {
                return Err(
                    self.report(Target::TimePeriod, Rule::PeriodMalformed, issues, |_| {
                        format!("{} {error}", self.name(Target::TimePeriod))
                    }),
                );
            }
        };
        let dataflow = self.dataflow;
        let own = dataflow.frequency();
        let (is, period_of) = match dataflow {
            Dataflow::Regtrd => ("annual", "year"),
            Dataflow::Exttrade => ("monthly", "month"),
        };
        match (frequency, period) {
            (Some(frequency), Some(period)) if frequency != period.frequency() => {
                Err(self.report(Target::TimePeriod, Rule::FrequencyUnfit, issues, |found| {
                    format!("‘{found}’ is a period of the frequency {} and FREQ is {}", period.frequency(), shown(frequency))
                }))
            }
            (Some(frequency), _) if frequency != own => Err(self.report(
                Target::Freq,
                Rule::FrequencyNotKept,
                issues,
                |found| format!("FREQ is ‘{found}’ and the dataflow {dataflow} is {is}; hand in {period_of}s, with FREQ {own}"),
            )),
            (None, Some(period)) if period.frequency() != own => Err(self.report(
                Target::TimePeriod,
                Rule::FrequencyNotKept,
                issues,
                |found| format!("‘{found}’ is no {period_of} and the dataflow {dataflow} is {is}"),
            )),
            _ => Ok(period),
        }
    }
}

/// A period as we write it, or as SDMX writes reporting years and months: `2024-A1`, `2024-M07`.
pub(super) fn parse_period(text: &str) -> Result<Period, InvalidCode> {
    text.parse().or_else(|error: InvalidCode| {
        let (year, part) = text.split_once('-').ok_or(error.clone())?;
        match part.strip_prefix('M').filter(|month| month.len() == 2) {
            Some(month) => format!("{year}-{month}").parse().map_err(|_| error),
            None if part == "A1" => year.parse().map_err(|_| error),
            None => Err(error),
        }
    })
}
