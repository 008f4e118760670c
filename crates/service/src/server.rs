//! One builder, and one end, for all servers.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;
use tonic::body::Body;
use tonic::codegen::http::{Request, Response};
use tonic::server::NamedService;
use tonic::service::RoutesBuilder;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::{HealthReporter, HealthService};
use tower::Service;

use crate::call::{Admission, Calls, Stage};
use crate::limits::Limits;
use crate::secret::Secret;

/// Calls in flight get this long to finish, unless the server says otherwise.
const GRACE: Duration = Duration::from_secs(10);

/// Calls that were cut get this long to tell their callers.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Of an upload, and of a long answer, so much comes at once: a server takes frames of this size, and so do the clients of this
/// project. By default they would be of 16 KiB.
pub const LARGEST_FRAME: u32 = 256 << 10;

/// A caller that answers no ping for this long is taken for gone.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(20);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);

/// Builds a gRPC server with health, reflection, limits, logs and a graceful end.
///
/// - The deadline of a call ([`Limits::deadline`]) holds from its first byte to the end of its answer, streams
///   included; of a method declared by [`ServerBuilder::long_lived`], to the headers of its answer alone. One declared
///   by [`ServerBuilder::uploading`] has a deadline of its own.
/// - A call holds one of [`Limits::concurrency`] places until the end of its answer. Long-lived streams have as
///   many places of their own. Health needs none.
/// - Handlers find the [`crate::CallContext`] in their request, and the caller's address by
///   `request.remote_addr()`.
/// - A handler that panics fails its own call, as an internal error, and no other.
pub struct ServerBuilder {
    name: &'static str,
    limits: Limits,
    secret: Option<Secret>,
    grace: Duration,
    descriptor_sets: Vec<&'static [u8]>,
    long_lived: Vec<&'static str>,
    uploading: Vec<&'static str>,
    services: Vec<&'static str>,
    routes: RoutesBuilder,
    health: HealthReporter,
}

/// Why a server could not start, or ended other than by being told to.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A descriptor set cannot be read. A mistake of the build.
    #[error("the descriptor set for reflection cannot be read")]
    Reflection(#[from] tonic_reflection::server::Error),
    /// The listener failed.
    #[error("the listener failed")]
    Transport(#[from] tonic::transport::Error),
    /// The listener was closed before the server started.
    #[error("the listener has no address")]
    Listener(#[from] std::io::Error),
}

impl ServerBuilder {
    /// A server that calls itself `name` in its logs and errors.
    pub fn new(name: &'static str, limits: Limits) -> Self {
        Self {
            name,
            limits,
            secret: None,
            grace: GRACE,
            descriptor_sets: Vec::new(),
            long_lived: Vec::new(),
            uploading: Vec::new(),
            services: Vec::new(),
            routes: RoutesBuilder::default(),
            health: HealthReporter::new(),
        }
    }

    /// Describes services by reflection (v1): an encoded `FileDescriptorSet`.
    #[must_use]
    pub fn descriptor_set(mut self, encoded: &'static [u8]) -> Self {
        self.descriptor_sets.push(encoded);
        self
    }

    /// Answers to those alone that show this secret, except about health and reflection.
    #[must_use]
    pub fn backend_secret(mut self, secret: Secret) -> Self {
        self.secret = Some(secret);
        self
    }

    /// Declares a method, by its path `/package.Service/Method`, to be a stream that lasts until its caller or
    /// the server goes. When the server ends, the stream ends with `SHUTTING_DOWN`.
    #[must_use]
    pub fn long_lived(mut self, path: &'static str) -> Self {
        self.long_lived.push(path);
        self
    }

    /// Declares a method, by its path `/package.Service/Method`, to take in as much as its caller has: it may take as
    /// long as [`Limits::deadline_of_upload`] says.
    #[must_use]
    pub fn uploading(mut self, path: &'static str) -> Self {
        self.uploading.push(path);
        self
    }

    /// Sets how long calls in flight may take to finish when the server ends; 10 seconds if this is not called.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Adds a generated service, which health then reports by its name.
    #[must_use]
    pub fn add_service<S>(mut self, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
            + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send + 'static,
    {
        self.services.push(S::NAME);
        self.routes.add_service(service);
        self
    }

    /// A handle by which health reports can be changed or added, as of a backend.
    pub fn health(&self) -> HealthReporter {
        self.health.clone()
    }

    /// Serves until `shutdown` resolves, and then ends: health says NOT_SERVING, the listener is closed,
    /// long-lived streams end, calls in flight finish within the grace, and what is left is cut.
    ///
    /// # Errors
    /// [`ServeError`].
    pub async fn serve(
        mut self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), ServeError> {
        let name = self.name;
        let address = listener.local_addr()?;
        let incoming = TcpIncoming::from(listener)
            .with_nodelay(Some(true))
            .with_keepalive(Some(KEEPALIVE_INTERVAL));

        let mut reflection = tonic_reflection::server::Builder::configure();
        for encoded in &self.descriptor_sets {
            reflection = reflection.register_encoded_file_descriptor_set(encoded);
        }
        self.routes.add_service(reflection.build_v1()?);
        let health = HealthService::from_health_reporter(self.health.clone());
        self.routes.add_service(HealthServer::new(health));

        let (stage, stage_seen) = watch::channel(Stage::Serving);
        let admission = Arc::new(Admission::new(
            name,
            self.limits,
            self.secret,
            self.long_lived,
            self.uploading,
        ));
        let around = tower::layer::layer_fn(move |routes| {
            Calls::new(routes, Arc::clone(&admission), stage_seen.clone())
        });
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = Server::builder()
            .max_frame_size(LARGEST_FRAME)
            .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
            .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
            .layer(around)
            .add_routes(self.routes.routes())
            .serve_with_incoming_shutdown(incoming, async {
                // A sender that is gone has stopped as well.
                let _ = stopped.await;
            });
        let mut serving = std::pin::pin!(serving);

        report(&self.health, &self.services, ServingStatus::Serving).await;
        tracing::info!(service = name, %address, "serving");
        tokio::select! {
            ended = &mut serving => return Ok(ended?),
            () = shutdown => {}
        }

        tracing::info!(service = name, "ending");
        report(&self.health, &self.services, ServingStatus::NotServing).await;
        stage.send_replace(Stage::Draining);
        let _ = stop.send(());
        if let Ok(ended) = timeout(self.grace, &mut serving).await {
            tracing::info!(service = name, "ended");
            return Ok(ended?);
        }
        tracing::warn!(service = name, grace = ?self.grace, "calls that did not finish within the grace are cut");
        stage.send_replace(Stage::Ended);
        // A caller that does not even let go of its connection is not waited for.
        if let Ok(ended) = timeout(LAST_WORDS, &mut serving).await {
            ended?;
        }
        tracing::info!(service = name, "ended");
        Ok(())
    }
}

/// Reports the server as a whole, by the empty name, and each of its services.
async fn report(health: &HealthReporter, services: &[&'static str], status: ServingStatus) {
    for service in std::iter::once(&"").chain(services) {
        health.set_service_status(service, status).await;
    }
}
