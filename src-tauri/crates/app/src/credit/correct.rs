//! Corrections: adjusting with a reason, undoing what was just booked, and lots that ran out where this till is the
//! ledger's home.

use super::authorise;
use super::{Counter, draft, holdings, in_currency_of, reason};
use crate::error::AppError;
use crate::rights::Action;
use crate::rules;
use crate::sync::Line;
use crate::till::{Ids, Till};
use regulars_domain::change::Change;
use regulars_domain::ledger::{EntryDraft, EntryKind, LedgerEntry, LotClass, voidable};
use regulars_domain::money::MAX_AMOUNT_MINOR;
use regulars_domain::sale::{Visit, VisitKind};
use regulars_domain::{EntryId, MemberId, Money, Refusal, VisitId};
use regulars_store::locations::StoredLocation;
use regulars_store::outbox::Stamp;
use regulars_store::{Transaction, ledger, members, record, visits};
use std::sync::Arc;
use std::time::Duration;

/// Corrects a balance, up or down, with a reason. Down it takes as a redemption does, and never below zero.
///
/// # Errors
/// `required` for the reason; `insufficient_credit`, a refusal with its field.
pub fn adjust(
    till: &Till,
    location: &StoredLocation,
    member_id: MemberId,
    entry_id: EntryId,
    amount: Money,
    why: &str,
) -> Result<EntryId, AppError> {
    let (stamp, mut ids) = (till.permit(Action::Adjust)?, till.ids());
    let (amount, why) = (in_currency_of(location, amount)?, reason(why)?);
    if amount.minor == 0 {
        return Err(Refusal::AmountNotPositive.into());
    }
    if amount.minor.unsigned_abs() > MAX_AMOUNT_MINOR.unsigned_abs() {
        return Err(Refusal::AmountTooLarge.into());
    }
    let (location, till_id) = (location.clone(), till.who.id);
    till.write(move |tx| {
        if ledger::exists(tx, entry_id)? {
            return Ok(entry_id);
        }
        let counter = Counter { location: &location, till_id, stamp };
        let account = counter.open(tx, member_id)?;
        account.lots.balance().plus(amount)?;
        let parts = match amount.minor > 0 {
            true => vec![(LotClass::Goodwill, amount)],
            false => {
                let parts = holdings(&counter, &account).redemption(amount.negated())?.into_iter();
                parts.map(|(class, part)| (class, part.negated())).collect()
            }
        };
        let mut id = entry_id;
        for (lot_class, part) in parts {
            let entry = counter.entry(id, account.member_id, draft(EntryKind::Adjust, lot_class, part));
            let entry = Box::new(LedgerEntry { reason: Some(why.clone()), ..entry });
            record::record(tx, &Change::EntryAdded { entry }, stamp, &mut || ids.change())?;
            id = ids.entry();
        }
        Ok(entry_id)
    })
}

/// Undoes the latest action of an account, by the rule of the trade. A visit is undone whole. Answers the void's visit,
/// where there was one, and its entries. What another till did meanwhile is heard of first, where there is a line.
///
/// # Errors
/// `entry_not_found`, `already_voided`, `void_not_latest`, `void_other_till`, `void_too_late`, `void_spent`,
/// `void_not_possible`; `required` for the reason.
pub async fn void(
    till: &Arc<Till>,
    location: &StoredLocation,
    target: EntryId,
    why: &str,
    line: Option<Line>,
) -> Result<(Option<VisitId>, Vec<EntryId>), AppError> {
    till.permit(Action::Void)?;
    let why = reason(why)?;
    authorise::listen(till, location, line.as_ref()).await?;
    let stamp = till.permit(Action::Void)?;
    let (mut ids, visit_id) = (till.ids(), till.new_visit_id());
    let (location, till_id) = (location.clone(), till.who.id);
    till.write(move |tx| {
        let counter = Counter { location: &location, till_id, stamp };
        let target = ledger::find(tx, target)?.ok_or(Refusal::EntryNotFound)?;
        let account = counter.open(tx, target.member_id)?;
        let within = Duration::from_secs(u64::from(rules::read(tx, &location.location.code)?.void_minutes) * 60);
        let drafts = voidable(&account.entries, target.id, till_id, stamp.staff_id, stamp.at, within)?;
        let undone = match target.visit_id {
            Some(visit) => visits::find(tx, visit)?.map(|stored| stored.visit),
            None => None,
        };
        let entries: Vec<LedgerEntry> = drafts
            .into_iter()
            .map(|draft| void_entry(&counter, ids.entry(), &account.entries, draft, &target, &why))
            .map(|entry| LedgerEntry { visit_id: undone.is_some().then_some(visit_id), ..entry })
            .collect();
        let booked = entries.iter().map(|entry| entry.id).collect();
        match undone {
            Some(undone) => {
                let visit = Box::new(void_visit(&counter, visit_id, undone));
                record::record(tx, &Change::VisitAdded { visit, entries }, stamp, &mut || ids.change())?;
                Ok((Some(visit_id), booked))
            }
            None => {
                for entry in entries {
                    let change = Change::EntryAdded { entry: Box::new(entry) };
                    record::record(tx, &change, stamp, &mut || ids.change())?;
                }
                Ok((None, booked))
            }
        }
    })
}

