//! Bringing head office's file to this version's form: forward only, in one transaction.

use super::connection::OpenError;
use rusqlite::Connection;

mod embedded {
    refinery::embed_migrations!("../../../migrations/head-office");
}

/// Runs what is missing; refuses a file of a newer form.
pub(super) fn run(connection: &mut Connection) -> Result<(), OpenError> {
    let known = newest();
    let found = version_of(connection)?;
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    if found == known {
        return Ok(());
    }
    match embedded::migrations::runner().set_grouped(true).run(connection) {
        Ok(_) => Ok(()),
        // Another process that opened the same new file was faster.
        Err(_) if version_of(connection)? == known => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn newest() -> i64 {
    let runner = embedded::migrations::runner();
    runner.get_migrations().iter().map(|migration| i64::from(migration.version())).max().unwrap_or(0)
}

/// The form that a file has; 0 for an empty one.
fn version_of(connection: &Connection) -> Result<i64, OpenError> {
    let has_history: bool = connection.query_row(
        "SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'refinery_schema_history'",
        [],
        |row| row.get(0),
    )?;
    if !has_history {
        return Ok(0);
    }
    Ok(connection.query_row("SELECT coalesce(max(version), 0) FROM refinery_schema_history", [], |row| row.get(0))?)
}
