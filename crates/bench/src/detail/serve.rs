//! The three services in a process of their own, as `regtrade up` has them, and the process that runs them.

use std::{
    fs,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use regtrade_ingest::IntakeConfig;
use regtrade_service::{Clock, Limits, Secret, SystemClock};
use tokio::{sync::watch, task::JoinSet};

use crate::{error::BenchError, gateway::loopback};

/// No question is cut off before: what is slow is to be seen.
const DEADLINE: Duration = Duration::from_secs(60 * 60);

/// The lake, and what of the services is not as by default.
#[derive(clap::Args, Debug)]
pub struct ServeArguments {
    /// The folder of the lake
    #[arg(long)]
    lake: String,
    /// The folder for temporary files
    #[arg(long)]
    temporary: PathBuf,
}

/// Serves until standard input ends. The first line of standard output is the address of the gateway.
///
/// # Errors
/// Where a service fails.
pub async fn serve(arguments: ServeArguments) -> Result<(), BenchError> {
    let limits = Limits {
        deadline_default: DEADLINE,
        deadline_maximum: DEADLINE,
        // Each answer is worked out anew.
        cache_bytes: 0,
        ..Limits::default()
    };
    let secret = Secret::random()?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (ingest, ingest_at) = loopback().await?;
    let (indicators, indicators_at) = loopback().await?;
    let (gateway, gateway_at) = loopback().await?;
    let (stop, stopped) = watch::channel(false);
    let told = || {
        let mut stopped = stopped.clone();
        async move {
            let _ = stopped.wait_for(|stopped| *stopped).await;
        }
    };
    let mut tasks: JoinSet<Result<(), String>> = JoinSet::new();
    let run = regtrade_indicators::start(
        indicators,
        regtrade_indicators::Config {
            lake: arguments.lake.clone(),
            limits: limits.clone(),
        },
        secret.clone(),
        Arc::clone(&clock),
        told(),
    );
    tasks.spawn(async { run.await.map_err(|error| error.to_string()) });
    let run = regtrade_ingest::start(
        ingest,
        regtrade_ingest::Config {
            lake: arguments.lake,
            intake: IntakeConfig {
                // A hundred million observations are more text than is taken in by default.
                max_upload_bytes: u64::MAX,
                temporary: Some(arguments.temporary),
                ..IntakeConfig::default()
            },
            limits: limits.clone(),
        },
        secret.clone(),
        Arc::clone(&clock),
        told(),
    );
    tasks.spawn(async { run.await.map_err(|error| error.to_string()) });
    let run = regtrade_gateway::start(
        gateway,
        regtrade_gateway::Config {
            ingest: format!("http://{ingest_at}"),
            indicators: format!("http://{indicators_at}"),
            tokens: regtrade_gateway::TokenConfig::default(),
            limits,
        },
        secret,
        clock,
        told(),
    );
    tasks.spawn(async { run.await.map_err(|error| error.to_string()) });
    // All of them listen already: the first call waits until they serve.
    writeln!(io::stdout(), "http://{gateway_at}")?;
    let parent = tokio::task::spawn_blocking(|| io::stdin().read_to_end(&mut vec![]));
    let failed = tokio::select! {
        _ = parent => None,
        ended = tasks.join_next() => ended,
    };
    stop.send_replace(true);
    match failed {
        Some(Ok(Err(error))) => Err(BenchError::Services(error)),
        Some(Err(error)) => Err(BenchError::Services(error.to_string())),
        Some(Ok(Ok(()))) => Err(BenchError::Services("one ended by itself".to_owned())),
        None => {
            while tasks.join_next().await.is_some() {}
            Ok(())
        }
    }
}

/// The process with the services, which ends when this is dropped.
pub struct Services {
    child: Child,
    /// Where the gateway is.
    pub address: String,
}

impl Services {
    /// Starts them over a lake.
    ///
    /// # Errors
    /// Where they do not start.
    pub fn start(lake: &Path, temporary: &Path) -> Result<Self, BenchError> {
        fs::create_dir_all(temporary)?;
        let mut child = Command::new(std::env::current_exe()?)
            .args(["serve", "--lake"])
            .arg(lake)
            .arg("--temporary")
            .arg(temporary)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut address = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut address)?;
        }
        let services = Self {
            child,
            address: address.trim().to_owned(),
        };
        if services.address.is_empty() {
            return Err(BenchError::Services("they do not start".to_owned()));
        }
        Ok(services)
    }

    /// The most memory that the process had so far; `None` where the system does not say.
    pub fn peak_bytes(&self) -> Option<u64> {
        self.status("VmHWM:")
    }

    /// The memory that the process has.
    pub fn resident_bytes(&self) -> Option<u64> {
        self.status("VmRSS:")
    }

    fn status(&self, field: &str) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with(field))?;
        let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kilobytes * 1024)
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        // The end of its input tells it to end.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
