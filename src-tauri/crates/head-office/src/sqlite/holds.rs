//! The holds on credit.

use super::SqliteRows;
use super::values::Sql;
use crate::error::HeadOfficeError;
use crate::storage::{Holds, StoredHold};
use regulars_domain::{AccountId, AuthorisationId, Timestamp};
use regulars_protocol::authorise::MAX_HOLD_SECONDS;
use rusqlite::named_params;
use std::time::Duration;

/// A hold that would last longer than any may was made by a clock that has been set back since, and freezes nothing.
const LONGEST: Duration = Duration::from_secs(MAX_HOLD_SECONDS as u64);

impl Holds for SqliteRows<'_> {
    fn held(&mut self, account: AccountId, except: AuthorisationId, at: Timestamp) -> Result<i64, HeadOfficeError> {
        self.get(
            "SELECT coalesce(sum(amount_minor - captured_minor), 0) FROM authorisations
             WHERE account_id = :account_id AND state = 'held' AND expires_at > :at AND expires_at <= :latest
             AND id <> :except",
            named_params! {
                ":account_id": Sql(account), ":at": Sql(at), ":latest": Sql(at.plus(LONGEST)), ":except": Sql(except),
            },
            |row| row.get(0),
        )
    }

    fn find_hold(&mut self, id: AuthorisationId) -> Result<Option<StoredHold>, HeadOfficeError> {
        self.find(
            "SELECT account_id, till_id, amount_minor, captured_minor, currency, state, expires_at, made_at
             FROM authorisations WHERE id = :id",
            named_params! { ":id": Sql(id) },
            |row| {
                Ok(StoredHold {
                    id,
                    account_id: row.get::<_, Sql<_>>("account_id")?.0,
                    till_id: row.get::<_, Sql<_>>("till_id")?.0,
                    amount_minor: row.get("amount_minor")?,
                    captured_minor: row.get("captured_minor")?,
                    currency: row.get::<_, Sql<_>>("currency")?.0,
                    state: row.get::<_, Sql<_>>("state")?.0,
                    expires_at: row.get::<_, Sql<_>>("expires_at")?.0,
                    made_at: row.get::<_, Sql<_>>("made_at")?.0,
                })
            },
        )
    }

    fn put_hold(&mut self, hold: &StoredHold) -> Result<(), HeadOfficeError> {
        self.execute(
            "INSERT INTO authorisations
             (id, account_id, till_id, amount_minor, captured_minor, currency, state, expires_at, made_at)
             VALUES
             (:id, :account_id, :till_id, :amount_minor, :captured_minor, :currency, :state, :expires_at, :made_at)
             ON CONFLICT (id) DO UPDATE
             SET captured_minor = excluded.captured_minor, state = excluded.state, expires_at = excluded.expires_at",
            named_params! {
                ":id": Sql(hold.id),
                ":account_id": Sql(hold.account_id),
                ":till_id": Sql(hold.till_id),
                ":amount_minor": hold.amount_minor,
                ":captured_minor": hold.captured_minor,
                ":currency": hold.currency.code(),
                ":state": Sql(hold.state),
                ":expires_at": Sql(hold.expires_at),
                ":made_at": Sql(hold.made_at),
            },
        )
        .map(|_| ())
    }
}
