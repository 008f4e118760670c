//! Adding up the detail of one year, in any order of its rows.

use std::collections::HashMap;

use regtrade_model::{
    Area, Code, Concept, Decimal, FigureKey, Indicator, Item, Observation, Period, Span,
};

use super::{DETAIL_DIGITS, SumsAsked, digits_of, exact::Exact, is_part_of_the_world};
use crate::{LakeError, rows::Level, spool::Attributes};

/// The periods that a year has: itself, four quarters, twelve months.
pub(super) const PARTS: usize = 17;

/// Whose detail: what is zero and what is missing is decided for each.
pub(super) type Group = (Item, Area, Option<Concept>);

/// Some of the periods of a year, one bit each.
pub(super) type Bits = u32;

/// The place of a period among those of its year.
pub(super) fn part(period: Period) -> usize {
    let number = usize::from(period.number());
    match period.frequency() {
        "M" => 4 + number,
        "Q" => number,
        _ => 0,
    }
}

/// A cell that something is added up to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct CellKey {
    pub(super) item: Item,
    pub(super) area: Area,
    pub(super) product: Code,
    pub(super) partner: Code,
    pub(super) concept: Option<Concept>,
}

impl CellKey {
    pub(super) fn of(key: &FigureKey) -> Self {
        Self {
            item: key.item,
            area: key.ref_area,
            product: key.product.clone(),
            partner: key.counterpart_area.clone(),
            concept: key.concept,
        }
    }

    /// That of a sum that is kept.
    pub(super) fn of_sum(sum: &Level<'_>) -> Self {
        Self {
            item: sum.item,
            area: sum.ref_area,
            product: sum.product.clone(),
            partner: sum.counterpart_area.clone(),
            concept: sum.concept,
        }
    }

    /// Whether a sum that is kept is of it.
    pub(super) fn is_of(&self, sum: &Level<'_>) -> bool {
        self.product == *sum.product
            && self.partner == *sum.counterpart_area
            && self.item == sum.item
            && self.area == sum.ref_area
            && self.concept == sum.concept
    }

    /// Whether it is one that detail is added up to, so that what is not among the detail adds nothing to it.
    pub(super) fn is_added_up(&self) -> bool {
        let partner = self.partner.as_str();
        digits_of(self.product.as_str()).is_some()
            && (partner == "W1" || is_part_of_the_world(partner))
    }

    pub(super) const fn group(&self) -> Group {
        (self.item, self.area, self.concept)
    }
}

/// What a cell has in each period: the sum of its detail, and what was observed of it, which stands in place of the sum.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    sum: Option<Exact>,
    observed: Option<Exact>,
}

impl Slot {
    fn resolved(self) -> Option<Exact> {
        self.observed.or(self.sum)
    }
}

/// Adds up what is asked for of one year.
#[derive(Debug)]
pub(crate) struct Adding {
    /// Each with the numbers of digits that it asks for.
    asked: Vec<(SumsAsked, Vec<usize>)>,
    /// By the question, and the cell.
    places: HashMap<(usize, CellKey), usize>,
    cells: Vec<[Slot; PARTS]>,
    /// Of which periods there is detail.
    detail: HashMap<Group, Bits>,
    partners: HashMap<Code, bool>,
    codes: HashMap<Box<str>, Code>,
    last: Option<Last>,
    /// A value with more digits than there is room for.
    too_large: Option<Decimal>,
}

/// The row before: its key but for the period, and where it was added.
#[derive(Debug)]
struct Last {
    key: FigureKey,
    /// Whether it is of the detail.
    is_detail: bool,
    /// Of which periods there is some.
    detail: Bits,
    /// Where it is added up to the world, and where to its own partner.
    to_world: Vec<usize>,
    to_partner: Vec<usize>,
}

impl Last {
    const fn group(&self) -> Group {
        (self.key.item, self.key.ref_area, self.key.concept)
    }

    fn is_of(&self, key: &FigureKey) -> bool {
        self.key.counterpart_area == key.counterpart_area && self.is_beside(key)
    }

