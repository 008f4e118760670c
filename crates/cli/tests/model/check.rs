//! A history, step by step in a world and in the oracle; then questions to both.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use regtrade_model::Instant;
use regtrade_proto::{instant, v1};

use crate::{
    history::{self, Change, Dice, Step, When, beginning},
    oracle::{Held, Oracle, Question},
    world::{Submitted, World},
};

/// A history in a world, with the oracle beside it.
pub struct Play {
    pub world: World,
    pub oracle: Oracle,
    /// The ids of what was handed in, by the number of the step.
    pub ids: BTreeMap<usize, String>,
    name: String,
}

impl Play {
    pub fn of(world: World, seed: u64) -> Self {
        Self {
            world,
            oracle: Oracle::default(),
            ids: BTreeMap::new(),
            name: format!("REGTRADE_SEED={seed}"),
        }
    }

    /// Does a step in both, and holds what came of it against each other.
    pub async fn step(&mut self, steps: &[Step], at: usize) {
        let name = format!("{}, step {at}: {:?}", self.name, steps[at]);
        let now = self.world.now();
        match &steps[at] {
            Step::Wait(minutes) => self.world.set(now + TimeDelta::minutes(*minutes)),
            Step::Whole { .. } | Step::Partial { .. } => self.hand_in(steps, at, &name).await,
            Step::Again(of) => self.again(steps, *of, &name).await,
            Step::Withdraw(of) => {
                let Some(id) = self.ids.get(of).cloned() else {
                    return;
                };
                let expected = self.oracle.may_withdraw(&id, now);
                let found = self.world.withdraw(&id).await;
                assert_eq!(
                    found.as_ref().err().map(String::as_str),
                    expected.err(),
                    "{name}"
                );
                if let Ok(release) = found {
                    let at = instant("withdrawn_at", &release.withdrawn_at.unwrap()).unwrap();
                    let mut releases = self.oracle.releases.iter_mut();
                    let held = releases.find(|held| held.id == id).unwrap();
                    held.withdrawn_at = Some(at);
                }
            }
            Step::Reschedule(of, hours) => {
                let Some(id) = self.ids.get(of).cloned() else {
                    return;
                };
                let to = now + TimeDelta::hours(*hours);
                let expected = self.oracle.reschedule(&id, to, now);
                let found = self.world.reschedule(&id, to).await;
                assert_eq!(found.err().as_deref(), expected.err(), "{name}");
            }
        }
    }

    /// What is handed in at a step; `None` where it builds on what was never taken in.
    fn submitted(&self, steps: &[Step], at: usize, now: Instant) -> Option<Submitted> {
        let (when, correction, base) = match &steps[at] {
            Step::Whole {
                when, correction, ..
            } => (when, *correction, None),
            Step::Partial { when, base, .. } => (when, false, Some(self.ids.get(base)?.clone())),
            _ => return None,
        };
        Some(Submitted {
            edition: format!("step{at}"),
            text: history::file(&steps[at])?,
            published_at: match when {
                When::Now => None,
                When::Hours(hours) => Some(now + TimeDelta::hours(*hours)),
            },
            correction,
            base,
        })
    }

    async fn hand_in(&mut self, steps: &[Step], at: usize, name: &str) {
        let now = self.world.now();
        let Some(submitted) = self.submitted(steps, at, now) else {
            return;
        };
        let published_at = submitted.published_at.unwrap_or(now);
        let slices = match &steps[at] {
            Step::Whole { cells, .. } => {
                let mut slices: BTreeMap<u16, BTreeMap<&'static str, u64>> = BTreeMap::new();
                for ((year, area), value) in cells {
                    slices.entry(*year).or_default().insert(area, *value);
                }
                Ok(slices)
            }
            Step::Partial { changes, .. } => {
                let base = submitted.base.as_deref().unwrap();
                let mut cells: Vec<_> = changes.iter().filter_map(Change::cell).collect();
                let many = cells.len();
                cells.sort_unstable();
                cells.dedup();
                match self.oracle.base(published_at) {
                    // The file itself is wrong, whatever it is for.
                    _ if cells.len() < many => Err("REFUSED"),
                    _ if self.oracle.is_built_upon(base) => Err("BASE_MOVED"),
                    Some(newest) if newest.id == base => self.oracle.changed(base, changes),
                    _ => Err("BASE_MOVED"),
                }
            }
            _ => return,
        };
        let slices = slices.and_then(|slices| {
            let held = Held {
                id: String::new(),
                digest: String::new(),
                published_at,
                loaded_at: now,
                slices,
                base: submitted.base.clone(),
                withdrawn_at: None,
            };
            if self.oracle.undoes(&held, now) {
                return Err("NOT_ALLOWED");
            }
            Ok(held.slices)
        });
        let found = self.world.hand_in(&submitted).await;
        // The same bytes came before, in another step.
        if let Ok((false, release)) = &found {
            let known = self.oracle.find(&release.release);
            assert_eq!(known.digest, release.digest, "{name}");
            assert!(known.withdrawn_at.is_none(), "{name}");
            return;
        }
        match (found, slices) {
            (Ok((_, release)), Ok(slices)) => {
                let times =
                    |field: Option<prost_types::Timestamp>| instant("at", &field.unwrap()).unwrap();
                assert_eq!(times(release.published_at), published_at, "{name}");
                let loaded_at = times(release.loaded_at);
                assert!(loaded_at >= now, "{name}");
                let twice = self
                    .oracle
                    .releases
                    .iter()
                    .any(|held| held.digest == release.digest && held.withdrawn_at.is_none());
                assert!(!twice, "{name}: the same bytes are there twice");
                self.kinds(&release, &slices, published_at, name);
                self.oracle.releases.push(Held {
                    id: release.release.clone(),
                    digest: release.digest,
                    published_at,
                    loaded_at,
                    slices,
                    base: submitted.base,
                    withdrawn_at: None,
                });
                self.ids.insert(at, release.release);
            }
            (Err(found), Err(expected)) => assert_eq!(found, expected, "{name}"),
            (found, expected) => panic!("{name}: {found:?} and not {expected:?}"),
        }
    }

