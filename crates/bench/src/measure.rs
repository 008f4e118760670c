//! Measuring: two things by turns, so that what else the machine does meets both alike, and medians.

use std::time::{Duration, Instant as Stopwatch};

/// The times of two things that were measured by turns.
#[derive(Debug, Default)]
pub struct Pair {
    one: Vec<Duration>,
    other: Vec<Duration>,
}

impl Pair {
    /// Notes the times of one round.
    pub fn note(&mut self, one: Duration, other: Duration) {
        self.one.push(one);
        self.other.push(other);
    }

    /// The medians, in milliseconds.
    pub fn medians(&self) -> (f64, f64) {
        let of = |times: &[Duration]| median(times.iter().map(|time| milliseconds(*time)));
        (of(&self.one), of(&self.other))
    }

    /// The median, over the rounds, of the second time as a multiple of the first. The two times of a round met the
    /// machine in the same state, those of two rounds may not: so this says more than the ratio of the medians.
    pub fn ratio(&self) -> f64 {
        let rounds = self.one.iter().zip(&self.other);
        median(rounds.map(|(one, other)| milliseconds(*other) / milliseconds(*one)))
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// The middle one of some numbers, of an even number of them the upper one.
fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

/// How long some work takes.
///
/// # Errors
/// That of the work.
pub async fn time<T, E>(work: impl Future<Output = Result<T, E>>) -> Result<Duration, E> {
    let begin = Stopwatch::now();
    let done = work.await?;
    let taken = begin.elapsed();
    // What came out is given back after the time is taken.
    drop(done);
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slow_round_does_not_move_the_median() {
        let mut pair = Pair::default();
        for (one, other) in [(10, 11), (10, 11), (9_000, 11), (10, 12), (9, 9_000)] {
            pair.note(Duration::from_millis(one), Duration::from_millis(other));
        }
        assert_eq!(pair.medians(), (10.0, 11.0));
        assert!((pair.ratio() - 1.1).abs() < 1e-9);
    }

    #[test]
    fn a_machine_that_gets_slower_slows_both_and_not_the_ratio() {
        let mut pair = Pair::default();
        for slowness in [1, 1, 2, 5, 9] {
            let [one, other] = [10, 12].map(|time| Duration::from_millis(time * slowness));
            pair.note(one, other);
        }
        assert!((pair.ratio() - 1.2).abs() < 1e-9);
    }
}
