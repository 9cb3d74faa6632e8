//! The clock, as an argument.

use regulars_domain::Timestamp;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;

    /// What the computer's own clock shows, right or wrong.
    fn own(&self) -> Timestamp {
        self.now()
    }

    /// Time that passed since some instant, by a clock that nobody can set; `None` where there is none.
    fn steady(&self) -> Option<Duration> {
        None
    }

    /// A remote's answer told how far its clock is ahead of the computer's own.
    fn hear(&self, _ahead_ms: i64, _error_ms: i64) {}
}

/// The computer's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn steady(&self) -> Option<Duration> {
        static START: OnceLock<Instant> = OnceLock::new();
        Some(START.get_or_init(Instant::now).elapsed())
    }
}
