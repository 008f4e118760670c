//! What is asked of the read side, as the gateway asks it.

use std::fmt;

use regtrade_indicators::Reader;
use regtrade_lake::Lake;
use regtrade_model::{AsOf, At, Instant};
use regtrade_proto::v1::{self, indicator_service_server::IndicatorService as _};
use tonic::Request;

use crate::error::BenchError;

/// A vintage by its release, as the gateway names it to the read side.
pub type Resolved = v1::AsOf;

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
}

impl Moment {
    /// The release that is meant in a lake.
    pub async fn resolved(self, lake: &Lake) -> Result<Resolved, BenchError> {
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
        Ok(v1::AsOf::from(&as_of.resolved(vintage.head())))
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
    pub const ALL: [Self; 4] = [Self::Series, Self::Year, Self::All, Self::KeyIndicators];

    /// Asks it, and gives the figures of the answer.
    pub async fn ask(
        self,
        reader: &Reader,
        as_of: &Resolved,
    ) -> Result<Vec<v1::Figure>, BenchError> {
        let as_of = Some(as_of.clone());
        let observations = v1::ListObservationsRequest {
            as_of: as_of.clone(),
            ..v1::ListObservationsRequest::default()
        };
        let asked = match self {
            Self::Series => v1::ListObservationsRequest {
                key: "A.BE2.P61._T.01.FR".to_owned(),
                ..observations
            },
            Self::Year => v1::ListObservationsRequest {
                from: "2015".to_owned(),
                to: "2015".to_owned(),
                ..observations
            },
            Self::All => observations,
            Self::KeyIndicators => {
                let asked = v1::GetKeyIndicatorsRequest {
                    as_of,
                    ..v1::GetKeyIndicatorsRequest::default()
                };
                let answer = reader.get_key_indicators(Request::new(asked)).await;
                return Ok(answer.map_err(Box::new)?.into_inner().figures);
            }
        };
        let answer = reader.list_observations(Request::new(asked)).await;
        Ok(answer.map_err(Box::new)?.into_inner().figures)
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Series => "one series",
            Self::Year => "one year",
            Self::All => "everything",
            Self::KeyIndicators => "key indicators",
        })
    }
}

/// A figure without the release that it comes from, which is another one in another lake.
pub fn without_release(figure: &v1::Figure) -> v1::Figure {
    v1::Figure {
        release: String::new(),
        ..figure.clone()
    }
}
