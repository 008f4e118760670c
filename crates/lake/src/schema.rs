//! The one table of the lake: its columns, the version of them, and where it lies.

use std::{path::Path, sync::Arc};

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::LakeError;

/// The version of the columns below and of what they mean. A lake of another one is refused.
pub const SCHEMA_VERSION: u32 = 4;

/// The Delta table property that holds the schema version.
pub(crate) const VERSION_PROPERTY: &str = "regtrade.schemaVersion";

/// Digits and decimals of stored values.
pub(crate) const PRECISION: u8 = 38;
pub(crate) const SCALE: i8 = 10;

/// Digits and decimals of the values of observations, as far as these have no more: they are whole numbers of 64 bits
/// then, in a third of the room.
pub(crate) const OBS_PRECISION: u8 = 18;
pub(crate) const OBS_SCALE: i8 = 6;

/// The column that has them.
pub(crate) const OBS_VALUE: &str = "obs_value";

/// What the rows of a file are; the column `content`. A file holds rows of one content and, but for events, of one
/// release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Content {
    /// The record of a release: one row.
    Release,
    /// A figure as the release prints it.
    Published,
    /// Two values between which the print of the release proves a figure to lie.
    Bound,
    /// A level that the release has of a period, or that it took out.
    Observation,
    /// What the observations that the release stores add up to.
    Sum,
    /// Something that happened to a release: one row.
    Event,
}

impl Content {
    /// All of them.
    pub(crate) const ALL: [Self; 6] = [
        Self::Release,
        Self::Published,
        Self::Bound,
        Self::Observation,
        Self::Sum,
        Self::Event,
    ];

    /// The word in the column and at the beginning of the names of files.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Release => "RELEASE",
            Self::Published => "PUBLISHED",
            Self::Bound => "BOUND",
            Self::Observation => "OBSERVATION",
            Self::Sum => "SUM",
            Self::Event => "EVENT",
        }
    }
}

pub(crate) fn decimal_type() -> DataType {
    DataType::Decimal128(PRECISION, SCALE)
}

pub(crate) fn obs_type() -> DataType {
    DataType::Decimal128(OBS_PRECISION, OBS_SCALE)
}

pub(crate) fn instant_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// The columns, named as SDMX names the dimensions and attributes, in lower case.
pub(crate) fn columns() -> SchemaRef {
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    let number = |name: &str| Field::new(name, DataType::Int32, true);
    Arc::new(Schema::new(vec![
        Field::new("content", DataType::Utf8, false),
        Field::new("dataflow", DataType::Utf8, false),
        Field::new("release", DataType::Utf8, false),
        // Of a RELEASE: the record. Of an EVENT: `sequence` and `document`.
        text("edition"),
        Field::new("published_at", instant_type(), true),
        Field::new("loaded_at", instant_type(), true),
        text("digest"),
        Field::new("sequence", DataType::Int64, true),
        text("document"),
        // Of a PUBLISHED figure: the key, the value as printed, and where it was read. Of a BOUND: the key, lower, upper.
        // Of an OBSERVATION: the key, the value in `obs_value`, or where it does not fit there in `value`, and its status,
        // or that it was taken out. Of a SUM: the same.
        text("freq"),
        text("ref_area"),
        text("item"),
        text("activity"),
        text("product"),
        text("counterpart_area"),
        text("concept"),
        text("indicator"),
        text("time_period"),
        Field::new(OBS_VALUE, obs_type(), true),
        Field::new("value", decimal_type(), true),
        Field::new("lower", decimal_type(), true),
        Field::new("upper", decimal_type(), true),
        text("unit"),
        number("unit_mult"),
        number("decimals"),
        number("line"),
        number("column"),
        text("source"),
        text("obs_status"),
        text("conf_status"),
        Field::new("deleted", DataType::Boolean, true),
    ]))
}

/// The URL of a location: a folder's path, or a URL already.
pub(crate) fn url_of(location: &str) -> Result<Url, LakeError> {
    let fail = |reason: &str| LakeError::Location {
        location: location.to_owned(),
        reason: reason.to_owned(),
    };
    if location.is_empty() {
        return Err(fail("it is empty"));
    }
    match Url::parse(location) {
        Ok(url) if url.scheme() == "file" || url.scheme() == "memory" => Ok(url),
        Ok(url) if url.scheme().len() > 1 => Err(fail(&format!(
            "this build has no store for `{}:` locations; name a folder",
            url.scheme()
        ))),
        _ => {
            let path = std::path::absolute(Path::new(location))
                .map_err(|error| fail(&error.to_string()))?;
            Url::from_directory_path(path).map_err(|()| fail("its path cannot be written as a URL"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_a_folder_or_a_url_that_this_build_can_open() {
        assert!(
            url_of("some/folder")
                .unwrap()
                .path()
                .ends_with("/some/folder/")
        );
        assert_eq!(url_of("/var/lake").unwrap().as_str(), "file:///var/lake/");
        assert!(url_of("").is_err());
        let refused = url_of("s3://bucket/lake").unwrap_err().to_string();
        assert!(refused.contains("no store for `s3:`"), "{refused}");
    }
}
