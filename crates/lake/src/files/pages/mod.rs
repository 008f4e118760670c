//! Columns out of files, page by page: of a column of a row group, the pages that have the rows that are wanted are read, each
//! unpacked once, and of these only the rows that are wanted are decoded.
//!
//! The files are those that the lake writes: columns without repetition, pages of the first version, one after the other,
//! as places in a dictionary or byte by byte, with zstd or as they are.

mod column;
mod header;
mod page;
mod runs;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, ops::Range};

use arrow::{array::ArrayRef, datatypes::DataType};
use bytes::Bytes;
use parquet::{
    basic::CompressionCodec,
    file::{metadata::ColumnChunkMetaData, page_index::offset_index::PageLocation},
};

use header::Kind;
use page::Page;

/// Where the pages of a column of a row group lie in the file.
#[derive(Debug)]
pub(super) struct Pages {
    /// What is read: the dictionary, if there is one, and pages.
    pub(super) ranges: Vec<Range<u64>>,
    /// The first row of each page that is read; `None` where the file does not say where pages begin, and all are read.
    first_rows: Option<Vec<usize>>,
    has_dictionary: bool,
}

/// A column of a row group, as far as it was read.
#[derive(Debug)]
pub(super) struct Chunk {
    is_packed: bool,
    is_nullable: bool,
    dictionary: Option<Page>,
    /// The pages that were read, each with its first row.
    pages: Vec<(usize, Page)>,
}

impl Pages {
    /// Those that have any of some rows, which are in order.
    pub(super) fn with(
        chunk: &ColumnChunkMetaData,
        pages: Option<&[PageLocation]>,
        rows: &[u32],
    ) -> Option<Self> {
        let (begin, length) = chunk.byte_range();
        let Some(pages) = pages.filter(|pages| !pages.is_empty()) else {
            let all = begin..begin.checked_add(length)?;
            return Some(Self {
                ranges: vec![all],
                first_rows: None,
                has_dictionary: false,
            });
        };
        let first = u64::try_from(pages.first()?.offset).ok()?;
        let has_dictionary = begin < first;
        let mut ranges = vec![];
        if has_dictionary {
            ranges.push(begin..first);
        }
        let (mut first_rows, mut rest) = (vec![], rows);
        for (at, page) in pages.iter().enumerate() {
            let end = pages.get(at + 1).map(|next| next.first_row_index);
            let ending = |row: &u32| end.is_none_or(|end| i64::from(*row) < end);
            let count = rest.partition_point(ending);
            if count == 0 {
                continue;
            }
            rest = &rest[count..];
            let begin = u64::try_from(page.offset).ok()?;
            let length = u64::try_from(page.compressed_page_size).ok()?;
            ranges.push(begin..begin.checked_add(length)?);
            first_rows.push(usize::try_from(page.first_row_index).ok()?);
        }
        Some(Self {
            ranges,
            first_rows: Some(first_rows),
            has_dictionary,
        })
    }
}

impl Chunk {
    /// What the bytes of some pages hold. `None` where they cannot be read.
    pub(super) fn of(
        chunk: &ColumnChunkMetaData,
        pages: &Pages,
        bytes: Vec<Bytes>,
    ) -> Option<Self> {
        let is_packed = match chunk.compression_codec() {
            CompressionCodec::ZSTD => true,
            CompressionCodec::UNCOMPRESSED => false,
            _ => return None,
        };
        let column = chunk.column_descr();
        if column.max_rep_level() > 0 || column.max_def_level() > 1 {
            return None;
        }
        let mut read = Self {
            is_packed,
            is_nullable: column.max_def_level() == 1,
            dictionary: None,
            pages: Vec::with_capacity(bytes.len()),
        };
        let mut bytes = bytes.into_iter();
        let Some(first_rows) = &pages.first_rows else {
            read.all(bytes.next()?)?;
            return Some(read);
        };
        if pages.has_dictionary {
            let (page, _) = Page::of(&bytes.next()?, is_packed, read.is_nullable)?;
            read.dictionary = Some(page).filter(|page| page.kind == Kind::Dictionary);
        }
        for (first, bytes) in first_rows.iter().zip(bytes) {
            let (page, _) = Page::of(&bytes, is_packed, read.is_nullable)?;
            read.pages.push((*first, page));
        }
        Some(read)
    }

    /// Takes all pages of a column, one after the other.
    fn all(&mut self, mut bytes: Bytes) -> Option<()> {
        let mut first = 0_usize;
        while !bytes.is_empty() {
            let (page, length) = Page::of(&bytes, self.is_packed, self.is_nullable)?;
            bytes = bytes.slice(length..);
            match page.kind {
                Kind::Dictionary => self.dictionary = Some(page),
                Kind::Data => {
                    let rows = page.rows;
                    self.pages.push((first, page));
                    first = first.checked_add(rows)?;
                }
            }
        }
        Some(())
    }

    /// Leaves those of some rows that have one of the texts, or none at all.
    pub(super) fn leave_texts(&self, rows: &mut Vec<u32>, texts: &BTreeSet<String>) -> Option<()> {
        column::leave_texts(self, rows, texts)
    }

    /// Leaves those of some rows that are true, or those that are not.
    pub(super) fn leave_truth(&self, rows: &mut Vec<u32>, wanted: bool) -> Option<()> {
        column::leave_truth(self, rows, wanted)
    }

    /// The values of some rows, as a column of a type.
    pub(super) fn column(&self, rows: &[u32], of: &DataType) -> Option<ArrayRef> {
        column::column(self, rows, of)
    }

    /// The rows of each page: its first row, and where in `rows` those are that it has. `None` where a row is in no page.
    fn parts<'a>(&'a self, rows: &[u32]) -> Option<Vec<(usize, &'a Page, Range<usize>)>> {
        let (mut parts, mut at) = (vec![], 0);
        for (first, page) in &self.pages {
            let end = first.checked_add(page.rows)?;
            let rest = rows.get(at..)?;
            let is_before = |row: &u32| usize::try_from(*row).is_ok_and(|row| row < end);
            let count = rest.partition_point(is_before);
            if count > 0 {
                if usize::try_from(*rest.first()?).ok()? < *first {
                    return None;
                }
                parts.push((*first, page, at..at + count));
                at += count;
            }
        }
        (at == rows.len()).then_some(parts)
    }
}
