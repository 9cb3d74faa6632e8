//! Which accounts have a lot that is still to run out.

use super::SqliteRows;
use super::values::Sql;
use crate::error::HeadOfficeError;
use crate::storage::{Expiring, ExpiringAccount, ExpiringPlace};
use regulars_domain::{AccountId, Date};
use rusqlite::{Row, named_params};

impl Expiring for SqliteRows<'_> {
    fn first_expiry(&mut self, account: AccountId) -> Result<Option<Date>, HeadOfficeError> {
        self.get(
            "SELECT min(expires_on) AS first FROM ledger_entries
             WHERE account_id = :account_id AND expires_on IS NOT NULL",
            named_params! { ":account_id": Sql(account) },
            |row| Ok(row.get::<_, Option<Sql<_>>>("first")?.map(|first| first.0)),
        )
    }

    fn put_expiring(&mut self, expiring: &ExpiringAccount) -> Result<(), HeadOfficeError> {
        self.execute(
            "INSERT INTO accounts_to_expire (account_id, member_id, issuer, currency, expires_on)
             VALUES (:account_id, :member_id, :issuer, :currency, :expires_on)
             ON CONFLICT (account_id) DO UPDATE SET expires_on = excluded.expires_on",
            named_params! {
                ":account_id": Sql(expiring.place.account_id),
                ":member_id": Sql(expiring.member_id),
                ":issuer": expiring.issuer,
                ":currency": expiring.currency.code(),
                ":expires_on": Sql(expiring.place.expires_on),
            },
        )
        .map(|_| ())
    }

    fn delete_expiring(&mut self, account: AccountId) -> Result<(), HeadOfficeError> {
        self.execute(
            "DELETE FROM accounts_to_expire WHERE account_id = :account_id",
            named_params! { ":account_id": Sql(account) },
        )
        .map(|_| ())
    }

    fn list_expiring(
        &mut self,
        before: Date,
        after: Option<ExpiringPlace>,
        limit: usize,
    ) -> Result<Vec<ExpiringAccount>, HeadOfficeError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        match after {
            None => self.list(
                "SELECT account_id, member_id, issuer, currency, expires_on FROM accounts_to_expire
                 WHERE expires_on < :before ORDER BY expires_on, account_id LIMIT :limit",
                named_params! { ":before": Sql(before), ":limit": limit },
                expiring,
            ),
            Some(after) => self.list(
                "SELECT account_id, member_id, issuer, currency, expires_on FROM accounts_to_expire
                 WHERE expires_on < :before AND (expires_on, account_id) > (:expires_on, :account_id)
                 ORDER BY expires_on, account_id LIMIT :limit",
                named_params! {
                    ":before": Sql(before),
                    ":limit": limit,
                    ":expires_on": Sql(after.expires_on),
                    ":account_id": Sql(after.account_id),
                },
                expiring,
            ),
        }
    }
}

fn expiring(row: &Row<'_>) -> rusqlite::Result<ExpiringAccount> {
    Ok(ExpiringAccount {
        place: ExpiringPlace {
            expires_on: row.get::<_, Sql<_>>("expires_on")?.0,
            account_id: row.get::<_, Sql<_>>("account_id")?.0,
        },
        member_id: row.get::<_, Sql<_>>("member_id")?.0,
        issuer: row.get("issuer")?,
        currency: row.get::<_, Sql<_>>("currency")?.0,
    })
}
