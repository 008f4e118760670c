//! Instants, to the microsecond.

use prost_types::Timestamp;
use regtrade_model::Instant;

use crate::InvalidField;

/// An instant as it goes over the wire.
#[must_use]
pub fn timestamp(instant: Instant) -> Timestamp {
    Timestamp {
        seconds: instant.timestamp(),
        nanos: instant.timestamp_subsec_micros() as i32 * 1_000,
    }
}

/// An instant from the wire, cut to the microsecond.
///
/// # Errors
/// Where it lies outside the years 1900 to 9999, or its fraction is not one of a second.
pub fn instant(field: &str, timestamp: &Timestamp) -> Result<Instant, InvalidField> {
    const FROM: i64 = -2_208_988_800;
    const UNTIL: i64 = 253_402_300_800;
    let nanos = u32::try_from(timestamp.nanos)
        .ok()
        .filter(|nanos| *nanos < 1_000_000_000);
    nanos
        .filter(|_| (FROM..UNTIL).contains(&timestamp.seconds))
        .and_then(|nanos| Instant::from_timestamp(timestamp.seconds, nanos / 1_000 * 1_000))
        .ok_or_else(|| InvalidField::new(field, "not an instant of the years 1900 to 9999"))
}
