//! When a server has to end.

/// Resolves when the process is told to end: by SIGTERM (an operator, a container's host) or by SIGINT
/// (Ctrl-C). The signal's name goes to the log.
///
/// Where the process cannot listen to signals, this never resolves, and the log says so.
pub async fn signal() {
    match wait().await {
        Ok(name) => tracing::info!(signal = name, "told to end"),
        Err(error) => {
            tracing::error!(%error, "cannot listen to signals: the process ends only when it is killed");
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(unix)]
async fn wait() -> std::io::Result<&'static str> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    })
}

#[cfg(not(unix))]
async fn wait() -> std::io::Result<&'static str> {
    tokio::signal::ctrl_c().await?;
    Ok("Ctrl-C")
}
