//! The codes of rows as numbers: each code is kept once, and a row has its number.

use std::collections::HashMap;

use regtrade_model::{
    Area, Code, Concept, ConfStatus, FigureKey, Indicator, Item, ObsStatus, Observation, Period,
    Span,
};

use crate::{LakeError, slices::KeyTexts};

/// Places of codes that were looked up last.
const REMEMBERED: usize = 1 << 12;

/// The parts of a packed key, from the last one up: how many bits each has.
const PART: u32 = 5;
const INDICATOR: u32 = 5;
const CONCEPT: u32 = 2;
const CODE: u32 = 20;
const AREA: u32 = 12;
const ITEM: u32 = 8;

/// Codes of one column, and areas, that a release has at most: they are in memory, and have to fit into a key.
const MOST_CODES: usize = 1 << CODE;
const MOST_AREAS: usize = 1 << AREA;

/// The codes of one column, by the number that they got when they came first.
#[derive(Debug)]
pub(super) struct Dictionary {
    codes: Vec<Code>,
    numbers: HashMap<Code, u32>,
    /// By the address of a code's text, which stays as long as the code is kept here.
    last: Vec<Option<(Code, u32)>>,
}

impl Default for Dictionary {
    fn default() -> Self {
        Self {
            codes: vec![],
            numbers: HashMap::new(),
            last: vec![None; REMEMBERED],
        }
    }
}

impl Dictionary {
    fn number(&mut self, code: &Code, most: usize) -> Result<u32, LakeError> {
        let text = code.as_str();
        // Readers parse a code once and hand out clones of it, whose texts are at the same address.
        let address = text.as_ptr() as usize;
        let place = (address >> 4) % REMEMBERED;
        if let Some((known, number)) = &self.last[place]
            && std::ptr::eq(known.as_str(), text)
        {
            return Ok(*number);
        }
        let number = match self.numbers.get(code) {
            Some(number) => *number,
            None => self.add(code, most)?,
        };
        self.last[place] = Some((code.clone(), number));
        Ok(number)
    }

    fn add(&mut self, code: &Code, most: usize) -> Result<u32, LakeError> {
        if self.codes.len() >= most {
            return Err(LakeError::Contradictory(format!(
                "`{code}` is one more than the {most} different codes that a dimension of a release may have: hand its periods in as several releases"
            )));
        }
        let number = u32::try_from(self.codes.len()).unwrap_or(u32::MAX);
        self.codes.push(code.clone());
        self.numbers.insert(code.clone(), number);
        Ok(number)
    }

    /// The numbers of all codes in the order of their texts.
    fn in_order(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = (0u32..).take(self.codes.len()).collect();
        numbers.sort_unstable_by_key(|number| &self.codes[*number as usize]);
        numbers
    }
}

/// The columns whose codes are kept: ref_area, activity, product, counterpart_area.
pub(super) const COLUMNS: usize = 4;

/// The codes of all columns, and what else of a row comes again and again.
#[derive(Debug, Default)]
pub(super) struct Codes {
    columns: [Dictionary; COLUMNS],
    area: Option<(Area, u32)>,
    attributes: Vec<Attributes>,
    numbers: HashMap<Attributes, u32>,
    last: u32,
}

/// What a row says of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Attributes {
    pub(crate) has_value: bool,
    pub(crate) decimals: u32,
    pub(crate) unit_mult: i32,
    pub(crate) status: ObsStatus,
    pub(crate) conf: ConfStatus,
}

impl Attributes {
    pub(crate) fn of(observation: &Observation) -> Self {
        Self {
            has_value: observation.value.is_some(),
            decimals: observation.decimals,
            unit_mult: observation.unit_mult,
            status: observation.status,
            conf: observation.conf,
        }
    }
}

/// A key as one number, in which codes are numbers. It compares as year and key do where these are ranks: the year is
/// its first part, and what of the year its last.
pub(super) type PackedKey = u128;

