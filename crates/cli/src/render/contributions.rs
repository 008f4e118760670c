//! What each part adds to the growth of a whole: as a table with bars, in the columns of figures, as JSON.

use regtrade_model::{Breakdown, Decimal, Language, Undefined, labels};
use regtrade_proto::v1::{self, annual_contribution, contribution};
use serde_json::{Value, json};

use super::{
    Answer, analysis_words::AnalysisWords, csv, footer, json, numbers::plain, table, words::Words,
};
use crate::args::ContributionsArgs;
use crate::client::unreadable;
use crate::exit::Exit;

/// What stands for the parts that are not shown, and for what none of them covers, where codes stand.
const OTHERS: &str = "_O";
const UNCOVERED: &str = "_U";
/// The longest bar, in characters.
const BAR: usize = 24;

/// Contributions, with the release that they are of.
pub struct Contributions {
    /// The release, caveats and doubts; no figures.
    pub about: Answer,
    /// One for each item and area.
    pub sets: Vec<v1::ContributionSet>,
}

/// A number of an answer, or why there is none.
type Number = Result<Decimal, Option<Undefined>>;

fn number(exact: Option<&str>, undefined: Option<i32>) -> Result<Number, Exit> {
    if let Some(text) = exact {
        return Ok(Ok(text.parse().map_err(unreadable)?));
    }
    let reason = v1::UndefinedReason::read("undefined", undefined.unwrap_or_default());
    Ok(Err(reason.map_err(unreadable)?))
}

fn overall(contribution: &v1::Contribution) -> Result<Number, Exit> {
    match &contribution.value {
        Some(contribution::Value::Exact(text)) => number(Some(text), None),
        Some(contribution::Value::Undefined(reason)) => number(None, Some(*reason)),
        None => Ok(Err(None)),
    }
}

fn of_year(year: &v1::AnnualContribution) -> Result<Number, Exit> {
    match &year.value {
        Some(annual_contribution::Value::Exact(text)) => number(Some(text), None),
        Some(annual_contribution::Value::Undefined(reason)) => number(None, Some(*reason)),
        None => Ok(Err(None)),
    }
}

/// All that a set has, each with the code that stands for it in csv; of the total none.
fn lines(set: &v1::ContributionSet) -> Vec<(Option<&str>, &v1::Contribution)> {
    let total = set.total.iter().map(|total| (None, total));
    let parts = set
        .parts
        .iter()
        .map(|part| (Some(part.code.as_str()), part));
    let other = set.other.iter().map(|other| (Some(OTHERS), other));
    let uncovered = set.uncovered.iter().map(|rest| (Some(UNCOVERED), rest));
    total.chain(parts).chain(other).chain(uncovered).collect()
}

/// Tables with bars, one for each item and area, and what must be said of them.
///
/// # Errors
/// Where the answer cannot be read.
pub fn tables(shown: &Contributions, args: &ContributionsArgs) -> Result<String, Exit> {
    let words = AnalysisWords::of(args.lang);
    let mut text = String::new();
    for set in &shown.sets {
        text.push_str(&table_of(set, args)?);
        if !set.rounding.is_empty() {
            let rounding = set.rounding.parse().map_err(unreadable)?;
            let rounding = signed(rounding, set.decimals, args.lang);
            text.push_str(&table::dim(&format!("{}: {rounding}\n", words.rounding)));
        }
        for note in &set.notes {
            text.push_str(&format!("- {note}\n"));
        }
        text.push('\n');
    }
    text.push_str(&footer(&shown.about, args.lang));
    Ok(text)
}

