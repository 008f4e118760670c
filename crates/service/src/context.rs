//! What a call carries from server to server: its request id, its W3C trace, and the time that is left.
//!
//! A handler takes the context from its request and puts it on each call that it makes in turn:
//!
//! ```
//! # use regtrade_service::CallContext;
//! # fn handler(request: tonic::Request<()>) -> tonic::Request<()> {
//! let call = CallContext::of(&request);
//! let mut onward = tonic::Request::new(());
//! call.put_on(onward.metadata_mut());
//! # onward
//! # }
//! # let onward = handler(tonic::Request::new(()));
//! # assert!(onward.metadata().contains_key("x-request-id"));
//! # assert!(onward.metadata().contains_key("traceparent"));
//! ```

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tonic::codegen::http::HeaderMap;
use tonic::metadata::{MetadataMap, MetadataValue};

/// The metadata key of the request id, in requests and in responses.
pub const REQUEST_ID_KEY: &str = "x-request-id";

const TRACEPARENT_KEY: &str = "traceparent";
const TIMEOUT_KEY: &str = "grpc-timeout";

/// The request id, the trace and the deadline of the call that is being answered.
#[derive(Clone, Debug)]
pub struct CallContext {
    request_id: Arc<str>,
    trace_id: Arc<str>,
    /// The two hexadecimal digits of `trace-flags`, which say whether the trace is sampled.
    trace_flags: Arc<str>,
    deadline: Option<Instant>,
}

impl CallContext {
    /// The context that the server gave to this request; a new one where no server did, as in a client.
    pub fn of<T>(request: &tonic::Request<T>) -> Self {
        request
            .extensions()
            .get::<Self>()
            .cloned()
            .unwrap_or_else(|| Self::from_headers(&HeaderMap::new(), None))
    }

    /// The request id: what the caller named it, if well-formed, or a random one.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The id of the trace that the call belongs to: 32 hexadecimal digits.
    pub fn trace_id(&self) -> &str {
        &self.trace_id
    }

    /// Puts the request id, the trace (with a new span id) and the time that is left on a call to another
    /// server.
    pub fn put_on(&self, metadata: &mut MetadataMap) {
        let span_id = hexadecimal(&random_bytes_or_zeros::<8>());
        let traceparent = format!("00-{}-{span_id}-{}", self.trace_id, self.trace_flags);
        insert(metadata, REQUEST_ID_KEY, &self.request_id);
        insert(metadata, TRACEPARENT_KEY, &traceparent);
        if let Some(deadline) = self.deadline {
            let left = deadline.saturating_duration_since(Instant::now());
            // At most eight digits fit; no deadline of ours is longer than a day.
            let milliseconds = left.as_millis().clamp(1, 99_999_999);
            insert(metadata, TIMEOUT_KEY, &format!("{milliseconds}m"));
        }
    }

    /// The context of a call with these headers, to be answered until `deadline`.
    pub(crate) fn from_headers(headers: &HeaderMap, deadline: Option<Instant>) -> Self {
        let text = |key| headers.get(key).and_then(|value| value.to_str().ok());
        let request_id = match text(REQUEST_ID_KEY).filter(|id| is_request_id(id)) {
            Some(id) => id.into(),
            None => hexadecimal(&random_bytes_or_zeros::<16>()).into(),
        };
        let (trace_id, trace_flags) = match text(TRACEPARENT_KEY).and_then(read_traceparent) {
            Some((trace_id, flags)) => (trace_id.into(), flags.into()),
            None => (
                hexadecimal(&random_bytes_or_zeros::<16>()).into(),
                "00".into(),
            ),
        };
        Self {
            request_id,
            trace_id,
            trace_flags,
            deadline,
        }
    }
}

/// The time that a caller gives a call, of its `grpc-timeout`; nothing where it names none or none that can be
/// read.
pub(crate) fn timeout(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(TIMEOUT_KEY)?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(number * 3_600)),
        "M" => Some(Duration::from_secs(number * 60)),
        "S" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_millis(number)),
        "u" => Some(Duration::from_micros(number)),
        "n" => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

