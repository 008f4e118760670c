//! `completions`: what a shell needs to complete the command.

use clap::CommandFactory;

use crate::args::Cli;
use crate::exit::Exit;
use crate::output::print;

/// Prints the completions of a shell.
///
/// # Errors
/// Where nobody reads them.
pub fn run(shell: clap_complete::Shell) -> Result<(), Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "regtrade", &mut script);
    print(&String::from_utf8_lossy(&script))
}
