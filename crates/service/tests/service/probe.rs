//! A server with a service whose methods do what a test needs, and a client of it.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, StreamExt};
use regtrade_service::{CallContext, Cause, Failure, Limits, ServeError, ServerBuilder};
use tokio::net::TcpListener;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tonic::body::Body;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::codegen::http::{Request as HttpRequest, Response as HttpResponse};
use tonic::metadata::MetadataMap;
use tonic::server::NamedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status, Streaming};
use tonic_health::pb::health_client::HealthClient;
use tonic_prost::ProstCodec;
use tower::Service;

/// Nothing that a test waits for takes longer than this.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A service of strings.
#[derive(Clone, Default)]
pub struct Probe {
    /// Told when a call of [`NEVER`] is under way.
    pub under_way: Arc<Notify>,
}

impl NamedService for Probe {
    const NAME: &'static str = "regtrade.test.Probe";
}

pub const ECHO: &str = "/regtrade.test.Probe/Echo";
pub const ONWARD: &str = "/regtrade.test.Probe/Onward";
pub const PEER: &str = "/regtrade.test.Probe/Peer";
pub const NEVER: &str = "/regtrade.test.Probe/Never";
pub const BREAK: &str = "/regtrade.test.Probe/Break";
pub const RELAY: &str = "/regtrade.test.Probe/Relay";
pub const PANIC: &str = "/regtrade.test.Probe/Panic";
pub const STREAM: &str = "/regtrade.test.Probe/Stream";
pub const BREAK_LATE: &str = "/regtrade.test.Probe/BreakLate";
pub const WATCH: &str = "/regtrade.test.Probe/Watch";

#[derive(Debug, thiserror::Error)]
#[error("the lake is on fire")]
struct OnFire;

struct Unary(String, Arc<Notify>);

impl tonic::server::UnaryService<String> for Unary {
    type Response = String;
    type Future = BoxFuture<'static, Result<Response<String>, Status>>;

    fn call(&mut self, request: Request<String>) -> Self::Future {
        let method = self.0.clone();
        let under_way = Arc::clone(&self.1);
        Box::pin(async move {
            let answer = match method.as_str() {
                ECHO => request.into_inner(),
                ONWARD => {
                    let mut onward = MetadataMap::new();
                    CallContext::of(&request).put_on(&mut onward);
                    format!("{:?}", onward.into_headers())
                }
                PEER => request.remote_addr().unwrap().to_string(),
                NEVER => {
                    under_way.notify_one();
                    std::future::pending().await
                }
                BREAK => return Err(Failure::internal(&OnFire).into()),
                // What a gateway makes of an internal error that a backend answered.
                RELAY => {
                    let from_ingest = Failure::new(Cause::Internal, "INTERNAL", "see ingest")
                        .with_metadata("service", "ingest")
                        .with_metadata("request_id", "there");
                    return Err(Failure::from_status(&from_ingest.into()).into());
                }
                _ => panic!("the probe panics as it is told"),
            };
            Ok(Response::new(answer))
        })
    }
}

struct Server(String);

impl tonic::server::ServerStreamingService<String> for Server {
    type Response = String;
    type ResponseStream = BoxStream<'static, Result<String, Status>>;
    type Future = BoxFuture<'static, Result<Response<Self::ResponseStream>, Status>>;

    fn call(&mut self, _: Request<String>) -> Self::Future {
        let first = stream::iter([Ok("first".to_owned())]);
        let rest = if self.0 == BREAK_LATE {
            stream::iter([Err(Failure::internal(&OnFire).into())]).boxed()
        } else {
            stream::pending().boxed()
        };
        Box::pin(async move { Ok(Response::new(first.chain(rest).boxed())) })
    }
}

impl Service<HttpRequest<Body>> for Probe {
    type Response = HttpResponse<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<HttpResponse<Body>, Infallible>>;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Infallible>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequest<Body>) -> Self::Future {
        let under_way = Arc::clone(&self.under_way);
        Box::pin(async move {
            let mut grpc = tonic::server::Grpc::new(ProstCodec::<String, String>::default());
            let path = request.uri().path().to_owned();
            Ok(match path.as_str() {
                STREAM | WATCH | BREAK_LATE => grpc.server_streaming(Server(path), request).await,
                _ => grpc.unary(Unary(path, under_way), request).await,
            })
        })
    }
}

/// A server that ends when it is told to.
pub struct Running {
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), ServeError>>,
}

pub fn builder(limits: Limits) -> ServerBuilder {
    builder_of(Probe::default(), limits)
}

pub fn builder_of(probe: Probe, limits: Limits) -> ServerBuilder {
    ServerBuilder::new("indicators", limits)
        .long_lived(WATCH)
        .add_service(probe)
}

pub async fn start(builder: ServerBuilder) -> Running {
    start_on(TcpListener::bind("127.0.0.1:0").await.unwrap(), builder)
}

pub fn start_on(listener: TcpListener, builder: ServerBuilder) -> Running {
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(builder.serve(listener, async {
        let _ = stopped.await;
    }));
    Running {
        address,
        stop,
        task,
    }
}

impl Running {
    pub fn tell_to_end(self) -> JoinHandle<Result<(), ServeError>> {
        self.stop.send(()).unwrap();
        self.task
    }

    pub async fn end(self) {
        within(self.tell_to_end()).await.unwrap().unwrap();
    }

    pub async fn channel(&self) -> Channel {
        Endpoint::from_shared(format!("http://{}", self.address))
            .unwrap()
            .connect()
            .await
            .unwrap()
    }

    pub async fn health(&self) -> HealthClient<Channel> {
        HealthClient::new(self.channel().await)
    }
}

pub async fn unary(
    channel: &Channel,
    path: &'static str,
    request: Request<String>,
) -> Result<Response<String>, Status> {
    let mut client = tonic::client::Grpc::new(channel.clone());
    client.ready().await.unwrap();
    let codec = ProstCodec::<String, String>::default();
    within(client.unary(request, PathAndQuery::from_static(path), codec)).await
}

pub async fn streaming(
    channel: &Channel,
    path: &'static str,
) -> Result<Response<Streaming<String>>, Status> {
    let mut client = tonic::client::Grpc::new(channel.clone());
    client.ready().await.unwrap();
    let codec = ProstCodec::<String, String>::default();
    let request = Request::new(String::new());
    within(client.server_streaming(request, PathAndQuery::from_static(path), codec)).await
}

pub fn text(text: &str) -> Request<String> {
    Request::new(text.to_owned())
}

/// Waits for what must come, and fails where it does not.
pub async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("what the test waits for does not come")
}
