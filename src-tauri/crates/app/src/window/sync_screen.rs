//! The sync screen: what waits, why, and what can be done about it.

use super::desk::Desk;
use super::views::{ChangeAsked, ChangeState, ChangeWhat, Discard, Failure, Nothing, Waiting, WaitingChange};
use crate::changes;
use crate::error::AppError;
use regulars_domain::change::Change;
use regulars_domain::{Money, Timestamp};
use regulars_store::Transaction;
use regulars_store::locations;
use regulars_store::outbox::{self, QueuedChange};

pub(super) fn waiting(desk: &Desk, _: Nothing) -> Result<Waiting, AppError> {
    let counts = changes::count(&desk.till)?;
    let now = desk.till.now();
    let listed: Vec<QueuedChange> =
        changes::list(&desk.till)?.into_iter().filter(|queued| queued.remote_id.is_some()).collect();
    let changes = desk.till.read(|tx| listed.iter().map(|queued| line(tx, queued, now)).collect::<Result<_, _>>())?;
    Ok(Waiting { changes, total: counts.waiting + counts.needs_you })
}

pub(super) fn retry_change(desk: &Desk, asked: ChangeAsked) -> Result<Nothing, AppError> {
    changes::retry(&desk.till, asked.change_id)?;
    Ok(Nothing {})
}

pub(super) fn discard_change(desk: &Desk, asked: Discard) -> Result<Nothing, AppError> {
    changes::discard(&desk.till, asked.change_id, &asked.reason)?;
    Ok(Nothing {})
}

fn line(tx: &Transaction<'_>, queued: &QueuedChange, now: Timestamp) -> Result<WaitingChange, AppError> {
    let (what, amount) = what(tx, &queued.change)?;
    let member_name = queued.member_id.map(|id| regulars_store::members::find_name(tx, id)).transpose()?.flatten();
    Ok(WaitingChange {
        change_id: queued.id,
        made_at: queued.made_at,
        member_id: queued.member_id,
        member_name,
        what,
        amount,
        state: state(tx, queued, now)?,
        tries: queued.attempts,
    })
}

fn what(tx: &Transaction<'_>, change: &Change) -> Result<(ChangeWhat, Option<Money>), AppError> {
    Ok(match change {
        Change::LocationAdded { location, .. } => (ChangeWhat::Location { name: location.name.clone() }, None),
        Change::MemberAdded { .. } => (ChangeWhat::Registered, None),
        Change::MemberEdited { edit, .. } => {
            (ChangeWhat::Edited { fields: edit.fields.keys().cloned().collect() }, None)
        }
        Change::MembershipAdded { location_id, .. } => {
            (ChangeWhat::Joined { location: locations::get(tx, *location_id)?.location.name }, None)
        }
        Change::MembershipEdited { location_id, edit, .. } => {
            let location = locations::get(tx, *location_id)?.location.name;
            (ChangeWhat::AtShopEdited { fields: edit.fields.keys().cloned().collect(), location }, None)
        }
        Change::MemberRemoved { .. } => (ChangeWhat::Removed, None),
        Change::MemberErased { .. } => (ChangeWhat::Erased, None),
        Change::VisitAdded { visit, .. } => (ChangeWhat::Visit { kind: visit.kind }, Some(visit.bill)),
        Change::LabelPut { label, .. } => (ChangeWhat::Label { name: label.name.clone() }, None),
        Change::EntryAdded { entry } => {
            (ChangeWhat::Entry { kind: entry.kind, tender: entry.tender }, Some(entry.amount))
        }
    })
}

fn state(tx: &Transaction<'_>, queued: &QueuedChange, now: Timestamp) -> Result<ChangeState, AppError> {
    let is_tried = queued.attempts > 0;
    Ok(match queued.state {
        outbox::ChangeState::Parked => needs_you(tx, queued)?,
        outbox::ChangeState::InFlight => ChangeState::Sending,
        outbox::ChangeState::Ready | outbox::ChangeState::Folded if queued.waits_for.is_some() => {
            ChangeState::After { made_at: queued.waits_for.unwrap_or(queued.made_at) }
        }
        outbox::ChangeState::Ready | outbox::ChangeState::Unknown if queued.due_at > now && is_tried => {
            ChangeState::NextTry { at: queued.due_at }
        }
        outbox::ChangeState::Unknown => ChangeState::Unanswered,
        outbox::ChangeState::Ready
        | outbox::ChangeState::Folded
        | outbox::ChangeState::Done
        | outbox::ChangeState::Discarded
        | outbox::ChangeState::Replaced => ChangeState::Waiting,
    })
}

fn needs_you(tx: &Transaction<'_>, queued: &QueuedChange) -> Result<ChangeState, AppError> {
    let failure = match &queued.problem {
        Some(problem) => Failure {
            code: problem.code.clone(),
            message: problem.message.clone(),
            field: problem.field.clone(),
            facts: serde_json::json!({}),
        },
        None => Failure::from(AppError::Internal),
    };
    let can_discard = !queued.change.is_money() && !outbox::has_dependents(tx, queued.id)?;
    Ok(ChangeState::NeedsYou { failure, can_retry: true, can_discard })
}
