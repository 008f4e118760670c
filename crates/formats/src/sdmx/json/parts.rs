//! The small parts of structures: links, values of components, texts and numbers.

use super::tokens::{Scalar, Stop, Tokens};
use crate::{
    Rule,
    issue::Issues,
    sdmx::{levels::Position, message::StructureRef, reference},
};

/// Reads a link, and says which structure it names.
pub(super) fn link(
    tokens: &mut Tokens<'_>,
    issues: &mut Issues,
) -> Result<Option<(StructureRef, Position)>, Stop> {
    let (mut urn, mut address) = (None, None);
    tokens.object(&["urn", "href"], issues, |tokens, name, _, issues| {
        match name {
            "urn" => urn = Some(text(tokens, issues)?),
            "href" => address = Some(text(tokens, issues)?),
            _ => tokens.skip(issues)?,
        }
        Ok(())
    })?;
    let named = |of: fn(&str) -> Option<StructureRef>| {
        move |(text, at): (Option<String>, Position)| Some((of(&text?)?, at))
    };
    let by_urn = urn.and_then(named(reference::of_urn));
    Ok(by_urn.or_else(|| address.and_then(named(reference::of_address))))
}

/// Reads a value of a component: its id, or the value itself, which 1.0 has in its name.
pub(super) fn value(tokens: &mut Tokens<'_>, issues: &mut Issues) -> Result<Option<String>, Stop> {
    let (mut id, mut value, mut label) = (None, None, None);
    tokens.object(
        &["id", "value", "name"],
        issues,
        |tokens, name, _, issues| {
            match name {
                "id" => id = text(tokens, issues)?.0,
                "value" => value = text(tokens, issues)?.0,
                "name" => label = text(tokens, issues)?.0,
                _ => tokens.skip(issues)?,
            }
            Ok(())
        },
    )?;
    Ok(id.or(value).or(label))
}

/// Reads a text or a number; anything else is none.
pub(super) fn text(
    tokens: &mut Tokens<'_>,
    issues: &mut Issues,
) -> Result<(Option<String>, Position), Stop> {
    let (scalar, at) = tokens.scalar(issues)?;
    Ok(match scalar {
        Scalar::Text(text) | Scalar::Number(text) => (Some(text), at),
        Scalar::Null | Scalar::Nested => (None, at),
    })
}

/// Reads a number from 0 on.
pub(super) fn number(
    tokens: &mut Tokens<'_>,
    issues: &mut Issues,
) -> Result<(Option<usize>, Position), Stop> {
    let (scalar, at) = tokens.scalar(issues)?;
    let number = match &scalar {
        Scalar::Null => return Ok((None, at)),
        Scalar::Number(text) => text.parse().ok(),
        Scalar::Text(_) | Scalar::Nested => None,
    };
    if number.is_none() {
        issues.report(at, Rule::IndexMalformed, "", || {
            "a whole number from 0 on is expected here".to_owned()
        });
    }
    Ok((number, at))
}
