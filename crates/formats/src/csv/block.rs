//! Lines that are handed out as they stand, many at once, to who reads them in another way than record by record.

use std::io::{BufRead, Empty};

use memchr::{memchr, memchr_iter, memrchr};

use super::records::Records;
use crate::text::from_one;

/// How many bytes can be read from the place of any byte of a line, those behind the lines among them.
pub(crate) const MARGIN: usize = 16;

/// Lines without quotation marks, each with its end.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// The lines, between what was read before and as many zeros as the margin has.
    pub(crate) bytes: Vec<u8>,
    /// Where the lines begin, and where they end.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The number of the first line.
    pub(crate) line: u32,
}

/// A line, with its end, and its number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'b> {
    pub(crate) bytes: &'b [u8],
    pub(crate) number: u32,
}

impl Block {
    /// The line that starts at a place; `None` behind the last one.
    pub(crate) fn line(&self, at: usize, number: u32) -> Option<Line<'_>> {
        let rest = self.bytes.get(at..self.end)?;
        let end = memchr(b'\n', rest)?;
        let bytes = rest.get(..=end)?;
        Some(Line { bytes, number })
    }
}

impl<R: BufRead> Records<R> {
    /// Takes out the lines that come next and have no quotation marks, as far as so many bytes hold them; `None` where the next line
    /// has one, has no end, or cannot be read.
    pub(crate) fn block(&mut self, most: usize) -> Option<Block> {
        if self.is_broken() {
            return None;
        }
        self.read(self.at + most);
        let lines = self.window.get(self.at..)?;
        let lines = lines.get(..most).unwrap_or(lines);
        let lines = match memchr(b'"', lines) {
            Some(quote) => lines.get(..quote)?,
            None => lines,
        };
        let (start, end) = (self.at, self.at + memrchr(b'\n', lines)? + 1);
        let count = memchr_iter(b'\n', self.window.get(start..end)?).count();
        let (block, rest) = (self.window.get(start..end)?, self.window.get(end..)?);
        // What is less is copied, the other keeps its place.
        let (mut bytes, start, end) = if rest.len() < block.len() {
            let mut window = Vec::with_capacity(self.window.len());
            window.extend_from_slice(rest);
            self.at = 0;
            (std::mem::replace(&mut self.window, window), start, end)
        } else {
            self.at = end;
            (block.to_vec(), 0, block.len())
        };
        bytes.truncate(end);
        bytes.resize(end + MARGIN, 0);
        let line = self.line;
        self.line = self.line.saturating_add(from_one(count) - 1);
        Some(Block {
            bytes,
            start,
            end,
            line,
        })
    }

    /// Whether nothing more can be read.
    pub(crate) fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// What stands between cells.
    pub(crate) fn mark(&self) -> u8 {
        self.separator.unwrap_or(b',')
    }
}

impl Records<Empty> {
    /// Has one line to read, and no other.
    pub(crate) fn put(&mut self, line: Line<'_>, mark: u8) {
        self.window.clear();
        self.window.extend_from_slice(line.bytes);
        (self.at, self.line) = (0, line.number);
        (self.is_read, self.separator) = (true, Some(mark));
    }
}
