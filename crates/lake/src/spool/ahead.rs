//! Rows that are merged by a thread of their own, ahead of who takes them.

use std::{
    collections::btree_set,
    sync::{
        Arc,
        mpsc::{Receiver, sync_channel},
    },
    thread,
};

use super::{
    merge::{Merge, Sorted},
    run::Packed,
};
use crate::LakeError;

/// How often rows are handed over before they are taken.
const BATCHES: usize = 8;

/// The rows of all runs by year and key, many at a time, each time of one year. The thread ends when it has merged all, or
/// when nobody takes them any more.
pub(super) enum Ahead {
    Beside(Receiver<Result<Vec<Packed>, LakeError>>),
    /// What never left the memory is merged where it is taken.
    Here(Box<All>),
    Over,
}

/// The rows of all years, one year after the other.
pub(super) struct All {
    sorted: Arc<Sorted>,
    years: btree_set::IntoIter<u16>,
    year: Option<Merge>,
}

impl All {
    fn of(sorted: &Arc<Sorted>) -> Self {
        Self {
            years: sorted.years().into_iter(),
            sorted: Arc::clone(sorted),
            year: None,
        }
    }

    /// None at the end.
    fn batch(&mut self) -> Result<Vec<Packed>, LakeError> {
        loop {
            if let Some(year) = &mut self.year {
                let rows = year.batch()?;
                if !rows.is_empty() {
                    return Ok(rows);
                }
            }
            let Some(year) = self.years.next() else {
                return Ok(vec![]);
            };
            self.year = Some(Merge::of(&self.sorted, year));
        }
    }
}

impl Ahead {
    pub(super) fn of(sorted: &Arc<Sorted>) -> Self {
        let mut all = All::of(sorted);
        if sorted.spilled.is_empty() {
            return Self::Here(Box::new(all));
        }
        let (sender, receiver) = sync_channel(BATCHES);
        let work = move || {
            loop {
                let rows = all.batch();
                let is_last = rows.as_ref().map_or(true, Vec::is_empty);
                if sender.send(rows).is_err() || is_last {
                    return;
                }
            }
        };
        match thread::Builder::new().name("merge".to_owned()).spawn(work) {
            Ok(_) => Self::Beside(receiver),
            // Where there is no thread to be had, it takes longer.
            Err(_) => Self::Here(Box::new(All::of(sorted))),
        }
    }
}

impl Iterator for Ahead {
    type Item = Result<Vec<Packed>, LakeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rows = match self {
            Self::Here(all) => all.batch(),
            // The last rows are none. A thread that is gone before it said so has failed.
            Self::Beside(receiver) => receiver.recv().unwrap_or_else(|_| {
                let why = "the thread that merges rows broke off";
                Err(LakeError::Damaged(why.to_owned()))
            }),
            Self::Over => return None,
        };
        let rows = rows
            .map(|rows| (!rows.is_empty()).then_some(rows))
            .transpose();
        if !matches!(rows, Some(Ok(_))) {
            *self = Self::Over;
        }
        rows
    }
}
