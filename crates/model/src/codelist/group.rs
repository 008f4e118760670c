//! Groups of partners whose members have dates, and the partition of the world that charts by partner show.

use std::collections::BTreeSet;

use super::{Codelist, codelist};
use crate::{Code, Period};

/// A member of a group, from a first month to a last one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The member.
    pub code: Code,
    /// Its first month; `None` for always.
    pub from: Option<Period>,
    /// Its last month; `None` for until today.
    pub to: Option<Period>,
}

/// One part of the world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerGroup {
    /// Its code, with a label in `CL_COUNTERPART_AREA`.
    pub code: Code,
    /// The partners that are in it and add up to it.
    pub members: BTreeSet<Code>,
    /// The members that charts show by name besides the whole.
    pub shown_by_name: Vec<Code>,
}

/// The world in parts that do not overlap: euro area (`U2`), the other countries of the EU of 27 (`B6_X_U2`),
/// outside the EU of 27 (`D6`), and what is not allocated (`_X`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerGroups {
    groups: Vec<PartnerGroup>,
}

/// The members of a dated group in a year: those of its July, who were in it for the greater part of the year.
/// `None` where `group` is no group or the year is not from 1900 to 2199.
///
/// The EU changed in May 2004, July 2013 and February 2020: 2004 counts 25 members, 2013 28, and 2020 27. The
/// euro area changed in Januaries alone. Of a group "all countries but" the members are countries and not the
/// territories that they report with.
///
/// ```
/// # use regtrade_model::members;
/// assert_eq!(members("U2", 2022).map(|euro_area| euro_area.len()), Some(19));
/// assert_eq!(members("U2", 2026).map(|euro_area| euro_area.len()), Some(21));
/// assert_eq!(members("FR", 2022), None);
/// ```
#[must_use]
pub fn members(group: &str, year: u16) -> Option<BTreeSet<Code>> {
    members_in(codelist("CL_COUNTERPART_AREA")?, group, july(year)?)
}

/// The partition of the world in a year; `None` unless the year is from 1900 to 2199.
///
/// The EU is that of 27 since 2020 in every year, so that the United Kingdom is outside it in all of a series.
/// The euro area is as it was, so that a country that joins it moves from the second part to the first.
#[must_use]
pub fn partner_groups(year: u16) -> Option<PartnerGroups> {
    let list = codelist("CL_COUNTERPART_AREA")?;
    let july = july(year)?;
    let mut groups = Vec::new();
    for (code, shown) in [
        ("U2", &[][..]),
        ("B6_X_U2", &[][..]),
        ("D6", &["GB", "US"][..]),
    ] {
        groups.push(PartnerGroup {
            code: list.get(code)?.code.clone(),
            members: members_in(list, code, july)?,
            shown_by_name: shown
                .iter()
                .filter_map(|code| Some(list.get(code)?.code.clone()))
                .collect(),
        });
    }
    groups.push(PartnerGroup {
        code: list.get("_X")?.code.clone(),
        // Some codes say at least on which side of the Union's border the partner is.
        members: list
            .level("UNALLOCATED")
            .map(|entry| &entry.code)
            .filter(|code| !groups.iter().any(|group| group.members.contains(code)))
            .cloned()
            .collect(),
        shown_by_name: vec![],
    });
    Some(PartnerGroups { groups })
}

impl PartnerGroups {
    /// The parts, in the order in which charts show them.
    #[must_use]
    pub fn groups(&self) -> &[PartnerGroup] {
        &self.groups
    }

    /// The part that a partner is in: its own, or for a territory that of the country that it reports with.
    /// `None` for the world, for groups, and for what is not in the list.
    #[must_use]
    pub fn of(&self, partner: &Code) -> Option<&PartnerGroup> {
        let list = codelist("CL_COUNTERPART_AREA")?;
        list.ancestry(partner.as_str()).find_map(|entry| {
            self.groups
                .iter()
                .find(|group| group.members.contains(&entry.code))
        })
    }
}

fn july(year: u16) -> Option<Period> {
    format!("{year:04}-07").parse().ok()
}

fn members_in(list: &Codelist, group: &str, month: Period) -> Option<BTreeSet<Code>> {
    let group = list.get(group).filter(|entry| entry.is_of("GROUP"))?;
    let mut members: BTreeSet<Code> = group
        .members
        .iter()
        .filter(|member| {
            member.from.is_none_or(|from| from <= month) && member.to.is_none_or(|to| month <= to)
        })
        .map(|member| member.code.clone())
        .collect();
    if let Some(base) = &group.complement_of {
        let left_out = members_in(list, base.as_str(), month)?;
        members.extend(
            list.level("COUNTRY")
                .filter(|entry| !entry.memo && !left_out.contains(&entry.code))
                .map(|entry| entry.code.clone()),
        );
    }
    Some(members)
}
