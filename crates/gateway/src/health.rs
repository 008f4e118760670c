//! Health of the gateway's services: each is as healthy as the backend that it forwards to.
//!
//! The gateway as a whole, the empty name, is serving as long as it runs: it is not restarted for what a backend
//! does.

use std::time::Duration;

use futures::future::join_all;
use regtrade_service::Backend;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tonic_health::ServingStatus;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus as Answered;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::server::HealthReporter;

/// How often each backend is asked.
const INTERVAL: Duration = Duration::from_secs(1);

/// A backend that does not answer within this time is not serving.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks the backends how they are, and reports it, until it is dropped.
pub(crate) async fn watch(reporter: HealthReporter, indicators: Backend, ingest: Backend) {
    let services = [
        ("regtrade.v1.CatalogueService", &indicators),
        ("regtrade.v1.IndicatorService", &indicators),
        ("arrow.flight.protocol.FlightService", &indicators),
        ("regtrade.v1.IngestService", &ingest),
    ];
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        // One backend that is slow to answer does not keep the report of another.
        join_all(services.map(|(service, backend)| {
            let reporter = &reporter;
            async move {
                let status = ask(backend, service).await;
                reporter.set_service_status(service, status).await;
            }
        }))
        .await;
    }
}

async fn ask(backend: &Backend, service: &str) -> ServingStatus {
    let mut client = HealthClient::new(backend.channel());
    let question = HealthCheckRequest {
        service: service.to_owned(),
    };
    match timeout(PATIENCE, client.check(question)).await {
        Ok(Ok(answer)) if answer.get_ref().status() == Answered::Serving => ServingStatus::Serving,
        _ => ServingStatus::NotServing,
    }
}
