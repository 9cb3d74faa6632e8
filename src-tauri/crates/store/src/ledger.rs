//! The credit ledger: entries are inserted and summed, nothing else.

use crate::erase;
use crate::error::StoreError;
use crate::outbox::ChangeState;
use crate::sealing::{self, Purpose};
use crate::sql::Sql;
use regulars_domain::ledger::{EntryKind, EntrySource, LedgerEntry, LotClass, Tender};
use regulars_domain::planted::{Mistake, is_planted};
use regulars_domain::{
    AccountId, AuthorisationId, Currency, Date, EntryId, LocationId, MemberId, Money, RemoteId, StaffId, TillId,
    Timestamp, VisitId,
};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

/// An entry and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEntry {
    /// The entry.
    pub entry: LedgerEntry,
    /// The state of its change; `None` where it came from the remote.
    pub state: Option<ChangeState>,
}

const SELECT: &str = "SELECT ledger_entries.id, account_id, kind, lot_class, amount_minor, ledger_entries.currency,
         ledger_entries.issuer, ledger_entries.location_id, till_id, ledger_entries.staff_id, business_date, at, receipt,
         tender, reason, source_entry_id, expires_on, source, authorisation_id, credit_accounts.member_id,
         (SELECT state FROM outbox WHERE outbox.entry_id = ledger_entries.id
              OR (ledger_entries.visit_id IS NOT NULL AND outbox.visit_id = ledger_entries.visit_id)
          ORDER BY outbox.rowid DESC LIMIT 1),
         ledger_entries.visit_id
     FROM ledger_entries JOIN credit_accounts ON credit_accounts.id = ledger_entries.account_id";

/// What became of an entry that was to be inserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// It is new.
    New,
    /// It was there, the same in all that counts.
    Known,
    /// An entry of that id is there and says something else. Nothing was written.
    Differs,
}

/// Inserts an entry, and its account where that is new. `received_at` is `None` for what was booked here.
///
/// # Errors
/// As any write.
pub fn insert(
    tx: &Transaction<'_>,
    entry: &LedgerEntry,
    received_at: Option<Timestamp>,
) -> Result<Inserted, StoreError> {
    if let Some(known) = find_amount(tx, entry.id)? {
        let same = known == (entry.account_id, entry.amount, entry.kind);
        return Ok(if same { Inserted::Known } else { Inserted::Differs });
    }
    tx.prepare_cached(
        "INSERT INTO credit_accounts (id, member_id, issuer, currency) VALUES (:id, :member, :issuer, :currency)
         ON CONFLICT DO NOTHING",
    )?
    .execute(named_params! {
        ":id": Sql(entry.account_id),
        ":member": Sql(entry.member_id),
        ":issuer": entry.issuer,
        ":currency": Sql(entry.amount.currency),
    })?;
    let reason = match &entry.reason {
        // Nothing new is sealed for somebody who was erased: their key would come back.
        Some(reason) if !erase::is_erased(tx, entry.member_id)? => {
            Some(sealing::seal(tx, entry.member_id, Purpose::Reason, reason.as_bytes())?)
        }
        Some(_) | None => None,
    };
    tx.prepare_cached(
        "INSERT INTO ledger_entries (id, account_id, kind, lot_class, amount_minor, currency, issuer, location_id, till_id,
             staff_id, business_date, at, receipt, tender, reason, source_entry_id, visit_id, expires_on, source,
             authorisation_id, received_at)
         VALUES (:id, :account, :kind, :lot_class, :amount, :currency, :issuer, :location, :till,
             :staff, :business_date, :at, :receipt, :tender, :reason, :source_entry, :visit, :expires_on, :source,
             :authorisation, :received_at)",
    )?
    .execute(named_params! {
        ":id": Sql(entry.id),
        ":account": Sql(entry.account_id),
        ":kind": Sql(entry.kind),
        ":lot_class": Sql(entry.lot_class),
        ":amount": entry.amount.minor,
        ":currency": Sql(entry.amount.currency),
        ":issuer": entry.issuer,
        ":location": Sql(entry.location_id),
        ":till": Sql(entry.till_id),
        ":staff": Sql(entry.staff_id),
        ":business_date": Sql(entry.business_date),
        ":at": Sql(entry.at),
        ":receipt": entry.receipt,
        ":tender": Sql(entry.tender),
        ":reason": reason,
        ":source_entry": Sql(entry.source_entry_id),
        ":visit": Sql(entry.visit_id),
        ":expires_on": Sql(entry.expires_on),
        ":source": Sql(entry.source),
        ":authorisation": Sql(entry.authorisation_id),
        ":received_at": Sql(received_at),
    })?;
    Ok(Inserted::New)
}

