//! The read side: figures of releases, computed where levels are to be had, and the catalogue of releases.
//!
//! It reads the lake and nothing else; the write side being away stops no read.

mod codelists;
mod confidential;
mod config;
mod contributions;
mod detail;
mod error;
mod grpc;
mod key_indicators;
mod levels;
mod masked;
mod observations;
mod parts;
mod recent;
mod reconciliation;
mod revisions;
mod side_by_side;
mod structure;
mod vintage;

use std::{future::Future, sync::Arc};

use arrow_flight::flight_service_server::FlightServiceServer;
use regtrade_lake::Lake;
use regtrade_proto::{
    DESCRIPTORS,
    v1::{
        catalogue_service_server::CatalogueServiceServer,
        indicator_service_server::IndicatorServiceServer,
    },
};
use regtrade_service::{
    Clock, Secret, ServerBuilder,
    kept::{Answers, Kept},
};
use tokio::net::TcpListener;

pub use config::Config;
pub use error::StartError;
pub use grpc::Reader;
pub use key_indicators::key_indicators;

/// Bulk rows take as long as their client takes to read them.
const BULK: &str = "/arrow.flight.protocol.FlightService/DoGet";

/// Serves figures and the catalogue on `listener` until `shutdown`.
///
/// # Errors
/// Where the location of the lake is none, or serving fails.
pub async fn start(
    listener: TcpListener,
    config: Config,
    secret: Secret,
    clock: Arc<dyn Clock>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), StartError> {
    let bytes = config.limits.message_bytes;
    let lake = Lake::at(&config.lake)?;
    // A lake that cannot be read is told now, and not to each caller.
    lake.releases().await?;
    let reader = Reader::new(lake, clock, config.limits.rows);
    let room = usize::try_from(config.limits.cache_bytes).unwrap_or_default();
    let answers = Answers::new(room, reader.basis());
    ServerBuilder::new("indicators", config.limits)
        .descriptor_set(DESCRIPTORS)
        .backend_secret(secret)
        .long_lived(BULK)
        .add_service(
            CatalogueServiceServer::new(reader.clone())
                .max_decoding_message_size(bytes)
                .max_encoding_message_size(bytes),
        )
        .add_service(Kept::new(
            answers,
            IndicatorServiceServer::new(reader.clone())
                .max_decoding_message_size(bytes)
                .max_encoding_message_size(bytes),
        ))
        .add_service(
            FlightServiceServer::new(reader)
                .max_decoding_message_size(bytes)
                .max_encoding_message_size(bytes),
        )
        .serve(listener, shutdown)
        .await?;
    Ok(())
}
