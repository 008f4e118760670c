//! Bulk rows over Arrow Flight: resolves which release a ticket means, and passes the batches on as they come.

use std::sync::Arc;

use arrow_flight::{
    Action, ActionType, Criteria, Empty, FlightData, FlightDescriptor, FlightInfo,
    HandshakeRequest, HandshakeResponse, PollInfo, PutResult, SchemaResult, Ticket,
    flight_descriptor::DescriptorType, flight_service_client::FlightServiceClient,
    flight_service_server::FlightService,
};
use futures::stream::{BoxStream, StreamExt as _};
use prost::Message as _;
use regtrade_proto::v1::{ListObservationsRequest, ListRevisionsRequest};
use regtrade_service::{Backend, Cause, Clock, Failure};
use tonic::transport::Channel;
use tonic::{Request, Response, Status, Streaming};

use super::Onward;
use crate::authorise;
use crate::resolve::{Asked, invalid};

/// Resolves which release is meant, and forwards to indicators.
pub(crate) struct Flight {
    indicators: Backend,
    message_bytes: usize,
    clock: Arc<dyn Clock>,
}

impl Flight {
    /// `message_bytes` is the largest message that is taken from the backend, in bytes.
    pub(crate) fn new(indicators: Backend, message_bytes: usize, clock: Arc<dyn Clock>) -> Self {
        Self {
            indicators,
            message_bytes,
            clock,
        }
    }

    fn client(&self) -> FlightServiceClient<Channel> {
        FlightServiceClient::new(self.indicators.channel())
            .max_decoding_message_size(self.message_bytes)
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

    /// The same request, of the one release that is meant.
    async fn resolved(
        &self,
        onward: &Onward,
        field: &str,
        message: &[u8],
    ) -> Result<Vec<u8>, Failure> {
        let changes = ListRevisionsRequest::of_command(message, field).map_err(invalid)?;
        if let Some(mut asked) = changes {
            let (from, to) = Asked::by_revisions(&asked, self.clock.now())?;
            asked.from = Some(from.resolved(onward).await?);
            asked.to = Some(to.resolved(onward).await?);
            return Ok(asked.to_command());
        }
        let mut message = ListObservationsRequest::decode(message).map_err(|_| {
            let expected = "must be an encoded regtrade.v1.ListObservationsRequest";
            Failure::invalid_field("INVALID_FIELD", field, expected)
        })?;
        let asked = Asked::by_observations(&message, self.clock.now())?;
        message.as_of = Some(asked.resolved(onward).await?);
        Ok(message.encode_to_vec())
    }

    async fn described(
        &self,
        onward: &Onward,
        descriptor: FlightDescriptor,
    ) -> Result<FlightDescriptor, Failure> {
        if descriptor.r#type() != DescriptorType::Cmd {
            let expected = "must be a command: an encoded regtrade.v1.ListObservationsRequest, or an Any of a ListRevisionsRequest";
            return Err(Failure::invalid_field(
                "INVALID_FIELD",
                "descriptor",
                expected,
            ));
        }
        let message = self
            .resolved(onward, "descriptor.cmd", &descriptor.cmd)
            .await?;
        Ok(FlightDescriptor::new_cmd(message))
    }
}

fn not_offered<T>() -> Result<T, Status> {
    Err(Failure::new(
        Cause::Unimplemented,
        "NOT_OFFERED",
        "the gateway offers GetFlightInfo, GetSchema and DoGet alone; releases come in by IngestService",
    )
    .into())
}

#[tonic::async_trait]
impl FlightService for Flight {
    type HandshakeStream = BoxStream<'static, Result<HandshakeResponse, Status>>;
    type ListFlightsStream = BoxStream<'static, Result<FlightInfo, Status>>;
    type DoGetStream = BoxStream<'static, Result<FlightData, Status>>;
    type DoPutStream = BoxStream<'static, Result<PutResult, Status>>;
    type DoExchangeStream = BoxStream<'static, Result<FlightData, Status>>;
    type DoActionStream = BoxStream<'static, Result<arrow_flight::Result, Status>>;
    type ListActionsStream = BoxStream<'static, Result<ActionType, Status>>;

    async fn get_flight_info(
        &self,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        let onward = self.onward(&request)?;
        let asked = request.into_inner();
        let descriptor = self.described(&onward, asked.clone()).await?;
        let request = onward.request(descriptor);
        let mut info = onward.answer(self.client().get_flight_info(request).await)?;
        // The caller's own words come back to it.
        info.get_mut().flight_descriptor = Some(asked);
        Ok(info)
    }

    async fn get_schema(
        &self,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<SchemaResult>, Status> {
        let onward = self.onward(&request)?;
        let descriptor = self.described(&onward, request.into_inner()).await?;
        let request = onward.request(descriptor);
        onward.answer(self.client().get_schema(request).await)
    }

    async fn do_get(
        &self,
        request: Request<Ticket>,
    ) -> Result<Response<Self::DoGetStream>, Status> {
        let caller = authorise::caller(&request)?;
        let onward = self.onward(&request)?;
        let message = request.into_inner().ticket;
        let message = self.resolved(&onward, "ticket", &message).await?;
        let request = onward.request(Ticket::new(message));
        let rows = onward.answer(self.client().do_get(request).await)?;
        // A message is asked of the backend when the caller takes one; what a token lets its bearer see, it does not
        // let it see longer than it is good itself.
        Ok(rows.map(|rows| {
            caller.while_good(
                rows.map(move |message| message.map_err(|status| onward.failure(&status).into())),
            )
        }))
    }

    async fn handshake(
        &self,
        _: Request<Streaming<HandshakeRequest>>,
    ) -> Result<Response<Self::HandshakeStream>, Status> {
        not_offered()
    }

    async fn list_flights(
        &self,
        _: Request<Criteria>,
    ) -> Result<Response<Self::ListFlightsStream>, Status> {
        not_offered()
    }

    async fn poll_flight_info(
        &self,
        _: Request<FlightDescriptor>,
    ) -> Result<Response<PollInfo>, Status> {
        not_offered()
    }

    async fn do_put(
        &self,
        _: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoPutStream>, Status> {
        not_offered()
    }

    async fn do_exchange(
        &self,
        _: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoExchangeStream>, Status> {
        not_offered()
    }

    async fn do_action(
        &self,
        _: Request<Action>,
    ) -> Result<Response<Self::DoActionStream>, Status> {
        not_offered()
    }

    async fn list_actions(
        &self,
        _: Request<Empty>,
    ) -> Result<Response<Self::ListActionsStream>, Status> {
        not_offered()
    }
}
