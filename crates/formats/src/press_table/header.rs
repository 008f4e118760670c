//! Header blocks: a row of headings with their units, and the row of periods under it.

use std::borrow::Cow;

use regtrade_model::{Indicator, Span, Unit};

use crate::{
    Rule,
    issue::{Issues, shown},
    text::from_one,
};

use super::{
    label::{Vocabulary, label_key, without_note_numbers},
    unit::{self, UnitError},
};

/// What a heading says: the indicator, and UNIT_MULT.
type Measure = (Indicator, i32);

/// A row of headings that waits for its row of periods.
pub(super) struct Headings {
    pub(super) line: u32,
    /// The cell of each heading, its text, and what it says; `None` where an issue was reported.
    headings: Vec<(usize, String, Option<Measure>)>,
}

/// A column of figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) indicator: Indicator,
    pub(super) period: Span,
    pub(super) unit_mult: i32,
}

/// The unit of the levels of a table, and where it was first seen.
pub(super) type LevelUnit = Option<(i32, u32)>;

/// A heading without its unit, and the text of the unit.
fn split(key: &str) -> (&str, Option<&str>) {
    let inside = key.strip_suffix(')').or_else(|| key.strip_suffix(']'));
    match inside.and_then(|text| Some((text, text.rfind(['(', '['])?))) {
        Some((text, open)) => (without_note_numbers(&text[..open]), Some(&text[open + 1..])),
        None => (key, None),
    }
}

