//! A file of an upload, which goes to the temporary folder as it comes.

use std::{
    io::{self, Read},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use regtrade_lake::{LakeError, Scratch, TemporaryFolder};
use regtrade_model::{Digest, SourceFile};
use regtrade_service::Failure;
use sha2::{Digest as _, Sha256};
use tokio::task::{JoinError, JoinHandle, spawn_blocking};

use crate::{config::Settings, error::of_lake};

/// A file that is no larger than this stays in memory.
const IN_MEMORY: usize = 1 << 20;

/// How many bytes go to the temporary folder at once.
const AT_ONCE: usize = 1 << 20;

/// How many pieces, however short.
const MOST_PENDING: usize = 256;

/// A file, as far as files may be long. A large one is in the temporary folder.
#[derive(Debug)]
pub struct UploadedFile {
    name: String,
    content: Scratch,
    digest: Digest,
}

impl UploadedFile {
    /// A file that is at hand.
    #[must_use]
    pub fn new(name: &str, bytes: &[u8]) -> Self {
        let mut content = TemporaryFolder::default().scratch(usize::MAX);
        // Memory takes all that is written to it.
        let _ = content.append(bytes);
        Self {
            name: name.to_owned(),
            content,
            digest: Digest(Sha256::digest(bytes).into()),
        }
    }

    /// Its name, without folders.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// To be read, as one of which all has come.
    pub(crate) fn coming(&self) -> ComingFile {
        let so_far = SoFar {
            content: self.content.clone(),
            ended: Some(Ended::Whole),
        };
        ComingFile::of(self.name.clone(), so_far)
    }

    /// The record of the file.
    pub(crate) fn source(&self) -> SourceFile {
        SourceFile {
            name: self.name.clone(),
            digest: self.digest,
            bytes: self.content.bytes(),
        }
    }
}

/// A file that is read while it comes: who reads it waits for what is not there yet. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct ComingFile {
    name: Arc<str>,
    come: Arc<Come>,
}

#[derive(Debug)]
struct Come {
    so_far: Mutex<SoFar>,
    more: Condvar,
}

/// What has come of a file.
#[derive(Debug)]
struct SoFar {
    content: Scratch,
    ended: Option<Ended>,
}

/// How a file ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Whole,
    /// Nothing more comes, and not all has come.
    Broken,
}

impl ComingFile {
    fn of(name: String, so_far: SoFar) -> Self {
        Self {
            name: name.into(),
            come: Arc::new(Come {
                so_far: Mutex::new(so_far),
                more: Condvar::new(),
            }),
        }
    }

    /// Its name, without folders.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Its bytes from their beginning. Reading fails where the upload breaks off.
    pub(crate) fn reader(&self) -> impl Read + use<> {
        ComingReader {
            come: Arc::clone(&self.come),
            at: 0,
        }
    }
}

impl Come {
    // A thread that panicked meanwhile left what had come whole.
    fn lock(&self) -> MutexGuard<'_, SoFar> {
        self.so_far.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what has come by now.
    fn has(&self, content: &Scratch) {
        self.lock().content = content.clone();
        self.more.notify_all();
    }

    /// Says how it ended, where that was not said before.
    fn end(&self, ended: Ended) {
        self.lock().ended.get_or_insert(ended);
        self.more.notify_all();
    }
}

/// Reads a file while it comes.
struct ComingReader {
    come: Arc<Come>,
    at: u64,
}

impl Read for ComingReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let is_awaited =
            |so_far: &mut SoFar| so_far.content.bytes() <= self.at && so_far.ended.is_none();
        let so_far = self.come.more.wait_while(self.come.lock(), is_awaited);
        let so_far = so_far.unwrap_or_else(PoisonError::into_inner);
        if so_far.ended == Some(Ended::Broken) {
            let why = "the upload broke off";
            return Err(io::Error::new(io::ErrorKind::ConnectionAborted, why));
        }
        let content = so_far.content.clone();
        drop(so_far);
        let left = usize::try_from(content.bytes() - self.at).unwrap_or(usize::MAX);
        let wanted = into.len().min(left);
        content.read_at(self.at, &mut into[..wanted])?;
        self.at += wanted as u64;
        Ok(wanted)
    }
}

/// A file of which bytes are still to come.
pub(super) struct Receiving {
    coming: ComingFile,
    /// What goes to the temporary folder while more comes, at most one piece at a time.
    writing: JoinHandle<io::Result<Written>>,
    /// What came since, and how many bytes that are.
    pending: Vec<Bytes>,
    bytes: usize,
}

