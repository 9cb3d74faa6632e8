//! The engine: one step is one request at most, and says when the next is worth taking.
//!
//! It plans from what the store says, talks through a connector, and writes what came of it in one transaction. It owns
//! no thread, no clock and no randomness. A stuck push never blocks a pull.

mod check;
mod clock;
mod heal;
mod pull;
mod push;
mod sweep;

pub use check::Comparison;

use crate::backoff::{LONGEST, LONGEST_ASKED_FOR, full_jitter};
use crate::capabilities::Pull;
use crate::clock::Clock;
use crate::connector::{Connector, Page, PullFrom};
use crate::trouble::{Cure, Effect, Trouble};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use regulars_domain::planted::{Mistake, is_planted};
use regulars_domain::{ChangeId, RemoteId, Timestamp};
use regulars_store::healing::{self, Healing};
use regulars_store::remotes::{self, Remote};
use regulars_store::{Priority, Store, StoreError, Transaction, outbox, sweeps};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A wait for people to renew a token: not so short that the log fills, not so long that a renewed one seems ignored.
const LOGIN_WAIT: Duration = Duration::from_secs(60);
/// A wait for the line.
const LINE_WAIT: Duration = Duration::from_secs(30);
/// A change that is due and free must be taken within this.
pub const WATCHDOG: Duration = Duration::from_secs(60);

/// Keeps one till in step.
pub struct Engine {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    random: Mutex<StdRng>,
    /// The changes whose answers this process waits for. Whatever else is in flight was left so by a crash, or by an
    /// answer that could not be written down.
    under_way: Arc<Mutex<HashSet<ChangeId>>>,
}

/// One round with one remote: everything that is due out, then everything that is new in.
#[derive(Debug)]
pub struct Exchange {
    /// Whether to ask for what is new.
    wants_pull: bool,
    /// Whether it is one that pulls.
    is_whole: bool,
    /// Most things to give back in one request.
    give_limit: u32,
    /// Whether pushing has to wait for the next exchange.
    is_push_over: bool,
    /// Whether everything new has come in this exchange.
    has_pulled: bool,
    /// Failures of single changes in a row: the second means that it is not the change.
    single_failures: u32,
    /// How many members were asked about one by one.
    looks: u32,
    /// Members in a row who could not be asked about: the second means that it is not the member.
    failed_looks: u32,
    /// Whether registrations of which nobody knows what became were made due.
    has_hurried: bool,
    /// Whether all that the remote takes was given back to it.
    has_given_back: bool,
    /// How often the remote's database began a new life meanwhile: once is a restored one, ever again is a confused one.
    new_lives: u32,
    /// What is still to be compared with the remote; `None` until everything new has come.
    checks: Option<check::Checks>,
    /// A page that was fetched while the one before was applied.
    in_hand: Option<(PullFrom, Timestamp, Page)>,
    /// What came of it so far.
    pub tally: Tally,
}

/// What an exchange did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Changes that the remote has now.
    pub sent: u64,
    /// Rows that came.
    pub received: u64,
    /// Changes that now wait for a person.
    pub parked: u64,
    /// Rows that the remote says are still to come.
    pub left: u64,
    /// Whether the last request was answered as asked; `None` where none was sent.
    pub is_answered: Option<bool>,
    /// What went wrong last, where something did.
    pub trouble: Option<Trouble>,
}

impl Tally {
    fn note(&mut self, trouble: Trouble) {
        self.is_answered = Some(false);
        self.trouble = Some(trouble);
    }
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// One request; there may be more to do at once.
    Worked,
    /// Nothing can be done now.
    Idle {
        /// When the next change is due, where one waits for time alone.
        until: Option<Timestamp>,
    },
}

impl Exchange {
    /// An exchange that pushes and, where asked for, pulls.
    pub fn new(wants_pull: bool) -> Self {
        Self {
            wants_pull,
            is_whole: wants_pull,
            give_limit: heal::GIVE_AT_MOST,
            is_push_over: false,
            has_pulled: false,
            single_failures: 0,
            looks: 0,
            failed_looks: 0,
            has_hurried: false,
            has_given_back: false,
            new_lives: 0,
            checks: None,
            in_hand: None,
            tally: Tally::default(),
        }
    }

    /// One that asks for what is new, and sends nothing.
    pub fn that_listens() -> Self {
        Self { is_whole: false, is_push_over: true, ..Self::new(true) }
    }