fn table_of(set: &v1::ContributionSet, args: &ContributionsArgs) -> Result<String, Exit> {
    let (words, language) = (AnalysisWords::of(args.lang), args.lang);
    let item = set.item.parse().map_err(unreadable)?;
    let area = set.ref_area.parse().map_err(unreadable)?;
    let concept = match set.concept.as_str() {
        "" => String::new(),
        concept => format!(" ({concept})"),
    };
    let title = format!(
        "{}, {}{concept}, {}–{}: {} {} · {}",
        labels().item(item, language),
        labels().area(&area, language),
        set.from,
        set.to,
        words.contributions,
        words.by(args.by),
        method(set)
    );
    let unit = if set.unit == "EUR" {
        words.millions
    } else {
        words.points_a_year
    };
    let years: Vec<&str> = match &set.total {
        Some(total) if args.years => total
            .years
            .iter()
            .map(|year| year.period.as_str())
            .collect(),
        _ => vec![],
    };
    let mut header = vec![String::new(), set.from.clone(), set.to.clone()];
    header.extend(years.iter().map(|year| (*year).to_owned()));
    header.extend([unit.to_owned(), String::new()]);
    let mut found = vec![];
    for (code, line) in lines(set) {
        found.push((code, line, overall(line)?));
    }
    let parts = || found.iter().filter(|(code, ..)| code.is_some());
    let largest = parts().filter_map(|(.., value)| value.as_ref().ok());
    let largest = largest.map(Decimal::abs).max().unwrap_or_default();
    let mut rows = vec![];
    let mut reasons: Vec<Undefined> = vec![];
    // The total comes last, under what it is the sum of.
    for (code, line, value) in parts().chain(found.iter().filter(|(code, ..)| code.is_none())) {
        let mut mark = |value: &Number, decimals| match value {
            Ok(value) => signed(*value, decimals, language),
            Err(reason) => table::not_available(*reason, &mut reasons, language),
        };
        let mut row = vec![name(*code, line, words)];
        for level in [&line.from_level, &line.to_level] {
            let level = (!level.is_empty()).then(|| level.parse()).transpose();
            let level: Option<Decimal> = level.map_err(unreadable)?;
            let level = level.map(|level| plain(level, 1, language));
            row.push(level.unwrap_or_default());
        }
        for year in &years {
            let year = line.years.iter().find(|one| one.period == *year);
            row.push(match year {
                Some(year) => mark(&of_year(year)?, set.decimals),
                None => String::new(),
            });
        }
        row.push(mark(value, set.decimals));
        row.push(match (code, value) {
            (Some(_), Ok(value)) => bar(*value, largest),
            _ => String::new(),
        });
        rows.push(row);
    }
    let mut text = format!("{}\n", table::bold(&title));
    let total = rows.len();
    let aligned = table::aligned(&header, rows, 1);
    for (at, line) in aligned.lines().enumerate() {
        let line = if at == total {
            table::bold(line)
        } else {
            line.to_owned()
        };
        text.push_str(&format!("{line}\n"));
    }
    for (at, reason) in reasons.iter().enumerate() {
        let reason = Words::of(language).reason(*reason);
        text.push_str(&table::dim(&format!("{} {reason}\n", table::raised(at))));
    }
    Ok(text)
}

fn name(code: Option<&str>, line: &v1::Contribution, words: &AnalysisWords) -> String {
    match code {
        None => words.total.to_owned(),
        Some(OTHERS) => format!("  {}", words.others),
        Some(UNCOVERED) => format!("  {}", words.uncovered),
        Some(code) if line.label.is_empty() || line.label == code => format!("  {code}"),
        Some(code) => format!("  {code} {}", line.label),
    }
}

fn signed(value: Decimal, decimals: i32, language: Language) -> String {
    let text = plain(value, decimals, language);
    if value > Decimal::ZERO {
        format!("+{text}")
    } else {
        text
    }
}

/// A bar as long as its value beside the largest; hollow where it takes away. All are as wide.
fn bar(value: Decimal, largest: Decimal) -> String {
    let longest = Decimal::from(BAR);
    let long = (value.abs() * longest).checked_div(largest);
    let long = long.unwrap_or_default().round();
    let long = usize::try_from(long).unwrap_or_default().min(BAR);
    let mark = if value < Decimal::ZERO { "░" } else { "█" };
    format!(" {}{}", mark.repeat(long), " ".repeat(BAR - long))
}

fn method(set: &v1::ContributionSet) -> &'static str {
    let name = set.method().as_str_name();
    name.trim_start_matches("CONTRIBUTION_METHOD_")
}

