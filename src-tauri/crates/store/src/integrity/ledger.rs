//! Whether the ledger's accounts are those of their entries. A balance is stored nowhere, so none can be wrong.

use super::Finding;
use crate::error::StoreError;
use crate::sql::Sql;
use regulars_domain::{AccountId, Currency, MemberId};
use rusqlite::Connection;

pub(super) fn check(connection: &Connection, findings: &mut Vec<Finding>) -> Result<(), StoreError> {
    let mut statement = connection.prepare("SELECT id, member_id, issuer, currency FROM credit_accounts")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (id, member) = (row.get::<_, Sql<AccountId>>(0)?.0, row.get::<_, Sql<MemberId>>(1)?.0);
        let (issuer, currency): (String, Currency) = (row.get(2)?, row.get::<_, Sql<Currency>>(3)?.0);
        if AccountId::of(member, &issuer, currency) != id {
            findings.push(Finding::new("account_differs", format!("account {id} is not that of its member")));
        }
    }
    let others: i64 = connection.query_row(
        "SELECT count(*) FROM ledger_entries JOIN credit_accounts ON credit_accounts.id = account_id
         WHERE ledger_entries.currency <> credit_accounts.currency OR ledger_entries.issuer <> credit_accounts.issuer",
        [],
        |row| row.get(0),
    )?;
    if others > 0 {
        let message = format!("{others} entries are in another currency or of another issuer than their account");
        findings.push(Finding::new("entry_differs", message));
    }
    let mut sums = connection.prepare(
        "SELECT account_id FROM ledger_entries GROUP BY account_id HAVING abs(total(amount_minor)) > 9.0e18",
    )?;
    for account in sums.query_map([], |row| Ok(row.get::<_, Sql<AccountId>>(0)?.0))? {
        findings.push(Finding::new("sum_overflows", format!("the entries of account {} cannot be added up", account?)));
    }
    Ok(())
}
