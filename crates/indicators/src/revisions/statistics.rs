//! How figures were revised over many vintages: from the first figure of each period to the last one.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};
use regtrade_model::{
    Decimal, Edition, Figure, FigureKey, FigureValue, ReleaseId, RevisionClass, Span, Unit, exact,
};

use super::{Held, Known, change, place, revised, significance::p_value, true_change};

/// Decimals of a ratio of revisions to values, in percent.
const RATIO_DECIMALS: i32 = 2;
/// Decimals of a share of periods, in percent.
const SHARE_DECIMALS: i32 = 1;

/// How a figure was revised. R is the last value less the first one, L the last value.
#[derive(Debug, Clone)]
pub(crate) struct Statistics {
    /// The figure; its period is the first that is compared.
    pub(crate) series: FigureKey,
    /// Of R: rates change by percentage points.
    pub(crate) unit: Unit,
    pub(crate) unit_mult: i32,
    /// Periods of which first and last are values, and of which all that follows is.
    pub(crate) count: u32,
    pub(crate) mean: Option<Decimal>,
    pub(crate) mean_between: Option<(Decimal, Decimal)>,
    /// Mean of |R|.
    pub(crate) mean_absolute: Option<Decimal>,
    /// 100 · sum of |R| / sum of |L|.
    pub(crate) relative: Option<Decimal>,
    pub(crate) root_mean_square: Option<Decimal>,
    pub(crate) minimum: Option<Decimal>,
    pub(crate) maximum: Option<Decimal>,
    /// Share of R above 0, in percent.
    pub(crate) upward_share: Option<Decimal>,
    pub(crate) within_rounding: u32,
    pub(crate) p_value: Option<Decimal>,
    pub(crate) periods: Vec<RevisedPeriod>,
}

/// A figure of one period, as it was first and as it is now.
#[derive(Debug, Clone)]
pub(crate) struct RevisedPeriod {
    pub(crate) period: Span,
    pub(crate) first: Figure,
    pub(crate) last: Figure,
    pub(crate) change: Option<Decimal>,
    pub(crate) between: Option<(Decimal, Decimal)>,
    /// Releases that it was in.
    pub(crate) vintages: u32,
}

/// The first and the last of each figure, over vintages that are added from the oldest to the newest.
#[derive(Debug, Default)]
pub(crate) struct Triangle {
    tracks: BTreeMap<FigureKey, Tracks>,
}

#[derive(Debug, Default)]
struct Tracks {
    /// Values, as they were given.
    values: Option<Track>,
    /// Values, and where there was none, bounds.
    known: Option<Track>,
}

#[derive(Debug)]
struct Track {
    first: Known,
    last: Known,
    /// Of the last.
    edition: Edition,
    vintages: u32,
}

impl Triangle {
    /// The next vintage, newer than those before, which is of a release of an edition.
    pub(crate) fn add(&mut self, held: Held, edition: &Edition) {
        for (key, known) in held.figures {
            let tracks = self.tracks.entry(key).or_default();
            match known.figure.value {
                FigureValue::Undefined(_) => {}
                FigureValue::Between { .. } => Track::extend(&mut tracks.known, known, edition),
                FigureValue::Exact(_) => {
                    Track::extend(&mut tracks.values, known.clone(), edition);
                    Track::extend(&mut tracks.known, known, edition);
                }
            }
        }
    }

    /// The statistics of each figure that two releases or more have of some period, in the order of the printed table.
    pub(crate) fn statistics(self) -> Vec<Statistics> {
        let mut keys: Vec<(FigureKey, Track)> = self
            .tracks
            .into_iter()
            .filter_map(|(key, tracks)| Some((key, tracks.compared()?)))
            .collect();
        keys.sort_by_cached_key(|(key, _)| place(key));
        let mut series: Vec<(FigureKey, Vec<(Span, Track)>)> = vec![];
        for (key, track) in keys {
            let period = key.period;
            let same = |of: &FigureKey| key == of.with(of.indicator, period);
            match series.last_mut().filter(|(of, _)| same(of)) {
                Some((_, tracks)) => tracks.push((period, track)),
                None => series.push((key, vec![(period, track)])),
            }
        }
        series
            .into_iter()
            .map(|(key, tracks)| Statistics::of(key, &tracks))
            .collect()
    }
}

impl Tracks {
    /// The values where there are two, else what else is known.
    fn compared(self) -> Option<Track> {
        let compared = |track: &Track| track.vintages >= 2;
        self.values
            .filter(compared)
            .or_else(|| self.known.filter(compared))
    }
}

impl Track {
    fn extend(track: &mut Option<Self>, known: Known, edition: &Edition) {
        let release = |known: &Known| -> ReleaseId { known.figure.release.clone() };
        match track {
            None => {
                *track = Some(Self {
                    first: known.clone(),
                    last: known,
                    edition: edition.clone(),
                    vintages: 1,
                });
            }
            Some(track) => {
                // What a later release leaves standing is the same figure of the same release; and what another release
                // of the same edition repeats is no second look at it, so no revision of zero.
                let repeated = track.edition == *edition
                    && track.last.figure.value == known.figure.value
                    && track.last.figure.decimals == known.figure.decimals;
                if release(&track.last) != release(&known) && !repeated {
                    track.vintages += 1;
                }
                if release(&track.last) != release(&known) {
                    track.edition = edition.clone();
                }
                track.last = known;
            }
        }
    }

