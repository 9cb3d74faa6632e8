//! What a remote's answers tell of its clock. The till goes by it where its own is wrong.

use super::Engine;
use crate::clock::told;
use crate::connector::RemoteClock;
use regulars_domain::planted::{Mistake, is_planted};
use regulars_domain::{RemoteId, Timestamp};
use regulars_store::StoreError;
use regulars_store::clocks;

impl Engine {
    /// Learns from an answer how far the remote's clock is from this computer's. `own_at` is what that showed when the
    /// remote was asked.
    pub(super) async fn learn_clock(
        &self,
        remote: RemoteId,
        clock: Option<RemoteClock>,
        own_at: Timestamp,
    ) -> Result<(), StoreError> {
        let clock = clock.filter(|_| !is_planted(Mistake::TillClockTrusted));
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
