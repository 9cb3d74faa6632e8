//! A shop whose issuer was typed in otherwise than head office has it: what was booked before the first word of head
//! office stands in accounts that no other till opens, and is moved to the right ones, lot by lot, by entries.
//!
//! Booking is never refused for want of that word: a till that was set up without the line serves its members all the
//! same. A later change of the issuer at head office moves nothing, for then other tills have entries there too.

use crate::error::StoreError;
use crate::locations::StoredLocation;
use crate::outbox::Stamp;
use crate::{ledger, record, till};
use regulars_domain::change::Change;
use regulars_domain::ledger::{EntryKind, EntrySource, LedgerEntry, LotClass, Lots};
use regulars_domain::{AccountId, ChangeId, Date, EntryId, MemberId, Money, TillId};
use rusqlite::Transaction;
use std::collections::BTreeMap;

/// What the moving entries say.
const REASON: &str = "the issuer of this shop, as head office has it";

/// Moves what this till booked in a shop to the issuer that head office names. The shop is as it was typed in. `new_id`
/// makes ids of changes.
///
/// # Errors
/// As any write.
pub(crate) fn move_to(
    tx: &Transaction<'_>,
    shop: &StoredLocation,
    issuer: &str,
    stamp: Stamp,
    new_id: &mut dyn FnMut() -> ChangeId,
) -> Result<(), StoreError> {
    let mut by_member = BTreeMap::<MemberId, Vec<LedgerEntry>>::new();
    for entry in ledger::list_untold(tx, shop.id, &shop.location.issuer)? {
        by_member.entry(entry.member_id).or_default().push(entry);
    }
    let till_id = till::get(tx)?.id;
    for (member, entries) in by_member {
        for part in parts(shop, &entries)? {
            for entry in [part.leaving(shop, till_id, member, stamp), part.coming(shop, issuer, till_id, member, stamp)]
            {
                record::record(tx, &Change::EntryAdded { entry: Box::new(entry) }, stamp, new_id)?;
            }
        }
    }
    Ok(())
}

/// What is moved at once: what is left of a lot, or a debt.
struct Part {
    /// The entry that brought it.
    from: EntryId,
    class: LotClass,
    amount: Money,
    expires_on: Option<Date>,
}

fn parts(shop: &StoredLocation, entries: &[LedgerEntry]) -> Result<Vec<Part>, StoreError> {
    let lots = Lots::replay(shop.location.currency, entries)?;
    let left_of = |entry: &LedgerEntry| lots.left_of(entry.id).filter(|left| left.minor > 0);
    let mut parts: Vec<Part> = entries
        .iter()
        .filter_map(|entry| {
            let (class, expires_on) = (entry.lot_class, entry.expires_on);
            left_of(entry).map(|amount| Part { from: entry.id, class, amount, expires_on })
        })
        .collect();
    let moved: i64 = parts.iter().map(|part| part.amount.minor).sum();
    let debt = Money::new(lots.balance().minor.saturating_sub(moved), shop.location.currency);
    if let Some(last) = entries.last().filter(|_| debt.minor != 0) {
        parts.push(Part { from: last.id, class: LotClass::Prepaid, amount: debt, expires_on: None });
    }
    Ok(parts)
}

impl Part {
    fn leaving(&self, shop: &StoredLocation, till_id: TillId, member: MemberId, stamp: Stamp) -> LedgerEntry {
        let source_entry_id = (self.amount.minor > 0).then_some(self.from);
        let id = EntryId::derived(self.from, "leaves the issuer");
        let entry = self.entry(shop, &shop.location.issuer, till_id, member, stamp);
        LedgerEntry { id, amount: self.amount.negated(), source_entry_id, expires_on: None, ..entry }
    }

    fn coming(
        &self,
        shop: &StoredLocation,
        issuer: &str,
        till_id: TillId,
        member: MemberId,
        stamp: Stamp,
    ) -> LedgerEntry {
        let id = EntryId::derived(self.from, "comes to the issuer");
        LedgerEntry { id, ..self.entry(shop, issuer, till_id, member, stamp) }
    }

    fn entry(
        &self,
        shop: &StoredLocation,
        issuer: &str,
        till_id: TillId,
        member: MemberId,
        stamp: Stamp,
    ) -> LedgerEntry {
        LedgerEntry {
            id: self.from,
            account_id: AccountId::of(member, issuer, self.amount.currency),
            member_id: member,
            issuer: issuer.to_owned(),
            kind: EntryKind::Adjust,
            lot_class: self.class,
            amount: self.amount,
            location_id: shop.id,
            till_id,
            staff_id: None,
            business_date: shop.location.zone().business_date(stamp.at),
            at: stamp.at,
            receipt: None,
            tender: None,
            reason: Some(REASON.to_owned()),
            source_entry_id: None,
            expires_on: self.expires_on,
            source: EntrySource::Till,
            authorisation_id: None,
            visit_id: None,
        }
    }
}
