//! How values on the command line are read.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use regtrade_model::Instant;
use regtrade_proto::KeyPattern;
use regtrade_service::{Clock as _, SystemClock};

/// An instant in RFC 3339.
pub fn parse_rfc3339(text: &str) -> Result<Instant, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|instant| instant.with_timezone(&Utc))
        .map_err(|_| format!("`{text}` is not an instant such as 2025-12-18T10:00:00Z"))
}

/// A date stands for its last microsecond in UTC, and today's for now: what was published on that day counts.
pub fn parse_instant(text: &str) -> Result<Instant, String> {
    if let Ok(date) = text.parse::<NaiveDate>()
        && let Some(end) = date.and_hms_micro_opt(23, 59, 59, 999_999)
    {
        return Ok(end
            .and_utc()
            .min(SystemClock.now())
            .max(date.and_time(NaiveTime::MIN).and_utc()));
    }
    parse_rfc3339(text).map_err(|message| format!("{message}, nor a date such as 2025-12-18"))
}

/// Why findings are accepted: one line that says something.
pub fn parse_reason(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err(
            "the reason is empty: say why the release is to be taken in all the same".to_owned(),
        );
    }
    if text.chars().any(char::is_control) {
        return Err(
            "the reason has line ends or control characters: write it on one line".to_owned(),
        );
    }
    Ok(text.to_owned())
}

/// A pattern of keys, which the service reads again.
pub fn parse_key(text: &str) -> Result<String, String> {
    text.parse::<KeyPattern>()
        .map(|_| text.to_owned())
        .map_err(|invalid| invalid.description)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Cli;
    use clap::{CommandFactory, Parser};

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_date_stands_for_its_end() {
        let end = parse_instant("2025-12-18").unwrap();
        assert!(end > parse_instant("2025-12-18T23:59:59Z").unwrap());
        assert!(end < parse_instant("2025-12-19T00:00:00+00:00").unwrap());
        assert!(parse_instant("18/12/2025").is_err());
    }

    #[test]
    fn an_instant_and_a_release_exclude_each_other() {
        let both = [
            "regtrade",
            "key-indicators",
            "--as-of",
            "2025-01-01",
            "--release",
            "REGTRD-2024-0",
        ];
        assert!(Cli::try_parse_from(both).is_err());
        let alone = ["regtrade", "key-indicators", "--known-at", "2025-01-01"];
        assert!(Cli::try_parse_from(alone).is_err());
    }
}
