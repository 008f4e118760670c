//! The gateway and the read side behind it in this process, over a lake, on ports that only this machine reaches.

use std::{
    future::{Future, pending},
    net::SocketAddr,
    sync::Arc,
};

use regtrade_proto::v1::indicator_service_client::IndicatorServiceClient;
use regtrade_service::{Clock, Limits, Secret};
use tokio::{net::TcpListener, sync::OnceCell, task::JoinSet};
use tonic::transport::Channel;

use crate::error::BenchError;

/// The services over a lake, which start when they are first asked and end when this is dropped.
pub struct Gateway {
    lake: String,
    clock: Arc<dyn Clock>,
    limits: Limits,
    running: OnceCell<Running>,
}

struct Running {
    address: String,
    channel: Channel,
    _tasks: JoinSet<()>,
}

impl Gateway {
    /// Over the lake at a location. Answers are kept in `cache_bytes`, where that is not 0.
    pub fn new(lake: String, clock: Arc<dyn Clock>, cache_bytes: u32) -> Self {
        let limits = Limits {
            cache_bytes,
            ..Limits::default()
        };
        Self {
            lake,
            clock,
            limits,
            running: OnceCell::new(),
        }
    }

    /// A client without a token, as anyone has it. All of them share one connection.
    ///
    /// # Errors
    /// Where the services cannot start.
    pub async fn client(&self) -> Result<IndicatorServiceClient<Channel>, BenchError> {
        let running = self.running.get_or_try_init(|| self.start()).await?;
        Ok(IndicatorServiceClient::new(running.channel.clone()))
    }

    /// Where the gateway is, for connections of one's own.
    ///
    /// # Errors
    /// Where the services cannot start.
    pub async fn address(&self) -> Result<&str, BenchError> {
        let running = self.running.get_or_try_init(|| self.start()).await?;
        Ok(&running.address)
    }

    async fn start(&self) -> Result<Running, BenchError> {
        let (indicators, indicators_at) = loopback().await?;
        let (gateway, gateway_at) = loopback().await?;
        let secret = Secret::random()?;
        let mut tasks = JoinSet::new();
        let config = regtrade_indicators::Config {
            lake: self.lake.clone(),
            limits: self.limits.clone(),
        };
        let run = regtrade_indicators::start(
            indicators,
            config,
            secret.clone(),
            Arc::clone(&self.clock),
            pending(),
        );
        tasks.spawn(ended(run));
        let config = regtrade_gateway::Config {
            // Nothing is handed in here. An address that nobody listens at would be tried again and again.
            ingest: format!("http://{indicators_at}"),
            indicators: format!("http://{indicators_at}"),
            tokens: regtrade_gateway::TokenConfig::default(),
            limits: self.limits.clone(),
        };
        tasks.spawn(ended(regtrade_gateway::start(
            gateway,
            config,
            secret,
            Arc::clone(&self.clock),
            pending(),
        )));
        // Both listen already, so the first call waits until they serve.
        let address = format!("http://{gateway_at}");
        let channel = Channel::from_shared(address.clone());
        let channel = channel.map_err(|error| BenchError::Made(error.to_string()))?;
        Ok(Running {
            address,
            channel: channel.connect_lazy(),
            _tasks: tasks,
        })
    }
}

/// A service that fails gives its port back, and the call that it does not answer says so.
async fn ended<E>(service: impl Future<Output = Result<(), E>>) {
    let _ = service.await;
}

/// A port that only this machine reaches.
pub async fn loopback() -> Result<(TcpListener, SocketAddr), BenchError> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}
