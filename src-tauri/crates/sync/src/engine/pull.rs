//! In: a page at a time, applied in slices, the cursor behind each. The next page is fetched while one is applied.

use super::{Engine, Exchange, begin_anew, change_remote, note_answer};
use crate::connector::{Connector, Page, PullAnswer, PullFrom};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use regulars_domain::planted::{Mistake, is_planted};
use regulars_domain::{ChangeId, LocationId, RemoteId, Timestamp};
use regulars_store::pull::{self, PulledRow, Source};
use regulars_store::remotes::{self, Remote};
use regulars_store::{Priority, StoreError, Transaction, healing, outbox};
use std::sync::Arc;

/// Rows in one transaction: some twenty-five milliseconds, so that a cashier’s write never waits for fifty.
const SLICE: usize = 500;

/// New lives of the remote's database in one exchange: more, and two databases answer at one address.
const MAX_NEW_LIVES: u32 = 2;

impl Engine {
    /// Where the next page begins. Until the first pull has come to its end no epoch is named: such a cursor is never too
    /// old, since there is nothing here yet that a tombstone would have to take away.
    fn place(&self, remote: &Remote) -> Result<PullFrom, StoreError> {
        let epoch = remote.epoch.clone().filter(|_| remote.is_first_pull_done && !is_planted(Mistake::NoEpoch));
        let told = self.store.read(|tx| healing::told(tx, remote.id))?;
        Ok(PullFrom { epoch, cursor: remote.cursor.unwrap_or(0), told })
    }

    /// Pulls and applies one page. Answers whether there may be more to do.
    pub(super) async fn pull(
        &self,
        connector: &Arc<dyn Connector>,
        remote: &Remote,
        exchange: &mut Exchange,
    ) -> Result<bool, StoreError> {
        let from = self.place(remote)?;
        let in_hand = exchange.in_hand.take().filter(|(asked, _, _)| *asked == from);
        let (asked_at, page) = match in_hand {
            Some((_, asked_at, page)) => (asked_at, page),
            None => {
                let (asked_at, own_at) = (self.clock.now(), self.clock.own());
                match connector.pull(&from).await {
                    Ok(PullAnswer::Page(page)) => {
                        self.learn_clock(remote.id, page.clock, own_at).await?;
                        (asked_at, page)
                    }
                    Ok(PullAnswer::NewLife) => {
                        self.begin_to_heal(remote).await?;
                        return Ok(exchange.may_begin_anew());
                    }
                    Ok(PullAnswer::BeginAnew) => {
                        self.begin_anew(remote).await?;
                        return Ok(exchange.may_begin_anew());
                    }
                    Err(trouble) => {
                        self.note_trouble(remote, &trouble).await?;
                        exchange.wants_pull = false;
                        exchange.tally.note(trouble);
                        return Ok(false);
                    }
                }
            }
        };
        exchange.tally.is_answered = Some(true);
        exchange.tally.received += page.rows.len() as u64;
        exchange.tally.left = u64::try_from(page.left).unwrap_or(0);
        let is_last = page.left == 0;
        let next = PullFrom { cursor: page.next, ..from };
        let applying = self.apply(remote, page, asked_at);
        if is_last {
            let is_of_use = applying.await?;
            exchange.wants_pull = !is_of_use && exchange.may_begin_anew();
            exchange.has_pulled = is_of_use;
            return Ok(true);
        }
        let asked_at = self.clock.now();
        let (applied, fetched) = futures::join!(applying, connector.pull(&next));
        if !applied? {
            return Ok(exchange.may_begin_anew());
        }
        match fetched {
            Ok(PullAnswer::Page(page)) => exchange.in_hand = Some((next, asked_at, page)),
            // Asked for again by the next step, and dealt with there.
            Ok(PullAnswer::NewLife | PullAnswer::BeginAnew) => {}
            // Where it asks to wait it is not asked again at once.
            Err(trouble) => {
                self.note_trouble(remote, &trouble).await?;
                exchange.wants_pull = false;
                exchange.tally.note(trouble);
            }
        }
        Ok(true)
    }

