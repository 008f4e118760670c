//! The elements of a message, as they are read: well-formed, within bounds, with their positions.

use std::{borrow::Cow, io::BufRead};

use quick_xml::{
    NsReader,
    errors::Error,
    escape::{resolve_predefined_entity, unescape},
    events::{BytesDecl, BytesRef, BytesStart, Event as XmlEvent},
    name::{Namespace, ResolveResult},
};

use crate::{
    Rule,
    issue::Issues,
    sdmx::{
        envelope,
        levels::Position,
        stream::{LONGEST, TextStream},
    },
};

/// How deep elements can stand in each other, and how many attributes one can have.
const DEEPEST: usize = 32;
const MOST_ATTRIBUTES: usize = 256;

/// The reading cannot go on; an issue says why.
pub(super) struct Stop;

/// What comes next in a message.
pub(super) enum Event {
    /// An element begins.
    Open(Element),
    /// The element ends in which the reading is.
    Close,
    /// Text, with references undone. Longer text comes in parts.
    Text(String, Position),
    /// The message ends.
    End,
}

/// The beginning of an element.
pub(super) struct Element {
    /// Its name without prefix, and its namespace; empty where it has none.
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) at: Position,
    pub(super) attributes: Vec<Attribute>,
}

/// An attribute; declarations of namespaces are none.
pub(super) struct Attribute {
    /// Its name without prefix, and its namespace; empty where it has no prefix.
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) value: String,
    /// Where its value begins.
    pub(super) at: Position,
}

impl Element {
    /// An attribute without prefix.
    pub(super) fn plain(&self, name: &str) -> Option<&Attribute> {
        let is = |a: &&Attribute| a.namespace.is_empty() && a.name == name;
        self.attributes.iter().find(is)
    }

    /// The value of an attribute without prefix; empty where it is not there.
    pub(super) fn text(&self, name: &str) -> &str {
        self.plain(name).map_or("", |a| a.value.trim())
    }
}

/// The elements of a message.
pub(super) struct Events<'s> {
    reader: NsReader<TextStream<'s>>,
    buffer: Vec<u8>,
    /// The names of the elements in which the reading is, from the root on.
    within: Vec<String>,
    /// Whether there was a root element.
    has_root: bool,
}

impl<'s> Events<'s> {
    pub(super) fn new(bytes: Box<dyn BufRead + 's>) -> Self {
        let mut reader = NsReader::from_reader(TextStream::new(bytes));
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.check_comments = true;
        Self {
            reader,
            buffer: vec![],
            within: vec![],
            has_root: false,
        }
    }

    /// What comes next, without text that is blank.
    pub(super) fn next(&mut self, issues: &mut Issues) -> Result<Event, Stop> {
        loop {
            match self.any(issues)? {
                Event::Text(text, _) if text.trim().is_empty() => {}
                event => return Ok(event),
            }
        }
    }

    fn any(&mut self, issues: &mut Issues) -> Result<Event, Stop> {
        loop {
            let stream = self.reader.get_mut();
            stream.begin_piece();
            let at = stream.position();
            self.buffer.clear();
            let event = match self.reader.read_event_into(&mut self.buffer) {
                Ok(event) => event,
                Err(error) => {
                    let reached = self.reader.get_mut().position();
                    return Err(broken(&error, at, reached, issues));
                }
            };
            if event.len() > LONGEST {
                return Err(too_long(at, issues));
            }
            let text = match event {
                XmlEvent::Start(tag) => {
                    if self.within.len() >= DEEPEST {
                        return Err(stop(issues, at, Rule::MessageTooComplex, || {
                            format!(
                                "elements stand in each other more than {DEEPEST} deep; is it a data message?"
                            )
                        }));
                    }
                    if self.within.is_empty() && self.has_root {
                        return Err(stop(issues, at, Rule::XmlMalformed, || {
                            "another element follows the root element; a message has one".to_owned()
                        }));
                    }
                    self.has_root = true;
                    let element = element(&self.reader, &tag, at, issues)?;
                    self.within.push(element.name.clone());
                    return Ok(Event::Open(element));
                }
                XmlEvent::End(_) => {
                    self.within.pop();
                    return Ok(Event::Close);
                }
                XmlEvent::Eof => return self.end(at, issues),
                XmlEvent::Text(text) => utf8(&text).into_owned(),
                XmlEvent::CData(text) => utf8(&text).into_owned(),
                XmlEvent::GeneralRef(reference) => referred(&reference, at, issues)?,
                XmlEvent::Decl(declaration) => {
                    declared(&declaration, at, issues)?;
                    continue;
                }
                XmlEvent::DocType(_) => {
                    return Err(stop(issues, at, Rule::XmlForbidden, || {
                        "the message has a document type declaration (<!DOCTYPE); leave it out"
                            .to_owned()
                    }));
                }
                XmlEvent::Empty(_) | XmlEvent::Comment(_) | XmlEvent::PI(_) => continue,
            };
            if self.within.is_empty() && !text.trim().is_empty() {
                return Err(stop(issues, at, Rule::XmlMalformed, || {
                    "text stands outside the root element; is the file a message in XML?".to_owned()
                }));
            }
            return Ok(Event::Text(text, at));
        }
    }

