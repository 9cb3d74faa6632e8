//! Whose card it is.

use super::SqliteRows;
use super::values::Sql;
use crate::error::HeadOfficeError;
use crate::storage::Cards;
use regulars_domain::MemberId;
use rusqlite::named_params;
use std::collections::BTreeSet;

impl Cards for SqliteRows<'_> {
    fn list_cards(&mut self, member: MemberId) -> Result<BTreeSet<String>, HeadOfficeError> {
        let keys: Vec<String> = self.list(
            "SELECT key FROM cards WHERE member_id = :member_id",
            named_params! { ":member_id": Sql(member) },
            |row| row.get("key"),
        )?;
        Ok(keys.into_iter().collect())
    }

    fn list_card_holders(&mut self, key: &str) -> Result<Vec<MemberId>, HeadOfficeError> {
        self.list(
            "SELECT member_id FROM cards WHERE key = :key ORDER BY member_id",
            named_params! { ":key": key },
            |row| Ok(row.get::<_, Sql<_>>("member_id")?.0),
        )
    }

    fn insert_card(&mut self, member: MemberId, key: &str) -> Result<(), HeadOfficeError> {
        self.execute(
            "INSERT INTO cards (key, member_id) VALUES (:key, :member_id)",
            named_params! { ":key": key, ":member_id": Sql(member) },
        )
        .map(|_| ())
    }

    fn delete_card(&mut self, member: MemberId, key: &str) -> Result<(), HeadOfficeError> {
        self.execute(
            "DELETE FROM cards WHERE key = :key AND member_id = :member_id",
            named_params! { ":key": key, ":member_id": Sql(member) },
        )
        .map(|_| ())
    }
}
