//! Hands a file in through the gateway, piece by piece, as the command line does.

use std::{path::Path, time::Instant as Stopwatch};

use futures::stream;
use regtrade_proto::{
    timestamp,
    v1::{
        IngestReleaseRequest, Outcome, ReleaseHeader, ReleasePart,
        ingest_service_client::IngestServiceClient, release_part::Part,
    },
};
use tokio::{fs::File, io::AsyncReadExt as _};
use tonic::transport::Endpoint;

use crate::error::BenchError;

/// How much of the file is sent at a time.
const CHUNK: usize = 256 * 1024;

/// A release that was stored, and how long that took.
pub struct Stored {
    pub release: String,
    pub rows: u64,
    pub time: std::time::Duration,
}

/// Hands a file in as a release that was published on a day.
///
/// # Errors
/// Where it is refused, or the services fail.
pub async fn upload(address: &str, path: &Path, day: &str) -> Result<Stored, BenchError> {
    let made = |error: String| BenchError::Made(error);
    let published = format!("{day}T08:00:00Z");
    let published = published.parse().map_err(|_| made(published.clone()))?;
    let header = Part::Header(ReleaseHeader {
        edition: day.to_owned(),
        published_at: Some(timestamp(published)),
        ..Default::default()
    });
    let name = path.file_name().unwrap_or_default();
    let name = Part::FileName(name.to_string_lossy().into_owned());
    let begin = Stopwatch::now();
    let file = File::open(path).await?;
    let beginning = stream::iter([header, name]);
    let chunks = stream::unfold(file, |mut file| async {
        let mut chunk = Vec::with_capacity(CHUNK);
        let read = (&mut file).take(CHUNK as u64).read_to_end(&mut chunk).await;
        // A file that breaks off is one row too few, which the answers show.
        matches!(read, Ok(1..)).then_some((Part::Chunk(chunk.into()), file))
    });
    let parts = futures::StreamExt::chain(beginning, chunks);
    let parts = futures::StreamExt::map(parts, |part| IngestReleaseRequest {
        part: Some(ReleasePart { part: Some(part) }),
    });
    let endpoint = Endpoint::from_shared(address.to_owned());
    let endpoint = endpoint.map_err(|error| made(error.to_string()))?;
    let channel = endpoint.tcp_nodelay(true).connect().await;
    let channel = channel.map_err(|error| BenchError::Services(error.to_string()))?;
    let answer = IngestServiceClient::new(channel)
        .ingest_release(parts)
        .await;
    let answer = answer.map_err(Box::new)?.into_inner();
    let time = begin.elapsed();
    match (answer.outcome(), answer.release) {
        (Outcome::Ingested, Some(release)) => Ok(Stored {
            release: release.release,
            rows: answer.figures,
            time,
        }),
        _ => {
            let why = answer.issues.first().map(|issue| issue.explanation.clone());
            Err(BenchError::Refused(day.to_owned(), why.unwrap_or_default()))
        }
    }
}
