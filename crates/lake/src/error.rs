//! What can go wrong with a lake.

/// A lake cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// The location is not one.
    #[error("`{location}` is not the location of a lake: {reason}")]
    Location {
        /// As it was given.
        location: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The lake was written by a newer version of this software.
    #[error(
        "the lake has schema version {found}, and this version of regtrade knows {known} at most: use a newer regtrade"
    )]
    NewerSchema {
        /// The version in the lake.
        found: u32,
        /// The newest version that is known.
        known: u32,
    },
    /// The folder holds a Delta table that is not a lake of this software.
    #[error("the Delta table at {0} is not a lake of regtrade: it has no property `{property}`", property = crate::schema::VERSION_PROPERTY)]
    NotALake(url::Url),
    /// A row does not hold what the schema says.
    #[error("a stored row is damaged: {0}")]
    Damaged(String),
    /// A value has more digits than the lake keeps.
    #[error("{0} has more than {digits} digits or {scale} decimals", digits = crate::schema::PRECISION, scale = crate::schema::SCALE)]
    TooPrecise(regtrade_model::Decimal),
    /// Others committed again and again in between. Trying again helps.
    #[error("other releases were committed {0} times in between; try again")]
    Contended(u32),
    /// The Delta log or its store failed. Trying again may help.
    #[error("the lake's log or store failed: {0}")]
    Delta(#[from] deltalake::DeltaTableError),
    /// Reading the Parquet files failed.
    #[error("reading the lake's files failed: {0}")]
    Query(#[from] datafusion::error::DataFusionError),
    /// Columns could not be made or read.
    #[error("columns do not fit the schema: {0}")]
    Columns(#[from] arrow::error::ArrowError),
}
