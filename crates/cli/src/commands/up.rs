//! `up`: the three services in one process, until it is told to end.

use regtrade_service::{logs, shutdown};

use crate::args::UpArgs;
use crate::exit::Exit;
use crate::stack::{Stack, listen};

/// Runs the services.
///
/// # Errors
/// Where one of them fails.
pub async fn run(args: UpArgs) -> Result<(), Exit> {
    logs::install(&args.logs).map_err(|error| Exit::Usage(crate::exit::chain(&error)))?;
    tracing::info!(
        listen = args.listen,
        lake = args.config.lake,
        limits = ?args.config.limits,
        tokens = ?args.tokens,
        log = args.logs.filter,
        log_format = ?args.logs.format,
        backend_secret = "***",
        "configuration"
    );
    let told = shutdown::signal();
    tokio::pin!(told);
    let (listener, at) = listen(&args.listen).await?;
    let mut stack = tokio::select! {
        stack = Stack::start(listener, args.config, args.tokens) => stack?,
        () = &mut told => return Ok(()),
    };
    tracing::info!("listening on http://{at}");
    tokio::select! {
        failure = stack.failure() => {
            // What the others say on their way out is in the log; the first failure is the cause.
            let _ = stack.end().await;
            Err(failure)
        }
        () = &mut told => stack.end().await,
    }
}
