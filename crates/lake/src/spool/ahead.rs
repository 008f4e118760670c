//! Rows that are merged by a thread of their own, ahead of who takes them.

use std::{
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
    Here(Box<Merge>),
    Over,
}

impl Ahead {
    pub(super) fn of(sorted: &Arc<Sorted>) -> Self {
        let mut merge = Merge::of(sorted);
        if sorted.spilled.is_empty() {
            return Self::Here(Box::new(merge));
        }
        let (sender, receiver) = sync_channel(BATCHES);
        let work = move || {
            loop {
                let rows: Result<Vec<Packed>, LakeError> = merge.by_ref().take(ROWS).collect();
                let is_last = rows.as_ref().map_or(true, Vec::is_empty);
                if sender.send(rows).is_err() || is_last {
                    return;
                }
            }
        };
        match thread::Builder::new().name("merge".to_owned()).spawn(work) {
            Ok(_) => Self::Beside(receiver, vec![].into_iter()),
            // Where there is no thread to be had, it takes longer.
            Err(_) => Self::Here(Box::new(Merge::of(sorted))),
        }
    }
}

impl Iterator for Ahead {
    type Item = Result<Packed, LakeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (receiver, rows) = match self {
            Self::Here(merge) => return merge.next(),
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
