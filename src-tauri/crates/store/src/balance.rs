//! Credit at a remote that keeps a balance alone: what a write found there and what it makes of it, noted before it
//! leaves; and what others did to a balance, booked here.
//!
//! What such a remote should have of a member is the sum of their entries here without those that are still on their way.
//! Where it tells another balance, the difference was made elsewhere, and is booked as one entry (`adjust`, prepaid, of
//! the remote) under an id that follows from what was told. Nothing is booked while it is not known what became of a
//! write: the difference may be our own entry.

use crate::error::StoreError;
use crate::pull::Source;
use crate::sql::Sql;
use crate::{ledger, locations};
use regulars_domain::ledger::{EntryKind, EntrySource, LedgerEntry, LotClass};
use regulars_domain::{
    AccountId, ChangeId, Currency, EntryId, LocationId, MemberId, Money, RemoteId, TillId, Timestamp,
};
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// Why an entry was booked that nobody at a till of this program made.
const REASON: &str = "changed at the member system";

/// What a write of credit found, and what it makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// The remote's version of the member that was read.
    pub version: i64,
    /// The balance that was read, in minor units.
    pub before_minor: i64,
    /// What it becomes.
    pub after_minor: i64,
    /// What earlier writes of credit left at the member.
    pub mark: String,
}

/// What a remote says that a member has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// How much.
    pub amount: Money,
    /// Who owes it.
    pub issuer: String,
    /// The remote's version of the member.
    pub version: i64,
    /// What tells this remote's members from another's.
    pub place: String,
}

/// A balance as a remote last told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// How much.
    pub amount: Money,
    /// The remote's version of the member.
    pub version: i64,
    /// When it was first heard.
    pub heard_at: Timestamp,
}

/// Notes what a write found and makes of it. The commit must come before the first byte leaves.
///
/// # Errors
/// As any write.
pub fn note_guard(tx: &Transaction<'_>, change: ChangeId, guard: &Guard, at: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO credit_guards (change_id, version, before_minor, after_minor, mark, noted_at)
         VALUES (:change, :version, :before, :after, :mark, :at)",
    )?
    .execute(named_params! {
        ":change": Sql(change),
        ":version": guard.version,
        ":before": guard.before_minor,
        ":after": guard.after_minor,
        ":mark": guard.mark,
        ":at": Sql(at),
    })?;
    Ok(())
}

/// It is known what became of the write.
///
/// # Errors
/// As any write.
pub fn drop_guard(tx: &Transaction<'_>, change: ChangeId) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM credit_guards WHERE change_id = :change")?
        .execute(named_params! { ":change": Sql(change) })?;
    Ok(())
}

/// What the last write of a change found and makes of it, while it is not known what became of that.
///
/// # Errors
/// As any read.
pub fn find_guard(connection: &Connection, change: ChangeId) -> Result<Option<Guard>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT version, before_minor, after_minor, mark FROM credit_guards WHERE change_id = :change",
    )?;
    let found = statement.query_row(named_params! { ":change": Sql(change) }, |row| {
        Ok(Guard { version: row.get(0)?, before_minor: row.get(1)?, after_minor: row.get(2)?, mark: row.get(3)? })
    });
    Ok(found.optional()?)
}

/// A change that takes the place of another is not known to have been without effect either.
pub(crate) fn hand_guard_on(tx: &Transaction<'_>, old: ChangeId, new: ChangeId) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE credit_guards SET change_id = :new WHERE change_id = :old")?
        .execute(named_params! { ":new": Sql(new), ":old": Sql(old) })?;
    Ok(())
}

/// Whether it is not known what became of a write of a member's credit.
fn is_in_doubt(connection: &Connection, remote: RemoteId, member: MemberId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM credit_guards CROSS JOIN outbox ON outbox.change_id = credit_guards.change_id
         WHERE outbox.remote_id = :remote AND outbox.member_id = :member
           AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded'))",
    )?;
    Ok(statement.query_row(named_params! { ":remote": Sql(remote), ":member": Sql(member) }, |row| row.get(0))?)
}

/// What a remote last told of a member's balance; `None` where it never did, or has them several times.
///
/// # Errors
/// As any read.
pub fn find_told(connection: &Connection, remote: RemoteId, member: MemberId) -> Result<Option<Told>, StoreError> {
    match living_keys(connection, remote, member)?.as_slice() {
        [key] => find_told_of(connection, remote, key),
        _ => Ok(None),
    }
}

fn find_told_of(connection: &Connection, remote: RemoteId, key: &[u8]) -> Result<Option<Told>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT amount_minor, currency, version, heard_at FROM balances_told
         WHERE remote_id = :remote AND remote_key = :key",
    )?;
    let found = statement.query_row(named_params! { ":remote": Sql(remote), ":key": key }, |row| {
        let amount = Money::new(row.get(0)?, row.get::<_, Sql<Currency>>(1)?.0);
        Ok(Told { amount, version: row.get(2)?, heard_at: row.get::<_, Sql<Timestamp>>(3)?.0 })
    });
    Ok(found.optional()?)
}

