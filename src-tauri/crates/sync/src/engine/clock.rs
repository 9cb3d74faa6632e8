//! What a remote's answers tell of its clock. The till goes by it where its own is wrong.

use super::Engine;
use crate::connector::RemoteClock;
use regulars_domain::{RemoteId, Timestamp};
use regulars_store::StoreError;
use regulars_store::clocks::{self, Told};
use std::time::Duration;

/// An answer that took longer says too little: its own delay is most of the difference.
const LONGEST_ROUND_TRIP: Duration = Duration::from_secs(60);

impl Engine {
    /// Learns from an answer how far the remote's clock is from this computer's. `own_at` is what that showed when the
    /// remote was asked.
    pub(super) async fn learn_clock(
        &self,
        remote: RemoteId,
        clock: Option<RemoteClock>,
        own_at: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(RemoteClock(there)) = clock else { return Ok(()) };
        let answered_at = self.clock.own();
        let Some(told) = told(own_at, answered_at, there) else { return Ok(()) };
        self.clock.hear(told.ahead_ms, told.error_ms);
        let known = self.store.read(|tx| clocks::find(tx, remote))?;
        // Milliseconds are not worth a write; minutes are.
        let is_news = known.is_none_or(|known| known.ahead_ms.abs_diff(told.ahead_ms) >= WORTH_A_WRITE_MS);
        if is_news {
            self.write(move |tx| clocks::note(tx, remote, told)).await?;
        }
        Ok(())
    }
}

/// Clocks of computers that are right differ by less.
const WORTH_A_WRITE_MS: u64 = 5_000;

/// The remote's clock was read in the middle of the round trip, at most half of it off.
fn told(asked_at: Timestamp, answered_at: Timestamp, there: Timestamp) -> Option<Told> {
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