    /// Applies a page, one of up to a slice of rows in one transaction. Answers whether it was of use: one of another life
    /// than the page before is not.
    async fn apply(&self, remote: &Remote, page: Page, asked_at: Timestamp) -> Result<bool, StoreError> {
        let Page { epoch, clock: _, locations, labels, mut rows, next, left } = page;
        let (id, asked) = (remote.id, remote.epoch.clone());
        let source = Source { remote_id: id, asked_at, at: self.clock.now() };
        if is_planted(Mistake::CursorBeforeRows) {
            let of_page = epoch.clone();
            self.write(move |tx| pull::move_cursor(tx, id, &of_page, next)).await?;
        }
        let mut beginning = Some((locations, labels));
        loop {
            let slice: Vec<(i64, PulledRow)> = rows.drain(..SLICE.min(rows.len())).collect();
            let (is_last, beginning) = (rows.is_empty(), beginning.take());
            let (asked, epoch) = (asked.clone(), epoch.clone());
            let (mut location_id, mut change_id) = (self.location_ids(source.at), self.change_ids(source.at));
            let write = move |tx: &Transaction<'_>| {
                if let Some((locations, labels)) = beginning {
                    if note_answer(tx, id, asked.as_deref(), Some(&epoch), source.at)? {
                        // This page began where the old life left off, so it lacks what came before.
                        return Ok(false);
                    }
                    pull::apply_locations(tx, source, &locations, &mut location_id)?;
                    pull::apply_labels(tx, id, &labels)?;
                }
                apply_slice(tx, source, &epoch, slice, &mut location_id)?;
                if is_last {
                    end_page(tx, source, &epoch, next, left, &mut change_id)?;
                }
                Ok::<_, StoreError>(true)
            };
            if !self.store.write_async(Priority::Background, write).await? {
                return Ok(false);
            }
            if is_last {
                break;
            }
        }
        if left == 0 && !remote.is_first_pull_done {
            // Now that the tables are full, SQLite is to know how.
            self.store.optimize()?;
        }
        Ok(true)
    }

    /// Ids for shops that are new here, out of the engine's own randomness.
    pub(super) fn location_ids(&self, at: Timestamp) -> impl FnMut() -> LocationId + Send + use<> {
        let mut random = StdRng::seed_from_u64(self.draw());
        move || LocationId::mint(at, random.random())
    }

    async fn begin_anew(&self, remote: &Remote) -> Result<(), StoreError> {
        let id: RemoteId = remote.id;
        let write = move |tx: &Transaction<'_>| {
            let mut remote = remotes::get(tx, id)?;
            begin_anew(tx, &mut remote)?;
            remotes::update(tx, &remote)
        };
        self.store.write_async(Priority::Background, write).await
    }
}

fn apply_slice(
    tx: &Transaction<'_>,
    source: Source,
    epoch: &str,
    slice: Vec<(i64, PulledRow)>,
    new_id: &mut dyn FnMut() -> LocationId,
) -> Result<(), StoreError> {
    let Some(cursor) = slice.last().map(|(cursor, _)| *cursor) else { return Ok(()) };
    let mut rows: Vec<PulledRow> = slice.into_iter().map(|(_, row)| row).collect();
    if is_planted(Mistake::HalfPageApplied) {
        rows.truncate(rows.len().div_ceil(2));
    }
    pull::apply_rows(tx, source, &rows, new_id)?;
    pull::move_cursor(tx, source.remote_id, epoch, cursor)
}

fn end_page(
    tx: &Transaction<'_>,
    source: Source,
    epoch: &str,
    next: i64,
    left: i64,
    new_id: &mut dyn FnMut() -> ChangeId,
) -> Result<(), StoreError> {
    let Source { remote_id: id, at, .. } = source;
    pull::move_cursor(tx, id, epoch, next)?;
    if left == 0 {
        healing::pulled(tx, id)?;
        outbox::take_up_known(tx, id, at, new_id)?;
    }
    change_remote(tx, id, |remote| {
        remote.pull_left = Some(left);
        if left == 0 {
            remote.is_first_pull_done = true;
            remote.last_pull_at = Some(at);
        }
    })
}

impl Exchange {
    /// Whether to begin the pull anew in this exchange, or to leave it for the next.
    pub(super) fn may_begin_anew(&mut self) -> bool {
        self.new_lives += 1;
        self.wants_pull = self.new_lives <= MAX_NEW_LIVES;
        self.wants_pull
    }
}
