//! How the command ends: with which code, and what is said.

use std::error::Error;
use std::io;
use std::process::ExitCode;

use regtrade_service::error::{Cause, Failure};

/// Why the command does not end with code 0, or ends early.
#[derive(Debug)]
pub enum Exit {
    /// Code 1: the answer is no. What is said; nothing where all is said already.
    No(Option<String>),
    /// Code 2: the command was used wrongly.
    Usage(String),
    /// Code 3: a service failed or is away.
    Service(String),
    /// Code 0: nobody reads standard output any more.
    Unread,
}

impl Exit {
    /// The answer is no, and why.
    pub fn no(message: impl Into<String>) -> Self {
        Self::No(Some(message.into()))
    }

    /// A service could not start, or failed.
    pub fn failed(what: &str, error: &(dyn Error + 'static)) -> Self {
        Self::Service(format!("{what}: {}", chain(error)))
    }

    /// A file cannot be read or written.
    pub fn file(path: &std::path::Path, what: &str, error: &io::Error) -> Self {
        Self::no(format!("{}: {what}: {error}", path.display()))
    }

    /// What a failed call means for whoever typed the command.
    pub fn answered(failure: &Failure) -> Self {
        let mut message = failure.message.clone();
        if message.is_empty() {
            message = failure.reason.to_string();
        }
        for violation in &failure.violations {
            if !message.contains(&violation.description) {
                message.push_str(&format!("; {}: {}", violation.field, violation.description));
            }
        }
        match failure.cause {
            Cause::InvalidArgument => Self::Usage(message),
            Cause::FailedPrecondition if failure.reason == "LAKE_UNUSABLE" => {
                Self::Service(message)
            }
            Cause::NotFound
            | Cause::AlreadyExists
            | Cause::FailedPrecondition
            | Cause::PermissionDenied => Self::no(message),
            Cause::Unauthenticated if failure.reason == "BACKEND_ONLY" => Self::no(message),
            Cause::Unauthenticated => Self::no(format!("{message}; give a token with --token")),
            Cause::DeadlineExceeded => {
                Self::Service(format!("{message}; give it more time with --timeout"))
            }
            Cause::Aborted
            | Cause::ResourceExhausted
            | Cause::Unavailable
            | Cause::Unimplemented
            | Cause::Internal => Self::Service(message),
        }
    }

    /// The code, and what is to be said.
    pub fn told(self) -> (ExitCode, Option<String>) {
        match self {
            Self::Unread => (ExitCode::SUCCESS, None),
            Self::No(message) => (ExitCode::from(1), message),
            Self::Usage(message) => (ExitCode::from(2), Some(message)),
            Self::Service(message) => (ExitCode::from(3), Some(message)),
        }
    }
}

/// An error with all that caused it.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        source = error.source();
        let cause = error.to_string();
        // Some errors repeat their cause in their own words.
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}
