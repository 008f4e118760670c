//! What detail costs: foreign trade by product, partner, region and month, asked through the gateway of services in a
//! process of their own, against DuckDB, Polars and chDB over Parquet files that each wrote itself. Every answer is
//! compared with those of the peers, every cell.

mod answer;
mod data;
mod machine;
mod ours;
mod peer;
mod question;
mod results;
mod rounds;
mod serve;
mod upload;

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant as Stopwatch},
};

use clap::value_parser;
use serde_json::json;

use crate::{
    error::BenchError,
    measure::bytes_below,
    report::{Format, Report},
};
use data::Data;
use ours::Ours;
use peer::{Engine, Peer};
use question::Question;
use results::{Size, Started, TakenIn};
use serve::Services;

pub use serve::{ServeArguments, serve};

/// Of a smoke run.
const FEW_ROWS: u64 = 100_000;
/// When the vintages came out.
const DAYS: [&str; 2] = ["2025-02-15", "2025-06-15"];
/// How long services are left alone before their memory is looked at.
const IDLE: Duration = Duration::from_secs(2);

/// What is measured, and on how much.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// About how many observations; given several times, what they cost is put side by side
    #[arg(long, value_name = "N", default_values_t = [1_000_000], value_parser = value_parser!(u64).range(10_000..=100_000_000))]
    rows: Vec<u64>,
    /// How often each question is asked, by turns
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = value_parser!(u32).range(1..))]
    rounds: u32,
    /// Ask these questions alone
    #[arg(long, value_enum, value_name = "QUESTION", value_delimiter = ',')]
    only: Vec<Question>,
    /// Ask these engines alone beside ours: all at once may want more memory than there is
    #[arg(long, value_enum, value_name = "ENGINE", value_delimiter = ',', default_values = ["duckdb", "polars", "chdb"])]
    peers: Vec<Engine>,
    /// Compare the answers on 100,000 rows, and time nothing
    #[arg(long, conflicts_with = "rows")]
    smoke: bool,
    /// How the numbers are printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Keep the data in this folder, and use what is there from before
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// A Python that has the peers; a virtual environment is made otherwise
    #[arg(long, value_name = "PATH")]
    python: Option<PathBuf>,
    /// Exit code 1 where a bar is missed
    #[arg(long)]
    pub check: bool,
}

/// Where things are.
struct Places {
    python: PathBuf,
    programs: PathBuf,
}

/// Runs the benchmark, and tells `say` how far it is. What differs is in the report.
///
/// # Errors
/// Where the services or all that is needed do not run.
pub async fn run(arguments: &Arguments, say: &dyn Fn(&str)) -> Result<Report, BenchError> {
    let temporary = tempfile::tempdir()?;
    let folder = match &arguments.keep {
        Some(folder) => {
            fs::create_dir_all(folder)?;
            folder.canonicalize()?
        }
        None => temporary.path().to_owned(),
    };
    let places = Places {
        python: match &arguments.python {
            Some(python) => python.clone(),
            None => peer::python(&folder.join("venv"), say)?,
        },
        programs: folder.join("peers"),
    };
    peer::unpack(&places.programs)?;
    let mut versions = vec![];
    for &engine in &arguments.peers {
        versions.push(places.start(engine, temporary.path())?.version()?);
    }
    let sizes = if arguments.smoke {
        vec![FEW_ROWS]
    } else {
        arguments.rows.clone()
    };
    let mut measured = vec![];
    for rows in sizes {
        let folder = folder.join(format!("rows-{rows}"));
        fs::create_dir_all(&folder)?;
        measured.push(places.size(arguments, &folder, rows, say).await?);
    }
    let mut report = results::report(&measured, arguments.smoke);
    machine::describe(&mut report, &versions);
    Ok(report)
}

impl Places {
    fn start(&self, engine: Engine, folder: &Path) -> Result<Peer, BenchError> {
        Peer::start(engine, &self.python, &self.programs, folder)
    }

