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
        let median = |times: &[Duration]| {
            let mut times = times.to_vec();
            times.sort_unstable();
            let middle = times.get(times.len() / 2).copied().unwrap_or_default();
            middle.as_secs_f64() * 1_000.0
        };
        (median(&self.one), median(&self.other))
    }
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
    }
}
