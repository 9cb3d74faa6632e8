//! The task that keeps a till in step by itself: at the start, after each change, every half minute while something
//! waits or the line is down, every five minutes otherwise, and at once when somebody asks.

use super::{Progress, Status, engine, exchange, line};
use crate::error::AppError;
use crate::events::{Events, Topic};
use crate::remotes::{self, REQUEST_TIMEOUT};
use crate::till::Till;
use futures::future::join_all;
use regulars_domain::{RemoteId, Timestamp};
use regulars_store::outbox;
use regulars_store::remotes::{Problem, Remote};
use regulars_sync::engine::{Engine, Exchange};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch::Sender};
use tokio::task::JoinHandle;

/// Between two looks while something waits.
const WHILE_WAITING: Duration = Duration::from_secs(30);
/// Between two looks while nothing does.
const WHILE_IDLE: Duration = Duration::from_secs(300);
/// A due time that has just passed is not hurried after.
const AT_LEAST: Duration = Duration::from_secs(1);
/// How often the watchdog looks.
const WATCHDOG_LOOKS: Duration = Duration::from_secs(20);

/// The running task.
pub struct Background {
    engine: Arc<Engine>,
    asks: Arc<Asks>,
    supervisor: Mutex<Option<JoinHandle<()>>>,
}

/// Tells the task that something was changed.
pub struct Waker(Arc<Asks>);

impl Waker {
    /// Something was changed: it is sent now.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }
}

/// What people and changes ask of the task.
struct Asks {
    wake: Notify,
    /// The program ends.
    stop: Notify,
    /// Exchanges that somebody asked for.
    asked: AtomicU64,
    /// Up to which of them a round has ended.
    answered: Sender<u64>,
}

/// What a round needs.
#[derive(Clone)]
struct Worker {
    till: Arc<Till>,
    engine: Arc<Engine>,
    status: Arc<Status>,
    events: Events,
    asks: Arc<Asks>,
}

impl Background {
    /// Starts the task.
    pub fn start(till: Arc<Till>, status: Arc<Status>, events: Events) -> Self {
        let asks = Arc::new(Asks {
            wake: Notify::new(),
            stop: Notify::new(),
            asked: AtomicU64::new(0),
            answered: Sender::new(0),
        });
        let engine = Arc::new(engine(&till));
        let worker = Worker { till, engine: Arc::clone(&engine), status, events, asks: Arc::clone(&asks) };
        Self { engine, asks, supervisor: Mutex::new(Some(tokio::spawn(supervise(worker)))) }
    }

    /// The engine of the task, for a question that does not wait for its turn.
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// Something was changed: it is sent now, not in half a minute.
    pub fn wake(&self) {
        self.asks.wake.notify_one();
    }

    /// The same for work that goes on by itself.
    pub fn waker(&self) -> Waker {
        Waker(Arc::clone(&self.asks))
    }

    /// An exchange now, and waits until it has ended.
    pub async fn exchange_now(&self) {
        let mine = self.asks.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut answered = self.asks.answered.subscribe();
        self.wake();
        let _ended_or_stopped = answered.wait_for(|answered| *answered >= mine).await;
    }

