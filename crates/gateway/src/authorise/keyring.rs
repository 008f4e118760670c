//! The file of the keys, read again when it changes: keys are changed without a restart.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::jwks::{KeySet, KeySetError};

/// How old what is known of the file may be. So long does a key that was taken out still open the door.
const LONGEST_UNCHECKED: Duration = Duration::from_secs(2);

/// No set of keys is larger, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// The keys in a file, as they were when last looked at.
pub(crate) struct Keyring {
    path: PathBuf,
    longest_unchecked: Duration,
    keys: RwLock<Arc<KeySet>>,
    /// Held by the one call that looks at the file, while others wait for what it finds.
    seen: Mutex<Seen>,
}

/// Why there are no keys to start with. Trying again helps once the file is mended.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file cannot be read.
    #[error("the file of token keys {path} cannot be read")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is no set of keys.
    #[error("the file of token keys {path} is of no use")]
    Content {
        /// The file.
        path: PathBuf,
        /// Why.
        source: KeySetError,
    },
}

/// What was found when the file was last looked at.
struct Seen {
    at: Instant,
    /// Nothing where it could not be read.
    content: Option<Vec<u8>>,
}

impl Keyring {
    /// Reads the keys in the file `path`.
    ///
    /// # Errors
    /// [`KeyFileError`].
    pub(crate) async fn open(path: PathBuf) -> Result<Self, KeyFileError> {
        Self::checked_every(LONGEST_UNCHECKED, path).await
    }

    async fn checked_every(every: Duration, path: PathBuf) -> Result<Self, KeyFileError> {
        let content = match read(&path).await {
            Ok(content) => content,
            Err(source) => return Err(KeyFileError::File { path, source }),
        };
        match KeySet::read(&content) {
            Ok(keys) => {
                said_of(&path, &keys, "the token keys are read");
                Ok(Self {
                    path,
                    longest_unchecked: every,
                    keys: RwLock::new(Arc::new(keys)),
                    seen: Mutex::new(Seen {
                        at: Instant::now(),
                        content: Some(content),
                    }),
                })
            }
            Err(source) => Err(KeyFileError::Content { path, source }),
        }
    }

    /// The keys of now. A file that became broken, or went away, changes nothing but the log.
    pub(crate) async fn keys(&self) -> Arc<KeySet> {
        let mut seen = self.seen.lock().await;
        if seen.at.elapsed() >= self.longest_unchecked {
            self.look(&mut seen).await;
            seen.at = Instant::now();
        }
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&keys)
    }

    async fn look(&self, seen: &mut Seen) {
        let path = &self.path;
        match read(path).await {
            Ok(content) if seen.content.as_ref() == Some(&content) => {}
            Ok(content) => {
                match KeySet::read(&content) {
                    Ok(keys) => {
                        said_of(path, &keys, "the token keys are read anew");
                        let mut held = self.keys.write().unwrap_or_else(PoisonError::into_inner);
                        *held = Arc::new(keys);
                    }
                    Err(error) => tracing::error!(
                        path = %path.display(),
                        cause = %error,
                        "the file of token keys changed and is of no use; the keys from before stay"
                    ),
                }
                seen.content = Some(content);
            }
            Err(error) => {
                // Once, and not for each call.
                if seen.content.take().is_some() {
                    tracing::error!(
                        path = %path.display(),
                        cause = %error,
                        "the file of token keys cannot be read any more; the keys from before stay"
                    );
                }
            }
        }
    }
}

/// Off the threads that answer calls: a file can be on a slow disk, or be no file but a pipe.
async fn read(path: &Path) -> io::Result<Vec<u8>> {
    let path = path.to_owned();
    let reading = tokio::task::spawn_blocking(move || {
        if !fs::metadata(&path)?.is_file() {
            return Err(io::Error::other("it is not a file"));
        }
        let mut content = Vec::new();
        File::open(&path)?
            .take(LARGEST + 1)
            .read_to_end(&mut content)?;
        if content.len() as u64 > LARGEST {
            return Err(io::Error::other("it is larger than a mebibyte"));
        }
        Ok(content)
    });
    reading.await.map_err(io::Error::other)?
}

