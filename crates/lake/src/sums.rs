//! Sums of detail: what a vintage has by product of eight digits and partner country, added up to coarser products, to
//! the world, and to years. What a release has of a coarser cell itself is an observation, and not looked at here.

use std::collections::{BTreeMap, BTreeSet};

use regtrade_model::{
    Area, Code, Concept, Decimal, FigureKey, Indicator, Item, KeyPattern, ObsStatus, Observation,
    Period, Release, codelist,
};

use crate::{Lake, LakeError};

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
    /// These: `_T`, or codes of 2, 4, 6 or 8 digits. There is nothing of others.
    Codes(BTreeSet<Code>),
}

/// The partners that detail is added up to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Partners {
    /// All of them, as `W1`.
    World,
    /// Each that there is.
    Each,
    /// These: `W1`, or partners that there are. There is nothing of others, such as groups.
    Codes(BTreeSet<Code>),
}

/// The periods that detail is added up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Each period of the slices.
    Period,
    /// Each year: the sum of its months that are among the slices, whether that is all of them or not. Slices of years
    /// and quarters are left out.
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
    /// One for each of [`Sums::periods`]; `None` where there is no detail of the cell in the period.
    pub levels: Vec<Option<SumLevel>>,
}

/// A sum of one period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SumLevel {
    /// In millions of euro, exact; `None` where any part of it has no value: unknown is not zero.
    pub value: Option<Decimal>,
    /// Decimals of the finest of its parts, in millions of euro.
    pub decimals: u32,
    /// The status that all parts with a value have, else A; or where `value` is `None`, that of a part that has none.
    pub status: ObsStatus,
}

impl SumLevel {
    /// An observation as a sum of its own. `None` where its level is not exact in millions of euro.
    fn of(observation: &Observation) -> Option<Self> {
        let shift = 6 - observation.unit_mult;
        let moved = |value: Decimal| {
            let value = value.normalize();
            let scale = i64::from(value.scale()) + i64::from(shift);
            let (digits, scale) = match u32::try_from(scale) {
                Ok(scale) => (value.mantissa(), scale),
                Err(_) => {
                    let up = 10i128.checked_pow(u32::try_from(-scale).ok()?)?;
                    (value.mantissa().checked_mul(up)?, 0)
                }
            };
            Decimal::try_from_i128_with_scale(digits, scale).ok()
        };
        let value = match observation.value {
            Some(value) => Some(moved(value)?),
            None => None,
        };
        let decimals = i64::from(observation.decimals) + i64::from(shift);
        Some(Self {
            value,
            decimals: u32::try_from(decimals.max(0)).ok()?,
            status: observation.status,
        })
    }

    /// The sum of two. `None` where it has more digits than a decimal.
    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        let decimals = self.decimals.max(other.decimals);
        let (value, status) = match (self.value, other.value) {
            (Some(a), Some(b)) => {
                let same = self.status == other.status;
                let status = if same { self.status } else { ObsStatus::A };
                (Some(a.checked_add(b)?.normalize()), status)
            }
            (None, Some(_)) => (None, self.status),
            (Some(_), None) => (None, other.status),
            (None, None) => (None, self.status.min(other.status)),
        };
        Some(Self {
            value,
            decimals,
            status,
        })
    }
}

