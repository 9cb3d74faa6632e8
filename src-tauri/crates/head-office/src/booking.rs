//! Booking an entry. What happened at a counter is a fact: an entry is checked for sense, never for the balance.

use crate::access::Access;
use crate::apply::{NoEffect, rejected};
use crate::effects::{check_currency, check_location, member_unknown, publish};
use crate::holds::capture;
use crate::storage::{Entity, FeedRow, Rows};
use regulars_domain::ledger::EntryKind;
use regulars_domain::money::MAX_AMOUNT_MINOR;
use regulars_domain::{AccountId, Refusal};
use regulars_protocol::push::Entry;

/// Books an entry once, tells the tills and captures the hold that it names.
pub(crate) fn add_entry(rows: &mut dyn Rows, access: &Access, entry: &Entry) -> Result<(), NoEffect> {
    check_entry(rows, access, entry)?;
    if let Some(known) = rows.find_entry(entry.id)? {
        let same = known == *entry;
        return if same { Ok(()) } else { Err(rejected("entry_differs", "an entry of that id says something else")) };
    }
    let version = rows.next_version()?;
    rows.insert_entry(entry)?;
    let row = FeedRow { version, entity: Entity::Entry(entry.id) };
    publish(rows, entry.member_id, Some(&entry.location), row)?;
    Ok(capture(rows, entry)?)
}

fn check_entry(rows: &mut dyn Rows, access: &Access, entry: &Entry) -> Result<(), NoEffect> {
    let location = check_location(rows, access, &entry.location)?;
    check_currency(entry.amount.currency, &location)?;
    check_amount(entry)?;
    if entry.account_id != AccountId::of(entry.member_id, &entry.issuer, entry.amount.currency) {
        return Err(rejected("account_invalid", "this account is not that member's"));
    }
    // A tombstone is enough: money may still move after a member has gone.
    rows.find_member(entry.member_id)?.ok_or_else(member_unknown)?;
    Ok(())
}

/// The size of the amount, and its sign where the kind leaves no doubt. Corrections go either way.
fn check_amount(entry: &Entry) -> Result<(), NoEffect> {
    let minor = entry.amount.minor;
    if minor.unsigned_abs() > MAX_AMOUNT_MINOR.unsigned_abs() {
        return Err(Refusal::AmountTooLarge.into());
    }
    match entry.kind {
        EntryKind::TopUp if minor <= 0 => Err(Refusal::AmountNotPositive.into()),
        EntryKind::TopUp if entry.tender.is_none() => Err(Refusal::TenderInvalid.into()),
        EntryKind::Redeem | EntryKind::CashOut if minor >= 0 => {
            Err(rejected("amount_not_negative", "what is taken from an account is less than zero"))
        }
        EntryKind::TopUp
        | EntryKind::Redeem
        | EntryKind::CashOut
        | EntryKind::Earn
        | EntryKind::ReturnToCredit
        | EntryKind::Adjust
        | EntryKind::Expire
        | EntryKind::Void
        | EntryKind::Opening => match minor {
            0 => Err(rejected("amount_zero", "an entry moves something")),
            _ => Ok(()),
        },
    }
}
