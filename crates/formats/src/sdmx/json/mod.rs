//! The reader of SDMX-JSON data messages 1.0 (with its draft, which some services still answer with), 2.0 and 2.1.
//!
//! The message is read twice: what it says of itself is collected first, as it can stand behind the observations; then the
//! observations are read, of which nothing is kept. Numbers keep their digits. Columns of positions are characters.

mod indices;
mod observations;
mod parts;
mod structure;
mod tokens;

use super::{
    envelope,
    levels::Rows,
    message::{Sink, Source},
};
use crate::{Rule, issue::Issues};
use structure::Message;
use tokens::{Stop, Tokens};

/// Reads a message, and hands its rows to the sink. What is wrong with it is reported; where it is not well-formed, no row
/// was handed on.
pub fn read(source: &dyn Source, sink: &mut dyn Sink, issues: &mut Issues) {
    // Where the reading stops, an issue says why.
    let _ = both(source, sink, issues);
}

fn both(source: &dyn Source, sink: &mut dyn Sink, issues: &mut Issues) -> Result<(), Stop> {
    let message = Message::collect(open(source, issues)?, issues)?;
    if message.data_sets.is_empty() {
        issues.report((1, 1), Rule::HeaderWithoutRows, "", || {
            "the message has no data set (data.dataSets); is it complete, and SDMX-JSON 1.0 or 2.0?"
                .to_owned()
        });
        return Ok(());
    }
    let mut rows = Rows::new(sink);
    observations::read(&message, open(source, issues)?, &mut rows, issues)
}

fn open<'s>(source: &'s dyn Source, issues: &mut Issues) -> Result<Tokens<'s>, Stop> {
    source.open().map(Tokens::new).map_err(|error| {
        envelope::report(&error, (1, 1), issues);
        Stop
    })
}
