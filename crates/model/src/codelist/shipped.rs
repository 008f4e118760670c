//! Reads the files under `data/codelists/`, which are part of the program.

use std::collections::HashMap;

use serde::{Deserialize, de::DeserializeOwned};

use super::{Codelist, CodelistCode, Membership, Validity};
use crate::{Code, Item, Language, Period, labels};

/// Ids, versions and names of the lists.
pub(super) const LISTS: &str = include_str!("../../data/codelists/codelists.csv");
/// Members of the groups, with dates.
pub(super) const GROUPS: &str = include_str!("../../data/codelists/groups.csv");

/// The file of a list; `None` for the list of items, which is made of the items and their labels.
pub(super) fn file(id: &str) -> Option<&'static str> {
    macro_rules! files {
        ($($id:literal),+) => {
            match id {
                $($id => Some(include_str!(concat!("../../data/codelists/", $id, ".csv"))),)+
                _ => None,
            }
        };
    }
    files!(
        "CL_AREA",
        "CL_COUNTERPART_AREA",
        "CL_PRODUCT_SERVICES",
        "CL_PRODUCT_GOODS",
        "CL_ACTIVITY",
        "CL_FREQ",
        "CL_OBS_STATUS",
        "CL_CONF_STATUS",
        "CL_CONCEPT",
        "CL_UNIT"
    )
}

#[derive(Deserialize)]
struct ListRow {
    id: String,
    version: String,
    fr: String,
    nl: String,
    de: String,
    en: String,
}

/// A row of a list; small lists have the columns `code,fr,nl,de,en` alone.
#[derive(Deserialize)]
struct CodeRow {
    code: Code,
    #[serde(default)]
    parent: Option<Code>,
    #[serde(default)]
    levels: String,
    #[serde(default)]
    memo: Option<bool>,
    #[serde(default)]
    from: Option<u16>,
    #[serde(default)]
    to: Option<u16>,
    #[serde(default)]
    complement_of: Option<Code>,
    fr: String,
    nl: String,
    de: String,
    en: String,
}

#[derive(Deserialize)]
struct GroupRow {
    group: String,
    code: Code,
    from: Option<Period>,
    to: Option<Period>,
}

pub(super) fn codelists() -> Vec<Codelist> {
    let mut groups: HashMap<String, Vec<Membership>> = HashMap::new();
    for GroupRow {
        group,
        code,
        from,
        to,
    } in rows(GROUPS)
    {
        groups
            .entry(group)
            .or_default()
            .push(Membership { code, from, to });
    }
    rows::<ListRow>(LISTS)
        .map(|list| {
            let codes = match file(&list.id) {
                Some(file) => rows(file).map(|row| entry(row, &mut groups)).collect(),
                None => items(),
            };
            let names = [list.fr, list.nl, list.de, list.en];
            Codelist::new(list.id, list.version, names, codes)
        })
        .collect()
}

/// The rows that can be read; a test holds that all can.
fn rows<R: DeserializeOwned>(file: &'static str) -> impl Iterator<Item = R> {
    csv::Reader::from_reader(file.as_bytes())
        .into_deserialize()
        .filter_map(Result::ok)
}

fn entry(row: CodeRow, groups: &mut HashMap<String, Vec<Membership>>) -> CodelistCode {
    let levels: Vec<String> = row.levels.split_whitespace().map(str::to_owned).collect();
    let is_group = levels.iter().any(|level| level == "GROUP");
    CodelistCode {
        // Other lists may have a code that reads like a group's.
        members: is_group
            .then(|| groups.remove(row.code.as_str()))
            .flatten()
            .unwrap_or_default(),
        code: row.code,
        parent: row.parent,
        levels,
        memo: row.memo.unwrap_or(false),
        validity: Validity {
            from: row.from,
            to: row.to,
        },
        complement_of: row.complement_of,
        labels: [row.fr, row.nl, row.de, row.en],
    }
}

fn items() -> Vec<CodelistCode> {
    Item::ALL
        .iter()
        .map(|&item| CodelistCode {
            code: item.into(),
            parent: (item.total() != item).then(|| item.total().into()),
            levels: vec![],
            memo: false,
            validity: Validity {
                from: None,
                to: None,
            },
            members: vec![],
            complement_of: None,
            labels: [Language::Fr, Language::Nl, Language::De, Language::En]
                .map(|language| labels().item(item, language).to_owned()),
        })
        .collect()
}
