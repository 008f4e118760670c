//! Rows that are merged by a thread of their own, ahead of who takes them.

use std::{
    collections::btree_set,
    sync::{
        Arc,
        mpsc::{Receiver, sync_channel},
    },
    thread,
    vec::IntoIter,
};

use super::{
    merge::{Merge, Sorted},
    run::Packed,
};
use crate::LakeError;

/// Rows that are handed over at once, and how often that before they are taken.
const ROWS: usize = 8192;
const BATCHES: usize = 4;

/// The rows of all runs by year and key. The thread ends when it has merged all, or when nobody takes them any more.
pub(super) enum Ahead {
    Beside(Receiver<Result<Vec<Packed>, LakeError>>, IntoIter<Packed>),
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
}

impl Iterator for All {
    type Item = Result<Packed, LakeError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.year.as_mut().and_then(Iterator::next) {
                return Some(row);
            }
            self.year = Some(Merge::of(&self.sorted, self.years.next()?));
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
                let rows: Result<Vec<Packed>, LakeError> = all.by_ref().take(ROWS).collect();
                let is_last = rows.as_ref().map_or(true, Vec::is_empty);
                if sender.send(rows).is_err() || is_last {
                    return;
                }
            }
        };
        match thread::Builder::new().name("merge".to_owned()).spawn(work) {
            Ok(_) => Self::Beside(receiver, vec![].into_iter()),
            // Where there is no thread to be had, it takes longer.
            Err(_) => Self::Here(Box::new(All::of(sorted))),
        }
    }
}

impl Iterator for Ahead {
    type Item = Result<Packed, LakeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (receiver, rows) = match self {
            Self::Here(all) => return all.next(),
            Self::Beside(receiver, rows) => (receiver, rows),
            Self::Over => return None,
        };
        if let Some(row) = rows.next() {
            return Some(Ok(row));
        }
        // The last rows are none. A thread that is gone before it said so has failed.
        let next = receiver.recv().unwrap_or_else(|_| {
            let why = "the thread that merges rows broke off";
            Err(LakeError::Damaged(why.to_owned()))
        });
        match next.map(Vec::into_iter) {
            Ok(mut next) => {
                let first = next.next();
                *rows = next;
                if first.is_none() {
                    *self = Self::Over;
                }
                first.map(Ok)
            }
            Err(error) => {
                *self = Self::Over;
                Some(Err(error))
            }
        }
    }
}