fn said_of(path: &Path, keys: &KeySet, what: &str) {
    tracing::info!(path = %path.display(), keys = keys.len(), "{what}");
    if keys.len() == 0 {
        tracing::warn!(path = %path.display(), "there is no token key, so every token is refused");
    }
    warn_of_others(path, keys.has_secrets());
}

/// In a container, the file may have to be readable by a group; so this warns, and no more.
#[cfg(unix)]
fn warn_of_others(path: &Path, secrets: bool) {
    use std::os::unix::fs::PermissionsExt;

    let Ok(metadata) = fs::metadata(path) else {
        return;
    };
    let mode = metadata.permissions().mode();
    if secrets && mode & 0o044 != 0 {
        tracing::warn!(path = %path.display(), "the file of token keys holds secrets and can be read by others than its owner, who could make tokens");
    }
    if mode & 0o022 != 0 {
        tracing::warn!(path = %path.display(), "the file of token keys can be changed by others than its owner, who could let anyone in");
    }
}

#[cfg(not(unix))]
fn warn_of_others(_path: &Path, _secrets: bool) {}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = r#"{"keys":[{"kty":"oct","kid":"first","k":"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE"}]}"#;

    async fn keyring(every: Duration) -> (tempfile::TempDir, Keyring) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        fs::write(&path, FIRST).unwrap();
        let keyring = Keyring::checked_every(every, path).await.unwrap();
        (folder, keyring)
    }

    async fn knows(keyring: &Keyring, id: &str) -> bool {
        keyring.keys().await.named(Some(id)).is_some()
    }

    #[tokio::test]
    async fn a_key_that_is_changed_in_the_file_is_changed_at_the_door() {
        let (_folder, keyring) = keyring(Duration::ZERO).await;
        assert!(knows(&keyring, "first").await);
        fs::write(&keyring.path, FIRST.replace("first", "second")).unwrap();
        assert!(knows(&keyring, "second").await && !knows(&keyring, "first").await);
        // As editors and `mv` do it.
        let other = keyring.path.with_extension("new");
        fs::write(&other, FIRST.replace("first", "third")).unwrap();
        fs::rename(&other, &keyring.path).unwrap();
        assert!(knows(&keyring, "third").await && !knows(&keyring, "second").await);
        fs::write(&keyring.path, r#"{"keys":[]}"#).unwrap();
        assert!(!knows(&keyring, "third").await);
    }

    #[tokio::test]
    async fn a_file_that_breaks_or_goes_away_keeps_the_keys_until_it_is_mended() {
        let (_folder, keyring) = keyring(Duration::ZERO).await;
        for broken in ["", "{\"keys\":[{]}", "[]", &FIRST.replace("Nzg5MDE", "")] {
            fs::write(&keyring.path, broken).unwrap();
            assert!(knows(&keyring, "first").await, "{broken}");
        }
        fs::remove_file(&keyring.path).unwrap();
        assert!(knows(&keyring, "first").await);
        fs::write(&keyring.path, FIRST.replace("first", "second")).unwrap();
        assert!(knows(&keyring, "second").await && !knows(&keyring, "first").await);
    }

    #[tokio::test]
    async fn the_file_is_not_read_again_for_every_call() {
        let (_folder, keyring) = keyring(Duration::from_secs(3600)).await;
        fs::write(&keyring.path, FIRST.replace("first", "second")).unwrap();
        assert!(knows(&keyring, "first").await);
    }

    #[tokio::test]
    async fn a_gateway_does_not_begin_without_its_keys_and_the_error_shows_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        let error = |error: KeyFileError| format!("{error}: {:?}", error);
        let open = |path: &Path| Keyring::open(path.to_owned());
        let Err(missing) = open(&path).await else {
            panic!("no file was taken");
        };
        assert!(error(missing).contains("keys.json"));
        let Err(no_file) = open(folder.path()).await else {
            panic!("a folder was taken");
        };
        assert!(error(no_file).contains("it is not a file"));
        fs::write(&path, FIRST.replace("}]", "],")).unwrap();
        let Err(broken) = open(&path).await else {
            panic!("a broken file was taken");
        };
        let broken = error(broken);
        assert!(
            broken.contains("keys.json") && !broken.contains("MDEy"),
            "{broken}"
        );
        fs::write(&path, vec![b' '; 1024 * 1024 + 1]).unwrap();
        assert!(open(&path).await.is_err());
    }
}
