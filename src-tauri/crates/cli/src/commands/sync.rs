//! `sync`: push and pull, once or until nothing waits for the line.

use crate::args::Sync as Words;
use crate::failure::{NEEDS_PERSON, UNREACHABLE};
use crate::output::Done;
use regulars_app::sync::{self, Line};
use regulars_app::till::Till;
use regulars_app::{AppError, changes, remotes};
use regulars_store::StoreError;
use regulars_sync::Trouble;
use regulars_sync::engine::Tally;
use regulars_sync::trouble::{Cure, Effect, problem};
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
    let (mut sent, mut received, mut are_all_reached) = (0, 0, true);
    for remote in remotes {
        let tally = match sync::line(till, &engine, &remote, timeout) {
            Ok(line) => exchange(till, &line, words.until_idle, timeout).await?,
            Err(error) => not_connected(error)?,
        };
        sent += tally.sent;
        received += tally.received;
        if let Some(Trouble { problem, .. }) = tally.trouble {
            are_all_reached = false;
            eprintln!("{}", json!({ "code": problem.code, "message": problem.message, "field": problem.field }));
        }
    }
    let counts = changes::count(till)?;
    let exit = match (are_all_reached, counts.needs_you) {
        (false, _) => UNREACHABLE,
        (true, 1..) => NEEDS_PERSON,
        (true, _) => 0,
    };
    let mut document =
        json!({ "sent": sent, "received": received, "waiting": counts.waiting, "parked": counts.needs_you });
    super::remotes::say_clock(till, &mut document)?;
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
        sum.trouble = hindrance(tally);
        let is_idle = sum.trouble.is_none() && changes::count(till)?.waiting == 0;
        if is_idle || !until_idle || Instant::now() + pause >= end {
            return Ok(sum);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// What keeps a remote from being talked to. That it refused a change which a person has now is none of that.
fn hindrance(tally: Tally) -> Option<Trouble> {
    let has_parked = tally.parked > 0;
    let is_refusal = |trouble: &Trouble| trouble.cure == Cure::SendLess && trouble.effect == Effect::None;
    tally.trouble.filter(|trouble| !(has_parked && is_refusal(trouble)))
}

/// A remote whose secret is missing, or that is set up wrongly, is as good as unreachable: what is for it waits.
fn not_connected(error: AppError) -> Result<Tally, AppError> {
    let problem = match error {
        AppError::Remote(problem) => problem,
        AppError::Store(StoreError::KeystoreUnavailable(_)) => problem(error.code(), error.to_string()),
        error => return Err(error),
    };
    let trouble = Trouble { problem, cure: Cure::RetryLater, effect: Effect::NotSent, retry_after: None };
    Ok(Tally { trouble: Some(trouble), ..Tally::default() })
}
