//! The ledger: entries come, none is ever changed but for the reason of one whose member was erased.

use super::SqliteRows;
use super::values::Sql;
use crate::error::HeadOfficeError;
use crate::storage::Ledger;
use regulars_domain::{AccountId, Currency, EntryId, MemberId};
use regulars_protocol::push::Entry;
use rusqlite::named_params;

impl Ledger for SqliteRows<'_> {
    fn find_entry(&mut self, id: EntryId) -> Result<Option<Entry>, HeadOfficeError> {
        let found: Option<String> =
            self.find("SELECT content FROM ledger_entries WHERE id = :id", named_params! { ":id": Sql(id) }, |row| {
                row.get("content")
            })?;
        Ok(found.map(|content| serde_json::from_str(&content)).transpose()?)
    }

    fn insert_entry(&mut self, entry: &Entry) -> Result<(), HeadOfficeError> {
        self.execute(
            "INSERT INTO ledger_entries (id, account_id, member_id, amount_minor, location, expires_on, content)
             VALUES (:id, :account_id, :member_id, :amount_minor, :location, :expires_on, :content)",
            named_params! {
                ":id": Sql(entry.id),
                ":account_id": Sql(entry.account_id),
                ":member_id": Sql(entry.member_id),
                ":amount_minor": entry.amount.minor,
                ":location": entry.location,
                ":expires_on": Sql(entry.expires_on),
                ":content": serde_json::to_string(entry)?,
            },
        )
        .map(|_| ())
    }

    fn erase_reasons(&mut self, member: MemberId) -> Result<(), HeadOfficeError> {
        self.execute(
            "UPDATE ledger_entries SET content = json_set(content, '$.reason', 'erased')
             WHERE member_id = :member_id AND content ->> '$.reason' IS NOT NULL",
            named_params! { ":member_id": Sql(member) },
        )
        .map(|_| ())
    }

    fn list_entries(&mut self, member: MemberId) -> Result<Vec<(EntryId, String)>, HeadOfficeError> {
        self.list(
            "SELECT id, location FROM ledger_entries WHERE member_id = :member_id ORDER BY rowid",
            named_params! { ":member_id": Sql(member) },
            |row| Ok((row.get::<_, Sql<_>>("id")?.0, row.get("location")?)),
        )
    }

    fn list_account(&mut self, account: AccountId) -> Result<Vec<Entry>, HeadOfficeError> {
        let found: Vec<String> = self.list(
            "SELECT content FROM ledger_entries WHERE account_id = :account_id",
            named_params! { ":account_id": Sql(account) },
            |row| row.get("content"),
        )?;
        Ok(found.iter().map(|content| serde_json::from_str(content)).collect::<Result<_, _>>()?)
    }

    fn list_issuers(&mut self, member: MemberId) -> Result<Vec<(String, Currency)>, HeadOfficeError> {
        self.list(
            "SELECT DISTINCT content ->> '$.issuer' AS issuer, content ->> '$.amount.currency' AS currency
             FROM ledger_entries WHERE member_id = :member_id ORDER BY issuer, currency",
            named_params! { ":member_id": Sql(member) },
            |row| Ok((row.get("issuer")?, row.get::<_, Sql<_>>("currency")?.0)),
        )
    }

    fn is_booked_at(&mut self, location: &str) -> Result<bool, HeadOfficeError> {
        self.get(
            "SELECT EXISTS (
                 SELECT 1 FROM feed CROSS JOIN ledger_entries ON ledger_entries.id = feed.entity_id
                 WHERE feed.location = :location AND feed.kind = 'entry' AND ledger_entries.location = :location)",
            named_params! { ":location": location },
            |row| row.get(0),
        )
    }

    fn balance(&mut self, account: AccountId) -> Result<i64, HeadOfficeError> {
        self.get(
            "SELECT coalesce(sum(amount_minor), 0) FROM ledger_entries WHERE account_id = :account_id",
            named_params! { ":account_id": Sql(account) },
            |row| row.get(0),
        )
    }
}
