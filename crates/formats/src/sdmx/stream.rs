//! The text of a message as it is read: UTF-8 without control characters, with the position that the reading has come to.

use std::io::{self, BufRead, Read};

use super::envelope::Fault;
use crate::Rule;

/// How many bytes are held at once.
const HELD: usize = 16 << 10;

/// The longest value, text or tag that is read, in bytes.
pub(super) const LONGEST: usize = 64 << 10;

/// Text, read once from its beginning.
pub(super) struct TextStream<'s> {
    bytes: Box<dyn BufRead + 's>,
    held: Vec<u8>,
    /// What of the held bytes was not consumed yet and is text: from `start` to `checked`. Behind it, to `end`, what is not
    /// known to be text.
    start: usize,
    checked: usize,
    end: usize,
    /// Line and character of the byte at `start`.
    position: (u32, u32),
    begun: bool,
    /// Where the piece begins that is read, and how many bytes of it were consumed.
    piece: ((u32, u32), usize),
}

impl<'s> TextStream<'s> {
    /// The text of these bytes.
    pub(super) fn new(bytes: Box<dyn BufRead + 's>) -> Self {
        Self {
            bytes,
            held: vec![0; HELD],
            start: 0,
            checked: 0,
            end: 0,
            position: (1, 1),
            begun: false,
            piece: ((1, 1), 0),
        }
    }

    /// Line and character, from 1, of what is read next; a byte-order mark is not counted.
    pub(super) fn position(&self) -> (u32, u32) {
        self.position
    }

    /// Says that another piece begins. A piece of more than [`LONGEST`] bytes (and what is held) is an error.
    pub(super) fn begin_piece(&mut self) {
        self.piece = (self.position, 0);
    }

    fn fault(&self, rule: Rule, explanation: String) -> io::Error {
        let at = Some(self.position);
        Fault {
            at,
            rule,
            explanation,
        }
        .into()
    }

    /// Finds out how much of the held bytes is text.
    fn check(&mut self, is_end: bool) -> io::Result<()> {
        let held = self.held.get(..self.end).unwrap_or_default();
        let (mut checked, mut fault) = match std::str::from_utf8(held) {
            Ok(_) => (held.len(), false),
            Err(error) => (error.valid_up_to(), is_end || error.error_len().is_some()),
        };
        let is_control =
            |byte: &u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r');
        let text = held.get(..checked).unwrap_or_default();
        if let Some(control) = text.iter().position(is_control) {
            (checked, fault) = (control, true);
        }
        self.checked = checked;
        if checked > 0 || !fault {
            return Ok(());
        }
        let byte = held.first().copied().unwrap_or_default();
        Err(if is_control(&byte) {
            let explanation =
                format!("the file has the control byte 0x{byte:02x} in it: it is no text in UTF-8");
            self.fault(Rule::FileBinary, explanation)
        } else {
            let explanation = format!(
                "the byte 0x{byte:02x} is not UTF-8; the file may be encoded in Latin-1, Windows-1252 or UTF-16: save it as UTF-8"
            );
            self.fault(Rule::FileEncoding, explanation)
        })
    }
}

impl Read for TextStream<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for TextStream<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let (at, length) = self.piece;
        if length > LONGEST {
            return Err(Fault {
                at: Some(at),
                rule: Rule::MessageTooComplex,
                explanation: format!(
                    "what begins here is longer than {LONGEST} bytes, which is the longest tag, text or value that is read; is its end missing?"
                ),
            }
            .into());
        }
        let mut is_end = false;
        while self.start == self.checked && !is_end {
            self.held.copy_within(self.checked..self.end, 0);
            self.end -= self.checked;
            (self.start, self.checked) = (0, 0);
            let free = self.held.get_mut(self.end..).unwrap_or_default();
            let read = match self.bytes.read(free) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read?,
            };
            self.end += read;
            is_end = read == 0;
            self.check(is_end)?;
            if !self.begun && self.checked > 0 {
                self.begun = true;
                if self.held.starts_with(b"\xef\xbb\xbf") {
                    self.start = 3;
                }
            }
        }
        Ok(self.held.get(self.start..self.checked).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        let end = self.checked.min(self.start + amount);
        let (mut line, mut column) = self.position;
        for byte in self.held.get(self.start..end).unwrap_or_default() {
            if *byte == b'\n' {
                (line, column) = (line.saturating_add(1), 1);
            } else if byte & 0xc0 != 0x80 {
                column = column.saturating_add(1);
            }
        }
        self.position = (line, column);
        self.start = end;
        self.piece.1 += amount;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that arrive one by one.
    struct Trickle<'b>(&'b [u8]);

    impl Read for Trickle<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let some = into.len().min(1);
            self.0.read(&mut into[..some])
        }
    }

    fn read(bytes: &[u8]) -> (String, (u32, u32), Option<Rule>) {
        let mut stream = TextStream::new(Box::new(io::BufReader::with_capacity(1, Trickle(bytes))));
        let mut text = vec![];
        let fault = stream.read_to_end(&mut text).err().map(|error| {
            let fault = error.get_ref().and_then(|cause| cause.downcast_ref());
            fault.map_or(Rule::FileUnreadable, |fault: &Fault| {
                assert_eq!(fault.at, Some(stream.position()));
                fault.rule
            })
        });
        (String::from_utf8(text).unwrap(), stream.position(), fault)
    }

    #[test]
    fn text_comes_with_lines_and_characters() {
        let text = "é\r\n日本x";
        assert_eq!(read(text.as_bytes()), (text.to_owned(), (2, 4), None));
    }

    #[test]
    fn a_byte_order_mark_is_not_text() {
        assert_eq!(read(b"\xef\xbb\xbfab"), ("ab".to_owned(), (1, 3), None));
        assert_eq!(read(b"\xef\xbb\xbf"), (String::new(), (1, 1), None));
    }

    #[test]
    fn what_is_no_text_is_a_fault_where_it_stands() {
        for (bytes, text, position, rule) in [
            (&b"ab\xe9c"[..], "ab", (1, 3), Rule::FileEncoding),
            (b"a\n\xe2\x82", "a\n", (2, 1), Rule::FileEncoding),
            (b"a\x00b", "a", (1, 2), Rule::FileBinary),
            (b"\xff\xfe<\x00", "", (1, 1), Rule::FileEncoding),
            (b"<\x00?\x00", "<", (1, 2), Rule::FileBinary),
        ] {
            assert_eq!(read(bytes), (text.to_owned(), position, Some(rule)));
        }
    }
}