    async fn size(
        &self,
        arguments: &Arguments,
        folder: &Path,
        rows: u64,
        say: &dyn Fn(&str),
    ) -> Result<Size, BenchError> {
        let data = Data::make(folder, rows, say)?;
        let lake = folder.join("lake");
        let known = folder.join("releases.json");
        let kept = fs::read(&known).ok();
        let kept = kept.and_then(|text| serde_json::from_slice(&text).ok());
        let (releases, taken_in) = if let Some(releases) = kept {
            (releases, None)
        } else {
            let (releases, taken_in) = self.take_in(folder, &lake, &data, say).await?;
            fs::write(&known, serde_json::to_vec(&releases).unwrap_or_default())?;
            (releases, Some(taken_in))
        };
        let mut peers = vec![];
        let mut smallest: Option<(Engine, u64)> = None;
        for &engine in &arguments.peers {
            let own = folder.join(engine.id());
            self.write(engine, &own, &data, say)?;
            let bytes = fs::metadata(own.join("earlier.parquet"))?.len();
            if smallest.is_none_or(|(_, least)| bytes < least) {
                smallest = Some((engine, bytes));
            }
            // A new process has nothing of what writing took.
            peers.push(self.start(engine, &own)?);
        }
        say("starting the services on the lake");
        let begin = Stopwatch::now();
        let services = Services::start(&lake, &folder.join("temporary"))?;
        let ours = Ours::connect(&services.address, releases).await?;
        let first = ours.ask(Question::KeyIndicators, &data.picked, 0).await;
        let first = first.is_ok().then(|| begin.elapsed());
        tokio::time::sleep(IDLE).await;
        let started = Started {
            first,
            resident_bytes: services.resident_bytes(),
        };
        let asked = rounds::Asked {
            ours: &ours,
            engines: &arguments.peers,
            picked: &data.picked,
            questions: if arguments.only.is_empty() {
                Question::ALL.to_vec()
            } else {
                arguments.only.clone()
            },
            rounds: if arguments.smoke { 0 } else { arguments.rounds },
        };
        let restart = |engine: Engine| self.start(engine, &folder.join(engine.id()));
        let answers = asked.run(&mut peers, &restart, say).await?;
        Ok(Size {
            rows: data.picked.rows,
            answers,
            taken_in,
            smallest,
            started,
        })
    }

    /// Takes both vintages in, the first of them measured beside Polars.
    async fn take_in(
        &self,
        folder: &Path,
        lake: &Path,
        data: &Data,
        say: &dyn Fn(&str),
    ) -> Result<([String; 2], TakenIn), BenchError> {
        if lake.exists() {
            fs::remove_dir_all(lake)?;
        }
        let [earlier, later] = &data.vintages;
        let services = Services::start(lake, &folder.join("temporary"))?;
        say("taking in the first vintage");
        let first = upload::upload(&services.address, earlier, DAYS[0]).await?;
        let peak_bytes = services.peak_bytes();
        let bytes = bytes_below(lake)?;
        drop(services);
        say("the same by Polars: to Parquet as it is");
        let converted = folder.join("converted.parquet");
        let task = json!({ "do": "convert", "csv": earlier, "to": converted });
        let polars = self.start(Engine::Polars, folder)?.work(&task)?;
        fs::remove_file(converted)?;
        let services = Services::start(lake, &folder.join("temporary"))?;
        say("taking in the later vintage");
        let second = upload::upload(&services.address, later, DAYS[1]).await?;
        let taken_in = TakenIn {
            rows: first.rows,
            time: first.time,
            peak_bytes,
            bytes,
            polars,
        };
        Ok(([first.release, second.release], taken_in))
    }

    /// Has an engine write its own files, unless they are there.
    fn write(
        &self,
        engine: Engine,
        folder: &Path,
        data: &Data,
        say: &dyn Fn(&str),
    ) -> Result<(), BenchError> {
        let complete = folder.join("complete");
        if complete.exists() {
            return Ok(());
        }
        say(&format!("{} writes its files", engine.name()));
        let mut peer = self.start(engine, folder)?;
        for (csv, vintage) in data.vintages.iter().zip(["earlier", "later"]) {
            peer.work(&json!({ "do": "write", "csv": csv, "vintage": vintage }))?;
        }
        peer.work(&json!({ "do": "summarise" }))?;
        fs::write(complete, "")?;
        Ok(())
    }
}
