//! What reaches the ingest service of an upload through the gateway.

#![allow(clippy::unwrap_used, reason = "what a test cannot unwrap fails it")]

mod support;

use futures::StreamExt;
use futures::stream;
use regtrade_gateway::TokenConfig;
use regtrade_proto::v1;
use regtrade_service::SystemClock;
use regtrade_service::roles::{Role, Roles};
use support::{Behind, Seen};
use tokio::sync::mpsc;
use tonic::Request;
use v1::ingest_service_client::IngestServiceClient;

/// A gateway without token keys: its address, and what the service behind it sees.
async fn gateway() -> (String, mpsc::UnboundedReceiver<Seen>) {
    let Behind { address, seen, .. } = support::gateway(TokenConfig::default(), SystemClock).await;
    (address, seen)
}

fn part() -> v1::IngestReleaseRequest {
    v1::IngestReleaseRequest {
        part: Some(v1::ReleasePart {
            part: Some(v1::release_part::Part::Chunk(vec![7; 1000].into())),
        }),
    }
}

#[tokio::test]
async fn a_whole_upload_arrives_whole_with_the_roles_that_the_gateway_gives() {
    let (address, mut seen) = gateway().await;
    let mut client = IngestServiceClient::connect(address).await.unwrap();
    let mut request = Request::new(stream::iter([part(), part(), part()]));
    Roles::of([Role::Preview]).put_on(request.metadata_mut());
    let answer = client.ingest_release(request).await.unwrap();
    assert_eq!(answer.get_ref().figures, 7);
    assert_eq!(
        support::next(&mut seen).await,
        Seen::Begin(Roles::of([Role::Ingest]))
    );
    for _ in 0..3 {
        assert_eq!(support::next(&mut seen).await, Seen::Part);
    }
    assert_eq!(support::next(&mut seen).await, Seen::End);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_whose_caller_goes_never_looks_complete() {
    let (address, mut seen) = gateway().await;
    for _ in 0..30 {
        let mut client = IngestServiceClient::connect(address.clone()).await.unwrap();
        // The caller resets its stream, or closes the connection, after one part.
        let parts = stream::iter([part()]).chain(stream::pending());
        let call = tokio::spawn(async move { client.ingest_release(parts).await });
        assert!(matches!(support::next(&mut seen).await, Seen::Begin(_)));
        assert_eq!(support::next(&mut seen).await, Seen::Part);
        call.abort();
        assert_eq!(support::next(&mut seen).await, Seen::Broken);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_its_caller_resets_never_looks_complete() {
    let (address, mut seen) = gateway().await;
    let client = IngestServiceClient::connect(address).await.unwrap();
    for _ in 0..30 {
        let (go, gone) = tokio::sync::oneshot::channel::<()>();
        let parts = stream::iter([part()]).chain(stream::once(async move {
            let _ = gone.await;
            part()
        }));
        let mut client = client.clone();
        let call =
            tokio::spawn(
                async move { client.ingest_release(parts.chain(stream::pending())).await },
            );
        assert!(matches!(support::next(&mut seen).await, Seen::Begin(_)));
        assert_eq!(support::next(&mut seen).await, Seen::Part);
        // The connection stays: what goes is this call alone.
        call.abort();
        let _ = go.send(());
        let last = match support::next(&mut seen).await {
            Seen::Part => support::next(&mut seen).await,
            other => other,
        };
        assert_eq!(last, Seen::Broken);
    }
}
