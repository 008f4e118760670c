//! Adding up the detail of one year, in any order of its rows.

use foldhash::{HashMap, HashMapExt as _};
use regtrade_model::{Code, Decimal, FigureKey, Indicator, Observation, Period, Span};

use super::{
    DETAIL_DIGITS, SumsAsked,
    cell::{CellKey, Group},
    digits_of,
    exact::Exact,
    is_part_of_the_world,
    slots::{Levels, PARTS, Slots, add, add_all},
};
use crate::{LakeError, spool::Attributes};

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

/// Adds up what is asked for of one year.
#[derive(Debug)]
pub(crate) struct Adding {
    /// Each with the numbers of digits that it asks for.
    asked: Vec<(SumsAsked, Vec<usize>)>,
    /// By the question, and the cell.
    places: HashMap<(usize, CellKey), usize>,
    cells: Vec<Slots>,
    /// Of which periods there is detail.
    detail: HashMap<Group, Bits>,
    /// By the question, and the number of digits among those that it asks for.
    recent: Vec<Vec<Recent>>,
    partners: HashMap<Code, bool>,
    codes: HashMap<Box<str>, Code>,
    last: Option<Last>,
    /// A value with more digits than there is room for.
    too_large: Option<Decimal>,
}

/// The product that was asked for last, and where its cells are: rows that follow each other are mostly of the same one.
#[derive(Debug, Default)]
struct Recent {
    of: Option<(Group, Box<str>)>,
    /// Whether it is asked for.
    is_asked: bool,
    /// By partner.
    places: HashMap<Code, usize>,
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
    /// What the detail of all partners so far comes to: it is added up to the world once no other partner follows.
    of_partners: Levels,
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
        let asked: Vec<(SumsAsked, Vec<usize>)> = asked.collect();
        let recent = asked.iter().map(|(_, levels)| {
            let none = std::iter::repeat_with(Recent::default);
            none.take(levels.len()).collect()
        });
        Self {
            recent: recent.collect(),
            asked,
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
        let Some(level) = Exact::of_packed(value, attributes) else {
            self.too_large = Some(value);
            return;
        };
        let mut fits = true;
        if last.is_detail {
            if !last.to_world.is_empty() {
                fits &= add(&mut last.of_partners[at], level);
            }
            for cell in &last.to_partner {
                fits &= add(&mut self.cells[*cell].sums[at], level);
            }
        } else {
            for cell in last.to_world.iter().chain(&last.to_partner) {
                fits &= add(&mut self.cells[*cell].observed()[at], level);
            }
        }
        if !fits {
            self.too_large = Some(value);
        }
    }

    /// Adds up to the world what a product has in all.
    fn end(&mut self, product: &Last) {
        for cell in &product.to_world {
            if !add_all(&mut self.cells[*cell].sums, &product.of_partners) {
                self.too_large.get_or_insert(Decimal::MAX);
            }
        }
    }

    /// Ends with the last product.
    fn end_last(&mut self) {
        if let Some(last) = self.leave() {
            self.end(&last);
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
        let (mut last, is_new) = match before {
            Some(last) if is_beside(&last) => (last, false),
            before => {
                if let Some(before) = before {
                    self.end(&before);
                }
                let last = Last {
                    key: key.clone(),
                    is_detail,
                    detail: 0,
                    to_world: vec![],
                    to_partner: vec![],
                    of_partners: [None; PARTS],
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
        let digits = digits_of(key.product.as_str());
        for at in 0..self.recent[question].len() {
            let (asked, levels) = &self.asked[question];
            let level = levels[at];
            let product = match level {
                0 => Some("_T"),
                _ => key.product.as_str().get(..level),
            };
            let Some(product) = product.filter(|_| is_detail || digits == Some(level)) else {
                continue;
            };
            let recent = &mut self.recent[question][at];
            let group = (key.item, key.ref_area, key.concept);
            let is_same = |(of, last): &(Group, Box<str>)| *of == group && **last == *product;
            if !recent.of.as_ref().is_some_and(is_same) {
                recent.of = Some((group, product.into()));
                recent.is_asked = asked.products.has(product);
                recent.places.clear();
            }
            if !recent.is_asked {
                continue;
            }
            if let Some(place) = recent.places.get(partner) {
                found.push(*place);
            } else if let Some(place) = self.place_of(question, key, product, partner) {
                let recent = &mut self.recent[question][at];
                recent.places.insert(partner.clone(), place);
                found.push(place);
            }
        }
        // Nothing is added up to products of no digits.
        if digits.is_none() && self.asked[question].0.products.names(&key.product) {
            found.extend(self.place_of(question, key, key.product.as_str(), partner));
        }
    }

    /// The place of what a product and a partner have beside a key.
    fn place_of(
        &mut self,
        question: usize,
        key: &FigureKey,
        product: &str,
        partner: &Code,
    ) -> Option<usize> {
        let cell = CellKey {
            item: key.item,
            area: key.ref_area,
            product: self.code(product)?,
            partner: partner.clone(),
            concept: key.concept,
        };
        Some(self.place((question, cell)))
    }

    fn place(&mut self, cell: (usize, CellKey)) -> usize {
        let next = self.cells.len();
        let place = *self.places.entry(cell).or_insert(next);
        if place == next {
            self.cells.push(Slots::default());
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
        self.end_last();
        other.end_last();
        for (group, bits) in other.detail {
            *self.detail.entry(group).or_default() |= bits;
        }
        for (cell, place) in other.places {
            let place_here = self.place(cell);
            let (here, there) = (&mut self.cells[place_here], &other.cells[place]);
            let mut fits = add_all(&mut here.sums, &there.sums);
            if let Some(observed) = &there.observed {
                fits &= add_all(here.observed(), observed);
            }
            if !fits {
                self.too_large.get_or_insert(Decimal::MAX);
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
            impl Iterator<Item = (usize, CellKey, Levels)>,
            HashMap<Group, Bits>,
        ),
        LakeError,
    > {
        self.end_last();
        if let Some(value) = self.too_large {
            return Err(LakeError::TooPrecise(value));
        }
        let cells = self.cells;
        let found = self
            .places
            .into_iter()
            .map(move |((question, cell), place)| (question, cell, cells[place].resolved()));
        Ok((found, self.detail))
    }
}
