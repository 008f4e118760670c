//! Releases as they are handed to a lake, and lakes to hand them to.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use regtrade_lake::{Committed, Lake, Slices, Submission};
use regtrade_model::{
    Area, BoundedFigure, Code, Dataflow, Digest, Edition, FigureKey, Indicator, Instant, Item,
    KeyPattern, ObsStatus, Observation, Origin, Period, PublishedFigure, Release, ReleaseId,
    RevisionKind, Slice,
};

pub fn instant(seconds: i64) -> Instant {
    Instant::from_timestamp(1_700_000_000 + seconds, 123_456_000).unwrap()
}

pub fn year(year: u16) -> Period {
    Period::of_year(year).unwrap()
}

/// What a moment is after another that the public was shown.
pub const MICROSECOND: chrono::TimeDelta = chrono::TimeDelta::microseconds(1);

/// A release that prints three figures of 2024.
pub fn printed(edition: &str, content: u8, published: i64) -> Submission {
    let edition: Edition = edition.parse().unwrap();
    let digest = Digest([content; 32]);
    let figure = |area, text: &str, decimals| PublishedFigure {
        key: FigureKey::overall(Item::P62, area, Indicator::Level, year(2024)),
        value: (!text.is_empty()).then(|| text.parse().unwrap()),
        decimals,
        unit_mult: 6,
        origin: Origin {
            line: 5,
            column: u32::from(content) + decimals,
        },
        source: (decimals == 1).then(|| "A regional office".to_owned()),
    };
    Submission {
        published_now: false,
        release: Release {
            id: ReleaseId::derive(Dataflow::Regtrd, &edition, &digest),
            dataflow: Dataflow::Regtrd,
            edition,
            published_at: instant(published),
            published_precision: Default::default(),
            loaded_at: instant(published),
            digest,
            files: vec![],
            slices: vec![slice(year(2024))],
            revision: None,
            builds_on: None,
            notes: vec!["Source: made up".to_owned()],
            findings: vec![],
            accepted_because: None,
            synthetic: false,
            withdrawn: None,
        },
        published: vec![
            figure(Area::BE3, "", 0),
            figure(Area::BE2, "-0.5", 1),
            figure(Area::BE1, "33408.40", 2),
        ],
        bounds: vec![BoundedFigure {
            key: FigureKey::overall(Item::P62, Area::BE1, Indicator::Level, year(2023)),
            lower: "33091.332".parse().unwrap(),
            upper: "33124.145".parse().unwrap(),
        }],
        observations: Slices::default(),
        made_from: BTreeMap::new(),
    }
}

/// A release of observations: of each year, products with a value each.
pub fn observed(
    edition: &str,
    content: u8,
    published: i64,
    slices: &[(u16, &[(&str, &str)])],
) -> Submission {
    let mut submission = printed(edition, content, published);
    submission.release.slices = slices.iter().map(|(at, _)| slice(year(*at))).collect();
    submission.published.clear();
    submission.bounds.clear();
    let rows = |at: u16, rows: &[(&str, &str)]| {
        let rows = rows.iter();
        rows.map(|(product, value)| observation(at, product, value))
            .collect()
    };
    let slices = slices.iter();
    let slices = slices.map(|(at, products)| (year(*at), rows(*at, products)));
    submission.observations = Slices::of(slices.collect()).unwrap();
    submission
}

/// The observations of a submission.
pub fn rows(submission: &Submission) -> BTreeMap<Period, Vec<Observation>> {
    let periods = submission.observations.summaries().keys();
    let mut slices: BTreeMap<_, Vec<_>> = periods.map(|period| (*period, vec![])).collect();
    for row in submission.observations.iter() {
        let row = row.unwrap().observation;
        slices.get_mut(&row.key.period.last()).unwrap().push(row);
    }
    slices
}

/// Changes the observations of a year of a submission.
pub fn change(submission: &mut Submission, at: u16, change: impl FnOnce(&mut Vec<Observation>)) {
    let mut slices = rows(submission);
    change(slices.get_mut(&year(at)).unwrap());
    submission.observations = Slices::of(slices).unwrap();
}

/// All that a slice of a release has.
pub async fn slice_of(lake: &Lake, at: u16, release: &Release) -> Vec<(ReleaseId, Observation)> {
    let slices = [(year(at), release)].into();
    let rows = lake.observations(&slices, &KeyPattern::default()).await;
    rows.unwrap()
}

pub fn observation(at: u16, product: &str, value: &str) -> Observation {
    Observation {
        key: key(at, product),
        value: (!value.is_empty()).then(|| value.parse().unwrap()),
        decimals: 1,
        unit_mult: 6,
        status: ObsStatus::A,
        conf: regtrade_model::ConfStatus::F,
    }
}

pub fn key(at: u16, product: &str) -> FigureKey {
    FigureKey {
        product: product.parse::<Code>().unwrap(),
        ..FigureKey::overall(Item::P61, Area::BE2, Indicator::Level, year(at))
    }
}

fn slice(period: Period) -> Slice {
    Slice {
        period,
        kind: RevisionKind::First,
        observations: None,
    }
}

pub fn lake(folder: &Path) -> Lake {
    Lake::at(folder.join("lake").to_str().unwrap()).unwrap()
}

/// Commits at an instant; the release must be new.
pub async fn commit(lake: &Lake, submission: &Submission, at: i64) -> Release {
    match lake.commit(submission, &|| instant(at)).await.unwrap() {
        Committed::New(release) => release,
        Committed::Before(release) => panic!("{} was there before", release.id),
    }
}

/// The editions of a lake, the newest first.
pub async fn editions(lake: &Lake) -> Vec<String> {
    let releases = lake.releases().await.unwrap();
    releases.iter().map(|r| r.edition.to_string()).collect()
}

/// All files below a folder, by path.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The files whose path contains a text.
pub fn files_with(folder: &Path, text: &str) -> Vec<PathBuf> {
    let all = files(folder).into_iter();
    all.filter(|path| path.to_str().unwrap().contains(text))
        .collect()
}

/// That a partial update was applied to a release alone.
pub fn made_from(base: &Release) -> BTreeMap<Period, ReleaseId> {
    let periods = base.periods();
    periods.map(|period| (period, base.id.clone())).collect()
}
