//! The engines that a user would pick instead, each in a Python process that is kept open. They are asked and answer in
//! lines of JSON, which `peers/peer.py` describes.

use std::{
    io::{BufRead, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use regtrade_model::Decimal;
use serde::Deserialize;
use serde_json::Value;

use super::answer::{Cell, Row};
use crate::error::BenchError;

/// What the peers run on.
const REQUIREMENTS: &str = include_str!("../../peers/requirements.txt");
const SOURCES: [(&str, &str); 5] = [
    ("peer.py", include_str!("../../peers/peer.py")),
    ("sql.py", include_str!("../../peers/sql.py")),
    ("duckdb_peer.py", include_str!("../../peers/duckdb_peer.py")),
    ("polars_peer.py", include_str!("../../peers/polars_peer.py")),
    ("chdb_peer.py", include_str!("../../peers/chdb_peer.py")),
];

/// The decimals of a level in millions of euro that is exact to the euro, which is what peers count in.
const DECIMALS: u32 = 6;

/// An engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Engine {
    #[value(name = "duckdb")]
    DuckDb,
    Polars,
    #[value(name = "chdb")]
    ChDb,
}

impl Engine {
    pub const ALL: [Self; 3] = [Self::DuckDb, Self::Polars, Self::ChDb];

    pub const fn name(self) -> &'static str {
        match self {
            Self::DuckDb => "DuckDB",
            Self::Polars => "Polars",
            Self::ChDb => "chDB",
        }
    }

    /// What its module and its folder are called.
    pub const fn id(self) -> &'static str {
        match self {
            Self::DuckDb => "duckdb",
            Self::Polars => "polars",
            Self::ChDb => "chdb",
        }
    }
}

/// The head of an answer.
#[derive(Debug, Default, PartialEq, Deserialize)]
struct Head {
    seconds: Option<f64>,
    #[serde(default)]
    rows: u64,
    peak_bytes: Option<u64>,
    version: Option<String>,
    error: Option<String>,
}

/// What became of a task that is no question.
pub struct Done {
    pub time: Duration,
    /// The most memory that the process had so far.
    pub peak_bytes: u64,
}

/// An engine that runs.
pub struct Peer {
    pub engine: Engine,
    child: Child,
    asked: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// A Python with what the peers need: a virtual environment in a folder, made unless it is there.
///
/// # Errors
/// Where it cannot be made.
pub fn python(folder: &Path, say: &dyn Fn(&str)) -> Result<std::path::PathBuf, BenchError> {
    let python = folder.join("bin").join("python");
    let complete = folder.join("complete");
    if complete.exists() {
        return Ok(python);
    }
    say("installing DuckDB, Polars and chDB");
    let requirements = folder.with_extension("txt");
    std::fs::write(&requirements, REQUIREMENTS)?;
    run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet"])
        .args(["--disable-pip-version-check", "--requirement"])
        .arg(&requirements))?;
    std::fs::write(complete, "")?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), BenchError> {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(BenchError::Peer("Python", format!("{command:?}: {status}"))),
        Err(error) => Err(BenchError::Peer("Python", format!("{command:?}: {error}"))),
    }
}

/// Writes the programs of the peers into a folder.
///
/// # Errors
/// Where they cannot be written.
pub fn unpack(folder: &Path) -> Result<(), BenchError> {
    std::fs::create_dir_all(folder)?;
    for (name, source) in SOURCES {
        std::fs::write(folder.join(name), source)?;
    }
    Ok(())
}

