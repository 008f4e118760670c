//! The values of a message, as they are read: well-formed, within bounds, with their positions.

use std::io::{self, BufRead, Read};

use struson::reader::{
    JsonReader, JsonReaderPosition, JsonStreamReader, ReaderError, ReaderSettings, ValueType,
};

use crate::{
    Rule,
    issue::Issues,
    sdmx::{
        envelope::{self, Fault},
        levels::Position,
        stream::{LONGEST, TextStream},
    },
};

/// How deep values can stand in each other.
const DEEPEST: u32 = 32;

/// The reading cannot go on; an issue says why.
pub(super) struct Stop;

/// A value that is no object and no array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scalar {
    /// Nothing.
    Null,
    /// A text, or a truth value.
    Text(String),
    /// A number, as it is written.
    Number(String),
    /// An array or an object, of which nothing is kept.
    Nested,
}

/// The values of a message.
pub(super) struct Tokens<'s> {
    reader: JsonStreamReader<Guarded<'s>>,
}

impl<'s> Tokens<'s> {
    pub(super) fn new(bytes: Box<dyn BufRead + 's>) -> Self {
        let settings = ReaderSettings {
            track_path: false,
            max_nesting_depth: Some(DEEPEST),
            ..ReaderSettings::default()
        };
        let text = Guarded {
            text: TextStream::new(bytes),
            is_inside: false,
            is_escaped: false,
            length: 0,
        };
        Self {
            reader: JsonStreamReader::new_custom(text, settings),
        }
    }

    /// Where the reading is.
    pub(super) fn at(&self) -> Position {
        position(&self.reader.current_position(false))
    }

    /// Whether an object or an array comes next. Nothing else than these and null may stand here.
    fn begins(&mut self, expected: ValueType, issues: &mut Issues) -> Result<bool, Stop> {
        let found = self.reader.peek();
        let found = self.good(found, issues)?;
        if found == expected {
            return Ok(true);
        }
        if found != ValueType::Null {
            let at = self.at();
            issues.report(at, Rule::MessageUnknown, "", || {
                format!("here stands {found}, and an {expected} is expected; is it SDMX-JSON 1.0 or 2.0?")
            });
        }
        self.skip(issues)?;
        Ok(false)
    }

    /// Reads an object, each member by `each`, which reads its value. Names of `once` stand there once.
    pub(super) fn object(
        &mut self,
        once: &[&str],
        issues: &mut Issues,
        mut each: impl FnMut(&mut Self, &str, Position, &mut Issues) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        if !self.begins(ValueType::Object, issues)? {
            return Ok(());
        }
        let begun = self.reader.begin_object();
        self.good(begun, issues)?;
        let mut found = vec![];
        loop {
            let next = self.reader.has_next();
            if !self.good(next, issues)? {
                break;
            }
            let at = self.at();
            let name = self.reader.next_name_owned();
            let name = self.good(name, issues)?;
            if once.contains(&name.as_str()) {
                if found.contains(&name) {
                    issues.report(at, Rule::JsonMemberTwice, &name, || {
                        format!("the member {name} stands twice in its object; which is meant?")
                    });
                    self.skip(issues)?;
                    continue;
                }
                found.push(name.clone());
            }
            each(self, &name, at, issues)?;
        }
        let ended = self.reader.end_object();
        self.good(ended, issues)
    }

    /// Reads an array, each item by `each`, which is told its number from 0 and reads it.
    pub(super) fn array(
        &mut self,
        issues: &mut Issues,
        mut each: impl FnMut(&mut Self, usize, &mut Issues) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        if !self.begins(ValueType::Array, issues)? {
            return Ok(());
        }
        let begun = self.reader.begin_array();
        self.good(begun, issues)?;
        let mut number = 0;
        loop {
            let next = self.reader.has_next();
            if !self.good(next, issues)? {
                break;
            }
            each(self, number, issues)?;
            number += 1;
        }
        let ended = self.reader.end_array();
        self.good(ended, issues)
    }

