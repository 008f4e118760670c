//! The `regtrade` command: the services, their client, and the audit of a file.

mod args;
mod bulk;
mod client;
mod commands;
mod exit;
mod files;
mod output;
mod render;
mod shipped;
mod stack;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use exit::Exit;

/// Answers are made of many small things by several threads, which give back what others took.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let Cli { color, command } = Cli::parse();
    color.choose();
    let ended = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Exit::failed("the runtime does not start", &error))
        .and_then(|runtime| runtime.block_on(run(command)));
    let Err(exit) = ended else {
        return ExitCode::SUCCESS;
    };
    let (code, message) = exit.told();
    if let Some(message) = message {
        output::say(&format!("\x1b[1;31merror:\x1b[0m {message}"));
    }
    code
}

async fn run(command: Command) -> Result<(), Exit> {
    match command {
        Command::Demo(args) => commands::demo::run(args).await,
        Command::Up(args) => commands::up::run(args).await,
        Command::Serve(service) => commands::serve::run(service).await,
        Command::Health(args) => commands::health::run(&args).await,
        Command::Ingest(args) => commands::ingest::run(args).await,
        Command::Withdraw(args) => commands::events::withdraw(args).await,
        Command::Reschedule(args) => commands::events::reschedule(args).await,
        Command::Watch(args) => commands::watch::run(args).await,
        Command::Verify(args) => commands::verify::run(&args).await,
        Command::Releases(args) => commands::releases::run(&args).await,
        Command::KeyIndicators(args) => commands::key_indicators::run(&args).await,
        Command::Revisions(args) => commands::revisions::run(&args).await,
        Command::Observations(args) => commands::observations::run(&args).await,
        Command::Contributions(args) => commands::contributions::run(&args).await,
        Command::Structure(args) => commands::structure::run(&args).await,
        Command::Reconcile(args) => commands::reconcile::run(&args).await,
        Command::Codelists(args) => commands::codelists::run(&args).await,
        Command::Synth(args) => commands::synth::run(&args),
        Command::Audit(args) => commands::audit::run(&args),
        Command::Bounds(args) => commands::bounds::run(&args),
        Command::Completions { shell } => commands::completions::run(shell),
    }
}
