//! Which answers are given again, and which are not.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tonic::codegen::http::HeaderValue;

use super::*;
use crate::roles::Role;

const METHOD: &str = "/regtrade.test.Probe/Ask";

/// A service that counts, and answers with what it was asked and the number of the answer; and what it is based on.
#[derive(Clone)]
struct Counting {
    worked_out: Arc<AtomicUsize>,
    state: Arc<Mutex<Option<&'static str>>>,
    /// The state that comes about while an answer is worked out.
    next: Option<&'static str>,
    status: &'static str,
    in_headers: bool,
    bytes: usize,
}

impl Counting {
    fn new() -> Self {
        Self {
            worked_out: Arc::default(),
            state: Arc::new(Mutex::new(Some("1"))),
            next: None,
            status: "0",
            in_headers: false,
            bytes: 0,
        }
    }

    fn set(&self, state: Option<&'static str>) {
        *self.state.lock().unwrap() = state;
    }

    fn count(&self) -> usize {
        self.worked_out.load(Ordering::SeqCst)
    }

    fn kept(&self, bytes: usize) -> Kept<Self> {
        let state = Arc::clone(&self.state);
        let answers = Answers::new(bytes, move |request| {
            let roles = Roles::in_headers(request.headers());
            let state = *state.lock().unwrap();
            let basis = state.map(|state| Basis {
                roles,
                state: state.into(),
            });
            futures::future::ready(basis).boxed()
        });
        Kept::new(answers, self.clone())
    }
}

impl Service<Request<Body>> for Counting {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let counting = self.clone();
        async move {
            let number = counting.worked_out.fetch_add(1, Ordering::SeqCst) + 1;
            if counting.next.is_some() {
                counting.set(counting.next);
            }
            let (asked, failed) = all(request.into_body()).await;
            let mut text = format!("{}, answer {number}", String::from_utf8_lossy(&asked));
            if failed {
                text += ", broken";
            }
            let mut trailers = HeaderMap::new();
            trailers.insert(
                Status::GRPC_STATUS,
                HeaderValue::from_static(counting.status),
            );
            let mut response = Response::new(());
            response
                .headers_mut()
                .insert("content-type", HeaderValue::from_static("application/grpc"));
            if counting.in_headers {
                response.headers_mut().extend(trailers);
                return Ok(response.map(|()| Body::empty()));
            }
            // In two pieces, as long answers come.
            let rest = vec![b'.'; counting.bytes];
            let body = Resumed {
                read: [text.into_bytes(), rest].map(Bytes::from).into(),
                rest: Rest::End(Some(trailers)),
            };
            Ok(response.map(|()| Body::new(body)))
        }
        .boxed()
    }
}

/// What a body has, and whether it broke.
async fn all(body: Body) -> (Vec<u8>, bool) {
    let mut body = body;
    let mut bytes = vec![];
    loop {
        let frame = poll_fn(|context| http_body::Body::poll_frame(Pin::new(&mut body), context));
        match frame.await {
            None => return (bytes, false),
            Some(Err(_)) => return (bytes, true),
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    bytes.extend_from_slice(data);
                }
            }
        }
    }
}

fn request(roles: &Roles, pieces: &[&str]) -> Request<Body> {
    let body = Resumed {
        read: pieces
            .iter()
            .map(|piece| Bytes::copy_from_slice(piece.as_bytes()))
            .collect(),
        rest: Rest::End(None),
    };
    let mut request = Request::new(Body::new(body));
    *request.uri_mut() = METHOD.parse().unwrap();
    let mut metadata = tonic::metadata::MetadataMap::new();
    roles.put_on(&mut metadata);
    *request.headers_mut() = metadata.into_headers();
    request
}

async fn answered(kept: &mut Kept<Counting>, request: Request<Body>) -> String {
    let response = kept.call(request).await.unwrap();
    let Read::Whole(bytes, trailers) = read(response.into_body(), usize::MAX).await else {
        panic!("the answer breaks off");
    };
    let trailers = trailers.unwrap_or_default();
    let status = trailers.get(Status::GRPC_STATUS);
    let status = status.map_or("", |status| status.to_str().unwrap());
    format!(
        "{} [{status}]",
        String::from_utf8_lossy(&bytes).trim_end_matches('.')
    )
}

const ROOM: usize = 1 << 20;

#[tokio::test]
async fn what_was_answered_is_answered_again_with_all_that_belongs_to_it() {
    let counting = Counting::new();
    let mut kept = counting.kept(ROOM);
    let public = Roles::of([]);
    for pieces in [&["year 2024"][..], &["year", " 2024"]] {
        let answer = answered(&mut kept, request(&public, pieces)).await;
        assert_eq!(answer, "year 2024, answer 1 [0]");
    }
    let response = kept.call(request(&public, &["year 2024"])).await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/grpc");
    assert_eq!(counting.count(), 1);

    let other = answered(&mut kept, request(&public, &["year 2023"])).await;
    assert_eq!(other, "year 2023, answer 2 [0]");
}

#[tokio::test]
async fn another_method_is_another_question() {
    let counting = Counting::new();
    let mut kept = counting.kept(ROOM);
    let public = Roles::of([]);
    answered(&mut kept, request(&public, &["year 2024"])).await;
    let mut other = request(&public, &["year 2024"]);
    *other.uri_mut() = "/regtrade.test.Probe/Other".parse().unwrap();
    assert_eq!(answered(&mut kept, other).await, "year 2024, answer 2 [0]");
}

