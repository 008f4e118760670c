//! The rows: from cells to figures.

use std::{collections::HashMap, str::FromStr};

use regtrade_model::{
    Area, Code, FigureKey, Indicator, InvalidCode, Item, Origin, PublishedFigure, Side, Span, Unit,
};

use crate::{
    Rule,
    csv::{Number, Row},
    issue::{Issues, shown},
};

use super::header::{Columns, Field};

/// The largest unit_mult, and the most decimals.
const LARGEST_UNIT_MULT: u32 = 15;
const MOST_DECIMALS: u32 = 28;

/// An issue was reported.
struct Reported;

/// The rows of a list, as far as they were read.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) figures: Vec<PublishedFigure>,
    /// What the list notes of figures.
    pub(super) notes: Vec<String>,
    lines: HashMap<FigureKey, u32>,
}

impl Rows {
    /// Reads the next row. Where it cannot be taken in, there is an issue.
    pub(super) fn read(&mut self, row: &Row<'_>, columns: &Columns, issues: &mut Issues) {
        let cells = Cells { row, columns };
        let Ok(figure) = figure(&cells, issues) else {
            return;
        };
        let key = &figure.key;
        if let Some(first) = self.lines.get(key) {
            issues.report((row.line, 1), Rule::KeyDuplicate, "", || {
                format!(
                    "the figure {} {} {} {} is in line {first} already; take one out",
                    key.ref_area, key.item, key.indicator, key.period
                )
            });
            return;
        }
        if let Some(note) = cells.text(Field::Note) {
            self.notes.push(format!(
                "{} {} {} {}: {note}",
                key.ref_area, key.item, key.indicator, key.period
            ));
        }
        self.lines.insert(key.clone(), row.line);
        self.figures.push(figure);
    }
}

struct Cells<'r, 't> {
    row: &'r Row<'t>,
    columns: &'r Columns,
}

impl<'r> Cells<'r, '_> {
    /// The text of a cell; `None` where it is empty or there is no such column.
    fn text(&self, field: Field) -> Option<&'r str> {
        let text = self.row.text(self.columns.at(field)?);
        (!text.is_empty()).then_some(text)
    }

    fn position(&self, field: Field) -> (u32, u32) {
        let at = self.columns.at(field).unwrap_or_default();
        self.row.position(at)
    }

    fn report(
        &self,
        field: Field,
        rule: Rule,
        issues: &mut Issues,
        explain: impl FnOnce(String) -> String,
    ) -> Reported {
        let found = self.text(field).unwrap_or_default();
        issues.report(self.position(field), rule, found, || explain(shown(found)));
        Reported
    }

    fn word<T: FromStr<Err = InvalidCode>>(
        &self,
        field: Field,
        rule: Rule,
        issues: &mut Issues,
    ) -> Result<Option<T>, Reported> {
        let Some(text) = self.text(field) else {
            return Ok(None);
        };
        let read = text.parse().map(Some);
        read.map_err(|error| {
            self.report(field, rule, issues, |_| {
                format!("{} {error}", field.heading())
            })
        })
    }

    fn needed<T: FromStr<Err = InvalidCode>>(
        &self,
        field: Field,
        rule: Rule,
        issues: &mut Issues,
    ) -> Result<T, Reported> {
        self.word(field, rule, issues)?.ok_or_else(|| {
            self.report(field, Rule::DimensionMissing, issues, |_| {
                format!("the row has no {}; every figure has one", field.heading())
            })
        })
    }

    fn whole_number(
        &self,
        field: Field,
        most: u32,
        issues: &mut Issues,
    ) -> Result<Option<u32>, Reported> {
        let Some(text) = self.text(field) else {
            return Ok(None);
        };
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(number) if digits && number <= most => Ok(Some(number)),
            _ => Err(
                self.report(field, Rule::AttributeMalformed, issues, |found| {
                    let heading = field.heading();
                    format!("‘{found}’ is no {heading}, which is a whole number from 0 to {most}")
                }),
            ),
        }
    }
}

/// The figure of a row. All its cells are read, so that all issues are found in one go.
fn figure(cells: &Cells<'_, '_>, issues: &mut Issues) -> Result<PublishedFigure, Reported> {
    let item = cells.needed::<Item>(Field::Item, Rule::CodeUnknown, issues);
    let ref_area = cells.needed::<Area>(Field::RefArea, Rule::CodeUnknown, issues);
    let indicator = cells.needed::<Indicator>(Field::Indicator, Rule::IndicatorUnfit, issues);
    let period = cells.needed::<Span>(Field::Period, Rule::PeriodMalformed, issues);
    let activity = cells.word::<Code>(Field::Activity, Rule::CodeUnknown, issues);
    let product = cells.word::<Code>(Field::Product, Rule::CodeUnknown, issues);
    let counterpart_area = cells.word::<Code>(Field::CounterpartArea, Rule::CodeUnknown, issues);
    let number = number(cells, issues);
    let unit_mult = cells.whole_number(Field::UnitMult, LARGEST_UNIT_MULT, issues);
    let (item, indicator, period) = (item?, indicator?, period?);
    let indicator = indicator_of(item, indicator, cells, issues)?;
    let fits = check_period(indicator, period, cells, issues);
    let unit_mult = unit_mult_of(indicator, unit_mult?, cells, issues);
    check_unit(indicator, cells, issues)?;
    fits?;
    let (value, decimals) = number?;
    let (line, column) = cells.position(Field::Value);
    Ok(PublishedFigure {
        key: FigureKey {
            item,
            ref_area: ref_area?,
            activity: activity?.unwrap_or_else(Code::total),
            product: product?.unwrap_or_else(Code::total),
            counterpart_area: counterpart_area?.unwrap_or_else(Code::world),
            indicator,
            concept: None,
            period,
        },
        value: value.map(|number| number.value),
        decimals,
        unit_mult: unit_mult?,
        origin: Origin { line, column },
        source: cells.text(Field::Source).map(str::to_owned),
    })
}

