//! All products and partners that there could be, the large ones first.

use regtrade_model::{Area, Code, Item, codelist};

use super::ITEMS;
use crate::tables::{REGIONS, TABLES};

/// The chapters of the Harmonised System with the most trade, in that order; the others follow by number.
const LARGE: [&str; 36] = [
    "30", "27", "87", "84", "29", "85", "39", "71", "38", "72", "90", "40", "73", "28", "22", "18",
    "04", "02", "15", "20", "19", "08", "48", "94", "62", "61", "64", "76", "33", "34", "21", "24",
    "95", "70", "68", "44",
];

/// How many products each chapter has.
const PER_CHAPTER: u32 = 100;

/// How many products share a subheading of the Harmonised System (six digits), by turns, where they do: 100 products in
/// 55 subheadings, as the Combined Nomenclature has about 9,500 in 5,300.
const SIBLINGS: [u32; 11] = [4, 1, 1, 3, 1, 1, 3, 1, 2, 1, 2];

/// A product of eight digits.
pub(super) struct Product {
    pub(super) code: Code,
    pub(super) chapter: Code,
    weight: i128,
}

/// Products and partners in order of size.
pub(super) struct Universe {
    pub(super) products: Vec<Product>,
    pub(super) partners: Vec<Code>,
    /// By item and region, then by partner.
    weights: [[Vec<i128>; REGIONS.len()]; ITEMS.len()],
}

impl Universe {
    /// Where products are `nested`, several of them lie in one subheading.
    pub(super) fn new(nested: bool) -> Self {
        let code = if nested { nested_code } else { lone_code };
        let mut products: Vec<Product> = chapters()
            .into_iter()
            .zip(0_u32..)
            .flat_map(|(chapter, rank)| {
                (0..PER_CHAPTER).filter_map(move |place| {
                    let code = code(&chapter, rank, place).parse().ok()?;
                    Some(product(code, chapter.clone(), rank, place))
                })
            })
            .collect();
        products.sort_by(|a, b| b.weight.cmp(&a.weight).then(a.code.cmp(&b.code)));
        let of = |item, area| TABLES.partners(item, area, usize::MAX);
        let partners = of(ITEMS[0], REGIONS[0]).into_iter().map(|part| part.code);
        Self {
            products,
            partners: partners.collect(),
            weights: ITEMS.map(|item| {
                REGIONS.map(|area| of(item, area).iter().map(|part| part.level).collect())
            }),
        }
    }

    /// How much of what a region trades is this product with this partner: by flow and region.
    pub(super) fn weight(
        &self,
        item: usize,
        region: usize,
        product: usize,
        partner: usize,
    ) -> i128 {
        let Product {
            chapter, weight, ..
        } = &self.products[product];
        let specialised = specialised(ITEMS[item], REGIONS[region], chapter.as_str());
        weight * self.weights[item][region][partner] * specialised
    }
}

fn chapters() -> Vec<Code> {
    let list = codelist("CL_PRODUCT_GOODS");
    let large = LARGE.iter().filter_map(|code| list?.get(code));
    let all = list.into_iter().flat_map(|list| list.level("CHAPTER"));
    // 98 and 99 have no products of their own.
    let others =
        all.filter(|entry| !LARGE.contains(&entry.code.as_str()) && entry.code.as_str() < "98");
    large
        .chain(others)
        .map(|entry| entry.code.clone())
        .collect()
}

/// Weights fall with the rank of the chapter and with the place in it (Zipf).
fn product(code: Code, chapter: Code, rank: u32, place: u32) -> Product {
    Product {
        code,
        chapter,
        weight: 1_000_000 / i128::from((rank + 2) * (place + 1)),
    }
}

/// Each product alone in its subheading.
fn lone_code(chapter: &Code, _: u32, place: u32) -> String {
    let (heading, below) = (1 + place / 10, 10 + place % 10 * 9);
    let last = if place.is_multiple_of(3) { 0 } else { 90 };
    format!("{chapter}{heading:02}{below:02}{last:02}")
}

/// Neighbours share a subheading, and subheadings one of the 12 or 13 headings of the chapter. A product that is alone
/// ends in 00, others in 10, 20, 30; the last one of a subheading in 90.
fn nested_code(chapter: &Code, rank: u32, place: u32) -> String {
    let turn: u32 = SIBLINGS.iter().sum();
    let (turns, mut sibling) = (place / turn, place % turn);
    let (mut subheading, mut siblings) = (0, 1);
    for (at, count) in (0_u32..).zip(SIBLINGS) {
        (subheading, siblings) = (at, count);
        if sibling < count {
            break;
        }
        sibling -= count;
    }
    let last = match siblings {
        1 => 0,
        _ if sibling + 1 == siblings => 90,
        _ => 10 * (sibling + 1),
    };
    subheading += turns * u32::try_from(SIBLINGS.len()).unwrap_or(1);
    let headings = 12 + rank % 2;
    let (heading, below) = (1 + subheading % headings, 10 + subheading / headings * 20);
    format!("{chapter}{heading:02}{below:02}{last:02}")
}

/// What a region trades more of than the others, and by how much.
fn specialised(item: Item, area: Area, chapter: &str) -> i128 {
    match (item, area.as_str(), chapter) {
        (_, "BE1", "27") | (Item::P61, "BE2", "71") | (Item::P61, "BE3", "30") => 6,
        (_, "BE1", "87") | (_, "BE2", "27" | "29" | "71") | (_, "BE3", "30") => 4,
        _ => 2,
    }
}
