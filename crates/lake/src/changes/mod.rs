//! What two sets of slices do not have alike.
//!
//! Slices with the same digest are not read. The others are read side by side by year, each by a task of its own, and
//! their rows are compared by column: only of what differs it is made out what it says.

mod columns;
#[cfg(test)]
pub(crate) mod tests;

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arrow::array::RecordBatch;
use futures::{
    Stream, StreamExt as _, TryStreamExt as _,
    stream::{self, BoxStream},
};
use regtrade_model::{
    ConfStatus, Decimal, FigureKey, KeyPattern, ObsStatus, Observation, Period, ReleaseId,
    SliceObservations,
};

use crate::{
    Lake, LakeError,
    read::{self, Parts},
    state::State,
};
use columns::{Columns, Key, Vocabulary};

/// A cell, as each of two sets of slices has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Which.
    pub key: FigureKey,
    /// What the first set says of it, and what the second; `None` where one does not have it.
    pub sides: [Option<Said>; 2],
}

/// What a set of slices says of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The release that wrote the slice.
    pub release: ReleaseId,
    /// As [`Observation::value`], and so are the others.
    pub value: Option<Decimal>,
    /// DECIMALS.
    pub decimals: u32,
    /// UNIT_MULT.
    pub unit_mult: i32,
    /// OBS_STATUS.
    pub status: ObsStatus,
    /// CONF_STATUS.
    pub conf: ConfStatus,
}

impl Said {
    /// What a release says by an observation.
    #[must_use]
    pub fn by(release: ReleaseId, observation: &Observation) -> Self {
        Self {
            release,
            value: observation.value,
            decimals: observation.decimals,
            unit_mult: observation.unit_mult,
            status: observation.status,
            conf: observation.conf,
        }
    }

    /// The observation of a cell that says it.
    #[must_use]
    pub fn observation(&self, key: &FigureKey) -> Observation {
        Observation {
            key: key.clone(),
            value: self.value,
            decimals: self.decimals,
            unit_mult: self.unit_mult,
            status: self.status,
            conf: self.conf,
        }
    }
}

/// Slices, each with the release that wrote it.
type Slices = BTreeMap<Period, ReleaseId>;

/// The most cells that are given at once.
const AT_ONCE: usize = 4096;

pub(crate) fn changes(
    lake: Lake,
    sides: [Slices; 2],
    chosen: KeyPattern,
    whole: BTreeSet<Period>,
) -> impl Stream<Item = Result<Vec<Changed>, LakeError>> + Send + 'static {
    let opened = async move {
        let Some(state) = lake.log.current().await? else {
            return Ok::<Parts<Changed>, LakeError>(stream::empty().boxed());
        };
        let mut years: BTreeMap<u16, [Slices; 2]> = BTreeMap::new();
        for period in differing(&state, &sides, &whole) {
            let of_year = years.entry(period.year()).or_default();
            for (of_year, side) in of_year.iter_mut().zip(&sides) {
                of_year.extend(side.get(&period).map(|writer| (period, writer.clone())));
            }
        }
        let whole = Arc::new(whole);
        // A year is begun to be read when the one before it is over.
        let years = years.into_values().map(move |sides| {
            let mut readings = vec![];
            for (side, writers) in sides.into_iter().enumerate() {
                let writers = Arc::new(writers);
                let of_holders = read::of_year(&lake, &state, &writers, &chosen);
                readings.extend(of_holders.into_iter().map(|batches| Reading {
                    side,
                    writers: Arc::clone(&writers),
                    batches: read::ahead(batches),
                    columns: None,
                    known: vec![],
                }));
            }
            let comparing = Comparing {
                readings,
                vocabulary: Vocabulary::default(),
                whole: Arc::clone(&whole),
            };
            stream::try_unfold(comparing, Comparing::next)
        });
        Ok(read::ahead(stream::iter(years).flatten().boxed()))
    };
    stream::once(opened).try_flatten()
}

/// The periods whose slices are not the same, and those that are compared whatever they are.
fn differing(state: &State, sides: &[Slices; 2], whole: &BTreeSet<Period>) -> BTreeSet<Period> {
    let slice = |side: &Slices, period: &Period| -> Option<SliceObservations> {
        let writer = state.record(side.get(period)?)?;
        writer.release.slice(*period)?.observations
    };
    let [from, to] = sides;
    let periods = from.keys().chain(to.keys()).copied();
    let differs = |at: &Period| whole.contains(at) || slice(from, at) != slice(to, at);
    periods.filter(differs).collect()
}

