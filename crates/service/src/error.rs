//! The one table from error to `tonic::Status`, and back.
//!
//! | cause | code | a retry helps | typical reasons |
//! |---|---|---|---|
//! | [`Cause::InvalidArgument`] | `INVALID_ARGUMENT` | no, ask otherwise | with the fields that are wrong |
//! | [`Cause::NotFound`] | `NOT_FOUND` | no | |
//! | [`Cause::AlreadyExists`] | `ALREADY_EXISTS` | no | |
//! | [`Cause::FailedPrecondition`] | `FAILED_PRECONDITION` | after a change of state | |
//! | [`Cause::Aborted`] | `ABORTED` | yes, from the beginning | another writer came between |
//! | [`Cause::PermissionDenied`] | `PERMISSION_DENIED` | no | |
//! | [`Cause::Unauthenticated`] | `UNAUTHENTICATED` | no | `BACKEND_ONLY` |
//! | [`Cause::ResourceExhausted`] | `RESOURCE_EXHAUSTED` | later, or by asking for less | `CONCURRENCY` |
//! | [`Cause::Unavailable`] | `UNAVAILABLE` | yes | `BACKEND_AWAY`, `SHUTTING_DOWN` |
//! | [`Cause::DeadlineExceeded`] | `DEADLINE_EXCEEDED` | with more time | `DEADLINE` |
//! | [`Cause::Unimplemented`] | `UNIMPLEMENTED` | no | |
//! | [`Cause::Internal`] | `INTERNAL` | no | `INTERNAL` |

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// The `domain` of each `google.rpc.ErrorInfo` that leaves the system.
pub const DOMAIN: &str = "regtrade";

/// The reason of an error whose cause is in the log alone.
pub const INTERNAL: &str = "INTERNAL";

/// Why a call fails, in the terms of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The request is wrong whatever the state of the system.
    InvalidArgument,
    /// What was asked for is not there, or not for this caller.
    NotFound,
    /// What was to be made is there.
    AlreadyExists,
    /// The state of the system does not allow it.
    FailedPrecondition,
    /// Another writer came between.
    Aborted,
    /// The caller is known, and may not.
    PermissionDenied,
    /// The caller does not say who it is.
    Unauthenticated,
    /// A limit is reached.
    ResourceExhausted,
    /// The service, or one that it needs, is away for now.
    Unavailable,
    /// The call took longer than its deadline.
    DeadlineExceeded,
    /// There is no such method, or not yet.
    Unimplemented,
    /// A mistake of the service.
    Internal,
}

/// A field of the request that is wrong, by its full path (`query.as_of.release`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldViolation {
    /// The path of the field, in the names of the proto file.
    pub field: String,
    /// What is wrong with it, and what is expected.
    pub description: String,
}

/// A failed call, as its caller is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Why, as a code.
    pub cause: Cause,
    /// Why, for programs: `ErrorInfo.reason`, in `UPPER_SNAKE_CASE`.
    pub reason: Cow<'static, str>,
    /// Why, for people.
    pub message: String,
    /// The fields of the request that are wrong.
    pub violations: Vec<FieldViolation>,
    /// What programs may want to know: `ErrorInfo.metadata`.
    pub metadata: BTreeMap<String, String>,
    /// How long to wait before trying again.
    pub retry_after: Option<Duration>,
}

