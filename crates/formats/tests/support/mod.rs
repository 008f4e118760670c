//! Facts of a table in one plain form, and a renderer that prints them as a press table in any language and number style.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use regtrade_formats::{Reading, Rule, press_table};
use regtrade_model::{
    Area, Dataflow, Indicator, Item, Language, PublishedFigure, Side, Span, TableDescription, Unit,
    labels,
};

/// The 204 figures of the 2024 release.
const REGTRD_2024: &str = include_str!("../../../../tests/data/regtrd-2024.csv");

/// One figure: its key, and its digits with a decimal point; no digits where it is missing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fact {
    pub item: Item,
    pub area: Area,
    pub indicator: Indicator,
    pub period: Span,
    pub digits: String,
}

/// The facts of the 2024 release, in the order in which it prints them.
pub fn regtrd_2024() -> Vec<Fact> {
    REGTRD_2024
        .lines()
        .skip(1)
        .map(|line| {
            let [item, area, indicator, period, digits, decimals] =
                line.split(',').collect::<Vec<_>>()[..]
            else {
                panic!("{line} has not six fields");
            };
            let fraction = digits
                .split_once('.')
                .map_or(0, |(_, fraction)| fraction.len());
            assert_eq!(fraction.to_string(), decimals, "{line}");
            Fact {
                item: item.parse().unwrap(),
                area: area.parse().unwrap(),
                indicator: indicator.parse().unwrap(),
                period: period.parse().unwrap(),
                digits: digits.to_owned(),
            }
        })
        .collect()
}

/// How a table is printed.
#[derive(Debug, Clone)]
pub struct Style {
    pub language: Language,
    pub decimal: char,
    pub group: &'static str,
    pub minus: &'static str,
    pub missing: &'static str,
    pub tags: bool,
    pub line_end: &'static str,
    pub byte_order_mark: bool,
    pub last_line_end: bool,
}

impl Style {
    /// The usual style of a language, without tags.
    pub fn of(language: Language) -> Self {
        Self {
            language,
            decimal: language.decimal_mark(),
            group: match language.group_mark() {
                ',' => ",",
                _ => ".",
            },
            minus: "-",
            missing: "n.a.",
            tags: false,
            line_end: "\n",
            byte_order_mark: false,
            last_line_end: true,
        }
    }
}

/// The values of a list, each once, in the order in which they first come.
fn distinct<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut list = vec![];
    for value in values {
        if !list.contains(&value) {
            list.push(value);
        }
    }
    list
}

/// Prints facts as a press table: a block of levels, shares and rates, then one of nets. A fact that is not there is empty.
pub fn render(facts: &[Fact], style: &Style) -> String {
    let is_net = |fact: &&Fact| fact.item.side() == Side::Net;
    let (nets, others): (Vec<&Fact>, Vec<&Fact>) = facts.iter().partition(is_net);
    let blocks: Vec<_> = [others, nets]
        .into_iter()
        .filter(|block| !block.is_empty())
        .collect();
    let mut rows = vec![vec![
        labels().title(Dataflow::Regtrd, style.language).to_owned(),
    ]];
    for block in blocks {
        rows.extend(render_block(&block, style));
    }
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let lines: Vec<_> = rows
        .into_iter()
        .map(|mut row| {
            row.resize(width, String::new());
            row.join("\t")
        })
        .collect();
    let mark = if style.byte_order_mark {
        "\u{feff}"
    } else {
        ""
    };
    let end = if style.last_line_end {
        style.line_end
    } else {
        ""
    };
    format!("{mark}{}{end}", lines.join(style.line_end))
}

fn render_block(facts: &[&Fact], style: &Style) -> Vec<Vec<String>> {
    let mut columns = distinct(facts.iter().map(|fact| (fact.indicator, fact.period)));
    columns.sort();
    let (mut headings, mut periods) = (vec![String::new()], vec![String::new()]);
    let mut last = None;
    for &(indicator, period) in &columns {
        let heading = format!(
            "{} ({})",
            labels().indicator(indicator, style.language),
            unit(indicator, style.language)
        );
        headings.push(if last == Some(indicator) {
            String::new()
        } else {
            heading
        });
        periods.push(period.to_string());
        last = Some(indicator);
    }
    let mut rows = vec![headings, periods];
    for item in distinct(facts.iter().map(|fact| fact.item)) {
        let label = labels().item(item, style.language);
        rows.push(vec![if style.tags {
            format!("<b>{label}</b>")
        } else {
            label.to_owned()
        }]);
        for area in distinct(facts.iter().map(|fact| fact.area)) {
            let mut row = vec![labels().area(&area, style.language)];
            row.extend(columns.iter().map(|&(indicator, period)| {
                facts
                    .iter()
                    .find(|fact| {
                        (fact.item, fact.area, fact.indicator, fact.period)
                            == (item, area, indicator, period)
                    })
                    .map_or_else(String::new, |fact| print(&fact.digits, style))
            }));
            rows.push(row);
        }
    }
    rows
}

