//! Writing the observations of a release: the slices that it stores, row by row, into files of bounded size. What is
//! encoded is written before much more is, so that memory does not grow with the release.

#[cfg(test)]
pub(crate) mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
};

use arrow::array::RecordBatch;
use futures::StreamExt as _;
use regtrade_model::{FigureKey, Observation, Period, Release};
use tokio::{runtime::Handle, sync::mpsc};

use crate::{
    Lake, LakeError,
    files::{self, Encoded, Encoder, Written},
    read::{self, Parts},
    rows::{self, Row},
    schema::Content,
    slices::{Plan, Slices},
    spool::ROWS_PER_WORD,
    state::State,
    sums,
};

/// How many rows files and their parts have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    /// The most of a file.
    file: u64,
    /// The most of a row group: as much as is held in memory as rows.
    group: usize,
    /// The least of a row group where more follow and a year ends: small enough that a year is read without the others,
    /// large enough that the footer does not outweigh the rows.
    least: usize,
    /// The most of a page: as much as is decoded where one row is wanted.
    page: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            file: 1 << 20,
            group: 1 << 17,
            least: 1 << 12,
            page: 1 << 11,
        }
    }
}

/// The files of observations and of their sums.
#[derive(Default)]
pub(crate) struct Observations {
    pub(crate) files: Vec<Written>,
    /// The years whose sums are kept.
    pub(crate) sums_of: Vec<u16>,
    /// What of them other releases hold.
    pub(crate) sums_with: sums::Others,
}

/// Writes the files of the slices that a plan stores, and of their sums.
pub(crate) async fn observations(
    lake: &Lake,
    state: &State,
    release: &Release,
    plan: &Plan,
    slices: &Slices,
) -> Result<Observations, LakeError> {
    let mut years: BTreeMap<u16, BTreeSet<Period>> = BTreeMap::new();
    let periods = slices.summaries().keys();
    for period in periods.filter(|period| !plan.stored_in.contains_key(period)) {
        years.entry(period.year()).or_default().insert(*period);
    }
    if years.is_empty() {
        return Ok(Observations::default());
    }
    let stored = years.into_values().map(|periods| {
        let replaced = periods.iter().filter_map(|period| {
            let holder = plan.replaced.get(period)?;
            Some((*period, holder))
        });
        let before = read::keys(lake, state, replaced);
        (periods, before)
    });
    let stored = stored.collect();
    // Columns are made while those before them are encoded, and a file is encoded while the one before it is written.
    // Where the commit is given up, the channels close, and both end with what they are at.
    let (sender, mut encoded) = mpsc::channel(1);
    let (groups, made) = sync_channel(1);
    let output = Output {
        release: release.clone(),
        sizes: lake.sizes,
        rows: 0,
        group: vec![],
        groups,
    };
    let files = Files {
        folder: files::folder_of(&release.id),
        most: lake.sizes.file,
        page: lake.sizes.page,
        file: None,
        sender,
    };
    let (slices, handle) = (slices.clone(), Handle::current());
    let others = plan.others.iter().filter_map(|(year, held)| {
        let record = |holder: &_| state.record(holder).map(AsRef::as_ref);
        Some((*year, sums::Held::of(lake, *year, held, record)?))
    });
    let folder = files::folder_of(&release.id);
    let sums = Sums {
        least: lake.least_detail,
        detail: 0,
        keeping: sums::Keeping::default(),
        files: sums::Files::of(release, folder, others.collect(), handle.clone()),
    };
    let making =
        tokio::task::spawn_blocking(move || encode(&slices, stored, output, sums, &handle));
    let encoding = tokio::task::spawn_blocking(move || files.take(&made));
    let store = lake.log.store.object_store(None);
    let mut written = vec![];
    while let Some(file) = encoded.recv().await {
        let file: Encoded = file;
        written.push(file.put(&store).await?);
    }
    // Who has nobody to hand on to ends as given up: why is said by the other one.
    match (making.await?, encoding.await?) {
        (Err(LakeError::GivenUp) | Ok(_), Err(error)) | (Err(error), _) => Err(error),
        (Ok(kept), Ok(())) => {
            for file in kept.files {
                written.push(file.put(&store).await?);
            }
            let mut sums_with = plan.others.clone();
            sums_with.retain(|year, _| kept.with_others.contains(year));
            Ok(Observations {
                files: written,
                sums_of: kept.years,
                sums_with,
            })
        }
    }
}

/// The sums of the rows that are written.
struct Sums {
    /// The fewest observations of which sums are kept: fewer are added up in no time.
    least: u64,
    detail: u64,
    keeping: sums::Keeping,
    files: sums::Files,
}

impl Sums {
    fn push(&mut self, row: &Observation) -> Result<(), LakeError> {
        self.detail += 1;
        match self.keeping.push(row) {
            Some((year, sums)) => self.files.take(year, sums),
            None => Ok(()),
        }
    }

