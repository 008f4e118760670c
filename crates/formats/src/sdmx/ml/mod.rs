//! The reader of SDMX-ML data messages: 2.1 (generic and specific to a structure, time series or not) and 3.0.
//!
//! The message is read once, from its beginning, and of it are kept: the header, what is given for the data set and the
//! series at hand, and the groups of the data set. Columns of positions are characters.

mod data_set;
mod events;
mod header;

use super::{
    envelope,
    levels::Rows,
    message::{Sink, Source},
};
use crate::{Rule, issue::Issues};
use data_set::Layout;
use events::{Element, Event, Events, Stop, stop};
use header::Header;

/// How the data sets of a message are laid out, by the root element.
fn layout_of(name: &str) -> Option<Layout> {
    match name {
        "GenericData" | "GenericTimeSeriesData" => Some(Layout::Generic),
        "StructureSpecificData" | "StructureSpecificTimeSeriesData" => Some(Layout::Specific),
        _ => None,
    }
}

/// The namespaces of the messages that are read, without the parts that follow.
const NAMESPACES: [&str; 2] = [
    "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message",
    "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/message",
];

/// Reads a message, and hands its rows to the sink. What is wrong with it is reported; the rows up to there were handed on.
pub fn read(source: &dyn Source, sink: &mut dyn Sink, issues: &mut Issues) {
    match source.open() {
        Ok(bytes) => {
            let mut events = Events::new(bytes);
            // Where the reading stops, an issue says why.
            let _ = message(&mut events, &mut Rows::new(sink), issues);
        }
        Err(error) => envelope::report(&error, (1, 1), issues),
    }
}

fn message(events: &mut Events<'_>, rows: &mut Rows<'_>, issues: &mut Issues) -> Result<(), Stop> {
    let Event::Open(root) = events.next(issues)? else {
        return Ok(());
    };
    let Some(layout) = layout_of(&root.name).filter(|_| is_known(&root)) else {
        return Err(stop(issues, root.at, Rule::MessageUnknown, || {
            format!(
                "the root element is {} of the namespace ‘{}’; hand in GenericData or StructureSpecificData of SDMX-ML 2.1 or 3.0",
                crate::issue::shown(&root.name),
                crate::issue::shown(&root.namespace)
            )
        }));
    };
    let mut header = Header::default();
    let mut data_sets = 0_u32;
    loop {
        match events.next(issues)? {
            Event::Open(element) => match element.name.as_str() {
                "Header" if data_sets == 0 => header.read(events, issues)?,
                "DataSet" => {
                    data_sets = data_sets.saturating_add(1);
                    data_set::read(&element, layout, &header, events, rows, issues)?;
                }
                "Footer" => footer(events, issues)?,
                _ => unknown(&element, events, issues)?,
            },
            Event::Close => break,
            Event::Text(text, at) => stray(&text, at, issues),
            Event::End => return Ok(()),
        }
    }
    if data_sets == 0 {
        issues.report(root.at, Rule::HeaderWithoutRows, "", || {
            "the message has no data set; is it complete?".to_owned()
        });
    }
    // Behind the root there are comments at most, which has to be read to be known.
    events.next(issues).map(|_| ())
}

fn is_known(root: &Element) -> bool {
    NAMESPACES.contains(&root.namespace.as_str())
}

/// Reads the footer, in which whoever answers a query says that the answer is not complete.
fn footer(events: &mut Events<'_>, issues: &mut Issues) -> Result<(), Stop> {
    loop {
        match events.next(issues)? {
            Event::Open(element) => {
                let (severity, code) = (element.text("severity"), element.text("code"));
                if element.name == "Message" && severity == "Error" {
                    issues.report(element.at, Rule::MessageError, code, || {
                        format!(
                            "the message says that an error occurred (code {}): it may not be complete; ask for it again",
                            crate::issue::shown(code)
                        )
                    });
                }
                events.skip(issues)?;
            }
            Event::Text(text, at) => stray(&text, at, issues),
            Event::Close | Event::End => return Ok(()),
        }
    }
}

/// Reports an element that is not known where it stands, and reads over it.
fn unknown(element: &Element, events: &mut Events<'_>, issues: &mut Issues) -> Result<(), Stop> {
    issues.report(element.at, Rule::ElementUnknown, &element.name, || {
        format!(
            "the element {} is not known here; leave it out",
            crate::issue::shown(&element.name)
        )
    });
    events.skip(issues)
}

/// Reports text that stands between elements.
fn stray(text: &str, at: (u32, u32), issues: &mut Issues) {
    issues.report(at, Rule::ElementUnknown, text, || {
        format!(
            "the text ‘{}’ stands between elements; leave it out",
            crate::issue::shown(text)
        )
    });
}
