//! The codes of our dataflows, against which targets are checked when a mapping is loaded, and the cells of our own
//! dataflows when they are read.

use regtrade_model::{
    Area, Code, ConfStatus, Concept, Dataflow, Item, Kind, ObsStatus, Side,
};

use super::target::Target;

/// The largest UNIT_MULT, and the largest DECIMALS.
pub(crate) const LARGEST_UNIT_MULT: u32 = 15;
pub(crate) const MOST_DECIMALS: u32 = 28;

/// Whether a code is one of a target's list; of a product that depends on the kind of item that it is of, where that is known.
pub(crate) fn is_known(dataflow: Dataflow, target: Target, kind: Option<Kind>, code: &str) -> bool {
    let whole_number = |most| {
        code.bytes().all(|byte| byte.is_ascii_digit())
            && code.parse::<u32>().is_ok_and(|number| number <= most)
    };
    match target {
        Target::Freq => code == dataflow.frequency(),
        Target::RefArea => code.parse::<Area>().is_ok(),
        Target::Item => code.parse().is_ok_and(|item| is_item_of(dataflow, item)),
        Target::Product => {
            let _ = kind;
            code.parse::<Code>().is_ok()
        }
        Target::Activity | Target::CounterpartArea => code.parse::<Code>().is_ok(),
        Target::Concept => code.parse::<Concept>().is_ok(),
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

/// Whether a code of another list may be taken for ours because the two are spelled the same: of partners a country, since
/// a group of countries means one thing here and another there.
pub(crate) fn is_the_same_elsewhere(dataflow: Dataflow, target: Target, code: &str) -> bool {
    is_known(dataflow, target, None, code)
}
