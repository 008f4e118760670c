//! Adding up slices of a lake: sums that are kept are read, and the rows of the others are added up.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use regtrade_model::{Period, Release, ReleaseId};

use super::{Kind, Partners, Products, Step, SumsAsked, SumsWriter, Totals};
use crate::{
    Lake, LakeError,
    files::{self, Choice},
    read,
    rows::{self, Record, Row},
    state::State,
};

/// What is read of kept sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Use {
    /// The sums themselves.
    Levels,
    /// Of which months there is detail.
    Detail,
}

/// The periods of the sums that are read, by the release that keeps them.
pub(super) type Kept<'a> = BTreeMap<(&'a ReleaseId, Kind, Use), (&'a Record, BTreeSet<Period>)>;

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
    let of_kept = kept
        .into_iter()
        .flat_map(|((_, kind, of), (record, periods))| {
            let choice = choice(&writer.asked, &periods);
            let files = read::sum_files(record, kind).into_iter();
            files.map(move |file| {
                let (choice, periods) = (choice.clone(), periods.clone());
                async move {
                    let batches = if Totals::have(kind) {
                        lake.totals.of(lake, file).await?
                    } else {
                        Arc::new(
                            read::batches(lake, vec![file], choice)
                                .try_collect()
                                .await?,
                        )
                    };
                    Ok::<_, LakeError>((of, periods, batches))
                }
            })
        });
    let of_kept: Vec<_> = of_kept.collect();
    let mut of_kept = stream::iter(of_kept).buffered(files::AT_ONCE);
    while let Some((of, periods, batches)) = of_kept.try_next().await? {
        for batch in batches.iter() {
            rows::each_level(batch, |sum| {
                let asked = &writer.asked;
                let is_asked = asked.chooses(sum.item, sum.ref_area, sum.concept);
                if is_asked && periods.contains(&sum.period) {
                    writer.take(&sum, of == Use::Levels)?;
                }
                Ok(())
            })?;
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
pub(super) fn plan<'a>(
    state: &'a State,
    slices: &BTreeMap<Period, &'a Release>,
    asked: &SumsAsked,
) -> (Kept<'a>, BTreeMap<Period, &'a Release>) {
    let mut years: BTreeMap<u16, BTreeMap<Period, (&Record, &Release)>> = BTreeMap::new();
    for (period, release) in slices {
        let holder = state.record(&release.id).map(|of| of.holder(*period));
        if let Some(holder) = holder.and_then(|holder| state.record(holder)) {
            let of_year = years.entry(period.year()).or_default();
            of_year.insert(*period, (holder, *release));
        }
    }
    let by_month = Kind::answering(asked, Step::Period);
    let by_year = Kind::answering(asked, Step::Year).filter(|_| asked.step == Step::Year);
    let (mut kept, mut rest): (Kept<'_>, BTreeMap<Period, &Release>) = Default::default();
    let mut read = |record: &'a Record, kind, of, periods: BTreeSet<Period>| {
        let key = (&record.release.id, kind, of);
        let (_, all) = kept.entry(key).or_insert((record, BTreeSet::new()));
        all.extend(periods);
    };
    for (year, of_year) in years {
        let annual = Period::of_year(year).map(|year| BTreeSet::from([year]));
        let mut holders: BTreeMap<&ReleaseId, (&Record, BTreeMap<Period, &Release>)> =
            BTreeMap::new();
        let whole = of_year.values().map(|(record, _)| *record);
        let whole = whole.filter(|record| record.stored.sums_with.contains_key(&year));
        let mut whole = whole.filter(|record| is_of(record, year, &of_year));
        if let (Some(record), Some(kind), Some(annual)) = (whole.next(), by_year, &annual) {
            let months = of_year.keys().copied().collect();
            read(record, kind, Use::Levels, annual.clone());
            read(record, Kind::Months, Use::Detail, months);
            continue;
        }
        for (period, (record, release)) in of_year {
            let holder = holders.entry(&record.release.id);
            let (_, part) = holder.or_insert((record, BTreeMap::new()));
            part.insert(period, release);
        }
        for (record, part) in holders.into_values() {
            if !record.stored.sums_of.contains(&year) {
                rest.extend(part);
                continue;
            }
            let months: BTreeSet<Period> = part.keys().copied().collect();
            let is_own = !record.stored.sums_with.contains_key(&year);
            let is_whole = is_own && record.own_periods(year).all(|own| part.contains_key(&own));
            let (kind, periods) = match (by_year.filter(|_| is_whole), by_month, &annual) {
                (Some(kind), _, Some(year)) => (kind, year.clone()),
                (None, Some(kind), _) => (kind, months.clone()),
                _ => {
                    rest.extend(part);
                    continue;
                }
            };
            read(record, kind, Use::Levels, periods);
            if asked.step == Step::Year {
                read(record, Kind::Months, Use::Detail, months);
            }
        }
    }
    (kept, rest)
}

/// Whether the periods of a year are those, held by those, that the sums by year of a release are of.
fn is_of(record: &Record, year: u16, asked: &BTreeMap<Period, (&Record, &Release)>) -> bool {
    let is_held = |period: &Period, by: &ReleaseId| {
        let held = asked.get(period);
        held.is_some_and(|(holder, _)| holder.release.id == *by)
    };
    let others = record.stored.sums_with.get(&year).into_iter().flatten();
    let mut own = 0;
    let others_are = others.clone().all(|(period, by)| is_held(period, by));
    others_are
        && record
            .own_periods(year)
            .inspect(|_| own += 1)
            .all(|period| is_held(&period, &record.release.id))
        && others.count() + own == asked.len()
}

/// The rows of kept sums of some periods that are asked for.
fn choice(asked: &SumsAsked, periods: &BTreeSet<Period>) -> Choice {
    fn texts<T: ToString>(codes: impl IntoIterator<Item = T>) -> BTreeSet<String> {
        codes.into_iter().map(|code| code.to_string()).collect()
    }
    let mut chosen = vec![
        ("ref_area", texts(&asked.areas)),
        ("item", texts(&asked.items)),
        ("concept", texts(asked.concept)),
    ];
    if let Products::Codes(codes) = &asked.products {
        chosen.push(("product", texts(codes)));
    }
    if let Partners::Codes(codes) = &asked.partners {
        chosen.push(("counterpart_area", texts(codes)));
    }
    chosen.retain(|(_, codes)| !codes.is_empty());
    chosen.push(("time_period", texts(periods)));
    Choice {
        texts: chosen,
        deleted: Some(false),
        columns: rows::OBSERVATION_COLUMNS,
    }
}
