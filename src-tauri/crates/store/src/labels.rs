//! The catalogue of labels: names with a colour. Members carry the names.

use crate::error::StoreError;
use regulars_domain::label::Label;
use rusqlite::{Connection, Transaction, named_params};

/// All labels, by name.
///
/// # Errors
/// As any read.
pub fn list(connection: &Connection) -> Result<Vec<Label>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT name, color, external_id FROM labels ORDER BY name")?;
    let rows =
        statement.query_map([], |row| Ok(Label { name: row.get(0)?, color: row.get(1)?, external_id: row.get(2)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Puts a label into the catalogue, in place of the one of that name. An id elsewhere stays where none is told.
///
/// # Errors
/// As any write.
pub fn put(tx: &Transaction<'_>, label: &Label) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO labels (name, color, external_id) VALUES (:name, :color, :external_id)
         ON CONFLICT (name) DO UPDATE SET color = excluded.color,
             external_id = coalesce(excluded.external_id, external_id)",
    )?;
    let Label { name, color, external_id } = label;
    statement.execute(named_params! { ":name": name, ":color": color, ":external_id": external_id })?;
    Ok(())
}
