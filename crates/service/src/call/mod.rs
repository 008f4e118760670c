//! What happens around each call of a server, whatever the service: context, admission, deadline, and the record
//! in the log.

mod admission;
mod body;
mod record;

use std::any::Any;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::watch;
use tokio::time::Instant;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::http::{HeaderValue, Request, Response};
use tower::Service;
use tracing::Instrument;

pub(crate) use admission::{Admission, Kind};
use body::CallBody;
use record::Record;

use crate::context::{CallContext, REQUEST_ID_KEY, timeout};
use crate::error::{Cause, Failure, INTERNAL};
use crate::secret;

/// How far a server is from its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// Calls are answered.
    Serving,
    /// Calls in flight may finish; streams without an end of their own are ended.
    Draining,
    /// All that is still in flight is cut.
    Ended,
}

/// The service of a whole server: admits a call, answers it by `inner`, and ends it in time.
#[derive(Clone)]
pub(crate) struct Calls<S> {
    inner: S,
    admission: Arc<Admission>,
    stage: watch::Receiver<Stage>,
}

impl<S> Calls<S> {
    pub(crate) fn new(inner: S, admission: Arc<Admission>, stage: watch::Receiver<Stage>) -> Self {
        Self {
            inner,
            admission,
            stage,
        }
    }
}

impl<S> Service<Request<Body>> for Calls<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    type Response = Response<CallBody>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let admission = Arc::clone(&self.admission);
        let kind = admission.kind(request.uri().path());
        // Counted from here, so that this deadline is not later than tonic's own of the same `grpc-timeout`,
        // which would answer CANCELLED.
        let started = Instant::now();
        let allowed = admission.deadline(kind, timeout(request.headers()));
        let deadline = started + allowed;
        let call = CallContext::from_headers(
            request.headers(),
            (!kind.is_long_lived()).then_some(deadline),
        );
        let span = tracing::error_span!(
            "call",
            service = admission.service,
            method = request.uri().path(),
            request_id = call.request_id(),
            trace_id = call.trace_id(),
        );
        let record = Record::new(
            admission.service,
            call.request_id(),
            kind,
            started,
            span.clone(),
        );
        let admitted = admission.admit(kind, request.headers());
        request.headers_mut().remove(secret::METADATA_KEY);
        request.extensions_mut().insert(call.clone());

        // The service that was asked whether it is ready must be the one that is called.
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next);
        let stage = self.stage.clone();
        let answer = async move {
            let permit = match admitted {
                Ok(permit) => permit,
                Err(failure) => return refusal(failure, record, &call),
            };
            let mut interruption =
                interruption(stage.clone(), Stage::Ended, Some(deadline), allowed);
            let answered = async move { inner.call(request).await };
            let response = tokio::select! {
                biased;
                answered = AssertUnwindSafe(answered).catch_unwind() => match answered {
                    Ok(Ok(response)) => response,
                    Err(panic) => return refusal(panicked(panic.as_ref()), record, &call),
                },
                failure = &mut interruption => return refusal(failure, record, &call),
            };
            if kind.is_long_lived() {
                interruption = self::interruption(stage, Stage::Draining, None, allowed);
            }
            finish(response, record, &call, |body, record| {
                CallBody::new(body, record, permit, interruption)
            })
        };
        async move { Ok(answer.await) }.instrument(span).boxed()
    }
}

/// Resolves, with why, when a call has to end before its answer: at its deadline, or at a stage of the server.
fn interruption(
    mut stage: watch::Receiver<Stage>,
    last: Stage,
    deadline: Option<Instant>,
    allowed: std::time::Duration,
) -> BoxFuture<'static, Failure> {
    async move {
        let late = async {
            match deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = late => Failure::new(
                Cause::DeadlineExceeded,
                "DEADLINE",
                format!("the call took longer than its deadline of {allowed:?}"),
            ),
            // A server that is gone without a word has ended as well.
            _ = stage.wait_for(|stage| *stage >= last) => Failure::new(
                Cause::Unavailable,
                "SHUTTING_DOWN",
                "the service is shutting down; try again",
            )
            .with_retry_after(std::time::Duration::from_secs(1)),
        }
    }
    .boxed()
}

/// A panic ends the call that it happened in, and no other.
fn panicked(panic: &(dyn Any + Send)) -> Failure {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message");
    Failure::internal(&Panicked(message.to_owned()))
}

#[derive(Debug, thiserror::Error)]
#[error("panicked: {0}")]
struct Panicked(String);

fn refusal(failure: Failure, record: Record, call: &CallContext) -> Response<CallBody> {
    let response = Status::from(failure).into_http::<Body>();
    finish(response, record, call, |_, _| CallBody::empty())
}

/// Puts the request id on the response; and where its status is already in the headers, ends the record.
fn finish(
    mut response: Response<Body>,
    mut record: Record,
    call: &CallContext,
    body: impl FnOnce(Body, Record) -> CallBody,
) -> Response<CallBody> {
    if let Ok(id) = HeaderValue::from_str(call.request_id()) {
        response.headers_mut().insert(REQUEST_ID_KEY, id);
    }
    record.settle(response.headers_mut());
    response.map(|inner| body(inner, record))
}

/// Says in the status of an internal error where its cause is to be found.
fn name_the_log(status: &Status, service: &str, request_id: &str) -> Option<Status> {
    let failure = Failure::from_status(status);
    // An error that another server named already is that server's.
    if failure.reason != INTERNAL || failure.metadata.contains_key("request_id") {
        return None;
    }
    let named = Failure::new(
        Cause::Internal,
        INTERNAL,
        format!(
            "internal error; the log of service {service} has it under request id {request_id}"
        ),
    )
    .with_metadata("service", service)
    .with_metadata("request_id", request_id);
    Some(named.into())
}
