//! What is around the text of a message: a layer of gzip, and bounds on what comes out of it.

use std::{
    error::Error,
    fmt,
    io::{self, BufRead, BufReader, Cursor, Read},
};

use flate2::bufread::MultiGzDecoder;

use super::message::Source;
use crate::{Rule, issue::Issues};

/// The bytes that tell of a compression, from its first on. The longest is that of bzip2: `BZh`, a level, and a mark.
const LONGEST_MAGIC: usize = 10;

/// Why a source cannot be read further, as the cause of an [`io::Error`].
#[derive(Debug)]
pub(crate) struct Fault {
    /// Line and character, where they are known.
    pub(crate) at: Option<(u32, u32)>,
    /// The rule that is broken.
    pub(crate) rule: Rule,
    /// What is wrong, and what to do about it.
    pub(crate) explanation: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.explanation)
    }
}

impl Error for Fault {}

impl From<Fault> for io::Error {
    fn from(fault: Fault) -> Self {
        Self::new(io::ErrorKind::InvalidData, fault)
    }
}

/// Reports why a source cannot be read further; `at` is where the reading stopped, from 1.
pub fn report(error: &io::Error, at: (u32, u32), issues: &mut Issues) {
    let fault = error.get_ref().and_then(|cause| cause.downcast_ref());
    match fault {
        Some(Fault {
            at: place,
            rule,
            explanation,
        }) => issues.report(place.unwrap_or(at), *rule, "", || explanation.clone()),
        None => issues.report(at, Rule::FileUnreadable, "", || {
            format!("the file cannot be read further: {error}; hand it in again")
        }),
    }
}

/// The bytes of a source without their gzip, where they have one, and not more of them than allowed.
///
/// What is compressed twice, or in another way, or damaged, is an error, which [`report`] makes an issue of.
pub struct Unpacked<'s> {
    source: &'s dyn Source,
    maximum: u64,
}

impl<'s> Unpacked<'s> {
    /// The bytes of `source`, of which at most `maximum` are read after unpacking.
    #[must_use]
    pub fn new(source: &'s dyn Source, maximum: u64) -> Self {
        Self { source, maximum }
    }
}

impl Source for Unpacked<'_> {
    fn open(&self) -> io::Result<Box<dyn BufRead + '_>> {
        let (compression, packed) = start(self.source.open()?)?;
        let bytes: Box<dyn BufRead> = match compression {
            None => packed,
            Some("gzip") => {
                let decoder = Gzip(MultiGzDecoder::new(Marked(packed)));
                let (inner, bytes) = start(Box::new(BufReader::new(decoder)))?;
                if let Some(inner) = inner {
                    return Err(refused(inner, " inside gzip").into());
                }
                bytes
            }
            Some(other) => return Err(refused(other, "").into()),
        };
        Ok(Box::new(Bounded {
            bytes,
            left: self.maximum,
            maximum: self.maximum,
        }))
    }
}

fn refused(name: &str, inside: &str) -> Fault {
    Fault {
        at: None,
        rule: Rule::FileCompression,
        explanation: format!(
            "the file is compressed with {name}{inside}; hand it in as text, or compressed once with gzip"
        ),
    }
}

/// How bytes are compressed, and the same bytes.
fn start<'b>(
    mut bytes: Box<dyn BufRead + 'b>,
) -> io::Result<(Option<&'static str>, Box<dyn BufRead + 'b>)> {
    let mut first = Vec::with_capacity(LONGEST_MAGIC);
    let most = u64::try_from(LONGEST_MAGIC).unwrap_or(u64::MAX);
    bytes.by_ref().take(most).read_to_end(&mut first)?;
    let compression = match *first {
        [0x1f, 0x8b, ..] => Some("gzip"),
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some("zip"),
        [
            b'B',
            b'Z',
            b'h',
            b'1'..=b'9',
            0x31,
            0x41,
            0x59,
            0x26,
            0x53,
            0x59,
        ] => Some("bzip2"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("zstd"),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some("xz"),
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Some("7z"),
        _ => None,
    };
    Ok((compression, Box::new(Cursor::new(first).chain(bytes))))
}

/// Packed bytes whose errors are told from those of their packing.
struct Marked<R>(R);

fn marked(error: io::Error) -> io::Error {
    let is_fault = error.get_ref().is_some_and(|cause| cause.is::<Fault>());
    if is_fault || error.kind() == io::ErrorKind::Interrupted {
        return error;
    }
    Fault {
        at: None,
        rule: Rule::FileUnreadable,
        explanation: format!("the file cannot be read further: {error}; hand it in again"),
    }
    .into()
}

impl<R: Read> Read for Marked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into).map_err(marked)
    }
}

impl<R: BufRead> BufRead for Marked<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.0.fill_buf().map_err(marked)
    }

    fn consume(&mut self, amount: usize) {
        self.0.consume(amount);
    }
}

/// What comes out of gzip: any error that is not of what goes in is one of the packing.
struct Gzip<R>(R);

impl<R: Read> Read for Gzip<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into).map_err(|error| {
            let is_fault = error.get_ref().is_some_and(|cause| cause.is::<Fault>());
            if is_fault || error.kind() == io::ErrorKind::Interrupted {
                return error;
            }
            Fault {
                at: None,
                rule: Rule::FileCompression,
                explanation: format!(
                    "the gzip of the file is damaged or cut off ({error}); compress it anew"
                ),
            }
            .into()
        })
    }
}

