//! Which rows of a file are read: row groups and pages that cannot hold what is chosen are left out by what the end of the
//! file says of them, and so are columns whose values it tells.

use std::{collections::BTreeSet, iter, ops::Bound, sync::Arc};

use arrow::{
    array::{ArrayRef, BooleanArray, DictionaryArray, Int32Array, StringArray, new_null_array},
    datatypes::DataType,
};
use parquet::file::{
    metadata::{ParquetMetaData, RowGroupMetaData},
    page_index::column_index::ColumnIndexMetaData,
    statistics::Statistics,
};
use regtrade_model::Period;

use super::read::Places;

/// Which rows of a file are read, and which of their columns.
#[derive(Debug, Clone, Default)]
pub(crate) struct Choice {
    /// The texts that columns may have; a row without a text is chosen, whatever they are.
    pub(crate) texts: Vec<(&'static str, BTreeSet<String>)>,
    /// Those that are deleted, or those that are not; `None` is both.
    pub(crate) deleted: Option<bool>,
    /// All of a row that is read.
    pub(crate) columns: &'static [&'static str],
}

/// What is read of a row group.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) group: usize,
    /// The rows of the pages that may hold what is chosen.
    pub(super) rows: Vec<u32>,
    /// The columns by which rows are chosen.
    pub(super) filtered: Vec<&'static str>,
    /// The columns that are read.
    pub(super) columns: Vec<&'static str>,
    /// The others, which have the same value in every row that is chosen.
    pub(super) known: Vec<(&'static str, Known)>,
}

/// The value that every row has.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Known {
    Nothing,
    Text(String),
    Number(i32),
    Truth(bool),
}

/// How much of a row group is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    None,
    Some,
    All,
}

/// The least and greatest text of a column of a row group that has one in every row.
type Ends<'a> = (&'a [u8], &'a [u8]);

impl Choice {
    /// What is read of the row groups of a file.
    pub(super) fn wanted(&self, file: &ParquetMetaData, places: &Places) -> Vec<Wanted> {
        let groups = file.row_groups().iter().enumerate();
        groups
            .filter_map(|(at, group)| self.in_group(file, at, group, places))
            .collect()
    }

    fn in_group(
        &self,
        file: &ParquetMetaData,
        at: usize,
        group: &RowGroupMetaData,
        places: &Places,
    ) -> Option<Wanted> {
        let statistics = |name: &str| group.column(places.of(name)?).statistics();
        let mut filtered = vec![];
        for (column, texts) in &self.texts {
            match part(ends(statistics(column)), texts) {
                Part::None => return None,
                Part::Some => filtered.push(*column),
                Part::All => {}
            }
        }
        let rows = self.rows(file, at, group, places, &filtered);
        if rows.is_empty() {
            return None;
        }
        // What differs most between rows leaves the fewest of them.
        filtered.sort_by_key(|column| (*column != "product", *column != "counterpart_area"));
        if let Some(wanted) = self.deleted {
            match known(statistics("deleted"), group.num_rows()) {
                Some(Known::Truth(is)) if is == wanted => {}
                Some(_) => return None,
                None => filtered.push("deleted"),
            }
        }
        let told = |name: &'static str| {
            // One column is read in any case, which tells how many rows there are.
            let statistics = statistics(name).filter(|_| name != "time_period");
            let of_all = known(statistics, group.num_rows());
            let chosen = || {
                ends(statistics)?;
                let (_, texts) = self.texts.iter().find(|(column, _)| *column == name)?;
                let text = texts.first().filter(|_| texts.len() == 1)?;
                Some(Known::Text(text.clone()))
            };
            of_all.or_else(chosen)
        };
        let (mut columns, mut others) = (vec![], vec![]);
        for name in self.columns {
            match told(name) {
                Some(value) => others.push((*name, value)),
                None => columns.push(*name),
            }
        }
        Some(Wanted {
            group: at,
            rows,
            filtered,
            columns,
            known: others,
        })
    }

    /// The rows of those pages of a row group whose ends say that they may hold what is chosen by some columns.
    fn rows(
        &self,
        file: &ParquetMetaData,
        at: usize,
        group: &RowGroupMetaData,
        places: &Places,
        columns: &[&str],
    ) -> Vec<u32> {
        let all = u32::try_from(group.num_rows()).unwrap_or_default();
        let mut ranges: Vec<_> = iter::once(0..all).collect();
        let indices = file.column_index().and_then(|index| index.get(at));
        let indices = indices.zip(file.offset_index().and_then(|index| index.get(at)));
        for (column, texts) in &self.texts {
            let place = columns
                .contains(column)
                .then(|| places.of(column))
                .flatten();
            let found = place.zip(indices).and_then(|(place, (ends, pages))| {
                let ColumnIndexMetaData::BYTE_ARRAY(ends) = ends.get(place)? else {
                    return None;
                };
                Some((ends, pages.get(place)?.page_locations()))
            });
            let Some((ends, pages)) = found else {
                continue;
            };
            let first = |page: usize| {
                let page = pages.get(page).map(|page| page.first_row_index);
                page.map_or(all, |row| u32::try_from(row).unwrap_or(all))
            };
            // Of many pages it is only asked whether they may, and texts compare as their bytes do: [`part`] says more, and
            // takes the longer.
            let texts: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
            let may = |page: usize| {
                let is_full = !ends.is_null_page(page) && ends.null_count(page) == Some(0);
                let ends = ends.min_value(page).zip(ends.max_value(page));
                ends.filter(|_| is_full).is_none_or(|(least, greatest)| {
                    let first = texts.partition_point(|text| *text < least);
                    texts.get(first).is_some_and(|text| *text <= greatest) || greatest < least
                })
            };
            // Of the pages, those that the columns before this one leave.
            let (mut left, mut page) = (vec![], 0);
            for range in &ranges {
                while page < pages.len() && first(page + 1) <= range.start {
                    page += 1;
                }
                let mut of_range = page;
                while of_range < pages.len() && first(of_range) < range.end {
                    if may(of_range) {
                        let begin = range.start.max(first(of_range));
                        left.push(begin..range.end.min(first(of_range + 1)));
                    }
                    of_range += 1;
                }
            }
            ranges = left;
        }
        let mut rows = vec![];
        ranges.into_iter().for_each(|range| rows.extend(range));
        rows
    }
}