/// Whose credit with whom: a member with everybody who turned out to be them, at one issuer, in one currency.
#[derive(Clone, Copy, Debug)]
pub struct Holder<'a> {
    /// The member and their aliases.
    pub group: &'a [MemberId],
    /// Who owes the credit.
    pub issuer: &'a str,
    /// In which currency.
    pub currency: Currency,
}

impl Holder<'_> {
    fn accounts(&self) -> impl Iterator<Item = AccountId> + '_ {
        self.group.iter().map(|member| AccountId::of(*member, self.issuer, self.currency))
    }
}

/// The sum of all entries. An account that was never used holds nothing.
///
/// # Errors
/// As any read.
pub fn balance(connection: &Connection, holder: Holder<'_>) -> Result<Money, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT coalesce(sum(amount_minor), 0) FROM ledger_entries WHERE account_id = :account")?;
    let mut balance = Money::zero(holder.currency);
    for account in holder.accounts() {
        let minor = statement.query_row(named_params! { ":account": Sql(account) }, |row| row.get(0))?;
        balance = balance.plus(Money::new(minor, holder.currency))?;
    }
    Ok(balance)
}

/// All entries of these accounts, oldest first, with sealed reasons left out: for sums and lots.
///
/// # Errors
/// As any read.
pub fn list_of_holder(connection: &Connection, holder: Holder<'_>) -> Result<Vec<LedgerEntry>, StoreError> {
    let mut statement =
        connection.prepare_cached(&format!("{SELECT} WHERE account_id = :account ORDER BY at, ledger_entries.id"))?;
    let mut entries = Vec::new();
    for account in holder.accounts() {
        for row in statement.query_map(named_params! { ":account": Sql(account) }, read)? {
            entries.push(row?.entry);
        }
    }
    Ok(entries)
}

/// The entries that a visit brought.
///
/// # Errors
/// As any read.
pub fn list_of_visit(connection: &Connection, visit: VisitId) -> Result<Vec<LedgerEntry>, StoreError> {
    let mut statement =
        connection.prepare_cached(&format!("{SELECT} WHERE visit_id = :visit ORDER BY at, ledger_entries.id"))?;
    let rows = statement.query_map(named_params! { ":visit": Sql(visit) }, read)?;
    rows.map(|row| Ok(row?.entry)).collect()
}

/// The entry of that id, its sealed reason left out.
///
/// # Errors
/// As any read.
pub fn find(connection: &Connection, id: EntryId) -> Result<Option<LedgerEntry>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} WHERE ledger_entries.id = :id"))?;
    Ok(statement.query_row(named_params! { ":id": Sql(id) }, |row| Ok(read(row)?.entry)).optional()?)
}

/// Stands in for the reason of an entry whose member was erased: a correction has to have one.
const ERASED_REASON: &str = "erased";

/// The entry of that id with its reason, as it was told to the remote.
///
/// # Errors
/// As any read.
pub fn find_whole(connection: &Connection, id: EntryId) -> Result<Option<LedgerEntry>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} WHERE ledger_entries.id = :id"))?;
    let found = statement
        .query_row(named_params! { ":id": Sql(id) }, |row| Ok((read(row)?.entry, row.get::<_, Option<Vec<u8>>>(14)?)));
    let Some((mut entry, sealed)) = found.optional()? else { return Ok(None) };
    if let Some(sealed) = sealed {
        let reason = open_reason(connection, entry.member_id, &sealed)?;
        entry.reason = Some(reason.unwrap_or_else(|| ERASED_REASON.to_owned()));
    }
    Ok(Some(entry))
}

