//! The sums that are kept, against those of the rows that they stand for.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use regtrade_model::{Digest, Observation, ReleaseId};
use sha2::{Digest as _, Sha256};

use super::{
    ProblemKind, Verification,
    files::{Held, What},
};
use crate::{
    Lake, LakeError,
    files::{RELEASES, folder_of},
    rows::{self, Record, Row},
    sums::{self, Added, Ended, Keeping, Kind, OfYear},
};

/// The digest of sums in their order.
#[derive(Default)]
pub(super) struct Digesting(Sha256);

impl Digesting {
    fn take(&mut self, sum: &Observation) {
        let value = sum.value.map(|value| value.normalize().to_string());
        let line = format!(
            "{}\t{}\t{}\t{}\n",
            sum.key,
            value.unwrap_or_default(),
            sum.decimals,
            sum.status
        );
        self.0.update(line);
    }

    fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

/// The digest of the sums of a file.
pub(super) fn digest(batches: &[RecordBatch]) -> Result<Digest, LakeError> {
    let mut digesting = Digesting::default();
    for batch in batches {
        for row in rows::to_observations(batch)? {
            match row {
                Row::There(sum) => digesting.take(&sum),
                Row::Deleted(key) => {
                    let why = format!("the sum {key} is said to be taken out");
                    return Err(LakeError::Damaged(why));
                }
            }
        }
    }
    Ok(digesting.finish())
}

/// Adds up the rows of one release.
#[derive(Default)]
pub(super) struct Adding {
    keeping: Keeping,
    /// Years of which all rows were handed in.
    ended: Vec<(u16, OfYear)>,
    kinds: BTreeMap<Kind, Digesting>,
    /// Why what other releases hold of a year could not be added up.
    failed: Option<LakeError>,
}

impl Adding {
    pub(super) fn push(&mut self, row: &Observation) {
        self.ended.extend(self.keeping.push(row).map(Ended::sums));
    }

    /// Counts the sums of the years that ended, with what other releases hold of them, where the release of the folder says
    /// that its sums are of that, too.
    pub(super) async fn settle(
        &mut self,
        lake: &Lake,
        folder: &str,
        held: &BTreeMap<String, Held>,
    ) {
        for (year, mut sums) in std::mem::take(&mut self.ended) {
            match of_others(lake, year, record(folder, held), held).await {
                Ok(Some(added)) => {
                    sums.extend(added.with(year, &sums).unwrap_or_default());
                }
                Ok(None) => {}
                Err(error) => self.failed = Some(error),
            }
            for (kind, sums) in sums {
                let digesting = self.kinds.entry(kind).or_default();
                sums.iter().for_each(|sum| digesting.take(sum));
            }
        }
    }

    /// Compares them with those that the release of a folder keeps, where it keeps any.
    pub(super) async fn compare(
        mut self,
        lake: &Lake,
        folder: &str,
        held: &BTreeMap<String, Held>,
        found: &mut Verification,
    ) {
        let Some(record) = record(folder, held) else {
            return;
        };
        // What is wrong with the rows is told already, and sums that differ follow from it.
        let is_told = |problem: &super::Problem| problem.path.starts_with(folder);
        if record.stored.sums_of.is_empty() || found.problems.iter().any(is_told) {
            return;
        }
        self.ended.extend(self.keeping.finish().map(Ended::sums));
        self.settle(lake, folder, held).await;
        if let Some(error) = self.failed {
            found.problem(
                ProblemKind::Rows,
                folder,
                format!(
                    "its sums by year are of other releases, too, which cannot be added up: {error}"
                ),
            );
            return;
        }
        let kinds = self.kinds.into_iter();
        let sums: BTreeMap<Kind, Digest> = kinds.map(|(kind, of)| (kind, of.finish())).collect();
        for file in &record.stored.files {
            let path = format!("{folder}/{}", file.name);
            let (Some(kind), Some(kept)) = (file.sums, held.get(&path)) else {
                continue;
            };
            if let What::Sums(digest) = &kept.what
                && sums.get(&kind) != Some(digest)
            {
                found.problem(ProblemKind::Rows, &path, format!(
                    "its sums are not those of the observations of the release: restore {RELEASES} from a copy of the lake, or take the releases into a new one"
                ));
            }
        }
    }
}

/// What other releases hold of a year, as the record of a release says.
async fn of_others(
    lake: &Lake,
    year: u16,
    record: Option<&Record>,
    held: &BTreeMap<String, Held>,
) -> Result<Option<Added>, LakeError> {
    let others = record.and_then(|record| record.stored.sums_with.get(&year));
    let Some(others) = others else {
        return Ok(None);
    };
    let holder = |id: &ReleaseId| self::record(&folder_of(id), held);
    match sums::Held::of(lake, year, others, holder) {
        Some(of) => of.added().await,
        None => Ok(None),
    }
}

/// The record of the release of a folder.
fn record<'a>(folder: &str, held: &'a BTreeMap<String, Held>) -> Option<&'a Record> {
    let mut records = held.values().filter_map(|file| match &file.what {
        What::Record(record) => Some(record.as_ref()),
        _ => None,
    });
    records.find(|record| folder_of(&record.release.id) == folder)
}

#[cfg(test)]
mod tests {
    use regtrade_model::{Area, Concept, FigureKey, Indicator, Item, Period};

    use super::*;
    use crate::{
        Lake,
        verify::{files, log},
        write::tests::{at, submission},
    };

    fn rows(value: i64) -> BTreeMap<Period, Vec<Observation>> {
        let month = |number| Period::of_month(2024, number).unwrap();
        let row = |period: Period| Observation {
            key: FigureKey {
                product: "30021200".parse().unwrap(),
                counterpart_area: "FR".parse().unwrap(),
                concept: Some(Concept::Nat),
                ..FigureKey::overall(Item::P61, Area::BE2, Indicator::Level, period)
            },
            value: Some(value.into()),
            decimals: 0,
            unit_mult: 6,
            status: Default::default(),
            conf: Default::default(),
        };
        (1..=12)
            .map(|at| (month(at), vec![row(month(at))]))
            .collect()
    }

    #[tokio::test]
    async fn sums_that_are_not_those_of_the_rows_are_found() {
        let mut lake = Lake::in_memory().unwrap();
        lake.least_detail = 0;
        let submission = submission(1, &rows(1));
        lake.commit(&submission, &|| at(1)).await.unwrap();
        let folder = folder_of(&submission.release.id);
        let mut found = Verification::default();
        let log = log::read(&lake, &mut found).await.unwrap();
        let held = files::check(&lake, &log, &mut found).await.unwrap();
        for (value, wrong) in [(1, 0), (2, 10)] {
            let mut adding = Adding::default();
            rows(value)
                .values()
                .flatten()
                .for_each(|row| adding.push(row));
            let mut found = Verification::default();
            adding.compare(&lake, &folder, &held, &mut found).await;
            assert_eq!(found.problems.len(), wrong, "{:?}", found.problems);
        }
    }
}
