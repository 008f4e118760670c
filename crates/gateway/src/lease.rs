//! The state of the catalogue, taken on lease: for a moment it is taken for unchanged without asking.
//!
//! A release that comes in by another way than this gateway is so seen [`LEASE`] later at most, by a caller whose answer
//! is kept. One that is under embargo is seen at its instant: no lease goes beyond it. What this gateway hands in, or tells a watcher, ends all leases at once: whoever was
//! told of a release finds it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::{BoxFuture, ready};
use regtrade_model::Instant;
use regtrade_proto::v1::{self, catalogue_service_client::CatalogueServiceClient};
use regtrade_service::kept::{Basis, STATE_KEY, UNTIL_KEY};
use regtrade_service::roles::Roles;
use regtrade_service::{Backend, CallContext, Clock};
use tonic::body::Body;
use tonic::codegen::http::Request;

use crate::authorise::Caller;

/// How long a state is taken for the present one.
const LEASE: Duration = Duration::from_millis(100);

/// The leases of this gateway.
#[derive(Clone)]
pub(crate) struct Leases(Arc<Shared>);

struct Shared {
    indicators: Backend,
    clock: Arc<dyn Clock>,
    held: Mutex<HashMap<Roles, Held>>,
    /// How often all leases were ended.
    ended: AtomicU64,
    /// Held by who asks for a state: the others wait for what is answered.
    asking: tokio::sync::Mutex<()>,
}

struct Held {
    state: Arc<str>,
    /// By both clocks, before it was asked for: the service's, which a test may set, and one that never goes back.
    asked_at: Instant,
    since: tokio::time::Instant,
    /// When the state ends of itself, in microseconds since 1970.
    until: Option<i64>,
}

impl Leases {
    pub(crate) fn new(indicators: Backend, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Shared {
            indicators,
            clock,
            held: Mutex::default(),
            ended: AtomicU64::new(0),
            asking: tokio::sync::Mutex::default(),
        }))
    }

    /// Ends all leases: something happened that the next caller must see.
    pub(crate) fn end(&self) {
        self.0.ended.fetch_add(1, Ordering::SeqCst);
        self.0.held().clear();
    }

    /// Ends all leases when it goes, whichever way the call goes that holds it.
    pub(crate) fn ending(&self) -> Ending {
        Ending(self.clone())
    }

    /// What the answers to requests behind the door depend on.
    pub(crate) fn basis(
        &self,
    ) -> impl Fn(&Request<Body>) -> BoxFuture<'static, Option<Basis>> + Send + Sync + 'static {
        let shared = Arc::clone(&self.0);
        move |request| {
            let caller = request.extensions().get::<Caller>();
            let call = request.extensions().get::<CallContext>();
            let (Some(caller), Some(call)) = (caller, call) else {
                return ready(None).boxed();
            };
            let roles = caller.roles.clone();
            if let Some(state) = shared.present(&roles) {
                return ready(Some(Basis { roles, state })).boxed();
            }
            let (shared, call) = (Arc::clone(&shared), call.clone());
            async move {
                let state = shared.ask(&roles, &call).await?;
                Some(Basis { roles, state })
            }
            .boxed()
        }
    }
}

/// See [`Leases::ending`].
pub(crate) struct Ending(Leases);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Shared {
    fn held(&self) -> MutexGuard<'_, HashMap<Roles, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state on lease, if there is one that has not run out.
    fn present(&self, roles: &Roles) -> Option<Arc<str>> {
        let now = self.clock.now();
        let held = self.held();
        let lease = held.get(roles)?;
        let is_good = |passed: Duration| passed < LEASE;
        let passed = (now - lease.asked_at).to_std().ok()?;
        let has_ended = lease
            .until
            .is_some_and(|until| now.timestamp_micros() >= until);
        (!has_ended && is_good(passed) && is_good(lease.since.elapsed()))
            .then(|| Arc::clone(&lease.state))
    }

    /// Asks the backend for the state; nothing where it does not say: the call itself then finds out why.
    async fn ask(&self, roles: &Roles, call: &CallContext) -> Option<Arc<str>> {
        let _asking = self.asking.lock().await;
        if let Some(state) = self.present(roles) {
            return Some(state);
        }
        let ended = self.ended.load(Ordering::SeqCst);
        let (asked_at, since) = (self.clock.now(), tokio::time::Instant::now());
        let message = v1::ListReleasesRequest {
            page_size: 1,
            ..Default::default()
        };
        let mut request = self.indicators.request(call, message);
        roles.put_on(request.metadata_mut());
        let mut catalogue = CatalogueServiceClient::new(self.indicators.channel());
        let answer = catalogue.list_releases(request).await.ok()?;
        let metadata = answer.metadata();
        let state: Arc<str> = metadata.get(STATE_KEY)?.to_str().ok()?.into();
        let until = match metadata.get(UNTIL_KEY) {
            Some(until) => Some(until.to_str().ok()?.parse().ok()?),
            None => None,
        };
        let mut held = self.held();
        // What was asked before the leases were ended is not what the next caller must see.
        if self.ended.load(Ordering::SeqCst) == ended {
            let state = Arc::clone(&state);
            let lease = Held {
                state,
                asked_at,
                since,
                until,
            };
            held.insert(roles.clone(), lease);
        }
        Some(state)
    }
}
