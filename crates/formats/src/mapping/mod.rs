//! Mappings: which dataflows of which agencies are read, and what their codes are of ours.

use std::sync::LazyLock;

use crate::Issue;

/// The mappings by which data files are read.
#[derive(Debug, Clone, Default)]
pub struct Mappings {}

/// A mapping that cannot be used, with all that is wrong with it. Its text has a line `NAME:LINE:COLUMN: what [rule]` each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .issues.iter().map(|issue| format!("{}:{issue}", .name)).collect::<Vec<_>>().join("\n"))]
pub struct InvalidMapping {
    /// The name of the file.
    pub name: String,
    /// What is wrong with it, in its order.
    pub issues: Vec<Issue>,
}

impl Mappings {
    /// Those shipped with this version.
    #[must_use]
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Mappings> = LazyLock::new(Mappings::default);
        &SHIPPED
    }

    /// With a mapping in TOML, of a file of that `name`. Of two mappings of one structure the later one is used.
    ///
    /// # Errors
    /// With all that is wrong with it.
    pub fn with(self, name: &str, toml: &str) -> Result<Self, InvalidMapping> {
        let _ = (name, toml);
        Ok(self)
    }
}
