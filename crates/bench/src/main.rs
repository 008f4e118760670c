//! The `regtrade-bench` command: benchmarks, which print what they measure. docs/BENCHMARKS.md says how to read them.
//!
//! Standard output is for the numbers, standard error for all else. Exit codes: 0 done, 1 a bar is missed and `--check`
//! was given, or two answers that must be alike are not, 2 used wrongly, 3 the benchmark failed.

mod detail;
mod error;
mod gateway;
mod hot;
mod measure;
mod report;
mod synthetic;
mod vintages;

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

use error::BenchError;

/// Benchmarks of regtrade.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    benchmark: Benchmark,
}

#[derive(Subcommand)]
enum Benchmark {
    /// What answers cost over many vintages, against one; and what a release of a few years adds to the bytes
    Vintages(vintages::Arguments),
    /// What an answer costs that was given before, against a bare echo of the same size
    Hot(hot::Arguments),
    /// What detail by product, partner, region and month costs, against DuckDB, Polars and chDB over Parquet files
    Detail(detail::Arguments),
    /// The three services in a process of their own, for another benchmark to ask
    #[command(hide = true)]
    Serve(detail::ServeArguments),
}

/// That of the command, which is what is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let (ran, format, check) = match Arguments::parse().benchmark {
        Benchmark::Vintages(asked) => {
            let ran = vintages::run(&asked, &say).await;
            (ran, asked.format, asked.check)
        }
        Benchmark::Hot(asked) => (hot::run(&asked, &say).await, asked.format, asked.check),
        Benchmark::Detail(asked) => {
            let ran = detail::run(&asked, &say).await;
            (ran, asked.format, asked.check)
        }
        Benchmark::Serve(asked) => {
            // Its output is the address alone.
            let Err(error) = detail::serve(asked).await else {
                return ExitCode::SUCCESS;
            };
            say(&format!("error: {error}"));
            return ExitCode::from(error.exit_code());
        }
    };
    let code = match ran {
        Ok(report) => {
            if let Err(error) = io::stdout().write_all(report.text(format).as_bytes()) {
                say(&format!("standard output: {error}"));
                return ExitCode::from(3);
            }
            let missed = report.missed();
            for line in &missed {
                say(&format!("the bar is missed: {line}"));
            }
            for difference in &report.differences {
                say(&format!("answered otherwise: {difference}"));
            }
            u8::from(check && !missed.is_empty() || !report.differences.is_empty())
        }
        Err(error) => {
            say(&format!("error: {error}"));
            error.exit_code()
        }
    };
    ExitCode::from(code)
}

/// Says something on standard error. Where that is closed, there is nobody to tell.
fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

impl BenchError {
    fn exit_code(&self) -> u8 {
        match self {
            Self::OtherAnswer(_) => 1,
            _ => 3,
        }
    }
}
