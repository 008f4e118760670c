//! `verify`: rehashes, recounts and re-audits a lake.

use crate::args::VerifyArgs;
use crate::exit::Exit;

/// Verifies a lake.
///
/// # Errors
/// Where something is wrong with it.
pub async fn run(args: &VerifyArgs) -> Result<(), Exit> {
    Err(Exit::no(format!(
        "{} {:?}: not yet",
        args.lake, args.output
    )))
}
