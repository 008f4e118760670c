//! Records, one after the other, from bytes of any length: what is kept of them is a window around the record.

use std::io::{self, BufRead, ErrorKind};

use super::row::{Record, Row, Span};
use crate::{
    Rule,
    issue::Issues,
    sdmx::envelope,
    text::{self, LONGEST_LINE, from_one},
};

/// The marks that can stand between cells.
pub(crate) const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

/// The longest record: a row in which cells in quotation marks have line ends, in bytes.
const LONGEST_RECORD: usize = 256 << 10;

/// How much is read at once, and how much that was read already is kept before it is dropped.
const WINDOW: usize = 64 << 10;

/// The mark between the cells of a header: the first one that stands outside square brackets.
pub(crate) fn separator(header: &str) -> char {
    let mut inside = false;
    let found = header.chars().find(|&c| {
        inside = (inside || c == '[') && c != ']';
        !inside && SEPARATORS.contains(&c)
    });
    found.unwrap_or(',')
}

/// The records of a file, without lines that have nothing in them. The first of them is the header, which says what
/// separates cells.
pub(crate) struct Records<R> {
    reader: R,
    /// What was read and is needed; what stands before `at` is done with.
    pub(super) window: Vec<u8>,
    pub(super) at: usize,
    pub(super) line: u32,
    /// Whether the reader has no more.
    pub(super) is_read: bool,
    /// Whether what follows cannot be read.
    pub(super) is_broken: bool,
    pub(super) separator: Option<u8>,
    comments: bool,
    spans: Vec<Span>,
    apart: String,
    /// Why the reader has no more, where nobody was told yet.
    failed: Option<io::Error>,
}

/// A line: where its text ends, and where the next line starts.
#[derive(Clone, Copy)]
struct Ends {
    end: usize,
    next: usize,
}

/// A record that was found: where its text stands, and its first line.
struct Found {
    start: usize,
    end: usize,
    line: u32,
    is_comment: bool,
}

/// The quotation marks of a cell do not pair.
struct Unpaired;

impl<R: BufRead> Records<R> {
    /// The records of what `reader` reads; with `comments`, a line that starts with `#` is one.
    pub(crate) fn new(reader: R, comments: bool) -> Self {
        Self {
            reader,
            window: vec![],
            at: 0,
            line: 1,
            is_read: false,
            is_broken: false,
            separator: None,
            comments,
            spans: vec![],
            apart: String::new(),
            failed: None,
        }
    }

