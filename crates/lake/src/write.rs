//! Writing the observations of a release: the slices that it stores, row by row, into files of bounded size. What is
//! encoded is written before much more is, so that memory does not grow with the release.

mod before;
mod summing;
#[cfg(test)]
pub(crate) mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZero,
    sync::Arc,
    thread,
};

use regtrade_model::{FigureKey, Period, Release};
use tokio::{runtime::Handle, sync::mpsc, task::JoinHandle};

use crate::{
    Lake, LakeError,
    files::{self, Encoded, EncodedGroup, Encoder, Written},
    read,
    schema::Content,
    slices::{Plan, Slices},
    spool::{Group, PARTS, Packed, ROWS_PER_WORD, Vocabulary, part},
    state::State,
    sums,
};
use before::{Before, Keys};
use summing::Summing;

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
    /// The least of one where the next row is of another flow or area: what is chosen by these is found by the footer.
    aligned: usize,
    /// The most of a page: as much as is decoded where one row is wanted.
    page: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            file: 1 << 20,
            group: 1 << 17,
            least: 1 << 12,
            aligned: 1 << 15,
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
    // Rows are put together while others are added up, while row groups before them are encoded, several at once, and a file
    // is put together while the one before it is written. Where the commit is given up, the channels close, and all end with
    // what they are at.
    let (sender, mut encoded) = mpsc::channel(1);
    let (groups, made) = mpsc::channel(encoders());
    let (slices, handle) = (slices.clone(), Handle::current());
    let output = Output {
        release: release.clone(),
        vocabulary: Arc::clone(slices.vocabulary()),
        sizes: lake.sizes,
        rows: 0,
        group: None,
        last: None,
        groups,
        handle: handle.clone(),
    };
    let files = Files {
        folder: files::folder_of(&release.id),
        sizes: lake.sizes,
        file: None,
        sender,
    };
    let others = plan.others.iter().filter_map(|(year, held)| {
        let record = |holder: &_| state.record(holder).map(AsRef::as_ref);
        Some((*year, sums::Held::of(lake, *year, held, record)?))
    });
    let folder = files::folder_of(&release.id);
    let files_of_sums = sums::Files::of(release, folder, others.collect(), handle.clone());
    let sums = Summing::begin(
        lake.least_detail,
        slices.vocabulary(),
        files_of_sums,
        &handle,
    );
    let making =
        tokio::task::spawn_blocking(move || encode(&slices, stored, output, sums, &handle));
    let encoding = tokio::spawn(files.take(made));
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

fn encode(
    slices: &Slices,
    stored: Vec<(BTreeSet<Period>, Keys)>,
    mut output: Output,
    sums: Summing,
    handle: &Handle,
) -> Result<sums::Kept, LakeError> {
    let mut rows = slices.packed();
    let mut next = rows.next().transpose()?;
    for (periods, keys) in stored {
        let Some(year) = periods.first().map(|period| period.year()) else {
            continue;
        };
        let mut is_stored = [false; PARTS];
        for period in &periods {
            is_stored[usize::from(part(*period))] = true;
        }
        let mut before = Before::of(keys, handle);
        let is_up_to =
            |rows: &mut Vec<Packed>| rows.first().is_some_and(|row| row.key.year() <= year);
        while let Some(mut batch) = next.take_if(is_up_to) {
            next = rows.next().transpose()?;
            // The others are of slices that are stored already.
            batch.retain(|row| {
                let is_of = is_stored.get(usize::from(row.key.part()));
                row.key.year() == year && is_of.is_some_and(|is_stored| *is_stored)
            });
            for row in &batch {
                if before.has_more()? {
                    let key = output.vocabulary.key(row.key)?;
                    while let Some(before) = before.next_up_to(&key)? {
                        if before != key {
                            output.push_deleted(before)?;
                        }
                    }
                }
                output.push(*row)?;
            }
            if !sums.push(batch) {
                return sums.finish();
            }
        }
        while let Some(key) = before.next()? {
            output.push_deleted(key)?;
        }
        output.end_year()?;
    }
    output.finish()?;
    sums.finish()
}

