//! Verifying: every damage is found, and what does no harm is not one.

use std::{
    fs,
    path::{Path, PathBuf},
};

use regtrade_lake::{Lake, LakeError, ProblemKind, Verification};
use regtrade_model::Change;

use crate::support::{commit, files, files_with, instant, lake, observed, printed};

/// A lake with prints, slices that are shared and replaced, and an event.
async fn filled(folder: &Path) -> Lake {
    let lake = lake(folder);
    commit(&lake, &printed("print", 1, 0), 0).await;
    let first = observed(
        "1",
        2,
        10,
        &[(2020, &[("A", "1"), ("B", "2")]), (2021, &[("A", "3")])],
    );
    commit(&lake, &first, 0).await;
    let second = observed("2", 3, 20, &[(2020, &[("A", "1")]), (2021, &[("A", "3")])]);
    let second = commit(&lake, &second, 0).await;
    let change = Change::Withdrawn {
        because: "Wrong".to_owned(),
    };
    lake.record(&second.id, &change, &|| instant(30))
        .await
        .unwrap();
    lake
}

async fn verify(folder: &Path) -> Verification {
    lake(folder).verify().await.unwrap()
}

/// The kinds of the problems of a path that contains a text.
fn kinds(found: &Verification, path: &str) -> Vec<ProblemKind> {
    let problems = found.problems.iter();
    problems
        .filter(|problem| problem.path.contains(path))
        .map(|problem| problem.kind)
        .collect()
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 0x10;
    fs::write(path, bytes).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(from, to).unwrap();
}

#[tokio::test]
async fn a_whole_lake_is_counted_and_nothing_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path()).await;
    let found = verify(folder.path()).await;
    assert_eq!((&found.problems, &found.notes), (&vec![], &vec![]));
    assert_eq!((found.releases, found.events), (3, 1));
    let parquet = files_with(folder.path(), ".parquet");
    assert_eq!(found.files, parquet.len() as u64);
    let bytes: u64 = parquet
        .iter()
        .map(|file| fs::metadata(file).unwrap().len())
        .sum();
    assert_eq!(found.bytes, bytes);
    assert_eq!(
        found.rows,
        3 + 1 + (3 + 3 + 1) + 2,
        "records and event, the print and its bound, three observations, and one kept and one taken out"
    );
}

#[tokio::test]
async fn where_there_is_no_lake_nothing_is_verified() {
    let folder = tempfile::tempdir().unwrap();
    let error = lake(folder.path()).verify().await.unwrap_err();
    assert!(matches!(error, LakeError::NoLake(_)), "{error}");
}

#[tokio::test]
async fn a_flipped_byte_is_found_in_every_file_at_every_place() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path()).await;
    let all = files(&folder.path().join("lake"));
    assert_eq!(all.len(), 5 + 8);
    for path in all {
        let whole = fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        for part in 0..8 {
            flip(&path, (whole.len() - 1) * part / 7);
            // A commit may say another version of the lake then, which is an error of its own.
            if let Ok(found) = lake(folder.path()).verify().await {
                assert!(
                    !kinds(&found, name).is_empty(),
                    "{name} at {part}: {found:?}"
                );
            }
            fs::write(&path, &whole).unwrap();
        }
    }
    assert_eq!(verify(folder.path()).await.problems, []);
}

#[tokio::test]
async fn a_missing_file_is_named_with_its_release_and_the_others_are_still_verified() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path()).await;
    let gone = files_with(folder.path(), "PUBLISHED-").remove(0);
    fs::remove_file(&gone).unwrap();
    flip(&files_with(folder.path(), "BOUND-")[0], 40);
    let found = verify(folder.path()).await;
    assert_eq!(kinds(&found, "PUBLISHED-"), [ProblemKind::Missing]);
    assert_eq!(kinds(&found, "BOUND-"), [ProblemKind::Changed]);
    assert_eq!(found.problems.len(), 2, "{found:?}");
    let told = &found.problems[1];
    assert!(
        told.path.contains("PUBLISHED-") && told.what.contains("REGTRD-print-"),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_record_without_its_files_is_found() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path()).await;
    for file in files_with(folder.path(), "REGTRD-1-") {
        if !file.to_str().unwrap().contains("RELEASE-") {
            fs::remove_file(file).unwrap();
        }
    }
    let found = verify(folder.path()).await;
    assert_eq!(kinds(&found, "REGTRD-1-"), [ProblemKind::Missing]);
    assert_eq!(found.releases, 3);
}

#[tokio::test]
async fn a_file_too_many_is_found_wherever_it_is() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path()).await;
    let root = folder.path().join("lake");
    let live = files_with(folder.path(), "PUBLISHED-").remove(0);
    let name = live.file_name().unwrap();
    let strays: [PathBuf; 6] = [
        root.join("part-00000-stray.parquet"),
        live.with_file_name("PUBLISHED-00000000000000000000000000000000.parquet"),
        root.join("releases/REGTRD-none-0000000000000000")
            .join(name),
        root.join("events").join(name),
        root.join("_delta_log/notes.json"),
        live.with_extension("bak"),
    ];
    for stray in &strays {
        copy(&live, stray);
        let found = verify(folder.path()).await;
        let file = stray.strip_prefix(&root).unwrap().to_str().unwrap();
        assert_eq!(kinds(&found, file), [ProblemKind::Surplus], "{found:?}");
        assert_eq!(found.problems.len(), 1, "{found:?}");
        fs::remove_file(stray).unwrap();
    }
    fs::write(root.join("notes.txt"), "x").unwrap();
    assert_eq!(
        kinds(&verify(folder.path()).await, "notes.txt"),
        [ProblemKind::Surplus]
    );
}

