//! Sums of detail: what a vintage has by product of eight digits and partner country, added up to coarser products, to
//! the world, and to years. What a release has of a coarser cell itself stands in place of the sum.

mod adding;
mod cell;
mod exact;
mod kept;
mod read;
mod slots;
#[cfg(test)]
mod tests;
mod totals;
mod vintage;
mod years;

use std::collections::{BTreeMap, BTreeSet};

use regtrade_model::{
    Area, Code, Concept, Decimal, Item, KeyPattern, ObsStatus, Observation, Period, codelist,
};

use crate::{LakeError, rows::Level};
use adding::Adding;
use exact::Exact;
pub(crate) use kept::{Ended, Files, Keeping, Kept, Kind, OfYear};
pub(crate) use read::add_up;
pub(crate) use totals::Totals;
pub(crate) use vintage::{Added, Held, Others};
use years::{Cells, Year};

/// Digits of a product of the Combined Nomenclature, which detail is of.
const DETAIL_DIGITS: usize = 8;

/// The levels of partners that are countries, or are a part of the world like one.
const PARTS_OF_THE_WORLD: [&str; 3] = ["COUNTRY", "ORGANISATION", "UNALLOCATED"];

/// The products that detail is added up to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Products {
    /// All of them, as `_T`.
    Total,
    /// Those of a level, as codes of so many digits: 2 chapters, 4 headings, 6 subheadings of the Harmonised System, 8
    /// the detail itself.
    Digits(usize),
    /// These: `_T`, or codes of 2, 4, 6 or 8 digits; others, such as sections, as they were observed.
    Codes(BTreeSet<Code>),
}

/// The partners that detail is added up to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Partners {
    /// All of them, as `W1`.
    World,
    /// Each that there is, groups as they were observed.
    Each,
    /// These, `W1` among them or not; groups as they were observed.
    Codes(BTreeSet<Code>),
}

/// The periods that detail is added up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Each period of the slices.
    Period,
    /// Each year: the sum of its twelve months; where there are no months, as the year itself has it.
    Year,
}

/// Which sums are asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SumsAsked {
    /// Empty is all.
    pub items: BTreeSet<Item>,
    /// Empty is all.
    pub areas: BTreeSet<Area>,
    /// `None` is all.
    pub concept: Option<Concept>,
    /// Which products.
    pub products: Products,
    /// Which partners.
    pub partners: Partners,
    /// Which periods.
    pub step: Step,
}

/// Sums of detail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sums {
    /// The periods, in order; years where these were asked for.
    pub periods: Vec<Period>,
    /// By item, area, product, partner and concept, in this order.
    pub series: Vec<SumSeries>,
}

/// The sums of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SumSeries {
    /// The flow.
    pub item: Item,
    /// The region.
    pub ref_area: Area,
    /// `_T`, or a code of 2, 4, 6 or 8 digits.
    pub product: Code,
    /// `W1`, or a partner.
    pub counterpart_area: Code,
    /// After which concept.
    pub concept: Option<Concept>,
    /// One for each of [`Sums::periods`]; `None` where there is nothing of the cell in the period.
    pub levels: Vec<Option<SumLevel>>,
}

/// A sum of one period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SumLevel {
    /// In millions of euro, exact; `None` where any part of it has no value: unknown is not zero.
    pub value: Option<Decimal>,
    /// Decimals of the finest of its parts, in millions of euro.
    pub decimals: u32,
    /// The status that all parts with a value have, else A; or where `value` is `None`, that of a part that has none, and
    /// of a year that lacks months, O.
    pub status: ObsStatus,
}

/// How many digits a product has that detail is added up to: none of the total, `None` of others.
fn digits_of(product: &str) -> Option<usize> {
    let digits = product.bytes().all(|byte| byte.is_ascii_digit());
    match product.len() {
        2 if product == "_T" => Some(0),
        length @ (2 | 4 | 6 | DETAIL_DIGITS) if digits => Some(length),
        _ => None,
    }
}

/// Whether a partner is a part of the world, and no group.
fn is_part_of_the_world(partner: &str) -> bool {
    let entry = codelist("CL_COUNTERPART_AREA").and_then(|list| list.get(partner));
    entry.is_some_and(|entry| {
        !entry.memo && PARTS_OF_THE_WORLD.iter().any(|level| entry.is_of(level))
    })
}

impl Products {
    /// The numbers of digits that may be asked for; 0 is the total.
    fn digits(&self) -> BTreeSet<usize> {
        match self {
            Self::Total => BTreeSet::from([0]),
            Self::Digits(digits) => BTreeSet::from([*digits]),
            Self::Codes(codes) => codes.iter().filter_map(|c| digits_of(c.as_str())).collect(),
        }
    }

