//! What can go wrong, and what a caller is told of it.

use std::io;

use regtrade_lake::LakeError;
use regtrade_proto::InvalidField;
use regtrade_service::{Cause, Failure, ServeError};

use crate::config::ConfigError;

/// The service cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// What the configuration names cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The location of the lake is none.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// Serving failed.
    #[error(transparent)]
    Serve(#[from] ServeError),
}

/// What the caller is told when the lake cannot be read or written.
pub(crate) fn of_lake(error: &LakeError) -> Failure {
    match error {
        LakeError::NewerSchema { .. }
        | LakeError::OlderSchema { .. }
        | LakeError::NotALake(_)
        | LakeError::LogLost(_) => Failure::new(
            Cause::FailedPrecondition,
            "LAKE_UNUSABLE",
            error.to_string(),
        ),
        LakeError::TooPrecise(_) => {
            Failure::new(Cause::FailedPrecondition, "TOO_PRECISE", error.to_string())
        }
        LakeError::NoRelease(_) => {
            Failure::new(Cause::NotFound, "RELEASE_NOT_FOUND", error.to_string())
        }
        LakeError::NotAllowed(_) => {
            Failure::new(Cause::FailedPrecondition, "NOT_ALLOWED", error.to_string())
        }
        LakeError::BaseMoved(_) => {
            Failure::new(Cause::FailedPrecondition, "BASE_MOVED", error.to_string())
        }
        LakeError::Contradictory(_) => Failure::new(
            Cause::FailedPrecondition,
            "CONTRADICTORY",
            error.to_string(),
        ),
        LakeError::NoSpace(_) => {
            Failure::new(Cause::ResourceExhausted, "NO_SPACE", error.to_string())
        }
        LakeError::Temporary(cause) if is_full(cause) => Failure::new(
            Cause::ResourceExhausted,
            "NO_SPACE",
            "no space left in the temporary folder; nothing of this is visible. Make room, or name another folder with --temporary, and do it again",
        ),
        LakeError::Contended(_) => Failure::new(Cause::Aborted, "CONTENDED", error.to_string()),
        _ => Failure::internal(error),
    }
}

/// Whether a disk or a quota is full.
fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

/// What the caller is told of a field that does not hold what it must.
pub(crate) fn of_field(error: &InvalidField) -> Failure {
    Failure::invalid_field("INVALID_FIELD", &error.field, &error.description)
}
