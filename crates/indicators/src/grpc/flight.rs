//! Bulk rows over Arrow Flight: all that `ListObservations` pages through, as one stream of record batches.
//!
//! A ticket, and the command of a descriptor, is an encoded `ListObservationsRequest` without a page, or for what changed
//! between two vintages, a `ListRevisionsRequest` in a `google.protobuf.Any`. A batch is
//! made when the client takes it, a few thousand rows are read ahead of it, and what a client lets go of is not read on.

mod changes;
mod rows;
#[cfg(test)]
mod tests;

use arrow::{array::RecordBatch, datatypes::SchemaRef, ipc::writer::IpcWriteOptions};
use arrow_flight::{
    Action, ActionType, Criteria, Empty, FlightData, FlightDescriptor, FlightEndpoint, FlightInfo,
    HandshakeRequest, HandshakeResponse, PollInfo, PutResult, SchemaAsIpc, SchemaResult, Ticket,
    encode::FlightDataEncoderBuilder, error::FlightError, flight_descriptor::DescriptorType,
    flight_service_server::FlightService,
};
use futures::{Stream, TryStreamExt as _, stream::BoxStream};
use prost::Message as _;
use regtrade_model::{Item, Language};
use regtrade_proto::v1::{self, ListObservationsRequest};
use regtrade_service::{Cause, Failure, roles::Roles};
use tonic::{Request, Response, Status, Streaming};

use super::{Reader, caveats_with, selection};
use crate::{error::of_field, observations::Selection, vintage::Chosen};

/// Rows of a batch, where the limit of rows allows as many.
const ROWS: u32 = 4096;

/// A request that was read, and the vintage that it names.
struct Asked {
    request: ListObservationsRequest,
    selection: Selection,
    language: Language,
    vintage: Chosen,
}

impl Reader {
    async fn bulk(&self, roles: &Roles, message: &[u8]) -> Result<Asked, Failure> {
        let request = ListObservationsRequest::decode(message).map_err(|_| {
            let expected = "must be an encoded regtrade.v1.ListObservationsRequest";
            Failure::invalid_field("INVALID_FIELD", "ticket", expected)
        })?;
        for (field, is_set) in [
            ("page_size", request.page_size != 0),
            ("page_token", !request.page_token.is_empty()),
        ] {
            if is_set {
                let description = "must be empty: bulk rows have no pages";
                return Err(Failure::invalid_field("INVALID_FIELD", field, description));
            }
        }
        let language = request.language_asked().map_err(|error| of_field(&error))?;
        let selection = selection(&request).map_err(|error| of_field(&error))?;
        let (dataflow, as_of) = (request.dataflow_asked(), request.as_of_asked());
        let vintage = self.vintage(roles, dataflow, "as_of", as_of).await?;
        Ok(Asked {
            request,
            selection,
            language,
            vintage,
        })
    }

    /// All of an answer but its rows.
    fn about(&self, roles: &Roles, asked: &Asked) -> v1::ListObservationsResponse {
        let release = asked.vintage.head();
        let [_, _, items, ..] = asked.selection.key.places();
        let mut items: Vec<Item> = items.iter().filter_map(|item| item.parse().ok()).collect();
        if items.is_empty() {
            items = Item::ALL.to_vec();
        }
        v1::ListObservationsResponse {
            release: Some(self.shown(release, roles)),
            caveats: caveats_with(&asked.vintage, &items, asked.language),
            uncertain: self.all_shown(asked.vintage.uncertain(), roles),
            as_of: Some(v1::AsOf::from(&asked.vintage.pinned())),
            ..Default::default()
        }
    }
}

fn not_offered<T>() -> Result<T, Status> {
    Err(Failure::new(
        Cause::Unimplemented,
        "NOT_OFFERED",
        "this service offers GetFlightInfo, GetSchema and DoGet alone",
    )
    .into())
}

/// The command of a descriptor.
fn command(descriptor: &FlightDescriptor) -> Result<&[u8], Failure> {
    if descriptor.r#type() == DescriptorType::Cmd {
        return Ok(&descriptor.cmd);
    }
    let expected = "must be a command: an encoded regtrade.v1.ListObservationsRequest, or an Any of a ListRevisionsRequest";
    Err(Failure::invalid_field(
        "INVALID_FIELD",
        "descriptor",
        expected,
    ))
}

