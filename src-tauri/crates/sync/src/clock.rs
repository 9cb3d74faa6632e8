//! The clock, as an argument.

use regulars_domain::Timestamp;
use regulars_store::clocks::Told;
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

/// An answer that took longer says too little: its own delay is most of the difference.
const LONGEST_ROUND_TRIP: Duration = Duration::from_secs(60);

/// How far a remote's clock is from this computer's, by one question: it was read in the middle of the round trip, at most half of it off.
pub fn told(asked_at: Timestamp, answered_at: Timestamp, there: Timestamp) -> Option<Told> {
    let trip = answered_at.as_millis().checked_sub(asked_at.as_millis())?;
    // Below zero: the clock was set back while the answer was on its way.
    let is_of_use = u128::try_from(trip).is_ok_and(|trip| trip <= LONGEST_ROUND_TRIP.as_millis());
    let middle = asked_at.as_millis().checked_add(trip / 2)?;
    let ahead_ms = there.as_millis().checked_sub(middle)?;
    is_of_use.then_some(Told { ahead_ms, error_ms: trip / 2 + 1, at: answered_at })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asked and answered by this computer's clock, the remote's in between, and what is learnt, in seconds.
    #[test]
    fn the_error_is_half_a_round_trip_and_a_slow_answer_says_nothing() {
        let at = |second: i64| Timestamp::from_millis(second * 1_000);
        for (asked, answered, there, ahead) in [
            (100, 100, 100, Some(0)),
            (100, 102, 101, Some(0)),
            (100, 102, 401, Some(300)),
            (100_000, 100_002, 1, Some(-100_000)),
            (100, 161, 130, None),
            (100, 90, 100, None),
        ] {
            let learnt = told(at(asked), at(answered), at(there));
            assert_eq!(learnt.map(|told| told.ahead_ms / 1_000), ahead, "{asked} {answered} {there}");
        }
        assert_eq!(told(at(100), at(102), at(101)).map(|told| told.error_ms), Some(1_001));
    }
}
