//! What is printed: lines of two numbers that are compared, as a table for people (in Markdown, so that it can be put
//! into a document as it is), as csv or as JSON.

use std::ops::Range;

use clap::ValueEnum;
use serde_json::{Value, json};

/// How a report is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table for people
    Table,
    /// csv
    Csv,
    /// JSON
    Json,
    /// The table with what it was measured on, for a document
    Markdown,
}

/// In what the two numbers of a line are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Milliseconds,
    Microseconds,
    Bytes,
}

/// A line: how much more the second number is than the first, and how much it may be.
#[derive(Clone, Debug)]
pub struct Line {
    /// What is compared, such as `warm` or `bytes`.
    pub measure: &'static str,
    /// Where.
    pub case: String,
    pub first: f64,
    pub second: f64,
    pub unit: Unit,
    /// The second number as a multiple of the first.
    pub ratio: f64,
    /// Of what was measured more than once, the lower and the upper quartile of the ratio, which is the median then.
    pub quartiles: Option<[f64; 2]>,
    /// The most that the second may be, as a multiple of the first; `None`: it is printed, not held against a bar.
    pub bar: Option<f64>,
}

/// Lines under headings.
#[derive(Clone, Debug, Default)]
pub struct Report {
    about: Vec<String>,
    sections: Vec<(Heading, Vec<Line>)>,
    tables: Vec<Table>,
    /// Answers that are not alike though they must be.
    pub differences: Vec<String>,
}

/// Numbers side by side that are not held against each other, with a title and the heads of the columns.
#[derive(Clone, Debug)]
pub struct Table {
    pub title: String,
    pub heads: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// What stands above a part of the lines.
#[derive(Clone, Debug)]
struct Heading {
    title: String,
    first: &'static str,
    second: &'static str,
}

impl Unit {
    const fn name(self) -> &'static str {
        match self {
            Self::Milliseconds => "ms",
            Self::Microseconds => "us",
            Self::Bytes => "bytes",
        }
    }
}

impl Line {
    fn is_missed(&self) -> bool {
        // A ratio that is no number keeps no bar.
        self.bar
            .is_some_and(|bar| self.ratio.is_nan() || self.ratio > bar)
    }

    fn verdict(&self) -> &'static str {
        match self.bar {
            None => "",
            Some(_) if self.is_missed() => "missed",
            Some(_) => "kept",
        }
    }

    fn number(&self, number: f64) -> String {
        match self.unit {
            Unit::Milliseconds => format!("{number:.2}"),
            Unit::Microseconds => format!("{number:.1}"),
            Unit::Bytes => format!("{number:.0}"),
        }
    }

    fn quartiles(&self) -> Option<[String; 2]> {
        let quartiles = self.quartiles?;
        Some(quartiles.map(|quartile| format!("{quartile:.3}")))
    }

    fn bar(&self) -> String {
        self.bar.map(|bar| format!("{bar:.3}")).unwrap_or_default()
    }
}

