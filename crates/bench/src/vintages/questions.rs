//! What is asked of the read side, as the gateway asks it.

use std::fmt;

use regtrade_indicators::Reader;
use regtrade_lake::Lake;
use regtrade_model::{AsOf, At, Instant, Observation, Period};
use regtrade_proto::v1::{self, indicator_service_server::IndicatorService as _};
use tonic::Request;

use crate::error::BenchError;

/// A series that each year has, however few rows there are.
const SERIES: &str = "A.BE2.P61._T._T.W1";

/// The year that is asked for alone.
const YEAR: u16 = 2015;

/// Who is asked, and as of which release, which the gateway names.
pub struct Asked {
    pub reader: Reader,
    pub lake: Lake,
    pub as_of: AsOf,
}

/// What is answered.
#[derive(Debug, Default, PartialEq)]
pub struct Answer {
    figures: Vec<v1::Figure>,
    observations: Vec<Observation>,
}

/// As of when it is asked.
#[derive(Clone, Copy, Debug)]
pub enum Moment {
    Latest,
    At(Instant),
}

/// A question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// All years of one key.
    Series,
    /// All keys of one year.
    Year,
    /// All that there is.
    All,
    /// The key indicators.
    KeyIndicators,
    /// All observations of one year, of the lake without the service around it.
    LakeYear,
    /// All observations, of the lake without the service around it.
    LakeAll,
}

impl Moment {
    /// The release that is meant in a lake.
    pub async fn resolved(self, lake: &Lake) -> Result<AsOf, BenchError> {
        let as_of = AsOf {
            at: match self {
                Self::Latest => At::Latest,
                Self::At(instant) => At::PublishedBy(instant),
            },
            ..AsOf::default()
        };
        let releases = lake.releases().await?;
        let vintage = as_of.vintage(releases.iter());
        let vintage =
            vintage.ok_or_else(|| BenchError::Made("a lake without releases".to_owned()))?;
        Ok(as_of.resolved(vintage.head()))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Latest => "the latest",
            Self::At(_) => "the middle",
        })
    }
}

impl Question {
    pub const ALL: [Self; 6] = [
        Self::Series,
        Self::Year,
        Self::All,
        Self::KeyIndicators,
        Self::LakeYear,
        Self::LakeAll,
    ];

    /// Asks it.
    pub async fn ask(self, asked: &Asked) -> Result<Answer, BenchError> {
        let as_of = Some(v1::AsOf::from(&asked.as_of));
        let request = |key: &str, year: &str| v1::ListObservationsRequest {
            as_of: as_of.clone(),
            key: key.to_owned(),
            from: year.to_owned(),
            to: year.to_owned(),
            ..v1::ListObservationsRequest::default()
        };
        let request = match self {
            Self::Series => request(SERIES, ""),
            Self::Year => request("", &YEAR.to_string()),
            Self::All => request("", ""),
            Self::KeyIndicators => {
                let request = v1::GetKeyIndicatorsRequest {
                    as_of: as_of.clone(),
                    ..v1::GetKeyIndicatorsRequest::default()
                };
                let answer = asked.reader.get_key_indicators(Request::new(request)).await;
                return Ok(Answer {
                    figures: answer.map_err(Box::new)?.into_inner().figures,
                    ..Answer::default()
                });
            }
            Self::LakeYear => return asked.observations(Period::of_year(YEAR)).await,
            Self::LakeAll => return asked.observations(None).await,
        };
        let answer = asked.reader.list_observations(Request::new(request)).await;
        Ok(Answer {
            figures: answer.map_err(Box::new)?.into_inner().figures,
            ..Answer::default()
        })
    }
}

impl Asked {
    async fn observations(&self, year: Option<Period>) -> Result<Answer, BenchError> {
        let releases = self.lake.releases().await?;
        let vintage = self.as_of.vintage(releases.iter());
        let mut slices = vintage.map(|v| v.slices()).unwrap_or_default();
        slices.retain(|period, _| year.is_none_or(|year| *period == year));
        let rows = self.lake.observations(&slices).await?;
        Ok(Answer {
            observations: rows.into_iter().map(|(_, row)| row).collect(),
            ..Answer::default()
        })
    }
}

impl Answer {
    /// The answer without the releases that its figures come from, which are others in another lake.
    pub fn without_releases(mut self) -> Self {
        for figure in &mut self.figures {
            figure.release.clear();
        }
        self
    }

    pub fn is_empty(&self) -> bool {
        self.figures.is_empty() && self.observations.is_empty()
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Series => "one series",
            Self::Year => "one year",
            Self::All => "everything",
            Self::KeyIndicators => "key indicators",
            Self::LakeYear => "one year (the lake alone)",
            Self::LakeAll => "everything (the lake alone)",
        })
    }
}
