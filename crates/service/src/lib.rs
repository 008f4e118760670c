//! What every server shares: from a bound listener to a served gRPC server with health, reflection, limits,
//! logs and a graceful end; and what its neighbours need to call it.
//!
//! The way of one call through a server:
//!
//! 1. [`CallContext`] takes the request id and the W3C trace from the caller, or makes them;
//! 2. a backend asks for the [`Secret`] that only the gateway has;
//! 3. [`Limits`] admit the call, and set its deadline;
//! 4. where its answers are [`kept`], one that still holds is given again;
//! 5. the service answers, or fails with a [`Failure`], which is the one table from error to `tonic::Status`;
//! 6. the end of the call is logged, once, with its code and duration.
//!
//! Invariant: no service of the domain is named here, and nothing here reads a release.

pub mod backend;
mod call;
pub mod clock;
pub mod context;
pub mod error;
pub mod kept;
pub mod limits;
pub mod logs;
pub mod page;
pub mod roles;
pub mod secret;
pub mod server;
pub mod shutdown;

pub use backend::Backend;
pub use clock::{Clock, ManualClock, SystemClock};
pub use context::CallContext;
pub use error::{Cause, Failure, FieldViolation};
pub use limits::Limits;
pub use secret::Secret;
pub use server::{LARGEST_FRAME, ServeError, ServerBuilder};
