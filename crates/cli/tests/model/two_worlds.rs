//! The same history in two worlds, of which one has a release under embargo more, and all that is done to it.

use chrono::TimeDelta;

use super::check::{Play, question};
use regtrade_proto::v1;

use crate::{
    history::{self, Dice, Step, When},
    oracle::Question,
    world::{Submitted, World},
};

/// A history in which one step hands in a release under embargo, and no other step needs it; and which step that is.
fn history(seed: u64) -> (Vec<Step>, usize) {
    let mut dice = Dice::of(seed ^ 0x5eed);
    let mut steps = history::history(seed);
    steps.pop();
    // What is under embargo comes after it in the order, or would have to be built on it.
    for step in &mut steps {
        if let Step::Partial { when, .. } = step {
            *when = When::Now;
        }
    }
    let at = usize::try_from(dice.roll(steps.len() as u64)).unwrap();
    let mut hidden = history::history(seed + 1_000_000)
        .into_iter()
        .find(|step| matches!(step, Step::Whole { .. }))
        .unwrap();
    if let Step::Whole { when, .. } = &mut hidden {
        // Longer than the history lasts, without the wait at its end.
        *when = When::Hours(24 * 30);
    }
    insert(&mut steps, at, hidden);
    // Things happen to it, too.
    for _ in 0..dice.roll(3) {
        let later = at + 1 + usize::try_from(dice.roll((steps.len() - at) as u64)).unwrap();
        let step = match dice.roll(3) {
            0 => Step::Again(at),
            1 => Step::Withdraw(at),
            _ => Step::Reschedule(at, 24 * 31),
        };
        insert(&mut steps, later, step);
    }
    (steps, at)
}

/// Puts a step in, so that the others still name the same ones.
fn insert(steps: &mut Vec<Step>, at: usize, new: Step) {
    for step in &mut *steps {
        match step {
            Step::Partial { base: of, .. }
            | Step::Again(of)
            | Step::Withdraw(of)
            | Step::Reschedule(of, _)
                if *of >= at =>
            {
                *of += 1;
            }
            _ => {}
        }
    }
    steps.insert(at, new);
}

/// Plays a history in a world with it and in one without, and compares every byte that a public caller is given.
pub async fn run(worlds: [World; 2], seed: u64) {
    let (steps, hidden) = history(seed);
    let mut dice = Dice::of(!seed);
    let [with, without] = worlds;
    let (mut with, mut without) = (Play::of(with, seed), Play::of(without, seed));
    let watched = (with.world.watch().await, without.world.watch().await);
    for (at, step) in steps.iter().enumerate() {
        with.step(&steps, at).await;
        let of_hidden = match step {
            Step::Again(of) | Step::Withdraw(of) | Step::Reschedule(of, _) => *of == hidden,
            _ => at == hidden,
        };
        if !of_hidden {
            without.step(&steps, at).await;
        }
        let now = with.world.now();
        assert_eq!(now, without.world.now());
        if dice.one_in(2) {
            continue;
        }
        // The caller may even know the id, from wherever.
        let mut ids: Vec<String> = with.ids.values().cloned().collect();
        ids.dedup();
        let latest = Question::default();
        let some = question(&mut dice, false, now, &ids);
        let questions = [latest, some];
        let bytes = with.world.public_bytes(&questions, &ids).await;
        let other = without.world.public_bytes(&questions, &ids).await;
        for (nth, (one, other)) in bytes.iter().zip(&other).enumerate() {
            assert!(
                one == other,
                "REGTRADE_SEED={seed}, step {at}, answer {nth}:\n{}\n{}",
                String::from_utf8_lossy(one),
                String::from_utf8_lossy(other)
            );
        }
        assert_eq!(bytes.len(), other.len());
    }
    if let (Some(one), Some(other)) = watched {
        let told = (
            until_marked(&with, one).await,
            until_marked(&without, other).await,
        );
        assert_eq!(
            told.0, told.1,
            "REGTRADE_SEED={seed}: what watchers were told"
        );
    }
    // It was there all the time: once its instant has come, the worlds differ.
    let Some(id) = with.ids.get(&hidden) else {
        return;
    };
    let held = with.oracle.find(id).clone();
    if held.withdrawn_at.is_none() {
        with.world.set(held.published_at + TimeDelta::hours(1));
        without.world.set(held.published_at + TimeDelta::hours(1));
        let questions = [Question::default()];
        let bytes = with.world.public_bytes(&questions, &[]).await;
        assert!(
            bytes != without.world.public_bytes(&questions, &[]).await,
            "REGTRADE_SEED={seed}: the release under embargo never came"
        );
    }
}

/// What a watcher is told up to a release that is handed in now.
async fn until_marked(
    play: &Play,
    mut watched: tonic::Streaming<v1::WatchReleasesResponse>,
) -> Vec<v1::WatchReleasesResponse> {
    play.world.set(play.world.now() + TimeDelta::hours(1));
    let cells = vec![((2024, "BE1"), 77)];
    let marker = Step::Whole {
        cells,
        when: When::Now,
        correction: false,
    };
    let submitted = Submitted {
        edition: "marker".to_owned(),
        text: history::file(&marker).unwrap(),
        published_at: None,
        correction: false,
        base: None,
    };
    let (_, marker) = play.world.hand_in(&submitted).await.unwrap();
    // The marker is visible a moment after all that was before it.
    play.world.set(play.world.now() + TimeDelta::hours(1));
    let mut told = vec![];
    loop {
        let mut next = watched.message().await.unwrap().unwrap();
        let release = next.release.as_mut().unwrap();
        let done = release.release == marker.release;
        // What a release is for a period changes when an older one is loaded late, and a watcher may be told before or
        // after: that depends on the machine, in either world.
        release.slices.iter_mut().for_each(|slice| slice.kind = 0);
        told.push(next);
        if done {
            return told;
        }
    }
}
