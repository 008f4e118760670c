//! Uploads that do not come to their end: nobody waits for the rest of them, and nothing goes on reading.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, sync::Arc, time::Duration};

use futures::{StreamExt as _, stream};
use regtrade_ingest::{Config, IntakeConfig, start};
use regtrade_proto::v1::{self, ingest_service_client::IngestServiceClient, release_part::Part};
use regtrade_service::{
    Failure, Limits, Secret, SystemClock,
    roles::{Role, Roles},
};
use tempfile::TempDir;
use tokio::{net::TcpListener, time};
use tonic::{Request, Status};

/// Nothing that a test waits for takes longer than this.
const PATIENCE: Duration = Duration::from_secs(20);

const HEADER: &str = "DATAFLOW,FREQ,REF_AREA,ITEM,PRODUCT,COUNTERPART_AREA,CONCEPT,TIME_PERIOD,OBS_VALUE,UNIT_MULT\n";

/// Hands parts of an upload in, and nothing more: the call stays open.
async fn hand_in(parts: Vec<Part>) -> Result<(), Status> {
    let folder = TempDir::new().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let config = Config {
        lake: folder.path().display().to_string(),
        intake: IntakeConfig::default(),
        limits: Limits::default(),
    };
    let (secret, clock) = (Secret::random().unwrap(), Arc::new(SystemClock));
    let never = std::future::pending();
    tokio::spawn(start(listener, config, secret.clone(), clock, never));
    let parts = parts.into_iter().map(|part| v1::IngestReleaseRequest {
        part: Some(v1::ReleasePart { part: Some(part) }),
    });
    let parts: Vec<_> = parts.collect();
    let mut request = Request::new(stream::iter(parts).chain(stream::pending()));
    secret.put_on(request.metadata_mut());
    Roles::of([Role::Ingest]).put_on(request.metadata_mut());
    let mut client = IngestServiceClient::connect(address).await.unwrap();
    client.ingest_release(request).await.map(|_| ())
}

/// Whether a thread of this process reads an upload.
fn is_reading() -> bool {
    let threads = fs::read_dir("/proc/self/task").unwrap();
    let mut names =
        threads.filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("comm")).ok());
    names.any(|name| matches!(name.trim(), "reading" | "lines"))
}

async fn until(holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            time::sleep(Duration::from_millis(5)).await;
        }
    };
    time::timeout(PATIENCE, waiting)
        .await
        .expect("a test waits in vain");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reading_ends_with_the_call_and_a_header_is_refused_before_the_files_have_come() {
    let rows: String = (0..100_000)
        .map(|at| {
            format!(
                "BE2:EXTTRADE(1.0),M,BE2,P61,{:08},DE,NAT,2024-07,{at},0\n",
                1_010_000 + at
            )
        })
        .collect();
    let mut parts = vec![
        Part::Header(v1::ReleaseHeader::default()),
        Part::FileName("a.csv".to_owned()),
        Part::Chunk(HEADER.as_bytes().to_vec().into()),
    ];
    let chunks = rows.as_bytes().chunks(1 << 20);
    parts.extend(chunks.map(|chunk| Part::Chunk(chunk.to_vec().into())));
    assert!(!is_reading());
    let call = tokio::spawn(hand_in(parts));
    until(is_reading).await;
    // Long enough for the reader to wait for what does not come.
    time::sleep(Duration::from_secs(1)).await;
    call.abort();
    until(|| !is_reading()).await;

    let header = v1::ReleaseHeader {
        published_precision: v1::DatePrecision::Day.into(),
        ..Default::default()
    };
    let parts = vec![Part::Header(header), Part::FileName("a.csv".to_owned())];
    let refused = time::timeout(PATIENCE, hand_in(parts)).await;
    let refused = refused.expect("the rest is waited for").unwrap_err();
    let refused = Failure::from_status(&refused);
    assert_eq!(refused.reason, "INVALID_FIELD");
    assert!(!is_reading());
}
