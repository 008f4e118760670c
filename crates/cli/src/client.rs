//! Calls to the gateway: with a token, within a deadline, and in words when they fail.

use std::future::Future;
use std::time::Duration;

use regtrade_model::{Language, Release};
use regtrade_proto::v1::{
    self, catalogue_service_client::CatalogueServiceClient,
    indicator_service_client::IndicatorServiceClient, ingest_service_client::IngestServiceClient,
};
use regtrade_service::backend::{Origin, origin};
use regtrade_service::error::Failure;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};

use crate::args::ClientArgs;
use crate::exit::Exit;
use crate::render::Answer;

/// An endpoint that takes no connection within this time is away.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A gateway is asked for a sign of life after each such time, and has as long to give one.
const KEEPALIVE: Duration = Duration::from_secs(20);
/// What the network may add to the deadline before an answer is given up.
const SLACK: Duration = Duration::from_millis(250);
/// The largest answer that is taken in.
pub const MESSAGE_BYTES: usize = 64 * 1024 * 1024;

/// How long an answer may take.
pub const TIMEOUT: Option<Duration> = Some(Duration::from_secs(10));
/// How long taking a release in may take: as long as it takes, for that is a matter of its size. A gateway that is gone
/// is found out by keepalive.
pub const INGEST_TIMEOUT: Option<Duration> = None;

/// The gateway, or whatever else is at the endpoint.
#[derive(Clone)]
pub struct Client {
    endpoint: String,
    channel: Channel,
    token: Option<MetadataValue<Ascii>>,
    timeout: Option<Duration>,
}

impl Client {
    /// A client that waits `timeout` for each answer (or as long as it takes), unless the arguments say otherwise. Connects when it calls.
    ///
    /// # Errors
    /// Where the endpoint is no address, or the token cannot be sent.
    pub fn new(args: &ClientArgs, timeout: Option<Duration>) -> Result<Self, Exit> {
        let token = args
            .token
            .as_deref()
            .filter(|token| !token.is_empty())
            .map(|token| {
                let mut value =
                    MetadataValue::try_from(format!("Bearer {token}")).map_err(|_| {
                        Exit::Usage("the token has characters that cannot be sent".into())
                    })?;
                value.set_sensitive(true);
                Ok(value)
            })
            .transpose()?;
        Self::to(&args.endpoint, token, args.timeout.or(timeout))
    }

    /// A client without a token.
    ///
    /// # Errors
    /// Where the endpoint is no address.
    pub fn to(
        endpoint: &str,
        token: Option<MetadataValue<Ascii>>,
        timeout: Option<Duration>,
    ) -> Result<Self, Exit> {
        let refused = || Exit::Usage(format!("the endpoint `{endpoint}` is not http://HOST:PORT"));
        let address = Endpoint::from_shared(endpoint.to_owned()).map_err(|_| refused())?;
        if address.uri().scheme_str() != Some("http") {
            return Err(refused());
        }
        Ok(Self {
            endpoint: endpoint.to_owned(),
            channel: address
                .connect_timeout(
                    timeout.map_or(CONNECT_TIMEOUT, |timeout| CONNECT_TIMEOUT.min(timeout)),
                )
                .tcp_nodelay(true)
                .max_frame_size(regtrade_service::LARGEST_FRAME)
                // A gateway that is gone without a word ends a call that has no deadline, too.
                .http2_keep_alive_interval(KEEPALIVE)
                .keep_alive_timeout(KEEPALIVE)
                .connect_lazy(),
            token,
            timeout,
        })
    }

    /// The connection, for a client of another service.
    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// The catalogue.
    pub fn catalogue(&self) -> CatalogueServiceClient<Channel> {
        CatalogueServiceClient::new(self.channel()).max_decoding_message_size(MESSAGE_BYTES)
    }

    /// The figures.
    pub fn indicators(&self) -> IndicatorServiceClient<Channel> {
        IndicatorServiceClient::new(self.channel()).max_decoding_message_size(MESSAGE_BYTES)
    }

    /// The write side.
    pub fn ingest(&self) -> IngestServiceClient<Channel> {
        IngestServiceClient::new(self.channel()).max_decoding_message_size(MESSAGE_BYTES)
    }

