//! The values of columns, as Parquet writes them.

use parquet::{
    data_type::{ByteArray, FixedLenByteArray},
    file::statistics::Statistics,
};

/// A value of a column.
pub(super) trait Value: Copy + Ord {
    /// Appends it as it is in a page.
    fn plain(self, into: &mut Vec<u8>);
    /// As the index of pages has it.
    fn end(self) -> Vec<u8> {
        let mut end = vec![];
        self.plain(&mut end);
        end
    }
    /// What is said of a column: its least and greatest value, and in how many rows it has none.
    fn statistics(ends: Option<(Self, Self)>, nulls: u64) -> Statistics;
}

impl Value for &str {
    fn plain(self, into: &mut Vec<u8>) {
        into.extend_from_slice(&count(self.len()).to_le_bytes());
        into.extend_from_slice(self.as_bytes());
    }

    fn end(self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }

    fn statistics(ends: Option<(Self, Self)>, nulls: u64) -> Statistics {
        let [least, most] = each(ends, |end| ByteArray::from(end.end()));
        Statistics::byte_array(least, most, None, Some(nulls), false)
    }
}

impl Value for i32 {
    fn plain(self, into: &mut Vec<u8>) {
        into.extend_from_slice(&self.to_le_bytes());
    }

    fn statistics(ends: Option<(Self, Self)>, nulls: u64) -> Statistics {
        let [least, most] = each(ends, |end| end);
        Statistics::int32(least, most, None, Some(nulls), false)
    }
}

impl Value for i64 {
    fn plain(self, into: &mut Vec<u8>) {
        into.extend_from_slice(&self.to_le_bytes());
    }

    fn statistics(ends: Option<(Self, Self)>, nulls: u64) -> Statistics {
        let [least, most] = each(ends, |end| end);
        Statistics::int64(least, most, None, Some(nulls), false)
    }
}

impl Value for i128 {
    fn plain(self, into: &mut Vec<u8>) {
        into.extend_from_slice(&self.to_be_bytes());
    }

    fn statistics(ends: Option<(Self, Self)>, nulls: u64) -> Statistics {
        let [least, most] = each(ends, |end| FixedLenByteArray::from(end.end()));
        Statistics::fixed_len_byte_array(least, most, None, Some(nulls), false)
    }
}

impl Value for bool {
    fn plain(self, into: &mut Vec<u8>) {
        into.push(self.into());
    }

    fn statistics(ends: Option<(Self, Self)>, nulls: u64) -> Statistics {
        let [least, most] = each(ends, |end| end);
        Statistics::boolean(least, most, None, Some(nulls), false)
    }
}

fn each<V, T>(ends: Option<(V, V)>, of: impl Fn(V) -> T) -> [Option<T>; 2] {
    ends.map_or([None, None], |(least, most)| {
        [Some(of(least)), Some(of(most))]
    })
}

/// A number of things, which are never so many that it does not fit.
pub(super) fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