    /// What the release is said to be for each period.
    fn kinds(
        &self,
        release: &v1::Release,
        slices: &BTreeMap<u16, BTreeMap<&'static str, u64>>,
        published_at: Instant,
        name: &str,
    ) {
        let years: Vec<String> = slices.keys().map(ToString::to_string).collect();
        assert_eq!(release.periods, years, "{name}");
        for (shown, (year, slice)) in release.slices.iter().zip(slices) {
            let before = self.oracle.releases.iter().any(|held| {
                let cancelled = held.withdrawn_at.is_some_and(|at| at <= held.published_at);
                held.published_at <= published_at && !cancelled && held.slices.contains_key(year)
            });
            let first = shown.kind() == v1::RevisionKind::FirstRelease;
            assert_eq!(first, !before, "{name}: {year}");
            assert_eq!(shown.observations, slice.len() as u64, "{name}: {year}");
        }
    }

    async fn again(&self, steps: &[Step], of: usize, name: &str) {
        let Some(id) = self.ids.get(&of) else {
            return;
        };
        let now = self.world.now();
        let Some(submitted) = self.submitted(steps, of, now) else {
            return;
        };
        let (is_new, release) = self.world.hand_in(&submitted).await.unwrap();
        assert!(!is_new && release.release == *id, "{name}: {release:?}");
    }

    /// Asks both a question.
    pub async fn ask(&self, question: &Question) {
        let now = self.world.now();
        let expected = self.oracle.answer(question, now);
        let found = self.world.answer(question).await;
        assert_eq!(
            found,
            expected.map_err(str::to_owned),
            "{} at {now:?}: {question:?}",
            self.name
        );
    }
}

/// A question about what was, which nobody is refused for its instants.
pub fn question(dice: &mut Dice, preview: bool, now: Instant, ids: &[String]) -> Question {
    let past = |dice: &mut Dice| {
        let minutes = (now - beginning()).num_minutes();
        let minutes = dice.roll(u64::try_from(minutes + 200).unwrap());
        now - TimeDelta::minutes(i64::try_from(minutes).unwrap())
    };
    let mut question = Question {
        preview,
        ..Question::default()
    };
    match dice.roll(4) {
        0 => {}
        1 | 2 => question.by = Some(past(dice)),
        _ if ids.is_empty() => {}
        _ => {
            let at = usize::try_from(dice.roll(ids.len() as u64)).unwrap();
            question.release = Some(ids[at].clone());
        }
    }
    if question.by.is_some() && dice.one_in(3) {
        question.known_at = Some(past(dice));
    }
    question
}

/// Plays a history, and asks after each step.
pub async fn run(world: World, seed: u64) {
    let steps = history::history(seed);
    let mut dice = Dice::of(!seed);
    let mut play = Play::of(world, seed);
    for at in 0..steps.len() {
        play.step(&steps, at).await;
        let now = play.world.now();
        let ids: Vec<String> = play.ids.values().cloned().collect();
        for preview in [false, true] {
            let shown = play.world.list(preview).await.unwrap().releases;
            let shown: Vec<String> = shown.into_iter().map(|release| release.release).collect();
            assert_eq!(
                shown,
                play.oracle.list(preview, now),
                "{} step {at}",
                play.name
            );
            let question = question(&mut dice, preview, now, &ids);
            play.ask(&question).await;
        }
    }
    for preview in [false, true] {
        let now = play.world.now();
        let ids: Vec<String> = play.ids.values().cloned().collect();
        play.ask(&Question {
            preview,
            ..Question::default()
        })
        .await;
        for _ in 0..3 {
            let question = question(&mut dice, preview, now, &ids);
            play.ask(&question).await;
        }
    }
}
