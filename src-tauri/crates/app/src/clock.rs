//! The till's clock: the computer's own, put right where it is known to be wrong. Everything that is stamped goes by it.
//!
//! Head office's clock is the one that counts, where an answer told it. Without that word a clock is wrong for sure only
//! where it goes back, so until then no stamp is earlier than the one before. Forward it is believed, for a computer may
//! have slept; but nothing that cannot be taken back is done on its word alone.

use regulars_domain::Timestamp;
use regulars_store::clocks::Told;
use regulars_sync::Clock;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A difference that matters: business dates and minutes to undo something bear less.
pub const MATTERS: Duration = Duration::from_secs(120);
/// A clock that went so far ahead of the steady one is in doubt: longer than a computer that serves a shop sleeps.
const DOUBTFUL: Duration = Duration::from_secs(3 * 24 * 3600);
/// A correction is left as it is where the next answer says nearly the same: answers take their time.
const SAME: u64 = 5_000;

/// The clock of a till.
pub struct TillClock {
    computer: Arc<dyn Clock>,
    state: Mutex<State>,
}

/// Milliseconds throughout.
struct State {
    /// What is added to the computer's own clock.
    ahead: i64,
    /// What that showed when it was last looked at, and the steady clock with it.
    own: i64,
    steady: Option<Duration>,
    /// The last instant that was given out.
    given: i64,
    is_doubtful: bool,
}

impl TillClock {
    /// Over the computer's own clock, at the start of the program. `last_stamp` is of the last thing that was done here,
    /// and `told` what head office's last answer said, which may have been put right since.
    pub fn new(computer: Arc<dyn Clock>, told: Option<Told>, last_stamp: Option<Timestamp>) -> Self {
        let (own, steady) = (computer.now().as_millis(), computer.steady());
        let ahead = at_start(own, told, last_stamp.map(Timestamp::as_millis));
        let given = own.saturating_add(ahead);
        // Nobody watched the clock while the program was off: a till that was closed for days shows as much as one that leapt.
        let is_doubtful = last_stamp.is_some_and(|last| given.saturating_sub(last.as_millis()) > millis(DOUBTFUL));
        let state = State { ahead, own, steady, given, is_doubtful };
        Self { computer, state: Mutex::new(state) }
    }

    /// Whether the clock went so far ahead that nothing should be done for good on its word alone.
    pub fn is_doubtful(&self) -> bool {
        let mut state = self.lock();
        state.look(&*self.computer);
        state.is_doubtful
    }

    // Numbers only are written under this lock, so a poisoned one is whole.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for TillClock {
    fn now(&self) -> Timestamp {
        let mut state = self.lock();
        state.look(&*self.computer);
        state.given = state.given.max(state.own.saturating_add(state.ahead));
        Timestamp::from_millis(state.given)
    }

    fn own(&self) -> Timestamp {
        self.computer.now()
    }

    fn steady(&self) -> Option<Duration> {
        self.computer.steady()
    }

    fn hear(&self, ahead_ms: i64, error_ms: i64) {
        let mut state = self.lock();
        state.look(&*self.computer);
        state.is_doubtful = false;
        let ahead = if matters(ahead_ms, error_ms) { ahead_ms } else { 0 };
        if ahead.abs_diff(state.ahead) <= SAME {
            return;
        }
        tracing::warn!(ahead_ms, "the till goes by head office's clock from now on");
        state.ahead = ahead;
        let at = state.own.saturating_add(ahead);
        // Where the stamps ran ahead of the true time by minutes or years, they go back to it: head office's word counts.
        if state.given.abs_diff(at) > millis(MATTERS).unsigned_abs() {
            state.given = at;
        }
    }
}

impl State {
    /// Looks at the computer's clock and notices where it was set.
    fn look(&mut self, computer: &dyn Clock) {
        let (own, steady) = (computer.now().as_millis(), computer.steady());
        let passed = match (self.steady, steady) {
            (Some(before), Some(now)) => millis(now.saturating_sub(before)),
            (_, _) => 0,
        };
        let expected = self.own.saturating_add(passed);
        let jump = own.saturating_sub(expected);
        if jump < -millis(MATTERS) {
            tracing::warn!(jump, "the computer's clock was set back: the till's goes on");
            self.ahead = self.ahead.saturating_sub(jump);
        }
        self.is_doubtful |= steady.is_some() && jump > millis(DOUBTFUL);
        (self.own, self.steady) = (own, steady);
    }
}

/// Whether a difference is more than clocks and lines may have.
pub fn matters(ahead_ms: i64, error_ms: i64) -> bool {
    ahead_ms.unsigned_abs() > millis(MATTERS).saturating_add(error_ms).unsigned_abs()
}

