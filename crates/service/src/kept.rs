//! Small answers, kept encoded: what was answered once is answered again without being worked out, as long as nothing
//! happened that it could depend on.
//!
//! An answer is given again to none but callers with the same roles, for the same bytes asked of the same method, and
//! only while the catalogue is in the state in which it was kept. An answer is kept under the state that was seen
//! *before* it was worked out: where a release came in meanwhile, the answer is worked out once more.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::BoxFuture;
use http_body::{Frame, SizeHint};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Bytes;
use tonic::codegen::http::{HeaderMap, Request, Response};
use tonic::server::NamedService;
use tower::Service;

use crate::roles::Roles;

/// The metadata key in which a backend tells the gateway in which state the catalogue is: two answers with the same
/// text, by the same backend, were made of the same releases, of which the same ones were public.
pub const STATE_KEY: &str = "x-regtrade-catalogue-state";

/// The metadata key in which a backend tells the gateway when that state ends of itself, because a release becomes
/// public: in microseconds since 1970. It is not there where none is under embargo.
pub const UNTIL_KEY: &str = "x-regtrade-catalogue-until";

/// A larger request is not kept, in bytes.
const MOST_ASKED: usize = 16 * 1024;

/// An answer may take so much of all the room: one part in so many.
const SHARE: usize = 16;

/// What an answer depends on besides what is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// What the caller may see.
    pub roles: Roles,
    /// The state of the catalogue. Two states with the same text are the same.
    pub state: Arc<str>,
}

/// Finds out what the answer to a request depends on; nothing where that is not known, and then the request is answered
/// as if nothing were kept.
pub type Look = dyn Fn(&Request<Body>) -> BoxFuture<'static, Option<Basis>> + Send + Sync;

/// The answers that are kept, least used ones going first where the room is short.
pub struct Answers {
    /// Nothing where no answer is to be kept.
    cache: Option<Cache<Question, Arc<Answer>, Weights>>,
    look: Box<Look>,
    /// The largest answer that is kept, in bytes.
    most: usize,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Question {
    method: String,
    roles: Roles,
    /// As it came, with its frame.
    message: Bytes,
}

struct Answer {
    state: Arc<str>,
    headers: HeaderMap,
    message: Bytes,
    trailers: HeaderMap,
}

#[derive(Clone)]
struct Weights;

impl Weighter<Question, Arc<Answer>> for Weights {
    fn weight(&self, question: &Question, answer: &Arc<Answer>) -> u64 {
        // Headers, trailers and the entry itself are less than this.
        const BESIDES: usize = 512;
        let bytes = question.message.len() + answer.message.len() + BESIDES;
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

impl Answers {
    /// Room for `bytes` of answers; none are kept where it is 0.
    pub fn new(
        bytes: usize,
        look: impl Fn(&Request<Body>) -> BoxFuture<'static, Option<Basis>> + Send + Sync + 'static,
    ) -> Arc<Self> {
        const USUAL: usize = 8 * 1024;
        let room = u64::try_from(bytes).unwrap_or(u64::MAX);
        Arc::new(Self {
            cache: (bytes > 0).then(|| Cache::with_weighter(bytes / USUAL, room, Weights)),
            look: Box::new(look),
            most: bytes / SHARE,
        })
    }
}

/// A service in front of which answers are kept. Every method of it must be unary, and its answers must depend on
/// nothing but the request and its [`Basis`].
#[derive(Clone)]
pub struct Kept<S> {
    answers: Arc<Answers>,
    inner: S,
}

impl<S> Kept<S> {
    /// Keeps the answers of `inner`.
    pub const fn new(answers: Arc<Answers>, inner: S) -> Self {
        Self { answers, inner }
    }
}

impl<S: NamedService> NamedService for Kept<S> {
    const NAME: &'static str = S::NAME;
}

impl<S> Service<Request<Body>> for Kept<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // The service that was asked whether it is ready must be the one that is called.
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next);
        let answers = Arc::clone(&self.answers);
        if answers.cache.is_none() {
            return inner.call(request).boxed();
        }
        let basis = (answers.look)(&request);
        async move {
            let Some(Basis { roles, state }) = basis.await else {
                return inner.call(request).await;
            };
            let (head, body) = request.into_parts();
            let message = match read(body, MOST_ASKED).await {
                Read::Whole(message, _) => message,
                Read::Part(rest) => {
                    return inner.call(Request::from_parts(head, Body::new(rest))).await;
                }
            };
            let question = Question {
                method: head.uri.path().to_owned(),
                roles,
                message: message.clone(),
            };
            if let Some(answer) = answers.find(&question, &state) {
                return Ok(answer.response());
            }
            let body = Body::new(Resumed::of(message, Rest::End(None)));
            let response = inner.call(Request::from_parts(head, body)).await?;
            Ok(answers.keep(question, state, response).await)
        }
        .boxed()
    }
}

