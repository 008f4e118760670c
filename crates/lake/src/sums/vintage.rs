//! Sums of years as a release leaves them: of the months that it stores, and of those that releases before it hold.
//!
//! A later release has a few months of many years anew. Sums of these alone would say little of the years, and to add up
//! a year from sums by month is to read twelve times as much. Which other releases hold what of such a year is in the
//! record: its sums answer where a vintage has exactly that, and nowhere else, whatever is withdrawn or hidden.

use std::collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry};

use arrow::array::RecordBatch;
use futures::{TryStreamExt as _, stream::BoxStream};
use regtrade_model::{Observation, Period, ReleaseId};

use super::{
    adding::{Adding, CellKey, part},
    exact::Exact,
    kept::{ADDED, Kind, OfYear, of_year, row},
};
use crate::{
    LEAST_DETAIL, Lake, LakeError,
    files::Choice,
    read,
    rows::{self, Record, Row},
};

/// Of years, the periods that other releases hold, each with that release.
pub(crate) type Others = BTreeMap<u16, BTreeMap<Period, ReleaseId>>;

/// What other releases hold of a year, not read yet.
pub(crate) struct Held {
    year: u16,
    /// What is kept, or the rows where nothing is.
    parts: Vec<(
        Option<[Kind; 2]>,
        BoxStream<'static, Result<RecordBatch, LakeError>>,
    )>,
}

/// What that adds up to.
#[derive(Default)]
pub(crate) struct Added {
    years: BTreeMap<Kind, HashMap<CellKey, Exact>>,
    /// In total by month: of which months there is detail.
    months: Vec<Observation>,
}

impl Held {
    /// That of a year, whose periods are held by releases with records. `None` where their rows are many and no sums of
    /// them are kept: what they say is not to be said by sums.
    pub(crate) fn of<'a>(
        lake: &Lake,
        year: u16,
        held: &BTreeMap<Period, ReleaseId>,
        record: impl Fn(&ReleaseId) -> Option<&'a Record>,
    ) -> Option<Self> {
        let mut holders: BTreeMap<&ReleaseId, BTreeSet<String>> = BTreeMap::new();
        for (period, holder) in held {
            holders
                .entry(holder)
                .or_default()
                .insert(period.to_string());
        }
        let mut parts = vec![];
        for (holder, periods) in holders {
            let record = record(holder)?;
            let choice = Choice {
                texts: vec![("time_period", periods)],
                deleted: Some(false),
                columns: rows::OBSERVATION_COLUMNS,
            };
            if record.stored.sums_of.contains(&year) {
                parts.extend(ADDED.map(|kinds| {
                    let files = read::sum_files(record, kinds[0]);
                    (Some(kinds), read::batches(lake, files, choice.clone()))
                }));
            } else if record.rows() < LEAST_DETAIL {
                let files = read::observation_files(record);
                parts.push((None, read::batches(lake, files, choice)));
            } else {
                return None;
            }
        }
        Some(Self { year, parts })
    }

    /// Adds it up. `None` where sums say less than the rows, or have no room.
    pub(crate) async fn added(self) -> Result<Option<Added>, LakeError> {
        let mut added = Added::default();
        for (kinds, mut batches) in self.parts {
            let mut of_rows = Adding::of(&ADDED.map(|[by_month, _]| by_month.asked()));
            while let Some(batch) = batches.try_next().await? {
                for row in rows::to_observations(&batch)? {
                    match (row, kinds) {
                        (Row::Deleted(_), _) => {}
                        (Row::There(row), None) => of_rows.add(&row),
                        (Row::There(row), Some(kinds)) => {
                            if added.take(kinds, row).is_none() {
                                return Ok(None);
                            }
                        }
                    }
                }
            }
            if kinds.is_none() {
                let Some(mut sums) = of_year(self.year, of_rows) else {
                    return Ok(None);
                };
                for kinds in ADDED {
                    for row in sums.remove(&kinds[0]).unwrap_or_default() {
                        if added.take(kinds, row).is_none() {
                            return Ok(None);
                        }
                    }
                }
            }
        }
        Ok(Some(added))
    }
}

impl Added {
    /// Takes a sum by month. `None` where there is no room for what it makes.
    fn take(&mut self, [by_month, by_year]: [Kind; 2], sum: Observation) -> Option<()> {
        let level = Exact::of(&sum)?;
        let cells = self.years.entry(by_year).or_default();
        plus(cells, CellKey::of(&sum.key), level)?;
        if by_month == Kind::Months {
            self.months.push(sum);
        }
        Some(())
    }

    /// The sums by year of a release, together with `own`, which are of the months that it stores; and those by month
    /// that say of which months there is detail. The others by month stay its own. `None` where there is no room.
    pub(crate) fn with(mut self, year: u16, own: &OfYear) -> Option<OfYear> {
        let annual = Period::of_year(year)?;
        let own = |kind: Kind| own.get(&kind).into_iter().flatten();
        let mut all = OfYear::new();
        for [_, by_year] in ADDED {
            let mut cells = self.years.remove(&by_year).unwrap_or_default();
            for sum in own(by_year) {
                plus(&mut cells, CellKey::of(&sum.key), Exact::of(sum)?)?;
            }
            let mut cells: Vec<_> = cells.into_iter().collect();
            cells.sort_by(|(a, _), (b, _)| a.cmp(b));
            let rows = cells.into_iter().map(|(cell, sum)| row(cell, annual, sum));
            all.insert(by_year, rows.collect::<Option<_>>()?);
        }
        self.months.extend(own(Kind::Months).cloned());
        self.months
            .sort_by_cached_key(|sum| (CellKey::of(&sum.key), part(sum.key.period.last())));
        all.insert(Kind::Months, self.months);
        Some(all)
    }
}

fn plus(cells: &mut HashMap<CellKey, Exact>, cell: CellKey, level: Exact) -> Option<()> {
    match cells.entry(cell) {
        Entry::Vacant(free) => drop(free.insert(level)),
        Entry::Occupied(mut sum) => {
            let both = sum.get().plus(level)?;
            sum.insert(both);
        }
    }
    Some(())
}