fn living_keys(connection: &Connection, remote: RemoteId, member: MemberId) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT remote_key FROM mirror WHERE member_id = :member AND remote_id = :remote AND NOT is_deleted",
    )?;
    let rows =
        statement.query_map(named_params! { ":member": Sql(member), ":remote": Sql(remote) }, |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Takes over what a remote says that a member has: what others did to it since is booked. An answer that is older than
/// the last one says nothing; neither does one of a member whom the remote has several times, for their balances are one
/// account here.
///
/// # Errors
/// As any write.
pub(crate) fn hear(
    tx: &Transaction<'_>,
    source: Source,
    key: &[u8],
    member: MemberId,
    shops: &[LocationId],
    said: &Balance,
) -> Result<(), StoreError> {
    let Some(shop) = shop_of(tx, shops, said)? else { return Ok(()) };
    let last = find_told_of(tx, source.remote_id, key)?;
    let is_older = last.is_some_and(|last| said.version <= last.version && source.asked_at < last.heard_at);
    let is_one = living_keys(tx, source.remote_id, member)?.len() == 1;
    if is_older || !is_one || is_in_doubt(tx, source.remote_id, member)? {
        return Ok(());
    }
    let account_id = AccountId::of(member, &said.issuer, said.amount.currency);
    let known = sum_there(tx, account_id)?;
    let difference = said.amount.minor.saturating_sub(known);
    if difference != 0 {
        let entry = LedgerEntry {
            id: EntryId::of_balance(&said.place, key, said.version, known, said.amount.minor),
            account_id,
            member_id: member,
            issuer: said.issuer.clone(),
            kind: EntryKind::Adjust,
            lot_class: LotClass::Prepaid,
            amount: Money::new(difference, said.amount.currency),
            location_id: shop.id,
            till_id: TillId::of_place(&said.place),
            staff_id: None,
            business_date: shop.location.zone().business_date(source.at),
            at: source.at,
            receipt: None,
            tender: None,
            reason: Some(REASON.to_owned()),
            source_entry_id: None,
            visit_id: None,
            expires_on: None,
            source: EntrySource::Remote,
            authorisation_id: None,
        };
        ledger::insert(tx, &entry, Some(source.at))?;
    }
    let is_news = last.is_none_or(|last| (last.version, last.amount) != (said.version, said.amount));
    if is_news { note_told(tx, source, key, said) } else { Ok(()) }
}

/// The first of these shops whose credit that is.
fn shop_of(
    tx: &Transaction<'_>,
    shops: &[LocationId],
    said: &Balance,
) -> Result<Option<locations::StoredLocation>, StoreError> {
    for id in shops {
        let stored = locations::get(tx, *id)?;
        if stored.location.issuer == said.issuer && stored.location.currency == said.amount.currency {
            return Ok(Some(stored));
        }
    }
    Ok(None)
}

/// What a remote should have of an account: its entries without those that are still on their way.
fn sum_there(connection: &Connection, account: AccountId) -> Result<i64, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT coalesce(sum(amount_minor), 0) FROM ledger_entries WHERE account_id = :account
           AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.entry_id = ledger_entries.id
                           AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded'))
           AND (visit_id IS NULL OR NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.visit_id = ledger_entries.visit_id
                           AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')))",
    )?;
    Ok(statement.query_row(named_params! { ":account": Sql(account) }, |row| row.get(0))?)
}

fn note_told(tx: &Transaction<'_>, source: Source, key: &[u8], said: &Balance) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO balances_told (remote_id, remote_key, version, amount_minor, currency, heard_at)
         VALUES (:remote, :key, :version, :amount, :currency, :at)",
    )?
    .execute(named_params! {
        ":remote": Sql(source.remote_id),
        ":key": key,
        ":version": said.version,
        ":amount": said.amount.minor,
        ":currency": Sql(said.amount.currency),
        ":at": Sql(source.at),
    })?;
    Ok(())
}

/// Sends to a remote that takes money from now on what its shops kept here while it did not.
///
/// # Errors
/// As any write.
pub fn send_kept_money(tx: &Transaction<'_>, remote: RemoteId) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE outbox SET remote_id = :remote WHERE remote_id IS NULL AND verb IN ('entry_added', 'visit_added')
           AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')
           AND location_id IN (SELECT id FROM locations WHERE remote_id = :remote AND is_ours)",
    )?
    .execute(named_params! { ":remote": Sql(remote) })?;
    Ok(())
}

/// Whether credit of a remote's shops was kept by another remote before: what that one has is not here to be added up.
///
/// # Errors
/// As any read.
pub fn is_kept_elsewhere(connection: &Connection, remote: RemoteId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM ledger_entries WHERE location_id IN (SELECT id FROM locations WHERE remote_id = :remote)
           AND ((received_at IS NOT NULL AND source <> 'remote')
             OR EXISTS (SELECT 1 FROM outbox WHERE outbox.entry_id = ledger_entries.id AND outbox.remote_id <> :remote)
             OR (visit_id IS NOT NULL AND EXISTS (SELECT 1 FROM outbox
                 WHERE outbox.visit_id = ledger_entries.visit_id AND outbox.remote_id <> :remote))))",
    )?;
    Ok(statement.query_row(named_params! { ":remote": Sql(remote) }, |row| row.get(0))?)
}
