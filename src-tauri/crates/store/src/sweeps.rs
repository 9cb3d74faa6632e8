//! Going through a remote that does not tell what changed: page by page, again and again. Each time has a number; a row
//! of the mirror knows the last one that saw it, and how many complete ones in a row have missed it.

use crate::error::StoreError;
use crate::sql::Sql;
use regulars_domain::{RemoteId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

/// So many complete sweeps must have missed a row before anybody asks whether the member is gone: one may have been
/// reading while rows moved between its pages.
const MISSES: i64 = 2;

/// Where going through a remote stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// The number of this time.
    pub number: i64,
    /// Where it goes on, in the connector's own words; `None` at its beginning.
    pub place: Option<String>,
    /// Whether the pages are through and what they missed is asked about.
    pub is_checking: bool,
    /// When everything was gone through last.
    pub completed_at: Option<Timestamp>,
    /// The next time is not begun before.
    pub due_at: Option<Timestamp>,
}

/// Where going through a remote stands.
///
/// # Errors
/// As any read.
pub fn get(connection: &Connection, remote: RemoteId) -> Result<Sweep, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT number, place, is_checking, completed_at, due_at FROM remote_sweeps WHERE remote_id = :remote",
    )?;
    let read = |row: &Row<'_>| {
        let at = |column: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<Sql<Timestamp>>>(column)?.map(|at| at.0));
        Ok(Sweep {
            number: row.get(0)?,
            place: row.get(1)?,
            is_checking: row.get(2)?,
            completed_at: at(3)?,
            due_at: at(4)?,
        })
    };
    let found = statement.query_row(named_params! { ":remote": Sql(remote) }, read).optional()?;
    Ok(found.unwrap_or(Sweep::from_the_start(1)))
}

impl Sweep {
    /// All of them, at once.
    const fn from_the_start(number: i64) -> Self {
        Self { number, place: None, is_checking: false, completed_at: None, due_at: None }
    }
}

/// Writes down where the time of that number stands, unless another was begun meanwhile.
///
/// # Errors
/// As any write.
pub fn put(tx: &Transaction<'_>, remote: RemoteId, number: i64, sweep: &Sweep) -> Result<(), StoreError> {
    if get(tx, remote)?.number == number { write(tx, remote, sweep) } else { Ok(()) }
}

fn write(tx: &Transaction<'_>, remote: RemoteId, sweep: &Sweep) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO remote_sweeps (remote_id, number, place, is_checking, completed_at, due_at)
         VALUES (:remote, :number, :place, :is_checking, :completed_at, :due_at)
         ON CONFLICT (remote_id) DO UPDATE SET number = excluded.number, place = excluded.place,
             is_checking = excluded.is_checking, completed_at = excluded.completed_at, due_at = excluded.due_at",
    )?
    .execute(named_params! {
        ":remote": Sql(remote),
        ":number": sweep.number,
        ":place": sweep.place,
        ":is_checking": sweep.is_checking,
        ":completed_at": Sql(sweep.completed_at),
        ":due_at": Sql(sweep.due_at),
    })?;
    Ok(())
}

/// Goes through all of a remote's members once more: where they belong has changed.
///
/// # Errors
/// As any write.
pub fn begin_anew(tx: &Transaction<'_>, remote: RemoteId) -> Result<(), StoreError> {
    let number = get(tx, remote)?.number + 1;
    write(tx, remote, &Sweep::from_the_start(number))
}

/// Lets the next time begin at once: a person does not want to wait for it.
///
/// # Errors
/// As any write.
pub fn make_due(tx: &Transaction<'_>, remote: RemoteId) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE remote_sweeps SET due_at = NULL WHERE remote_id = :remote")?
        .execute(named_params! { ":remote": Sql(remote) })?;
    Ok(())
}

/// Notes that this time has seen a row.
///
/// # Errors
/// As any write.
pub fn note_seen(tx: &Transaction<'_>, remote: RemoteId, key: &[u8], number: i64) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE mirror SET seen_in = :number, missed = 0 WHERE remote_id = :remote AND remote_key = :key",
    )?
    .execute(named_params! { ":number": number, ":remote": Sql(remote), ":key": key })?;
    Ok(())
}

/// Notes that a row was asked for by its key and the remote does not have it. Answers whether that is enough to believe
/// it.
///
/// # Errors
/// As any write.
pub fn note_missed(tx: &Transaction<'_>, remote: RemoteId, key: &[u8], number: i64) -> Result<bool, StoreError> {
    tx.prepare_cached(
        "UPDATE mirror SET seen_in = :number, missed = missed + 1 WHERE remote_id = :remote AND remote_key = :key",
    )?
    .execute(named_params! { ":number": number, ":remote": Sql(remote), ":key": key })?;
    let mut statement =
        tx.prepare_cached("SELECT missed >= :misses FROM mirror WHERE remote_id = :remote AND remote_key = :key")?;
    let params = named_params! { ":misses": MISSES, ":remote": Sql(remote), ":key": key };
    Ok(statement.query_row(params, |row| row.get(0)).optional()?.unwrap_or(false))
}

/// How many rows this time has seen.
///
/// # Errors
/// As any read.
pub fn count_seen(connection: &Connection, remote: RemoteId, number: i64) -> Result<i64, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT count(*) FROM mirror WHERE remote_id = :remote AND seen_in = :number")?;
    Ok(statement.query_row(named_params! { ":remote": Sql(remote), ":number": number }, |row| row.get(0))?)
}

/// All pages are through: what none of them had was missed once more.
///
/// # Errors
/// As any write.
pub fn note_unseen(tx: &Transaction<'_>, remote: RemoteId, number: i64) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE mirror SET missed = missed + 1 WHERE remote_id = :remote AND seen_in < :number AND NOT is_deleted",
    )?
    .execute(named_params! { ":remote": Sql(remote), ":number": number })?;
    Ok(())
}

/// A row that enough complete sweeps have missed, and that was not asked about in this one.
///
/// # Errors
/// As any read.
pub fn find_missed(connection: &Connection, remote: RemoteId, number: i64) -> Result<Option<Vec<u8>>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT remote_key FROM mirror WHERE remote_id = :remote AND missed >= :misses AND seen_in < :number
           AND NOT is_deleted LIMIT 1",
    )?;
    let params = named_params! { ":remote": Sql(remote), ":misses": MISSES, ":number": number };
    Ok(statement.query_row(params, |row| row.get(0)).optional()?)
}

/// The rows that were not looked at this time, those that were looked at longest ago first.
///
/// # Errors
/// As any read.
pub fn list_unseen(
    connection: &Connection,
    remote: RemoteId,
    number: i64,
    limit: u32,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT remote_key FROM mirror WHERE remote_id = :remote AND seen_in < :number AND NOT is_deleted
         ORDER BY seen_in, remote_key LIMIT :limit",
    )?;
    let params = named_params! { ":remote": Sql(remote), ":number": number, ":limit": limit };
    Ok(statement.query_map(params, |row| row.get(0))?.collect::<Result<_, _>>()?)
}
