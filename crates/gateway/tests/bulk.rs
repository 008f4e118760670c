//! Bulk rows through the gateway: as many as the client takes, of the release that is meant, with the caller's roles.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use std::time::Duration;

use arrow_flight::{
    Action, ActionType, Criteria, Empty, FlightData, FlightDescriptor, FlightInfo,
    HandshakeRequest, HandshakeResponse, PollInfo, PutResult, SchemaResult, Ticket,
    flight_service_client::FlightServiceClient,
    flight_service_server::{FlightService, FlightServiceServer},
};
use futures::stream::{self, BoxStream, StreamExt as _};
use prost::Message as _;
use regtrade_gateway::{Config, TokenConfig};
use regtrade_proto::v1::{
    self,
    catalogue_service_server::{CatalogueService, CatalogueServiceServer},
};
use regtrade_service::{Limits, Secret, ServerBuilder, SystemClock};
use tokio::net::TcpListener;
use tonic::transport::Channel;
use tonic::{Code, Request, Response, Status, Streaming};

const RELEASE: &str = "REGTRD-2024-0123456789abcdef";
/// Bytes of a message.
const BYTES: usize = 100_000;
/// What may lie in the buffers of two connections, in messages: windows of a few MiB each.
const BUFFERED: usize = 200;
const PATIENCE: Duration = Duration::from_secs(20);

/// An endless source of rows that counts what is taken of it.
#[derive(Clone, Default)]
struct Source {
    made: Arc<AtomicUsize>,
    gone: Arc<AtomicBool>,
    asked: Arc<Mutex<Vec<v1::ListObservationsRequest>>>,
}

struct LetGo(Arc<AtomicBool>);

