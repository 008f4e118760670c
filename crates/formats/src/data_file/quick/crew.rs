//! Threads that read lines, whoever is free the next ones.

use std::{
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
    },
    thread::{self, Scope},
};

use super::lines::{Lines, Parsed, Work};

/// What lines that were handed out come to.
pub(super) type Pending = Receiver<Parsed>;

/// Threads, which end when there is nothing more to be handed out.
pub(super) struct Crew(Sender<(Work, SyncSender<Parsed>)>);

impl Crew {
    /// As many threads, or as many of them as there are to be had.
    pub(super) fn new<'scope>(scope: &'scope Scope<'scope, '_>, threads: usize) -> Self {
        let (sender, receiver) = channel();
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..threads {
            let receiver = Arc::clone(&receiver);
            let thread = thread::Builder::new().name("lines".to_owned());
            // Where there is none to be had, others have more to do.
            let _ = thread.spawn_scoped(scope, move || work(&receiver));
        }
        Self(sender)
    }

    /// Hands lines out.
    ///
    /// # Errors
    /// With the lines, where there is no thread that would read them.
    pub(super) fn hand_out(&self, work: Work) -> Result<Pending, Work> {
        let (sender, pending) = sync_channel(1);
        let sent = self.0.send((work, sender));
        sent.map(|()| pending).map_err(|unsent| unsent.0.0)
    }
}

fn work(from: &Mutex<Receiver<(Work, SyncSender<Parsed>)>>) {
    let mut lines: Option<Lines> = None;
    while let Ok(receiver) = from.lock()
        && let Ok((work, to)) = receiver.recv()
    {
        drop(receiver);
        let is_of = |lines: &Lines| Arc::ptr_eq(&lines.plan, &work.plan);
        let kept = lines.take().filter(is_of);
        let of_plan = lines.insert(kept.unwrap_or_else(|| Lines::new(Arc::clone(&work.plan))));
        // Where nobody waits for it any more, reading has ended.
        let _ = to.send(of_plan.read(work));
    }
}
