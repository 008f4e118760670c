//! The releases that come with the program: what the editions 2013 to 2024 printed, as far as it is known.
//!
//! Of the editions before 2024 only single figures are known, from copies of the releases and from notices of regional
//! statistical offices; each figure carries its source. Notices came days or months after the release, so an edition
//! has several releases here, each with all that was known by then. Where the day or the month of a notice is not
//! known, its date says so.

use regtrade_model::DatePrecision;
use regtrade_proto::v1::{self, ReleaseHeader};

use crate::args::{Published, parse_published, parse_rfc3339};
use crate::exit::Exit;

/// A release that comes with the program.
pub struct Shipped {
    edition: &'static str,
    /// A day, a month or a year.
    published_at: &'static str,
    accept_findings: &'static str,
    /// Names and contents.
    pub files: &'static [(&'static str, &'static [u8])],
}

macro_rules! files {
    ($($name:literal),+) => {
        &[$(($name, include_bytes!(concat!("../releases/", $name)))),+]
    };
}

/// Of the edition 2024 no more is known than the year of its publication, and that it was public by this instant.
const YEAR_OF_2024: &str = "2026";
const KNOWN_2024: &str = "2026-11-23T00:00:00Z";

/// In the order in which they were published.
pub const RELEASES: [Shipped; 14] = [
    of(
        "2013",
        "2016-07-15",
        files!["history/regtrd-2013-institute.csv"],
    ),
    Shipped {
        accept_findings: "as printed: net exports of Flanders in 2013 are 13.1, of goods 9.4 and of services 3.1",
        ..of(
            "2013",
            "2016-07-19",
            files![
                "history/regtrd-2013-institute.csv",
                "history/regtrd-2013-flanders.csv"
            ],
        )
    },
    of(
        "2015",
        "2018-07-09",
        files!["history/regtrd-2015-institute.csv"],
    ),
    of(
        "2015",
        "2018-07-10",
        files![
            "history/regtrd-2015-institute.csv",
            "history/regtrd-2015-brussels.csv"
        ],
    ),
    of(
        "2015",
        "2018-07",
        files![
            "history/regtrd-2015-institute.csv",
            "history/regtrd-2015-brussels.csv",
            "history/regtrd-2015-wallonia.csv"
        ],
    ),
    of(
        "2016",
        "2019-03-15",
        files!["history/regtrd-2016-institute.csv"],
    ),
    of(
        "2016",
        "2019-03",
        files![
            "history/regtrd-2016-institute.csv",
            "history/regtrd-2016-brussels.csv",
            "history/regtrd-2016-wallonia.csv"
        ],
    ),
    of(
        "2019",
        "2021-03-30",
        files!["history/regtrd-2019-institute.csv"],
    ),
    of(
        "2019",
        "2021-03",
        files![
            "history/regtrd-2019-institute.csv",
            "history/regtrd-2019-brussels.csv",
            "history/regtrd-2019-wallonia.csv"
        ],
    ),
    of(
        "2020",
        "2022",
        files![
            "history/regtrd-2020-brussels.csv",
            "history/regtrd-2020-wallonia.csv"
        ],
    ),
    of(
        "2021",
        "2023",
        files![
            "history/regtrd-2021-brussels.csv",
            "history/regtrd-2021-wallonia.csv"
        ],
    ),
    of("2022", "2024", files!["history/regtrd-2022-brussels.csv"]),
    of("2023", "2025", files!["history/regtrd-2023-brussels.csv"]),
    of("2024", "2026", files!["regtrd-2024.tsv"]),
];

const fn of(
    edition: &'static str,
    published_at: &'static str,
    files: &'static [(&'static str, &'static [u8])],
) -> Shipped {
    Shipped {
        edition,
        published_at,
        accept_findings: "",
        files,
    }
}

impl Shipped {
    /// What is said of it before its files.
    ///
    /// # Errors
    /// Where its date is none; a mistake of the program.
    pub fn header(&self) -> Result<ReleaseHeader, Exit> {
        let published = match self.published_at {
            // The year was not over when the release was known.
            YEAR_OF_2024 => Published {
                at: parse_rfc3339(KNOWN_2024).map_err(Exit::Service)?,
                precision: DatePrecision::Year,
            },
            date => parse_published(date).map_err(Exit::Service)?,
        };
        Ok(ReleaseHeader {
            edition: self.edition.to_owned(),
            published_at: Some(regtrade_proto::timestamp(published.at)),
            published_precision: v1::DatePrecision::from(published.precision).into(),
            accept_findings: self.accept_findings.to_owned(),
            ..ReleaseHeader::default()
        })
    }

    /// What it is called while it is taken in.
    pub fn name(&self) -> String {
        format!("edition {} of {}", self.edition, self.published_at)
    }
}
