//! Items: the transactions of the national accounts (ESA 2010) that the releases show.

use crate::error::{Vocabulary, words};

/// A transaction or balance of ESA 2010, chapter 3 (P.6, P.7) and chapter 8 (B.11, external balance).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Item {
    /// Exports of goods and services.
    P6,
    /// Exports of goods.
    P61,
    /// Exports of services.
    P62,
    /// Imports of goods and services.
    P7,
    /// Imports of goods.
    P71,
    /// Imports of services.
    P72,
    /// Net exports of goods and services: P6 less P7. Not a regional trade balance: trade between regions is not in it.
    B11,
    /// Net exports of goods: P61 less P71.
    B111,
    /// Net exports of services: P62 less P72.
    B112,
}

words!(Item, Vocabulary::Item, {
    P6 => "P6", P61 => "P61", P62 => "P62",
    P7 => "P7", P71 => "P71", P72 => "P72",
    B11 => "B11", B111 => "B111", B112 => "B112",
});

/// The side of foreign trade that an item stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Sold abroad.
    Exports,
    /// Bought abroad.
    Imports,
    /// Exports less imports: may be negative, and has no growth rate.
    Net,
}

/// What is traded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Goods and services together.
    Total,
    /// Goods.
    Goods,
    /// Services.
    Services,
}

impl Item {
    /// The item of a side and a kind.
    #[must_use]
    pub const fn of(side: Side, kind: Kind) -> Self {
        match (side, kind) {
            (Side::Exports, Kind::Total) => Self::P6,
            (Side::Exports, Kind::Goods) => Self::P61,
            (Side::Exports, Kind::Services) => Self::P62,
            (Side::Imports, Kind::Total) => Self::P7,
            (Side::Imports, Kind::Goods) => Self::P71,
            (Side::Imports, Kind::Services) => Self::P72,
            (Side::Net, Kind::Total) => Self::B11,
            (Side::Net, Kind::Goods) => Self::B111,
            (Side::Net, Kind::Services) => Self::B112,
        }
    }

    /// Exports, imports, or the difference.
    #[must_use]
    pub const fn side(self) -> Side {
        match self {
            Self::P6 | Self::P61 | Self::P62 => Side::Exports,
            Self::P7 | Self::P71 | Self::P72 => Side::Imports,
            Self::B11 | Self::B111 | Self::B112 => Side::Net,
        }
    }

    /// Goods, services, or both together.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::P6 | Self::P7 | Self::B11 => Kind::Total,
            Self::P61 | Self::P71 | Self::B111 => Kind::Goods,
            Self::P62 | Self::P72 | Self::B112 => Kind::Services,
        }
    }

    /// The item of the same side that goods and services add up to.
    #[must_use]
    pub const fn total(self) -> Self {
        Self::of(self.side(), Kind::Total)
    }

    /// The item of the same kind on another side.
    #[must_use]
    pub const fn on(self, side: Side) -> Self {
        Self::of(side, self.kind())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn side_and_kind_name_an_item_and_come_back() {
        for &item in Item::ALL {
            assert_eq!(Item::of(item.side(), item.kind()), item);
            assert_eq!(item.as_str().parse::<Item>().unwrap(), item);
        }
        assert_eq!(Item::P62.total(), Item::P6);
        assert_eq!(Item::P71.on(Side::Net), Item::B111);
        assert!("P8".parse::<Item>().is_err());
    }
}
