//! The write side: uploads become releases in the lake, whole or not at all, and watchers are told.

mod config;
mod error;
mod grpc;
mod take_in;
mod upload;
mod watch;

use std::{future::Future, sync::Arc};

use regtrade_lake::Lake;
use regtrade_proto::{DESCRIPTORS, v1::ingest_service_server::IngestServiceServer};
use regtrade_service::{Clock, Secret, ServerBuilder};
use tokio::{net::TcpListener, sync::Notify};

pub use config::{Config, ConfigError, IntakeConfig, Settings};
pub use error::StartError;
pub use take_in::{Taken, take};
pub use upload::{Header, Upload, UploadedFile};

/// Takes releases in on `listener` until `shutdown`.
///
/// # Errors
/// Where the location of the lake is none, a mapping is wrong, or serving fails.
pub async fn start(
    listener: TcpListener,
    config: Config,
    secret: Secret,
    clock: Arc<dyn Clock>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), StartError> {
    let bytes = config.limits.message_bytes;
    let settings = config.intake.settings()?;
    let lake = Lake::at(&config.lake)?;
    // A lake that cannot be read is told now, and not to each caller.
    lake.releases().await?;
    let writer = grpc::Writer {
        lake,
        clock,
        settings,
        rows: config.limits.rows,
        committed: Arc::new(Notify::new()),
    };
    ServerBuilder::new("ingest", config.limits)
        .descriptor_set(DESCRIPTORS)
        .backend_secret(secret)
        .long_lived("/regtrade.v1.IngestService/WatchReleases")
        .uploading("/regtrade.v1.IngestService/IngestRelease")
        .uploading("/regtrade.v1.IngestService/CheckRelease")
        .add_service(
            IngestServiceServer::new(writer)
                .max_decoding_message_size(bytes)
                .max_encoding_message_size(bytes),
        )
        .serve(listener, shutdown)
        .await?;
    Ok(())
}