impl Report {
    /// Adds lines under a heading, with what their two numbers are.
    pub fn add(
        &mut self,
        title: impl Into<String>,
        [first, second]: [&'static str; 2],
        lines: Vec<Line>,
    ) {
        let title = title.into();
        self.sections.push((
            Heading {
                title,
                first,
                second,
            },
            lines,
        ));
    }

    /// Adds a table, which stands below all lines.
    pub fn add_table(&mut self, table: Table) {
        self.tables.push(table);
    }

    /// Says what was measured, and on what.
    pub fn say(&mut self, paragraph: String) {
        self.about.push(paragraph);
    }

    /// The lines that miss their bar.
    pub fn missed(&self) -> Vec<String> {
        let lines = self.sections.iter().flat_map(|(_, lines)| lines);
        lines
            .filter(|line| line.is_missed())
            .map(|line| {
                format!(
                    "{} {}: {:.3} times, and {} are allowed",
                    line.measure,
                    line.case,
                    line.ratio,
                    line.bar()
                )
            })
            .collect()
    }

    /// The report as text.
    pub fn text(&self, format: Format) -> String {
        match format {
            Format::Table => self.table(),
            Format::Csv => self.csv(),
            Format::Json => format!("{:#}\n", self.json()),
            Format::Markdown => {
                let about = self
                    .about
                    .iter()
                    .map(|paragraph| format!("{paragraph}\n\n"));
                about.chain([self.table()]).collect()
            }
        }
    }

    fn table(&self) -> String {
        let mut text = String::new();
        for (heading, lines) in &self.sections {
            let mut rows = vec![
                [
                    "",
                    heading.first,
                    heading.second,
                    "ratio",
                    "quartiles",
                    "bar",
                    "",
                ]
                .map(str::to_owned)
                .to_vec(),
            ];
            rows.extend(lines.iter().map(|line| {
                vec![
                    line.case.clone(),
                    line.number(line.first),
                    line.number(line.second),
                    format!("{:.3}", line.ratio),
                    line.quartiles()
                        .map(|both| both.join(" to "))
                        .unwrap_or_default(),
                    line.bar(),
                    line.verdict().to_owned(),
                ]
            }));
            text += &format!("{}\n\n{}\n", heading.title, aligned(&rows, 1..6));
        }
        for table in &self.tables {
            let rows: Vec<_> = [&table.heads]
                .into_iter()
                .chain(&table.rows)
                .cloned()
                .collect();
            text += &format!(
                "{}\n\n{}\n",
                table.title,
                aligned(&rows, 1..table.heads.len())
            );
        }
        text
    }

    fn json(&self) -> Value {
        let line = |line: &Line| {
            json!({
                "measure": line.measure,
                "case": line.case,
                "first": line.first,
                "second": line.second,
                "unit": line.unit.name(),
                "ratio": line.ratio,
                "quartiles": line.quartiles,
                "bar": line.bar,
                "verdict": line.verdict(),
            })
        };
        let sections = self.sections.iter().map(|(heading, lines)| {
            json!({
                "title": heading.title,
                "first": heading.first,
                "second": heading.second,
                "lines": lines.iter().map(line).collect::<Vec<_>>(),
            })
        });
        let tables = self
            .tables
            .iter()
            .map(|table| json!({ "title": table.title, "heads": table.heads, "rows": table.rows }));
        json!({
            "about": self.about,
            "sections": sections.collect::<Vec<_>>(),
            "tables": tables.collect::<Vec<_>>(),
            "differences": self.differences,
        })
    }

    fn csv(&self) -> String {
        let mut text =
            "measure,case,first,second,unit,ratio,lower_quartile,upper_quartile,bar,verdict\n"
                .to_owned();
        for line in self.sections.iter().flat_map(|(_, lines)| lines) {
            // No case has a comma or a quotation mark in it.
            text += &format!(
                "{},{},{},{},{},{:.3},{},{},{}\n",
                line.measure,
                line.case,
                line.number(line.first),
                line.number(line.second),
                line.unit.name(),
                line.ratio,
                line.quartiles().unwrap_or_default().join(","),
                line.bar(),
                line.verdict()
            );
        }
        text
    }
}

/// Rows, the first of which is the heads, as a Markdown table whose columns stand below each other: text to the left,
/// numbers to the right.
fn aligned(rows: &[Vec<String>], numbers: Range<usize>) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let rule = |column| {
        if numbers.contains(&column) {
            "---:"
        } else {
            "---"
        }
    };
    let rule: Vec<String> = (0..columns).map(|column| rule(column).to_owned()).collect();
    let width = |column: usize| {
        let cells = rows.iter().chain([&rule]).filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows
        .iter()
        .take(1)
        .chain([&rule])
        .chain(rows.iter().skip(1))
    {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            text += &if numbers.contains(&column) {
                format!("| {cell:>width$} ")
            } else {
                format!("| {cell:<width$} ")
            };
        }
        text += "|\n";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(first: f64, second: f64, bar: Option<f64>) -> Line {
        Line {
            measure: "warm",
            case: "one year".to_owned(),
            first,
            second,
            unit: Unit::Milliseconds,
            ratio: second / first,
            quartiles: None,
            bar,
        }
    }

    #[test]
    fn a_bar_is_missed_by_what_is_above_it_and_by_what_is_no_number() {
        for (first, second, bar, missed) in [
            (10.0, 12.0, Some(1.2), false),
            (10.0, 12.1, Some(1.2), true),
            (10.0, 99.0, None, false),
            (0.0, 0.0, Some(1.2), true),
        ] {
            let mut report = Report::default();
            report.add("", ["", ""], vec![line(first, second, bar)]);
            assert_eq!(
                report.missed().len(),
                usize::from(missed),
                "{first} {second}"
            );
        }
    }

    #[test]
    fn csv_has_a_line_for_each_comparison_and_the_table_says_what_is_compared() {
        let mut report = Report::default();
        let noisy = Line {
            quartiles: Some([0.95, 1.25]),
            ..line(10.0, 11.0, Some(1.2))
        };
        let lines = vec![noisy, line(10.0, 30.0, None)];
        report.add("Answers", ["one", "many"], lines);
        assert_eq!(
            report.text(Format::Csv),
            "measure,case,first,second,unit,ratio,lower_quartile,upper_quartile,bar,verdict\n\
             warm,one year,10.00,11.00,ms,1.100,0.950,1.250,1.200,kept\n\
             warm,one year,10.00,30.00,ms,3.000,,,,\n"
        );
        assert_eq!(
            report.text(Format::Table),
            "Answers\n\n\
             |          |   one |  many | ratio |      quartiles |   bar |      |\n\
             | ---      |  ---: |  ---: |  ---: |           ---: |  ---: | ---  |\n\
             | one year | 10.00 | 11.00 | 1.100 | 0.950 to 1.250 | 1.200 | kept |\n\
             | one year | 10.00 | 30.00 | 3.000 |                |       |      |\n\n"
        );
    }
}
