//! The cells of one row, by component: what each says, or an issue where it says nothing that can be taken in.

use std::{collections::HashMap, str::FromStr};

use regtrade_model::{Code, InvalidCode, Period};

use crate::{
    Rule,
    csv::{Number, Row},
    issue::{Issues, shown},
};

use super::header::{Columns, Component};

/// An issue was reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reported;

/// A row under its header.
pub(super) struct Cells<'r, 't> {
    pub(super) row: &'r Row<'t>,
    pub(super) columns: &'r Columns,
}

impl<'r> Cells<'r, '_> {
    /// The id or value in the column of a component; `None` where the cell is empty or there is no such column.
    pub(super) fn text(&self, component: Component) -> Option<&'r str> {
        let text = self.columns.id(self.row.text(self.columns.at(component)?));
        (!text.is_empty()).then_some(text)
    }

    /// Reports an issue of the cell of a component.
    pub(super) fn report(
        &self,
        component: Component,
        rule: Rule,
        issues: &mut Issues,
        explain: impl FnOnce(String) -> String,
    ) -> Reported {
        let found = self.text(component).unwrap_or_default();
        let at = self.columns.at(component).unwrap_or_default();
        issues.report(self.row.position(at), rule, found, || explain(shown(found)));
        Reported
    }

    /// A word of a vocabulary; `None` where the cell is empty.
    pub(super) fn word<T: FromStr<Err = InvalidCode>>(
        &self,
        component: Component,
        rule: Rule,
        issues: &mut Issues,
    ) -> Result<Option<T>, Reported> {
        let Some(text) = self.text(component) else {
            return Ok(None);
        };
        let read = text.parse().map(Some);
        read.map_err(|error| {
            self.report(component, rule, issues, |_| {
                format!("{} {error}", component.id())
            })
        })
    }

    /// A whole number within bounds; `None` where the cell is empty.
    pub(super) fn whole_number(
        &self,
        component: Component,
        most: u32,
        issues: &mut Issues,
    ) -> Result<Option<u32>, Reported> {
        let Some(text) = self.text(component) else {
            return Ok(None);
        };
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(number) if digits && number <= most => Ok(Some(number)),
            _ => Err(
                self.report(component, Rule::AttributeMalformed, issues, |found| {
                    let id = component.id();
                    format!("‘{found}’ is no {id}, which is a whole number from 0 to {most}")
                }),
            ),
        }
    }

    /// The value; `None` where the cell is empty.
    pub(super) fn value(&self, issues: &mut Issues) -> Result<Option<Number>, Reported> {
        let Some(text) = self.text(Component::ObsValue) else {
            return Ok(None);
        };
        let read = Number::parse(text).map(Some);
        read.map_err(|why| {
            self.report(Component::ObsValue, why.rule(), issues, |found| {
                let status = match why.rule() {
                    Rule::NumberNan => ", and say why in OBS_STATUS",
                    _ => "",
                };
                format!("‘{found}’ is no number: {why}{status}")
            })
        })
    }

    /// The period, which has to be of the frequency of the row, and that annual.
    pub(super) fn period(&self, issues: &mut Issues) -> Result<Option<Period>, Reported> {
        let frequency = self.text(Component::Freq).filter(|text| *text != "*");
        let period = match self.text(Component::TimePeriod) {
            Some("*") => None,
            _ => self.word::<Period>(Component::TimePeriod, Rule::PeriodMalformed, issues)?,
        };
        match (frequency, period) {
            (Some(frequency), Some(period)) if frequency != period.frequency() => {
                Err(self.report(Component::TimePeriod, Rule::FrequencyUnfit, issues, |found| {
                    format!("‘{found}’ is a period of the frequency {} and FREQ is {}", period.frequency(), shown(frequency))
                }))
            }
            (Some(frequency), _) if frequency != "A" => Err(self.report(
                Component::Freq,
                Rule::FrequencyNotKept,
                issues,
                |found| format!("FREQ is ‘{found}’ and the dataflow REGTRD is annual; hand in years, with FREQ A"),
            )),
            (None, Some(period)) if !period.is_annual() => Err(self.report(
                Component::TimePeriod,
                Rule::FrequencyNotKept,
                issues,
                |found| format!("‘{found}’ is no year and the dataflow REGTRD is annual"),
            )),
            _ => Ok(period),
        }
    }
}

/// Codes that were read, each of them kept once.
#[derive(Default)]
pub(super) struct Codes(HashMap<String, Code>);

impl Codes {
    /// The code in the cell of a component; `None` where it is empty.
    pub(super) fn read(
        &mut self,
        cells: &Cells<'_, '_>,
        component: Component,
        issues: &mut Issues,
    ) -> Result<Option<Code>, Reported> {
        let known = cells.text(component).and_then(|text| self.0.get(text));
        if let Some(code) = known {
            return Ok(Some(code.clone()));
        }
        let code: Option<Code> = cells.word(component, Rule::CodeUnknown, issues)?;
        if let Some(code) = &code {
            self.0.insert(code.to_string(), code.clone());
        }
        Ok(code)
    }
}