/// An entry that undoes another stands in the account of that one, which may be an alias's.
fn void_entry(
    counter: &Counter<'_>,
    id: EntryId,
    entries: &[LedgerEntry],
    draft: EntryDraft,
    target: &LedgerEntry,
    why: &str,
) -> LedgerEntry {
    let undone = entries.iter().find(|entry| Some(entry.id) == draft.source_entry_id).unwrap_or(target);
    let entry = counter.entry(id, undone.member_id, draft);
    LedgerEntry { receipt: undone.receipt.clone(), tender: undone.tender, reason: Some(why.to_owned()), ..entry }
}

fn void_visit(counter: &Counter<'_>, id: VisitId, undone: Visit) -> Visit {
    Visit {
        id,
        kind: VisitKind::Void,
        source_visit_id: Some(undone.id),
        till_id: counter.till_id,
        staff_id: counter.stamp.staff_id,
        location_id: counter.location.id,
        at: counter.stamp.at,
        business_date: counter.today(),
        ..undone
    }
}

/// Posts what ran out in all shops of this till. Answers how many lots.
///
/// # Errors
/// As any write.
pub fn expire_everywhere(till: &Till) -> Result<usize, AppError> {
    crate::locations::list(till)?.iter().try_fold(0, |posted, location| Ok(posted + expire(till, location)?))
}

/// Posts what ran out, where this till is the ledger's home: elsewhere head office does. Answers how many lots.
fn expire(till: &Till, location: &StoredLocation) -> Result<usize, AppError> {
    // A clock that leapt ahead would take credit away that is good for years; it is posted when time has told.
    if !till.read(|tx| crate::remotes::is_ledger_here(tx, location))? || till.is_clock_doubtful() {
        return Ok(0);
    }
    let stamp = Stamp { at: till.now(), staff_id: None };
    let today = location.location.zone().business_date(stamp.at);
    let due = till.read(|tx| Ok(ledger::list_lapsed(tx, location.id, today)?))?;
    let mut posted = 0;
    for member in due {
        let (location, till_id, mut ids) = (location.clone(), till.who.id, till.ids());
        posted += till.write(move |tx| {
            let counter = Counter { location: &location, till_id, stamp };
            post_expiries(tx, &counter, member, &mut ids)
        })?;
    }
    Ok(posted)
}

fn post_expiries(
    tx: &Transaction<'_>,
    counter: &Counter<'_>,
    member: MemberId,
    ids: &mut Ids,
) -> Result<usize, AppError> {
    let group = members::list_group(tx, members::resolve(tx, member)?)?;
    let entries = ledger::list_of_holder(tx, super::holder(counter.location, &group))?;
    let lots = regulars_domain::ledger::Lots::replay(counter.location.location.currency, &entries)?;
    let due = lots.due_to_expire(counter.today());
    for (lot, lot_class, amount) in &due {
        let drafted =
            EntryDraft { source_entry_id: Some(*lot), ..draft(EntryKind::Expire, *lot_class, amount.negated()) };
        let holder = entries.iter().find(|entry| entry.id == *lot).map_or(member, |entry| entry.member_id);
        let nth = entries.iter().filter(|entry| is_expiry_of(entry, *lot)).count();
        let entry = counter.entry(EntryId::of_expiry(*lot, nth, amount.negated()), holder, drafted);
        record::record(tx, &Change::EntryAdded { entry: Box::new(entry) }, counter.stamp, &mut || ids.change())?;
    }
    Ok(due.len())
}

fn is_expiry_of(entry: &LedgerEntry, lot: EntryId) -> bool {
    entry.kind == EntryKind::Expire && entry.source_entry_id == Some(lot)
}
