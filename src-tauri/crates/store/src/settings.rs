//! Settings of this till that are plain values: its language, the shop that its counter serves.

use crate::error::StoreError;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// The language of the window, as `en`.
pub const LANGUAGE: &str = "language";
/// The code of the shop that the counter serves.
pub const COUNTER_LOCATION: &str = "counter_location";

/// The value of a setting, where it was ever set.
///
/// # Errors
/// As any read.
pub fn find(connection: &Connection, key: &str) -> Result<Option<String>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT value FROM settings WHERE key = :key")?;
    Ok(statement.query_row(named_params! { ":key": key }, |row| row.get(0)).optional()?)
}

/// Sets a setting.
///
/// # Errors
/// As any write.
pub fn set(tx: &Transaction<'_>, key: &str, value: &str) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO settings (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )?;
    statement.execute(named_params! { ":key": key, ":value": value })?;
    Ok(())
}
