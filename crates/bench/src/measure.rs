//! Measuring: two things by turns, so that what else the machine does meets both alike, medians and quartiles.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant as Stopwatch},
};

/// Numbers by their order: half of them lie between the quartiles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    pub lower_quartile: f64,
    pub median: f64,
    pub upper_quartile: f64,
}

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
        let of = |times: &[Duration]| spread(times.iter().map(|time| milliseconds(*time))).median;
        (of(&self.one), of(&self.other))
    }

    /// The second time as a multiple of the first, over the rounds. The two times of a round met the machine in much the
    /// same state, those of two rounds may not: so the median of these says more than the ratio of the medians, and how
    /// far the quartiles lie from it says how much the machine disturbed.
    pub fn ratios(&self) -> Spread {
        let rounds = self.one.iter().zip(&self.other);
        spread(rounds.map(|(one, other)| milliseconds(*other) / milliseconds(*one)))
    }
}

/// In milliseconds.
pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// The numbers at a quarter, at the half and at three quarters; where one of these falls between two numbers, the upper
/// one. Of no numbers, none is a number.
pub fn spread(numbers: impl Iterator<Item = f64>) -> Spread {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    let at_quarter = |quarters: usize| {
        let at = numbers.len() * quarters / 4;
        numbers.get(at).copied().unwrap_or(f64::NAN)
    };
    Spread {
        lower_quartile: at_quarter(1),
        median: at_quarter(2),
        upper_quartile: at_quarter(3),
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

/// The bytes of all files below a folder.
///
/// # Errors
/// Where it cannot be read.
pub fn bytes_below(folder: &Path) -> std::io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        bytes += if entry.file_type()?.is_dir() {
            bytes_below(&entry.path())?
        } else {
            entry.metadata()?.len()
        };
    }
    Ok(bytes)
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
        assert!((pair.ratios().median - 1.1).abs() < 1e-9);
    }

    #[test]
    fn half_of_the_ratios_lie_between_the_quartiles() {
        for (ratios, expected) in [
            (&[7][..], [7.0, 7.0, 7.0]),
            (&[5, 1, 4, 2, 3], [2.0, 3.0, 4.0]),
            (
                &[15, 1, 14, 2, 13, 3, 12, 4, 11, 5, 10, 6, 9, 7, 8],
                [4.0, 8.0, 12.0],
            ),
        ] {
            let mut pair = Pair::default();
            for ratio in ratios {
                pair.note(Duration::from_millis(1), Duration::from_millis(*ratio));
            }
            let found = pair.ratios();
            let found = [found.lower_quartile, found.median, found.upper_quartile];
            assert_eq!(found, expected, "{ratios:?}");
        }
    }

    #[test]
    fn a_machine_that_gets_slower_slows_both_and_not_the_ratio() {
        let mut pair = Pair::default();
        for slowness in [1, 1, 2, 5, 9] {
            let [one, other] = [10, 12].map(|time| Duration::from_millis(time * slowness));
            pair.note(one, other);
        }
        assert!((pair.ratios().median - 1.2).abs() < 1e-9);
    }
}
