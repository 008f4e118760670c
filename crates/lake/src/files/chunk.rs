//! A column of a row group as Parquet has it, made of numbers of values: what a column says is looked up once, and not in
//! each row.

use bytes::Bytes;
use parquet::{
    basic::{Compression, Encoding, PageType, ZstdLevel},
    column::{
        page::{CompressedPage, Page, PageWriter as _},
        writer::ColumnCloseResult,
    },
    errors::ParquetError,
    file::{
        metadata::{
            ColumnChunkMetaData, ColumnIndexBuilder, OffsetIndexBuilder, PageEncodingStats,
        },
        writer::{SerializedPageWriter, TrackedWrite},
    },
    schema::types::ColumnDescPtr,
};

use super::{
    hybrid::{pack, same},
    numbered::{Numbers, numbered},
    value::{Value, count},
};
use crate::LakeError;

/// So few bytes are not compressed: they take no less room so, and longer to read.
const FEW: usize = 512;

/// What the rows of a column are.
pub(crate) enum Column<'a> {
    /// Texts: all that there are, in any order, and the number of that of each row.
    Texts(Vec<&'a str>, Numbers),
    /// Whole numbers, in the same way.
    Numbers(Vec<i32>, Numbers),
    /// Decimals of 128 bits, in the same way.
    Long(Vec<i128>, Numbers),
    /// Decimals of 64 bits, which differ from row to row.
    Short(Vec<Option<i64>>),
    /// Whether something is so.
    Truths(Vec<bool>),
}

/// How a column is laid out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// The most rows of a page.
    pub(super) page: usize,
    /// Whether the file says where its pages are.
    pub(super) has_offsets: bool,
    /// Whether the file says what the values of each page lie between.
    pub(super) has_ends: bool,
    /// How hard it is compressed; `None` is not at all.
    pub(super) level: Option<i32>,
}

/// A column of a row group, encoded.
pub(super) struct Chunk {
    pub(super) bytes: Bytes,
    pub(super) close: ColumnCloseResult,
    /// The least and greatest of a column of texts.
    pub(super) ends: Option<(String, String)>,
}

/// What a page has, before it is compressed.
pub(super) struct Raw<V> {
    /// Which rows have a value, where a column says so.
    pub(super) levels: Vec<u8>,
    pub(super) bytes: Vec<u8>,
    pub(super) rows: usize,
    pub(super) nulls: usize,
    pub(super) ends: Option<(V, V)>,
}

/// Encodes columns, one after the other.
pub(super) struct Chunks {
    zstd: zstd::bulk::Compressor<'static>,
}

impl Chunks {
    pub(super) fn new() -> Self {
        Self {
            zstd: zstd::bulk::Compressor::default(),
        }
    }

    /// Encodes a column.
    pub(super) fn encode(
        &mut self,
        of: &ColumnDescPtr,
        column: Column<'_>,
        layout: Layout,
    ) -> Result<Chunk, LakeError> {
        let page = layout.page;
        match column {
            Column::Texts(all, rows) => {
                let (all, pages) = numbered(&all, rows, page)?;
                let ends = all.first().zip(all.last());
                let ends = ends.map(|(least, most)| ((*least).to_owned(), (*most).to_owned()));
                let chunk = self.chunk(of, Some(&all), pages, Encoding::RLE_DICTIONARY, layout)?;
                Ok(Chunk { ends, ..chunk })
            }
            Column::Numbers(all, rows) => {
                let (all, pages) = numbered(&all, rows, page)?;
                self.chunk(of, Some(&all), pages, Encoding::RLE_DICTIONARY, layout)
            }
            Column::Long(all, rows) => {
                let (all, pages) = numbered(&all, rows, page)?;
                self.chunk(of, Some(&all), pages, Encoding::RLE_DICTIONARY, layout)
            }
            Column::Short(rows) => {
                let pages = rows.chunks(page).map(short).collect();
                self.chunk(of, None, pages, Encoding::BYTE_STREAM_SPLIT, layout)
            }
            Column::Truths(rows) => {
                let pages = rows.chunks(page).map(truths).collect();
                self.chunk(of, None, pages, Encoding::PLAIN, layout)
            }
        }
    }

