//! A real Delta table in a folder: what is committed is there whole, what is not is not there at all.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path};

use regtrade_lake::{Committed, Lake, LakeError, SCHEMA_VERSION, Submission};
use regtrade_model::{
    Area, BoundedFigure, Dataflow, Digest, Edition, FigureKey, Indicator, Instant, Item, Origin,
    Period, PublishedFigure, Release, ReleaseId,
};

fn instant(seconds: i64) -> Instant {
    Instant::from_timestamp(1_700_000_000 + seconds, 123_456_000).unwrap()
}

fn submission(edition: &str, content: u8, published: i64) -> Submission {
    let edition: Edition = edition.parse().unwrap();
    let digest = Digest([content; 32]);
    let year = Period::of_year(2024).unwrap();
    let figure = |area, text: &str, decimals| PublishedFigure {
        key: FigureKey::overall(Item::P62, area, Indicator::Level, year),
        value: (!text.is_empty()).then(|| text.parse().unwrap()),
        decimals,
        unit_mult: 6,
        origin: Origin {
            line: 5,
            column: u32::from(content),
        },
    };
    Submission {
        release: Release {
            id: ReleaseId::derive(Dataflow::Regtrd, &edition, &digest),
            dataflow: Dataflow::Regtrd,
            edition,
            published_at: instant(published),
            loaded_at: instant(published + 7),
            digest,
            files: vec![],
            periods: vec![year],
            notes: vec!["Source: made up".to_owned()],
            findings: vec![],
            accepted_because: None,
        },
        published: vec![
            figure(Area::BE1, "33408.40", 2),
            figure(Area::BE2, "-0.5", 1),
            figure(Area::BE3, "", 0),
        ],
        bounds: vec![BoundedFigure {
            key: FigureKey::overall(
                Item::P62,
                Area::BE1,
                Indicator::Level,
                Period::of_year(2023).unwrap(),
            ),
            lower: "33091.332".parse().unwrap(),
            upper: "33124.145".parse().unwrap(),
        }],
    }
}

