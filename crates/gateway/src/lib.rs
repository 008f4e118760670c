//! The one door: authorises, resolves which release is meant, forwards.
//!
//! Invariant: what a caller may do is decided here, from its token or its connection, and put on each call to a
//! backend; no metadata of a caller is forwarded, and no token. The gateway reads neither the lake nor a figure.

mod authorise;
mod config;
mod grpc;
mod health;
mod lease;
mod resolve;

use std::future::Future;
use std::sync::Arc;

use arrow_flight::flight_service_server::FlightServiceServer;
use regtrade_proto::{passed_on, v1};
use regtrade_service::backend::BackendAddressError;
use regtrade_service::kept::{Answers, Kept};
use regtrade_service::{Backend, Clock, Secret, ServeError, ServerBuilder};
use tokio::net::TcpListener;

use authorise::{Authority, Door};
use lease::Leases;

pub use authorise::KeyFileError;
pub use config::{Config, TokenConfig};

/// Why the gateway could not start, or ended other than by being told to.
#[derive(Debug, thiserror::Error)]
pub enum ServeOrStartError {
    /// The address of a backend is none: a mistake of the configuration.
    #[error(transparent)]
    Address(#[from] BackendAddressError),
    /// There are no keys of tokens where they were said to be: a mistake of the configuration.
    #[error(transparent)]
    TokenKeys(#[from] KeyFileError),
    /// The server could not start, or failed.
    #[error(transparent)]
    Serve(#[from] ServeError),
}

/// Serves the three services on `listener` until `shutdown` resolves, and forwards to the backends, which know the
/// gateway by `secret`. The backends may start later, end, and come back at any time.
///
/// # Errors
/// [`ServeOrStartError`].
pub async fn start(
    listener: TcpListener,
    config: Config,
    secret: Secret,
    clock: Arc<dyn Clock>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeOrStartError> {
    let bytes = config.limits.message_bytes;
    let indicators = Backend::new("indicators", &config.indicators, Some(secret.clone()))?;
    let ingest = Backend::new("ingest", &config.ingest, Some(secret))?;

    let authority = Authority::new(config.tokens, Arc::clone(&clock)).await?;

    let leases = Leases::new(indicators.clone(), Arc::clone(&clock));
    let room = usize::try_from(config.limits.cache_bytes).unwrap_or_default();
    let answers = Answers::new(room, leases.basis());
    let catalogue_service = grpc::Catalogue::new(indicators.clone(), bytes, Arc::clone(&clock));
    let indicator_service = grpc::Indicators::new(indicators.clone(), bytes, Arc::clone(&clock));
    let flight_service = grpc::Flight::new(indicators.clone(), bytes, clock);
    let ingest_service = grpc::Ingest::new(ingest.clone(), bytes, leases);
    let server = ServerBuilder::new("gateway", config.limits)
        .descriptor_set(regtrade_proto::DESCRIPTORS)
        .long_lived("/regtrade.v1.IngestService/WatchReleases")
        // Bulk rows take as long as their client takes to read them.
        .long_lived("/arrow.flight.protocol.FlightService/DoGet")
        .uploading("/regtrade.v1.IngestService/IngestRelease")
        .uploading("/regtrade.v1.IngestService/CheckRelease")
        .add_service(Door::new(
            &authority,
            v1::catalogue_service_server::CatalogueServiceServer::new(catalogue_service)
                .max_decoding_message_size(bytes),
        ))
        .add_service(Door::new(
            &authority,
            Kept::new(
                answers,
                passed_on::indicator_service_server::IndicatorServiceServer::new(indicator_service)
                    .max_decoding_message_size(bytes),
            ),
        ))
        .add_service(Door::new(
            &authority,
            FlightServiceServer::new(flight_service).max_decoding_message_size(bytes),
        ))
        .add_service(Door::new(
            &authority,
            v1::ingest_service_server::IngestServiceServer::new(ingest_service)
                .max_decoding_message_size(bytes),
        ));

    let watching = health::watch(server.health(), indicators, ingest);
    let (told, told_seen) = tokio::sync::oneshot::channel::<()>();
    let serving = server.serve(listener, async move {
        shutdown.await;
        drop(told);
    });
    // Once the server is told to end, its own word on its health is the last.
    let watching = async move {
        tokio::select! {
            biased;
            _ = told_seen => {}
            () = watching => {}
        }
    };
    let (served, ()) = tokio::join!(serving, watching);
    Ok(served?)
}