impl Peer {
    /// Starts an engine, whose files are in a folder.
    ///
    /// # Errors
    /// Where Python does not start.
    pub fn start(
        engine: Engine,
        python: &Path,
        programs: &Path,
        folder: &Path,
    ) -> Result<Self, BenchError> {
        std::fs::create_dir_all(folder)?;
        let failed = |error: String| BenchError::Peer(engine.name(), error);
        let mut child = Command::new(python)
            .arg(programs.join("peer.py"))
            .arg(engine.id())
            .arg(folder)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| failed(format!("{}: {error}", python.display())))?;
        let answers = child.stdout.take();
        let answers = answers.ok_or_else(|| failed("has no output".to_owned()))?;
        Ok(Self {
            engine,
            asked: child.stdin.take(),
            answers: BufReader::with_capacity(1 << 20, answers),
            child,
        })
    }

    /// What the engine is.
    ///
    /// # Errors
    /// Where it does not run.
    pub fn version(&mut self) -> Result<String, BenchError> {
        let head = self.head(&serde_json::json!({ "do": "version" }))?;
        let unknown = || self.failed(head.error.clone().unwrap_or_default());
        head.version.clone().ok_or_else(unknown)
    }

    /// Has something done.
    ///
    /// # Errors
    /// Where it fails.
    pub fn work(&mut self, task: &Value) -> Result<Done, BenchError> {
        let head = self.head(task)?;
        if let Some(error) = head.error {
            return Err(self.failed(error));
        }
        Ok(Done {
            time: Duration::from_secs_f64(head.seconds.unwrap_or_default().max(0.0)),
            peak_bytes: head.peak_bytes.unwrap_or_default(),
        })
    }

    /// Asks a question and passes the rows of the answer on, by key. Says how long the answer took, or why there is none.
    ///
    /// # Errors
    /// Where what comes back is no answer.
    pub fn ask(
        &mut self,
        question: &Value,
        mut row: impl FnMut(Row),
    ) -> Result<Result<Duration, String>, BenchError> {
        let head = self.head(question)?;
        if let Some(error) = head.error {
            return Ok(Err(error));
        }
        for _ in 0..head.rows {
            let line = self.line()?;
            row(read_row(&line).map_err(|error| self.failed(error))?);
        }
        let seconds = head.seconds.unwrap_or_default().max(0.0);
        Ok(Ok(Duration::from_secs_f64(seconds)))
    }

    fn head(&mut self, request: &Value) -> Result<Head, BenchError> {
        if let Some(asked) = &mut self.asked {
            let sent = writeln!(asked, "{request}").and_then(|()| asked.flush());
            sent.map_err(|error| self.failed(error.to_string()))?;
        }
        let line = self.line()?;
        read_head(&line).map_err(|error| self.failed(error))
    }

    fn line(&mut self) -> Result<String, BenchError> {
        let mut line = String::new();
        let read = self.answers.read_line(&mut line)?;
        if read == 0 {
            let ended = self.child.wait()?;
            return Err(self.failed(format!("ended without an answer ({ended})")));
        }
        Ok(line)
    }

    fn failed(&self, error: String) -> BenchError {
        BenchError::Peer(self.engine.name(), error)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // The end of its input tells it to end.
        drop(self.asked.take());
        let _ = self.child.wait();
    }
}

fn read_head(line: &str) -> Result<Head, String> {
    let head: Head = serde_json::from_str(line).map_err(|error| format!("{error}: {line}"))?;
    let says = [
        head.error.is_some(),
        head.version.is_some(),
        head.seconds.is_some(),
    ];
    if says.contains(&true) {
        Ok(head)
    } else {
        Err(format!("no answer: {line}"))
    }
}

/// A row: a key, and cells of which a text is an amount in euro, a number a rate, and null nothing.
fn read_row(line: &str) -> Result<Row, String> {
    let wrong = || format!("no row: {line}");
    let cells: Vec<Value> = serde_json::from_str(line).map_err(|_| wrong())?;
    let mut cells = cells.into_iter();
    let Some(Value::String(key)) = cells.next() else {
        return Err(wrong());
    };
    let cell = |cell| match cell {
        Value::String(euro) => {
            let euro: i128 = euro.parse().map_err(|_| wrong())?;
            let value = Decimal::try_from_i128_with_scale(euro, DECIMALS);
            value.map(Cell::Exact).map_err(|_| wrong())
        }
        Value::Number(rate) => rate.as_f64().map(Cell::Rate).ok_or_else(wrong),
        Value::Null => Ok(Cell::Absent),
        _ => Err(wrong()),
    };
    Ok(Row {
        key,
        cells: cells.map(cell).collect::<Result<_, _>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_a_key_with_amounts_rates_and_nothing() {
        let row = read_row(r#"["P61|BE2|2024-01", "9116532", -0.25, null]"#).unwrap();
        assert_eq!(row.key, "P61|BE2|2024-01");
        let amount = Cell::Exact("9.116532".parse().unwrap());
        assert_eq!(row.cells, [amount, Cell::Rate(-0.25), Cell::Absent]);
        for wrong in [
            "",
            "{}",
            "[]",
            "[1, 2]",
            r#"["a", "1.5"]"#,
            r#"["a", NaN]"#,
            r#"["a", [1]]"#,
            r#"["a", "99999999999999999999999999999999999"]"#,
        ] {
            assert!(read_row(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_answer_has_its_time_or_says_what_failed() {
        let head = read_head(r#"{"seconds": 0.5, "rows": 3}"#).unwrap();
        assert_eq!((head.seconds, head.rows), (Some(0.5), 3));
        let head = read_head(r#"{"error": "out of memory"}"#).unwrap();
        assert_eq!(head.error.as_deref(), Some("out of memory"));
        for wrong in [
            "",
            "Traceback",
            "{}",
            r#"{"rows": 3}"#,
            r#"{"seconds": "1"}"#,
        ] {
            assert!(read_head(wrong).is_err(), "{wrong}");
        }
    }
}
