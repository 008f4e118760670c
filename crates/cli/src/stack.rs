//! The three services in one process, over real gRPC: the gateway where it is wanted, its backends on free
//! loopback ports with a secret of their own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use regtrade_service::{Clock, Secret, SystemClock};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use crate::client::Client;
use crate::exit::{Exit, chain};

/// A stack that does not serve within this time does not start.
const START: Duration = Duration::from_secs(30);
/// Between two questions whether the stack serves.
const PAUSE: Duration = Duration::from_millis(20);

/// Three services that run.
pub struct Stack {
    /// Where the gateway listens.
    pub gateway: SocketAddr,
    tasks: JoinSet<(&'static str, Result<(), String>)>,
    stop_gateway: watch::Sender<bool>,
    stop_backends: watch::Sender<bool>,
}

impl Stack {
    /// Starts the services on a lake, and waits until all of them serve. `tokens` says which tokens the gateway takes.
    ///
    /// # Errors
    /// Where one of them fails, or none serves in time.
    pub async fn start(
        listener: TcpListener,
        config: regtrade_ingest::Config,
        tokens: regtrade_gateway::TokenConfig,
    ) -> Result<Self, Exit> {
        let failed =
            |error: &(dyn std::error::Error + 'static)| Exit::failed("cannot listen", error);
        let secret = Secret::random().map_err(|error| Exit::failed("cannot start", &error))?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let gateway = listener.local_addr().map_err(|error| failed(&error))?;
        let (stop_gateway, gateway_stopped) = watch::channel(false);
        let (stop_backends, backends_stopped) = watch::channel(false);
        let (ingest, ingest_at) = loopback().await?;
        let (indicators, indicators_at) = loopback().await?;
        let limits = config.limits.clone();
        let mut tasks = JoinSet::new();
        let run = regtrade_indicators::start(
            indicators,
            regtrade_indicators::Config {
                lake: config.lake.clone(),
                limits: limits.clone(),
            },
            secret.clone(),
            Arc::clone(&clock),
            told(backends_stopped.clone()),
        );
        tasks.spawn(async move { ("indicators", run.await.map_err(|error| chain(&error))) });
        let run = regtrade_ingest::start(
            ingest,
            config,
            secret.clone(),
            Arc::clone(&clock),
            told(backends_stopped),
        );
        tasks.spawn(async move { ("ingest", run.await.map_err(|error| chain(&error))) });
        let run = regtrade_gateway::start(
            listener,
            regtrade_gateway::Config {
                ingest: format!("http://{ingest_at}"),
                indicators: format!("http://{indicators_at}"),
                tokens,
                limits,
            },
            secret,
            clock,
            told(gateway_stopped),
        );
        tasks.spawn(async move { ("gateway", run.await.map_err(|error| chain(&error))) });
        tracing::info!(ingest = %ingest_at, indicators = %indicators_at, "the backends take loopback ports");
        let mut stack = Self {
            gateway,
            tasks,
            stop_gateway,
            stop_backends,
        };
        tokio::select! {
            failure = stack.failure() => return Err(failure),
            up = serving([indicators_at, ingest_at, gateway]) => up?,
        }
        Ok(stack)
    }

    /// Waits until a service ends, which none does by itself unless it fails.
    pub async fn failure(&mut self) -> Exit {
        match self.tasks.join_next().await {
            Some(Ok((name, Err(error)))) => {
                Exit::Service(format!("service {name} failed: {error}"))
            }
            Some(Ok((name, Ok(())))) => Exit::Service(format!("service {name} ended by itself")),
            Some(Err(error)) => Exit::failed("a service failed", &error),
            None => Exit::Service("no service runs".into()),
        }
    }

    /// Ends the services: the gateway first, so that the calls in flight still find its backends.
    ///
    /// # Errors
    /// Where a service fails on its way out.
    pub async fn end(mut self) -> Result<(), Exit> {
        self.stop_gateway.send_replace(true);
        let mut failure = None;
        while let Some(ended) = self.tasks.join_next().await {
            match ended {
                Ok((name, ended)) => {
                    if let Err(error) = ended {
                        failure = Some(Exit::Service(format!("service {name} failed: {error}")));
                    }
                }
                Err(error) => failure = Some(Exit::failed("a service failed", &error)),
            }
            self.stop_backends.send_replace(true);
        }
        failure.map_or(Ok(()), Err)
    }
}

/// A free port that only this machine reaches.
///
/// # Errors
/// Where there is none.
pub async fn loopback() -> Result<(TcpListener, SocketAddr), Exit> {
    listen("127.0.0.1:0").await
}

/// Listens at an address.
///
/// # Errors
/// Where it is no address, or taken.
pub async fn listen(address: &str) -> Result<(TcpListener, SocketAddr), Exit> {
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidInput => Exit::Usage(format!(
                "`{address}` is not an address such as 127.0.0.1:50051"
            )),
            _ => Exit::Service(format!(
                "cannot listen on {address}: {error}; name another address with --listen"
            )),
        })?;
    let at = listener
        .local_addr()
        .map_err(|error| Exit::failed("cannot listen", &error))?;
    Ok((listener, at))
}

async fn told(mut stopped: watch::Receiver<bool>) {
    // A sender that is gone has stopped as well.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// Waits until the servers at these addresses say that they serve.
async fn serving(addresses: [SocketAddr; 3]) -> Result<(), Exit> {
    let deadline = tokio::time::Instant::now() + START;
    for address in addresses {
        // An address such as 0.0.0.0 is one to listen on; who calls from here calls loopback.
        let host = match address {
            SocketAddr::V4(at) if at.ip().is_unspecified() => format!("127.0.0.1:{}", at.port()),
            SocketAddr::V6(at) if at.ip().is_unspecified() => format!("[::1]:{}", at.port()),
            at => at.to_string(),
        };
        let client = Client::to(
            &format!("http://{host}"),
            None,
            Some(Duration::from_secs(1)),
        )?;
        let mut health = HealthClient::new(client.channel());
        loop {
            let question = client.request(HealthCheckRequest::default());
            let answer = client.try_wait(health.check(question)).await;
            if let Ok(Ok(answer)) = answer
                && answer.status() == ServingStatus::Serving
            {
                break;
            }
            if tokio::time::Instant::now() > deadline {
                return Err(Exit::Service(format!(
                    "the service at {host} does not serve"
                )));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok(())
}