/// The value as it is printed, and its decimals, which both say how exact it is.
fn number(cells: &Cells<'_, '_>, issues: &mut Issues) -> Result<(Option<Number>, u32), Reported> {
    let decimals = cells.whole_number(Field::Decimals, MOST_DECIMALS, issues);
    let number = match cells
        .text(Field::Value)
        .map(Number::parse_print)
        .transpose()
    {
        Ok(number) => number,
        Err(why) => {
            return Err(cells.report(Field::Value, why.rule(), issues, |found| {
                format!("‘{found}’ is no number: {why}")
            }));
        }
    };
    match (number, decimals?) {
        (None, decimals) => Ok((None, decimals.unwrap_or_default())),
        (Some(_), None) => Err(cells.report(Field::Decimals, Rule::AttributeMissing, issues, |_| {
            "decimals is empty; write how many are printed".to_owned()
        })),
        (Some(number), Some(decimals)) if number.decimals != decimals => {
            Err(cells.report(Field::Value, Rule::DecimalsUnfit, issues, |found| {
                format!(
                    "‘{found}’ has {} decimals and the column decimals says {decimals}; write the value as it is printed, to its last decimal",
                    number.decimals
                )
            }))
        }
        (number, Some(decimals)) => Ok((number, decimals)),
    }
}

/// The indicator of an item: a level of a balance is a net.
fn indicator_of(
    item: Item,
    indicator: Indicator,
    cells: &Cells<'_, '_>,
    issues: &mut Issues,
) -> Result<Indicator, Reported> {
    let why = match (indicator, item.side()) {
        (Indicator::Level, Side::Net) => return Ok(Indicator::Net),
        (Indicator::Net, Side::Exports | Side::Imports) => "net is of a balance (B11, B111, B112)",
        (Indicator::Growth | Indicator::Cagr, Side::Net) => "a balance has no rate of growth",
        (Indicator::Coverage, Side::Imports | Side::Net) => {
            "coverage stands with the item of exports (P6, P61, P62)"
        }
        _ => return Ok(indicator),
    };
    Err(
        cells.report(Field::Indicator, Rule::IndicatorUnfit, issues, |found| {
            format!("‘{found}’ is no indicator of {item}: {why}")
        }),
    )
}

fn check_period(
    indicator: Indicator,
    period: Span,
    cells: &Cells<'_, '_>,
    issues: &mut Issues,
) -> Result<(), Reported> {
    let why = match (indicator, period.years()) {
        _ if !period.last().is_annual() => {
            return Err(
                cells.report(Field::Period, Rule::FrequencyNotKept, issues, |found| {
                    format!("‘{found}’ is no year and the dataflow REGTRD is annual")
                }),
            );
        }
        (Indicator::Cagr, Some(_)) | (Indicator::Growth, Some(2..)) => return Ok(()),
        (Indicator::Cagr, None) => "average growth is of a span of years such as 2019-2024",
        (Indicator::Growth, Some(_)) => "growth over one year is of that year, written alone",
        (_, Some(_)) => "only growth and average growth can be of a span of years",
        (_, None) => return Ok(()),
    };
    Err(
        cells.report(Field::Period, Rule::PeriodUnfit, issues, |found| {
            format!("‘{found}’ is no period of {indicator}: {why}")
        }),
    )
}

fn unit_mult_of(
    indicator: Indicator,
    unit_mult: Option<u32>,
    cells: &Cells<'_, '_>,
    issues: &mut Issues,
) -> Result<i32, Reported> {
    match (indicator.unit(), unit_mult) {
        (Unit::Euro, None) => Err(cells.report(Field::UnitMult, Rule::AttributeMissing, issues, |_| {
            format!("unit_mult is empty, so that the {indicator} could be of millions or of thousand millions; write 6 for millions, 9 for thousand millions")
        })),
        (Unit::Percent | Unit::PercentagePoints, Some(1..)) => {
            Err(cells.report(Field::UnitMult, Rule::UnitUnfit, issues, |found| {
                format!("unit_mult is ‘{found}’ and {indicator} is in percent; write 0 or nothing")
            }))
        }
        (_, unit_mult) => Ok(unit_mult
            .and_then(|number| i32::try_from(number).ok())
            .unwrap_or_default()),
    }
}

fn check_unit(
    indicator: Indicator,
    cells: &Cells<'_, '_>,
    issues: &mut Issues,
) -> Result<(), Reported> {
    let unit = indicator.unit();
    match cells.text(Field::Unit) {
        Some(text) if text != unit.as_str() => {
            Err(cells.report(Field::Unit, Rule::UnitUnfit, issues, |found| {
                format!(
                    "the unit is ‘{found}’ and {indicator} is in {unit}; write {unit} or nothing"
                )
            }))
        }
        _ => Ok(()),
    }
}
