//! The codes of rows as numbers: each code is kept once, and a row has its number.

use foldhash::{HashMap, HashMapExt as _};
use regtrade_model::{
    Area, Code, CodedObservation, Concept, ConfStatus, FigureKey, Indicator, Item, ObsStatus,
    Observation, Span,
};

use super::{
    key::{MOST_AREAS, MOST_CODES, PackedKey, period},
    run::Packed,
};
use crate::{LakeError, slices::KeyTexts};

/// Places of codes that were looked up last.
const REMEMBERED: usize = 1 << 12;

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

/// The codes of a list, and their numbers in each column but the first, as far as they were looked up.
pub(super) struct Numbers<'a> {
    codes: &'a [Code],
    known: [Vec<Option<u32>>; COLUMNS - 1],
}

impl<'a> Numbers<'a> {
    pub(super) fn of(codes: &'a [Code]) -> Self {
        let known = std::array::from_fn(|_| vec![None; codes.len()]);
        Self { codes, known }
    }

    fn number(&mut self, at: u32, column: usize, of: &mut Codes) -> Result<u32, LakeError> {
        let known = self.known[column - 1].get_mut(at as usize);
        let known = known.zip(self.codes.get(at as usize));
        let Some((known, code)) = known else {
            let why = "a row has a code that is not in its list";
            return Err(LakeError::Contradictory(why.to_owned()));
        };
        match known {
            Some(number) => Ok(*number),
            None => Ok(*known.insert(of.columns[column].number(code, MOST_CODES)?)),
        }
    }
}

impl Codes {
    /// The key of an observation, with codes by their number.
    pub(super) fn pack(&mut self, key: &FigureKey) -> Result<PackedKey, LakeError> {
        let numbers = [
            self.area(key.ref_area)?,
            self.columns[1].number(&key.activity, MOST_CODES)?,
            self.columns[2].number(&key.product, MOST_CODES)?,
            self.columns[3].number(&key.counterpart_area, MOST_CODES)?,
        ];
        let (period, concept) = (key.period.last(), key.concept);
        Ok(PackedKey::of(
            key.item,
            numbers,
            concept,
            key.indicator,
            period,
        ))
    }

    /// The same of one whose codes are places in a list.
    pub(super) fn pack_coded(
        &mut self,
        row: &CodedObservation,
        numbers: &mut Numbers<'_>,
    ) -> Result<PackedKey, LakeError> {
        let numbers = [
            self.area(row.ref_area)?,
            numbers.number(row.activity, 1, self)?,
            numbers.number(row.product, 2, self)?,
            numbers.number(row.counterpart_area, 3, self)?,
        ];
        let (concept, indicator) = (row.concept, row.indicator);
        Ok(PackedKey::of(
            row.item, numbers, concept, indicator, row.period,
        ))
    }

    fn area(&mut self, area: Area) -> Result<u32, LakeError> {
        match self.area {
            Some((known, number)) if known == area => Ok(number),
            _ => {
                let number = self.columns[0].number(&Code::from(area), MOST_AREAS)?;
                self.area = Some((area, number));
                Ok(number)
            }
        }
    }

    /// The number of what a row says of its value, which is mostly what the row before says.
    pub(super) fn attributes(&mut self, wanted: Attributes) -> u32 {
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

/// All codes of a spool, each column in the order of its texts: the number of a code is its rank.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    pub(crate) areas: Vec<Area>,
    pub(crate) activities: Vec<Code>,
    pub(crate) products: Vec<Code>,
    pub(crate) partners: Vec<Code>,
    pub(crate) attributes: Vec<Attributes>,
}

impl Vocabulary {
    /// What a row says of its value.
    pub(crate) fn attributes(&self, row: &Packed) -> Result<&Attributes, LakeError> {
        let found = self.attributes.get(row.attributes as usize);
        found.ok_or_else(damaged)
    }

    /// The texts of the codes of a key.
    pub(crate) fn texts(&self, key: PackedKey) -> Result<KeyTexts<'_>, LakeError> {
        self.found_texts(key).ok_or_else(damaged)
    }

    /// A key with its codes.
    pub(crate) fn key(&self, key: PackedKey) -> Result<FigureKey, LakeError> {
        self.found_key(key).ok_or_else(damaged)
    }

    fn found_texts(&self, key: PackedKey) -> Option<KeyTexts<'_>> {
        fn code(codes: &[Code], at: u32) -> Option<&str> {
            codes.get(at as usize).map(Code::as_str)
        }
        Some(KeyTexts {
            ref_area: self.areas.get(key.area() as usize)?.as_str(),
            item: *Item::ALL.get(key.item() as usize)?,
            activity: code(&self.activities, key.activity())?,
            product: code(&self.products, key.product())?,
            counterpart_area: code(&self.partners, key.partner())?,
            concept: concept(key)?,
            indicator: *Indicator::ALL.get(key.indicator() as usize)?,
        })
    }

    fn found_key(&self, key: PackedKey) -> Option<FigureKey> {
        let code = |codes: &[Code], at: u32| codes.get(at as usize).cloned();
        Some(FigureKey {
            item: *Item::ALL.get(key.item() as usize)?,
            ref_area: *self.areas.get(key.area() as usize)?,
            activity: code(&self.activities, key.activity())?,
            product: code(&self.products, key.product())?,
            counterpart_area: code(&self.partners, key.partner())?,
            concept: concept(key)?,
            indicator: *Indicator::ALL.get(key.indicator() as usize)?,
            period: Span::at(period(key.year(), key.part())?),
        })
    }
}

/// What is wrong where a row is not what was put into the temporary folder.
pub(crate) fn damaged() -> LakeError {
    LakeError::Damaged("a row of the temporary folder".to_owned())
}

/// `None` where its number is none of the list.
fn concept(key: PackedKey) -> Option<Option<Concept>> {
    match key.concept() {
        Some(at) => Concept::ALL.get(at as usize).copied().map(Some),
        None => Some(None),
    }
}

#[cfg(test)]
mod tests {
    use regtrade_model::Period;

    use super::*;

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
        assert_eq!(last.area() as usize, MOST_AREAS - 1);
    }
}
