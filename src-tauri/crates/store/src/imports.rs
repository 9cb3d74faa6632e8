//! Spreadsheets that were taken in, and per row what it takes to undo it.

use crate::error::StoreError;
use crate::sealing::{self, Purpose};
use crate::sql::Sql;
use regulars_domain::edit::Edit;
use regulars_domain::{EntryId, LocationId, MemberId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};
use uuid::Uuid;

/// A file that was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its id.
    pub id: Uuid,
    /// The shop.
    pub location_id: LocationId,
    /// The file's name.
    pub file_name: String,
    /// When.
    pub at: Timestamp,
    /// The sum of the opening balances, in minor units.
    pub opening_minor: i64,
    /// How many members it touched.
    pub members: i64,
    /// Set where it was undone.
    pub undone_at: Option<Timestamp>,
}

/// What one row of a file did.
#[derive(Clone, Debug, PartialEq)]
pub struct TakenRow {
    /// As the spreadsheet counts it.
    pub row: u64,
    /// The member.
    pub member_id: MemberId,
    /// Whether they were registered by it.
    pub is_new: bool,
    /// The opening balance.
    pub entry_id: Option<EntryId>,
    /// The edits that lead back, of the member and of what holds at the shop.
    pub undo: Option<(Edit, Edit)>,
}

/// Begins a batch.
///
/// # Errors
/// As any write.
pub fn insert_batch(tx: &Transaction<'_>, batch: &Batch) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO import_batches (id, location_id, file_name, at, opening_minor)
         VALUES (:id, :location, :file_name, :at, :opening)",
    )?
    .execute(named_params! {
        ":id": batch.id,
        ":location": Sql(batch.location_id),
        ":file_name": batch.file_name,
        ":at": Sql(batch.at),
        ":opening": batch.opening_minor,
    })?;
    Ok(())
}

/// Notes what a row did, in the transaction that did it.
///
/// # Errors
/// As any write.
pub fn insert_row(tx: &Transaction<'_>, batch: Uuid, taken: &TakenRow, opening_minor: i64) -> Result<(), StoreError> {
    let undo = match &taken.undo {
        Some(undo) => {
            let json = serde_json::to_vec(undo).map_err(|_| StoreError::Unreadable("edit"))?;
            Some(sealing::seal(tx, taken.member_id, Purpose::Change, &json)?)
        }
        None => None,
    };
    tx.prepare_cached(
        "INSERT INTO import_rows (batch_id, row, member_id, is_new, entry_id, undo)
         VALUES (:batch, :row, :member, :is_new, :entry, :undo)",
    )?
    .execute(named_params! {
        ":batch": batch,
        ":row": i64::try_from(taken.row).unwrap_or(i64::MAX),
        ":member": Sql(taken.member_id),
        ":is_new": taken.is_new,
        ":entry": Sql(taken.entry_id),
        ":undo": undo,
    })?;
    tx.prepare_cached("UPDATE import_batches SET opening_minor = opening_minor + :opening WHERE id = :batch")?
        .execute(named_params! { ":opening": opening_minor, ":batch": batch })?;
    Ok(())
}

/// The batches, latest first.
///
/// # Errors
/// As any read.
pub fn list(connection: &Connection) -> Result<Vec<Batch>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} ORDER BY at DESC, id DESC"))?;
    let rows = statement.query_map([], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The batch of that id.
///
/// # Errors
/// As any read.
pub fn find(connection: &Connection, id: Uuid) -> Result<Option<Batch>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} WHERE id = :id"))?;
    Ok(statement.query_row(named_params! { ":id": id }, read).optional()?)
}

/// Rows of a batch that are still to be undone, the last first.
///
/// # Errors
/// As any read.
pub fn list_rows(connection: &Connection, batch: Uuid, limit: u32) -> Result<Vec<TakenRow>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT row, member_id, is_new, entry_id, undo FROM import_rows WHERE batch_id = :batch
         ORDER BY row DESC LIMIT :limit",
    )?;
    let rows = statement.query_map(named_params! { ":batch": batch, ":limit": limit }, |row| {
        let taken = TakenRow {
            row: u64::try_from(row.get::<_, i64>(0)?).unwrap_or(0),
            member_id: row.get::<_, Sql<MemberId>>(1)?.0,
            is_new: row.get(2)?,
            entry_id: row.get::<_, Option<Sql<EntryId>>>(3)?.map(|id| id.0),
            undo: None,
        };
        Ok((taken, row.get::<_, Option<Vec<u8>>>(4)?))
    })?;
    let mut list = Vec::new();
    for row in rows {
        let (mut taken, sealed) = row?;
        taken.undo = match sealed {
            Some(sealed) => open_undo(connection, taken.member_id, &sealed)?,
            None => None,
        };
        list.push(taken);
    }
    Ok(list)
}

/// Forgets a row that was undone.
///
/// # Errors
/// As any write.
pub fn remove_row(tx: &Transaction<'_>, batch: Uuid, row: u64) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM import_rows WHERE batch_id = :batch AND row = :row")?
        .execute(named_params! { ":batch": batch, ":row": i64::try_from(row).unwrap_or(i64::MAX) })?;
    Ok(())
}

/// Notes that a batch was undone.
///
/// # Errors
/// As any write.
pub fn set_undone(tx: &Transaction<'_>, batch: Uuid, at: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE import_batches SET undone_at = :at WHERE id = :batch")?
        .execute(named_params! { ":at": Sql(at), ":batch": batch })?;
    Ok(())
}

const SELECT: &str = "SELECT id, location_id, file_name, at, opening_minor, undone_at,
         (SELECT count(*) FROM import_rows WHERE batch_id = import_batches.id)
     FROM import_batches";

fn read(row: &Row<'_>) -> rusqlite::Result<Batch> {
    Ok(Batch {
        id: row.get(0)?,
        location_id: row.get::<_, Sql<LocationId>>(1)?.0,
        file_name: row.get(2)?,
        at: row.get::<_, Sql<Timestamp>>(3)?.0,
        opening_minor: row.get(4)?,
        undone_at: row.get::<_, Option<Sql<Timestamp>>>(5)?.map(|at| at.0),
        members: row.get(6)?,
    })
}

fn open_undo(connection: &Connection, member: MemberId, sealed: &[u8]) -> Result<Option<(Edit, Edit)>, StoreError> {
    let opened = sealing::open(connection, member, Purpose::Change, sealed)?;
    opened.map(|json| serde_json::from_slice(&json).map_err(|_| StoreError::Unreadable("edit"))).transpose()
}
