//! Fields that several requests have.

use std::{fmt::Display, str::FromStr};

use regtrade_model::{
    Area, Breakdown, Code, Codelist, Concept, Dataflow, Decimal, Item, Period, Undefined,
};
use regtrade_proto::{InvalidField, v1};
use regtrade_service::{Cause, Failure};

use crate::{detail::LEVELS_OF_DETAIL, levels::Level, parts};

/// A field that must hold something.
pub(super) fn needed<T>(field: &str, text: &str) -> Result<T, InvalidField>
where
    T: FromStr,
    T::Err: Display,
{
    if text.is_empty() {
        return Err(InvalidField::new(field, "is needed"));
    }
    text.parse()
        .map_err(|error: T::Err| InvalidField::new(field, error))
}

/// A field that may be empty.
pub(super) fn optional<T>(field: &str, text: &str) -> Result<Option<T>, InvalidField>
where
    T: FromStr,
    T::Err: Display,
{
    (!text.is_empty()).then(|| needed(field, text)).transpose()
}

/// A list of codes, each once, in the order in which they were given.
pub(super) fn codes<T>(field: &str, texts: &[String]) -> Result<Vec<T>, InvalidField>
where
    T: FromStr + PartialEq,
    T::Err: Display,
{
    let mut found = vec![];
    for text in texts {
        let code = needed(field, text)?;
        if !found.contains(&code) {
            found.push(code);
        }
    }
    Ok(found)
}

/// A list that must not be empty.
pub(super) fn not_empty<T>(field: &str, found: Vec<T>) -> Result<Vec<T>, InvalidField> {
    if found.is_empty() {
        return Err(InvalidField::new(field, "must name at least one"));
    }
    Ok(found)
}

/// What the whole is broken down by.
pub(super) fn by(number: i32) -> Result<Breakdown, InvalidField> {
    v1::Breakdown::read("by", number)?.ok_or_else(|| InvalidField::new("by", "is needed"))
}

/// The concept, which foreign-trade statistics have and national accounts do not.
pub(super) fn concept(dataflow: Dataflow, text: &str) -> Result<Option<Concept>, InvalidField> {
    let concept = optional("concept", text)?;
    match (dataflow.has_concept(), concept) {
        (true, None) => Err(InvalidField::new(
            "concept",
            format!("is needed in {dataflow}: NAT or COM"),
        )),
        (false, Some(_)) => Err(InvalidField::new(
            "concept",
            format!("must be empty: {dataflow} has one concept"),
        )),
        (_, concept) => Ok(concept),
    }
}

/// A level of the lists that the parts of items are of.
pub(super) fn level(
    dataflow: Dataflow,
    by: Breakdown,
    items: &[Item],
    text: &str,
) -> Result<Option<String>, InvalidField> {
    if text.is_empty() {
        return Ok(None);
    }
    let lists: Vec<_> = items
        .iter()
        .filter_map(|&item| parts::list(dataflow, by, item))
        .collect();
    let of_detail: &[&str] = match (dataflow, by) {
        (Dataflow::Exttrade, Breakdown::Product) => &LEVELS_OF_DETAIL,
        _ => &[],
    };
    let is_of = |list: &&Codelist| list.level(text).next().is_some() || of_detail.contains(&text);
    // Where the items have no parts at all, that is said of each.
    if lists.is_empty() || lists.iter().any(is_of) {
        return Ok(Some(text.to_owned()));
    }
    let mut known: Vec<&str> = lists
        .iter()
        .flat_map(|list| parts::levels_of(list))
        .collect();
    known.dedup();
    known.extend(of_detail);
    Err(InvalidField::new(
        "level",
        format!("is none; there are {}", known.join(", ")),
    ))
}

/// A year.
pub(super) fn year(field: &str, text: &str) -> Result<Period, InvalidField> {
    let year: Period = needed(field, text)?;
    if !year.is_annual() {
        return Err(InvalidField::new(field, "must be a year"));
    }
    Ok(year)
}

/// The items and areas of a request.
pub(super) fn items_and_areas(
    items: &[String],
    areas: &[String],
) -> Result<(Vec<Item>, Vec<Area>), InvalidField> {
    let items = not_empty("items", codes("items", items)?)?;
    Ok((items, not_empty("ref_areas", codes("ref_areas", areas)?)?))
}

/// A code of a dimension, or its total.
pub(super) fn code_or(field: &str, text: &str, total: Code) -> Result<Code, InvalidField> {
    Ok(optional(field, text)?.unwrap_or(total))
}

/// What the caller is told where an answer would have too many rows.
pub(super) fn allowed(rows: usize, limit: u32) -> Result<(), Failure> {
    if u32::try_from(rows).is_ok_and(|rows| rows <= limit) {
        return Ok(());
    }
    let message =
        format!("the answer has {rows} figures, and {limit} are allowed; ask for less at once");
    Err(Failure::new(Cause::ResourceExhausted, "ROWS", message))
}

/// A level in millions of euro, as exact as it is; empty where there is none.
pub(super) fn millions(level: &Level) -> String {
    // Euro and cents; levels that are more precise are not handed in.
    let value = level.as_ref().ok().and_then(|value| value.round(8));
    value
        .map(|value| value.normalize().to_string())
        .unwrap_or_default()
}

pub(super) fn text(value: Option<Decimal>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

pub(super) fn reason(reason: Undefined) -> i32 {
    v1::UndefinedReason::from(reason).into()
}
