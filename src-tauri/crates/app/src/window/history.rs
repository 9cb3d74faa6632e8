//! A member's history at the counter: what happened, what it made of the balance, and where each line is.

use super::views::{HistoryLine, HistoryWhat, Place};
use crate::error::AppError;
use crate::members::Whole;
use regulars_domain::change::Change;
use regulars_domain::{AccountId, Money};
use regulars_store::Transaction;
use regulars_store::ledger::StoredEntry;
use regulars_store::locations::{self, StoredLocation};
use regulars_store::outbox::{ChangeState, QueuedChange};

/// Most lines that are shown: years of visits.
const SHOWN: usize = 200;

/// The lines, newest first.
pub(super) fn lines(
    tx: &Transaction<'_>,
    location: &StoredLocation,
    whole: &Whole,
    account: AccountId,
) -> Result<Vec<HistoryLine>, AppError> {
    let mut lines = Vec::new();
    let mut balance = Money::zero(location.location.currency);
    for stored in &whole.entries {
        let is_of_account = stored.entry.account_id == account;
        if is_of_account {
            balance = balance.plus(stored.entry.amount)?;
        }
        lines.push(entry_line(tx, stored, is_of_account.then_some(balance))?);
    }
    for queued in &whole.changes {
        lines.extend(change_line(tx, queued)?);
    }
    // Stable: what was written in one moment stays in the order in which it was.
    lines.sort_by_key(|line| line.at);
    lines.reverse();
    lines.truncate(SHOWN);
    Ok(lines)
}

fn entry_line(tx: &Transaction<'_>, stored: &StoredEntry, balance: Option<Money>) -> Result<HistoryLine, AppError> {
    let entry = &stored.entry;
    let shop = locations::get(tx, entry.location_id)?;
    Ok(HistoryLine {
        id: entry.id.to_string(),
        at: entry.at,
        what: HistoryWhat::Entry { kind: entry.kind, tender: entry.tender, location: shop.location.name },
        amount: Some(entry.amount),
        balance,
        place: stored.state.map_or(Place::HeadOffice, |state| place(state, shop.remote_id.is_some())),
    })
}

fn change_line(tx: &Transaction<'_>, queued: &QueuedChange) -> Result<Option<HistoryLine>, AppError> {
    let what = match &queued.change {
        Change::MemberAdded { .. } => HistoryWhat::Registered,
        Change::MemberEdited { edit, .. } => HistoryWhat::Edited { fields: edit.fields.keys().cloned().collect() },
        Change::MembershipAdded { location_id, .. } => {
            HistoryWhat::Joined { location: locations::get(tx, *location_id)?.location.name }
        }
        Change::LocationAdded { .. } | Change::EntryAdded { .. } => return Ok(None),
    };
    let was_given_up = matches!(queued.state, ChangeState::Discarded | ChangeState::Replaced);
    Ok((!was_given_up).then(|| HistoryLine {
        id: queued.id.to_string(),
        at: queued.made_at,
        what,
        amount: None,
        balance: None,
        place: place(queued.state, queued.remote_id.is_some()),
    }))
}

const fn place(state: ChangeState, has_remote: bool) -> Place {
    match state {
        ChangeState::Done => Place::HeadOffice,
        ChangeState::Parked => Place::NeedsYou,
        ChangeState::Ready
        | ChangeState::InFlight
        | ChangeState::Unknown
        | ChangeState::Folded
        | ChangeState::Discarded
        | ChangeState::Replaced => {
            if has_remote {
                Place::Here
            } else {
                Place::ThisTill
            }
        }
    }
}
