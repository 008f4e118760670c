//! `kill -9` of the ingest process at 200 points of its work.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use regtrade_proto::v1::Outcome;
use tempfile::TempDir;

use super::hand_in::{Client, Fresh, HandIn, KINDS, Kind, Rows};
use crate::support::Process;

/// Over how many lakes the process is killed, and how often over each. A small lake is opened faster.
const LAKES: usize = 4;
const KILLS_OF_A_LAKE: usize = 50;

/// How many releases of each kind are measured first.
const MEASURED: usize = 3;

/// How long an ingest takes.
#[derive(Clone, Copy, Default)]
struct Measure {
    /// From the call to the answer.
    whole: Duration,
    /// From the first file in the folder of the release to the answer.
    writing: Duration,
}

/// When the process is killed.
#[derive(Clone, Copy)]
enum Point {
    /// So long after the call.
    Called(Duration),
    /// So long after the first file of the release is there.
    Writing(Duration),
}

/// What a kill left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Hit {
    BeforeTheFirstFile,
    BetweenFirstFileAndCommit,
    BetweenCommitAndAnswer,
    AfterTheAnswer,
}

/// Three processes over one lake, of which one is killed; the other two stay.
struct Services {
    _indicators: Process,
    _gateway: Process,
    client: Client,
    ingest_at: String,
    folder: TempDir,
}

impl Services {
    fn start() -> (Self, Process) {
        let folder = tempfile::tempdir().unwrap();
        let ingest = serve("ingest", "127.0.0.1:0", folder.path());
        let indicators = serve("indicators", "127.0.0.1:0", folder.path());
        let gateway = Process::start(&[
            "serve",
            "gateway",
            "--listen",
            "127.0.0.1:0",
            "--ingest",
            ingest.address(),
            "--indicators",
            indicators.address(),
            "--backend-secret-file",
            &folder.path().join("secret").display().to_string(),
        ]);
        let services = Self {
            client: Client::of(gateway.address()),
            ingest_at: ingest.address().trim_start_matches("http://").to_owned(),
            _indicators: indicators,
            _gateway: gateway,
            folder,
        };
        (services, ingest)
    }

    fn restart(&self) -> Process {
        serve("ingest", &self.ingest_at, self.folder.path())
    }

    fn lake(&self) -> PathBuf {
        self.folder.path().join("lake")
    }

    /// How many folders of releases there are, whole or begun.
    fn begun(&self) -> usize {
        fs::read_dir(self.lake().join("releases")).map_or(0, Iterator::count)
    }
}

/// Starts a backend.
fn serve(what: &str, listen: &str, folder: &Path) -> Process {
    let at = |name: &str| folder.join(name).display().to_string();
    Process::start(&[
        "serve",
        what,
        "--listen",
        listen,
        "--lake",
        &at("lake"),
        "--backend-secret-file",
        &at("secret"),
    ])
}

/// The moment at which a release has its first file, or the end of the time.
fn first_file(releases: &Path, before: usize, end: Instant) -> Instant {
    loop {
        let now = Instant::now();
        let folders = fs::read_dir(releases).map_or(0, Iterator::count);
        if folders > before || now > end {
            return now;
        }
        thread::sleep(Duration::from_micros(100));
    }
}

/// Hands a release in, with nobody killed.
async fn measured(services: &Services, release: &HandIn) -> (Measure, String) {
    let (releases, before) = (services.lake().join("releases"), services.begun());
    let called = Instant::now();
    let end = called + Duration::from_secs(20);
    let watcher = tokio::task::spawn_blocking(move || first_file(&releases, before, end));
    let (outcome, id) = services.client.hand_in_until_taken(release).await;
    let answered = Instant::now();
    assert_eq!(outcome, Outcome::Ingested);
    let measure = Measure {
        whole: answered - called,
        writing: answered.saturating_duration_since(watcher.await.unwrap()),
    };
    (measure, id)
}

/// Hands a release in and kills the process at the point. What the client was answered, and how long that took.
async fn killed_at(
    services: &Services,
    mut ingest: Process,
    release: HandIn,
    point: Point,
) -> Option<(String, Duration)> {
    let (releases, before) = (services.lake().join("releases"), services.begun());
    let client = services.client.clone();
    let called = Instant::now();
    let call = tokio::spawn(async move {
        let answer = client.hand_in(&release).await;
        answer.map(|(outcome, id)| {
            assert_eq!(outcome, Outcome::Ingested);
            (id, called.elapsed())
        })
    });
    let killer = tokio::task::spawn_blocking(move || {
        let at = match point {
            Point::Called(after) => called + after,
            Point::Writing(after) => {
                first_file(&releases, before, called + Duration::from_secs(5)) + after
            }
        };
        // The wait is the point: nothing is waited for.
        thread::sleep(at.saturating_duration_since(Instant::now()));
        ingest.kill();
    });
    killer.await.unwrap();
    call.await.unwrap().ok()
}