/// What the temporary folder has of a file, and the digest of that.
type Written = (Scratch, Sha256);

impl Receiving {
    pub(super) fn new(name: String, settings: &Settings) -> Self {
        let content = settings.temporary.scratch(IN_MEMORY);
        let so_far = SoFar {
            content: content.clone(),
            ended: None,
        };
        let nothing = (content, Sha256::new());
        Self {
            coming: ComingFile::of(name, so_far),
            writing: spawn_blocking(|| Ok(nothing)),
            pending: vec![],
            bytes: 0,
        }
    }

    /// What is read of it meanwhile.
    pub(super) const fn coming(&self) -> &ComingFile {
        &self.coming
    }

    /// Takes bytes, and writes them once they are many.
    pub(super) async fn take(&mut self, bytes: Bytes) -> Result<(), Failure> {
        self.bytes += bytes.len();
        self.pending.push(bytes);
        if self.bytes >= AT_ONCE || self.pending.len() >= MOST_PENDING {
            self.write().await?;
        }
        Ok(())
    }

    /// Begins to write what is pending, once what came before is written.
    async fn write(&mut self) -> Result<(), Failure> {
        let pending = std::mem::take(&mut self.pending);
        self.bytes = 0;
        let (mut content, mut hash) = written(&mut self.writing).await?;
        let come = Arc::clone(&self.coming.come);
        self.writing = spawn_blocking(move || {
            for bytes in &pending {
                content.append(bytes)?;
            }
            // Who reads it needs not wait for its digest.
            come.has(&content);
            for bytes in &pending {
                hash.update(bytes);
            }
            Ok((content, hash))
        });
        Ok(())
    }

    pub(super) async fn finish(mut self) -> Result<UploadedFile, Failure> {
        self.write().await?;
        let (content, hash) = written(&mut self.writing).await?;
        self.coming.come.end(Ended::Whole);
        Ok(UploadedFile {
            name: self.coming.name().to_owned(),
            content,
            digest: Digest(hash.finalize().into()),
        })
    }
}

/// Who reads a file of which no more comes does not wait for it.
impl Drop for Receiving {
    fn drop(&mut self) {
        self.coming.come.end(Ended::Broken);
    }
}

/// Waits for what is being written.
async fn written(writing: &mut JoinHandle<io::Result<Written>>) -> Result<Written, Failure> {
    done(writing.await)
}

fn done<T>(written: Result<io::Result<T>, JoinError>) -> Result<T, Failure> {
    let written = written.map_err(|error| Failure::internal(&error))?;
    written.map_err(|error| of_lake(&LakeError::Temporary(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_the_same_in_however_many_chunks_it_comes() {
        let bytes: Vec<u8> = (0..3u32 << 20).map(|at| (at % 251) as u8).collect();
        let whole = UploadedFile::new("a", &bytes);
        for chunk in [1 << 12, 1 << 20, 3 << 20] {
            let mut file = Receiving::new("a".to_owned(), &Settings::default());
            for chunk in bytes.chunks(chunk) {
                file.take(chunk.to_vec().into()).await.unwrap();
            }
            let file = file.finish().await.unwrap();
            assert_eq!(file.source(), whole.source());
            let mut read = vec![];
            file.coming().reader().read_to_end(&mut read).unwrap();
            assert!(read == bytes);
        }
    }

    #[tokio::test]
    async fn a_file_is_read_while_it_comes_and_not_to_an_end_that_it_does_not_have() {
        let bytes = vec![b'1'; AT_ONCE];
        for breaks in [false, true] {
            let mut file = Receiving::new("a".to_owned(), &Settings::default());
            let mut reader = file.coming().reader();
            file.take(bytes.clone().into()).await.unwrap();
            let mut first = vec![0; AT_ONCE];
            let read = spawn_blocking(move || {
                reader.read_exact(&mut first).unwrap();
                (first, reader)
            });
            // More has not come, and this was read.
            let (first, mut reader) = read.await.unwrap();
            assert!(first == bytes);
            let rest = spawn_blocking(move || {
                let mut rest = vec![];
                reader.read_to_end(&mut rest).map(|_| rest)
            });
            file.take(b"2"[..].into()).await.unwrap();
            if breaks {
                drop(file);
                let error = rest.await.unwrap().unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
            } else {
                file.finish().await.unwrap();
                assert_eq!(rest.await.unwrap().unwrap(), b"2");
            }
        }
    }
}