/// The sum of the entries of a holder that no remote has confirmed yet.
///
/// # Errors
/// As any read.
pub fn pending(connection: &Connection, holder: Holder<'_>) -> Result<Money, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT coalesce(sum(amount_minor), 0) FROM (
             SELECT ledger_entries.amount_minor FROM outbox CROSS JOIN ledger_entries ON ledger_entries.id = outbox.entry_id
             WHERE outbox.member_id = :member AND ledger_entries.issuer = :issuer AND ledger_entries.currency = :currency
               AND outbox.state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')
             UNION ALL
             SELECT ledger_entries.amount_minor FROM outbox
             CROSS JOIN ledger_entries ON ledger_entries.visit_id = outbox.visit_id
             WHERE outbox.member_id = :member AND ledger_entries.issuer = :issuer AND ledger_entries.currency = :currency
               AND outbox.state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded'))",
    )?;
    let mut pending = Money::zero(holder.currency);
    for member in holder.group {
        let params = named_params! {
            ":member": Sql(*member), ":issuer": holder.issuer, ":currency": Sql(holder.currency)
        };
        let minor = statement.query_row(params, |row| row.get(0))?;
        pending = pending.plus(Money::new(minor, holder.currency))?;
    }
    Ok(pending)
}

/// Accounts in which a lot may have run out before that day, of members whose ledger is at home here: whose shop has no
/// remote. Each with the member. What was undone since may have come back into the lot, also by a void in the account
/// of whom they turned out to be: whether anything is left is not looked at here.
///
/// # Errors
/// As any read.
pub fn list_lapsed(connection: &Connection, location: LocationId, on: Date) -> Result<Vec<MemberId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT credit_accounts.member_id FROM ledger_entries
         JOIN credit_accounts ON credit_accounts.id = ledger_entries.account_id
         WHERE ledger_entries.expires_on < :on AND ledger_entries.location_id = :location
           -- What head office told of, before the shop is connected, runs out there.
           AND ledger_entries.received_at IS NULL
           AND ledger_entries.amount_minor > 0 AND NOT EXISTS (
               SELECT 1 FROM ledger_entries AS expiry
               WHERE expiry.source_entry_id = ledger_entries.id AND expiry.kind = 'expire'
                 AND expiry.account_id = ledger_entries.account_id
                 AND NOT EXISTS (
                     SELECT 1 FROM ledger_entries AS void
                     WHERE void.kind = 'void' AND void.at >= expiry.at AND void.account_id IN (
                         SELECT expiry.account_id
                         UNION ALL SELECT own.id FROM credit_accounts AS own WHERE own.member_id IN (
                             SELECT merged_into FROM members WHERE id = credit_accounts.member_id
                             UNION ALL SELECT id FROM members WHERE merged_into = credit_accounts.member_id))))",
    )?;
    let rows = statement.query_map(named_params! { ":on": Sql(on), ":location": Sql(location) }, |row| {
        Ok(row.get::<_, Sql<MemberId>>(0)?.0)
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What redemptions that head office did not authorise and has not confirmed have used of the allowance, in minor
/// units: by one person, as whoever they came in, and by this till at one remote.
///
/// # Errors
/// As any read.
pub fn used_allowance(connection: &Connection, group: &[MemberId], remote: RemoteId) -> Result<(i64, i64), StoreError> {
    if is_planted(Mistake::AllowancePerAction) {
        return Ok((0, 0));
    }
    let mut statement = connection.prepare_cached(
        "SELECT member_id, unauthorised_minor FROM outbox WHERE remote_id = :remote AND unauthorised_minor IS NOT NULL
           AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded')",
    )?;
    let rows = statement.query_map(named_params! { ":remote": Sql(remote) }, |row| {
        Ok((row.get::<_, Option<Sql<MemberId>>>(0)?, row.get::<_, i64>(1)?))
    })?;
    let (mut of_person, mut of_till) = (0_i64, 0_i64);
    for row in rows {
        let (member, minor) = row?;
        of_till = of_till.saturating_add(minor);
        if member.is_some_and(|member| group.contains(&member.0)) {
            of_person = of_person.saturating_add(minor);
        }
    }
    Ok((of_person, of_till))
}

/// Members with an account below zero.
///
/// # Errors
/// As any read.
pub fn list_overdrawn(connection: &Connection) -> Result<Vec<MemberId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT member_id FROM credit_accounts WHERE
         (SELECT sum(amount_minor) FROM ledger_entries WHERE account_id = credit_accounts.id) < 0",
    )?;
    let rows = statement.query_map([], |row| Ok(row.get::<_, Sql<MemberId>>(0)?.0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What this till booked in a shop before any remote told of an entry there in the same account.
///
/// # Errors
/// As any read.
pub(crate) fn list_untold(
    connection: &Connection,
    location: LocationId,
    issuer: &str,
) -> Result<Vec<LedgerEntry>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "{SELECT} WHERE ledger_entries.location_id = :location AND ledger_entries.issuer = :issuer
           AND NOT EXISTS (SELECT 1 FROM ledger_entries AS told WHERE told.location_id = :location
                             AND told.issuer = :issuer AND told.received_at IS NOT NULL)
         ORDER BY at, ledger_entries.id"
    ))?;
    let rows = statement.query_map(named_params! { ":location": Sql(location), ":issuer": issuer }, read)?;
    rows.map(|row| Ok(row?.entry)).collect()
}

