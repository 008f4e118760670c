//! Starts the command as processes of its own, and ends them.

#![allow(dead_code, reason = "each test binary uses a part of this")]

use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

const REGTRADE: &str = env!("CARGO_BIN_EXE_regtrade");

/// How long a server may take to listen, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a run of the command said.
pub struct Run {
    /// Its exit code.
    pub code: i32,
    /// Its standard output.
    pub output: String,
    /// Its standard error.
    pub errors: String,
}

impl Run {
    /// The run, which must have ended with 0.
    pub fn succeeds(self) -> Self {
        assert_eq!(self.code, 0, "{}{}", self.output, self.errors);
        self
    }
}

/// Runs the command to its end.
pub fn regtrade(arguments: &[&str]) -> Run {
    let output = Command::new(REGTRADE)
        .args(arguments)
        .env_remove("REGTRADE_ENDPOINT")
        .env_remove("REGTRADE_LOG")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Run {
        code: output.status.code().unwrap_or(-1),
        output: String::from_utf8(output.stdout).unwrap(),
        errors: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A server process, and where it listens.
pub struct Process {
    child: Child,
    address: String,
}

impl Process {
    /// Starts a server, and waits until it listens.
    pub fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(REGTRADE)
            .args(arguments)
            .env_remove("REGTRADE_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (told, address) = mpsc::channel();
        // Reads on after the address, so that the process never waits for its log to be read.
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Some((_, rest)) = line.split_once("listening on ") {
                    let end = rest
                        .find(|c: char| c.is_whitespace() || c == '"')
                        .unwrap_or(rest.len());
                    let _ = told.send(rest[..end].to_owned());
                }
            }
        });
        let address = address
            .recv_timeout(PATIENCE)
            .expect("the server did not say where it listens");
        Self { child, address }
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Kills it at once (SIGKILL), and waits until it is gone.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The services, in one process or in three, over a lake in a temporary folder.
pub struct Server {
    gateway: Process,
    indicators: Option<Process>,
    _ingest: Option<Process>,
    folder: TempDir,
}

impl Server {
    /// One process.
    pub fn up() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lake = folder.path().join("lake").display().to_string();
        let gateway = Process::start(&["up", "--lake", &lake, "--listen", "127.0.0.1:0"]);
        Self {
            gateway,
            indicators: None,
            _ingest: None,
            folder,
        }
    }

    /// Three processes.
    pub fn three() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let secret = ["--backend-secret-file".to_owned(), at("secret")];
        let start = |what: &[&str]| {
            let mut arguments = vec!["serve"];
            arguments.extend(what);
            arguments.extend(secret.iter().map(String::as_str));
            Process::start(&arguments)
        };
        let lake = at("lake");
        let ingest = start(&["ingest", "--listen", "127.0.0.1:0", "--lake", &lake]);
        let indicators = start(&["indicators", "--listen", "127.0.0.1:0", "--lake", &lake]);
        let backends = [
            "--ingest",
            ingest.address.as_str(),
            "--indicators",
            indicators.address.as_str(),
        ];
        let gateway =
            start(&[["gateway", "--listen", "127.0.0.1:0"].as_slice(), &backends].concat());
        Self {
            gateway,
            indicators: Some(indicators),
            _ingest: Some(ingest),
            folder,
        }
    }

    /// The address of the gateway.
    pub fn address(&self) -> String {
        self.gateway.address.clone()
    }

    /// Runs a client command against the gateway.
    pub fn client(&self, arguments: &[&str]) -> Run {
        regtrade(&[arguments, &["--endpoint", &self.gateway.address]].concat())
    }

    /// Runs a client command until it is as wanted, or time is over.
    pub fn until(
        &self,
        patience: Duration,
        arguments: &[&str],
        wanted: impl Fn(&Run) -> bool,
    ) -> Run {
        let end = Instant::now() + patience;
        loop {
            let run = self.client(arguments);
            if wanted(&run) || Instant::now() > end {
                return run;
            }
        }
    }

    /// The folder of the lake.
    pub fn lake(&self) -> String {
        self.folder.path().join("lake").display().to_string()
    }

    /// Writes a file beside the lake, and gives its path.
    pub fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.display().to_string()
    }

    /// The address of the indicators process.
    pub fn indicators(&self) -> String {
        self.indicators.as_ref().unwrap().address.clone()
    }

    /// Kills the indicators process at once.
    pub fn kill_indicators(&mut self) {
        self.indicators.as_mut().unwrap().kill();
    }

    /// Starts the indicators process again, at the same address.
    pub fn restart_indicators(&mut self) {
        let address = self.indicators().trim_start_matches("http://").to_owned();
        let lake = self.folder.path().join("lake").display().to_string();
        let secret = self.folder.path().join("secret").display().to_string();
        self.indicators = Some(Process::start(&[
            "serve",
            "indicators",
            "--listen",
            &address,
            "--lake",
            &lake,
            "--backend-secret-file",
            &secret,
        ]));
    }
}
