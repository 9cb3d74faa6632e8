//! Booking entries and visits. What happened at a counter is a fact: it is checked for sense, never for the balance.

use crate::access::Access;
use crate::apply::{NoEffect, rejected};
use crate::effects::{check_currency, check_location, member_unknown, publish};
use crate::expiry;
use crate::holds::capture;
use crate::purse::Purse;
use crate::removing::bring_back_if_owed;
use crate::storage::{Entity, FeedRow, Rows};
use regulars_domain::ledger::EntryKind;
use regulars_domain::money::MAX_AMOUNT_MINOR;
use regulars_domain::planted::{Mistake, is_planted};
use regulars_domain::sale::Visit;
use regulars_domain::{AccountId, Currency, MemberId, Money, Refusal, Timestamp};
use regulars_protocol::push::{Entry, VisitItem};
use std::collections::BTreeSet;

/// Puts a visit back that the copy lacks. Its entries come by themselves.
pub(crate) fn add_given_visit(rows: &mut dyn Rows, access: &Access, item: &VisitItem) -> Result<(), NoEffect> {
    check_visit(rows, access, item)?;
    match rows.find_visit(item.visit.id)? {
        None => insert_visit(rows, item),
        Some(_) => Ok(()),
    }
}

/// Books an entry once, tells the tills and captures the hold that it names.
pub(crate) fn add_entry(rows: &mut dyn Rows, access: &Access, entry: &Entry, at: Timestamp) -> Result<(), NoEffect> {
    book(rows, access, entry)?;
    let purse = Purse::of(rows, entry.member_id, &entry.issuer, entry.amount.currency)?;
    expiry::correct(rows, &purse, at)?;
    bring_back_if_owed(rows, entry.member_id, at)
}

/// Books a visit once, with all that it did to credit, and tells the tills.
pub(crate) fn add_visit(
    rows: &mut dyn Rows,
    access: &Access,
    item: &VisitItem,
    entries: &[Entry],
    at: Timestamp,
) -> Result<(), NoEffect> {
    let currency = check_visit(rows, access, item)?;
    if !entries.iter().all(|entry| is_of(entry, item)) {
        return Err(rejected("entry_not_of_visit", "an entry belongs to another visit, member or shop"));
    }
    match rows.find_visit(item.visit.id)? {
        None => insert_visit(rows, item)?,
        Some(known) if is_same(&known, item) => {}
        Some(_) => return Err(rejected("visit_differs", "a visit of that id says something else")),
    }
    for entry in entries {
        book(rows, access, entry)?;
    }
    let issuers: BTreeSet<&String> = entries.iter().map(|entry| &entry.issuer).collect();
    for issuer in issuers {
        let purse = Purse::of(rows, item.visit.member_id, issuer, currency)?;
        expiry::correct(rows, &purse, at)?;
    }
    if entries.is_empty() { Ok(()) } else { bring_back_if_owed(rows, item.visit.member_id, at) }
}

fn insert_visit(rows: &mut dyn Rows, item: &VisitItem) -> Result<(), NoEffect> {
    let version = rows.next_version()?;
    rows.insert_visit(item)?;
    let row = FeedRow { version, entity: Entity::Visit(item.visit.id) };
    Ok(publish(rows, item.visit.member_id, Some(&item.location), row)?)
}

/// The shop's id in a visit is the till's own: a till that was set up anew has another for the same shop.
fn is_same(known: &VisitItem, item: &VisitItem) -> bool {
    let visit = Visit { location_id: known.visit.location_id, ..item.visit.clone() };
    *known == VisitItem { location: item.location.clone(), visit }
}

fn is_of(entry: &Entry, item: &VisitItem) -> bool {
    entry.visit_id == Some(item.visit.id) && entry.member_id == item.visit.member_id && entry.location == item.location
}

/// The currency of the visit, where it makes sense.
fn check_visit(rows: &mut dyn Rows, access: &Access, item: &VisitItem) -> Result<Currency, NoEffect> {
    let location = check_location(rows, access, &item.location)?;
    let visit = &item.visit;
    let amounts = [visit.bill, visit.discount, visit.credit_used, visit.left_to_collect, visit.earn_base, visit.earned];
    for amount in amounts {
        check_currency(amount.currency, &location)?;
        check_size(amount)?;
    }
    check_member(rows, visit.member_id)?;
    Ok(location.currency)
}