    /// A request with token and deadline.
    pub fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(timeout) = self.timeout {
            request.set_timeout(timeout);
        }
        if let Some(token) = &self.token {
            request
                .metadata_mut()
                .insert("authorization", token.clone());
        }
        request
    }

    /// Waits for an answer, no longer than the deadline.
    ///
    /// # Errors
    /// What the failure means for whoever typed the command.
    pub async fn wait<T>(
        &self,
        call: impl Future<Output = Result<Response<T>, Status>>,
    ) -> Result<T, Exit> {
        self.try_wait(call)
            .await?
            .map_err(|status| self.failure(&status))
    }

    /// Waits for an answer, no longer than the deadline; a failed call is an answer.
    ///
    /// # Errors
    /// Where none came in time.
    pub async fn try_wait<T>(
        &self,
        call: impl Future<Output = Result<Response<T>, Status>>,
    ) -> Result<Result<T, Status>, Exit> {
        let answer = match self.timeout {
            None => call.await,
            Some(timeout) => match tokio::time::timeout(timeout + SLACK, call).await {
                Ok(answer) => answer,
                Err(_) => return Err(self.late()),
            },
        };
        Ok(answer.map(Response::into_inner))
    }

    /// What a failed call means for whoever typed the command.
    pub fn failure(&self, status: &Status) -> Exit {
        match origin(status) {
            Origin::Backend => Exit::answered(&Failure::from_status(status)),
            Origin::Deadline => self.late(),
            Origin::Transport => Exit::Service(format!(
                "the gateway at {} is away: start it with `regtrade up`, or name another with --endpoint",
                self.endpoint
            )),
        }
    }

    fn late(&self) -> Exit {
        let within = match self.timeout {
            Some(timeout) => format!("within {timeout:?}"),
            None => "in time".to_owned(),
        };
        Exit::Service(format!(
            "the gateway at {} did not answer {within}; give it more time with --timeout",
            self.endpoint
        ))
    }
}

/// The release of an answer, checked, with what is shown of its state.
///
/// # Errors
/// Where the answer has none, or one that cannot be read.
pub fn release(wire: Option<v1::Release>) -> Result<(Release, v1::ReleaseState), Exit> {
    let wire = wire.ok_or_else(|| Exit::Service("the answer names no release".into()))?;
    let state = wire.state();
    Release::try_from(wire)
        .map(|release| (release, state))
        .map_err(unreadable)
}

/// Releases of an answer, checked.
///
/// # Errors
/// Where one cannot be read.
pub fn releases(wire: Vec<v1::Release>) -> Result<Vec<(Release, v1::ReleaseState)>, Exit> {
    wire.into_iter().map(|one| release(Some(one))).collect()
}

/// The figures of an answer, checked.
///
/// # Errors
/// Where one cannot be read.
pub fn figures(wire: Vec<v1::Figure>) -> Result<Vec<regtrade_model::Figure>, Exit> {
    wire.into_iter()
        .map(|figure| figure.try_into().map_err(unreadable))
        .collect()
}

/// An answer that is given from one release, checked.
///
/// # Errors
/// Where a part of it cannot be read.
pub fn answer(
    from: Option<v1::Release>,
    wire: Vec<v1::Figure>,
    caveats: Vec<v1::Caveat>,
    uncertain: Vec<v1::Release>,
) -> Result<Answer, Exit> {
    let (release, state) = release(from)?;
    Ok(Answer {
        release,
        state,
        figures: figures(wire)?,
        caveats: texts(caveats),
        uncertain: releases(uncertain)?,
    })
}

/// Caveats: id and text.
pub fn texts(caveats: Vec<v1::Caveat>) -> Vec<(String, String)> {
    let caveats = caveats.into_iter();
    caveats.map(|caveat| (caveat.id, caveat.text)).collect()
}

/// An answer is not as agreed.
pub fn unreadable(error: impl std::fmt::Display) -> Exit {
    Exit::Service(format!("the answer cannot be read: {error}"))
}

/// A language as it is sent.
pub fn language(language: Language) -> i32 {
    v1::Language::from(language).into()
}
