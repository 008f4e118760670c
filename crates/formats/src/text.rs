//! From bytes to text: what must hold of a file before anything in it can be read.

use crate::{Rule, issue::Issues};

/// A kind of file, as messages name it, and its bounds.
pub(crate) struct Form {
    /// With its article: "a press table".
    pub(crate) name: &'static str,
    /// The largest file that is read, in bytes.
    pub(crate) maximum: usize,
    /// What to save instead of a file that is no text.
    pub(crate) advice: &'static str,
}

/// The longest line that is read, in bytes.
pub(crate) const LONGEST_LINE: usize = 64 << 10;

/// How many bytes at the start of a file say whether it is encoded in UTF-16.
pub(crate) const START: usize = 4_096;

pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The text of a file without its byte-order mark; `None` where an issue says why it cannot be read.
pub(crate) fn read<'b>(bytes: &'b [u8], form: &Form, issues: &mut Issues) -> Option<&'b str> {
    let Form {
        name,
        maximum,
        advice,
    } = form;
    if bytes.len() > *maximum {
        issues.report((1, 1), Rule::FileTooLarge, "", || {
            format!(
                "the file has {} bytes and {name} at most {maximum}; is it the right file?",
                bytes.len()
            )
        });
        return None;
    }
    if report_utf16(bytes, issues) {
        return None;
    }
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    if let Some(at) = bytes.iter().position(|&byte| is_control(byte)) {
        report_control(bytes, at, position(bytes, at), advice, issues);
        return None;
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.valid_up_to();
            report_encoding(position(bytes, at), bytes.get(at), issues);
            return None;
        }
    };
    let lone = |&(at, _): &(usize, &str)| !text[at + 1..].starts_with('\n');
    if let Some((at, _)) = text.match_indices('\r').find(lone) {
        report_line_end(position(bytes, at), issues);
        return None;
    }
    if text.trim().is_empty() {
        report_empty(issues);
        return None;
    }
    let mut lines = (1..).zip(text.split('\n'));
    if let Some((line, found)) = lines.find(|(_, line)| line.len() > LONGEST_LINE) {
        issues.report((line, 1), Rule::LineTooLong, found, || {
            format!(
                "the line has {} bytes and a line of {name} at most {LONGEST_LINE}; are line ends missing?",
                found.len()
            )
        });
        return None;
    }
    Some(text)
}

/// Says that a file has nothing in it.
pub(crate) fn report_empty(issues: &mut Issues) {
    issues.report((1, 1), Rule::FileEmpty, "", || {
        "the file is empty; was it written to the end?".to_owned()
    });
}

/// Whether a file is encoded in UTF-16, as its start says; that is an issue.
pub(crate) fn report_utf16(start: &[u8], issues: &mut Issues) -> bool {
    let Some(order) = utf16(start) else {
        return false;
    };
    issues.report((1, 1), Rule::FileEncoding, "", || {
        format!("the file is encoded in UTF-16 ({order}); save it as UTF-8")
    });
    true
}

/// Says that a byte is not UTF-8.
pub(crate) fn report_encoding(at: (u32, u32), byte: Option<&u8>, issues: &mut Issues) {
    let byte = byte.copied().unwrap_or_default();
    issues.report(at, Rule::FileEncoding, "", || {
        format!(
            "the byte 0x{byte:02x} is not UTF-8; the file may be encoded in Latin-1 or Windows-1252: save it as UTF-8"
        )
    });
}

/// Says why a line of csv, of which this is the text without its end, cannot be read.
pub(crate) fn report_line(text: &[u8], line: u32, issues: &mut Issues) {
    let place = |at| (line, position(text, at).1);
    if let Some(at) = text.iter().position(|&byte| is_control(byte)) {
        report_control(text, at, place(at), "save it as text in csv", issues);
    } else if let Some(at) = text.iter().position(|&byte| byte == b'\r') {
        report_line_end(place(at), issues);
    } else {
        let found = String::from_utf8_lossy(text.get(..START).unwrap_or(text));
        issues.report((line, 1), Rule::LineTooLong, &found, || {
            format!(
                "the line has more than {LONGEST_LINE} bytes, and a line of csv at most so many; are line ends missing?"
            )
        });
    }
}

fn report_control(bytes: &[u8], at: usize, place: (u32, u32), advice: &str, issues: &mut Issues) {
    let byte = bytes.get(at).copied().unwrap_or_default();
    issues.report(place, Rule::FileBinary, "", || {
        let what = match bytes {
            [b'P', b'K', ..] => "it looks like a spreadsheet or an archive",
            [b'%', b'P', b'D', b'F', ..] => "it looks like a PDF",
            _ => "it is no text",
        };
        format!("the file has the control byte 0x{byte:02x} in it: {what}; {advice}")
    });
}

fn report_line_end(place: (u32, u32), issues: &mut Issues) {
    issues.report(place, Rule::FileLineEnds, "", || {
        "a carriage return stands without a line feed; save the file with line ends LF or CR LF"
            .to_owned()
    });
}

fn is_control(byte: u8) -> bool {
    byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r')
}

/// The byte order of UTF-16, by its mark or by where the zero bytes of Latin text stand.
fn utf16(bytes: &[u8]) -> Option<&'static str> {
    let start = bytes.get(..START).unwrap_or(bytes);
    let every_other = |first: usize| start.iter().skip(first).step_by(2);
    // Latin text in UTF-16 has a zero in most pairs of bytes, always on the same side, and text on the other.
    let is_text = |first: usize| {
        let zeros = every_other(1 - first).filter(|&&byte| byte == 0).count();
        zeros > 1 && zeros * 5 > start.len() && !every_other(first).any(|&byte| is_control(byte))
    };
    match start {
        [0xff, 0xfe, ..] => Some("little-endian"),
        [0xfe, 0xff, ..] => Some("big-endian"),
        _ if is_text(0) => Some("little-endian"),
        _ if is_text(1) => Some("big-endian"),
        _ => None,
    }
}

/// Line and character, from 1, of the byte at `at`. What is not UTF-8 before it counts a character per byte.
pub(crate) fn position(bytes: &[u8], at: usize) -> (u32, u32) {
    let before = bytes.get(..at).unwrap_or(bytes);
    let line = before.iter().filter(|&&byte| byte == b'\n').count();
    let start = before
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |end| end + 1);
    let characters = String::from_utf8_lossy(before.get(start..).unwrap_or_default())
        .chars()
        .count();
    (from_one(line), from_one(characters))
}

/// A count of what comes before as a number from 1.
pub(crate) fn from_one(before: usize) -> u32 {
    u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
}
