//! The keys that a release replaces, as they are come upon.

use std::{iter::Peekable, vec::IntoIter};

use futures::StreamExt as _;
use regtrade_model::FigureKey;
use tokio::runtime::Handle;

use crate::{LakeError, read::Parts};

/// The keys that slices of a year had before, by key.
pub(super) type Keys = Parts<FigureKey>;

/// The keys of slices of a year that are replaced, one by one.
pub(super) struct Before<'h> {
    keys: Keys,
    read: Peekable<IntoIter<FigureKey>>,
    is_over: bool,
    handle: &'h Handle,
}

impl<'h> Before<'h> {
    pub(super) fn of(keys: Keys, handle: &'h Handle) -> Self {
        Self {
            keys,
            read: vec![].into_iter().peekable(),
            is_over: false,
            handle,
        }
    }

    /// Whether there is a next one.
    pub(super) fn has_more(&mut self) -> Result<bool, LakeError> {
        while !self.is_over && self.read.peek().is_none() {
            match self.handle.block_on(self.keys.next()) {
                Some(keys) => self.read = keys?.into_iter().peekable(),
                None => self.is_over = true,
            }
        }
        Ok(!self.is_over)
    }

    pub(super) fn next(&mut self) -> Result<Option<FigureKey>, LakeError> {
        self.has_more()?;
        Ok(self.read.next())
    }

    /// The next one that does not come after `key`.
    pub(super) fn next_up_to(&mut self, key: &FigureKey) -> Result<Option<FigureKey>, LakeError> {
        self.has_more()?;
        Ok(self.read.next_if(|before| before <= key))
    }
}
