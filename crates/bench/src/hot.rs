//! What an answer costs that was given before: the key indicators of the reference release through the gateway, against
//! a bare echo of tonic's that answers with as many bytes and does nothing else.

mod echo;

use std::{
    sync::Arc,
    time::{Duration, Instant as Stopwatch},
};

use bytes::Bytes;
use clap::value_parser;
use futures::future::try_join_all;
use prost::Message as _;
use regtrade_ingest::{Header, Settings, Upload, UploadedFile, take};
use regtrade_lake::Lake;
use regtrade_model::Instant;
use regtrade_proto::v1::{self, Outcome};
use regtrade_service::{Clock, Limits, SystemClock};
use tonic::{
    Status,
    client::Grpc,
    codegen::http::uri::PathAndQuery,
    transport::{Channel, Endpoint},
};

use crate::{
    error::BenchError,
    gateway::Gateway,
    measure::{Pair, Spread, milliseconds, spread},
    report::{Format, Line, Report, Unit},
};
use echo::{Echo, Raw};

/// The reference release, as it comes with the project.
const TABLE: &[u8] = include_bytes!("../../cli/releases/regtrd-2024.tsv");
const PUBLISHED_AT: &str = "2025-06-30T08:00:00Z";

const KEY_INDICATORS: &str = "/regtrade.v1.IndicatorService/GetKeyIndicators";

/// So much of the requests a second of the echo there must be at least.
const LEAST_RATE: f64 = 0.7;
/// So much of the time of the echo may one answer take, one after the other.
const MOST_TIME: f64 = 1.5;

/// What is measured, and for how long.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Connections that ask at the same time, where requests a second are counted
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = value_parser!(u32).range(1..=64))]
    connections: u32,
    /// Calls in flight on each of them
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = value_parser!(u32).range(1..=64))]
    in_flight: u32,
    /// How often each is measured, by turns
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = value_parser!(u32).range(1..))]
    rounds: u32,
    /// How long each measurement takes, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 1_000, value_parser = value_parser!(u32).range(10..=60_000))]
    span: u32,
    /// How the numbers are printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Exit code 1 where a bar is missed
    #[arg(long)]
    pub check: bool,
    /// Compare the answers, and time nothing
    #[arg(long)]
    smoke: bool,
}

/// Whom to ask, what, and by how many connections.
struct Target {
    channels: Vec<Channel>,
    path: PathAndQuery,
    request: Bytes,
    /// What must be answered, each time.
    answer: Bytes,
}

/// Runs the benchmark, and tells `say` how far it is.
///
/// # Errors
/// Where an answer that is kept is not the one that is worked out, or something fails.
pub async fn run(arguments: &Arguments, say: &dyn Fn(&str)) -> Result<Report, BenchError> {
    say("taking in the reference release");
    let folder = tempfile::tempdir()?;
    let lake = folder.path().join("lake").display().to_string();
    fill(&lake).await?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let keeping = Gateway::new(
        lake.clone(),
        Arc::clone(&clock),
        Limits::default().cache_bytes,
    );
    let working = Gateway::new(lake, clock, 0);

    let request = Bytes::from(v1::GetKeyIndicatorsRequest::default().encode_to_vec());
    let path = PathAndQuery::from_static(KEY_INDICATORS);
    let connections = usize::try_from(arguments.connections).unwrap_or(1);
    let of = async |gateway: &Gateway| {
        let channels = connected(gateway.address().await?, connections).await?;
        let first = channels.first().cloned();
        let first = first.ok_or_else(|| BenchError::Made("no connection".to_owned()))?;
        let mut client = Grpc::new(first);
        let answer = ask(&mut client, &path, &request).await?;
        let target = Target {
            channels,
            path: path.clone(),
            request: request.clone(),
            answer,
        };
        // The second time it is the kept one that is given, where any is.
        target.once(&mut client).await?;
        Ok::<_, BenchError>(target)
    };
    let (kept, worked_out) = (of(&keeping).await?, of(&working).await?);
    if kept.answer != worked_out.answer {
        return Err(BenchError::OtherAnswer("key indicators".to_owned()));
    }
    let mut report = Report::default();
    if arguments.smoke {
        return Ok(report);
    }
    let echo = Echo::start(kept.answer.clone()).await?;
    let echoed = Target {
        channels: connected(echo.address(), connections).await?,
        path: PathAndQuery::from_static(echo::PATH),
        request,
        answer: kept.answer.clone(),
    };

    let targets = [&echoed, &kept, &worked_out];
    let mut rates = [const { Vec::new() }; 3];
    let mut times = [const { Vec::new() }; 3];
    for round in 0..=arguments.rounds {
        say(&format!("round {round} of {}", arguments.rounds));
        let span = Duration::from_millis(arguments.span.into());
        for at in turns(round) {
            let rate = targets[at].at_once(arguments.in_flight, span).await?;
            let time = targets[at].one_by_one(span).await?;
            // The first round is the one that makes them warm.
            if round > 0 {
                rates[at].push(rate);
                times[at].push(time);
            }
        }
    }
    let title = format!(
        "Key indicators, {} bytes: the gateway against an echo (medians of {} rounds of {} ms each)",
        kept.answer.len(),
        arguments.rounds,
        arguments.span
    );
    let together = format!(
        "{} connections with {} calls each",
        arguments.connections, arguments.in_flight
    );
    let line = |measure, case: String, of: &[Vec<Duration>; 3], which: usize, bar| {
        let mut pair = Pair::default();
        for (echo, ours) in of[0].iter().zip(&of[which]) {
            pair.note(*echo, *ours);
        }
        let ratios: Spread = pair.ratios();
        let (first, second) = pair.medians();
        Line {
            measure,
            case,
            first: first * 1_000.0,
            second: second * 1_000.0,
            unit: Unit::Microseconds,
            ratio: ratios.median,
            quartiles: Some([ratios.lower_quartile, ratios.upper_quartile]),
            bar,
        }
    };
    let lines = vec![
        line(
            "rate",
            format!("kept; {together}; time by answers"),
            &rates,
            1,
            Some(1.0 / LEAST_RATE),
        ),
        line(
            "time",
            "kept; one call after the other; p50".to_owned(),
            &times,
            1,
            Some(MOST_TIME),
        ),
        line(
            "rate",
            format!("worked out each time; {together}; time by answers"),
            &rates,
            2,
            None,
        ),
        line(
            "time",
            "worked out each time; one call after the other; p50".to_owned(),
            &times,
            2,
            None,
        ),
    ];
    report.add(title, ["echo, us", "gateway, us"], lines);
    Ok(report)
}

