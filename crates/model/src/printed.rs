//! What a printed table holds, and what is known of such tables: the description that reader and audit share.

use serde::{Deserialize, Serialize};

use crate::{
    Area, Code, Dataflow, Decimal, FigureKey, Indicator, InvalidCode, Item, Kind, Side, Span,
    labels,
};

/// Where in its file a figure was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// Line, from 1.
    pub line: u32,
    /// Cell of the line, from 1.
    pub column: u32,
}

/// One figure as a table prints it, to its last decimal. Items and areas are codes of the table's description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedCell {
    /// The code of the item.
    pub item: Code,
    /// The code of the area.
    pub area: Code,
    /// What is said.
    pub indicator: Indicator,
    /// Of when.
    pub period: Span,
    /// The value in the unit of the indicator, times 10^`unit_mult`; `None` where the print says "not available".
    pub value: Option<Decimal>,
    /// DECIMALS: how many were printed. The true value is within half a unit of the last one.
    pub decimals: u32,
    /// UNIT_MULT: 6 for millions, 9 for thousand millions; 0 for percent.
    pub unit_mult: i32,
    /// Where it was read.
    pub origin: Origin,
}

/// One figure as a release prints it, under the full key of the dataflow: evidence of that release alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedFigure {
    /// Which figure.
    pub key: FigureKey,
    /// The value in the unit of the indicator, times 10^`unit_mult`; `None` where the print says "not available".
    pub value: Option<Decimal>,
    /// DECIMALS: how many were printed. The true value is within half a unit of the last one.
    pub decimals: u32,
    /// UNIT_MULT: 6 for millions, 9 for thousand millions; 0 for percent.
    pub unit_mult: i32,
    /// Where it was read.
    pub origin: Origin,
    /// Who printed it, where that is not the publisher of the release alone.
    pub source: Option<String>,
}

/// A cell of a table of the shipped description is a figure of its dataflow, over all activities, products and partners.
impl TryFrom<&PrintedCell> for PublishedFigure {
    type Error = InvalidCode;

    fn try_from(cell: &PrintedCell) -> Result<Self, InvalidCode> {
        let (item, area) = (
            cell.item.as_str().parse::<Item>()?,
            cell.area.as_str().parse::<Area>()?,
        );
        Ok(Self {
            key: FigureKey::overall(item, area, cell.indicator, cell.period),
            value: cell.value,
            decimals: cell.decimals,
            unit_mult: cell.unit_mult,
            origin: cell.origin,
            source: None,
        })
    }
}

impl From<&PublishedFigure> for PrintedCell {
    fn from(figure: &PublishedFigure) -> Self {
        Self {
            item: figure.key.item.into(),
            area: figure.key.ref_area.into(),
            indicator: figure.key.indicator,
            period: figure.key.period,
            value: figure.value,
            decimals: figure.decimals,
            unit_mult: figure.unit_mult,
            origin: figure.origin,
        }
    }
}

/// What must be known of a table of levels, shares and rates by region and year in order to read and to audit it.
///
/// The one of the shipped releases is [`TableDescription::shipped`]; another agency's is a small file of this form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableDescription {
    /// Titles that the table may carry.
    #[serde(default)]
    pub titles: Vec<String>,
    /// The areas, as rows are labelled.
    pub areas: Vec<DescribedArea>,
    /// The items, as sections are labelled.
    pub items: Vec<DescribedItem>,
    /// The column headings, without their unit.
    pub measures: Vec<DescribedMeasure>,
}

/// An area of a described table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DescribedArea {
    /// Its code.
    pub code: Code,
    /// Every way to write its label.
    pub labels: Vec<String>,
    /// The areas that it is made of; empty where it is not divided.
    #[serde(default)]
    pub parts: Vec<Code>,
    /// Whether the parts add up to it. Where they do not (a part is not allocated), they are at most as large.
    #[serde(default = "yes")]
    pub complete: bool,
}

