//! The sums of the rows that are written, which are added up, and put into files, beside the writing.

use std::sync::Arc;

use tokio::{
    runtime::Handle,
    sync::mpsc::{self, Receiver, Sender},
    task::JoinHandle,
};

use crate::{
    LakeError,
    spool::{Packed, PackedKey, Vocabulary},
    sums::{Ended, Files, Keeping, Kept},
};

/// How often rows are handed over before they are added up.
const BATCHES: usize = 8;

/// Sums that are added up by a thread of their own.
pub(super) struct Summing {
    /// The last ones are none: what ends without them was given up.
    rows: Sender<Option<Vec<Packed>>>,
    adding: JoinHandle<Result<u64, LakeError>>,
    keeping: JoinHandle<Result<Kept, LakeError>>,
    /// The fewest observations of which sums are kept: fewer are added up in no time.
    least: u64,
    handle: Handle,
}

impl Summing {
    /// Begins with no row. Nothing is kept of fewer observations than `least`.
    pub(super) fn begin(
        least: u64,
        vocabulary: &Arc<Vocabulary>,
        files: Files,
        handle: &Handle,
    ) -> Self {
        let (rows, taken) = mpsc::channel(BATCHES);
        // While a year is put into files, the next one is added up.
        let (years, ended) = mpsc::channel(1);
        let vocabulary = Arc::clone(vocabulary);
        Self {
            rows,
            adding: handle.spawn_blocking(move || added_up(taken, least, &vocabulary, &years)),
            keeping: handle.spawn_blocking(move || kept(ended, files)),
            least,
            handle: handle.clone(),
        }
    }

    /// Takes rows, in the order in which they are written; `false` where that has failed, which [`Self::finish`] tells.
    pub(super) fn push(&self, rows: Vec<Packed>) -> bool {
        self.rows.blocking_send(Some(rows)).is_ok()
    }

    /// The sums of all rows.
    pub(super) fn finish(self) -> Result<Kept, LakeError> {
        // Where nobody takes it any more, adding up has failed.
        let _ = self.rows.blocking_send(None);
        let rows = self.handle.block_on(self.adding)?;
        let kept = self.handle.block_on(self.keeping)?;
        // Who has nobody to hand on to ends as given up: why is said by the other one.
        match (rows, kept) {
            (Ok(rows), Ok(_)) if rows < self.least => Ok(Kept::default()),
            (Err(LakeError::GivenUp) | Ok(_), kept) => kept,
            (Err(error), _) => Err(error),
        }
    }
}

/// Hands on each year of which all rows were taken, the last one where there are not fewer than `least` in all, and gives how
/// many there are.
fn added_up(
    mut taken: Receiver<Option<Vec<Packed>>>,
    least: u64,
    vocabulary: &Vocabulary,
    years: &Sender<Option<Ended>>,
) -> Result<u64, LakeError> {
    let (mut keeping, mut rows) = (Keeping::default(), 0);
    let hand_on = |year: Option<Ended>| years.blocking_send(year).map_err(|_| LakeError::GivenUp);
    let mut last: Option<PackedKey> = None;
    while let Some(batch) = taken.blocking_recv().ok_or(LakeError::GivenUp)? {
        rows += batch.len() as u64;
        for row in batch {
            let attributes = vocabulary.attributes(&row)?;
            if !last.is_some_and(|last| last.is_beside(row.key))
                && let Some(year) = keeping.go_to(&vocabulary.key(row.key)?)
            {
                hand_on(Some(year))?;
            }
            last = Some(row.key);
            keeping.push_there(row.key.part().into(), row.value, attributes);
        }
    }
    if let Some(year) = keeping.finish().filter(|_| rows >= least) {
        hand_on(Some(year))?;
    }
    hand_on(None)?;
    Ok(rows)
}

/// The files of the sums of years.
fn kept(mut ended: Receiver<Option<Ended>>, mut files: Files) -> Result<Kept, LakeError> {
    while let Some(year) = ended.blocking_recv().ok_or(LakeError::GivenUp)? {
        let (year, sums) = year.sums();
        files.take(year, sums)?;
    }
    files.finish()
}
