//! Which releases there are, as indicators knows it.

use std::sync::Arc;

use regtrade_proto::v1;
use regtrade_service::{Backend, Clock};
use tonic::{Request, Response, Status};
use v1::catalogue_service_server::CatalogueService;

use super::Onward;
use crate::authorise;
use crate::resolve::Asked;

/// Forwards to the catalogue of indicators.
pub(crate) struct Catalogue {
    indicators: Backend,
    message_bytes: usize,
    clock: Arc<dyn Clock>,
}

impl Catalogue {
    /// `message_bytes` is the largest answer that is taken from the backend, in bytes.
    pub(crate) fn new(indicators: Backend, message_bytes: usize, clock: Arc<dyn Clock>) -> Self {
        Self {
            indicators,
            message_bytes,
            clock,
        }
    }

    fn onward<T>(&self, request: &Request<T>) -> Result<Onward, Status> {
        let roles = authorise::roles(request)?;
        Ok(Onward::new(
            &self.indicators,
            self.message_bytes,
            request,
            roles,
        ))
    }
}

#[tonic::async_trait]
impl CatalogueService for Catalogue {
    async fn list_releases(
        &self,
        request: Request<v1::ListReleasesRequest>,
    ) -> Result<Response<v1::ListReleasesResponse>, Status> {
        let onward = self.onward(&request)?;
        let request = onward.request(request.into_inner());
        onward.answer(onward.catalogue().list_releases(request).await)
    }

    async fn get_release(
        &self,
        request: Request<v1::GetReleaseRequest>,
    ) -> Result<Response<v1::GetReleaseResponse>, Status> {
        let onward = self.onward(&request)?;
        let request = onward.request(request.into_inner());
        onward.answer(onward.catalogue().get_release(request).await)
    }
    async fn list_codelists(
        &self,
        request: Request<v1::ListCodelistsRequest>,
    ) -> Result<Response<v1::ListCodelistsResponse>, Status> {
        let onward = self.onward(&request)?;
        let request = onward.request(request.into_inner());
        onward.answer(onward.catalogue().list_codelists(request).await)
    }

    async fn get_codelist(
        &self,
        request: Request<v1::GetCodelistRequest>,
    ) -> Result<Response<v1::GetCodelistResponse>, Status> {
        let onward = self.onward(&request)?;
        let mut message = request.into_inner();
        let asked = Asked::of(
            message.dataflow_asked(),
            message.as_of_asked(),
            self.clock.now(),
        )?;
        // The codes are the same for everyone; what there is of them is told of what the caller may see.
        message.as_of = asked.resolved_if_any(&onward).await?;
        let request = onward.request(message);
        onward.answer(onward.catalogue().get_codelist(request).await)
    }
}