    /// Whether there is nothing new to be asked for any more.
    pub const fn has_listened(&self) -> bool {
        !self.wants_pull
    }
}

impl Engine {
    /// An engine over a store. The same seed and the same answers give the same run.
    pub fn new(store: Arc<Store>, clock: Arc<dyn Clock>, seed: u64) -> Self {
        Self { store, clock, random: Mutex::new(StdRng::seed_from_u64(seed)), under_way: Arc::default() }
    }

    /// Makes everything due at once: a person does not want to wait for a backoff, nor for the pace at which a remote is
    /// gone through by itself.
    ///
    /// # Errors
    /// As any write.
    pub async fn hurry(&self, remote: RemoteId) -> Result<(), StoreError> {
        let at = self.clock.now();
        let make_due = move |tx: &Transaction<'_>| {
            outbox::make_due(tx, remote, at)?;
            sweeps::make_due(tx, remote)?;
            change_remote(tx, remote, |remote| remote.not_before_at = None)
        };
        self.store.write_async(Priority::Background, make_due).await
    }

    /// The next piece of work with a remote: a batch out, or a page in.
    ///
    /// # Errors
    /// Faults of the store. What goes wrong on the line is written down, not an error.
    pub async fn step(&self, connector: &Arc<dyn Connector>, exchange: &mut Exchange) -> Result<Step, StoreError> {
        let remote_id = connector.remote_id();
        let read =
            |tx: &Transaction<'_>| Ok::<_, StoreError>((remotes::get(tx, remote_id)?, healing::phase(tx, remote_id)?));
        let (remote, phase) = self.store.read(read)?;
        if let Some(until) = remote.not_before_at.filter(|not_before| self.must_wait(*not_before)) {
            return Ok(Step::Idle { until: Some(until) });
        }
        match phase {
            Healing::None if self.is_life_forgotten(connector, &remote)? => {
                self.begin_to_heal(&remote).await?;
                return Ok(Step::Worked);
            }
            Healing::None => {}
            // Nothing new goes out before the remote has back what it lost: it would be judged by what is not so.
            Healing::Pulling => {
                let works = exchange.wants_pull && self.pull(connector, &remote, exchange).await?;
                return Ok(if works { Step::Worked } else { Step::Idle { until: None } });
            }
            Healing::Giving => {
                let works = self.give_back(connector, &remote, exchange).await?;
                return Ok(if works { Step::Worked } else { Step::Idle { until: None } });
            }
        }
        if !exchange.is_push_over && self.push(connector, &remote, exchange).await? {
            return Ok(Step::Worked);
        }
        if exchange.wants_pull {
            let works = match connector.capabilities().pull {
                Pull::ByCursor => self.pull(connector, &remote, exchange).await?,
                Pull::BySweep(pace) => self.sweep(connector, &remote, exchange, Some(pace)).await?,
                Pull::BySinceAndSweep => self.sweep(connector, &remote, exchange, None).await?,
                Pull::KnownOnly(pace) => self.look_round(connector, &remote, exchange, pace).await?,
            };
            if works {
                return Ok(Step::Worked);
            }
        }
        if self.check(connector, &remote, exchange).await? {
            return Ok(Step::Worked);
        }
        let until = self.store.read(|tx| outbox::earliest_due(tx, remote_id))?;
        Ok(Step::Idle { until })
    }

    /// The watchdog's question: whether a change has been due and free for a minute and nobody took it.
    ///
    /// # Errors
    /// As any read.
    pub fn is_stuck(&self, remote: RemoteId) -> Result<bool, StoreError> {
        let now = self.clock.now();
        self.store.read(|tx| {
            let waits = remotes::get(tx, remote)?.not_before_at.is_some_and(|not_before| self.must_wait(not_before))
                || healing::phase(tx, remote)? != Healing::None;
            let overdue = outbox::overdue_since(tx, remote, now)?;
            Ok(!waits && overdue.is_some_and(|due| now.since(due) >= WATCHDOG))
        })
    }

    /// A file that was made anew does not know in which life the remote acknowledged what this till did: that may be one
    /// that is gone.
    fn is_life_forgotten(&self, connector: &Arc<dyn Connector>, remote: &Remote) -> Result<bool, StoreError> {
        let may_be = remote.epoch.is_none() && connector.capabilities().takes_back;
        Ok(may_be && self.store.read(|tx| outbox::has_acknowledged(tx, remote.id))?)
    }

    /// A wait that ends later than the longest one that is ever set was set by another clock, and is none.
    fn must_wait(&self, not_before: Timestamp) -> bool {
        let now = self.clock.now();
        not_before > now && not_before <= now.plus(LONGEST_SET)
    }

    /// Notes that the remote could not be talked to, and when to try again.
    async fn note_trouble(&self, remote: &Remote, trouble: &Trouble) -> Result<(), StoreError> {
        let failures = remote.failures.saturating_add(1);
        let wait = trouble.retry_after.unwrap_or_else(|| match trouble.cure {
            // Asking for a line that is not there costs the remote nothing, and a line that is back is to be used soon.
            Cure::RetryLater if trouble.effect == Effect::NotSent => self.wait(failures).min(LINE_WAIT),
            Cure::RetryLater | Cure::RetryAlone | Cure::SendLess => self.wait(failures),
            Cure::LogInAgain => LOGIN_WAIT,
        });
        let now = self.clock.now();
        let (not_before, latest) = (now.plus(wait), now.plus(LONGEST_SET));
        let (id, problem) = (remote.id, trouble.problem.clone());
        let write = move |tx: &Transaction<'_>| {
            change_remote(tx, id, |remote| {
                remote.failures = failures;
                // Another exchange may have been asked to wait for longer meanwhile.
                let standing = remote.not_before_at.filter(|standing| *standing <= latest);
                remote.not_before_at = standing.max(Some(not_before));
                remote.problem = Some(problem);
            })
        };
        self.store.write_async(Priority::Background, write).await
    }

    fn wait(&self, failures: u32) -> Duration {
        full_jitter(failures, self.draw())
    }

    fn draw<T>(&self) -> T
    where
        rand::distr::StandardUniform: rand::distr::Distribution<T>,
    {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).random()
    }
}

