//! The one connection that writes, on a thread of its own. A cashier's write passes everything that syncs.

use crate::ballast;
use crate::connection::met_damage;
use crate::error::StoreError;
use crate::journal::Journal;
use futures_channel::oneshot;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// Pages of a file, from which on SQLite learns how its tables are filled: some thousand members.
const MIN_PAGES_FOR_STATISTICS: i64 = 4_096;

/// Who waits for a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// A person at the counter: next in line.
    Cashier,
    /// Sync: when nobody waits. Its writes are cut into slices by the caller.
    Background,
}

type Job = Box<dyn FnOnce(&mut Pen) + Send>;

/// What the thread writes with.
pub(crate) struct Pen {
    pub(crate) connection: Connection,
    pub(crate) journal: Journal,
}

#[derive(Default)]
struct Waiting {
    cashier: VecDeque<Job>,
    background: VecDeque<Job>,
    /// Whether a job is being done.
    is_at_work: bool,
    is_closed: bool,
}

#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
}

impl Queue {
    fn is_idle(&self) -> bool {
        let waiting = self.lock();
        !waiting.is_at_work && waiting.cashier.is_empty() && waiting.background.is_empty()
    }

    // A job cannot poison this lock, since jobs run outside it.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hands closures to the thread that owns the writing connection.
pub(crate) struct Writer {
    queue: Arc<Queue>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(connection: Connection, mut journal: Journal) -> Result<Self, StoreError> {
        journal.watch(&connection)?;
        let pen = Pen { connection, journal };
        let queue = Arc::new(Queue::default());
        let for_thread = Arc::clone(&queue);
        let thread = std::thread::Builder::new().name("till-writer".to_owned()).spawn(move || run(&for_thread, pen))?;
        Ok(Self { queue, thread: Some(thread) })
    }

    /// Runs the closure in one transaction and waits for the commit. An error or a panic rolls everything back.
    pub(crate) fn write<T, E>(
        &self,
        priority: Priority,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.run(priority, in_transaction(work))
    }

    /// Like [`Self::write`], but the wait is a future: whoever drives sync can fetch the next page meanwhile.
    pub(crate) fn write_async<T, E>(
        &self,
        priority: Priority,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send + 'static
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        self.submit(priority, in_transaction(work), move |result| {
            let _unheard = answer.send(result);
        });
        async move { answered.await.unwrap_or_else(|_| Err(StoreError::WriterStopped.into())) }
    }

    /// Runs the closure with what the thread writes with, for what cannot be in a transaction.
    pub(crate) fn run<T, E>(
        &self,
        priority: Priority,
        work: impl FnOnce(&mut Pen) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, answered) = mpsc::sync_channel(1);
        self.submit(priority, work, move |result| {
            // Nobody listens any more where the caller is gone; the write stands all the same.
            let _unheard = answer.send(result);
        });
        answered.recv().unwrap_or_else(|_| Err(StoreError::WriterStopped.into()))
    }

    /// Waits until all is done that was queued before.
    pub(crate) fn wait(&self) -> Result<(), StoreError> {
        // The thread need not wake up to say that there is nothing.
        if self.queue.is_idle() { Ok(()) } else { self.run(Priority::Background, |_| Ok(())) }
    }

    /// Queues the closure. Where the writer has stopped, `answer` is dropped unused.
    fn submit<T, E>(
        &self,
        priority: Priority,
        work: impl FnOnce(&mut Pen) -> Result<T, E> + Send + 'static,
        answer: impl FnOnce(Result<T, E>) + Send + 'static,
    ) where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let job: Job = Box::new(move |pen| {
            let result = catch_unwind(AssertUnwindSafe(|| work(pen)));
            answer(result.unwrap_or_else(|_| Err(StoreError::WriterStopped.into())));
        });
        {
            let mut waiting = self.queue.lock();
            if waiting.is_closed {
                return;
            }
            match priority {
                Priority::Cashier => waiting.cashier.push_back(job),
                Priority::Background => waiting.background.push_back(job),
            }
        }
        self.queue.arrived.notify_one();
    }
}

fn in_transaction<T, E: From<StoreError>>(
    work: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
) -> impl FnOnce(&mut Pen) -> Result<T, E> + Send + 'static {
    move |pen| {
        let written = commit(pen, work);
        // Whatever it was taken for: what a damaged page does is told as what it is.
        if written.is_err() && met_damage(&pen.connection) { Err(StoreError::FileDamaged.into()) } else { written }
    }
}

fn commit<T, E: From<StoreError>>(
    Pen { connection, journal }: &mut Pen,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
    let value = work(&transaction)?;
    // On the disk before the commit: what a cashier is told is done is in two places.
    let appended = journal.append_touched(&transaction)?;
    if let Err(error) = transaction.commit() {
        let error = StoreError::from(error);
        if matches!(error, StoreError::DiskFull) {
            // This one is refused; what waits can be sent, and the next ones saved.
            ballast::free(journal.folder());
        }
        journal.withdraw(appended);
        return Err(error.into());
    }
    journal.committed(&appended);
    Ok(value)
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue.lock().is_closed = true;
        self.queue.arrived.notify_all();
        if let Some(thread) = self.thread.take() {
            let _already_reported = thread.join();
        }
    }
}

fn run(queue: &Queue, mut pen: Pen) {
    while let Some(job) = next(queue) {
        job(&mut pen);
    }
    if let Err(error) = finish(&pen.connection) {
        tracing::warn!(%error, "closing the till's file");
    }
}

/// Leaves a file without a WAL beside it, and statistics that the next start's plans can use. Those of a small file would
/// mislead them: where a table seems to have one row, reading all of it is as good as any index, also when it has grown.
fn finish(connection: &Connection) -> rusqlite::Result<()> {
    let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
    if pages >= MIN_PAGES_FOR_STATISTICS {
        connection.execute_batch("PRAGMA optimize;")?;
    }
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")
}

fn next(queue: &Queue) -> Option<Job> {
    let mut waiting = queue.lock();
    loop {
        let next = waiting.cashier.pop_front().or_else(|| waiting.background.pop_front());
        waiting.is_at_work = next.is_some();
        if next.is_some() || waiting.is_closed {
            return next;
        }
        waiting = queue.arrived.wait(waiting).unwrap_or_else(PoisonError::into_inner);
    }
}