fn book(rows: &mut dyn Rows, access: &Access, entry: &Entry) -> Result<(), NoEffect> {
    check_entry(rows, access, entry)?;
    if let Some(known) = rows.find_entry(entry.id)? {
        let same = known == *entry || known == without_reason(entry);
        return if same { Ok(()) } else { Err(rejected("entry_differs", "an entry of that id says something else")) };
    }
    if is_planted(Mistake::OverdrawnRefused) && entry.kind == EntryKind::Redeem {
        let purse = Purse::of(rows, entry.member_id, &entry.issuer, entry.amount.currency)?;
        if purse.balance(rows)? + entry.amount.minor < 0 {
            return Err(rejected("insufficient_credit", "the account does not have that much"));
        }
    }
    let version = rows.next_version()?;
    let is_erased = rows.find_member(entry.member_id)?.is_some_and(|member| member.is_erased);
    let kept = if is_erased { &without_reason(entry) } else { entry };
    rows.insert_entry(kept)?;
    let row = FeedRow { version, entity: Entity::Entry(entry.id) };
    publish(rows, entry.member_id, Some(&entry.location), row)?;
    Ok(capture(rows, entry)?)
}

/// The entry as it is kept of somebody who was erased: why it was booked may name them.
fn without_reason(entry: &Entry) -> Entry {
    Entry { reason: entry.reason.as_ref().map(|_| "erased".to_owned()), ..entry.clone() }
}

fn check_entry(rows: &mut dyn Rows, access: &Access, entry: &Entry) -> Result<(), NoEffect> {
    let location = check_location(rows, access, &entry.location)?;
    check_currency(entry.amount.currency, &location)?;
    check_size(entry.amount)?;
    check_kind(entry)?;
    if entry.account_id != AccountId::of(entry.member_id, &entry.issuer, entry.amount.currency) {
        return Err(rejected("account_invalid", "this account is not that member's"));
    }
    check_member(rows, entry.member_id)
}

/// A tombstone is enough: money may still move after a member has gone.
fn check_member(rows: &mut dyn Rows, id: MemberId) -> Result<(), NoEffect> {
    rows.find_member(id)?.map(|_| ()).ok_or_else(member_unknown)
}

fn check_size(amount: Money) -> Result<(), Refusal> {
    let fits = amount.minor.unsigned_abs() <= MAX_AMOUNT_MINOR.unsigned_abs();
    if fits { Ok(()) } else { Err(Refusal::AmountTooLarge) }
}

/// The sign of the amount, where the kind leaves no doubt, and what else an entry of that kind must say. A reward can
/// be clawed back, an expiry taken back, and a debt taken over; corrections go either way.
fn check_kind(entry: &Entry) -> Result<(), NoEffect> {
    let minor = entry.amount.minor;
    match entry.kind {
        EntryKind::TopUp | EntryKind::ReturnToCredit if minor <= 0 => Err(Refusal::AmountNotPositive.into()),
        EntryKind::TopUp if entry.tender.is_none() => Err(Refusal::TenderInvalid.into()),
        EntryKind::Redeem | EntryKind::CashOut if minor >= 0 => {
            Err(rejected("amount_not_negative", "what is taken from an account is less than zero"))
        }
        EntryKind::Earn | EntryKind::Adjust | EntryKind::Expire | EntryKind::Void | EntryKind::Opening
            if minor == 0 =>
        {
            Err(rejected("amount_zero", "an entry moves something"))
        }
        EntryKind::Adjust if entry.reason.as_deref().unwrap_or_default().trim().is_empty() => {
            Err(Refusal::Required { field: "reason" }.into())
        }
        EntryKind::TopUp
        | EntryKind::Redeem
        | EntryKind::CashOut
        | EntryKind::Earn
        | EntryKind::ReturnToCredit
        | EntryKind::Adjust
        | EntryKind::Expire
        | EntryKind::Void
        | EntryKind::Opening => Ok(()),
    }
}
