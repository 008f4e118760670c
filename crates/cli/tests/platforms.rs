//! The gateway as platforms use it: generated clients over real connections.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use regtrade_proto::v1::{
    self, indicator_service_client::IndicatorServiceClient,
    ingest_service_client::IngestServiceClient, release_part::Part,
};
use regtrade_service::Failure;
use support::Server;
use tokio::time::{Instant, timeout};
use tonic::{Code, Request};

const RELEASE: &[u8] = include_bytes!("../releases/regtrd-2024.tsv");
const PATIENCE: Duration = Duration::from_secs(20);

fn upload(
    edition: &str,
    bytes: &[u8],
) -> impl tonic::IntoStreamingRequest<Message = v1::IngestReleaseRequest> {
    let header = v1::ReleaseHeader {
        edition: edition.to_owned(),
        ..Default::default()
    };
    let mut parts = vec![Part::Header(header), Part::FileName("table.tsv".to_owned())];
    parts.extend(
        bytes
            .chunks(1_000)
            .map(|chunk| Part::Chunk(chunk.to_vec().into())),
    );
    let messages = parts.into_iter().map(|part| v1::IngestReleaseRequest {
        part: Some(v1::ReleasePart { part: Some(part) }),
    });
    tokio_stream::iter(messages.collect::<Vec<_>>())
}

/// The shipped release with a line of its own at the end, so that it is another release.
fn another(note: &str) -> Vec<u8> {
    [RELEASE, b"Source: ", note.as_bytes(), b"\n"].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_is_told_of_each_release_once_and_misses_none_after_a_lost_connection() {
    let up = Server::up();
    let mut client = IngestServiceClient::connect(up.address()).await.unwrap();
    let first = client
        .ingest_release(upload("first", &another("first")))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first.outcome(), v1::Outcome::Ingested);
    let first = first.release.unwrap().release;

    let mut watch = client
        .watch_releases(v1::WatchReleasesRequest::default())
        .await
        .unwrap()
        .into_inner();
    let second = client
        .ingest_release(upload("second", &another("second")))
        .await
        .unwrap()
        .into_inner();
    let told = timeout(PATIENCE, watch.message())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert_eq!(told.release, second.release);
    drop(watch);

    let third = client
        .ingest_release(upload("third", &another("third")))
        .await
        .unwrap()
        .into_inner();
    let resumed = v1::WatchReleasesRequest {
        after_release: first.clone(),
        ..Default::default()
    };
    let mut watch = client.watch_releases(resumed).await.unwrap().into_inner();
    for expected in [&second.release, &third.release] {
        let told = timeout(PATIENCE, watch.message())
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        assert_eq!(
            told.release.as_ref().map(|r| &r.release),
            expected.as_ref().map(|r| &r.release)
        );
    }
    let unknown = v1::WatchReleasesRequest {
        after_release: format!("{first}x"),
        ..Default::default()
    };
    assert_eq!(
        client.watch_releases(unknown).await.unwrap_err().code(),
        Code::NotFound
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_write_side_lists_and_gets_what_it_stored() {
    let up = Server::up();
    let mut client = IngestServiceClient::connect(up.address()).await.unwrap();
    for edition in ["a", "b", "c"] {
        client
            .ingest_release(upload(edition, &another(edition)))
            .await
            .unwrap();
    }
    let (mut editions, mut page_token) = (vec![], String::new());
    loop {
        let request = v1::ListIngestedReleasesRequest {
            page_size: 2,
            page_token,
            ..Default::default()
        };
        let page = client
            .list_ingested_releases(request)
            .await
            .unwrap()
            .into_inner();
        assert!(page.releases.len() <= 2);
        for release in page.releases {
            let get = v1::GetIngestedReleaseRequest {
                release: release.release.clone(),
            };
            let got = client
                .get_ingested_release(get)
                .await
                .unwrap()
                .into_inner()
                .release
                .unwrap();
            assert_eq!(got, release);
            editions.push(release.edition);
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(editions, ["c", "b", "a"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_field_is_named_by_its_path_and_a_request_id_comes_back() {
    let up = Server::up();
    let mut client = IndicatorServiceClient::connect(up.address()).await.unwrap();
    let as_of = v1::AsOf {
        at: Some(v1::as_of::At::Release("no id".into())),
        ..v1::AsOf::default()
    };
    let status = client
        .get_key_indicators(v1::GetKeyIndicatorsRequest {
            as_of: Some(as_of),
            ..Default::default()
        })
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(
        Failure::from_status(&status).violations[0].field,
        "as_of.release"
    );

    IngestServiceClient::connect(up.address())
        .await
        .unwrap()
        .ingest_release(upload("", RELEASE))
        .await
        .unwrap();
    let mut request = Request::new(v1::GetKeyIndicatorsRequest::default());
    request
        .metadata_mut()
        .insert("x-request-id", "made-by-the-platform".parse().unwrap());
    let answer = client.get_key_indicators(request).await.unwrap();
    assert_eq!(
        answer.metadata().get("x-request-id").unwrap(),
        "made-by-the-platform"
    );
    assert!(!answer.into_inner().caveats.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_loss_of_a_backend_under_load_is_unavailable_in_time_and_mends_itself() {
    let mut three = Server::three();
    IngestServiceClient::connect(three.address())
        .await
        .unwrap()
        .ingest_release(upload("", RELEASE))
        .await
        .unwrap();
    let (answered, away) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let over = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..8)
        .map(|_| {
            let (answered, away, over) =
                (Arc::clone(&answered), Arc::clone(&away), Arc::clone(&over));
            let address = three.address();
            tokio::spawn(async move {
                let mut client = IndicatorServiceClient::connect(address).await.unwrap();
                while !over.load(Ordering::Relaxed) {
                    let mut request = Request::new(v1::GetKeyIndicatorsRequest::default());
                    request.set_timeout(Duration::from_secs(5));
                    match client.get_key_indicators(request).await {
                        Ok(_) => answered.fetch_add(1, Ordering::Relaxed),
                        Err(status) => {
                            assert_eq!(status.code(), Code::Unavailable, "{status}");
                            assert_eq!(Failure::from_status(&status).reason, "BACKEND_AWAY");
                            away.fetch_add(1, Ordering::Relaxed)
                        }
                    };
                }
            })
        })
        .collect();
    until(PATIENCE, || answered.load(Ordering::Relaxed) > 20).await;
    three.kill_indicators();
    until(PATIENCE, || away.load(Ordering::Relaxed) > 20).await;
    three.restart_indicators();
    let before = answered.load(Ordering::Relaxed);
    until(Duration::from_secs(2), || {
        answered.load(Ordering::Relaxed) > before
    })
    .await;
    over.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await.unwrap();
    }
}

/// Waits until something holds, and fails where it does not in time.
async fn until(patience: Duration, holds: impl Fn() -> bool) {
    let end = Instant::now() + patience;
    while !holds() {
        assert!(
            Instant::now() < end,
            "it did not come about in {patience:?}"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
