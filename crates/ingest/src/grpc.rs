//! The gRPC face: decode, call, map, encode.

use std::sync::Arc;

use chrono::TimeDelta;
use regtrade_lake::Lake;
use regtrade_model::{Change, Instant, Release, ReleaseId};
use regtrade_proto::{
    InvalidField, instant,
    v1::{self, ingest_service_server::IngestService},
};
use regtrade_service::{
    Cause, Clock, Failure, page,
    roles::{Role, Roles},
};
use tokio::sync::{Notify, mpsc};
use tokio_stream::{Stream, StreamExt as _, wrappers::ReceiverStream};
use tonic::{Request, Response, Status, Streaming, metadata::MetadataMap};

use crate::{
    config::Settings,
    error::{of_field, of_lake},
    take_in::{self, Coming, Taken},
    upload::{Upload, read_reason},
    watch::{Begin, Moment, Watch},
};

/// What every call of this service needs.
pub(crate) struct Writer {
    pub(crate) lake: Lake,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) settings: Settings,
    pub(crate) rows: u32,
    pub(crate) committed: Arc<Notify>,
}

impl Writer {
    fn now(&self) -> Instant {
        // The lake and the wire keep microseconds; what is answered now must be what is read later.
        let now = self.clock.now();
        Instant::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
    }

    /// Reads a release while it comes, and takes it in once all of it has come; stores it where `store` says so.
    async fn take(
        &self,
        parts: impl Stream<Item = Result<Option<v1::ReleasePart>, Status>> + Unpin,
        store: bool,
    ) -> Result<Taken, Status> {
        let mut coming = Coming::new(&self.settings);
        let upload = Upload::receive(parts, &self.settings, |header, file| {
            take_in::check_header(header, self.now())?;
            coming.file(file)
        });
        let upload = upload.await?;
        let (now, settings) = (|| self.now(), &self.settings);
        let taken = take_in::take_read(&self.lake, (upload, coming), settings, &now, store).await?;
        if store {
            self.committed.notify_waiters();
        }
        Ok(taken)
    }

    /// Records what happens to a release.
    async fn record(&self, release: &str, change: &Change) -> Result<Release, Failure> {
        let id: ReleaseId = release
            .parse()
            .map_err(|error| of_field(&InvalidField::new("release", error)))?;
        let recorded = self.lake.record(&id, change, &|| self.now()).await;
        self.committed.notify_waiters();
        recorded.map_err(|error| of_lake(&error))
    }

    fn shown(&self, release: &Release) -> v1::Release {
        v1::Release::shown(release, self.clock.now())
    }
}

/// How long ago an instant may lie that was the present one when it was named.
const ON_THE_WAY: TimeDelta = TimeDelta::seconds(60);

/// How soon an embargo ends that is to end now: recording it takes a moment.
const ON_THE_WAY_BACK: TimeDelta = TimeDelta::milliseconds(100);

/// Where a watcher wants to begin.
fn begin(asked: &v1::WatchReleasesRequest) -> Result<Begin, InvalidField> {
    match (asked.after_release.as_str(), asked.resume_token.as_str()) {
        ("", "") => Ok(Begin::Now),
        (id, "") => match id.parse() {
            Ok(id) => Ok(Begin::AfterRelease(id)),
            Err(error) => Err(InvalidField::new("after_release", error)),
        },
        ("", token) => Moment::of_token(token).map(Begin::After).ok_or_else(|| {
            InvalidField::new("resume_token", "is not a token of this call; leave it out")
        }),
        _ => Err(InvalidField::new(
            "resume_token",
            "cannot come with after_release; give one of them",
        )),
    }
}

fn may_ingest(metadata: &MetadataMap) -> Result<(), Failure> {
    if Roles::on(metadata).have(Role::Ingest) {
        return Ok(());
    }
    Err(Failure::new(
        Cause::PermissionDenied,
        "INGEST_ROLE_NEEDED",
        "this call needs the role ingest",
    ))
}

#[tonic::async_trait]
impl IngestService for Writer {
    async fn ingest_release(
        &self,
        request: Request<Streaming<v1::IngestReleaseRequest>>,
    ) -> Result<Response<v1::IngestReleaseResponse>, Status> {
        may_ingest(request.metadata())?;
        let parts = request
            .into_inner()
            .map(|message| message.map(|message| message.part));
        let taken = self.take(parts, true).await?;
        Ok(Response::new(v1::IngestReleaseResponse {
            outcome: taken.outcome.into(),
            release: taken.release.map(|release| self.shown(&release)),
            figures: taken.figures,
            issues: taken.issues,
            issue_count: taken.issue_count,
            findings: taken.findings.iter().map(v1::Finding::from).collect(),
        }))
    }

