//! Letting old segments go: what they tell was acknowledged long ago by a remote that would tell it again, and every later
//! segment begins with the set-up. What has its home at this till, or at a remote that lists nobody, stays for good: without
//! the journal nobody could say it again.

use super::read::read_segment;
use super::record::{Item, Recorded};
use super::{JournalKey, list};
use crate::error::StoreError;
use crate::sql::Sql;
use regulars_domain::{RemoteId, Timestamp};
use rusqlite::{Connection, OptionalExtension, named_params};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// How long a change stays in the journal after head office had it: as long as head office may be put back to a copy of
/// a quarter of a year ago and be told again.
const KEPT_FOR: Duration = Duration::from_secs(90 * 86_400);

/// Removes the oldest segments, as long as all their changes came to their end that long ago. Never the last one.
/// Answers how many.
pub(crate) fn tidy(
    connection: &Connection,
    folder: &Path,
    key: &JournalKey,
    at: Timestamp,
    give_back: &BTreeSet<RemoteId>,
) -> Result<u64, StoreError> {
    let mut segments = list(folder)?;
    segments.pop();
    let before = Timestamp::from_millis(at.as_millis().saturating_sub(millis(KEPT_FOR)));
    let mut removed = 0;
    for (number, path) in segments {
        let Some(segment) = read_segment(key, number, &path)? else { continue };
        if !segment.is_whole || !all_ended(connection, segment.batches.iter().flatten(), before, give_back)? {
            break;
        }
        fs::remove_file(&path)?;
        removed += 1;
    }
    Ok(removed)
}

fn all_ended<'a>(
    connection: &Connection,
    items: impl Iterator<Item = &'a Item>,
    before: Timestamp,
    give_back: &BTreeSet<RemoteId>,
) -> Result<bool, StoreError> {
    for item in items {
        if let Item::Change(recorded) = item
            && !may_go(connection, recorded, before, give_back)?
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A change without a row was never committed: what nobody asked for in all that time is not waited for.
fn may_go(
    connection: &Connection,
    recorded: &Recorded,
    before: Timestamp,
    give_back: &BTreeSet<RemoteId>,
) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT state, ended_at IS NOT NULL AND ended_at < :before, remote_id FROM outbox WHERE change_id = :id",
    )?;
    let row = statement
        .query_row(named_params! { ":id": Sql(recorded.id), ":before": Sql(before) }, |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?, row.get::<_, Option<Sql<RemoteId>>>(2)?))
        })
        .optional()?;
    Ok(match row {
        None => recorded.at < before,
        Some((_, false, _)) => false,
        // Nobody wants it, or another says it.
        Some((state, true, _)) if state == "discarded" || state == "replaced" => true,
        Some((_, true, remote)) => remote.is_some_and(|remote| give_back.contains(&remote.0)),
    })
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
