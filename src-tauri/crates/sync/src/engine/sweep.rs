//! In, from a remote that tells of no cursor: page by page through all members, or through those that changed; and from
//! one that cannot list any, one by one through those that are known here. The place is kept with the rows, so whatever
//! breaks it off, it goes on there. Once through, the remote is left alone for a while (`Pace`), unless a person asks.
//!
//! Somebody is gone when two complete sweeps have missed them and the remote, asked for just that one, says so too.

use super::{Engine, Exchange, change_remote, note_answer};
use crate::capabilities::Pace;
use crate::connector::{Connector, Looked, Next, SweepFrom, Swept};
use regulars_domain::{RemoteId, Timestamp};
use regulars_store::part::PulledPart;
use regulars_store::pull::{self, PulledRow, Source};
use regulars_store::remotes::Remote;
use regulars_store::sweeps::{self, Sweep};
use regulars_store::{Priority, StoreError, Transaction, outbox};
use std::sync::Arc;
use std::time::Duration;

/// A remote that tells what changed is gone through whole so often: what was deleted there is not among what changed.
const WHOLE_EVERY: Duration = Duration::from_secs(24 * 60 * 60);
/// Members who are asked about one by one in one exchange: some seconds at a usual line, and no burden for the remote.
const MAX_LOOKS: u32 = 200;

impl Engine {
    /// The next page, or the next question about somebody whom the pages missed. `pace` is that of a remote that tells of
    /// all its members or of none. Answers whether there may be more to do.
    pub(super) async fn sweep(
        &self,
        connector: &Arc<dyn Connector>,
        remote: &Remote,
        exchange: &mut Exchange,
        pace: Option<Pace>,
    ) -> Result<bool, StoreError> {
        let id = remote.id;
        let sweep = self.store.read(|tx| sweeps::get(tx, id))?;
        if sweep.is_checking {
            return self.check_missed(connector, remote, exchange, sweep).await;
        }
        if !self.is_due(&sweep) {
            exchange.wants_pull = false;
            self.knock(connector, remote, exchange).await?;
            return Ok(false);
        }
        if !exchange.has_hurried && self.hurry_registrations(remote).await? {
            exchange.has_hurried = true;
            return Ok(true);
        }
        let asked_at = self.clock.now();
        // One that is still to come was stamped by a clock that ran ahead, and says nothing.
        let is_recent = |at: Timestamp| at <= asked_at && asked_at.since(at) < WHOLE_EVERY;
        let is_old = !sweep.completed_at.is_some_and(is_recent);
        let from = SweepFrom { place: sweep.place.clone(), wants_all: pace.is_some() || is_old, at: asked_at };
        match connector.sweep(&from).await {
            Ok(swept) => {
                exchange.tally.is_answered = Some(true);
                exchange.tally.received += swept.rows.len() as u64;
                let is_over = !matches!(swept.next, Next::Place(_)) && !connector.capabilities().sees_deletions
                    || matches!(swept.next, Next::CaughtUp(_));
                exchange.wants_pull = !is_over;
                self.apply_swept(remote, sweep, swept, pace, asked_at).await?;
                Ok(true)
            }
            Err(trouble) => {
                self.note_trouble(remote, &trouble).await?;
                exchange.wants_pull = false;
                exchange.tally.note(trouble);
                Ok(false)
            }
        }
    }

    /// Whoever was perhaps registered and is told of by a page before that is known would be a stranger here: what became
    /// of it is asked first, once an exchange. Answers whether there is such a one.
    async fn hurry_registrations(&self, remote: &Remote) -> Result<bool, StoreError> {
        let (id, at) = (remote.id, self.clock.now());
        if !self.store.read(|tx| outbox::has_waiting_registration(tx, id, at))? {
            return Ok(false);
        }
        self.store.write_async(Priority::Background, move |tx| outbox::hurry_registrations(tx, id, at)).await?;
        Ok(true)
    }

