//! What can go wrong with a lake.

use std::{error::Error, io};

/// A lake cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// The location is not one.
    #[error("`{location}` is not the location of a lake: {reason}")]
    Location {
        /// As it was given.
        location: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The lake was written by a newer version of this software.
    #[error(
        "the lake has schema version {found}, and this version of regtrade knows {known} at most: use a newer regtrade"
    )]
    NewerSchema {
        /// The version in the lake.
        found: u32,
        /// The newest version that is known.
        known: u32,
    },
    /// The lake was written by an older version of this software than the first that was released.
    #[error(
        "the lake has schema version {found}, which no released regtrade wrote, and this version writes {known}: take its releases into a new lake, from the files that were handed in"
    )]
    OlderSchema {
        /// The version in the lake.
        found: u32,
        /// The one that is known.
        known: u32,
    },
    /// The folder holds a Delta table that is not a lake of this software.
    #[error("the Delta table at {0} is not a lake of regtrade: it has no property `{property}`", property = crate::schema::VERSION_PROPERTY)]
    NotALake(url::Url),
    /// There are files of releases, and no log that names them.
    #[error(
        "the folder {0} has files of releases and no log: restore `_delta_log` from a copy, or name another folder"
    )]
    LogLost(url::Url),
    /// A row does not hold what the schema says.
    #[error("a stored row is damaged: {0}")]
    Damaged(String),
    /// A value has more digits than the lake keeps.
    #[error("{0} has more than {digits} digits or {scale} decimals", digits = crate::schema::PRECISION, scale = crate::schema::SCALE)]
    TooPrecise(regtrade_model::Decimal),
    /// What was handed in contradicts itself.
    #[error("the release cannot be stored: {0}")]
    Contradictory(String),
    /// There is no lake.
    #[error("there is no lake at {0}: no release was committed there")]
    NoLake(url::Url),
    /// There is no room left where the lake is.
    #[error(
        "no space left where the lake is; nothing of this is visible in it. Make room and do it again: {0}"
    )]
    NoSpace(String),
    /// The temporary folder cannot be written or read. Making room there, or naming another one, helps.
    #[error("the temporary folder failed; nothing of this is visible in the lake: {0}")]
    Temporary(#[source] std::io::Error),
    /// A task that reads or writes broke off.
    #[error("a task of the lake broke off: {0}")]
    BrokeOff(#[from] tokio::task::JoinError),
    /// Nobody waits for what is being written any more.
    #[error("the commit was given up while its files were written; nothing of it is visible")]
    GivenUp,
    /// There is no such release.
    #[error("there is no release {0} in the lake")]
    NoRelease(regtrade_model::ReleaseId),
    /// Something cannot happen to a release.
    #[error(transparent)]
    NotAllowed(#[from] regtrade_model::NotAllowed),
    /// A partial update was made for another state of the statistics.
    #[error("{0}")]
    BaseMoved(String),
    /// Others committed again and again in between. Trying again helps.
    #[error("other releases were committed {0} times in between; try again")]
    Contended(u32),
    /// The Delta log failed. Trying again may help.
    #[error("the lake's log failed: {0}")]
    Delta(#[from] deltalake::DeltaTableError),
    /// The store of the files failed. Trying again may help.
    #[error("the lake's store failed: {0}")]
    Store(deltalake::ObjectStoreError),
    /// A Parquet file cannot be written or read.
    #[error("a Parquet file cannot be written or read: {0}")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// Columns could not be made or read.
    #[error("columns do not fit the schema: {0}")]
    Columns(#[from] arrow::error::ArrowError),
}

impl From<deltalake::ObjectStoreError> for LakeError {
    fn from(error: deltalake::ObjectStoreError) -> Self {
        if is_full(&error) {
            Self::NoSpace(error.to_string())
        } else {
            Self::Store(error)
        }
    }
}

/// Whether an error came of a disk or a quota that is full.
fn is_full(error: &(dyn Error + 'static)) -> bool {
    let full = error.downcast_ref::<io::Error>().is_some_and(|error| {
        matches!(
            error.kind(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
        )
    });
    full || error.source().is_some_and(is_full)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_other_failures_of_the_store() {
        let failed = |kind: io::ErrorKind| {
            LakeError::from(deltalake::ObjectStoreError::Generic {
                store: "LocalFileSystem",
                source: Box::new(io::Error::from(kind)),
            })
        };
        for full in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded] {
            let told = failed(full).to_string();
            assert!(told.starts_with("no space left"), "{told}");
        }
        assert!(matches!(
            failed(io::ErrorKind::PermissionDenied),
            LakeError::Store(_)
        ));
    }
}
