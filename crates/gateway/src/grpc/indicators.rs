//! Figures, from the one release that is meant.

use std::sync::Arc;

use regtrade_proto::{
    Passed,
    passed_on::{
        indicator_service_client::IndicatorServiceClient,
        indicator_service_server::IndicatorService,
    },
    v1,
};
use regtrade_service::{Backend, Clock};
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use super::Onward;
use crate::authorise;
use crate::resolve::Asked;

/// Resolves which release is meant, and forwards to indicators, whose answers are handed on as they come.
pub(crate) struct Indicators {
    indicators: Backend,
    message_bytes: usize,
    clock: Arc<dyn Clock>,
}

impl Indicators {
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

    fn client(&self) -> IndicatorServiceClient<Channel> {
        IndicatorServiceClient::new(self.indicators.channel())
            .max_decoding_message_size(self.message_bytes)
    }
}

#[tonic::async_trait]
impl IndicatorService for Indicators {
    async fn get_key_indicators(
        &self,
        request: Request<v1::GetKeyIndicatorsRequest>,
    ) -> Result<Response<Passed>, Status> {
        let onward = self.onward(&request)?;
        let mut message = request.into_inner();
        let asked = Asked::by_key_indicators(&message, self.clock.now())?;
        message.as_of = Some(asked.resolved(&onward).await?);
        let request = onward.request(message);
        onward.answer(self.client().get_key_indicators(request).await)
    }

    async fn list_observations(
        &self,
        request: Request<v1::ListObservationsRequest>,
    ) -> Result<Response<Passed>, Status> {
        let onward = self.onward(&request)?;
        let mut message = request.into_inner();
        let asked = Asked::by_observations(&message, self.clock.now())?;
        message.as_of = Some(asked.resolved(&onward).await?);
        let request = onward.request(message);
        onward.answer(self.client().list_observations(request).await)
    }

    async fn list_revisions(
        &self,
        request: Request<v1::ListRevisionsRequest>,
    ) -> Result<Response<Passed>, Status> {
        let onward = self.onward(&request)?;
        let mut message = request.into_inner();
        let (from, to) = Asked::by_revisions(&message, self.clock.now())?;
        message.from = Some(from.resolved(&onward).await?);
        message.to = Some(to.resolved(&onward).await?);
        let request = onward.request(message);
        onward.answer(self.client().list_revisions(request).await)
    }

    async fn list_revision_statistics(
        &self,
        request: Request<v1::ListRevisionStatisticsRequest>,
    ) -> Result<Response<Passed>, Status> {
        let onward = self.onward(&request)?;
        let mut message = request.into_inner();
        let asked = Asked::by_statistics(&message, self.clock.now())?;
        message.as_of = Some(asked.resolved(&onward).await?);
        let request = onward.request(message);
        onward.answer(self.client().list_revision_statistics(request).await)
    }
    async fn list_contributions(
        &self,
        request: Request<v1::ListContributionsRequest>,
    ) -> Result<Response<Passed>, Status> {
        let onward = self.onward(&request)?;
        let mut message = request.into_inner();
        let asked = Asked::of(
            message.dataflow_asked(),
            message.as_of_asked(),
            self.clock.now(),
        )?;
        message.as_of = Some(asked.resolved(&onward).await?);
        let request = onward.request(message);
        onward.answer(self.client().list_contributions(request).await)
    }

    async fn list_structure_indicators(
        &self,
        request: Request<v1::ListStructureIndicatorsRequest>,
    ) -> Result<Response<Passed>, Status> {
        let onward = self.onward(&request)?;
        let mut message = request.into_inner();
        let asked = Asked::of(
            message.dataflow_asked(),
            message.as_of_asked(),
            self.clock.now(),
        )?;
        message.as_of = Some(asked.resolved(&onward).await?);
        let request = onward.request(message);
        onward.answer(self.client().list_structure_indicators(request).await)
    }

    async fn list_reconciliation(
        &self,
        request: Request<v1::ListReconciliationRequest>,
    ) -> Result<Response<Passed>, Status> {
        let onward = self.onward(&request)?;
        let mut message = request.into_inner();
        let (regtrd, exttrade) = Asked::by_reconciliation(&message, self.clock.now())?;
        message.exttrade_as_of = exttrade.resolved_if_any(&onward).await?;
        // One of the two can be missing, and is then said to be. With neither there is nothing to say.
        message.regtrd_as_of = match message.exttrade_as_of {
            Some(_) => regtrd.resolved_if_any(&onward).await?,
            None => Some(regtrd.resolved(&onward).await?),
        };
        let request = onward.request(message);
        onward.answer(self.client().list_reconciliation(request).await)
    }
}
