//! The limits of every call, as flags and environment variables.

use std::time::Duration;

/// The limits that a server sets to each of its calls.
///
/// [`crate::ServerBuilder`] enforces the deadline and the concurrency. The size of messages is set on each
/// generated service (`max_decoding_message_size(limits.message_bytes)`), and the number of rows is for the
/// service to count.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Limits of every call")]
pub struct Limits {
    /// Deadline of a call whose caller named none (as `10s`, `500ms` or `2m`)
    #[arg(long, env = "REGTRADE_DEADLINE_DEFAULT", value_name = "DURATION", default_value = "10s", value_parser = parse_duration)]
    pub deadline_default: Duration,

    /// Longest deadline that a caller is given, whatever it asked for
    #[arg(long = "deadline-max", env = "REGTRADE_DEADLINE_MAX", value_name = "DURATION", default_value = "60s", value_parser = parse_duration)]
    pub deadline_maximum: Duration,

    /// Longest time that an upload may take, from its first byte until the release is in the lake
    #[arg(long, env = "REGTRADE_DEADLINE_UPLOAD", value_name = "DURATION", default_value = "360m", value_parser = parse_duration)]
    pub deadline_upload: Duration,

    /// Largest message that is taken in, in bytes
    #[arg(long, env = "REGTRADE_MESSAGE_BYTES", value_name = "BYTES", default_value_t = 4 * 1024 * 1024, value_parser = parse_count)]
    pub message_bytes: usize,

    /// Calls answered at once; one more is refused, not queued
    #[arg(long, env = "REGTRADE_CONCURRENCY", value_name = "CALLS", default_value_t = 256, value_parser = parse_count)]
    pub concurrency: usize,

    /// Rows in one answer
    #[arg(long, env = "REGTRADE_ROWS", value_name = "ROWS", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub rows: u32,

    /// Bytes of answers that gateway and indicators keep, each for itself, to give them again; 0 keeps none
    #[arg(long, env = "REGTRADE_CACHE_BYTES", value_name = "BYTES", default_value_t = CACHE_BYTES, value_parser = clap::value_parser!(u32).range(0..=1 << 30))]
    pub cache_bytes: u32,
}

/// Some thousand answers of the usual size.
const CACHE_BYTES: u32 = 16 * 1024 * 1024;

impl Default for Limits {
    /// The defaults of the flags.
    fn default() -> Self {
        Self {
            deadline_default: Duration::from_secs(10),
            deadline_maximum: Duration::from_secs(60),
            deadline_upload: Duration::from_secs(6 * 60 * 60),
            message_bytes: 4 * 1024 * 1024,
            concurrency: 256,
            rows: 10_000,
            cache_bytes: CACHE_BYTES,
        }
    }
}

impl Limits {
    /// The deadline of a call: what the caller asked for, up to the maximum; the default where it asked for
    /// nothing.
    pub fn deadline(&self, asked: Option<Duration>) -> Duration {
        asked
            .unwrap_or(self.deadline_default)
            .min(self.deadline_maximum)
    }

    /// The deadline of an upload: what the caller asked for, up to the maximum, which stands also where it asked for
    /// nothing. How long an upload takes depends on how much there is of it.
    pub fn deadline_of_upload(&self, asked: Option<Duration>) -> Duration {
        asked
            .unwrap_or(self.deadline_upload)
            .min(self.deadline_upload)
    }
}

/// Reads a duration such as `10s`, `500ms` or `2m`.
///
/// # Errors
/// Says what is expected where there is no unit, no whole number, or a duration of nothing.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let expected = || format!("\"{text}\" is not a duration such as 10s, 500ms or 2m");
    let digits = text
        .find(|character: char| !character.is_ascii_digit())
        .ok_or_else(expected)?;
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| expected())?;
    let milliseconds = match unit {
        "ms" => Some(number),
        "s" => number.checked_mul(1_000),
        "m" => number.checked_mul(60_000),
        _ => None,
    };
    // A day is the longest that makes sense, and timers cannot hold the longest that can be written.
    match milliseconds {
        Some(milliseconds @ 1..=86_400_000) => Ok(Duration::from_millis(milliseconds)),
        Some(_) => Err(format!("\"{text}\" is not between 1ms and 1440m")),
        None => Err(expected()),
    }
}

/// A whole number from 1 to what a semaphore can hold.
fn parse_count(text: &str) -> Result<usize, String> {
    match text.parse::<u32>() {
        Ok(number @ 1..) => {
            usize::try_from(number).map_err(|_| format!("\"{text}\" is too large a number"))
        }
        _ => Err(format!(
            "\"{text}\" is not a whole number from 1 to {}",
            u32::MAX
        )),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        limits: Limits,
    }

    #[test]
    fn the_flags_default_to_the_defaults() {
        let command = Command::try_parse_from(["server"]).unwrap();
        assert_eq!(command.limits, Limits::default());
    }

    #[test]
    fn a_flag_sets_its_limit() {
        let command = Command::try_parse_from([
            "server",
            "--deadline-max",
            "2m",
            "--deadline-default=250ms",
            "--rows=7",
            "--concurrency=1",
        ])
        .unwrap();
        assert_eq!(command.limits.deadline_maximum, Duration::from_secs(120));
        assert_eq!(command.limits.deadline_default, Duration::from_millis(250));
        assert_eq!(command.limits.rows, 7);
        assert_eq!(command.limits.concurrency, 1);
    }

    #[test]
    fn a_limit_that_would_stop_every_call_is_refused() {
        for flag in [
            "--deadline-max=0s",
            "--rows=0",
            "--concurrency=0",
            "--message-bytes=0",
        ] {
            assert!(
                Command::try_parse_from(["server", flag]).is_err(),
                "{flag} was taken"
            );
        }
    }

    #[test]
    fn a_duration_without_its_unit_is_refused() {
        for text in ["", "10", "s", "10h", "-1s", "1.5s", "99999999999999999999s"] {
            assert!(parse_duration(text).is_err(), "{text} was taken");
        }
    }

    #[test]
    fn a_caller_gets_the_deadline_that_it_asked_for_up_to_the_maximum() {
        let limits = Limits::default();
        let seconds = |number| Some(Duration::from_secs(number));
        assert_eq!(limits.deadline(None), Duration::from_secs(10));
        assert_eq!(limits.deadline(seconds(3)), Duration::from_secs(3));
        assert_eq!(limits.deadline(seconds(30)), Duration::from_secs(30));
        assert_eq!(limits.deadline(seconds(600)), Duration::from_secs(60));
        let hours = |number: u64| Duration::from_secs(3600 * number);
        assert_eq!(limits.deadline_of_upload(None), hours(6));
        assert_eq!(
            limits.deadline_of_upload(seconds(600)),
            Duration::from_secs(600)
        );
        assert_eq!(limits.deadline_of_upload(Some(hours(7))), hours(6));
    }
}
