//! A key as one number, in which codes are numbers.

use regtrade_model::{Concept, Indicator, Item, Period};

use super::codes::COLUMNS;

/// The parts of a key, from the last one up: how many bits each has.
const PART: u32 = 5;
const INDICATOR: u32 = 5;
const CONCEPT: u32 = 2;
const CODE: u32 = 20;
const AREA: u32 = 12;
const ITEM: u32 = 8;

/// What is below the codes, and above them.
const REST: u32 = CONCEPT + INDICATOR + PART;
const ABOVE: u32 = REST + AREA + 3 * CODE;

/// Codes of one column, and areas, that a release has at most: they are in memory, and have to fit into a key.
pub(super) const MOST_CODES: usize = 1 << CODE;
pub(super) const MOST_AREAS: usize = 1 << AREA;

/// How many periods a year has: itself, four quarters, twelve months.
pub(crate) const PARTS: usize = 17;

/// A key. It compares as year and key do where the numbers of its codes are ranks: the year is its first part, and what of
/// the year its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct PackedKey(u128);

impl PackedKey {
    /// A key of codes of which the numbers are known, ref_area first.
    pub(super) fn of(
        item: Item,
        codes: [u32; COLUMNS],
        concept: Option<Concept>,
        indicator: Indicator,
        period: Period,
    ) -> Self {
        let concept = concept.map_or(0, |concept| number(Concept::ALL, concept) + 1);
        let mut key: u128 = period.year().into();
        key = key << ITEM | u128::from(number(Item::ALL, item));
        key = with_codes(key, codes);
        key = key << CONCEPT | u128::from(concept);
        key = key << INDICATOR | u128::from(number(Indicator::ALL, indicator));
        Self(key << PART | u128::from(part(period)))
    }

    pub(super) const fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    pub(super) const fn of_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }

    /// The numbers of its codes, ref_area first.
    pub(super) fn codes(self) -> [u32; COLUMNS] {
        [self.area(), self.activity(), self.product(), self.partner()]
    }

    /// The same key with other numbers of its codes: `to` has for each number the one that is put in its place.
    pub(super) fn renumbered(self, to: &[Vec<u32>; COLUMNS]) -> Self {
        let mut numbers = self.codes();
        for (number, to) in numbers.iter_mut().zip(to) {
            *number = to[*number as usize];
        }
        let above = with_codes(self.0 >> ABOVE, numbers);
        Self(above << REST | self.0 & ((1 << REST) - 1))
    }

    /// Whether it is another one but for the period.
    pub(crate) const fn is_beside(self, other: Self) -> bool {
        self.0 >> PART == other.0 >> PART
    }

    /// The bits in which it differs from another one: a part is zero in them where both have the same.
    pub(super) const fn differing(self, other: Self) -> Self {
        Self(self.0 ^ other.0)
    }

    /// The bits of both.
    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn year(self) -> u16 {
        u16::try_from(self.0 >> (ABOVE + ITEM)).unwrap_or(u16::MAX)
    }

    /// The place among all items.
    pub(crate) const fn item(self) -> u32 {
        self.bits(ABOVE, ITEM)
    }

    pub(crate) const fn area(self) -> u32 {
        self.bits(REST + 3 * CODE, AREA)
    }

    pub(crate) const fn activity(self) -> u32 {
        self.bits(REST + 2 * CODE, CODE)
    }

    pub(crate) const fn product(self) -> u32 {
        self.bits(REST + CODE, CODE)
    }

    pub(crate) const fn partner(self) -> u32 {
        self.bits(REST, CODE)
    }

    /// The place among all concepts.
    pub(crate) const fn concept(self) -> Option<u32> {
        self.concept_bits().checked_sub(1)
    }

    /// The same, one more: 0 is none.
    pub(super) const fn concept_bits(self) -> u32 {
        self.bits(PART + INDICATOR, CONCEPT)
    }

    /// The place among all indicators.
    pub(crate) const fn indicator(self) -> u32 {
        self.bits(PART, INDICATOR)
    }

    /// 0 the year, 1 to 4 its quarters, 5 to 16 its months.
    pub(crate) const fn part(self) -> u8 {
        self.bits(0, PART) as u8
    }

    const fn bits(self, from: u32, width: u32) -> u32 {
        (self.0 >> from) as u32 & ((1 << width) - 1)
    }
}

fn with_codes(key: u128, [area, codes @ ..]: [u32; COLUMNS]) -> u128 {
    let key = key << AREA | u128::from(area);
    let with = |key, code| key << CODE | u128::from(code);
    codes.into_iter().fold(key, with)
}

/// The number of a period among those of its year: as periods compare, which is years, quarters, months.
pub(crate) fn part(period: Period) -> u8 {
    match (period.frequency(), period.number()) {
        ("A", _) => 0,
        ("Q", quarter) => quarter,
        (_, month) => 4 + month,
    }
}

/// The period of a year that has a number.
pub(crate) fn period(year: u16, part: u8) -> Option<Period> {
    match part {
        0 => Period::of_year(year),
        quarter @ 1..=4 => Period::of_quarter(year, quarter),
        month => Period::of_month(year, month - 4),
    }
}

/// The number of a word in its list, which is sorted as the words compare.
fn number<T: PartialEq>(all: &[T], word: T) -> u8 {
    let at = all.iter().position(|known| *known == word);
    at.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_listed_in_the_order_in_which_they_compare() {
        assert!(Item::ALL.is_sorted() && Indicator::ALL.is_sorted());
        assert!(Concept::ALL.is_sorted());
        assert!(Item::ALL.len() < 1 << ITEM && Indicator::ALL.len() < 1 << INDICATOR);
    }

    #[test]
    fn a_period_comes_back_from_its_part_and_parts_compare_as_periods_do() {
        let texts = [
            "2024", "2024-Q1", "2024-Q4", "2024-01", "2024-09", "2024-12",
        ];
        let periods = texts.map(|text| text.parse::<Period>().unwrap());
        let parts: Vec<u8> = periods.map(part).into();
        assert!(periods.is_sorted() && parts.is_sorted());
        for of in periods {
            let key = PackedKey::of(Item::P61, [1, 2, 3, 4], None, Indicator::Level, of);
            assert_eq!(period(key.year(), key.part()), Some(of));
            assert_eq!(key.codes(), [1, 2, 3, 4]);
        }
    }
}
