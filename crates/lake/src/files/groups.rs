//! Row groups of observations and of their sums, each encoded by itself: those of a file are encoded side by side, and put
//! together in their order.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use arrow::datatypes::Schema;
use parquet::{
    arrow::ArrowSchemaConverter,
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::types::SchemaDescriptor,
};

use super::{
    Encoded, Statistics,
    chunk::{Chunk, Chunks, Layout},
    statistics::WITH_STATISTICS,
};
use crate::{
    LakeError,
    schema::{Content, OBS_VALUE, columns},
    spool::{Columns, Group},
};

/// The columns in which neighbours differ, where rows are sorted by key.
const IN_PAGES: [&str; 5] = [
    "product",
    "counterpart_area",
    "concept",
    "time_period",
    OBS_VALUE,
];

/// Columns that are the same in a great many rows in a row: what is left of them takes longer to unpack than to read.
const IN_LONG_RUNS: [&str; 9] = [
    "content",
    "dataflow",
    "release",
    "freq",
    "ref_area",
    "item",
    "activity",
    "indicator",
    "unit",
];

/// How hard zstd compresses, and how hard the values of observations, which are most of a file.
const LEVEL: i32 = 1;
const LEVEL_OF_VALUES: i32 = 3;

/// A row group that is encoded.
pub(crate) struct EncodedGroup {
    rows: u64,
    schema: Arc<SchemaDescriptor>,
    chunks: Vec<(&'static str, Chunk)>,
}

impl EncodedGroup {
    /// Encodes rows. Where they are sorted, the file says what of each page of so many rows its keys lie between.
    pub(crate) fn of(rows: &Group, page: Option<usize>) -> Result<Self, LakeError> {
        let columns = rows.columns()?;
        let schema = Arc::new(schema_of(&columns)?);
        let mut chunks = Chunks::new();
        let columns = columns.into_iter().enumerate().map(|(at, (name, column))| {
            let chunk = chunks.encode(&schema.column(at), column, layout(name, page))?;
            Ok((name, chunk))
        });
        Ok(Self {
            rows: rows.len() as u64,
            chunks: columns.collect::<Result<_, LakeError>>()?,
            schema,
        })
    }

    /// How many rows it has.
    pub(crate) const fn rows(&self) -> u64 {
        self.rows
    }
}

/// The columns of a file, which are in the order of the schema.
fn schema_of(named: &Columns<'_>) -> Result<SchemaDescriptor, LakeError> {
    let all = columns();
    let fields = named
        .iter()
        .map(|(name, _)| all.field_with_name(name).cloned());
    let schema = Schema::new(fields.collect::<Result<Vec<_>, _>>()?);
    Ok(ArrowSchemaConverter::new().convert(&schema)?)
}

fn layout(column: &str, page: Option<usize>) -> Layout {
    let is_value = column == OBS_VALUE;
    let in_pages = page.filter(|_| IN_PAGES.contains(&column));
    let level = match column {
        // The first column that is looked at is not unpacked where it says that there is nothing.
        "product" if page.is_some() => None,
        _ if IN_LONG_RUNS.contains(&column) => None,
        // The bytes of values are put together by their place, and compress better so, and harder.
        _ if is_value => Some(LEVEL_OF_VALUES),
        _ => Some(LEVEL),
    };
    Layout {
        page: in_pages.unwrap_or(usize::MAX),
        has_offsets: page.is_some(),
        has_ends: in_pages.is_some() && !is_value,
        level,
    }
}

/// A file that row groups go into. What it has of them is in memory, encoded and compressed.
pub(crate) struct Encoder {
    content: Content,
    file: SerializedFileWriter<Vec<u8>>,
    page: Option<usize>,
    statistics: Statistics,
}

impl Encoder {
    /// A file that begins with rows, laid out like [`EncodedGroup::of`].
    pub(crate) fn begin(
        content: Content,
        rows: &Group,
        page: Option<usize>,
    ) -> Result<Self, LakeError> {
        Self::begin_with(content, EncodedGroup::of(rows, page)?, page)
    }

    /// A file that begins with a row group.
    pub(crate) fn begin_with(
        content: Content,
        group: EncodedGroup,
        page: Option<usize>,
    ) -> Result<Self, LakeError> {
        let properties = WriterProperties::builder().set_offset_index_disabled(page.is_none());
        let schema = group.schema.root_schema_ptr();
        let mut begun = Self {
            content,
            file: SerializedFileWriter::new(vec![], schema, Arc::new(properties.build()))?,
            page,
            statistics: Statistics::default(),
        };
        begun.append(group)?;
        Ok(begun)
    }

    /// One row group more.
    pub(crate) fn group(&mut self, rows: &Group) -> Result<(), LakeError> {
        self.append(EncodedGroup::of(rows, self.page)?)
    }

    /// One more that is encoded.
    pub(crate) fn append(&mut self, group: EncodedGroup) -> Result<(), LakeError> {
        self.statistics.rows += group.rows;
        let mut into = self.file.next_row_group()?;
        for (name, chunk) in group.chunks {
            let counted = WITH_STATISTICS.into_iter().find(|column| *column == name);
            if let Some((column, (least, most))) = counted.zip(chunk.ends) {
                self.statistics.widen(column, &least, &most);
            }
            into.append_column(&chunk.bytes, chunk.close)?;
        }
        into.close()?;
        Ok(())
    }

    /// How many rows it has.
    pub(crate) const fn rows(&self) -> u64 {
        self.statistics.rows
    }

    /// The file, named by the digest of its bytes.
    pub(crate) fn finish(self, folder: &str) -> Result<Encoded, LakeError> {
        let bytes = self.file.into_inner()?;
        Ok(Encoded::of(folder, self.content, bytes, &self.statistics))
    }
}
