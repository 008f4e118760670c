//! Sums in total that were read last. Of each release they are some thousand rows, which say of which months there is
//! detail, too, so that nearly every answer needs them: they are decoded once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use arrow::array::RecordBatch;
use futures::TryStreamExt as _;

use super::Kind;
use crate::{Lake, LakeError, files::Choice, read, rows};

/// How many files are remembered, with some hundred kilobytes each.
const MOST: usize = 64;

/// The files that were read last, whose names say what is in them.
#[derive(Default)]
pub(crate) struct Totals(Mutex<HashMap<String, Arc<Vec<RecordBatch>>>>);

impl Totals {
    /// Whether sums of a kind are remembered.
    pub(super) const fn have(kind: Kind) -> bool {
        matches!(kind, Kind::Months | Kind::Years)
    }

    /// All rows of a file of so many bytes.
    pub(super) async fn of(
        &self,
        lake: &Lake,
        file: (String, u64),
    ) -> Result<Arc<Vec<RecordBatch>>, LakeError> {
        if let Some(known) = self.lock().get(&file.0) {
            return Ok(Arc::clone(known));
        }
        let path = file.0.clone();
        let choice = Choice {
            texts: vec![],
            deleted: Some(false),
            columns: rows::OBSERVATION_COLUMNS,
        };
        let batches = read::batches(lake, vec![file], choice);
        let batches = Arc::new(batches.try_collect().await?);
        let mut known = self.lock();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(path, Arc::clone(&batches));
        Ok(batches)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Vec<RecordBatch>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
