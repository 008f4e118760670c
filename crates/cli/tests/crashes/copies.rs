//! Backups: the folder of the lake is copied while a platform keeps handing releases in.

use std::{
    collections::BTreeSet,
    fs,
    io::ErrorKind,
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use regtrade_lake::{Problem, ProblemKind};
use tempfile::TempDir;
use tokio::{sync::Semaphore, task::JoinHandle};

use super::hand_in::{Client, Fresh, HandIn, KINDS};
use crate::support::Process;

/// How many copies are taken in each way.
const COPIES: u64 = 20;

/// How many releases are handed in for each copy.
const RELEASES_PER_COPY: usize = 3;

const LOG: &str = "_delta_log";

/// A lake into which a platform keeps handing releases in.
struct Busy {
    folder: TempDir,
    acknowledged: Arc<Mutex<BTreeSet<String>>>,
    to_do: Arc<Semaphore>,
    platform: Option<JoinHandle<()>>,
    _up: Process,
}

impl Busy {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lake = folder.path().join("lake").display().to_string();
        let up = Process::start(&["up", "--lake", &lake, "--listen", "127.0.0.1:0"]);
        let client = Client::of(up.address());
        let (_, mut newest) = client.hand_in(&HandIn::new(KINDS[0], 0, "")).await.unwrap();
        let acknowledged = Arc::new(Mutex::new(BTreeSet::from([newest.clone()])));
        let to_do = Arc::new(Semaphore::new(0));
        let (known, permits) = (Arc::clone(&acknowledged), Arc::clone(&to_do));
        let platform = tokio::spawn(async move {
            let mut number = 0;
            while let Ok(permit) = permits.acquire().await {
                permit.forget();
                number += 1;
                let release = HandIn::new(KINDS[number % KINDS.len()], number, &newest);
                (_, newest) = client.hand_in(&release).await.unwrap();
                known.lock().unwrap().insert(newest.clone());
            }
        });
        Self {
            folder,
            acknowledged,
            to_do,
            platform: Some(platform),
            _up: up,
        }
    }

    /// Takes a copy at a moment. What was acknowledged before it began, and the copy.
    async fn copied(&self, moment: u64, copy: fn(&Path, &Path)) -> (BTreeSet<String>, TempDir) {
        let lake = self.folder.path().join("lake");
        let acknowledged = Arc::clone(&self.acknowledged);
        // Enough to do while the copy is taken, and not so much that the lake grows while the copy is verified.
        self.to_do.add_permits(RELEASES_PER_COPY);
        let copied = tokio::task::spawn_blocking(move || {
            // Moments that are spread over the work, each at another place of it.
            thread::sleep(Duration::from_millis(moment * 37 % 201));
            let before = acknowledged.lock().unwrap().clone();
            let to = tempfile::tempdir().unwrap();
            copy(&lake, &to.path().join("lake"));
            (before, to)
        });
        copied.await.unwrap()
    }

    /// Ends the work, of which there must have been some.
    async fn stop(mut self) {
        self.to_do.close();
        self.platform.take().unwrap().await.unwrap();
        assert!(self.acknowledged.lock().unwrap().len() > 5);
    }
}

/// Copies the folders of a lake in an order, by `rank`, and each folder as common tools do: its names are read first. A
/// file that went in between is left out: to such files the store was still writing.
fn copy_by(from: &Path, to: &Path, rank: fn(&str) -> u8) {
    fs::create_dir(to).unwrap();
    let mut entries: Vec<_> = fs::read_dir(from)
        .unwrap()
        .map(|entry| entry.unwrap())
        .collect();
    entries.sort_by_key(|entry| rank(&entry.file_name().to_string_lossy()));
    for entry in entries {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_by(&entry.path(), &to, rank);
        } else if let Err(error) = fs::copy(entry.path(), to) {
            let name = entry.file_name().to_string_lossy().into_owned();
            assert_eq!(error.kind(), ErrorKind::NotFound, "{name}: {error}");
            assert!(name.contains('#'), "{name} went");
        }
    }
}

fn log_first(from: &Path, to: &Path) {
    copy_by(from, to, |name| u8::from(name != LOG));
}

fn log_last(from: &Path, to: &Path) {
    copy_by(from, to, |name| u8::from(name == LOG));
}

fn as_the_folder_has_it(from: &Path, to: &Path) {
    copy_by(from, to, |_| 0);
}

/// With the command `cp`, whose complaint about a file to which the store was still writing does not matter.
fn with_cp(from: &Path, to: &Path) {
    let run = Command::new("cp")
        .arg("-a")
        .args([from, to])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(said.lines().all(|line| line.contains('#')), "{said}");
}

/// The commits of a copy from the first one on of which a file is missing.
fn torn(copy: &Path, problems: &[Problem]) -> Vec<std::path::PathBuf> {
    let mut commits: Vec<_> = fs::read_dir(copy.join("lake").join(LOG))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "json"))
        .collect();
    commits.sort();
    let whole = commits.iter().take_while(|commit| {
        let text = fs::read_to_string(commit).unwrap();
        let mut missing = problems.iter().filter(|p| p.kind == ProblemKind::Missing);
        !missing.any(|problem| text.contains(&problem.path))
    });
    let whole = whole.count();
    commits.split_off(whole)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_takes_the_log_first_verifies_and_has_all_that_was_acknowledged_before_it() {
    let busy = Busy::start().await;
    for moment in 0..COPIES {
        let (before, copy) = busy.copied(moment, log_first).await;
        let fresh = Fresh::of(&copy.path().join("lake")).await;
        assert_eq!(fresh.problems().await, [], "copy {moment}");
        let ids = fresh.ids();
        assert!(ids.is_superset(&before), "{before:?} {ids:?}");
    }
    busy.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_in_any_other_order_is_whole_too_or_is_told_to_be_torn_and_can_be_mended() {
    let busy = Busy::start().await;
    let (mut copies, mut torn_copies) = (0, 0);
    for moment in 0..COPIES / 3 {
        for way in [log_last, as_the_folder_has_it, with_cp] {
            copies += 1;
            let (before, copy) = busy.copied(moment, way).await;
            let lake = copy.path().join("lake");
            let problems = Fresh::verify(&lake).await;
            if !problems.is_empty() {
                torn_copies += 1;
                let of_a_torn_copy = |problem: &Problem| {
                    matches!(problem.kind, ProblemKind::Missing | ProblemKind::Copy)
                };
                assert!(problems.iter().all(of_a_torn_copy), "{problems:?}");
                // As `docs/operations.md` says.
                for commit in torn(copy.path(), &problems) {
                    fs::remove_file(commit).unwrap();
                }
            }
            let fresh = Fresh::of(&lake).await;
            assert_eq!(fresh.problems().await, [], "copy {moment}");
            let ids = fresh.ids();
            assert!(ids.is_superset(&before), "{before:?} {ids:?}");
        }
    }
    println!("{torn_copies} of {copies} copies were torn");
    busy.stop().await;
}