    async fn apply_swept(
        &self,
        remote: &Remote,
        sweep: Sweep,
        swept: Swept,
        pace: Option<Pace>,
        asked_at: Timestamp,
    ) -> Result<(), StoreError> {
        let (id, at, is_first) = (remote.id, self.clock.now(), !remote.is_first_pull_done);
        let number = sweep.number;
        let source = Source { remote_id: id, asked_at, at };
        let is_end = !matches!(swept.next, Next::Place(_));
        let write = move |tx: &Transaction<'_>| {
            note_answer(tx, id, None, None, at)?;
            for row in &swept.rows {
                take(tx, source, row, number)?;
            }
            let seen = sweeps::count_seen(tx, id, number)?;
            let left = swept.total.map_or(0, |total| (total - seen).max(0));
            let next = match swept.next {
                Next::Place(place) => Sweep { place: Some(place), ..sweep },
                // The next time that all are gone through counts none of these as seen by it.
                Next::CaughtUp(place) => Sweep { place: Some(place), number: sweep.number + 1, ..sweep },
                Next::Complete(place) => {
                    // Rows that were added or taken away meanwhile moved others between the pages.
                    let is_whole = swept.total.is_none_or(|total| total == seen);
                    if is_whole {
                        sweeps::note_unseen(tx, id, number)?;
                    }
                    let due_at = pace.map(|pace| at.plus(pace.pause_after(seen)));
                    Sweep { place, is_checking: true, completed_at: Some(at), due_at, ..sweep }
                }
            };
            sweeps::put(tx, id, number, &next)?;
            change_remote(tx, id, |remote| {
                remote.pull_left = Some(if is_end { 0 } else { left });
                if is_end {
                    remote.is_first_pull_done = true;
                    remote.last_pull_at = Some(at);
                }
            })
        };
        self.store.write_async(Priority::Background, write).await?;
        if is_end && is_first {
            self.store.optimize()?;
        }
        Ok(())
    }

    /// Whether the next time may begin, or one is under way. What lies further ahead than any pause was set by another
    /// clock, and is none.
    fn is_due(&self, sweep: &Sweep) -> bool {
        let now = self.clock.now();
        sweep.due_at.is_none_or(|due| due <= now || due > now.plus(Pace::LONGEST_PAUSE))
    }

    /// Where nothing was asked in this exchange, whether the line is there is asked all the same. Answers whether
    /// something was answered.
    async fn knock(
        &self,
        connector: &Arc<dyn Connector>,
        remote: &Remote,
        exchange: &mut Exchange,
    ) -> Result<bool, StoreError> {
        if exchange.tally.is_answered == Some(true) {
            return Ok(true);
        }
        if let Err(trouble) = connector.check().await {
            self.note_trouble(remote, &trouble).await?;
            exchange.tally.note(trouble);
            return Ok(false);
        }
        exchange.tally.is_answered = Some(true);
        let (id, at) = (remote.id, self.clock.now());
        let write = move |tx: &Transaction<'_>| note_answer(tx, id, None, None, at).map(drop);
        self.store.write_async(Priority::Background, write).await?;
        Ok(true)
    }

    /// Asks about one whom complete sweeps have missed; at the end the next sweep may begin.
    async fn check_missed(
        &self,
        connector: &Arc<dyn Connector>,
        remote: &Remote,
        exchange: &mut Exchange,
        sweep: Sweep,
    ) -> Result<bool, StoreError> {
        let (id, number) = (remote.id, sweep.number);
        let missed = if connector.capabilities().sees_deletions {
            self.store.read(|tx| sweeps::find_missed(tx, id, number))?
        } else {
            None
        };
        let Some(key) = missed else {
            exchange.wants_pull = false;
            let next = Sweep { number: number + 1, is_checking: false, ..sweep };
            self.store.write_async(Priority::Background, move |tx| sweeps::put(tx, id, number, &next)).await?;
            return Ok(false);
        };
        self.look(connector, remote, exchange, key, number, true).await
    }

    /// Asks about the next of those whom this till knows. Answers whether there may be more to do.
    pub(super) async fn look_round(
        &self,
        connector: &Arc<dyn Connector>,
        remote: &Remote,
        exchange: &mut Exchange,
        pace: Pace,
    ) -> Result<bool, StoreError> {
        let id = remote.id;
        let sweep = self.store.read(|tx| sweeps::get(tx, id))?;
        if !self.is_due(&sweep) {
            exchange.wants_pull = false;
            self.knock(connector, remote, exchange).await?;
            return Ok(false);
        }
        let next = self.store.read(|tx| sweeps::list_unseen(tx, id, sweep.number, 1))?.pop();
        exchange.looks += 1;
        match next {
            Some(key) if exchange.looks <= MAX_LOOKS => {
                self.look(connector, remote, exchange, key, sweep.number, false).await
            }
            Some(_) => {
                exchange.wants_pull = false;
                Ok(false)
            }
            None => {
                exchange.wants_pull = false;
                if self.knock(connector, remote, exchange).await? {
                    self.end_round(remote, sweep, pace).await?;
                }
                Ok(false)
            }
        }
    }

    /// All who are known here were asked about.
    async fn end_round(&self, remote: &Remote, sweep: Sweep, pace: Pace) -> Result<(), StoreError> {
        let (id, at, number) = (remote.id, self.clock.now(), sweep.number);
        let write = move |tx: &Transaction<'_>| {
            note_answer(tx, id, None, None, at)?;
            let due_at = Some(at.plus(pace.pause_after(sweeps::count_seen(tx, id, number)?)));
            let next = Sweep { number: number + 1, completed_at: Some(at), due_at, ..sweep };
            sweeps::put(tx, id, number, &next)?;
            change_remote(tx, id, |remote| {
                remote.is_first_pull_done = true;
                remote.pull_left = Some(0);
                remote.last_pull_at = Some(at);
            })
        };
        self.store.write_async(Priority::Background, write).await
    }

    async fn look(
        &self,
        connector: &Arc<dyn Connector>,
        remote: &Remote,
        exchange: &mut Exchange,
        key: Vec<u8>,
        number: i64,
        is_missed_already: bool,
    ) -> Result<bool, StoreError> {
        let (id, asked_at) = (remote.id, self.clock.now());
        let looked = match connector.look(&key).await {
            Ok(looked) => looked,
            // One whom the remote cannot tell of does not hold up the others; a second in a row is not about them.
            Err(trouble) if !trouble.cure.concerns_all() && exchange.failed_looks == 0 => {
                exchange.failed_looks += 1;
                tracing::warn!(remote = remote.name, problem = trouble.problem.code, "a member cannot be asked about");
                let write = move |tx: &Transaction<'_>| sweeps::note_seen(tx, id, &key, number);
                self.store.write_async(Priority::Background, write).await?;
                return Ok(true);
            }
            Err(trouble) => {
                self.note_trouble(remote, &trouble).await?;
                exchange.wants_pull = false;
                exchange.tally.note(trouble);
                return Ok(false);
            }
        };
        exchange.failed_looks = 0;
        exchange.tally.is_answered = Some(true);
        exchange.tally.received += u64::from(matches!(looked, Looked::Here(_)));
        let source = Source { remote_id: id, asked_at, at: self.clock.now() };
        let write = move |tx: &Transaction<'_>| {
            note_answer(tx, id, None, None, source.at)?;
            match looked {
                Looked::Here(row) => take(tx, source, &row, number),
                Looked::CannotTell => sweeps::note_seen(tx, id, &key, number),
                Looked::Gone => {
                    let is_enough = sweeps::note_missed(tx, id, &key, number)? || is_missed_already;
                    if is_enough { take_away(tx, source, key) } else { Ok(()) }
                }
            }
        };
        self.store.write_async(Priority::Background, write).await?;
        Ok(true)
    }

    /// Takes over people who were found at a remote. Answers who they are here.
    ///
    /// # Errors
    /// As any write.
    pub async fn take_in(
        &self,
        remote: RemoteId,
        asked_at: Timestamp,
        found: Vec<PulledPart>,
    ) -> Result<Vec<regulars_domain::MemberId>, StoreError> {
        let source = Source { remote_id: remote, asked_at, at: self.clock.now() };
        let write = move |tx: &Transaction<'_>| {
            found.iter().map(|found| pull::apply_found(tx, source, found)).collect::<Result<Vec<_>, StoreError>>()
        };
        self.store.write_async(Priority::Cashier, write).await
    }
}

fn take(tx: &Transaction<'_>, source: Source, row: &PulledPart, number: i64) -> Result<(), StoreError> {
    let mut no_shop = || regulars_domain::LocationId::from_uuid(Default::default());
    pull::apply_rows(tx, source, &[PulledRow::Part(row.clone())], &mut no_shop)?;
    sweeps::note_seen(tx, source.remote_id, &row.remote_key, number)
}

fn take_away(tx: &Transaction<'_>, source: Source, key: Vec<u8>) -> Result<(), StoreError> {
    let gone = PulledPart {
        remote_key: key,
        member_id: regulars_domain::MemberId::from_uuid(Default::default()),
        part: None,
        is_deleted: true,
        is_erased: false,
    };
    let mut no_shop = || regulars_domain::LocationId::from_uuid(Default::default());
    pull::apply_rows(tx, source, &[PulledRow::Part(gone)], &mut no_shop)
}