    /// Ends the task and waits until it let go of the till. A request that is under way is left without its end, which
    /// the next start looks into.
    pub async fn stop(&self) {
        self.asks.stop.notify_one();
        let supervisor = self.supervisor.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(supervisor) = supervisor {
            let _ended_either_way = supervisor.await;
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.asks.stop.notify_one();
    }
}

/// Starts the worker, and starts it anew where it ended or left something lying, until the program ends.
async fn supervise(worker: Worker) {
    loop {
        let mut running = tokio::spawn(worker.clone().run());
        let is_over = tokio::select! {
            () = worker.asks.stop.notified() => true,
            () = watch(&worker, &mut running) => false,
        };
        if !running.is_finished() {
            running.abort();
            let _ended_either_way = running.await;
        }
        if is_over {
            return;
        }
        tokio::time::sleep(AT_LEAST).await;
    }
}

/// Until the worker has ended by itself, which it never should, or left a change lying for a minute.
async fn watch(worker: &Worker, running: &mut JoinHandle<()>) {
    loop {
        match tokio::time::timeout(WATCHDOG_LOOKS, &mut *running).await {
            Ok(_) => return tracing::error!("the sync task ended: it is started anew"),
            Err(_) if worker.is_stuck() => {
                return tracing::error!(
                    "a change was due for a minute and nobody took it: the sync task is started anew"
                );
            }
            Err(_) => {}
        }
    }
}

impl Worker {
    async fn run(self) {
        loop {
            let asked = self.asks.asked.load(Ordering::SeqCst);
            let is_asked = asked > *self.asks.answered.borrow();
            let round = self.round(is_asked).await;
            self.asks.answered.send_replace(asked);
            self.tell();
            let wait = wait_after(&self.till, !round.is_any_offline, round.until);
            let _woken_or_time = tokio::time::timeout(wait, self.asks.wake.notified()).await;
        }
    }

    /// One exchange with each remote, all at once: one that does not answer keeps none of the others waiting.
    async fn round(&self, is_asked: bool) -> Round {
        let remotes = self.remotes();
        let exchanges = remotes.iter().map(|remote| async {
            self.exchange(remote, is_asked).await.unwrap_or_else(|error| {
                tracing::error!(%error, "an exchange");
                self.note_fault(remote.id, &error);
                None
            })
        });
        let until = join_all(exchanges).await.into_iter().flatten().min();
        let ids: Vec<_> = remotes.iter().map(|remote| remote.id).collect();
        Round { is_any_offline: self.status.is_any_offline(&ids), until }
    }

    fn remotes(&self) -> Vec<Remote> {
        remotes::list_in_use(&self.till).unwrap_or_else(|error| {
            tracing::error!(%error, "reading the remotes");
            Vec::new()
        })
    }

    async fn exchange(&self, remote: &Remote, is_asked: bool) -> Result<Option<Timestamp>, AppError> {
        self.status.begin(remote.id);
        self.tell();
        let line = line(&self.till, &self.engine, remote, REQUEST_TIMEOUT)?;
        if is_asked {
            self.engine.hurry(remote.id).await?;
        }
        let is_first = !remote.is_first_pull_done;
        let (tally, until) = exchange(&line, Exchange::new(true), |exchange| {
            let tally = &exchange.tally;
            let progress = Progress { done: tally.received, total: tally.received + tally.left, is_first };
            self.status.progress(remote.id, (tally.left > 0).then_some(progress));
            self.tell();
        })
        .await?;
        self.status.end(remote.id, &tally);
        Ok(until)
    }

    fn note_fault(&self, remote: RemoteId, error: &AppError) {
        if error.code() == "file_damaged"
            && let Err(error) = self.till.store().note_damaged()
        {
            tracing::error!(%error, "noting that the file is damaged");
        }
        let (code, field) = (error.code().to_owned(), error.field().map(str::to_owned));
        self.status.cannot_connect(remote, Problem { code, message: error.to_string(), field });
    }

    fn tell(&self) {
        self.events.tell(Topic::Sync);
        self.events.tell(Topic::Members);
    }

    fn is_stuck(&self) -> bool {
        self.remotes().iter().any(|remote| self.engine.is_stuck(remote.id).unwrap_or(false))
    }
}

/// What a round with all remotes leaves behind.
struct Round {
    is_any_offline: bool,
    /// When the next change is due.
    until: Option<Timestamp>,
}

/// How long the task rests after a round: until the next change is due, and never long while something waits or the
/// line is down.
pub fn wait_after(till: &Till, is_online: bool, until: Option<Timestamp>) -> Duration {
    let is_waiting = till.read(|tx| Ok(outbox::count(tx)?.waiting > 0)).unwrap_or(true);
    if !is_waiting && is_online {
        return WHILE_IDLE;
    }
    let due = until.map_or(WHILE_WAITING, |until| until.since(till.now()));
    due.clamp(AT_LEAST, WHILE_WAITING)
}