/// What is known of each kind of release.
#[derive(Default)]
struct Known {
    measures: BTreeMap<Kind, Measure>,
    rows: BTreeMap<Kind, Rows>,
}

/// Takes some releases of each kind in, with nobody killed.
async fn measure() -> Known {
    let (services, _ingest) = Services::start();
    let mut known = Known::default();
    let mut newest = String::new();
    for number in 0..MEASURED * KINDS.len() {
        let kind = KINDS[number % KINDS.len()];
        let measure;
        (measure, newest) = measured(&services, &HandIn::new(kind, number, &newest)).await;
        known.measures.insert(kind, measure);
        let fresh = Fresh::of(&services.lake()).await;
        let rows = fresh.rows(fresh.of_edition(number).unwrap()).await;
        known.rows.insert(kind, rows);
    }
    known
}

/// The kind of the release whose ingest is killed: two of each, one after the other, and no partial update in a lake
/// where it has nothing to build on.
fn kind_of(kill: usize) -> Kind {
    KINDS[kill % KILLS_OF_A_LAKE / 2 % KINDS.len()]
}

/// Where an ingest is killed: over all of its work, and every other time over the part in which it writes.
fn point_of(kill: usize, measure: Measure) -> Point {
    // The lakes take every fourth point each.
    let place = kill % KILLS_OF_A_LAKE * LAKES + kill / KILLS_OF_A_LAKE;
    let whole = u32::try_from(LAKES * KILLS_OF_A_LAKE).unwrap();
    let part = |of: Duration| of * u32::try_from(place).unwrap() * 6 / 5 / whole;
    match kill % 2 {
        0 => Point::Called(part(measure.whole)),
        _ => Point::Writing(part(measure.writing)),
    }
}

/// Kills the ingest process again and again over one lake, from the commit on that makes it.
async fn kill_over_one_lake(
    kills: std::ops::Range<usize>,
    known: &mut Known,
    hits: &mut BTreeMap<Hit, usize>,
) {
    let (services, mut ingest) = Services::start();
    let (mut acknowledged, mut newest) = (BTreeSet::new(), String::new());
    for kill in kills.clone() {
        let kind = kind_of(kill);
        let release = HandIn::new(kind, kill, &newest);
        let begun = services.begun();
        let point = point_of(kill, known.measures[&kind]);
        let answer = killed_at(&services, ingest, release.clone(), point).await;

        let fresh = Fresh::of(&services.lake()).await;
        let found = fresh.of_edition(kill);
        let mut expected = acknowledged.clone();
        if let Some(release) = found {
            assert_eq!(fresh.rows(release).await, known.rows[&kind], "kill {kill}");
            expected.insert(release.id.to_string());
        }
        assert_eq!(fresh.ids(), expected, "kill {kill}");
        assert_eq!(services.client.releases().await, expected, "kill {kill}");
        let hit = match (found, &answer) {
            (Some(_), Some(_)) => Hit::AfterTheAnswer,
            (Some(_), None) => Hit::BetweenCommitAndAnswer,
            (None, Some((id, _))) => panic!("{id} was acknowledged, and is not there"),
            (None, None) if services.begun() > begun => Hit::BetweenFirstFileAndCommit,
            (None, None) => Hit::BeforeTheFirstFile,
        };
        *hits.entry(hit).or_default() += 1;
        if let (Some((_, taken)), Some(measure)) = (answer, known.measures.get_mut(&kind)) {
            measure.whole = taken;
        }

        ingest = services.restart();
        let (outcome, id) = services.client.hand_in_until_taken(&release).await;
        let as_expected = match found {
            Some(found) => {
                assert_eq!(id, found.id.to_string());
                Outcome::AlreadyIngested
            }
            None => Outcome::Ingested,
        };
        assert_eq!(outcome, as_expected, "kill {kill}");
        acknowledged.insert(id.clone());
        newest = id;
    }
    let fresh = Fresh::of(&services.lake()).await;
    assert_eq!(fresh.ids(), acknowledged);
    assert_eq!(fresh.problems().await, []);
    for kill in kills {
        let release = fresh.of_edition(kill).unwrap();
        let rows = fresh.rows(release).await;
        assert_eq!(rows, known.rows[&kind_of(kill)], "kill {kill}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_is_there_whole_or_not_at_all_wherever_its_ingest_is_killed() {
    let (mut known, mut hits) = (measure().await, BTreeMap::new());
    for lake in 0..LAKES {
        let first = lake * KILLS_OF_A_LAKE;
        kill_over_one_lake(first..first + KILLS_OF_A_LAKE, &mut known, &mut hits).await;
    }
    println!("kills hit: {hits:?}");
    assert_eq!(hits.values().sum::<usize>(), 200);
    // A test that kills an idle process tells nothing.
    for hit in [
        Hit::BeforeTheFirstFile,
        Hit::BetweenFirstFileAndCommit,
        Hit::AfterTheAnswer,
    ] {
        assert!(hits.get(&hit).is_some_and(|count| *count >= 10), "{hits:?}");
    }
}