/// Bytes of which not more than a number are read.
struct Bounded<'b> {
    bytes: Box<dyn BufRead + 'b>,
    left: u64,
    maximum: u64,
}

impl Read for Bounded<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Bounded<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let bytes = self.bytes.fill_buf()?;
        if self.left == 0 && !bytes.is_empty() {
            let maximum = self.maximum;
            return Err(Fault {
                at: None,
                rule: Rule::FileTooLarge,
                explanation: format!(
                    "the file has more than {maximum} bytes, unpacked, which is the most that is read; split it by periods"
                ),
            }
            .into());
        }
        let left = usize::try_from(self.left).unwrap_or(usize::MAX);
        Ok(bytes.get(..left).unwrap_or(bytes))
    }

    fn consume(&mut self, amount: usize) {
        self.bytes.consume(amount);
        self.left = self
            .left
            .saturating_sub(u64::try_from(amount).unwrap_or(u64::MAX));
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(vec![], Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// What is read, or the rule that is broken.
    fn unpacked(bytes: &[u8], maximum: u64) -> Result<Vec<u8>, Rule> {
        let mut read = vec![];
        let result = Unpacked::new(&bytes, maximum)
            .open()
            .and_then(|mut bytes| bytes.read_to_end(&mut read));
        result.map(|_| read).map_err(|error| {
            let mut issues = Issues::default();
            report(&error, (1, 1), &mut issues);
            issues.finish().0[0].rule
        })
    }

    #[test]
    fn text_is_read_as_it_is_and_gzip_without_its_packing() {
        let text = b"STRUCTURE,STRUCTURE_ID\n".repeat(5_000);
        assert_eq!(unpacked(&text, 1 << 20), Ok(text.clone()));
        assert_eq!(unpacked(&gzip(&text), 1 << 20), Ok(text.clone()));
        let members = [gzip(b"one, "), gzip(b""), gzip(b"two")].concat();
        assert_eq!(unpacked(&members, 8), Ok(b"one, two".to_vec()));
        for short in [&b""[..], b"P", b"BZh", b"BZh9,a", b"PK,", b"\x1f"] {
            assert_eq!(unpacked(short, 8), Ok(short.to_vec()));
            assert_eq!(unpacked(&gzip(short), 8), Ok(short.to_vec()));
        }
    }

    #[test]
    fn other_compressions_are_refused_inside_gzip_too() {
        let others = [
            &b"PK\x03\x04\x14\x00"[..],
            b"BZh91AY&SY\x00",
            b"\x28\xb5\x2f\xfd\x00",
            b"\xfd7zXZ\x00\x00",
            b"7z\xbc\xaf\x27\x1c",
        ];
        for other in others {
            assert_eq!(unpacked(other, 99), Err(Rule::FileCompression));
            assert_eq!(unpacked(&gzip(other), 99), Err(Rule::FileCompression));
        }
        let twice = gzip(&gzip(b"text"));
        assert_eq!(unpacked(&twice, 999), Err(Rule::FileCompression));
    }

    #[test]
    fn damaged_gzip_is_refused() {
        let whole = gzip(&b"some text that is packed".repeat(50));
        let mut checksum = whole.clone();
        let at = checksum.len() - 8;
        checksum[at] ^= 1;
        let mut inside = whole.clone();
        inside[12] ^= 0xff;
        let behind = [&whole[..], b"more"].concat();
        for damaged in [
            &checksum[..],
            &inside,
            &behind,
            &whole[..whole.len() - 9],
            &whole[..5],
        ] {
            assert_eq!(unpacked(damaged, 1 << 20), Err(Rule::FileCompression));
        }
    }

    #[test]
    fn more_bytes_than_allowed_are_refused_packed_or_not() {
        for (length, fits) in [(1_000, true), (1_001, false)] {
            let text = vec![b'x'; length];
            let expected = if fits {
                Ok(text.clone())
            } else {
                Err(Rule::FileTooLarge)
            };
            assert_eq!(unpacked(&text, 1_000), expected);
            assert_eq!(unpacked(&gzip(&text), 1_000), expected);
        }
        let bomb = gzip(&vec![0; 50 << 20]);
        assert_eq!(unpacked(&bomb, 1_000), Err(Rule::FileTooLarge));
    }

    #[test]
    fn a_source_that_fails_is_unreadable_packed_or_not() {
        struct Failing(Vec<u8>);
        impl Source for Failing {
            fn open(&self) -> io::Result<Box<dyn BufRead + '_>> {
                struct Fails;
                impl Read for Fails {
                    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                        Err(io::ErrorKind::BrokenPipe.into())
                    }
                }
                Ok(Box::new(BufReader::new(self.0.chain(Fails))))
            }
        }
        let packed = gzip(&b"some text that is packed".repeat(50));
        for bytes in [b"some text".to_vec(), packed[..packed.len() - 9].to_vec()] {
            let failing = Failing(bytes);
            let source = Unpacked::new(&failing, 1 << 20);
            let result = source
                .open()
                .and_then(|mut bytes| bytes.read_to_end(&mut vec![]));
            let mut issues = Issues::default();
            report(&result.unwrap_err(), (7, 3), &mut issues);
            let (kept, _) = issues.finish();
            assert_eq!((kept[0].rule, kept[0].line), (Rule::FileUnreadable, 7));
        }
    }
}