/// A request id of a caller goes into logs and answers as it is, so it must be short and plain.
fn is_request_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// The trace id and the flags of a W3C `traceparent` (<https://www.w3.org/TR/trace-context/>).
fn read_traceparent(text: &str) -> Option<(&str, &str)> {
    let mut fields = text.split('-');
    let [version, trace_id, parent_id, flags] = [
        fields.next()?,
        fields.next()?,
        fields.next()?,
        fields.next()?,
    ];
    let is_hexadecimal = |field: &str, length| {
        field.len() == length
            && field
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_zero = |field: &str| field.bytes().all(|byte| byte == b'0');
    // A later version may have more fields at the end; this one has none.
    let ends_well = fields.next().is_none() || version != "00";
    let valid = is_hexadecimal(version, 2)
        && version != "ff"
        && is_hexadecimal(trace_id, 32)
        && !is_zero(trace_id)
        && is_hexadecimal(parent_id, 16)
        && !is_zero(parent_id)
        && is_hexadecimal(flags, 2)
        && ends_well;
    valid.then_some((trace_id, flags))
}

fn insert(metadata: &mut MetadataMap, key: &'static str, value: &str) {
    // Request ids, trace ids and timeouts are made of letters, digits and hyphens: always valid metadata.
    if let Ok(value) = MetadataValue::try_from(value) {
        metadata.insert(key, value);
    }
}

/// Random bytes of the operating system.
pub(crate) fn random_bytes<const LENGTH: usize>() -> Result<[u8; LENGTH], getrandom::Error> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// Ids help to find a call in a log; without randomness the call is answered all the same.
fn random_bytes_or_zeros<const LENGTH: usize>() -> [u8; LENGTH] {
    random_bytes().unwrap_or([0; LENGTH])
}

/// Two lowercase digits for each byte.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn context(key: &'static str, value: &str) -> CallContext {
        let mut headers = HeaderMap::new();
        headers.insert(key, value.parse().unwrap());
        CallContext::from_headers(&headers, None)
    }

    #[test]
    fn a_well_formed_request_id_is_kept() {
        for id in ["a", "nightly-2026_07", &"x".repeat(64)] {
            assert_eq!(context(REQUEST_ID_KEY, id).request_id(), id);
        }
    }

    #[test]
    fn any_other_request_id_is_replaced_by_a_random_one() {
        for id in ["", "two words", "semi;colon", "../up", &"x".repeat(65)] {
            let made = context(REQUEST_ID_KEY, id);
            assert_eq!(made.request_id().len(), 32);
            assert_ne!(made.request_id(), context(REQUEST_ID_KEY, id).request_id());
        }
    }

    #[test]
    fn a_trace_goes_on_under_a_new_span_id() {
        let mut metadata = MetadataMap::new();
        context(TRACEPARENT_KEY, TRACEPARENT).put_on(&mut metadata);
        let onward = metadata.get(TRACEPARENT_KEY).unwrap().to_str().unwrap();
        assert!(onward.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
        assert!(onward.ends_with("-01"));
        assert!(!onward.contains("00f067aa0ba902b7"));
        assert!(read_traceparent(onward).is_some());
    }

    #[test]
    fn a_trace_that_is_not_well_formed_starts_anew() {
        for text in [
            "",
            "00",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert!(read_traceparent(text).is_none(), "{text} was taken");
            assert_eq!(context(TRACEPARENT_KEY, text).trace_id().len(), 32);
        }
    }

    #[test]
    fn a_caller_says_how_long_it_waits_in_the_units_of_grpc() {
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(TIMEOUT_KEY, text.parse().unwrap());
            timeout(&headers)
        };
        assert_eq!(read("2H"), Some(Duration::from_secs(7_200)));
        assert_eq!(read("3M"), Some(Duration::from_secs(180)));
        assert_eq!(read("4S"), Some(Duration::from_secs(4)));
        assert_eq!(read("50m"), Some(Duration::from_millis(50)));
        assert_eq!(read("60u"), Some(Duration::from_micros(60)));
        assert_eq!(read("99999999n"), Some(Duration::from_nanos(99_999_999)));
        for text in ["", "S", "1", "1s", "-1S", "+1S", "100000000S"] {
            assert_eq!(read(text), None, "{text} was taken");
        }
    }

    #[test]
    fn the_time_that_is_left_goes_with_an_onward_call() {
        let deadline = Instant::now() + Duration::from_secs(30);
        let call = CallContext::from_headers(&HeaderMap::new(), Some(deadline));
        let mut metadata = MetadataMap::new();
        call.put_on(&mut metadata);
        let left = timeout(&metadata.into_headers()).unwrap();
        assert!(left > Duration::from_secs(20) && left <= Duration::from_secs(30));
    }
}
