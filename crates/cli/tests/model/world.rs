//! A lake with what stands around it: the use cases called directly, or everything through a gateway.

use std::{collections::BTreeMap, sync::Arc};

use regtrade_indicators::Reader;
use regtrade_ingest::{Header, Settings, Upload, UploadedFile};
use regtrade_lake::Lake;
use regtrade_model::{AsOf, At, DatePrecision, Instant, Release, RevisionKind};
use regtrade_proto::{
    timestamp,
    v1::{
        self, catalogue_service_client::CatalogueServiceClient,
        catalogue_service_server::CatalogueService as _,
        indicator_service_server::IndicatorService as _,
    },
};
use regtrade_service::{
    Clock as _, Failure, ManualClock,
    roles::{Role, Roles},
};
use tonic::{Request, Response, Status};

use crate::{
    history::Cell,
    oracle::{Answer, Question},
    services::{Caller, Services},
};

/// What is handed in.
pub struct Submitted {
    pub edition: String,
    pub text: String,
    pub published_at: Option<Instant>,
    pub correction: bool,
    pub base: Option<String>,
}

/// A lake and its services.
pub enum World {
    Direct {
        lake: Lake,
        clock: Arc<ManualClock>,
        reader: Box<Reader>,
    },
    Gateway(Services),
}

impl World {
    pub fn direct(now: Instant) -> Self {
        let lake = Lake::in_memory().unwrap();
        let clock = Arc::new(ManualClock::new(now));
        let reader = Box::new(Reader::new(lake.clone(), Arc::clone(&clock) as _, 10_000));
        Self::Direct {
            lake,
            clock,
            reader,
        }
    }

    fn clock(&self) -> &ManualClock {
        match self {
            Self::Direct { clock, .. } => clock,
            Self::Gateway(services) => &services.clock,
        }
    }

    pub fn now(&self) -> Instant {
        self.clock().now()
    }

    pub fn set(&self, now: Instant) {
        self.clock().set(now);
    }

    /// Hands a release in: whether it is new, and its record; or the reason why not.
    pub async fn hand_in(&self, submitted: &Submitted) -> Result<(bool, v1::Release), String> {
        let (outcome, release) = match self {
            Self::Direct { lake, clock, .. } => {
                let upload = Upload {
                    header: Header {
                        dataflow: None,
                        edition: Some(submitted.edition.parse().unwrap()),
                        published_at: submitted.published_at,
                        published_precision: DatePrecision::Instant,
                        revision: submitted.correction.then_some(RevisionKind::Correction),
                        builds_on: submitted.base.as_ref().map(|base| base.parse().unwrap()),
                        accept_findings: None,
                    },
                    files: vec![UploadedFile::new("rows.csv", submitted.text.as_bytes())],
                    too_long: false,
                };
                let now = || clock.now();
                let taken =
                    regtrade_ingest::take(lake, upload, &Settings::default(), &now, true).await;
                let taken = taken.map_err(|failure| failure.reason.to_string())?;
                let shown = taken.release.map(|r| v1::Release::shown(&r, clock.now()));
                (taken.outcome, shown)
            }
            Self::Gateway(services) => {
                let header = v1::ReleaseHeader {
                    edition: submitted.edition.clone(),
                    published_at: submitted.published_at.map(timestamp),
                    revision: if submitted.correction {
                        v1::RevisionKind::Correction.into()
                    } else {
                        0
                    },
                    builds_on: submitted.base.clone().unwrap_or_default(),
                    ..v1::ReleaseHeader::default()
                };
                let text = submitted.text.as_bytes();
                let taken = services.hand_in(header, "rows.csv", text).await;
                let taken = taken.map_err(|failure| failure.reason.to_string())?;
                (taken.outcome(), taken.release)
            }
        };
        match outcome {
            v1::Outcome::Ingested => Ok((true, release.unwrap())),
            v1::Outcome::AlreadyIngested => Ok((false, release.unwrap())),
            _ => Err("REFUSED".to_owned()),
        }
    }

    /// Withdraws a release: its record, or the reason why not.
    pub async fn withdraw(&self, id: &str) -> Result<v1::Release, String> {
        let because = "wrong".to_owned();
        match self {
            Self::Direct { .. } => {
                self.record(id, regtrade_model::Change::Withdrawn { because })
                    .await
            }
            Self::Gateway(services) => {
                let request = v1::WithdrawReleaseRequest {
                    release: id.to_owned(),
                    because,
                };
                let request = services.by(Caller::Ingest, request);
                let answer = services.ingest().withdraw_release(request).await;
                answer
                    .map(|answer| answer.into_inner().release.unwrap())
                    .map_err(|status| reason(&status))
            }
        }
    }

