//! The masks of slices, kept by what the slices are.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use regtrade_model::{Digest, FigureKey};

use super::Mask;

/// How many masks are kept.
const KEPT: usize = 256;

/// What a mask follows from: the observations of a slice, and the levels of it that are printed.
type Origin = (Digest, BTreeSet<FigureKey>);

/// The masks that were used last. A mask is of a digest: equal observations have the same, whatever release has them,
/// and other observations never get it.
#[derive(Clone, Default)]
pub(crate) struct Masks(Arc<Mutex<VecDeque<(Origin, Arc<Mask>)>>>);

impl Masks {
    pub(crate) fn get(&self, digest: Digest, printed: &BTreeSet<FigureKey>) -> Option<Arc<Mask>> {
        let mut masks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = masks
            .iter()
            .position(|((of, with), _)| *of == digest && with == printed)?;
        let found = masks.remove(at)?;
        let mask = Arc::clone(&found.1);
        masks.push_front(found);
        Some(mask)
    }

    pub(crate) fn keep(&self, digest: Digest, printed: BTreeSet<FigureKey>, mask: &Arc<Mask>) {
        let mut masks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        masks.push_front(((digest, printed), Arc::clone(mask)));
        masks.truncate(KEPT);
    }
}
