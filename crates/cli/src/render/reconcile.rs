//! The two statistics side by side: as a table, as csv, as JSON.

use regtrade_model::{Decimal, Figure, FigureValue, Language, Release, labels};
use regtrade_proto::v1::{self, ReleaseState};
use serde_json::json;

use super::{analysis_words::AnalysisWords, csv, json, numbers::plain, published, table};
use crate::client::unreadable;
use crate::commands::revisions::decimal;
use crate::exit::Exit;

/// The columns of csv.
const COLUMNS: [&str; 13] = [
    "item",
    "ref_area",
    "period",
    "concept",
    "regtrd",
    "exttrade",
    "months",
    "difference",
    "difference_pct",
    "regtrd_status",
    "exttrade_status",
    "regtrd_release",
    "exttrade_release",
];

/// An answer.
pub struct Reconciled {
    /// The release of national accounts.
    pub regtrd: Option<(Release, ReleaseState)>,
    /// That of foreign-trade statistics.
    pub exttrade: Option<(Release, ReleaseState)>,
    /// By item, area, year and concept.
    pub rows: Vec<v1::Reconciliation>,
    /// What is known of the causes of the difference.
    pub causes: Vec<(String, String)>,
    /// What must be said.
    pub caveats: Vec<(String, String)>,
}

fn figure(wire: Option<&v1::Figure>) -> Result<Option<Figure>, Exit> {
    let figure = wire.cloned().map(Figure::try_from).transpose();
    figure.map_err(unreadable)
}

/// A line for each item, area, year and concept; the causes and the releases below.
///
/// # Errors
/// Where the answer cannot be read.
pub fn table(shown: &Reconciled, language: Language) -> Result<String, Exit> {
    let words = AnalysisWords::of(language);
    let header = [
        words.millions,
        words.accounts,
        words.statistics,
        words.months,
        words.difference,
        words.in_percent,
    ];
    let mut reasons = vec![];
    let mut rows = vec![];
    let mut above = None;
    for row in &shown.rows {
        let (item, area) = (
            row.item.parse().map_err(unreadable)?,
            row.ref_area.parse().map_err(unreadable)?,
        );
        if above.replace((&row.item, &row.ref_area)) != Some((&row.item, &row.ref_area)) {
            let (item, area) = (
                labels().item(item, language),
                labels().area(&area, language),
            );
            rows.push(vec![format!("{item}, {area}")]);
        }
        let mut cell = |wire: Option<&v1::Figure>| -> Result<String, Exit> {
            Ok(match figure(wire)? {
                None => String::new(),
                Some(figure) => match figure.value {
                    FigureValue::Exact(value) => plain(value, 1, language),
                    FigureValue::Between { lower, upper } => format!(
                        "{} … {}",
                        plain(lower, 0, language),
                        plain(upper, 0, language)
                    ),
                    FigureValue::Undefined(reason) => {
                        table::not_available(Some(reason), &mut reasons, language)
                    }
                },
            })
        };
        let (accounts, statistics) = (cell(row.regtrd.as_ref())?, cell(row.exttrade.as_ref())?);
        let number = |text: &str| -> Result<String, Exit> {
            let shown = |value: Decimal| plain(value, 1, language);
            Ok(decimal(text)?.map(shown).unwrap_or_default())
        };
        rows.push(vec![
            format!("  {} {}", row.period, row.concept),
            accounts,
            statistics,
            row.months.to_string(),
            number(&row.difference)?,
            number(&row.difference_percent)?,
        ]);
    }
    let mut text = table::aligned(&header.map(str::to_owned), rows, 1);
    text.push('\n');
    for (at, reason) in reasons.iter().enumerate() {
        let reason = super::words::Words::of(language).reason(*reason);
        text.push_str(&table::dim(&format!("{} {reason}\n", table::raised(at))));
    }
    if !shown.causes.is_empty() {
        text.push_str(&format!("{}:\n", words.causes));
    }
    for (_, cause) in &shown.causes {
        text.push_str(&format!("- {cause}\n"));
    }
    for (name, release) in [
        (words.accounts, &shown.regtrd),
        (words.statistics, &shown.exttrade),
    ] {
        text.push_str(&match release {
            Some((release, _)) => format!("{name}: {} · {}\n", release.id, published(release)),
            None => format!("{name}: –\n"),
        });
    }
    for (_, caveat) in &shown.caveats {
        text.push_str(&format!("- {caveat}\n"));
    }
    Ok(text)
}

/// The rows as csv.
///
/// # Errors
/// Where the answer cannot be read.
pub fn text_csv(shown: &Reconciled) -> Result<String, Exit> {
    let mut rows = vec![];
    for row in &shown.rows {
        let [accounts, statistics] = [&row.regtrd, &row.exttrade].map(|wire| {
            figure(wire.as_ref()).map(|figure| match figure {
                None => Default::default(),
                Some(figure) => {
                    let value = match &figure.value {
                        FigureValue::Exact(value) => value.to_string(),
                        FigureValue::Between { lower, upper } => format!("{lower}..{upper}"),
                        FigureValue::Undefined(_) => String::new(),
                    };
                    let (status, release) = (figure.status(), figure.release.to_string());
                    (value, status.to_owned(), release)
                }
            })
        });
        let (accounts, statistics): ((String, String, String), (String, String, String)) =
            (accounts?, statistics?);
        rows.push([
            row.item.clone(),
            row.ref_area.clone(),
            row.period.clone(),
            row.concept.clone(),
            accounts.0,
            statistics.0,
            row.months.to_string(),
            row.difference.clone(),
            row.difference_percent.clone(),
            accounts.1,
            statistics.1,
            accounts.2,
            statistics.2,
        ]);
    }
    csv::write(Some(&COLUMNS), rows)
}

/// All of the answer.
///
/// # Errors
/// Where it cannot be read.
pub fn text_json(shown: &Reconciled) -> Result<String, Exit> {
    let optional = |text: &String| (!text.is_empty()).then(|| text.clone());
    let one = |wire: &Option<v1::Figure>| {
        figure(wire.as_ref()).map(|figure| figure.as_ref().map(json::figure))
    };
    let rows = shown.rows.iter().map(|row| {
        Ok(json!({
            "item": row.item,
            "ref_area": row.ref_area,
            "period": row.period,
            "concept": row.concept,
            "regtrd": one(&row.regtrd)?,
            "exttrade": one(&row.exttrade)?,
            "months": row.months,
            "difference": optional(&row.difference),
            "difference_pct": optional(&row.difference_percent),
        }))
    });
    let release = |release: &Option<(Release, ReleaseState)>| {
        let release = release.as_ref();
        release.map(|(release, state)| json::release(release, *state))
    };
    Ok(json::text(&json!({
        "regtrd": release(&shown.regtrd),
        "exttrade": release(&shown.exttrade),
        "rows": rows.collect::<Result<Vec<_>, Exit>>()?,
        "causes": json::texts(&shown.causes),
        "caveats": json::texts(&shown.caveats),
    })))
}
