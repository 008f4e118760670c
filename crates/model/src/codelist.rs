//! Code lists as data of the project: their codes, hierarchies, validity and labels in four languages.

mod group;
mod shipped;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, sync::LazyLock};

pub use group::{Membership, PartnerGroup, PartnerGroups, members, partner_groups};

use crate::{Code, Dataflow, Item, Kind, Language};

/// A code list, as SDMX has them: an id, a version, a name and codes in a hierarchy.
#[derive(Debug)]
pub struct Codelist {
    id: String,
    version: String,
    names: [String; 4],
    codes: Vec<CodelistCode>,
    positions: HashMap<String, usize>,
}

/// A code of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodelistCode {
    /// The code.
    pub code: Code,
    /// The code that it is part of, or (a memo code) lies in.
    pub parent: Option<Code>,
    /// The levels of the classification that it belongs to; one code can be of several (`F` is A10, A38 and A64).
    pub levels: Vec<String>,
    /// Pro memoria: never added up with its siblings, which it overlaps.
    pub memo: bool,
    /// When the classification has it.
    pub validity: Validity,
    /// Of a group: its members, with their dates. Empty for all else.
    pub members: Vec<Membership>,
    /// Of a group that is "all countries but": the group that it leaves out.
    pub complement_of: Option<Code>,
    labels: [String; 4],
}

/// The years in which a classification has a code; not the years of which there are data, since series are
/// published backwards in the classification of their release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// The first year; `None` for always.
    pub from: Option<u16>,
    /// The last year; `None` for until today.
    pub to: Option<u16>,
}

impl Validity {
    /// Whether the classification has the code in a year.
    #[must_use]
    pub fn has(self, year: u16) -> bool {
        self.from.is_none_or(|from| from <= year) && self.to.is_none_or(|to| year <= to)
    }
}

impl CodelistCode {
    /// The label in a language.
    #[must_use]
    pub fn label(&self, language: Language) -> &str {
        &self.labels[language as usize]
    }

    /// Whether the code is of a level, such as `A38` or `NUTS2`.
    #[must_use]
    pub fn is_of(&self, level: &str) -> bool {
        self.levels.iter().any(|own| own == level)
    }
}

impl Codelist {
    fn new(id: String, version: String, names: [String; 4], codes: Vec<CodelistCode>) -> Self {
        let positions = codes
            .iter()
            .enumerate()
            .map(|(position, entry)| (entry.code.to_string(), position))
            .collect();
        Self {
            id,
            version,
            names,
            codes,
            positions,
        }
    }

    /// The id, as SDMX names the list: `CL_AREA`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The version of the list in this project; its first part is that of the standard it follows.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The name of the list.
    #[must_use]
    pub fn name(&self, language: Language) -> &str {
        &self.names[language as usize]
    }

    /// Every code, in the order in which lists show them.
    #[must_use]
    pub fn codes(&self) -> &[CodelistCode] {
        &self.codes
    }

    /// A code.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&CodelistCode> {
        self.positions
            .get(code)
            .and_then(|&position| self.codes.get(position))
    }

    /// The codes right below a code, memo codes and former ones included; with `None`, the codes at the top.
    pub fn children(&self, parent: Option<&str>) -> impl Iterator<Item = &CodelistCode> {
        self.codes
            .iter()
            .filter(move |entry| entry.parent.as_ref().map(Code::as_str) == parent)
    }

    /// The codes right below a code that add up to it: no memo codes, and those alone that the classification
    /// has in `year`. For areas that is the year of the release, not of the figure.
    pub fn parts(&self, parent: &str, year: u16) -> impl Iterator<Item = &CodelistCode> {
        self.children(Some(parent))
            .filter(move |entry| !entry.memo && entry.validity.has(year))
    }

    /// The code, then what it is part of, up to the top. Nothing for a code that is not in the list.
    pub fn ancestry(&self, code: &str) -> impl Iterator<Item = &CodelistCode> {
        std::iter::successors(self.get(code), |entry| {
            self.get(entry.parent.as_ref()?.as_str())
        })
    }

    /// The label of a code; the code itself where the list does not have it.
    #[must_use]
    pub fn label<'a>(&'a self, code: &'a str, language: Language) -> &'a str {
        self.get(code).map_or(code, |entry| entry.label(language))
    }

    /// The codes of a level, such as `A10`, `A38`, `A64`, `EBOPS1`, `CHAPTER`, `NUTS2` or `COUNTRY`.
    pub fn level(&self, name: &str) -> impl Iterator<Item = &CodelistCode> {
        self.codes.iter().filter(move |entry| entry.is_of(name))
    }
}

static CODELISTS: LazyLock<Vec<Codelist>> = LazyLock::new(shipped::codelists);

/// Every list shipped with this version.
#[must_use]
pub fn codelists() -> &'static [Codelist] {
    &CODELISTS
}

/// The list of an id, such as `CL_AREA`.
#[must_use]
pub fn codelist(id: &str) -> Option<&'static Codelist> {
    codelists().iter().find(|list| list.id == id)
}

/// The list that a dimension or attribute of a dataflow takes its codes from, for figures of `item`.
///
/// `None` for a component that has no codes or that the dataflow does not have, and for PRODUCT of goods and
/// services together, which have no product but `_T`. Of the products of goods the list has sections and
/// chapters; for a longer code see [`chapter_of`].
#[must_use]
pub fn codelist_of(dataflow: Dataflow, component: &str, item: Item) -> Option<&'static Codelist> {
    codelist(match component {
        "FREQ" => "CL_FREQ",
        "REF_AREA" => "CL_AREA",
        "ITEM" => "CL_ITEM",
        "ACTIVITY" => "CL_ACTIVITY",
        "PRODUCT" => match item.kind() {
            Kind::Goods => "CL_PRODUCT_GOODS",
            Kind::Services => "CL_PRODUCT_SERVICES",
            Kind::Total => return None,
        },
        "COUNTERPART_AREA" => "CL_COUNTERPART_AREA",
        "CONCEPT" if dataflow == Dataflow::Exttrade => "CL_CONCEPT",
        "UNIT" => "CL_UNIT",
        "OBS_STATUS" => "CL_OBS_STATUS",
        "CONF_STATUS" => "CL_CONF_STATUS",
        _ => return None,
    })
}

/// The chapter of the Harmonised System that a chapter, heading, subheading or CN8 code belongs to: its first
/// two digits. `None` for what is not 2, 4, 6 or 8 digits, or in no chapter.
///
/// ```
/// # use regtrade_model::{Language, chapter_of};
/// let code = "30049000".parse()?;
/// assert_eq!(chapter_of(&code).map(|chapter| chapter.label(Language::En)), Some("Pharmaceutical products"));
/// # Ok::<(), regtrade_model::InvalidCode>(())
/// ```
#[must_use]
pub fn chapter_of(product: &Code) -> Option<&'static CodelistCode> {
    let digits = product.as_str();
    let well_formed =
        matches!(digits.len(), 2 | 4 | 6 | 8) && digits.bytes().all(|b| b.is_ascii_digit());
    well_formed.then(|| codelist("CL_PRODUCT_GOODS")?.get(&digits[..2]))?
}