    /// The next record that can be read. What cannot is an issue; where it is one of quotation marks, the reading goes on
    /// in the next line.
    pub(crate) fn next(&mut self, issues: &mut Issues) -> Option<Record<'_>> {
        let found = self.advance(issues)?;
        let bytes = self.window.get(found.start..found.end).unwrap_or_default();
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let at = error.valid_up_to();
                let (line, column) = text::position(bytes, at);
                self.is_broken = true;
                text::report_encoding((found.line + line - 1, column), bytes.get(at), issues);
                return None;
            }
        };
        if found.is_comment {
            return Some(Record::Comment(text.trim_start_matches('#')));
        }
        self.apart.clear();
        for span in self.spans.iter_mut().filter(|span| span.doubled) {
            let start = self.apart.len();
            let cell = text.get(span.start..span.end).unwrap_or_default();
            for (nth, part) in cell.split("\"\"").enumerate() {
                self.apart.push_str(if nth == 0 { "" } else { "\"" });
                self.apart.push_str(part);
            }
            (span.start, span.end) = (start, self.apart.len());
        }
        Some(Record::Row(Row {
            line: found.line,
            spans: &self.spans,
            text,
            apart: &self.apart,
        }))
    }

    fn advance(&mut self, issues: &mut Issues) -> Option<Found> {
        loop {
            if self.at >= WINDOW.max(self.window.len() / 2) {
                self.window.drain(..self.at);
                self.at = 0;
            }
            let start = self.at;
            let first = self.line(start, self.line, issues)?;
            let line = self.line;
            let text = self.window.get(start..first.end).unwrap_or_default();
            if text.is_empty() {
                self.step(first.next);
                continue;
            }
            if self.comments && text.starts_with(b"#") {
                self.step(first.next);
                let (end, is_comment) = (first.end, true);
                return Some(Found {
                    start,
                    end,
                    line,
                    is_comment,
                });
            }
            let mark = match self.separator {
                Some(mark) => mark,
                None => u8::try_from(separator(&String::from_utf8_lossy(text))).unwrap_or(b','),
            };
            if let Some(end) = self.row(start, first, mark, issues) {
                self.separator = Some(mark);
                let is_comment = false;
                return Some(Found {
                    start,
                    end,
                    line,
                    is_comment,
                });
            }
        }
    }

    /// Goes on behind a line.
    fn step(&mut self, next: usize) {
        self.at = next;
        self.line = self.line.saturating_add(1);
    }

    /// Finds the cells of a row, and where its text ends; `None` where an issue was reported.
    fn row(&mut self, start: usize, first: Ends, mark: u8, issues: &mut Issues) -> Option<usize> {
        self.spans.clear();
        let (mut at, mut line) = (start, first);
        loop {
            let (cell_line, cell_at, cell_in) = (self.line, at, line);
            let quoted = at < line.end && self.window.get(at) == Some(&b'"');
            let found = if quoted {
                self.quoted(start, at, &mut line, issues)
            } else {
                self.plain(at, line, mark)
            };
            let end = match found {
                Ok((end, span)) if end == line.end || self.window.get(end) == Some(&mark) => {
                    self.spans.push(Span {
                        line: cell_line,
                        start: span.start - start,
                        end: span.end - start,
                        ..span
                    });
                    end
                }
                _ => {
                    let rest = self.window.get(cell_at..cell_in.end).unwrap_or_default();
                    if !self.is_broken {
                        let position = (cell_line, from_one(self.spans.len()));
                        let rest = String::from_utf8_lossy(rest);
                        issues.report(position, Rule::QuoteMalformed, &rest, || {
                            "the quotation marks of the cell do not pair; put a cell with a quotation mark, a separator or a line end in it between quotation marks, and double those inside".to_owned()
                        });
                    }
                    self.line = cell_line;
                    self.step(cell_in.next);
                    return None;
                }
            };
            if end == line.end {
                self.step(line.next);
                return Some(line.end);
            }
            at = end + 1;
        }
    }

    /// A cell without quotation marks around it, and where it ends.
    fn plain(&self, at: usize, line: Ends, mark: u8) -> Result<(usize, Span), Unpaired> {
        let text = self.window.get(at..line.end).unwrap_or_default();
        let found = text.iter().position(|&byte| byte == mark || byte == b'"');
        let end = at + found.unwrap_or(text.len());
        if found.is_some_and(|found| text.get(found) == Some(&b'"')) {
            return Err(Unpaired);
        }
        Ok((end, self.span(at, end, false)))
    }

    /// A cell in quotation marks, which can go on in other lines, and where it ends.
    fn quoted(
        &mut self,
        start: usize,
        at: usize,
        line: &mut Ends,
        issues: &mut Issues,
    ) -> Result<(usize, Span), Unpaired> {
        let (mut from, mut doubled) = (at + 1, false);
        loop {
            let text = self.window.get(from..line.end).unwrap_or_default();
            match text.iter().position(|&byte| byte == b'"') {
                Some(found) if text.get(found + 1) == Some(&b'"') => {
                    doubled = true;
                    from += found + 2;
                }
                Some(found) => {
                    let close = from + found;
                    return Ok((close + 1, self.span(at + 1, close, doubled)));
                }
                None => {
                    from = line.next;
                    let is_short = line.next - start < LONGEST_RECORD;
                    let next = self.line.saturating_add(1);
                    let more = is_short.then(|| self.line(from, next, issues)).flatten();
                    *line = more.ok_or(Unpaired)?;
                    self.line = next;
                }
            }
        }
    }

    fn span(&self, start: usize, end: usize, doubled: bool) -> Span {
        Span {
            line: self.line,
            start,
            end,
            doubled,
        }
    }

    /// The line that starts at a place of the window and has a number; `None` behind the last one, and where an issue says
    /// why it cannot be read.
    fn line(&mut self, start: usize, number: u32, issues: &mut Issues) -> Option<Ends> {
        let mut searched = start;
        loop {
            let rest = self.window.get(searched..).unwrap_or_default();
            if let Some(found) = rest.iter().position(|&byte| byte == b'\n') {
                let end = searched + found;
                let before = end.checked_sub(1).filter(|&before| before >= start);
                let text = match before {
                    Some(before) if self.window.get(before) == Some(&b'\r') => before,
                    _ => end,
                };
                let next = end + 1;
                return self
                    .is_sound(start, text, end, number, issues)
                    .then_some(Ends { end: text, next });
            }
            searched = self.window.len();
            if self.is_read || searched - start > LONGEST_LINE {
                let is_sound =
                    start < searched && self.is_sound(start, searched, searched, number, issues);
                return is_sound.then_some(Ends {
                    end: searched,
                    next: searched,
                });
            }
            self.fill(issues)?;
        }
    }

    /// Whether a line is text, and no longer than lines are.
    fn is_sound(
        &mut self,
        start: usize,
        text_end: usize,
        end: usize,
        number: u32,
        issues: &mut Issues,
    ) -> bool {
        // What stands behind the longest line says nothing: how much of it was read depends on how it came.
        let seen = text_end.min(start + LONGEST_LINE);
        let bytes = self.window.get(start..seen).unwrap_or_default();
        let is_odd = |byte: u8| byte < 0x20 && byte != b'\t' || byte == 0x7f;
        let odd = bytes.iter().fold(false, |odd, &byte| odd | is_odd(byte));
        if !odd && end - start <= LONGEST_LINE {
            return true;
        }
        self.is_broken = true;
        text::report_line(bytes, number, issues);
        false
    }

    /// Reads more into the window; `None` where that fails.
    fn fill(&mut self, issues: &mut Issues) -> Option<()> {
        if self.is_broken {
            return None;
        }
        let is_first = self.window.is_empty() && self.line == 1 && self.separator.is_none();
        let least = if is_first { text::START } else { 1 };
        self.read(self.window.len() + least);
        if let Some(error) = self.failed.take() {
            self.is_broken = true;
            envelope::report(&error, (self.line, 1), issues);
            return None;
        }
        if is_first {
            if text::report_utf16(&self.window, issues) {
                self.is_broken = true;
                return None;
            }
            if self.window.starts_with(text::BYTE_ORDER_MARK) {
                self.window.drain(..text::BYTE_ORDER_MARK.len());
            }
        }
        Some(())
    }

    /// Reads until the window has so many bytes, or there are no more.
    pub(super) fn read(&mut self, enough: usize) {
        while !self.is_read && self.failed.is_none() && self.window.len() < enough {
            match self.reader.fill_buf() {
                Ok(chunk) => {
                    let chunk = chunk.get(..WINDOW).unwrap_or(chunk);
                    let read = chunk.len();
                    self.is_read = read == 0;
                    self.window.extend_from_slice(chunk);
                    self.reader.consume(read);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => self.failed = Some(error),
            }
        }
    }
}
