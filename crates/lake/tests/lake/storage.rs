//! How the lake lies in its folder: names, what is left behind, and what is refused.

use std::{fs, path::Path};

use regtrade_lake::{Committed, LakeError, SCHEMA_VERSION};
use regtrade_model::Change;

use crate::support::{commit, editions, files, files_with, instant, lake, observed, printed};

/// Rewrites the first commit, as another version of the software would have written it.
fn with_version(folder: &Path, version: u32) {
    let log = folder.join("lake/_delta_log/00000000000000000000.json");
    let text = fs::read_to_string(&log).unwrap();
    let from = format!("\"regtrade.schemaVersion\":\"{SCHEMA_VERSION}\"");
    let other = text.replace(&from, &format!("\"regtrade.schemaVersion\":\"{version}\""));
    assert_ne!(other, text);
    fs::write(&log, other).unwrap();
}

#[tokio::test]
async fn a_lake_of_another_schema_is_refused_with_a_clear_word() {
    for (version, word) in [
        (SCHEMA_VERSION + 1, "use a newer regtrade"),
        (1, "take its releases into a new lake"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        commit(&lake(folder.path()), &printed("2024", 1, 0), 0).await;
        with_version(folder.path(), version);
        let reopened = lake(folder.path());
        for refused in [
            reopened.releases().await.map(drop),
            reopened
                .commit(&printed("2025", 2, 0), &|| instant(0))
                .await
                .map(drop),
            reopened.verify().await.map(drop),
        ] {
            let refused = refused.unwrap_err();
            assert!(refused.to_string().contains(word), "{refused}");
        }
    }
}

#[tokio::test]
async fn the_files_of_a_release_have_the_same_names_in_every_lake() {
    let names = async || {
        let folder = tempfile::tempdir().unwrap();
        let lake = lake(folder.path());
        commit(&lake, &printed("a", 1, 0), 5).await;
        commit(&lake, &observed("b", 2, 1, &[(2020, &[("A", "1")])]), 6).await;
        let root = folder.path().join("lake");
        let found = files(&root.join("releases"));
        found
            .iter()
            .map(|file| file.strip_prefix(&root).unwrap().display().to_string())
            .collect::<Vec<_>>()
    };
    let first = names().await;
    assert_eq!(first, names().await);
    assert_eq!(first.len(), 5);
    assert!(first[0].starts_with("releases/REGTRD-a-0101010101010101/BOUND-"));
}

#[tokio::test]
async fn what_an_unfinished_commit_left_is_used_or_removed_by_the_next_one() {
    let folder = tempfile::tempdir().unwrap();
    // A commit that was killed right before its last step: all files are there, and the log does not name them.
    commit(&lake(folder.path()), &printed("2024", 1, 0), 5).await;
    let log = folder.path().join("lake/_delta_log");
    fs::remove_file(log.join("00000000000000000001.json")).unwrap();
    let left = files_with(folder.path(), "releases");
    assert_eq!(left.len(), 3);
    let lake_again = lake(folder.path());
    assert!(lake_again.releases().await.unwrap().is_empty());
    let notes = lake_again.verify().await.unwrap();
    assert_eq!((notes.problems, notes.notes.len()), (vec![], 3));

    let foreign = folder
        .path()
        .join("lake/releases/REGTRD-other-0000000000000000");
    fs::create_dir_all(&foreign).unwrap();
    let name = left[0].file_name().unwrap();
    fs::copy(&left[0], foreign.join(name)).unwrap();
    commit(&lake_again, &printed("2024", 1, 0), 9).await;
    let now = files_with(folder.path(), "REGTRD-2024-");
    assert_eq!(
        now.len(),
        3,
        "no doubles, and the record that was loaded at another time is gone"
    );
    assert!(
        foreign.join(name).exists(),
        "another release's folder is not touched"
    );
}

#[tokio::test]
async fn a_lake_that_was_only_begun_is_none_yet_and_is_made_by_the_next_commit() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("lake/_delta_log")).unwrap();
    let lake = lake(folder.path());
    assert!(lake.releases().await.unwrap().is_empty());
    commit(&lake, &printed("2024", 1, 0), 0).await;
    assert_eq!(editions(&lake).await, ["2024"]);
}

