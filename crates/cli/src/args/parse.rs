//! How values on the command line are read.

use chrono::{DateTime, Months, NaiveDate, NaiveTime, TimeDelta, Utc};
use regtrade_model::{ContributionMethod, Dataflow, KeyPattern};
use regtrade_model::{DatePrecision, Instant};
use regtrade_service::{Clock as _, SystemClock};

/// An instant in RFC 3339.
pub fn parse_rfc3339(text: &str) -> Result<Instant, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|instant| instant.with_timezone(&Utc))
        .map_err(|_| format!("`{text}` is not an instant such as 2025-12-18T10:00:00Z"))
}

/// When a release was or will be published, as precisely as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// By then it is public for certain.
    pub at: Instant,
    /// How precisely that is known.
    pub precision: DatePrecision,
}

/// An instant; or a day, a month or a year of the past, which stands for its end.
pub fn parse_published(text: &str) -> Result<Published, String> {
    let parts: Vec<&str> = text.split('-').collect();
    let digits = |part: &str, many: usize| {
        let fits = part.len() == many && part.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| part.parse::<u32>().ok())?
    };
    let read = |year: &str, month: Option<&str>, day: Option<&str>| {
        let year = i32::try_from(digits(year, 4)?).ok()?;
        let (next, precision) = match (month, day) {
            (Some(month), Some(day)) => {
                let day = NaiveDate::from_ymd_opt(year, digits(month, 2)?, digits(day, 2)?)?;
                (day.succ_opt()?, DatePrecision::Day)
            }
            (Some(month), None) => {
                let first = NaiveDate::from_ymd_opt(year, digits(month, 2)?, 1)?;
                (
                    first.checked_add_months(Months::new(1))?,
                    DatePrecision::Month,
                )
            }
            _ => (
                NaiveDate::from_ymd_opt(year + 1, 1, 1)?,
                DatePrecision::Year,
            ),
        };
        let at = next.and_time(NaiveTime::MIN).and_utc() - TimeDelta::microseconds(1);
        Some(Published { at, precision })
    };
    let vague = match parts.as_slice() {
        [year] => read(year, None, None),
        [year, month] => read(year, Some(month), None),
        [year, month, day] => read(year, Some(month), Some(day)),
        _ => None,
    };
    match vague {
        Some(published) if published.at > SystemClock.now() => Err(format!(
            "`{text}` is not over yet; an embargo needs its instant, such as {}",
            "2025-12-18T10:00:00Z"
        )),
        Some(published) => Ok(published),
        None => parse_rfc3339(text)
            .map(|at| Published {
                at,
                precision: DatePrecision::Instant,
            })
            .map_err(|message| {
                format!("{message}, nor a day, month or year such as 2019-03-15, 2019-03 or 2019")
            }),
    }
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

/// Why something is done that needs a reason: one line that says something.
pub fn parse_reason(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("the reason is empty: say why in one line".to_owned());
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
        .map_err(|invalid| invalid.to_string())
}

/// The name of a method, in the way of flags or of the protocol.
pub fn parse_method(text: &str) -> Result<ContributionMethod, String> {
    let name = text.to_uppercase().replace('-', "_");
    let method = name.parse::<ContributionMethod>();
    method.map_err(|_| format!("`{text}` is none of cagr-share, mean-of-annual and simple"))
}

/// A dataflow, in capitals or not.
pub fn parse_dataflow(text: &str) -> Result<Dataflow, String> {
    let dataflow = text.to_uppercase().parse::<Dataflow>();
    dataflow.map_err(|_| format!("`{text}` is neither regtrd nor exttrade"))
}

/// The id of a codelist, which may be typed without its beginning.
pub fn parse_list_name(text: &str) -> Result<String, String> {
    let id = text.to_uppercase().replace('-', "_");
    Ok(if id.starts_with("CL_") {
        id
    } else {
        format!("CL_{id}")
    })
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
    fn a_publication_is_known_to_the_instant_the_day_the_month_or_the_year() {
        let of = |text: &str| {
            let published = parse_published(text).unwrap();
            (format!("{:?}", published.at), published.precision)
        };
        for (text, at, precision) in [
            (
                "2019-03-15",
                "2019-03-15T23:59:59.999999Z",
                DatePrecision::Day,
            ),
            (
                "2019-02",
                "2019-02-28T23:59:59.999999Z",
                DatePrecision::Month,
            ),
            ("2022", "2022-12-31T23:59:59.999999Z", DatePrecision::Year),
            (
                "2019-03-15T15:00:00+01:00",
                "2019-03-15T14:00:00Z",
                DatePrecision::Instant,
            ),
            (
                "2999-01-01T00:00:00Z",
                "2999-01-01T00:00:00Z",
                DatePrecision::Instant,
            ),
        ] {
            assert_eq!(of(text), (at.to_owned(), precision), "{text}");
        }
        for bad in [
            "2999",
            "2019-13",
            "2019-02-30",
            "19",
            "2019-3",
            "soon",
            "",
            "2019-03-15T15:00",
        ] {
            assert!(parse_published(bad).is_err(), "{bad}");
        }
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