/// The longest wait that is ever set: what a remote may ask for.
const LONGEST_SET: Duration = LONGEST_ASKED_FOR;

/// No change is due later than the longest backoff, whatever the clock did.
const LONGEST_DUE: Duration = LONGEST;

fn change_remote(tx: &Transaction<'_>, id: RemoteId, change: impl FnOnce(&mut Remote)) -> Result<(), StoreError> {
    let mut remote = remotes::get(tx, id)?;
    change(&mut remote);
    remotes::update(tx, &remote)
}

/// Notes that the remote answered as asked, in that life; `asked` is the one that this till knew when it asked. Answers
/// whether the answer is of another life than this till knows now: where the remote began a new one everything is pulled
/// anew, and given back what is not told; where another exchange has noticed that meanwhile, the answer came too late.
fn note_answer(
    tx: &Transaction<'_>,
    id: RemoteId,
    asked: Option<&str>,
    epoch: Option<&str>,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let mut remote = remotes::get(tx, id)?;
    remote.failures = 0;
    remote.not_before_at = None;
    remote.problem = None;
    remote.last_exchange_at = Some(at);
    let is_another = match (epoch, remote.epoch.as_deref()) {
        (Some(epoch), Some(known)) => known != epoch && !is_planted(Mistake::NoEpoch),
        (_, _) => false,
    };
    let is_late = is_another && remote.epoch.as_deref() != asked;
    if is_another && !is_late {
        begin_to_heal(tx, &mut remote)?;
    }
    if !is_late {
        remote.epoch = epoch.map(str::to_owned).or(remote.epoch);
    }
    remotes::update(tx, &remote)?;
    Ok(is_another)
}

/// The remote's database began a new life. What was pulled stays, with its numbers: by them it is seen what the remote
/// still has.
fn begin_to_heal(tx: &Transaction<'_>, remote: &mut Remote) -> Result<(), StoreError> {
    tracing::warn!("the remote's database began a new life: everything is pulled anew, and given back what it lacks");
    healing::begin(tx, remote.id)?;
    pull_from_the_start(remote);
    Ok(())
}

/// The cursor is too old. What was pulled stays until it is pulled again, and the remote is the one that it was.
fn begin_anew(tx: &Transaction<'_>, remote: &mut Remote) -> Result<(), StoreError> {
    regulars_store::mirror::forget_versions(tx, remote.id)?;
    let epoch = remote.epoch.take();
    pull_from_the_start(remote);
    remote.epoch = epoch;
    Ok(())
}

fn pull_from_the_start(remote: &mut Remote) {
    remote.epoch = None;
    remote.cursor = None;
    remote.is_first_pull_done = false;
}
