//! How one server calls another: a connection that is made when it is needed, and again whenever it is lost.

use std::error::Error;
use std::time::Duration;

use tonic::transport::{Channel, Endpoint, Uri};
use tonic::{Request, Status, TimeoutExpired};

use crate::context::CallContext;
use crate::error::{Cause, Failure};
use crate::secret::Secret;
use crate::server::LARGEST_FRAME;

/// A backend that does not take a connection within this time is away.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// A backend that answers no ping for this long is away, even if the network does not say so.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(2);

/// Another server, by its name, its address and the secret that it asks for.
#[derive(Clone, Debug)]
pub struct Backend {
    name: &'static str,
    channel: Channel,
    secret: Option<Secret>,
}

/// The address of a backend is not `http://host:port`.
#[derive(Debug, thiserror::Error)]
#[error("the address \"{uri}\" of service {name} is not http://HOST:PORT")]
pub struct BackendAddressError {
    name: &'static str,
    uri: String,
}

impl Backend {
    /// A backend called `name` at `uri`. Nothing is connected yet: the backend may start later, end, and come
    /// back at any time. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// [`BackendAddressError`].
    pub fn new(
        name: &'static str,
        uri: &str,
        secret: Option<Secret>,
    ) -> Result<Self, BackendAddressError> {
        let refused = || BackendAddressError {
            name,
            uri: uri.to_owned(),
        };
        let address: Uri = uri.parse().map_err(|_| refused())?;
        if address.scheme_str() != Some("http") || address.port().is_none() {
            return Err(refused());
        }
        let channel = Endpoint::from(address)
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_nodelay(true)
            .max_frame_size(LARGEST_FRAME)
            .http2_keep_alive_interval(KEEPALIVE_INTERVAL)
            .keep_alive_timeout(KEEPALIVE_TIMEOUT)
            .keep_alive_while_idle(true)
            .connect_lazy();
        Ok(Self {
            name,
            channel,
            secret,
        })
    }

    /// What the backend is called in errors and logs.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The connection, for a generated client. Cheap to clone; all clones share it.
    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// A request to the backend on behalf of `call`: with its request id, its trace, the time that it has left,
    /// and the secret.
    pub fn request<T>(&self, call: &CallContext, message: T) -> Request<T> {
        let mut request = Request::new(message);
        call.put_on(request.metadata_mut());
        if let Some(secret) = &self.secret {
            secret.put_on(request.metadata_mut());
        }
        request
    }

    /// What to tell one's own caller about a status that a call to the backend came back with:
    ///
    /// - what the backend answered goes on as it is;
    /// - a backend that cannot be reached, or is lost during the call, is `UNAVAILABLE`, `BACKEND_AWAY`;
    /// - a backend that does not know our secret is `UNAVAILABLE`, `BACKEND_REFUSED`: the caller cannot help it;
    /// - where the time of the call ran out, `DEADLINE_EXCEEDED`, `DEADLINE`.
    pub fn failure(&self, status: &Status) -> Failure {
        let name = self.name;
        match origin(status) {
            Origin::Backend => {
                let failure = Failure::from_status(status);
                if failure.reason != "BACKEND_ONLY" {
                    return failure;
                }
                tracing::error!(
                    backend = name,
                    "the backend does not know the secret of this service"
                );
                let message = format!("service {name} does not accept this service");
                Failure::new(Cause::Unavailable, "BACKEND_REFUSED", message)
            }
            Origin::Deadline => Failure::new(
                Cause::DeadlineExceeded,
                "DEADLINE",
                format!("service {name} did not answer within the deadline of the call"),
            ),
            Origin::Transport => {
                tracing::warn!(backend = name, status = ?status, "the backend is away");
                Failure::new(
                    Cause::Unavailable,
                    "BACKEND_AWAY",
                    format!("service {name} is away for now; try again"),
                )
                .with_retry_after(Duration::from_secs(1))
            }
        }
        .with_metadata("backend", name)
    }
}

/// Where a status comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The backend answered it.
    Backend,
    /// The time of the call ran out on this side.
    Deadline,
    /// The backend could not be reached, or was lost during the call.
    Transport,
}

/// Tells a status that a backend answered from one that was made on this side because it did not.
///
/// tonic makes CANCELLED of a timeout, and UNAVAILABLE, UNKNOWN, INTERNAL or CANCELLED of what can happen to a
/// connection, so the code does not tell. But a status that was made on this side has the error that it was
/// made of as its source, and one off the wire has none.
pub fn origin(status: &Status) -> Origin {
    let mut source = status.source();
    if source.is_none() {
        return Origin::Backend;
    }
    while let Some(error) = source {
        if error.is::<TimeoutExpired>() {
            return Origin::Deadline;
        }
        source = error.source();
    }
    Origin::Transport
}