    /// Reads a value, and says where it begins.
    pub(super) fn scalar(&mut self, issues: &mut Issues) -> Result<(Scalar, Position), Stop> {
        let found = self.reader.peek();
        let found = self.good(found, issues)?;
        let at = self.at();
        let scalar = match found {
            ValueType::String => {
                let text = self.reader.next_string();
                let text = self.good(text, issues)?;
                if text.trim().chars().any(char::is_control) {
                    issues.report(at, Rule::JsonMalformed, "", || {
                        "the text has a control character in it; leave it out".to_owned()
                    });
                    Scalar::Null
                } else {
                    Scalar::Text(text)
                }
            }
            ValueType::Number => {
                let number = self.reader.next_number_as_string();
                Scalar::Number(self.good(number, issues)?)
            }
            ValueType::Boolean => {
                let truth = self.reader.next_bool();
                Scalar::Text(self.good(truth, issues)?.to_string())
            }
            ValueType::Null => {
                self.skip(issues)?;
                Scalar::Null
            }
            ValueType::Object | ValueType::Array => {
                self.skip(issues)?;
                Scalar::Nested
            }
        };
        Ok((scalar, at))
    }

    /// Reads over a value.
    pub(super) fn skip(&mut self, issues: &mut Issues) -> Result<(), Stop> {
        let skipped = self.reader.skip_value();
        self.good(skipped, issues)
    }

    /// Reads what is behind the last value, where nothing may stand.
    pub(super) fn end(mut self, issues: &mut Issues) -> Result<(), Stop> {
        let reached = self.reader.reader_mut().text.position();
        match self.reader.consume_trailing_whitespace() {
            Ok(()) => Ok(()),
            Err(error) => Err(broken(&error, reached, issues)),
        }
    }

    fn good<T>(&mut self, read: Result<T, ReaderError>, issues: &mut Issues) -> Result<T, Stop> {
        read.map_err(|error| {
            let reached = self.reader.reader_mut().text.position();
            broken(&error, reached, issues)
        })
    }
}

fn broken(error: &ReaderError, reached: Position, issues: &mut Issues) -> Stop {
    let (at, rule, explanation) = match error {
        ReaderError::IoError { error, .. } => {
            envelope::report(error, reached, issues);
            return Stop;
        }
        ReaderError::SyntaxError(error) => (
            &error.location,
            Rule::JsonMalformed,
            format!(
                "the message is not well-formed JSON ({}); was it written to its end?",
                error.kind
            ),
        ),
        ReaderError::MaxNestingDepthExceeded { location, .. } => (
            location,
            Rule::MessageTooComplex,
            format!("values stand in each other more than {DEEPEST} deep; is it a data message?"),
        ),
        ReaderError::UnsupportedNumberValue { location, .. } => (
            location,
            Rule::NumberTooLarge,
            "the number has more than 100 digits, or an exponent beyond 99".to_owned(),
        ),
        ReaderError::UnexpectedValueType { location, .. }
        | ReaderError::UnexpectedStructure { location, .. } => (
            location,
            Rule::JsonMalformed,
            "the message is not laid out as expected".to_owned(),
        ),
        _ => {
            issues.report(reached, Rule::JsonMalformed, "", || {
                "the message cannot be read further".to_owned()
            });
            return Stop;
        }
    };
    issues.report(position(at), rule, "", || explanation);
    Stop
}

fn position(at: &JsonReaderPosition) -> Position {
    let from_one = |number: u64| u32::try_from(number).unwrap_or(u32::MAX).saturating_add(1);
    at.line_pos
        .map_or((1, 1), |at| (from_one(at.line), from_one(at.column)))
}

/// Text whose strings are not longer than a value can be; the reader of JSON would take any length.
struct Guarded<'s> {
    text: TextStream<'s>,
    /// Whether the text is inside a string, behind a backslash there, and how long the string is up to there.
    is_inside: bool,
    is_escaped: bool,
    length: usize,
}

impl Read for Guarded<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        // Pieces are for elements; here strings are counted.
        self.text.begin_piece();
        let count = self.text.read(into)?;
        for byte in into.get(..count).unwrap_or_default() {
            self.length += 1;
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' if self.is_inside => self.is_escaped = true,
                b'"' => (self.is_inside, self.length) = (!self.is_inside, 0),
                _ => {}
            }
            if self.is_inside && self.length > LONGEST {
                return Err(Fault {
                    at: Some(self.text.position()),
                    rule: Rule::MessageTooComplex,
                    explanation: format!(
                        "the text that ends here or later is longer than {LONGEST} bytes, which is the longest that is read; is its end missing?"
                    ),
                }
                .into());
            }
        }
        Ok(count)
    }
}