impl Answers {
    fn find(&self, question: &Question, state: &Arc<str>) -> Option<Arc<Answer>> {
        let kept = self.cache.as_ref()?.get(question)?;
        (kept.state == *state).then_some(kept)
    }

    /// Keeps an answer, where it is one and is small, and gives it on.
    async fn keep(
        &self,
        question: Question,
        state: Arc<str>,
        response: Response<Body>,
    ) -> Response<Body> {
        // A refusal is no answer: its reason may go at any time.
        let Some(cache) = &self.cache else {
            return response;
        };
        if response.headers().contains_key(Status::GRPC_STATUS) {
            return response;
        }
        let (head, body) = response.into_parts();
        let (message, trailers) = match read(body, self.most).await {
            Read::Whole(message, Some(trailers)) if is_good(&trailers) => (message, trailers),
            Read::Whole(message, trailers) => {
                let body = Resumed::of(message, Rest::End(trailers));
                return Response::from_parts(head, Body::new(body));
            }
            Read::Part(rest) => return Response::from_parts(head, Body::new(rest)),
        };
        let answer = Arc::new(Answer {
            state,
            headers: head.headers,
            message,
            trailers,
        });
        cache.insert(question, Arc::clone(&answer));
        answer.response()
    }
}

impl Answer {
    fn response(&self) -> Response<Body> {
        let rest = Rest::End(Some(self.trailers.clone()));
        let mut response = Response::new(Body::new(Resumed::of(self.message.clone(), rest)));
        response.headers_mut().clone_from(&self.headers);
        response
    }
}

fn is_good(trailers: &HeaderMap) -> bool {
    trailers
        .get(Status::GRPC_STATUS)
        .is_some_and(|status| status.as_bytes() == b"0")
}

/// A body, as far as it was read.
enum Read {
    /// All of it, and its trailers.
    Whole(Bytes, Option<HeaderMap>),
    /// More than was wanted of it, or what came before it failed: the whole of it to be read again.
    Part(Resumed),
}

async fn read(mut body: Body, most: usize) -> Read {
    let mut read = VecDeque::new();
    let mut length = 0;
    loop {
        let frame = poll_fn(|context| http_body::Body::poll_frame(Pin::new(&mut body), context));
        let frame = match frame.await {
            None => return Read::Whole(joined(read), None),
            Some(Err(status)) => {
                let rest = Rest::Failed(Some(status));
                return Read::Part(Resumed { read, rest });
            }
            Some(Ok(frame)) => frame,
        };
        match frame.into_data() {
            Ok(data) => {
                length += data.len();
                read.push_back(data);
                if length > most {
                    let rest = Rest::Open(body);
                    return Read::Part(Resumed { read, rest });
                }
            }
            Err(frame) => {
                if let Ok(trailers) = frame.into_trailers() {
                    return Read::Whole(joined(read), Some(trailers));
                }
            }
        }
    }
}

fn joined(mut pieces: VecDeque<Bytes>) -> Bytes {
    match pieces.len() {
        0 | 1 => pieces.pop_front().unwrap_or_default(),
        _ => Vec::from(pieces).concat().into(),
    }
}

/// A body of which a part was read already, from its start.
struct Resumed {
    read: VecDeque<Bytes>,
    rest: Rest,
}

enum Rest {
    /// Nothing comes after, but the trailers.
    End(Option<HeaderMap>),
    Failed(Option<Status>),
    Open(Body),
}

impl Resumed {
    fn of(message: Bytes, rest: Rest) -> Self {
        Self {
            read: VecDeque::from([message]),
            rest,
        }
    }
}

impl http_body::Body for Resumed {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if let Some(data) = self.read.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        match &mut self.rest {
            Rest::End(trailers) => Poll::Ready(trailers.take().map(|t| Ok(Frame::trailers(t)))),
            Rest::Failed(status) => Poll::Ready(status.take().map(Err)),
            Rest::Open(body) => http_body::Body::poll_frame(Pin::new(body), context),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.read.is_empty()
            && match &self.rest {
                Rest::End(trailers) => trailers.is_none(),
                Rest::Failed(status) => status.is_none(),
                Rest::Open(body) => http_body::Body::is_end_stream(body),
            }
    }

    fn size_hint(&self) -> SizeHint {
        let read: usize = self.read.iter().map(Bytes::len).sum();
        let read = u64::try_from(read).unwrap_or(u64::MAX);
        match &self.rest {
            Rest::End(_) | Rest::Failed(_) => SizeHint::with_exact(read),
            Rest::Open(_) => {
                let mut hint = SizeHint::new();
                hint.set_lower(read);
                hint
            }
        }
    }
}

#[cfg(test)]
mod tests;