/// The rows that one release holds of a year, of one of the two sets.
struct Reading {
    side: usize,
    writers: Arc<Slices>,
    batches: BoxStream<'static, Result<RecordBatch, LakeError>>,
    columns: Option<Columns>,
    /// The releases of periods, by their number in the vocabulary, as far as they were looked up.
    known: Vec<Option<ReleaseId>>,
}

impl Reading {
    fn key(&self) -> Option<Key> {
        self.columns.as_ref().and_then(Columns::key)
    }

    /// Sees to it that there is a next row, unless there is none any more.
    async fn fill(&mut self, words: &mut Vocabulary) -> Result<(), LakeError> {
        while self.key().is_none() {
            let Some(batch) = self.batches.try_next().await? else {
                self.columns = None;
                return Ok(());
            };
            self.columns = Some(Columns::of(batch, words)?);
        }
        Ok(())
    }

    /// What a row says of its cell.
    fn said(&mut self, row: usize, key: Key, words: &Vocabulary) -> Result<Said, LakeError> {
        let lacks = |what: &str| LakeError::Damaged(format!("a row without {what}"));
        let number = Vocabulary::period_number(key) as usize;
        if self.known.len() <= number {
            self.known.resize(number + 1, None);
        }
        let known = &mut self.known[number];
        if known.is_none() {
            let period = words.period(key).ok_or_else(|| lacks("a period"))?;
            *known = self.writers.get(&period).cloned();
        }
        let release = known.clone().ok_or_else(|| lacks("a release"))?;
        let columns = self.columns.as_ref().ok_or_else(|| lacks("columns"))?;
        columns.said(row, release, words)
    }
}

/// A year of both sets, which is read side by side.
struct Comparing {
    readings: Vec<Reading>,
    vocabulary: Vocabulary,
    whole: Arc<BTreeSet<Period>>,
}

impl Comparing {
    /// The next cells; `None` at the end.
    async fn next(mut self) -> Result<Option<(Vec<Changed>, Self)>, LakeError> {
        loop {
            for reading in &mut self.readings {
                reading.fill(&mut self.vocabulary).await?;
            }
            self.readings.retain(|reading| reading.columns.is_some());
            if self.readings.is_empty() {
                return Ok(None);
            }
            let found = self.step()?;
            if !found.is_empty() {
                return Ok(Some((found, self)));
            }
        }
    }

    /// Goes on as far as all rows are there that may come next.
    fn step(&mut self) -> Result<Vec<Changed>, LakeError> {
        let mut found = vec![];
        while found.len() < AT_ONCE
            && let Some(key) = self.least()
        {
            // Which readings have the cell, by side.
            let mut cell = [None; 2];
            for (at, reading) in self.readings.iter().enumerate() {
                if reading.key() == Some(key) && cell[reading.side].replace(at).is_some() {
                    let why = "a key is there twice, in slices of the same period";
                    return Err(LakeError::Damaged(why.to_owned()));
                }
            }
            let is_found = !self.is_alike(cell, key);
            let mut sides = [None, None];
            for (said, reading) in sides.iter_mut().zip(cell) {
                let Some(reading) = reading.map(|at| &mut self.readings[at]) else {
                    continue;
                };
                let row = reading.columns.as_mut().map(Columns::pass);
                if let Some(row) = row.filter(|_| is_found) {
                    *said = Some(reading.said(row, key, &self.vocabulary)?);
                }
            }
            if is_found {
                let damaged = || LakeError::Damaged("a row without a key".to_owned());
                let key = self.vocabulary.key(key).ok_or_else(damaged)?;
                found.push(Changed { key, sides });
            }
        }
        Ok(found)
    }

    /// The key that comes next; `None` where a reading has to read on before that is known.
    fn least(&self) -> Option<Key> {
        let mut least: Option<Key> = None;
        for reading in &self.readings {
            let key = reading.key()?;
            least = match least {
                Some(least) if self.vocabulary.order(least, key) != Ordering::Greater => {
                    Some(least)
                }
                _ => Some(key),
            };
        }
        least
    }

    /// Whether both sides have a cell, and say the same of it, and nobody wants it all the same.
    fn is_alike(&self, cell: [Option<usize>; 2], key: Key) -> bool {
        let [Some(from), Some(to)] = cell.map(|reading| self.readings[reading?].columns.as_ref())
        else {
            return false;
        };
        let is_wanted = || {
            let period = self.vocabulary.period(key);
            period.is_some_and(|period| self.whole.contains(&period))
        };
        from.is_like(to) && (self.whole.is_empty() || !is_wanted())
    }
}
