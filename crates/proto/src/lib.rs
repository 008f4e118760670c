//! The protobuf types of `proto/`, and the conversions between them and the model.
//!
//! Towards the wire a conversion cannot fail (`From`); from the wire every field is checked (`TryFrom`), and a bad
//! one is reported with its full path.

mod figure;
mod passed;
mod query;
mod release;
mod time;
mod words;

pub use passed::Passed;
pub use query::{IndicatorSet, key_pattern};
pub use time::{instant, timestamp};

/// The generated types and services of package `regtrade.v1`.
#[allow(missing_docs, clippy::all, rustdoc::all)]
pub mod v1 {
    tonic::include_proto!("regtrade.v1");
}

/// The service of indicators, with answers that are handed on as they came.
#[allow(missing_docs, clippy::all, rustdoc::all)]
pub mod passed_on {
    include!(concat!(env!("OUT_DIR"), "/passed/regtrade.v1.rs"));
}

/// The compiled `FileDescriptorSet` of `proto/`, for reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// A field of a message that does not hold what it must.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {description}")]
pub struct InvalidField {
    /// The path of the field from the message, such as `as_of.release`.
    pub field: String,
    /// What is wrong with it.
    pub description: String,
}

impl InvalidField {
    /// Says what is wrong with a field.
    #[must_use]
    pub fn new(field: impl Into<String>, description: impl ToString) -> Self {
        Self {
            field: field.into(),
            description: description.to_string(),
        }
    }

    /// The same, seen from the message that holds it in `field`.
    #[must_use]
    pub fn within(self, field: &str) -> Self {
        Self {
            field: format!("{field}.{}", self.field),
            description: self.description,
        }
    }
}

/// Parses a text field that may be empty.
fn optional<T>(field: &str, text: &str) -> Result<Option<T>, InvalidField>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    (!text.is_empty()).then(|| parse(field, text)).transpose()
}

/// Parses a text field.
fn parse<T>(field: &str, text: &str) -> Result<T, InvalidField>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    text.parse()
        .map_err(|error: T::Err| InvalidField::new(field, error))
}
