//! Sums of years as a release leaves them: of the months that it stores, and of those that releases before it hold.
//!
//! A later release has a few months of many years anew. Sums of these alone would say little of the years, and to add up
//! a year from sums by month is to read twelve times as much. Which other releases hold what of such a year is in the
//! record: its sums answer where a vintage has exactly that, and nowhere else, whatever is withdrawn or hidden.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::RecordBatch;
use futures::{TryStreamExt as _, stream::BoxStream};
use regtrade_model::{Period, ReleaseId};

use super::{
    adding::{Adding, part},
    cell::CellKey,
    exact::Exact,
    kept::{ADDED, Kind, OfYear, of_year, row},
    years::Cells,
};
use crate::{
    LEAST_DETAIL, Lake, LakeError,
    files::Choice,
    read,
    rows::{self, Level, Record, Row},
};

/// Of years, the periods that other releases hold, each with that release.
pub(crate) type Others = BTreeMap<u16, BTreeMap<Period, ReleaseId>>;

/// Rows that are not read yet, and of which kinds they are where they are sums.
type Part = (
    Option<[Kind; 2]>,
    BoxStream<'static, Result<RecordBatch, LakeError>>,
);

/// What other releases hold of a year, not read yet.
pub(crate) struct Held {
    year: u16,
    /// What is kept, or the rows where nothing is.
    parts: Vec<Part>,
}

/// What that adds up to.
#[derive(Default)]
pub(crate) struct Added {
    /// By year, of each kind.
    years: BTreeMap<Kind, OfCells>,
    /// In total by month: of which months there is detail.
    months: Vec<(CellKey, Period, Exact)>,
}

/// The sums of cells.
#[derive(Default)]
struct OfCells {
    cells: Cells,
    /// By the place of the cell.
    sums: Vec<Exact>,
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
            let mut has_room = true;
            while let Some(batch) = batches.try_next().await? {
                if let Some(kinds) = kinds {
                    rows::each_level(&batch, |sum| {
                        let level = Exact::kept(&sum)?;
                        has_room &= added.take(kinds, &sum, level).is_some();
                        Ok(())
                    })?;
                    continue;
                }
                for row in rows::to_observations(&batch)? {
                    if let Row::There(row) = row {
                        of_rows.add(&row);
                    }
                }
            }
            if kinds.is_none() {
                let sums = of_year(self.year, of_rows);
                has_room = sums.is_some_and(|sums| added.take_rows(&sums).is_some());
            }
            if !has_room {
                return Ok(None);
            }
        }
        Ok(Some(added))
    }
}

impl Added {
    /// Takes a sum by month. `None` where there is no room for what it makes.
    fn take(&mut self, kinds: [Kind; 2], sum: &Level<'_>, level: Exact) -> Option<()> {
        let [by_month, by_year] = kinds;
        let totals = self.years.entry(by_year).or_default();
        let place = totals.cells.place(sum);
        if by_month == Kind::Months {
            self.months.push((CellKey::of_sum(sum), sum.period, level));
        }
        totals.add(place, level)
    }

    /// Takes what rows of a year add up to: what it is by year, and the months of the total.
    fn take_rows(&mut self, rows: &OfYear) -> Option<()> {
        for [_, by_year] in ADDED {
            let totals = self.years.entry(by_year).or_default();
            for sum in rows.get(&by_year).into_iter().flatten() {
                let place = totals.cells.own_place(CellKey::of(&sum.key));
                totals.add(place, Exact::of(sum)?)?;
            }
        }
        for sum in rows.get(&Kind::Months).into_iter().flatten() {
            let period = sum.key.period.last();
            let month = (CellKey::of(&sum.key), period, Exact::of(sum)?);
            self.months.push(month);
        }
        Some(())
    }

    /// The sums by year of a release, together with `own`, which are of the months that it stores; and those by month
    /// that say of which months there is detail. The others by month stay its own. `None` where there is no room.
    pub(crate) fn with(mut self, year: u16, own: &OfYear) -> Option<OfYear> {
        let annual = Period::of_year(year)?;
        self.take_rows(own)?;
        let mut all = OfYear::new();
        for (by_year, totals) in self.years {
            let places = totals.cells.in_order().into_iter();
            let rows = places.map(|place| {
                let (cell, sum) = (totals.cells.key(place), totals.sums.get(place)?);
                row(cell.clone(), annual, *sum)
            });
            all.insert(by_year, rows.collect::<Option<_>>()?);
        }
        let place = |(cell, period, _): &(CellKey, Period, Exact)| (cell.clone(), part(*period));
        self.months.sort_by_cached_key(place);
        let months = self.months.into_iter();
        let months = months.map(|(cell, period, level)| row(cell, period, level));
        all.insert(Kind::Months, months.collect::<Option<_>>()?);
        Some(all)
    }
}

impl OfCells {
    /// Adds to the cell of a place, which is one of those before or the next one.
    fn add(&mut self, place: usize, level: Exact) -> Option<()> {
        match self.sums.get_mut(place) {
            Some(sum) => *sum = sum.plus(level)?,
            None => self.sums.push(level),
        }
        Some(())
    }
}
