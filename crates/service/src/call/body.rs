//! The body of an answer: holds the place of the call until its end, ends it in time, and records its status.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::future::BoxFuture;
use http_body::{Frame, SizeHint};
use tokio::sync::OwnedSemaphorePermit;
use tonic::body::Body;
use tonic::codegen::Bytes;
use tonic::codegen::http::HeaderMap;
use tonic::{Code, Status};

use super::{Record, panicked};
use crate::error::Failure;

/// The body of an answer. What has been written by its service is sent before it is cut.
pub(crate) struct CallBody(Option<Open>);

struct Open {
    inner: Body,
    record: Record,
    interruption: BoxFuture<'static, Failure>,
    /// Given back when the answer has ended.
    _place: Option<OwnedSemaphorePermit>,
}

impl CallBody {
    pub(crate) fn new(
        inner: Body,
        record: Record,
        place: Option<OwnedSemaphorePermit>,
        interruption: BoxFuture<'static, Failure>,
    ) -> Self {
        Self(Some(Open {
            inner,
            record,
            interruption,
            _place: place,
        }))
    }

    /// The body of an answer whose status is in its headers.
    pub(crate) fn empty() -> Self {
        Self(None)
    }
}

impl Open {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let span = self.record.span().clone();
        let _entered = span.enter();
        let inner = Pin::new(&mut self.inner);
        let polled = catch_unwind(AssertUnwindSafe(|| {
            http_body::Body::poll_frame(inner, context)
        }));
        let failure = match polled {
            Ok(Poll::Ready(Some(Ok(mut frame)))) => {
                if let Some(trailers) = frame.trailers_mut() {
                    self.record.settle(trailers);
                }
                return Poll::Ready(Some(Ok(frame)));
            }
            Ok(Poll::Ready(Some(Err(status)))) => {
                self.record.end(status.code());
                return Poll::Ready(Some(Err(status)));
            }
            Ok(Poll::Ready(None)) => {
                self.record.end(Code::Ok);
                return Poll::Ready(None);
            }
            Ok(Poll::Pending) => ready!(self.interruption.as_mut().poll(context)),
            Err(panic) => panicked(panic.as_ref()),
        };
        let status = Status::from(failure);
        let mut trailers = HeaderMap::new();
        let written = status.add_header(&mut trailers);
        self.record.settle(&mut trailers);
        Poll::Ready(Some(written.map(|()| Frame::trailers(trailers))))
    }
}

impl http_body::Body for CallBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Some(open) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let frame = ready!(open.poll(context));
        // After trailers, an error or the end there is nothing more; the place of the call is free.
        if !matches!(&frame, Some(Ok(frame)) if frame.is_data()) {
            self.0 = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.0
            .as_ref()
            .is_none_or(|open| http_body::Body::is_end_stream(&open.inner))
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map_or_else(
            || SizeHint::with_exact(0),
            |open| http_body::Body::size_hint(&open.inner),
        )
    }
}
