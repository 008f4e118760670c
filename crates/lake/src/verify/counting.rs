//! Counting the slices of a release over its files: a large one begins in one file and ends in another.

use std::collections::BTreeMap;

use bytes::Bytes;
use regtrade_model::{Digest, FigureKey, Span};

use super::{
    Verification,
    files::{Held, What, compare},
    log::Added,
    sums,
};
use crate::{
    Lake, LakeError,
    files::{self, Statistics},
    rows::{self, Row},
    schema::Content,
    slices::Counters,
};

/// The slices of one release, as far as its files were read.
#[derive(Default)]
pub(super) struct Counting {
    folder: String,
    last: Option<(u16, FigureKey)>,
    counters: Counters,
    sums: sums::Adding,
    /// The file that was read last: the slices are with it.
    path: String,
}

impl Counting {
    /// Goes on to a file of a folder. What does not continue what was read before begins anew.
    pub(super) async fn go_to(
        &mut self,
        lake: &Lake,
        folder: &str,
        is_in_order: bool,
        held: &mut BTreeMap<String, Held>,
        found: &mut Verification,
    ) {
        if folder == self.folder && is_in_order {
            return;
        }
        let before = std::mem::take(self);
        self.folder = folder.to_owned();
        if let Some(file) = held.get_mut(&before.path)
            && let What::Slices(slices) = &mut file.what
        {
            slices.extend(before.counters.finish());
        }
        before.sums.compare(lake, &before.folder, held, found).await;
    }

    /// What a file of observations holds. Its slices perhaps go on in the next one.
    pub(super) async fn hold(
        &mut self,
        lake: &Lake,
        path: &str,
        (bytes, digest): (Bytes, Digest),
        added: &Added,
        held: &BTreeMap<String, Held>,
        found: &mut Verification,
    ) -> Result<Held, LakeError> {
        let mut statistics = Statistics::default();
        for batch in files::decode(bytes)? {
            let batch = batch?;
            statistics.count(&batch);
            for row in rows::to_observations(&batch)? {
                self.count(row)?;
            }
            self.sums.settle(lake, &self.folder, held).await;
        }
        compare(path, Content::Observation, &statistics, added, found);
        path.clone_into(&mut self.path);
        Ok(Held {
            content: Content::Observation,
            digest,
            rows: statistics.rows,
            what: What::Slices(BTreeMap::new()),
        })
    }

    /// Counts a row, which comes after those before it by year and key.
    fn count(&mut self, row: Row) -> Result<(), LakeError> {
        let key = row.key();
        let period = key.period.last();
        let place = (period.year(), key.clone());
        let follows = self.last.as_ref().is_none_or(|last| *last < place);
        if place.1.period != Span::at(period) || !follows {
            return Err(LakeError::Damaged(format!(
                "the row {} is out of order",
                place.1
            )));
        }
        let counter = self.counters.of(period);
        if let Row::There(observation) = &row {
            counter.count(observation);
            self.sums.push(observation);
        }
        self.last = Some(place);
        Ok(())
    }
}
