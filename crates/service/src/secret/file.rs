//! The file through which the processes of one host, or of one shared volume, agree on a secret.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Secret, SecretError};
use crate::context::{hexadecimal, random_bytes};

impl Secret {
    /// Reads the secret in the file `path`, or creates the file with a new secret, for its owner alone to read.
    ///
    /// Processes that do this at the same time all get the secret of the one that was first: the file appears
    /// with its whole content or not at all, and is never overwritten.
    ///
    /// # Errors
    /// [`SecretError`], where the file can be neither read nor created, or holds no secret.
    pub fn load_or_create(path: &Path) -> Result<Self, SecretError> {
        let failed = |source| SecretError::File {
            path: path.to_owned(),
            source,
        };
        if let Some(secret) = load(path)? {
            return Ok(secret);
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        if !folder.as_os_str().is_empty() {
            create_private_folder(folder).map_err(failed)?;
        }
        let text = hexadecimal(&random_bytes::<32>()?);
        let draft = folder.join(format!(".secret-{}", hexadecimal(&random_bytes::<8>()?)));
        let placed = write_private(&draft, &text).and_then(|()| fs::hard_link(&draft, path));
        // The draft has done its work, or has none; one that cannot be removed harms nobody.
        let _ = fs::remove_file(&draft);
        match placed {
            Ok(()) => text.parse(),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                load(path)?.ok_or_else(|| failed(io::ErrorKind::NotFound.into()))
            }
            Err(error) => Err(failed(error)),
        }
    }
}

/// The folder in which the processes of a user keep what they must find again: `$REGTRADE_STATE_DIR`, else
/// `$XDG_STATE_HOME/regtrade`, else `$HOME/.local/state/regtrade`, else `regtrade` in the folder for temporary
/// files.
pub fn default_state_dir() -> PathBuf {
    state_dir(|name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    })
}

fn state_dir(variable: impl Fn(&str) -> Option<PathBuf>) -> PathBuf {
    variable("REGTRADE_STATE_DIR")
        .or_else(|| Some(variable("XDG_STATE_HOME")?.join("regtrade")))
        .or_else(|| Some(variable("HOME")?.join(".local/state/regtrade")))
        .unwrap_or_else(|| std::env::temp_dir().join("regtrade"))
}

/// The secret in a file, or nothing where there is no file.
fn load(path: &Path) -> Result<Option<Secret>, SecretError> {
    match fs::read_to_string(path) {
        Ok(text) => {
            warn_if_others_can_read(path);
            text.trim()
                .parse()
                .map(Some)
                .map_err(|source| SecretError::FileContent {
                    path: path.to_owned(),
                    source: Box::new(source),
                })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(SecretError::File {
            path: path.to_owned(),
            source,
        }),
    }
}

fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}

/// On a volume that containers share, the file may have to be readable by a group; so this warns, and no more.
#[cfg(unix)]
fn warn_if_others_can_read(path: &Path) {
    use std::os::unix::fs::PermissionsExt;

    if let Ok(metadata) = fs::metadata(path)
        && metadata.permissions().mode() & 0o077 != 0
    {
        tracing::warn!(path = %path.display(), "the file of the backends' secret can be read by others than its owner");
    }
}

#[cfg(not(unix))]
fn warn_if_others_can_read(_path: &Path) {}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn eight_threads_at_once_agree_on_one_secret_that_its_owner_alone_can_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/deeper/secret");
        let start = Barrier::new(8);
        let secrets: Vec<Secret> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        Secret::load_or_create(&path).unwrap()
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });

        let stored = fs::read_to_string(&path).unwrap();
        assert_eq!(stored.trim().len(), 64);
        assert!(
            secrets
                .iter()
                .all(|secret| secret.is(stored.trim().as_bytes()))
        );
        let left: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(left.len(), 1, "drafts are left: {left:?}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&path), 0o600);
            assert_eq!(mode(path.parent().unwrap()), 0o700);
        }
    }

    #[test]
    fn a_secret_that_is_there_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        fs::write(&path, "kept-kept-kept-kept-kept-kept-kept\n").unwrap();
        let secret = Secret::load_or_create(&path).unwrap();
        assert!(secret.is(b"kept-kept-kept-kept-kept-kept-kept"));
    }

    #[test]
    fn a_file_that_holds_no_secret_is_refused_by_its_name_and_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        fs::write(&path, "short").unwrap();
        let error = Secret::load_or_create(&path).unwrap_err();
        assert!(
            error.to_string().contains(path.to_str().unwrap()),
            "{error}"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), "short");
    }

    #[test]
    fn the_state_is_kept_where_the_environment_says_first() {
        let with = |set: &'static [(&str, &str)]| {
            state_dir(|name| {
                let (_, value) = set.iter().find(|(key, _)| *key == name)?;
                Some(PathBuf::from(value))
            })
        };
        let all = &[
            ("REGTRADE_STATE_DIR", "/own"),
            ("XDG_STATE_HOME", "/xdg"),
            ("HOME", "/home/me"),
        ];
        assert_eq!(with(all), Path::new("/own"));
        assert_eq!(with(&all[1..]), Path::new("/xdg/regtrade"));
        assert_eq!(with(&all[2..]), Path::new("/home/me/.local/state/regtrade"));
        assert_eq!(with(&[]), std::env::temp_dir().join("regtrade"));
    }
}