fn lake(folder: &Path) -> Lake {
    Lake::at(folder.join("lake").to_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_release_comes_back_as_it_was_committed() {
    let folder = tempfile::tempdir().unwrap();
    let first = submission("2024", 1, 0);
    assert_eq!(
        lake(folder.path())
            .commit(&first, &|| first.release.loaded_at)
            .await
            .unwrap(),
        Committed::New(first.release.clone())
    );
    let reopened = lake(folder.path());
    assert_eq!(
        reopened.releases().await.unwrap().as_slice(),
        std::slice::from_ref(&first.release)
    );
    assert_eq!(
        reopened.published(&first.release).await.unwrap(),
        first.published
    );
    assert_eq!(reopened.bounds(&first.release).await.unwrap(), first.bounds);
}

#[tokio::test]
async fn a_lake_that_is_not_there_yet_has_no_releases_and_is_not_made_by_reading() {
    let folder = tempfile::tempdir().unwrap();
    assert!(lake(folder.path()).releases().await.unwrap().is_empty());
    assert!(!folder.path().join("lake").exists());
}

#[tokio::test]
async fn the_same_bytes_twice_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (lake, first) = (lake(folder.path()), submission("2024", 1, 0));
    lake.commit(&first, &|| first.release.loaded_at)
        .await
        .unwrap();
    let versions = fs::read_dir(folder.path().join("lake/_delta_log"))
        .unwrap()
        .count();
    let again = submission("2024b", 1, 50);
    assert_eq!(
        lake.commit(&again, &|| again.release.loaded_at)
            .await
            .unwrap(),
        Committed::Before(first.release.clone())
    );
    assert_eq!(
        fs::read_dir(folder.path().join("lake/_delta_log"))
            .unwrap()
            .count(),
        versions
    );
}

#[tokio::test]
async fn the_newest_release_is_by_publication_and_then_by_commit() {
    let folder = tempfile::tempdir().unwrap();
    let lake = lake(folder.path());
    for (edition, content, published) in [
        ("late", 1, 30),
        ("early", 2, 10),
        ("tie-first", 3, 20),
        ("tie-second", 4, 20),
    ] {
        lake.commit(&submission(edition, content, published), &|| instant(100))
            .await
            .unwrap();
    }
    let mut loaded: Vec<_> = lake
        .releases()
        .await
        .unwrap()
        .iter()
        .map(|release| release.loaded_at)
        .collect();
    loaded.sort_unstable();
    loaded.dedup();
    assert_eq!(
        loaded.len(),
        4,
        "a clock that stands still does not make two releases loaded at once"
    );
    let editions: Vec<_> = lake
        .releases()
        .await
        .unwrap()
        .iter()
        .map(|release| release.edition.to_string())
        .collect();
    assert_eq!(editions, ["late", "tie-second", "tie-first", "early"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn commits_at_once_by_several_processes_end_with_each_release_once() {
    let folder = tempfile::tempdir().unwrap();
    let tries: Vec<_> = (0..8u8)
        .map(|at| {
            // Each has a view of the log of its own, as another process has; every release is tried twice.
            let lake = lake(folder.path());
            tokio::spawn(async move {
                lake.commit(&submission("2024", at / 2, at.into()), &|| instant(100))
                    .await
                    .unwrap()
            })
        })
        .collect();
    let mut new = 0;
    for committed in tries {
        new += usize::from(matches!(committed.await.unwrap(), Committed::New(_)));
    }
    assert_eq!(new, 4);
    let releases = lake(folder.path()).releases().await.unwrap();
    assert_eq!(releases.len(), 4);
    for release in releases.iter() {
        assert_eq!(
            lake(folder.path()).published(release).await.unwrap().len(),
            3
        );
    }
}

#[tokio::test]
async fn a_file_without_a_commit_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let lake_of_one = lake(folder.path());
    let first = submission("2024", 1, 0);
    lake_of_one
        .commit(&first, &|| first.release.loaded_at)
        .await
        .unwrap();
    let path = folder.path().join("lake");
    let parquet = fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|p| p.extension().is_some_and(|e| e == "parquet"));
    fs::copy(parquet.unwrap(), path.join("part-00000-stray.parquet")).unwrap();
    assert_eq!(lake(folder.path()).releases().await.unwrap().len(), 1);
    assert_eq!(
        lake(folder.path())
            .published(&first.release)
            .await
            .unwrap()
            .len(),
        3
    );
}

#[tokio::test]
async fn a_lake_of_a_newer_schema_is_refused_with_a_clear_word() {
    let folder = tempfile::tempdir().unwrap();
    lake(folder.path())
        .commit(&submission("2024", 1, 0), &|| instant(100))
        .await
        .unwrap();
    let log = folder
        .path()
        .join("lake/_delta_log/00000000000000000000.json");
    let text = fs::read_to_string(&log).unwrap();
    let newer = text.replace(
        &format!("\"regtrade.schemaVersion\":\"{SCHEMA_VERSION}\""),
        &format!("\"regtrade.schemaVersion\":\"{}\"", SCHEMA_VERSION + 1),
    );
    assert_ne!(newer, text);
    fs::write(&log, newer).unwrap();
    let refused = lake(folder.path()).releases().await.unwrap_err();
    assert!(
        matches!(refused, LakeError::NewerSchema { .. }),
        "{refused}"
    );
    assert!(
        refused.to_string().contains("use a newer regtrade"),
        "{refused}"
    );
    let refused = lake(folder.path())
        .commit(&submission("2025", 2, 0), &|| instant(100))
        .await
        .unwrap_err();
    assert!(
        matches!(refused, LakeError::NewerSchema { .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn a_value_that_the_lake_cannot_keep_exactly_is_refused_and_nothing_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = submission("2024", 1, 0);
    first.published[0].value = Some("0.12345678901".parse().unwrap());
    assert!(matches!(
        lake(folder.path())
            .commit(&first, &|| first.release.loaded_at)
            .await
            .unwrap_err(),
        LakeError::TooPrecise(_)
    ));
    assert!(lake(folder.path()).releases().await.unwrap().is_empty());
}
