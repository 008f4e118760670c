//! `serve`: one service, until it is told to end.

use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::Arc;

use regtrade_service::logs::LogConfig;
use regtrade_service::secret::default_state_dir;
use regtrade_service::{Clock, Secret, SystemClock, logs, shutdown};
use tokio::net::TcpListener;

use crate::args::{ServeArgs, Service};
use crate::exit::{Exit, chain};
use crate::stack::listen;

/// Runs a service.
///
/// # Errors
/// Where it cannot start, or fails.
pub async fn run(service: Service) -> Result<(), Exit> {
    let told = shutdown::signal();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ended = match service {
        Service::Gateway(args) => {
            let (listener, secret, config) = open("gateway", "127.0.0.1:50051", args).await?;
            let run = regtrade_gateway::start(listener, config, secret, clock, told);
            run.await.map_err(|error| chain(&error))
        }
        Service::Ingest(args) => {
            let (listener, secret, config) = open("ingest", "127.0.0.1:50052", args).await?;
            let run = regtrade_ingest::start(listener, config, secret, clock, told);
            run.await.map_err(|error| chain(&error))
        }
        Service::Indicators(args) => {
            let (listener, secret, config) = open("indicators", "127.0.0.1:50053", args).await?;
            let run = regtrade_indicators::start(listener, config, secret, clock, told);
            run.await.map_err(|error| chain(&error))
        }
    };
    ended.map_err(Exit::Service)
}

/// Sets the log up, finds the secret, and listens.
async fn open<C: clap::Args + Debug>(
    name: &'static str,
    default: &str,
    args: ServeArgs<C>,
) -> Result<(TcpListener, Secret, C), Exit> {
    let ServeArgs {
        listen: address,
        backend_secret_file,
        config,
        logs,
    } = args;
    install(&logs)?;
    let path: PathBuf =
        backend_secret_file.unwrap_or_else(|| default_state_dir().join("backend-secret"));
    let address = address.unwrap_or_else(|| default.to_owned());
    tracing::info!(
        service = name,
        listen = address,
        backend_secret_file = %path.display(),
        backend_secret = "***",
        config = ?config,
        log = logs.filter,
        log_format = ?logs.format,
        "configuration"
    );
    let secret = Secret::load_or_create(&path).map_err(|error| {
        Exit::Service(format!(
            "{}; name another file with --backend-secret-file",
            chain(&error)
        ))
    })?;
    let (listener, at) = listen(&address).await?;
    tracing::info!("listening on http://{at}");
    Ok((listener, secret, config))
}

fn install(config: &LogConfig) -> Result<(), Exit> {
    logs::install(config).map_err(|error| Exit::Usage(chain(&error)))
}
