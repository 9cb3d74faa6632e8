//! The lives of the file, and what members were in the one before.

use super::SqliteRows;
use super::values::Sql;
use crate::error::HeadOfficeError;
use crate::storage::{Lives, StoredBefore};
use regulars_domain::MemberId;
use rusqlite::named_params;

impl Lives for SqliteRows<'_> {
    fn is_put_back(&mut self) -> Result<bool, HeadOfficeError> {
        self.get("SELECT is_put_back FROM head_office WHERE only_row = 1", [], |row| row.get(0))
    }

    fn begin_life(&mut self, epoch: &str, first_version: i64) -> Result<(), HeadOfficeError> {
        self.execute(
            "UPDATE head_office SET epoch = :epoch, is_put_back = 0, life_began_at_version = :first,
             next_version = :first WHERE only_row = 1",
            named_params! { ":epoch": epoch, ":first": first_version },
        )?;
        // Of two lives ago: what this life's copy said is what it says now.
        self.execute("DELETE FROM members_before", []).map(|_| ())
    }

    fn life_began_at(&mut self) -> Result<i64, HeadOfficeError> {
        self.get("SELECT life_began_at_version FROM head_office WHERE only_row = 1", [], |row| row.get(0))
    }

    fn skip_versions_to(&mut self, version: i64) -> Result<(), HeadOfficeError> {
        self.execute(
            "UPDATE head_office SET next_version = max(next_version, :version + 1) WHERE only_row = 1",
            named_params! { ":version": version },
        )
        .map(|_| ())
    }

    fn find_before(&mut self, id: MemberId) -> Result<Option<StoredBefore>, HeadOfficeError> {
        let found: Option<(i64, String)> = self.find(
            "SELECT version, content FROM members_before WHERE member_id = :id",
            named_params! { ":id": Sql(id) },
            |row| Ok((row.get("version")?, row.get("content")?)),
        )?;
        let Some((version, content)) = found else { return Ok(None) };
        Ok(Some(StoredBefore { version, ..serde_json::from_str(&content)? }))
    }

    fn put_before(&mut self, id: MemberId, before: &StoredBefore) -> Result<(), HeadOfficeError> {
        self.execute(
            "INSERT INTO members_before (member_id, version, content) VALUES (:id, :version, :content)
             ON CONFLICT (member_id) DO UPDATE SET version = excluded.version, content = excluded.content",
            named_params! {
                ":id": Sql(id), ":version": before.version, ":content": serde_json::to_string(before)?,
            },
        )
        .map(|_| ())
    }
}