/// Of what the clock shows and what it would show by head office's last word, the earlier that is not before the last
/// stamp: whichever of them was put right meanwhile. Where neither is, time goes on from the last stamp.
fn at_start(own: i64, told: Option<Told>, last_stamp: Option<i64>) -> i64 {
    let told = told.filter(|told| matters(told.ahead_ms, told.error_ms)).map(|told| told.ahead_ms);
    let Some(last) = last_stamp else { return told.unwrap_or(0) };
    let candidates = [Some(0), told].into_iter().flatten();
    let not_before = candidates.filter(|ahead| own.saturating_add(*ahead) >= last.saturating_sub(millis(MATTERS)));
    not_before.min().unwrap_or_else(|| last.saturating_sub(own))
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};

    const MINUTE: i64 = 60_000;
    const YEAR: i64 = 365 * 24 * 60 * MINUTE;
    const NOW: i64 = 50 * YEAR;

    /// A computer whose clock can be set, and whose steady one cannot.
    #[derive(Default)]
    struct Computer {
        shows: AtomicI64,
        steady: AtomicI64,
    }

    impl Computer {
        fn at(shows: i64) -> Arc<Self> {
            Arc::new(Self { shows: AtomicI64::new(shows), steady: AtomicI64::new(0) })
        }

        fn pass(&self, millis: i64) {
            self.shows.fetch_add(millis, Ordering::Relaxed);
            self.steady.fetch_add(millis, Ordering::Relaxed);
        }

        fn set(&self, shows: i64) {
            self.shows.store(shows, Ordering::Relaxed);
        }
    }

    impl Clock for Computer {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(self.shows.load(Ordering::Relaxed))
        }

        fn steady(&self) -> Option<Duration> {
            Some(Duration::from_millis(self.steady.load(Ordering::Relaxed).unsigned_abs()))
        }
    }

    fn told(ahead_ms: i64) -> Option<Told> {
        Some(Told { ahead_ms, error_ms: 10, at: Timestamp::from_millis(NOW) })
    }

    /// What the computer shows at the start, what head office said last, the last stamp, and what the till goes by.
    #[test]
    fn at_the_start_the_till_goes_by_what_fits_the_last_stamp() {
        for (why, own, said, last, expected) in [
            ("nothing is known", NOW, None, None, NOW),
            ("the clock is right", NOW, told(500), Some(NOW - MINUTE), NOW),
            ("it is years behind still", NOW - 10 * YEAR, told(10 * YEAR), Some(NOW - MINUTE), NOW),
            ("it was years behind and was put right", NOW, told(10 * YEAR), Some(NOW - MINUTE), NOW),
            ("it is years ahead still", NOW + 10 * YEAR, told(-10 * YEAR), Some(NOW - MINUTE), NOW),
            ("it was years ahead and was put right", NOW, told(-10 * YEAR), Some(NOW - MINUTE), NOW),
            ("it lost its battery and nobody can tell", 0, None, Some(NOW), NOW),
            ("a minute back is nothing", NOW - MINUTE, None, Some(NOW), NOW - MINUTE),
        ] {
            let clock = TillClock::new(Computer::at(own), said, last.map(Timestamp::from_millis));
            assert_eq!(clock.now().as_millis(), expected, "{why}");
        }
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_take_the_stamps_along() {
        let computer = Computer::at(NOW);
        let clock = TillClock::new(computer.clone(), None, None);
        computer.pass(MINUTE);
        assert_eq!(clock.now().as_millis(), NOW + MINUTE);
        computer.set(NOW - YEAR);
        assert_eq!(clock.now().as_millis(), NOW + MINUTE);
        computer.pass(MINUTE);
        assert_eq!(clock.now().as_millis(), NOW + 2 * MINUTE);
        // Corrected by a few seconds: time stands still for them.
        computer.set(NOW - YEAR + MINUTE - 3_000);
        assert_eq!(clock.now().as_millis(), NOW + 2 * MINUTE);
        computer.pass(3_500);
        assert_eq!(clock.now().as_millis(), NOW + 2 * MINUTE + 500);
    }

    #[test]
    fn head_offices_word_counts_also_where_it_leads_back() {
        let computer = Computer::at(NOW + 10 * YEAR);
        let clock = TillClock::new(computer.clone(), None, None);
        assert_eq!(clock.now().as_millis(), NOW + 10 * YEAR);
        clock.hear(-10 * YEAR, 50);
        assert_eq!(clock.now().as_millis(), NOW);
        clock.hear(-10 * YEAR + 40, 50);
        assert_eq!(clock.now().as_millis(), NOW, "every answer takes its time");
        computer.set(NOW + MINUTE);
        clock.hear(0, 50);
        assert_eq!(clock.now().as_millis(), NOW + MINUTE);
    }

    #[test]
    fn less_than_two_minutes_is_left_alone() {
        let clock = TillClock::new(Computer::at(NOW), None, None);
        clock.hear(110_000, 50);
        assert_eq!(clock.now().as_millis(), NOW);
        clock.hear(125_000, 30_000);
        assert_eq!(clock.now().as_millis(), NOW, "the answer was too slow to say so");
        clock.hear(125_000, 50);
        assert_eq!(clock.now().as_millis(), NOW + 125_000);
    }

    #[test]
    fn a_clock_that_leapt_while_the_program_was_off_is_believed_no_more_than_that() {
        let at_start = |last: i64| TillClock::new(Computer::at(NOW), None, Some(Timestamp::from_millis(last)));
        assert!(!at_start(NOW - 2 * 24 * 60 * MINUTE).is_doubtful(), "closed over a weekend");
        let clock = at_start(NOW - YEAR);
        assert!(clock.is_doubtful());
        clock.hear(0, 50);
        assert!(!clock.is_doubtful());
    }

    #[test]
    fn a_clock_that_leaps_ahead_is_believed_but_not_for_what_cannot_be_taken_back() {
        let computer = Computer::at(NOW);
        let clock = TillClock::new(computer.clone(), None, None);
        computer.set(NOW + 12 * 60 * MINUTE);
        assert!(!clock.is_doubtful(), "it slept over night");
        computer.set(NOW + YEAR);
        assert_eq!(clock.now().as_millis(), NOW + YEAR);
        assert!(clock.is_doubtful());
        clock.hear(-YEAR, 50);
        assert!(!clock.is_doubtful());
        assert_eq!(clock.now().as_millis(), NOW);
    }
}
