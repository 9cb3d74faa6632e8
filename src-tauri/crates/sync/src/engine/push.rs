//! Out: claim, freeze, send, and settle each change by its answer or the lack of one.

use super::{Engine, Exchange, LONGEST_DUE, change_remote, note_answer};
use crate::capabilities::Credit;
use crate::connector::{Connector, Here, Known, Outcome, PushAnswer, Pushed, Shops};
use crate::credit::Guards;
use crate::trouble::{Cure, Effect, Trouble, problem};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use regulars_domain::planted::{Mistake, is_planted};
use regulars_domain::{ChangeId, Incarnation, MemberId, RemoteId, Timestamp};
use regulars_store::outbox::{self, Claim, Claimed, QueuedChange, Settlement};
use regulars_store::part;
use regulars_store::pull::{self, Source, Stands};
use regulars_store::remotes::{Problem, Remote};
use regulars_store::{Priority, StoreError, Transaction, clocks, healing, locations, members};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// So many tries while the remote answers otherwise: then it is this change, and a person looks at it. Never money.
const MAX_TRIES: u32 = 12;
/// A wait for a remote that is busy with a member, where it names none: somebody has them open in front of them.
const BUSY_WAIT: Duration = Duration::from_secs(30);
/// Whatever it names: nothing is sent over and over in one exchange because the remote is busy.
const SHORTEST_WAIT: Duration = Duration::from_secs(5);

impl Engine {
    /// Sends one batch. Answers whether there was one.
    pub(super) async fn push(
        &self,
        connector: &Arc<dyn Connector>,
        remote: &Remote,
        exchange: &mut Exchange,
    ) -> Result<bool, StoreError> {
        self.recover(remote).await?;
        let batch = self.claim(connector, remote).await?;
        if batch.is_empty() {
            return Ok(false);
        }
        let _until_settled = UnderWay::new(&self.under_way, &batch);
        let (asked_at, own_at) = (self.clock.now(), self.clock.own());
        let known = self.known(remote)?;
        match connector.push(&batch, &known).await {
            Ok(Pushed::NewLife) => self.settle_new_life(remote, &batch, exchange).await?,
            Ok(Pushed::Answer(answer)) => {
                exchange.single_failures = 0;
                exchange.tally.is_answered = Some(true);
                self.learn_clock(remote.id, answer.clock, own_at).await?;
                self.settle_answer(connector, remote, &batch, answer, asked_at, exchange).await?;
            }
            Err(trouble) => self.settle_trouble(remote, &batch, trouble, exchange).await?,
        }
        Ok(true)
    }

