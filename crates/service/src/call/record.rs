//! The one line that a call leaves in the log.

use tokio::time::Instant;
use tonic::codegen::http::HeaderMap;
use tonic::{Code, Status};
use tracing::Span;

use super::{Kind, name_the_log};
use crate::error::code_name;

/// Logs the end of a call, once: with its code, or as cancelled if it is dropped before it has one.
pub(crate) struct Record {
    service: &'static str,
    request_id: String,
    kind: Kind,
    started: Instant,
    span: Span,
    ended: bool,
}

impl Record {
    pub(crate) fn new(
        service: &'static str,
        request_id: &str,
        kind: Kind,
        started: Instant,
        span: Span,
    ) -> Self {
        Self {
            service,
            request_id: request_id.to_owned(),
            kind,
            started,
            span,
            ended: false,
        }
    }

    /// The span in which all work of the call is done.
    pub(crate) fn span(&self) -> &Span {
        &self.span
    }

    /// Ends the record with the status in these headers or trailers, if one is there. An internal error is told
    /// where its cause is to be found.
    pub(crate) fn settle(&mut self, headers: &mut HeaderMap) {
        let Some(code) = headers
            .get(Status::GRPC_STATUS)
            .map(|code| Code::from_bytes(code.as_bytes()))
        else {
            return;
        };
        if code == Code::Internal
            && let Some(status) = Status::from_header_map(headers)
            && let Some(named) = name_the_log(&status, self.service, &self.request_id)
        {
            // Where the new status cannot be written, the old one stands.
            let _ = named.add_header(headers);
        }
        self.end(code);
    }

    /// Ends the record with a code; the first counts.
    pub(crate) fn end(&mut self, code: Code) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let duration_ms = self.started.elapsed().as_secs_f64() * 1_000.0;
        let code_name = code_name(code);
        self.span.in_scope(|| match code {
            Code::Internal | Code::Unknown | Code::DataLoss => {
                tracing::error!(code = code_name, duration_ms, "call ended");
            }
            _ if self.kind.is_about_the_server() => {
                tracing::debug!(code = code_name, duration_ms, "call ended");
            }
            _ => tracing::info!(code = code_name, duration_ms, "call ended"),
        });
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.end(Code::Cancelled);
    }
}
