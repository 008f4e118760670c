//! A server of tonic's with nothing around it, and messages that are bytes on both sides.

use std::{convert::Infallible, task};

use bytes::{Buf as _, BufMut as _, Bytes};
use futures::future::{BoxFuture, Ready, ready};
use tokio::task::JoinHandle;
use tonic::{
    Request, Response, Status,
    body::Body,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    codegen::http,
    server::{NamedService, UnaryService},
    transport::{Server, server::TcpIncoming},
};
use tower::Service;

use crate::{error::BenchError, gateway::loopback};

/// The one method.
pub const PATH: &str = "/regtrade.bench.Echo/Answer";

/// An echo that runs until this is dropped.
pub struct Echo {
    address: String,
    task: JoinHandle<()>,
}

impl Echo {
    /// Answers each call with the same bytes.
    ///
    /// # Errors
    /// Where there is no port.
    pub async fn start(answer: Bytes) -> Result<Self, BenchError> {
        let (listener, address) = loopback().await?;
        let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
        let server = Server::builder().add_service(Answering(answer));
        let task = tokio::spawn(async move {
            // Where it ends, the calls of the benchmark say so.
            let _ = server.serve_with_incoming(incoming).await;
        });
        Ok(Self {
            address: format!("http://{address}"),
            task,
        })
    }

    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Clone)]
struct Answering(Bytes);

impl NamedService for Answering {
    const NAME: &'static str = "regtrade.bench.Echo";
}

impl UnaryService<Bytes> for Answering {
    type Response = Bytes;
    type Future = Ready<Result<Response<Bytes>, Status>>;

    fn call(&mut self, _request: Request<Bytes>) -> Self::Future {
        ready(Ok(Response::new(self.0.clone())))
    }
}

impl Service<http::Request<Body>> for Answering {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut task::Context<'_>) -> task::Poll<Result<(), Infallible>> {
        task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let answering = self.clone();
        Box::pin(async move {
            let mut grpc = tonic::server::Grpc::new(Raw);
            Ok(grpc.unary(answering, request).await)
        })
    }
}

/// Messages as they are, encoded already.
#[derive(Clone, Copy)]
pub struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        let length = buffer.remaining();
        Ok(Some(buffer.copy_to_bytes(length)))
    }
}
