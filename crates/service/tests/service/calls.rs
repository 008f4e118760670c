//! What a caller meets: health, reflection, the secret, limits, the request id.

use std::time::Duration;

use regtrade_service::{CallContext, Cause, Failure, Limits, Secret, ServerBuilder};
use tonic::Code;
use tonic_health::ServingStatus;
use tonic_health::pb::HealthCheckRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::{ServerReflectionRequest, ServerReflectionResponse};

use crate::probe::{
    ECHO, NEVER, ONWARD, PEER, STREAM, WATCH, builder, start, streaming, text, unary, within,
};

fn ask(service: &str) -> HealthCheckRequest {
    HealthCheckRequest {
        service: service.to_owned(),
    }
}

async fn listed_services(channel: tonic::transport::Channel) -> Vec<String> {
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut answers = ServerReflectionClient::new(channel)
        .server_reflection_info(futures::stream::iter([request]))
        .await
        .unwrap()
        .into_inner();
    match within(answers.message()).await.unwrap() {
        Some(ServerReflectionResponse {
            message_response: Some(MessageResponse::ListServicesResponse(list)),
            ..
        }) => list
            .service
            .into_iter()
            .map(|service| service.name)
            .collect(),
        other => panic!("no list of services but {other:?}"),
    }
}

#[tokio::test]
async fn health_reports_the_server_and_each_of_its_services() {
    let server = start(builder(Limits::default())).await;
    let mut health = server.health().await;
    for service in ["", "regtrade.test.Probe"] {
        let answer = health.check(ask(service)).await.unwrap().into_inner();
        assert_eq!(answer.status, ServingStatus::Serving as i32, "{service}");
    }
    let unknown = health.check(ask("regtrade.test.Nobody")).await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
    server.end().await;
}

#[tokio::test]
async fn a_server_can_report_a_backend_too() {
    let builder = builder(Limits::default());
    let reporter = builder.health();
    let server = start(builder).await;
    reporter
        .set_service_status("ingest", ServingStatus::NotServing)
        .await;
    let answer = server.health().await.check(ask("ingest")).await.unwrap();
    assert_eq!(answer.into_inner().status, ServingStatus::NotServing as i32);
    server.end().await;
}

#[tokio::test]
async fn reflection_lists_the_services_of_the_descriptor_set() {
    let builder = ServerBuilder::new("ingest", Limits::default())
        .descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET);
    let server = start(builder).await;
    let services = listed_services(server.channel().await).await;
    assert!(
        services.contains(&"grpc.health.v1.Health".to_owned()),
        "{services:?}"
    );
    server.end().await;
}

#[tokio::test]
async fn a_backend_answers_to_those_alone_that_show_the_secret() {
    let secret = Secret::random().unwrap();
    let server = start(builder(Limits::default()).backend_secret(secret.clone())).await;
    let channel = server.channel().await;

    let mut wrong = text("hello");
    Secret::random().unwrap().put_on(wrong.metadata_mut());
    for request in [text("hello"), wrong] {
        let status = unary(&channel, ECHO, request).await.unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated);
        assert_eq!(Failure::from_status(&status).reason, "BACKEND_ONLY");
        assert!(status.message().contains("call the gateway"), "{status:?}");
    }
    let watch = streaming(&channel, WATCH).await.unwrap_err();
    assert_eq!(watch.code(), Code::Unauthenticated);

    let mut right = text("hello");
    secret.put_on(right.metadata_mut());
    let answer = unary(&channel, ECHO, right).await.unwrap();
    assert_eq!(answer.into_inner(), "hello");

    server.health().await.check(ask("")).await.unwrap();
    listed_services(channel.clone()).await;
    drop(channel);
    server.end().await;
}

#[tokio::test]
async fn a_call_that_takes_too_long_ends_at_its_deadline() {
    let limits = Limits {
        deadline_default: Duration::from_millis(50),
        ..Limits::default()
    };
    let server = start(builder(limits)).await;
    let channel = server.channel().await;

    let status = unary(&channel, NEVER, text("")).await.unwrap_err();
    let failure = Failure::from_status(&status);
    assert_eq!(failure.cause, Cause::DeadlineExceeded, "{status:?}");
    assert_eq!(failure.reason, "DEADLINE");
    assert!(status.metadata().contains_key("x-request-id"));

    // A stream has the same deadline, after what it had to say by then.
    let mut stream = streaming(&channel, STREAM).await.unwrap().into_inner();
    assert_eq!(within(stream.message()).await.unwrap().unwrap(), "first");
    let status = within(stream.message()).await.unwrap_err();
    assert_eq!(
        Failure::from_status(&status).reason,
        "DEADLINE",
        "{status:?}"
    );
    server.end().await;
}