/// An item of a described table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DescribedItem {
    /// Its code.
    pub code: Code,
    /// Every way to write its label.
    pub labels: Vec<String>,
    /// The items that it is the sum of, such as goods and services; empty where it is elementary.
    #[serde(default)]
    pub sum_of: Vec<Code>,
    /// The two items that it is the difference of, such as exports less imports.
    #[serde(default)]
    pub difference_of: Option<[Code; 2]>,
    /// The item that `share_of_total` relates it to; none where it has no such share.
    #[serde(default)]
    pub share_of: Option<Code>,
}

/// A column heading of a described table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DescribedMeasure {
    /// The indicator that the column holds. In sections of a `difference_of` item, `level` is read as `net`.
    pub indicator: Indicator,
    /// Every way to write the heading, without its unit.
    pub labels: Vec<String>,
}

const fn yes() -> bool {
    true
}

impl TableDescription {
    /// The description of the key table of a dataflow, from the shipped labels.
    #[must_use]
    pub fn shipped(dataflow: Dataflow) -> Self {
        let spellings = |found: &mut dyn Iterator<Item = &Vec<&'static str>>| {
            found
                .flatten()
                .map(|&text| text.to_owned())
                .collect::<Vec<_>>()
        };
        let codes = |items: [Item; 2]| items.map(Code::from);
        let lists = labels();
        let areas =
            [Area::BE, Area::BE1, Area::BE2, Area::BE3, Area::BEZ].map(|area| DescribedArea {
                code: area.into(),
                labels: spellings(
                    &mut lists
                        .areas
                        .iter()
                        .filter(|l| l.code == area)
                        .map(|l| &l.spellings),
                ),
                parts: if area.is_country() {
                    [Area::BE1, Area::BE2, Area::BE3].map(Code::from).to_vec()
                } else {
                    vec![]
                },
                complete: true,
            });
        let items = Item::ALL.iter().map(|&item| DescribedItem {
            code: item.into(),
            labels: spellings(
                &mut lists
                    .items
                    .iter()
                    .filter(|l| l.code == item)
                    .map(|l| &l.spellings),
            ),
            sum_of: if item.kind() == Kind::Total {
                codes([
                    Item::of(item.side(), Kind::Goods),
                    Item::of(item.side(), Kind::Services),
                ])
                .to_vec()
            } else {
                vec![]
            },
            difference_of: (item.side() == Side::Net)
                .then(|| codes([item.on(Side::Exports), item.on(Side::Imports)])),
            share_of: (item.side() != Side::Net).then(|| item.total().into()),
        });
        let printed = [
            Indicator::Level,
            Indicator::ShareOfCountry,
            Indicator::ShareOfTotal,
            Indicator::Growth,
        ];
        let measures = printed
            .into_iter()
            .chain([Indicator::Cagr, Indicator::Coverage])
            .map(|indicator| DescribedMeasure {
                indicator,
                labels: spellings(
                    &mut lists
                        .indicators
                        .iter()
                        .filter(|l| l.code == indicator)
                        .map(|l| &l.spellings),
                ),
            });
        Self {
            titles: spellings(
                &mut lists
                    .titles
                    .iter()
                    .filter(|l| l.code == dataflow)
                    .map(|l| &l.spellings),
            ),
            areas: areas.to_vec(),
            items: items.collect(),
            measures: measures.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_description_knows_what_adds_up() {
        let table = TableDescription::shipped(Dataflow::Regtrd);
        let item = |code: &str| {
            table
                .items
                .iter()
                .find(|item| item.code.as_str() == code)
                .unwrap()
                .clone()
        };
        assert_eq!(
            item("P7")
                .sum_of
                .iter()
                .map(Code::as_str)
                .collect::<Vec<_>>(),
            ["P71", "P72"]
        );
        assert_eq!(
            item("B111")
                .difference_of
                .unwrap()
                .map(|code| code.to_string()),
            ["P61", "P71"]
        );
        assert_eq!(item("P62").share_of.unwrap().as_str(), "P6");
        assert_eq!(
            table.areas[0].parts.len(),
            3,
            "extra-regio is in the country, and the release prints three regions"
        );
        assert!(
            table.areas[3]
                .labels
                .iter()
                .any(|label| label == "Waals Gewest")
        );
    }
}
