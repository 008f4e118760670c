//! How the service is configured.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use regtrade_formats::mapping::{InvalidMapping, Mappings};
use regtrade_lake::TemporaryFolder;
use regtrade_service::Limits;

/// What the files of a release may have together, unless it is configured.
const MOST_BYTES: u64 = 8 << 30;

/// Where the lake is, what is taken in, and how much one call may ask for.
#[derive(Debug, Clone, clap::Args)]
pub struct Config {
    /// The folder of the lake
    #[arg(long, env = "REGTRADE_LAKE", default_value = "regtrade-lake")]
    pub lake: String,
    /// How releases are taken in.
    #[command(flatten)]
    pub intake: IntakeConfig,
    /// Limits of each call.
    #[command(flatten)]
    pub limits: Limits,
}

/// How releases are taken in.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Taking releases in")]
pub struct IntakeConfig {
    /// Folder with mappings of dataflows of other agencies: all its files that end in .toml. They are added to those
    /// that come with regtrade
    #[arg(long, env = "REGTRADE_MAPPINGS", value_name = "DIR")]
    pub mappings: Option<PathBuf>,
    /// Largest size of the files of a release together, in bytes
    #[arg(
        long,
        env = "REGTRADE_MAX_UPLOAD_BYTES",
        value_name = "BYTES",
        default_value_t = MOST_BYTES,
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub max_upload_bytes: u64,
    /// Folder for temporary files while a release is taken in, twice as large as its files [default: the system's]
    #[arg(long, env = "REGTRADE_TEMPORARY", value_name = "DIR")]
    pub temporary: Option<PathBuf>,
}

/// The defaults of the flags.
impl Default for IntakeConfig {
    fn default() -> Self {
        Self {
            mappings: None,
            max_upload_bytes: MOST_BYTES,
            temporary: None,
        }
    }
}

/// What taking a release in needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The mappings by which data files are read.
    pub mappings: Mappings,
    /// Where files are while they are taken in.
    pub temporary: TemporaryFolder,
    /// What the files of a release may have together.
    pub max_upload_bytes: u64,
}

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A folder or a file in it cannot be read.
    #[error("{path} cannot be read; name another folder with --mappings: {error}")]
    Mappings {
        /// Which.
        path: String,
        /// Why not.
        error: io::Error,
    },
    /// Mappings are wrong: all that is wrong with all of them, a line each.
    #[error("mappings cannot be used:\n{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    InvalidMappings(Vec<InvalidMapping>),
    /// The folder for temporary files is none that can be written.
    #[error(
        "no temporary file can be made in {path}; name another folder with --temporary: {error}"
    )]
    Temporary {
        /// The folder.
        path: String,
        /// Why not.
        error: io::Error,
    },
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mappings: Mappings::shipped().clone(),
            temporary: TemporaryFolder::default(),
            max_upload_bytes: MOST_BYTES,
        }
    }
}

impl IntakeConfig {
    /// Reads what the configuration names.
    ///
    /// # Errors
    /// Where a folder cannot be used, or with all that is wrong with the mappings.
    pub fn settings(&self) -> Result<Settings, ConfigError> {
        let temporary = match &self.temporary {
            Some(folder) => TemporaryFolder::at(folder),
            None => TemporaryFolder::default(),
        };
        let tried = temporary.scratch(0).append(b"tried");
        tried.map_err(|error| ConfigError::Temporary {
            path: temporary.to_string(),
            error,
        })?;
        let mut mappings = Mappings::shipped().clone();
        if let Some(folder) = &self.mappings {
            mappings = with_all(mappings, folder)?;
        }
        Ok(Settings {
            mappings,
            temporary,
            max_upload_bytes: self.max_upload_bytes,
        })
    }
}

/// Mappings with those of a folder, in the order of their names.
fn with_all(mut mappings: Mappings, folder: &Path) -> Result<Mappings, ConfigError> {
    let fail = |path: &Path, error| ConfigError::Mappings {
        path: path.display().to_string(),
        error,
    };
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let entries = entries.map_err(|error| fail(folder, error))?;
    let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    paths.sort();
    let mut invalid = vec![];
    for path in paths {
        let text = fs::read_to_string(&path).map_err(|error| fail(&path, error))?;
        match mappings.clone().with(&path.display().to_string(), &text) {
            Ok(more) => mappings = more,
            Err(error) => invalid.push(error),
        }
    }
    if invalid.is_empty() {
        Ok(mappings)
    } else {
        Err(ConfigError::InvalidMappings(invalid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_stops_the_service_with_the_flag_that_names_it() {
        let nowhere = || Some(PathBuf::from("/nonexistent/folder"));
        let config = IntakeConfig {
            mappings: nowhere(),
            ..IntakeConfig::default()
        };
        let told = config.settings().unwrap_err().to_string();
        assert!(told.contains("--mappings"), "{told}");
        let config = IntakeConfig {
            temporary: nowhere(),
            ..IntakeConfig::default()
        };
        let told = config.settings().unwrap_err().to_string();
        assert!(told.contains("--temporary"), "{told}");
    }

    #[test]
    fn every_fault_of_every_mapping_is_told_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("a.toml", "this is = = no TOML");
        write("b.toml", "colour = 'red'");
        write("c.txt", "not one of them = = =");
        let config = IntakeConfig {
            mappings: Some(folder.path().to_owned()),
            ..IntakeConfig::default()
        };
        let told = config.settings().unwrap_err().to_string();
        assert!(
            told.contains("a.toml:") && told.contains("b.toml:"),
            "{told}"
        );
        assert!(!told.contains("c.txt"), "{told}");
    }
}
