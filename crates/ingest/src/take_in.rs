//! Taking a release in: read its files, bring a partial update together with what it updates, audit, commit.

mod checks;
mod coming;
mod found;
mod judge;
mod read;
mod work;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use regtrade_formats::data_file::{Action, Update};
use regtrade_lake::{Committed, Lake, LakeError, Submission};
use regtrade_model::{
    AsOf, At, DatePrecision, Edition, Finding, Instant, KeyPattern, Observation, Period, Release,
    ReleaseId,
};
use regtrade_proto::v1::{Issue, Outcome};
use regtrade_service::{Cause, Failure};

use crate::{
    config::Settings,
    error::of_lake,
    upload::{Header, Upload},
};
pub(crate) use coming::Coming;
use found::Found;
use read::{Data, Files};
use work::begin;

/// What became of an upload.
#[derive(Debug)]
pub struct Taken {
    /// Stored, there already, or refused.
    pub outcome: Outcome,
    /// The release that was stored or was there already, or in a check would be.
    pub release: Option<Release>,
    /// Figures and observations that were read.
    pub figures: u64,
    /// The first 1,000 reasons why it is refused.
    pub issues: Vec<Issue>,
    /// How many there are.
    pub issue_count: u64,
    /// What the audit found, the gravest first.
    pub findings: Vec<Finding>,
}

impl Taken {
    fn refused(issues: Found, findings: Vec<Finding>) -> Self {
        Self {
            outcome: Outcome::Refused,
            release: None,
            figures: 0,
            issue_count: count(issues.count()),
            issues: issues.into_told(),
            findings,
        }
    }
}

/// What reading and auditing an upload comes to.
enum Reading {
    /// It can be committed.
    Fit {
        submission: Box<Submission>,
        findings: Vec<Finding>,
    },
    /// It cannot, for these reasons.
    Unfit {
        issues: Found,
        findings: Vec<Finding>,
    },
}

/// Takes an upload in; stores it where `store` says so and nothing speaks against it.
///
/// # Errors
/// Where the header cannot be obeyed, or the lake fails. Nothing is stored then.
pub async fn take(
    lake: &Lake,
    upload: Upload,
    settings: &Settings,
    now: &(dyn Fn() -> Instant + Sync),
    store: bool,
) -> Result<Taken, Failure> {
    check_header(&upload.header, now())?;
    let mut coming = Coming::new(settings);
    for file in &upload.files {
        coming.file(&file.coming())?;
    }
    take_read(lake, (upload, coming), settings, now, store).await
}

/// The same of an upload of which the header was checked, and the files are being read since they began to come.
pub(crate) async fn take_read(
    lake: &Lake,
    (upload, coming): (Upload, Coming),
    settings: &Settings,
    now: &(dyn Fn() -> Instant + Sync),
    store: bool,
) -> Result<Taken, Failure> {
    if upload.too_long {
        let mut issues = Found::default();
        issues.add(|| checks::too_long(&upload, settings.max_upload_bytes));
        return Ok(Taken::refused(issues, vec![]));
    }
    // What is there already needs no judgement: it was accepted before, and nothing changes.
    if let Some(before) = before(lake, &upload).await? {
        return Ok(Taken {
            outcome: Outcome::AlreadyIngested,
            findings: before.findings.clone(),
            release: Some(before),
            figures: 0,
            issues: vec![],
            issue_count: 0,
        });
    }
    let upload = Arc::new(upload);
    let files = coming.finish(&upload).await?;
    if files.issues.count() > 0 {
        return Ok(Taken::refused(files.issues, vec![]));
    }
    let current = current(lake, &upload, &files, now()).await?;
    let (loaded_at, whole) = (now(), Arc::clone(&upload));
    let reading = begin(move |_| -> Result<Reading, LakeError> {
        let upload = whole;
        let read = read::observations(&upload, &files.data, &current.slices)?;
        Ok(match read {
            Ok((slices, overall)) => {
                judge::judge(&upload, files, slices, &overall, current, loaded_at)
            }
            Err(issues) => Reading::Unfit {
                issues,
                findings: vec![],
            },
        })
    })?;
    let reading = reading.done().await?.map_err(|error| of_lake(&error))?;
    // The system takes a second or two to free some gigabytes of the temporary folder: nobody waits for that.
    tokio::task::spawn_blocking(move || drop(upload));
    let (submission, findings) = match reading {
        Reading::Fit {
            submission,
            findings,
        } => (submission, findings),
        Reading::Unfit { issues, findings } => return Ok(Taken::refused(issues, findings)),
    };
    let committed = if store {
        lake.commit(&submission, now).await
    } else {
        Ok(Committed::New(submission.release.clone()))
    };
    let (outcome, release) = match committed.map_err(|error| of_lake(&error))? {
        Committed::New(release) => (Outcome::Ingested, release),
        Committed::Before(release) => (Outcome::AlreadyIngested, release),
    };
    Ok(Taken {
        outcome,
        release: Some(release),
        figures: count(submission.published.len()) + submission.observations.rows(),
        issues: vec![],
        issue_count: 0,
        findings,
    })
}