    /// Whether it is of a key but for the partner.
    fn is_beside(&self, key: &FigureKey) -> bool {
        let of = &self.key;
        of.product == key.product
            && of.item == key.item
            && of.ref_area == key.ref_area
            && of.concept == key.concept
            && of.activity == key.activity
            && of.indicator == key.indicator
    }
}

impl Adding {
    /// For some questions at once.
    pub(crate) fn of<'a>(asked: impl IntoIterator<Item = &'a SumsAsked>) -> Self {
        let asked = asked.into_iter().map(|asked| {
            let digits = asked.products.digits().into_iter().collect();
            (asked.clone(), digits)
        });
        Self {
            asked: asked.collect(),
            places: HashMap::new(),
            cells: vec![],
            detail: HashMap::new(),
            partners: HashMap::new(),
            codes: HashMap::new(),
            last: None,
            too_large: None,
        }
    }

    /// Takes one observation of the year.
    pub(crate) fn add(&mut self, observation: &Observation) {
        let key = &observation.key;
        let period = key.period.last();
        if key.period != Span::at(period) {
            return;
        }
        if self.last.as_ref().is_none_or(|last| !last.is_of(key)) {
            self.go_to(key);
        }
        let (value, attributes) = (observation.value, Attributes::of(observation));
        self.push(part(period), value.unwrap_or_default(), &attributes);
    }

    /// Takes one observation of the key that was gone to: the place of its period, its value, and what it says of it.
    pub(crate) fn push(&mut self, at: usize, value: Decimal, attributes: &Attributes) {
        let Some(last) = &mut self.last else { return };
        if last.is_detail {
            last.detail |= 1 << at;
        }
        if last.to_world.is_empty() && last.to_partner.is_empty() {
            return;
        }
        let too_large = &mut self.too_large;
        let Some(level) = Exact::of_packed(value, attributes) else {
            *too_large = Some(value);
            return;
        };
        for cell in last.to_world.iter().chain(&last.to_partner) {
            let slot = &mut self.cells[*cell][at];
            let place = if last.is_detail {
                &mut slot.sum
            } else {
                &mut slot.observed
            };
            let sum = match *place {
                Some(sum) => sum.plus(level),
                None => Some(level),
            };
            if sum.is_none() {
                *too_large = Some(value);
            }
            *place = sum;
        }
    }

    /// Takes from the rows of the last key of which periods there is detail.
    fn leave(&mut self) -> Option<Last> {
        let last = self.last.take()?;
        if last.detail != 0 {
            *self.detail.entry(last.group()).or_default() |= last.detail;
        }
        Some(last)
    }

    /// Finds out where rows of a key are added, whatever their periods.
    pub(crate) fn go_to(&mut self, key: &FigureKey) {
        let before = self.leave();
        let is_level = key.indicator == Indicator::Level && key.activity.as_str() == "_T";
        let digits = digits_of(key.product.as_str());
        let is_world = key.counterpart_area.as_str() == "W1";
        let is_part = is_level && !is_world && self.is_part(&key.counterpart_area);
        let is_detail = is_part && digits == Some(DETAIL_DIGITS);
        // Of a product, what is added up to the world is the same for all partners.
        let is_beside = |last: &Last| is_detail && last.is_detail && last.is_beside(key);
        let (mut last, is_new) = match before.filter(is_beside) {
            Some(last) => (last, false),
            None => {
                let last = Last {
                    key: key.clone(),
                    is_detail,
                    detail: 0,
                    to_world: vec![],
                    to_partner: vec![],
                };
                (last, true)
            }
        };
        last.detail = 0;
        last.to_partner.clear();
        last.key.counterpart_area.clone_from(&key.counterpart_area);
        let questions = if is_level { self.asked.len() } else { 0 };
        for question in 0..questions {
            let (asked, _) = &self.asked[question];
            if !asked.chooses(key.item, key.ref_area, key.concept) {
                continue;
            }
            // A group of partners is not added up to, and is there where it was observed.
            let to_world = is_new && (is_world || is_detail) && asked.partners.has_world();
            let to_partner = !is_world && asked.partners.has(&key.counterpart_area);
            if to_world {
                let world = Code::world();
                self.places(question, key, &world, is_detail, &mut last.to_world);
            }
            if to_partner {
                let partner = &key.counterpart_area;
                self.places(question, key, partner, is_detail, &mut last.to_partner);
            }
        }
        self.last = Some(last);
    }

    /// Where rows of a key are added up to a partner for a question.
    fn places(
        &mut self,
        question: usize,
        key: &FigureKey,
        partner: &Code,
        is_detail: bool,
        found: &mut Vec<usize>,
    ) {
        let (asked, levels) = &self.asked[question];
        let digits = digits_of(key.product.as_str());
        let products = levels.iter().filter_map(|level| {
            let code = match level {
                0 => "_T",
                _ => key.product.as_str().get(..*level)?,
            };
            let fits = Some(*level) == digits || is_detail;
            (fits && asked.products.has(code)).then(|| code.to_owned())
        });
        // Nothing is added up to products of no digits.
        let named = asked.products.names(&key.product) && digits.is_none();
        let named = named.then(|| key.product.to_string());
        for product in products.chain(named).collect::<Vec<_>>() {
            let Some(product) = self.code(&product) else {
                continue;
            };
            let cell = CellKey {
                item: key.item,
                area: key.ref_area,
                product,
                partner: partner.clone(),
                concept: key.concept,
            };
            found.push(self.place((question, cell)));
        }
    }

    fn place(&mut self, cell: (usize, CellKey)) -> usize {
        let next = self.cells.len();
        let place = *self.places.entry(cell).or_insert(next);
        if place == next {
            self.cells.push([Slot::default(); PARTS]);
        }
        place
    }

    /// Each code once: they share their memory.
    fn code(&mut self, text: &str) -> Option<Code> {
        if let Some(code) = self.codes.get(text) {
            return Some(code.clone());
        }
        let code: Code = text.parse().ok()?;
        self.codes.insert(text.into(), code.clone());
        Some(code)
    }

    fn is_part(&mut self, partner: &Code) -> bool {
        if let Some(known) = self.partners.get(partner) {
            return *known;
        }
        let is_part = is_part_of_the_world(partner.as_str());
        self.partners.insert(partner.clone(), is_part);
        is_part
    }

    /// Takes what another one added up of other rows of the year.
    pub(crate) fn merge(&mut self, mut other: Self) {
        self.leave();
        other.leave();
        for (group, bits) in other.detail {
            *self.detail.entry(group).or_default() |= bits;
        }
        for (cell, place) in other.places {
            let place_here = self.place(cell);
            let (here, there) = (&mut self.cells[place_here], &other.cells[place]);
            for (here, there) in here.iter_mut().zip(there) {
                let mut add = |here: &mut Option<Exact>, there: Option<Exact>| {
                    let sum = match (*here, there) {
                        (Some(a), Some(b)) => a.plus(b),
                        (a, b) => a.or(b),
                    };
                    if here.is_some() && sum.is_none() {
                        self.too_large = Some(Decimal::MAX);
                    }
                    *here = sum;
                };
                add(&mut here.sum, there.sum);
                add(&mut here.observed, there.observed);
            }
        }
        self.too_large = self.too_large.or(other.too_large);
    }

    /// What each cell has in each period, with the number of the question, and of which periods there is detail.
    #[expect(clippy::type_complexity, reason = "taken apart at once")]
    pub(super) fn finish(
        mut self,
    ) -> Result<
        (
            impl Iterator<Item = (usize, CellKey, [Option<Exact>; PARTS])>,
            HashMap<Group, Bits>,
        ),
        LakeError,
    > {
        self.leave();
        if let Some(value) = self.too_large {
            return Err(LakeError::TooPrecise(value));
        }
        let cells = self.cells;
        let found = self
            .places
            .into_iter()
            .map(move |((question, cell), place)| {
                (question, cell, cells[place].map(Slot::resolved))
            });
        Ok((found, self.detail))
    }
}
