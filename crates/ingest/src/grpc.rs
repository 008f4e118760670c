//! The gRPC face: decode, call, map, encode.

use std::sync::Arc;

use regtrade_lake::{Committed, Lake};
use regtrade_model::{Dataflow, Finding, Instant, Release};
use regtrade_proto::{
    InvalidField,
    v1::{self, ingest_service_server::IngestService},
};
use regtrade_service::{
    Cause, Clock, Failure, page,
    roles::{Role, Roles},
};
use tokio::sync::{Notify, mpsc};
use tokio_stream::{StreamExt as _, wrappers::ReceiverStream};
use tonic::{Request, Response, Status, Streaming, metadata::MetadataMap};

use crate::{
    error::{of_field, of_lake},
    take_in::{self, Reading},
    upload::Upload,
    watch::Watch,
};

/// What every call of this service needs.
pub(crate) struct Writer {
    pub(crate) lake: Lake,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rows: u32,
    pub(crate) committed: Arc<Notify>,
}

/// What became of an upload.
struct Taken {
    outcome: v1::Outcome,
    release: Option<Release>,
    figures: u64,
    issues: Vec<v1::Issue>,
    issue_count: u64,
    findings: Vec<v1::Finding>,
}

impl Writer {
    fn now(&self) -> Instant {
        // The lake and the wire keep microseconds; what is answered now must be what is read later.
        let now = self.clock.now();
        Instant::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
    }

    async fn take(&self, upload: Upload, store: bool) -> Result<Taken, Failure> {
        if upload
            .header
            .dataflow
            .is_some_and(|dataflow| dataflow != Dataflow::Regtrd)
        {
            let description =
                "press tables are of REGTRD; this version reads no files of other dataflows";
            return Err(Failure::invalid_field(
                "DATAFLOW_NOT_READ",
                "header.dataflow",
                description,
            ));
        }
        // What is there already needs no judgement: it was accepted before, and nothing changes.
        let (dataflow, digest) = (
            upload.header.dataflow.unwrap_or(Dataflow::Regtrd),
            upload.digest(),
        );
        let releases = self
            .lake
            .releases()
            .await
            .map_err(|error| of_lake(&error))?;
        let before = releases
            .iter()
            .find(|r| r.dataflow == dataflow && r.digest == digest);
        if let Some(before) = before {
            return Ok(Taken {
                outcome: v1::Outcome::AlreadyIngested,
                release: Some(before.clone()),
                figures: 0,
                issues: vec![],
                issue_count: 0,
                findings: on_wire(&before.findings),
            });
        }
        let now = self.now();
        let reading = tokio::task::spawn_blocking(move || take_in::read(&upload, now)).await;
        let (submission, findings) = match reading.map_err(|error| Failure::internal(&error))? {
            Reading::Fit {
                submission,
                findings,
            } => (submission, findings),
            Reading::Unfit {
                issues,
                issue_count,
                findings,
            } => {
                return Ok(Taken {
                    outcome: v1::Outcome::Refused,
                    release: None,
                    figures: 0,
                    issues,
                    issue_count: count(issue_count),
                    findings: on_wire(&findings),
                });
            }
        };
        let committed = if store {
            self.lake.commit(&submission, &|| self.now()).await
        } else {
            Ok(Committed::New(submission.release.clone()))
        };
        let (outcome, release) = match committed.map_err(|error| of_lake(&error))? {
            Committed::New(release) => (v1::Outcome::Ingested, release),
            Committed::Before(release) => (v1::Outcome::AlreadyIngested, release),
        };
        if store {
            self.committed.notify_waiters();
        }
        Ok(Taken {
            outcome,
            release: Some(release),
            figures: count(submission.published.len()),
            issues: vec![],
            issue_count: 0,
            findings: on_wire(&findings),
        })
    }

    fn shown(&self, release: &Release) -> v1::Release {
        v1::Release::shown(release, self.clock.now())
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn on_wire(findings: &[Finding]) -> Vec<v1::Finding> {
    findings.iter().map(v1::Finding::from).collect()
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
        let taken = self.take(Upload::receive(parts).await?, true).await?;
        Ok(Response::new(v1::IngestReleaseResponse {
            outcome: taken.outcome.into(),
            release: taken.release.map(|release| self.shown(&release)),
            figures: taken.figures,
            issues: taken.issues,
            issue_count: taken.issue_count,
            findings: taken.findings,
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
        let taken = self.take(Upload::receive(parts).await?, false).await?;
        Ok(Response::new(v1::CheckReleaseResponse {
            outcome: taken.outcome.into(),
            release: taken.release.map(|release| self.shown(&release)),
            figures: taken.figures,
            issues: taken.issues,
            issue_count: taken.issue_count,
            findings: taken.findings,
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
        let size = page::size(asked.page_size, self.rows);
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

    type WatchReleasesStream = ReceiverStream<Result<v1::WatchReleasesResponse, Status>>;

    async fn watch_releases(
        &self,
        request: Request<v1::WatchReleasesRequest>,
    ) -> Result<Response<Self::WatchReleasesStream>, Status> {
        let roles = Roles::on(request.metadata());
        let asked = request.into_inner();
        let dataflow =
            v1::Dataflow::read("dataflow", asked.dataflow).map_err(|error| of_field(&error))?;
        let after = Some(asked.after_release)
            .filter(|id| !id.is_empty())
            .map(|id| id.parse())
            .transpose();
        let after = after.map_err(|error| of_field(&InvalidField::new("after_release", error)))?;
        let (lake, clock) = (self.lake.clone(), Arc::clone(&self.clock));
        let watch = Watch::begin(
            lake,
            clock,
            Arc::clone(&self.committed),
            roles,
            dataflow,
            after,
        )
        .await?;
        let (watcher, releases) = mpsc::channel(16);
        tokio::spawn(watch.run(watcher));
        Ok(Response::new(ReceiverStream::new(releases)))
    }
}
