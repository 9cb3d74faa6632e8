//! Rows that are told of from elsewhere: under an id and a number that they have already, where they stood.

use super::{Anew, Change, ChangeId, Incarnation, Problem, RemoteId, Stamp};
use crate::error::StoreError;
use crate::sql::Sql;
use rusqlite::{Connection, Transaction, named_params};

/// What a change is called, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told<'a> {
    pub(crate) id: ChangeId,
    pub(crate) incarnation: Incarnation,
    pub(crate) number: i64,
    /// Its line in the table that it was in.
    pub(crate) line: i64,
    pub(crate) place: i64,
    pub(crate) merges: u32,
    /// Why it waits for a person, where it does.
    pub(crate) problem: Option<&'a Problem>,
}

/// Queues a change that has its number already; what it waits for is said by [`tie`], once all are there. In its old
/// line, so that what comes later comes behind it; where that is another's by now, behind all others.
pub(crate) fn enqueue_told(
    tx: &Transaction<'_>,
    told: Told<'_>,
    remote: Option<RemoteId>,
    change: &Change,
    stamp: Stamp,
) -> Result<(), StoreError> {
    let Told { id, incarnation, number, line, place, merges, problem } = told;
    let mut statement = tx.prepare_cached("SELECT NOT EXISTS (SELECT 1 FROM outbox WHERE rowid = :line)")?;
    let is_free: bool = statement.query_row(named_params! { ":line": line }, |row| row.get(0))?;
    let line = match is_free {
        true => line,
        false => tx.query_row("SELECT max(rowid) + 1 FROM outbox", [], |row| row.get(0))?,
    };
    let place = if place == told.line { line } else { place };
    super::insert_row(
        tx,
        (id, incarnation, number),
        Some(line),
        remote,
        change,
        stamp,
        Some(&Anew { place, merges, problem }),
    )
}

/// Says of everything that is open what it waits for, where rows of it were lost: what was read of the file may name what
/// was not, and the other way round. Nothing waits for what stands behind it, except for a registration.
pub(crate) fn tie(tx: &Transaction<'_>) -> Result<(), StoreError> {
    for queued in super::list_all_open(tx)? {
        super::insert_dependencies(tx, queued.id, queued.remote_id, &queued.change)?;
    }
    tx.execute_batch(
        "DELETE FROM outbox_dependencies WHERE EXISTS (
             SELECT 1 FROM outbox AS mine CROSS JOIN outbox AS other
             WHERE mine.change_id = outbox_dependencies.change_id AND other.change_id = depends_on
               AND CASE WHEN mine.verb = other.verb THEN (mine.place, mine.rowid) < (other.place, other.rowid)
                   WHEN other.verb IN ('member_added', 'location_added') THEN 0
                   WHEN mine.verb = 'member_added' THEN 1
                   ELSE (mine.place, mine.rowid) < (other.place, other.rowid) END)",
    )?;
    Ok(())
}

/// Whether there is a row of that id, in whatever state.
pub(crate) fn exists(connection: &Connection, id: ChangeId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM outbox WHERE change_id = :id)")?;
    Ok(statement.query_row(named_params! { ":id": Sql(id) }, |row| row.get(0))?)
}

/// Tells a remote again what it acknowledged and does not have: as another change, which takes the place of the old one.
pub(crate) fn make_anew(tx: &Transaction<'_>, old: ChangeId, new: ChangeId, change: &Change) -> Result<(), StoreError> {
    let acknowledged = super::get(tx, old)?;
    let stamp = Stamp { at: acknowledged.made_at, staff_id: acknowledged.staff_id };
    super::enqueue(tx, new, acknowledged.remote_id, change, stamp)?;
    tx.prepare_cached("UPDATE outbox SET state = 'replaced' WHERE change_id = :old")?
        .execute(named_params! { ":old": Sql(old) })?;
    Ok(())
}