#[tokio::test]
async fn no_answer_crosses_from_one_set_of_roles_to_another() {
    let counting = Counting::new();
    let mut kept = counting.kept(ROOM);
    let sets = [
        Roles::of([]),
        Roles::of([Role::Preview]),
        Roles::of([Role::Confidential]),
        Roles::of([Role::Preview, Role::Confidential]),
        Roles::of([Role::Ingest]),
        Roles::of([Role::Admin]),
    ];
    // Each is asked twice, and in both orders: the second time it gets its own, and nobody else's.
    for roles in sets.iter().chain(sets.iter().rev()) {
        answered(&mut kept, request(roles, &["year"])).await;
    }
    assert_eq!(counting.count(), sets.len());
    for (number, roles) in (1..).zip(&sets) {
        assert_eq!(
            answered(&mut kept, request(roles, &["year"])).await,
            format!("year, answer {number} [0]")
        );
    }
}

#[tokio::test]
async fn a_new_state_of_the_catalogue_makes_all_answers_old() {
    let counting = Counting::new();
    let mut kept = counting.kept(ROOM);
    let public = Roles::of([]);
    answered(&mut kept, request(&public, &["year"])).await;
    counting.set(Some("2"));
    let answer = answered(&mut kept, request(&public, &["year"])).await;
    assert_eq!(answer, "year, answer 2 [0]");
    // Nor is there a second answer of an earlier state.
    counting.set(Some("1"));
    let answer = answered(&mut kept, request(&public, &["year"])).await;
    assert_eq!(answer, "year, answer 3 [0]");
}

#[tokio::test]
async fn what_was_worked_out_while_the_state_changed_is_not_given_again() {
    let counting = Counting {
        next: Some("2"),
        ..Counting::new()
    };
    let mut kept = counting.kept(ROOM);
    let public = Roles::of([]);
    answered(&mut kept, request(&public, &["year"])).await;
    let answer = answered(&mut kept, request(&public, &["year"])).await;
    assert_eq!(answer, "year, answer 2 [0]");
    // From here on the state is the same before and after.
    let answer = answered(&mut kept, request(&public, &["year"])).await;
    assert_eq!(answer, "year, answer 2 [0]");
}

#[tokio::test]
async fn where_the_state_is_not_known_nothing_is_given_again() {
    let counting = Counting::new();
    let mut kept = counting.kept(ROOM);
    let public = Roles::of([]);
    answered(&mut kept, request(&public, &["year"])).await;
    counting.set(None);
    for number in 2..4 {
        let answer = answered(&mut kept, request(&public, &["year"])).await;
        assert_eq!(answer, format!("year, answer {number} [0]"));
    }
}

#[tokio::test]
async fn no_refusal_is_given_again() {
    for in_headers in [false, true] {
        let counting = Counting {
            status: "5",
            in_headers,
            ..Counting::new()
        };
        let mut kept = counting.kept(ROOM);
        for _ in 0..3 {
            let request = request(&Roles::of([]), &["year"]);
            let response = kept.call(request).await.unwrap();
            let status = if in_headers {
                response.headers().get(Status::GRPC_STATUS).cloned()
            } else {
                let Read::Whole(_, trailers) = read(response.into_body(), ROOM).await else {
                    panic!("the refusal breaks off");
                };
                trailers.unwrap().get(Status::GRPC_STATUS).cloned()
            };
            assert_eq!(status.unwrap(), "5");
        }
        assert_eq!(counting.count(), 3);
    }
}

#[tokio::test]
async fn what_is_large_passes_whole_and_is_not_kept() {
    let counting = Counting {
        bytes: ROOM / SHARE,
        ..Counting::new()
    };
    let mut kept = counting.kept(ROOM);
    let public = Roles::of([]);
    for number in 1..3 {
        let response = kept.call(request(&public, &["year"])).await.unwrap();
        let expected = format!("year, answer {number}").len() + counting.bytes;
        assert_eq!(all(response.into_body()).await.0.len(), expected);
    }

    let counting = Counting::new();
    let mut kept = counting.kept(ROOM);
    let long = "x".repeat(MOST_ASKED);
    for number in 1..3 {
        let pieces = [long.as_str(), "yz"];
        let answer = answered(&mut kept, request(&public, &pieces)).await;
        assert_eq!(answer, format!("{long}yz, answer {number} [0]"));
    }
}

#[tokio::test]
async fn a_request_that_breaks_off_is_not_taken_for_a_whole_one() {
    let counting = Counting::new();
    let mut kept = counting.kept(ROOM);
    let public = Roles::of([]);
    answered(&mut kept, request(&public, &["year"])).await;
    let body = Resumed {
        read: [Bytes::from_static(b"year")].into(),
        rest: Rest::Failed(Some(Status::cancelled("gone"))),
    };
    let broken = request(&public, &[]).map(|_| Body::new(body));
    assert_eq!(
        answered(&mut kept, broken).await,
        "year, answer 2, broken [0]"
    );
}

#[tokio::test]
async fn without_room_nothing_is_kept() {
    let counting = Counting::new();
    let mut kept = counting.kept(0);
    for _ in 0..3 {
        answered(&mut kept, request(&Roles::of([]), &["year"])).await;
    }
    assert_eq!(counting.count(), 3);
}

#[tokio::test]
async fn the_room_holds_no_more_than_it_has() {
    let counting = Counting {
        bytes: 1_000,
        ..Counting::new()
    };
    let mut kept = counting.kept(ROOM);
    for number in 0..5_000 {
        answered(&mut kept, request(&Roles::of([]), &[&number.to_string()])).await;
    }
    let cache = kept.answers.cache.as_ref().unwrap();
    assert!(cache.weight() <= u64::try_from(ROOM).unwrap());
    assert!(cache.len() > 100, "{}", cache.len());
}
