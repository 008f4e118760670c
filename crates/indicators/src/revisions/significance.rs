//! Whether a mean revision is more than chance: the only place where a float makes a digit.

use num_rational::BigRational;
use num_traits::ToPrimitive;
use regtrade_model::{Decimal, Period, exact};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Under so many periods nothing is said.
const FEWEST_PERIODS: usize = 10;
/// Revisions of periods so far apart may depend on each other.
const LAGS: i64 = 2;
/// Decimals of a p-value.
const DECIMALS: i32 = 4;

/// The two-sided p-value of the hypothesis that the mean revision is 0, by period. The variance of the mean is that
/// of Newey and West with two lags, since revisions of neighbouring periods are often made together; the statistic is
/// held against Student's t with one degree of freedom less than there are periods. `None` under ten periods, and
/// where all revisions are the same.
pub(crate) fn p_value(revisions: &[(Period, Decimal)]) -> Option<Decimal> {
    let n = revisions.len();
    if n < FEWEST_PERIODS {
        return None;
    }
    let first = revisions.first()?.1;
    if revisions.iter().all(|(_, revision)| *revision == first) {
        return None;
    }
    let values: Vec<(i64, f64)> = revisions
        .iter()
        .map(|(period, revision)| Some((ordinal(*period), revision.to_f64()?)))
        .collect::<Option<_>>()?;
    let count = n.to_f64()?;
    let mean = values.iter().map(|(_, value)| value).sum::<f64>() / count;
    // Pairs of periods that are `lag` apart; a period that is not compared makes no pair.
    let covariance = |lag: i64| -> f64 {
        let pairs = values.iter().flat_map(|(at, a)| {
            let partner = values.iter().find(move |(other, _)| at - other == lag);
            partner.map(|(_, b)| (a - mean) * (b - mean))
        });
        pairs.sum()
    };
    let weighted = (1..=LAGS).map(|lag| {
        let weight = 1.0 - lag.to_f64().unwrap_or_default() / (LAGS + 1).to_f64().unwrap_or(1.0);
        2.0 * weight * covariance(lag)
    });
    let variance = (covariance(0) + weighted.sum::<f64>()) / (count * (count - 1.0));
    if !variance.is_finite() || variance <= 0.0 {
        return None;
    }
    let student = StudentsT::new(0.0, 1.0, count - 1.0).ok()?;
    let p = 2.0 * student.cdf(-(mean / variance.sqrt()).abs());
    exact::round(&BigRational::from_float(p)?, DECIMALS)
}

/// The number of a period among those of its frequency.
fn ordinal(period: Period) -> i64 {
    let text = period.to_string();
    let part = text
        .get(4..)
        .map(|rest| rest.trim_start_matches(['-', 'Q']));
    let part = part.and_then(|part| part.parse::<i64>().ok());
    let year = i64::from(period.year());
    match (period.frequency(), part) {
        ("Q", Some(quarter)) => 4 * year + quarter,
        ("M", Some(month)) => 12 * year + month,
        _ => year,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(revisions: &[&str]) -> Option<String> {
        let years = (2000..).map(|year| Period::of_year(year).unwrap());
        let revisions: Vec<_> = years
            .zip(revisions)
            .map(|(year, text)| (year, text.parse().unwrap()))
            .collect();
        p_value(&revisions).map(|p| p.to_string())
    }

    #[test]
    fn a_mean_revision_is_held_against_the_spread_of_revisions() {
        // Deviations from the mean 3 are -2, -1, 0, 1, 2 twice: products of neighbours sum to 4, of second neighbours
        // to -6, squares to 20. Variance (20 + 4/3 · 4 - 2/3 · 6) / 90 = 0.2370, t = 6.162 with 9 degrees of freedom.
        let steady = ["1", "2", "3", "4", "5", "1", "2", "3", "4", "5"];
        assert_eq!(of(&steady).as_deref(), Some("0.0002"));
        // Mean 0.1, variance 0.031926, t = 0.5597.
        let to_and_fro = ["1", "-1", "1", "-1", "1", "-1", "1", "-1", "1", "0"];
        assert_eq!(of(&to_and_fro).as_deref(), Some("0.5894"));
        assert_eq!(
            of(&["-1", "-2", "-3", "-4", "-5", "-1", "-2", "-3", "-4", "-5"]),
            of(&steady),
            "both sides count"
        );
    }

    #[test]
    fn periods_that_are_not_neighbours_do_not_depend_on_each_other() {
        let values = [
            "0.3", "-0.1", "0.2", "0.4", "-0.2", "0.1", "0.3", "0", "-0.1", "0.5",
        ];
        assert_eq!(of(&values).as_deref(), Some("0.0022"));
        let years = [2000, 2001, 2002, 2003, 2004, 2008, 2009, 2010, 2011, 2012];
        let apart: Vec<_> = years
            .into_iter()
            .zip(values)
            .map(|(year, text)| (Period::of_year(year).unwrap(), text.parse().unwrap()))
            .collect();
        assert_eq!(p_value(&apart).unwrap().to_string(), "0.0044");
    }

    #[test]
    fn nothing_is_said_of_few_periods_or_of_revisions_that_are_all_the_same() {
        assert_eq!(of(&["1", "2", "3", "4", "5", "1", "2", "3", "4"]), None);
        assert_eq!(of(&["1"; 12]), None);
    }

    #[test]
    fn periods_of_a_frequency_follow_each_other() {
        for (before, after) in [
            ("2023", "2024"),
            ("2023-Q4", "2024-Q1"),
            ("2023-12", "2024-01"),
            ("2024-08", "2024-09"),
        ] {
            let at = |text: &str| ordinal(text.parse().unwrap());
            assert_eq!(at(after) - at(before), 1, "{before} and {after}");
        }
    }
}