    /// Takes up again what is in flight and nobody waits for.
    async fn recover(&self, remote: &Remote) -> Result<(), StoreError> {
        let mut stranded = self.store.read(|tx| outbox::list_in_flight(tx, remote.id))?;
        let under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner).clone();
        stranded.retain(|id| !under_way.contains(id));
        if stranded.is_empty() || is_planted(Mistake::StrandedForgotten) {
            return Ok(());
        }
        self.store.write_async(Priority::Background, move |tx| outbox::recover(tx, &stranded)).await
    }

    fn known(&self, remote: &Remote) -> Result<Known, StoreError> {
        let (incarnation, acknowledged) = self.store.read(|tx| outbox::acknowledged(tx, remote.id))?;
        let epoch = remote.epoch.clone().filter(|_| !is_planted(Mistake::NoEpoch));
        let told = self.store.read(|tx| healing::told(tx, remote.id))?;
        let (at, cursor) = (self.clock.now(), remote.cursor.unwrap_or(0).max(told));
        let guards = Guards::new(Arc::clone(&self.store), at);
        Ok(Known { at, epoch, incarnation, acknowledged, cursor, guards })
    }

    /// Nothing was taken: it is sent when the remote has back what it lost.
    async fn settle_new_life(
        &self,
        remote: &Remote,
        batch: &[Claimed],
        exchange: &mut Exchange,
    ) -> Result<(), StoreError> {
        let (at, sent): (_, Vec<ChangeId>) = (self.clock.now(), batch.iter().map(|claimed| claimed.id).collect());
        self.write(move |tx| {
            sent.into_iter().try_for_each(|id| outbox::settle(tx, id, &Settlement::Postponed { due_at: at }, at))
        })
        .await?;
        self.begin_to_heal(remote).await?;
        exchange.is_push_over = !exchange.may_begin_anew();
        Ok(())
    }

    /// Takes what is due and freezes its bytes. Committed before the first byte leaves.
    async fn claim(&self, connector: &Arc<dyn Connector>, remote: &Remote) -> Result<Vec<Claimed>, StoreError> {
        let capabilities = connector.capabilities();
        let wanted = Claim {
            remote_id: remote.id,
            at: self.clock.now(),
            limit: remote.push_limit.clamp(1, capabilities.max_changes),
            max_bytes: capabilities.max_bytes,
            may_resend: capabilities.resend.may_be_taken_up(),
            longest_wait: LONGEST_DUE,
        };
        let has_any = self.store.read(|tx| outbox::earliest_due(tx, remote.id))?.is_some();
        if !has_any {
            return Ok(Vec::new());
        }
        let (connector, dedupes) = (Arc::clone(connector), capabilities.resend.is_harmless());
        let (under_way, mut new_id) = (Arc::clone(&self.under_way), self.change_ids(wanted.at));
        let claim = move |tx: &Transaction<'_>| {
            let hears_money = match capabilities.credit {
                Credit::Entries | Credit::Balance => true,
                Credit::Here => false,
            };
            clocks::note_dedupes(tx, wanted.remote_id, dedupes, hears_money)?;
            if !hears_money {
                outbox::keep_money_here(tx, wanted.remote_id)?;
            }
            let shops = read_shops(tx)?;
            let freeze = |queued: &QueuedChange| connector.freeze(queued, &Here::new(tx, wanted.remote_id, &shops));
            let batch = outbox::claim(tx, &wanted, &freeze, &mut new_id)?;
            // Before the commit, or another exchange could take them for stranded.
            under_way.lock().unwrap_or_else(PoisonError::into_inner).extend(batch.iter().map(|claimed| claimed.id));
            Ok(batch)
        };
        self.store.write_async(Priority::Background, claim).await
    }

    async fn settle_answer(
        &self,
        connector: &Arc<dyn Connector>,
        remote: &Remote,
        batch: &[Claimed],
        answer: PushAnswer,
        asked_at: Timestamp,
        exchange: &mut Exchange,
    ) -> Result<(), StoreError> {
        let at = self.clock.now();
        let mut outcomes: HashMap<ChangeId, Outcome> = answer.results.into_iter().collect();
        let mut settled = Vec::with_capacity(batch.len());
        let (mut trouble, mut failed): (Option<Trouble>, usize) = (None, 0);
        for claimed in batch {
            let outcome = outcomes.remove(&claimed.id);
            match &outcome {
                Some(Outcome::Done(_)) => exchange.tally.sent += 1,
                Some(Outcome::NeedsPerson(..)) => exchange.tally.parked += 1,
                Some(Outcome::KnownOtherwise(..)) if claimed.change.is_money() => exchange.tally.parked += 1,
                Some(Outcome::KnownOtherwise(..)) => exchange.tally.sent += 1,
                Some(Outcome::NumberTaken) => {}
                Some(Outcome::HeldBack(_)) => exchange.tally.parked += 1,
                // Whether a person is needed turns out when it is merged.
                Some(Outcome::Met(..)) => {}
                Some(Outcome::Failed(failure)) => {
                    failed += 1;
                    trouble = Some(worse(trouble.take(), failure.clone()));
                }
                None => exchange.is_push_over = true,
            }
            let due_at = at.plus(self.wait(claimed.attempts));
            let otherwise = match &outcome {
                Some(Outcome::Failed(failure)) => self.settlement(remote, claimed, failure, false, at),
                Some(_) | None => unanswered(due_at),
            };
            exchange.tally.parked += u64::from(matches!(otherwise, Settlement::Parked { .. }));
            settled.push((claimed.clone(), outcome, otherwise));
        }
        if failed == batch.len() {
            exchange.single_failures += 1;
        }
        let (id, epoch, version) = (remote.id, answer.epoch, answer.version);
        let max_changes = connector.capabilities().max_changes;
        let asked_epoch = remote.epoch.clone();
        let source = Source { remote_id: id, asked_at, at };
        let is_copied = settled.iter().any(|(_, outcome, _)| matches!(outcome, Some(Outcome::NumberTaken)));
        let another_life = is_copied.then(|| Incarnation::mint(at, self.draw()));
        let mut new_id = self.change_ids(at);
        let write = move |tx: &Transaction<'_>| {
            let mut asked = 0_u64;
            let is_of_another_life = note_answer(tx, id, asked_epoch.as_deref(), epoch.as_deref(), at)?;
            if let Some(version) = version.filter(|_| !is_of_another_life) {
                healing::note_told(tx, id, version)?;
            }
            change_remote(tx, id, |remote| remote.push_limit = remote.push_limit.saturating_mul(2).min(max_changes))?;
            for (claimed, outcome, otherwise) in settled {
                let Claimed { id: change, member_id: member, change: acked, .. } = claimed;
                let is_money = acked.is_money();
                // What another life of the remote has done is asked for again in the one that counts.
                let outcome = outcome.filter(|_| !is_of_another_life);
                let (settlement, stands) = match outcome {
                    Some(Outcome::Done(stands)) => match anothers(tx, id, member, &stands)? {
                        Some(problem) => (Settlement::Parked { problem }, Vec::new()),
                        None => (Settlement::Done, stands),
                    },
                    Some(Outcome::NeedsPerson(problem, stands)) => {
                        (Settlement::Parked { problem }, stands.into_iter().collect())
                    }
                    Some(Outcome::KnownOtherwise(problem, _)) if is_money => {
                        (Settlement::Parked { problem }, Vec::new())
                    }
                    Some(Outcome::KnownOtherwise(_, stands)) => {
                        (Settlement::KnownOtherwise, stands.into_iter().collect())
                    }
                    Some(Outcome::NumberTaken) => (Settlement::Postponed { due_at: at }, Vec::new()),
                    Some(Outcome::Met(met, stands)) => {
                        if let Some(problem) = anothers(tx, id, member, stands.as_slice())? {
                            outbox::settle(tx, change, &Settlement::Parked { problem }, at)?;
                            asked += 1;
                            continue;
                        }
                        let asks = outbox::settle_conflict(tx, source, change, &met, stands.as_ref(), &mut new_id)?;
                        asked += u64::from(asks);
                        continue;
                    }
                    Some(Outcome::HeldBack(held)) => {
                        outbox::hold_back_claimed(tx, change, &held, at, &mut new_id)?;
                        if let Some(member) = member {
                            pull::derive_member(tx, member, at)?;
                        }
                        continue;
                    }
                    Some(Outcome::Failed(_)) | None => (otherwise, Vec::new()),
                };
                outbox::settle(tx, change, &settlement, at)?;
                let acked = (settlement == Settlement::Done).then_some(&acked);
                for stands in &stands {
                    pull::apply_answer(tx, source, stands, acked)?;
                }
                if let Some(member) = member.filter(|_| stands.is_empty()) {
                    pull::derive_member(tx, member, at)?;
                }
            }
            if let Some(incarnation) = another_life {
                outbox::begin_incarnation(tx, incarnation)?;
            }
            Ok::<_, StoreError>(asked)
        };
        exchange.tally.parked += self.store.write_async(Priority::Background, write).await?;
        if let Some(trouble) = trouble {
            exchange.is_push_over |= trouble.cure.concerns_all() || exchange.single_failures > 1;
            if trouble.cure.concerns_all() {
                self.note_trouble(remote, &trouble).await?;
            }
            exchange.tally.note(trouble);
        }
        Ok(())
    }

    /// Ids for changes that take the place of others, out of the engine's own randomness.
    pub(super) fn change_ids(&self, at: Timestamp) -> impl FnMut() -> ChangeId + Send + use<> {
        let mut random = StdRng::seed_from_u64(self.draw());
        move || ChangeId::mint(at, random.random())
    }

    async fn settle_trouble(
        &self,
        remote: &Remote,
        batch: &[Claimed],
        trouble: Trouble,
        exchange: &mut Exchange,
    ) -> Result<(), StoreError> {
        let is_batch = batch.len() > 1;
        let sends_less = trouble.cure == Cure::SendLess && !is_planted(Mistake::PoisonBlocksQueue);
        if !is_batch {
            exchange.single_failures += 1;
        }
        // One of many may be at fault: half of them at once, and so on down to the one. A second single one that fails
        // means that it is not the change.
        exchange.is_push_over = !sends_less || exchange.single_failures > 1;
        let at = self.clock.now();
        let settled: Vec<(ChangeId, Settlement)> = batch
            .iter()
            .map(|claimed| (claimed.id, self.settlement(remote, claimed, &trouble, is_batch && sends_less, at)))
            .collect();
        let parked = settled.iter().filter(|(_, settlement)| matches!(settlement, Settlement::Parked { .. })).count();
        exchange.tally.parked += parked as u64;
        let (id, half) = (remote.id, (remote.push_limit / 2).max(1));
        let half = if is_batch { half.min(u32::try_from(batch.len() / 2).unwrap_or(half)).max(1) } else { half };
        let write = move |tx: &Transaction<'_>| {
            for (change, settlement) in settled {
                outbox::settle(tx, change, &settlement, at)?;
            }
            if sends_less {
                change_remote(tx, id, |remote| remote.push_limit = half)?;
            }
            Ok::<_, StoreError>(())
        };
        self.store.write_async(Priority::Background, write).await?;
        // Where the remote stumbles over what is pushed it may still answer a pull, so only the changes have to wait.
        if !sends_less {
            self.note_trouble(remote, &trouble).await?;
        }
        exchange.tally.note(trouble);
        Ok(())
    }

    /// What a request that failed as a whole makes of one of its changes.
    fn settlement(
        &self,
        remote: &Remote,
        claimed: &Claimed,
        trouble: &Trouble,
        tries_at_once: bool,
        at: Timestamp,
    ) -> Settlement {
        let due_at = if tries_at_once { at } else { at.plus(self.wait(claimed.attempts)) };
        let is_alone = trouble.cure == Cure::SendLess && !tries_at_once;
        let is_refused = is_alone && trouble.effect == Effect::None;
        // Counted, not compared by the clock: it may have been years ahead when the first try was stamped.
        let is_hopeless = is_alone && claimed.attempts > MAX_TRIES && remote.failures == 0;
        if is_refused || (is_hopeless && (!claimed.change.is_money() || is_planted(Mistake::MoneyGivenUp))) {
            return Settlement::Parked { problem: trouble.problem.clone() };
        }
        match trouble.effect {
            Effect::NotSent => Settlement::NotSent { due_at: at },
            Effect::Unknown if is_planted(Mistake::LostTakenAsNotSent) => Settlement::NotSent { due_at: at },
            Effect::None if trouble.cure == Cure::RetryAlone => {
                let wait = trouble.retry_after.unwrap_or(BUSY_WAIT).max(SHORTEST_WAIT);
                Settlement::Postponed { due_at: at.plus(wait) }
            }
            Effect::None => Settlement::Postponed { due_at: at },
            Effect::Unknown => Settlement::Unknown { due_at, problem: trouble.problem.clone() },
        }
    }
}

