//! Contributions: decode, call, map, encode.

use regtrade_model::{Code, ContributionMethod, Dataflow, Period, Side};
use regtrade_proto::{InvalidField, v1};
use regtrade_service::{Failure, roles::Roles};

use super::{Reader, caveats_with, fields};
use crate::{
    contributions::{Contribution, Question, Set, ask},
    error::of_field,
    parts,
    side_by_side::side_by_side,
};

/// The decimals of contributions where none are asked for, and the most there are.
const DECIMALS: u32 = 2;
const MOST_DECIMALS: u32 = 10;

/// What each part adds to the growth of wholes.
pub(super) async fn list(
    reader: &Reader,
    roles: &Roles,
    asked: v1::ListContributionsRequest,
) -> Result<v1::ListContributionsResponse, Failure> {
    let question = question(&asked).map_err(|error| of_field(&error))?;
    fields::allowed(question.items.len() * question.areas.len(), reader.rows)?;
    let vintage = reader
        .vintage(roles, asked.dataflow_asked(), "as_of", asked.as_of_asked())
        .await?;
    let sets = ask(&vintage, &reader.stock, &question).await?;
    let parts: usize = sets.iter().map(|set| set.contributions.parts.len()).sum();
    fields::allowed(parts, reader.rows)?;
    let release = vintage.head();
    Ok(v1::ListContributionsResponse {
        sets: sets
            .iter()
            .map(|set| encoded(set, &question, release.dataflow))
            .collect(),
        caveats: caveats_with(&vintage, &question.items, question.language),
        uncertain: reader.all_shown(vintage.uncertain(), roles),
        release: Some(reader.shown(release, roles)),
    })
}

fn question(asked: &v1::ListContributionsRequest) -> Result<Question, InvalidField> {
    let (dataflow, by) = (asked.dataflow_asked()?, fields::by(asked.by)?);
    let (items, areas) = fields::items_and_areas(&asked.items, &asked.ref_areas)?;
    let (from, to) = (
        fields::year("from", &asked.from)?,
        fields::year("to", &asked.to)?,
    );
    if from >= to {
        return Err(InvalidField::new("to", "must be a later year than `from`"));
    }
    let decimals = asked.decimals.unwrap_or(DECIMALS);
    if decimals > MOST_DECIMALS {
        return Err(InvalidField::new(
            "decimals",
            format!("must be {MOST_DECIMALS} at most"),
        ));
    }
    let method = v1::ContributionMethod::read("method", asked.method)?;
    Ok(Question {
        level: fields::level(dataflow, by, &items, &asked.level)?,
        by,
        items,
        areas,
        activity: fields::code_or("activity", &asked.activity, Code::total())?,
        product: fields::code_or("product", &asked.product, Code::total())?,
        partner: fields::code_or("counterpart_area", &asked.counterpart_area, Code::world())?,
        concept: fields::concept(dataflow, &asked.concept)?,
        years: (from.year()..=to.year())
            .filter_map(Period::of_year)
            .collect(),
        method: method.unwrap_or(ContributionMethod::CagrShare),
        top: usize::try_from(asked.top).unwrap_or(usize::MAX),
        decimals,
        language: asked.language_asked()?,
    })
}

fn encoded(set: &Set, question: &Question, dataflow: Dataflow) -> v1::ContributionSet {
    let is_net = set.whole.item.side() == Side::Net;
    let years: Vec<String> = question.years.iter().map(ToString::to_string).collect();
    let list = parts::list(dataflow, question.by, set.whole.item);
    let label = |code: &Code| {
        let label = list.map(|list| list.label(code.as_str(), question.language).to_owned());
        label.unwrap_or_else(|| code.to_string())
    };
    let of = |found: &Contribution| contribution(found, &years, label);
    let found = &set.contributions;
    let year = |at: Option<&String>| at.cloned().unwrap_or_default();
    v1::ContributionSet {
        item: set.whole.item.to_string(),
        ref_area: set.whole.ref_area.to_string(),
        from: year(years.first()),
        to: year(years.last()),
        method: v1::ContributionMethod::from(question.method).into(),
        unit: if is_net { "EUR" } else { "PP" }.to_owned(),
        unit_mult: if is_net { 6 } else { 0 },
        decimals: i32::try_from(question.decimals).unwrap_or(i32::MAX),
        total: Some(of(&found.total)),
        parts: side_by_side(&found.parts, of),
        other: found.other.as_ref().map(of),
        uncovered: Some(of(&found.uncovered)),
        rounding: fields::text(found.rounding),
        notes: set.notes.clone(),
        concept: set
            .whole
            .concept
            .map(|concept| concept.to_string())
            .unwrap_or_default(),
    }
}

fn contribution(
    found: &Contribution,
    years: &[String],
    label: impl Fn(&Code) -> String,
) -> v1::Contribution {
    let years = years.iter().skip(1).zip(&found.years);
    v1::Contribution {
        code: found
            .code
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        label: found.code.as_ref().map(label).unwrap_or_default(),
        value: Some(match found.value {
            Ok(value) => v1::contribution::Value::Exact(value.to_string()),
            Err(reason) => v1::contribution::Value::Undefined(fields::reason(reason)),
        }),
        from_level: fields::millions(&found.levels[0]),
        to_level: fields::millions(&found.levels[1]),
        years: years
            .map(|(year, value)| v1::AnnualContribution {
                period: year.clone(),
                value: Some(match value {
                    Ok(value) => v1::annual_contribution::Value::Exact(value.to_string()),
                    Err(reason) => {
                        v1::annual_contribution::Value::Undefined(fields::reason(*reason))
                    }
                }),
            })
            .collect(),
    }
}
