//! Statistics of revisions as a table for people.

use std::collections::BTreeSet;

use regtrade_model::{Area, Decimal, Item, Language, labels};
use regtrade_proto::v1;

use super::{bold, dim, plain, range, release_line, signed, words::RevisionWords};
use crate::commands::revisions::{Review, decimal, interval};
use crate::exit::Exit;
use crate::render::table;

/// How figures were revised: levels in one block, rates in another, by item and area.
///
/// # Errors
/// Where the answer cannot be read.
pub fn statistics_table(review: &Review, language: Language) -> Result<String, Exit> {
    let words = RevisionWords::of(language);
    let mut text = format!("{}\n", bold(words.statistics));
    let (shown, bounds_alone): (Vec<_>, Vec<_>) =
        review.statistics.iter().partition(|row| row.count > 0);
    for is_money in [true, false] {
        let of_unit = |row: &&&v1::RevisionStatistics| (row.unit == "EUR") == is_money;
        let rows: Vec<_> = shown.iter().filter(of_unit).copied().collect();
        if !rows.is_empty() {
            text.push('\n');
            text.push_str(&block(&rows, is_money, language)?);
        }
    }
    text.push('\n');
    if shown.is_empty() {
        text.push_str(&format!("{}\n\n", words.nothing));
    } else {
        for line in words.columns {
            text.push_str(&format!("{}\n", dim(line)));
        }
    }
    if !bounds_alone.is_empty() {
        let line = format!("{}: {}", words.bounds_alone, bounds_alone.len());
        text.push_str(&format!("{}\n", dim(&line)));
    }
    text.push_str(&format!("{}:\n", words.vintages));
    for release in &review.releases {
        text.push_str(&release_line(release, language));
    }
    Ok(text)
}

fn block(
    rows: &[&v1::RevisionStatistics],
    is_money: bool,
    language: Language,
) -> Result<String, Exit> {
    let words = RevisionWords::of(language);
    let unit = if is_money {
        words.in_millions
    } else {
        words.in_percent
    };
    let names = [
        unit,
        "n",
        "R",
        words.mean_between,
        "MAR",
        "RMAR",
        "RMSR",
        "min",
        "max",
        "↑",
        "≈",
        "p",
    ];
    let header: Vec<String> = names.map(str::to_owned).into();
    let mut lines: Vec<Vec<String>> = vec![];
    let mut sections = BTreeSet::new();
    let mut above = String::new();
    for row in rows {
        let label = item(row, language);
        if label != above {
            lines.push(vec![label.clone()]);
            sections.insert(label.clone());
            above = label;
        }
        lines.push(line(row, is_money, language)?);
    }
    let text = table::aligned(&header, lines, 1);
    let shown = text.lines().map(|line| {
        if sections.contains(line.trim()) {
            bold(line) + "\n"
        } else {
            format!("{line}\n")
        }
    });
    Ok(shown.collect())
}

fn line(
    row: &v1::RevisionStatistics,
    is_money: bool,
    language: Language,
) -> Result<Vec<String>, Exit> {
    let words = RevisionWords::of(language);
    let area = row.ref_area.parse::<Area>();
    let mut label = area.map_or_else(
        |_| row.ref_area.clone(),
        |area| labels().area(&area, language),
    );
    if !is_money {
        let known = v1::Indicator::read("indicator", row.indicator).ok();
        if let Some(indicator) = known.flatten() {
            label = format!("{label}, {}", words.indicator(indicator));
        }
    }
    let number = |text: &str, with_sign: bool| -> Result<String, Exit> {
        let shown = |value: Decimal| {
            let decimals = i32::try_from(value.scale()).unwrap_or(0);
            if with_sign {
                signed(value, decimals, language)
            } else {
                plain(value, decimals, language)
            }
        };
        Ok(decimal(text)?.map(shown).unwrap_or_default())
    };
    let mean = decimal(&row.mean_revision)?;
    let places = mean.map_or(0, |mean| i32::try_from(mean.scale()).unwrap_or(0));
    let between = row
        .mean_revision_between
        .as_ref()
        .map(interval)
        .transpose()?;
    Ok(vec![
        format!("  {label}"),
        row.count.to_string(),
        number(&row.mean_revision, true)?,
        between.map_or_else(String::new, |ends| range(ends, places, language, signed)),
        number(&row.mean_absolute_revision, false)?,
        number(&row.relative_mean_absolute_revision, false)?,
        number(&row.root_mean_square_revision, false)?,
        number(&row.minimum, true)?,
        number(&row.maximum, true)?,
        number(&row.upward_share, false)?,
        row.within_rounding.to_string(),
        number(&row.p_value, false)?,
    ])
}

fn item(row: &v1::RevisionStatistics, language: Language) -> String {
    let item = row.item.parse::<Item>();
    item.map_or_else(
        |_| row.item.clone(),
        |item| labels().item(item, language).to_owned(),
    )
}