/// How much of what lies between two ends is among some texts.
fn part(ends: Option<Ends<'_>>, texts: &BTreeSet<String>) -> Part {
    // Where they are not known, all is possible.
    let ends = ends.and_then(|(least, greatest)| {
        Some((str::from_utf8(least).ok()?, str::from_utf8(greatest).ok()?))
    });
    let Some((least, greatest)) = ends.filter(|(least, greatest)| least <= greatest) else {
        return Part::Some;
    };
    let between = (Bound::Included(least), Bound::Included(greatest));
    let mut found = texts.range::<str, _>(between);
    let Some(first) = found.next() else {
        return Part::None;
    };
    let is_all =
        least == greatest || (first == least && months(least, greatest) == Some(1 + found.count()));
    if is_all { Part::All } else { Part::Some }
}

/// How many months there are from one to another of the same year: between their texts there is nothing else.
fn months(first: &str, last: &str) -> Option<usize> {
    let month = |text: &str| {
        let period: Period = text.parse().ok()?;
        (period.frequency() == "M").then_some((period.year(), usize::from(period.number())))
    };
    let ((year, first), (same, last)) = (month(first)?, month(last)?);
    (year == same).then(|| last + 1 - first)
}

fn ends(statistics: Option<&Statistics>) -> Option<Ends<'_>> {
    // A row without a text is chosen, and not between the ends.
    let statistics = statistics.filter(|known| known.null_count_opt() == Some(0))?;
    Some((statistics.min_bytes_opt()?, statistics.max_bytes_opt()?))
}

/// The value that every row of a row group has.
fn known(statistics: Option<&Statistics>, rows: i64) -> Option<Known> {
    let statistics = statistics?;
    let nulls = statistics.null_count_opt()?;
    if u64::try_from(rows) == Ok(nulls) {
        return Some(Known::Nothing);
    }
    let is_whole = nulls == 0 && statistics.min_is_exact() && statistics.max_is_exact();
    if !is_whole || statistics.min_bytes_opt()? != statistics.max_bytes_opt()? {
        return None;
    }
    match statistics {
        Statistics::ByteArray(ends) => {
            let text = str::from_utf8(ends.min_opt()?.data()).ok()?;
            Some(Known::Text(text.to_owned()))
        }
        Statistics::Int32(ends) => ends.min_opt().copied().map(Known::Number),
        Statistics::Boolean(ends) => ends.min_opt().copied().map(Known::Truth),
        _ => None,
    }
}

impl Known {
    /// A column of so many rows that has it, of a type.
    pub(super) fn column(&self, rows: usize, of: &DataType) -> ArrayRef {
        match self {
            Self::Nothing => new_null_array(of, rows),
            Self::Text(text) => {
                let keys = Int32Array::from(vec![0; rows]);
                let texts = Arc::new(StringArray::from(vec![text.as_str()]));
                let made = DictionaryArray::try_new(keys, texts);
                made.map_or_else(|_| new_null_array(of, rows), |made| Arc::new(made))
            }
            Self::Number(number) => Arc::new(Int32Array::from(vec![*number; rows])),
            Self::Truth(truth) => Arc::new(BooleanArray::from(vec![*truth; rows])),
        }
    }
}
