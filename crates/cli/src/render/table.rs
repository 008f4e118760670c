//! Tables of text: aligned, without frames, as wide as they are.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};
use regtrade_model::{Language, Undefined};

use super::words::Words;

/// A table whose columns from `numbers` on are aligned to the right.
pub fn aligned<R>(header: &[String], rows: impl IntoIterator<Item = R>, numbers: usize) -> String
where
    R: IntoIterator<Item = String>,
{
    let align = |(at, text): (usize, String)| {
        Cell::new(text).set_alignment(if at >= numbers {
            CellAlignment::Right
        } else {
            CellAlignment::Left
        })
    };
    let mut table = Table::new();
    table
        .load_preset(comfy_table::presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.iter().cloned().enumerate().map(align));
    for row in rows {
        table.add_row(row.into_iter().enumerate().map(align).collect::<Vec<_>>());
    }
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.strip_prefix(' ').unwrap_or(&line).trim_end());
        text.push('\n');
    }
    text
}

/// Rows under the names of their columns.
pub fn plain<R>(columns: &[&str], rows: impl IntoIterator<Item = R>) -> String
where
    R: IntoIterator<Item = String>,
{
    let header: Vec<String> = columns.iter().map(|&name| name.to_owned()).collect();
    aligned(&header, rows, columns.len())
}

/// A text in lines of at most `width` characters, where its words allow.
pub fn wrapped(text: &str, width: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let fits = lines.last().is_none_or(|line| {
            line.is_empty() || line.chars().count() + 1 + word.chars().count() <= width
        });
        match lines.last_mut().filter(|_| fits) {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

/// In bold, where the terminal can.
pub fn bold(text: &str) -> String {
    format!("\x1b[1m{text}\x1b[0m")
}

/// Less bright, where the terminal can.
pub fn dim(text: &str) -> String {
    format!("\x1b[2m{text}\x1b[0m")
}

/// The mark of the reason at a place of the legend; there are seven reasons.
pub fn raised(at: usize) -> char {
    ['¹', '²', '³', '⁴', '⁵', '⁶', '⁷']
        .get(at)
        .copied()
        .unwrap_or('*')
}

/// Stands for a number that there is none of; the reason is marked, and kept for the legend.
pub fn not_available(
    reason: Option<Undefined>,
    reasons: &mut Vec<Undefined>,
    language: Language,
) -> String {
    let text = Words::of(language).not_available;
    let Some(reason) = reason else {
        return text.to_owned();
    };
    let at = reasons.iter().position(|known| *known == reason);
    let at = at.unwrap_or_else(|| {
        reasons.push(reason);
        reasons.len() - 1
    });
    format!("{text}{}", raised(at))
}
