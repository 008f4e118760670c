//! Tables of text: aligned, without frames, as wide as they are.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};

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
