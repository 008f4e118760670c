//! The decimal mark of a table, inferred from all its figures together; and what each figure then is.

use std::{borrow::Cow, cmp::Ordering, collections::HashMap};

use regtrade_model::{Code, Origin, PrintedCell};

use crate::{
    Rule,
    issue::{Issues, shown},
};

use super::{
    header::Column,
    number::{DecimalMark, Number, Print, Readings, is_minus},
};

/// A figure whose text is a number or a mark for a missing one.
pub(super) struct Figure<'t> {
    pub(super) origin: Origin,
    /// The column of figures that it stands in, counted through the file.
    pub(super) column: usize,
    pub(super) text: Cow<'t, str>,
    pub(super) print: Print,
    /// Item and area, and what the column says; `None` where an issue was reported of either, so that it only counts as
    /// evidence.
    pub(super) key: Option<(Code, Code, Column)>,
}

impl Figure<'_> {
    fn readings(&self) -> Option<Readings> {
        match self.print {
            Print::Number(readings) => Some(readings),
            Print::Missing => None,
        }
    }
}

/// How the decimals of the figures of each column are spread: column and decimals to a count.
type Spread = HashMap<(usize, u32), usize>;

/// Settles what each figure is, and that none stands twice. `cut_off` says that the file ends in the last figure, without a line end.
pub(super) fn settle(
    figures: Vec<Figure<'_>>,
    cut_off: bool,
    issues: &mut Issues,
) -> Vec<PrintedCell> {
    let votes = |mark| {
        let proves =
            |figure: &&Figure<'_>| figure.readings().and_then(Readings::proves) == Some(mark);
        figures.iter().filter(proves).count()
    };
    let (comma, point) = (votes(DecimalMark::Comma), votes(DecimalMark::Point));
    let mark = match comma.cmp(&point) {
        Ordering::Greater => Some(DecimalMark::Comma),
        Ordering::Less => Some(DecimalMark::Point),
        Ordering::Equal => None,
    };
    let spread = spread(&figures, mark);
    let last = figures.len().saturating_sub(1);
    let mut cells = vec![];
    for (index, figure) in figures.into_iter().enumerate() {
        let number = if cut_off && index == last && is_cut(&figure, mark, &spread) {
            Err((
                Rule::FileTruncated,
                format!(
                    "the file ends in ‘{}’ without a line end, and its column has more decimals; complete the file, or end its last line",
                    shown(&figure.text)
                ),
            ))
        } else {
            let readings = figure.readings();
            readings
                .map(|readings| number(&figure, readings, mark, (comma, point), &spread))
                .transpose()
        };
        let origin = figure.origin;
        match (number, figure.key) {
            (Err((rule, explanation)), _) => {
                issues.report((origin.line, origin.column), rule, &figure.text, || {
                    explanation
                });
            }
            (Ok(number), Some((item, area, column))) => cells.push(PrintedCell {
                item,
                area,
                indicator: column.indicator,
                period: column.period,
                value: number.map(|number| number.value),
                decimals: number.map_or(0, |number| number.decimals),
                unit_mult: column.unit_mult,
                origin,
            }),
            (Ok(_), None) => {}
        }
    }
    report_duplicates(&cells, issues);
    cells
}

/// Reports each figure that stands in an earlier block already.
fn report_duplicates(cells: &[PrintedCell], issues: &mut Issues) {
    let key = |cell: &PrintedCell| (cell.indicator, cell.period);
    let mut sorted: Vec<&PrintedCell> = cells.iter().collect();
    sorted.sort_by(|a, b| {
        (&a.item, &a.area, key(a), a.origin).cmp(&(&b.item, &b.area, key(b), b.origin))
    });
    for pair in sorted.windows(2) {
        let [first, second] = pair else { continue };
        if (&first.item, &first.area, key(first)) == (&second.item, &second.area, key(second)) {
            let at = (second.origin.line, second.origin.column);
            let value = second
                .value
                .map(|value| value.to_string())
                .unwrap_or_default();
            issues.report(at, Rule::KeyDuplicate, &value, || {
                format!(
                    "{} {} of {} and {} stands in line {} already; take one out",
                    second.indicator, second.period, second.item, second.area, first.origin.line
                )
            });
        }
    }
}

/// The number under the decimal mark of the table, or whichever it is.
fn under(readings: Readings, mark: Option<DecimalMark>) -> Option<Number> {
    mark.map_or_else(|| readings.certain(), |mark| readings.under(mark))
}

fn spread(figures: &[Figure<'_>], mark: Option<DecimalMark>) -> Spread {
    let mut spread = Spread::new();
    for figure in figures {
        if let Some(number) = figure.readings().and_then(|readings| under(readings, mark)) {
            *spread.entry((figure.column, number.decimals)).or_default() += 1;
        }
    }
    spread
}

/// Whether the last figure of a file that has no last line end may have lost characters: all digits, or decimals that all
/// other figures of its column have.
fn is_cut(figure: &Figure<'_>, mark: Option<DecimalMark>, spread: &Spread) -> bool {
    let Some(number) = figure.readings().and_then(|readings| under(readings, mark)) else {
        return figure.text.chars().all(is_minus);
    };
    let mut others = spread
        .iter()
        .filter(|((column, decimals), count)| {
            *column == figure.column && !(*decimals == number.decimals && **count == 1)
        })
        .map(|((_, decimals), _)| *decimals)
        .peekable();
    others.peek().is_some() && others.all(|decimals| decimals > number.decimals)
}

fn number(
    figure: &Figure<'_>,
    readings: Readings,
    mark: Option<DecimalMark>,
    (comma, point): (usize, usize),
    spread: &Spread,
) -> Result<Number, (Rule, String)> {
    let text = shown(&figure.text);
    if let Some(number) = readings.certain() {
        return Ok(number);
    }
    if let Some([under_comma, under_point]) = readings.both() {
        let two = format!("‘{text}’ is {} or {}", under_comma.value, under_point.value);
        let Some(number) = mark.and_then(|mark| readings.under(mark)) else {
            let why = if comma == 0 {
                "no other figure of the table shows which mark is the decimal one; print the decimals of the levels, or leave out the marks between thousands"
            } else {
                "as many figures of the table have a decimal comma as a decimal point; print all with one"
            };
            return Err((Rule::NumberTwoReadings, format!("{two}: {why}")));
        };
        let alike = spread.get(&(figure.column, number.decimals)).copied();
        let others = spread
            .keys()
            .any(|(column, decimals)| *column == figure.column && *decimals != number.decimals);
        if others && alike == Some(1) {
            return Err((
                Rule::NumberTwoReadings,
                format!(
                    "{two}: by the decimal mark of the table it is {}, but no other figure of its column has {} decimals; print it with the decimals of its column",
                    number.value, number.decimals
                ),
            ));
        }
        return Ok(number);
    }
    match mark.and_then(|mark| readings.under(mark)) {
        Some(number) => Ok(number),
        None => {
            let (this, other, others) = match readings.proves() {
                Some(DecimalMark::Comma) => ("comma", "point", point),
                _ => ("point", "comma", comma),
            };
            Err((
                Rule::NumberContradiction,
                format!(
                    "‘{text}’ has a decimal {this}, and the decimal mark of {others} other figure(s) of the table is a {other}; print all with one"
                ),
            ))
        }
    }
}
