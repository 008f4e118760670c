//! Time periods, in the notation of SDMX, and spans of years.

use std::{fmt, str::FromStr};

use crate::error::{InvalidCode, Vocabulary, serde_as_text};

/// A standard time period: a year, a quarter or a month of the Gregorian calendar, from 1900 to 2199.
///
/// ```
/// # use regtrade_model::Period;
/// let period: Period = "2024-Q3".parse()?;
/// assert_eq!(period.year(), 2024);
/// assert!("2024-13".parse::<Period>().is_err());
/// # Ok::<(), regtrade_model::InvalidCode>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    year: u16,
    part: Part,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Part {
    Year,
    Quarter(u8),
    Month(u8),
}

impl Period {
    /// A calendar year, or `None` outside 1900 to 2199.
    #[must_use]
    pub const fn of_year(year: u16) -> Option<Self> {
        if year >= 1900 && year <= 2199 {
            Some(Self {
                year,
                part: Part::Year,
            })
        } else {
            None
        }
    }

    /// A quarter of a year, from 1 to 4; `None` where there is none.
    #[must_use]
    pub const fn of_quarter(year: u16, quarter: u8) -> Option<Self> {
        match Self::of_year(year) {
            Some(of) if quarter >= 1 && quarter <= 4 => Some(Self {
                part: Part::Quarter(quarter),
                ..of
            }),
            _ => None,
        }
    }

    /// A month of a year, from 1 to 12; `None` where there is none.
    #[must_use]
    pub const fn of_month(year: u16, month: u8) -> Option<Self> {
        match Self::of_year(year) {
            Some(of) if month >= 1 && month <= 12 => Some(Self {
                part: Part::Month(month),
                ..of
            }),
            _ => None,
        }
    }

    /// Which quarter or month of its year it is, from 1; 1 of a whole year.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self.part {
            Part::Year => 1,
            Part::Quarter(number) | Part::Month(number) => number,
        }
    }

    /// The year that the period is, or lies in.
    #[must_use]
    pub const fn year(self) -> u16 {
        self.year
    }

    /// Whether the period is a whole year.
    #[must_use]
    pub const fn is_annual(self) -> bool {
        matches!(self.part, Part::Year)
    }

    /// The SDMX frequency code: `A`, `Q` or `M`.
    #[must_use]
    pub const fn frequency(self) -> &'static str {
        match self.part {
            Part::Year => "A",
            Part::Quarter(_) => "Q",
            Part::Month(_) => "M",
        }
    }

    /// The same part of the year before; `None` before 1900.
    #[must_use]
    pub const fn a_year_earlier(self) -> Option<Self> {
        if self.year > 1900 {
            Some(Self {
                year: self.year - 1,
                part: self.part,
            })
        } else {
            None
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part {
            Part::Year => write!(f, "{:04}", self.year),
            Part::Quarter(quarter) => write!(f, "{:04}-Q{quarter}", self.year),
            Part::Month(month) => write!(f, "{:04}-{month:02}", self.year),
        }
    }
}

impl FromStr for Period {
    type Err = InvalidCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (year, rest) = (text.get(..4)?, text.get(4..)?);
            let number = |digits: &str| {
                digits
                    .bytes()
                    .all(|b| b.is_ascii_digit())
                    .then(|| digits.parse().ok())?
            };
            let Self { year, .. } = Self::of_year(number(year)?)?;
            let part = match rest.as_bytes() {
                [] => Part::Year,
                [b'-', b'Q', quarter @ b'1'..=b'4'] => Part::Quarter(quarter - b'0'),
                [b'-', _, _] => {
                    let month = number(&rest[1..])?;
                    (1..=12)
                        .contains(&month)
                        .then_some(Part::Month(month as u8))?
                }
                _ => return None,
            };
            Some(Self { year, part })
        };
        parse().ok_or_else(|| InvalidCode::new(Vocabulary::Period, text))
    }
}

serde_as_text!(Period);

/// When a figure is of: one period, or the years from a first to a last one (the period of an average growth rate).
///
/// ```
/// # use regtrade_model::Span;
/// let span: Span = "2019-2024".parse()?;
/// assert_eq!(span.years(), Some(5));
/// assert_eq!("2024".parse::<Span>()?.years(), None);
/// # Ok::<(), regtrade_model::InvalidCode>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    last: Period,
    first: Option<Period>,
}

impl Span {
    /// One period.
    #[must_use]
    pub const fn at(period: Period) -> Self {
        Self {
            last: period,
            first: None,
        }
    }

    /// The years from `first` to `last`; `None` unless both are years and `last` is later.
    #[must_use]
    pub fn between(first: Period, last: Period) -> Option<Self> {
        (first.is_annual() && last.is_annual() && first < last).then_some(Self {
            last,
            first: Some(first),
        })
    }

    /// The period, or the last year of the span.
    #[must_use]
    pub const fn last(self) -> Period {
        self.last
    }

    /// The first year of the span; `None` for a single period.
    #[must_use]
    pub const fn first(self) -> Option<Period> {
        self.first
    }

    /// How many years of growth the span has; `None` for a single period.
    #[must_use]
    pub fn years(self) -> Option<u16> {
        self.first.map(|first| self.last.year() - first.year())
    }
}

impl From<Period> for Span {
    fn from(period: Period) -> Self {
        Self::at(period)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.first {
            Some(first) => write!(f, "{first}-{}", self.last),
            None => self.last.fmt(f),
        }
    }
}

impl FromStr for Span {
    type Err = InvalidCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let span = match text.as_bytes() {
            [_, _, _, _, b'-', _, _, _, _] => text
                .split_once('-')
                .and_then(|(first, last)| Self::between(first.parse().ok()?, last.parse().ok()?)),
            _ => text.parse().ok().map(Self::at),
        };
        span.ok_or_else(|| InvalidCode::new(Vocabulary::Period, text))
    }
}

serde_as_text!(Span);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_written_as_sdmx_writes_them() {
        for text in ["1900", "2024", "2024-Q1", "2024-Q4", "2024-01", "2024-12"] {
            assert_eq!(text.parse::<Period>().unwrap().to_string(), text);
        }
        for bad in [
            "",
            "24",
            "1899",
            "2200",
            "2024-",
            "2024-Q0",
            "2024-Q5",
            "2024-00",
            "2024-13",
            "2024-1",
            "２０２４",
            "+024",
        ] {
            assert!(bad.parse::<Period>().is_err(), "{bad} was accepted");
        }
    }

    #[test]
    fn a_span_goes_from_an_earlier_year_to_a_later() {
        let span: Span = "2019-2024".parse().unwrap();
        assert_eq!(span.to_string(), "2019-2024");
        assert_eq!((span.years(), span.last().year()), (Some(5), 2024));
        for bad in [
            "2024-2024",
            "2024-2019",
            "2019–2024",
            "2019-24",
            "2019-2024-2025",
        ] {
            assert!(bad.parse::<Span>().is_err(), "{bad} was accepted");
        }
        assert_eq!("2024-07".parse::<Span>().unwrap().first(), None);
    }
}
