//! What the gateway has to be told: where the backends are, and its limits.

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

    /// The limits of every call.
    #[command(flatten)]
    pub limits: Limits,
}
