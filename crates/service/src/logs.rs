//! Logs go to standard error: as text for people, as JSON for machines. Standard output is for data.

use std::io::IsTerminal;

use tracing::Dispatch;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

/// Libraries that tell at level info what they read of a log of commits: releases that are not to be seen yet
/// would be among it. The configured filter comes after, so that naming one of them still opens it.
const QUIET: &str =
    "buoyant_kernel=warn,buoyant_kernel_engine=warn,deltalake=warn,deltalake_core=warn";

/// What a log line looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// One readable line, coloured where a terminal reads it.
    #[default]
    Text,
    /// One JSON object on one line.
    Json,
}

/// How a process logs.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Logs")]
pub struct LogConfig {
    /// What is logged: a level, or levels by module
    #[arg(
        long = "log",
        env = "REGTRADE_LOG",
        value_name = "FILTER",
        default_value = "info"
    )]
    pub filter: String,

    /// What a log line looks like
    #[arg(
        long = "log-format",
        env = "REGTRADE_LOG_FORMAT",
        value_name = "FORMAT",
        default_value = "text"
    )]
    pub format: LogFormat,
}

/// Why logs could not be set up. Trying again does not help.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter cannot be read.
    #[error("the log filter \"{filter}\" cannot be read")]
    Filter {
        /// The filter as it was given.
        filter: String,
        /// What is wrong with it.
        source: ParseError,
    },
    /// The process already has a log.
    #[error("the log of this process is already set up")]
    AlreadyInstalled(#[from] TryInitError),
}

/// Sends the logs of this process to standard error from now on.
///
/// # Errors
/// [`LogError`], where the filter cannot be read or the process already has a log.
pub fn install(config: &LogConfig) -> Result<(), LogError> {
    let coloured = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    subscriber(config, coloured, std::io::stderr)?.try_init()?;
    Ok(())
}

fn subscriber<W>(config: &LogConfig, coloured: bool, writer: W) -> Result<Dispatch, LogError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_new(format!("{QUIET},{}", config.filter)).map_err(|source| {
        LogError::Filter {
            filter: config.filter.clone(),
            source,
        }
    })?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer);
    Ok(match config.format {
        LogFormat::Text => builder.with_ansi(coloured).finish().into(),
        LogFormat::Json => builder
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .finish()
            .into(),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use tokio::net::TcpListener;
    use tonic::codegen::http::uri::PathAndQuery;
    use tonic::transport::Channel;
    use tonic::{Request, Status};
    use tonic_health::pb::HealthCheckRequest;
    use tonic_health::pb::health_client::HealthClient;
    use tonic_prost::ProstCodec;

    use super::*;
    use crate::{Backend, CallContext, Limits, Secret, ServerBuilder};

    #[derive(Clone, Default)]
    struct Pages(Arc<Mutex<Vec<u8>>>);

    impl Write for Pages {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    async fn unknown_method(channel: Channel, request: Request<String>) -> Status {
        let mut client = tonic::client::Grpc::new(channel);
        client.ready().await.unwrap();
        let path = PathAndQuery::from_static("/regtrade.test.Nobody/Nothing");
        let codec = ProstCodec::<String, String>::default();
        client
            .unary::<_, String, _>(request, path, codec)
            .await
            .unwrap_err()
    }

    /// What a server logs of one call of an unknown method and one of health.
    async fn log_of_two_calls(format: LogFormat, secret: &Secret, call: &CallContext) -> String {
        let pages = Pages::default();
        let config = LogConfig {
            filter: "info".to_owned(),
            format,
        };
        let writer = {
            let pages = pages.clone();
            move || pages.clone()
        };
        let log = subscriber(&config, false, writer).unwrap();
        let _guard = tracing::dispatcher::set_default(&log);

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let builder =
            ServerBuilder::new("ingest", Limits::default()).backend_secret(secret.clone());
        let backend = Backend::new("ingest", &address, Some(secret.clone())).unwrap();
        let calls = async {
            let request = backend.request(call, String::new());
            unknown_method(backend.channel(), request).await;
            HealthClient::new(backend.channel())
                .check(HealthCheckRequest::default())
                .await
                .unwrap();
        };
        builder.serve(listener, calls).await.unwrap();
        let bytes = pages.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[tokio::test]
    async fn a_call_leaves_one_line_with_what_finds_it_again_and_health_and_secrets_none() {
        let secret: Secret = "s3cr3t-s3cr3t-s3cr3t-s3cr3t-s3cr3t".parse().unwrap();
        let call = CallContext::of(&Request::new(()));
        for (format, code, method) in [
            (
                LogFormat::Json,
                r#""code":"UNIMPLEMENTED""#,
                r#""method":"/regtrade.test.Nobody/Nothing""#,
            ),
            (
                LogFormat::Text,
                r#"code="UNIMPLEMENTED""#,
                r#"method="/regtrade.test.Nobody/Nothing""#,
            ),
        ] {
            let log = log_of_two_calls(format, &secret, &call).await;
            let ends: Vec<&str> = log
                .lines()
                .filter(|line| line.contains("call ended"))
                .collect();
            let [end] = ends[..] else {
                panic!("not one line but {ends:?}");
            };
            for part in [
                code,
                method,
                call.request_id(),
                call.trace_id(),
                "duration_ms",
                "ingest",
            ] {
                assert!(end.contains(part), "{part} is not in {end}");
            }
            assert!(!log.contains("s3cr3t"), "{log}");
            assert!(!log.contains('\u{1b}'), "{log}");
        }
    }

    #[test]
    fn what_a_library_reads_of_a_log_of_commits_is_not_told_unless_asked_for() {
        for (filter, told) in [("info", false), ("info,buoyant_kernel=info", true)] {
            let pages = Pages::default();
            let writer = {
                let pages = pages.clone();
                move || pages.clone()
            };
            let config = LogConfig {
                filter: filter.to_owned(),
                format: LogFormat::Json,
            };
            let log = subscriber(&config, false, writer).unwrap();
            tracing::dispatcher::with_default(&log, || {
                tracing::info!(target: "buoyant_kernel::snapshot", "Created snapshot");
                tracing::info!("listening");
            });
            let text = String::from_utf8(pages.0.lock().unwrap().clone()).unwrap();
            assert!(text.contains("listening"));
            assert_eq!(text.contains("Created snapshot"), told, "{filter}");
        }
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_named() {
        let config = LogConfig {
            filter: "regtrade=loud".to_owned(),
            format: LogFormat::Text,
        };
        let error = subscriber(&config, false, std::io::sink).unwrap_err();
        assert!(error.to_string().contains("regtrade=loud"), "{error}");
    }
}
