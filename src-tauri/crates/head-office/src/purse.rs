//! Credit that is counted together: a person may have come in as several members, who were merged since.
//!
//! The entries stay on the accounts that they were booked on. What can be used, what is held and what runs out is
//! reckoned over all of them.

use crate::error::HeadOfficeError;
use crate::storage::Rows;
use regulars_domain::ledger::{LedgerEntry, Lots};
use regulars_domain::{AccountId, AuthorisationId, Currency, Date, LocationId, MemberId, Timestamp};
use regulars_protocol::push::Entry;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The accounts of one person with one issuer in one currency.
#[derive(Clone, Debug)]
pub(crate) struct Purse {
    /// The person's accounts, and as which member they have each.
    pub(crate) accounts: BTreeMap<AccountId, MemberId>,
    pub(crate) issuer: String,
    pub(crate) currency: Currency,
}

impl Purse {
    /// The purse that a member's account belongs to.
    pub(crate) fn of(
        rows: &mut dyn Rows,
        member: MemberId,
        issuer: &str,
        currency: Currency,
    ) -> Result<Self, HeadOfficeError> {
        let person = group(rows, member)?;
        Ok(Self::of_person(&person, issuer, currency))
    }

    /// All purses of the person that a member is.
    pub(crate) fn all_of(rows: &mut dyn Rows, member: MemberId) -> Result<Vec<Self>, HeadOfficeError> {
        let person = group(rows, member)?;
        let mut kinds = BTreeMap::new();
        for member in &person {
            for (issuer, currency) in rows.list_issuers(*member)? {
                kinds.insert((issuer, currency.code().to_owned()), currency);
            }
        }
        let purses = kinds.into_iter().map(|((issuer, _), currency)| Self::of_person(&person, &issuer, currency));
        Ok(purses.collect())
    }

    fn of_person(person: &BTreeSet<MemberId>, issuer: &str, currency: Currency) -> Self {
        let accounts = person.iter().map(|member| (AccountId::of(*member, issuer, currency), *member)).collect();
        Self { accounts, issuer: issuer.to_owned(), currency }
    }

    /// Per account, the first last day among all lots that it ever had: before that day nothing can have run out, and
    /// the sum is all there is to know.
    pub(crate) fn first_expiries(&self, rows: &mut dyn Rows) -> Result<BTreeMap<AccountId, Date>, HeadOfficeError> {
        let mut first = BTreeMap::new();
        for account in self.accounts.keys() {
            first.extend(rows.first_expiry(*account)?.map(|day| (*account, day)));
        }
        Ok(first)
    }

    /// All entries, in no order.
    pub(crate) fn entries(&self, rows: &mut dyn Rows) -> Result<Vec<Entry>, HeadOfficeError> {
        let mut entries = Vec::new();
        for account in self.accounts.keys() {
            entries.extend(rows.list_account(*account)?);
        }
        Ok(entries)
    }

    /// The sum, in minor units.
    pub(crate) fn balance(&self, rows: &mut dyn Rows) -> Result<i64, HeadOfficeError> {
        let mut balance = 0_i64;
        for account in self.accounts.keys() {
            balance = balance.saturating_add(rows.balance(*account)?);
        }
        Ok(balance)
    }

    /// What can be used on a day: the sum, without lots whose last day has passed. In minor units.
    pub(crate) fn available(&self, rows: &mut dyn Rows, on: Date) -> Result<i64, HeadOfficeError> {
        let can_have_run_out = self.first_expiries(rows)?.values().any(|last_day| *last_day < on);
        if can_have_run_out {
            return Ok(replay(self.currency, &self.entries(rows)?)?.available(on).minor);
        }
        self.balance(rows)
    }

    /// What is held of it now, without one hold. In minor units.
    pub(crate) fn held(
        &self,
        rows: &mut dyn Rows,
        except: AuthorisationId,
        at: Timestamp,
    ) -> Result<i64, HeadOfficeError> {
        let mut held = 0_i64;
        for account in self.accounts.keys() {
            held = held.saturating_add(rows.held(*account, except, at)?);
        }
        Ok(held)
    }
}

/// Whom a member turned out to be, through however many others; where members were merged in a circle, one of them.
pub(crate) fn root(rows: &mut dyn Rows, member: MemberId) -> Result<MemberId, HeadOfficeError> {
    let (mut root, mut seen) = (member, BTreeSet::from([member]));
    while let Some(into) = rows.find_merged_into(root)?.filter(|into| seen.insert(*into)) {
        root = into;
    }
    Ok(root)
}

/// Everybody who is the same person as a member: the one that they were merged into, through however many others, and
/// all who were merged into that one. Where members were merged in a circle, all of it is one person too.
pub(crate) fn group(rows: &mut dyn Rows, member: MemberId) -> Result<BTreeSet<MemberId>, HeadOfficeError> {
    let root = root(rows, member)?;
    let mut person = BTreeSet::from([root]);
    let mut waiting = vec![root];
    while let Some(one) = waiting.pop() {
        for alias in rows.list_aliases(one)? {
            if person.insert(alias) {
                waiting.push(alias);
            }
        }
    }
    Ok(person)
}

/// The lots of some accounts together.
pub(crate) fn replay(currency: Currency, entries: &[Entry]) -> Result<Lots, HeadOfficeError> {
    let entries: Vec<LedgerEntry> = entries.iter().map(as_ledger).collect();
    Ok(Lots::replay(currency, &entries)?)
}

/// An entry as the rules have it. No rule asks for the shop's id, which is each till's own.
fn as_ledger(entry: &Entry) -> LedgerEntry {
    let entry = entry.clone();
    LedgerEntry {
        id: entry.id,
        account_id: entry.account_id,
        member_id: entry.member_id,
        issuer: entry.issuer,
        kind: entry.kind,
        lot_class: entry.lot_class,
        amount: entry.amount,
        location_id: LocationId::from_uuid(Uuid::nil()),
        till_id: entry.till_id,
        staff_id: entry.staff_id,
        business_date: entry.business_date,
        at: entry.at,
        receipt: entry.receipt,
        tender: entry.tender,
        reason: entry.reason,
        source_entry_id: entry.source_entry_id,
        expires_on: entry.expires_on,
        source: entry.source,
        authorisation_id: entry.authorisation_id,
        visit_id: entry.visit_id,
    }
}
