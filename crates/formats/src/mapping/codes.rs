//! The codes of our dataflows, against which targets are checked when a mapping is loaded, and the cells of our own
//! dataflows when they are read.

use regtrade_model::{
    Codelist, ConfStatus, Dataflow, Item, Kind, ObsStatus, Side, chapter_of, codelist,
};

use super::target::Target;

/// The largest UNIT_MULT, and the largest DECIMALS.
pub(crate) const LARGEST_UNIT_MULT: u32 = 15;
pub(crate) const MOST_DECIMALS: u32 = 28;

/// Whether a code is one of a target's list. Of a product that depends on the kind of the item that it is of: without one,
/// it can be of either.
pub(crate) fn is_known(dataflow: Dataflow, target: Target, kind: Option<Kind>, code: &str) -> bool {
    let whole_number = |most| {
        code.bytes().all(|byte| byte.is_ascii_digit())
            && code.parse::<u32>().is_ok_and(|number| number <= most)
    };
    match target {
        Target::Freq => code == dataflow.frequency(),
        Target::Item => code.parse().is_ok_and(|item| is_item_of(dataflow, item)),
        Target::Product => match kind {
            Some(Kind::Goods) => is_good(code),
            Some(Kind::Services) => is_service(code),
            Some(Kind::Total) => code == "_T",
            None => is_good(code) || (dataflow == Dataflow::Regtrd && is_service(code)),
        },
        Target::RefArea | Target::Activity | Target::CounterpartArea | Target::Concept => {
            list(target).is_some_and(|list| list.get(code).is_some())
        }
        Target::UnitMult => whole_number(LARGEST_UNIT_MULT),
        Target::Decimals => whole_number(MOST_DECIMALS),
        Target::ObsStatus => code.parse::<ObsStatus>().is_ok(),
        Target::ConfStatus => code.parse::<ConfStatus>().is_ok(),
        Target::Unit => code == "EUR",
        Target::TimePeriod | Target::ObsValue => false,
    }
}

/// Whether observations of a dataflow can be of an item: balances are computed, and foreign-trade statistics are of goods.
pub(crate) fn is_item_of(dataflow: Dataflow, item: Item) -> bool {
    item.side() != Side::Net && (dataflow == Dataflow::Regtrd || item.kind() == Kind::Goods)
}

/// Whether a code of another list may be taken for ours because the two are spelled the same. A group of partners may
/// not: `D0` is all countries outside the European Union here, and the Union elsewhere.
pub(crate) fn is_the_same_elsewhere(dataflow: Dataflow, target: Target, code: &str) -> bool {
    let is_known = is_known(dataflow, target, None, code);
    if target != Target::CounterpartArea {
        return is_known;
    }
    let entry = list(target).and_then(|list| list.get(code));
    entry.is_some_and(|entry| entry.is_of("COUNTRY"))
}

/// The codes of a target that start with a text, as far as its list has them.
pub(crate) fn starting_with(target: Target, start: &str) -> Vec<&'static str> {
    let codes = list(target).map_or(&[][..], Codelist::codes);
    let codes = codes.iter().map(|entry| entry.code.as_str());
    codes.filter(|code| code.starts_with(start)).collect()
}

/// What a target's codes are, in words.
pub(crate) fn described(target: Target, dataflow: Dataflow) -> String {
    match target {
        Target::Freq => format!("the frequency {} of {dataflow}", dataflow.frequency()),
        Target::Item => {
            let items = Item::ALL.iter().filter(|item| is_item_of(dataflow, **item));
            let items: Vec<_> = items.map(|item| item.as_str()).collect();
            format!("an item of {dataflow}: {}", items.join(", "))
        }
        Target::UnitMult => format!("a whole number from 0 to {LARGEST_UNIT_MULT}"),
        Target::Decimals => format!("a whole number from 0 to {MOST_DECIMALS}"),
        Target::Product => "a code of CL_PRODUCT_GOODS or CL_PRODUCT_SERVICES".to_owned(),
        _ => match list(target) {
            Some(list) => format!("a code of {}", list.id()),
            None => format!("a code of CL_{}", target.id()),
        },
    }
}

fn list(target: Target) -> Option<&'static Codelist> {
    codelist(match target {
        Target::RefArea => "CL_AREA",
        Target::Activity => "CL_ACTIVITY",
        Target::CounterpartArea => "CL_COUNTERPART_AREA",
        Target::Concept => "CL_CONCEPT",
        _ => return None,
    })
}

/// Sections and chapters are listed; of longer codes the chapter is.
fn is_good(code: &str) -> bool {
    codelist("CL_PRODUCT_GOODS").is_some_and(|list| list.get(code).is_some())
        || code.parse().is_ok_and(|code| chapter_of(&code).is_some())
}

fn is_service(code: &str) -> bool {
    codelist("CL_PRODUCT_SERVICES").is_some_and(|list| list.get(code).is_some())
}
