//! Bulk rows over Arrow Flight, as many as there are, batch by batch.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow_flight::decode::{DecodedPayload, FlightDataDecoder};
use arrow_flight::error::FlightError;
use arrow_flight::flight_service_client::FlightServiceClient;
use arrow_flight::{FlightData, Ticket};
use prost::Message as _;
use regtrade_proto::v1;
use tokio_stream::StreamExt as _;

use crate::client::{Client, answer, unreadable};
use crate::exit::Exit;
use crate::render::Answer;

/// An answer whose rows come one batch after the other.
pub struct Bulk {
    /// The answer without its figures.
    pub about: Answer,
    /// Its columns.
    pub schema: SchemaRef,
    client: Client,
    rows: FlightDataDecoder,
}

/// Asks for all rows of a request.
///
/// # Errors
/// Where no release is visible, or the gateway does not answer.
pub async fn ask(client: &Client, request: &v1::ListObservationsRequest) -> Result<Bulk, Exit> {
    let mut service = FlightServiceClient::new(client.channel())
        .max_decoding_message_size(crate::client::MESSAGE_BYTES);
    let ticket = client.request(Ticket::new(request.encode_to_vec()));
    let messages = client.wait(service.do_get(ticket)).await?;
    let mut rows = FlightDataDecoder::new(messages.map(|message| message.map_err(Into::into)));
    // The first message has all but the rows.
    let first = rows.next().await;
    let first = first.ok_or_else(|| unreadable("it has no schema"))?;
    let first = first.map_err(|error| failed(client, error))?;
    let (DecodedPayload::Schema(schema), FlightData { app_metadata, .. }) =
        (first.payload, first.inner)
    else {
        return Err(unreadable("it does not begin with its schema"));
    };
    let about = v1::ListObservationsResponse::decode(app_metadata).map_err(unreadable)?;
    Ok(Bulk {
        about: answer(about.release, vec![], about.caveats, about.uncertain)?,
        schema,
        client: client.clone(),
        rows,
    })
}

impl Bulk {
    /// The next rows; none at the end.
    ///
    /// # Errors
    /// Where the gateway or its backend fails before the end.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>, Exit> {
        while let Some(message) = self.rows.next().await {
            let message = message.map_err(|error| failed(&self.client, error))?;
            if let DecodedPayload::RecordBatch(batch) = message.payload {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }
}

fn failed(client: &Client, error: FlightError) -> Exit {
    match error {
        FlightError::Tonic(status) => client.failure(&status),
        error => unreadable(error),
    }
}