impl Failure {
    /// A failure with a reason for programs and a message for people.
    pub fn new(cause: Cause, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            cause,
            reason: Cow::Borrowed(reason),
            message: message.into(),
            violations: Vec::new(),
            metadata: BTreeMap::new(),
            retry_after: None,
        }
    }

    /// A mistake of the service. The error and its sources are logged here and now, within the span of the call,
    /// and not sent: the caller learns under which request id they are to be found.
    pub fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        let chain: Vec<String> = std::iter::successors(Some(error), |error| error.source())
            .map(ToString::to_string)
            .collect();
        tracing::error!(
            cause = chain.join(": "),
            "a call fails by a mistake of the service"
        );
        Self::new(Cause::Internal, INTERNAL, "internal error")
    }

    /// A request with a field that is wrong.
    pub fn invalid_field(
        reason: &'static str,
        field: impl Into<String>,
        description: impl Into<String>,
    ) -> Self {
        let violation = FieldViolation {
            field: field.into(),
            description: description.into(),
        };
        let message = format!("{}: {}", violation.field, violation.description);
        Self {
            violations: vec![violation],
            ..Self::new(Cause::InvalidArgument, reason, message)
        }
    }

    /// Adds what programs may want to know.
    #[must_use]
    pub fn with_metadata(mut self, key: &str, value: impl Into<String>) -> Self {
        self.metadata.insert(key.to_owned(), value.into());
        self
    }

    /// Adds how long to wait before trying again.
    #[must_use]
    pub fn with_retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }

    /// Reads a failure that another server answered. One without an `ErrorInfo` has the name of its code as
    /// reason.
    pub fn from_status(status: &Status) -> Self {
        let details = status.get_error_details();
        let cause = Cause::from_code(status.code());
        let (reason, metadata) = match details.error_info() {
            Some(info) => (
                Cow::Owned(info.reason.clone()),
                info.metadata.clone().into_iter().collect(),
            ),
            None => (Cow::Borrowed(cause.name()), BTreeMap::new()),
        };
        let violations = details.bad_request().map_or(&[][..], |bad_request| {
            bad_request.field_violations.as_slice()
        });
        Self {
            cause,
            reason,
            message: status.message().to_owned(),
            violations: violations
                .iter()
                .map(|violation| FieldViolation {
                    field: violation.field.clone(),
                    description: violation.description.clone(),
                })
                .collect(),
            metadata,
            retry_after: details.retry_info().and_then(|info| info.retry_delay),
        }
    }
}

impl From<Failure> for Status {
    fn from(failure: Failure) -> Self {
        let mut details = ErrorDetails::with_error_info(
            failure.reason,
            DOMAIN,
            failure
                .metadata
                .into_iter()
                .collect::<std::collections::HashMap<_, _>>(),
        );
        for violation in failure.violations {
            details.add_bad_request_violation(violation.field, violation.description);
        }
        if failure.retry_after.is_some() {
            details.set_retry_info(failure.retry_after);
        }
        Status::with_error_details(failure.cause.code(), failure.message, details)
    }
}

impl Cause {
    /// The code on the wire.
    pub fn code(self) -> Code {
        match self {
            Self::InvalidArgument => Code::InvalidArgument,
            Self::NotFound => Code::NotFound,
            Self::AlreadyExists => Code::AlreadyExists,
            Self::FailedPrecondition => Code::FailedPrecondition,
            Self::Aborted => Code::Aborted,
            Self::PermissionDenied => Code::PermissionDenied,
            Self::Unauthenticated => Code::Unauthenticated,
            Self::ResourceExhausted => Code::ResourceExhausted,
            Self::Unavailable => Code::Unavailable,
            Self::DeadlineExceeded => Code::DeadlineExceeded,
            Self::Unimplemented => Code::Unimplemented,
            Self::Internal => Code::Internal,
        }
    }

    /// The cause of a code; codes that this system does not send have the nearest one.
    pub fn from_code(code: Code) -> Self {
        match code {
            Code::InvalidArgument | Code::OutOfRange => Self::InvalidArgument,
            Code::NotFound => Self::NotFound,
            Code::AlreadyExists => Self::AlreadyExists,
            Code::FailedPrecondition => Self::FailedPrecondition,
            Code::Aborted => Self::Aborted,
            Code::PermissionDenied => Self::PermissionDenied,
            Code::Unauthenticated => Self::Unauthenticated,
            Code::ResourceExhausted => Self::ResourceExhausted,
            Code::Unavailable | Code::Cancelled => Self::Unavailable,
            Code::DeadlineExceeded => Self::DeadlineExceeded,
            Code::Unimplemented => Self::Unimplemented,
            Code::Internal | Code::Unknown | Code::DataLoss | Code::Ok => Self::Internal,
        }
    }

    /// The name of the code, as gRPC writes it.
    fn name(self) -> &'static str {
        code_name(self.code())
    }
}

/// The name of a code as gRPC writes it: `NOT_FOUND`.
pub fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