/// The rows in the columns of figures.
///
/// # Errors
/// Where the answer cannot be read.
pub fn text_csv(shown: &Contributions, args: &ContributionsArgs) -> Result<String, Exit> {
    let dataflow = shown.about.release.dataflow;
    let mut rows = vec![];
    for set in &shown.sets {
        for (code, line) in lines(set) {
            let span = format!("{}-{}", set.from, set.to);
            rows.push(row(shown, set, args, code, &span, overall(line)?));
            for year in line.years.iter().filter(|_| args.years) {
                let value = of_year(year)?;
                rows.push(row(shown, set, args, code, &year.period, value));
            }
        }
    }
    csv::write(Some(&csv::figure_columns(dataflow)), rows)
}

fn row(
    shown: &Contributions,
    set: &v1::ContributionSet,
    args: &ContributionsArgs,
    code: Option<&str>,
    period: &str,
    value: Number,
) -> Vec<String> {
    let fixed = |code: &Option<regtrade_model::Code>, total: &str| {
        code.as_ref()
            .map_or_else(|| total.to_owned(), ToString::to_string)
    };
    let mut key = [
        set.item.clone(),
        set.ref_area.clone(),
        fixed(&args.activity, "_T"),
        fixed(&args.product, "_T"),
        fixed(&args.partner, "W1"),
        "contribution".to_owned(),
        period.to_owned(),
    ];
    if let Some(code) = code {
        let place = match args.by {
            Breakdown::Region => 1,
            Breakdown::Activity => 2,
            Breakdown::Product => 3,
            Breakdown::Partner | Breakdown::PartnerGroup => 4,
        };
        code.clone_into(&mut key[place]);
    }
    let (value, status) = match value {
        Ok(value) => (value.to_string(), "A"),
        Err(reason) => (
            String::new(),
            reason.map_or(Undefined::Missing.as_str(), Undefined::as_str),
        ),
    };
    let mut row = Vec::from(key);
    row.extend([
        value,
        String::new(),
        String::new(),
        set.unit.clone(),
        set.unit_mult.to_string(),
        set.decimals.to_string(),
        "COMPUTED".to_owned(),
        status.to_owned(),
        shown.about.release.id.to_string(),
    ]);
    if shown.about.release.dataflow.has_concept() {
        row.push(set.concept.clone());
    }
    row
}

/// All of the answer.
///
/// # Errors
/// Where the answer cannot be read.
pub fn text_json(shown: &Contributions, by: Breakdown) -> Result<String, Exit> {
    let number = |value: Number| match value {
        Ok(value) => json!({"value": value.to_string(), "status": "A"}),
        Err(reason) => json!({"value": null, "status": reason.map(Undefined::as_str)}),
    };
    let optional = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let line = |line: &v1::Contribution| -> Result<Value, Exit> {
        let years = line.years.iter().map(|year| {
            let mut value = number(of_year(year)?);
            value["period"] = json!(year.period);
            Ok(value)
        });
        let mut value = number(overall(line)?);
        value["code"] = json!(optional(&line.code));
        value["label"] = json!(optional(&line.label));
        value["from_level"] = json!(optional(&line.from_level));
        value["to_level"] = json!(optional(&line.to_level));
        value["years"] = json!(years.collect::<Result<Vec<_>, Exit>>()?);
        Ok(value)
    };
    let sets = shown.sets.iter().map(|set| {
        let one = |of: &Option<v1::Contribution>| of.as_ref().map(line).transpose();
        Ok(json!({
            "item": set.item,
            "ref_area": set.ref_area,
            "concept": optional(&set.concept),
            "by": by.as_str(),
            "from": set.from,
            "to": set.to,
            "method": method(set),
            "unit": set.unit,
            "unit_mult": set.unit_mult,
            "decimals": set.decimals,
            "total": one(&set.total)?,
            "parts": set.parts.iter().map(line).collect::<Result<Vec<_>, Exit>>()?,
            "other": one(&set.other)?,
            "uncovered": one(&set.uncovered)?,
            "rounding": optional(&set.rounding),
            "notes": set.notes,
        }))
    });
    let mut answer = json::about(&shown.about);
    answer["contributions"] = json!(sets.collect::<Result<Vec<_>, Exit>>()?);
    Ok(json::text(&answer))
}

#[cfg(test)]
mod tests;
