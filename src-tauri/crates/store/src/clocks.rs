//! What is known of other clocks: how far a remote's is from this computer's own, and what this till stamped last.

use crate::error::StoreError;
use crate::sql::Sql;
use regulars_domain::{RemoteId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

/// How a remote's clock stood to this computer's own when it was last asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// How far the remote's is ahead, in milliseconds; below zero where this computer's is.
    pub ahead_ms: i64,
    /// At most so wrong: half a round trip.
    pub error_ms: i64,
    /// When, by this computer's own clock.
    pub at: Timestamp,
}

/// Keeps what a remote's answer told about its clock.
///
/// # Errors
/// As any write.
pub fn note(tx: &Transaction<'_>, remote: RemoteId, told: Told) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO remote_standing (remote_id, healing, dedupes, clock_ahead_ms, clock_error_ms, clock_told_at)
         VALUES (:remote, 'none', 1, :ahead, :error, :at)
         ON CONFLICT (remote_id) DO UPDATE SET clock_ahead_ms = excluded.clock_ahead_ms,
             clock_error_ms = excluded.clock_error_ms, clock_told_at = excluded.clock_told_at",
    )?
    .execute(named_params! {
        ":remote": Sql(remote), ":ahead": told.ahead_ms, ":error": told.error_ms, ":at": Sql(told.at),
    })?;
    Ok(())
}

/// What a remote's last answer told about its clock.
///
/// # Errors
/// As any read.
pub fn find(connection: &Connection, remote: RemoteId) -> Result<Option<Told>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT clock_ahead_ms, clock_error_ms, clock_told_at FROM remote_standing
         WHERE remote_id = :remote AND clock_ahead_ms IS NOT NULL",
    )?;
    Ok(statement.query_row(named_params! { ":remote": Sql(remote) }, read).optional()?)
}

/// What the remote that was asked last told about its clock.
///
/// # Errors
/// As any read.
pub fn find_last(connection: &Connection) -> Result<Option<Told>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT clock_ahead_ms, clock_error_ms, clock_told_at FROM remote_standing
         WHERE clock_ahead_ms IS NOT NULL ORDER BY clock_told_at DESC LIMIT 1",
    )?;
    Ok(statement.query_row([], read).optional()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Told> {
    Ok(Told { ahead_ms: row.get(0)?, error_ms: row.get(1)?, at: row.get::<_, Sql<Timestamp>>(2)?.0 })
}

/// The stamp of the last thing that was done here.
///
/// # Errors
/// As any read.
pub fn last_stamp(connection: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT at FROM audit_log ORDER BY number DESC LIMIT 1")?;
    Ok(statement.query_row([], |row| Ok(row.get::<_, Sql<Timestamp>>(0)?.0)).optional()?)
}

/// Notes whether a remote may be sent again what it perhaps has, and whether it hears of money: a new life of the file must
/// know without asking it.
///
/// # Errors
/// As any write.
pub fn note_dedupes(
    tx: &Transaction<'_>,
    remote: RemoteId,
    dedupes: bool,
    hears_money: bool,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO remote_standing (remote_id, healing, dedupes, hears_money)
         VALUES (:remote, 'none', :dedupes, :hears_money)
         ON CONFLICT (remote_id) DO UPDATE SET dedupes = excluded.dedupes,
             hears_money = max(hears_money, excluded.hears_money)
         WHERE dedupes <> excluded.dedupes OR hears_money < excluded.hears_money",
    )?
    .execute(named_params! { ":remote": Sql(remote), ":dedupes": dedupes, ":hears_money": hears_money })?;
    Ok(())
}
