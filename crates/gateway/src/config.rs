//! What the gateway has to be told: where the backends are, and its limits.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use regtrade_service::limits::Limits;

/// Flags and environment variables of the gateway.
#[derive(clap::Args, Clone, Debug)]
pub struct Config {
    /// Address of the ingest service
    #[arg(
        long,
        env = "REGTRADE_INGEST",
        value_name = "URL",
        default_value = "http://127.0.0.1:50052"
    )]
    pub ingest: String,

    /// Address of the indicators service
    #[arg(
        long,
        env = "REGTRADE_INDICATORS",
        value_name = "URL",
        default_value = "http://127.0.0.1:50053"
    )]
    pub indicators: String,

    /// Which tokens are good.
    #[command(flatten)]
    pub tokens: TokenConfig,

    /// The limits of every call.
    #[command(flatten)]
    pub limits: Limits,
}

/// Which tokens are good. It names the file of the keys, and has no key in it, so it may be logged.
#[derive(clap::Args, Clone, Debug, PartialEq, Eq)]
#[command(next_help_heading = "Tokens")]
pub struct TokenConfig {
    /// File with the keys of bearer tokens, a JWK set; read again when it changes. Without it no token is taken, and
    /// whoever calls over loopback may ingest
    #[arg(long, env = "REGTRADE_TOKEN_KEYS", value_name = "FILE")]
    pub token_keys: Option<PathBuf>,

    /// What a token has to say that it is for (`aud`)
    #[arg(
        long,
        env = "REGTRADE_TOKEN_AUDIENCE",
        value_name = "NAME",
        default_value = AUDIENCE,
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub token_audience: String,

    /// What a token has to say that it is from (`iss`); not asked for if this is not given, or empty
    #[arg(long, env = "REGTRADE_TOKEN_ISSUER", value_name = "NAME")]
    pub token_issuer: Option<String>,
}

/// The audience of tokens, unless it is configured.
const AUDIENCE: &str = "regtrade";

impl Default for TokenConfig {
    /// No keys.
    fn default() -> Self {
        Self {
            token_keys: None,
            token_audience: AUDIENCE.to_owned(),
            token_issuer: None,
        }
    }
}
