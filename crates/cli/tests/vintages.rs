//! `docs/vintages.md` as it stands: its ten events, and what callers are answered at each moment.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support {
    pub mod in_process;
}

use std::collections::BTreeMap;

use regtrade_model::{Instant, Span};
use regtrade_proto::{timestamp, v1};
use regtrade_service::{
    Failure,
    kept::{STATE_KEY, UNTIL_KEY},
};
use support::in_process::{Caller, Services};
use tokio_stream::StreamExt as _;

const RULES: &str = include_str!("../../../docs/vintages.md");

/// The rows of the table that follows a mark.
fn table(mark: &str) -> Vec<Vec<String>> {
    let (_, rest) = RULES.split_once(&format!("<!-- {mark} -->\n")).unwrap();
    let rows = rest
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let cells = |line: &str| {
        let line = line.trim().trim_start_matches('|').trim_end_matches('|');
        line.split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    rows.map(cells).collect()
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// A data file of exports of goods of Brussels; with an action, a partial update.
fn file(action: &str, rows: &str) -> String {
    let mut text =
        "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,ITEM,TIME_PERIOD,OBS_VALUE,UNIT_MULT\n"
            .to_owned();
    for row in rows.split_whitespace() {
        let (year, value) = row.split_once('=').unwrap_or((row, ""));
        let mult = if action == "D" { "" } else { "6" };
        text += &format!("dataflow,BE2:REGTRD(1.0),{action},A,BE1,P61,{year},{value},{mult}\n");
    }
    text
}

/// Does what an event of the table says.
async fn happen(services: &Services, ids: &mut BTreeMap<String, String>, row: &[String]) {
    let [step, when, event, name, rows] = row else {
        panic!("{row:?}")
    };
    services.clock.set(at(when));
    let words: Vec<&str> = event.split_whitespace().collect();
    let mut header = v1::ReleaseHeader {
        edition: name.clone(),
        ..v1::ReleaseHeader::default()
    };
    let base = |name: &str| ids[name.trim_end_matches(',')].clone();
    let mut refused = None;
    let text = match words.as_slice() {
        ["ingest" | "correct"] | ["ingest", "again"] => file("I", rows),
        ["ingest", "published", published] => {
            header.published_at = Some(timestamp(at(published)));
            file("I", rows)
        }
        ["merge", "into", base_name, rest @ ..] => {
            header.builds_on = base(base_name);
            refused = rest.get(1);
            file("M", rows)
        }
        ["delete", "from", base_name] => {
            header.builds_on = base(base_name);
            file("D", rows)
        }
        ["reschedule", "to", to] => {
            let request = v1::RescheduleReleaseRequest {
                release: ids[name].clone(),
                published_at: Some(timestamp(at(to))),
            };
            let request = services.by(Caller::Ingest, request);
            services.ingest().reschedule_release(request).await.unwrap();
            return;
        }
        ["withdraw"] => {
            let request = v1::WithdrawReleaseRequest {
                release: ids[name].clone(),
                because: "a figure was wrong".to_owned(),
            };
            let request = services.by(Caller::Ingest, request);
            services.ingest().withdraw_release(request).await.unwrap();
            return;
        }
        _ => panic!("{step}: {event}"),
    };
    if words[0] == "correct" {
        header.revision = v1::RevisionKind::Correction.into();
    }
    let taken = services.hand_in(header, "rows.csv", text.as_bytes()).await;
    if let Some(reason) = refused {
        assert_eq!(taken.unwrap_err().reason, *reason, "{step}");
        return;
    }
    let taken = taken.unwrap_or_else(|failure| panic!("{step}: {failure:?}"));
    let release = taken
        .release
        .clone()
        .unwrap_or_else(|| panic!("{step}: {taken:?}"));
    if words.last() == Some(&"again") {
        assert_eq!(taken.outcome(), v1::Outcome::AlreadyIngested, "{step}");
        assert_eq!(release.release, ids[name], "{step}");
        return;
    }
    assert_eq!(taken.outcome(), v1::Outcome::Ingested, "{step}: {taken:?}");
    if words[0] == "correct" {
        assert_eq!(release.slices[0].kind(), v1::RevisionKind::Correction);
    }
    ids.insert(name.clone(), release.release);
}

/// The vintage that a question of the table names.
fn vintage(question: &str, ids: &BTreeMap<String, String>) -> v1::AsOf {
    let words: Vec<&str> = question.split_whitespace().collect();
    let by = |when: &str| Some(v1::as_of::At::PublishedBy(timestamp(at(when))));
    let mut as_of = v1::AsOf::default();
    match words.as_slice() {
        ["latest"] => {}
        ["as", "of", when] => as_of.at = by(when),
        ["as", "of", when, "known", "at", known] => {
            as_of.at = by(when);
            as_of.known_at = Some(timestamp(at(known)));
        }
        ["release", name] => as_of.at = Some(v1::as_of::At::Release(ids[*name].clone())),
        _ => panic!("{question}"),
    }
    as_of
}

/// Asks a question of the table, and holds the answer against it: through both calls that give levels.
async fn answers(services: &Services, ids: &BTreeMap<String, String>, row: &[String]) {
    let [when, by, question, from, values @ ..] = row else {
        panic!("{row:?}")
    };
    services.clock.set(at(when));
    let caller = match by.as_str() {
        "public" => Caller::Public,
        "preview" => Caller::Preview,
        _ => panic!("{by}"),
    };
    let name = format!("{when} {by} {question}");
    let as_of = Some(vintage(question, ids));
    let request = v1::ListObservationsRequest {
        as_of: as_of.clone(),
        ..v1::ListObservationsRequest::default()
    };
    let request = services.by(caller, request);
    let levels = services.indicators().list_observations(request).await;
    let request = v1::GetKeyIndicatorsRequest {
        as_of,
        ..v1::GetKeyIndicatorsRequest::default()
    };
    let request = services.by(caller, request);
    let key = services.indicators().get_key_indicators(request).await;
    let answers = [
        levels.map(|answer| {
            let answer = answer.into_inner();
            (answer.release.unwrap(), answer.figures)
        }),
        key.map(|answer| {
            let answer = answer.into_inner();
            (answer.release.unwrap(), answer.figures)
        }),
    ];
    for answer in answers {
        let Some(id) = ids.get(from) else {
            let status = answer.expect_err(&name);
            assert_eq!(Failure::from_status(&status).reason, *from, "{name}");
            continue;
        };
        let (release, figures) = answer.unwrap_or_else(|status| panic!("{name}: {status}"));
        assert_eq!(release.release, *id, "{name}");
        let under_embargo = caller == Caller::Preview;
        assert_eq!(
            release.state() == v1::ReleaseState::Embargoed,
            under_embargo,
            "{name}"
        );
        for (year, expected) in (2021..).zip(values) {
            let year: Span = format!("{year}").parse().unwrap();
            let level = figures.iter().find(|figure| {
                figure.indicator() == v1::Indicator::Level && figure.period == year.to_string()
            });
            let found = match level.and_then(|level| level.value.as_ref()) {
                None => "–".to_owned(),
                Some(v1::figure::Value::Exact(value)) => value.clone(),
                Some(other) => panic!("{name}: {other:?}"),
            };
            assert_eq!(found, *expected, "{name}, {year}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ten_events_are_answered_as_the_rules_say() {
    let begin = at("2026-02-28T00:00:00Z");
    let services = Services::start(begin).await;
    let mut watched = vec![];
    for caller in [Caller::Public, Caller::Preview] {
        let request = services.by(caller, v1::WatchReleasesRequest::default());
        watched.push(
            services
                .ingest()
                .watch_releases(request)
                .await
                .unwrap()
                .into_inner(),
        );
    }
    let mut ids = BTreeMap::new();
    let (events, questions) = (table("events"), table("answers"));
    assert!(events.len() == 11 && questions.len() >= 30);
    let mut events = events.into_iter().peekable();
    for question in &questions {
        while events.peek().is_some_and(|event| event[1] <= question[0]) {
            happen(&services, &mut ids, &events.next().unwrap()).await;
        }
        answers(&services, &ids, question).await;
    }
    assert!(events.next().is_none(), "every event was asked about");

    let names: BTreeMap<&String, &String> = ids.iter().map(|(name, id)| (id, name)).collect();
    for (stream, expected) in watched
        .into_iter()
        .zip(["A B C Z -C P D E", "A B C Z E -C P D"])
    {
        let expected: Vec<&str> = expected.split(' ').collect();
        let told: Vec<_> = stream.take(expected.len()).collect().await;
        let told: Vec<String> = told
            .into_iter()
            .map(|told| {
                let told = told.unwrap();
                let sign = if told.event() == v1::WatchEvent::Withdrawn {
                    "-"
                } else {
                    ""
                };
                format!("{sign}{}", names[&told.release.unwrap().release])
            })
            .collect();
        assert_eq!(told, expected);
    }
}

/// What a caller is answered for exports of goods of Brussels in 2024.
async fn exports(services: &Services, caller: Caller) -> Option<String> {
    let request = v1::ListObservationsRequest {
        key: "A.BE1.P61".to_owned(),
        from: "2024".to_owned(),
        to: "2024".to_owned(),
        ..Default::default()
    };
    let request = services.by(caller, request);
    let answer = services.indicators().list_observations(request).await;
    let figures = answer.ok()?.into_inner().figures;
    match figures.first()?.value.as_ref()? {
        v1::figure::Value::Exact(value) => Some(value.clone()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_kept_is_shown_neither_too_long_nor_to_anyone_else() {
    let services = Services::start(at("2026-03-01T08:00:00Z")).await;
    let hand_in = async |value: &str, published_at: &str| {
        let header = v1::ReleaseHeader {
            edition: format!("with-{value}"),
            published_at: Some(timestamp(at(published_at))),
            ..Default::default()
        };
        let bytes = file("I", &format!("2024={value}"));
        let answer = services.hand_in(header, "exports.csv", bytes.as_bytes());
        let taken = answer.await.unwrap();
        let release = taken.release;
        release
            .unwrap_or_else(|| panic!("{:?}", taken.issues))
            .release
    };
    // Twice, so that the second one is given what was kept if anything was.
    let twice = async |caller, value: &str| {
        for _ in 0..2 {
            let answer = exports(&services, caller).await;
            assert_eq!(answer.as_deref(), Some(value), "{caller:?}");
        }
    };

    hand_in("100", "2026-03-01T08:00:00Z").await;
    twice(Caller::Public, "100").await;
    twice(Caller::Preview, "100").await;

    hand_in("200", "2026-03-01T09:00:00Z").await;
    twice(Caller::Public, "100").await;
    twice(Caller::Preview, "200").await;
    twice(Caller::Public, "100").await;

    // What the gateway is told of the state of the catalogue, and when it ends, is for the gateway alone.
    let listed = services.catalogue(Caller::Public, v1::ListReleasesRequest::default());
    let listed = listed.await.unwrap();
    for key in [STATE_KEY, UNTIL_KEY] {
        assert!(listed.metadata().get(key).is_none(), "{key}");
    }

    services.clock.set(at("2026-03-01T08:59:59.999Z"));
    twice(Caller::Public, "100").await;
    services.clock.set(at("2026-03-01T09:00:00Z"));
    twice(Caller::Public, "200").await;

    hand_in("300", "2026-03-01T09:00:00Z").await;
    twice(Caller::Public, "300").await;

    let withdrawn = hand_in("400", "2026-03-01T10:00:00Z").await;
    twice(Caller::Preview, "400").await;
    let request = v1::WithdrawReleaseRequest {
        release: withdrawn,
        because: "a wrong file".to_owned(),
    };
    let request = services.by(Caller::Ingest, request);
    services.ingest().withdraw_release(request).await.unwrap();
    twice(Caller::Preview, "300").await;
    services.clock.set(at("2026-03-01T10:00:00Z"));
    twice(Caller::Public, "300").await;
}