    fn period(&self, period: Span) -> RevisedPeriod {
        RevisedPeriod {
            period,
            first: self.first.figure.clone(),
            last: self.last.figure.clone(),
            change: change(&self.first, &self.last),
            between: true_change(&self.first, &self.last).and_then(|change| change.ends()),
            vintages: self.vintages,
        }
    }
}

impl Statistics {
    fn of(series: FigureKey, tracks: &[(Span, Track)]) -> Self {
        let changes: Vec<(Span, &Track, Decimal)> = tracks
            .iter()
            .filter_map(|(period, track)| {
                Some((*period, track, change(&track.first, &track.last)?))
            })
            .collect();
        let decimals = changes
            .iter()
            .map(|(_, track, _)| track.first.figure.decimals.max(track.last.figure.decimals))
            .max()
            .unwrap_or_default()
            .saturating_add(1);
        let revisions: Vec<BigRational> = changes.iter().map(|c| exact::rational(c.2)).collect();
        let count = u32::try_from(changes.len()).unwrap_or(u32::MAX);
        let mean_of = |sum: BigRational| (count > 0).then(|| sum / BigInt::from(count));
        let shown = |value: Option<BigRational>, decimals| {
            value.and_then(|value| exact::round(&value, decimals))
        };
        let absolute: BigRational = revisions.iter().map(Signed::abs).sum();
        let levels: BigRational = changes.iter().map(|(_, track, _)| size(track)).sum();
        let upward = revisions.iter().filter(|r| r.is_positive()).count();
        let is_within = |(_, track, _): &&(Span, &Track, Decimal)| {
            revised(&track.first, &track.last) == RevisionClass::WithinRounding
        };
        Self {
            unit: match series.indicator.unit() {
                Unit::Euro => Unit::Euro,
                Unit::Percent | Unit::PercentagePoints => Unit::PercentagePoints,
                Unit::PureNumber => Unit::PureNumber,
            },
            unit_mult: tracks
                .first()
                .map_or(0, |(_, track)| track.last.figure.unit_mult),
            series,
            count,
            mean: shown(mean_of(revisions.iter().sum()), decimals),
            mean_between: mean_between(&changes, count),
            mean_absolute: shown(mean_of(absolute.clone()), decimals),
            relative: shown(share(absolute, levels), RATIO_DECIMALS),
            root_mean_square: mean_of(revisions.iter().map(|r| r * r).sum())
                .and_then(|square| root(&square, decimals)),
            minimum: changes.iter().map(|c| c.2).min(),
            maximum: changes.iter().map(|c| c.2).max(),
            upward_share: shown(
                share(BigRational::from_integer(upward.into()), mean_of_all(count)),
                SHARE_DECIMALS,
            ),
            within_rounding: u32::try_from(changes.iter().filter(is_within).count())
                .unwrap_or(u32::MAX),
            p_value: p_value(
                &changes
                    .iter()
                    .map(|(period, _, change)| (period.last(), *change))
                    .collect::<Vec<_>>(),
            ),
            periods: tracks
                .iter()
                .map(|(period, track)| track.period(*period))
                .collect(),
        }
    }
}

fn mean_of_all(count: u32) -> BigRational {
    BigRational::from_integer(count.into())
}

/// |L| of a period.
fn size(track: &Track) -> BigRational {
    match &track.last.figure.value {
        FigureValue::Exact(last) => exact::rational(*last).abs(),
        _ => BigRational::zero(),
    }
}

/// 100 · `part` / `whole`; `None` where the whole is nothing.
fn share(part: BigRational, whole: BigRational) -> Option<BigRational> {
    exact::percentage(&part, &whole).ok()
}

/// The mean of the intervals that the true revisions lie in.
fn mean_between(changes: &[(Span, &Track, Decimal)], count: u32) -> Option<(Decimal, Decimal)> {
    let intervals = changes
        .iter()
        .map(|(_, track, _)| true_change(&track.first, &track.last));
    let sum = intervals.reduce(|sum, next| Some(sum?.plus(&next?)))??;
    sum.divided_by(count).ends()
}

/// The square root, rounded half away from zero. No float decides: of the square, four times as large, the whole part
/// of the root is taken, and half of it rounded up is the root rounded.
fn root(square: &BigRational, decimals: i32) -> Option<Decimal> {
    let scaled = exact::shifted(square, decimals.checked_mul(2)?);
    let doubled = (scaled * BigInt::from(4)).to_integer().sqrt();
    let rounded = BigRational::from_integer((doubled + 1) / 2);
    exact::round(&exact::shifted(&rounded, -decimals), decimals)
}

#[cfg(test)]
mod tests;