impl Codes {
    /// The key of an observation, with codes by their number.
    pub(super) fn pack(&mut self, key: &FigureKey) -> Result<PackedKey, LakeError> {
        let period = key.period.last();
        let area = match self.area {
            Some((known, number)) if known == key.ref_area => number,
            _ => {
                let code = Code::from(key.ref_area);
                let number = self.columns[0].number(&code, MOST_AREAS)?;
                self.area = Some((key.ref_area, number));
                number
            }
        };
        let numbers = [
            area,
            self.columns[1].number(&key.activity, MOST_CODES)?,
            self.columns[2].number(&key.product, MOST_CODES)?,
            self.columns[3].number(&key.counterpart_area, MOST_CODES)?,
        ];
        let item = number(Item::ALL, key.item);
        let concept = key.concept.map_or(0, |c| number(Concept::ALL, c) + 1);
        let indicator = number(Indicator::ALL, key.indicator);
        let mut packed: PackedKey = period.year().into();
        packed = packed << ITEM | PackedKey::from(item);
        packed = with_codes(packed, numbers);
        packed = packed << CONCEPT | PackedKey::from(concept);
        packed = packed << INDICATOR | PackedKey::from(indicator);
        Ok(packed << PART | PackedKey::from(part(period)))
    }

    /// The number of what a row says of its value, which is mostly what the row before says.
    pub(super) fn attributes(&mut self, observation: &Observation) -> u32 {
        let wanted = Attributes::of(observation);
        if self.attributes.get(self.last as usize) != Some(&wanted) {
            let all = &mut self.attributes;
            let next = u32::try_from(all.len()).unwrap_or(u32::MAX);
            self.last = *self.numbers.entry(wanted).or_insert_with(|| {
                all.push(wanted);
                next
            });
        }
        self.last
    }

    /// The numbers of the codes there are so far, in the order of their texts, by column.
    pub(super) fn in_order(&self) -> [Vec<u32>; COLUMNS] {
        [0, 1, 2, 3].map(|column| self.columns[column].in_order())
    }

    /// All codes in the order of their texts.
    pub(super) fn finish(self) -> Vocabulary {
        let in_order = self.in_order();
        let codes = |column: usize| -> Vec<Code> {
            let all = &self.columns[column].codes;
            let numbers = in_order[column].iter();
            numbers
                .map(|number| all[*number as usize].clone())
                .collect()
        };
        Vocabulary {
            areas: codes(0)
                .iter()
                .filter_map(|code| code.as_str().parse().ok())
                .collect(),
            activities: codes(1),
            products: codes(2),
            partners: codes(3),
            attributes: self.attributes,
        }
    }
}

/// For each place of a list of numbers, the number that is there: the inverse of an order.
pub(super) fn ranks(in_order: &[u32]) -> Vec<u32> {
    let mut ranks = vec![0; in_order.len()];
    for (rank, number) in (0u32..).zip(in_order) {
        ranks[*number as usize] = rank;
    }
    ranks
}

fn with_codes(packed: PackedKey, [area, codes @ ..]: [u32; COLUMNS]) -> PackedKey {
    let packed = packed << AREA | PackedKey::from(area);
    codes.into_iter().fold(packed, |packed, code| {
        packed << CODE | PackedKey::from(code)
    })
}

/// What is below the codes, and above them.
const REST: u32 = CONCEPT + INDICATOR + PART;
const ABOVE: u32 = REST + AREA + 3 * CODE;

/// The numbers of the codes of a key, ref_area first.
pub(super) fn codes_of(key: PackedKey) -> [u32; COLUMNS] {
    let code = |at: u32| bits(key, REST + at * CODE, CODE);
    [bits(key, REST + 3 * CODE, AREA), code(2), code(1), code(0)]
}

/// The same key with other numbers of its codes: `to` has for each number the one that is put in its place.
pub(super) fn renumbered(key: PackedKey, to: &[Vec<u32>; COLUMNS]) -> PackedKey {
    let mut numbers = codes_of(key);
    for (number, to) in numbers.iter_mut().zip(to) {
        *number = to[*number as usize];
    }
    let above = with_codes(key >> ABOVE, numbers);
    above << REST | key & ((1 << REST) - 1)
}

fn bits(key: PackedKey, from: u32, width: u32) -> u32 {
    u32::try_from(key >> from & ((1 << width) - 1)).unwrap_or_default()
}

/// How many periods a year has: itself, four quarters, twelve months.
pub(crate) const PARTS: usize = 17;

/// The number of a period among those of its year: as periods compare, which is years, quarters, months.
pub(crate) fn part(period: Period) -> u8 {
    match (period.frequency(), period.number()) {
        ("A", _) => 0,
        ("Q", quarter) => quarter,
        (_, month) => 4 + month,
    }
}

/// The number of a word in its list, which is sorted as the words compare.
fn number<T: PartialEq>(all: &[T], word: T) -> u8 {
    let at = all.iter().position(|known| *known == word);
    at.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
}

