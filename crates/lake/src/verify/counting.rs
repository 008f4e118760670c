//! Counting the slices of a release over its files: a large one begins in one file and ends in another.

use std::collections::BTreeMap;

use bytes::Bytes;
use regtrade_model::{Digest, FigureKey, Period, SliceObservations, Span};

use super::{
    Verification,
    files::{Held, What, compare},
    log::Added,
    sums,
};
use crate::{
    LakeError,
    files::{self, Statistics},
    rows::{self, Row},
    schema::Content,
    slices::Counter,
};

/// The slices of one release, as far as its files were read.
#[derive(Default)]
pub(super) struct Counting {
    folder: String,
    last: Option<(Period, FigureKey)>,
    open: Option<(Period, Counter)>,
    sums: sums::Adding,
    /// The file that was read last: a slice is with the file that it ends in.
    path: String,
}

impl Counting {
    /// Goes on to a file of a folder. What does not continue what was read before begins anew.
    pub(super) fn go_to(
        &mut self,
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
        if let (Some((period, counter)), Some(file)) = (before.open, held.get_mut(&before.path))
            && let What::Slices(slices) = &mut file.what
        {
            slices.insert(period, counter.finish());
        }
        before.sums.compare(&before.folder, held, found);
    }

    /// What a file of observations holds: the slices that end in it, but for the last one, which perhaps goes on.
    pub(super) fn hold(
        &mut self,
        path: &str,
        digest: Digest,
        bytes: Bytes,
        added: &Added,
        found: &mut Verification,
    ) -> Result<Held, LakeError> {
        let (mut statistics, mut ended) = (Statistics::default(), BTreeMap::new());
        for batch in files::decode(bytes)? {
            let batch = batch?;
            statistics.count(&batch);
            for row in rows::to_observations(&batch)? {
                self.count(row, &mut ended)?;
            }
        }
        compare(path, Content::Observation, &statistics, added, found);
        path.clone_into(&mut self.path);
        Ok(Held {
            content: Content::Observation,
            digest,
            rows: statistics.rows,
            what: What::Slices(ended),
        })
    }

    /// Counts a row, which comes after those before it by period and key.
    fn count(
        &mut self,
        row: Row,
        ended: &mut BTreeMap<Period, SliceObservations>,
    ) -> Result<(), LakeError> {
        let key = row.key();
        let place = (key.period.last(), key.clone());
        let follows = self.last.as_ref().is_none_or(|last| *last < place);
        if place.1.period != Span::at(place.0) || !follows {
            return Err(LakeError::Damaged(format!(
                "the row {} is out of order",
                place.1
            )));
        }
        let mut counter = match self.open.take() {
            Some((period, counter)) if period == place.0 => counter,
            Some((period, counter)) => {
                ended.insert(period, counter.finish());
                Counter::of(place.0)
            }
            None => Counter::of(place.0),
        };
        if let Row::There(observation) = &row {
            counter.count(observation);
            self.sums.push(observation);
        }
        self.open = Some((place.0, counter));
        self.last = Some(place);
        Ok(())
    }
}
