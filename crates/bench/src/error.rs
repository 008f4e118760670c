//! What can go wrong in a benchmark.

use regtrade_lake::LakeError;
use regtrade_service::{Failure, secret::SecretError};
use tonic::Status;

/// Why a benchmark came to no end.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// Two answers that must be alike are not.
    #[error("{0}: answered otherwise by the one than by the other")]
    OtherAnswer(String),
    /// A synthetic release was not taken in.
    #[error("the release {0} was refused: {1}")]
    Refused(String, String),
    /// What the benchmark makes is no code, period or instant.
    #[error("what the benchmark makes is not well-formed: {0}")]
    Made(String),
    /// The write side failed.
    #[error("the write side failed: {}", .0.message)]
    Ingest(Box<Failure>),
    /// The read side failed.
    #[error("the read side failed: {0}")]
    Read(#[from] Box<Status>),
    /// There is no secret for the services.
    #[error("the services get no secret: {0}")]
    Secret(#[from] SecretError),
    /// The lake failed.
    #[error("the lake failed: {0}")]
    Lake(#[from] LakeError),
    /// An engine that is compared with cannot be started, or answers nothing that can be read.
    #[error("{0}: {1}")]
    Peer(&'static str, String),
    /// The services of their own process do not start.
    #[error("the services: {0}")]
    Services(String),
    /// A temporary folder or a port of this machine failed.
    #[error("a temporary folder or a port of this machine failed: {0}")]
    Machine(#[from] std::io::Error),
}

impl From<Failure> for BenchError {
    fn from(failure: Failure) -> Self {
        Self::Ingest(Box::new(failure))
    }
}
