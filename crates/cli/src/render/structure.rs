//! Structure indicators as a table: a line for each item, area and component, a column for each period.

use std::collections::{BTreeMap, BTreeSet};

use regtrade_model::{Area, Breakdown, Figure, FigureValue, Item, Span, codelist_of, labels};

use super::{Answer, footer, numbers::in_language, table, words::Words};
use crate::args::StructureArgs;

/// A line: item, area, and the code of the component where there is one.
type Line = (Item, Area, String);

/// The table, and what must be said of it.
pub fn table(answer: &Answer, args: &StructureArgs) -> String {
    let language = args.lang;
    let mut lines: Vec<Line> = vec![];
    let mut cells: BTreeMap<(Line, Span), &Figure> = BTreeMap::new();
    let mut periods: BTreeSet<Span> = BTreeSet::new();
    for figure in &answer.figures {
        let key = &figure.key;
        let line = (key.item, key.ref_area, component(figure, args.by));
        if !lines.contains(&line) {
            lines.push(line.clone());
        }
        periods.insert(key.period);
        cells.insert((line, key.period), figure);
    }
    let mut header = vec![labels().indicator(args.indicator, language).to_owned()];
    header.extend(periods.iter().map(ToString::to_string));
    let mut above: Option<(Item, Area)> = None;
    let mut rows = vec![];
    let mut reasons = vec![];
    for line in lines {
        let (item, area, code) = &line;
        let whole = format!(
            "{}, {}",
            labels().item(*item, language),
            labels().area(area, language)
        );
        let mut row = if code.is_empty() {
            vec![whole]
        } else {
            if above.replace((*item, *area)) != Some((*item, *area)) {
                rows.push(vec![whole]);
            }
            vec![format!("  {}", named(answer, args, *item, code))]
        };
        for period in &periods {
            row.push(match cells.get(&(line.clone(), *period)) {
                Some(figure) => cell(figure, &mut reasons, args),
                None => String::new(),
            });
        }
        rows.push(row);
    }
    let mut text = table::aligned(&header, rows, 1);
    text.push('\n');
    for (at, reason) in reasons.iter().enumerate() {
        let reason = Words::of(language).reason(*reason);
        text.push_str(&table::dim(&format!("{} {reason}\n", table::raised(at))));
    }
    text.push_str(&footer(answer, language));
    text
}

/// The code of the component that a figure is of; empty of one that is of a whole.
fn component(figure: &Figure, by: Breakdown) -> String {
    let key = &figure.key;
    let (code, total) = match by {
        Breakdown::Product => (&key.product, "_T"),
        Breakdown::Activity => (&key.activity, "_T"),
        Breakdown::Partner | Breakdown::PartnerGroup => (&key.counterpart_area, "W1"),
        Breakdown::Region => return String::new(),
    };
    let is_whole = code.as_str() == total;
    if is_whole {
        String::new()
    } else {
        code.to_string()
    }
}

/// A code with its label, where it has one.
fn named(answer: &Answer, args: &StructureArgs, item: Item, code: &str) -> String {
    let component = match args.by {
        Breakdown::Product => "PRODUCT",
        Breakdown::Activity => "ACTIVITY",
        Breakdown::Partner | Breakdown::PartnerGroup | Breakdown::Region => "COUNTERPART_AREA",
    };
    let list = codelist_of(answer.release.dataflow, component, item);
    match list.map(|list| list.label(code, args.lang)) {
        Some(label) if label != code => format!("{code} {label}"),
        _ => code.to_owned(),
    }
}

fn cell(
    figure: &Figure,
    reasons: &mut Vec<regtrade_model::Undefined>,
    args: &StructureArgs,
) -> String {
    let shown = |value| in_language(value, figure.decimals, args.lang);
    match &figure.value {
        FigureValue::Exact(value) => format!("{} ", shown(*value)),
        FigureValue::Between { lower, upper } => format!("{} … {} ", shown(*lower), shown(*upper)),
        FigureValue::Undefined(reason) => table::not_available(Some(*reason), reasons, args.lang),
    }
}
