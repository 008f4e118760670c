//! The only clock of the project: logic takes an instant as an argument, and servers get theirs from here.

use std::sync::{Mutex, PoisonError};

use regtrade_model::Instant;

/// Tells what time it is.
pub trait Clock: Send + Sync {
    /// The present instant, in UTC.
    fn now(&self) -> Instant;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place where the clock of the machine is read"
    )]
    fn now(&self) -> Instant {
        chrono::Utc::now()
    }
}

/// A clock that stands still until it is set, for tests of what depends on time.
#[derive(Debug)]
pub struct ManualClock(Mutex<Instant>);

impl ManualClock {
    /// A clock that stands at `now`.
    pub fn new(now: Instant) -> Self {
        Self(Mutex::new(now))
    }

    /// Sets the clock to `now`, forwards or back.
    pub fn set(&self, now: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_tells_what_it_was_set_to() {
        let first: Instant = "2025-06-30T10:00:00Z".parse().unwrap();
        let second: Instant = "2026-06-30T10:00:00Z".parse().unwrap();
        let clock = ManualClock::new(first);
        assert_eq!(clock.now(), first);
        clock.set(second);
        assert_eq!(clock.now(), second);
    }
}
