//! Which code of a dimension is a part of which, as far as the code lists say.

use std::collections::BTreeSet;

use regtrade_model::{Code, Codelist, Kind, codelist, members};

use super::equations::Dimension;

/// Aggregates that cross the tree of activities, and the codes that they are made of.
const AGGREGATES: &[(&str, &[&str])] = &[
    ("ATE", &["A", "BTE"]),
    ("ATF", &["A", "BTE", "F"]),
    ("GTU", &["GTI", "J", "K", "L", "M_N", "OTQ", "RTU"]),
    ("LTN", &["L", "M_N"]),
    ("M_N_RTU", &["M_N", "RTU"]),
    ("K_M_N", &["K", "M_N"]),
    ("P_R", &["P", "R"]),
    ("B_C", &["B", "C"]),
    ("D_E", &["D", "E"]),
    ("C16T18_31T33", &["C16T18", "C31T33"]),
];

fn list(dimension: Dimension, kind: Kind) -> Option<&'static Codelist> {
    codelist(match (dimension, kind) {
        (Dimension::Area, _) => "CL_AREA",
        (Dimension::Activity, _) => "CL_ACTIVITY",
        (Dimension::Partner, _) => "CL_COUNTERPART_AREA",
        (Dimension::Product, Kind::Goods) => "CL_PRODUCT_GOODS",
        (Dimension::Product, Kind::Services) => "CL_PRODUCT_SERVICES",
        (Dimension::Item, _) | (Dimension::Product, Kind::Total) => return None,
    })
}

/// The code that a code is a part of: by the list, else by its digits or letters, else the total. `None` at the top,
/// and for codes that overlap others.
pub(super) fn parent(dimension: Dimension, kind: Kind, code: &str) -> Option<String> {
    let total = if dimension == Dimension::Partner {
        "W1"
    } else {
        "_T"
    };
    if let Some(entry) = list(dimension, kind).and_then(|list| list.get(code)) {
        return (!entry.memo).then(|| entry.parent.as_ref().map(ToString::to_string))?;
    }
    if code == total {
        return None;
    }
    match dimension {
        Dimension::Item => None,
        Dimension::Area => (code.len() > 2).then(|| code[..code.len() - 1].to_owned()),
        Dimension::Product if kind == Kind::Goods && code.len() > 2 => {
            // Headings, subheadings and CN8 codes lie below those with two digits less.
            let digits = code.bytes().all(|byte| byte.is_ascii_digit());
            let shorter = if code.len().is_multiple_of(2) { 2 } else { 1 };
            Some(if digits {
                code[..code.len() - shorter].to_owned()
            } else {
                total.to_owned()
            })
        }
        _ => Some(total.to_owned()),
    }
}

/// What a code that overlaps others is made of; `None` where that is not known.
pub(super) fn made_of(dimension: Dimension, code: &str, year: u16) -> Option<BTreeSet<String>> {
    match dimension {
        Dimension::Partner => {
            let members = members(code, year)?;
            Some(members.iter().map(ToString::to_string).collect())
        }
        Dimension::Activity => {
            let (_, parts) = AGGREGATES
                .iter()
                .find(|(aggregate, _)| *aggregate == code)?;
            Some(parts.iter().map(|&part| part.to_owned()).collect())
        }
        _ => None,
    }
}

/// The group that a group is all but, so that both together are the world.
pub(super) fn complement(dimension: Dimension, code: &str) -> Option<&'static str> {
    let partners = (dimension == Dimension::Partner).then(|| codelist("CL_COUNTERPART_AREA"))?;
    partners?
        .get(code)?
        .complement_of
        .as_ref()
        .map(Code::as_str)
}

/// Of a code that is one of several in another way to split the same whole: the whole, and which way it is.
pub(super) fn other_split(
    dimension: Dimension,
    kind: Kind,
    code: &str,
) -> Option<(String, String)> {
    let entry = list(dimension, kind)?.get(code)?;
    let whole = entry.parent.as_ref().filter(|_| entry.memo)?;
    Some((whole.to_string(), entry.levels.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_part_of_the_one_above_it_also_where_the_list_ends() {
        let parent = |dimension, kind, code| parent(dimension, kind, code).unwrap_or_default();
        for (code, above) in [
            ("87032319", "870323"),
            ("8703", "87"),
            ("87", "XVII"),
            ("XVII", "_T"),
            ("_T", ""),
            ("PETROL", "_T"),
        ] {
            assert_eq!(parent(Dimension::Product, Kind::Goods, code), above);
        }
        assert_eq!(parent(Dimension::Product, Kind::Services, "SC11"), "SC1");
        assert_eq!(
            parent(Dimension::Product, Kind::Services, "SD1"),
            "",
            "memo"
        );
        assert_eq!(parent(Dimension::Activity, Kind::Goods, "C29"), "C29_30");
        assert_eq!(parent(Dimension::Area, Kind::Goods, "BE211"), "BE21");
        assert_eq!(parent(Dimension::Area, Kind::Goods, "BE299"), "BE29");
        assert_eq!(parent(Dimension::Partner, Kind::Goods, "FR"), "W1");
        assert_eq!(parent(Dimension::Partner, Kind::Goods, "U2"), "", "a group");
    }

    #[test]
    fn aggregates_are_made_of_codes_that_the_list_has() {
        let activities = codelist("CL_ACTIVITY").unwrap();
        for entry in activities.level("AGGREGATE") {
            let parts = made_of(Dimension::Activity, entry.code.as_str(), 2024);
            let parts = parts.unwrap_or_else(|| panic!("{} is made of nothing", entry.code));
            assert!(parts.iter().all(|part| activities.get(part).is_some()));
        }
        assert_eq!(AGGREGATES.len(), activities.level("AGGREGATE").count());
    }
}