    fn end(&self, at: Position, issues: &mut Issues) -> Result<Event, Stop> {
        if let Some(name) = self.within.last() {
            return Err(stop(issues, at, Rule::XmlMalformed, || {
                format!("the file ends before </{name}>; was it written to its end?")
            }));
        }
        if !self.has_root {
            return Err(stop(issues, at, Rule::XmlMalformed, || {
                "the file has no element in it; was it written to its end?".to_owned()
            }));
        }
        Ok(Event::End)
    }

    /// Reads to the end of the element in which the reading is.
    pub(super) fn skip(&mut self, issues: &mut Issues) -> Result<(), Stop> {
        let depth = self.within.len();
        while self.within.len() >= depth {
            self.next(issues)?;
        }
        Ok(())
    }

    /// The text of the element in which the reading is, to its end, and where it begins. `None` where an element stands in
    /// it.
    pub(super) fn text(
        &mut self,
        at: Position,
        issues: &mut Issues,
    ) -> Result<Option<(String, Position)>, Stop> {
        let mut found = (String::new(), at);
        let mut is_plain = true;
        loop {
            match self.any(issues)? {
                Event::Open(_) => {
                    is_plain = false;
                    self.skip(issues)?;
                }
                Event::Text(text, at) => {
                    if found.0.trim().is_empty() {
                        found.1 = at;
                    }
                    found.0.push_str(&text);
                    if found.0.len() > LONGEST {
                        return Err(too_long(found.1, issues));
                    }
                }
                Event::Close | Event::End => return Ok(is_plain.then_some(found)),
            }
        }
    }
}

/// Reports what ends the reading.
pub(super) fn stop(
    issues: &mut Issues,
    at: Position,
    rule: Rule,
    explain: impl FnOnce() -> String,
) -> Stop {
    issues.report(at, rule, "", explain);
    Stop
}

fn too_long(at: Position, issues: &mut Issues) -> Stop {
    stop(issues, at, Rule::MessageTooComplex, || {
        format!(
            "the tag, text or value is longer than {LONGEST} bytes, which is the longest that is read; is its end missing?"
        )
    })
}

fn broken(error: &Error, at: Position, reached: Position, issues: &mut Issues) -> Stop {
    if let Error::Io(error) = error {
        envelope::report(error, reached, issues);
        return Stop;
    }
    stop(issues, at, Rule::XmlMalformed, || {
        format!("the message is not well-formed XML: {error}; was it written to its end?")
    })
}

/// Checks the declaration at the beginning of a message.
fn declared(declaration: &BytesDecl<'_>, at: Position, issues: &mut Issues) -> Result<(), Stop> {
    if at != (1, 1) {
        return Err(stop(issues, at, Rule::XmlMalformed, || {
            "an XML declaration stands at the beginning of a file alone".to_owned()
        }));
    }
    match declaration.encoding() {
        Some(Ok(name)) if !name.eq_ignore_ascii_case(b"utf-8") => {
            Err(stop(issues, at, Rule::FileEncoding, || {
                format!(
                    "the message declares the encoding {}; save it as UTF-8",
                    crate::issue::shown(&String::from_utf8_lossy(&name))
                )
            }))
        }
        Some(Err(_)) => Err(stop(issues, at, Rule::XmlMalformed, || {
            "the XML declaration cannot be read; write <?xml version=\"1.0\" encoding=\"UTF-8\"?>"
                .to_owned()
        })),
        _ => Ok(()),
    }
}

