//! Work that takes long, beside what answers calls; it ends soon after nobody waits for it any more.

use std::{
    io::{self, BufRead, BufReader, Read},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use regtrade_formats::sdmx::message::Source;
use regtrade_service::Failure;
use tokio::sync::oneshot;

use crate::upload::ComingFile;

/// How many bytes are read at once.
const AT_ONCE: usize = 256 << 10;

/// Whether work is to end.
#[derive(Debug, Clone, Default)]
pub(super) struct Stop(Arc<AtomicBool>);

struct StopOnDrop(Stop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

/// Work on a thread of its own. It is told to stop where this is dropped, as it is with a call that is given up.
pub(super) struct Working<T> {
    result: oneshot::Receiver<T>,
    _stop: StopOnDrop,
}

/// Begins work on a thread of its own: it may wait for what is uploaded, and must not take the place of what writes that.
///
/// # Errors
/// Where there is no thread to be had.
pub(super) fn begin<T: Send + 'static>(
    work: impl FnOnce(&Stop) -> T + Send + 'static,
) -> Result<Working<T>, Failure> {
    let stop = Stop::default();
    let (sender, result) = oneshot::channel();
    let working = Working {
        result,
        _stop: StopOnDrop(stop.clone()),
    };
    let thread = thread::Builder::new().name("reading".to_owned());
    let begun = thread.spawn(move || {
        // Where nobody waits for it any more, it has ended for nothing.
        let _ = sender.send(work(&stop));
    });
    begun
        .map(|_| working)
        .map_err(|error| Failure::internal(&error))
}

impl<T> Working<T> {
    /// What it comes to.
    ///
    /// # Errors
    /// Where it panics.
    pub(super) async fn done(self) -> Result<T, Failure> {
        self.result.await.map_err(|error| Failure::internal(&error))
    }
}

/// A file of an upload, of which reading fails once it is to stop.
pub(super) struct Stoppable<'a> {
    pub(super) file: &'a ComingFile,
    pub(super) stop: &'a Stop,
}

impl Source for Stoppable<'_> {
    fn open(&self) -> io::Result<Box<dyn BufRead + '_>> {
        let reader = StoppableReader {
            reader: self.file.reader(),
            stop: self.stop,
        };
        Ok(Box::new(BufReader::with_capacity(AT_ONCE, reader)))
    }
}

struct StoppableReader<'a, R> {
    reader: R,
    stop: &'a Stop,
}

impl<R: Read> Read for StoppableReader<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.stop.0.load(Ordering::Relaxed) {
            let why = "nobody waits for the release any more";
            return Err(io::Error::new(io::ErrorKind::ConnectionAborted, why));
        }
        self.reader.read(into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upload::UploadedFile;

    #[tokio::test]
    async fn work_that_nobody_waits_for_ends_at_its_next_read() {
        let file = UploadedFile::new("a", &vec![b'1'; 1 << 20]).coming();
        let (began, begun) = tokio::sync::oneshot::channel();
        let (ended, end) = tokio::sync::oneshot::channel();
        let work = begin(move |stop| {
            let source = Stoppable { file: &file, stop };
            let mut byte = [0];
            let first = source.open().and_then(|mut reader| reader.read(&mut byte));
            began.send(first.unwrap()).unwrap();
            while source.open().unwrap().read(&mut byte).is_ok() {}
            ended.send(()).unwrap();
        })
        .unwrap();
        assert_eq!(begun.await, Ok(1));
        drop(work);
        assert_eq!(end.await, Ok(()));
    }
}
