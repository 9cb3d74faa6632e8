//! Bringing a till's file to this version's form: forward only, in one transaction, after a copy was made.

use crate::error::StoreError;
use rusqlite::{Connection, OptionalExtension};

mod embedded {
    refinery::embed_migrations!("../../../migrations/till");
}

/// The newest form that this program knows.
pub(crate) fn newest() -> i64 {
    let migrations = embedded::migrations::runner().get_migrations().clone();
    migrations.iter().map(|migration| i64::from(migration.version())).max().unwrap_or(0)
}

/// The form that a file has; 0 for an empty one.
pub(crate) fn version_of(connection: &Connection) -> Result<i64, StoreError> {
    let has_history: bool = connection.query_row(
        "SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'refinery_schema_history'",
        [],
        |row| row.get(0),
    )?;
    if !has_history {
        return Ok(0);
    }
    let version: Option<i64> = connection
        .query_row("SELECT max(version) FROM refinery_schema_history", [], |row| row.get(0))
        .optional()?
        .flatten();
    Ok(version.unwrap_or(0))
}

/// Runs what is missing.
pub(crate) fn run(connection: &mut Connection) -> Result<(), StoreError> {
    let result = embedded::migrations::runner().set_grouped(true).run(connection);
    result.map(|_| ()).map_err(|error| {
        tracing::error!(%error, "bringing the till's file to this version's form");
        StoreError::Unreadable("migration")
    })
}
