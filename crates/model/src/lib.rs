//! The vocabulary that every other crate speaks: periods, areas, items, indicators, figures and releases,
//! the code lists with their labels, and exact arithmetic on figures.
//!
//! Invariant: nothing here does I/O, reads a clock, or knows a wire or storage format.

mod area;
mod as_of;
mod breakdown;
mod caveat;
mod code;
mod codelist;
mod dataflow;
mod error;
mod event;
pub mod exact;
mod figure;
mod finding;
mod indicator;
mod item;
mod key;
mod labels;
mod language;
mod observation;
mod pattern;
mod period;
mod printed;
mod release;
mod revision;

pub use area::Area;
pub use as_of::{AsOf, At, Vintage};
pub use breakdown::{Breakdown, ContributionMethod};
pub use caveat::{Caveat, causes_of_difference, caveats};
pub use code::Code;
pub use codelist::{
    Codelist, CodelistCode, Membership, PartnerGroup, PartnerGroups, Validity, chapter_of,
    codelist, codelist_of, codelists, members, partner_groups,
};
pub use dataflow::{Concept, Dataflow};
pub use error::{InvalidCode, Vocabulary};
pub use event::{Change, Event, NotAllowed};
pub use figure::{Figure, FigureValue, Provenance, Undefined};
pub use finding::{BoundedFigure, Finding};
pub use indicator::{Indicator, Unit};
pub use item::{Item, Kind, Side};
pub use key::FigureKey;
pub use labels::{Label, labels};
pub use language::Language;
pub use observation::{CodedObservation, ConfStatus, ObsStatus, Observation};
pub use pattern::{InvalidPattern, KeyPattern};
pub use period::{Period, Span};
pub use printed::{
    DescribedArea, DescribedItem, DescribedMeasure, Origin, PrintedCell, PublishedFigure,
    TableDescription,
};
pub use release::{
    DatePrecision, Digest, Edition, Release, ReleaseId, RevisionKind, Slice, SliceObservations,
    SourceFile, Withdrawal,
};
pub use revision::RevisionClass;

/// An instant in UTC, to the microsecond; the resolution at which the lake stores it.
pub type Instant = chrono::DateTime<chrono::Utc>;
pub use rust_decimal::Decimal;
