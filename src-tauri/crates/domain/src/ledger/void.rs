//! Undoing what was just booked by mistake. Anything older, or touched since, is a correction that needs a reason.
//!
//! A top-up that is undone after the customer has left is a known theft, so the window is short and narrow: the same
//! person, the same till, the latest action of the account. Who may do it at all is decided elsewhere.

use super::{EntryDraft, EntryKind, EntrySource, LedgerEntry, Lots};
use crate::ids::{EntryId, StaffId, TillId};
use crate::planted::{Mistake, is_planted};
use crate::refusal::Refusal;
use crate::time::Timestamp;
use std::time::Duration;

/// How long an action can be undone where the owner has set nothing: as long as the customer still stands there.
pub const VOID_WITHIN: Duration = Duration::from_secs(10 * 60);

/// What undoes an action of an account: one `void` entry for each entry of it.
///
/// `target` is any entry of the action. An action is all entries of one visit; without a visit, what one till booked
/// at one instant, of one kind, for one receipt: the parts of a redemption. An expiry that was posted meanwhile is
/// nobody's action and does not stand in the way, unless it took what is to be undone.
///
/// # Errors
/// `entry_not_found`; `void_not_possible` for what no person at a till booked as an action; `already_voided`;
/// `void_other_till` for another till or person; `void_too_late` after `within`, or before it happened by this clock;
/// `void_not_latest`; `void_spent` where the credit is not all there any more. Also what [`Lots::replay`] refuses.
pub fn voidable(
    entries: &[LedgerEntry],
    target: EntryId,
    till: TillId,
    staff: Option<StaffId>,
    at: Timestamp,
    within: Duration,
) -> Result<Vec<EntryDraft>, Refusal> {
    let target = entries.iter().find(|entry| entry.id == target).ok_or(Refusal::EntryNotFound)?;
    let action: Vec<_> = entries.iter().filter(|entry| are_one_action(target, entry)).collect();
    if !action.iter().all(|entry| can_be_undone(entry)) {
        return Err(Refusal::VoidNotPossible);
    }
    if entries.iter().any(|entry| is_void_of(entry, &action)) && !is_planted(Mistake::VoidTwice) {
        return Err(Refusal::AlreadyVoided);
    }
    if target.till_id != till || target.staff_id != staff {
        return Err(Refusal::VoidOtherTill);
    }
    if at < target.at || at.since(target.at) > within {
        return Err(Refusal::VoidTooLate { minutes: within.as_secs() / 60 });
    }
    if entries.iter().any(|entry| is_later_action(entry, &action, at)) {
        return Err(Refusal::VoidNotLatest);
    }
    unspent(entries, &action)?;
    Ok(action.into_iter().map(undo).collect())
}

fn are_one_action(target: &LedgerEntry, entry: &LedgerEntry) -> bool {
    if target.visit_id.is_some() || target.id == entry.id {
        return target.visit_id == entry.visit_id;
    }
    let mark = |entry: &LedgerEntry| (entry.visit_id, entry.at, entry.kind, entry.till_id, entry.staff_id);
    mark(target) == mark(entry) && target.receipt == entry.receipt
}

/// Did a person at a till do it? A remote's change and an import have nobody who could take them back.
fn can_be_undone(entry: &LedgerEntry) -> bool {
    let by_a_person = match entry.source {
        EntrySource::Till => true,
        EntrySource::Remote | EntrySource::Import => false,
    };
    by_a_person
        && match entry.kind {
            EntryKind::TopUp
            | EntryKind::Redeem
            | EntryKind::Earn
            | EntryKind::ReturnToCredit
            | EntryKind::CashOut
            | EntryKind::Adjust => true,
            EntryKind::Expire | EntryKind::Void | EntryKind::Opening => false,
        }
}

fn is_void_of(entry: &LedgerEntry, action: &[&LedgerEntry]) -> bool {
    entry.kind == EntryKind::Void && action.iter().any(|undone| entry.source_entry_id == Some(undone.id))
}

/// What was stamped with an instant that is still to come was booked by a clock that ran ahead: it is not later.
fn is_later_action(entry: &LedgerEntry, action: &[&LedgerEntry], at: Timestamp) -> bool {
    let turn = |entry: &LedgerEntry| (entry.at, entry.id);
    let is_part = action.iter().any(|part| part.id == entry.id)
        || (entry.kind == EntryKind::Void && is_planted(Mistake::VoidTwice));
    entry.kind != EntryKind::Expire && entry.at <= at && !is_part && action.iter().all(|part| turn(part) < turn(entry))
}

fn unspent(entries: &[LedgerEntry], action: &[&LedgerEntry]) -> Result<(), Refusal> {
    for entry in action.iter().filter(|entry| entry.amount.minor > 0) {
        let lots = Lots::replay(entry.amount.currency, entries)?;
        if lots.left_of(entry.id) != Some(entry.amount) {
            return Err(Refusal::VoidSpent);
        }
    }
    Ok(())
}

fn undo(entry: &LedgerEntry) -> EntryDraft {
    EntryDraft {
        kind: EntryKind::Void,
        lot_class: entry.lot_class,
        amount: entry.amount.negated(),
        expires_on: None,
        source_entry_id: Some(entry.id),
    }
}

#[cfg(test)]
mod tests;
