//! Columns beside each other that seldom change: what they all say is compared with the line before at once.

use std::ops::Range;

use super::plan::Column;
use crate::mapping::target::Target;

/// A column stands still where at most one line of so many has not the cell of the line before.
const LINES_PER_MOVE: usize = 8;

/// The stretches of a line.
#[derive(Debug, Default)]
pub(super) struct Stretches {
    /// By their first column.
    all: Vec<Option<Stretch>>,
    /// The first column, and where that begins, of the stretch whose columns are read one by one.
    open: Option<(usize, usize)>,
}

/// Some columns beside each other.
#[derive(Debug)]
struct Stretch {
    /// The column after the last one.
    end: usize,
    is_at_the_end: bool,
    /// Their cells in the line that was read last, with what stands between and behind them; empty where a cell was read
    /// since that may be another.
    text: Vec<u8>,
}

impl Stretches {
    /// Finds the columns that stand still, out of how often each did not in so many lines.
    pub(super) fn plan(
        &mut self,
        columns: &[Column],
        moves: impl Iterator<Item = usize>,
        lines: usize,
    ) {
        let stands = columns
            .iter()
            .zip(moves)
            .map(|(column, moves)| match column {
                Column::Any | Column::Gives(Target::ObsValue, _) => false,
                _ => moves * LINES_PER_MOVE <= lines,
            });
        let stands: Vec<bool> = stands.collect();
        self.open = None;
        self.all.clear();
        self.all.resize_with(columns.len(), || None);
        let mut begin = 0;
        for together in stands.chunk_by(|a, b| a == b) {
            let end = begin + together.len();
            if together.len() > 1 && together.first() == Some(&true) {
                self.all[begin] = Some(Stretch {
                    end,
                    is_at_the_end: end == columns.len(),
                    text: vec![],
                });
            }
            begin = end;
        }
    }

    /// What was read before says nothing any more.
    pub(super) fn forget(&mut self) {
        self.open = None;
        for stretch in self.all.iter_mut().flatten() {
            stretch.text.clear();
        }
    }

    /// Where the columns end from one on that are the same as before, and the column that follows. Where they are not, they
    /// are to be read one by one.
    pub(super) fn same(
        &mut self,
        column: usize,
        bytes: &[u8],
        Range { start: at, end }: Range<usize>,
    ) -> Option<(usize, usize)> {
        let stretch = self.all.get_mut(column)?.as_mut()?;
        let stop = at + stretch.text.len();
        let is_end = stop == end || stop < end && !stretch.is_at_the_end;
        if is_end && stop > at && bytes.get(at..stop) == Some(&stretch.text) {
            return Some((stop, stretch.end));
        }
        stretch.text.clear();
        self.open = Some((column, at));
        None
    }

    /// Keeps the columns that were read one by one, where a column is the first after them, and begins at a place.
    pub(super) fn end(&mut self, column: usize, bytes: &[u8], at: usize) {
        let Some((first, begin)) = self.open else {
            return;
        };
        if let Some(Some(stretch)) = self.all.get_mut(first)
            && stretch.end == column
        {
            stretch
                .text
                .extend_from_slice(bytes.get(begin..at).unwrap_or_default());
            self.open = None;
        }
    }
}
