//! Bytes in the temporary folder, in a file without a name: nothing of it stays, whatever becomes of the process.

use std::{
    fmt,
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tempfile::SpooledTempFile;

/// Bytes that are written once, from the beginning to the end, and read from anywhere, by several readers at once. The
/// first of them are kept in memory, and where there are more, all of them in a file of the temporary folder, which has
/// no name there. Cheap to clone; all clones are the same bytes.
#[derive(Clone)]
pub struct Scratch {
    file: Arc<Mutex<SpooledTempFile>>,
    bytes: u64,
}

/// Where temporary files go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    /// A folder, which must be there.
    #[must_use]
    pub fn at(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// Bytes that are held in memory as long as they are no more than `in_memory`.
    #[must_use]
    pub fn scratch(&self, in_memory: usize) -> Scratch {
        Scratch {
            file: Arc::new(Mutex::new(SpooledTempFile::new_in(in_memory, &self.0))),
            bytes: 0,
        }
    }
}

impl fmt::Display for TemporaryFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.display().fmt(f)
    }
}

/// The one of the system.
impl Default for TemporaryFolder {
    fn default() -> Self {
        Self(std::env::temp_dir())
    }
}

impl Scratch {
    /// How many bytes there are.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// Where the temporary folder takes no more.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.lock();
        file.seek(SeekFrom::Start(self.bytes))?;
        file.write_all(bytes)?;
        drop(file);
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Reads bytes from a place on, as many as there is room for.
    ///
    /// # Errors
    /// Where the temporary folder cannot be read, or has not as many.
    pub fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        let mut file = self.lock();
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(into)
    }

    // A thread that panicked with the file in its hands left at most the place in it moved, which each use sets anew.
    fn lock(&self) -> MutexGuard<'_, SpooledTempFile> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scratch({} bytes)", self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_do_not_move_each_other_in_memory_or_on_disk() {
        for in_memory in [0, 1 << 20] {
            let mut scratch = TemporaryFolder::default().scratch(in_memory);
            scratch.append(b"first ").unwrap();
            let before = scratch.clone();
            scratch.append(b"second").unwrap();
            let (mut one, mut other) = ([0; 5], [0; 6]);
            scratch.read_at(6, &mut other).unwrap();
            before.read_at(0, &mut one).unwrap();
            assert_eq!((&one, &other), (b"first", b"second"));
            assert_eq!((before.bytes(), scratch.bytes()), (6, 12));
            assert!(scratch.read_at(7, &mut other).is_err());
        }
    }
}