/// The release that has these bytes already, where it still stands or is meant by its very name.
async fn before(lake: &Lake, upload: &Upload) -> Result<Option<Release>, Failure> {
    let (dataflow, digest) = (upload.header.dataflow, upload.digest());
    let releases = lake.releases().await.map_err(|error| of_lake(&error))?;
    let edition = upload.header.edition.as_ref();
    let before = releases.iter().find(|release| {
        let of_dataflow = dataflow.is_none_or(|dataflow| release.dataflow == dataflow);
        let same = of_dataflow && release.digest == digest;
        same && (release.withdrawn.is_none()
            || edition.is_none_or(|edition| release.edition == *edition))
    });
    Ok(before.cloned())
}

/// Whether a header can be obeyed.
///
/// # Errors
/// Where it contradicts itself.
pub(crate) fn check_header(header: &Header, now: Instant) -> Result<(), Failure> {
    let invalid = |reason, field: &str, description: &str| {
        Err(Failure::invalid_field(reason, field, description))
    };
    if header.published_precision != DatePrecision::Instant {
        let Some(published_at) = header.published_at else {
            return invalid(
                "INVALID_FIELD",
                "header.published_precision",
                "needs published_at, the end of the day, month or year",
            );
        };
        if published_at > now {
            return invalid(
                "INVALID_FIELD",
                "header.published_precision",
                "is of an instant for a date that is not over: an embargo ends at an instant",
            );
        }
    }
    Ok(())
}

/// What a partial update is applied to. Empty for a whole release.
#[derive(Default)]
struct Current {
    slices: BTreeMap<Period, Vec<Observation>>,
    /// The release that has each slice.
    writers: BTreeMap<Period, ReleaseId>,
    /// Of what it builds on, which it is a state of.
    edition: Option<Edition>,
    /// Whether anything of it was made up by a generator.
    synthetic: bool,
}

/// The slices that a partial update updates: those of the vintage that it builds on.
async fn current(
    lake: &Lake,
    upload: &Upload,
    files: &Files,
    now: Instant,
) -> Result<Current, Failure> {
    let (base, updates) = match (&files.data, &upload.header.builds_on) {
        (Data::Partial { updates, .. }, Some(base)) => (base, updates),
        (Data::Partial { .. }, None) => {
            let description = "the file is a partial update: name the release that it is to be applied to (--builds-on)";
            return Err(Failure::invalid_field(
                "BASE_NEEDED",
                "header.builds_on",
                description,
            ));
        }
        (Data::Whole { .. }, Some(_)) => {
            let description = "the files are a whole release, which builds on none: leave it out, or give the rows an ACTION of A, M, R or D";
            return Err(Failure::invalid_field(
                "BASE_NOT_NEEDED",
                "header.builds_on",
                description,
            ));
        }
        (Data::Whole { .. }, None) => return Ok(Current::default()),
    };
    // The lake asks again when it commits; here it saves the caller from issues with what nobody can change any more.
    let published_at = upload.header.published_at.unwrap_or(now);
    let releases = lake.releases().await.map_err(|error| of_lake(&error))?;
    if !releases.iter().any(|release| release.id == *base) {
        return Err(no_base(base));
    }
    lake.check_base(files.dataflow, published_at, base)
        .await
        .map_err(|error| of_lake(&error))?;
    let of_dataflow = releases.iter().filter(|r| r.dataflow == files.dataflow);
    let vintage = AsOf {
        at: At::Release(base.clone()),
        known_at: None,
        seen_at: Some(AsOf::EVER),
    }
    .vintage(of_dataflow)
    .ok_or_else(|| no_base(base))?;
    let writers = vintage.slices();
    let mut updated = writers.clone();
    if let Some(periods) = periods(updates) {
        updated.retain(|period, _| periods.contains(period));
    }
    let rows = lake.observations(&updated, &KeyPattern::default()).await;
    let mut slices: BTreeMap<Period, Vec<Observation>> = BTreeMap::new();
    for (_, observation) in rows.map_err(|error| of_lake(&error))? {
        let slice = slices.entry(observation.key.period.last()).or_default();
        slice.push(observation);
    }
    let synthetic = writers.values().any(|writer| writer.synthetic);
    let writers = writers
        .into_iter()
        .map(|(period, writer)| (period, writer.id.clone()));
    Ok(Current {
        edition: Some(vintage.head().edition.clone()),
        synthetic,
        slices,
        writers: writers.collect(),
    })
}

fn no_base(base: &ReleaseId) -> Failure {
    let message = format!(
        "there is no release {base} to build on; `regtrade releases` lists those there are"
    );
    Failure::new(Cause::NotFound, "RELEASE_NOT_FOUND", message)
}

/// The periods that a partial update touches; `None` where it may touch any.
fn periods(updates: &[Update]) -> Option<BTreeSet<Period>> {
    let periods = updates.iter().map(|update| match &update.action {
        Action::Append(row) | Action::Replace(row) => Some(row.key.period.last()),
        Action::Merge(merge) => Some(merge.key.period.last()),
        Action::Delete(pattern) => pattern.period,
    });
    periods.collect()
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
