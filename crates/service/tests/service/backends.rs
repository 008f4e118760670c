//! A backend that is away, comes back, or is lost in the middle of a call.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use regtrade_service::backend::{Origin, origin};
use regtrade_service::{Backend, CallContext, Cause, Limits, Secret};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tonic::Status;

use crate::probe::{
    BREAK, ECHO, NEVER, ONWARD, Probe, STREAM, builder, builder_of, start, start_on, streaming,
    text, unary, within,
};

fn backend(address: SocketAddr) -> Backend {
    Backend::new("indicators", &format!("http://{address}"), None).unwrap()
}

fn assert_away(backend: &Backend, status: &Status) {
    assert_eq!(origin(status), Origin::Transport, "{status:?}");
    let failure = backend.failure(status);
    assert_eq!(failure.cause, Cause::Unavailable);
    assert_eq!(failure.reason, "BACKEND_AWAY");
    assert_eq!(failure.metadata["backend"], "indicators");
    assert!(failure.retry_after.is_some());
}

#[tokio::test]
async fn a_backend_that_is_away_fails_fast_and_is_there_again_when_it_is_back() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let backend = backend(address);

    for _ in 0..3 {
        let asked = Instant::now();
        let status = unary(&backend.channel(), ECHO, text("")).await.unwrap_err();
        assert_away(&backend, &status);
        assert!(asked.elapsed() < Duration::from_secs(1));
    }

    for _ in 0..3 {
        let server = start_on(
            TcpListener::bind(address).await.unwrap(),
            builder(Limits::default()),
        );
        let answer = unary(&backend.channel(), ECHO, text("back")).await.unwrap();
        assert_eq!(answer.into_inner(), "back");
        server.end().await;
        let status = unary(&backend.channel(), ECHO, text("")).await.unwrap_err();
        assert_away(&backend, &status);
    }
}

/// A way to a server that can be torn down at once, as by `kill -9` of the server: the connection is closed, or
/// reset where the server had not read all that came.
async fn tearable_way_to(server: SocketAddr, reset: bool) -> (SocketAddr, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut way = JoinSet::new();
    way.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((mut near, _)) = listener.accept().await {
            if reset {
                near.set_zero_linger().unwrap();
            }
            connections.spawn(async move {
                let mut far = TcpStream::connect(server).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    (address, way)
}

#[tokio::test]
async fn a_backend_that_is_lost_in_the_middle_of_a_call_is_away() {
    for reset in [false, true] {
        let probe = Probe::default();
        let server = start(builder_of(probe.clone(), Limits::default())).await;
        let (address, mut way) = tearable_way_to(server.address, reset).await;
        let backend = backend(address);
        let channel = backend.channel();
        let mut stream = streaming(&channel, STREAM).await.unwrap().into_inner();
        assert_eq!(within(stream.message()).await.unwrap().unwrap(), "first");

        let (status, ()) = tokio::join!(
            async { unary(&channel, NEVER, text("")).await.unwrap_err() },
            async {
                within(probe.under_way.notified()).await;
                way.shutdown().await;
            },
        );
        assert_away(&backend, &status);
        let status = within(stream.message()).await.unwrap_err();
        assert_away(&backend, &status);
        server.end().await;
    }
}

#[tokio::test]
async fn what_a_backend_answers_is_not_taken_for_its_being_away() {
    let server = start(builder(Limits::default())).await;
    let backend = backend(server.address);
    let status = unary(&backend.channel(), BREAK, text(""))
        .await
        .unwrap_err();
    assert_eq!(origin(&status), Origin::Backend);
    let failure = backend.failure(&status);
    assert_eq!(failure.cause, Cause::Internal);
    assert!(failure.message.contains("the log of service indicators"));
    server.end().await;
}

#[tokio::test]
async fn a_call_that_runs_out_of_time_on_the_way_is_not_taken_for_the_backend_being_away() {
    let server = start(builder(Limits::default())).await;
    let backend = backend(server.address);
    let mut request = text("");
    request.set_timeout(Duration::from_millis(50));
    let status = unary(&backend.channel(), NEVER, request).await.unwrap_err();
    let failure = backend.failure(&status);
    assert_eq!(failure.cause, Cause::DeadlineExceeded, "{status:?}");
    assert_eq!(failure.reason, "DEADLINE");
    server.end().await;
}

#[tokio::test]
async fn a_request_to_a_backend_carries_the_secret_and_the_context_of_the_call() {
    let secret = Secret::random().unwrap();
    let server = start(builder(Limits::default()).backend_secret(secret.clone())).await;
    let address = format!("http://{}", server.address);
    let call = CallContext::of(&text(""));

    let knows = Backend::new("indicators", &address, Some(secret)).unwrap();
    let request = knows.request(&call, String::new());
    let answer = unary(&knows.channel(), ONWARD, request).await.unwrap();
    assert!(answer.into_inner().contains(call.request_id()));

    let other = Some(Secret::random().unwrap());
    let does_not = Backend::new("indicators", &address, other).unwrap();
    let request = does_not.request(&call, String::new());
    let status = unary(&does_not.channel(), ONWARD, request)
        .await
        .unwrap_err();
    let failure = does_not.failure(&status);
    assert_eq!(failure.cause, Cause::Unavailable);
    assert_eq!(failure.reason, "BACKEND_REFUSED");
    server.end().await;
}

#[tokio::test]
async fn an_address_that_is_not_one_of_a_backend_is_refused() {
    for uri in [
        "",
        "localhost",
        "https://localhost:1",
        "http://localhost",
        "http://:x",
    ] {
        assert!(
            Backend::new("ingest", uri, None).is_err(),
            "{uri} was taken"
        );
    }
}
