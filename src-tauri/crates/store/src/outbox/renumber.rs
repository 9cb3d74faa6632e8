//! A new life of the till's file: what no remote has acknowledged is numbered anew, since another copy of the file may
//! have used the same numbers for other changes.

use crate::error::StoreError;
use crate::sql::Sql;
use crate::till;
use regulars_domain::planted::{Mistake, is_planted};
use regulars_domain::{ChangeId, Incarnation, RemoteId};
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// Begins a new life of the file.
///
/// # Errors
/// As any write.
pub fn begin_incarnation(tx: &Transaction<'_>, incarnation: Incarnation) -> Result<(), StoreError> {
    tracing::warn!("another copy of the till's file has used its numbers: it begins a new life");
    till::begin_incarnation(tx, incarnation)?;
    renumber(tx)
}

/// The same for a file that is opened: nobody waits for the answers to what was in flight.
pub(crate) fn begin_anew(connection: &Connection) -> Result<(), StoreError> {
    let state = if is_planted(Mistake::RenumberingForgetsInFlight) { "done" } else { "unknown" };
    connection.execute(
        "UPDATE outbox SET state = ?1, first_sent_at = coalesce(first_sent_at, claimed_at) WHERE state = 'in_flight'",
        [state],
    )?;
    renumber(connection)
}

/// Numbers what is not acknowledged anew, from 1 on, in the order in which it was made. Its bytes are made anew, for they
/// say the number. A remote that does not know a change by its id would do it twice: what may have been sent to one is
/// left as it is, with the bytes that were sent, and is looked into; money may have been sent where it is heard of. What is
/// on its way is answered under the number that it has.
fn renumber(connection: &Connection) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE outbox SET state = 'unknown' WHERE state = 'ready' AND remote_id IN (
             SELECT remote_id FROM remote_standing
             WHERE dedupes = 0 AND (hears_money OR verb NOT IN ('entry_added', 'visit_added')))",
        [],
    )?;
    connection.execute("UPDATE remote_standing SET acknowledged_before = 0", [])?;
    let mut statement = connection.prepare_cached(
        "SELECT change_id FROM outbox
         WHERE state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded') AND state <> 'in_flight'
         ORDER BY rowid",
    )?;
    let open: Vec<ChangeId> =
        statement.query_map([], |row| Ok(row.get::<_, Sql<ChangeId>>(0)?.0))?.collect::<Result<_, _>>()?;
    for change in open {
        let (incarnation, number) = till::take_change_number(connection)?;
        connection
            .prepare_cached(
                "UPDATE outbox SET incarnation = :incarnation, number = :number, is_copied = 1,
                     frozen = CASE WHEN first_sent_at IS NOT NULL AND remote_id IN (
                         SELECT remote_id FROM remote_standing WHERE dedupes = 0) THEN frozen END
                 WHERE change_id = :id",
            )?
            .execute(named_params! { ":incarnation": Sql(incarnation), ":number": number, ":id": Sql(change) })?;
    }
    Ok(())
}

/// Whether a change that was perhaps sent was so by a file whose notes are not here.
pub(super) fn is_copied(connection: &Connection, change: ChangeId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached("SELECT is_copied FROM outbox WHERE change_id = :id")?;
    Ok(statement.query_row(named_params! { ":id": Sql(change) }, |row| row.get(0))?)
}

/// The life of the file, and the highest number of it that a remote has acknowledged in the life of its own; 0 for none.
/// What travelled with another change was told under that one's number.
///
/// # Errors
/// As any read.
pub fn acknowledged(connection: &Connection, remote: RemoteId) -> Result<(Incarnation, i64), StoreError> {
    let incarnation = till::get(connection)?.incarnation;
    let mut statement = connection.prepare_cached(
        "SELECT number FROM outbox WHERE incarnation = :incarnation AND state = 'done' AND remote_id = :remote
           AND folded_into IS NULL
           AND number > coalesce((SELECT acknowledged_before FROM remote_standing WHERE remote_id = :remote), 0)
         ORDER BY number DESC LIMIT 1",
    )?;
    let params = named_params! { ":incarnation": Sql(incarnation), ":remote": Sql(remote) };
    let number: Option<i64> = statement.query_row(params, |row| row.get(0)).optional()?;
    Ok((incarnation, number.unwrap_or(0)))
}
