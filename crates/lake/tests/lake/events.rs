//! What happens to releases: appended, in order, and only where it can.

use regtrade_lake::{Lake, LakeError};
use regtrade_model::{Change, NotAllowed, Release};

use crate::support::{MICROSECOND, commit, editions, instant, lake, made_from, observed, printed};

fn withdrawn() -> Change {
    Change::Withdrawn {
        because: "A wrong column".to_owned(),
    }
}

fn until(seconds: i64) -> Change {
    Change::Rescheduled {
        published_at: instant(seconds),
    }
}

#[tokio::test]
async fn a_withdrawn_release_says_since_when_and_why_also_to_who_opens_the_lake_later() {
    let folder = tempfile::tempdir().unwrap();
    let writer = lake(folder.path());
    let release = commit(&writer, &printed("2024", 1, 0), 10).await;
    let after = writer
        .record(&release.id, &withdrawn(), &|| instant(20))
        .await
        .unwrap();
    let withdrawal = after.withdrawn.clone().unwrap();
    assert_eq!(
        (withdrawal.at, withdrawal.because.as_str()),
        (instant(20), "A wrong column")
    );
    for lake in [&writer, &writer.clone(), &lake(folder.path())] {
        assert_eq!(
            lake.releases().await.unwrap().as_slice(),
            std::slice::from_ref(&after)
        );
        assert_eq!(
            lake.published(&after).await.unwrap().len(),
            3,
            "nothing is lost"
        );
    }
}

#[tokio::test]
async fn a_postponed_release_takes_its_new_place_in_the_order() {
    let lake = Lake::in_memory().unwrap();
    let moved = commit(&lake, &printed("moved", 1, 100), 0).await;
    commit(&lake, &printed("other", 2, 200), 0).await;
    assert_eq!(editions(&lake).await, ["other", "moved"]);
    let moved = lake
        .record(&moved.id, &until(300), &|| instant(50))
        .await
        .unwrap();
    assert_eq!(moved.published_at, instant(300));
    assert_eq!(editions(&lake).await, ["moved", "other"]);
    lake.record(&moved.id, &until(60), &|| instant(60))
        .await
        .unwrap();
    assert_eq!(
        editions(&lake).await,
        ["other", "moved"],
        "the last word counts"
    );
}

#[tokio::test]
async fn what_cannot_happen_is_refused_and_leaves_no_trace() {
    let lake = Lake::in_memory().unwrap();
    let public = commit(&lake, &printed("public", 1, 0), 10).await;
    let hidden = commit(&lake, &printed("hidden", 2, 1_000), 10).await;
    let mut update = observed("update", 3, 2_000, &[(2020, &[("A", "1")])]);
    update.release.builds_on = Some(hidden.id.clone());
    update.made_from = made_from(&hidden);
    commit(&lake, &update, 10).await;
    let before = lake.releases().await.unwrap();
    type Expected = fn(&NotAllowed) -> bool;
    let cases: [(&Release, Change, Expected); 3] = [
        (&public, until(100), |why| {
            matches!(why, NotAllowed::Public(_))
        }),
        (&hidden, until(1), |why| matches!(why, NotAllowed::Past(_))),
        (&hidden, until(3_000), |why| {
            matches!(why, NotAllowed::BuiltUpon(_))
        }),
    ];
    for (release, change, expected) in cases {
        let refused = lake.record(&release.id, &change, &|| instant(50)).await;
        let refused = refused.unwrap_err();
        assert!(
            matches!(&refused, LakeError::NotAllowed(why) if expected(why)),
            "{refused}"
        );
    }
    let nobody = printed("nobody", 9, 0).release.id;
    let refused = lake
        .record(&nobody, &withdrawn(), &|| instant(50))
        .await
        .unwrap_err();
    assert!(matches!(refused, LakeError::NoRelease(_)), "{refused}");
    assert_eq!(lake.releases().await.unwrap(), before);
    lake.record(&public.id, &withdrawn(), &|| instant(50))
        .await
        .unwrap();
    let twice = lake
        .record(&public.id, &withdrawn(), &|| instant(51))
        .await
        .unwrap_err();
    assert!(matches!(
        twice,
        LakeError::NotAllowed(NotAllowed::Withdrawn(_))
    ));
    assert_eq!(lake.verify().await.unwrap().events, 1);
}

#[tokio::test]
async fn nothing_happens_to_a_release_of_a_lake_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let id = printed("2024", 1, 0).release.id;
    let refused = lake(folder.path())
        .record(&id, &withdrawn(), &|| instant(0))
        .await;
    assert!(matches!(refused.unwrap_err(), LakeError::NoRelease(_)));
    assert!(!folder.path().join("lake").exists());
}

#[tokio::test]
async fn an_event_is_never_recorded_before_its_release_was_loaded() {
    let lake = Lake::in_memory().unwrap();
    let release = commit(&lake, &printed("2024", 1, 0), 100).await;
    let after = lake
        .record(&release.id, &withdrawn(), &|| instant(30))
        .await
        .unwrap();
    assert_eq!(
        after.withdrawn.unwrap().at,
        instant(100) + MICROSECOND,
        "the clock went back"
    );
}
