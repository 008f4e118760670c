//! Runs that are sorted and put into the temporary folder by a thread of their own, while the next one is filled.

use std::{
    io, mem,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

use super::{
    codes::{Codes, ranks},
    run::{Order, Run, Years},
};
use crate::scratch::{Scratch, TemporaryFolder};

/// Runs in the temporary folder, at most one of them on its way.
#[derive(Debug)]
pub(super) struct Sorting {
    folder: TemporaryFolder,
    /// Where the rows are; with who sorts, while one is on its way.
    scratch: Option<Scratch>,
    thread: Option<(SyncSender<Work>, Receiver<Done>)>,
    is_busy: bool,
    /// The room of a run that is in the folder.
    free: Run,
    spilled: Vec<(u64, Years, Order)>,
}

/// A run that is to be sorted, and by what.
struct Work {
    run: Run,
    order: Order,
    scratch: Scratch,
}

/// A run that was sorted, and whether the folder took it: where it begins, and its years. Its rows are still there where it
/// did not.
struct Done {
    work: Work,
    spilled: io::Result<(u64, Years)>,
}

impl Work {
    fn done(mut self) -> Done {
        self.run
            .sort(&self.order.each_ref().map(|order| ranks(order)));
        let years = self.run.years();
        let spilled = self.run.spill(&mut self.scratch);
        Done {
            work: self,
            spilled: spilled.map(|begin| (begin, years)),
        }
    }
}

impl Sorting {
    pub(super) const fn new(folder: TemporaryFolder) -> Self {
        Self {
            folder,
            scratch: None,
            thread: None,
            is_busy: false,
            free: Run::EMPTY,
            spilled: vec![],
        }
    }

    /// Takes a run away, and leaves an empty one.
    ///
    /// # Errors
    /// Where the folder did not take the run before, which is then with this one.
    pub(super) fn spill(&mut self, run: &mut Run, codes: &Codes) -> io::Result<()> {
        self.wait(run)?;
        if self.thread.is_none() {
            self.thread = begin();
        }
        let scratch = self.scratch.take();
        let work = Work {
            order: codes.in_order(),
            run: mem::replace(run, mem::take(&mut self.free)),
            scratch: scratch.unwrap_or_else(|| self.folder.scratch(0)),
        };
        let refused = match &self.thread {
            Some((sender, _)) => sender.send(work).map_err(|unsent| unsent.0),
            None => Err(work),
        };
        match refused {
            Ok(()) => {
                self.is_busy = true;
                Ok(())
            }
            // Where there is no thread to be had, it takes longer.
            Err(work) => self.take(work.done(), run),
        }
    }

    /// Waits for the run that is on its way.
    fn wait(&mut self, run: &mut Run) -> io::Result<()> {
        if !mem::take(&mut self.is_busy) {
            return Ok(());
        }
        let done = self.thread.as_ref().and_then(|(_, done)| done.recv().ok());
        let broke_off = || io::Error::other("the thread that sorts rows broke off");
        self.take(done.ok_or_else(broke_off)?, run)
    }

    fn take(&mut self, done: Done, run: &mut Run) -> io::Result<()> {
        let Work {
            run: mut sorted,
            order,
            scratch,
        } = done.work;
        self.scratch = Some(scratch);
        match done.spilled {
            Ok((begin, years)) => {
                self.spilled.push((begin, years, order));
                self.free = sorted;
                Ok(())
            }
            Err(error) => {
                sorted.renumber(&order);
                run.rows.append(&mut sorted.rows);
                Err(error)
            }
        }
    }

    /// All runs, and where their rows are.
    ///
    /// # Errors
    /// As [`Self::spill`].
    #[expect(clippy::type_complexity, reason = "taken apart at once")]
    pub(super) fn finish(
        mut self,
        run: &mut Run,
    ) -> io::Result<(Option<Scratch>, Vec<(u64, Years, Order)>)> {
        self.wait(run)?;
        Ok((self.scratch, self.spilled))
    }
}

/// `None` where there is no thread to be had. It ends with the channel.
fn begin() -> Option<(SyncSender<Work>, Receiver<Done>)> {
    let (sender, work) = sync_channel::<Work>(1);
    let (done, receiver) = sync_channel(1);
    let sort = move || {
        while let Ok(work) = work.recv() {
            if done.send(work.done()).is_err() {
                return;
            }
        }
    };
    let thread = thread::Builder::new().name("sort".to_owned()).spawn(sort);
    thread.is_ok().then_some((sender, receiver))
}
