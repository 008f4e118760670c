//! Which format a message is in.

/// A format of data messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// SDMX-CSV.
    Csv,
    /// SDMX-ML.
    Ml,
    /// SDMX-JSON.
    Json,
}

/// The format of a message that starts with these bytes. What is neither XML nor JSON is csv, or is for the reader of csv
/// to refuse.
#[must_use]
pub fn of(start: &[u8]) -> Format {
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    match text.trim_ascii_start().first() {
        Some(b'<') => Format::Ml,
        Some(b'{') => Format::Json,
        _ => Format::Csv,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_mark_of_a_message_tells_its_format() {
        for (start, format) in [
            (&b"<?xml version=\"1.0\"?>"[..], Format::Ml),
            (b"\xef\xbb\xbf\r\n <message:GenericData", Format::Ml),
            (b"\n\t{\"data\": {}}", Format::Json),
            (b"\xef\xbb\xbf{", Format::Json),
            (b"STRUCTURE,STRUCTURE_ID", Format::Csv),
            (b"[]", Format::Csv),
            (b"", Format::Csv),
        ] {
            assert_eq!(of(start), format, "{}", start.escape_ascii());
        }
    }
}
