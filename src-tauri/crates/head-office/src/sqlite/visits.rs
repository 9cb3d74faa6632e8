//! The visits: they come, none is ever changed.

use super::SqliteRows;
use super::values::Sql;
use crate::error::HeadOfficeError;
use crate::storage::Visits;
use regulars_domain::{MemberId, VisitId};
use regulars_protocol::push::VisitItem;
use rusqlite::named_params;

impl Visits for SqliteRows<'_> {
    fn find_visit(&mut self, id: VisitId) -> Result<Option<VisitItem>, HeadOfficeError> {
        let found: Option<String> =
            self.find("SELECT content FROM visits WHERE id = :id", named_params! { ":id": Sql(id) }, |row| {
                row.get("content")
            })?;
        Ok(found.map(|content| serde_json::from_str(&content)).transpose()?)
    }

    fn insert_visit(&mut self, item: &VisitItem) -> Result<(), HeadOfficeError> {
        self.execute(
            "INSERT INTO visits (id, member_id, location, content) VALUES (:id, :member_id, :location, :content)",
            named_params! {
                ":id": Sql(item.visit.id),
                ":member_id": Sql(item.visit.member_id),
                ":location": item.location,
                ":content": serde_json::to_string(item)?,
            },
        )
        .map(|_| ())
    }

    fn list_visits(&mut self, member: MemberId) -> Result<Vec<(VisitId, String)>, HeadOfficeError> {
        self.list(
            "SELECT id, location FROM visits WHERE member_id = :member_id ORDER BY rowid",
            named_params! { ":member_id": Sql(member) },
            |row| Ok((row.get::<_, Sql<_>>("id")?.0, row.get("location")?)),
        )
    }
}
