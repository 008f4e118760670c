//! Which releases there are, as indicators knows it.

use regtrade_proto::v1;
use regtrade_service::Backend;
use tonic::{Request, Response, Status};
use v1::catalogue_service_server::CatalogueService;

use super::Onward;
use crate::authorise;

/// Forwards to the catalogue of indicators.
pub(crate) struct Catalogue {
    indicators: Backend,
    message_bytes: usize,
}

impl Catalogue {
    /// `message_bytes` is the largest answer that is taken from the backend, in bytes.
    pub(crate) fn new(indicators: Backend, message_bytes: usize) -> Self {
        Self {
            indicators,
            message_bytes,
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
}
