//! Reference areas: a country, its regions, and what lies in none of them.

use std::{fmt, str::FromStr};

use crate::error::{InvalidCode, Vocabulary, serde_as_text};

/// A reference area: two letters of the country (ISO 3166), then up to six letters or digits of the NUTS code below it.
///
/// `BE` Belgium, `BE1` Brussels, `BE2` Flanders, `BE3` Wallonia, `BEZ` extra-regio (embassies, the
/// continental shelf: in the country, in no region).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Area {
    bytes: [u8; 8],
    length: u8,
}

impl Area {
    /// Belgium.
    pub const BE: Self = Self::constant("BE");
    /// Brussels-Capital Region.
    pub const BE1: Self = Self::constant("BE1");
    /// Flemish Region.
    pub const BE2: Self = Self::constant("BE2");
    /// Walloon Region.
    pub const BE3: Self = Self::constant("BE3");
    /// Extra-regio.
    pub const BEZ: Self = Self::constant("BEZ");

    const fn constant(text: &str) -> Self {
        let source = text.as_bytes();
        let mut bytes = [0; 8];
        let mut at = 0;
        while at < source.len() {
            bytes[at] = source[at];
            at += 1;
        }
        Self {
            bytes,
            length: source.len() as u8,
        }
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // The bytes were checked to be ASCII when the code was made.
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }

    /// The country that the area is, or lies in.
    #[must_use]
    pub fn country(&self) -> Self {
        let mut bytes = [0; 8];
        bytes[..2].copy_from_slice(&self.bytes[..2]);
        Self { bytes, length: 2 }
    }

    /// Whether the area is a whole country.
    #[must_use]
    pub const fn is_country(&self) -> bool {
        self.length == 2
    }

    /// Whether the area is of the first level below the country (NUTS 1), which is what adds up to it.
    #[must_use]
    pub const fn is_region(&self) -> bool {
        self.length == 3
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Area {
    type Err = InvalidCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = text.as_bytes();
        let well_formed = (2..=8).contains(&bytes.len())
            && bytes[..2].iter().all(u8::is_ascii_uppercase)
            && bytes[2..]
                .iter()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if well_formed {
            Ok(Self::constant(text))
        } else {
            Err(InvalidCode::new(Vocabulary::Area, text))
        }
    }
}

serde_as_text!(Area);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_checked_at_the_door() {
        for good in ["BE", "BE1", "BEZ", "BE211"] {
            assert_eq!(good.parse::<Area>().unwrap().to_string(), good);
        }
        for bad in ["", "B", "be1", "BE-1", "1BE", "BE1234567", "BÉ"] {
            assert!(bad.parse::<Area>().is_err(), "{bad} was accepted");
        }
    }

    #[test]
    fn a_region_knows_its_country() {
        assert_eq!(Area::BE2.country(), Area::BE);
        assert!(Area::BE.is_country() && !Area::BE.is_region());
        assert!(Area::BEZ.is_region());
        assert!(!"BE211".parse::<Area>().unwrap().is_region());
    }
}
