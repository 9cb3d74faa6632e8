//! Exchanges with the remotes: one on request, and the background task that keeps a till in step by itself.

mod background;
mod status;

pub use background::{Background, Waker, wait_after};
pub use status::{Link, Progress, Seen, Status};

use crate::error::AppError;
use crate::remotes;
use crate::till::Till;
use regulars_domain::Timestamp;
use regulars_store::StoreError;
use regulars_store::remotes::Remote;
use regulars_sync::Connector;
use regulars_sync::engine::{Engine, Exchange, Step, Tally};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A way to a remote, and the engine that uses it.
#[derive(Clone)]
pub struct Line {
    /// The engine.
    pub engine: Arc<Engine>,
    /// The way.
    pub connector: Arc<dyn Connector>,
}

/// An engine for a till.
pub fn engine(till: &Till) -> Engine {
    Engine::new(Arc::clone(&till.store), Arc::clone(&till.clock), till.draw())
}

/// The way to a remote. `timeout` is how long one request may take.
///
/// # Errors
/// As [`remotes::connect`].
pub fn line(till: &Till, engine: &Arc<Engine>, remote: &Remote, timeout: Duration) -> Result<Line, AppError> {
    Ok(Line { engine: Arc::clone(engine), connector: remotes::connect(till, remote, timeout)? })
}

/// One whole exchange that a person asked for: everything out, everything in, without regard to backoffs.
///
/// # Errors
/// Faults of the store. Trouble on the line is in the tally.
pub async fn exchange_now(line: &Line) -> Result<Tally, StoreError> {
    line.engine.hurry(line.connector.remote_id()).await?;
    exchange(line, Exchange::new(true), |_| {}).await.map(|(tally, _)| tally)
}

/// Steps an exchange to its end, telling `progress` after each step. Answers when the next change is due besides.
pub(crate) async fn exchange(
    line: &Line,
    mut exchange: Exchange,
    mut progress: impl FnMut(&Exchange),
) -> Result<(Tally, Option<Timestamp>), StoreError> {
    loop {
        match line.engine.step(&line.connector, &mut exchange).await? {
            Step::Worked => progress(&exchange),
            Step::Idle { until } => return Ok((exchange.tally, until)),
        }
    }
}

/// Sends what is due, and waits for it no longer than that.
pub(crate) async fn push_within(line: &Line, patience: Duration) {
    let line = line.clone();
    let pushing = async move { exchange(&line, Exchange::new(false), |_| {}).await.map(drop) };
    wait_within(pushing, patience).await;
}

/// Asks for what is new, and waits for it no longer than that. Answers whether the line lives: a request was answered in
/// time, or there was none to make. A first pull is long, and goes on beside this.
///
/// # Errors
/// As any read.
pub(crate) async fn listen_within(till: &Till, line: &Line, patience: Duration) -> Result<bool, AppError> {
    let remote = line.connector.remote_id();
    if !till.read(|tx| Ok::<_, AppError>(regulars_store::remotes::get(tx, remote)?.is_first_pull_done))? {
        return Ok(true);
    }
    let (line, lives, is_over) = (line.clone(), Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (has_answered, has_ended) = (Arc::clone(&lives), Arc::clone(&is_over));
    let listening = async move {
        let mut exchange = Exchange::that_listens();
        while !exchange.has_listened()
            && !has_ended.load(Ordering::Relaxed)
            && line.engine.step(&line.connector, &mut exchange).await? == Step::Worked
        {
            has_answered.store(true, Ordering::Relaxed);
        }
        has_answered.store(true, Ordering::Relaxed);
        Ok(())
    };
    wait_within(listening, patience).await;
    is_over.store(true, Ordering::Relaxed);
    Ok(lives.load(Ordering::Relaxed))
}

/// What takes longer goes on by itself: a request that was begun is never left without its end.
async fn wait_within(work: impl Future<Output = Result<(), StoreError>> + Send + 'static, patience: Duration) {
    let working = tokio::spawn(async move {
        if let Err(error) = work.await {
            tracing::warn!(%error, "an exchange that the counter asked for");
        }
    });
    let _done_or_going_on = tokio::time::timeout(patience, working).await;
}