/// Batches as messages, the first of which has what is to be known of them all.
fn encoded(
    schema: SchemaRef,
    about: Vec<u8>,
    batches: impl Stream<Item = Result<RecordBatch, Failure>> + Send + 'static,
) -> BoxStream<'static, Result<FlightData, Status>> {
    let messages = FlightDataEncoderBuilder::new()
        .with_schema(schema)
        .with_metadata(about.into())
        .build(batches.map_err(|failure| FlightError::from(Status::from(failure))))
        .map_err(|error| match error {
            FlightError::Tonic(status) => *status,
            mistake => internal(&mistake),
        });
    Box::pin(messages)
}

fn internal(error: &(dyn std::error::Error + 'static)) -> Status {
    Failure::internal(error).into()
}

#[tonic::async_trait]
impl FlightService for Reader {
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
        let roles = Roles::on(request.metadata());
        let descriptor = request.into_inner();
        let (schema, ticket, about) = match changes::command(command(&descriptor)?)? {
            Some(request) => {
                let changes = self.changes(&roles, &request).await?;
                (changes.schema(), changes.ticket(request), changes.about())
            }
            None => {
                let asked = self.bulk(&roles, command(&descriptor)?).await?;
                let about = self.about(&roles, &asked);
                // The ticket is good for this vintage, whatever is published or loaded in between.
                let ticket = ListObservationsRequest {
                    as_of: about.as_of.clone(),
                    ..asked.request
                };
                (
                    rows::schema(asked.vintage.head().dataflow, &about),
                    ticket.encode_to_vec(),
                    about.encode_to_vec(),
                )
            }
        };
        let endpoint = FlightEndpoint::new().with_ticket(Ticket::new(ticket));
        let info = FlightInfo::new()
            .try_with_schema(&schema)
            .map_err(|error| internal(&error))?
            .with_descriptor(descriptor)
            .with_endpoint(endpoint)
            .with_ordered(true)
            .with_app_metadata(about);
        Ok(Response::new(info))
    }

    async fn get_schema(
        &self,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<SchemaResult>, Status> {
        let roles = Roles::on(request.metadata());
        let descriptor = request.into_inner();
        let schema = match changes::command(command(&descriptor)?)? {
            Some(request) => self.changes(&roles, &request).await?.schema(),
            None => {
                let asked = self.bulk(&roles, command(&descriptor)?).await?;
                rows::schema(asked.vintage.head().dataflow, &self.about(&roles, &asked))
            }
        };
        let options = IpcWriteOptions::default();
        let schema = SchemaResult::try_from(SchemaAsIpc::new(&schema, &options))
            .map_err(|error| internal(&error))?;
        Ok(Response::new(schema))
    }

    async fn do_get(
        &self,
        request: Request<Ticket>,
    ) -> Result<Response<Self::DoGetStream>, Status> {
        let roles = Roles::on(request.metadata());
        let ticket = request.into_inner().ticket;
        let size = usize::try_from(self.rows.min(ROWS)).unwrap_or(1);
        if let Some(request) = changes::command(&ticket)? {
            let changes = self.changes(&roles, &request).await?;
            let (schema, about) = (changes.schema(), changes.about());
            let (of, rows) = (schema.clone(), changes.rows(&self.stock));
            let batches = rows::batches(rows, size, move |rows| changes::batch(rows, of.clone()));
            return Ok(Response::new(encoded(schema, about, batches)));
        }
        let asked = self.bulk(&roles, &ticket).await?;
        let about = self.about(&roles, &asked);
        let dataflow = asked.vintage.head().dataflow;
        let schema = rows::schema(dataflow, &about);
        let figures = rows::figures(&asked.vintage, &self.stock, asked.selection).await?;
        let of = schema.clone();
        let batches = rows::batches(figures, size, move |rows| {
            rows::batch(rows, dataflow, of.clone())
        });
        Ok(Response::new(encoded(
            schema,
            about.encode_to_vec(),
            batches,
        )))
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
