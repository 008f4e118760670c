//! Code lists: decode, call, map, encode.

use regtrade_model::{Codelist, CodelistCode, Language, codelist, codelists};
use regtrade_proto::v1;
use regtrade_service::{Cause, Failure, page, roles::Roles};

use super::Reader;
use crate::{
    codelists::{Counts, counts},
    error::of_field,
};

/// Every list.
pub(super) fn all() -> v1::ListCodelistsResponse {
    v1::ListCodelistsResponse {
        codelists: codelists().iter().map(described).collect(),
    }
}

/// The codes of a list, with what a vintage has of each.
pub(super) async fn get(
    reader: &Reader,
    roles: &Roles,
    asked: v1::GetCodelistRequest,
) -> Result<v1::GetCodelistResponse, Failure> {
    let list = codelist(&asked.codelist).ok_or_else(|| {
        let known: Vec<&str> = codelists().iter().map(Codelist::id).collect();
        let message = format!("there is no such codelist; there are {}", known.join(", "));
        Failure::new(Cause::NotFound, "CODELIST_NOT_FOUND", message)
    })?;
    let has_level = |level: &str| level.is_empty() || list.level(level).next().is_some();
    if !has_level(&asked.level) {
        return Err(Failure::invalid_field(
            "INVALID_FIELD",
            "level",
            format!("{} has no such level", list.id()),
        ));
    }
    // The codes are the same for everyone; where the caller may see no vintage there is nothing to count.
    let dataflow = asked.dataflow_asked().map_err(|error| of_field(&error))?;
    let vintage = match asked.as_of {
        Some(_) => Some(
            reader
                .vintage(roles, Ok(dataflow), "as_of", asked.as_of_asked())
                .await?,
        ),
        None => None,
    };
    let counts = match &vintage {
        Some(vintage) => counts(vintage, &reader.stock).await?,
        None => std::sync::Arc::default(),
    };
    let codes = list
        .codes()
        .iter()
        .filter(|entry| asked.level.is_empty() || entry.is_of(&asked.level));
    let codes: Vec<&CodelistCode> = codes.collect();
    let size = page::size(asked.page_size, reader.rows);
    let head = vintage.as_ref().map(|vintage| vintage.head());
    // The token holds the release: pages of two vintages are never put together.
    let name = |entry: &&CodelistCode| {
        format!(
            "{}:{}",
            head.map(|head| head.id.to_string()).unwrap_or_default(),
            entry.code
        )
    };
    let (codes, next_page_token) = page::page(codes, &asked.page_token, size, name)?;
    Ok(v1::GetCodelistResponse {
        codelist: Some(described(list)),
        codes: codes
            .into_iter()
            .map(|entry| code(list, entry, &counts))
            .collect(),
        next_page_token,
        release: head.map(|head| reader.shown(head, roles)),
        as_of: vintage
            .as_ref()
            .map(|vintage| v1::AsOf::from(&vintage.pinned())),
    })
}

fn described(list: &Codelist) -> v1::Codelist {
    v1::Codelist {
        codelist: list.id().to_owned(),
        version: list.version().to_owned(),
        name: Some(label(|language| list.name(language))),
        codes: u32::try_from(list.codes().len()).unwrap_or(u32::MAX),
    }
}

fn label<'a>(of: impl Fn(Language) -> &'a str) -> v1::Label {
    let text = |language| of(language).to_owned();
    v1::Label {
        fr: text(Language::Fr),
        nl: text(Language::Nl),
        de: text(Language::De),
        en: text(Language::En),
    }
}

fn code(list: &Codelist, entry: &CodelistCode, counts: &Counts) -> v1::CodelistCode {
    let found = counts.of(list.id(), &entry.code);
    let text = |period: Option<regtrade_model::Period>| {
        period.map(|period| period.to_string()).unwrap_or_default()
    };
    v1::CodelistCode {
        code: entry.code.to_string(),
        parent: entry
            .parent
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        level: entry.levels.join(" "),
        label: Some(label(|language| entry.label(language))),
        memo: entry.memo,
        members: entry
            .members
            .iter()
            .map(|member| v1::Membership {
                code: member.code.to_string(),
                from: text(member.from),
                to: text(member.to),
            })
            .collect(),
        observations: found.map_or(0, |found| found.observations),
        first_period: text(found.map(|found| found.first)),
        last_period: text(found.map(|found| found.last)),
    }
}
