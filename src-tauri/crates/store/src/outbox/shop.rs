//! Edits of what a shop is, which stand on top of what the remote says of it until it has them.

use super::{Change, RawRow, SELECT};
use crate::error::StoreError;
use crate::sql::Sql;
use regulars_domain::LocationId;
use regulars_domain::edit::Edit;
use rusqlite::{Connection, named_params};

/// What was edited about a shop and the remote has not confirmed, oldest first.
///
/// # Errors
/// As any read.
pub(crate) fn list_open_of_location(connection: &Connection, id: LocationId) -> Result<Vec<Edit>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "{SELECT} WHERE location_id = :location AND verb = 'location_edited'
         AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded') ORDER BY place, outbox.rowid"
    ))?;
    let rows = statement.query_map(named_params! { ":location": Sql(id) }, RawRow::read)?;
    let mut edits = Vec::new();
    for row in rows {
        if let Change::LocationEdited { edit, .. } = row?.open(connection)?.change {
            edits.push(edit);
        }
    }
    Ok(edits)
}
