//! What is kept of deleted members, in case a change that nobody had seen brings them back.

use super::SqliteRows;
use super::values::Sql;
use crate::error::HeadOfficeError;
use crate::storage::{KeptTerms, Removed, StoredRemoved};
use regulars_domain::{MemberId, Timestamp};
use rusqlite::named_params;
use std::collections::BTreeMap;

impl Removed for SqliteRows<'_> {
    fn put_removed(&mut self, id: MemberId, removed: &StoredRemoved) -> Result<(), HeadOfficeError> {
        self.execute(
            "INSERT INTO removed_members (member_id, document, changed, terms, at)
             VALUES (:member_id, :document, :changed, :terms, :at)
             ON CONFLICT (member_id) DO UPDATE
             SET document = excluded.document, changed = excluded.changed, terms = excluded.terms, at = excluded.at",
            named_params! {
                ":member_id": Sql(id),
                ":document": removed.document,
                ":changed": serde_json::to_string(&removed.changed)?,
                ":terms": serde_json::to_string(&removed.terms)?,
                ":at": Sql(removed.at),
            },
        )
        .map(|_| ())
    }

    fn find_removed(&mut self, id: MemberId) -> Result<Option<StoredRemoved>, HeadOfficeError> {
        let found = self.find(
            "SELECT document, changed, terms, at FROM removed_members WHERE member_id = :member_id",
            named_params! { ":member_id": Sql(id) },
            |row| {
                let removed = StoredRemoved {
                    document: row.get("document")?,
                    changed: row.get::<_, Sql<_>>("changed")?.0,
                    terms: BTreeMap::new(),
                    at: row.get::<_, Sql<_>>("at")?.0,
                };
                Ok((removed, row.get::<_, String>("terms")?))
            },
        )?;
        let Some((removed, terms)) = found else { return Ok(None) };
        let terms: BTreeMap<String, KeptTerms> = serde_json::from_str(&terms)?;
        Ok(Some(StoredRemoved { terms, ..removed }))
    }

    fn delete_removed(&mut self, id: MemberId) -> Result<(), HeadOfficeError> {
        self.execute(
            "DELETE FROM removed_members WHERE member_id = :member_id",
            named_params! { ":member_id": Sql(id) },
        )
        .map(|_| ())
    }

    fn list_removed(
        &mut self,
        before: Timestamp,
        after: Option<MemberId>,
        limit: usize,
    ) -> Result<Vec<MemberId>, HeadOfficeError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.list(
            "SELECT member_id FROM removed_members
             WHERE at < :before AND (:after IS NULL OR member_id > :after) ORDER BY member_id LIMIT :limit",
            named_params! { ":before": Sql(before), ":after": Sql(after), ":limit": limit },
            |row| Ok(row.get::<_, Sql<_>>("member_id")?.0),
        )
    }
}