    fn finish(mut self) -> Result<sums::Kept, LakeError> {
        if self.detail < self.least {
            return Ok(sums::Kept::default());
        }
        if let Some((year, sums)) = self.keeping.finish() {
            self.files.take(year, sums)?;
        }
        self.files.finish()
    }
}

/// The keys that slices of a year had before, by key.
type Keys = Parts<FigureKey>;

fn encode(
    slices: &Slices,
    stored: Vec<(BTreeSet<Period>, Keys)>,
    mut output: Output,
    mut sums: Sums,
    handle: &Handle,
) -> Result<sums::Kept, LakeError> {
    let mut rows = slices.iter().map(|row| row.map(|row| row.observation));
    let mut next = rows.next().transpose()?;
    for (periods, keys) in stored {
        let Some(year) = periods.first().map(|period| period.year()) else {
            continue;
        };
        let mut before = Before {
            keys,
            read: vec![].into_iter().peekable(),
            handle,
        };
        while let Some(row) = next.take_if(|row| row.key.period.last().year() <= year) {
            next = rows.next().transpose()?;
            if !periods.contains(&row.key.period.last()) {
                continue; // Of a slice that is stored already.
            }
            while let Some(key) = before.next_up_to(&row.key)? {
                if key != row.key {
                    output.push(Row::Deleted(key))?;
                }
            }
            sums.push(&row)?;
            output.push(Row::There(row))?;
        }
        while let Some(key) = before.next()? {
            output.push(Row::Deleted(key))?;
        }
        output.end_year()?;
    }
    output.finish()?;
    sums.finish()
}

/// The keys of slices of a year that are replaced, one by one.
struct Before<'h> {
    keys: Keys,
    read: std::iter::Peekable<std::vec::IntoIter<FigureKey>>,
    handle: &'h Handle,
}

impl Before<'_> {
    fn fill(&mut self) -> Result<(), LakeError> {
        while self.read.peek().is_none()
            && let Some(keys) = self.handle.block_on(self.keys.next())
        {
            self.read = keys?.into_iter().peekable();
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Option<FigureKey>, LakeError> {
        self.fill()?;
        Ok(self.read.next())
    }

    /// The next one that does not come after `key`.
    fn next_up_to(&mut self, key: &FigureKey) -> Result<Option<FigureKey>, LakeError> {
        self.fill()?;
        Ok(self.read.next_if(|before| before <= key))
    }
}

/// What rows go into: the columns of row groups, which are handed on. The last that is handed on is none.
struct Output {
    release: Release,
    sizes: Sizes,
    rows: u64,
    group: Vec<Row>,
    groups: SyncSender<Option<RecordBatch>>,
}

impl Output {
    fn push(&mut self, row: Row) -> Result<(), LakeError> {
        self.group.push(row);
        if self.group.len() >= self.sizes.group {
            self.end_group()?;
        }
        self.rows += 1;
        if self.rows.is_multiple_of(ROWS_PER_WORD) {
            tracing::info!(rows = self.rows, release = %self.release.id, "observations written");
        }
        Ok(())
    }

    fn end_year(&mut self) -> Result<(), LakeError> {
        if self.group.len() >= self.sizes.least {
            self.end_group()?;
        }
        Ok(())
    }

    fn end_group(&mut self) -> Result<(), LakeError> {
        if self.group.is_empty() {
            return Ok(());
        }
        let batch = rows::of_observations(Content::Observation, &self.release, &self.group)?;
        self.group.clear();
        self.hand_on(Some(batch))
    }

    fn finish(mut self) -> Result<(), LakeError> {
        self.end_group()?;
        self.hand_on(None)
    }

    fn hand_on(&self, group: Option<RecordBatch>) -> Result<(), LakeError> {
        self.groups.send(group).map_err(|_| LakeError::GivenUp)
    }
}

/// What row groups go into: files, which are handed on as they are whole.
struct Files {
    folder: String,
    /// The most rows of a file.
    most: u64,
    /// The most rows of a page.
    page: usize,
    file: Option<Encoder>,
    sender: mpsc::Sender<Encoded>,
}

impl Files {
    fn take(mut self, groups: &Receiver<Option<RecordBatch>>) -> Result<(), LakeError> {
        // What breaks off without an end is not finished: a file of it would be of no use.
        while let Some(group) = groups.recv().map_err(|_| LakeError::GivenUp)? {
            let more = group.num_rows() as u64;
            let is_full = |file: &Encoder| file.rows() + more > self.most;
            if self.file.as_ref().is_some_and(is_full) {
                self.end_file()?;
            }
            match &mut self.file {
                Some(file) => file.group(&group)?,
                None => {
                    let page = Some(self.page);
                    self.file = Some(Encoder::begin(Content::Observation, &group, page)?);
                }
            }
        }
        self.end_file()
    }

    fn end_file(&mut self) -> Result<(), LakeError> {
        if let Some(file) = self.file.take() {
            let file = file.finish(&self.folder)?;
            // Nobody waits for it any more where the channel is closed.
            let sent = self.sender.blocking_send(file);
            sent.map_err(|_| LakeError::GivenUp)?;
        }
        Ok(())
    }
}