/// The three by turns: each comes first in every third round.
fn turns(round: u32) -> [usize; 3] {
    match round % 3 {
        0 => [0, 1, 2],
        1 => [1, 2, 0],
        _ => [2, 0, 1],
    }
}

async fn fill(lake: &str) -> Result<(), BenchError> {
    let made = |error: String| BenchError::Made(error);
    let now: Instant = PUBLISHED_AT
        .parse()
        .map_err(|_| made(PUBLISHED_AT.to_owned()))?;
    let edition = "2024"
        .parse()
        .map_err(|error| made(format!("2024: {error}")))?;
    let upload = Upload {
        header: Header {
            edition: Some(edition),
            published_at: Some(now),
            ..Header::default()
        },
        files: vec![UploadedFile::new("regtrd-2024.tsv", TABLE)],
        too_long: false,
    };
    let lake = Lake::at(lake)?;
    let taken = take(&lake, upload, &Settings::default(), &|| now, true).await?;
    if taken.outcome == Outcome::Ingested {
        return Ok(());
    }
    let why = taken.issues.first().map(|issue| issue.explanation.clone());
    Err(BenchError::Refused(
        "2024".to_owned(),
        why.unwrap_or_default(),
    ))
}

async fn connected(address: &str, connections: usize) -> Result<Vec<Channel>, BenchError> {
    let endpoint = Endpoint::from_shared(address.to_owned())
        .map_err(|error| BenchError::Made(error.to_string()))?
        .tcp_nodelay(true);
    let channels = (0..connections).map(|_| endpoint.connect());
    let channels = try_join_all(channels).await;
    channels.map_err(|error| Box::new(Status::from_error(error.into())).into())
}

async fn ask(
    client: &mut Grpc<Channel>,
    path: &PathAndQuery,
    request: &Bytes,
) -> Result<Bytes, BenchError> {
    client
        .ready()
        .await
        .map_err(|error| Box::new(Status::from_error(error.into())))?;
    let request = tonic::Request::new(request.clone());
    let answer = client.unary(request, path.clone(), Raw).await;
    Ok(answer.map_err(Box::new)?.into_inner())
}

impl Target {
    /// How long an answer takes where many are asked for at once: the time by the number of answers.
    async fn at_once(&self, in_flight: u32, span: Duration) -> Result<Duration, BenchError> {
        let begin = Stopwatch::now();
        let callers = self
            .channels
            .iter()
            .flat_map(|channel| (0..in_flight).map(move |_| channel.clone()))
            .map(|channel| async move {
                let mut client = Grpc::new(channel);
                let mut answers = 0_u32;
                while begin.elapsed() < span {
                    self.once(&mut client).await?;
                    answers += 1;
                }
                Ok::<_, BenchError>(answers)
            });
        let answers: u32 = try_join_all(callers).await?.iter().sum();
        Ok(begin.elapsed() / answers.max(1))
    }

    /// The median of how long an answer takes, where one is asked for after the other.
    async fn one_by_one(&self, span: Duration) -> Result<Duration, BenchError> {
        let channel = self.channels.first().cloned();
        let channel = channel.ok_or_else(|| BenchError::Made("no connection".to_owned()))?;
        let mut client = Grpc::new(channel);
        let begin = Stopwatch::now();
        let mut taken = vec![];
        while begin.elapsed() < span || taken.is_empty() {
            let asked = Stopwatch::now();
            self.once(&mut client).await?;
            taken.push(asked.elapsed());
        }
        let median = spread(taken.iter().map(|time| milliseconds(*time))).median;
        Ok(Duration::from_secs_f64(median / 1_000.0))
    }

    /// An answer, which must be the right one.
    async fn once(&self, client: &mut Grpc<Channel>) -> Result<(), BenchError> {
        let answer = ask(client, &self.path, &self.request).await?;
        if answer == self.answer {
            Ok(())
        } else {
            Err(BenchError::OtherAnswer(self.path.to_string()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_comes_first_as_often_as_the_others() {
        let firsts: Vec<_> = (0..6).map(|round| turns(round)[0]).collect();
        assert_eq!(firsts, [0, 1, 2, 0, 1, 2]);
        for round in 0..3 {
            let mut all = turns(round);
            all.sort_unstable();
            assert_eq!(all, [0, 1, 2]);
        }
    }
}