    async fn check_release(
        &self,
        request: Request<Streaming<v1::CheckReleaseRequest>>,
    ) -> Result<Response<v1::CheckReleaseResponse>, Status> {
        may_ingest(request.metadata())?;
        let parts = request
            .into_inner()
            .map(|message| message.map(|message| message.part));
        let taken = self.take(parts, false).await?;
        Ok(Response::new(v1::CheckReleaseResponse {
            outcome: taken.outcome.into(),
            release: taken.release.map(|release| self.shown(&release)),
            figures: taken.figures,
            issues: taken.issues,
            issue_count: taken.issue_count,
            findings: taken.findings.iter().map(v1::Finding::from).collect(),
        }))
    }

    async fn list_ingested_releases(
        &self,
        request: Request<v1::ListIngestedReleasesRequest>,
    ) -> Result<Response<v1::ListIngestedReleasesResponse>, Status> {
        may_ingest(request.metadata())?;
        let asked = request.into_inner();
        let dataflow =
            v1::Dataflow::read("dataflow", asked.dataflow).map_err(|error| of_field(&error))?;
        let releases = self
            .lake
            .releases()
            .await
            .map_err(|error| of_lake(&error))?;
        let releases = releases
            .iter()
            .filter(|release| dataflow.is_none_or(|d| release.dataflow == d));
        let size = page::size_of_releases(asked.page_size, self.rows);
        let (releases, next_page_token) = page::page(
            releases.cloned().collect(),
            &asked.page_token,
            size,
            |r: &Release| r.id.to_string(),
        )?;
        let releases = releases.iter().map(|release| self.shown(release)).collect();
        Ok(Response::new(v1::ListIngestedReleasesResponse {
            releases,
            next_page_token,
        }))
    }

    async fn get_ingested_release(
        &self,
        request: Request<v1::GetIngestedReleaseRequest>,
    ) -> Result<Response<v1::GetIngestedReleaseResponse>, Status> {
        may_ingest(request.metadata())?;
        let id = request.into_inner().release;
        let releases = self
            .lake
            .releases()
            .await
            .map_err(|error| of_lake(&error))?;
        let release = releases.iter().find(|release| release.id.as_str() == id);
        let release = release.ok_or_else(|| {
            Failure::new(
                Cause::NotFound,
                "RELEASE_NOT_FOUND",
                "there is no such release in the lake",
            )
        })?;
        Ok(Response::new(v1::GetIngestedReleaseResponse {
            release: Some(self.shown(release)),
        }))
    }

    async fn withdraw_release(
        &self,
        request: Request<v1::WithdrawReleaseRequest>,
    ) -> Result<Response<v1::WithdrawReleaseResponse>, Status> {
        may_ingest(request.metadata())?;
        let asked = request.into_inner();
        let because = read_reason("because", &asked.because)?.ok_or_else(|| {
            let description = "must say why, for those who used the release";
            of_field(&InvalidField::new("because", description))
        })?;
        let release = self
            .record(&asked.release, &Change::Withdrawn { because })
            .await?;
        Ok(Response::new(v1::WithdrawReleaseResponse {
            release: Some(self.shown(&release)),
        }))
    }

    async fn reschedule_release(
        &self,
        request: Request<v1::RescheduleReleaseRequest>,
    ) -> Result<Response<v1::RescheduleReleaseResponse>, Status> {
        may_ingest(request.metadata())?;
        let asked = request.into_inner();
        let at = asked.published_at.map(|at| instant("published_at", &at));
        let at = at.transpose().map_err(|error| of_field(&error))?;
        // An instant that passed on the way here means now.
        let now = self.now();
        let at = at.filter(|at| *at >= now || now - *at > ON_THE_WAY);
        let at = at.unwrap_or(now + ON_THE_WAY_BACK);
        let change = Change::Rescheduled { published_at: at };
        let release = self.record(&asked.release, &change).await?;
        Ok(Response::new(v1::RescheduleReleaseResponse {
            release: Some(self.shown(&release)),
        }))
    }

    type WatchReleasesStream = ReceiverStream<Result<v1::WatchReleasesResponse, Status>>;

    async fn watch_releases(
        &self,
        request: Request<v1::WatchReleasesRequest>,
    ) -> Result<Response<Self::WatchReleasesStream>, Status> {
        let roles = Roles::on(request.metadata());
        let asked = request.into_inner();
        let dataflow =
            v1::Dataflow::read("dataflow", asked.dataflow).map_err(|error| of_field(&error))?;
        let begin = begin(&asked).map_err(|error| of_field(&error))?;
        let (lake, clock) = (self.lake.clone(), Arc::clone(&self.clock));
        let watch = Watch::begin(
            lake,
            clock,
            Arc::clone(&self.committed),
            roles,
            dataflow,
            begin,
        )
        .await?;
        let (watcher, releases) = mpsc::channel(16);
        tokio::spawn(watch.run(watcher));
        Ok(Response::new(ReceiverStream::new(releases)))
    }
}
