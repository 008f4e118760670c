//! Lakes in memory, and readers over them.

use std::{collections::BTreeMap, sync::Arc};

use regtrade_lake::{Committed, Lake, Submission};
use regtrade_model::{
    ConfStatus, Dataflow, Digest, Edition, FigureKey, Indicator, Instant, ObsStatus, Observation,
    Origin, Period, PublishedFigure, Release, ReleaseId, RevisionKind, Slice,
};
use regtrade_proto::v1;
use regtrade_service::{
    ManualClock,
    roles::{Role, Roles},
};
use tonic::Request;

use crate::Reader;

/// The key of a level: `ITEM.AREA.ACTIVITY.PRODUCT.PARTNER[.CONCEPT]`, codes left out are totals.
pub(super) fn key(text: &str, period: &str) -> FigureKey {
    let codes: Vec<&str> = text.split('.').collect();
    let period: Period = period.parse().unwrap();
    let mut key = FigureKey::overall(
        codes[0].parse().unwrap(),
        codes[1].parse().unwrap(),
        Indicator::Level,
        period,
    );
    let code = |at: usize| {
        codes
            .get(at)
            .filter(|code| !code.is_empty())
            .map(|code| code.parse().unwrap())
    };
    key.activity = code(2).unwrap_or(key.activity);
    key.product = code(3).unwrap_or(key.product);
    key.counterpart_area = code(4).unwrap_or(key.counterpart_area);
    key.concept = codes.get(5).map(|concept| concept.parse().unwrap());
    key
}

/// An observation in millions of euro; an empty value is none, one that ends in `c` is confidential.
pub(super) fn observation(text: &str, period: &str, value: &str) -> Observation {
    let number = value.trim_end_matches('c');
    Observation {
        key: key(text, period),
        value: (!number.is_empty()).then(|| number.parse().unwrap()),
        decimals: 1,
        unit_mult: 6,
        status: ObsStatus::A,
        conf: if value.ends_with('c') {
            ConfStatus::C
        } else {
            ConfStatus::F
        },
    }
}

/// A release of observations, published in the order of its number.
pub(super) fn submission(
    dataflow: Dataflow,
    number: u8,
    observations: Vec<Observation>,
) -> Submission {
    let edition: Edition = format!("E{number}").parse().unwrap();
    let digest = Digest([number; 32]);
    let mut slices: BTreeMap<Period, Vec<Observation>> = BTreeMap::new();
    for observation in observations {
        slices
            .entry(observation.key.period.last())
            .or_default()
            .push(observation);
    }
    for slice in slices.values_mut() {
        slice.sort_by(|a, b| a.key.cmp(&b.key));
    }
    let published: Instant = format!("2025-01-{number:02}T10:00:00Z").parse().unwrap();
    Submission {
        published_now: false,
        release: Release {
            id: ReleaseId::derive(dataflow, &edition, &digest),
            dataflow,
            edition,
            published_at: published,
            published_precision: Default::default(),
            loaded_at: published,
            digest,
            files: vec![],
            slices: slices
                .keys()
                .map(|&period| Slice {
                    period,
                    kind: RevisionKind::First,
                    observations: None,
                })
                .collect(),
            revision: None,
            builds_on: None,
            notes: vec![],
            findings: vec![],
            accepted_because: None,
            synthetic: false,
            withdrawn: None,
        },
        published: vec![],
        bounds: vec![],
        observations: slices,
        made_from: BTreeMap::new(),
    }
}

/// What a release prints of a level or rate.
pub(super) fn print(
    text: &str,
    indicator: Indicator,
    period: &str,
    value: &str,
) -> PublishedFigure {
    PublishedFigure {
        key: key(text, period).with(indicator, period.parse::<Period>().unwrap()),
        value: Some(value.parse().unwrap()),
        decimals: 1,
        unit_mult: if indicator == Indicator::Level { 6 } else { 0 },
        origin: Origin { line: 1, column: 1 },
        source: None,
    }
}

/// A reader over a lake that has some releases.
pub(super) async fn reader(submissions: &[Submission]) -> Reader {
    let lake = Lake::in_memory().unwrap();
    let now: Instant = "2025-06-01T10:00:00Z".parse().unwrap();
    for submission in submissions {
        let published = submission.release.published_at;
        let committed = lake.commit(submission, &|| published).await.unwrap();
        assert!(matches!(committed, Committed::New(_)));
    }
    Reader::new(lake, Arc::new(ManualClock::new(now)), 10_000)
}

/// The vintage of a release.
pub(super) fn as_of(submission: &Submission) -> Option<v1::AsOf> {
    Some(v1::AsOf {
        at: Some(v1::as_of::At::Release(submission.release.id.to_string())),
        ..Default::default()
    })
}

/// A call of the public.
pub(super) fn public<T>(message: T) -> Request<T> {
    Request::new(message)
}

/// A call of someone who may see confidential observations.
pub(super) fn trusted<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    Roles::of([Role::Confidential]).put_on(request.metadata_mut());
    request
}

/// The value of a figure: a number, bounds, or why there is none.
pub(super) fn value(figure: &v1::Figure) -> String {
    match figure.value.as_ref().unwrap() {
        v1::figure::Value::Exact(value) => value.clone(),
        v1::figure::Value::Between(between) => format!("{} to {}", between.lower, between.upper),
        v1::figure::Value::Undefined(reason) => name(*reason),
    }
}

/// The name of a reason.
pub(super) fn name(reason: i32) -> String {
    let reason = v1::UndefinedReason::read("reason", reason)
        .unwrap()
        .unwrap();
    reason.to_string()
}

/// The value of a contribution.
pub(super) fn contributed(of: &v1::Contribution) -> String {
    match of.value.as_ref().unwrap() {
        v1::contribution::Value::Exact(value) => value.clone(),
        v1::contribution::Value::Undefined(reason) => name(*reason),
    }
}

/// A question for contributions from 2022 to 2023.
pub(super) fn contributions_of(
    submission: &Submission,
    by: v1::Breakdown,
    item: &str,
    area: &str,
) -> v1::ListContributionsRequest {
    v1::ListContributionsRequest {
        as_of: as_of(submission),
        by: by.into(),
        items: vec![item.to_owned()],
        ref_areas: vec![area.to_owned()],
        from: "2022".to_owned(),
        to: "2023".to_owned(),
        ..Default::default()
    }
}