#[tokio::test]
async fn leftovers_are_removed_also_where_the_release_is_there_already() {
    let folder = tempfile::tempdir().unwrap();
    let lake = lake(folder.path());
    let release = commit(&lake, &printed("2024", 1, 0), 5).await;
    let inside = folder
        .path()
        .join("lake/releases")
        .join(release.id.as_str());
    let left = inside.join("RELEASE-00000000000000000000000000000000.parquet");
    fs::write(&left, "another try").unwrap();
    fs::write(inside.join("notes.txt"), "mine").unwrap();
    let again = lake
        .commit(&printed("2024", 1, 0), &|| instant(9))
        .await
        .unwrap();
    assert!(matches!(again, Committed::Before(_)));
    assert!(!left.exists());
    assert!(inside.join("notes.txt").exists(), "no file of a lake");
    assert_eq!(lake.published(&release).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_write_that_fails_leaves_nothing_to_be_seen_and_the_next_one_succeeds() {
    let folder = tempfile::tempdir().unwrap();
    let lake = lake(folder.path());
    commit(&lake, &printed("2023", 1, 0), 0).await;
    // The store cannot make the folder of the next release.
    let next = printed("2024", 2, 1);
    let blocked = folder
        .path()
        .join("lake/releases")
        .join(next.release.id.as_str());
    fs::write(&blocked, "in the way").unwrap();
    let failed = lake.commit(&next, &|| instant(1)).await.unwrap_err();
    assert!(matches!(failed, LakeError::Store(_)), "{failed}");
    assert_eq!(editions(&lake).await, ["2023"]);
    fs::remove_file(&blocked).unwrap();
    commit(&lake, &next, 1).await;
    assert_eq!(editions(&lake).await, ["2024", "2023"]);
}

#[tokio::test]
async fn a_long_history_is_opened_from_a_checkpoint_and_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let writer = lake(folder.path());
    let release = commit(&writer, &printed("2024", 1, 100_000), 0).await;
    let until = |at: i64| Change::Rescheduled {
        published_at: instant(at),
    };
    for at in 1..=205 {
        writer
            .record(&release.id, &until(50_000 + at), &|| instant(0))
            .await
            .unwrap();
    }
    assert_eq!(files_with(folder.path(), ".checkpoint.parquet").len(), 2);
    assert!(
        files_with(folder.path(), "_last_checkpoint").is_empty(),
        "a copy of the log could have it without the checkpoint"
    );
    // Without the commits before the checkpoint, only it can tell.
    for file in files_with(folder.path(), "_delta_log/0000000000000000000") {
        fs::rename(&file, folder.path().join(file.file_name().unwrap())).unwrap();
    }
    let reopened = lake(folder.path());
    let releases = reopened.releases().await.unwrap();
    assert_eq!(releases[0].published_at, instant(50_205));
    for file in files_with(folder.path(), "/0000000000000000000") {
        let name = file.file_name().unwrap();
        fs::rename(&file, folder.path().join("lake/_delta_log").join(name)).unwrap();
    }
    let found = reopened.verify().await.unwrap();
    assert_eq!((found.events, found.problems), (205, vec![]));
    commit(&reopened, &printed("2025", 2, 100_000), 0).await;
    assert_eq!(writer.releases().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_folder_that_lost_its_log_takes_nothing_in() {
    let folder = tempfile::tempdir().unwrap();
    commit(&lake(folder.path()), &printed("2023", 1, 0), 0).await;
    std::fs::remove_dir_all(folder.path().join("lake/_delta_log")).unwrap();
    let lost = lake(folder.path())
        .commit(&printed("2024", 2, 10), &|| instant(20))
        .await;
    assert!(matches!(lost.unwrap_err(), LakeError::LogLost(_)));
    assert!(!folder.path().join("lake/_delta_log").exists());
}