/// How many row groups are encoded at once, and wait for those before them: as many as there are processors, and not so
/// many that they would take much memory.
fn encoders() -> usize {
    const MOST: usize = 4;
    thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(MOST)
}

/// A row group that is being encoded; the last one is none.
type Encoding = Option<JoinHandle<Result<EncodedGroup, LakeError>>>;

/// What rows go into: row groups, which are encoded by others and handed on in their order.
struct Output {
    release: Release,
    vocabulary: Arc<Vocabulary>,
    sizes: Sizes,
    rows: u64,
    group: Option<Group>,
    /// The flow and the area of the last row.
    last: Option<(u32, u32)>,
    groups: mpsc::Sender<Encoding>,
    handle: Handle,
}

impl Output {
    fn push(&mut self, row: Packed) -> Result<(), LakeError> {
        let of = (row.key.item(), row.key.area());
        let is_other = self.last.replace(of).is_some_and(|last| last != of);
        if is_other && self.rows_of_group() >= self.sizes.aligned {
            self.end_group()?;
        }
        self.open().push(row);
        self.pushed()
    }

    fn push_deleted(&mut self, key: FigureKey) -> Result<(), LakeError> {
        self.open().push_deleted(key);
        self.pushed()
    }

    fn open(&mut self) -> &mut Group {
        let begun = || {
            let (of, room) = (Content::Observation, self.sizes.group);
            Group::empty(of, &self.release, &self.vocabulary, room)
        };
        self.group.get_or_insert_with(begun)
    }

    fn pushed(&mut self) -> Result<(), LakeError> {
        if self.rows_of_group() >= self.sizes.group {
            self.end_group()?;
        }
        self.rows += 1;
        if self.rows.is_multiple_of(ROWS_PER_WORD) {
            tracing::info!(rows = self.rows, release = %self.release.id, "observations written");
        }
        Ok(())
    }

    fn rows_of_group(&self) -> usize {
        self.group.as_ref().map_or(0, Group::len)
    }

    fn end_year(&mut self) -> Result<(), LakeError> {
        if self.rows_of_group() >= self.sizes.least {
            self.end_group()?;
        }
        Ok(())
    }

    fn end_group(&mut self) -> Result<(), LakeError> {
        let Some(group) = self.group.take() else {
            return Ok(());
        };
        let page = Some(self.sizes.page);
        let encode = move || EncodedGroup::of(&group.whole(), page);
        let encoding = self.handle.spawn_blocking(encode);
        self.hand_on(Some(encoding))
    }

    fn finish(mut self) -> Result<(), LakeError> {
        self.end_group()?;
        self.hand_on(None)
    }

    fn hand_on(&self, encoding: Encoding) -> Result<(), LakeError> {
        let sent = self.groups.blocking_send(encoding);
        sent.map_err(|_| LakeError::GivenUp)
    }
}

/// What row groups go into: files, which are handed on as they are whole.
struct Files {
    folder: String,
    sizes: Sizes,
    file: Option<Encoder>,
    sender: mpsc::Sender<Encoded>,
}

impl Files {
    async fn take(mut self, mut groups: mpsc::Receiver<Encoding>) -> Result<(), LakeError> {
        // What breaks off without an end is not finished: a file of it would be of no use.
        while let Some(group) = groups.recv().await.ok_or(LakeError::GivenUp)? {
            let group = group.await??;
            let is_full = |file: &Encoder| file.rows() + group.rows() > self.sizes.file;
            if self.file.as_ref().is_some_and(is_full) {
                self.end_file().await?;
            }
            match &mut self.file {
                Some(file) => file.append(group)?,
                None => {
                    let page = Some(self.sizes.page);
                    let begun = Encoder::begin_with(Content::Observation, group, page)?;
                    self.file = Some(begun);
                }
            }
        }
        self.end_file().await
    }

    async fn end_file(&mut self) -> Result<(), LakeError> {
        if let Some(file) = self.file.take() {
            let folder = self.folder.clone();
            let file = tokio::task::spawn_blocking(move || file.finish(&folder)).await??;
            // Nobody waits for it any more where the channel is closed.
            let sent = self.sender.send(file).await;
            sent.map_err(|_| LakeError::GivenUp)?;
        }
        Ok(())
    }
}
