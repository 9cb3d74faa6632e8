//! Letting old segments go: what they tell was acknowledged long ago, and every later segment begins with the set-up.

use super::read::read_segment;
use super::record::{Item, Recorded};
use super::{JournalKey, list};
use crate::error::StoreError;
use crate::sql::Sql;
use regulars_domain::Timestamp;
use rusqlite::{Connection, OptionalExtension, named_params};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// How long a change stays in the journal after head office had it: as long as head office may be put back to a copy of
/// a quarter of a year ago and be told again.
const KEPT_FOR: Duration = Duration::from_secs(90 * 86_400);

/// Removes the oldest segments, as long as all their changes came to their end that long ago. Never the last one.
/// Answers how many.
pub(crate) fn tidy(connection: &Connection, folder: &Path, key: &JournalKey, at: Timestamp) -> Result<u64, StoreError> {
    let mut segments = list(folder)?;
    segments.pop();
    let before = Timestamp::from_millis(at.as_millis().saturating_sub(millis(KEPT_FOR)));
    let mut removed = 0;
    for (number, path) in segments {
        let Some(segment) = read_segment(key, number, &path)? else { continue };
        if !segment.is_whole || !all_ended(connection, segment.batches.iter().flatten(), before)? {
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
) -> Result<bool, StoreError> {
    for item in items {
        if let Item::Change(recorded) = item
            && !has_ended(connection, recorded, before)?
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A change without a row was never committed: what nobody asked for in all that time is not waited for.
fn has_ended(connection: &Connection, recorded: &Recorded, before: Timestamp) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT state IN ('done', 'discarded', 'replaced') AND ended_at < :before FROM outbox WHERE change_id = :id",
    )?;
    let ended: Option<Option<bool>> = statement
        .query_row(named_params! { ":id": Sql(recorded.id), ":before": Sql(before) }, |row| row.get(0))
        .optional()?;
    Ok(ended.map_or(recorded.at < before, |ended| ended.unwrap_or(false)))
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
