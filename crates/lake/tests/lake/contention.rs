//! Several writers at once, each with a view of the log of its own, as other processes have.

use regtrade_lake::{Committed, Lake, LakeError, Submission};
use regtrade_model::Change;

use crate::support::{commit, editions, instant, lake, made_from, observed, printed, slice_of};

/// Commits all at once, each through its own lake.
async fn at_once(lakes: Vec<(Lake, Submission)>) -> Vec<Result<Committed, LakeError>> {
    let tries: Vec<_> = lakes
        .into_iter()
        .map(|(lake, submission)| {
            tokio::spawn(async move { lake.commit(&submission, &|| instant(100)).await })
        })
        .collect();
    let mut ends = vec![];
    for end in tries {
        ends.push(end.await.unwrap());
    }
    ends
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_release_at_once_is_new_for_one_and_there_before_for_the_other() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let both = [(); 2].map(|()| (lake(folder.path()), printed("2024", 1, 0)));
        let ends = at_once(both.into()).await;
        let new = ends
            .iter()
            .filter(|end| matches!(end, Ok(Committed::New(_))))
            .count();
        let before = ends
            .iter()
            .filter(|end| matches!(end, Ok(Committed::Before(_))))
            .count();
        assert_eq!((new, before), (1, 1));
        let reader = lake(folder.path());
        let releases = reader.releases().await.unwrap();
        assert_eq!(reader.published(&releases[0]).await.unwrap().len(), 3);
        let found = reader.verify().await.unwrap();
        assert_eq!((found.releases, found.problems), (1, vec![]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn different_releases_at_once_all_come_in() {
    let folder = tempfile::tempdir().unwrap();
    let all = (0..8u8).map(|at| {
        // Every release is tried twice, and all but one of those that come later replace a slice.
        let at = at / 2;
        let value = format!("{at}.5");
        let submission = observed(&format!("{at}"), at, at.into(), &[(2020, &[("A", &value)])]);
        (lake(folder.path()), submission)
    });
    let ends = at_once(all.collect()).await;
    let new = ends
        .iter()
        .filter(|end| matches!(end, Ok(Committed::New(_))))
        .count();
    assert_eq!(new, 4);
    let reader = lake(folder.path());
    assert_eq!(editions(&reader).await, ["3", "2", "1", "0"]);
    for release in reader.releases().await.unwrap().iter() {
        let rows = slice_of(&reader, 2020, release).await;
        let value = format!("{}.5", release.edition);
        assert_eq!(rows[0].1.value.unwrap().to_string(), value);
    }
    let found = reader.verify().await.unwrap();
    assert_eq!((found.releases, found.problems), (4, vec![]));
    assert_eq!(found.notes, [], "who came second cleaned up after itself");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_partial_updates_at_once_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let base = commit(
        &lake(folder.path()),
        &observed("base", 1, 0, &[(2020, &[("A", "1")])]),
        0,
    )
    .await;
    let both = [2u8, 3].map(|content| {
        let mut update = observed(&format!("{content}"), content, 10, &[(2020, &[("A", "2")])]);
        update.release.builds_on = Some(base.id.clone());
        update.made_from = made_from(&base);
        (lake(folder.path()), update)
    });
    let ends = at_once(both.into()).await;
    let new = ends
        .iter()
        .filter(|end| matches!(end, Ok(Committed::New(_))))
        .count();
    let refused = ends
        .iter()
        .filter(|end| matches!(end, Err(LakeError::BaseMoved(_))))
        .count();
    assert_eq!((new, refused), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_withdrawals_at_once_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let id = commit(&lake(folder.path()), &printed("2024", 1, 0), 0)
        .await
        .id;
    let tries = [(); 2].map(|()| {
        let (lake, id) = (lake(folder.path()), id.clone());
        tokio::spawn(async move {
            let change = Change::Withdrawn {
                because: "Wrong".to_owned(),
            };
            lake.record(&id, &change, &|| instant(1)).await
        })
    });
    let mut done = 0;
    for end in tries {
        match end.await.unwrap() {
            Ok(_) => done += 1,
            Err(error) => assert!(matches!(error, LakeError::NotAllowed(_)), "{error}"),
        }
    }
    assert_eq!(done, 1);
}

#[tokio::test]
async fn clones_of_a_lake_in_memory_share_it_and_other_lakes_do_not() {
    let lake = Lake::in_memory().unwrap();
    let clone = lake.clone();
    commit(&lake, &printed("2024", 1, 0), 0).await;
    assert_eq!(editions(&clone).await, ["2024"]);
    commit(&clone, &printed("2025", 2, 1), 0).await;
    assert_eq!(editions(&lake).await, ["2025", "2024"]);
    assert!(editions(&Lake::in_memory().unwrap()).await.is_empty());
}