/// Whether a product is one of the detail.
pub(crate) fn is_detail(product: &str) -> bool {
    product.len() == DETAIL_DIGITS && product.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a partner is a part of the world, and no group.
pub(crate) fn is_part_of_the_world(partner: &str) -> bool {
    let entry = codelist("CL_COUNTERPART_AREA").and_then(|list| list.get(partner));
    entry.is_some_and(|entry| {
        !entry.memo && PARTS_OF_THE_WORLD.iter().any(|level| entry.is_of(level))
    })
}

impl Products {
    /// The codes that a product of the detail is added up to.
    fn of(&self, product: &Code) -> Vec<Code> {
        let prefix = |digits: usize| product.as_str().get(..digits)?.parse().ok();
        match self {
            Self::Total => vec![Code::total()],
            Self::Digits(digits) => prefix(*digits).into_iter().collect(),
            Self::Codes(codes) => {
                let all = [2, 4, 6, 8].into_iter().filter_map(prefix);
                all.chain([Code::total()])
                    .filter(|code| codes.contains(code))
                    .collect()
            }
        }
    }
}

impl Partners {
    /// The codes that a partner of the detail is added up to.
    fn of(&self, partner: &Code) -> Vec<Code> {
        match self {
            Self::World => vec![Code::world()],
            Self::Each => vec![partner.clone()],
            Self::Codes(codes) => [partner.clone(), Code::world()]
                .into_iter()
                .filter(|code| codes.contains(code))
                .collect(),
        }
    }
}

/// Adds detail up: rows of a vintage, each of one of the `periods` of its slices, in any order. What is not detail is
/// passed over.
///
/// # Errors
/// [`LakeError::TooPrecise`] where a sum has more digits than there is room for.
pub fn add_up<'a>(
    rows: impl IntoIterator<Item = &'a Observation>,
    periods: impl IntoIterator<Item = Period>,
    asked: &SumsAsked,
) -> Result<Sums, LakeError> {
    let of_step = |period: Period| match asked.step {
        Step::Period => Some(period),
        Step::Year if period.frequency() == "M" => Period::of_year(period.year()),
        Step::Year => None,
    };
    let periods: BTreeSet<Period> = periods.into_iter().filter_map(of_step).collect();
    let periods: Vec<Period> = periods.into_iter().collect();
    let mut cells: BTreeMap<(Item, Area, Code, Code, Option<Concept>), Vec<Option<SumLevel>>> =
        BTreeMap::new();
    for row in rows {
        let key = &row.key;
        if !(key.indicator == Indicator::Level && asked.chooses(key)) {
            continue;
        }
        let Some(at) = of_step(key.period.last()).and_then(|at| periods.binary_search(&at).ok())
        else {
            continue;
        };
        let too_large = || LakeError::TooPrecise(row.value.unwrap_or_default());
        let level = SumLevel::of(row).ok_or_else(too_large)?;
        for product in asked.products.of(&key.product) {
            for partner in asked.partners.of(&key.counterpart_area) {
                let cell = (
                    key.item,
                    key.ref_area,
                    product.clone(),
                    partner,
                    key.concept,
                );
                let levels = cells
                    .entry(cell)
                    .or_insert_with(|| vec![None; periods.len()]);
                levels[at] = match levels[at] {
                    Some(sum) => Some(sum.plus(level).ok_or_else(too_large)?),
                    None => Some(level),
                };
            }
        }
    }
    let series = cells.into_iter().map(
        |((item, ref_area, product, counterpart_area, concept), levels)| SumSeries {
            item,
            ref_area,
            product,
            counterpart_area,
            concept,
            levels,
        },
    );
    Ok(Sums {
        series: series.collect(),
        periods,
    })
}

impl SumsAsked {
    /// Whether a key is one of the detail that is added up.
    fn chooses(&self, key: &FigureKey) -> bool {
        (self.items.is_empty() || self.items.contains(&key.item))
            && (self.areas.is_empty() || self.areas.contains(&key.ref_area))
            && self
                .concept
                .is_none_or(|concept| key.concept == Some(concept))
            && key.activity == Code::total()
            && is_detail(key.product.as_str())
            && is_part_of_the_world(key.counterpart_area.as_str())
    }

    /// The pattern of the detail that is added up, and of more.
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
        let text = format!(
            ".{}.{}._T..{partners}.{}",
            joined(&self.areas),
            joined(&self.items),
            joined(self.concept)
        );
        text.parse()
            .unwrap_or_else(|_| unreachable!("every code was one before"))
    }
}

/// The sums of slices.
pub(crate) async fn sums(
    lake: &Lake,
    slices: &BTreeMap<Period, &Release>,
    asked: &SumsAsked,
) -> Result<Sums, LakeError> {
    let found = lake.observations(slices, &asked.pattern()).await?;
    let rows = found.iter().map(|(_, row)| row);
    add_up(rows, slices.keys().copied(), asked)
}
