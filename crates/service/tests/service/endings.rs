//! How a server ends.

use std::time::{Duration, Instant};

use regtrade_service::{Failure, Limits};
use tonic::Code;
use tonic_health::ServingStatus;
use tonic_health::pb::HealthCheckRequest;

use crate::probe::{
    NEVER, Probe, STREAM, WATCH, builder, builder_of, start, streaming, text, unary, within,
};

#[tokio::test]
async fn health_says_not_serving_before_the_server_ends() {
    let server = start(builder(Limits::default())).await;
    let everything = HealthCheckRequest::default();
    let mut watch = server
        .health()
        .await
        .watch(everything)
        .await
        .unwrap()
        .into_inner();
    let first = within(watch.message()).await.unwrap().unwrap();
    assert_eq!(first.status, ServingStatus::Serving as i32);

    let ending = server.tell_to_end();
    let second = within(watch.message()).await.unwrap().unwrap();
    assert_eq!(second.status, ServingStatus::NotServing as i32);
    let last = within(watch.message()).await.unwrap_err();
    assert_eq!(Failure::from_status(&last).reason, "SHUTTING_DOWN");
    within(ending).await.unwrap().unwrap();
}

#[tokio::test]
async fn watchers_and_idle_connections_do_not_hold_up_the_end() {
    let server = start(builder(Limits::default()).grace(Duration::from_secs(3_600))).await;
    let idle = server.channel().await;
    let channel = server.channel().await;
    let mut watch = streaming(&channel, WATCH).await.unwrap().into_inner();
    assert_eq!(within(watch.message()).await.unwrap().unwrap(), "first");

    within(server.tell_to_end()).await.unwrap().unwrap();
    let status = within(watch.message()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(Failure::from_status(&status).reason, "SHUTTING_DOWN");
    drop(idle);
}

#[tokio::test]
async fn a_call_in_flight_finishes_and_no_new_connection_is_taken() {
    let limits = Limits {
        deadline_default: Duration::from_millis(300),
        ..Limits::default()
    };
    let server = start(builder(limits).grace(Duration::from_secs(3_600))).await;
    let address = server.address;
    let channel = server.channel().await;
    let mut stream = streaming(&channel, STREAM).await.unwrap().into_inner();
    assert_eq!(within(stream.message()).await.unwrap().unwrap(), "first");

    let ending = server.tell_to_end();
    within(async {
        while tokio::net::TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    // It has all the time that its own deadline leaves it.
    let status = within(stream.message()).await.unwrap_err();
    assert_eq!(Failure::from_status(&status).reason, "DEADLINE");
    within(ending).await.unwrap().unwrap();
}

#[tokio::test]
async fn what_does_not_finish_within_the_grace_is_cut_with_a_word() {
    let probe = Probe::default();
    let builder = builder_of(probe.clone(), Limits::default()).grace(Duration::from_millis(50));
    let server = start(builder).await;
    let channel = server.channel().await;
    let mut stream = streaming(&channel, STREAM).await.unwrap().into_inner();
    assert_eq!(within(stream.message()).await.unwrap().unwrap(), "first");

    let mut call = Box::pin(unary(&channel, NEVER, text("")));
    within(async {
        tokio::select! {
            answer = &mut call => panic!("it has ended: {answer:?}"),
            () = probe.under_way.notified() => {}
        }
    })
    .await;
    let told = Instant::now();
    let (status, ended) = tokio::join!(call, within(server.tell_to_end()));
    ended.unwrap().unwrap();
    // Calls that are cut hold up the end no longer; one that was not cut would by a second.
    assert!(told.elapsed() < Duration::from_secs(1));
    let status = status.unwrap_err();
    let failure = Failure::from_status(&status);
    assert_eq!(failure.reason, "SHUTTING_DOWN", "{status:?}");
    let status = within(stream.message()).await.unwrap_err();
    let failure = Failure::from_status(&status);
    assert_eq!(failure.reason, "SHUTTING_DOWN", "{status:?}");
}
