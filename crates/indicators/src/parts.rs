//! The parts that a whole is broken down into: codes of one level of the list of a dimension, or groups of partners.

use std::collections::BTreeSet;

use regtrade_model::{
    Breakdown, Code, Codelist, CodelistCode, Dataflow, Instant, Item, Period, Undefined,
    codelist_of, exact::Number, partner_groups,
};

use crate::{
    detail::{LEVELS_OF_DETAIL, digits_of, level_below},
    levels::{Cell, Level, Levels},
};

/// Levels that no default is: the whole, groups and aggregates, which overlap, and what has no meaning.
const NO_DEFAULT: [&str; 8] = [
    "TOTAL",
    "WORLD",
    "SERVICES",
    "GROUP",
    "AGGREGATE",
    "SPECIAL",
    "ORGANISATION",
    "UNALLOCATED",
];

/// The groups of partners that are parts, in their order.
const GROUPS: [&str; 4] = ["U2", "B6_X_U2", "D6", "_X"];

/// Which codes a list has for some periods of a release. Areas are those of the year of the release, in which it has its
/// whole series; all else is of the years themselves, such as countries that there were.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Classification<'a> {
    pub(crate) published_at: Instant,
    pub(crate) periods: &'a [Period],
}

impl Classification<'_> {
    fn has(&self, by: Breakdown, entry: &CodelistCode) -> bool {
        if by == Breakdown::Region {
            let year = self.published_at.format("%Y").to_string();
            return year.parse().is_ok_and(|year| entry.validity.has(year));
        }
        self.periods
            .iter()
            .any(|period| entry.validity.has(period.year()))
    }
}

/// The list that the parts of an item are of.
pub(crate) fn list(dataflow: Dataflow, by: Breakdown, item: Item) -> Option<&'static Codelist> {
    let component = match by {
        Breakdown::Product => "PRODUCT",
        Breakdown::Partner | Breakdown::PartnerGroup => "COUNTERPART_AREA",
        Breakdown::Activity => "ACTIVITY",
        Breakdown::Region => "REF_AREA",
    };
    codelist_of(dataflow, component, item)
}

/// The code of a cell in the dimension that is broken down.
pub(crate) fn code_of(by: Breakdown, cell: &Cell) -> Code {
    match by {
        Breakdown::Product => cell.product.clone(),
        Breakdown::Partner | Breakdown::PartnerGroup => cell.partner.clone(),
        Breakdown::Activity => cell.activity.clone(),
        Breakdown::Region => cell.ref_area.into(),
    }
}

/// The cell of a part. `None` where its code cannot be one.
pub(crate) fn cell_of(by: Breakdown, whole: &Cell, code: &Code) -> Option<Cell> {
    let mut cell = whole.clone();
    match by {
        Breakdown::Product => cell.product = code.clone(),
        Breakdown::Partner | Breakdown::PartnerGroup => cell.partner = code.clone(),
        Breakdown::Activity => cell.activity = code.clone(),
        Breakdown::Region => cell.ref_area = code.as_str().parse().ok()?,
    }
    Some(cell)
}

/// The codes that are the parts of a whole and add up to it: those of a level below it, no memo codes. Without a level
/// the highest of which the vintage has any, or where it has none, the highest.
///
/// # Errors
/// [`Undefined::NotApplicable`] where the whole has no such parts.
pub(crate) fn codes(
    dataflow: Dataflow,
    by: Breakdown,
    whole: &Cell,
    level: Option<&str>,
    levels: &Levels,
    classification: Classification<'_>,
) -> Result<Vec<Code>, Undefined> {
    let list = list(dataflow, by, whole.item).ok_or(Undefined::NotApplicable)?;
    let of = code_of(by, whole);
    if by == Breakdown::PartnerGroup {
        let is_world = of == Code::world() && level.is_none();
        let groups = GROUPS
            .iter()
            .filter_map(|group| Some(list.get(group)?.code.clone()));
        return is_world
            .then(|| groups.collect())
            .ok_or(Undefined::NotApplicable);
    }
    if dataflow == Dataflow::Exttrade && by == Breakdown::Product {
        let below = level.or_else(|| level_below(&of));
        if let Some(level) = below.filter(|level| LEVELS_OF_DETAIL.contains(level)) {
            return detail(whole, level, levels);
        }
    }
    if by == Breakdown::Region && level.is_none() && !whole.ref_area.is_country() {
        return Err(Undefined::NotApplicable);
    }
    let below = |entry: &&CodelistCode| {
        entry.code != of
            && !entry.memo
            && classification.has(by, entry)
            && list
                .ancestry(entry.code.as_str())
                .any(|above| above.code == of)
    };
    let at = |level: &str| -> Vec<Code> {
        // What is a country in no sense is a part of the world all the same.
        let with = |entry: &&CodelistCode| {
            entry.is_of(level)
                || level == "COUNTRY" && (entry.is_of("ORGANISATION") || entry.is_of("UNALLOCATED"))
        };
        let entries = list.codes().iter().filter(with).filter(below);
        entries.map(|entry| entry.code.clone()).collect()
    };
    let found = match level {
        Some(level) => at(level),
        None => {
            let there = |codes: &Vec<Code>| {
                codes
                    .iter()
                    .any(|code| cell_of(by, whole, code).is_some_and(|cell| levels.has(&cell)))
            };
            let mut all = levels_of(list)
                .into_iter()
                .map(at)
                .filter(|codes| !codes.is_empty());
            let highest = all.next().unwrap_or_default();
            if there(&highest) {
                highest
            } else {
                all.find(there).unwrap_or(highest)
            }
        }
    };
    if found.is_empty() {
        Err(Undefined::NotApplicable)
    } else {
        Ok(found)
    }
}

