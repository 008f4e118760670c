//! The key indicators, laid out like the table that the release prints.

use std::collections::{BTreeMap, BTreeSet};

use regtrade_model::{
    Area, Figure, FigureValue, Indicator, Item, Language, Provenance, Span, Undefined, labels,
};

use super::{
    Answer, footer,
    numbers::in_language,
    table::{self, bold, dim, raised},
    words::Words,
};

/// The blocks of the table, one under the other: the indicators that stand side by side in each.
const BLOCKS: [&[Indicator]; 3] = [
    &[
        Indicator::Level,
        Indicator::ShareOfCountry,
        Indicator::ShareOfTotal,
        Indicator::Growth,
        Indicator::Cagr,
    ],
    &[Indicator::Net],
    &[Indicator::Coverage],
];

/// The width at which headings of columns are broken.
const HEADING_WIDTH: usize = 14;

/// The order of columns and rows, and what goes below.
struct Layout<'a> {
    language: Language,
    words: &'static Words,
    cells: BTreeMap<(Item, Area, Indicator, Span), &'a Figure>,
    computed: bool,
    reasons: Vec<Undefined>,
    differing: Vec<String>,
}

/// The key indicators as a table in a language, with the release, the legend and the caveats below.
pub fn key_table(answer: &Answer, language: Language) -> String {
    let words = Words::of(language);
    let mut layout = Layout {
        language,
        words,
        cells: answer
            .figures
            .iter()
            .map(|figure| {
                let key = &figure.key;
                ((key.item, key.ref_area, key.indicator, key.period), figure)
            })
            .collect(),
        computed: false,
        reasons: vec![],
        differing: vec![],
    };
    let mut text = bold(labels().title(answer.release.dataflow, language));
    text.push('\n');
    for indicators in BLOCKS {
        if let Some(block) = layout.block(indicators) {
            text.push('\n');
            text.push_str(&block);
        }
    }
    text.push('\n');
    for line in layout.legend() {
        text.push_str(&dim(&line));
        text.push('\n');
    }
    text.push_str(&footer(answer, language));
    text
}

impl Layout<'_> {
    fn block(&mut self, indicators: &[Indicator]) -> Option<String> {
        let here: Vec<_> = self
            .cells
            .keys()
            .filter(|(_, _, indicator, _)| indicators.contains(indicator))
            .copied()
            .collect();
        let items: BTreeSet<Item> = here.iter().map(|key| key.0).collect();
        // The parts come before the country that they add up to.
        let areas: BTreeSet<(bool, Area)> =
            here.iter().map(|key| (key.1.is_country(), key.1)).collect();
        let columns: Vec<(Indicator, Span)> = indicators
            .iter()
            .flat_map(|&indicator| {
                let spans: BTreeSet<Span> = here
                    .iter()
                    .filter(|key| key.2 == indicator)
                    .map(|key| key.3)
                    .collect();
                spans.into_iter().map(move |span| (indicator, span))
            })
            .collect();
        if columns.is_empty() {
            return None;
        }
        let mut header = vec![String::new()];
        header.extend(self.headings(&columns));
        let mut rows: Vec<Vec<String>> = vec![];
        let mut sections: BTreeSet<String> = BTreeSet::new();
        for item in items {
            let label = labels().item(item, self.language);
            sections.insert(label.to_owned());
            rows.push(vec![label.to_owned()]);
            for &(_, area) in &areas {
                let has_row = here.iter().any(|key| (key.0, key.1) == (item, area));
                if has_row {
                    let mut row = vec![format!("  {}", labels().area(&area, self.language))];
                    row.extend(
                        columns
                            .iter()
                            .map(|&(indicator, span)| self.cell((item, area, indicator, span))),
                    );
                    rows.push(row);
                }
            }
        }
        let lines = table::aligned(&header, rows, 1);
        let shown = lines.lines().map(|line| {
            if sections.contains(line.trim()) {
                bold(line) + "\n"
            } else {
                format!("{line}\n")
            }
        });
        Some(shown.collect())
    }

    /// A heading stands above the first of its columns, its periods above each, all on the same line.
    fn headings(&self, columns: &[(Indicator, Span)]) -> Vec<String> {
        let mut above: Option<Indicator> = None;
        let headings: Vec<String> = columns
            .iter()
            .map(|&(indicator, _)| {
                let first = above.replace(indicator) != Some(indicator);
                if first {
                    let label = labels().indicator(indicator, self.language);
                    let unit = self.words.unit(indicator);
                    format!("{}\n{unit}", table::wrapped(label, HEADING_WIDTH))
                } else {
                    String::new()
                }
            })
            .collect();
        let lines = |text: &str| text.split('\n').count();
        let height = headings.iter().map(|text| lines(text)).max().unwrap_or(1);
        let with_period = headings.iter().zip(columns).map(|(heading, (_, span))| {
            // The marks behind numbers take a place; the periods stand above the numbers.
            format!("{heading}{}\n{span} ", "\n".repeat(height - lines(heading)))
        });
        with_period.collect()
    }

    /// A figure and its mark, which always takes one place.
    fn cell(&mut self, key: (Item, Area, Indicator, Span)) -> String {
        let Some(&figure) = self.cells.get(&key) else {
            return String::new();
        };
        let shown = |value| in_language(value, figure.decimals, self.language);
        let text = match &figure.value {
            FigureValue::Exact(value) => shown(*value),
            FigureValue::Between { lower, upper } => {
                format!("{} … {}", shown(*lower), shown(*upper))
            }
            FigureValue::Undefined(reason) => {
                let at = self.reasons.iter().position(|known| known == reason);
                let at = at.unwrap_or_else(|| {
                    self.reasons.push(*reason);
                    self.reasons.len() - 1
                });
                return format!("{}{}", self.words.not_available, raised(at));
            }
        };
        if let Some(print) = figure.print_differs {
            self.differing.push(format!(
                "{}, {}, {}: {}",
                labels().item(key.0, self.language),
                labels().area(&key.1, self.language),
                key.3,
                in_language(print, figure.decimals, self.language)
            ));
            return format!("{text}†");
        }
        if figure.provenance == Provenance::Computed {
            self.computed = true;
            return format!("{text}°");
        }
        format!("{text} ")
    }

    fn legend(&self) -> Vec<String> {
        let mut lines = vec![];
        if self.computed {
            lines.push(format!("° {}", self.words.computed));
        }
        if !self.differing.is_empty() {
            lines.push(format!(
                "† {} {}",
                self.words.print_differs,
                self.differing.join("; ")
            ));
        }
        for (at, reason) in self.reasons.iter().enumerate() {
            lines.push(format!("{} {}", raised(at), self.words.reason(*reason)));
        }
        lines
    }
}