/// A member's entries over all accounts, oldest first.
///
/// # Errors
/// As any read.
pub fn list_of_member(connection: &Connection, member: MemberId) -> Result<Vec<StoredEntry>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "{SELECT} WHERE credit_accounts.member_id = :member ORDER BY at, ledger_entries.id"
    ))?;
    let rows = statement.query_map(named_params! { ":member": Sql(member) }, |row| {
        Ok((read(row)?, row.get::<_, Option<Vec<u8>>>(14)?))
    })?;
    let mut entries = Vec::new();
    for row in rows {
        let (mut stored, sealed) = row?;
        stored.entry.reason = match sealed {
            Some(sealed) => open_reason(connection, member, &sealed)?,
            None => None,
        };
        entries.push(stored);
    }
    Ok(entries)
}

/// Whether an entry of that id is there.
///
/// # Errors
/// As any read.
pub fn exists(connection: &Connection, id: EntryId) -> Result<bool, StoreError> {
    Ok(find_amount(connection, id)?.is_some())
}

/// Whether any entry was ever booked in a shop: from then on its currency is fixed.
///
/// # Errors
/// As any read.
pub fn exists_at(connection: &Connection, location: LocationId) -> Result<bool, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM ledger_entries WHERE location_id = :location)")?;
    Ok(statement.query_row(named_params! { ":location": Sql(location) }, |row| row.get(0))?)
}

fn open_reason(connection: &Connection, member: MemberId, sealed: &[u8]) -> Result<Option<String>, StoreError> {
    let opened = sealing::open(connection, member, Purpose::Reason, sealed)?;
    opened.map(|bytes| String::from_utf8(bytes).map_err(|_| StoreError::Unreadable("reason"))).transpose()
}

fn find_amount(connection: &Connection, id: EntryId) -> Result<Option<(AccountId, Money, EntryKind)>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT account_id, amount_minor, currency, kind FROM ledger_entries WHERE id = :id")?;
    let found = statement.query_row(named_params! { ":id": Sql(id) }, |row| {
        let amount = Money::new(row.get(1)?, row.get::<_, Sql<Currency>>(2)?.0);
        Ok((row.get::<_, Sql<AccountId>>(0)?.0, amount, row.get::<_, Sql<EntryKind>>(3)?.0))
    });
    Ok(found.optional()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredEntry> {
    let entry = LedgerEntry {
        id: row.get::<_, Sql<EntryId>>(0)?.0,
        account_id: row.get::<_, Sql<AccountId>>(1)?.0,
        member_id: row.get::<_, Sql<MemberId>>(19)?.0,
        issuer: row.get(6)?,
        kind: row.get::<_, Sql<EntryKind>>(2)?.0,
        lot_class: row.get::<_, Sql<LotClass>>(3)?.0,
        amount: Money::new(row.get(4)?, row.get::<_, Sql<Currency>>(5)?.0),
        location_id: row.get::<_, Sql<LocationId>>(7)?.0,
        till_id: row.get::<_, Sql<TillId>>(8)?.0,
        staff_id: row.get::<_, Option<Sql<StaffId>>>(9)?.map(|id| id.0),
        business_date: row.get::<_, Sql<Date>>(10)?.0,
        at: row.get::<_, Sql<Timestamp>>(11)?.0,
        receipt: row.get(12)?,
        tender: row.get::<_, Option<Sql<Tender>>>(13)?.map(|tender| tender.0),
        reason: None,
        source_entry_id: row.get::<_, Option<Sql<EntryId>>>(15)?.map(|id| id.0),
        visit_id: row.get::<_, Option<Sql<VisitId>>>(21)?.map(|id| id.0),
        expires_on: row.get::<_, Option<Sql<Date>>>(16)?.map(|day| day.0),
        source: row.get::<_, Sql<EntrySource>>(17)?.0,
        authorisation_id: row.get::<_, Option<Sql<AuthorisationId>>>(18)?.map(|id| id.0),
    };
    Ok(StoredEntry { entry, state: row.get(20)? })
}