fn unit(indicator: Indicator, language: Language) -> &'static str {
    match (indicator.unit(), language) {
        (Unit::Euro, Language::Fr) => "en € millions",
        (Unit::Euro, Language::Nl) => "in € miljoen",
        (Unit::Euro, Language::De) => "in Mio. €",
        (Unit::Euro, Language::En) => "€ million",
        (_, Language::Fr) => "en %",
        (_, _) => "in %",
    }
}

fn print(digits: &str, style: &Style) -> String {
    if digits.is_empty() {
        return style.missing.to_owned();
    }
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(rest) => (style.minus, rest),
        None => ("", digits),
    };
    let (integer, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut text = sign.to_owned();
    for (index, digit) in integer.chars().enumerate() {
        if index > 0 && (integer.len() - index).is_multiple_of(3) {
            text.push_str(style.group);
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push(style.decimal);
        text.push_str(fraction);
    }
    text
}

/// Reads a table by the shipped description.
pub fn read(bytes: &[u8]) -> Reading {
    press_table::read(bytes, &TableDescription::shipped(Dataflow::Regtrd))
}

/// The facts of a table that is read without an issue.
pub fn facts(reading: &Reading) -> Vec<Fact> {
    assert_eq!(reading.issue_count, 0, "{:#?}", reading.issues);
    reading
        .cells
        .iter()
        .map(|cell| {
            let figure = PublishedFigure::try_from(cell).unwrap();
            let mult = if figure.key.indicator.unit() == Unit::Euro {
                6
            } else {
                0
            };
            assert_eq!(cell.unit_mult, mult, "{cell:?}");
            assert_eq!(cell.value.map_or(0, |value| value.scale()), cell.decimals);
            Fact {
                item: figure.key.item,
                area: figure.key.ref_area,
                indicator: figure.key.indicator,
                period: figure.key.period,
                digits: cell
                    .value
                    .map(|value| value.to_string())
                    .unwrap_or_default(),
            }
        })
        .collect()
}

/// Facts in an order that does not depend on the layout.
pub fn sorted(mut facts: Vec<Fact>) -> Vec<Fact> {
    facts.sort();
    facts
}

pub type Rows = Vec<Vec<String>>;

/// The 2024 table as French prints it: title in line 1, headings and periods in 2 and 3, sections of five lines from 4 on,
/// the header of net exports in 34 and 35, its sections from 36 to 50.
pub fn table() -> String {
    render(
        &regtrd_2024(),
        &Style {
            tags: true,
            ..Style::of(Language::Fr)
        },
    )
}

fn rows(text: &str) -> Rows {
    let cells = |line: &str| line.split('\t').map(str::to_owned).collect();
    text.lines().map(cells).collect()
}

/// The text of rows after an edit of them. Lines and cells count from 1.
pub fn edited(edit: impl Fn(&mut Rows)) -> String {
    let mut rows = rows(&table());
    edit(&mut rows);
    rows.iter().map(|row| row.join("\t") + "\n").collect()
}

/// The text of the table with one cell replaced.
pub fn with(line: usize, cell: usize, text: &str) -> String {
    edited(|rows| rows[line - 1][cell - 1] = text.to_owned())
}

/// Checks that a file has exactly the issues expected, by line, column and rule.
#[track_caller]
pub fn check(bytes: impl AsRef<[u8]>, expected: &[(u32, u32, Rule)]) {
    let reading = read(bytes.as_ref());
    let found: Vec<_> = reading
        .issues
        .iter()
        .map(|i| (i.line, i.column, i.rule))
        .collect();
    let said: Vec<_> = reading.issues.iter().map(ToString::to_string).collect();
    let mut in_order = expected.to_vec();
    in_order.sort_by_key(|&(line, column, _)| (line, column));
    assert_eq!(found, in_order, "{said:#?}");
    assert_eq!(reading.issue_count, expected.len());
}
