//! The state of the catalogue, as the gateway is told it.

use std::{collections::BTreeMap, sync::Arc};

use regtrade_lake::Slices;
use regtrade_model::{Dataflow, Instant};
use regtrade_proto::v1::{self, catalogue_service_server::CatalogueService as _};
use regtrade_service::{
    ManualClock,
    kept::{STATE_KEY, UNTIL_KEY},
    roles::{Role, Roles},
};
use tonic::Request;

use super::support::*;
use crate::Reader;

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// The state as a caller with a role is told it, and until when it lasts.
async fn told(reader: &Reader, role: Role) -> (String, Option<i64>) {
    let mut request = Request::new(v1::ListReleasesRequest::default());
    Roles::of([role]).put_on(request.metadata_mut());
    let answer = reader.list_releases(request).await.unwrap();
    let text = |key| {
        let value = answer.metadata().get(key)?;
        Some(value.to_str().unwrap().to_owned())
    };
    let until = text(UNTIL_KEY).map(|until| until.parse().unwrap());
    (text(STATE_KEY).unwrap(), until)
}

async fn commit(reader: &Reader, submission: &Submission) {
    let submission = regtrade_lake::Submission {
        release: submission.release.clone(),
        published_now: false,
        published: vec![],
        bounds: vec![],
        observations: Slices::of(submission.observations.clone()).unwrap(),
        made_from: BTreeMap::new(),
    };
    let now = reader.clock.now();
    reader
        .stock
        .lake
        .commit(&submission, &|| now)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_release_under_embargo_changes_the_state_of_those_alone_who_see_it() {
    let [first, second] = [1, 2].map(|number| {
        let value = format!("{number}.0");
        submission(
            Dataflow::Regtrd,
            number,
            vec![observation("P61.BE2", "2022", &value)],
        )
    });
    let clock = Arc::new(ManualClock::new(at("2025-01-01T10:00:00Z")));
    let mut reader = reader(&[first]).await;
    reader.clock = Arc::clone(&clock) as _;
    let (public, until) = told(&reader, Role::Public).await;
    let (preview, _) = told(&reader, Role::Preview).await;
    assert_eq!(until, None);

    let published_at = second.release.published_at;
    clock.set(published_at - std::time::Duration::from_micros(1));
    commit(&reader, &second).await;
    let until = Some(published_at.timestamp_micros());
    assert_eq!(told(&reader, Role::Public).await, (public.clone(), until));
    let (seen, _) = told(&reader, Role::Preview).await;
    assert_ne!(seen, preview);

    clock.set(published_at);
    let (published, until) = told(&reader, Role::Public).await;
    assert_ne!(published, public);
    assert_eq!(until, None);
    // It is marked as public now, so the answers to these callers are others, too.
    assert_ne!(told(&reader, Role::Preview).await.0, seen);
    assert_eq!(told(&reader, Role::Public).await.0, published);
}

#[tokio::test]
async fn two_readers_never_tell_the_same_state() {
    let one = submission(
        Dataflow::Regtrd,
        1,
        vec![observation("P61.BE2", "2022", "1.0")],
    );
    let mut states = vec![];
    for now in ["2025-06-01T10:00:00Z", "2025-06-01T10:00:00.000001Z"] {
        let lake = reader(std::slice::from_ref(&one)).await.stock.lake.clone();
        let reader = Reader::new(lake, Arc::new(ManualClock::new(at(now))), 10);
        states.push(told(&reader, Role::Public).await.0);
    }
    assert_ne!(states[0], states[1]);
}
