//! What the tests of the readers of messages share: a sink that keeps what it is told, and samples that say the same.
#![allow(dead_code, reason = "each test uses some of it")]

use std::{
    collections::BTreeMap,
    io::{self, BufRead, BufReader, Read},
};

use regtrade_formats::{
    Issue, Issues, Rule,
    sdmx::message::{Row, Sink, Source, StructureRef},
};

/// A row as a text: action, then components in alphabetical order.
pub fn row(action: &str, cells: &[(&str, &str)]) -> String {
    let cells: BTreeMap<_, _> = cells.iter().copied().collect();
    let cells: Vec<_> = cells
        .iter()
        .map(|(id, text)| format!("{id}={text}"))
        .collect();
    format!("{action}: {}", cells.join(" "))
}

/// Line and character of a row, and of its cells by component.
pub type Places = (u32, u32, BTreeMap<String, (u32, u32)>);

/// Keeps what it is told, and holds readers to their promises.
#[derive(Default)]
pub struct Kept {
    pub structures: Vec<StructureRef>,
    pub components: Vec<String>,
    pub rows: Vec<String>,
    /// Where rows and their cells stand.
    pub places: Vec<Places>,
}

impl Sink for Kept {
    fn structure(&mut self, structure: &StructureRef, _: (u32, u32), _: &mut Issues) {
        assert_ne!(self.structures.last(), Some(structure));
        self.structures.push(structure.clone());
    }

    fn component(&mut self, number: usize, id: &str, _: (u32, u32), _: &mut Issues) {
        assert_eq!(number, self.components.len());
        assert!(!self.components.contains(&id.to_owned()));
        self.components.push(id.to_owned());
    }

    fn row(&mut self, row: &Row<'_>, _: &mut Issues) {
        assert!(!self.structures.is_empty());
        let mut cells = vec![];
        let mut places = BTreeMap::new();
        for cell in row.cells {
            assert!(!cell.text.is_empty() && cell.text == cell.text.trim());
            let id = self.components[cell.component].as_str();
            let before = places.insert(id.to_owned(), (cell.line, cell.column));
            assert_eq!(before, None, "{id} stands twice in a row");
            cells.push((id, cell.text));
        }
        self.rows
            .push(self::row(&format!("{:?}", row.action), &cells));
        self.places.push((row.line, row.column, places));
    }
}

/// What a reader makes of a message.
pub struct Outcome {
    pub kept: Kept,
    pub issues: Vec<Issue>,
    pub count: usize,
}

type Reader = fn(&dyn Source, &mut dyn Sink, &mut Issues);

pub fn read_from(reader: Reader, source: &dyn Source) -> Outcome {
    let (mut kept, mut issues) = (Kept::default(), Issues::default());
    reader(source, &mut kept, &mut issues);
    let (issues, count) = issues.finish();
    Outcome {
        kept,
        issues,
        count,
    }
}

/// The rows of a message that has no issue.
#[track_caller]
pub fn rows(reader: Reader, message: &str) -> Vec<String> {
    let read = read_from(reader, &message.as_bytes());
    assert_eq!(read.issues, []);
    read.kept.rows
}

/// Checks that a message has exactly these issues, by line, character and rule.
#[track_caller]
pub fn check(reader: Reader, message: impl AsRef<[u8]>, expected: &[(u32, u32, Rule)]) {
    let read = read_from(reader, &message.as_ref());
    let found: Vec<_> = read
        .issues
        .iter()
        .map(|issue| (issue.line, issue.column, issue.rule))
        .collect();
    let said: Vec<_> = read.issues.iter().map(ToString::to_string).collect();
    assert_eq!(found, expected, "{said:#?}");
    assert_eq!(read.count, expected.len());
}

/// What all samples say.
pub fn said_by_samples() -> Vec<String> {
    let common = [
        ("FREQ", "A"),
        ("ACTIVITY", "_T"),
        ("PRODUCT", "_T"),
        ("COUNTERPART_AREA", "W1"),
        ("UNIT_MULT", "6"),
        ("CONF_STATUS", "F"),
    ];
    let own = [
        ("BE2", "P61", "2023", Some("262345.6"), "1", "A"),
        ("BE2", "P61", "2024", Some("266031.1"), "1", "A"),
        ("BE2", "P62", "2023", None, "1", "O"),
        ("BE1", "P61", "2024", Some("-41205.70"), "2", "P"),
    ];
    own.iter()
        .map(|&(area, item, year, value, decimals, status)| {
            let mut cells = common.to_vec();
            cells.extend([
                ("REF_AREA", area),
                ("ITEM", item),
                ("TIME_PERIOD", year),
                ("DECIMALS", decimals),
                ("OBS_STATUS", status),
            ]);
            cells.extend(value.map(|value| ("OBS_VALUE", value)));
            row("Information", &cells)
        })
        .collect()
}

/// The message with `from`, which it has once, replaced.
#[track_caller]
pub fn with(message: &str, from: &str, to: &str) -> String {
    assert_eq!(message.matches(from).count(), 1, "{from}");
    message.replace(from, to)
}

/// Bytes that arrive some at a time.
pub struct Slow<'b>(pub &'b [u8], pub usize);

impl Source for Slow<'_> {
    fn open(&self) -> io::Result<Box<dyn BufRead + '_>> {
        struct Trickle<'b>(&'b [u8], usize);
        impl Read for Trickle<'_> {
            fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
                let some = into.len().min(self.1);
                self.0.read(&mut into[..some])
            }
        }
        let bytes = BufReader::with_capacity(self.1, Trickle(self.0, self.1));
        Ok(Box::new(bytes))
    }
}

/// Bytes that break off with an error.
pub struct Failing<'b>(pub &'b [u8]);

impl Source for Failing<'_> {
    fn open(&self) -> io::Result<Box<dyn BufRead + '_>> {
        struct Fails;
        impl Read for Fails {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the disk is away"))
            }
        }
        Ok(Box::new(BufReader::new(self.0.chain(Fails))))
    }
}

/// An edit of bytes: where (of 65,535), with which byte, and how.
pub type Edit = (u16, u8, u8);

pub fn edited(message: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut bytes = message.to_vec();
    for &(place, byte, how) in edits {
        let at = usize::from(place) * bytes.len().saturating_sub(1) / usize::from(u16::MAX);
        match how {
            _ if bytes.is_empty() => {}
            0 => bytes[at] = byte,
            1 => bytes.insert(at, byte),
            2 => {
                bytes.remove(at);
            }
            3 => {
                let end = (at + 40).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => bytes.truncate(at.max(1)),
        }
    }
    bytes
}