#[tokio::test]
async fn a_caller_that_asks_for_more_than_the_maximum_gets_the_maximum() {
    let limits = Limits {
        deadline_maximum: Duration::from_millis(50),
        ..Limits::default()
    };
    let server = start(builder(limits)).await;
    let mut request = text("");
    request.set_timeout(Duration::from_secs(3_600));
    let status = unary(&server.channel().await, NEVER, request)
        .await
        .unwrap_err();
    assert_eq!(
        Failure::from_status(&status).reason,
        "DEADLINE",
        "{status:?}"
    );
    server.end().await;
}

#[tokio::test]
async fn a_long_lived_stream_outlives_the_deadline() {
    let limits = Limits {
        deadline_default: Duration::from_millis(50),
        ..Limits::default()
    };
    let server = start(builder(limits)).await;
    let channel = server.channel().await;
    let mut watch = streaming(&channel, WATCH).await.unwrap().into_inner();
    assert_eq!(within(watch.message()).await.unwrap().unwrap(), "first");
    // By the end of this call the deadline of the stream, were there one, has passed.
    unary(&channel, NEVER, text("")).await.unwrap_err();
    let more = futures::FutureExt::now_or_never(watch.message());
    assert!(more.is_none(), "the stream has ended: {more:?}");
    drop(watch);
    server.end().await;
}

#[tokio::test]
async fn one_call_more_than_the_limit_is_refused_and_has_a_place_once_another_ends() {
    let limits = Limits {
        concurrency: 1,
        ..Limits::default()
    };
    let server = start(builder(limits)).await;
    let channel = server.channel().await;
    let mut stream = streaming(&channel, STREAM).await.unwrap().into_inner();
    assert_eq!(within(stream.message()).await.unwrap().unwrap(), "first");

    let status = unary(&channel, ECHO, text("")).await.unwrap_err();
    let failure = Failure::from_status(&status);
    assert_eq!(failure.cause, Cause::ResourceExhausted);
    assert_eq!(failure.reason, "CONCURRENCY");
    assert!(failure.retry_after.is_some());

    // Health needs no place, and long-lived streams have their own.
    server.health().await.check(ask("")).await.unwrap();
    let watch = streaming(&channel, WATCH).await.unwrap();
    let second = streaming(&channel, WATCH).await.unwrap_err();
    assert_eq!(Failure::from_status(&second).reason, "CONCURRENCY");
    drop(watch);

    drop(stream);
    within(async {
        while unary(&channel, ECHO, text("")).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    server.end().await;
}

#[tokio::test]
async fn a_request_id_comes_back_and_one_is_made_where_there_is_none() {
    let server = start(builder(Limits::default())).await;
    let channel = server.channel().await;
    let mut named = text("");
    named
        .metadata_mut()
        .insert("x-request-id", "nightly-7".parse().unwrap());
    let answer = unary(&channel, ECHO, named).await.unwrap();
    assert_eq!(answer.metadata().get("x-request-id").unwrap(), "nightly-7");

    let mut malformed = text("");
    malformed
        .metadata_mut()
        .insert("x-request-id", "two words".parse().unwrap());
    for request in [text(""), malformed] {
        let answer = unary(&channel, ECHO, request).await.unwrap();
        let made = answer.metadata().get("x-request-id").unwrap();
        assert_eq!(made.as_encoded_bytes().len(), 32);
    }
    server.end().await;
}

#[tokio::test]
async fn a_handler_can_pass_on_the_request_id_the_trace_and_the_time_that_is_left() {
    let server = start(builder(Limits::default())).await;
    let call = CallContext::of(&text(""));
    let mut request = text("");
    call.put_on(request.metadata_mut());
    request.set_timeout(Duration::from_secs(5));
    let answer = unary(&server.channel().await, ONWARD, request)
        .await
        .unwrap();
    let onward = answer.into_inner();
    assert!(onward.contains(call.request_id()), "{onward}");
    assert!(
        onward.contains(&format!("00-{}-", call.trace_id())),
        "{onward}"
    );
    assert!(onward.contains("\"grpc-timeout\": \"4"), "{onward}");
    server.end().await;
}

#[tokio::test]
async fn a_handler_knows_the_address_of_its_caller() {
    let server = start(builder(Limits::default())).await;
    let answer = unary(&server.channel().await, PEER, text(""))
        .await
        .unwrap();
    assert!(answer.into_inner().starts_with("127.0.0.1:"));
    server.end().await;
}
