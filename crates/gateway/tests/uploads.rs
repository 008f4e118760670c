//! What reaches the ingest service of an upload through the gateway.

#![allow(clippy::unwrap_used, reason = "what a test cannot unwrap fails it")]

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use regtrade_gateway::Config;
use regtrade_proto::v1;
use regtrade_service::roles::{Role, Roles};
use regtrade_service::{Limits, Secret, ServerBuilder, SystemClock};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tonic::{Request, Response, Status, Streaming};
use v1::ingest_service_client::IngestServiceClient;
use v1::ingest_service_server::{IngestService, IngestServiceServer};

/// Nothing that a test waits for takes longer than this.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the ingest service saw of an upload.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Begin(Roles),
    Part,
    End,
    Broken,
}

/// An ingest service that tells what it sees, even of calls that are dropped.
struct Witness(mpsc::UnboundedSender<Seen>);

#[tonic::async_trait]
impl IngestService for Witness {
    async fn ingest_release(
        &self,
        request: Request<Streaming<v1::IngestReleaseRequest>>,
    ) -> Result<Response<v1::IngestReleaseResponse>, Status> {
        let seen = self.0.clone();
        let _ = seen.send(Seen::Begin(Roles::on(request.metadata())));
        let mut parts = request.into_inner();
        let reading = tokio::spawn(async move {
            loop {
                let next = match parts.message().await {
                    Ok(Some(_)) => Seen::Part,
                    Ok(None) => Seen::End,
                    Err(_) => Seen::Broken,
                };
                let last = next != Seen::Part;
                let _ = seen.send(next);
                if last {
                    return;
                }
            }
        });
        reading.await.map_err(|_| Status::internal("panicked"))?;
        Ok(Response::new(v1::IngestReleaseResponse {
            figures: 7,
            ..Default::default()
        }))
    }

    async fn check_release(
        &self,
        _: Request<Streaming<v1::CheckReleaseRequest>>,
    ) -> Result<Response<v1::CheckReleaseResponse>, Status> {
        Err(Status::unimplemented("not of this test"))
    }

    async fn list_ingested_releases(
        &self,
        _: Request<v1::ListIngestedReleasesRequest>,
    ) -> Result<Response<v1::ListIngestedReleasesResponse>, Status> {
        Err(Status::unimplemented("not of this test"))
    }

    async fn get_ingested_release(
        &self,
        _: Request<v1::GetIngestedReleaseRequest>,
    ) -> Result<Response<v1::GetIngestedReleaseResponse>, Status> {
        Err(Status::unimplemented("not of this test"))
    }

    type WatchReleasesStream = BoxStream<'static, Result<v1::WatchReleasesResponse, Status>>;

    async fn watch_releases(
        &self,
        _: Request<v1::WatchReleasesRequest>,
    ) -> Result<Response<Self::WatchReleasesStream>, Status> {
        Err(Status::unimplemented("not of this test"))
    }
}

/// A gateway in front of a witness: its address, and what the witness sees.
async fn gateway() -> (String, mpsc::UnboundedReceiver<Seen>) {
    let secret = Secret::random().unwrap();
    let (tell, seen) = mpsc::unbounded_channel();
    let behind = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let front = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", front.local_addr().unwrap());
    let config = Config {
        ingest: format!("http://{}", behind.local_addr().unwrap()),
        indicators: "http://127.0.0.1:9".to_owned(),
        limits: Limits::default(),
    };
    let witness = ServerBuilder::new("ingest", Limits::default())
        .backend_secret(secret.clone())
        .add_service(IngestServiceServer::new(Witness(tell)));
    tokio::spawn(witness.serve(behind, std::future::pending()));
    let clock = Arc::new(SystemClock);
    tokio::spawn(regtrade_gateway::start(
        front,
        config,
        secret,
        clock,
        std::future::pending(),
    ));
    (address, seen)
}

fn part() -> v1::IngestReleaseRequest {
    v1::IngestReleaseRequest {
        part: Some(v1::ReleasePart {
            part: Some(v1::release_part::Part::Chunk(vec![7; 1000])),
        }),
    }
}

async fn next(seen: &mut mpsc::UnboundedReceiver<Seen>) -> Seen {
    let next = tokio::time::timeout(PATIENCE, seen.recv()).await;
    next.expect("the ingest service sees nothing more").unwrap()
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
        next(&mut seen).await,
        Seen::Begin(Roles::of([Role::Ingest]))
    );
    for _ in 0..3 {
        assert_eq!(next(&mut seen).await, Seen::Part);
    }
    assert_eq!(next(&mut seen).await, Seen::End);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_whose_caller_goes_never_looks_complete() {
    let (address, mut seen) = gateway().await;
    for _ in 0..30 {
        let mut client = IngestServiceClient::connect(address.clone()).await.unwrap();
        // The caller resets its stream, or closes the connection, after one part.
        let parts = stream::iter([part()]).chain(stream::pending());
        let call = tokio::spawn(async move { client.ingest_release(parts).await });
        assert!(matches!(next(&mut seen).await, Seen::Begin(_)));
        assert_eq!(next(&mut seen).await, Seen::Part);
        call.abort();
        assert_eq!(next(&mut seen).await, Seen::Broken);
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
        assert!(matches!(next(&mut seen).await, Seen::Begin(_)));
        assert_eq!(next(&mut seen).await, Seen::Part);
        // The connection stays: what goes is this call alone.
        call.abort();
        let _ = go.send(());
        let last = match next(&mut seen).await {
            Seen::Part => next(&mut seen).await,
            other => other,
        };
        assert_eq!(last, Seen::Broken);
    }
}