    /// Compresses pages, and puts them together behind their dictionary, if they have one.
    fn chunk<V: Value>(
        &mut self,
        of: &ColumnDescPtr,
        dictionary: Option<&[V]>,
        pages: Vec<Raw<V>>,
        encoding: Encoding,
        layout: Layout,
    ) -> Result<Chunk, LakeError> {
        let dictionary = dictionary.map(|all| {
            let mut plain = vec![];
            all.iter().for_each(|value| value.plain(&mut plain));
            (plain, count(all.len()))
        });
        let of_pages: usize = pages.iter().map(|page| page.bytes.len()).sum();
        let uncompressed = of_pages + dictionary.as_ref().map_or(0, |(plain, _)| plain.len());
        let level = layout.level.filter(|_| uncompressed > FEW);
        if let Some(level) = level {
            let set = self.zstd.set_compression_level(level);
            set.map_err(ParquetError::from)?;
        }
        let mut bytes = TrackedWrite::new(Vec::with_capacity(uncompressed / 2));
        let mut writer = SerializedPageWriter::new(&mut bytes);
        let (mut compressed, mut total) = (0, 0);
        let (mut first_page, mut dictionary_at) = (None, None);
        let mut stats = vec![];
        if let Some((plain, count)) = dictionary {
            let page = Page::DictionaryPage {
                buf: self.compressed(&plain, level)?,
                num_values: count,
                encoding: Encoding::PLAIN,
                is_sorted: true,
            };
            let written = writer.write_page(CompressedPage::new(page, plain.len()))?;
            (compressed, total) = (written.compressed_size, written.uncompressed_size);
            dictionary_at = Some(offset(written.offset));
            stats.push(PageEncodingStats {
                page_type: PageType::DICTIONARY_PAGE,
                encoding: Encoding::PLAIN,
                count: 1,
            });
        }
        let (mut of_columns, mut offsets) = (
            ColumnIndexBuilder::new(of.physical_type()),
            OffsetIndexBuilder::new(),
        );
        let (mut rows, mut nulls, mut ends) = (0, 0, None);
        stats.push(PageEncodingStats {
            page_type: PageType::DATA_PAGE,
            encoding,
            count: i32::try_from(pages.len()).unwrap_or(i32::MAX),
        });
        for raw in pages {
            let plain = match of.max_def_level() {
                0 => raw.bytes,
                _ => [raw.levels, raw.bytes].concat(),
            };
            let page = Page::DataPage {
                buf: self.compressed(&plain, level)?,
                num_values: count(raw.rows),
                encoding,
                def_level_encoding: Encoding::RLE,
                rep_level_encoding: Encoding::RLE,
                statistics: None,
            };
            let written = writer.write_page(CompressedPage::new(page, plain.len()))?;
            compressed += written.compressed_size;
            total += written.uncompressed_size;
            first_page.get_or_insert(offset(written.offset));
            offsets.append_row_count(raw.rows as i64);
            let size = i32::try_from(written.compressed_size).unwrap_or(i32::MAX);
            offsets.append_offset_and_size(offset(written.offset), size);
            let [least, most] = raw
                .ends
                .map_or_else(<[_; 2]>::default, |(least, most)| [least.end(), most.end()]);
            of_columns.append(raw.ends.is_none(), least, most, raw.nulls as i64);
            rows += raw.rows;
            nulls += raw.nulls;
            ends = wider(ends, raw.ends);
        }
        let codec = match level {
            Some(level) => Compression::ZSTD(ZstdLevel::try_new(level)?),
            None => Compression::UNCOMPRESSED,
        };
        let mut encodings = vec![Encoding::PLAIN, Encoding::RLE];
        if encoding != Encoding::PLAIN {
            encodings.push(encoding);
        }
        let metadata = ColumnChunkMetaData::builder(of.clone())
            .set_compression(codec)
            .set_encodings(encodings)
            .set_page_encoding_stats(stats)
            .set_total_compressed_size(offset(compressed as u64))
            .set_total_uncompressed_size(offset(total as u64))
            .set_num_values(offset(rows as u64))
            .set_data_page_offset(first_page.unwrap_or_default())
            .set_dictionary_page_offset(dictionary_at)
            .set_statistics(V::statistics(ends, nulls as u64))
            .build()?;
        let column_index = layout.has_ends.then(|| of_columns.build()).transpose()?;
        Ok(Chunk {
            bytes: Bytes::from(bytes.into_inner()?),
            close: ColumnCloseResult {
                bytes_written: compressed as u64,
                rows_written: rows as u64,
                metadata,
                bloom_filter: None,
                column_index,
                offset_index: layout.has_offsets.then(|| offsets.build()),
            },
            ends: None,
        })
    }

    fn compressed(&mut self, bytes: &[u8], level: Option<i32>) -> Result<Bytes, LakeError> {
        if level.is_none() {
            return Ok(Bytes::copy_from_slice(bytes));
        }
        let compressed = self.zstd.compress(bytes);
        Ok(compressed.map_err(ParquetError::from)?.into())
    }
}

/// A page of decimals: the first bytes of all of them, then the second ones, and so on.
fn short(rows: &[Option<i64>]) -> Raw<i64> {
    let there: Vec<i64> = rows.iter().flatten().copied().collect();
    let nulls = rows.len() - there.len();
    let mut bytes = Vec::with_capacity(there.len() * 8);
    for byte in 0..8 {
        bytes.extend(there.iter().map(|value| value.to_le_bytes()[byte]));
    }
    Raw {
        levels: levels(rows.len(), nulls, |row| rows[row].is_some()),
        bytes,
        rows: rows.len(),
        nulls,
        ends: there.iter().min().copied().zip(there.iter().max().copied()),
    }
}

/// A page of truths, one bit each.
fn truths(rows: &[bool]) -> Raw<bool> {
    let bytes = rows.chunks(8).map(|rows| {
        let bits = rows.iter().enumerate();
        bits.fold(0u8, |byte, (at, truth)| byte | u8::from(*truth) << at)
    });
    Raw {
        levels: levels(rows.len(), 0, |_| true),
        bytes: bytes.collect(),
        rows: rows.len(),
        nulls: 0,
        ends: rows.iter().min().copied().zip(rows.iter().max().copied()),
    }
}

/// Which rows have a value.
pub(super) fn levels(rows: usize, nulls: usize, is_there: impl Fn(usize) -> bool) -> Vec<u8> {
    let mut levels = vec![0; 4];
    match nulls {
        0 => same(1, rows, 1, &mut levels),
        nulls if nulls == rows => same(0, rows, 1, &mut levels),
        _ => {
            let rows: Vec<u32> = (0..rows).map(|row| is_there(row).into()).collect();
            pack(&rows, 1, &mut levels);
        }
    }
    let length = count(levels.len() - 4).to_le_bytes();
    levels[..4].copy_from_slice(&length);
    levels
}

fn wider<V: Value>(ends: Option<(V, V)>, more: Option<(V, V)>) -> Option<(V, V)> {
    match (ends, more) {
        (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
        (ends, more) => ends.or(more),
    }
}

fn offset(offset: u64) -> i64 {
    i64::try_from(offset).unwrap_or(i64::MAX)
}
