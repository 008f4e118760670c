//! Which calls a server takes: those that show the secret, where one is asked for, and as many at once as the
//! limits allow.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::codegen::http::HeaderMap;

use crate::error::{Cause, Failure};
use crate::limits::Limits;
use crate::secret::{METADATA_KEY, Secret};

const HEALTH: &str = "/grpc.health.v1.Health/";
const REFLECTION: &str = "/grpc.reflection.v1.ServerReflection/";

/// What sort of call a path is, as far as limits go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Ends by its deadline.
    Ordinary,
    /// Ends by its deadline, which is that of uploads.
    Uploading,
    /// A stream that ends when its caller or the server goes.
    LongLived,
    /// Asks how the server is: always admitted.
    Health,
    /// Asks what the server offers.
    Reflection,
}

impl Kind {
    /// Whether the body of the answer has no deadline.
    pub(crate) fn is_long_lived(self) -> bool {
        !matches!(self, Self::Ordinary | Self::Uploading)
    }

    /// Whether the call is about the server rather than about its subject.
    pub(crate) fn is_about_the_server(self) -> bool {
        matches!(self, Self::Health | Self::Reflection)
    }
}

/// The rules by which one server takes calls.
pub(crate) struct Admission {
    pub(crate) service: &'static str,
    pub(crate) limits: Limits,
    secret: Option<Secret>,
    long_lived: Vec<&'static str>,
    uploading: Vec<&'static str>,
    /// Long-lived streams have places of their own, so that watchers, however many, stop no other call.
    ordinary_places: Arc<Semaphore>,
    long_lived_places: Arc<Semaphore>,
}

impl Admission {
    pub(crate) fn new(
        service: &'static str,
        limits: Limits,
        secret: Option<Secret>,
        long_lived: Vec<&'static str>,
        uploading: Vec<&'static str>,
    ) -> Self {
        let places = || {
            Arc::new(Semaphore::new(
                limits.concurrency.min(Semaphore::MAX_PERMITS),
            ))
        };
        Self {
            service,
            secret,
            long_lived,
            uploading,
            ordinary_places: places(),
            long_lived_places: places(),
            limits,
        }
    }

    pub(crate) fn kind(&self, path: &str) -> Kind {
        if path.starts_with(HEALTH) {
            Kind::Health
        } else if path.starts_with(REFLECTION) {
            Kind::Reflection
        } else if self.long_lived.contains(&path) {
            Kind::LongLived
        } else if self.uploading.contains(&path) {
            Kind::Uploading
        } else {
            Kind::Ordinary
        }
    }

    /// How long a call may take, after what its caller asked for.
    pub(crate) fn deadline(&self, kind: Kind, asked: Option<Duration>) -> Duration {
        match kind {
            Kind::Uploading => self.limits.deadline_of_upload(asked),
            _ => self.limits.deadline(asked),
        }
    }

    /// A place for the call, held until its answer has ended; none is needed to ask for health.
    pub(crate) fn admit(
        &self,
        kind: Kind,
        headers: &HeaderMap,
    ) -> Result<Option<OwnedSemaphorePermit>, Failure> {
        if let Some(secret) = &self.secret
            && !kind.is_about_the_server()
            && !headers
                .get(METADATA_KEY)
                .is_some_and(|presented| secret.is(presented.as_bytes()))
        {
            return Err(Failure::new(
                Cause::Unauthenticated,
                "BACKEND_ONLY",
                format!(
                    "service {} answers to the gateway alone; call the gateway",
                    self.service
                ),
            ));
        }
        let places = match kind {
            Kind::Health => return Ok(None),
            Kind::Ordinary | Kind::Uploading => &self.ordinary_places,
            Kind::LongLived | Kind::Reflection => &self.long_lived_places,
        };
        match Arc::clone(places).try_acquire_owned() {
            Ok(place) => Ok(Some(place)),
            Err(_) => Err(Failure::new(
                Cause::ResourceExhausted,
                "CONCURRENCY",
                format!(
                    "service {} answers {} calls at once and all places are taken; try again",
                    self.service, self.limits.concurrency
                ),
            )
            .with_metadata("limit", self.limits.concurrency.to_string())
            .with_retry_after(Duration::from_secs(1))),
        }
    }
}