    /// Moves the end of an embargo: its record, or the reason why not.
    pub async fn reschedule(&self, id: &str, to: Instant) -> Result<v1::Release, String> {
        match self {
            Self::Direct { .. } => {
                self.record(id, regtrade_model::Change::Rescheduled { published_at: to })
                    .await
            }
            Self::Gateway(services) => {
                let request = v1::RescheduleReleaseRequest {
                    release: id.to_owned(),
                    published_at: Some(timestamp(to)),
                };
                let request = services.by(Caller::Ingest, request);
                let answer = services.ingest().reschedule_release(request).await;
                answer
                    .map(|answer| answer.into_inner().release.unwrap())
                    .map_err(|status| reason(&status))
            }
        }
    }

    async fn record(
        &self,
        id: &str,
        change: regtrade_model::Change,
    ) -> Result<v1::Release, String> {
        let Self::Direct { lake, clock, .. } = self else {
            panic!("only where the use cases are called")
        };
        let recorded = lake
            .record(&id.parse().unwrap(), &change, &|| clock.now())
            .await;
        match recorded {
            Ok(release) => Ok(v1::Release::shown(&release, clock.now())),
            Err(regtrade_lake::LakeError::NotAllowed(_)) => Err("NOT_ALLOWED".to_owned()),
            Err(error) => panic!("{error}"),
        }
    }

    pub fn request<T>(&self, preview: bool, message: T) -> Request<T> {
        match self {
            Self::Direct { .. } => {
                let mut request = Request::new(message);
                let roles = Roles::of(preview.then_some(Role::Preview));
                roles.put_on(request.metadata_mut());
                request
            }
            Self::Gateway(services) => {
                let caller = if preview {
                    Caller::Preview
                } else {
                    Caller::Public
                };
                services.by(caller, message)
            }
        }
    }

    /// The catalogue as a caller is shown it.
    pub async fn list(&self, preview: bool) -> Result<v1::ListReleasesResponse, Status> {
        let request = self.request(preview, v1::ListReleasesRequest::default());
        let answer = match self {
            Self::Direct { reader, .. } => reader.list_releases(request).await,
            Self::Gateway(services) => {
                let mut client = CatalogueServiceClient::new(services.channel.clone());
                client.list_releases(request).await
            }
        };
        answer.map(Response::into_inner)
    }

    /// What the gateway does with a vintage before it passes it on, where there is no gateway.
    pub async fn resolved(&self, question: &Question) -> Result<v1::AsOf, Status> {
        let at = match (&question.release, question.by) {
            (Some(id), _) => At::Release(id.parse().unwrap()),
            (None, Some(by)) => At::PublishedBy(by),
            (None, None) => At::Latest,
        };
        let as_of = AsOf {
            at,
            known_at: question.known_at,
            seen_at: None,
        };
        if matches!(self, Self::Gateway(_)) {
            return Ok(v1::AsOf::from(&as_of));
        }
        let releases = self.list(question.preview).await?.releases;
        let releases: Vec<Release> = releases
            .into_iter()
            .map(|r| r.try_into().unwrap())
            .collect();
        if let Some(id) = &question.release
            && !releases.iter().any(|release| release.id.as_str() == id)
        {
            return Ok(v1::AsOf::from(&as_of));
        }
        let vintage = as_of.vintage(&releases).ok_or_else(|| {
            let cause = regtrade_service::Cause::NotFound;
            Status::from(Failure::new(cause, "NO_RELEASE", "none"))
        })?;
        Ok(v1::AsOf::from(&as_of.resolved(vintage.head())))
    }

    pub async fn observations(
        &self,
        question: &Question,
    ) -> Result<v1::ListObservationsResponse, Status> {
        let message = v1::ListObservationsRequest {
            as_of: Some(self.resolved(question).await?),
            ..v1::ListObservationsRequest::default()
        };
        let request = self.request(question.preview, message);
        let answer = match self {
            Self::Direct { reader, .. } => reader.list_observations(request).await,
            Self::Gateway(services) => services.indicators().list_observations(request).await,
        };
        answer.map(Response::into_inner)
    }

    /// The answer to a question, or the reason why there is none.
    pub async fn answer(&self, question: &Question) -> Result<Answer, String> {
        let answer = self.observations(question).await;
        let answer = answer.map_err(|status| reason(&status))?;
        let mut cells: BTreeMap<Cell, (u64, String)> = BTreeMap::new();
        for figure in answer.figures {
            let area = crate::history::AREAS
                .into_iter()
                .find(|area| *area == figure.ref_area);
            let cell = (figure.period.parse().unwrap(), area.unwrap());
            let Some(v1::figure::Value::Exact(value)) = figure.value else {
                panic!("{figure:?}")
            };
            let before = cells.insert(cell, (value.parse().unwrap(), figure.release));
            assert!(before.is_none(), "{cell:?} is answered twice");
        }
        Ok(Answer {
            release: answer.release.unwrap().release,
            cells,
        })
    }
}

/// The reason of a failed call.
pub fn reason(status: &Status) -> String {
    Failure::from_status(status).reason.to_string()
}
