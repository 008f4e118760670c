//! What answers look like: as a table for people, as csv and json for programs.

pub mod csv;
pub mod json;
pub mod key_table;
pub mod numbers;
pub mod table;
pub mod words;

use regtrade_model::{Figure, Instant, Release};
use regtrade_proto::v1::ReleaseState;

/// An answer that is given from one release.
pub struct Answer {
    /// The release.
    pub release: Release,
    /// Whether it is published.
    pub state: ReleaseState,
    /// The figures.
    pub figures: Vec<Figure>,
    /// The caveats: id and text.
    pub caveats: Vec<(String, String)>,
}

impl Answer {
    /// What to say beside figures of a release that was taken in although its figures contradict each other.
    pub fn accepted(&self) -> Option<String> {
        let reason = self.release.accepted_because.as_ref()?;
        Some(format!(
            "note: the figures of {} contradict each other; it was taken in all the same: {reason}",
            self.release.id
        ))
    }
}

/// An instant in RFC 3339, UTC.
pub fn instant(instant: Instant) -> String {
    instant.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

/// The word for the state of a release.
pub fn state(state: ReleaseState) -> &'static str {
    match state {
        ReleaseState::Embargoed => "EMBARGOED",
        ReleaseState::Published | ReleaseState::Unspecified => "PUBLISHED",
    }
}
