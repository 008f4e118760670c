//! What was used last, kept for the next call.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

/// The values that were used last, each by all that it follows from. All clones share them.
pub(crate) struct Recent<K, V> {
    most: usize,
    kept: Arc<Mutex<VecDeque<Entry<K, V>>>>,
}

struct Entry<K, V> {
    of: K,
    value: Arc<V>,
}

impl<K, V> Clone for Recent<K, V> {
    fn clone(&self) -> Self {
        Self {
            most: self.most,
            kept: Arc::clone(&self.kept),
        }
    }
}

impl<K: PartialEq, V> Recent<K, V> {
    /// Keeps `most` values.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            kept: Arc::default(),
        }
    }

    /// The value of a key, which is the most recent now.
    pub(crate) fn get(&self, of: &K) -> Option<Arc<V>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|entry| entry.of == *of)?;
        let entry = kept.remove(at)?;
        let value = Arc::clone(&entry.value);
        kept.push_front(entry);
        Some(value)
    }

    /// Keeps a value.
    pub(crate) fn keep(&self, of: K, value: &Arc<V>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let value = Arc::clone(value);
        kept.push_front(Entry { of, value });
        kept.truncate(self.most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_last_stays_and_what_was_not_goes() {
        let recent = Recent::new(2);
        for key in [1, 2] {
            recent.keep(key, &Arc::new(key * 10));
        }
        assert_eq!(recent.get(&1).as_deref(), Some(&10));
        recent.keep(3, &Arc::new(30));
        assert_eq!(recent.get(&2), None, "it was used before 1");
        assert_eq!(recent.get(&1).as_deref(), Some(&10));
        assert_eq!(recent.clone().get(&3).as_deref(), Some(&30));
    }
}
