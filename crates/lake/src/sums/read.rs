//! Adding up slices of a lake: sums that are kept are read, and the rows of the others are added up.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use regtrade_model::{Period, Release, ReleaseId};

use super::{Kind, Partners, Products, Step, SumsAsked, SumsWriter};
use crate::{
    Lake, LakeError,
    files::{self, Choice},
    read,
    rows::{self, Row},
    state::State,
};

/// What is read of kept sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Use {
    /// The sums themselves.
    Levels,
    /// Of which months there is detail.
    Detail,
}

/// The periods of the sums that are read, by the release that keeps them.
type Kept<'a> = BTreeMap<(&'a ReleaseId, Kind, Use), BTreeSet<Period>>;

/// Adds up slices of a lake.
pub(crate) async fn add_up(
    lake: &Lake,
    slices: &BTreeMap<Period, &Release>,
    mut writer: SumsWriter,
) -> Result<SumsWriter, LakeError> {
    let Some(state) = lake.log.current().await? else {
        return Ok(writer);
    };
    let (kept, rest) = plan(&state, slices, &writer.asked);
    let of_kept = kept.into_iter().flat_map(|((holder, kind, of), periods)| {
        let choice = choice(&writer.asked, kind, &periods);
        let files = read::sum_files(&state, holder, kind).into_iter();
        files.map(move |file| {
            let batches = read::batches(lake, vec![file], choice.clone());
            async move { Ok::<_, LakeError>((of, batches.try_collect::<Vec<_>>().await?)) }
        })
    });
    let of_kept: Vec<_> = of_kept.collect();
    let mut of_kept = stream::iter(of_kept).buffered(files::AT_ONCE);
    while let Some((of, batches)) = of_kept.try_next().await? {
        for batch in batches {
            for row in rows::to_observations(&batch)? {
                if let Row::There(row) = row {
                    writer.take(&row, of == Use::Levels)?;
                }
            }
        }
    }
    drop(of_kept);
    of_rows(lake, &state, &rest, writer).await
}

/// Adds up the rows of slices, in several parts side by side.
async fn of_rows(
    lake: &Lake,
    state: &State,
    slices: &BTreeMap<Period, &Release>,
    mut writer: SumsWriter,
) -> Result<SumsWriter, LakeError> {
    let pattern = writer.asked.pattern();
    let mut partitions: Vec<Vec<_>> = (0..lake.partitions).map(|_| vec![]).collect();
    let files = read::of_files(lake, state, slices, &pattern);
    for (at, file) in files.into_iter().enumerate() {
        partitions[at % lake.partitions].push(file);
    }
    let partitions = partitions.into_iter().filter(|files| !files.is_empty());
    let added = partitions.map(|files| {
        let mut part = writer.anew();
        tokio::spawn(async move {
            let mut batches = stream::iter(files).flatten();
            while let Some(batch) = batches.try_next().await? {
                for row in rows::to_observations(&batch)? {
                    if let Row::There(row) = row {
                        part.push(&row);
                    }
                }
            }
            Ok::<_, LakeError>(part)
        })
    });
    // All of them begin before the first is waited for.
    let added: Vec<_> = added.collect();
    for part in added {
        writer = writer.merged(part.await??);
    }
    Ok(writer)
}

/// Which kept sums answer, and of which slices the rows are needed.
fn plan<'a>(
    state: &'a State,
    slices: &BTreeMap<Period, &'a Release>,
    asked: &SumsAsked,
) -> (Kept<'a>, BTreeMap<Period, &'a Release>) {
    let mut parts: BTreeMap<(&ReleaseId, u16), BTreeMap<Period, &Release>> = BTreeMap::new();
    for (period, release) in slices {
        if let Some(record) = state.record(&release.id) {
            let part = parts.entry((record.holder(*period), period.year()));
            part.or_default().insert(*period, *release);
        }
    }
    let by_month = Kind::answering(asked, Step::Period);
    let by_year = Kind::answering(asked, Step::Year).filter(|_| asked.step == Step::Year);
    let (mut kept, mut rest): (Kept<'_>, BTreeMap<Period, &Release>) = Default::default();
    for ((holder, year), part) in parts {
        let record = state.record(holder);
        let record = record.filter(|record| record.stored.sums_of.contains(&year));
        let is_whole = record.is_some_and(|record| {
            let mut own = record.own_periods();
            own.all(|own| own.year() != year || part.contains_key(&own))
        });
        let annual = Period::of_year(year).map(|year| BTreeSet::from([year]));
        let months = || part.keys().copied().collect::<BTreeSet<_>>();
        let found = match (by_year.filter(|_| is_whole), by_month, annual) {
            (Some(kind), _, Some(year)) => Some((kind, year)),
            (None, Some(kind), _) => Some((kind, months())),
            _ => None,
        };
        let Some((kind, periods)) = found.filter(|_| record.is_some()) else {
            rest.extend(part);
            continue;
        };
        let mut read = |kind, of, periods| {
            let all: &mut BTreeSet<Period> = kept.entry((holder, kind, of)).or_default();
            all.extend(periods);
        };
        read(kind, Use::Levels, periods);
        if asked.step == Step::Year {
            read(Kind::Months, Use::Detail, months());
        }
    }
    (kept, rest)
}

/// The rows of kept sums of some periods that are asked for.
fn choice(asked: &SumsAsked, kind: Kind, periods: &BTreeSet<Period>) -> Choice {
    fn texts<T: ToString>(codes: impl IntoIterator<Item = T>) -> BTreeSet<String> {
        codes.into_iter().map(|code| code.to_string()).collect()
    }
    let mut chosen = vec![
        ("ref_area", texts(&asked.areas)),
        ("item", texts(&asked.items)),
        ("concept", texts(asked.concept)),
    ];
    if kind != Kind::Months {
        if let Products::Codes(codes) = &asked.products {
            chosen.push(("product", texts(codes)));
        }
        if let Partners::Codes(codes) = &asked.partners {
            chosen.push(("counterpart_area", texts(codes)));
        }
    }
    chosen.retain(|(_, codes)| !codes.is_empty());
    chosen.push(("time_period", texts(periods)));
    Choice {
        texts: chosen,
        deleted: Some(false),
        columns: rows::OBSERVATION_COLUMNS,
    }
}
