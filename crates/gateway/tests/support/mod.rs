//! A gateway in front of services that tell what they see.

#![allow(dead_code, reason = "each test binary uses a part of this")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::stream::{BoxStream, StreamExt};
use regtrade_gateway::{Config, TokenConfig};
use regtrade_proto::v1;
use regtrade_service::roles::Roles;
use regtrade_service::{Clock, Limits, Secret, ServerBuilder};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status, Streaming};
use v1::catalogue_service_server::{CatalogueService, CatalogueServiceServer};
use v1::ingest_service_server::{IngestService, IngestServiceServer};

/// Nothing that a test waits for takes longer than this.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the services saw.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen {
    /// A call that is not an upload, with the roles on it.
    Call(Roles),
    /// An upload begins.
    Begin(Roles),
    Part,
    End,
    Broken,
    /// The stream of a watcher is let go of.
    WatcherGone,
}

/// What a watcher is told.
pub type Told = mpsc::UnboundedSender<Result<v1::WatchReleasesResponse, Status>>;

/// A gateway, and what is behind it.
pub struct Behind {
    /// Where the gateway is.
    pub address: String,
    /// What the services behind it see.
    pub seen: mpsc::UnboundedReceiver<Seen>,
    /// Tells the watcher that came last.
    pub tell: Arc<Mutex<Option<Told>>>,
}

/// Services that tell what they see, even of calls that are dropped.
#[derive(Clone)]
struct Witness {
    seen: mpsc::UnboundedSender<Seen>,
    tell: Arc<Mutex<Option<Told>>>,
}

/// Starts a gateway in front of a witness.
pub async fn gateway(tokens: TokenConfig, clock: impl Clock + 'static) -> Behind {
    let secret = Secret::random().unwrap();
    let (see, seen) = mpsc::unbounded_channel();
    let tell = Arc::new(Mutex::new(None));
    let behind = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let front = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", front.local_addr().unwrap());
    let config = Config {
        ingest: format!("http://{}", behind.local_addr().unwrap()),
        indicators: format!("http://{}", behind.local_addr().unwrap()),
        tokens,
        limits: Limits::default(),
    };
    let witness = Witness {
        seen: see,
        tell: Arc::clone(&tell),
    };
    let server = ServerBuilder::new("witness", Limits::default())
        .backend_secret(secret.clone())
        .long_lived("/regtrade.v1.IngestService/WatchReleases")
        .add_service(CatalogueServiceServer::new(witness.clone()))
        .add_service(IngestServiceServer::new(witness));
    tokio::spawn(server.serve(behind, std::future::pending()));
    let clock = Arc::new(clock);
    let never = std::future::pending();
    tokio::spawn(regtrade_gateway::start(front, config, secret, clock, never));
    Behind {
        address,
        seen,
        tell,
    }
}

/// What the services see next.
pub async fn next(seen: &mut mpsc::UnboundedReceiver<Seen>) -> Seen {
    let next = patiently(seen.recv()).await;
    next.expect("the services are gone")
}

/// What a future comes to, within the patience of a test.
pub async fn patiently<T>(future: impl Future<Output = T>) -> T {
    let output = tokio::time::timeout(PATIENCE, future).await;
    output.expect("a test waits in vain")
}

impl Witness {
    fn sees(&self, seen: Seen) {
        let _ = self.seen.send(seen);
    }

    fn sees_call(&self, metadata: &MetadataMap) -> Result<(), Status> {
        // What a caller shows is for the gateway alone.
        if metadata.contains_key("authorization") {
            return Err(Status::internal("the token of the caller came through"));
        }
        self.sees(Seen::Call(Roles::on(metadata)));
        Ok(())
    }
}

#[tonic::async_trait]
impl CatalogueService for Witness {
    async fn list_releases(
        &self,
        request: Request<v1::ListReleasesRequest>,
    ) -> Result<Response<v1::ListReleasesResponse>, Status> {
        self.sees_call(request.metadata())?;
        Ok(Response::new(v1::ListReleasesResponse::default()))
    }

    async fn get_release(
        &self,
        _: Request<v1::GetReleaseRequest>,
    ) -> Result<Response<v1::GetReleaseResponse>, Status> {
        Err(Status::unimplemented("not of these tests"))
    }

    async fn list_codelists(
        &self,
        _: Request<v1::ListCodelistsRequest>,
    ) -> Result<Response<v1::ListCodelistsResponse>, Status> {
        Err(Status::unimplemented("not of these tests"))
    }

    async fn get_codelist(
        &self,
        _: Request<v1::GetCodelistRequest>,
    ) -> Result<Response<v1::GetCodelistResponse>, Status> {
        Err(Status::unimplemented("not of these tests"))
    }
}

#[tonic::async_trait]
impl IngestService for Witness {
    async fn ingest_release(
        &self,
        request: Request<Streaming<v1::IngestReleaseRequest>>,
    ) -> Result<Response<v1::IngestReleaseResponse>, Status> {
        let witness = self.clone();
        witness.sees(Seen::Begin(Roles::on(request.metadata())));
        let mut parts = request.into_inner();
        let reading = tokio::spawn(async move {
            loop {
                let next = match parts.message().await {
                    Ok(Some(_)) => Seen::Part,
                    Ok(None) => Seen::End,
                    Err(_) => Seen::Broken,
                };
                let last = next != Seen::Part;
                witness.sees(next);
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
        Err(Status::unimplemented("not of these tests"))
    }

    async fn list_ingested_releases(
        &self,
        request: Request<v1::ListIngestedReleasesRequest>,
    ) -> Result<Response<v1::ListIngestedReleasesResponse>, Status> {
        self.sees_call(request.metadata())?;
        Ok(Response::new(v1::ListIngestedReleasesResponse::default()))
    }

    async fn get_ingested_release(
        &self,
        _: Request<v1::GetIngestedReleaseRequest>,
    ) -> Result<Response<v1::GetIngestedReleaseResponse>, Status> {
        Err(Status::unimplemented("not of these tests"))
    }

    async fn withdraw_release(
        &self,
        _: Request<v1::WithdrawReleaseRequest>,
    ) -> Result<Response<v1::WithdrawReleaseResponse>, Status> {
        Err(Status::unimplemented("not of these tests"))
    }

    async fn reschedule_release(
        &self,
        _: Request<v1::RescheduleReleaseRequest>,
    ) -> Result<Response<v1::RescheduleReleaseResponse>, Status> {
        Err(Status::unimplemented("not of these tests"))
    }

    type WatchReleasesStream = BoxStream<'static, Result<v1::WatchReleasesResponse, Status>>;

    async fn watch_releases(
        &self,
        request: Request<v1::WatchReleasesRequest>,
    ) -> Result<Response<Self::WatchReleasesStream>, Status> {
        let (tell, told) = mpsc::unbounded_channel();
        let watched = tell.clone();
        *self.tell.lock().unwrap() = Some(tell);
        self.sees_call(request.metadata())?;
        let witness = self.clone();
        tokio::spawn(async move {
            watched.closed().await;
            witness.sees(Seen::WatcherGone);
        });
        Ok(Response::new(UnboundedReceiverStream::new(told).boxed()))
    }
}