/// All codes of a spool, each column in the order of its texts: the number of a code is its rank.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    pub(crate) areas: Vec<Area>,
    pub(crate) activities: Vec<Code>,
    pub(crate) products: Vec<Code>,
    pub(crate) partners: Vec<Code>,
    pub(crate) attributes: Vec<Attributes>,
}

/// A key taken apart, its codes by their rank in the vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) year: u16,
    pub(crate) item: Item,
    pub(crate) area: u32,
    pub(crate) activity: u32,
    pub(crate) product: u32,
    pub(crate) partner: u32,
    pub(crate) concept: Option<Concept>,
    pub(crate) indicator: Indicator,
    /// 0 the year, 1 to 4 its quarters, 5 to 16 its months.
    pub(crate) part: u8,
}

impl Parts {
    /// The parts of a key. `None` where a number is none of its list.
    pub(super) fn of(key: PackedKey) -> Option<Self> {
        let [area, activity, product, partner] = codes_of(key);
        let item = bits(key, ABOVE, ITEM) as usize;
        let concept = bits(key, PART + INDICATOR, CONCEPT) as usize;
        let indicator = bits(key, PART, INDICATOR) as usize;
        Some(Self {
            year: u16::try_from(key >> (ABOVE + ITEM)).ok()?,
            item: *Item::ALL.get(item)?,
            area,
            activity,
            product,
            partner,
            concept: match concept.checked_sub(1) {
                Some(at) => Some(*Concept::ALL.get(at)?),
                None => None,
            },
            indicator: *Indicator::ALL.get(indicator)?,
            part: u8::try_from(bits(key, 0, PART)).ok()?,
        })
    }

    /// The period of the key.
    pub(crate) fn period(&self) -> Option<Period> {
        match self.part {
            0 => Period::of_year(self.year),
            quarter @ 1..=4 => Period::of_quarter(self.year, quarter),
            month => Period::of_month(self.year, month - 4),
        }
    }
}

impl Vocabulary {
    /// The texts of the codes of a key.
    pub(super) fn texts<'a>(&'a self, parts: &Parts) -> Option<KeyTexts<'a>> {
        let code = |codes: &'a [Code], at: u32| codes.get(at as usize).map(Code::as_str);
        Some(KeyTexts {
            ref_area: self.areas.get(parts.area as usize)?.as_str(),
            item: parts.item,
            activity: code(&self.activities, parts.activity)?,
            product: code(&self.products, parts.product)?,
            counterpart_area: code(&self.partners, parts.partner)?,
            concept: parts.concept,
            indicator: parts.indicator,
        })
    }

    /// The key that some parts are, of a period.
    pub(crate) fn key(&self, parts: &Parts, period: Period) -> Option<FigureKey> {
        let code = |codes: &[Code], at: u32| codes.get(at as usize).cloned();
        Some(FigureKey {
            item: parts.item,
            ref_area: *self.areas.get(parts.area as usize)?,
            activity: code(&self.activities, parts.activity)?,
            product: code(&self.products, parts.product)?,
            counterpart_area: code(&self.partners, parts.partner)?,
            concept: parts.concept,
            indicator: parts.indicator,
            period: Span::at(period),
        })
    }
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
        for (period, part) in periods.into_iter().zip(parts) {
            let packed = Codes::default()
                .pack(&FigureKey::overall(
                    Item::P61,
                    Area::BE2,
                    Indicator::Level,
                    period,
                ))
                .unwrap();
            let parts = Parts::of(packed).unwrap();
            assert_eq!((parts.part, parts.period()), (part, Some(period)));
        }
    }

    #[test]
    fn one_area_more_than_a_key_has_room_for_is_refused_by_its_name_and_the_others_keep_their_numbers()
     {
        let period = Period::of_year(2024).unwrap();
        let key = |area: usize| {
            let area: Area = format!("BE{area:04}").parse().unwrap();
            FigureKey::overall(Item::P61, area, Indicator::Level, period)
        };
        let mut codes = Codes::default();
        for area in 0..MOST_AREAS {
            codes.pack(&key(area)).unwrap();
        }
        let refused = codes.pack(&key(MOST_AREAS)).unwrap_err().to_string();
        assert!(refused.contains("`BE4096`"), "{refused}");
        let last = codes.pack(&key(MOST_AREAS - 1)).unwrap();
        assert_eq!(codes_of(last)[0] as usize, MOST_AREAS - 1);
    }
}
