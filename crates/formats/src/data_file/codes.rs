//! Codes that were read, each of them kept once, as far as a file does not have too many.

use std::collections::HashMap;

use regtrade_model::{Area, Code, Dataflow, Kind};

use crate::mapping::{codes::is_known, target::Target};

/// How many codes of a list are kept.
const MOST_KEPT: usize = 1 << 16;

/// Codes by their text.
#[derive(Default)]
pub(super) struct Codes {
    areas: HashMap<String, Area>,
    activities: HashMap<String, Code>,
    partners: HashMap<String, Code>,
    /// By the kind of the item: of goods, of services, of both, of an item that is not known.
    products: [HashMap<String, Code>; 4],
}

impl Codes {
    /// An area; `None` where the list has none of that text.
    pub(super) fn area(&mut self, dataflow: Dataflow, text: &str) -> Option<Area> {
        read(&mut self.areas, text, || {
            is_known(dataflow, Target::RefArea, None, text)
        })
    }

    /// An activity, a partner or a product; `None` where the list has none of that text.
    pub(super) fn code(
        &mut self,
        dataflow: Dataflow,
        target: Target,
        kind: Option<Kind>,
        text: &str,
    ) -> Option<Code> {
        let [goods, services, total, any] = &mut self.products;
        let kept = match (target, kind) {
            (Target::Activity, _) => &mut self.activities,
            (Target::CounterpartArea, _) => &mut self.partners,
            (_, Some(Kind::Goods)) => goods,
            (_, Some(Kind::Services)) => services,
            (_, Some(Kind::Total)) => total,
            (_, None) => any,
        };
        read(kept, text, || is_known(dataflow, target, kind, text))
    }
}

fn read<T: Clone + std::str::FromStr>(
    kept: &mut HashMap<String, T>,
    text: &str,
    is_known: impl FnOnce() -> bool,
) -> Option<T> {
    if let Some(code) = kept.get(text) {
        return Some(code.clone());
    }
    let code: T = is_known().then(|| text.parse().ok())??;
    if kept.len() >= MOST_KEPT {
        kept.clear();
    }
    kept.insert(text.to_owned(), code.clone());
    Some(code)
}
