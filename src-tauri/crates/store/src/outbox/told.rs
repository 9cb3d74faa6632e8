//! Rows that are told of from elsewhere: under an id and a number that they have already, with the bytes that they had.

use super::{Change, ChangeId, Incarnation, RemoteId, Stamp};
use crate::error::StoreError;
use crate::sealing::{self, Purpose};
use crate::sql::Sql;
use regulars_domain::MemberId;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// What a change is called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    pub(crate) id: ChangeId,
    pub(crate) incarnation: Incarnation,
    pub(crate) number: i64,
}

/// Queues a change that has its number already, behind the changes that it needs.
pub(crate) fn enqueue_told(
    tx: &Transaction<'_>,
    told: Told,
    remote: Option<RemoteId>,
    change: &Change,
    stamp: Stamp,
) -> Result<(), StoreError> {
    super::insert(tx, told, remote, change, stamp)
}

/// Whether there is a row of that id, in whatever state.
pub(crate) fn exists(connection: &Connection, id: ChangeId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM outbox WHERE change_id = :id)")?;
    Ok(statement.query_row(named_params! { ":id": Sql(id) }, |row| row.get(0))?)
}

/// The bytes of a change as they were made to be sent, where they were.
pub(crate) fn find_frozen(connection: &Connection, id: ChangeId) -> Result<Option<Vec<u8>>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT frozen, member_id FROM outbox WHERE change_id = :id")?;
    let row = statement.query_row(named_params! { ":id": Sql(id) }, |row| {
        Ok((row.get::<_, Option<Vec<u8>>>(0)?, row.get::<_, Option<Sql<MemberId>>>(1)?.map(|id| id.0)))
    });
    match row.optional()? {
        Some((Some(frozen), Some(member))) => sealing::open(connection, member, Purpose::FrozenBytes, &frozen),
        Some((frozen, _)) => Ok(frozen),
        None => Ok(None),
    }
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
