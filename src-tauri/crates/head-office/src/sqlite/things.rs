//! What other systems keep beside the members.

use super::SqliteRows;
use super::values::Sql;
use crate::error::HeadOfficeError;
use crate::storage::{StoredThing, ThingKey, Things};
use regulars_domain::Timestamp;
use rusqlite::{Row, named_params};

impl Things for SqliteRows<'_> {
    fn find_thing(&mut self, kind: &str, key: &ThingKey<'_>) -> Result<Option<StoredThing>, HeadOfficeError> {
        match key {
            ThingKey::Id(id) => self.find(
                "SELECT id, reference, content, created_at, updated_at FROM things WHERE id = :id AND kind = :kind",
                named_params! { ":id": id, ":kind": kind },
                thing,
            ),
            ThingKey::Reference(reference) => self.find(
                "SELECT id, reference, content, created_at, updated_at FROM things
                 WHERE kind = :kind AND reference = :reference",
                named_params! { ":kind": kind, ":reference": reference },
                thing,
            ),
        }
    }

    fn list_things(&mut self, kind: &str) -> Result<Vec<StoredThing>, HeadOfficeError> {
        self.list(
            "SELECT id, reference, content, created_at, updated_at FROM things WHERE kind = :kind ORDER BY id",
            named_params! { ":kind": kind },
            thing,
        )
    }

    fn put_thing(&mut self, kind: &str, reference: &str, content: &str, at: Timestamp) -> Result<i64, HeadOfficeError> {
        self.get(
            "INSERT INTO things (kind, reference, content, created_at, updated_at)
             VALUES (:kind, :reference, :content, :at, :at)
             ON CONFLICT (kind, reference) DO UPDATE SET content = excluded.content, updated_at = excluded.updated_at
             RETURNING id",
            named_params! { ":kind": kind, ":reference": reference, ":content": content, ":at": Sql(at) },
            |row| row.get("id"),
        )
    }
}

fn thing(row: &Row<'_>) -> rusqlite::Result<StoredThing> {
    Ok(StoredThing {
        id: row.get("id")?,
        reference: row.get("reference")?,
        content: row.get("content")?,
        created_at: row.get::<_, Sql<Timestamp>>("created_at")?.0,
        updated_at: row.get::<_, Sql<Timestamp>>("updated_at")?.0,
    })
}