/// The text of bytes that came through a [`TextStream`].
fn utf8(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// What a reference in a text stands for.
fn referred(reference: &BytesRef<'_>, at: Position, issues: &mut Issues) -> Result<String, Stop> {
    let name = utf8(reference);
    let text = match reference.resolve_char_ref() {
        Ok(Some(character)) => Some(String::from(character)),
        Ok(None) => resolve_predefined_entity(&name).map(str::to_owned),
        Err(_) => None,
    };
    match text {
        Some(text) if is_text(&text) => Ok(text),
        _ => Err(forbidden(&name, at, issues)),
    }
}

fn forbidden(name: &str, at: Position, issues: &mut Issues) -> Stop {
    stop(issues, at, Rule::XmlForbidden, || {
        format!(
            "‘&{};’ is no reference that is read; write the text itself",
            crate::issue::shown(name)
        )
    })
}

/// Whether a text has none of the control characters that references can bring in.
fn is_text(text: &str) -> bool {
    let is_blank = |c: char| matches!(c, '\t' | '\n' | '\r');
    !text.chars().any(|c| c.is_control() && !is_blank(c))
}

/// The beginning of an element, its names resolved.
fn element(
    reader: &NsReader<TextStream<'_>>,
    tag: &BytesStart<'_>,
    at: Position,
    issues: &mut Issues,
) -> Result<Element, Stop> {
    let (namespace, name) = reader.resolver().resolve_element(tag.name());
    let mut element = Element {
        name: utf8(name.as_ref()).into_owned(),
        namespace: resolved(namespace, at, issues)?,
        at,
        attributes: vec![],
    };
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| {
            stop(issues, at, Rule::XmlMalformed, || {
                format!("the attributes of the element are not well-formed: {error}")
            })
        })?;
        if element.attributes.len() == MOST_ATTRIBUTES {
            return Err(stop(issues, at, Rule::MessageTooComplex, || {
                format!(
                    "the element has more than {MOST_ATTRIBUTES} attributes; is it a data message?"
                )
            }));
        }
        let raw: &[u8] = &attribute.value;
        // How far behind the beginning of the tag the value stands: both are slices of the same bytes.
        let offset = raw.as_ptr().addr().wrapping_sub(tag.as_ptr().addr());
        let at = behind(at, tag.get(..offset).unwrap_or_default());
        let raw = utf8(raw);
        if raw.contains('<') {
            return Err(stop(issues, at, Rule::XmlMalformed, || {
                "the mark < stands in a value; write &lt;".to_owned()
            }));
        }
        let value = match unescape(&raw) {
            Ok(value) if is_text(&value) => value.into_owned(),
            _ => return Err(forbidden(&raw, at, issues)),
        };
        if attribute.key.as_namespace_binding().is_some() {
            continue;
        }
        let (namespace, name) = reader.resolver().resolve_attribute(attribute.key);
        element.attributes.push(Attribute {
            name: utf8(name.as_ref()).into_owned(),
            namespace: resolved(namespace, at, issues)?,
            value,
            at,
        });
    }
    Ok(element)
}

fn resolved(
    namespace: ResolveResult<'_>,
    at: Position,
    issues: &mut Issues,
) -> Result<String, Stop> {
    match namespace {
        ResolveResult::Bound(Namespace(name)) => Ok(utf8(name).into_owned()),
        ResolveResult::Unbound => Ok(String::new()),
        ResolveResult::Unknown(prefix) => Err(stop(issues, at, Rule::XmlMalformed, || {
            format!(
                "the prefix {} stands for no namespace; declare it with xmlns",
                crate::issue::shown(&utf8(&prefix))
            )
        })),
    }
}

/// The position of what stands behind `bytes` in a tag that begins at `at` with its `<`.
fn behind((mut line, mut column): Position, bytes: &[u8]) -> Position {
    column = column.saturating_add(1);
    for byte in bytes {
        if *byte == b'\n' {
            (line, column) = (line.saturating_add(1), 1);
        } else if byte & 0xc0 != 0x80 {
            column = column.saturating_add(1);
        }
    }
    (line, column)
}