/// Whether any cell of a row, its first apart, is a heading that the description knows.
pub(super) fn is_headings(cells: &[Cow<'_, str>], vocabulary: &Vocabulary<'_>) -> bool {
    cells
        .iter()
        .skip(1)
        .any(|cell| !vocabulary.measure(split(&label_key(cell)).0).is_empty())
}

/// Reads a row of headings.
pub(super) fn headings(
    line: u32,
    cells: &[Cow<'_, str>],
    vocabulary: &Vocabulary<'_>,
    level_unit: &mut LevelUnit,
    issues: &mut Issues,
) -> Headings {
    let filled = cells
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(_, c)| !c.is_empty());
    let headings = filled
        .map(|(at, cell)| {
            let measure = match measure(cell, vocabulary) {
                Ok(measure) => fitting(measure, line, level_unit),
                Err(problem) => Err(problem),
            };
            let measure = measure
                .map_err(|(rule, explanation)| {
                    issues.report((line, from_one(at)), rule, cell, || explanation);
                })
                .ok();
            (at, shown(cell), measure)
        })
        .collect();
    Headings { line, headings }
}

type Problem = (Rule, String);

fn measure(cell: &str, vocabulary: &Vocabulary<'_>) -> Result<(Indicator, Unit, i32), Problem> {
    let key = label_key(cell);
    let (label, unit) = split(&key);
    let heading = shown(cell);
    let indicator = match vocabulary.measure(label) {
        [indicator] => *indicator,
        [] => {
            return Err((
                Rule::LabelUnknown,
                format!(
                    "the heading ‘{heading}’ is none of the description of the table; correct it, or add it to the description"
                ),
            ));
        }
        several => {
            let names: Vec<_> = several.iter().map(|i| i.as_str()).collect();
            return Err((
                Rule::LabelAmbiguous,
                format!(
                    "the heading ‘{heading}’ stands for {} in the description of the table; make the labels differ",
                    names.join(" and for ")
                ),
            ));
        }
    };
    let Some(unit) = unit else {
        return Err((
            Rule::UnitMissing,
            format!(
                "the heading ‘{heading}’ has no unit; put it in brackets, such as (in %) or (in € million)"
            ),
        ));
    };
    match unit::parse(unit, vocabulary.is_english(label)) {
        Ok((unit, multiplier)) => Ok((indicator, unit, multiplier)),
        Err(UnitError::Unknown) => Err((
            Rule::UnitUnknown,
            format!(
                "‘{unit}’ is no unit that is known; write %, or € with million, milliard or thousand"
            ),
        )),
        Err(UnitError::TwoReadings) => Err((
            Rule::UnitTwoReadings,
            format!(
                "‘{unit}’ is 10^9 in English and 10^12 in French, Dutch and German, and the heading does not say which; write bn or Mrd for 10^9"
            ),
        )),
    }
}

fn fitting(
    (indicator, unit, multiplier): (Indicator, Unit, i32),
    line: u32,
    level_unit: &mut LevelUnit,
) -> Result<Measure, Problem> {
    if unit != indicator.unit() {
        let wanted = match indicator.unit() {
            Unit::Euro => "a multiple of the euro",
            Unit::Percent => "percent",
            Unit::PercentagePoints => "percentage points",
            Unit::PureNumber => "a number without a unit",
        };
        return Err((
            Rule::UnitUnfit,
            format!(
                "the heading is of {indicator}, whose unit is {wanted}; correct the unit or the heading"
            ),
        ));
    }
    if unit == Unit::Euro {
        let (first, at) = *level_unit.get_or_insert((multiplier, line));
        if first != multiplier {
            return Err((
                Rule::UnitMixed,
                format!(
                    "these levels are in 10^{multiplier} EUR and those of line {at} in 10^{first} EUR; print all levels of the table in one unit"
                ),
            ));
        }
    }
    Ok((indicator, multiplier))
}

/// The period of a cell: a year, or a span of years with any dash.
pub(super) fn period(cell: &str) -> Option<Span> {
    let key = label_key(cell);
    let years = key.split(['-', '\u{2012}', '\u{2013}']).map(str::trim);
    let text = years.collect::<Vec<_>>().join("-");
    text.parse::<Span>()
        .ok()
        .filter(|span| span.last().is_annual())
}

/// Reads the row of periods under a row of headings into columns, the first being that of the second cell.
///
/// A column is `None` where an issue was reported of it, so that its figures need no further one.
pub(super) fn columns(
    headings: &Headings,
    line: u32,
    cells: &[Cow<'_, str>],
    issues: &mut Issues,
) -> Vec<Option<Column>> {
    let width = cells.iter().rposition(|cell| !cell.is_empty()).unwrap_or(0);
    let mut columns: Vec<Option<Column>> = vec![None; width];
    let first = headings.headings.first().map_or(usize::MAX, |h| h.0);
    for (at, cell) in cells.iter().enumerate().take(first).skip(1) {
        if !cell.is_empty() {
            issues.report((line, from_one(at)), Rule::HeaderHeadingMissing, cell, || {
                format!(
                    "the period ‘{}’ stands under no heading of line {}; give the column its heading",
                    shown(cell), headings.line
                )
            });
        }
    }
    for (index, (start, text, measure)) in headings.headings.iter().enumerate() {
        let next = headings.headings.get(index + 1).map(|next| next.0);
        let end = next.unwrap_or(width + 1).min(width + 1);
        let under = cells.get(*start..end.max(*start)).unwrap_or_default();
        if under.iter().all(|cell| cell.is_empty()) {
            issues.report(
                (headings.line, from_one(*start)),
                Rule::HeaderPeriodMissing,
                text,
                || {
                    format!(
                        "the heading ‘{text}’ has no period under it in line {line}; print its year"
                    )
                },
            );
            continue;
        }
        for (at, cell) in (*start..).zip(under) {
            let column = match (cell.is_empty(), period(cell)) {
                (true, _) => Err((
                    Rule::HeaderPeriodMissing,
                    format!("a column under the heading ‘{text}’ has no period; print its year"),
                )),
                (false, None) => Err((
                    Rule::HeaderPeriodMalformed,
                    format!(
                        "‘{}’ is no period; print a year such as 2024, or years such as 2019-2024",
                        shown(cell)
                    ),
                )),
                (false, Some(period)) => match measure {
                    None => continue,
                    Some(measure) => column(*measure, period, &columns),
                },
            };
            match column {
                Ok(column) => columns
                    .get_mut(at - 1)
                    .into_iter()
                    .for_each(|slot| *slot = Some(column)),
                Err((rule, explanation)) => {
                    issues.report((line, from_one(at)), rule, cell, || explanation);
                }
            }
        }
    }
    columns
}

fn column(
    (indicator, unit_mult): Measure,
    period: Span,
    before: &[Option<Column>],
) -> Result<Column, Problem> {
    let column = Column {
        indicator,
        period,
        unit_mult,
    };
    let fits = match indicator {
        Indicator::Cagr => period.first().is_some(),
        Indicator::Contribution => true,
        _ => period.first().is_none(),
    };
    if !fits {
        let wanted = match indicator {
            Indicator::Cagr => "a span of years such as 2019-2024",
            _ => "one year such as 2024",
        };
        return Err((
            Rule::HeaderPeriodUnfit,
            format!("{indicator} is of {wanted}, not of {period}; is a column shifted?"),
        ));
    }
    if before.contains(&Some(column)) {
        return Err((
            Rule::HeaderPeriodTwice,
            format!(
                "{indicator} of {period} has a column already; correct the year or take one column out"
            ),
        ));
    }
    Ok(column)
}