/// The products of a level of detail below a whole, of which no list has the codes: those that there are.
fn detail(whole: &Cell, level: &str, levels: &Levels) -> Result<Vec<Code>, Undefined> {
    let (of, digits) = (whole.product.as_str(), digits_of(level));
    let is_below = |product: &str| {
        Some(product.len()) == digits
            && (of == "_T" || product.starts_with(of) && product.len() > of.len())
            && product.bytes().all(|byte| byte.is_ascii_digit())
    };
    let items = Cell::items(whole.item);
    let of_whole = levels.cells().filter(|cell| {
        items.contains(&cell.item)
            && cell.ref_area == whole.ref_area
            && cell.activity == whole.activity
            && cell.partner == whole.partner
            && cell.concept == whole.concept
    });
    let products = of_whole.map(|cell| &cell.product);
    let found: BTreeSet<&Code> = products.filter(|code| is_below(code.as_str())).collect();
    if found.is_empty() {
        return Err(Undefined::NotCovered);
    }
    Ok(found.into_iter().cloned().collect())
}

/// The levels of a list that are no default, from the top down.
pub(crate) fn levels_of(list: &Codelist) -> Vec<&str> {
    let mut found: Vec<&str> = vec![];
    for level in list
        .codes()
        .iter()
        .filter(|entry| !entry.memo)
        .flat_map(|entry| &entry.levels)
    {
        if !NO_DEFAULT.contains(&level.as_str()) && !found.contains(&level.as_str()) {
            found.push(level);
        }
    }
    found
}

/// The levels of a part in years; of a group, as it was then.
pub(crate) fn of_years(
    by: Breakdown,
    whole: &Cell,
    code: &Code,
    levels: &Levels,
    years: &[Period],
) -> Vec<Level> {
    let Some(cell) = cell_of(by, whole, code) else {
        return vec![Err(Undefined::NotApplicable); years.len()];
    };
    if by != Breakdown::PartnerGroup || levels.has(&cell) {
        return levels.of_years(&cell, years);
    }
    let of_members = |year: &Period| {
        let at = |cell: &Cell| levels.of_year(cell, *year);
        together(by, whole, code, levels, *year, &at)
    };
    years.iter().map(of_members).collect()
}

/// The level of a part in a period; of a group, as it was then.
pub(crate) fn level(
    by: Breakdown,
    whole: &Cell,
    code: &Code,
    levels: &Levels,
    period: Period,
) -> Level {
    let cell = cell_of(by, whole, code).ok_or(Undefined::NotApplicable)?;
    if by != Breakdown::PartnerGroup || levels.has(&cell) {
        return levels.at(&cell, period);
    }
    let at = |cell: &Cell| levels.at(cell, period);
    together(by, whole, code, levels, period, &at)
}

/// The level of a group as the sum of those that it had as members in a period.
fn together(
    by: Breakdown,
    whole: &Cell,
    group: &Code,
    levels: &Levels,
    period: Period,
    at: &dyn Fn(&Cell) -> Level,
) -> Level {
    let mut sum = None;
    for member in &members(group, period.year()) {
        // A partner without trade has no cell.
        let cell = cell_of(by, whole, member).filter(|cell| levels.has_in(cell, period));
        if let Some(cell) = cell {
            sum = Some(sum.unwrap_or_else(Number::zero) + at(&cell)?);
        }
    }
    sum.ok_or(Undefined::NotCovered)
}

/// Whether the vintage has a part in any period, whole or by its members.
pub(crate) fn is_there(
    by: Breakdown,
    whole: &Cell,
    code: &Code,
    levels: &Levels,
    years: &[Period],
) -> bool {
    let has = |code: &Code| cell_of(by, whole, code).is_some_and(|cell| levels.has(&cell));
    has(code)
        || by == Breakdown::PartnerGroup
            && years
                .iter()
                .any(|year| members(code, year.year()).iter().any(has))
}

/// Who was in a group of partners in a year.
pub(crate) fn members(group: &Code, year: u16) -> BTreeSet<Code> {
    let world = partner_groups(year);
    let found = world
        .as_ref()
        .and_then(|world| world.groups().iter().find(|of| of.code == *group));
    found.map(|group| group.members.clone()).unwrap_or_default()
}
