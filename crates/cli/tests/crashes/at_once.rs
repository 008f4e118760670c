//! Two processes that take releases in at once, over one lake.

use regtrade_proto::v1::Outcome;

use super::hand_in::{Client, Fresh, HandIn, KINDS, Kind};
use crate::support::Process;

/// How often two are taken in at once.
const ROUNDS: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn two_ingests_at_once_end_with_one_release_if_it_is_the_same_and_with_both_if_not() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    let up = || {
        let lake = lake.display().to_string();
        Process::start(&["up", "--lake", &lake, "--listen", "127.0.0.1:0"])
    };
    let processes = [up(), up()];
    let [one, other] = [0, 1].map(|at: usize| Client::of(processes[at].address()));

    let mut newest = String::new();
    for round in 0..ROUNDS {
        // The first round is the one that makes the lake, so it has nothing to build on.
        let kind = KINDS[round % KINDS.len()];
        let number = 3 * round;
        let same = HandIn::new(kind, number, &newest);
        let (a, b) = tokio::join!(one.hand_in(&same), other.hand_in(&same));
        let (a, b) = (a.unwrap(), b.unwrap());
        assert_eq!(a.1, b.1);
        let mut outcomes = [a.0, b.0];
        outcomes.sort();
        assert_eq!(outcomes, [Outcome::Ingested, Outcome::AlreadyIngested]);

        let different = [number + 1, number + 2].map(|number| {
            let kind = KINDS[(round + number) % (KINDS.len() - 1)];
            HandIn::new(kind, number, "")
        });
        let (c, d) = tokio::join!(one.hand_in(&different[0]), other.hand_in(&different[1]));
        let (c, d) = (c.unwrap(), d.unwrap());
        assert_eq!((c.0, d.0), (Outcome::Ingested, Outcome::Ingested));

        let fresh = Fresh::of(&lake).await;
        for (number, id) in [(number, &a.1), (number + 1, &c.1), (number + 2, &d.1)] {
            let release = fresh.of_edition(number).unwrap();
            assert_eq!(release.id.as_str(), id);
        }
        assert_eq!(fresh.ids().len(), 3 * (round + 1));
        newest = fresh.newest();
    }
    let fresh = Fresh::of(&lake).await;
    assert_eq!(fresh.problems().await, []);
    assert_eq!(one.releases().await, fresh.ids());
    assert_eq!(other.releases().await, fresh.ids());
}

/// Of two partial updates of the same release only one can come right after it.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_partial_updates_of_one_release_at_once_one_is_told_that_the_other_came_first() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    let up = || {
        let lake = lake.display().to_string();
        Process::start(&["up", "--lake", &lake, "--listen", "127.0.0.1:0"])
    };
    let processes = [up(), up()];
    let [one, other] = [0, 1].map(|at: usize| Client::of(processes[at].address()));
    let (_, mut base) = one.hand_in(&HandIn::new(Kind::Data, 0, "")).await.unwrap();
    for round in 0..5 {
        let updates = [1, 2].map(|of| HandIn::new(Kind::Partial, 2 * round + of, &base));
        let (a, b) = tokio::join!(one.hand_in(&updates[0]), other.hand_in(&updates[1]));
        let (taken, refused) = match (a, b) {
            (Ok(taken), Err(refused)) | (Err(refused), Ok(taken)) => (taken, refused),
            both => panic!("{both:?}"),
        };
        assert_eq!(taken.0, Outcome::Ingested);
        let failure = regtrade_service::Failure::from_status(&refused);
        assert_eq!(failure.reason, "BASE_MOVED");
        base = taken.1;
    }
    assert_eq!(Fresh::of(&lake).await.problems().await, []);
}