impl Drop for LetGo {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A gateway in front of a source.
async fn gateway() -> (FlightServiceClient<Channel>, Source) {
    let secret = Secret::random().unwrap();
    let behind = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let front = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let backend = format!("http://{}", behind.local_addr().unwrap());
    let address = format!("http://{}", front.local_addr().unwrap());
    let source = Source::default();
    let server = ServerBuilder::new("source", Limits::default())
        .backend_secret(secret.clone())
        .long_lived("/arrow.flight.protocol.FlightService/DoGet")
        .add_service(CatalogueServiceServer::new(source.clone()))
        .add_service(FlightServiceServer::new(source.clone()));
    tokio::spawn(server.serve(behind, std::future::pending()));
    let config = Config {
        ingest: backend.clone(),
        indicators: backend,
        tokens: TokenConfig::default(),
        limits: Limits {
            // Shorter than a test waits: bulk rows must outlive it.
            deadline_default: Duration::from_millis(500),
            deadline_maximum: Duration::from_millis(500),
            ..Limits::default()
        },
    };
    let never = std::future::pending();
    let clock = Arc::new(SystemClock);
    tokio::spawn(regtrade_gateway::start(front, config, secret, clock, never));
    let channel = Channel::from_shared(address).unwrap().connect_lazy();
    (FlightServiceClient::new(channel), source)
}

fn ticket() -> Ticket {
    Ticket::new(v1::ListObservationsRequest::default().encode_to_vec())
}

/// Waits until something holds, and fails where it does not in time.
async fn until(holds: impl Fn() -> bool) {
    let end = tokio::time::Instant::now() + PATIENCE;
    while !holds() {
        assert!(tokio::time::Instant::now() < end, "it did not come about");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Waits until the source is asked for no more, and says how much was taken of it.
async fn settled(source: &Source) -> usize {
    let mut before = 0;
    loop {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let made = source.made.load(Ordering::SeqCst);
        if made == before || made > 10 * BUFFERED {
            return made;
        }
        before = made;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_made_as_the_client_takes_them_and_no_more_when_it_goes() {
    let (mut client, source) = gateway().await;
    let mut rows = client.do_get(ticket()).await.unwrap().into_inner();
    rows.message().await.unwrap().unwrap();
    let untaken = settled(&source).await;
    assert!(
        untaken <= BUFFERED,
        "{untaken} messages for a client that took one"
    );

    // It goes on where it stood, past the deadline of an ordinary call.
    for _ in 0..2 * BUFFERED {
        rows.message().await.unwrap().unwrap();
    }
    let made = settled(&source).await;
    assert!((2 * BUFFERED..=3 * BUFFERED + 1).contains(&made), "{made}");
    assert!(!source.gone.load(Ordering::SeqCst));
    drop(rows);
    until(|| source.gone.load(Ordering::SeqCst)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_means_the_release_that_is_latest_for_the_caller() {
    let (mut client, source) = gateway().await;
    client.do_get(ticket()).await.unwrap();
    let asked = source.asked.lock().unwrap().pop().unwrap();
    let at = asked.as_of.and_then(|as_of| as_of.at);
    assert_eq!(at, Some(v1::as_of::At::Release(RELEASE.into())));

    let descriptor = FlightDescriptor::new_cmd(ticket().ticket);
    let info = client.get_flight_info(descriptor.clone()).await.unwrap();
    assert_eq!(info.into_inner().flight_descriptor, Some(descriptor));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_and_what_is_not_offered_is_refused_in_words() {
    let (mut client, _) = gateway().await;
    let refused = client.do_get(Ticket::new("no message")).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(refused.message().starts_with("ticket: "), "{refused}");
    let path = FlightDescriptor::new_path(vec!["levels".into()]);
    let refused = client.get_schema(path).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let refused = client.list_actions(Empty {}).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unimplemented);
    assert!(refused.message().contains("DoGet"), "{refused}");
}

fn not_here<T>() -> Result<T, Status> {
    Err(Status::unimplemented("not of these tests"))
}

#[tonic::async_trait]
impl CatalogueService for Source {
    async fn list_releases(
        &self,
        _: Request<v1::ListReleasesRequest>,
    ) -> Result<Response<v1::ListReleasesResponse>, Status> {
        let at = Some(regtrade_proto::timestamp(
            "2026-01-01T00:00:00Z".parse().unwrap(),
        ));
        let release = v1::Release {
            release: RELEASE.into(),
            dataflow: v1::Dataflow::Regtrd.into(),
            edition: "2024".into(),
            published_at: at,
            loaded_at: at,
            digest: "0".repeat(64),
            ..Default::default()
        };
        Ok(Response::new(v1::ListReleasesResponse {
            releases: vec![release],
            ..Default::default()
        }))
    }

    async fn get_release(
        &self,
        _: Request<v1::GetReleaseRequest>,
    ) -> Result<Response<v1::GetReleaseResponse>, Status> {
        not_here()
    }

    async fn list_codelists(
        &self,
        _: Request<v1::ListCodelistsRequest>,
    ) -> Result<Response<v1::ListCodelistsResponse>, Status> {
        not_here()
    }

    async fn get_codelist(
        &self,
        _: Request<v1::GetCodelistRequest>,
    ) -> Result<Response<v1::GetCodelistResponse>, Status> {
        not_here()
    }
}

#[tonic::async_trait]
impl FlightService for Source {
    type HandshakeStream = BoxStream<'static, Result<HandshakeResponse, Status>>;
    type ListFlightsStream = BoxStream<'static, Result<FlightInfo, Status>>;
    type DoGetStream = BoxStream<'static, Result<FlightData, Status>>;
    type DoPutStream = BoxStream<'static, Result<PutResult, Status>>;
    type DoExchangeStream = BoxStream<'static, Result<FlightData, Status>>;
    type DoActionStream = BoxStream<'static, Result<arrow_flight::Result, Status>>;
    type ListActionsStream = BoxStream<'static, Result<ActionType, Status>>;

    async fn do_get(
        &self,
        request: Request<Ticket>,
    ) -> Result<Response<Self::DoGetStream>, Status> {
        let asked = v1::ListObservationsRequest::decode(request.into_inner().ticket);
        self.asked.lock().unwrap().push(asked.unwrap());
        let (made, guard) = (Arc::clone(&self.made), LetGo(Arc::clone(&self.gone)));
        let rows = stream::repeat(()).map(move |()| {
            let _held = &guard;
            made.fetch_add(1, Ordering::SeqCst);
            Ok(FlightData::new().with_data_body(vec![0; BYTES]))
        });
        Ok(Response::new(rows.boxed()))
    }

    async fn get_flight_info(
        &self,
        _: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        Ok(Response::new(FlightInfo::new()))
    }

    async fn get_schema(
        &self,
        _: Request<FlightDescriptor>,
    ) -> Result<Response<SchemaResult>, Status> {
        not_here()
    }

    async fn handshake(
        &self,
        _: Request<Streaming<HandshakeRequest>>,
    ) -> Result<Response<Self::HandshakeStream>, Status> {
        not_here()
    }

    async fn list_flights(
        &self,
        _: Request<Criteria>,
    ) -> Result<Response<Self::ListFlightsStream>, Status> {
        not_here()
    }

    async fn poll_flight_info(
        &self,
        _: Request<FlightDescriptor>,
    ) -> Result<Response<PollInfo>, Status> {
        not_here()
    }

    async fn do_put(
        &self,
        _: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoPutStream>, Status> {
        not_here()
    }

    async fn do_exchange(
        &self,
        _: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoExchangeStream>, Status> {
        not_here()
    }

    async fn do_action(
        &self,
        _: Request<Action>,
    ) -> Result<Response<Self::DoActionStream>, Status> {
        not_here()
    }

    async fn list_actions(
        &self,
        _: Request<Empty>,
    ) -> Result<Response<Self::ListActionsStream>, Status> {
        not_here()
    }
}
