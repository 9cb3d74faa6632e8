//! `sync`: push and pull, once or until nothing waits for the line.

use crate::args::Sync as Words;
use crate::failure::{NEEDS_PERSON, UNREACHABLE};
use crate::output::Done;
use regulars_app::sync::{self, Line};
use regulars_app::till::Till;
use regulars_app::{AppError, changes, remotes};
use regulars_sync::engine::Tally;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The first pause between two exchanges; each next one is twice as long, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

pub async fn run(till: &Arc<Till>, words: Words) -> Result<Done, AppError> {
    let timeout = Duration::from_secs(words.timeout_s);
    let remotes = match &words.remote {
        Some(name) => vec![remotes::get(till, name)?],
        None => remotes::list(till)?,
    };
    let engine = Arc::new(sync::engine(till));
    let mut sum = Tally::default();
    for remote in remotes {
        let line = sync::line(till, &engine, &remote, timeout)?;
        let tally = exchange(till, &line, words.until_idle, timeout).await?;
        sum.sent += tally.sent;
        sum.received += tally.received;
        sum.trouble = sum.trouble.or(tally.trouble);
    }
    let counts = changes::count(till)?;
    let exit = match (&sum.trouble, counts.needs_you) {
        (Some(_), _) => UNREACHABLE,
        (None, 1..) => NEEDS_PERSON,
        (None, _) => 0,
    };
    if let Some(trouble) = &sum.trouble {
        let problem = &trouble.problem;
        eprintln!("{}", json!({ "code": problem.code, "message": problem.message, "field": problem.field }));
    }
    let document =
        json!({ "sent": sum.sent, "received": sum.received, "waiting": counts.waiting, "parked": counts.needs_you });
    Ok(Done::new(document).with_exit(exit))
}

async fn exchange(till: &Till, line: &Line, until_idle: bool, timeout: Duration) -> Result<Tally, AppError> {
    let end = Instant::now() + timeout;
    let mut sum = Tally::default();
    let mut pause = FIRST_PAUSE;
    loop {
        let tally = sync::exchange_now(line).await?;
        sum.sent += tally.sent;
        sum.received += tally.received;
        let is_idle = tally.trouble.is_none() && changes::count(till)?.waiting == 0;
        sum.trouble = tally.trouble;
        if is_idle || !until_idle || Instant::now() + pause >= end {
            return Ok(sum);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
