//! A file of an upload, which goes to the temporary folder as it comes.

use std::io::{self, Read};

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

    /// Its bytes.
    pub(crate) fn reader(&self) -> impl Read + use<> {
        self.content.reader(0..self.content.bytes())
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

/// A file of which bytes are still to come.
pub(super) struct Receiving {
    pub(super) name: String,
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
        let nothing = (settings.temporary.scratch(IN_MEMORY), Sha256::new());
        Self {
            name,
            writing: spawn_blocking(|| Ok(nothing)),
            pending: vec![],
            bytes: 0,
        }
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
        self.writing = spawn_blocking(move || {
            for bytes in pending {
                hash.update(&bytes);
                content.append(&bytes)?;
            }
            Ok((content, hash))
        });
        Ok(())
    }

    pub(super) async fn finish(mut self) -> Result<UploadedFile, Failure> {
        self.write().await?;
        let (content, hash) = written(&mut self.writing).await?;
        Ok(UploadedFile {
            name: self.name,
            content,
            digest: Digest(hash.finalize().into()),
        })
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
            file.reader().read_to_end(&mut read).unwrap();
            assert!(read == bytes);
        }
    }
}