/// What hinders more than one change is worse than what one of them has.
fn worse(one: Option<Trouble>, other: Trouble) -> Trouble {
    match one {
        Some(one) if one.cure.concerns_all() => one,
        Some(_) | None => other,
    }
}

/// Whether the remote takes a member for somebody who is another one here: a person says who is whom.
fn anothers(
    tx: &Transaction<'_>,
    remote: RemoteId,
    member: Option<MemberId>,
    stands: &[Stands],
) -> Result<Option<Problem>, StoreError> {
    let Some(member) = member else { return Ok(None) };
    for stands in stands {
        let Stands::Part(part) = stands else { continue };
        let owner = part::find_owner(tx, remote, &part.remote_key)?;
        if let Some(owner) = owner.filter(|owner| *owner != member)
            && members::resolve(tx, owner)? != members::resolve(tx, member)?
        {
            let message = "the remote has this member already, and there they are another member of this till";
            return Ok(Some(problem("another_member_there", message)));
        }
    }
    Ok(None)
}

/// Changes whose answers are waited for, until this is dropped: settled or not.
struct UnderWay {
    all: Arc<Mutex<HashSet<ChangeId>>>,
    ids: Vec<ChangeId>,
}

impl UnderWay {
    fn new(all: &Arc<Mutex<HashSet<ChangeId>>>, batch: &[Claimed]) -> Self {
        Self { all: Arc::clone(all), ids: batch.iter().map(|claimed| claimed.id).collect() }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        for id in &self.ids {
            all.remove(id);
        }
    }
}

fn unanswered(due_at: Timestamp) -> Settlement {
    let problem: Problem = problem("answer_incomplete", "the remote's answer did not say what became of this change");
    Settlement::Unknown { due_at, problem }
}

fn read_shops(tx: &Transaction<'_>) -> Result<Shops, StoreError> {
    let mut shops = Shops::default();
    for stored in locations::list(tx)? {
        shops.countries.extend(stored.location.phone_country().ok().map(|country| (stored.id, country)));
        shops.pos_ids.insert(stored.id, stored.pos_id);
    }
    Ok(shops)
}
