//! Stands around each service: no call gets past without being told what its caller may do.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::BoxFuture;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::http::{Request, Response};
use tonic::metadata::MetadataMap;
use tonic::server::NamedService;
use tonic::transport::server::TcpConnectInfo;
use tower::Service;

use super::{AUTHORIZATION, Authority};

/// A service behind the door.
#[derive(Clone)]
pub(crate) struct Door<S> {
    authority: Arc<Authority>,
    inner: S,
}

impl<S> Door<S> {
    pub(crate) fn new(authority: &Arc<Authority>, inner: S) -> Self {
        Self {
            authority: Arc::clone(authority),
            inner,
        }
    }
}

impl<S: NamedService> NamedService for Door<S> {
    const NAME: &'static str = S::NAME;
}

impl<S> Service<Request<Body>> for Door<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let authority = Arc::clone(&self.authority);
        // The service that was asked whether it is ready must be the one that is called.
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next);
        let address = request
            .extensions()
            .get::<TcpConnectInfo>()
            .and_then(TcpConnectInfo::remote_addr);
        let metadata = MetadataMap::from_headers(request.headers().clone());
        // What was checked is of no use to anyone further on.
        request.headers_mut().remove(AUTHORIZATION);
        async move {
            match authority.caller(&metadata, address).await {
                Ok(caller) => {
                    request.extensions_mut().insert(caller);
                    inner.call(request).await
                }
                Err(failure) => Ok(Status::from(failure).into_http()),
            }
        }
        .boxed()
    }
}
