//! `health`: what an endpoint says of its services.

use regtrade_proto::v1::{
    catalogue_service_server, indicator_service_server, ingest_service_server,
};
use serde_json::json;
use tonic::Code;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use crate::args::{Format, HealthArgs};
use crate::client::{Client, TIMEOUT};
use crate::exit::Exit;
use crate::output::print;
use crate::render::{csv, json, table};

/// The server as a whole, and the services that it may have.
const SERVICES: [&str; 4] = [
    "",
    catalogue_service_server::SERVICE_NAME,
    indicator_service_server::SERVICE_NAME,
    ingest_service_server::SERVICE_NAME,
];

/// Asks for the health of all that the endpoint knows.
///
/// # Errors
/// Code 3 where one does not serve, or the endpoint is away.
pub async fn run(args: &HealthArgs) -> Result<(), Exit> {
    let asked = if args.server {
        &SERVICES[..1]
    } else {
        &SERVICES[..]
    };
    let args = &args.client;
    let client = Client::new(args, TIMEOUT)?;
    let mut health = HealthClient::new(client.channel());
    let mut rows: Vec<[String; 2]> = vec![];
    for name in asked {
        let question = client.request(HealthCheckRequest {
            service: (*name).to_owned(),
        });
        let status = match client.try_wait(health.check(question)).await? {
            Ok(answer) => answer.status().as_str_name(),
            // A backend has but its own services; a server as a whole there always is.
            Err(status) if status.code() == Code::NotFound && !name.is_empty() => continue,
            Err(status) => return Err(client.failure(&status)),
        };
        let name = if name.is_empty() { "server" } else { *name };
        rows.push([name.to_owned(), status.to_owned()]);
    }
    let serving = rows
        .iter()
        .all(|[_, status]| status == ServingStatus::Serving.as_str_name());
    let columns = ["service", "status"];
    print(&match args.output.format {
        Format::Table => table::plain(&columns, rows.clone()),
        Format::Csv => csv::write(Some(&columns), &rows)?,
        Format::Json => json::text(
            &rows
                .iter()
                .map(|[service, status]| json!({"service": service, "status": status}))
                .collect(),
        ),
    })?;
    if serving {
        Ok(())
    } else {
        Err(Exit::Service(format!(
            "not all services at {} are serving",
            args.endpoint
        )))
    }
}