#[tokio::test]
async fn a_file_that_the_log_names_and_no_record_is_found() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path()).await;
    let log = folder
        .path()
        .join("lake/_delta_log/00000000000000000001.json");
    let text = fs::read_to_string(&log).unwrap();
    let add = text.lines().find(|line| line.contains("BOUND-")).unwrap();
    let bound = files_with(folder.path(), "BOUND-").remove(0);
    let other = bound.with_file_name("BOUND-00000000000000000000000000000000.parquet");
    copy(&bound, &other);
    let name = bound.file_name().unwrap().to_str().unwrap();
    let more = add.replace(name, other.file_name().unwrap().to_str().unwrap());
    fs::write(&log, format!("{text}\n{more}")).unwrap();
    let found = verify(folder.path()).await;
    assert_eq!(
        kinds(&found, "00000000000000000001.json"),
        [ProblemKind::Log]
    );
    assert!(
        kinds(&found, "BOUND-0000").contains(&ProblemKind::Surplus),
        "{found:?}"
    );
    // Without the line of the record, what it names belongs to no release.
    let without: Vec<_> = text
        .lines()
        .filter(|line| !line.contains("RELEASE-"))
        .collect();
    fs::write(&log, without.join("\n")).unwrap();
    let found = verify(folder.path()).await;
    assert_eq!(
        kinds(&found, "PUBLISHED-"),
        [ProblemKind::Record],
        "{found:?}"
    );
}

#[tokio::test]
async fn a_gap_in_the_log_is_found_at_the_commit_after_it() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path()).await;
    let log = folder.path().join("lake/_delta_log");
    fs::remove_file(log.join("00000000000000000002.json")).unwrap();
    let found = verify(folder.path()).await;
    assert_eq!(
        kinds(&found, "00000000000000000003.json"),
        [ProblemKind::Log, ProblemKind::Sequence]
    );
    let slice = found
        .problems
        .iter()
        .find(|problem| problem.kind == ProblemKind::Slice);
    assert!(
        slice.unwrap().what.contains("REGTRD-1-"),
        "the release that stored the slice is gone: {found:?}"
    );
}

#[tokio::test]
async fn an_event_without_its_release_is_found() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path()).await;
    let log = folder
        .path()
        .join("lake/_delta_log/00000000000000000003.json");
    let text = fs::read_to_string(&log).unwrap();
    let txn = text
        .lines()
        .find(|line| line.starts_with("{\"txn\""))
        .unwrap();
    fs::write(&log, txn).unwrap();
    let found = verify(folder.path()).await;
    assert_eq!(kinds(&found, "EVENT-"), [ProblemKind::Event], "{found:?}");
}

#[tokio::test]
async fn a_broken_checkpoint_is_found_and_the_rest_is_verified_without_it() {
    let folder = tempfile::tempdir().unwrap();
    let writer = lake(folder.path());
    let release = commit(&writer, &printed("2024", 1, 100_000), 0).await;
    for at in 0..100 {
        let change = Change::Rescheduled {
            published_at: instant(50_000 + at),
        };
        writer
            .record(&release.id, &change, &|| instant(0))
            .await
            .unwrap();
    }
    let checkpoint = files_with(folder.path(), ".checkpoint.parquet").remove(0);
    let whole = fs::read(&checkpoint).unwrap();
    fs::write(&checkpoint, &whole[..whole.len() - 9]).unwrap();
    let found = verify(folder.path()).await;
    assert_eq!(kinds(&found, "checkpoint"), [ProblemKind::Log]);
    assert_eq!((found.events, found.problems.len()), (100, 1));
    fs::remove_file(&checkpoint).unwrap();
    assert_eq!(verify(folder.path()).await.problems, []);
    let hint = folder.path().join("lake/_delta_log/_last_checkpoint");
    fs::write(&hint, r#"{"version":100,"size":3}"#).unwrap();
    let found = verify(folder.path()).await;
    assert_eq!(kinds(&found, "_last_checkpoint"), [ProblemKind::Log]);
}

#[tokio::test]
async fn a_copy_that_takes_the_log_first_verifies_whatever_is_committed_meanwhile() {
    let (folder, backup) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let source = filled(folder.path()).await;
    let (from, to) = (folder.path().join("lake"), backup.path().join("lake"));
    let take = |part: &str| {
        for file in files(&from.join(part)) {
            copy(&file, &to.join(file.strip_prefix(&from).unwrap()));
        }
    };
    take("_delta_log");
    commit(&source, &printed("meanwhile", 9, 40), 40).await;
    take("events");
    take("releases");
    fs::write(to.join("releases/RELEASE-x.parquet#1"), "torn").unwrap();
    let found = verify(backup.path()).await;
    assert_eq!((found.releases, &found.problems), (3, &vec![]));
    assert_eq!(
        found.notes.len(),
        3 + 1,
        "what was being written is left aside"
    );
    commit(&lake(backup.path()), &printed("meanwhile", 9, 40), 50).await;
    assert_eq!(
        verify(backup.path()).await.releases,
        4,
        "and can be taken in again"
    );
}

#[tokio::test]
async fn a_copy_that_took_the_log_last_is_told_how_to_copy() {
    let folder = tempfile::tempdir().unwrap();
    let source = filled(folder.path()).await;
    commit(&source, &printed("meanwhile", 9, 40), 40).await;
    for file in files_with(folder.path(), "meanwhile") {
        fs::remove_file(file).unwrap();
    }
    let found = verify(folder.path()).await;
    assert_eq!(kinds(&found, "meanwhile"), [ProblemKind::Missing; 3]);
    let told = found
        .problems
        .iter()
        .find(|problem| problem.kind == ProblemKind::Copy);
    assert!(
        told.unwrap()
            .what
            .contains("Copy the folder `_delta_log` first")
    );
}
