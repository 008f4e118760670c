//! Releases one after the other: what comes back, in which order, and what is refused.

use regtrade_lake::{Committed, Lake, LakeError, Slices};
use regtrade_model::{Change, RevisionKind};

use crate::support::{
    MICROSECOND, change, commit, editions, files_with, instant, lake, made_from, observation,
    observed, printed, rows, slice_of, year,
};

#[tokio::test]
async fn a_release_comes_back_as_it_was_committed() {
    let folder = tempfile::tempdir().unwrap();
    let first = printed("2024", 1, 0);
    let committed = lake(folder.path()).commit(&first, &|| instant(0)).await;
    assert_eq!(
        committed.unwrap(),
        Committed::New(first.release.clone()),
        "its only slice is a first one"
    );
    let reopened = lake(folder.path());
    assert_eq!(
        reopened.releases().await.unwrap().as_slice(),
        std::slice::from_ref(&first.release)
    );
    let mut published = first.published.clone();
    published.sort_by_key(|figure| figure.origin);
    assert_eq!(
        reopened.published(&first.release).await.unwrap(),
        published,
        "in the order of the file, each with who printed it"
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
    let lake = lake(folder.path());
    let first = commit(&lake, &printed("2024", 1, 0), 0).await;
    let versions = files_with(folder.path(), "_delta_log").len();
    for edition in ["2024", "2024b"] {
        let again = lake.commit(&printed(edition, 1, 50), &|| instant(50)).await;
        assert_eq!(again.unwrap(), Committed::Before(first.clone()));
    }
    assert_eq!(files_with(folder.path(), "_delta_log").len(), versions);
}

#[tokio::test]
async fn the_same_bytes_are_taken_in_anew_only_under_another_edition_once_they_were_taken_back() {
    let lake = Lake::in_memory().unwrap();
    let first = commit(&lake, &printed("2024", 1, 0), 0).await;
    let because = Change::Withdrawn {
        because: "The wrong file".to_owned(),
    };
    lake.record(&first.id, &because, &|| instant(5))
        .await
        .unwrap();
    let same = lake
        .commit(&printed("2024", 1, 0), &|| instant(6))
        .await
        .unwrap();
    assert!(
        matches!(same, Committed::Before(release) if release.withdrawn.is_some()),
        "the same id is the same release, also where it was taken back"
    );
    commit(&lake, &printed("2024b", 1, 0), 7).await;
    let third = lake
        .commit(&printed("2024c", 1, 0), &|| instant(8))
        .await
        .unwrap();
    assert!(matches!(third, Committed::Before(release) if release.edition.as_str() == "2024b"));
}

#[tokio::test]
async fn the_newest_release_is_by_publication_and_then_by_commit() {
    let folder = tempfile::tempdir().unwrap();
    let writer = lake(folder.path());
    for (edition, content, published) in [
        ("late", 1, 30),
        ("early", 2, 10),
        ("tie-first", 3, 20),
        ("tie-second", 4, 20),
    ] {
        commit(&writer, &printed(edition, content, published), 100).await;
    }
    let expected = ["late", "tie-second", "tie-first", "early"];
    assert_eq!(editions(&writer).await, expected);
    assert_eq!(editions(&lake(folder.path())).await, expected);
}

#[tokio::test]
async fn a_release_is_loaded_when_it_is_committed_and_after_every_public_one() {
    let lake = Lake::in_memory().unwrap();
    let first = commit(&lake, &printed("a", 1, 0), 100).await;
    assert_eq!(first.loaded_at, instant(100));
    let second = commit(&lake, &printed("b", 2, 0), 40).await;
    let after = instant(100) + MICROSECOND;
    assert_eq!(second.loaded_at, after, "the clock went back");
}

#[tokio::test]
async fn when_a_release_was_loaded_does_not_betray_one_under_embargo_or_taken_back_under_it() {
    for cancelled in [false, true] {
        let (with, without) = (Lake::in_memory().unwrap(), Lake::in_memory().unwrap());
        let hidden = commit(&with, &printed("hidden", 1, 9_000), 200).await;
        if cancelled {
            let because = Change::Withdrawn {
                because: "Never mind".to_owned(),
            };
            with.record(&hidden.id, &because, &|| instant(201))
                .await
                .unwrap();
        }
        let next = printed("next", 2, 0);
        assert_eq!(
            commit(&with, &next, 150).await,
            commit(&without, &next, 150).await
        );
    }
}

#[tokio::test]
async fn a_slice_is_a_first_one_until_a_release_before_it_that_was_not_cancelled_has_the_period() {
    let lake = Lake::in_memory().unwrap();
    let kinds = async |id: &regtrade_model::ReleaseId| {
        let releases = lake.releases().await.unwrap();
        let release = releases.iter().find(|release| release.id == *id).unwrap();
        release
            .slices
            .iter()
            .map(|slice| slice.kind)
            .collect::<Vec<_>>()
    };
    let mut later = observed(
        "later",
        1,
        50,
        &[(2020, &[("A", "1")]), (2021, &[("A", "2")])],
    );
    later.release.revision = Some(RevisionKind::Correction);
    let later = commit(&lake, &later, 0).await;
    assert_eq!(kinds(&later.id).await, [RevisionKind::First; 2]);

    let early = commit(&lake, &observed("early", 2, 5, &[(2020, &[("A", "1")])]), 6).await;
    assert_eq!(
        kinds(&later.id).await,
        [RevisionKind::Correction, RevisionKind::First],
        "an old release that is loaded late comes before it"
    );
    assert_eq!(kinds(&early.id).await, [RevisionKind::First]);

    let third = commit(
        &lake,
        &observed("third", 3, 60, &[(2021, &[("A", "3")])]),
        7,
    )
    .await;
    assert_eq!(kinds(&third.id).await, [RevisionKind::Routine]);

    let because = Change::Withdrawn {
        because: "Never mind".to_owned(),
    };
    lake.record(&later.id, &because, &|| instant(20))
        .await
        .unwrap();
    assert_eq!(
        kinds(&third.id).await,
        [RevisionKind::First],
        "what was cancelled before it was public was nobody's first"
    );
}

#[tokio::test]
async fn an_old_release_that_is_loaded_late_changes_no_slice_of_a_newer_one() {
    let lake = Lake::in_memory().unwrap();
    let newer = commit(
        &lake,
        &observed("newer", 1, 50, &[(2020, &[("A", "2")])]),
        51,
    )
    .await;
    let old = commit(&lake, &observed("old", 2, 5, &[(2020, &[("A", "1")])]), 60).await;
    for (release, value) in [(&newer, "2"), (&old, "1")] {
        let expected = (release.id.clone(), observation(2020, "A", value));
        assert_eq!(slice_of(&lake, 2020, release).await, [expected]);
    }
    assert!(lake.deleted(&old).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_partial_update_is_refused_unless_it_was_made_for_the_release_right_before_it() {
    let lake = Lake::in_memory().unwrap();
    let first = commit(&lake, &observed("1", 1, 10, &[(2020, &[("A", "1")])]), 0).await;
    let second = commit(&lake, &observed("2", 2, 20, &[(2020, &[("A", "2")])]), 0).await;
    let update = |content: u8, published: i64, base: &regtrade_model::Release| {
        let mut update = observed("update", content, published, &[(2020, &[("A", "3")])]);
        update.release.builds_on = Some(base.id.clone());
        update.made_from = made_from(base);
        update
    };
    let refused = lake.commit(&update(3, 30, &first), &|| instant(0)).await;
    let refused = refused.unwrap_err();
    assert!(matches!(refused, LakeError::BaseMoved(_)), "{refused}");
    let told = refused.to_string();
    assert!(
        told.contains(second.id.as_str()) && told.contains("make the update for it"),
        "{told}"
    );
    commit(&lake, &update(3, 15, &first), 0).await;
    commit(&lake, &update(4, 30, &second), 0).await;
    let before_all = lake.commit(&update(5, 5, &first), &|| instant(0)).await;
    assert!(matches!(before_all.unwrap_err(), LakeError::BaseMoved(_)));

    let because = Change::Withdrawn {
        because: "Wrong".to_owned(),
    };
    let releases = lake.releases().await.unwrap();
    lake.record(&releases[0].id, &because, &|| instant(40))
        .await
        .unwrap();
    commit(&lake, &update(6, 30, &second), 0).await;
}

#[tokio::test]
async fn what_contradicts_itself_or_cannot_be_kept_exactly_is_refused_and_nothing_is_stored() {
    let good = || observed("2024", 1, 0, &[(2020, &[("A", "1"), ("B", "2")])]);
    let mut twice = good();
    change(&mut twice, 2020, |rows| rows.push(rows[0].clone()));
    let mut elsewhere = rows(&good());
    elsewhere.get_mut(&year(2020)).unwrap()[0].key.period = year(2021).into();
    let refused = Slices::of(elsewhere).unwrap_err().to_string();
    assert!(
        refused.contains("is among the observations of 2020"),
        "{refused}"
    );
    let mut unnamed = good();
    unnamed.release.slices.clear();
    let mut precise = good();
    change(&mut precise, 2020, |rows| {
        rows[0].value = Some("0.12345678901".parse().unwrap());
    });
    let mut precise_print = printed("2024", 1, 0);
    precise_print.published[0].value = Some("0.12345678901".parse().unwrap());
    for (wrong, word) in [
        (twice, "there twice"),
        (unnamed, "not among its periods"),
        (precise, "digits"),
        (precise_print, "digits"),
    ] {
        let lake = Lake::in_memory().unwrap();
        let refused = lake.commit(&wrong, &|| instant(0)).await.unwrap_err();
        assert!(refused.to_string().contains(word), "{refused}");
        assert!(lake.releases().await.unwrap().is_empty());
    }
}
