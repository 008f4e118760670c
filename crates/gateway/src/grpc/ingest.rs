//! The write side: for those who hand releases in; but watching is for everyone.

use futures::stream::{BoxStream, StreamExt};
use regtrade_proto::v1;
use regtrade_service::Backend;
use tonic::transport::Channel;
use tonic::{Request, Response, Status, Streaming};
use v1::ingest_service_client::IngestServiceClient;
use v1::ingest_service_server::IngestService;

use super::{Onward, upload};
use crate::authorise;
use crate::lease::Leases;

/// Forwards to ingest.
pub(crate) struct Ingest {
    ingest: Backend,
    message_bytes: usize,
    /// Ended by whatever is handed in, and by whatever a watcher is told.
    leases: Leases,
}

impl Ingest {
    /// `message_bytes` is the largest answer that is taken from the backend, in bytes.
    pub(crate) fn new(ingest: Backend, message_bytes: usize, leases: Leases) -> Self {
        Self {
            ingest,
            message_bytes,
            leases,
        }
    }

    /// On behalf of a caller who has the role ingest.
    fn onward<T>(&self, request: &Request<T>) -> Result<Onward, Status> {
        let roles = authorise::ingest_roles(request)?;
        Ok(Onward::new(
            &self.ingest,
            self.message_bytes,
            request,
            roles,
        ))
    }

    fn client(&self) -> IngestServiceClient<Channel> {
        IngestServiceClient::new(self.ingest.channel())
            .max_decoding_message_size(self.message_bytes)
    }
}

#[tonic::async_trait]
impl IngestService for Ingest {
    async fn ingest_release(
        &self,
        request: Request<Streaming<v1::IngestReleaseRequest>>,
    ) -> Result<Response<v1::IngestReleaseResponse>, Status> {
        let onward = self.onward(&request)?;
        let _ending = self.leases.ending();
        let path = "/regtrade.v1.IngestService/IngestRelease";
        upload::forward(&onward, path, request.into_inner()).await
    }

    async fn check_release(
        &self,
        request: Request<Streaming<v1::CheckReleaseRequest>>,
    ) -> Result<Response<v1::CheckReleaseResponse>, Status> {
        let onward = self.onward(&request)?;
        let path = "/regtrade.v1.IngestService/CheckRelease";
        upload::forward(&onward, path, request.into_inner()).await
    }

    async fn list_ingested_releases(
        &self,
        request: Request<v1::ListIngestedReleasesRequest>,
    ) -> Result<Response<v1::ListIngestedReleasesResponse>, Status> {
        let onward = self.onward(&request)?;
        let request = onward.request(request.into_inner());
        onward.answer(self.client().list_ingested_releases(request).await)
    }

    async fn get_ingested_release(
        &self,
        request: Request<v1::GetIngestedReleaseRequest>,
    ) -> Result<Response<v1::GetIngestedReleaseResponse>, Status> {
        let onward = self.onward(&request)?;
        let request = onward.request(request.into_inner());
        onward.answer(self.client().get_ingested_release(request).await)
    }

    async fn withdraw_release(
        &self,
        request: Request<v1::WithdrawReleaseRequest>,
    ) -> Result<Response<v1::WithdrawReleaseResponse>, Status> {
        let onward = self.onward(&request)?;
        let _ending = self.leases.ending();
        let request = onward.request(request.into_inner());
        onward.answer(self.client().withdraw_release(request).await)
    }

    async fn reschedule_release(
        &self,
        request: Request<v1::RescheduleReleaseRequest>,
    ) -> Result<Response<v1::RescheduleReleaseResponse>, Status> {
        let onward = self.onward(&request)?;
        let _ending = self.leases.ending();
        let request = onward.request(request.into_inner());
        onward.answer(self.client().reschedule_release(request).await)
    }

    type WatchReleasesStream = BoxStream<'static, Result<v1::WatchReleasesResponse, Status>>;

    async fn watch_releases(
        &self,
        request: Request<v1::WatchReleasesRequest>,
    ) -> Result<Response<Self::WatchReleasesStream>, Status> {
        let caller = authorise::caller(&request)?;
        let roles = caller.roles.clone();
        let onward = Onward::new(&self.ingest, self.message_bytes, &request, roles);
        let request = onward.request(request.into_inner());
        let releases = onward.answer(self.client().watch_releases(request).await)?;
        let leases = self.leases.clone();
        Ok(releases.map(|releases| {
            // What a token lets its bearer see, it does not let it see longer than it is good itself.
            caller.while_good(releases.map(move |release| {
                leases.end();
                release.map_err(|status| onward.failure(&status).into())
            }))
        }))
    }
}
