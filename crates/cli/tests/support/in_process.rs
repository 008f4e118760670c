//! The three services in this process, over one lake and real ports, with a clock that is set.

#![allow(dead_code, reason = "each test binary uses a part of this")]

use std::{
    sync::Arc,
    time::{Duration, Instant as Stopwatch},
};

use regtrade_model::Instant;
use regtrade_proto::v1::{
    self, catalogue_service_client::CatalogueServiceClient,
    indicator_service_client::IndicatorServiceClient, ingest_service_client::IngestServiceClient,
    release_part::Part,
};
use regtrade_service::{Clock, Failure, Limits, ManualClock, Secret};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot};
use tonic::{Request, Response, Status, transport::Channel};

/// How long the services may take to answer for the first time, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    Public,
    Preview,
    Ingest,
}

/// Three services and what belongs to them. They end when this is dropped.
pub struct Services {
    pub clock: Arc<ManualClock>,
    pub channel: Channel,
    pub folder: TempDir,
    tokens: [String; 2],
    _stop: Vec<oneshot::Sender<()>>,
}

impl Services {
    pub async fn start(now: Instant) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lake = folder.path().join("lake").display().to_string();
        let clock = Arc::new(ManualClock::new(now));
        let secret = Secret::random().unwrap();
        let limits = Limits::default();
        let (keys, tokens) = tokens();
        let token_keys = folder.path().join("keys.json");
        std::fs::write(&token_keys, keys).unwrap();
        let mut stop = vec![];
        let mut ended = || {
            let (sender, receiver) = oneshot::channel::<()>();
            stop.push(sender);
            async move {
                let _ = receiver.await;
            }
        };
        let mut addresses = vec![];
        for _ in 0..3 {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = format!("http://{}", listener.local_addr().unwrap());
            addresses.push((listener, address));
        }
        let (gateway, gateway_at) = addresses.pop().unwrap();
        let (indicators, indicators_at) = addresses.pop().unwrap();
        let (ingest, ingest_at) = addresses.pop().unwrap();
        let shared = || Arc::clone(&clock) as Arc<dyn Clock>;
        let config = regtrade_ingest::Config {
            lake: lake.clone(),
            intake: regtrade_ingest::IntakeConfig::default(),
            limits: limits.clone(),
        };
        tokio::spawn(regtrade_ingest::start(
            ingest,
            config,
            secret.clone(),
            shared(),
            ended(),
        ));
        let config = regtrade_indicators::Config {
            lake,
            limits: limits.clone(),
        };
        tokio::spawn(regtrade_indicators::start(
            indicators,
            config,
            secret.clone(),
            shared(),
            ended(),
        ));
        let config = regtrade_gateway::Config {
            ingest: ingest_at,
            indicators: indicators_at,
            tokens: regtrade_gateway::TokenConfig {
                token_keys: Some(token_keys),
                ..regtrade_gateway::TokenConfig::default()
            },
            limits,
        };
        tokio::spawn(regtrade_gateway::start(
            gateway,
            config,
            secret,
            shared(),
            ended(),
        ));
        let channel = Channel::from_shared(gateway_at).unwrap().connect_lazy();
        let services = Self {
            clock,
            channel,
            folder,
            tokens,
            _stop: stop,
        };
        services.wait().await;
        services
    }

    async fn wait(&self) {
        let end = Stopwatch::now() + PATIENCE;
        loop {
            let catalogue = self.catalogue(Caller::Public, v1::ListReleasesRequest::default());
            match catalogue.await {
                Ok(_) => return,
                Err(status) if Stopwatch::now() > end => panic!("{status}"),
                Err(_) => tokio::task::yield_now().await,
            }
        }
    }

    /// A request of a caller.
    pub fn by<T>(&self, caller: Caller, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let token = match caller {
            Caller::Public => return request,
            Caller::Preview => &self.tokens[0],
            Caller::Ingest => &self.tokens[1],
        };
        let value = format!("Bearer {token}").parse().unwrap();
        request.metadata_mut().insert("authorization", value);
        request
    }

    pub async fn catalogue(
        &self,
        caller: Caller,
        message: v1::ListReleasesRequest,
    ) -> Result<Response<v1::ListReleasesResponse>, Status> {
        let mut client = CatalogueServiceClient::new(self.channel.clone());
        client.list_releases(self.by(caller, message)).await
    }

    pub fn indicators(&self) -> IndicatorServiceClient<Channel> {
        IndicatorServiceClient::new(self.channel.clone())
    }

    pub fn ingest(&self) -> IngestServiceClient<Channel> {
        IngestServiceClient::new(self.channel.clone())
    }

    /// Hands a file in.
    pub async fn hand_in(
        &self,
        header: v1::ReleaseHeader,
        name: &str,
        bytes: &[u8],
    ) -> Result<v1::IngestReleaseResponse, Failure> {
        let parts = [
            Part::Header(header),
            Part::FileName(name.to_owned()),
            Part::Chunk(bytes.to_vec().into()),
        ];
        let parts = parts.map(|part| v1::IngestReleaseRequest {
            part: Some(v1::ReleasePart { part: Some(part) }),
        });
        let request = self.by(Caller::Ingest, tokio_stream::iter(parts));
        let answer = self.ingest().ingest_release(request).await;
        answer
            .map(Response::into_inner)
            .map_err(|status| Failure::from_status(&status))
    }
}

/// A key set, and a token for preview and one for ingest, good until the year 2100.
fn tokens() -> (String, [String; 2]) {
    let key = "a key that is for these tests and for nothing else";
    let header = base64(br#"{"alg":"HS256","kid":"test","typ":"JWT"}"#);
    let token = |role: &str| {
        let claims =
            format!(r#"{{"sub":"{role}","aud":"regtrade","exp":4102444800,"roles":["{role}"]}}"#);
        let signed = format!("{header}.{}", base64(claims.as_bytes()));
        let signature = hmac_sha256(key.as_bytes(), signed.as_bytes());
        format!("{signed}.{}", base64(&signature))
    };
    let keys = format!(
        r#"{{"keys":[{{"kty":"oct","kid":"test","alg":"HS256","k":"{}"}}]}}"#,
        base64(key.as_bytes())
    );
    (keys, [token("preview"), token("ingest")])
}

/// HMAC of RFC 2104, written out so that tokens are made by other code than they are checked by.
fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    use sha2::{Digest as _, Sha256};
    assert!(key.len() <= 64, "a longer key would be hashed first");
    let pad = |with: u8| {
        let mut block = [with; 64];
        block
            .iter_mut()
            .zip(key)
            .for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = Sha256::new()
        .chain_update(pad(0x36))
        .chain_update(message)
        .finalize();
    let outer = Sha256::new()
        .chain_update(pad(0x5c))
        .chain_update(inner)
        .finalize();
    outer.to_vec()
}

/// Base64 for URLs, without padding.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk
            .iter()
            .fold(0u32, |bits, byte| (bits << 8) | u32::from(*byte));
        let bits = bits << (8 * (3 - chunk.len()));
        for at in 0..=chunk.len() {
            text.push(char::from(LETTERS[(bits >> (18 - 6 * at)) as usize & 63]));
        }
    }
    text
}
