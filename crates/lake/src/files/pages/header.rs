//! The header of a page, as Parquet writes it: a struct in the compact protocol of Thrift, right before the page.

use super::runs::varint;

/// How deep structs and lists may lie in each other.
const DEEPEST: u8 = 8;

/// What a page is, and how its values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: Kind,
    pub(super) encoding: Encoding,
    /// How many values it has, those that are null included.
    pub(super) values: usize,
    /// How many bytes it has as it lies in the file, and unpacked.
    pub(super) packed: usize,
    pub(super) unpacked: usize,
}

/// The pages that the files of the lake have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Data,
    Dictionary,
}

/// The ways in which values are written in the files of the lake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// One after the other.
    Plain,
    /// As places in the dictionary.
    Dictionary,
    /// The first bytes of all of them, then the second ones, and so on.
    ByteStreamSplit,
}

/// The types of Thrift's compact protocol that headers have.
const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const NUMBERS: std::ops::RangeInclusive<u8> = 4..=6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const STRUCT: u8 = 12;

/// The header at the beginning of some bytes, and how many bytes it has. `None` where there is none that the lake writes.
pub(super) fn header(bytes: &[u8]) -> Option<(Header, usize)> {
    let mut reader = Reader { rest: bytes };
    let (mut kind, mut packed, mut unpacked) = (None, None, None);
    let mut of_data = None;
    let mut of_dictionary = None;
    let mut field = 0;
    while let Some(of) = reader.field(&mut field)? {
        match (field, of) {
            (1, _) => kind = Some(reader.number(of)?),
            (2, _) => unpacked = Some(reader.number(of)?),
            (3, _) => packed = Some(reader.number(of)?),
            (5, STRUCT) => of_data = Some(reader.values()?),
            (7, STRUCT) => of_dictionary = Some(reader.values()?),
            _ => reader.skip(of, DEEPEST)?,
        }
    }
    let (kind, (values, encoding)) = match kind? {
        0 => (Kind::Data, of_data?),
        2 => (Kind::Dictionary, of_dictionary?),
        _ => return None,
    };
    let encoding = match (kind, encoding) {
        (_, 0) | (Kind::Dictionary, 2) => Encoding::Plain,
        (Kind::Data, 2 | 8) => Encoding::Dictionary,
        (Kind::Data, 9) => Encoding::ByteStreamSplit,
        _ => return None,
    };
    let header = Header {
        kind,
        encoding,
        values: usize::try_from(values).ok()?,
        packed: usize::try_from(packed?).ok()?,
        unpacked: usize::try_from(unpacked?).ok()?,
    };
    Some((header, bytes.len() - reader.rest.len()))
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    /// The bytes after some, which are passed over.
    fn pass(&mut self, count: usize) -> Option<()> {
        self.rest = self.rest.get(count..)?;
        Some(())
    }

    /// A number of a type, with its sign in the last bit.
    fn number(&mut self, of: u8) -> Option<i64> {
        if !NUMBERS.contains(&of) {
            return None;
        }
        let coded = varint(&mut self.rest)?;
        let half = i64::try_from(coded >> 1).ok()?;
        Some(if coded & 1 == 0 { half } else { -half - 1 })
    }

    /// The type of the next field of a struct, whose number follows from that of the one before; `None` at its end.
    #[allow(clippy::option_option, reason = "broken off, and at the end")]
    fn field(&mut self, number: &mut i64) -> Option<Option<u8>> {
        let byte = *self.rest.first()?;
        self.pass(1)?;
        if byte == 0 {
            return Some(None);
        }
        let (step, of) = (byte >> 4, byte & 0xf);
        *number = match step {
            0 => self.number(*NUMBERS.start())?,
            step => number.checked_add(i64::from(step))?,
        };
        Some(Some(of))
    }

    /// How many values a page has, and how they are written: the first two fields of either header.
    fn values(&mut self) -> Option<(i64, i64)> {
        let (mut values, mut encoding) = (None, None);
        let mut field = 0;
        while let Some(of) = self.field(&mut field)? {
            match field {
                1 => values = Some(self.number(of)?),
                2 => encoding = Some(self.number(of)?),
                _ => self.skip(of, DEEPEST)?,
            }
        }
        Some((values?, encoding?))
    }

    fn skip(&mut self, of: u8, deepest: u8) -> Option<()> {
        match of {
            TRUE | FALSE => {}
            BYTE => self.pass(1)?,
            DOUBLE => self.pass(8)?,
            BINARY => {
                let length = usize::try_from(varint(&mut self.rest)?).ok()?;
                self.pass(length)?;
            }
            STRUCT => {
                let deeper = deepest.checked_sub(1)?;
                let mut field = 0;
                while let Some(of) = self.field(&mut field)? {
                    self.skip(of, deeper)?;
                }
            }
            of if NUMBERS.contains(&of) => {
                varint(&mut self.rest)?;
            }
            // Headers have no lists.
            _ => return None,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As the Parquet library writes it: 300 values by the dictionary, 40 bytes in 25.
    const PAGE: [u8; 20] = [
        0x15, 0x00, 0x15, 0x50, 0x15, 0x32, 0x2c, 0x15, 0xd8, 0x04, 0x15, 0x10, 0x15, 0x06, 0x15,
        0x06, 0x00, 0x00, 0xaa, 0xbb,
    ];

    #[test]
    fn a_header_says_what_the_page_is_and_where_it_begins() {
        let (found, length) = header(&PAGE).unwrap();
        assert_eq!(length, 18);
        assert_eq!(
            found,
            Header {
                kind: Kind::Data,
                encoding: Encoding::Dictionary,
                values: 300,
                packed: 25,
                unpacked: 40,
            }
        );
    }

    #[test]
    fn what_breaks_off_is_no_header() {
        for length in 0..18 {
            assert_eq!(header(&PAGE[..length]), None, "{length}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_header_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            if let Some((_, length)) = header(&bytes) {
                prop_assert!(length <= bytes.len());
            }
        }
    }
}
