//! How the service is configured.

use regtrade_service::Limits;

/// Where the lake is, and how much one call may ask for.
#[derive(Debug, Clone, clap::Args)]
pub struct Config {
    /// The folder of the lake
    #[arg(long, env = "REGTRADE_LAKE", default_value = "regtrade-lake")]
    pub lake: String,
    /// Limits of each call.
    #[command(flatten)]
    pub limits: Limits,
}
