//! What is asked: of the read side as the gateway asks it, of the lake alone, and of the gateway as a caller does.

use std::fmt;

use regtrade_indicators::Reader;
use regtrade_lake::Lake;
use regtrade_model::{AsOf, At, Instant, KeyPattern, Observation, Period};
use regtrade_proto::v1::{self, indicator_service_server::IndicatorService as _};
use tonic::Request;

use crate::error::BenchError;
use crate::gateway::Gateway;

/// A series that each year has, however few rows there are.
const SERIES: &str = "A.BE2.P61._T._T.W1";

/// The year that is asked for alone.
const YEAR: u16 = 2015;

/// Who is asked, and as of when.
pub struct Asked {
    pub reader: Reader,
    pub lake: Lake,
    pub gateway: Gateway,
    /// As callers of the gateway name it.
    pub moment: Moment,
    /// The release that it comes to, which the gateway names to the read side.
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
    /// All years of one key, of the gateway, which finds out which release is meant.
    GatewaySeries,
    /// The key indicators, of the gateway.
    GatewayKeyIndicators,
}

impl Moment {
    fn as_of(self) -> AsOf {
        AsOf {
            at: match self {
                Self::Latest => At::Latest,
                Self::At(instant) => At::PublishedBy(instant),
            },
            ..AsOf::default()
        }
    }

    /// The release that is meant in a lake.
    pub async fn resolved(self, lake: &Lake) -> Result<AsOf, BenchError> {
        let as_of = self.as_of();
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
    pub const ALL: [Self; 8] = [
        Self::Series,
        Self::Year,
        Self::All,
        Self::KeyIndicators,
        Self::LakeYear,
        Self::LakeAll,
        Self::GatewaySeries,
        Self::GatewayKeyIndicators,
    ];

    /// Asks it.
    pub async fn ask(self, asked: &Asked) -> Result<Answer, BenchError> {
        let resolved = Some(v1::AsOf::from(&asked.as_of));
        let as_asked = || Some(v1::AsOf::from(&asked.moment.as_of()));
        let reader = &asked.reader;
        let figures = match self {
            Self::Series => levels(reader, resolved, SERIES, "").await?,
            Self::Year => levels(reader, resolved, "", &YEAR.to_string()).await?,
            Self::All => levels(reader, resolved, "", "").await?,
            Self::KeyIndicators => {
                let answer = reader.get_key_indicators(Request::new(key_indicators(resolved)));
                answer.await.map_err(Box::new)?.into_inner().figures
            }
            Self::LakeYear => return asked.observations(Period::of_year(YEAR)).await,
            Self::LakeAll => return asked.observations(None).await,
            Self::GatewaySeries => {
                let mut client = asked.gateway.client().await?;
                let answer = client.list_observations(observations(as_asked(), SERIES, ""));
                answer.await.map_err(Box::new)?.into_inner().figures
            }
            Self::GatewayKeyIndicators => {
                let mut client = asked.gateway.client().await?;
                let answer = client.get_key_indicators(key_indicators(as_asked()));
                answer.await.map_err(Box::new)?.into_inner().figures
            }
        };
        Ok(Answer {
            figures,
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
        let rows = self
            .lake
            .observations(&slices, &KeyPattern::default())
            .await?;
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
            Self::GatewaySeries => "one series (the gateway)",
            Self::GatewayKeyIndicators => "key indicators (the gateway)",
        })
    }
}

async fn levels(
    reader: &Reader,
    as_of: Option<v1::AsOf>,
    key: &str,
    year: &str,
) -> Result<Vec<v1::Figure>, BenchError> {
    let request = Request::new(observations(as_of, key, year));
    let answer = reader.list_observations(request).await;
    Ok(answer.map_err(Box::new)?.into_inner().figures)
}

fn observations(as_of: Option<v1::AsOf>, key: &str, year: &str) -> v1::ListObservationsRequest {
    v1::ListObservationsRequest {
        as_of,
        key: key.to_owned(),
        from: year.to_owned(),
        to: year.to_owned(),
        ..v1::ListObservationsRequest::default()
    }
}

fn key_indicators(as_of: Option<v1::AsOf>) -> v1::GetKeyIndicatorsRequest {
    v1::GetKeyIndicatorsRequest {
        as_of,
        ..v1::GetKeyIndicatorsRequest::default()
    }
}
