//! What a caller is told of an error, and what not.

use std::time::Duration;

use regtrade_service::{Cause, Failure, FieldViolation, Limits};
use tonic::{Code, Status};

use crate::probe::{
    BREAK, BREAK_LATE, ECHO, PANIC, RELAY, builder, start, streaming, text, unary, within,
};

const CAUSES: [Cause; 12] = [
    Cause::InvalidArgument,
    Cause::NotFound,
    Cause::AlreadyExists,
    Cause::FailedPrecondition,
    Cause::Aborted,
    Cause::PermissionDenied,
    Cause::Unauthenticated,
    Cause::ResourceExhausted,
    Cause::Unavailable,
    Cause::DeadlineExceeded,
    Cause::Unimplemented,
    Cause::Internal,
];

#[test]
fn a_failure_comes_out_of_its_status_as_it_went_in() {
    for cause in CAUSES {
        let mut failure = Failure::new(cause, "SOME_REASON", "what is wrong, in words: é")
            .with_metadata("backend", "ingest")
            .with_retry_after(Duration::from_millis(1_500));
        failure.violations = vec![
            FieldViolation {
                field: "query.as_of.release".to_owned(),
                description: "is not a release id".to_owned(),
            },
            FieldViolation {
                field: "query.items[1]".to_owned(),
                description: "is given twice".to_owned(),
            },
        ];
        let status = Status::from(failure.clone());
        assert_eq!(status.code(), cause.code());
        assert_eq!(Failure::from_status(&status), failure);
    }
}

#[test]
fn a_status_without_details_has_the_name_of_its_code_as_reason() {
    let failure = Failure::from_status(&Status::not_found("no such release"));
    assert_eq!(failure.cause, Cause::NotFound);
    assert_eq!(failure.reason, "NOT_FOUND");
    assert_eq!(failure.message, "no such release");
}

#[test]
fn a_wrong_field_is_named_in_the_message_and_in_the_violation() {
    let status = Status::from(Failure::invalid_field(
        "BAD_PERIOD",
        "from",
        "2025 is after to",
    ));
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(status.message(), "from: 2025 is after to");
    assert_eq!(Failure::from_status(&status).violations[0].field, "from");
}

fn assert_names_the_log(status: &Status, request_id: &str) {
    assert_eq!(status.code(), Code::Internal);
    assert_eq!(
        status.message(),
        format!(
            "internal error; the log of service indicators has it under request id {request_id}"
        )
    );
    let failure = Failure::from_status(status);
    assert_eq!(failure.reason, "INTERNAL");
    assert_eq!(failure.metadata["request_id"], request_id);
    assert!(!format!("{status:?}").contains("on fire"), "{status:?}");
}

#[tokio::test]
async fn the_cause_of_an_internal_error_is_not_sent_but_where_to_find_it() {
    let server = start(builder(Limits::default())).await;
    let channel = server.channel().await;
    for method in [BREAK, PANIC] {
        let mut request = text("");
        request
            .metadata_mut()
            .insert("x-request-id", "find-me".parse().unwrap());
        let status = unary(&channel, method, request).await.unwrap_err();
        assert_names_the_log(&status, "find-me");
    }
    // The same holds for an error in the middle of a stream.
    let answer = streaming(&channel, BREAK_LATE).await.unwrap();
    let id = answer.metadata().get("x-request-id").unwrap().clone();
    let mut stream = answer.into_inner();
    assert_eq!(within(stream.message()).await.unwrap().unwrap(), "first");
    let status = within(stream.message()).await.unwrap_err();
    assert_names_the_log(&status, id.to_str().unwrap());

    unary(&channel, ECHO, text("still here")).await.unwrap();
    server.end().await;
}

#[tokio::test]
async fn an_internal_error_of_a_backend_keeps_the_name_of_the_backend() {
    let server = start(builder(Limits::default())).await;
    let status = unary(&server.channel().await, RELAY, text(""))
        .await
        .unwrap_err();
    assert_eq!(status.message(), "see ingest");
    let failure = Failure::from_status(&status);
    assert_eq!(failure.metadata["service"], "ingest");
    assert_eq!(failure.metadata["request_id"], "there");
    server.end().await;
}
