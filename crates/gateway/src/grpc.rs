//! The services: decode, call, map, encode; nothing else.

mod catalogue;
mod flight;
mod indicators;
mod ingest;
mod upload;

use regtrade_proto::v1;
use regtrade_service::roles::Roles;
use regtrade_service::{Backend, CallContext, Failure};
use tonic::transport::Channel;
use tonic::{Request, Response, Status};
use v1::catalogue_service_client::CatalogueServiceClient;

pub(crate) use catalogue::Catalogue;
pub(crate) use flight::Flight;
pub(crate) use indicators::Indicators;
pub(crate) use ingest::Ingest;

/// A backend, on behalf of one call and of what its caller may do.
pub(crate) struct Onward {
    backend: Backend,
    message_bytes: usize,
    call: CallContext,
    roles: Roles,
}

impl Onward {
    fn new<T>(backend: &Backend, message_bytes: usize, request: &Request<T>, roles: Roles) -> Self {
        Self {
            backend: backend.clone(),
            message_bytes,
            call: CallContext::of(request),
            roles,
        }
    }

    /// A client of the catalogue of this backend.
    pub(crate) fn catalogue(&self) -> CatalogueServiceClient<Channel> {
        CatalogueServiceClient::new(self.backend.channel())
            .max_decoding_message_size(self.message_bytes)
    }

    /// A request with the context of the call, the secret, the roles of the caller, and nothing else of the caller.
    pub(crate) fn request<T>(&self, message: T) -> Request<T> {
        let mut request = self.backend.request(&self.call, message);
        self.roles.put_on(request.metadata_mut());
        request
    }

    /// What to tell the caller about a status of this backend.
    pub(crate) fn failure(&self, status: &Status) -> Failure {
        self.backend.failure(status)
    }

    /// The message that the backend answers, without its metadata.
    fn answer<T>(&self, answer: Result<Response<T>, Status>) -> Result<Response<T>, Status> {
        match answer {
            Ok(response) => Ok(Response::new(response.into_inner())),
            Err(status) => Err(self.failure(&status).into()),
        }
    }
}
