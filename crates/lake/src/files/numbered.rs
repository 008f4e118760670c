//! Columns whose values are told by their numbers.

use super::{
    chunk::{Raw, levels},
    hybrid::{bits_of, pack, same},
    value::{Value, count},
};
use crate::{LakeError, spool::damaged};

/// The number of a row that has nothing in a column.
pub(crate) const NOTHING: u32 = u32::MAX;

/// The numbers of what rows have in a column.
pub(crate) enum Numbers {
    /// One for each row.
    Each(Vec<u32>),
    /// The same in so many rows: most columns are so.
    Same(u32, usize),
}

/// The values that rows have, in order, and pages of their numbers among these.
pub(super) fn numbered<V: Value>(
    all: &[V],
    rows: Numbers,
    page: usize,
) -> Result<(Vec<V>, Vec<Raw<V>>), LakeError> {
    match rows {
        Numbers::Each(rows) => each(all, rows, page),
        Numbers::Same(number, rows) => the_same(all, number, rows, page),
    }
}

/// The same of rows that all have the same.
fn the_same<V: Value>(
    all: &[V],
    number: u32,
    rows: usize,
    page: usize,
) -> Result<(Vec<V>, Vec<Raw<V>>), LakeError> {
    let value = match number {
        NOTHING => None,
        number => Some(*all.get(number as usize).ok_or_else(damaged)?),
    };
    let begins = (0..rows).step_by(page.min(rows.max(1)));
    let pages = begins.map(|begin| {
        let rows = page.min(rows - begin);
        let nulls = if value.is_some() { 0 } else { rows };
        // A number takes no bits where there is one value alone.
        let mut bytes = vec![0];
        if nulls == 0 {
            same(0, rows, 0, &mut bytes);
        }
        Raw {
            levels: levels(rows, nulls, |_| value.is_some()),
            bytes,
            rows,
            nulls,
            ends: value.map(|value| (value, value)),
        }
    });
    let pages = pages.collect();
    Ok((value.into_iter().collect(), pages))
}

fn each<V: Value>(
    all: &[V],
    mut rows: Vec<u32>,
    page: usize,
) -> Result<(Vec<V>, Vec<Raw<V>>), LakeError> {
    let mut places = vec![NOTHING; all.len()];
    for number in rows.iter().filter(|number| **number != NOTHING) {
        let place = places.get_mut(*number as usize);
        *place.ok_or_else(damaged)? = 0;
    }
    let used = places.iter().zip(all);
    let mut values: Vec<V> = used
        .filter_map(|(place, value)| (*place != NOTHING).then_some(*value))
        .collect();
    if !values.is_sorted_by(|a, b| a < b) {
        values.sort_unstable();
        values.dedup();
    }
    for (place, value) in places.iter_mut().zip(all) {
        if *place != NOTHING {
            *place = values.binary_search(value).map_or(NOTHING, count);
        }
    }
    for number in rows.iter_mut().filter(|number| **number != NOTHING) {
        *number = places[*number as usize];
    }
    let width = bits_of(count(values.len().saturating_sub(1)));
    let pages = rows.chunks(page).map(|rows| {
        let mut bytes = vec![];
        let (mut least, mut most, mut nulls) = (NOTHING, 0, 0);
        for number in rows {
            if *number == NOTHING {
                nulls += 1;
            } else {
                (least, most) = (least.min(*number), most.max(*number));
            }
        }
        bytes.extend_from_slice(&width.to_le_bytes()[..1]);
        if nulls == 0 {
            pack(rows, width, &mut bytes);
        } else {
            let there = rows.iter().filter(|number| **number != NOTHING);
            pack(&there.copied().collect::<Vec<_>>(), width, &mut bytes);
        }
        Raw {
            levels: levels(rows.len(), nulls, |row| rows[row] != NOTHING),
            bytes,
            rows: rows.len(),
            nulls,
            ends: (least != NOTHING).then(|| (values[least as usize], values[most as usize])),
        }
    });
    let pages = pages.collect();
    Ok((values, pages))
}
