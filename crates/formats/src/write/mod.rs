//! Writers of data files: observations as messages that this and other software reads.
//!
//! They take rows one by one and keep none, so that a file can be of any size. Rows come by year or by period, then
//! by key, each key once: what is said twice would be read as two things, and the same rows give the same bytes. `docs/exports.md`
//! describes the files for those who read them.

mod cells;
mod csv;
mod json;
mod ml;

use std::io;

use regtrade_model::{Dataflow, FigureKey, Indicator, Instant, ObsStatus, Observation};

pub use csv::sdmx_csv;
pub use json::sdmx_json;
pub use ml::sdmx_ml;

/// What a file is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Structure {
    /// Of which dataflow all rows are.
    pub dataflow: Dataflow,
    /// Whether the figures were made up: the agency is SYNTH then, so that nobody takes them for published ones.
    pub synthetic: bool,
    /// When the message was prepared, which SDMX-ML and SDMX-JSON say.
    pub prepared: Instant,
}

impl Structure {
    /// The agency that maintains the structure: BE2 (the National Bank of Belgium), or SYNTH of figures that were made up.
    #[must_use]
    pub const fn agency(&self) -> &'static str {
        if self.synthetic { "SYNTH" } else { "BE2" }
    }

    /// The reference `AGENCY:ID(VERSION)`.
    fn reference(&self) -> String {
        format!("{}:{}(1.0)", self.agency(), self.dataflow)
    }

    /// The name of the dataflow among all structures of all agencies.
    fn urn(&self) -> String {
        let reference = self.reference();
        format!("urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={reference}")
    }
}

/// Why a file was not written to its end. What was written of it is no file.
#[derive(Debug, thiserror::Error)]
pub enum WriteError<E: std::error::Error + 'static> {
    /// The rows broke off.
    #[error(transparent)]
    Rows(E),
    /// A row does not come after the one before it.
    #[error(
        "the observation {key} was given after {before}; give them by year or by period, then by key, each once"
    )]
    Order {
        /// The row.
        key: Box<FigureKey>,
        /// The row before.
        before: Box<FigureKey>,
    },
    /// A row is no level of the dataflow: another frequency, a concept too many or too few, a rate or a share.
    #[error("{key} is no level of the dataflow {dataflow}; write it to a file of its own dataflow")]
    Unfit {
        /// The row.
        key: Box<FigureKey>,
        /// The dataflow of the file.
        dataflow: Dataflow,
    },
    /// The bytes could not be written; whether a retry helps, the cause says.
    #[error("cannot write the file: {0}")]
    Io(#[from] io::Error),
}

/// What may be shown of an observation whose value may not be seen: that it is there, that it is suppressed (OBS_STATUS
/// Q), and its CONF_STATUS. The value is gone.
///
/// ```
/// # use regtrade_formats::write::masked;
/// # use regtrade_model::{Area, ConfStatus, FigureKey, Indicator, Item, ObsStatus, Observation, Period};
/// let key = FigureKey::overall(Item::P61, Area::BE1, Indicator::Level, "2024".parse::<Period>()?);
/// let observation = Observation {
///     key,
///     value: Some(1234.into()),
///     decimals: 1,
///     unit_mult: 6,
///     status: ObsStatus::A,
///     conf: ConfStatus::C,
/// };
/// let shown = masked(observation);
/// assert_eq!((shown.value, shown.status, shown.conf), (None, ObsStatus::Q, ConfStatus::C));
/// # Ok::<(), regtrade_model::InvalidCode>(())
/// ```
#[must_use]
pub fn masked(observation: Observation) -> Observation {
    Observation {
        value: None,
        status: ObsStatus::Q,
        ..observation
    }
}

/// Rows that are levels of the dataflow, in their order; what is not is an error.
struct Rows<I> {
    rows: I,
    dataflow: Dataflow,
    before: Option<FigureKey>,
    /// In which orders the rows are, so far. In each of them no key is there twice.
    by_year: bool,
    by_period: bool,
}

impl<I> Rows<I> {
    fn new(structure: &Structure, rows: impl IntoIterator<IntoIter = I>) -> Self {
        Self {
            rows: rows.into_iter(),
            dataflow: structure.dataflow,
            before: None,
            by_year: true,
            by_period: true,
        }
    }

    fn check<E: std::error::Error + 'static>(
        &mut self,
        key: &FigureKey,
    ) -> Result<(), WriteError<E>> {
        let dataflow = self.dataflow;
        let is_level = matches!(key.indicator, Indicator::Level | Indicator::Net);
        let is_of_dataflow = key.concept.is_some() == dataflow.has_concept()
            && key.period.last().frequency() == dataflow.frequency();
        if !is_level || !is_of_dataflow || key.period.first().is_some() {
            let key = Box::new(key.clone());
            return Err(WriteError::Unfit { key, dataflow });
        }
        if let Some(before) = &self.before {
            let year = |key: &FigureKey| key.period.last().year();
            self.by_year &= (year(before), before) < (year(key), key);
            self.by_period &= (before.period, before) < (key.period, key);
            if !self.by_year && !self.by_period {
                return Err(WriteError::Order {
                    key: Box::new(key.clone()),
                    before: Box::new(before.clone()),
                });
            }
        }
        self.before = Some(key.clone());
        Ok(())
    }
}

impl<E: std::error::Error + 'static, I: Iterator<Item = Result<Observation, E>>> Iterator
    for Rows<I>
{
    type Item = Result<Observation, WriteError<E>>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.rows.next()?.map_err(WriteError::Rows);
        Some(row.and_then(|row| self.check(&row.key).map(|()| row)))
    }
}
