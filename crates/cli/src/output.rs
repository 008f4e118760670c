//! Standard output is for data, standard error for all else; a reader who leaves early is no error.

use std::io::{self, Write};

use crate::exit::Exit;

/// Writes data to standard output.
///
/// # Errors
/// [`Exit::Unread`] where nobody reads any more.
pub fn print(text: &str) -> Result<(), Exit> {
    let mut output = anstream::AutoStream::auto(io::stdout().lock());
    match output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush())
    {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Exit::Unread),
        Err(error) => Err(Exit::no(format!("standard output: {error}"))),
    }
}

/// Says something on standard error. Where that is closed, there is nobody to tell.
pub fn say(text: &str) {
    let mut output = anstream::AutoStream::auto(io::stderr().lock());
    let _ = writeln!(output, "{text}");
}