    /// Whether a code of one of [`Self::digits`] is asked for.
    fn has(&self, code: &str) -> bool {
        match self {
            Self::Total | Self::Digits(_) => true,
            Self::Codes(codes) => codes.iter().any(|asked| asked.as_str() == code),
        }
    }

    /// Whether a product that nothing is added up to is asked for.
    fn names(&self, product: &Code) -> bool {
        matches!(self, Self::Codes(codes) if codes.contains(product))
    }
}

impl Partners {
    fn has_world(&self) -> bool {
        match self {
            Self::World => true,
            Self::Each => false,
            Self::Codes(codes) => codes.contains(&Code::world()),
        }
    }

    /// Whether a partner, which is not the world, is asked for.
    fn has(&self, partner: &Code) -> bool {
        match self {
            Self::World => false,
            Self::Each => true,
            Self::Codes(codes) => codes.contains(partner),
        }
    }
}

impl SumsAsked {
    /// Whether an item, area and concept are asked for.
    fn chooses(&self, item: Item, area: Area, concept: Option<Concept>) -> bool {
        (self.items.is_empty() || self.items.contains(&item))
            && (self.areas.is_empty() || self.areas.contains(&area))
            && self.concept.is_none_or(|of| concept == Some(of))
    }

    /// The pattern of what the sums are made of, and of more.
    #[must_use]
    pub fn pattern(&self) -> KeyPattern {
        fn joined<T: ToString>(codes: impl IntoIterator<Item = T>) -> String {
            let codes: Vec<String> = codes.into_iter().map(|code| code.to_string()).collect();
            codes.join("+")
        }
        let partners = match &self.partners {
            Partners::Codes(codes) if !codes.contains(&Code::world()) => joined(codes),
            _ => String::new(),
        };
        let products = match &self.products {
            // Nothing is added up to these.
            Products::Codes(codes) if self.products.digits().is_empty() => joined(codes),
            _ => String::new(),
        };
        let text = format!(
            ".{}.{}._T.{products}.{partners}.{}",
            joined(&self.areas),
            joined(&self.items),
            joined(self.concept)
        );
        text.parse()
            .unwrap_or_else(|_| unreachable!("every code was one before"))
    }
}

/// Adds up observations, year by year: those that it is handed, and those of slices of a lake ([`crate::Lake::add_up`]).
#[derive(Debug)]
pub struct SumsWriter {
    asked: SumsAsked,
    /// Those of sums that are kept.
    cells: Cells,
    years: BTreeMap<u16, (Year, Adding)>,
}

impl SumsWriter {
    /// Of slices of some periods.
    #[must_use]
    pub fn new(periods: impl IntoIterator<Item = Period>, asked: &SumsAsked) -> Self {
        let mut years: BTreeMap<u16, BTreeSet<Period>> = BTreeMap::new();
        for period in periods {
            years.entry(period.year()).or_default().insert(period);
        }
        let years = years.into_iter().map(|(year, periods)| {
            let begun = (Year::of(periods, asked.step), Adding::of([asked]));
            (year, begun)
        });
        Self {
            years: years.collect(),
            cells: Cells::default(),
            asked: asked.clone(),
        }
    }

    /// One that was handed nothing yet.
    fn anew(&self) -> Self {
        let periods = self.years.values().flat_map(|(year, _)| year.periods());
        Self::new(periods.copied(), &self.asked)
    }

    /// Takes one observation more, which is of one of the periods, in any order. What nothing is added up of is passed
    /// over.
    pub fn push(&mut self, observation: &Observation) {
        let year = observation.key.period.last().year();
        if let Some((_, adding)) = self.years.get_mut(&year) {
            adding.add(observation);
        }
    }

    /// Takes a sum that is kept: its level, or that there is detail of its period.
    fn take(&mut self, sum: &Level<'_>, is_level: bool) -> Result<(), LakeError> {
        let Some((year, _)) = self.years.get_mut(&sum.period.year()) else {
            return Ok(());
        };
        if is_level {
            let place = self.cells.place(sum);
            return year.take_level(place, sum.period, Exact::kept(sum)?);
        }
        year.take_detail((sum.item, sum.ref_area, sum.concept), sum.period);
        Ok(())
    }

    /// What two of them, which were made alike, were handed.
    pub(crate) fn merged(mut self, other: Self) -> Self {
        for (year, (_, adding)) in other.years {
            if let Some((_, here)) = self.years.get_mut(&year) {
                here.merge(adding);
            }
        }
        self
    }

    /// The sums.
    ///
    /// # Errors
    /// [`LakeError::TooPrecise`] where a sum has more digits than there is room for.
    pub fn finish(mut self) -> Result<Sums, LakeError> {
        let years = self.years.into_values().map(|(mut year, adding)| {
            year.take(adding, &mut self.cells)?;
            Ok(year)
        });
        let years = years.collect::<Result<Vec<_>, LakeError>>()?;
        years::together(&years, &self.cells)
    }
}
